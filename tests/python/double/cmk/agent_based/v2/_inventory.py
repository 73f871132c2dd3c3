"""What inventory functions yield; the rules are tested in test_double_inventory."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import NamedTuple

InventoryValue = int | float | str | bool | None
InventoryValues = Mapping[str, InventoryValue]

_PATH_CHARACTERS = frozenset(string.ascii_letters + string.digits + "_-")


class _AttributesFields(NamedTuple):
    path: Sequence[str]
    inventory_attributes: InventoryValues
    status_attributes: InventoryValues


class Attributes(_AttributesFields):
    __slots__ = ()

    def __new__(
        cls,
        *,
        path: Sequence[str],
        inventory_attributes: InventoryValues | None = None,
        status_attributes: InventoryValues | None = None,
    ) -> Attributes:
        _check_path(path)
        inventory = _checked_values("inventory_attributes", inventory_attributes)
        status = _checked_values("status_attributes", status_attributes)
        _check_disjoint(inventory, status)
        return super().__new__(cls, path, inventory, status)


class _TableRowFields(NamedTuple):
    path: Sequence[str]
    key_columns: InventoryValues
    inventory_columns: InventoryValues
    status_columns: InventoryValues


class TableRow(_TableRowFields):
    __slots__ = ()

    def __new__(
        cls,
        *,
        path: Sequence[str],
        key_columns: InventoryValues,
        inventory_columns: InventoryValues | None = None,
        status_columns: InventoryValues | None = None,
    ) -> TableRow:
        _check_path(path)
        keys = _checked_values("key_columns", key_columns)
        if not keys:
            raise TypeError("key_columns must not be empty")
        inventory = _checked_values("inventory_columns", inventory_columns)
        status = _checked_values("status_columns", status_columns)
        _check_disjoint(keys, inventory)
        _check_disjoint(keys, status)
        _check_disjoint(inventory, status)
        return super().__new__(cls, path, keys, inventory, status)


def _check_path(path: Sequence[str]) -> None:
    if not isinstance(path, list) or not path or not all(isinstance(part, str) for part in path):
        raise TypeError(f"path must be a non-empty list of str, got {path!r}")
    if not set("".join(path)) <= _PATH_CHARACTERS:
        raise ValueError(f"invalid characters in path {path!r}")


def _checked_values(what: str, values: InventoryValues | None) -> InventoryValues:
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise TypeError(f"{what} must be a dict, got {values!r}")
    for key, value in values.items():
        if not isinstance(key, str):
            raise TypeError(f"keys of {what} must be str, got {key!r}")
        if value is not None and not isinstance(value, (int, float, str)):
            raise TypeError(f"{what}[{key!r}] must be a plain value, got {value!r}")
    return values


def _check_disjoint(first: InventoryValues, second: InventoryValues) -> None:
    if both := set(first) & set(second):
        raise ValueError(f"keys in two places: {sorted(both)}")
