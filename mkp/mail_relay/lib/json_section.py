"""The JSON lines of a section, read so that no input can crash a check.

A parsed section maps each name (instance or loop) to its facts, or to `Unreadable` where its line
could not be read. Lines that do not even tell a name stand under UNNAMED.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Facts = TypeVar("Facts")

UNNAMED = ""

_LONGEST_TEXT = 2000
_LARGEST_NUMBER = 2**63
_YEAR_10000 = 253402300800
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True)
class Problem:
    """Something that could not be read, and why."""

    what: str
    error: str


@dataclass(frozen=True)
class Unreadable:
    """Stands for the facts of a line that could not be read."""

    problems: tuple[Problem, ...]


def one_line(text: str, longest: int = _LONGEST_TEXT) -> str:
    """`text` fit for one line of output: no control characters, not longer than `longest`."""
    text = _CONTROL_CHARACTERS.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 3] + "..."


class Fields:
    """One JSON object. A value that is absent or null is None; one of the wrong type is too, and
    leaves a problem."""

    def __init__(
        self, values: Mapping[str, object], path: str = "", problems: list[Problem] | None = None
    ) -> None:
        self._values = values
        self._path = path
        self._problems: list[Problem] = [] if problems is None else problems

    def text(self, key: str) -> str | None:
        value = self._values.get(key)
        if isinstance(value, str):
            return one_line(value)
        self._note_unless_null(key, value)
        return None

    def flag(self, key: str) -> bool | None:
        value = self._values.get(key)
        if isinstance(value, bool):
            return value
        self._note_unless_null(key, value)
        return None

    def number(self, key: str) -> float | None:
        value = self._values.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if -_LARGEST_NUMBER < value < _LARGEST_NUMBER:
                return value
        self._note_unless_null(key, value)
        return None

    def count(self, key: str) -> int | None:
        """A number of things: whole and not negative."""
        value = self.number(key)
        if value is not None and value >= 0 and value == int(value):
            return int(value)
        self._note_unless_null(key, value)
        return None

    def moment(self, key: str) -> int | None:
        """Unix seconds."""
        value = self.number(key)
        if value is not None and 0 <= value < _YEAR_10000:
            return int(value)
        self._note_unless_null(key, value)
        return None

    def texts(self, key: str) -> tuple[str, ...] | None:
        values = self._list(key)
        if values is None:
            return None
        for value in values:
            if not isinstance(value, str):
                self._note(key, value)
        return tuple(one_line(value) for value in values if isinstance(value, str))

    def text_pairs(self, key: str) -> Mapping[str, str]:
        nested = self._values.get(key)
        if not isinstance(nested, dict):
            self._note_unless_null(key, nested)
            return {}
        fields = Fields(nested, f"{self._path}{key}.", self._problems)
        pairs = {one_line(name): fields.text(name) for name in nested}
        return {name: value for name, value in pairs.items() if value is not None}

    def nested(self, key: str) -> "Fields | None":
        value = self._values.get(key)
        if isinstance(value, dict):
            return Fields(value, f"{self._path}{key}.", self._problems)
        self._note_unless_null(key, value)
        return None

    def rows(self, key: str) -> "tuple[Fields, ...] | None":
        values = self._list(key)
        if values is None:
            return None
        rows = []
        for position, value in enumerate(values):
            if isinstance(value, dict):
                rows.append(Fields(value, f"{self._path}{key}[{position}].", self._problems))
            else:
                self._note(f"{key}[{position}]", value)
        return tuple(rows)

    def problems(self) -> tuple[Problem, ...]:
        """What the sender could not read, then what was found wrong here; ask for it last."""
        told = tuple(
            Problem(row.text("what") or "something", row.text("error") or "no reason given")
            for row in self.rows("problems") or ()
        )
        return told + tuple(self._problems)

    def _list(self, key: str) -> list[Any] | None:
        value = self._values.get(key)
        if isinstance(value, list):
            return value
        self._note_unless_null(key, value)
        return None

    def _note_unless_null(self, key: str, value: object) -> None:
        if value is not None:
            self._note(key, value)

    def _note(self, key: str, value: object) -> None:
        error = f"unexpected value {one_line(str(value), 60)!r}"
        self._problems.append(Problem(f"{self._path}{one_line(key)}", error))


def parse_section(
    string_table: Sequence[Sequence[str]], name_key: str, read: Callable[[Fields], Facts]
) -> Mapping[str, Facts | Unreadable] | None:
    """The facts of every line by the name under `name_key`; None when there is no line."""
    section: dict[str, Facts | Unreadable] = {}
    for row in string_table:
        line = "".join(row)
        values = _parse_object(line)
        if isinstance(values, str):
            name = _name_in_damaged_line(line, name_key)
            entry: Facts | Unreadable = _unreadable(line, values)
        else:
            told = values.get(name_key)
            name = one_line(told) if isinstance(told, str) else UNNAMED
            entry = read(Fields(values)) if name else _unreadable(line, f"it has no {name_key!r}")
        earlier = section.get(name)
        if isinstance(entry, Unreadable) and isinstance(earlier, Unreadable):
            entry = Unreadable(earlier.problems + entry.problems)
        section[name] = entry
    return section or None


def parse_single_object(
    string_table: Sequence[Sequence[str]], read: Callable[[Fields], Facts]
) -> Facts | Unreadable | None:
    """The facts of a section that is one object; None when there is no line."""
    for row in string_table:
        line = "".join(row)
        values = _parse_object(line)
        return _unreadable(line, values) if isinstance(values, str) else read(Fields(values))
    return None


def named_entries(
    section: Mapping[str, Facts | Unreadable],
) -> Iterator[tuple[str, Facts | Unreadable]]:
    """What can be discovered."""
    return ((name, entry) for name, entry in section.items() if name != UNNAMED)


def entry_of(
    section: Mapping[str, Facts | Unreadable], name: str
) -> tuple[Facts | None, tuple[Problem, ...]]:
    """The facts under `name`, and the lines that could not be read and may have been meant.

    Neither facts nor problems: it is gone.
    """
    nameless = section.get(UNNAMED)
    problems = nameless.problems if isinstance(nameless, Unreadable) else ()
    entry = section.get(name)
    if isinstance(entry, Unreadable):
        return None, entry.problems + problems
    return entry, problems


def with_unexplained(
    problems: tuple[Problem, ...], facts: Mapping[str, object]
) -> tuple[Problem, ...]:
    """`problems`, or one for each unknown fact where nothing says why it is unknown."""
    unknown = (name for name, fact in facts.items() if fact is None)
    return problems or tuple(Problem(name, "the agent plug-in does not tell") for name in unknown)


def _parse_object(line: str) -> dict[str, object] | str:
    try:
        values = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return one_line(str(error), 200)
    return values if isinstance(values, dict) else "it is no JSON object"


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _unreadable(line: str, error: str) -> Unreadable:
    return Unreadable((Problem(f"line {one_line(line, 60)!r} from the agent", error),))


def _name_in_damaged_line(line: str, name_key: str) -> str:
    # The programs write the name first, so that a truncated line still tells whose it is.
    match = re.match(rf'\s*\{{\s*"{name_key}"\s*:\s*("(?:[^"\\]|\\.)*")', line)
    if match is None:
        return UNNAMED
    try:
        return one_line(json.loads(match.group(1)))
    except ValueError:
        return UNNAMED
