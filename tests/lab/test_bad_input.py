"""What must not disturb the plug-in: each fault is a problem in its section, the rest comes out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from lab.agent import PLUGIN, STATE_DIRECTORY, Agent, Report
from lab.postfix import Postfix
from lab.relay import USER, Relay, use_relay

SPOOL = "/var/spool/postfix"
SECTIONS = [
    f"mail_relay_{name}"
    for name in ("service", "queue", "config", "sasl", "tls", "connection", "deliveries")
]


@pytest.fixture
def waiting(client: Postfix) -> Postfix:
    """A running client with three deferred mails."""
    client.configure({"relayhost": "[closed.example.org]:587"})
    client.start()
    for _ in range(3):
        client.submit(USER, "admin@customer.test")
    client.wait_deferred(3)
    return client


# The plug-in's own deadline, and a busy machine's time to start and end it.
LIMIT_S = 10.0 + 3.0


def report_in_time(agent: Agent, limit_s: float = LIMIT_S) -> Report:
    began = time.monotonic()
    report = agent.report()
    assert time.monotonic() - began < limit_s
    assert list(report.sections) == SECTIONS
    return report


def deferred_count(report: Report) -> int | None:
    deferred = report.instance("queue")["queues"]["deferred"]
    return None if deferred is None else deferred["messages"]


def add_file(client: Postfix, name: str, content: bytes, mode: int = 0o700) -> None:
    client.machine.write(f"{SPOOL}/{name}", content, mode)
    client.machine.run("chown", "postfix:postfix", f"{SPOOL}/{name}")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"C\x5f", id="cut off in the first record"),
        pytest.param(b"\x00" * 4096, id="zeros"),
        pytest.param(b"C\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", id="endless length"),
        pytest.param(b"C\x5f" + b"9" * 95 + b"T\x1199999999999999999 1", id="absurd numbers"),
        pytest.param(os.urandom(100_000), id="noise"),
    ],
)
def test_damaged_queue_files_are_counted_and_do_no_harm(
    waiting: Postfix, agent: Agent, content: bytes
) -> None:
    add_file(waiting, "deferred/B/BADBADBAD0", content)
    add_file(waiting, "defer/B/BADBADBAD0", content, 0o600)
    report = report_in_time(agent)
    assert deferred_count(report) == 4
    assert report.reasons()["refused"] == 3
    oldest = report.instance("queue")["queues"]["deferred"]["oldest_arrival"]
    assert oldest is None or abs(oldest - time.time()) < 120


def test_things_in_the_queue_that_are_no_queue_files(waiting: Postfix, agent: Agent) -> None:
    waiting.machine.shell(
        f"cd {SPOOL}/deferred && mkfifo FIFO0123456 A/FIFO012345 2>/dev/null;"
        " ln -s /etc/shadow LINK0123456; ln -s / LINKDIR0123; mkdir -p toolong/deep;"
        " touch toolong/deep/ABCDEF0123 'odd name' .hidden; mkfifo ../maildrop/FIFO0123456;"
        " ln -s /dev/zero ../defer/B0; true"
    )
    report = report_in_time(agent)
    assert deferred_count(report) == 3


def test_an_enormous_queue_file_is_not_read(waiting: Postfix, agent: Agent) -> None:
    waiting.machine.shell(
        f"cd {SPOOL} && f=$(find deferred -type f | head -n 1)"
        " && truncate -s 100G $f && touch -d '+5 minutes' $f"
        " && l=$(find defer -type f | head -n 1) && truncate -s 100G $l"
    )
    assert deferred_count(report_in_time(agent)) == 3


def test_many_odd_names_do_not_take_long(waiting: Postfix, agent: Agent) -> None:
    waiting.machine.shell(
        f'cd {SPOOL}/deferred && python3 -c "import os\n'
        "for n in range(100000): os.close(os.open(f'odd.name.{n}', os.O_CREAT))\""
    )
    assert deferred_count(report_in_time(agent)) == 3


def test_queue_folders_that_are_gone(waiting: Postfix, agent: Agent) -> None:
    waiting.stop()
    waiting.machine.shell(f"rm -rf {SPOOL}/deferred {SPOOL}/hold && touch {SPOOL}/hold")
    report = report_in_time(agent)
    assert deferred_count(report) is None
    assert report.instance("queue")["queues"]["hold"] is None
    assert report.instance("queue")["queues"]["active"]["messages"] == 0
    assert "queue_unreadable" in report.alarms()


def replaced_postconf(client: Postfix, script: str) -> None:
    client.machine.write("/usr/sbin/postconf", f"#!/bin/sh\n{script}\n", 0o755)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("exec sleep 1000", id="hangs"),
        pytest.param("sleep 1000 & exec cat /dev/zero", id="never stops talking"),
        pytest.param("kill -9 $$", id="dies"),
        pytest.param("echo 'postconf: fatal: odd' >&2; exit 1", id="fails"),
        pytest.param("head -c 100000 /dev/urandom", id="prints noise"),
    ],
)
def test_a_broken_postconf_costs_only_what_it_would_have_said(
    waiting: Postfix, agent: Agent, script: str
) -> None:
    replaced_postconf(waiting, script)
    report = report_in_time(agent)
    assert report.problems()
    assert deferred_count(report) == 3, report.text
    # What has ended and waits to be reaped by the machine does not run any more.
    assert waiting.machine.shell("ps -eo stat,args | grep [s]leep | grep -v ^Z; true") == ""


def test_a_rejected_main_cf_is_named_and_the_queue_still_read(
    waiting: Postfix, agent: Agent
) -> None:
    with waiting.machine.path("/etc/postfix/main.cf").open("a", encoding="utf-8") as main_cf:
        main_cf.write("this is no setting\n")
    waiting.settle()
    report = report_in_time(agent)
    assert "configuration_rejected" in report.alarms()
    assert deferred_count(report) == 3


def test_why_settings_are_not_known_is_told_once(waiting: Postfix, agent: Agent) -> None:
    replaced_postconf(waiting, "echo 'postconf: fatal: odd' >&2; exit 1")
    report = report_in_time(agent)
    assert report.text.count("postconf -x: odd") == 1
    assert "postconf -x: odd" in report.instance("config")["problems"][0]["error"]
    for section in ("service", "sasl", "tls", "connection"):
        told = [problem["error"] for problem in report.instance(section)["problems"]]
        assert told == ["Postfix's settings are not known, see the service of its configuration"]


def test_a_tree_that_is_not_there_is_no_host_without_postfix(agent: Agent) -> None:
    done = agent.start("--root", "/no/such/tree")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "mk_mail_relay: --root /no/such/tree is no folder\n"


def test_a_postmap_that_hangs_is_a_problem(client: Postfix, agent: Agent, relay: Relay) -> None:
    use_relay(client)
    client.machine.write("/usr/sbin/postmap", "#!/bin/sh\nexec sleep 1000\n", 0o755)
    # It ends by its own limit and not by that of the whole run.
    report = report_in_time(agent, 8.0)
    assert any(
        "sasl_passwd" in problem["what"] + problem["error"]
        for problem in report.instance("sasl")["problems"]
    )
    (table,) = report.instance("sasl")["credentials_maps"]
    assert [entry["found"] for entry in table["entries"]] == [None]


def test_a_full_disk_under_the_state_directory(waiting: Postfix, agent: Agent) -> None:
    waiting.machine.shell(
        f"mount -t tmpfs -o size=4k,mode=755 tmpfs {STATE_DIRECTORY}"
        f" && head -c 4096 /dev/zero >{STATE_DIRECTORY}/filler"
    )
    assert deferred_count(report_in_time(agent)) == 3
    report = report_in_time(agent)
    assert report.problems(), "nobody says that nothing can be kept"


def test_without_a_state_directory(waiting: Postfix, agent: Agent) -> None:
    waiting.machine.shell(f"rm -rf {STATE_DIRECTORY} && touch {STATE_DIRECTORY}")
    assert deferred_count(report_in_time(agent)) == 3


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"", id="emptied"),
        pytest.param(lambda content: content[: len(content) // 2], id="cut in half"),
        pytest.param(lambda content: b"\xff" * len(content), id="overwritten"),
        pytest.param(lambda content: b"{}", id="another format"),
        pytest.param(lambda content: content[:-1] + bytes([content[-1] ^ 1]), id="one bit"),
        pytest.param(lambda content: content + b"x" * 10_000_000, id="enormous"),
    ],
)
def test_a_damaged_cache_is_read_anew(
    waiting: Postfix, agent: Agent, damage: Callable[[bytes], bytes]
) -> None:
    before = report_in_time(agent)
    names = waiting.machine.shell(f"find {STATE_DIRECTORY} -type f").split()
    assert names
    for name in names:
        path = waiting.machine.path(name)
        path.write_bytes(damage(path.read_bytes()))
    report_in_time(agent)
    after = report_in_time(agent)
    assert after.problems() == []
    for section in ("queue", "config"):
        ours, theirs = dict(after.instance(section)), dict(before.instance(section))
        for moving in ("time", "read_at", "next_attempt"):
            ours.pop(moving, None)
            theirs.pop(moving, None)
        assert ours == theirs


def test_state_that_somebody_else_has_put_a_link_at(waiting: Postfix, agent: Agent) -> None:
    waiting.machine.write("/etc/precious", "keep me")
    report_in_time(agent)
    names = waiting.machine.shell(f"find {STATE_DIRECTORY} -type f").split()
    for name in names:
        waiting.machine.run("ln", "-sf", "/etc/precious", name)
    assert deferred_count(report_in_time(agent)) == 3
    assert waiting.machine.read("/etc/precious") == "keep me"


def test_bad_lines_of_the_configuration_are_reported_and_ignored(
    waiting: Postfix, agent: Agent
) -> None:
    waiting.machine.write("/etc/check_mk/mail_relay.cfg", "nonsense\nno_such_option = 1\n\xff\n")
    report = report_in_time(agent)
    assert deferred_count(report) == 3
    assert any(
        "mail_relay.cfg" in problem["what"] + problem["error"] for problem in report.problems()
    )


def test_messages_that_come_and_go_during_the_look(waiting: Postfix, agent: Agent) -> None:
    churn = waiting.machine.start("sh", "-c", "while :; do postqueue -f; sleep 0.02; done")
    try:
        for _ in range(20):
            queues = agent.report().instance("queue")["queues"]
            assert sum(queue["messages"] for queue in queues.values()) == 3
    finally:
        churn.kill()
        churn.wait()


def test_what_cannot_be_written_is_a_failure(client: Postfix, agent: Agent) -> None:
    done = agent.machine.run("sh", "-c", f"{PLUGIN} >/dev/full", check=False)
    assert done.returncode == 1
    assert "cannot write the output" in done.stderr


def test_an_instance_that_is_not_there_is_not_taken_for_the_default_one(
    waiting: Postfix, agent: Agent
) -> None:
    report = agent.report("--instance", "/etc/postfix-gone")
    name = "postfix-gone"
    queues = report.instance("queue", name)["queues"]
    assert set(queues.values()) == {None}
    assert report.instance("service", name)["running"] is None
    assert any("/etc/postfix-gone/main.cf" in problem["error"] for problem in report.problems(name))
    assert deferred_count(agent.report()) == 3


def test_a_postfix_that_was_never_started_is_only_down(client: Postfix, agent: Agent) -> None:
    client.machine.shell(f"rmdir {SPOOL}/hold; rm -f {SPOOL}/pid/master.pid")
    report = agent.report()
    assert "master_down" in report.alarms()
    assert "queue_unreadable" not in report.findings()
    assert report.instance("queue")["queues"]["hold"]["messages"] == 0


def test_reasons_outlive_a_change_of_the_hash_depth(waiting: Postfix, agent: Agent) -> None:
    waiting.configure({"hash_queue_depth": "2"})
    assert agent.report().reasons() == {"refused": 3}
