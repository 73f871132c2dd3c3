"""What real Postfix says when relaying fails: class, findings, and that the repair sets mail free.

One test for each row of the table "Exact lines": if Postfix changes a text, classes have to follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from lab.agent import Agent, Report
from lab.certificates import Certificate, CertificateAuthority
from lab.faults import (
    CREDENTIALS,
    IMPLICIT_TLS,
    RECIPIENT,
    USUAL,
    Change,
    Fault,
    all_of,
    credentials,
    package_removed,
    removed,
    setting,
    shell,
    stale,
    unset,
)
from lab.machine import Machine
from lab.network import Network
from lab.postfix import Postfix
from lab.provider import start_scripted_servers
from lab.relay import HOST, PASSWORD, SUBMISSION, USER, Relay, use_relay

SERVER = "smtp.example.org[192.0.2.20]"


@dataclass(frozen=True)
class Row(Fault):
    """A fault that mail has met: what Postfix says of it, and the class of that."""

    reason: str = ""
    failure_class: str = ""
    bounced: bool = False


def row(
    breaking: Change,
    reason: str,
    failure_class: str,
    *findings: str,
    typed: str = "",
    repaired_by: Change | None = None,
    bounced: bool = False,
) -> Row:
    return Row(breaking, frozenset(findings), typed, repaired_by, reason, failure_class, bounced)


def to_relay(relayhost: str, **settings: str) -> Change:
    """Another relayhost, with credentials."""
    return all_of(setting(relayhost=relayhost, **settings), credentials(relayhost))


# A name server that does not answer, for the host and the jail, which is filled at the start.
DEAF_NAME_SERVER = shell(
    "printf 'nameserver 192.0.2.99\\noptions timeout:1 attempts:1\\n' >/etc/resolv.conf"
)
NAME_SERVER_AGAIN = shell(
    "echo nameserver 192.0.2.1 | tee /var/spool/postfix/etc/resolv.conf >/etc/resolv.conf"
)
ANOTHER_AUTHORITY = shell(
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
    " -subj '/CN=Other CA' -keyout /dev/null -out /etc/ssl/certs/other-ca.pem 2>/dev/null"
)

ROWS: Mapping[str, Row] = {
    "SASL package removed": row(
        package_removed("libsasl2-modules"),
        f"SASL authentication failed; cannot authenticate to server {SERVER}: "
        "no mechanism available",
        "sasl_no_mechanism",
        "sasl_plugin_missing",
    ),
    "plain text forbidden by default": row(
        unset("smtp_sasl_security_options"),
        f"SASL authentication failed; cannot authenticate to server {SERVER}: "
        "no mechanism available",
        "sasl_no_mechanism",
        "noplaintext_default",
    ),
    "filter excludes what is offered": row(
        setting(smtp_sasl_mechanism_filter="cram-md5"),
        f"SASL authentication failed: server {SERVER} offered no compatible "
        "authentication mechanisms for this type of connection security",
        "sasl_mechanism_mismatch",
        "mechanism_mismatch",
    ),
    "wrong password": row(
        credentials(SUBMISSION["relayhost"], f"{USER}:not {PASSWORD}"),
        f"SASL authentication failed; server {SERVER} said: 535 5.7.8 Error: "
        "authentication failed: (reason unavailable)",
        "auth_failed",
        "bad_password",
        repaired_by=use_relay,
    ),
    "no matching entry": row(
        credentials(f"{HOST}:587"),
        "Client host rejected: Access denied (in reply to RCPT TO command)",
        "auth_required",
        "relay_key_mismatch",
        "unauthenticated_bouncing",
        "mail_lost",
        typed=f"{SUBMISSION['relayhost']} {USER}:{PASSWORD}",
        bounced=True,
    ),
    "port closed": row(
        to_relay("[closed.example.org]:587"),
        "connect to closed.example.org[192.0.2.1]:587: Connection refused",
        "refused",
        "relay_unreachable",
        repaired_by=use_relay,
    ),
    "no answer": row(
        to_relay("[silent.example.org]:587"),
        "connect to silent.example.org[198.51.100.25]:587: Connection timed out",
        "timeout",
        "relay_unreachable",
        repaired_by=use_relay,
    ),
    "no IPv6 route": row(
        to_relay("[ipv6.example.org]:587"),
        "connect to ipv6.example.org[2001:db8:ffff::25]:587: Network is unreachable",
        "unreachable_ipv6",
        "ipv6_no_route",
        repaired_by=use_relay,
    ),
    "IPv6 first and no route": row(
        to_relay(
            "[dual.example.org]:587",
            smtp_address_preference="ipv6",
            smtp_mx_address_limit="1",
        ),
        "connect to dual.example.org[2001:db8:ffff::25]:587: Network is unreachable",
        "unreachable_ipv6",
        "ipv6_no_route",
    ),
    "IPv6 switched off": row(
        all_of(
            to_relay("[ipv6.example.org]:587"), shell("sysctl -qw net.ipv6.conf.all.disable_ipv6=1")
        ),
        "connect to ipv6.example.org[2001:db8:ffff::25]:587: Cannot assign requested address",
        "unreachable_ipv6",
        "ipv6_no_route",
        repaired_by=use_relay,
    ),
    "foreign authority": row(
        all_of(
            ANOTHER_AUTHORITY,
            setting(
                smtp_tls_security_level="secure", smtp_tls_CAfile="/etc/ssl/certs/other-ca.pem"
            ),
        ),
        "Server certificate not verified",
        "tls_verify",
        "certificate_refused",
        repaired_by=use_relay,
    ),
    "map not built": row(
        removed(f"{CREDENTIALS}.db"),
        f"local data error while talking to {SERVER}",
        "local_data_error",
        "map_not_built",
    ),
    "map type not installed": row(
        all_of(
            credentials(SUBMISSION["relayhost"], kind="lmdb"),
            setting(smtp_sasl_password_maps=f"lmdb:{CREDENTIALS}"),
            package_removed("postfix-lmdb"),
        ),
        f"local data error while talking to {SERVER}",
        "local_data_error",
        "map_type_unsupported",
    ),
    "TLS port without wrapper mode": row(
        to_relay(IMPLICIT_TLS),
        f"conversation with {SERVER} timed out while receiving the initial server greeting",
        "greeting_timeout",
        "tls_port_without_wrapper",
    ),
    "wrapper mode on the STARTTLS port": row(
        setting(smtp_tls_wrappermode="yes"),
        "Cannot start TLS: handshake failure",
        "tls_handshake",
        "wrapper_on_starttls_port",
    ),
    "no such host": row(
        to_relay("[nosuch.example.org]:587"),
        "Host or domain name not found. Name service error for name=nosuch.example.org type=A",
        "resolve",
        "relayhost_unresolvable",
        repaired_by=use_relay,
    ),
    "name server does not answer": row(
        DEAF_NAME_SERVER,
        "Host not found, try again",
        "resolve",
        "relayhost_unresolvable",
        repaired_by=NAME_SERVER_AGAIN,
    ),
    "name server does not answer the system's resolver": row(
        all_of(DEAF_NAME_SERVER, setting(smtp_host_lookup="native")),
        f"unable to look up host {HOST}: Temporary failure in name resolution",
        "resolve",
        "relayhost_unresolvable",
        repaired_by=NAME_SERVER_AGAIN,
    ),
}


def classes(report: Report) -> Mapping[str, Mapping[str, int]]:
    """What the mail log has of each failure class."""
    return {entry["class"]: entry for entry in report.instance("deliveries")["by_class"]}


def follow_doctor(client: Postfix, agent: Agent, fault: Row) -> None:
    """Types what the doctor prints, as it is printed, after what only the administrator knows."""
    diagnosis = agent.ask_doctor()
    assert fault.findings <= diagnosis.findings.keys()
    if fault.repair:
        fault.repair(client)
    for finding in diagnosis.findings.values():
        if finding["id"] in fault.findings:
            agent.apply(finding, fault.typed)
    client.settle()


@pytest.mark.parametrize("fault", ROWS.values(), ids=ROWS)
def test_class_and_findings_tell_the_fault_and_the_repair_sets_the_mail_free(
    client: Postfix, agent: Agent, relay: Relay, fault: Row
) -> None:
    use_relay(client)
    fault.breaking(client)
    client.start()
    client.submit(USER, RECIPIENT)
    if fault.bounced:
        client.wait_log(fault.reason)
        client.wait_empty()
    else:
        client.wait_deferred(reason=fault.reason)
    report = agent.report()
    assert fault.failure_class in classes(report)
    assert report.reasons() == ({} if fault.bounced else {fault.failure_class: 1})
    assert report.findings().keys() - USUAL == fault.findings
    follow_doctor(client, agent, fault)
    if fault.repair:
        client.reload()
    if fault.bounced:
        client.submit(USER, RECIPIENT)
    client.deliver_all()
    agent.look_anew()
    repaired = agent.report()
    # What is lost stays lost for a day.
    assert repaired.findings().keys() - USUAL == fault.findings & {"mail_lost"}
    assert repaired.reasons() == {}
    assert repaired.instance("deliveries")["counters"]["relayed"] == 1
    assert agent.ask_doctor().findings.keys() & fault.findings <= {"mail_lost"}


def test_blocked_direct_delivery_names_the_missing_relayhost(
    client: Postfix, agent: Agent, relay: Relay
) -> None:
    client.start()
    for _ in range(3):
        client.submit(USER, RECIPIENT)
    client.wait_deferred(3, reason="Connection timed out")
    report = agent.report()
    assert report.reasons() == {"timeout": 3}
    assert report.alarms() == {"direct_delivery_blocked"}
    # The repair needs a relay of the administrator's own.
    use_relay(client)
    client.reload()
    client.deliver_all()
    assert agent.report().alarms() == set()


def test_a_stale_map_is_what_postfix_warns_of(client: Postfix, agent: Agent, relay: Relay) -> None:
    use_relay(client)
    stale(CREDENTIALS)(client)
    client.start()
    client.submit(USER, RECIPIENT)
    client.wait_empty()
    client.wait_log(f"database {CREDENTIALS}.db is older than source file {CREDENTIALS}")
    report = agent.report()
    assert report.alarms() == {"map_stale"}
    agent.apply(report.findings()["map_stale"])
    assert agent.report().alarms() == set()


def test_what_is_not_verified_need_not_be_trusted(
    client: Postfix, agent: Agent, relay: Relay
) -> None:
    use_relay(client)
    ANOTHER_AUTHORITY(client)
    client.configure({"smtp_tls_CAfile": "/etc/ssl/certs/other-ca.pem", "smtp_tls_loglevel": "1"})
    client.start()
    client.submit(USER, RECIPIENT)
    client.wait_empty()
    client.wait_log("Untrusted TLS connection established")
    assert agent.report().alarms() == set()


def test_ipv4_is_tried_behind_ipv6(client: Postfix, agent: Agent, relay: Relay) -> None:
    use_relay(client)
    to_relay("[dual.example.org]:587", smtp_address_preference="ipv6")(client)
    client.start()
    client.submit(USER, RECIPIENT)
    client.wait_empty()
    client.wait_log("connect to dual.example.org[2001:db8:ffff::25]:587: Network is unreachable")
    report = agent.report()
    assert (report.reasons(), report.alarms()) == ({}, {"ipv6_no_route"})
    assert report.findings()["ipv6_no_route"]["severity"] == "warn"


@dataclass(frozen=True)
class RelayRow:
    """What breaks a relay and mends it again, what its client says of it and how that ends."""

    breaking: Callable[[Relay], None]
    mending: Callable[[Relay], None]
    reason: str
    failure_class: str
    finding: str
    bounced: bool = False


def with_settings(**settings: str) -> Callable[[Relay], None]:
    def change(relay: Relay) -> None:
        relay.postfix.configure(settings)
        relay.postfix.restart()

    return change


def stop_auth_service(relay: Relay) -> None:
    relay.machine.run("doveadm", "stop")
    relay.postfix.restart()


def start_auth_service(relay: Relay) -> None:
    relay.machine.run("dovecot")
    # Postfix starts a daemon again that has failed no sooner than after a minute.
    relay.postfix.restart()


RELAY_ROWS: Mapping[str, RelayRow] = {
    "auth service down": RelayRow(
        stop_auth_service,
        start_auth_service,
        "lost connection with own.example.org[192.0.2.21] while performing the EHLO handshake",
        "lost_connection",
        "relay_dialogue_failed",
    ),
    "milter down": RelayRow(
        with_settings(smtpd_milters="inet:127.0.0.1:8891"),
        with_settings(smtpd_milters=""),
        "TLS is required, but host own.example.org[192.0.2.21] refused to start TLS: "
        "454 4.3.0 Try again later",
        "tls_not_offered",
        "starttls_missing",
    ),
    "user unknown": RelayRow(
        with_settings(virtual_mailbox_maps="inline:{nobody@example.org=x}"),
        with_settings(virtual_mailbox_maps="static:all"),
        "host own.example.org[192.0.2.21] said: 550 5.1.1 <admin@customer.test>: Recipient address "
        "rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)",
        "recipient_rejected",
        "mail_lost",
        bounced=True,
    ),
}


@pytest.fixture
def own_relay(network: Network, authority: CertificateAuthority) -> Iterator[Relay]:
    """A relay that a test may break."""
    with Relay(network, authority, host="own.example.org", ipv4="192.0.2.21", ipv6=None) as server:
        yield server


@pytest.mark.parametrize("fault", RELAY_ROWS.values(), ids=RELAY_ROWS)
def test_faults_of_the_relay(
    client: Postfix, agent: Agent, own_relay: Relay, fault: RelayRow
) -> None:
    use_relay(client)
    to_relay("[own.example.org]:587")(client)
    client.start()
    fault.breaking(own_relay)
    client.submit(USER, RECIPIENT)
    if fault.bounced:
        client.wait_log(fault.reason)
    else:
        client.wait_deferred(reason=fault.reason)
    report = agent.report()
    assert fault.failure_class in classes(report)
    assert report.reasons() == ({} if fault.bounced else {fault.failure_class: 1})
    assert report.alarms() == {fault.finding}
    diagnosis = agent.ask_doctor()
    assert diagnosis.alarms() == {fault.finding}
    fault.mending(own_relay)
    agent.apply(diagnosis.findings[fault.finding])
    client.submit(USER, RECIPIENT)
    client.deliver_all()
    agent.look_anew()
    # What is lost stays lost for a day.
    left = {"mail_lost"} if fault.bounced else set()
    assert agent.report().alarms() == agent.ask_doctor().alarms() == left


@pytest.mark.parametrize(
    ("names", "days"),
    [
        pytest.param(["own.example.org"], -1, id="expired"),
        pytest.param(["other.example.org"], 20, id="wrong name"),
    ],
)
def test_certificates_that_are_not_verified(
    client: Postfix,
    agent: Agent,
    own_relay: Relay,
    authority: CertificateAuthority,
    names: Sequence[str],
    days: int,
) -> None:
    def present(certificate: Certificate) -> None:
        own_relay.set_certificate(certificate)
        own_relay.postfix.restart()

    present(authority.issue(names, days=days))
    use_relay(client)
    to_relay("[own.example.org]:587", smtp_tls_security_level="secure")(client)
    client.start()
    client.submit(USER, RECIPIENT)
    client.wait_deferred(reason="Server certificate not verified")
    report = agent.report()
    assert report.reasons() == {"tls_verify": 1}
    diagnosis = agent.ask_doctor()
    assert report.alarms() == diagnosis.alarms() == {"certificate_refused"}
    # Another certificate is the operator's affair.
    present(authority.issue(["own.example.org"]))
    agent.apply(diagnosis.findings["certificate_refused"])
    client.deliver_all()
    agent.look_anew()
    assert agent.report().alarms() == agent.ask_doctor().alarms() == set()


# Dialogues of providers: what the server says (see scripted_server), and the class.
DIALOGUES = {
    "tls_not_offered": {"tls": True},
    "lost_connection": {"replies": {"EHLO": None, "HELO": None}},
    "app_password_required": {
        "auth": True,
        "replies": {
            "AUTH": "534-5.7.9 Application-specific password required. Learn more at\n"
            "534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor"
        },
    },
    "basic_auth_disabled": {
        "auth": True,
        "replies": {
            "AUTH": "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."
        },
    },
    "greylisted": {"replies": {"RCPT": "450 4.2.0 <x@y>: Recipient address rejected: Greylisted"}},
    "mailbox_full": {
        "replies": {"RCPT": "452 4.2.2 The email account that you tried to reach is over quota."}
    },
    "rate_limited": {
        "replies": {
            "MAIL": "421 4.7.28 Our system has detected an unusual rate of "
            "unsolicited mail originating from your IP address."
        }
    },
    "quota": {"replies": {"MAIL": "454 Throttling failure: Daily message quota exceeded."}},
    "server_error": {"replies": {"DATA": "451 4.3.0 Temporary lookup failure"}},
}


def test_what_providers_say(
    client: Postfix, agent: Agent, make_machine: Callable[..., Machine]
) -> None:
    server = make_machine("provider.test")
    start_scripted_servers(
        server,
        [
            {"port": 10000 + number, "replies": dialogue.get("replies", {})}
            for number, dialogue in enumerate(DIALOGUES.values())
        ],
    )
    transports, logins, policies = {}, {}, {}
    for number, (name, dialogue) in enumerate(DIALOGUES.items()):
        next_hop = f"[{address_of(server)}]:{10000 + number}"
        transports[f"{name.replace('_', '-')}.test"] = f"smtp:{next_hop}"
        if dialogue.get("auth"):
            logins[next_hop] = f"{USER}:{PASSWORD}"
        if dialogue.get("tls"):
            policies[next_hop] = "encrypt"
    client.configure(
        {
            "transport_maps": f"hash:{client.write_map('transport', transports)}",
            "smtp_sasl_auth_enable": "yes",
            "smtp_sasl_password_maps": f"hash:{client.write_map('sasl_passwd', logins)}",
            "smtp_sasl_security_options": "noanonymous",
            "smtp_tls_policy_maps": f"hash:{client.write_map('tls_policy', policies)}",
        }
    )
    client.start()
    for domain in transports:
        client.submit(USER, f"admin@{domain}")
    client.wait_deferred(len(DIALOGUES))
    reasons = agent.report().instance("queue")["deferral_reasons"]
    assert {reason["class"]: reason["messages"] for reason in reasons} == dict.fromkeys(
        DIALOGUES, 1
    ), reasons


def address_of(machine: Machine) -> str:
    """Its IPv4 address on the network."""
    return machine.shell("ip -4 -o address show dev eth0").split()[3].partition("/")[0]
