"""What real Postfix writes into its queue when relaying fails: class, findings, printed repair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from lab.agent import Agent
from lab.certificates import CertificateAuthority
from lab.machine import Machine
from lab.postfix import Postfix
from lab.provider import start_scripted_servers
from lab.relay import HOST, PASSWORD, SUBMISSION, USER, Relay, use_relay
from lab.services import remove_package

RECIPIENT = "admin@customer.test"


def nothing(_: Postfix) -> None:
    """Settings alone make the fault."""


def without_sasl_package(client: Postfix) -> None:
    remove_package(client.machine, "libsasl2-modules")


def with_default_security_options(client: Postfix) -> None:
    client.unset("smtp_sasl_security_options")


def with_unbuilt_credentials(client: Postfix) -> None:
    client.machine.run("rm", "/etc/postfix/sasl_passwd.db")


def without_lmdb_package(client: Postfix) -> None:
    remove_package(client.machine, "postfix-lmdb")


def without_ipv6(client: Postfix) -> None:
    client.machine.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")


def with_wrong_password(client: Postfix) -> None:
    client.write_map("sasl_passwd", {SUBMISSION["relayhost"]: f"{USER}:not {PASSWORD}"})


@dataclass(frozen=True)
class Fault:
    """How to break a client that works, what Postfix then says and what the plug-in must see."""

    reason: str
    failure_class: str
    alarms: frozenset[str] = frozenset()
    settings: Mapping[str, str] = field(default_factory=dict)
    breaking: Callable[[Postfix], None] = nothing


# The texts are those of the table "Exact lines": if one changes, the classes have to follow.
REPAIRABLE = {
    "SASL package removed": Fault(
        "SASL authentication failed; cannot authenticate to server smtp.example.org[192.0.2.20]: "
        "no mechanism available",
        "sasl_no_mechanism",
        frozenset({"sasl_plugin_missing"}),
        breaking=without_sasl_package,
    ),
    "plain text forbidden by default": Fault(
        "SASL authentication failed; cannot authenticate to server smtp.example.org[192.0.2.20]: "
        "no mechanism available",
        "sasl_no_mechanism",
        frozenset({"noplaintext_default"}),
        breaking=with_default_security_options,
    ),
    "filter excludes what is offered": Fault(
        "SASL authentication failed: server smtp.example.org[192.0.2.20] offered no compatible "
        "authentication mechanisms for this type of connection security",
        "sasl_mechanism_mismatch",
        frozenset({"mechanism_mismatch"}),
        {"smtp_sasl_mechanism_filter": "cram-md5"},
    ),
    "map not built": Fault(
        "local data error while talking to smtp.example.org[192.0.2.20]",
        "local_data_error",
        frozenset({"map_not_built"}),
        breaking=with_unbuilt_credentials,
    ),
    "map type not installed": Fault(
        "local data error while talking to smtp.example.org[192.0.2.20]",
        "local_data_error",
        frozenset({"map_type_unsupported"}),
        {"smtp_sasl_password_maps": "lmdb:/etc/postfix/sasl_passwd"},
        without_lmdb_package,
    ),
    "TLS port without wrapper mode": Fault(
        "conversation with smtp.example.org[192.0.2.20] timed out while receiving the initial "
        "server greeting",
        "greeting_timeout",
        frozenset({"tls_port_without_wrapper"}),
        {"relayhost": f"[{HOST}]:465"},
    ),
    "wrapper mode on the STARTTLS port": Fault(
        "Cannot start TLS: handshake failure",
        "tls_handshake",
        frozenset({"wrapper_on_starttls_port"}),
        {"smtp_tls_wrappermode": "yes"},
    ),
    "IPv6 first and no route": Fault(
        "connect to dual.example.org[2001:db8:ffff::25]:587: Network is unreachable",
        "unreachable_ipv6",
        frozenset({"ipv6_no_route"}),
        {
            "relayhost": "[dual.example.org]:587",
            "smtp_address_preference": "ipv6",
            "smtp_mx_address_limit": "1",
        },
    ),
}

# Somebody else's fault, or one that no file shows: the class says it, no finding does yet.
OTHERS = {
    "wrong password": Fault(
        "SASL authentication failed; server smtp.example.org[192.0.2.20] said: 535 5.7.8 Error: "
        "authentication failed: (reason unavailable)",
        "auth_failed",
        frozenset({"bad_password"}),
        breaking=with_wrong_password,
    ),
    "port closed": Fault(
        "connect to closed.example.org[192.0.2.1]:587: Connection refused",
        "refused",
        settings={"relayhost": "[closed.example.org]:587"},
    ),
    "no answer": Fault(
        "connect to silent.example.org[198.51.100.25]:587: Connection timed out",
        "timeout",
        settings={"relayhost": "[silent.example.org]:587"},
    ),
    "IPv6 switched off": Fault(
        "connect to ipv6.example.org[2001:db8:ffff::25]:587: Cannot assign requested address",
        "unreachable_ipv6",
        frozenset({"ipv6_no_route"}),
        {"relayhost": "[ipv6.example.org]:587"},
        without_ipv6,
    ),
    "no such host": Fault(
        "Host or domain name not found. Name service error for name=nosuch.example.org type=A",
        "resolve",
        settings={"relayhost": "[nosuch.example.org]:587"},
    ),
}


def faulty(client: Postfix, fault: Fault) -> None:
    """A client that relays with AUTH, broken as described, with one mail that has failed."""
    use_relay(client)
    client.configure(fault.settings)
    relayhost = client.value("relayhost")
    table = client.value("smtp_sasl_password_maps").partition(":")[0]
    client.write_map("sasl_passwd", {relayhost: f"{USER}:{PASSWORD}"}, kind=table)
    fault.breaking(client)
    client.start()
    client.submit(USER, RECIPIENT)
    client.wait_deferred(reason=fault.reason)


@pytest.mark.parametrize(
    "fault", [pytest.param(fault, id=name) for name, fault in REPAIRABLE.items()]
)
def test_printed_repair_sets_the_mail_free(
    client: Postfix, agent: Agent, relay: Relay, fault: Fault
) -> None:
    faulty(client, fault)
    report = agent.report()
    assert report.reasons() == {fault.failure_class: 1}
    assert report.alarms() == fault.alarms
    for finding_id in fault.alarms:
        agent.apply(report.findings()[finding_id])
    client.settle()
    client.flush()
    client.wait_empty()
    repaired = agent.report()
    assert (repaired.reasons(), repaired.alarms()) == ({}, set())


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in OTHERS.items()])
def test_class_tells_the_fault(client: Postfix, agent: Agent, relay: Relay, fault: Fault) -> None:
    faulty(client, fault)
    report = agent.report()
    assert (report.reasons(), report.alarms()) == ({fault.failure_class: 1}, fault.alarms)


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
    client.flush()
    client.wait_empty()
    assert agent.report().alarms() == set()


def test_unanswered_name_look_ups(client: Postfix, agent: Agent) -> None:
    client.machine.write(
        "/etc/resolv.conf", "nameserver 192.0.2.99\noptions timeout:1 attempts:1\n"
    )
    client.configure({"relayhost": "[smtp.example.org]:587"})
    client.start()
    client.submit(USER, RECIPIENT)
    client.wait_deferred(reason="Host not found, try again")
    assert agent.report().reasons() == {"resolve": 1}


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        pytest.param("expired", "Server certificate not verified", id="expired"),
        pytest.param("misnamed", "Server certificate not verified", id="wrong name"),
    ],
)
def test_certificates_that_are_not_verified(
    client: Postfix,
    agent: Agent,
    make_machine: Callable[..., Machine],
    authority: CertificateAuthority,
    certificate: str,
    reason: str,
) -> None:
    server = make_machine("provider.test")
    issued = (
        authority.issue(["provider.test"], days=-1)
        if certificate == "expired"
        else authority.issue(["other.test"])
    )
    server.write("/etc/ssl/server.pem", issued.certificate + issued.key)
    start_scripted_servers(server, [{"port": 587, "certificate": "/etc/ssl/server.pem"}])
    client.configure(
        {
            "relayhost": f"[{address_of(server)}]:587",
            "smtp_tls_security_level": "secure",
            "smtp_tls_secure_cert_match": "provider.test",
            "smtp_tls_CAfile": SUBMISSION["smtp_tls_CAfile"],
        }
    )
    client.start()
    client.submit(USER, RECIPIENT)
    client.wait_deferred(reason=reason)
    assert agent.report().reasons() == {"tls_verify": 1}


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
