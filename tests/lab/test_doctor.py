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
