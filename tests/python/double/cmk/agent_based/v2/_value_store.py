"""Value store, rates and averages; tested in test_double_value_store."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from ._results import IgnoreResultsError


class GetRateError(IgnoreResultsError):
    pass


def get_value_store() -> MutableMapping[str, Any]:
    """Only there while a check runs: the engine puts its own function in place for that time."""
    raise AssertionError("the value store is only available inside a check function")


def get_rate(
    value_store: MutableMapping[str, Any],
    key: str,
    time: float,
    value: float,
    *,
    raise_overflow: bool = False,
) -> float:
    last = value_store.get(key)
    value_store[key] = (time, value)
    if not isinstance(last, tuple) or len(last) != 2:
        raise GetRateError(f"no earlier value of {key!r}")
    last_time, last_value = last
    if time <= last_time:
        raise GetRateError(f"no time has passed since the last value of {key!r}")
    rate: float = (value - last_value) / (time - last_time)
    if raise_overflow and rate < 0:
        raise GetRateError(f"{key!r} went down")
    return rate


def get_average(
    value_store: MutableMapping[str, Any],
    key: str,
    time: float,
    value: float,
    backlog_minutes: float,
) -> float:
    last = value_store.get(key)
    if last is None:
        value_store[key] = (time, time, value)
        return value
    start, last_time, last_average = last
    step = time - last_time
    if step <= 0:
        return float(last_average)
    steps = min(backlog_minutes * 60.0, time - start) / step
    weight = 0.5 ** (1.0 / steps)
    average: float = (1.0 - weight) * value + weight * last_average
    value_store[key] = (start, time, average)
    return average
