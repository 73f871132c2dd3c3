"""Finds the plug-in objects of family folders, as Checkmk's discover_all_plugins does.

Rules: a module-level name with a prefix of its group holds an object of that type; a name is used
once per class over all families; what fails is collected and the rest loads.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

NAMESPACE = "cmk_addons.plugins"


class PluginLocation(NamedTuple):
    module: str
    name: str


@dataclass
class DiscoveredPlugins:
    errors: list[Exception] = field(default_factory=list)
    plugins: dict[PluginLocation, Any] = field(default_factory=dict)

    def of_type(self, *types_: type) -> list[Any]:
        return [plugin for plugin in self.plugins.values() if isinstance(plugin, types_)]


def discover_all_plugins(
    group: str,
    prefixes: Mapping[type, str],
    family_dirs: Sequence[Path],
    *,
    raise_errors: bool = False,
) -> DiscoveredPlugins:
    found = DiscoveredPlugins()
    for family_dir in family_dirs:
        mount(family_dir)
        for path in sorted((family_dir / group).glob("*.py")):
            if path.name == "__init__.py":
                continue
            try:
                module = importlib.import_module(_module_name(family_dir, path))
            except Exception as error:
                _report(found, error, raise_errors)
                continue
            for location, plugin in _plugins_of(module, prefixes):
                if isinstance(plugin, TypeError):
                    _report(found, plugin, raise_errors)
                else:
                    _add(found, location, plugin, raise_errors)
    return found


def _module_name(family_dir: Path, path: Path) -> str:
    return ".".join((NAMESPACE, *path.relative_to(family_dir.parent).with_suffix("").parts))


def mount(family_dir: Path) -> None:
    """Makes the folder importable as cmk_addons.plugins.<family>, in place of any other folder of
    that name."""
    for name in ("cmk_addons", NAMESPACE):
        if name not in sys.modules:
            package = types.ModuleType(name)
            package.__path__ = []
            sys.modules[name] = package
    namespace = sys.modules[NAMESPACE]
    sys.modules["cmk_addons"].plugins = namespace  # type: ignore[attr-defined]
    parent = str(family_dir.parent.resolve())
    others = [entry for entry in namespace.__path__ if not Path(entry, family_dir.name).is_dir()]
    if parent in namespace.__path__ and len(others) == len(list(namespace.__path__)) - 1:
        return
    namespace.__path__ = [parent, *others]
    family = f"{NAMESPACE}.{family_dir.name}"
    for name in [name for name in sys.modules if name == family or name.startswith(f"{family}.")]:
        del sys.modules[name]
    importlib.invalidate_caches()


def _plugins_of(
    module: types.ModuleType, prefixes: Mapping[type, str]
) -> Iterator[tuple[PluginLocation, Any]]:
    """Every name with a prefix of the group: its plug-in, or a TypeError if it holds none."""
    for name, value in vars(module).items():
        types_ = tuple(type_ for type_, prefix in prefixes.items() if name.startswith(prefix))
        if not types_:
            continue
        location = PluginLocation(module.__name__, name)
        if isinstance(value, types_):
            yield location, value
        else:
            kinds = " or ".join(type_.__name__ for type_ in types_)
            yield location, TypeError(f"{location.module}:{name} is no {kinds}: {value!r}")


def _add(
    found: DiscoveredPlugins, location: PluginLocation, plugin: Any, raise_errors: bool
) -> None:
    for other_location, other in found.plugins.items():
        if type(other) is type(plugin) and other.name == plugin.name:
            text = f"{type(plugin).__name__} {plugin.name!r}: {location} repeats {other_location}"
            _report(found, ValueError(text), raise_errors)
            del found.plugins[other_location]
            break
    found.plugins[location] = plugin


def _report(found: DiscoveredPlugins, error: Exception, raise_errors: bool) -> None:
    if raise_errors:
        raise error
    found.errors.append(error)
