"""Checkmk's rules for plug-ins that it registers; one that breaks a rule is dropped alone.

Failures are TypeError or ValueError, as in Checkmk.
"""

from __future__ import annotations

import collections.abc
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from cmk.agent_based.v2 import AgentSection, CheckPlugin, InventoryPlugin, RuleSetType

_NAME = re.compile(r"[A-Za-z0-9_]+", re.ASCII)


def check_agent_section(section: AgentSection) -> None:
    check_name(section.name)
    if section.parsed_section_name is not None:
        check_name(section.parsed_section_name)
    if section.supersedes is not None:
        _check_supersedes(section)
    _check_parameters(
        section.host_label_default_parameters, section.host_label_ruleset_name, lone_defaults=False
    )
    _check_ruleset_type(section.host_label_ruleset_type)
    if section.host_label_function is not None:
        expected = _expected_arguments(False, section.host_label_default_parameters, [section.name])
        _check_function(section.host_label_function, expected)


def check_check_plugin(plugin: CheckPlugin) -> None:
    check_name(plugin.name)
    sections = check_sections(plugin)
    has_item = _check_service_name(plugin)
    _check_parameters(
        plugin.discovery_default_parameters, plugin.discovery_ruleset_name, lone_defaults=False
    )
    _check_ruleset_type(plugin.discovery_ruleset_type)
    _check_parameters(
        plugin.check_default_parameters, plugin.check_ruleset_name, lone_defaults=True
    )
    _check_function(
        plugin.discovery_function,
        _expected_arguments(False, plugin.discovery_default_parameters, sections),
    )
    check_arguments = _expected_arguments(has_item, plugin.check_default_parameters, sections)
    _check_function(plugin.check_function, check_arguments)
    if plugin.cluster_check_function is not None:
        _check_function(plugin.cluster_check_function, check_arguments, is_cluster=True)


def check_inventory_plugin(plugin: InventoryPlugin) -> None:
    check_name(plugin.name)
    sections = check_sections(plugin)
    _check_parameters(
        plugin.inventory_default_parameters, plugin.inventory_ruleset_name, lone_defaults=False
    )
    _check_function(
        plugin.inventory_function,
        _expected_arguments(False, plugin.inventory_default_parameters, sections),
    )


def check_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"a name is a str, got {name!r}")
    if not _NAME.fullmatch(name):
        raise ValueError(f"invalid name {name!r}")


def check_sections(plugin: CheckPlugin | InventoryPlugin) -> list[str]:
    """Names of the sections the plug-in reads."""
    if plugin.sections is None:
        return [plugin.name]
    if not isinstance(plugin.sections, list):
        raise TypeError(f"{plugin.name}: sections must be a list")
    if not plugin.sections:
        raise ValueError(f"{plugin.name}: sections must not be empty")
    for name in plugin.sections:
        check_name(name)
    return plugin.sections


def _check_supersedes(section: AgentSection) -> None:
    superseded = section.supersedes or []
    for name in superseded:
        check_name(name)
    if section.name in superseded:
        raise ValueError(f"section {section.name} supersedes itself")
    if len(set(superseded)) != len(superseded):
        raise ValueError(f"section {section.name} supersedes a section twice")


def _check_service_name(plugin: CheckPlugin) -> bool:
    """True if services of this check have an item."""
    service_name = plugin.service_name
    if not isinstance(service_name, str):
        raise TypeError(f"{plugin.name}: service_name must be a str")
    if not service_name or service_name.count("%s") > 1:
        raise ValueError(f"{plugin.name}: invalid service_name {service_name!r}")
    if service_name.startswith("Management Interface: ") != plugin.name.startswith("mgmt_"):
        raise ValueError(f"{plugin.name}: management prefix does not fit {service_name!r}")
    return "%s" in service_name


def _check_parameters(
    defaults: Mapping[str, object] | None, ruleset_name: str | None, *, lone_defaults: bool
) -> None:
    if defaults is not None and not isinstance(defaults, dict):
        raise TypeError(f"default parameters must be a dict, got {defaults!r}")
    if ruleset_name is not None:
        check_name(ruleset_name)
        if defaults is None:
            raise TypeError(f"ruleset {ruleset_name} needs default parameters")
    elif defaults is not None and not lone_defaults:
        raise TypeError("default parameters need a ruleset")


def _check_ruleset_type(ruleset_type: object) -> None:
    if not isinstance(ruleset_type, RuleSetType):
        raise ValueError(f"invalid ruleset type {ruleset_type!r}")


def _expected_arguments(has_item: bool, defaults: object, sections: list[str]) -> list[str]:
    names = ["item"] if has_item else []
    if defaults is not None:
        names.append("params")
    if len(sections) == 1:
        return [*names, "section"]
    return [*names, *(f"section_{name}" for name in sections)]


def _check_function(
    function: Callable[..., Any], expected: list[str], *, is_cluster: bool = False
) -> None:
    if not inspect.isgeneratorfunction(function):
        raise TypeError(f"{function!r} is no generator function")
    parameters = inspect.signature(function).parameters
    if list(parameters) != expected:
        raise TypeError(f"{function.__name__} must take {expected}, takes {list(parameters)}")
    sections = [parameter for name, parameter in parameters.items() if name.startswith("section")]
    for parameter in sections:
        annotation = parameter.annotation
        if annotation is inspect.Parameter.empty:
            continue
        if is_cluster and not _is_optional_mapping(annotation):
            raise TypeError(f"{function.__name__}: {parameter} is no Mapping[str, X | None]")
        if not is_cluster and len(sections) > 1 and not _is_optional(annotation):
            raise TypeError(f"{function.__name__}: {parameter} is no X | None")


def _is_optional(annotation: object) -> bool:
    is_union = isinstance(annotation, types.UnionType) or (
        typing.get_origin(annotation) is typing.Union
    )
    return is_union and type(None) in typing.get_args(annotation)


def _is_optional_mapping(annotation: object) -> bool:
    arguments = typing.get_args(annotation)
    return (
        typing.get_origin(annotation) is collections.abc.Mapping
        and len(arguments) == 2
        and arguments[0] is str
        and _is_optional(arguments[1])
    )
