"""Mail relay connection: the relay as seen from the mail host."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, Service, State
from cmk_addons.plugins.mail_relay.agent_based.mail_relay_connection import (
    check_mail_relay_connection,
    discover_mail_relay_connection,
)
from cmk_addons.plugins.mail_relay.lib.connection_section import parse_connection_section
from cmk_addons.plugins.mail_relay.lib.default_parameters import CONNECTION_DEFAULTS
from family import golden_object, golden_table, table_of

SECTION = "mail_relay_connection"
DAY = 86400


def check(
    item: str, table: list[list[str]], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    section = parse_connection_section(table)
    assert section is not None
    return list(
        check_mail_relay_connection(item, {**CONNECTION_DEFAULTS, **(params or {})}, section)
    )


def check_golden(item: str, params: Mapping[str, Any] | None = None) -> list[Result | Metric]:
    return check(item, golden_table("connection", SECTION), params)


def check_changed(
    changes: Mapping[str, Any],
    relay: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
) -> list[Result | Metric]:
    """The check of the healthy instance with some keys of it and of its relay changed."""
    fields = golden_object("connection", SECTION)
    relays = [{**fields["relays"][0], **(relay or {})}]
    return check("postfix", table_of({**fields, "relays": relays, **changes}), params)


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


def summaries(results: list[Result | Metric]) -> list[str]:
    return [r.summary for r in results if isinstance(r, Result) and r.summary]


def metrics(results: list[Result | Metric]) -> dict[str, float]:
    return {r.name: r.value for r in results if isinstance(r, Metric)}


def test_instances_with_a_relay_are_discovered() -> None:
    section = parse_connection_section(golden_table("connection", SECTION))
    assert section is not None
    assert list(discover_mail_relay_connection(section)) == [
        Service(item=item)
        for item in ("postfix", "no-route", "drifted", "expired", "silent", "unknown")
    ]


def test_healthy_relay() -> None:
    assert check_golden("postfix") == [
        Result(
            state=State.OK,
            summary="smtp.example.org:587 answers in 0.10 s, TLSv1.3, certificate verified",
        ),
        Result(
            state=State.OK,
            notice=(
                "Relayhost: [smtp.example.org]:587\n"
                "Server: smtp.example.org:587 (STARTTLS)\n"
                "  192.0.2.25: connected\n"
                "  192.0.2.26: connected\n"
                "Greeting: 220 smtp.example.org ESMTP\n"
                "Mechanisms offered: PLAIN, LOGIN\n"
                "TLS: TLSv1.3, TLS_AES_256_GCM_SHA384, certificate verified\n"
                "  CN=smtp.example.org, issued by CN=Example CA, "
                "valid until 2027-01-20 07:29:05\n"
                "  CN=Example CA, issued by CN=Example Root, valid until 2030-03-17 17:46:40\n"
                "Times: resolve 0.00 s, connect 0.01 s, greeting 0.02 s, ehlo 0.01 s, "
                "tls 0.04 s, total 0.10 s\n"
                "TLS level of Postfix: secure\n"
                "Largest message accepted: 35.0 MiB\n"
                "Looked 0 seconds ago, repeated every 5 minutes 0 seconds"
            ),
        ),
        Metric("mail_relay_connection_resolve", 0.004),
        Metric("mail_relay_connection_connect", 0.011),
        Metric("mail_relay_connection_greeting", 0.024),
        Metric("mail_relay_connection_ehlo", 0.012),
        Metric("mail_relay_connection_tls", 0.041),
        Metric("mail_relay_connection_total", 0.105),
        Metric("mail_relay_connection_certificate_validity", 60 * DAY),
    ]


def test_finding_beside_a_relay_that_answers() -> None:
    results = check_golden("no-route")
    assert summaries(results) == [
        "This host has no route to IPv6 addresses, yet the smtp client tries them",
        "smtp.example.org:587 answers in 0.10 s, TLSv1.3, certificate verified",
    ]
    assert worst(results) is State.WARN
    details = "\n".join(r.details for r in results if isinstance(r, Result))
    assert (
        "  2001:db8::25: connect to smtp.example.org[2001:db8::25]:587: Network is unreachable"
        in details
    )
    assert "Looked 2 minutes 0 seconds ago" in details


def test_failure_that_a_finding_explains_alarms_once() -> None:
    results = check_golden("drifted")
    assert summaries(results) == [
        "This host resolves smtp.example.org, but the smtp client in its jail does not"
    ]
    assert worst(results) is State.CRIT
    assert results[1] == Result(
        state=State.OK,
        notice=(
            "Connection to smtp.example.org:587 failed at name resolution: cannot resolve "
            "smtp.example.org: no answer from the DNS servers in time\n"
            "  Kind: name cannot be resolved"
        ),
    )


def test_a_failure_is_as_bad_as_the_finding_that_explains_it() -> None:
    finding = {
        "id": "relay_unreachable",
        "area": "connection",
        "severity": "warn",
        "summary": "smtp.example.org port 587 cannot be reached: mail takes another relay",
        "evidence": "",
        "fix": [],
    }
    failed = golden_object("connection", SECTION, 2)["relays"][0]
    results = check_changed({"findings": [finding]}, failed)
    assert worst(results) is State.WARN
    assert summaries(results) == [finding["summary"]]
    # One that does not explain it does not excuse it.
    results = check_changed({"findings": [{**finding, "id": "relay_size_limit"}]}, failed)
    assert worst(results) is State.CRIT


def test_failure_without_a_finding_is_critical() -> None:
    text = (
        "Connection to example.org:465 failed at greeting: "
        "mx1.example.org[192.0.2.25]:465 did not answer in time (step: greeting)"
    )
    results = check_golden("silent")
    assert results[0] == Result(
        state=State.CRIT,
        summary=text,
        details=f"{text}(!!)\n  Kind: no greeting from the server",
    )
    assert worst(check_golden("silent", {"failure_state": 1})) is State.WARN


def test_expired_certificate() -> None:
    results = check_golden("expired")
    assert summaries(results) == [
        "The certificate of smtp.example.org is not accepted: mail is deferred",
        "Certificate valid for: -2 days 0 hours (warn/crit below 14 days 0 hours/7 days 0 hours)",
    ]
    assert metrics(results)["mail_relay_connection_certificate_validity"] == -2 * DAY


def test_no_look_is_told_with_its_reason() -> None:
    assert check_golden("direct") == [
        Result(
            state=State.OK,
            summary=(
                "No look at a relay: mail is delivered to the recipients' own servers, "
                "and direct_mx names none to look at"
            ),
        )
    ]


def test_look_that_could_not_be_taken_warns() -> None:
    assert check_golden("unknown") == [
        Result(
            state=State.WARN,
            summary="Cannot read relays: smtp_tls_policy_maps: cannot be asked",
        )
    ]


@pytest.mark.parametrize(
    ("changes", "relay", "summary"),
    [
        pytest.param(
            {"looked_at": None, "relays": []},
            {},
            "Cannot read time of the last look: the agent plug-in does not tell",
            id="no look",
        ),
        pytest.param(
            {},
            {"ok": None},
            "Cannot read the outcome of the dialogue with smtp.example.org:587: it is not told",
            id="no outcome",
        ),
        pytest.param(
            {}, {"port": "?"}, "Cannot read relays[0].port: unexpected value '?'", id="odd port"
        ),
    ],
)
def test_what_is_not_told_warns(
    changes: Mapping[str, Any], relay: Mapping[str, Any], summary: str
) -> None:
    results = check_changed(changes, relay)
    assert summaries(results)[0] == summary
    assert worst(results) is State.WARN


@pytest.mark.parametrize(
    ("days", "params", "state"),
    [
        pytest.param(15, {}, State.OK, id="before the default warning"),
        pytest.param(13, {}, State.WARN, id="default warning"),
        pytest.param(6, {}, State.CRIT, id="default critical"),
        pytest.param(
            13, {"certificate_validity": ("no_levels", None)}, State.OK, id="levels switched off"
        ),
    ],
)
def test_levels_on_the_certificate(days: int, params: Mapping[str, Any], state: State) -> None:
    fields = golden_object("connection", SECTION)
    tls = fields["relays"][0]["tls"] | {"expires": fields["time"] + days * DAY}
    finding = {"id": "relay_certificate_ending", "severity": "warn", "summary": "It ends soon"}
    assert worst(check_changed({"findings": [finding]}, {"tls": tls}, params)) is state


def test_levels_on_the_duration_judge_the_slowest_relay() -> None:
    fields = golden_object("connection", SECTION)
    slow = fields["relays"][0] | {"phases": {"total_s": 3.5}, "server": "slow.example.org"}
    results = check_changed(
        {"relays": [fields["relays"][0], slow]}, params={"duration": ("fixed", (2.0, 4.0))}
    )
    assert summaries(results) == [
        "Dialogue took: 3.50 s (warn/crit at 2.00 s/4.00 s)",
        "smtp.example.org:587 answers in 0.10 s, TLSv1.3, certificate verified",
    ]
    assert metrics(results)["mail_relay_connection_connect"] == 0.011
    assert metrics(results)["mail_relay_connection_total"] == 3.5


def test_certificate_that_ends_first_is_judged() -> None:
    fields = golden_object("connection", SECTION)
    relay = fields["relays"][0]
    ending = relay | {"tls": relay["tls"] | {"expires": fields["time"] + DAY}}
    results = check_changed({"relays": [relay, ending]})
    assert metrics(results)["mail_relay_connection_certificate_validity"] == DAY
    assert worst(results) is State.CRIT


@pytest.mark.parametrize(
    ("relay", "summary"),
    [
        pytest.param({"tls": None}, "smtp.example.org:587 answers in 0.10 s, no TLS", id="no TLS"),
        pytest.param(
            {"tls": {"version": "TLSv1.2", "verified": None}, "phases": None},
            "smtp.example.org:587 answers, TLSv1.2",
            id="certificate not judged",
        ),
    ],
)
def test_answer_in_words(relay: Mapping[str, Any], summary: str) -> None:
    assert summaries(check_changed({}, relay)) == [summary]


def test_many_addresses_are_counted() -> None:
    addresses = [
        {"address": f"192.0.2.{number}", "connected": True, "error": None} for number in range(60)
    ]
    results = check_changed({}, {"addresses": addresses, "used": "192.0.2.1"})
    details = "\n".join(r.details for r in results if isinstance(r, Result))
    assert "192.0.2.9: connected\n  and 50 more addresses" in details
