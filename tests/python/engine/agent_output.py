"""Raw agent output to string tables.

Source of the format: headers <<<NAME:OPTION(value):...>>> with the options sep(N),
cached(time,age), persist(until), encoding(x) and nostrip().
"""

from __future__ import annotations

import re
from dataclasses import dataclass

StringTable = list[list[str]]

_HEADER = re.compile(rb"<<<([A-Za-z0-9_]+)((?::.*)?)>>>")
_ANY_HEADER = re.compile(rb"<<<.*>>>")
_PIGGYBACK_HEADER = re.compile(rb"<<<<.*>>>>")
_OPTION = re.compile(r"([^(]*)\((.*)\)")


@dataclass
class RawSection:
    """One section of the output; headers of the same name continue it."""

    name: str
    string_table: StringTable
    cached_at: int | None = None
    cache_interval_s: int | None = None
    persist_until: int | None = None


@dataclass(frozen=True)
class _Header:
    name: str
    separator: str | None
    encoding: str
    strip: bool
    cached: tuple[int, int] | None
    persist_until: int | None


def parse_agent_output(output: str | bytes) -> dict[str, RawSection]:
    """Sections of the host itself by name, without lines under a piggyback or damaged header."""
    raw = output.encode("utf-8") if isinstance(output, str) else output
    sections: dict[str, RawSection] = {}
    header: _Header | None = None
    is_piggyback = False
    for raw_line in raw.split(b"\n"):
        line = raw_line.rstrip(b"\r")
        if _PIGGYBACK_HEADER.fullmatch(line):
            is_piggyback = line != b"<<<<>>>>"
            header = None
        elif is_piggyback:
            continue
        elif _ANY_HEADER.fullmatch(line):
            header = _parse_header(line)
            if header is not None:
                _open_section(sections, header)
        elif header is not None and line.strip():
            sections[header.name].string_table.append(_split(line, header))
    return sections


def _parse_header(line: bytes) -> _Header | None:
    match = _HEADER.fullmatch(line)
    if not match:
        return None
    options: dict[str, str] = {}
    for text in match[2].decode("ascii", "replace").split(":"):
        if option := _OPTION.fullmatch(text):
            options[option[1]] = option[2] or ""
    try:
        cached = options.get("cached")
        timestamp, _, interval = (cached or "").partition(",")
        return _Header(
            name=match[1].decode("ascii"),
            separator=chr(int(options["sep"])) if "sep" in options else None,
            encoding=options.get("encoding", "utf-8"),
            strip="nostrip" not in options,
            cached=(int(timestamp), int(interval)) if cached else None,
            persist_until=int(options["persist"]) if "persist" in options else None,
        )
    except ValueError:
        return None


def _open_section(sections: dict[str, RawSection], header: _Header) -> None:
    section = sections.setdefault(header.name, RawSection(header.name, []))
    if header.cached:
        section.cached_at, section.cache_interval_s = header.cached
    section.persist_until = header.persist_until


def _split(line: bytes, header: _Header) -> list[str]:
    try:
        text = line.decode(header.encoding)
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    if header.strip:
        text = text.strip()
    return text.split() if header.separator is None else text.split(header.separator)
