"""Test double of Checkmk's cmk.graphing.v1.metrics."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field

from ._localize import Title
from ._names import check_name


class Color(enum.Enum):
    LIGHT_RED = enum.auto()
    RED = enum.auto()
    DARK_RED = enum.auto()
    LIGHT_ORANGE = enum.auto()
    ORANGE = enum.auto()
    DARK_ORANGE = enum.auto()
    LIGHT_YELLOW = enum.auto()
    YELLOW = enum.auto()
    DARK_YELLOW = enum.auto()
    LIGHT_GREEN = enum.auto()
    GREEN = enum.auto()
    DARK_GREEN = enum.auto()
    LIGHT_BLUE = enum.auto()
    BLUE = enum.auto()
    DARK_BLUE = enum.auto()
    LIGHT_CYAN = enum.auto()
    CYAN = enum.auto()
    DARK_CYAN = enum.auto()
    LIGHT_PURPLE = enum.auto()
    PURPLE = enum.auto()
    DARK_PURPLE = enum.auto()
    LIGHT_PINK = enum.auto()
    PINK = enum.auto()
    DARK_PINK = enum.auto()
    LIGHT_BROWN = enum.auto()
    BROWN = enum.auto()
    DARK_BROWN = enum.auto()
    LIGHT_GRAY = enum.auto()
    GRAY = enum.auto()
    DARK_GRAY = enum.auto()
    BLACK = enum.auto()
    WHITE = enum.auto()


@dataclass(frozen=True)
class _Precision:
    digits: int

    def __post_init__(self) -> None:
        if self.digits < 0:
            raise ValueError(self.digits)


class AutoPrecision(_Precision):
    pass


class StrictPrecision(_Precision):
    pass


@dataclass(frozen=True)
class _SymbolNotation:
    symbol: str


class DecimalNotation(_SymbolNotation):
    pass


class SINotation(_SymbolNotation):
    pass


class IECNotation(_SymbolNotation):
    pass


class StandardScientificNotation(_SymbolNotation):
    pass


class EngineeringScientificNotation(_SymbolNotation):
    pass


@dataclass(frozen=True)
class TimeNotation:
    pass


Notation = (
    DecimalNotation
    | SINotation
    | IECNotation
    | StandardScientificNotation
    | EngineeringScientificNotation
    | TimeNotation
)


@dataclass(frozen=True)
class Unit:
    notation: Notation
    precision: AutoPrecision | StrictPrecision = AutoPrecision(2)


@dataclass(frozen=True, kw_only=True)
class Metric:
    name: str
    title: Title
    unit: Unit
    color: Color

    def __post_init__(self) -> None:
        check_name(self.name)


@dataclass(frozen=True)
class Constant:
    title: Title
    unit: Unit
    color: Color
    value: int | float


@dataclass(frozen=True)
class _OfMetric:
    metric_name: str

    def __post_init__(self) -> None:
        check_name(self.metric_name)


class WarningOf(_OfMetric):
    pass


class CriticalOf(_OfMetric):
    pass


@dataclass(frozen=True)
class _ColoredOfMetric(_OfMetric):
    color: Color


class MinimumOf(_ColoredOfMetric):
    pass


class MaximumOf(_ColoredOfMetric):
    pass


@dataclass(frozen=True)
class Sum:
    title: Title
    color: Color
    summands: Sequence[Quantity]

    def __post_init__(self) -> None:
        assert self.summands
        check_quantities(*self.summands)


@dataclass(frozen=True)
class Product:
    title: Title
    unit: Unit
    color: Color
    factors: Sequence[Quantity]

    def __post_init__(self) -> None:
        assert self.factors
        check_quantities(*self.factors)


@dataclass(frozen=True)
class Difference:
    title: Title
    color: Color
    minuend: Quantity = field(kw_only=True)
    subtrahend: Quantity = field(kw_only=True)

    def __post_init__(self) -> None:
        check_quantities(self.minuend, self.subtrahend)


@dataclass(frozen=True)
class Fraction:
    title: Title
    unit: Unit
    color: Color
    dividend: Quantity = field(kw_only=True)
    divisor: Quantity = field(kw_only=True)

    def __post_init__(self) -> None:
        check_quantities(self.dividend, self.divisor)


Quantity = (
    str
    | Constant
    | WarningOf
    | CriticalOf
    | MinimumOf
    | MaximumOf
    | Sum
    | Product
    | Difference
    | Fraction
)


def check_quantities(*quantities: object) -> None:
    """A metric is named by a non-empty string; numbers and composed quantities pass."""
    for quantity in quantities:
        if isinstance(quantity, str):
            check_name(quantity)
