"""Mail relay configuration: route, findings, expected relayhost."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, Service, State, render
from cmk_addons.plugins.mail_relay.agent_based.mail_relay_config import (
    check_mail_relay_config,
    discover_mail_relay_config,
)
from cmk_addons.plugins.mail_relay.lib.config_section import parse_config_section
from cmk_addons.plugins.mail_relay.lib.default_parameters import CONFIG_DEFAULTS
from family import golden_object, golden_table, table_of

SECTION = "mail_relay_config"


def check(table: list[list[str]], params: Mapping[str, Any] | None = None) -> list[Result | Metric]:
    section = parse_config_section(table)
    assert section is not None
    return list(check_mail_relay_config("postfix", {**CONFIG_DEFAULTS, **(params or {})}, section))


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


def test_discovery() -> None:
    section = parse_config_section(golden_table("scenario_a", SECTION))
    assert section is not None
    assert list(discover_mail_relay_config(section)) == [Service(item="postfix")]


def test_finding_leads_and_facts_follow() -> None:
    assert check(golden_table("scenario_a_auth_fails", SECTION)) == [
        Result(
            state=State.WARN,
            summary="main.cf sets relay_host, which Postfix does not know",
            details=(
                "main.cf sets relay_host, which Postfix does not know(!)\n"
                "  Seen: unused parameter: relay_host=smtp.example.org\n"
                "  Fix: postconf -X relay_host"
            ),
        ),
        Result(state=State.OK, summary="Relay through [smtp.example.org]:587"),
        Result(
            state=State.OK,
            notice=(
                "Own host name: monitor.example.org\n"
                "Delivered by: smtp of master.cf, chrooted\n"
                "  smtp_bind_address = 192.0.2.5\n"
                "Lookup table types: btree, cidr, hash, regexp, texthash\n"
                "Postfix says: /usr/sbin/postconf: warning: /etc/postfix/main.cf: "
                "unused parameter: relay_host=smtp.example.org\n"
                f"Configuration read: {render.datetime(1795249000)}"
            ),
        ),
        Metric("mail_relay_config_findings", 1),
        Metric("mail_relay_config_warnings", 1),
    ]


def test_no_relayhost_is_no_fault() -> None:
    results = check(golden_table("scenario_a", SECTION))
    assert worst(results) is State.OK
    assert (
        Result(
            state=State.OK, summary="No relayhost: mail goes straight to the recipients' servers"
        )
        in results
    )


def test_a_transport_that_is_no_smtp_client_is_named() -> None:
    service = {"name": "off", "chroot": False, "command": "discard", "overrides": {}}
    golden = golden_object("scenario_a", SECTION)
    table = table_of({**golden, "delivery_service": service})
    summaries = [r.summary for r in check(table) if isinstance(r, Result)]
    assert "No mail leaves by SMTP: default_transport is off (discard)" in summaries


def test_mx_lookup_is_told() -> None:
    results = check(golden_table("healthy_satellite", SECTION))
    details = "\n".join(r.details for r in results if isinstance(r, Result))
    assert "Relayhost relay.example.org: its MX records are looked up" in details
    assert worst(results) is State.OK


def test_unreadable_configuration_warns_with_its_reason() -> None:
    assert check(golden_table("unprivileged_stopped", SECTION)) == [
        Result(state=State.WARN, summary="Cannot read parameters: postconf did not end within 5 s"),
        Result(state=State.OK, summary="Relayhost not known"),
        Metric("mail_relay_config_findings", 0),
        Metric("mail_relay_config_warnings", 0),
    ]


@pytest.mark.parametrize(
    ("written", "expected", "state"),
    [
        pytest.param(["[a.test]:587"], ["[a.test]:587"], State.OK, id="as expected"),
        pytest.param(["[A.test]:587"], [" [a.TEST]:587"], State.OK, id="case and blanks"),
        pytest.param(["[a.test]:25"], ["[a.test]:587"], State.CRIT, id="another port"),
        pytest.param([], ["[a.test]:587"], State.CRIT, id="none set"),
        pytest.param(["x.test"], ["a.test", "b.test"], State.CRIT, id="none of two"),
        pytest.param(["b.test", "a.test"], ["a.test", "b.test"], State.OK, id="both of two"),
        pytest.param(["a.test", "x.test"], ["a.test"], State.CRIT, id="one too many"),
        pytest.param(["x.test"], [], State.OK, id="nothing expected"),
    ],
)
def test_expected_relayhost(written: list[str], expected: list[str], state: State) -> None:
    fields = golden_object("healthy_satellite", SECTION) | {
        "relayhost": ", ".join(written),
        "relayhosts": [{"written": w} for w in written],
    }
    assert worst(check(table_of(fields), {"expected_relayhosts": expected})) is state


def test_wrong_relayhost_is_named() -> None:
    results = check(
        golden_table("scenario_a", SECTION),
        {"expected_relayhosts": ["[a.test]:587", "b.test"], "unmet_state": 1},
    )
    assert results[0] == Result(
        state=State.WARN, summary="Relayhost is not set, expected [a.test]:587 or b.test"
    )


def test_unknown_relayhost_is_not_judged() -> None:
    results = check(
        golden_table("unprivileged_stopped", SECTION), {"expected_relayhosts": ["a.test"]}
    )
    assert worst(results) is State.WARN
