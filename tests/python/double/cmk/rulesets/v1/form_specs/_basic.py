"""Form specs of one value."""

from __future__ import annotations

import ast
import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .._localize import Label, Message
from ._base import DefaultValue, FormSpec, InputHint, Prefill
from .validators import LengthInRange


class FieldSize(enum.Enum):
    SMALL = enum.auto()
    MEDIUM = enum.auto()
    LARGE = enum.auto()


class MatchingScope(enum.Enum):
    PREFIX = enum.auto()
    INFIX = enum.auto()
    FULL = enum.auto()


class SIMagnitude(enum.Enum):
    BYTE = enum.auto()
    KILO = enum.auto()
    MEGA = enum.auto()
    GIGA = enum.auto()
    TERA = enum.auto()
    PETA = enum.auto()
    EXA = enum.auto()
    ZETTA = enum.auto()
    YOTTA = enum.auto()


class IECMagnitude(enum.Enum):
    BYTE = enum.auto()
    KIBI = enum.auto()
    MEBI = enum.auto()
    GIBI = enum.auto()
    TEBI = enum.auto()
    PEBI = enum.auto()
    EXBI = enum.auto()
    ZEBI = enum.auto()
    YOBI = enum.auto()


class TimeMagnitude(enum.Enum):
    MILLISECOND = enum.auto()
    SECOND = enum.auto()
    MINUTE = enum.auto()
    HOUR = enum.auto()
    DAY = enum.auto()


@dataclass(frozen=True, kw_only=True)
class String(FormSpec[str]):
    label: Label | None = None
    macro_support: bool = False
    prefill: Prefill[str] = InputHint("")
    field_size: FieldSize = FieldSize.MEDIUM


@dataclass(frozen=True, kw_only=True)
class MultilineText(FormSpec[str]):
    label: Label | None = None
    monospaced: bool = False
    macro_support: bool = False
    prefill: Prefill[str] = InputHint("")


@dataclass(frozen=True, kw_only=True)
class RegularExpression(FormSpec[str]):
    label: Label | None = None
    predefined_help_text: MatchingScope
    prefill: Prefill[str] = InputHint("")


@dataclass(frozen=True, kw_only=True)
class Integer(FormSpec[int]):
    label: Label | None = None
    unit_symbol: str = ""
    prefill: Prefill[int] = InputHint(0)


@dataclass(frozen=True, kw_only=True)
class Float(FormSpec[float]):
    label: Label | None = None
    unit_symbol: str = ""
    prefill: Prefill[float] = InputHint(0.0)


@dataclass(frozen=True, kw_only=True)
class Percentage(FormSpec[float]):
    label: Label | None = None
    prefill: Prefill[float] = InputHint(0.0)


@dataclass(frozen=True, kw_only=True)
class DataSize(FormSpec[int]):
    label: Label | None = None
    displayed_magnitudes: Sequence[SIMagnitude] | Sequence[IECMagnitude]
    prefill: Prefill[int] = InputHint(0)


@dataclass(frozen=True, kw_only=True)
class TimeSpan(FormSpec[float]):
    label: Label | None = None
    displayed_magnitudes: Sequence[TimeMagnitude]
    prefill: Prefill[float] = InputHint(0.0)


@dataclass(frozen=True, kw_only=True)
class BooleanChoice(FormSpec[bool]):
    label: Label | None = None
    prefill: DefaultValue[bool] = DefaultValue(False)


@dataclass(frozen=True, kw_only=True)
class HostState(FormSpec[int]):
    UP = 0
    DOWN = 1
    UNREACH = 2
    prefill: DefaultValue[Literal[0, 1, 2]] = DefaultValue(0)


@dataclass(frozen=True, kw_only=True)
class ServiceState(FormSpec[int]):
    OK = 0
    WARN = 1
    CRIT = 2
    UNKNOWN = 3
    prefill: DefaultValue[Literal[0, 1, 2, 3]] = DefaultValue(0)


@dataclass(frozen=True, kw_only=True)
class FixedValue(FormSpec[Any]):
    value: Any
    label: Label | None = None

    def __post_init__(self) -> None:
        try:
            ast.literal_eval(repr(self.value))
        except (ValueError, SyntaxError) as error:
            raise ValueError(f"{self.value!r} cannot be stored in a rule") from error


@dataclass(frozen=True, kw_only=True)
class Password(FormSpec[Any]):
    pass


class ProxySchema(enum.StrEnum):
    HTTP = "http"
    HTTPS = "https"
    SOCKS4 = "socks4"
    SOCKS4A = "socks4a"
    SOCKS5 = "socks5"
    SOCKS5H = "socks5h"


@dataclass(frozen=True, kw_only=True)
class Proxy(FormSpec[Any]):
    allowed_schemas: frozenset[ProxySchema] = field(default_factory=lambda: frozenset(ProxySchema))


@dataclass(frozen=True, kw_only=True)
class TimePeriod(FormSpec[Any]):
    pass


def non_empty_string() -> String:
    """The item field of a rule that names none of its own."""
    return String(custom_validate=(LengthInRange(min_value=1, error_msg=Message("Empty item")),))


__all__ = [
    "BooleanChoice",
    "DataSize",
    "FieldSize",
    "FixedValue",
    "Float",
    "HostState",
    "IECMagnitude",
    "Integer",
    "MatchingScope",
    "MultilineText",
    "Password",
    "Percentage",
    "Proxy",
    "ProxySchema",
    "RegularExpression",
    "SIMagnitude",
    "ServiceState",
    "String",
    "TimeMagnitude",
    "TimePeriod",
    "TimeSpan",
]
