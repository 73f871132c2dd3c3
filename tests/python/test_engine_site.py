"""A whole host: agent output in, services, labels and inventory out."""

from pathlib import Path

import pytest
from cmk.agent_based.v2 import State
from engine import Rule, Site

PLUGINS = """
from cmk.agent_based.v2 import *

def parse(string_table):
    return {line[0]: line[1] for line in string_table}

def host_labels(section):
    yield HostLabel("demo/items", str(len(section)))

def discover(section):
    for item in section:
        yield Service(item=item)

def check(item, params, section):
    if item not in section:
        return
    if section[item] == "later":
        raise IgnoreResultsError("nothing new")
    store = get_value_store()
    store["runs"] = store.get("runs", 0) + 1
    yield from check_levels(
        float(section[item]), levels_upper=params["levels"], metric_name="demo", label="Value"
    )
    yield Result(state=State.OK, notice=f"run {store['runs']}")

def inventory(section):
    for item, value in section.items():
        yield TableRow(
            path=["demo"], key_columns={"item": item}, inventory_columns={"value": value}
        )

agent_section_demo = AgentSection(
    name="demo", parse_function=parse, host_label_function=host_labels
)
check_plugin_demo = CheckPlugin(
    name="demo",
    service_name="Demo %s",
    discovery_function=discover,
    check_function=check,
    check_default_parameters={"levels": ("fixed", (1.0, 2.0))},
    check_ruleset_name="demo",
)
inventory_plugin_demo = InventoryPlugin(name="demo", inventory_function=inventory)
"""
OUTPUT = "<<<demo>>>\na 1.5\nb 0.5\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "demo" / "agent_based"
    folder.mkdir(parents=True)
    (folder / "demo.py").write_text(PLUGINS)
    return Site([tmp_path / "demo"], host="mail.example.org")


def test_services_are_discovered_and_checked(site: Site) -> None:
    assert site.errors == []
    first, second = site.services(OUTPUT)
    assert (first.host, first.name, first.item, first.check, first.state) == (
        "mail.example.org",
        "Demo a",
        "a",
        "demo",
        State.WARN,
    )
    assert first.summary == "Value: 1.50 (warn/crit at 1.00/2.00)(!)"
    assert first.details == "Value: 1.50 (warn/crit at 1.00/2.00)(!)\nrun 1"
    assert [(m.name, m.value, m.levels) for m in first.metrics] == [("demo", 1.5, (1.0, 2.0))]
    assert (second.state, second.summary) == (State.OK, "Value: 0.50")


def test_value_store_lives_from_run_to_run_per_item(site: Site) -> None:
    site.services(OUTPUT)
    assert [s.details.splitlines()[-1] for s in site.services(OUTPUT)] == ["run 2", "run 2"]


def test_rules_win_over_defaults_and_may_name_items(site: Site) -> None:
    rules = {
        "demo": [
            Rule({"levels": ("fixed", (0.1, 9.0))}, items=["b"]),
            {"levels": ("no_levels", None)},
        ]
    }
    assert [s.state for s in site.services(OUTPUT, rules)] == [State.OK, State.WARN]


def test_vanished_item_is_unknown_and_missing_section_is_stale(site: Site) -> None:
    services = site.discover(OUTPUT)
    gone = site.check(services, "<<<demo>>>\nb 0.5\n")[0]
    assert (gone.state, gone.summary) == (State.UNKNOWN, "Item not found in monitoring data")
    assert [s.state for s in site.check(services, "<<<other>>>\n")] == [None, None]


def test_ignored_results_are_stale(site: Site) -> None:
    (service,) = site.services("<<<demo>>>\na later\n")
    assert (service.state, service.summary) == (None, "nothing new")


def test_crash_is_unknown_and_kept(site: Site) -> None:
    (service,) = site.services("<<<demo>>>\na x\n")
    assert service.state is State.UNKNOWN
    assert isinstance(service.crash, ValueError)


def test_host_labels_and_inventory(site: Site) -> None:
    assert site.host_labels(OUTPUT) == {"demo/items": "2"}
    assert site.inventory(OUTPUT).tables == {
        ("demo",): [{"item": "a", "value": "1.5"}, {"item": "b", "value": "0.5"}]
    }
