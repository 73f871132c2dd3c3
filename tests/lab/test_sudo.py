"""README's way to let an agent that is not root see everything: what it prints, executed."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import package
from lab.agent import PLUGIN, Report, executable, parse
from lab.machine import Machine
from lab.postfix import Postfix, install_postfix

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    "NoNewPrivs:\t1" in Path("/proc/self/status").read_text(encoding="utf-8"),
    reason="no process may gain privileges here: sudo cannot work",
)

USER = "cmk-agent"
WRAPPER = "/usr/local/sbin/mk_mail_relay"
SUDOERS = "/etc/sudoers.d/mk_mail_relay"


def printed_files() -> list[str]:
    """The wrapper of root's, the rule and the plug-in, in the order of README's chapter."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (chapter,) = re.findall(r"### An agent that is not root\n(.*?)\n##", text, re.DOTALL)
    blocks = re.findall(r"(?m)(?:^ {4}.*\n)+", chapter)
    return [textwrap.dedent(block) for block in blocks]


def install(machine: Machine) -> None:
    """An agent of the user USER with what README prints, and without anything of a build."""
    machine.add_user(USER, 995)
    machine.shell(f"echo '{USER}:!:20000::::::' >>/etc/shadow")
    machine.shell(f"install -d -o {USER} /var/lib/check_mk_agent")
    wrapper, rule, plugin = printed_files()
    machine.write(WRAPPER, wrapper, 0o755)
    machine.write(f"{WRAPPER}-{package.ARCHITECTURE}", executable().read_bytes(), 0o755)
    machine.write(SUDOERS, rule, 0o440)
    machine.write(PLUGIN, plugin, 0o755)


@pytest.fixture
def host(make_machine: Callable[..., Machine]) -> Postfix:
    """A host whose mail waits."""
    client = install_postfix(make_machine(), {"relayhost": "[closed.example.org]:587"})
    install(client.machine)
    client.start()
    client.submit("a@example.org", "b@customer.test")
    client.wait_deferred(1)
    return client


def run(host: Postfix) -> Report:
    done = host.machine.run(
        PLUGIN, user=USER, environment={"MK_VARDIR": "/var/lib/check_mk_agent", "LC_ALL": "C"}
    )
    return parse(done.stdout)


def test_with_sudo_everything_is_seen(host: Postfix) -> None:
    for _ in range(2):
        report = run(host)
        assert report.problems() == []
        assert report.instance("queue")["source"] == "files"
        assert report.reasons() == {"refused": 1}


def test_what_is_missing_without_the_rule_is_told(host: Postfix) -> None:
    host.machine.shell(f"rm {SUDOERS}")
    report = run(host)
    assert "queue_unreadable" in report.alarms()
    assert report.instance("queue")["queues"]["deferred"] is None


def test_nothing_else_may_be_run(make_machine: Callable[..., Machine]) -> None:
    machine = make_machine()
    install(machine)
    for command in (f"{WRAPPER} --root /tmp", f"{WRAPPER}-{package.ARCHITECTURE}", "/bin/sh"):
        done = machine.run("sh", "-c", f"sudo -n {command}", user=USER, check=False)
        assert done.returncode == 1 and "password is required" in done.stderr
