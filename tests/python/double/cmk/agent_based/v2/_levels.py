"""check_levels; its texts and verdicts are tested in test_double_levels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from ._results import Metric, Result, State

_Number = TypeVar("_Number", int, float)
_Pair = tuple[float, float]
NoLevelsT = tuple[Literal["no_levels"], None]
FixedLevelsT = tuple[Literal["fixed"], tuple[_Number, _Number]]
PredictiveLevelsT = tuple[
    Literal["predictive"], tuple[str, float | None, tuple[_Number, _Number] | None]
]
LevelsT = NoLevelsT | FixedLevelsT[_Number] | PredictiveLevelsT[_Number]


@dataclass(frozen=True)
class _Levels:
    pair: _Pair | None
    is_predictive: bool = False
    metric: str = ""
    prediction: float | None = None


def _parsed(levels: Any) -> _Levels:
    if levels is None:
        return _Levels(None)
    if not isinstance(levels, (tuple, list)) or len(levels) != 2:
        raise TypeError(f"invalid levels {levels!r}")
    kind, value = levels
    if kind == "no_levels" and value is None:
        return _Levels(None)
    if kind == "fixed" and isinstance(value, (tuple, list)) and len(value) == 2:
        assert all(isinstance(number, (int, float)) for number in value)
        return _Levels((value[0], value[1]))
    if kind == "predictive" and isinstance(value, (tuple, list)) and len(value) == 3:
        metric, prediction, pair = value
        assert isinstance(metric, str)
        assert prediction is None or isinstance(prediction, (int, float))
        if pair is not None:
            assert isinstance(pair, tuple)
            pair = (pair[0], pair[1])
        return _Levels(pair, is_predictive=True, metric=metric, prediction=prediction)
    raise TypeError(f"invalid levels {levels!r}")


def _default_render(value: float) -> str:
    return f"{value:.2f}"


def _judge(
    levels: _Levels, violates: Callable[[float], bool], word: str, render: Callable[[float], str]
) -> tuple[State, str]:
    if levels.pair is None:
        return State.OK, ""
    warn, crit = levels.pair
    text = f" (warn/crit {word} {render(warn)}/{render(crit)})"
    if violates(crit):
        return State.CRIT, text
    if violates(warn):
        return State.WARN, text
    return State.OK, ""


def _prediction_text(upper: _Levels, lower: _Levels, render: Callable[[float], str]) -> str:
    if not upper.is_predictive and not lower.is_predictive:
        return ""
    known = [levels.prediction for levels in (upper, lower) if levels.prediction is not None]
    if not known:
        return " (prediction: N/A)"
    first, last = known[0], known[-1]
    if first == last:
        return f" (prediction: {render(first)})"
    return f" (upper levels prediction: {render(first)}, lower levels prediction: {render(last)})"


def check_levels(
    value: float,
    *,
    levels_upper: LevelsT[_Number] | None = None,
    levels_lower: LevelsT[_Number] | None = None,
    metric_name: str | None = None,
    render_func: Callable[[float], str] | None = None,
    label: str | None = None,
    boundaries: tuple[float | None, float | None] | None = None,
    notice_only: bool = False,
) -> Iterator[Result | Metric]:
    render = render_func or _default_render
    upper, lower = _parsed(levels_upper), _parsed(levels_lower)
    upper_state, upper_text = _judge(upper, lambda level: value >= level, "at", render)
    lower_state, lower_text = _judge(lower, lambda level: value < level, "below", render)

    state = State.worst(upper_state, lower_state)
    text = (f"{label}: " if label else "") + render(value)
    text += _prediction_text(upper, lower, render) + upper_text + lower_text
    if notice_only:
        yield Result(state=state, notice=text)
    else:
        yield Result(state=state, summary=text)

    if metric_name:
        yield Metric(metric_name, value, levels=upper.pair, boundaries=boundaries)
    if upper.prediction is not None:
        yield Metric(f"predict_{upper.metric}", upper.prediction)
    if lower.prediction is not None:
        yield Metric(f"predict_lower_{lower.metric}", lower.prediction)
