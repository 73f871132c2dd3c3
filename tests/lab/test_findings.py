"""Faults that files, configuration and queue show: found before they bite, gone once repaired."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import faults
from lab.agent import Agent
from lab.faults import FAULTS, HOUR_S, USUAL, Fault
from lab.machine import Machine
from lab.postfix import Postfix, wait_until
from lab.relay import HOST, PASSWORD, Relay, use_relay
from lab.test_deferrals import ROWS

# Findings that come and go in a test of their own: two here, one in test_deferrals; a sender is
# watched for half a minute, which only tests/agent_plugin/gather_queue_test.cc does not have to
# wait for.
WITH_OWN_TEST = {
    "instance_down",
    "berkeley_db_maps",
    "direct_delivery_blocked",
    "runaway_sender",
}


@pytest.fixture
def healthy(client: Postfix, relay: Relay) -> Postfix:
    """A running client that relays with AUTH over TLS, with nothing to complain about."""
    use_relay(client)
    client.start()
    return client


def test_a_well_configured_client_raises_no_alarm(healthy: Postfix, agent: Agent) -> None:
    report = agent.report()
    assert (report.findings().keys(), report.problems()) == (USUAL, [])


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_brings_its_findings_and_the_repair_takes_them_away(
    healthy: Postfix, agent: Agent, fault: Fault
) -> None:
    fault.breaking(healthy)
    report = agent.report()
    assert report.findings().keys() - USUAL == fault.findings
    assert all(report.findings()[key]["fix"] for key in fault.findings), "no way out is shown"
    faults.repair(healthy, agent, report, fault)
    # A Postfix that has just been started has not looked at its queue yet.
    left = agent.report().findings().keys() - USUAL
    if left:
        wait_until(lambda: agent.report().findings().keys() <= USUAL, f"the end of {left}", 20)


def test_every_finding_of_files_configuration_and_queue_has_such_a_test() -> None:
    family = Path(__file__).parents[2] / "mkp" / "mail_relay" / "lib" / "finding.py"
    titles = family.read_text(encoding="utf-8").partition("FINDING_TITLES")[2]
    areas = re.findall(r'^    "(\w+)": \{\n(.*?)^    \},', titles, re.MULTILINE | re.DOTALL)
    named = {
        finding
        for area, lines in areas
        if area in ("service", "queue", "config", "sasl", "tls")
        for finding in re.findall(r'^        "(\w+)":', lines, re.MULTILINE)
    }
    assert "master_down" in named and "strippable_tls" in named
    tested = set().union(*(fault.findings for fault in [*FAULTS.values(), *ROWS.values()]))
    assert named - tested - WITH_OWN_TEST == set()


@pytest.mark.parametrize(
    ("key", "alarms"),
    [
        pytest.param(HOST, set(), id="host name alone"),
        pytest.param(f"[{HOST}]", {"relay_key_mismatch"}, id="no port"),
        pytest.param(f"{HOST}:587", {"relay_key_mismatch"}, id="no brackets"),
        pytest.param(f"[{HOST}]:submission", {"relay_key_mismatch"}, id="service for port"),
        pytest.param(f"[{HOST.upper()}]:587", set(), id="capitals"),
    ],
)
def test_credentials_are_found_under_the_keys_that_postfix_tries(
    healthy: Postfix, agent: Agent, key: str, alarms: set[str]
) -> None:
    faults.credentials(key)(healthy)
    report = agent.report()
    assert report.alarms() == alarms
    assert PASSWORD not in report.text


def test_old_mail_is_told_by_its_arrival_and_not_by_its_file_times(
    healthy: Postfix, agent: Agent
) -> None:
    faults.old_mail(5)(healthy)
    queue = agent.report().instance("queue")
    age = queue["time"] - queue["queues"]["deferred"]["oldest_arrival"]
    assert 5 * HOUR_S <= age < 5 * HOUR_S + 60


def test_a_longer_life_is_given_to_mail_about_to_expire(healthy: Postfix, agent: Agent) -> None:
    faults.old_mail(108)(healthy)
    agent.apply(agent.report().findings()["expiring_soon"])
    healthy.settle()
    assert agent.report().alarms() == {"deferred_old"}


def test_overdue_attempts_are_counted(healthy: Postfix, agent: Agent) -> None:
    faults.hanging_queue_manager(healthy)
    assert agent.report().instance("queue")["overdue"]["messages"] == 1


def test_berkeley_db_files_are_noted_until_there_are_none(healthy: Postfix, agent: Agent) -> None:
    assert agent.report().findings()["berkeley_db_maps"]["severity"] == "info"
    healthy.machine.shell("postalias lmdb:/etc/aliases && postmap lmdb:/etc/postfix/sasl_passwd")
    healthy.configure(
        {
            "alias_maps": "lmdb:/etc/aliases",
            "alias_database": "lmdb:/etc/aliases",
            "smtp_sasl_password_maps": "lmdb:/etc/postfix/sasl_passwd",
        }
    )
    assert agent.report().findings().keys() == set()


def test_a_second_instance_that_is_down_is_told_and_started(
    make_machine: Callable[..., Machine], healthy: Postfix, agent: Agent
) -> None:
    second = healthy.add_instance("postfix-out")
    second.configure({"relayhost": "[smtp.example.org]:25"})
    report = agent.report()
    assert report.alarms() == set()
    assert "instance_down" in report.alarms("postfix-out")
    agent.apply(report.findings("postfix-out")["instance_down"])
    report = agent.report()
    assert "instance_down" not in report.alarms("postfix-out")
    assert report.instance("service", "postfix-out")["running"] is True
