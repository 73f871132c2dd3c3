"""One monitored host on a site that has the given families: agent output in, services out."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from cmk.agent_based.v2 import (
    CheckPlugin,
    HostLabel,
    Metric,
    RuleSetType,
    Service,
    ServiceLabel,
    State,
)
from cmk.server_side_calls.v1 import HostConfig, SpecialAgentConfig

from . import value_store
from .agent_output import RawSection, parse_agent_output
from .commands import CommandLine, PasswordStore, command_lines
from .inventory import Inventory
from .parameters import Rules, Values, matching_rules, merged
from .registration import check_sections
from .registry import Registry
from .service_output import Verdict, compose
from .value_store import ValueStore

# What the Nagios core takes out of a service name.
_STRIPPED_FROM_NAMES = str.maketrans("", "", "`;~!$%^&*|'\"<>?,=")
_CRASH = "check failed - please submit a crash report!"


@dataclass(frozen=True)
class DiscoveredService:
    plugin: CheckPlugin
    item: str | None
    parameters: Values
    labels: Sequence[ServiceLabel] = ()

    @property
    def name(self) -> str:
        item = (self.item,) if "%s" in self.plugin.service_name else ()
        return (self.plugin.service_name % item).translate(_STRIPPED_FROM_NAMES)


@dataclass(frozen=True)
class ServiceResult:
    """A service as Checkmk shows it. state: None where it is stale; crash: what a check raised."""

    host: str
    name: str
    item: str | None
    check: str
    state: State | None
    summary: str
    details: str
    metrics: Sequence[Metric]
    labels: Sequence[ServiceLabel]
    crash: Exception | None = None


class Site:
    """Keeps value stores and persisted sections of its one host between calls.

    rules: ruleset name -> rules, first wins. now: time.time() inside the plug-ins; None: the clock.
    debug: exceptions of plug-ins are raised instead of becoming crashed services.
    """

    def __init__(
        self, family_dirs: Sequence[Path], *, host: str = "localhost", debug: bool = False
    ) -> None:
        self.registry = Registry(family_dirs)
        self.host = host
        self.debug = debug
        self._stores: dict[tuple[str, str | None], ValueStore] = {}
        self._persisted: dict[str, RawSection] = {}

    @property
    def errors(self) -> list[Exception]:
        return self.registry.errors

    def services(
        self, output: str | bytes, rules: Rules | None = None, now: float | None = None
    ) -> list[ServiceResult]:
        return self.check(self.discover(output, rules, now), output, rules, now)

    def discover(
        self, output: str | bytes, rules: Rules | None = None, now: float | None = None
    ) -> list[DiscoveredService]:
        with self._at(now):
            sections = self._parsed(output)
            found: dict[tuple[str, str | None], DiscoveredService] = {}
            for plugin in self.registry.checks:
                for service in self._discovered(plugin, sections, rules or {}):
                    found.setdefault((plugin.name, service.item), service)
            return list(found.values())

    def check(
        self,
        services: Sequence[DiscoveredService],
        output: str | bytes,
        rules: Rules | None = None,
        now: float | None = None,
    ) -> list[ServiceResult]:
        with self._at(now):
            sections = self._parsed(output)
            return [self._checked(service, sections, rules or {}) for service in services]

    def host_labels(
        self, output: str | bytes, rules: Rules | None = None, now: float | None = None
    ) -> dict[str, str]:
        labels: dict[str, str] = {}
        with self._at(now):
            sections = self._parsed(output)
            for plugin in self.registry.sections.values():
                content = sections.get(plugin.parsed_section_name or plugin.name)
                if plugin.host_label_function is None or content is None:
                    continue
                params = _plugin_params(
                    rules or {},
                    plugin.host_label_ruleset_name,
                    plugin.host_label_default_parameters,
                    plugin.host_label_ruleset_type,
                )
                for label in plugin.host_label_function(**params, section=content):
                    if not isinstance(label, HostLabel):
                        raise TypeError(f"{plugin.name} yields no host label: {label!r}")
                    labels[label.name] = label.value
        return labels

    def inventory(
        self, output: str | bytes, rules: Rules | None = None, now: float | None = None
    ) -> Inventory:
        tree = Inventory()
        with self._at(now):
            sections = self._parsed(output)
            for plugin in self.registry.inventories:
                arguments = _section_arguments(check_sections(plugin), sections)
                if arguments is None:
                    continue
                params = _plugin_params(
                    rules or {}, plugin.inventory_ruleset_name, plugin.inventory_default_parameters
                )
                for entry in plugin.inventory_function(**params, **arguments):
                    tree.add(entry)
        return tree

    def special_agent(
        self,
        name: str,
        rule_value: Mapping[str, object],
        host_config: HostConfig,
        store: PasswordStore = PasswordStore(),
    ) -> list[CommandLine]:
        """The command lines of the special agent of that name."""
        (config,) = (
            config
            for config in self.registry.server_side_calls.values()
            if isinstance(config, SpecialAgentConfig) and config.name == name
        )
        program = self.registry.program_of(config) or f"agent_{name}"
        return command_lines(config, rule_value, host_config, program=str(program), store=store)

    @contextlib.contextmanager
    def _at(self, now: float | None) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            if now is not None:
                stack.enter_context(mock.patch("time.time", return_value=float(now)))
            yield

    def _parsed(self, output: str | bytes) -> dict[str, Any]:
        """Parsed sections by name; a parser that fails or returns None leaves its section out."""
        raw = parse_agent_output(output)
        for name, section in self._persisted.items():
            if name not in raw and (section.persist_until or 0) >= time.time():
                raw[name] = section
        for section in raw.values():
            if section.persist_until is not None:
                self._persisted[section.name] = section

        parsed: dict[str, Any] = {}
        for name in raw:
            plugin = self.registry.sections.get(name)
            if plugin is None:
                continue
            try:
                content = plugin.parse_function(raw[name].string_table)
            except Exception:
                if self.debug:
                    raise
                continue
            if content is not None:
                parsed[name] = content
        superseded = {
            other for name in parsed for other in self.registry.sections[name].supersedes or ()
        }
        return {
            self.registry.sections[name].parsed_section_name or name: content
            for name, content in parsed.items()
            if name not in superseded
        }

    def _discovered(
        self, plugin: CheckPlugin, sections: Mapping[str, Any], rules: Rules
    ) -> Iterator[DiscoveredService]:
        arguments = _section_arguments(check_sections(plugin), sections)
        if arguments is None:
            return
        params = _plugin_params(
            rules,
            plugin.discovery_ruleset_name,
            plugin.discovery_default_parameters,
            plugin.discovery_ruleset_type,
        )
        try:
            for service in plugin.discovery_function(**params, **arguments):
                _check_discovered(plugin, service)
                yield DiscoveredService(plugin, service.item, service.parameters, service.labels)
        except Exception:
            if self.debug:
                raise

    def _checked(
        self, service: DiscoveredService, sections: Mapping[str, Any], rules: Rules
    ) -> ServiceResult:
        verdict, crash = self._verdict(service, sections, rules)
        return ServiceResult(
            host=self.host,
            name=service.name,
            item=service.item,
            check=service.plugin.name,
            state=verdict.state,
            summary=verdict.summary,
            details=verdict.details,
            metrics=verdict.metrics,
            labels=service.labels,
            crash=crash,
        )

    def _verdict(
        self, service: DiscoveredService, sections: Mapping[str, Any], rules: Rules
    ) -> tuple[Verdict, Exception | None]:
        plugin = service.plugin
        arguments = _section_arguments(check_sections(plugin), sections)
        if arguments is None:
            return Verdict(None, "no data"), None
        if "%s" in plugin.service_name:
            arguments = {"item": service.item, **arguments}
        if plugin.check_default_parameters is not None:
            layers = matching_rules(rules, plugin.check_ruleset_name, service.item)
            arguments["params"] = merged(
                [*layers, service.parameters, plugin.check_default_parameters]
            )
        store = self._stores.setdefault((plugin.name, service.item), ValueStore())
        try:
            with value_store.in_place(store):
                verdict = compose(plugin.check_function(**arguments))
            store.commit()
            return verdict, None
        except Exception as error:
            if self.debug:
                raise
            return Verdict(State.UNKNOWN, _CRASH, f"{type(error).__name__}: {error}"), error


def _section_arguments(names: Sequence[str], sections: Mapping[str, Any]) -> dict[str, Any] | None:
    """Arguments of a plug-in function; None if none of its sections is there."""
    if all(sections.get(name) is None for name in names):
        return None
    if len(names) == 1:
        return {"section": sections[names[0]]}
    return {f"section_{name}": sections.get(name) for name in names}


def _plugin_params(
    rules: Rules,
    ruleset_name: str | None,
    defaults: Values | None,
    ruleset_type: RuleSetType = RuleSetType.MERGED,
) -> dict[str, Any]:
    if defaults is None:
        return {}
    layers = [*matching_rules(rules, ruleset_name), defaults]
    return {"params": layers if ruleset_type is RuleSetType.ALL else merged(layers)}


def _check_discovered(plugin: CheckPlugin, service: object) -> None:
    if not isinstance(service, Service):
        raise TypeError(f"{plugin.name} discovers no Service: {service!r}")
    if ("%s" in plugin.service_name) != (service.item is not None):
        raise TypeError(
            f"{plugin.name}: item {service.item!r} does not fit {plugin.service_name!r}"
        )
