"""mk_mail_relay --doctor: who follows what it prints, and knows nothing else, gets mail going."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from lab import demo
from lab.agent import STATE_DIRECTORY, Agent, Object
from lab.machine import Machine
from lab.postfix import Postfix
from lab.relay import CA_FILE, HOST, PASSWORD, USER, Relay, use_relay
from lab.test_deferrals import REPAIRABLE, faulty
from lab.test_deferrals import Fault as DeferralFault

CREDENTIALS = "/etc/postfix/sasl_passwd"


def examine(agent: Agent) -> Object:
    """The doctor's report as it is for programs; the one for people has to agree."""
    done = agent.start("--doctor", "--json", timeout_s=60)
    report: Object = json.loads(done.stdout)
    assert (done.stderr, done.returncode) == ("", report["exit_status"])
    return report


def alarms(report: Object) -> Mapping[str, Object]:
    return {
        finding["id"]: finding for finding in report["findings"] if finding["severity"] != "info"
    }


@dataclass(frozen=True)
class Person:
    """Types in what is printed, and fills in what only a person can know."""

    machine: Machine
    knowledge: Mapping[str, str] = field(default_factory=dict)

    def follow(self, finding: Object) -> None:
        commands = finding["fix"]
        for command, after in zip(commands, [*commands[1:], ""]):
            if command.startswith("#") and "write this line" in command:
                line = after.removeprefix("#").strip()
                self.machine.write(
                    CREDENTIALS, line.replace("USER:PASSWORD", f"{USER}:{PASSWORD}") + "\n", 0o600
                )
            else:
                self.machine.shell(self.complete(command))

    def complete(self, command: str) -> str:
        for placeholder, known in self.knowledge.items():
            command = command.replace(placeholder, known)
        return command


def test_scenario_a_from_nothing_arrives_to_all_green() -> None:
    with demo.set_scene() as scene:
        monitor = scene.monitor
        # Nothing is prepared: whatever is needed the doctor has to name.
        monitor.machine.shell(f"rm -f {CREDENTIALS}*")
        for number in range(demo.MAILS):
            monitor.submit(USER, demo.RECIPIENT, subject=f"Notification {number}")
        monitor.wait_deferred(demo.MAILS, "Connection timed out")
        person = Person(monitor.machine)
        seen = []
        for _ in range(6):
            report = examine(scene.agent)
            if report["exit_status"] == 0:
                break
            finding = next(iter(alarms(report).values()))
            seen.append(finding["id"])
            person.follow(finding)
            monitor.settle()
        assert report["exit_status"] == 0, report
        monitor.wait_empty()
        arrived = scene.relay.wait_mails(demo.RECIPIENT.partition("@")[0], demo.MAILS)
        assert len(arrived) == demo.MAILS
        assert seen[0] == "direct_delivery_blocked" and "ipv6_no_route" in seen
        page = scene.agent.start("--doctor", timeout_s=60)
        assert (page.returncode, page.stdout.splitlines()[-1]) == (0, "Nothing is wrong.")


def state(machine: Machine) -> str:
    """Everything that the doctor could have changed."""
    return machine.shell(
        f"find /etc/postfix /var/lib/postfix {STATE_DIRECTORY} /etc/check_mk"
        " -type f -printf '%p %T@ %s\n' | sort; postqueue -j"
    )


def test_nothing_is_changed_and_nothing_is_kept(
    client: Postfix, agent: Agent, relay: Relay
) -> None:
    use_relay(client)
    client.start()
    before = state(client.machine)
    page = agent.start("--doctor", timeout_s=60)
    assert (page.returncode, page.stderr) == (0, "")
    assert state(client.machine) == before
    assert "\033" not in page.stdout
    assert f"{HOST} port 587 answers" in re.sub(r"\s+", " ", page.stdout)


def test_a_host_without_postfix(make_machine: Callable[..., Machine]) -> None:
    agent = Agent(make_machine())
    page = agent.start("--doctor")
    assert page.returncode == 1
    assert "no Postfix on this host" in page.stdout


@pytest.mark.parametrize(
    "fault", [pytest.param(fault, id=name) for name, fault in REPAIRABLE.items()]
)
def test_what_the_doctor_prints_sets_the_mail_free(
    client: Postfix, agent: Agent, relay: Relay, fault: DeferralFault
) -> None:
    faulty(client, fault)
    found = alarms(examine(agent))
    assert fault.alarms <= set(found)
    person = Person(client.machine)
    for finding in found.values():
        person.follow(finding)
    client.settle()
    client.flush()
    client.wait_empty()
    assert alarms(examine(agent)) == {}


# What only a person can know about the lab.
KNOWLEDGE = {"[smtp.example.org]:587": f"[{HOST}]:587", "[relay.example.org]:587": f"[{HOST}]:587"}


@dataclass(frozen=True)
class Row:
    """A line of a mail log that administrators search the web for."""

    breaking: Callable[[Postfix], None]
    reason: str
    finding: str
    settings: Mapping[str, str] = field(default_factory=dict)
    # What somebody else has to do first.
    elsewhere: Callable[[Postfix], None] = field(default=lambda client: None)


def wrong_password(client: Postfix) -> None:
    client.write_map("sasl_passwd", {client.value("relayhost"): f"{USER}:not {PASSWORD}"})


def right_password(client: Postfix) -> None:
    client.write_map("sasl_passwd", {client.value("relayhost"): f"{USER}:{PASSWORD}"})


def dead_dns(client: Postfix) -> None:
    client.machine.write(
        "/etc/resolv.conf", "nameserver 192.0.2.99\noptions timeout:1 attempts:1\n"
    )


def living_dns(client: Postfix) -> None:
    client.machine.write("/etc/resolv.conf", "nameserver 192.0.2.1\n")


def other_authority(client: Postfix) -> None:
    client.machine.shell(f"mkdir -p /etc/ssl/certs && cp {CA_FILE} /root/lab-ca.pem")
    client.machine.shell(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=Other'"
        " -keyout /dev/null -out /etc/ssl/certs/other.pem -days 9 2>/dev/null"
        f" && cp {CA_FILE} /etc/ssl/certs/ca-certificates.crt"
    )


def nothing(_: Postfix) -> None:
    """Settings alone make the fault."""


ROWS = {
    "wrong password": Row(
        wrong_password, "authentication failed", "bad_password", elsewhere=right_password
    ),
    "no such host": Row(
        nothing,
        "Host or domain name not found",
        "relayhost_unresolvable",
        {"relayhost": "[nosuch.example.org]:587"},
        elsewhere=nothing,
    ),
    "dead DNS": Row(
        dead_dns, "Host not found, try again", "relayhost_unresolvable", {}, living_dns
    ),
    "unknown authority": Row(
        other_authority,
        "Server certificate not verified",
        "certificate_refused",
        {"smtp_tls_security_level": "verify", "smtp_tls_CAfile": "/etc/ssl/certs/other.pem"},
    ),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
def test_a_row_of_exact_lines(client: Postfix, agent: Agent, relay: Relay, row: Row) -> None:
    use_relay(client)
    client.configure(row.settings)
    right_password(client)
    row.breaking(client)
    client.start()
    client.submit(USER, demo.RECIPIENT)
    client.wait_deferred(reason=row.reason)
    found = alarms(examine(agent))
    assert row.finding in found, found
    row.elsewhere(client)
    Person(client.machine, KNOWLEDGE).follow(found[row.finding])
    client.settle()
    right_password(client)
    client.flush()
    client.wait_empty()
    assert row.finding not in alarms(examine(agent))
