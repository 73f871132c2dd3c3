"""Registration of bakery plug-ins: a call at import."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ._artifacts import FILE_ARTIFACTS, Scriptlet

_Function = Callable[..., Iterator[Any]]


class BakeryPlugin(NamedTuple):
    name: str
    files_function: _Function
    scriptlets_function: _Function


registered_bakery_plugins: dict[str, BakeryPlugin] = {}


def bakery_plugin(
    *,
    name: str,
    files_function: _Function | None = None,
    scriptlets_function: _Function | None = None,
    windows_config_function: _Function | None = None,
) -> None:
    if not isinstance(name, str):
        raise TypeError(f"a name is a str, got {name!r}")
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        raise ValueError(f"invalid name {name!r}")
    _check_function(files_function, {"conf"})
    _check_function(scriptlets_function, {"conf", "aghash"})
    _check_function(windows_config_function, {"conf", "aghash"})
    registered_bakery_plugins[name] = BakeryPlugin(
        name,
        _checked(files_function, FILE_ARTIFACTS),
        _checked(scriptlets_function, (Scriptlet,)),
    )


def _check_function(function: _Function | None, allowed: set[str]) -> None:
    if function is None:
        return
    if not inspect.isgeneratorfunction(function):
        raise TypeError(f"{function!r} is no generator function")
    if unknown := set(inspect.signature(function).parameters) - allowed:
        raise ValueError(f"unsupported arguments {sorted(unknown)}")


def _checked(function: _Function | None, kinds: tuple[type, ...]) -> _Function:
    def artifacts(**arguments: Any) -> Iterator[Any]:
        for artifact in function(**arguments) if function else ():
            if not isinstance(artifact, kinds):
                raise TypeError(f"unexpected artifact {artifact!r}")
            yield artifact

    return artifacts
