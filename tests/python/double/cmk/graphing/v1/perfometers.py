"""Test double of Checkmk's cmk.graphing.v1.perfometers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._names import check_name
from .metrics import Quantity, check_quantities


@dataclass(frozen=True)
class _Border:
    value: int | float | Quantity

    def __post_init__(self) -> None:
        check_quantities(self.value)


class Closed(_Border):
    pass


class Open(_Border):
    pass


@dataclass(frozen=True)
class FocusRange:
    lower: Closed | Open
    upper: Closed | Open


@dataclass(frozen=True, kw_only=True)
class Perfometer:
    name: str
    focus_range: FocusRange
    segments: Sequence[Quantity]

    def __post_init__(self) -> None:
        check_name(self.name)
        assert self.segments
        check_quantities(*self.segments)


@dataclass(frozen=True, kw_only=True)
class Bidirectional:
    name: str
    left: Perfometer
    right: Perfometer

    def __post_init__(self) -> None:
        check_name(self.name)


@dataclass(frozen=True, kw_only=True)
class Stacked:
    name: str
    lower: Perfometer
    upper: Perfometer

    def __post_init__(self) -> None:
        check_name(self.name)
