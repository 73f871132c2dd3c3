"""What check, discovery and host label functions yield; tested in test_double_results."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, overload


class State(enum.Enum):
    """Plain enum: no order, always truthy, never equal to a number."""

    OK = 0
    WARN = 1
    CRIT = 2
    UNKNOWN = 3

    def __int__(self) -> int:
        return int(self.value)

    @classmethod
    def worst(cls, *args: State | int) -> State:
        states = [cls(int(arg)) for arg in args]
        if cls.CRIT in states:
            return cls.CRIT
        return max(states, key=int)

    @classmethod
    def best(cls, *args: State | int) -> State:
        order = (cls.OK, cls.WARN, cls.UNKNOWN, cls.CRIT)
        return min((cls(int(arg)) for arg in args), key=order.index)


class EvalableFloat(float):
    """A float whose text can be read back by Python: infinity is written 1e309."""

    def __repr__(self) -> str:
        if self == math.inf:
            return "1e309"
        if self == -math.inf:
            return "-1e309"
        return super().__repr__()


class _ResultFields(NamedTuple):
    state: State
    summary: str
    details: str


class Result(_ResultFields):
    __slots__ = ()

    @overload
    def __new__(cls, *, state: State, summary: str, details: str | None = None) -> Result:
        ...

    @overload
    def __new__(cls, *, state: State, notice: str, details: str | None = None) -> Result:
        ...

    def __new__(
        cls,
        *,
        state: State,
        summary: str | None = None,
        notice: str | None = None,
        details: str | None = None,
    ) -> Result:
        if not isinstance(state, State):
            raise TypeError(f"state must be a State, got {state!r}")
        for text in (summary, notice, details):
            _check_text(text)
        if (summary is None) == (notice is None):
            raise TypeError("exactly one of summary and notice is needed")
        if summary is not None:
            if "\n" in summary:
                raise ValueError("a summary is one line")
            return super().__new__(cls, state, summary, details or summary)
        assert notice is not None
        shown = "" if state is State.OK else notice.replace("\n", ", ")
        return super().__new__(cls, state, shown, details or notice)


def _check_text(text: str | None) -> None:
    if text is None:
        return
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {text!r}")
    if not text:
        raise ValueError("text must not be empty")


Bounds = tuple[float | None, float | None]


class _MetricFields(NamedTuple):
    name: str
    value: float
    levels: Bounds
    boundaries: Bounds


class Metric(_MetricFields):
    __slots__ = ()

    def __new__(
        cls,
        name: str,
        value: float,
        *,
        levels: Bounds | None = None,
        boundaries: Bounds | None = None,
    ) -> Metric:
        if not isinstance(name, str) or not name or set(name) & set(" :/\\"):
            raise TypeError(f"invalid metric name {name!r}")
        if not isinstance(value, (int, float)):
            raise TypeError(f"metric value must be a number, got {value!r}")
        return super().__new__(
            cls,
            name,
            EvalableFloat(value),
            _bounds("levels", levels),
            _bounds("boundaries", boundaries),
        )


def _bounds(what: str, pair: Bounds | None) -> Bounds:
    if pair is None:
        return (None, None)
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise TypeError(f"{what} must be a tuple of two, got {pair!r}")
    for value in pair:
        if value is not None and not isinstance(value, (int, float)):
            raise TypeError(f"{what} must be numbers or None, got {pair!r}")
    lower, upper = (None if value is None else EvalableFloat(value) for value in pair)
    return (lower, upper)


class _LabelFields(NamedTuple):
    name: str
    value: str


class _Label(_LabelFields):
    __slots__ = ()

    def __new__(cls, name: str, value: str) -> Any:
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"label name and value must be str, got {name!r}, {value!r}")
        return super().__new__(cls, name, value)


class HostLabel(_Label):
    __slots__ = ()


class ServiceLabel(_Label):
    __slots__ = ()


class _ServiceFields(NamedTuple):
    item: str | None
    parameters: Mapping[str, object]
    labels: Sequence[ServiceLabel]


class Service(_ServiceFields):
    __slots__ = ()

    def __new__(
        cls,
        *,
        item: str | None = None,
        parameters: Mapping[str, object] | None = None,
        labels: Sequence[ServiceLabel] | None = None,
    ) -> Service:
        if item is not None and not (isinstance(item, str) and item):
            raise TypeError(f"item must be None or a non-empty str, got {item!r}")
        if parameters is None:
            parameters = {}
        if not isinstance(parameters, dict) or not _all_str(parameters):
            raise TypeError(f"parameters must be a dict with str keys, got {parameters!r}")
        if labels and not (
            isinstance(labels, list) and all(isinstance(label, ServiceLabel) for label in labels)
        ):
            raise TypeError(f"labels must be a list of ServiceLabel, got {labels!r}")
        return super().__new__(cls, item, parameters, labels or [])


def _all_str(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


class IgnoreResults:
    def __init__(self, value: str = "currently no results") -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"IgnoreResults({self._value!r})"

    def __str__(self) -> str:
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IgnoreResults) and self._value == other._value

    __hash__ = None  # type: ignore[assignment]


class IgnoreResultsError(RuntimeError):
    pass
