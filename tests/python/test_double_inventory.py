"""Attributes and table rows: rules of cmk.agent_based.v2."""

from typing import Any

import pytest
from cmk.agent_based.v2 import Attributes, TableRow

PATH = ["software", "applications", "mail_relay"]


def test_attributes() -> None:
    assert Attributes(path=PATH) == (PATH, {}, {})
    assert Attributes(
        path=["a-B_9"],
        inventory_attributes={"a": 1, "b": 1.5, "c": "x", "d": True, "e": None},
        status_attributes={"f": 1},
    ) == (["a-B_9"], {"a": 1, "b": 1.5, "c": "x", "d": True, "e": None}, {"f": 1})


def test_table_row() -> None:
    assert TableRow(path=PATH, key_columns={"k": "x"}) == (PATH, {"k": "x"}, {}, {})
    assert TableRow(
        path=PATH, key_columns={"k": 1}, inventory_columns={"a": 1}, status_columns={"b": 2}
    ) == (PATH, {"k": 1}, {"a": 1}, {"b": 2})


BAD_PATHS = [
    pytest.param([], TypeError, id="empty path"),
    pytest.param(("a",), TypeError, id="path is a tuple"),
    pytest.param("a", TypeError, id="path is a text"),
    pytest.param(["a", 1], TypeError, id="number in path"),
    pytest.param(["a b"], ValueError, id="space in path"),
    pytest.param(["a.b"], ValueError, id="dot in path"),
    pytest.param(["ä"], ValueError, id="umlaut in path"),
]


@pytest.mark.parametrize("path, error", BAD_PATHS)
def test_path_refused(path: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        Attributes(path=path)
    with pytest.raises(error):
        TableRow(path=path, key_columns={"k": 1})


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([("a", 1)], id="no dict"),
        pytest.param({1: 1}, id="key is a number"),
        pytest.param({"a": [1]}, id="value is a list"),
        pytest.param({"a": {"b": 1}}, id="value is a dict"),
        pytest.param({"a": b"x"}, id="value is bytes"),
    ],
)
def test_values_refused(values: Any) -> None:
    for name in ("inventory_attributes", "status_attributes"):
        with pytest.raises(TypeError):
            Attributes(path=PATH, **{name: values})
    for name in ("key_columns", "inventory_columns", "status_columns"):
        with pytest.raises(TypeError):
            TableRow(**{"path": PATH, "key_columns": {"k": 1}, name: values})


def test_key_in_two_places_refused() -> None:
    with pytest.raises(ValueError):
        Attributes(path=PATH, inventory_attributes={"a": 1}, status_attributes={"a": 1})
    for columns in (
        {"inventory_columns": {"k": 1}},
        {"status_columns": {"k": 1}},
        {"inventory_columns": {"a": 1}, "status_columns": {"a": 1}},
    ):
        with pytest.raises(ValueError):
            TableRow(path=PATH, key_columns={"k": 1}, **columns)


def test_table_row_needs_keys_and_keywords() -> None:
    with pytest.raises(TypeError):
        TableRow(path=PATH, key_columns={})
    with pytest.raises(TypeError):
        Attributes(PATH)
