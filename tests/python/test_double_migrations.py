"""Migrations of older rule values."""

from typing import Any

import pytest
from cmk.rulesets.v1 import form_specs as fs

SIMPLE = [fs.migrate_to_integer_simple_levels, fs.migrate_to_float_simple_levels]
FULL = [
    fs.migrate_to_upper_integer_levels,
    fs.migrate_to_upper_float_levels,
    fs.migrate_to_lower_integer_levels,
    fs.migrate_to_lower_float_levels,
]
PREDICTIVE = (
    "cmk_postprocessed",
    "predictive_levels",
    {"period": "wday", "horizon": 90, "levels": ("relative", (10.0, 20.0)), "bound": None},
)


@pytest.mark.parametrize("migrate", [*SIMPLE, *FULL])
@pytest.mark.parametrize(
    "old, new",
    [
        pytest.param(None, ("no_levels", None), id="None"),
        pytest.param((None, None), ("no_levels", None), id="pair of None"),
        pytest.param((1, 2), ("fixed", (1, 2)), id="integers"),
        pytest.param((1.0, 2.0), ("fixed", (1, 2)), id="decimals"),
    ],
)
def test_levels_are_migrated_once(migrate: Any, old: Any, new: Any) -> None:
    assert migrate(old) == new
    assert migrate(migrate(old)) == new


def test_numbers_get_their_type_and_scale() -> None:
    assert repr(fs.migrate_to_integer_simple_levels((1.9, 2.9))) == "('fixed', (1, 2))"
    assert repr(fs.migrate_to_float_simple_levels((1, 2))) == "('fixed', (1.0, 2.0))"
    assert fs.migrate_to_float_simple_levels((1, 2), 60) == ("fixed", (60.0, 120.0))
    assert fs.migrate_to_float_simple_levels(("fixed", (1, 2)), 60) == ("fixed", (1.0, 2.0))


@pytest.mark.parametrize("migrate", [*SIMPLE, *FULL])
@pytest.mark.parametrize(
    "old",
    [(1, 2.5), (1, None), ("a", "b"), 5, "x", ("fixed", (1, 2.5)), ("fixed", None), (1, 2, 3)],
)
def test_unknown_levels_are_refused(migrate: Any, old: Any) -> None:
    with pytest.raises(TypeError):
        migrate(old)


def test_predictive_levels_only_where_they_fit() -> None:
    for migrate in FULL:
        assert migrate(PREDICTIVE) == PREDICTIVE
    for simple in SIMPLE:
        with pytest.raises(TypeError):
            simple(PREDICTIVE)


def test_password() -> None:
    stored = ("cmk_postprocessed", "stored_password", ("my_id", ""))
    assert fs.migrate_to_password(("store", "my_id")) == stored
    assert fs.migrate_to_password(stored) == stored
    first = fs.migrate_to_password(("password", "secret"))
    second = fs.migrate_to_password(("password", "secret"))
    assert first[:2] == ("cmk_postprocessed", "explicit_password")
    assert first[2][1] == "secret" and first[2][0] != second[2][0]
    assert fs.migrate_to_password(first) == first


@pytest.mark.parametrize(
    "old, new",
    [
        (("global", "id"), ("cmk_postprocessed", "stored_proxy", "id")),
        (("environment", "environment"), ("cmk_postprocessed", "environment_proxy", "")),
        (("url", "http://x"), ("cmk_postprocessed", "explicit_proxy", "http://x")),
        (("no_proxy", None), ("cmk_postprocessed", "no_proxy", "")),
    ],
)
def test_proxy(old: Any, new: Any) -> None:
    assert fs.migrate_to_proxy(old) == new
    assert fs.migrate_to_proxy(new) == new


@pytest.mark.parametrize("migrate", [fs.migrate_to_password, fs.migrate_to_proxy])
@pytest.mark.parametrize("old", [None, "x", ("unknown", "x"), ("password", 1), ("url", None)])
def test_unknown_password_and_proxy_are_refused(migrate: Any, old: Any) -> None:
    with pytest.raises(TypeError):
        migrate(old)
