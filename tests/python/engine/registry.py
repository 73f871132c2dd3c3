"""All plug-ins of some families that pass discovery and registration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cmk.agent_based.v2 as agent_based
import cmk.graphing.v1 as graphing
import cmk.rulesets.v1 as rulesets
import cmk.server_side_calls.v1 as server_side_calls
from cmk.agent_based.v2 import AgentSection, CheckPlugin, InventoryPlugin

from .families import DiscoveredPlugins, discover_all_plugins
from .registration import check_agent_section, check_check_plugin, check_inventory_plugin


class Registry:
    """Plug-ins by group; errors has what Checkmk would report of those it drops."""

    def __init__(self, family_dirs: Sequence[Path]) -> None:
        self.family_dirs = [Path(family_dir).resolve() for family_dir in family_dirs]
        self.errors: list[Exception] = []

        agent = self._discover("agent_based", agent_based)
        self.sections: dict[str, AgentSection] = {
            section.name: section
            for section in self._valid(agent.of_type(AgentSection), check_agent_section)
        }
        self.checks: list[CheckPlugin] = self._valid(agent.of_type(CheckPlugin), check_check_plugin)
        self.inventories: list[InventoryPlugin] = self._valid(
            agent.of_type(InventoryPlugin), check_inventory_plugin
        )
        self.rule_specs: list[Any] = list(self._discover("rulesets", rulesets).plugins.values())
        self.graphing: list[Any] = list(self._discover("graphing", graphing).plugins.values())
        self.server_side_calls = self._discover("server_side_calls", server_side_calls).plugins

    def _discover(self, group: str, api: Any) -> DiscoveredPlugins:
        found = discover_all_plugins(group, api.entry_point_prefixes(), self.family_dirs)
        self.errors += found.errors
        return found

    def _valid(self, plugins: Sequence[Any], check: Callable[[Any], None]) -> list[Any]:
        valid = []
        for plugin in plugins:
            try:
                check(plugin)
            except (TypeError, ValueError) as error:
                self.errors.append(error)
            else:
                valid.append(plugin)
        return sorted(valid, key=lambda plugin: str(plugin.name))

    def program_of(self, config: Any, kind: str = "agent") -> Path | None:
        """The executable next to the config's module; None if the family ships none."""
        for location, plugin in self.server_side_calls.items():
            if plugin is config:
                family = location.module.split(".")[2]
                for family_dir in self.family_dirs:
                    path = family_dir / "libexec" / f"{kind}_{config.name}"
                    if family_dir.name == family and path.exists():
                        return path
        return None
