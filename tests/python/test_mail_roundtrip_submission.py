"""Mail submission: the dialogue with the SMTP server."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, State, render
from cmk_addons.plugins.mail_relay.agent_based.mail_roundtrip_submission import (
    check_mail_roundtrip_submission,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import SUBMISSION_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.submission_section import parse_submission_section
from family import golden_object, golden_table, table_of

SECTION = "mail_roundtrip_submission"
NOW = 1795246145
DAY = 86400


def check(
    item: str, table: list[list[str]], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    section = parse_submission_section(table)
    assert section is not None
    merged = {**SUBMISSION_DEFAULTS, **(params or {})}
    return list(check_mail_roundtrip_submission(item, merged, section))


def check_changed(
    changes: Mapping[str, Any], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    """The check of a healthy server with some keys changed and some parameters set."""
    fields = golden_object("roundtrip_healthy", SECTION, row=1)
    return check("external", table_of({**fields, **changes}), params)


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


def test_healthy_server() -> None:
    ends = render.datetime(NOW + 60 * DAY)
    assert check("external", golden_table("roundtrip_healthy", SECTION)) == [
        Result(state=State.OK, notice="No open relay (554 5.7.1 Relay access denied)"),
        Result(state=State.OK, summary="smtp.example.org:587 accepted the probe in 0.31 s"),
        Result(
            state=State.OK,
            notice=(
                "Server: smtp.example.org:587 (STARTTLS)\n"
                "  192.0.2.10: connected\n"
                "Greeting: 220 smtp.example.org ESMTP\n"
                "Mechanisms offered: LOGIN, PLAIN\n"
                "Logged in with: PLAIN\n"
                "TLS: TLSv1.3, TLS_AES_256_GCM_SHA384, certificate verified\n"
                f"  CN=smtp.example.org, issued by CN=Example CA, valid until {ends}\n"
                "  CN=Example CA, issued by CN=Example CA, "
                f"valid until {render.datetime(1900000000)}\n"
                "Times: resolve 0.01 s, connect 0.02 s, greeting 0.03 s, tls 0.05 s, "
                "auth 0.10 s, accept 0.10 s, total 0.31 s\n"
                "Extensions: PIPELINING, SIZE 10240000\n"
                "Server said: 250 2.0.0 Ok: queued as 4ABC\n"
                f"Time of the dialogue: {render.datetime(NOW - 60)}"
            ),
        ),
        Metric("mail_roundtrip_submission_certificate_validity", 60 * DAY),
        Metric("mail_roundtrip_submission_resolve", 0.01),
        Metric("mail_roundtrip_submission_connect", 0.02),
        Metric("mail_roundtrip_submission_greeting", 0.03),
        Metric("mail_roundtrip_submission_tls", 0.05),
        Metric("mail_roundtrip_submission_auth", 0.1),
        Metric("mail_roundtrip_submission_accept", 0.1),
        Metric("mail_roundtrip_submission_total", 0.31, levels=(10.0, 20.0)),
    ]


def test_refused_login_leads_with_step_and_words() -> None:
    results = check("external", golden_table("roundtrip_faults", SECTION))
    assert results[0] == Result(
        state=State.CRIT,
        summary=(
            "Submission failed at login: login to smtp.example.org:587 as probe failed "
            "(535 5.7.8 Error: authentication failed)"
        ),
        details=(
            "Submission failed at login: login to smtp.example.org:587 as probe failed "
            "(535 5.7.8 Error: authentication failed)(!!)\n"
            "  Kind: authentication failed\n"
            "  Server said: 535 5.7.8 Error: authentication failed\n"
            "  Next: Check user name and password in the rule and in the password store"
        ),
    )
    summaries = [r.summary for r in results if isinstance(r, Result)]
    assert "Open relay: takes mail for foreign domains from strangers (250 2.1.5 Ok)" in summaries


def test_nothing_submitted_yet_is_fine() -> None:
    results = check("new", golden_table("roundtrip_faults", SECTION))
    assert worst(results) is State.OK
    assert results[0] == Result(
        state=State.OK, summary="No probe submitted to mail.example.org:25 yet"
    )


def test_outcome_that_is_not_told_warns() -> None:
    assert check_changed({"ok": None})[0] == Result(
        state=State.WARN,
        summary=(
            "Cannot read the outcome of the dialogue with smtp.example.org:587: it is not told"
        ),
    )


def _tls(**changes: Any) -> dict[str, Any]:
    return {"tls": {"version": "TLSv1.3", "verified": True, "expires": None} | changes}


def _addresses(*connected: bool | None) -> dict[str, Any]:
    rows = [{"address": f"192.0.2.{n}", "connected": c} for n, c in enumerate(connected)]
    return {"addresses": rows}


@pytest.mark.parametrize(
    ("changes", "params", "state"),
    [
        pytest.param(_tls(expires=NOW + 14 * DAY), {}, State.OK, id="certificate at the level"),
        pytest.param(_tls(expires=NOW + 14 * DAY - 1), {}, State.WARN, id="certificate ending"),
        pytest.param(_tls(expires=NOW - 1), {}, State.CRIT, id="certificate expired"),
        pytest.param(_tls(version="TLSv1"), {}, State.WARN, id="old TLS"),
        pytest.param(_tls(version="TLSv1.1"), {"old_tls_state": 2}, State.CRIT, id="old by rule"),
        pytest.param(_tls(version=None), {}, State.OK, id="version not known"),
        pytest.param(_addresses(True, True), {}, State.OK, id="all addresses answer"),
        pytest.param(_addresses(False, True), {}, State.WARN, id="one address is dead"),
        pytest.param(_addresses(True, None), {}, State.OK, id="one address not tried"),
        pytest.param(
            _addresses(False, True), {"dead_address_state": 0}, State.OK, id="dead by rule"
        ),
        pytest.param({"phases": {"total_s": 9.99}}, {}, State.OK, id="fast enough"),
        pytest.param({"phases": {"total_s": 10.0}}, {}, State.WARN, id="slow"),
        pytest.param({"phases": {"total_s": 20.0}}, {}, State.CRIT, id="very slow"),
        pytest.param({"phases": {"total_s": -5.0}}, {}, State.OK, id="clock set back"),
        pytest.param({"open_relay": {"answer": "accepted"}}, {}, State.CRIT, id="open relay"),
        pytest.param({"open_relay": {"answer": "unknown"}}, {}, State.OK, id="relay not known"),
        pytest.param({"open_relay": {}}, {}, State.OK, id="no answer about relaying"),
        pytest.param(
            {"open_relay": {"answer": "accepted"}}, {"open_relay_state": 1}, State.WARN, id="rule"
        ),
        pytest.param({}, {"required_mechanisms": ["plain"]}, State.OK, id="mechanism offered"),
        pytest.param({}, {"required_mechanisms": ["XOAUTH2"]}, State.CRIT, id="and not offered"),
        pytest.param(
            {"auth_mechanisms": None}, {"required_mechanisms": ["X"]}, State.OK, id="not known"
        ),
        pytest.param({"failure": {"phase": "x"}}, {"failure_state": 1}, State.WARN, id="failure"),
    ],
)
def test_state(changes: Mapping[str, Any], params: Mapping[str, Any], state: State) -> None:
    assert worst(check_changed(changes, params)) is state


def test_relay_question_without_an_answer_tells_why() -> None:
    answer = {"answer": "unknown", "reply": None, "failure": {"phase": "rcpt", "error": "lost"}}
    notice = "Whether it is an open relay is not known (lost)"
    assert Result(state=State.OK, notice=notice) in check_changed({"open_relay": answer})


def test_dead_address_is_named_with_its_reason() -> None:
    rows = [
        {"address": "2001:db8::10", "connected": False, "error": "Network is unreachable"},
        {"address": "192.0.2.10", "connected": True},
    ]
    assert check_changed({"addresses": rows})[0] == Result(
        state=State.WARN,
        summary="1 of 2 addresses do not answer: 2001:db8::10 (Network is unreachable)",
    )


def test_certificate_that_is_not_verified_is_told() -> None:
    results = check_changed(_tls(verified=None, verify_error="self-signed certificate"))
    assert (
        Result(state=State.OK, notice="Certificate is not trusted: self-signed certificate")
        in results
    )


def test_reply_that_stands_in_the_error_is_not_repeated() -> None:
    failure = {"phase": "rcpt", "class": "relay_denied", "error": "said 554 no", "reply": "554 no"}
    (first, *_) = check_changed({"failure": failure, "ok": False})
    assert isinstance(first, Result)
    assert first.summary == "Submission failed at RCPT TO: said 554 no"


def test_long_words_of_a_server_are_cut_in_the_summary_only() -> None:
    reply = "550" + " no" * 200
    failure = {"phase": "rcpt", "class": "other", "error": f"said {reply}", "reply": reply}
    first = check_changed({"ok": False, "failure": failure})[0]
    assert isinstance(first, Result)
    assert first.summary.endswith("...") and len(first.summary) < 220
    assert reply in first.details


def test_time_that_a_failure_took_is_not_judged() -> None:
    failure = {"phase": "greeting", "class": "greeting_timeout", "error": "silence", "reply": None}
    results = check_changed({"ok": False, "failure": failure, "phases": {"total_s": 14.0}})
    assert [r.summary for r in results if isinstance(r, Result) and r.state is not State.OK] == [
        "Submission failed at greeting: silence"
    ]
