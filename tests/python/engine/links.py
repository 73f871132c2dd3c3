"""What is linked by equal names only and what nothing checks when a site starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cmk.graphing.v1 import graphs, metrics, perfometers, translations
from cmk.rulesets.v1 import rule_specs
from cmk.server_side_calls.v1 import SpecialAgentConfig

from .registry import Registry


def broken_links(registry: Registry) -> list[str]:
    """One sentence per name that leads nowhere; empty for a sound family."""
    return [
        *_broken_check_rules(registry),
        *_broken_rules(
            "discovery",
            {plugin.discovery_ruleset_name for plugin in registry.checks}
            | {section.host_label_ruleset_name for section in registry.sections.values()},
            _names(registry, rule_specs.DiscoveryParameters),
        ),
        *_broken_rules(
            "inventory",
            {plugin.inventory_ruleset_name for plugin in registry.inventories},
            _names(registry, rule_specs.InventoryParameters),
        ),
        *_broken_rules(
            "special agent",
            {
                config.name
                for config in registry.server_side_calls.values()
                if isinstance(config, SpecialAgentConfig)
            },
            _names(registry, rule_specs.SpecialAgent),
        ),
        *_undefined_metrics(registry),
    ]


def _names(registry: Registry, kind: type[Any]) -> set[str]:
    return {spec.name for spec in registry.rule_specs if isinstance(spec, kind)}


def _broken_check_rules(registry: Registry) -> Iterator[str]:
    specs = {
        spec.name: spec
        for spec in registry.rule_specs
        if isinstance(spec, rule_specs.CheckParameters)
    }
    used = {plugin.check_ruleset_name for plugin in registry.checks}
    yield from _broken_rules("check", used, set(specs))
    for plugin in registry.checks:
        spec = specs.get(plugin.check_ruleset_name or "")
        if spec is None:
            continue
        has_item = "%s" in plugin.service_name
        if has_item != isinstance(spec.condition, rule_specs.HostAndItemCondition):
            yield f"check {plugin.name}: condition of rule {spec.name} does not fit its items"


def _broken_rules(kind: str, used: set[Any], defined: set[str]) -> Iterator[str]:
    for name in sorted(used - defined - {None}):
        yield f"{kind} ruleset {name} has no rule spec"
    for name in sorted(defined - used):
        yield f"{kind} rule spec {name} is used by nothing"


def _undefined_metrics(registry: Registry) -> Iterator[str]:
    defined = {plugin.name for plugin in registry.graphing if isinstance(plugin, metrics.Metric)}
    for plugin in registry.graphing:
        for name in sorted(set(metric_names(plugin)) - defined):
            yield f"{type(plugin).__name__} {plugin.name}: metric {name} is not defined"


def metric_names(part: Any) -> Iterator[str]:
    """Names of the metrics that a graph, a perfometer or a quantity refers to."""
    match part:
        case str():
            yield part
        case metrics.WarningOf() | metrics.CriticalOf() | metrics.MinimumOf() | metrics.MaximumOf():
            yield part.metric_name
        case metrics.Sum():
            yield from _all_names(part.summands)
        case metrics.Product():
            yield from _all_names(part.factors)
        case metrics.Difference():
            yield from _all_names((part.minuend, part.subtrahend))
        case metrics.Fraction():
            yield from _all_names((part.dividend, part.divisor))
        case graphs.Graph():
            yield from _all_names((*part.compound_lines, *part.simple_lines))
            yield from _all_names((*part.optional, *part.conflicting))
            if part.minimal_range is not None:
                yield from _all_names((part.minimal_range.lower, part.minimal_range.upper))
        case perfometers.Perfometer():
            borders = (part.focus_range.lower.value, part.focus_range.upper.value)
            yield from _all_names((*part.segments, *borders))
        case graphs.Bidirectional() | perfometers.Stacked():
            yield from _all_names((part.lower, part.upper))
        case perfometers.Bidirectional():
            yield from _all_names((part.left, part.right))
        case translations.Translation():
            targets = (getattr(to, "metric_name", None) for to in part.translations.values())
            yield from _all_names(targets)


def _all_names(parts: Any) -> Iterator[str]:
    for part in parts:
        yield from metric_names(part)
