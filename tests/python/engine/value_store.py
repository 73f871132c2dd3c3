"""The value store that a check sees: string keys, values that survive being written as literals."""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Iterator, MutableMapping
from typing import Any
from unittest import mock

import cmk.agent_based.v2 as agent_based

from .families import NAMESPACE


class ValueStore(MutableMapping[str, Any]):
    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError(f"value store key must be a str, got {key!r}")
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        del self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def commit(self) -> None:
        """What the next check run reads; ValueError if a value is no literal."""
        self._values = ast.literal_eval(repr(self._values))


@contextlib.contextmanager
def in_place(store: ValueStore) -> Iterator[None]:
    """Plug-ins get this store: where they imported get_value_store, and from the API itself."""
    modules = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(f"{NAMESPACE}.") and hasattr(module, "get_value_store")
    ]
    with contextlib.ExitStack() as stack:
        for module in (agent_based, *modules):
            stack.enter_context(mock.patch.object(module, "get_value_store", lambda: store))
        yield
