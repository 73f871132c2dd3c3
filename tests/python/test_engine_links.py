"""Names that lead nowhere are found before a site meets them."""

from pathlib import Path

import pytest
from engine import broken_links
from engine.registry import Registry

AGENT = """
from cmk.agent_based.v2 import *
def discover(section):
    yield Service(item="x")
def check(item, params, section):
    yield Result(state=State.OK, summary="x")
check_plugin_demo = CheckPlugin(
    name="demo", service_name="Demo %s", discovery_function=discover, check_function=check,
    check_default_parameters={}, check_ruleset_name="demo")
"""
RULE = """
from cmk.rulesets.v1 import Title
from cmk.rulesets.v1.form_specs import Dictionary
from cmk.rulesets.v1.rule_specs import *
rule_spec_demo = CheckParameters(
    name="NAME", title=Title("t"), topic=Topic.GENERAL,
    parameter_form=lambda: Dictionary(elements={}), condition=CONDITION)
"""
GRAPHING = """
from cmk.graphing.v1 import Title, metrics, graphs, perfometers
metric_demo = metrics.Metric(
    name="demo", title=Title("t"), unit=metrics.Unit(metrics.TimeNotation()),
    color=metrics.Color.BLUE)
graph_demo = graphs.Graph(
    name="demo", title=Title("t"), simple_lines=["demo", metrics.WarningOf("LINE")],
    minimal_range=graphs.MinimalRange(0, "RANGE"))
"""
ITEM = 'HostAndItemCondition(Title("i"))'


@pytest.mark.parametrize(
    "name, condition, line, broken",
    [
        pytest.param("demo", ITEM, "demo", [], id="sound"),
        pytest.param(
            "other",
            ITEM,
            "demo",
            ["check ruleset demo has no rule spec", "check rule spec other is used by nothing"],
            id="other name",
        ),
        pytest.param(
            "demo",
            "HostCondition()",
            "demo",
            ["check demo: condition of rule demo does not fit its items"],
            id="condition",
        ),
        pytest.param("demo", ITEM, "gone", ["Graph demo: metric gone is not defined"], id="metric"),
    ],
)
def test_links(tmp_path: Path, name: str, condition: str, line: str, broken: list[str]) -> None:
    family = tmp_path / "demo"
    for group, text in (
        ("agent_based", AGENT),
        ("rulesets", RULE.replace("NAME", name).replace("CONDITION", condition)),
        ("graphing", GRAPHING.replace("LINE", line).replace("RANGE", line)),
    ):
        (family / group).mkdir(parents=True)
        (family / group / "demo.py").write_text(text)
    registry = Registry([family])
    assert registry.errors == []
    assert broken_links(registry) == broken
