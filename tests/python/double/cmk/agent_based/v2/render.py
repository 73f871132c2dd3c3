"""Texts for numbers; the exact outputs are tested in test_double_render."""

from __future__ import annotations

import math
import time

_TIMESPAN_UNITS = (
    (31536000.0, "year"),
    (86400.0, "day"),
    (3600.0, "hour"),
    (60.0, "minute"),
    (1.0, "second"),
    (1e-3, "millisecond"),
    (1e-6, "microsecond"),
    (1e-9, "nanosecond"),
)
_SI_PREFIXES = ("", "k", "M", "G", "T", "P", "E", "Z", "Y")
_IEC_PREFIXES = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")


def date(epoch: float | None) -> str:
    return "never" if epoch is None else _local_time("%Y-%m-%d", epoch)


def datetime(epoch: float | None) -> str:
    return "never" if epoch is None else _local_time("%Y-%m-%d %H:%M:%S", epoch)


def _local_time(form: str, epoch: float) -> str:
    return time.strftime(form, time.localtime(float(epoch)))


def timespan(seconds: float) -> str:
    seconds = float(seconds)
    if seconds < 0:
        raise ValueError("a time span is not negative")
    if seconds == 0:
        return "0 seconds"
    first = next(
        (i for i, (length, _) in enumerate(_TIMESPAN_UNITS) if seconds >= length),
        len(_TIMESPAN_UNITS) - 1,
    )
    parts = []
    for length, unit in _TIMESPAN_UNITS[first : first + 2]:
        is_smallest = unit.endswith("second")
        count = round(seconds / length) if is_smallest else int(seconds / length)
        parts.append(f"{count} {unit}" if count == 1 else f"{count} {unit}s")
        if is_smallest:
            break
        seconds %= length
    return " ".join(parts)


def time_offset(seconds: float) -> str:
    return f"-{timespan(-seconds)}" if seconds < 0 else timespan(seconds)


def _scaled(value: float, base: int, prefixes: tuple[str, ...]) -> tuple[str, str]:
    value = float(value)
    exponent = int(math.log(abs(value), base)) if value else 0
    exponent = min(max(exponent, 0), len(prefixes) - 1)
    scaled = value / base**exponent
    digits_left = max(int(math.log10(abs(scaled)) + 1), 1) if scaled else 1
    return f"{scaled:.{max(3 - digits_left, 0)}f}", prefixes[exponent]


def bytes(value: float) -> str:
    text, prefix = _scaled(value, 1024, _IEC_PREFIXES)
    if not prefix:
        text = str(int(float(value)))
    return f"{text} {prefix}B"


def filesize(value: float) -> str:
    digits = f"{float(value):.0f}"
    groups: list[str] = []
    while digits:
        groups.insert(0, digits[-3:])
        digits = digits[:-3]
    return f"{','.join(groups)} B"


def frequency(value: float) -> str:
    text, prefix = _scaled(value, 1000, _SI_PREFIXES)
    return f"{text} {prefix}Hz"


def iobandwidth(value: float) -> str:
    text, prefix = _scaled(value, 1000, _SI_PREFIXES)
    return f"{text} {prefix}B/s"


def nicspeed(octets_per_second: float) -> str:
    text, prefix = _scaled(float(octets_per_second) * 8, 1000, _SI_PREFIXES)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {prefix}Bit/s"


def percent(value: float) -> str:
    value = float(value)
    if value == 0:
        return "0%"
    if 0 < value < 0.01:
        return "<0.01%"
    return f"{value:.2f}%"
