"""Plug-in objects. Nothing is checked on creation: the engine does so when it registers them."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ._results import HostLabel

StringTable = list[list[str]]
HostLabelGenerator = Iterable[HostLabel]


class RuleSetType(enum.Enum):
    MERGED = enum.auto()
    ALL = enum.auto()


class AgentSection:
    def __init__(
        self,
        *,
        name: str,
        parse_function: Callable[[StringTable], Any],
        parsed_section_name: str | None = None,
        host_label_function: Callable[..., HostLabelGenerator] | None = None,
        host_label_default_parameters: Mapping[str, object] | None = None,
        host_label_ruleset_name: str | None = None,
        host_label_ruleset_type: RuleSetType = RuleSetType.MERGED,
        supersedes: list[str] | None = None,
    ) -> None:
        self.name = name
        self.parse_function = parse_function
        self.parsed_section_name = parsed_section_name
        self.host_label_function = host_label_function
        self.host_label_default_parameters = host_label_default_parameters
        self.host_label_ruleset_name = host_label_ruleset_name
        self.host_label_ruleset_type = host_label_ruleset_type
        self.supersedes = supersedes


class SimpleSNMPSection:
    """Only there so that the prefix snmp_section_ has its types; its fields are not modelled."""

    def __init__(self, *, name: str, **fields: Any) -> None:
        self.name = name
        self.fields = fields


class SNMPSection(SimpleSNMPSection):
    pass


@dataclass(frozen=True, kw_only=True)
class CheckPlugin:
    name: str
    service_name: str
    discovery_function: Callable[..., Any]
    check_function: Callable[..., Any]
    sections: list[str] | None = None
    discovery_default_parameters: Mapping[str, object] | None = None
    discovery_ruleset_name: str | None = None
    discovery_ruleset_type: RuleSetType = RuleSetType.MERGED
    check_default_parameters: Mapping[str, object] | None = None
    check_ruleset_name: str | None = None
    cluster_check_function: Callable[..., Any] | None = None


@dataclass(frozen=True, kw_only=True)
class InventoryPlugin:
    name: str
    inventory_function: Callable[..., Any]
    sections: list[str] | None = None
    inventory_default_parameters: Mapping[str, object] | None = None
    inventory_ruleset_name: str | None = None


Plugin = AgentSection | SimpleSNMPSection | SNMPSection | CheckPlugin | InventoryPlugin


def entry_point_prefixes() -> Mapping[type[Plugin], str]:
    return {
        AgentSection: "agent_section_",
        SimpleSNMPSection: "snmp_section_",
        SNMPSection: "snmp_section_",
        CheckPlugin: "check_plugin_",
        InventoryPlugin: "inventory_plugin_",
    }
