"""The special agent against real servers: probes leave over the relay and are fetched by IMAP."""

from __future__ import annotations

import re
import textwrap
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab import mailbox_server, relay
from lab.checkmk_site import ROOT, STORAGE, CheckmkSite, Roundtrip
from lab.loops import PASSWORDS, login, loop
from lab.mailbox_server import FURTHER_FOLDER, HELD, JUNK_FOLDER, JUNKED, TWICE, MailboxServer
from lab.network import UNROUTED_IPV6
from lab.postfix import wait_until

FOREIGN = "From: somebody@example.org\nSubject: Not yours\n\nText.\n"
# Where nothing is going to arrive, waiting for it is in vain.
IMPATIENT = {"wait": 0.5}


def all_ok(report: Roundtrip, name: str) -> bool:
    return all(
        service.state is not None and service.state.name == "OK"
        for service in report.services.values()
        if service.item == name
    )


def test_a_probe_goes_round_and_is_deleted(checkmk: CheckmkSite, provider: MailboxServer) -> None:
    foreign = {"1.other:2,": FOREIGN, "2.read:2,S": FOREIGN}
    provider.put("round", foreign)
    report = checkmk.run([loop("round", user="round")])
    entry = report.of("round")
    assert (entry["totals"]["sent"], entry["totals"]["completed"]) == (1, 1)
    assert entry["last_arrival"]["measured"] == "observed"
    assert report.of("round", "mailbox")["deletion"] == {
        "asked": True, "deleted": 1, "left": 0, "why_left": None,
    }  # fmt: skip
    assert all_ok(report, "round")
    # Nobody else's mail was touched: not even a flag of it.
    assert provider.names("round") == set(foreign)


def test_a_probe_is_sent_when_its_interval_has_passed(checkmk: CheckmkSite) -> None:
    rule = [loop("interval", timing={"interval": 300.0})]
    assert checkmk.run(rule).of("interval")["totals"]["sent"] == 1
    assert checkmk.run(rule).of("interval")["totals"]["sent"] == 1
    checkmk.let_pass(301, "interval")
    entry = checkmk.run(rule).of("interval")
    assert (entry["totals"]["sent"], entry["totals"]["completed"]) == (2, 2)
    assert [row["number"] for row in entry["completed"]] == [1, 2]


