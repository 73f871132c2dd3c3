"""Hosts, secrets and commands of cmk.server_side_calls.v1."""

from collections.abc import Iterator
from typing import Any

import pytest
from cmk.server_side_calls.v1 import (
    ActiveCheckCommand,
    ActiveCheckConfig,
    EnvProxy,
    HostConfig,
    IPAddressFamily,
    IPv4Config,
    IPv6Config,
    NoProxy,
    Secret,
    SpecialAgentCommand,
    SpecialAgentConfig,
    URLProxy,
    entry_point_prefixes,
    noop_parser,
    replace_macros,
)


def test_host() -> None:
    host = HostConfig(name="h", ipv4_config=IPv4Config(address="192.0.2.1"))
    assert (host.name, host.alias, dict(host.macros)) == ("h", "h", {})
    assert host.primary_ip_config.address == "192.0.2.1"
    assert host.primary_ip_config.family is IPAddressFamily.IPV4
    assert host == HostConfig(name="h", alias="h", ipv4_config=IPv4Config(address="192.0.2.1"))
    assert host != HostConfig(name="h")
    v6 = HostConfig(
        name="h",
        ipv4_config=IPv4Config(address="192.0.2.1"),
        ipv6_config=IPv6Config(address="2001:db8::1", additional_addresses=["2001:db8::2"]),
        primary_family=IPAddressFamily.IPV6,
    )
    assert v6.primary_ip_config.address == "2001:db8::1"
    assert v6.primary_ip_config.additional_addresses == ["2001:db8::2"]
    assert IPv4Config(address="192.0.2.1") != IPv6Config(address="192.0.2.1")


def test_host_refused() -> None:
    with pytest.raises(ValueError):
        HostConfig(name="")
    with pytest.raises(TypeError):
        HostConfig("h")
    with pytest.raises(ValueError):
        HostConfig(name="h").primary_ip_config
    with pytest.raises(RuntimeError):
        IPv4Config(address=None).address
    for value in (HostConfig(name="h"), IPv4Config(address=None)):
        with pytest.raises(TypeError):
            hash(value)


def test_secret() -> None:
    assert Secret(1) == (1, "%s", True)
    assert Secret(1).unsafe() == (1, "%s", False)
    assert Secret(1).unsafe("user:%s") == (1, "user:%s", False)


@pytest.mark.parametrize("template", ["", "user", "%s:%s", "%%s", "%d"])
def test_secret_template_holds_one_place(template: str) -> None:
    with pytest.raises(ValueError):
        Secret(1).unsafe(template)


def test_proxies_tell_their_type() -> None:
    assert (URLProxy(url="http://x").type, URLProxy(url="http://x").url) == (
        "url_proxy",
        "http://x",
    )
    assert EnvProxy().type == "env_proxy"
    assert NoProxy().type == "no_proxy"


def test_macros_are_replaced_in_order() -> None:
    assert replace_macros("$A$-$B$", {"$A$": "$B$", "$B$": "b"}) == "b-b"
    assert replace_macros("$C$", {"$A$": "a"}) == "$C$"


def test_config_parses_then_makes_commands() -> None:
    host = HostConfig(name="h")

    def parse(params: Any) -> int:
        return int(params["n"])

    def agent_commands(parsed: int, host_config: HostConfig) -> Iterator[SpecialAgentCommand]:
        assert host_config is host
        for number in range(parsed):
            yield SpecialAgentCommand(command_arguments=[str(number)], stdin="in")

    def check_commands(params: Any, _host: HostConfig) -> Iterator[ActiveCheckCommand]:
        yield ActiveCheckCommand(service_description="S", command_arguments=[params["n"]])

    agent = SpecialAgentConfig(name="a", parameter_parser=parse, commands_function=agent_commands)
    assert list(agent({"n": 2}, host)) == [
        SpecialAgentCommand(command_arguments=["0"], stdin="in"),
        SpecialAgentCommand(command_arguments=["1"], stdin="in"),
    ]
    check = ActiveCheckConfig(
        name="a", parameter_parser=noop_parser, commands_function=check_commands
    )
    assert list(check({"n": "1"}, host)) == [
        ActiveCheckCommand(service_description="S", command_arguments=["1"])
    ]


def test_commands_take_keywords() -> None:
    assert SpecialAgentCommand(command_arguments=[]).stdin is None
    with pytest.raises(TypeError):
        SpecialAgentCommand(["a"])
    with pytest.raises(TypeError):
        ActiveCheckCommand(command_arguments=[])


def test_prefixes() -> None:
    assert entry_point_prefixes() == {
        SpecialAgentConfig: "special_agent_",
        ActiveCheckConfig: "active_check_",
    }
