"""Mail relay service: process, spool, host labels."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import HostLabel, Metric, Result, Service, State
from cmk_addons.plugins.mail_relay.agent_based.mail_relay_service import (
    check_mail_relay_service,
    discover_mail_relay_service,
    host_labels_of_mail_relay,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import SERVICE_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.service_section import parse_service_section
from family import golden_object, golden_table, table_of

SECTION = "mail_relay_service"


def check(
    item: str, table: list[list[str]], params: Mapping[str, Any] = SERVICE_DEFAULTS
) -> list[Result | Metric]:
    section = parse_service_section(table)
    assert section is not None
    return list(check_mail_relay_service(item, params, section))


def check_changed(
    changes: Mapping[str, Any], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    """The check of a healthy instance with some keys changed and some parameters set."""
    table = table_of({**golden_object("healthy_satellite", SECTION), **changes})
    return check("postfix", table, {**SERVICE_DEFAULTS, **(params or {})})


def test_every_instance_is_discovered_even_when_stopped() -> None:
    section = parse_service_section(golden_table("unprivileged_stopped", SECTION))
    assert section is not None
    assert list(discover_mail_relay_service(section)) == [
        Service(item="postfix"),
        Service(item="postfix-out"),
    ]


def test_disabled_instance_is_not_discovered() -> None:
    section = parse_service_section(
        table_of({"instance": "out", "enabled": False}, {"instance": "in", "enabled": None})
    )
    assert section is not None
    assert list(discover_mail_relay_service(section)) == [Service(item="in")]


def test_running_instance() -> None:
    assert check("postfix", golden_table("scenario_a", SECTION)) == [
        Result(state=State.OK, summary="Postfix 3.7.11 running for 1 hour 40 minutes"),
        Result(state=State.OK, summary="Spool free: 60.0 GiB"),
        Result(
            state=State.OK,
            notice=(
                "Role: direct (own mail only, straight to the recipients' servers)\n"
                "Process: 4711\n"
                "Compatibility level: 3.6\n"
                "Config directory: /etc/postfix\n"
                "Queue directory: /var/spool/postfix\n"
                "Data directory: /var/lib/postfix\n"
                "Command directory: /usr/sbin\n"
                "Daemon directory: /usr/lib/postfix/sbin\n"
                "Largest message accepted: 9.77 MiB\n"
                "Log: /var/log/mail.log\n"
                "Operating system: Debian GNU/Linux 12 (bookworm)\n"
                "Agent plug-in: 0.1.0"
            ),
        ),
        Metric("mail_relay_service_uptime", 6000),
        Metric("mail_relay_spool_free", 64424509440),
        Metric("mail_relay_spool_free_percent", 60.0),
        Metric("mail_relay_spool_free_inodes_percent", 95.0),
    ]


def test_stopped_instance_leads_with_its_finding() -> None:
    results = check("postfix", golden_table("unprivileged_stopped", SECTION))
    assert results[:3] == [
        Result(
            state=State.CRIT,
            summary="Postfix is not running",
            details=(
                "Postfix is not running(!!)\n"
                "  Seen: /var/lib/postfix/master.lock is not locked\n"
                "  Fix: systemctl restart postfix"
            ),
        ),
        Result(
            state=State.WARN,
            summary="Cannot open /var/spool/postfix: Permission denied",
        ),
        Result(state=State.OK, notice="Postfix 3.7.11 stopped"),
    ]


def test_unknown_process_warns_with_its_reason() -> None:
    results = check("postfix-out", golden_table("unprivileged_stopped", SECTION))
    assert results[:2] == [
        Result(
            state=State.WARN,
            summary="Cannot open /var/lib/postfix-out/master.lock: Permission denied",
        ),
        Result(state=State.OK, summary="Postfix 3.7.11 not known to run"),
    ]


def test_stopped_without_a_finding_is_critical() -> None:
    assert check_changed({"running": False})[0] == Result(
        state=State.CRIT, summary="Postfix is not running"
    )


def test_unknown_without_a_reason_warns() -> None:
    assert check_changed({"running": None})[0] == Result(
        state=State.WARN, summary="Cannot read running: the agent plug-in does not tell"
    )


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        pytest.param("ok", State.OK, id="ok"),
        pytest.param("warn", State.WARN, id="warn"),
        pytest.param("crit", State.CRIT, id="crit"),
        pytest.param("unknown", State.UNKNOWN, id="unknown"),
    ],
)
def test_rule_sets_the_state_of_a_finding(choice: str, state: State) -> None:
    results = check_changed({"running": False}, {"finding_master_down": choice})
    states = {r.state for r in results if isinstance(r, Result) and "not running" in r.details}
    assert states == {state}


def test_ignored_finding_does_not_show() -> None:
    results = check_changed({"running": False}, {"finding_master_down": "ignore"})
    assert results[0] == Result(state=State.OK, summary="Postfix 3.5.25 stopped")
    assert not any("not running" in r.details for r in results if isinstance(r, Result))


@pytest.mark.parametrize(
    ("severity", "state"),
    [
        pytest.param("crit", State.CRIT, id="crit"),
        pytest.param("warn", State.WARN, id="warn"),
        pytest.param("info", State.OK, id="info"),
        pytest.param("fatal", State.WARN, id="word of a newer version"),
        pytest.param(None, State.WARN, id="none"),
    ],
)
def test_unknown_finding_gets_its_severity(severity: str | None, state: State) -> None:
    finding = {"id": "from_the_future", "severity": severity, "summary": "Something new"}
    results = check_changed({"findings": [finding]})
    found = [r for r in results if isinstance(r, Result) and r.details == "Something new"]
    assert [r.state for r in found] == [state]


def test_finding_without_words_still_shows() -> None:
    assert check_changed({"findings": [{}]})[0] == Result(
        state=State.WARN, summary="Finding unnamed"
    )


@pytest.mark.parametrize(
    ("free", "state"),
    [
        pytest.param(1001, State.OK, id="above"),
        pytest.param(1000, State.OK, id="at the warning level"),
        pytest.param(999, State.WARN, id="below the warning level"),
        pytest.param(499, State.CRIT, id="below the critical level"),
    ],
)
def test_levels_on_free_space(free: int, state: State) -> None:
    spool = {"total_bytes": 10000, "free_bytes": free, "total_inodes": 100, "free_inodes": 100}
    results = check_changed({"spool": spool}, {"spool_free_percent": ("fixed", (10.0, 5.0))})
    assert State.worst(*(r.state for r in results if isinstance(r, Result))) is state


def test_levels_on_free_inodes() -> None:
    spool = {"total_bytes": 100, "free_bytes": 100, "total_inodes": 100, "free_inodes": 4}
    params = {"spool_free_inodes_percent": ("fixed", (10.0, 5.0))}
    assert check_changed({"spool": spool}, params)[0] == Result(
        state=State.CRIT, summary="Free inodes of the spool: 4.00% (warn/crit below 10.00%/5.00%)"
    )


def test_file_system_without_inodes_has_no_inode_metric() -> None:
    results = check("postfix", golden_table("healthy_satellite", SECTION))
    assert "mail_relay_spool_free_inodes_percent" not in {
        r.name for r in results if isinstance(r, Metric)
    }


def test_more_than_three_findings_are_counted() -> None:
    findings = [
        {"id": f"f{n}", "severity": "crit" if n == 4 else "warn", "summary": f"Finding {n}"}
        for n in range(5)
    ]
    results = check_changed({"findings": findings})
    assert [r.summary for r in results[:5] if isinstance(r, Result)] == [
        "Finding 4",
        "Finding 0",
        "Finding 1",
        "2 more below",
        "",
    ]
    assert results[3] == Result(
        state=State.WARN, summary="2 more below", details="Finding 2(!)\nFinding 3(!)"
    )
    assert results[4] == Result(state=State.OK, notice="Postfix 3.5.25 running for 1 day 0 hours")


def test_clock_set_back_gives_no_negative_uptime() -> None:
    results = check_changed({"started": 1795246145 + 3600})
    assert results[0] == Result(state=State.OK, summary="Postfix 3.5.25 running for 0 seconds")


def test_labels_tell_mta_and_role() -> None:
    section = parse_service_section(golden_table("scenario_a", SECTION))
    assert section is not None
    assert list(host_labels_of_mail_relay(section)) == [
        HostLabel("mail_relay/mta", "postfix"),
        HostLabel("mail_relay/role", "direct"),
    ]


def test_role_is_that_of_the_default_instance() -> None:
    section = parse_service_section(
        table_of(
            {"instance": "out", "default_instance": False, "role": "gateway"},
            {"instance": "postfix", "default_instance": True, "role": "satellite"},
        )
    )
    assert section is not None
    assert list(host_labels_of_mail_relay(section))[1] == HostLabel("mail_relay/role", "satellite")


def test_unknown_role_is_no_label() -> None:
    section = parse_service_section(table_of({"instance": "postfix", "role": None}, "{"))
    assert section is not None
    assert list(host_labels_of_mail_relay(section)) == [HostLabel("mail_relay/mta", "postfix")]
