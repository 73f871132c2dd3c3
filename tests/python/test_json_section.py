"""Reading of JSON lines: every value of a wrong type is None and leaves a problem."""

from typing import Any

import pytest
from cmk_addons.plugins.mail_relay.lib.json_section import (
    UNNAMED,
    Fields,
    Problem,
    Unreadable,
    entry_of,
    one_line,
    parse_section,
    with_unexplained,
)


@pytest.mark.parametrize(
    ("method", "value", "expected"),
    [
        pytest.param("text", "a", "a", id="text"),
        pytest.param("text", "", "", id="empty text"),
        pytest.param("text", "a\nb\x00c", "a b c", id="text of several lines"),
        pytest.param("text", "\ud800x", "x", id="text with half a surrogate pair"),
        pytest.param("text", "a" * 5000, "a" * 1997 + "...", id="long text"),
        pytest.param("flag", False, False, id="false"),
        pytest.param("number", 2.5, 2.5, id="decimal"),
        pytest.param("number", 0, 0, id="zero"),
        pytest.param("count", 13, 13, id="count"),
        pytest.param("count", 13.0, 13, id="whole decimal as count"),
        pytest.param("moment", 1795246145, 1795246145, id="moment"),
        pytest.param("moment", 1795246145.7, 1795246145, id="moment with fraction"),
        pytest.param("texts", ["a", "b"], ("a", "b"), id="texts"),
        pytest.param("texts", [], (), id="no texts"),
    ],
)
def test_value_is_read(method: str, value: object, expected: object) -> None:
    fields = Fields({"key": value})
    assert getattr(fields, method)("key") == expected
    assert fields.problems() == ()


@pytest.mark.parametrize("method", ["text", "flag", "number", "count", "moment", "texts", "nested"])
@pytest.mark.parametrize(
    "values", [pytest.param({}, id="absent"), pytest.param({"k": None}, id="null")]
)
def test_absent_and_null_are_none(method: str, values: dict[str, object]) -> None:
    fields = Fields(values)
    assert getattr(fields, method)("k") is None
    assert fields.problems() == ()


@pytest.mark.parametrize(
    ("method", "value"),
    [
        pytest.param("text", 1, id="number as text"),
        pytest.param("text", ["a"], id="list as text"),
        pytest.param("flag", "true", id="text as flag"),
        pytest.param("flag", 1, id="number as flag"),
        pytest.param("number", "1", id="text as number"),
        pytest.param("number", True, id="flag as number"),
        pytest.param("number", float("inf"), id="infinity"),
        pytest.param("number", 10**400, id="number beyond any float"),
        pytest.param("count", -1, id="negative count"),
        pytest.param("count", 1.5, id="fraction as count"),
        pytest.param("moment", -1, id="moment before all mail"),
        pytest.param("moment", 2**62, id="moment beyond any calendar"),
        pytest.param("texts", "a", id="text as texts"),
        pytest.param("nested", [], id="list as object"),
        pytest.param("rows", {}, id="object as rows"),
    ],
)
def test_wrong_type_is_none_and_a_problem(method: str, value: object) -> None:
    fields = Fields({"key": value})
    assert getattr(fields, method)("key") is None
    (problem,) = fields.problems()
    assert problem.what == "key"
    assert problem.error.startswith("unexpected value ")


def test_problem_names_the_path() -> None:
    fields = Fields({"queues": {"deferred": {"messages": "many"}}, "rows": [{"n": "x"}, 5]})
    queues = fields.nested("queues")
    assert queues is not None
    deferred = queues.nested("deferred")
    assert deferred is not None
    assert deferred.count("messages") is None
    rows = fields.rows("rows")
    assert rows is not None
    assert [row.count("n") for row in rows] == [None]
    assert [problem.what for problem in fields.problems()] == [
        "queues.deferred.messages",
        "rows[1]",
        "rows[0].n",
    ]


def test_wrong_element_of_a_list_is_left_out_with_a_problem() -> None:
    fields = Fields({"names": ["a", None, "b"]})
    assert fields.texts("names") == ("a", "b")
    assert fields.problems() == (Problem("names", "unexpected value 'None'"),)


def test_told_problems_come_first() -> None:
    fields = Fields({"problems": [{"what": "spool", "error": "denied"}, {}], "version": 3})
    assert fields.text("version") is None
    assert fields.problems() == (
        Problem("spool", "denied"),
        Problem("something", "no reason given"),
        Problem("version", "unexpected value '3'"),
    )


def _read_number(fields: Fields) -> Any:
    return fields.count("n")


def test_section_has_each_name() -> None:
    table = [['{"instance":"a","n":1}'], ['{"instance":"b","n":2,"later":"key"}']]
    assert parse_section(table, "instance", _read_number) == {"a": 1, "b": 2}


def test_section_without_lines_is_absent() -> None:
    assert parse_section([], "instance", _read_number) is None


def test_damaged_line_does_not_hide_the_others() -> None:
    section = parse_section([["{"], ['{"instance":"a","n":1}']], "instance", _read_number)
    assert section is not None
    facts, problems = entry_of(section, "a")
    assert facts == 1
    assert [problem.what for problem in problems] == ["line '{' from the agent"]


def test_damaged_line_with_a_name_belongs_to_it() -> None:
    table = [['{"instance":"a","n'], ['{"instance":"b","n":1}'], ['{ "instance" : "a"']]
    section = parse_section(table, "instance", _read_number)
    assert section is not None
    facts, problems = entry_of(section, "a")
    assert facts is None
    assert len(problems) == 2
    assert entry_of(section, "b") == (1, ())


def test_absent_name_has_neither_facts_nor_problems() -> None:
    assert entry_of({"a": 1}, "b") == (None, ())


def test_nameless_lines_are_everybodys_problem() -> None:
    nameless = Unreadable((Problem("line", "damaged"),))
    assert entry_of({UNNAMED: nameless}, "b") == (None, nameless.problems)


@pytest.mark.parametrize(
    ("problems", "expected"),
    [
        pytest.param((), (Problem("running", "the agent plug-in does not tell"),), id="none told"),
        pytest.param((Problem("x", "y"),), (Problem("x", "y"),), id="one told"),
    ],
)
def test_unknown_fact_has_a_reason(
    problems: tuple[Problem, ...], expected: tuple[Problem, ...]
) -> None:
    assert with_unexplained(problems, {"running": None, "zero": 0}) == expected


def test_one_line_keeps_what_is_harmless() -> None:
    assert one_line(" ümläut (!) |\tx ") == "ümläut (!) | x"
