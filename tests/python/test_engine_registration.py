"""What Checkmk checks of a plug-in before it uses it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import AgentSection, CheckPlugin, InventoryPlugin, RuleSetType
from engine.registration import check_agent_section, check_check_plugin, check_inventory_plugin


def discover(section):
    yield section


def discover_params(params, section):
    yield params, section


def check(section):
    yield section


def check_item(item, section):
    yield item, section


def check_params(params, section):
    yield params, section


def check_all(item, params, section):
    yield item, params, section


def two(section_a, section_b):
    yield section_a, section_b


def two_swapped(section_b, section_a):
    yield section_b, section_a


def two_annotated(section_a: int | None, section_b: "int | None"):
    yield section_a, section_b


def two_optional(section_a: int | None, section_b: str | None):
    yield section_a, section_b


def two_not_optional(section_a: int, section_b: str | None):
    yield section_a, section_b


def cluster_item(item: str, section: Mapping[str, int | None]):
    yield item, section


def cluster_not_optional(item: str, section: Mapping[str, int]):
    yield item, section


def returns_generator(section):
    return discover(section)


def check_plugin(**changes: Any) -> CheckPlugin:
    arguments: dict[str, Any] = {
        "name": "demo",
        "service_name": "Demo %s",
        "discovery_function": discover,
        "check_function": check_item,
    }
    return CheckPlugin(**{**arguments, **changes})


WITH_PARAMS = {
    "check_function": check_all,
    "check_default_parameters": {},
    "check_ruleset_name": "demo",
}
BOTH = {"sections": ["a", "b"], "service_name": "Demo", "discovery_function": two}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="item"),
        pytest.param({"service_name": "Demo", "check_function": check}, id="no item"),
        pytest.param(WITH_PARAMS, id="params"),
        pytest.param(
            {"check_function": check_all, "check_default_parameters": {"a": 1}},
            id="check defaults without ruleset",
        ),
        pytest.param(
            {
                "discovery_function": discover_params,
                "discovery_default_parameters": {},
                "discovery_ruleset_name": "demo_discovery",
                "discovery_ruleset_type": RuleSetType.ALL,
            },
            id="discovery ruleset",
        ),
        pytest.param({"sections": ["other"]}, id="other section"),
        pytest.param({**BOTH, "check_function": two}, id="two sections"),
        pytest.param({**BOTH, "check_function": two_optional}, id="two annotated sections"),
        pytest.param({"cluster_check_function": cluster_item}, id="cluster"),
        pytest.param(
            {"name": "mgmt_demo", "service_name": "Management Interface: Demo %s"}, id="management"
        ),
    ],
)
def test_check_plugin(changes: dict[str, Any]) -> None:
    check_check_plugin(check_plugin(**changes))


@pytest.mark.parametrize(
    "changes, error",
    [
        pytest.param({"name": 1}, TypeError, id="name is a number"),
        pytest.param({"name": ""}, ValueError, id="empty name"),
        pytest.param({"name": "a-b"}, ValueError, id="hyphen in name"),
        pytest.param({"name": "ä"}, ValueError, id="umlaut in name"),
        pytest.param({"name": "a\n"}, ValueError, id="newline in name"),
        pytest.param({"sections": ("demo",)}, TypeError, id="sections are a tuple"),
        pytest.param({"sections": []}, ValueError, id="no sections"),
        pytest.param({"sections": ["a b"]}, ValueError, id="section name"),
        pytest.param({"service_name": 1}, TypeError, id="service name is a number"),
        pytest.param({"service_name": ""}, ValueError, id="empty service name"),
        pytest.param({"service_name": "%s %s"}, ValueError, id="two items"),
        pytest.param(
            {"service_name": "Management Interface: %s"}, ValueError, id="no management plug-in"
        ),
        pytest.param({"name": "mgmt_demo"}, ValueError, id="no management service"),
        pytest.param(
            {**WITH_PARAMS, "check_default_parameters": [("a", 1)]}, TypeError, id="defaults: list"
        ),
        pytest.param({"check_ruleset_name": "demo"}, TypeError, id="ruleset without defaults"),
        pytest.param({**WITH_PARAMS, "check_ruleset_name": "a b"}, ValueError, id="ruleset name"),
        pytest.param(
            {"discovery_function": discover_params, "discovery_default_parameters": {}},
            TypeError,
            id="discovery defaults without ruleset",
        ),
        pytest.param({"discovery_ruleset_type": "merged"}, ValueError, id="ruleset type"),
        pytest.param({"discovery_function": returns_generator}, TypeError, id="no generator"),
        pytest.param({"check_function": lambda item, section: []}, TypeError, id="lambda"),
        pytest.param({"check_function": check}, TypeError, id="item missing"),
        pytest.param({"service_name": "Demo"}, TypeError, id="item too much"),
        pytest.param({"check_function": check_all}, TypeError, id="params too much"),
        pytest.param({**WITH_PARAMS, "check_function": check_item}, TypeError, id="params missing"),
        pytest.param({**BOTH, "check_function": check}, TypeError, id="one of two sections"),
        pytest.param({**BOTH, "check_function": two_swapped}, TypeError, id="sections swapped"),
        pytest.param({**BOTH, "check_function": two_not_optional}, TypeError, id="not optional"),
        pytest.param({**BOTH, "check_function": two_annotated}, TypeError, id="text annotation"),
        pytest.param({"cluster_check_function": check}, TypeError, id="cluster arguments"),
        pytest.param(
            {"cluster_check_function": cluster_not_optional}, TypeError, id="cluster annotation"
        ),
    ],
)
def test_check_plugin_dropped(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        check_check_plugin(check_plugin(**changes))


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({}, id="name and parser"),
        pytest.param({"parsed_section_name": "other"}, id="parsed name"),
        pytest.param({"supersedes": ["a", "b"]}, id="supersedes"),
        pytest.param({"host_label_function": discover}, id="host labels"),
        pytest.param(
            {
                "host_label_function": discover_params,
                "host_label_default_parameters": {},
                "host_label_ruleset_name": "labels",
            },
            id="host labels with rule",
        ),
    ],
)
def test_agent_section(arguments: dict[str, Any]) -> None:
    check_agent_section(AgentSection(name="demo", parse_function=len, **arguments))


@pytest.mark.parametrize(
    "arguments, error",
    [
        pytest.param({"name": "a b"}, ValueError, id="name"),
        pytest.param({"parsed_section_name": "a b"}, ValueError, id="parsed name"),
        pytest.param({"supersedes": ["demo"]}, ValueError, id="supersedes itself"),
        pytest.param({"supersedes": ["a", "a"]}, ValueError, id="supersedes twice"),
        pytest.param({"host_label_function": returns_generator}, TypeError, id="no generator"),
        pytest.param({"host_label_function": discover_params}, TypeError, id="params too much"),
        pytest.param({"host_label_ruleset_name": "r"}, TypeError, id="rule without defaults"),
        pytest.param({"host_label_ruleset_type": 1}, ValueError, id="ruleset type"),
    ],
)
def test_agent_section_dropped(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        check_agent_section(AgentSection(**{"name": "demo", "parse_function": len, **arguments}))


@pytest.mark.parametrize(
    "arguments, error",
    [
        pytest.param({}, None, id="plain"),
        pytest.param({"sections": ["a", "b"], "inventory_function": two}, None, id="two sections"),
        pytest.param({"name": "a-b"}, ValueError, id="name"),
        pytest.param({"sections": "demo"}, TypeError, id="sections are a text"),
        pytest.param({"inventory_function": returns_generator}, TypeError, id="no generator"),
        pytest.param(
            {"inventory_function": discover_params, "inventory_default_parameters": {}},
            TypeError,
            id="defaults alone",
        ),
        pytest.param(
            {
                "inventory_function": discover_params,
                "inventory_default_parameters": {},
                "inventory_ruleset_name": "rule",
            },
            None,
            id="defaults with rule",
        ),
    ],
)
def test_inventory_plugin(arguments: dict[str, Any], error: type[Exception] | None) -> None:
    plugin = InventoryPlugin(**{"name": "demo", "inventory_function": discover, **arguments})
    run: Callable[[], None] = lambda: check_inventory_plugin(plugin)  # noqa: E731
    if error is None:
        run()
    else:
        with pytest.raises(error):
            run()
