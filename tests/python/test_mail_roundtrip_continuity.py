"""Mail continuity: verdicts over internal and external loops."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, Service, State
from cmk_addons.plugins.mail_relay.agent_based.mail_roundtrip_continuity import (
    check_mail_roundtrip_continuity,
    discover_mail_roundtrip_continuity,
)
from cmk_addons.plugins.mail_relay.lib.continuity_section import parse_continuity_section
from cmk_addons.plugins.mail_relay.lib.default_parameters import CONTINUITY_DEFAULTS
from family import golden_table, table_of

SECTION = "mail_roundtrip_continuity"
OK = {"loop": "a", "state": "ok"}
FAILING = {"loop": "b", "state": "failing", "reason": "mailbox: refused"}


def check(table: list[list[str]], params: Mapping[str, Any] | None = None) -> list[Result | Metric]:
    section = parse_continuity_section(table)
    assert section is not None
    return list(check_mail_roundtrip_continuity({**CONTINUITY_DEFAULTS, **(params or {})}, section))


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param({"internal": [OK], "external": [OK]}, [Service()], id="both kinds"),
        pytest.param({"internal": [OK], "external": []}, [], id="internal only"),
        pytest.param({"external": [OK]}, [], id="external only"),
        pytest.param("{", [], id="damaged"),
    ],
)
def test_discovery(line: Mapping[str, Any] | str, expected: list[Service]) -> None:
    section = parse_continuity_section(table_of(line))
    assert section is not None
    assert list(discover_mail_roundtrip_continuity(section)) == expected


def test_healthy() -> None:
    assert check(golden_table("roundtrip_healthy", SECTION)) == [
        Result(state=State.OK, summary="Healthy (1 internal, 1 external)"),
        Result(state=State.OK, notice="Internal loop internal is ok\nExternal loop external is ok"),
        Metric("mail_roundtrip_failing_internal", 0),
        Metric("mail_roundtrip_failing_external", 0),
    ]


def test_total_outage_names_the_loops_and_their_reasons() -> None:
    assert check(golden_table("roundtrip_faults", SECTION)) == [
        Result(
            state=State.CRIT,
            summary=(
                "Total outage: no mail arrives, neither inside nor outside "
                "(new: mailbox: connect to 127.0.0.1:143: Connection refused; "
                "external: submission: login to smtp.example.org:587 as probe failed)"
            ),
        ),
        Result(
            state=State.OK,
            notice=(
                "Internal loop new is failing: mailbox: connect to 127.0.0.1:143: "
                "Connection refused\n"
                "External loop external is failing: submission: "
                "login to smtp.example.org:587 as probe failed"
            ),
        ),
        Metric("mail_roundtrip_failing_internal", 1),
        Metric("mail_roundtrip_failing_external", 1),
    ]


@pytest.mark.parametrize(
    ("verdict", "params", "state"),
    [
        pytest.param("deliverability_issue", {}, State.CRIT, id="deliverability"),
        pytest.param("local_infrastructure_issue", {}, State.CRIT, id="infrastructure"),
        pytest.param("not_enough_data", {}, State.WARN, id="not enough data"),
        pytest.param("not_enough_data", {"not_enough_data": 0}, State.OK, id="by rule"),
        pytest.param("from_the_future", {}, State.WARN, id="unknown verdict"),
        pytest.param(None, {}, State.WARN, id="no verdict"),
    ],
)
def test_state(verdict: str | None, params: Mapping[str, Any], state: State) -> None:
    line = {"verdict": verdict, "internal": [OK], "external": [FAILING]}
    assert worst(check(table_of(line), params)) is state


def test_damaged_line_warns() -> None:
    results = check([["{"]])
    assert worst(results) is State.WARN


def test_no_line_is_no_section() -> None:
    assert parse_continuity_section([]) is None
