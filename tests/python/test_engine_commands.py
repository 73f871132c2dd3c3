"""From a rule to the command lines of a special agent."""

from collections.abc import Iterator
from typing import Any

import pytest
from cmk.server_side_calls.v1 import (
    ActiveCheckCommand,
    ActiveCheckConfig,
    EnvProxy,
    HostConfig,
    NoProxy,
    SpecialAgentCommand,
    SpecialAgentConfig,
    URLProxy,
    noop_parser,
)
from engine import PasswordStore, command_lines

HOST = HostConfig(name="h")
STORE = PasswordStore({"my_token": "tok 1"}, path="FILE", proxies={"known": "http://p"})
STORED = ("cmk_postprocessed", "stored_password", ("my_token", ""))
EXPLICIT = ("cmk_postprocessed", "explicit_password", ("uuid1", "s3cret"))
UNKNOWN = ("cmk_postprocessed", "stored_password", ("gone", ""))


def argv(make_arguments: Any, rule: dict[str, object]) -> list[str]:
    def commands(params: Any, _host: HostConfig) -> Iterator[SpecialAgentCommand]:
        yield SpecialAgentCommand(command_arguments=make_arguments(params), stdin="in")

    config = SpecialAgentConfig(
        name="demo", parameter_parser=noop_parser, commands_function=commands
    )
    (line,) = command_lines(config, rule, HOST, program="agent_demo", store=STORE)
    assert line.stdin == "in" and line.line.startswith("agent_demo")
    return line.argv


@pytest.mark.parametrize(
    "secret, reference, plain",
    [
        pytest.param(STORED, "my_token:FILE", "user:tok 1", id="stored"),
        pytest.param(EXPLICIT, "uuid1:FILE", "user:s3cret", id="explicit"),
        pytest.param(UNKNOWN, "gone:FILE", "user:%%%", id="unknown"),
    ],
)
def test_secrets_are_references_unless_asked_otherwise(
    secret: Any, reference: str, plain: str
) -> None:
    assert argv(
        lambda p: ["--host", "sp ace", "", p["s"], p["s"].unsafe("user:%s")], {"s": secret}
    ) == ["--host", "sp ace", "", reference, plain]


def test_secrets_are_found_anywhere_in_a_rule() -> None:
    rule = {"loops": [{"auth": ("password", {"secret": STORED})}, {"auth": ("none", None)}]}
    assert argv(lambda p: [p["loops"][0]["auth"][1]["secret"]], rule) == ["my_token:FILE"]


@pytest.mark.parametrize("text", ["$(id)", "a'b\"c", "`id`", "a;b", "a\nb", "*", '{"a": 1}'])
def test_arguments_survive_the_shell(text: str) -> None:
    assert argv(lambda _: [text], {}) == [text]


@pytest.mark.parametrize("argument", [1, None, b"x", ["x"], True])
def test_other_arguments_are_refused(argument: Any) -> None:
    with pytest.raises(TypeError):
        argv(lambda _: [argument], {})


@pytest.mark.parametrize(
    "value, proxy",
    [
        (("cmk_postprocessed", "explicit_proxy", "http://x"), URLProxy(url="http://x")),
        (("cmk_postprocessed", "stored_proxy", "known"), URLProxy(url="http://p")),
        (("cmk_postprocessed", "stored_proxy", "gone"), EnvProxy()),
        (("cmk_postprocessed", "environment_proxy", ""), EnvProxy()),
        (("cmk_postprocessed", "no_proxy", ""), NoProxy()),
    ],
)
def test_proxies(value: Any, proxy: Any) -> None:
    seen = []
    argv(lambda p: [str(seen.append(p["proxy"]))], {"proxy": value})
    assert seen == [proxy] and type(seen[0]) is type(proxy)


def test_the_rest_of_a_rule_is_unchanged() -> None:
    rule = {
        "period": ("cmk_postprocessed", "stored_time_period", "24X7"),
        "levels": ("fixed", (1, 2)),
    }
    seen: list[Any] = []
    argv(lambda p: [str(seen.append(p))], rule)
    assert seen == [rule]


def test_active_check() -> None:
    def commands(_params: Any, host: HostConfig) -> Iterator[ActiveCheckCommand]:
        yield ActiveCheckCommand(service_description="S", command_arguments=[host.name])

    config = ActiveCheckConfig(
        name="demo", parameter_parser=noop_parser, commands_function=commands
    )
    (line,) = command_lines(config, {}, HOST, program="check_demo")
    assert (line.service_description, line.argv) == ("S", ["h"])
