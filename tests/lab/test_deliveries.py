"""What became of mail, from the log that a real Postfix writes, whatever happens to that log."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lab.agent import STATE_DIRECTORY, Agent
from lab.journal import start_journal
from lab.machine import Machine
from lab.postfix import LOG, Postfix, wait_until
from lab.provider import start_scripted_servers
from lab.relay import HOST, PASSWORD, SUBMISSION, USER, Relay, use_relay
from lab.test_deferrals import address_of

RECIPIENT = "admin@customer.test"
SENDER = "nobody@client.example.org"
NOT_AUTHENTICATED = "530 5.7.0 Authentication Required. Learn more at https://support.provider.test"


def deliveries(agent: Agent, name: str = "postfix") -> Mapping[str, Any]:
    return agent.report().instance("deliveries", name)


def counts(section: Mapping[str, Any], *names: str) -> tuple[int, ...]:
    return tuple(section["counters"][name] for name in names)


def lost_classes(section: Mapping[str, Any]) -> Mapping[str, int]:
    return {row["class"]: row["recipients"] for row in section["lost"]["by_class"]}


@pytest.fixture
def sender(client: Postfix, relay: Relay) -> Postfix:
    """A client that relays with AUTH, started."""
    use_relay(client)
    client.start()
    return client


def send(client: Postfix, number: int = 1, recipient: str = RECIPIENT) -> None:
    """Mails that are gone afterwards."""
    for _ in range(number):
        client.submit(SENDER, recipient)
    client.wait_empty()


def test_what_was_sent(sender: Postfix, agent: Agent) -> None:
    send(sender, 3)
    section = deliveries(agent)
    assert section["source"]["path"] == LOG
    assert section["coverage"]["complete"]
    assert counts(section, "sent", "relayed", "relayed_messages", "removed") == (3, 3, 3, 3)
    assert counts(section, "deferred", "bounced", "expired") == (0, 0, 0)
    (relay,) = section["relays"]
    assert (relay["relay"], relay["sent"]) == (f"{HOST}:587", 3)
    assert section["last_sent"]["relay"] == f"{HOST}:587"
    assert section["last_sent"]["queue_id"] in sender.log()
    assert section["volume"]["relayed_24h"] == 3
    for stage in section["delays"].values():
        assert sum(bucket["count"] for bucket in stage["buckets"]) == 3
    assert section["findings"] == section["problems"] == []


def test_counters_go_on_from_look_to_look(sender: Postfix, agent: Agent) -> None:
    send(sender)
    assert counts(deliveries(agent), "sent") == (1,)
    again = deliveries(agent)
    assert (counts(again, "sent"), again["coverage"]["lines"]) == ((1,), 0)
    send(sender, 2)
    assert counts(deliveries(agent), "sent") == (3,)
    assert sender.log().count(" status=sent ") == 3


def test_what_waits_and_then_goes(client: Postfix, agent: Agent, relay: Relay) -> None:
    client.configure({"relayhost": "[closed.example.org]:587"})
    client.start()
    client.submit(SENDER, RECIPIENT)
    client.wait_deferred(reason="Connection refused")
    section = deliveries(agent)
    assert counts(section, "sent", "deferred") == (0, 1)
    assert section["by_class"] == [{"class": "refused", "deferred": 1, "bounced": 0, "expired": 0}]
    assert "Connection refused" in section["last_failure"]["text"]
    assert [warning["kind"] for warning in section["warnings"]] == ["connect"]
    use_relay(client)
    client.reload()
    client.flush()
    client.wait_empty()
    section = deliveries(agent)
    assert counts(section, "sent", "deferred", "removed") == (1, 1, 1)
    assert section["findings"] == []


def test_a_recipient_that_does_not_exist(
    client: Postfix, agent: Agent, make_machine: Callable[..., Machine]
) -> None:
    server = make_machine("provider.test")
    start_scripted_servers(
        server, [{"port": 587, "replies": {"RCPT": "550 5.1.1 <x>: User unknown"}}]
    )
    client.configure({"relayhost": f"[{address_of(server)}]:587"})
    client.start()
    send(client)
    section = deliveries(agent)
    assert counts(section, "bounced", "bounces_sent", "double_bounces") == (1, 1, 0)
    # The sender, a user of this host, was told.
    assert counts(section, "sent", "relayed") == (1, 0)
    assert lost_classes(section) == {"recipient_rejected": 1}
    (finding,) = section["findings"]
    assert (finding["id"], finding["severity"]) == ("mail_lost", "crit")
    assert "User unknown" in finding["evidence"]


def test_mail_that_expires_and_whose_sender_cannot_be_told(client: Postfix, agent: Agent) -> None:
    client.configure(
        {
            "relayhost": "[closed.example.org]:587",
            "maximal_queue_lifetime": "0",
            "bounce_queue_lifetime": "0",
        }
    )
    client.start()
    send_lost(client, USER)
    section = deliveries(agent)
    assert counts(section, "sent", "expired", "double_bounces") == (0, 2, 1)
    assert lost_classes(section) == {"refused": 1}
    assert section["lost"]["double_bounces"] == 1
    finding = agent.report().findings()["mail_lost"]
    assert finding["severity"] == "crit"
    assert "1 of the notices" in finding["evidence"]


def send_lost(client: Postfix, sender: str) -> None:
    client.submit(sender, RECIPIENT)
    client.wait_empty()
    wait_until(lambda: client.log().count(": removed") >= 2, "mail and notice are removed")
    # bounce(8) may write its line last.
    client.wait_log("sender non-delivery notification: ")


@pytest.mark.parametrize(
    "with_real_relay", [pytest.param(True, id="554 at RCPT"), pytest.param(False, id="530 at MAIL")]
)
def test_missing_credentials_lose_mail(
    client: Postfix,
    agent: Agent,
    relay: Relay,
    make_machine: Callable[..., Machine],
    with_real_relay: bool,
) -> None:
    use_relay(client)
    host = HOST
    if not with_real_relay:
        server = make_machine("provider.test")
        start_scripted_servers(
            server, [{"port": 587, "replies": {"MAIL": [NOT_AUTHENTICATED] * 2 + ["250 2.1.0 Ok"]}}]
        )
        host = address_of(server)
        client.configure({"smtp_tls_security_level": "may"})
    client.configure({"relayhost": f"[{host}]:587"})
    client.write_map("sasl_passwd", {"[other.example.org]:587": f"{USER}:{PASSWORD}"})
    client.start()
    send_lost(client, USER)
    report = agent.report()
    section = report.instance("deliveries")
    assert counts(section, "bounced", "bounces_sent", "double_bounces") == (2, 1, 1)
    finding = report.findings()["unauthenticated_bouncing"]
    assert finding["severity"] == "crit"
    assert "1 recipient lost" in finding["evidence"]
    assert "1 of the notices to their senders bounced as well" in finding["evidence"]
    assert f"[{host}]:587" in finding["fix"][0]
    assert {"mail_lost", "relay_key_mismatch"} <= report.alarms()
    # What the first line of the repair asks of a person; the rest are commands.
    client.machine.write(
        "/etc/postfix/sasl_passwd", f"[{host}]:587 {USER}:{PASSWORD}\n", mode=0o600
    )
    agent.apply(finding)
    client.settle()
    send(client)
    repaired = agent.report()
    assert "unauthenticated_bouncing" not in repaired.alarms()
    # Lost mail stays lost.
    assert repaired.findings()["mail_lost"]["severity"] == "crit"


# What providers say: finding, name and words of the reply.
CAUSES = {
    "bad_password": ("AUTH", "535 5.7.8 Username and Password not accepted"),
    "app_password_required": ("AUTH", "534-5.7.9 Application-specific password required.\n534 x"),
    "basic_auth_refused": (
        "AUTH",
        "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
    ),
    "oauth_token_dead": ("AUTH", "535 5.7.3 invalid_grant: Token has been expired or revoked"),
    "quota_exceeded": ("MAIL", "550-5.4.5 Daily user sending limit exceeded.\n550 5.4.5 x"),
    "sender_refused": (
        ".",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
    ),
    "reputation": (
        "RCPT",
        "554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org",
    ),
}
SUCCESS = {
    "AUTH": "235 2.7.0 Authentication successful",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    ".": "250 2.0.0 Ok: queued",
}


def test_causes_are_named_until_mail_goes_the_same_way(
    client: Postfix, agent: Agent, make_machine: Callable[..., Machine]
) -> None:
    server = make_machine("provider.test")
    start_scripted_servers(
        server,
        [
            {"port": 10000 + number, "replies": {verb: [reply, SUCCESS[verb]]}}
            for number, (verb, reply) in enumerate(CAUSES.values())
        ],
    )
    transports, logins = {}, {}
    for number, (name, (verb, _)) in enumerate(CAUSES.items()):
        next_hop = f"[{address_of(server)}]:{10000 + number}"
        transports[f"{name.replace('_', '-')}.test"] = f"smtp:{next_hop}"
        if verb == "AUTH":
            logins[next_hop] = f"{USER}:{PASSWORD}"
    client.configure(
        {
            "transport_maps": f"hash:{client.write_map('transport', transports)}",
            "smtp_sasl_auth_enable": "yes",
            "smtp_sasl_password_maps": f"hash:{client.write_map('sasl_passwd', logins)}",
            "smtp_sasl_security_options": "noanonymous",
        }
    )
    client.start()
    for domain in transports:
        client.submit(SENDER, f"admin@{domain}")
    client.wait_deferred(len(logins))
    found = {finding["id"] for finding in deliveries(agent)["findings"]}
    assert found == {*CAUSES, "mail_lost"}
    client.flush()
    client.wait_empty()
    for domain in transports:
        client.submit(SENDER, f"admin@{domain}")
    client.wait_empty()
    assert {finding["id"] for finding in deliveries(agent)["findings"]} == {"mail_lost"}


def test_mail_that_loops(client: Postfix, agent: Agent) -> None:
    client.configure({"relayhost": "", "transport_maps": "inline:{ loop.test=smtp:[127.0.0.1] }"})
    client.start()
    send(client, recipient="admin@loop.test")
    section = deliveries(agent)
    assert "mail_loop" in {finding["id"] for finding in section["findings"]}
    assert lost_classes(section) == {"loop": 1}


def test_forged_words_of_a_server_count_for_nothing(
    client: Postfix, agent: Agent, make_machine: Callable[..., Machine]
) -> None:
    forged = (
        "450 4.7.1 x) Nov 21 09:02:05 h postfix/smtp[1]: 4BCDFGH: to=<a@b>, relay=x[192.0.2.1]:25,"
        " delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (\x07\x01\xff"
    )
    server = make_machine("provider.test")
    start_scripted_servers(server, [{"port": 587, "replies": {"RCPT": forged}}])
    client.configure({"relayhost": f"[{address_of(server)}]:587"})
    client.start()
    client.submit(SENDER, RECIPIENT)
    client.submit(SENDER, '"x>, relay=x, delay=1, dsn=2.0.0, status=sent (ok"@customer.test')
    client.wait_deferred(2)
    section = deliveries(agent)
    assert counts(section, "sent", "deferred", "bounced") == (0, 2, 0)
    assert section["problems"] == []


def test_a_daemon_that_dies_as_soon_as_it_is_started(client: Postfix, agent: Agent) -> None:
    client.configure({"smtpd_sasl_auth_enable": "yes", "smtpd_sasl_type": "dovecot"})
    client.start()
    client.machine.shell("swaks --server 127.0.0.1 --quit-after BANNER --timeout 3", check=False)
    client.wait_log("bad command startup -- throttling")
    finding = agent.report().findings()["daemon_crash_loop"]
    assert finding["severity"] == "crit"
    assert "no SASL authentication mechanisms" in finding["evidence"]
    client.configure({"smtpd_sasl_auth_enable": "no"})
    agent.apply(finding)
    assert "daemon_crash_loop" not in agent.report().alarms()


def test_postfix_rotates_its_own_log(sender: Postfix, agent: Agent) -> None:
    send(sender)
    assert counts(deliveries(agent), "sent") == (1,)
    for sent in (2, 3):
        # Before each rotation a mail that no look has seen; `postfix logrotate` renames and packs.
        send(sender)
        sender.machine.run("postfix", "logrotate")
        wait_until(lambda: sender.machine.shell("ls /var/log/mail.log.*.gz"), "packed log")
        send(sender)
        section = deliveries(agent)
        assert counts(section, "sent", "removed") == (2 * sent - 1, 2 * sent - 1)
        assert (section["coverage"]["gaps"], section["problems"]) == (0, [])


def test_rotation_by_copying_and_truncating(sender: Postfix, agent: Agent) -> None:
    send(sender)
    deliveries(agent)
    send(sender)
    sender.machine.shell(f"cp {LOG} {LOG}.1 && truncate -s 0 {LOG}")
    send(sender)
    section = deliveries(agent)
    assert (counts(section, "sent"), section["problems"]) == ((3,), [])
    assert counts(deliveries(agent), "sent") == (3,)


def test_rotation_by_renaming_while_postfix_still_writes(sender: Postfix, agent: Agent) -> None:
    send(sender)
    deliveries(agent)
    sender.machine.shell(f"mv {LOG} {LOG}.1")
    # postlogd opens the new file with its next line at the earliest.
    send(sender)
    sender.reload()
    send(sender)
    assert counts(deliveries(agent), "sent") == (3,)
    assert counts(deliveries(agent), "sent") == (3,)


def test_lines_that_are_gone_are_told(sender: Postfix, agent: Agent) -> None:
    send(sender)
    deliveries(agent)
    sender.machine.shell(f"truncate -s 0 {LOG}")
    send(sender)
    section = deliveries(agent)
    assert (counts(section, "sent"), section["coverage"]["gaps"]) == ((2,), 1)
    assert "gone before they were read" in section["problems"][0]["error"]
    assert deliveries(agent)["problems"] == []


def test_a_huge_log_is_begun_near_its_end(sender: Postfix, agent: Agent) -> None:
    send(sender)
    log = sender.machine.path(LOG)
    # As if it had been written for long: each line that there is a thousand times.
    log.write_bytes(log.read_bytes() * 2000)
    agent.machine.write("/etc/check_mk/mail_relay.cfg", "log_first_megabytes = 1\n")
    section = deliveries(agent)
    assert section["coverage"]["skipped_bytes"] == log.stat().st_size - 2**20
    assert 0 < section["counters"]["sent"] < 2000


def test_a_damaged_state_is_set_aside_and_counting_begins_anew(
    sender: Postfix, agent: Agent
) -> None:
    send(sender, 2)
    deliveries(agent)
    (state,) = agent.machine.path(f"{STATE_DIRECTORY}/mail_relay").glob("deliveries-*.json")
    state.write_text('[1,["')
    section = deliveries(agent)
    assert counts(section, "sent") == (2,)
    assert [problem["what"] for problem in section["problems"]] == ["state"]
    assert "set aside" in section["problems"][0]["error"]
    again = deliveries(agent)
    assert (counts(again, "sent"), again["problems"]) == ((2,), [])


def test_instances_that_share_a_log(sender: Postfix, agent: Agent) -> None:
    other = sender.add_instance("postfix-out")
    other.configure({"relayhost": "[closed.example.org]:587"})
    other.start()
    send(sender, 2)
    other.submit(SENDER, RECIPIENT)
    other.wait_deferred()
    report = agent.report()
    assert counts(report.instance("deliveries"), "sent", "deferred") == (2, 0)
    assert counts(report.instance("deliveries", "postfix-out"), "sent", "deferred") == (0, 1)
    # Debian's master.cf gives its relay service the name postfix/relay in every instance.
    assert "postfix-out" in report.instance("deliveries", "postfix-out")["source"]["syslog_names"]


def test_a_service_that_logs_under_its_own_name(sender: Postfix, agent: Agent) -> None:
    sender.postconf("-P", "smtp/unix/syslog_name=outgoing")
    sender.settle()
    sender.reload()
    send(sender)
    assert "outgoing/smtp[" in sender.log()
    assert counts(deliveries(agent), "sent", "removed") == (1, 1)


def test_the_journal(client: Postfix, agent: Agent, relay: Relay) -> None:
    start_journal(client.machine)
    client.unset("maillog_file")
    use_relay(client)
    client.start()
    send(client, 2)

    def journal(messages: int) -> Mapping[str, Any]:
        # journald writes when it gets round to it.
        return wait_until(
            lambda: (section := deliveries(agent))["counters"]["removed"] >= messages and section,
            "entries in the journal",
        )

    section = journal(2)
    assert section["source"]["kind"] == "journal"
    assert counts(section, "sent", "relayed") == (2, 2)
    assert section["problems"] == []
    send(client)
    assert counts(journal(3), "sent") == (3,)
    # Anybody may write to the journal; it knows who did.
    client.machine.run(
        "logger", "-t", "postfix/smtp", "-p", "mail.info",
        "4BCDFGH: to=<a@b>, relay=x[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (forged)",
        user="nobody",
    )  # fmt: skip
    send(client)
    assert counts(journal(4), "sent") == (4,)


@pytest.mark.parametrize(
    ("script", "error"),
    [
        pytest.param("exec sleep 60", "no answer within its time", id="silent"),
        pytest.param("echo broken >&2; exit 1", "exit status 1: broken", id="fails"),
        pytest.param("yes '{\"MESSAGE\":'", None, id="endless"),
    ],
)
def test_a_journal_that_does_not_answer(
    client: Postfix, agent: Agent, script: str, error: str | None
) -> None:
    client.unset("maillog_file")
    client.machine.shell("mkdir -p /run/log/journal")
    client.machine.write("/usr/bin/journalctl", f"#!/bin/sh\n{script}\n", 0o755)
    client.start()
    section = deliveries(agent)
    assert section["source"]["kind"] == "journal"
    if error:
        assert [problem["what"] for problem in section["problems"]] == ["log"]
        assert error in section["problems"][0]["error"]
    assert not section["coverage"]["complete"]


def test_no_log_at_all(client: Postfix, agent: Agent) -> None:
    client.unset("maillog_file")
    client.start()
    report = agent.report()
    section = report.instance("deliveries")
    assert (section["source"]["kind"], section["counters"]) == ("none", None)
    assert "no_log_source" in report.alarms()
    agent.machine.write("/etc/check_mk/mail_relay.cfg", "log = none\n")
    assert "no_log_source" not in agent.report().alarms()
    agent.machine.write("/etc/check_mk/mail_relay.cfg", "")
    client.configure({"maillog_file": LOG})
    client.restart()
    client.wait_log("daemon started")
    assert "no_log_source" not in agent.report().alarms()


def test_a_log_of_any_bytes(sender: Postfix, agent: Agent) -> None:
    send(sender)
    with sender.machine.path(LOG).open("ab") as log:
        log.write(bytes(range(256)) * 1000 + b"\n" + b"x" * 3_000_000 + b"\n")
        log.write(gzip.compress(b"status=sent" * 1000))
        log.write(b"\nNov 31 25:61:61 h postfix/smtp[1]: 4BCDFGH: removed\n")
    send(sender)
    section = deliveries(agent)
    assert counts(section, "sent") == (2,)


def test_what_the_credentials_are_never_shows(sender: Postfix, agent: Agent) -> None:
    send(sender)
    report = agent.report()
    assert SUBMISSION["relayhost"] in report.text
    assert PASSWORD not in report.text
    states = agent.machine.path(f"{STATE_DIRECTORY}/mail_relay").glob("*")
    assert not any(PASSWORD.encode() in state.read_bytes() for state in states if state.is_file())