def test_two_runs_at_once_send_one_probe(checkmk: CheckmkSite, provider: MailboxServer) -> None:
    rule = [loop("at-once", user="atonce", mailbox={"delete_probes": False})]
    reports: list[Roundtrip] = []
    runs = [threading.Thread(target=lambda: reports.append(checkmk.run(rule))) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [report.of("at-once")["totals"]["sent"] for report in reports] == [1, 1, 1]
    assert [report.of("at-once")["totals"]["completed"] for report in reports] == [1, 1, 1]
    assert len(provider.names("atonce")) == 1


def test_the_latency_is_that_of_the_mail(checkmk: CheckmkSite, provider: MailboxServer) -> None:
    users = [f"truth{number}" for number in range(5)]
    late = []
    report = checkmk.run([loop(u, user=u, mailbox={"delete_probes": False}) for u in users])
    for user in users:
        completion = report.of(user)["last_arrival"]
        assert completion["measured"] == "observed"
        # Dovecot names a mail after the time of its arrival, to the microsecond.
        (name,) = provider.names(user)
        seconds, microseconds = re.match(r"(\d+)\.M(\d+)P", name).groups()
        arrived = int(seconds) + int(microseconds) / 1e6
        (mail,) = provider.mails(user)
        sent_ms = int(mail["X-Mail-Relay-Probe"].split("-")[2])
        late.append(completion["latency_s"] - (arrived - sent_ms / 1000))
    # A busy machine sees some later than they came, none before.
    assert -0.01 < min(late) < 0.05 and sorted(late)[len(late) // 2] < 0.5, late


@pytest.mark.parametrize(
    ("submission", "mailbox"),
    [
        pytest.param({"tls": "implicit"}, {"tls": "starttls"}, id="465 and 143"),
        pytest.param({"tls": "none", "auth": ("anonymous", None)}, {}, id="25 without AUTH"),
        pytest.param({"server": "smtp6.example.org", "verify": False}, {}, id="IPv6, unverified"),
    ],
)
def test_other_ways_of_encryption(
    checkmk: CheckmkSite, submission: Mapping[str, object], mailbox: Mapping[str, object]
) -> None:
    name = "-".join(str(value) for value in (*submission.values(), *mailbox.values()))
    name = re.sub(r"[^a-z0-9]+", "-", name)
    report = checkmk.run([loop(name, submission=submission, mailbox=mailbox)])
    assert report.of(name)["totals"]["completed"] == 1, report.text
    assert all_ok(report, name)


def test_a_mail_that_arrives_twice_is_one_probe_and_one_duplicate(checkmk: CheckmkSite) -> None:
    rule = [loop("twice", user=TWICE)]
    checkmk.run(rule)
    totals = wait_until(
        lambda: (found := checkmk.run(rule).of("twice")["totals"])["duplicates"] and found,
        "the second copy",
    )
    assert (totals["completed"], totals["duplicates"]) == (1, 1)


def test_a_late_mail_is_found_by_a_later_run(checkmk: CheckmkSite, provider: MailboxServer) -> None:
    rule = [loop("late", user=HELD, timing=IMPATIENT)]
    report = checkmk.run(rule)
    assert report.of("late")["outstanding"]["probes"] == 1
    assert report.service("Mail roundtrip late") == (
        "OK", "1 probe on the way, No probe has arrived yet",
    )  # fmt: skip
    checkmk.let_pass(600, "late")
    state, summary = checkmk.run(rule[:1]).service("Mail roundtrip late")
    assert state == "WARN" and "10 minutes" in summary
    provider.release()
    completion = wait_until(lambda: checkmk.run(rule).of("late")["last_arrival"], "the late mail")
    assert completion["measured"] in ("observed", "internaldate")
    assert not completion["late"]


def test_a_lost_mail_alarms_until_a_later_one_has_arrived(
    checkmk: CheckmkSite, provider: MailboxServer
) -> None:
    rule = [loop("lost", user=HELD, timing={**IMPATIENT, "lost_after": 600.0})]
    checkmk.run(rule)
    provider.machine.run("postsuper", "-d", "ALL")
    for _ in range(2):
        checkmk.let_pass(700, "lost")
        report = checkmk.run(rule)
        assert report.service("Mail roundtrip lost")[0] == "WARN"
        assert report.of("lost")["lost"]["open"] >= 1
    assert report.sections["mail_roundtrip_continuity"][0]["external"][0]["state"] == "failing"
    provider.release()
    totals = wait_until(
        lambda: (entry := checkmk.run(rule).of("lost"))["lost"]["open"] == 0 and entry["totals"],
        "the end of the alarm",
    )
    assert totals["lost"] >= 1


def test_a_lost_mail_that_comes_after_all_is_late(
    checkmk: CheckmkSite, provider: MailboxServer
) -> None:
    rule = [loop("after-all", user=HELD, timing={**IMPATIENT, "lost_after": 600.0})]
    checkmk.run(rule)
    checkmk.let_pass(601, "after-all")
    assert checkmk.run(rule).of("after-all")["totals"]["lost"] == 1
    provider.release()
    totals = wait_until(
        lambda: (found := checkmk.run(rule).of("after-all")["totals"])["late"] and found,
        "the late mail",
    )
    assert (totals["lost"], totals["late"]) == (0, 1)


def test_a_mail_that_is_swallowed_is_lost(checkmk: CheckmkSite) -> None:
    rule = [loop("swallowed", user=mailbox_server.SWALLOWED, timing=IMPATIENT)]
    assert checkmk.run(rule).of("swallowed")["outstanding"]["probes"] == 1
    checkmk.let_pass(3601, "swallowed")
    state, summary = checkmk.run(rule).service("Mail roundtrip swallowed")
    assert state == "WARN" and "lost" in summary.lower()


def test_the_junk_folder_is_found_and_told(checkmk: CheckmkSite, provider: MailboxServer) -> None:
    report = checkmk.run([loop("junk", user=JUNKED)])
    assert report.of("junk")["last_arrival"]["folder"] == JUNK_FOLDER
    assert report.of("junk", "deliverability")["folder"] == {"name": JUNK_FOLDER, "role": "junk"}
    state, summary = report.service("Mail deliverability junk")
    assert state == "WARN" and JUNK_FOLDER in summary
    assert provider.names(JUNKED, JUNK_FOLDER) == set()


def test_further_folders_are_looked_through(checkmk: CheckmkSite, provider: MailboxServer) -> None:
    user = mailbox_server.SORTED
    provider.put(user, {"1.other:2,": FOREIGN}, FURTHER_FOLDER)
    report = checkmk.run([loop("sorted", user=user, mailbox={"further_folders": [FURTHER_FOLDER]})])
    assert report.of("sorted")["last_arrival"]["folder"] == FURTHER_FOLDER
    assert report.of("sorted", "deliverability")["folder"]["role"] == "further"


def test_a_read_only_folder_keeps_its_probes(checkmk: CheckmkSite) -> None:
    report = checkmk.run([loop("read-only", user=mailbox_server.READ_ONLY)])
    assert report.of("read-only")["totals"]["completed"] == 1
    deletion = report.of("read-only", "mailbox")["deletion"]
    assert (deletion["deleted"], deletion["left"]) == (0, 1)
    assert "read-only" in deletion["why_left"]
    assert "read-only" in report.service("Mailbox access read-only")[1]


def test_a_missing_folder_is_named_with_the_words_of_the_server(checkmk: CheckmkSite) -> None:
    report = checkmk.run([loop("nowhere", mailbox={"folder": "Nowhere"}, timing=IMPATIENT)])
    failure = report.of("nowhere")["mailbox_failure"]
    assert failure["phase"] == "select"
    assert "Mailbox doesn't exist: Nowhere" in failure["reply"]
    state, summary = report.service("Mailbox access nowhere")
    assert state == "CRIT" and "Nowhere" in summary
    # The probe went out all the same.
    assert report.of("nowhere")["submission_failure"] is None
    assert report.of("nowhere")["outstanding"]["probes"] == 1


def test_a_full_mailbox_is_told_before_the_probe_is_missed(
    checkmk: CheckmkSite, provider: MailboxServer
) -> None:
    provider.put("full", {"1.big": FOREIGN + "x" * (mailbox_server.QUOTA_BYTES + 1)})
    report = checkmk.run([loop("full", user="full", timing=IMPATIENT)])
    storage = report.of("full", "mailbox")["quota"]["storage"]
    assert storage["used_bytes"] >= storage["limit_bytes"] == mailbox_server.QUOTA_BYTES
    state, summary = report.service("Mailbox access full")
    assert state == "CRIT" and "Quota" in summary
    assert report.of("full")["totals"]["completed"] == 0


def test_a_renumbered_folder_is_searched_for_own_probes(
    checkmk: CheckmkSite, provider: MailboxServer
) -> None:
    rule = [loop("renumbered", user="renumbered", mailbox={"delete_probes": False})]
    assert checkmk.run(rule).of("renumbered")["totals"]["completed"] == 1
    folder = provider.folder("renumbered")
    before = provider.machine.read(f"{folder}/dovecot-uidlist").split()[1]
    # The number is the second in which Dovecot gives it.
    wait_until(lambda: time.time() > int(before.removeprefix("V")) + 1, "the next second")
    provider.machine.shell(f"rm {folder}/dovecot*")
    checkmk.let_pass(301, "renumbered")
    totals = checkmk.run(rule).of("renumbered")["totals"]
    assert provider.machine.read(f"{folder}/dovecot-uidlist").split()[1] != before
    assert (totals["sent"], totals["completed"], totals["duplicates"]) == (2, 2, 0)


def test_look_alikes_are_never_touched(checkmk: CheckmkSite, provider: MailboxServer) -> None:
    digits = "0123456789abcdef" * 2
    foreign = {
        f"{number}.alike:2,": f"Subject: Checkmk mail roundtrip alikes #{number}\n"
        f"X-Mail-Relay-Probe: mrp1-{number}-1700000000000-{digits}\n\n"
        f"Probe: mrp1-{number}-1700000000000-{digits}\n"
        for number in range(1, 301)
    }
    provider.put("alikes", foreign)
    rule = [loop("alikes", user="alikes")]
    for _ in range(2):
        entry = checkmk.run(rule).of("alikes")
        assert (entry["totals"]["completed"], entry["totals"]["duplicates"]) == (1, 0)
    assert provider.names("alikes") == set(foreign)


def test_the_relay_question_is_asked_on_both_kinds_of_relay(checkmk: CheckmkSite) -> None:
    question = {"sender": "stranger@example.com", "recipient": "stranger@example.net"}
    report = checkmk.run(
        [
            loop("closed", submission={"open_relay": question}),
            # Port 25 of the lab's relay takes mail from its whole network.
            loop(
                "open",
                submission={"tls": "none", "auth": ("anonymous", None), "open_relay": question},
            ),
        ]
    )
    assert report.of("closed", "submission")["open_relay"]["answer"] == "refused"
    assert report.service("Mail submission closed")[0] == "OK"
    assert report.of("open", "submission")["open_relay"]["answer"] == "accepted"
    state, summary = report.service("Mail submission open")
    assert state == "CRIT" and "Open relay" in summary


@pytest.mark.parametrize(
    ("dead", "verdict", "words"),
    [
        pytest.param(set(), "healthy", "OK Healthy", id="none"),
        pytest.param(
            {"external"}, "deliverability_issue", "CRIT Deliverability issue", id="outside"
        ),
        pytest.param(
            {"internal"}, "local_infrastructure_issue", "CRIT Local infrastructure", id="inside"
        ),
        pytest.param({"internal", "external"}, "total_outage", "CRIT Total outage", id="both"),
    ],
)
def test_loops_inside_and_outside_are_read_together(
    checkmk: CheckmkSite, dead: set[str], verdict: str, words: str
) -> None:
    report = checkmk.run(
        [
            loop(
                f"{verdict}-{kind}",
                kind=kind,
                submission={"server": "closed.example.org"} if kind in dead else {},
            )
            for kind in ("internal", "external")
        ]
    )
    assert report.continuity == verdict, report.text
    assert " ".join(report.service("Mail continuity")).startswith(words)


def test_no_secret_leaves_the_program(checkmk: CheckmkSite) -> None:
    line = checkmk.command_line(
        [loop("secret"), loop("refused", mailbox={"auth": login("x", "wrong")})]
    )
    report = checkmk.run_line(line)
    explained = checkmk.shell(f"{line} --explain").stdout
    kept = checkmk.machine.shell(f"cat {STORAGE}/*/*/*.json")
    for secret in PASSWORDS.values():
        for text in (line, report.text, explained, kept):
            assert secret not in text


def test_explain_tells_the_run_to_a_person(checkmk: CheckmkSite) -> None:
    line = checkmk.command_line(
        [loop("told"), loop("denied", mailbox={"auth": login("x", "wrong")})]
    )
    done = checkmk.shell(f"{line} --explain")
    assert done.returncode == 0
    for words in (
        "Loop told: ok",
        "Submission to smtp.example.org port 587 with STARTTLS",
        "220 smtp.example.org ESMTP Postfix",
        "Mailbox on imap.provider.test port 993 with implicit TLS",
        "1 sent, 1 arrived",
        "Loop denied: failing",
        "[AUTHENTICATIONFAILED] Authentication failed",
    ):
        assert words in done.stdout, done.stdout


def test_the_command_of_the_readme_works_as_it_stands(checkmk: CheckmkSite) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^    ~/local/lib/\S+agent_mail_roundtrip .*?(?=\n\n)", readme, re.M | re.S)
    for name in ("relay", "mailbox"):
        checkmk.own(f"{ROOT}/{name}.secret", f"{PASSWORDS[name]}\n")
    done = checkmk.shell(textwrap.dedent(block[0]))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Loop external: ok" in done.stdout and "1 sent, 1 arrived" in done.stdout


def test_a_dead_address_is_told_and_the_other_one_used(checkmk: CheckmkSite) -> None:
    port_25 = {"server": "dual.example.org", "tls": "none", "auth": ("anonymous", None)}
    report = checkmk.run([loop("dual", submission=port_25)])
    addresses = {
        row["address"]: row["connected"] for row in report.of("dual", "submission")["addresses"]
    }
    assert addresses == {relay.IPV4: True, UNROUTED_IPV6: False}
    assert report.of("dual")["totals"]["completed"] == 1
    state, summary = report.service("Mail submission dual")
    assert state == "WARN"
    assert f"1 of 2 addresses do not answer: {UNROUTED_IPV6}" in summary
    assert "Network is unreachable" in summary
