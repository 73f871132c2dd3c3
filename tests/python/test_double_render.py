"""render: exact outputs, as seen by running the real ones."""

from collections.abc import Callable
from typing import Any

import pytest
from cmk.agent_based.v2 import render


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize(
    "function, value, text",
    [
        (render.bytes, 0, "0 B"),
        (render.bytes, 1023, "1023 B"),
        (render.bytes, 10240, "10.0 KiB"),
        (render.bytes, 1048575, "1024 KiB"),
        (render.bytes, 2.7, "2 B"),
        (render.bytes, "10240", "10.0 KiB"),
        (render.filesize, 1234.5, "1,234 B"),
        (render.filesize, 12345678, "12,345,678 B"),
        (render.filesize, -123, "-,123 B"),
        (render.filesize, 999, "999 B"),
        (render.percent, 0, "0%"),
        (render.percent, 0.003, "<0.01%"),
        (render.percent, 23.4203, "23.42%"),
        (render.percent, 100, "100.00%"),
        (render.percent, -0.003, "-0.00%"),
        (render.timespan, 0, "0 seconds"),
        (render.timespan, 1, "1 second"),
        (render.timespan, 0.5, "500 milliseconds"),
        (render.timespan, 0.0001, "100 microseconds"),
        (render.timespan, 2e-9, "2 nanoseconds"),
        (render.timespan, 60, "1 minute 0 seconds"),
        (render.timespan, 119.7, "1 minute 60 seconds"),
        (render.timespan, 3661, "1 hour 1 minute"),
        (render.timespan, 86400, "1 day 0 hours"),
        (render.timespan, 1606721, "18 days 14 hours"),
        (render.timespan, 31536000, "1 year 0 days"),
        (render.time_offset, -90, "-1 minute 30 seconds"),
        (render.time_offset, 90, "1 minute 30 seconds"),
        (render.date, None, "never"),
        (render.date, 0, "1970-01-01"),
        (render.date, 1606721022, "2020-11-30"),
        (render.datetime, None, "never"),
        (render.datetime, 0, "1970-01-01 00:00:00"),
        (render.datetime, 1606721022, "2020-11-30 07:23:42"),
        (render.frequency, 0, "0.00 Hz"),
        (render.frequency, 50, "50.0 Hz"),
        (render.frequency, 1500, "1.50 kHz"),
        (render.bytes, 1024**8, "1.00 YiB"),
        (render.bytes, 1024**9, "1024 YiB"),
        (render.iobandwidth, 0, "0.00 B/s"),
        (render.iobandwidth, 128, "128 B/s"),
        (render.iobandwidth, 123456, "123 kB/s"),
        (render.nicspeed, 125, "1 kBit/s"),
        (render.nicspeed, 1050, "8.4 kBit/s"),
        (render.nicspeed, 1.25e8, "1 GBit/s"),
    ],
)
def test_text(function: Callable[[Any], str], value: Any, text: str) -> None:
    assert function(value) == text


@pytest.mark.parametrize(
    "function, value, error",
    [
        (render.bytes, None, TypeError),
        (render.bytes, float("inf"), OverflowError),
        (render.frequency, None, TypeError),
        (render.iobandwidth, float("inf"), OverflowError),
        (render.nicspeed, None, TypeError),
        (render.percent, None, TypeError),
        (render.timespan, None, TypeError),
        (render.timespan, -1, ValueError),
        (render.filesize, None, TypeError),
        (render.bytes, "many", ValueError),
    ],
)
def test_refused(function: Callable[[Any], str], value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        function(value)
