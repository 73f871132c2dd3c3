"""What holds for the family as a whole: it loads, its parts fit each other, nothing crashes it."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cmk.agent_based.v2 import CheckPlugin, State
from cmk.graphing.v1 import metrics, perfometers
from cmk.rulesets.v1 import rule_specs
from cmk_addons.plugins.mail_relay.lib.failure_class import FAILURE_GROUPS, FAILURE_TITLES
from cmk_addons.plugins.mail_relay.lib.finding import FINDING_TITLES
from engine import broken_links, delivered_default, localized_texts, validate
from family import AGENT_PLUGIN, CHECKMAN, COMMON, FAMILY, GOLDEN, README, golden_output, new_site

SITE = new_site()
CHECKS = [pytest.param(check, id=check.name) for check in SITE.registry.checks]
GOLDEN_NAMES = sorted(path.stem for path in GOLDEN.glob("*.txt"))
RULE_OF_CHECK = {
    spec.name: spec
    for spec in SITE.registry.rule_specs
    if isinstance(spec, rule_specs.CheckParameters)
}


def test_everything_loads() -> None:
    assert SITE.errors == []


def test_every_name_leads_somewhere() -> None:
    assert broken_links(SITE.registry) == []


def test_every_text_can_be_shown() -> None:
    parts = [*SITE.registry.rule_specs, *SITE.registry.graphing]
    assert all(text for part in parts for text in localized_texts(part))


@pytest.mark.parametrize("check", CHECKS)
def test_rule_defaults_are_check_defaults(check: CheckPlugin) -> None:
    form = RULE_OF_CHECK[check.check_ruleset_name].parameter_form()
    defaults = check.check_default_parameters
    delivered = delivered_default(form)
    assert {name: delivered[name] for name in defaults} == dict(defaults)
    validate(form, dict(defaults))


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_has_a_file_of_its_name_in_each_folder(check: CheckPlugin) -> None:
    for folder in ("agent_based", "rulesets", "graphing"):
        assert (FAMILY / folder / f"{check.name}.py").is_file()


@pytest.mark.parametrize("check", CHECKS)
def test_manual_page_has_every_part(check: CheckPlugin) -> None:
    page = (CHECKMAN / check.name).read_text()
    keys = re.findall(r"^(\w+):", page, re.MULTILINE)
    expected = ["title", "agents", "catalog", "license", "distribution", "description"]
    expected += ["item"] if "%s" in check.service_name else []
    assert keys == [*expected, "discovery"]
    assert "license: GPLv2 or later" in page
    bodies = [line for line in page.splitlines() if not re.match(r"\w+:", line)]
    assert all(line == "" or line.startswith(" ") for line in bodies)


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_has_a_perfometer_of_its_own_metrics(check: CheckPlugin) -> None:
    assert any(
        isinstance(part, perfometers.Perfometer) and part.name == check.name
        for part in SITE.registry.graphing
    )


@pytest.mark.parametrize("name", GOLDEN_NAMES)
def test_every_metric_is_defined(name: str) -> None:
    defined = {p.name for p in SITE.registry.graphing if isinstance(p, metrics.Metric)}
    yielded = {
        metric.name for service in SITE.services(golden_output(name)) for metric in service.metrics
    }
    assert yielded - defined == set()


def test_every_finding_can_be_set_in_the_rule_of_its_area() -> None:
    for area, titles in FINDING_TITLES.items():
        form = RULE_OF_CHECK[f"mail_relay_{area}"].parameter_form()
        assert {f"finding_{identifier}" for identifier in titles} == {
            name for name in form.elements if name.startswith("finding_")
        }


def test_readme_lists_the_findings_of_each_service() -> None:
    rows = dict(re.findall(r"^\| `([\w ]+)` \| (`\w+`(?:, `\w+`)*) \|$", README.read_text(), re.M))
    services = {check.name: check.service_name for check in SITE.registry.checks}
    for area, titles in FINDING_TITLES.items():
        service = services[f"mail_relay_{area}"]
        assert re.findall(r"`(\w+)`", rows[service.removesuffix(" %s")]) == list(titles)


# How the agent plug-in's sources write a finding: `add("id", ...)`, `Finding{"id", ...`,
# `finding.id = "id"`, or a row of a table of failure classes.
_WRITTEN_FINDING = re.compile(
    r'(?:\badd\(\s*|\bFinding\s*\{\s*|\.id = |\{FailureClass::\w+, (?="\w+",\s*"[A-Z]))"(\w+)"'
)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(source, id=source.stem)
        for source in sorted(AGENT_PLUGIN.glob("*.cc"))
        if _WRITTEN_FINDING.search(source.read_text())
    ],
)
def test_rules_know_every_finding_of_the_agent_plugin(source: Path) -> None:
    text = source.read_text()
    areas = {area.lower() for area in re.findall(r"Area::k(\w+)", text)} or set(FINDING_TITLES)
    known = {identifier for area in areas for identifier in FINDING_TITLES[area]}
    assert set(_WRITTEN_FINDING.findall(text)) - known == set()


def test_every_failure_class_of_the_programs_has_a_title() -> None:
    text = (COMMON / "failure_class.cc").read_text()
    table = text.partition("kNames = {")[2].partition("}")[0]
    assert re.findall(r'"(\w+)"', table) == list(FAILURE_TITLES)


def test_the_doctor_has_the_titles_of_the_services() -> None:
    table = (COMMON / "failure_title.cc").read_text().partition("kTitles = {")[2].partition("}")[0]
    assert re.findall(r'"([^"]+)"', table) == list(FAILURE_TITLES.values())


def test_every_failure_class_belongs_to_one_group() -> None:
    grouped = [name for names in FAILURE_GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(FAILURE_TITLES)


@pytest.mark.parametrize("name", GOLDEN_NAMES)
def test_no_summary_is_longer_than_a_line(name: str) -> None:
    for service in SITE.services(golden_output(name)):
        assert "\n" not in service.summary
        assert len(service.summary) < 400


@pytest.mark.parametrize("name", GOLDEN_NAMES)
def test_repairs_stand_in_the_part_of_the_details_that_checkmk_shows(name: str) -> None:
    """The Checkmk Micro Core cuts the details after 2,000 bytes by default."""
    for service in SITE.services(golden_output(name)):
        lines = service.details.encode()[:2000].decode(errors="ignore").splitlines()
        if "\n  Fix: " in service.details:
            assert any(line.startswith("  Fix: ") for line in lines), service.name
        assert not any(
            line.startswith("  Fix: ") and line.endswith(("(!)", "(!!)", "(?)")) for line in lines
        ), service.name


def test_inventory_has_a_row_for_each_instance() -> None:
    tree = new_site().inventory(golden_output("scenario_a_auth_fails"))
    assert tree.tables == {
        ("software", "applications", "mail_relay"): [
            {
                "instance": "postfix",
                "mta": "Postfix",
                "version": "3.7.11",
                "role": "satellite",
                "compatibility_level": "3.6",
                "config_directory": "/etc/postfix",
                "queue_directory": "/var/spool/postfix",
                "relayhost": "[smtp.example.org]:587",
                "tls_level": "may",
                "auth": True,
                "mechanisms": "",
                "map_types": "btree, cidr, hash, regexp, texthash",
                "agent_version": "0.1.0",
                "running": True,
            }
        ]
    }


def test_inventory_keeps_what_is_not_known_apart_from_what_is_empty() -> None:
    rows = (
        new_site()
        .inventory(golden_output("unprivileged_stopped"))
        .tables[("software", "applications", "mail_relay")]
    )
    assert [(row["instance"], row["running"], row["relayhost"]) for row in rows] == [
        ("postfix", False, None),
        ("postfix-out", None, None),
    ]
    assert rows[0]["mechanisms"] is None


@pytest.mark.parametrize("name", GOLDEN_NAMES)
@pytest.mark.parametrize("seed", range(30))
def test_absurd_values_crash_nothing(name: str, seed: int) -> None:
    site = new_site()
    discovered = site.discover(golden_output(name))
    output = "\n".join(_spoiled(golden_output(name).splitlines(), random.Random(seed)))
    for service in site.check(discovered, output):
        assert service.state is not None
        assert "\n" not in service.summary
    site.services(output)
    site.inventory(output)
    site.host_labels(output)


def _spoiled(lines: list[str], dice: random.Random) -> Iterator[str]:
    """Each object with one of its values, at any depth, replaced by something absurd."""
    for line in lines:
        if line.startswith("<<<"):
            yield line
            continue
        fields = json.loads(line)
        part: Any = fields
        key = dice.choice([key for key in fields if key not in ("instance", "loop")])
        while isinstance(part[key], (dict, list)) and part[key] and dice.random() < 0.7:
            part = part[key]
            key = dice.choice(list(part) if isinstance(part, dict) else range(len(part)))
        part[key] = dice.choice(_ABSURD)
        yield json.dumps(fields)


_ABSURD: list[Any] = [
    *(None, "", "\n\ud800|\u2028", -1, 0.5, 2**62, 1e300, True),
    *([], {}, [[]], [None], [{"what": 1}], {"a": {}}),
]


AREAS = sorted(FINDING_TITLES)


def _name_key(section: str) -> str:
    return "site" if section == "notifications" else "instance"


def _truncated_section(section: str) -> str:
    return f'<<<mail_relay_{section}:sep(0)>>>\n{{"{_name_key(section)}":"postfix","time":17952\n'


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="half an object"),
        pytest.param("[]", id="a list"),
        pytest.param('"text"', id="a text"),
        pytest.param("[" * 100000, id="deep nesting"),
        pytest.param('{"instance": "postfix", "time": NaN}', id="NaN"),
        pytest.param('{"instance": "postfix", "time": 1' + "0" * 5000 + "}", id="long number"),
        pytest.param('{"instance": null}', id="name is null"),
        pytest.param('{"instance": 5}', id="name is a number"),
        pytest.param('{"instance": ""}', id="name is empty"),
        pytest.param('{"other": "postfix"}', id="no name"),
    ],
)
@pytest.mark.parametrize("section", AREAS)
def test_damaged_line_alarms_with_its_reason(section: str, line: str) -> None:
    site = new_site()
    services = site.discover(_truncated_section(section))
    (result,) = site.check(services, f"<<<mail_relay_{section}:sep(0)>>>\n{line}\n")
    if line:
        assert result.state is State.WARN
        assert result.summary.startswith("Cannot read line '")
    else:
        assert result.state is None


@pytest.mark.parametrize("section", AREAS)
def test_truncated_line_is_found_by_its_name_and_discovered(section: str) -> None:
    (result,) = new_site().services(_truncated_section(section))
    assert (result.item, result.state) == ("postfix", State.WARN)
    assert "Cannot read line" in result.summary


@pytest.mark.parametrize("section", AREAS)
def test_vanished_instance_is_not_found(section: str) -> None:
    site = new_site()
    services = site.discover(_truncated_section(section))
    output = f'<<<mail_relay_{section}:sep(0)>>>\n{{"{_name_key(section)}":"other"}}\n'
    (result,) = site.check(services, output)
    assert (result.state, result.summary) == (
        State.UNKNOWN,
        "Item not found in monitoring data",
    )
