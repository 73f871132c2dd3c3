"""The value store that a check sees: string keys, values that survive being written as literals."""

from __future__ import annotations

import ast
from collections.abc import Iterator, MutableMapping
from typing import Any


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
