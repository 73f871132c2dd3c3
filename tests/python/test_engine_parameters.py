"""How rules become the params of a plug-in function."""

from typing import Any

import pytest
from engine import Rule
from engine.parameters import matching_rules, merged

RULES: dict[str, list[Any]] = {
    "demo": [Rule({"a": 1}, items=["x"]), {"a": 2, "b": {"c": 2}}, Rule({"b": {"d": 3}, "e": 3})]
}


@pytest.mark.parametrize(
    "ruleset, item, values",
    [
        pytest.param(
            "demo", "x", [{"a": 1}, {"a": 2, "b": {"c": 2}}, {"b": {"d": 3}, "e": 3}], id="all"
        ),
        pytest.param(
            "demo", "y", [{"a": 2, "b": {"c": 2}}, {"b": {"d": 3}, "e": 3}], id="other item"
        ),
        pytest.param("other", "x", [], id="other ruleset"),
        pytest.param(None, "x", [], id="no ruleset"),
    ],
)
def test_matching_rules(ruleset: str | None, item: str, values: list[Any]) -> None:
    assert matching_rules(RULES, ruleset, item) == values


def test_first_rule_wins_per_top_level_key() -> None:
    params = merged([*matching_rules(RULES, "demo", "x"), {"a": 9, "f": 9}])
    assert params == {"a": 1, "b": {"c": 2}, "e": 3, "f": 9}


def test_params_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        merged([{"a": 1}])["a"] = 2
