"""What a plug-in function gets as params."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """A rule of a ruleset; items None means all items."""

    value: Values
    items: Sequence[str] | None = None

    def matches(self, item: str | None) -> bool:
        return self.items is None or item in self.items


# Ruleset name -> rules, the first one wins. A plain mapping is a rule for all items.
Rules = Mapping[str, Sequence[Rule | Values]]


def matching_rules(rules: Rules, ruleset_name: str | None, item: str | None = None) -> list[Values]:
    if ruleset_name is None:
        return []
    all_rules = (
        rule if isinstance(rule, Rule) else Rule(rule) for rule in rules.get(ruleset_name, ())
    )
    return [rule.value for rule in all_rules if rule.matches(item)]


def merged(layers: Iterable[Values]) -> Values:
    """Per top-level key the first layer that has it; the result cannot be changed."""
    result: dict[str, Any] = {}
    for layer in layers:
        result = {**layer, **result}
    return types.MappingProxyType(result)
