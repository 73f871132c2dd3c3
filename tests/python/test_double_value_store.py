"""Rates and averages, and the value store that exists only inside a check."""

from typing import Any

import pytest
from cmk.agent_based.v2 import GetRateError, get_average, get_rate, get_value_store


def test_no_value_store_outside_a_check() -> None:
    with pytest.raises(AssertionError):
        get_value_store()["key"] = 1


def test_rate_is_the_quotient() -> None:
    store: dict[str, Any] = {"k": (10, 100)}
    assert get_rate(store, "k", 20, 150) == 5.0
    assert store == {"k": (20, 150)}
    assert get_rate(store, "k", 30, 100) == -5.0
    assert get_rate(store, "k", 40, 100, raise_overflow=True) == 0.0


@pytest.mark.parametrize(
    "last, time, value",
    [
        pytest.param(None, 10, 1, id="first value"),
        pytest.param((10, 1), 10, 2, id="same time"),
        pytest.param((10, 1), 9, 2, id="earlier time"),
        pytest.param("damaged", 10, 1, id="damaged"),
        pytest.param((10, 5), 20, 1, id="overflow"),
    ],
)
def test_no_rate_yet_but_value_is_kept(last: Any, time: float, value: float) -> None:
    store: dict[str, Any] = {} if last is None else {"k": last}
    with pytest.raises(GetRateError):
        get_rate(store, "k", time, value, raise_overflow=True)
    assert store == {"k": (time, value)}


def test_average_follows_with_half_life() -> None:
    store: dict[str, Any] = {}
    assert get_average(store, "k", 0, 10, 5) == 10
    assert store == {"k": (0, 0, 10)}
    assert get_average(store, "k", 60, 20, 5) == 15
    assert get_average(store, "k", 120, 30, 5) == pytest.approx(19.3934, abs=1e-4)
    assert get_average(store, "k", 120, 1000, 5) == pytest.approx(19.3934, abs=1e-4)
