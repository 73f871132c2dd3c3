"""Test double of Checkmk's cmk.rulesets.v1."""

from collections.abc import Mapping

from . import form_specs, rule_specs
from ._localize import Help, Label, Message, Title


def entry_point_prefixes() -> Mapping[type[rule_specs.RuleSpec], str]:
    return {kind: "rule_spec_" for kind in rule_specs.RULE_SPEC_TYPES}


__all__ = ["Help", "Label", "Message", "Title", "entry_point_prefixes", "form_specs", "rule_specs"]
