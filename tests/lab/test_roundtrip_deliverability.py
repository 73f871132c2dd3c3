"""What the receiving side thinks of the probes: SPF and DKIM by real judges, block lists, names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.certificates import CertificateAuthority
from lab.checkmk_site import CheckmkSite, Roundtrip
from lab.conftest import RECORDS
from lab.loops import PASSWORDS, Rule, login, loop
from lab.mailbox_server import MailboxServer, address
from lab.network import Network, Records
from lab.relay import Relay
from lab.sender_verdicts import SELECTOR, SigningKey, judge_mail, sign_mail

# OpenDKIM's resolver asks nobody about .test: signed senders have other domains.
DOMAIN = "strict.test"
EXCHANGER = "mx.strict.test"
GATE = "gate.good.example.org"
GATE_IPV4 = "192.0.2.22"
EXCHANGER_IPV4 = "192.0.2.31"
ERROR = "127.255.255.254"  # how block lists refuse an answer


@pytest.fixture(scope="module")
def report(
    network: Network, authority: CertificateAuthority, checkmk: CheckmkSite,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Roundtrip]:  # fmt: skip
    """One run with a loop for each kind of sender."""
    folder = tmp_path_factory.mktemp("dkim")
    key, other_key = SigningKey(folder, "key"), SigningKey(folder, "other")
    reverse = ".".join(reversed(GATE_IPV4.split(".")))
    network.serve_names(
        RECORDS.and_also(
            Records(
                addresses={
                    GATE: [GATE_IPV4],
                    EXCHANGER: [EXCHANGER_IPV4],
                    f"{reverse}.listing.test": ["127.0.0.4"],
                    f"{reverse}.refusing.test": [ERROR],
                },
                mail_exchangers={DOMAIN: [EXCHANGER]},
                texts={
                    "good.example.org": f"v=spf1 ip4:{GATE_IPV4} -all",
                    f"{SELECTOR}._domainkey.good.example.org": key.published,
                    "bad.example.org": "v=spf1 -all",
                    f"{SELECTOR}._domainkey.bad.example.org": other_key.published,
                    f"{reverse}.listing.test": "Seen sending spam",
                },
            )
        )
    )
    users = {"sender": PASSWORDS["relay"]}
    with (
        Relay(network, authority, host=GATE, ipv4=GATE_IPV4, ipv6=None, users=users) as gate,
        MailboxServer(
            network, authority, host=EXCHANGER, imap_host=EXCHANGER, ipv4=EXCHANGER_IPV4,
            domain=DOMAIN,
        ) as exchanger,
    ):  # fmt: skip
        gate.postfix.configure({"virtual_mailbox_domains": ""})
        sign_mail(gate, ["good.example.org", "bad.example.org"], key)
        judge_mail(exchanger, EXCHANGER)
        yield checkmk.run(
            [
                over_the_gate("good", "good.example.org"),
                over_the_gate("bad", "bad.example.org"),
                over_the_gate("unsigned", "unknown.test"),
                over_the_gate("trusting", "good.example.org", authority="somebody.else.test"),
                from_the_site(),
            ]
        )
    network.serve_names(RECORDS)


def into(name: str, **changes: object) -> Rule:
    rule = loop(name, **changes)
    rule["recipient"] = address(name, DOMAIN)
    rule["mailbox"]["server"] = EXCHANGER
    rule["mailbox"]["auth"] = ("password", {**login(name)[1], "user": address(name, DOMAIN)})
    return rule


def over_the_gate(name: str, domain: str, **deliverability: object) -> Rule:
    gate = {"server": GATE, "auth": ("password", {**login("")[1], "user": "sender"})}
    gate["auth"][1]["password"] = ("cmk_postprocessed", "stored_password", ("relay", ""))
    zones = ["listing.test", "refusing.test", "clear.test"]
    return into(
        name,
        sender=f"probe@{domain}",
        submission=gate,
        deliverability={"block_lists": zones, **deliverability},
    )


def from_the_site() -> Rule:
    """Straight to the mail exchanger, from an address that nobody has given a name."""
    straight = {"server": EXCHANGER, "tls": "none", "auth": ("anonymous", None)}
    return into("straight", sender="probe@good.example.org", submission=straight)


def verdicts(report: Roundtrip, name: str) -> dict[str, str]:
    judged = report.of(name, "deliverability")["authentication"]
    return {method: judged[method]["result"] for method in ("spf", "dkim") if judged[method]}


def test_good_mail_passes(report: Roundtrip) -> None:
    assert report.of("good", "deliverability")["authentication"]["authority"] == EXCHANGER
    assert verdicts(report, "good") == {"spf": "pass", "dkim": "pass"}
    assert "SPF pass, DKIM pass" in report.service("Mail deliverability good")[1]


def test_bad_mail_is_named(report: Roundtrip) -> None:
    assert verdicts(report, "bad") == {"spf": "fail", "dkim": "fail"}
    state, summary = report.service("Mail deliverability bad")
    assert state == "WARN" and "SPF fail for bad.example.org" in summary and "DKIM fail" in summary


def test_mail_without_anything_to_judge_does_not_pass(report: Roundtrip) -> None:
    assert verdicts(report, "unsigned") == {"spf": "none", "dkim": "none"}


def test_only_the_authority_of_the_rule_counts(report: Roundtrip) -> None:
    assert report.of("trusting", "deliverability")["authentication"] is None


def test_the_way_is_told_hop_by_hop(report: Roundtrip) -> None:
    hops = report.of("good", "deliverability")["hops"]
    assert [hop["by"] for hop in hops] == [GATE, EXCHANGER, EXCHANGER]
    assert all(0 <= hop["delay_s"] < 30 for hop in hops)


def test_the_sending_address_is_looked_up(report: Roundtrip) -> None:
    sender = report.of("good", "deliverability")["sending_address"]
    assert sender == {
        "address": GATE_IPV4, "public": True, "reverse_name": GATE, "forward_confirmed": True,
    }  # fmt: skip


def test_an_address_without_a_name_is_told(report: Roundtrip) -> None:
    sender = report.of("straight", "deliverability")["sending_address"]
    assert (sender["address"], sender["reverse_name"]) == ("192.0.2.10", "")
    state, summary = report.service("Mail deliverability straight")
    assert state == "WARN" and "192.0.2.10 has no reverse name" in summary


def test_a_listing_is_told_and_a_refused_answer_is_none(report: Roundtrip) -> None:
    answers = {
        row["zone"]: row["answer"] for row in report.of("good", "deliverability")["block_lists"]
    }
    assert answers == {
        "listing.test": "listed", "refusing.test": "unknown", "clear.test": "not_listed",
    }  # fmt: skip
    state, summary = report.service("Mail deliverability good")
    assert state == "WARN"
    assert "listed by listing.test (127.0.0.4): Seen sending spam" in summary
    assert "refusing.test" not in summary
