"""Test double of Checkmk's bakery_api.v1: what Linux agent packages need."""

from collections.abc import Iterator

from . import register
from ._artifacts import (
    OS,
    DebStep,
    Plugin,
    PluginConfig,
    RpmStep,
    Scriptlet,
    SolStep,
    SystemBinary,
    SystemConfig,
)

FileGenerator = Iterator[Plugin | SystemBinary | PluginConfig | SystemConfig]
ScriptletGenerator = Iterator[Scriptlet]

__all__ = [
    "DebStep",
    "FileGenerator",
    "OS",
    "Plugin",
    "PluginConfig",
    "RpmStep",
    "Scriptlet",
    "ScriptletGenerator",
    "SolStep",
    "SystemBinary",
    "SystemConfig",
    "register",
]
