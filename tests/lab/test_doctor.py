"""mk_mail_relay --doctor: who follows what it prints, and knows nothing else, gets mail going.

test_deferrals.py walks the faults that have words of their own in the log, with the doctor, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lab import demo
from lab.agent import STATE_DIRECTORY, PLUGIN, Agent
from lab.machine import Machine
from lab.postfix import Postfix
from lab.relay import HOST, PASSWORD, USER, Relay, use_relay

CREDENTIALS = "/etc/postfix/sasl_passwd"


def test_scenario_a_from_nothing_arrives_to_all_green() -> None:
    with demo.set_scene() as scene:
        monitor = scene.monitor
        # Nothing is prepared: whatever is needed the doctor has to name.
        monitor.machine.shell(f"rm -f {CREDENTIALS}*")
        for number in range(demo.MAILS):
            monitor.submit(USER, demo.RECIPIENT, subject=f"Notification {number}")
        monitor.wait_deferred(demo.MAILS, "Connection timed out")
        seen = []
        for _ in range(6):
            diagnosis = scene.agent.ask_doctor()
            if diagnosis.exit_status == 0:
                break
            finding = diagnosis.worst()
            seen.append(finding["id"])
            scene.agent.apply(finding, f"[{HOST}]:587 {USER}:{PASSWORD}")
            monitor.settle()
        assert diagnosis.exit_status == 0, diagnosis
        monitor.wait_empty()
        arrived = scene.relay.wait_mails(demo.RECIPIENT.partition("@")[0], demo.MAILS)
        assert len(arrived) == demo.MAILS
        assert seen == ["direct_delivery_blocked", "ipv6_no_route"]
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


def test_mail_that_waits_for_a_reason_of_its_own_is_told(
    client: Postfix, agent: Agent, relay: Relay
) -> None:
    use_relay(client)
    client.configure({"transport_maps": "inline:{customer.test=smtp:[closed.example.org]:25}"})
    client.start()
    client.submit(USER, demo.RECIPIENT)
    client.wait_deferred(reason="Connection refused")
    page = re.sub(r"\s+", " ", agent.start("--doctor", timeout_s=60).stdout)
    assert "connect to closed.example.org[192.0.2.1]:25: Connection refused" in page
    assert "Nothing is wrong." not in page
    assert "but mail waits" in page


def test_what_keeps_postfix_from_starting_comes_before_the_start(
    client: Postfix, agent: Agent, relay: Relay
) -> None:
    use_relay(client)
    client.configure({"inet_interfaces": "127.0.0.1, 192.0.2.222"})
    diagnosis = agent.ask_doctor()
    assert list(diagnosis.findings)[:2] == ["configuration_rejected", "master_down"]
    assert "no local interface found" in diagnosis.worst()["evidence"][0]
    client.configure({"inet_interfaces": "loopback-only"})
    assert agent.ask_doctor().worst()["id"] == "master_down"


def test_colour_is_for_terminals(client: Postfix, agent: Agent, relay: Relay) -> None:
    use_relay(client)
    client.start()
    client.machine.shell(
        "mkdir /dev/pts && mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts"
        " && ln -s pts/ptmx /dev/ptmx"
    )
    on_terminal = "script -qec '{} {} --doctor' /dev/null"
    assert "\033[32mOK" in client.machine.shell(on_terminal.format("TERM=xterm", PLUGIN))
    assert "\033" not in client.machine.shell(on_terminal.format("NO_COLOR=1", PLUGIN))


def test_a_host_without_postfix(make_machine: Callable[..., Machine]) -> None:
    agent = Agent(make_machine())
    page = agent.start("--doctor")
    assert page.returncode == 1
    assert "no Postfix on this host" in page.stdout
