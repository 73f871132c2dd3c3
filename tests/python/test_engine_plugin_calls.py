"""How plug-ins are called: params, sections, clock, value store, and what they may yield."""

from pathlib import Path

import pytest
from cmk.server_side_calls.v1 import HostConfig
from engine import Site


def make_site(tmp_path: Path, text: str, debug: bool = False) -> Site:
    folder = tmp_path / "special" / "agent_based"
    folder.mkdir(parents=True)
    (folder / "special.py").write_text("from cmk.agent_based.v2 import *\nimport time\n" + text)
    return Site([tmp_path / "special"], debug=debug)


def test_service_parameters_stand_between_rules_and_defaults(tmp_path: Path) -> None:
    site = make_site(
        tmp_path,
        """
def discover(section):
    yield Service(parameters={"a": "service", "b": "service"})
def check(params, section):
    yield Result(state=State.OK, summary=f"{params['a']} {params['b']} {params['c']}")
agent_section_x = AgentSection(name="x", parse_function=lambda string_table: string_table)
check_plugin_x = CheckPlugin(
    name="x", service_name="X", discovery_function=discover, check_function=check,
    check_default_parameters={"a": "default", "b": "default", "c": "default"},
    check_ruleset_name="x")
""",
    )
    (service,) = site.services("<<<x>>>\ny\n", {"x": [{"a": "rule"}]})
    assert (service.name, service.summary) == ("X", "rule service default")


@pytest.mark.parametrize(
    "ruleset_type, seen",
    [
        pytest.param("MERGED", "{'a': 1, 'b': 2, 'c': 3}", id="merged"),
        pytest.param("ALL", "[{'a': 1}, {'a': 2, 'b': 2}, {'a': 3, 'c': 3}]", id="all"),
    ],
)
def test_discovery_rules(tmp_path: Path, ruleset_type: str, seen: str) -> None:
    site = make_site(
        tmp_path,
        f"""
def discover(params, section):
    yield Service(item=str(params if isinstance(params, list) else dict(sorted(params.items()))))
def check(item, section):
    yield Result(state=State.OK, summary="x")
agent_section_x = AgentSection(name="x", parse_function=lambda string_table: string_table)
check_plugin_x = CheckPlugin(
    name="x", service_name="X %s", discovery_function=discover, check_function=check,
    discovery_default_parameters={{"a": 3, "c": 3}}, discovery_ruleset_name="d",
    discovery_ruleset_type=RuleSetType.{ruleset_type})
""",
    )
    (service,) = site.services("<<<x>>>\ny\n", {"d": [{"a": 1}, {"a": 2, "b": 2}]})
    assert service.item == seen


TWO_SECTIONS = """
def parse(string_table):
    if string_table == [["none"]]:
        return None
    if string_table == [["raise"]]:
        raise ValueError("bad data")
    return string_table[0][0]
def discover(section_a, section_b):
    yield Service()
def check(section_a: str | None, section_b: str | None):
    yield Result(state=State.OK, summary=f"{section_a} {section_b}")
agent_section_a = AgentSection(name="a", parse_function=parse)
agent_section_b = AgentSection(name="raw_b", parsed_section_name="b", parse_function=parse)
agent_section_c = AgentSection(
    name="better_b", parsed_section_name="b", parse_function=parse, supersedes=["raw_b"])
check_plugin_x = CheckPlugin(
    name="x", service_name="X", sections=["a", "b"],
    discovery_function=discover, check_function=check)
"""


@pytest.mark.parametrize(
    "output, summaries",
    [
        pytest.param("<<<a>>>\n1\n<<<raw_b>>>\n2\n", ["1 2"], id="both"),
        pytest.param("<<<raw_b>>>\n2\n", ["None 2"], id="one is missing"),
        pytest.param("<<<a>>>\nnone\n<<<raw_b>>>\n2\n", ["None 2"], id="one is parsed to None"),
        pytest.param("<<<a>>>\nraise\n<<<raw_b>>>\n2\n", ["None 2"], id="one parser raises"),
        pytest.param("<<<b>>>\n2\n", [], id="none"),
        pytest.param("<<<raw_b>>>\n2\n<<<better_b>>>\n3\n", ["None 3"], id="superseded"),
        pytest.param("<<<raw_b>>>\n2\n<<<better_b>>>\nnone\n", ["None 2"], id="not superseded"),
    ],
)
def test_sections_that_are_there(tmp_path: Path, output: str, summaries: list[str]) -> None:
    site = make_site(tmp_path, TWO_SECTIONS)
    assert site.errors == []
    assert [service.summary for service in site.services(output)] == summaries


def test_persisted_section_is_used_until_it_ends(tmp_path: Path) -> None:
    site = make_site(tmp_path, TWO_SECTIONS)
    site.services("<<<a:persist(1000)>>>\n1\n", now=900)
    assert [s.summary for s in site.services("<<<raw_b>>>\n2\n", now=1000)] == ["1 2"]
    assert [s.summary for s in site.services("<<<raw_b>>>\n2\n", now=1001)] == ["None 2"]


