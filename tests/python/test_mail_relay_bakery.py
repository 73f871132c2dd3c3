"""The bakery plug-in and its rule: what goes into an agent package."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import build_package
import pytest
from cmk.rulesets.v1.rule_specs import AgentConfig
from engine import delivered_default, validate
from engine.bakery import load_bakery_plugin
from family import AGENT_PLUGIN, FAMILY, new_site

v1 = pytest.importorskip("cmk.base.cee.plugins.bakery.bakery_api.v1")

PLUGIN = load_bakery_plugin(FAMILY.parent / "bakery" / "mail_relay.py")["mail_relay"]
(RULE,) = (spec for spec in new_site().registry.rule_specs if isinstance(spec, AgentConfig))
EXECUTABLES = [
    v1.SystemBinary(
        base_os=v1.OS.LINUX,
        source=Path(f"plugins/mail_relay/mk_mail_relay-{architecture}"),
        target=Path(f"mk_mail_relay-{architecture}"),
    )
    for architecture in ("x86_64", "aarch64")
]
DEPLOYED = [v1.Plugin(base_os=v1.OS.LINUX, source=Path("mk_mail_relay")), *EXECUTABLES]


def files(conf: Mapping[str, Any]) -> list[Any]:
    validate(RULE.parameter_form(), conf)
    return list(PLUGIN.files_function(conf=conf))


def config(*lines: str) -> Any:
    return v1.PluginConfig(
        base_os=v1.OS.LINUX,
        lines=list(lines),
        target=Path("mail_relay.cfg"),
        include_header=True,
    )


def test_rule_and_plugin_have_the_same_name() -> None:
    assert RULE.name == "mail_relay"


@pytest.mark.parametrize(
    ("deployment", "expected"),
    [
        pytest.param(("sync", None), DEPLOYED, id="with the agent"),
        pytest.param(
            ("cached", 300.0),
            [
                v1.Plugin(base_os=v1.OS.LINUX, source=Path("mk_mail_relay"), interval=300),
                *EXECUTABLES,
            ],
            id="by itself",
        ),
        pytest.param(("do_not_deploy", None), [], id="not at all"),
    ],
)
def test_deployment(deployment: tuple[str, Any], expected: list[Any]) -> None:
    assert files({"deployment": deployment}) == expected


@pytest.mark.parametrize("architecture", ["x86_64", "aarch64"])
def test_hosts_that_are_alike_get_one_executable(architecture: str) -> None:
    assert files({"deployment": ("cached", 60.0), "architecture": architecture}) == [
        v1.Plugin(
            base_os=v1.OS.LINUX,
            source=Path(f"mail_relay/mk_mail_relay-{architecture}"),
            target=Path("mk_mail_relay"),
            interval=60,
        )
    ]


def test_the_package_has_what_the_bakery_takes() -> None:
    (program,) = (entry for entry in build_package.PROGRAMS if entry.part == "agents")
    taken = {
        str(Path() / ("" if isinstance(file, v1.SystemBinary) else "plugins") / file.source)
        for architecture in ("any", "x86_64", "aarch64")
        for file in files({"deployment": ("sync", None), "architecture": architecture})
    }
    assert taken == {program.launcher, program.path("x86_64"), program.path("aarch64")}


def test_settings_become_lines() -> None:
    settings = {
        "deadline": 8.0,
        "queue_details": 0.5,
        "queue_threads": 4,
        "log": ("file", "/var/log/postfix.log"),
        "log_first_megabytes": 100000,
    }
    conf = {
        "deployment": ("sync", None),
        "settings": settings,
        "further_lines": "# own\nnovelty = 1\n",
    }
    assert files(conf) == [
        *DEPLOYED,
        config(
            "deadline = 8",
            "queue_details = 0.5",
            "queue_threads = 4",
            "log = /var/log/postfix.log",
            "log_first_megabytes = 100000",
            "# own",
            "novelty = 1",
        ),
    ]


@pytest.mark.parametrize("choice", ["auto", "journal", "none"])
def test_log_that_is_no_file_is_named_by_its_word(choice: str) -> None:
    conf = {"deployment": ("sync", None), "settings": {"log": (choice, "")}}
    assert files(conf) == [*DEPLOYED, config(f"log = {choice}")]


def test_nothing_is_configured_where_nothing_is_deployed() -> None:
    assert files({"deployment": ("do_not_deploy", None), "settings": {"deadline": 8.0}}) == []


def test_keys_that_newer_versions_add_are_left_alone() -> None:
    conf = {"deployment": ("sync", None), "cmk-match-type": "dict"}
    assert list(PLUGIN.files_function(conf=conf)) == DEPLOYED


def test_rule_has_every_setting_of_the_agent_plugin_and_its_default() -> None:
    form = RULE.parameter_form().elements["settings"].parameter_form
    known = re.findall(r'name == "(\w+)"', (AGENT_PLUGIN / "settings.cc").read_text())
    assert set(form.elements) == set(known)
    defaults = delivered_default(form)
    assert set(known) - set(defaults) == {"direct_mx"}
    *_, written = files({"deployment": ("sync", None), "settings": defaults})
    help_text = (AGENT_PLUGIN / "options.cc").read_text()
    for line in written.lines:
        assert re.search(rf"^  {line}\s", help_text, re.MULTILINE), line


@pytest.mark.parametrize(
    "settings, line",
    [
        pytest.param(
            {"connection_interval": ("every", 86400.0)}, "connection_interval = 86400", id="rarely"
        ),
        pytest.param(
            {"connection_interval": ("never", "0")}, "connection_interval = 0", id="never"
        ),
        pytest.param({"direct_mx": "example.org"}, "direct_mx = example.org", id="domain"),
        pytest.param(
            {"direct_mx": "[2001:db8::1]:587"}, "direct_mx = [2001:db8::1]:587", id="address"
        ),
    ],
)
def test_looks_at_the_relays_are_set(settings: Mapping[str, Any], line: str) -> None:
    assert files({"deployment": ("sync", None), "settings": settings}) == [*DEPLOYED, config(line)]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"deadline": 0.5}, id="too early an end"),
        pytest.param({"queue_threads": 9}, id="too many threads"),
        pytest.param({"log": ("file", "mail.log")}, id="relative path"),
        pytest.param({"log": ("file", "/var/log/mail.log\nlog = none")}, id="two lines"),
        pytest.param({"connection_interval": ("every", 10.0)}, id="too often"),
        pytest.param({"direct_mx": "example.org smtp.example.org"}, id="two destinations"),
        pytest.param({"direct_mx": "example.org\n"}, id="another line"),
    ],
)
def test_settings_that_the_agent_plugin_would_refuse(settings: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError):
        files({"deployment": ("sync", None), "settings": settings})


def test_interval_that_is_no_whole_number_of_seconds_is_cut() -> None:
    plugin, *_ = files({"deployment": ("cached", 90.5)})
    assert plugin.interval == 90
