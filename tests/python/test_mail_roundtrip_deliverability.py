"""Mail deliverability: folder, verdicts, hops, sending address, block lists."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, State, render
from cmk_addons.plugins.mail_relay.agent_based.mail_roundtrip_deliverability import (
    check_mail_roundtrip_deliverability,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import DELIVERABILITY_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.deliverability_section import parse_deliverability_section
from family import golden_object, golden_table, table_of

SECTION = "mail_roundtrip_deliverability"
NOW = 1795246145


def check(
    item: str, table: list[list[str]], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    section = parse_deliverability_section(table)
    assert section is not None
    merged = {**DELIVERABILITY_DEFAULTS, **(params or {})}
    return list(check_mail_roundtrip_deliverability(item, merged, section))


def check_changed(
    changes: Mapping[str, Any], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    """The check of a good mail with some keys changed and some parameters set."""
    fields = golden_object("roundtrip_healthy", SECTION, row=1)
    return check("external", table_of({**fields, **changes}), params)


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


def test_good_mail() -> None:
    assert check("external", golden_table("roundtrip_healthy", SECTION)) == [
        Result(state=State.OK, summary="Arrived in INBOX"),
        Result(state=State.OK, summary="SPF pass", details="SPF pass for example.org"),
        Result(state=State.OK, summary="DKIM pass", details="DKIM pass for example.org"),
        Result(state=State.OK, summary="DMARC pass", details="DMARC pass for example.org"),
        Result(
            state=State.OK,
            notice=(
                f"Probe arrived: {render.datetime(NOW - 57)}\n"
                "Verdicts by: mx.example.org\n"
                "Hop 1: smtp.example.org, ESMTPSA, after 0 s\n"
                "Hop 2: mx.example.org, ESMTPS, after 2 s\n"
                "Sent from: 192.0.2.10 (smtp.example.org)\n"
                "Block list zen.spamhaus.org: not listed"
            ),
        ),
        Metric("mail_roundtrip_block_listings", 0),
        Metric("mail_roundtrip_hops", 2),
        Metric("mail_roundtrip_hop_delay", 1.6),
    ]


def test_junk_leads() -> None:
    results = check("external", golden_table("roundtrip_faults", SECTION))
    assert results[0] == Result(
        state=State.WARN,
        summary="The probe was sorted into the junk folder Junk",
        details="The probe was sorted into the junk folder Junk(!)\n"
        "  Next: See the verdicts below; mark the probes as no spam in the mailbox",
    )
    assert results[1] == Result(
        state=State.WARN,
        summary="SPF softfail for example.org: 192.0.2.10 is not designated",
    )


def test_nothing_arrived_yet() -> None:
    assert check("new", golden_table("roundtrip_faults", SECTION)) == [
        Result(state=State.OK, summary="No probe has arrived yet")
    ]


def _verdict(method: str, result: str) -> dict[str, Any]:
    return {"authentication": {"authority": "mx", method: {"result": result}}}


def _sender(**values: Any) -> dict[str, Any]:
    return {"sending_address": {"address": "192.0.2.1", "public": True} | values}


def _listing(answer: str) -> dict[str, Any]:
    return {"block_lists": [{"zone": "zen.test", "answer": answer, "codes": ["127.0.0.2"]}]}


@pytest.mark.parametrize(
    ("changes", "params", "state"),
    [
        pytest.param({"folder": {"name": "Junk", "role": "junk"}}, {}, State.WARN, id="junk"),
        pytest.param(
            {"folder": {"name": "J", "role": "junk"}}, {"junk_state": 2}, State.CRIT, id="junk rule"
        ),
        pytest.param({"folder": {"name": "X", "role": "further"}}, {}, State.OK, id="further"),
        pytest.param({"folder": None}, {}, State.OK, id="folder not known"),
        pytest.param(_verdict("spf", "fail"), {}, State.WARN, id="spf fail"),
        pytest.param(_verdict("spf", "PASS"), {}, State.OK, id="pass in capitals"),
        pytest.param(_verdict("dkim", "fail"), {"dkim_state": 2}, State.CRIT, id="dkim by rule"),
        pytest.param(_verdict("dmarc", "none"), {"dmarc_state": 0}, State.OK, id="dmarc by rule"),
        pytest.param(_verdict("spf", ""), {}, State.OK, id="no result is no verdict"),
        pytest.param({"authentication": None}, {}, State.OK, id="no verdict"),
        pytest.param(
            {"authentication": None}, {"no_verdict_state": 1}, State.WARN, id="verdict wanted"
        ),
        pytest.param(_sender(reverse_name=""), {}, State.WARN, id="no reverse name"),
        pytest.param(_sender(reverse_name=None), {}, State.OK, id="reverse name not known"),
        pytest.param(
            _sender(reverse_name="a.test", forward_confirmed=False), {}, State.WARN, id="one way"
        ),
        pytest.param(
            _sender(reverse_name="a.test", forward_confirmed=None), {}, State.OK, id="not asked"
        ),
        pytest.param(_sender(public=False, reverse_name=""), {}, State.OK, id="private address"),
        pytest.param(_listing("listed"), {}, State.WARN, id="listed"),
        pytest.param(_listing("listed"), {"listed_state": 2}, State.CRIT, id="listed by rule"),
        pytest.param(_listing("unknown"), {}, State.OK, id="no answer from the list"),
        pytest.param(
            {"hops": [{"delay_s": 90.0}]}, {"hop_delay": ("fixed", (60, 300))}, State.WARN, id="hop"
        ),
        pytest.param({"hops": [{"delay_s": -90.0}]}, {}, State.OK, id="clocks disagree"),
        pytest.param({"hops": None}, {}, State.OK, id="no hops known"),
        pytest.param({"problems": [{"what": "PTR", "error": "timeout"}]}, {}, State.WARN, id="p"),
    ],
)
def test_state(changes: Mapping[str, Any], params: Mapping[str, Any], state: State) -> None:
    assert worst(check_changed(changes, params)) is state


def test_listing_names_list_and_reason() -> None:
    row = {"zone": "zen.test", "answer": "listed", "codes": ["127.0.0.4"], "text": "exploited"}
    assert check_changed({"block_lists": [row]})[0] == Result(
        state=State.WARN, summary="Sending address is listed by zen.test (127.0.0.4): exploited"
    )


def test_a_missing_verdict_is_told_in_the_details_unless_a_rule_wants_one() -> None:
    text = "The receiving side gives no verdict on SPF, DKIM and DMARC"
    without: Mapping[str, Any] = {"authentication": None}
    assert Result(state=State.OK, notice=text) in check_changed(without)
    judged = check_changed(without, {"no_verdict_state": 1})
    assert judged[0] == Result(state=State.WARN, summary=text)
