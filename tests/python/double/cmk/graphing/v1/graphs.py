"""Test double of Checkmk's cmk.graphing.v1.graphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._localize import Title
from ._names import check_name
from .metrics import Quantity, check_quantities

Bound = int | float | Quantity


@dataclass(frozen=True)
class MinimalRange:
    lower: Bound
    upper: Bound

    def __post_init__(self) -> None:
        check_quantities(self.lower, self.upper)


@dataclass(frozen=True, kw_only=True)
class Graph:
    name: str
    title: Title
    minimal_range: MinimalRange | None = None
    compound_lines: Sequence[Quantity] = ()
    simple_lines: Sequence[Quantity] = ()
    optional: Sequence[str] = ()
    conflicting: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_name(self.name)
        assert self.compound_lines or self.simple_lines
        check_quantities(
            *self.compound_lines, *self.simple_lines, *self.optional, *self.conflicting
        )


@dataclass(frozen=True, kw_only=True)
class Bidirectional:
    name: str
    title: Title
    lower: Graph
    upper: Graph

    def __post_init__(self) -> None:
        check_name(self.name)
