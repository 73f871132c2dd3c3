"""Test double of Checkmk's cmk.server_side_calls.v1."""

from collections.abc import Mapping
from typing import Any

from ._configs import (
    ActiveCheckCommand,
    ActiveCheckConfig,
    SpecialAgentCommand,
    SpecialAgentConfig,
)
from ._hosts import HostConfig, IPAddressFamily, IPv4Config, IPv6Config
from ._values import EnvProxy, NoProxy, Secret, URLProxy, noop_parser, replace_macros


def entry_point_prefixes() -> Mapping[type[SpecialAgentConfig[Any] | ActiveCheckConfig[Any]], str]:
    return {ActiveCheckConfig: "active_check_", SpecialAgentConfig: "special_agent_"}


__all__ = [
    "ActiveCheckCommand",
    "ActiveCheckConfig",
    "EnvProxy",
    "HostConfig",
    "IPAddressFamily",
    "IPv4Config",
    "IPv6Config",
    "NoProxy",
    "Secret",
    "SpecialAgentCommand",
    "SpecialAgentConfig",
    "URLProxy",
    "entry_point_prefixes",
    "noop_parser",
    "replace_macros",
]
