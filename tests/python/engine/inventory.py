"""The HW/SW inventory of a host, merged from what inventory plug-ins yield."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cmk.agent_based.v2 import Attributes, TableRow


@dataclass
class Inventory:
    """Attributes by path; tables by path as rows in the order they came."""

    attributes: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    tables: dict[tuple[str, ...], list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, entry: object) -> None:
        """TypeError for what is no inventory entry."""
        if isinstance(entry, Attributes):
            attributes = self.attributes.setdefault(tuple(entry.path), {})
            attributes.update({**entry.inventory_attributes, **entry.status_attributes})
        elif isinstance(entry, TableRow):
            self._add_row(entry)
        else:
            raise TypeError(f"this is no inventory entry: {entry!r}")

    def _add_row(self, entry: TableRow) -> None:
        columns = {**entry.inventory_columns, **entry.status_columns}
        rows = self.tables.setdefault(tuple(entry.path), [])
        for row in rows:
            if entry.key_columns.items() <= row.items():
                row.update(columns)
                return
        rows.append({**entry.key_columns, **columns})