@pytest.mark.parametrize(
    "discovered, checked",
    [
        pytest.param('"x"', "Result(state=State.OK, summary='x')", id="no Service"),
        pytest.param("Service()", "Result(state=State.OK, summary='x')", id="item missing"),
        pytest.param('Service(item="x")', '"x"', id="no Result"),
        pytest.param('Service(item="x")', "get_value_store().update({1: 1})", id="store key"),
        pytest.param(
            'Service(item="x")',
            'get_value_store().update({"a": object()}) or Result(state=State.OK, summary="x")',
            id="store value is no literal",
        ),
    ],
)
def test_debugging_raises_what_a_site_would_report(
    tmp_path: Path, discovered: str, checked: str
) -> None:
    text = f"""
def discover(section):
    yield {discovered}
def check(item, section):
    yield {checked}
agent_section_x = AgentSection(name="x", parse_function=lambda string_table: string_table)
check_plugin_x = CheckPlugin(
    name="x", service_name="X %s", discovery_function=discover, check_function=check)
"""
    site = make_site(tmp_path, text, debug=True)
    with pytest.raises((TypeError, ValueError, SyntaxError)):
        site.services("<<<x>>>\ny\n")
    site.debug = False
    assert all(service.crash is not None for service in site.services("<<<x>>>\ny\n"))


def test_labels_and_inventory_of_a_wrong_type_are_refused(tmp_path: Path) -> None:
    site = make_site(
        tmp_path,
        """
def labels(section):
    yield ServiceLabel("a", "b")
def inventory(section):
    yield HostLabel("a", "b")
agent_section_x = AgentSection(
    name="x", parse_function=lambda string_table: string_table, host_label_function=labels)
inventory_plugin_x = InventoryPlugin(name="x", inventory_function=inventory)
""",
    )
    with pytest.raises(TypeError):
        site.host_labels("<<<x>>>\ny\n")
    with pytest.raises(TypeError):
        site.inventory("<<<x>>>\ny\n")


def test_clock_and_service_names(tmp_path: Path) -> None:
    site = make_site(
        tmp_path,
        """
def discover(section):
    yield Service(item="a'b|c<d> ä/e")
def check(item, section):
    yield Result(state=State.OK, summary=str(time.time()))
agent_section_x = AgentSection(name="x", parse_function=lambda string_table: string_table)
check_plugin_x = CheckPlugin(
    name="x", service_name="X %s", discovery_function=discover, check_function=check)
""",
    )
    (service,) = site.services("<<<x>>>\ny\n", now=1234)
    assert (service.name, service.summary) == ("X abcd ä/e", "1234.0")


def test_attributes_and_rows_are_merged(tmp_path: Path) -> None:
    site = make_site(
        tmp_path,
        """
def inventory(section):
    yield Attributes(path=["p"], inventory_attributes={"a": 1}, status_attributes={"b": 2})
    yield Attributes(path=["p"], inventory_attributes={"c": 3})
    yield TableRow(path=["t"], key_columns={"k": 1}, inventory_columns={"a": 1})
    yield TableRow(path=["t"], key_columns={"k": 2})
    yield TableRow(path=["t"], key_columns={"k": 1}, status_columns={"b": 2})
agent_section_x = AgentSection(name="x", parse_function=lambda string_table: string_table)
inventory_plugin_x = InventoryPlugin(name="x", inventory_function=inventory)
""",
    )
    tree = site.inventory("<<<x>>>\ny\n")
    assert tree.attributes == {("p",): {"a": 1, "b": 2, "c": 3}}
    assert tree.tables == {("t",): [{"k": 1, "a": 1, "b": 2}, {"k": 2}]}


def test_special_agent_of_a_family(tmp_path: Path) -> None:
    folder = tmp_path / "special" / "server_side_calls"
    folder.mkdir(parents=True)
    (folder / "x.py").write_text(
        """
from cmk.server_side_calls.v1 import *
def commands(params, host_config):
    yield SpecialAgentCommand(command_arguments=["--host", host_config.name])
special_agent_x = SpecialAgentConfig(
    name="x", parameter_parser=noop_parser, commands_function=commands)
active_check_x = ActiveCheckConfig(
    name="x", parameter_parser=noop_parser, commands_function=commands)
"""
    )
    (line,) = Site([tmp_path / "special"]).special_agent("x", {}, HostConfig(name="h 1"))
    assert (line.line, line.argv) == ("agent_x --host 'h 1'", ["--host", "h 1"])
    (tmp_path / "special" / "libexec").mkdir()
    program = tmp_path / "special" / "libexec" / "agent_x"
    program.touch()
    (line,) = Site([tmp_path / "special"]).special_agent("x", {}, HostConfig(name="h"))
    assert line.line == f"{program} --host h"
