"""What a rule learns about its host."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence


class IPAddressFamily(enum.Enum):
    IPV4 = enum.auto()
    IPV6 = enum.auto()


class _IPConfig:
    family: IPAddressFamily

    def __init__(self, *, address: str | None, additional_addresses: Sequence[str] = ()) -> None:
        self._address = address
        self.additional_addresses = additional_addresses

    @property
    def address(self) -> str:
        if not self._address:
            raise RuntimeError("the address of this host could not be resolved")
        return self._address

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


class IPv4Config(_IPConfig):
    family = IPAddressFamily.IPV4


class IPv6Config(_IPConfig):
    family = IPAddressFamily.IPV6


class HostConfig:
    def __init__(
        self,
        *,
        name: str,
        alias: str = "",
        ipv4_config: IPv4Config | None = None,
        ipv6_config: IPv6Config | None = None,
        primary_family: IPAddressFamily = IPAddressFamily.IPV4,
        macros: Mapping[str, str] | None = None,
    ) -> None:
        if not name:
            raise ValueError("a host has a name")
        self.name = name
        self.alias = alias or name
        self.ipv4_config = ipv4_config
        self.ipv6_config = ipv6_config
        self._primary_family = primary_family
        self.macros = macros or {}

    @property
    def primary_ip_config(self) -> IPv4Config | IPv6Config:
        is_ipv4 = self._primary_family is IPAddressFamily.IPV4
        config = self.ipv4_config if is_ipv4 else self.ipv6_config
        if config is None:
            raise ValueError("this host has no address of its primary family")
        return config

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HostConfig) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]
