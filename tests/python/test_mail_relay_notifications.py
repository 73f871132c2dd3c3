"""Notification mail: what waits, what is lost, and why, for each Checkmk site of a host."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, Service, ServiceLabel, State
from cmk_addons.plugins.mail_relay.agent_based.mail_relay_notifications import (
    check_mail_relay_notifications,
    discover_mail_relay_notifications,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import NOTIFICATIONS_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.notifications_section import parse_notifications_section
from engine.value_store import ValueStore, in_place
from family import golden_table, table_of

NOW = 1795246145
EMPTY = {"maildrop": 0, "incoming": 0, "active": 0, "deferred": 0, "hold": 0}
STUCK = {
    "waiting": 13,
    "oldest": NOW - 7230,
    "waiting_by_queue": {**EMPTY, "active": 1, "deferred": 12},
    "reasons": [
        {
            "class": "sasl_no_mechanism",
            "messages": 12,
            "sample": "SASL authentication failed; cannot authenticate to server "
            "smtp.provider.test[192.0.2.87]: no mechanism available",
        }
    ],
    "cause": "no SASL mechanism (libsasl2-modules missing)",
    "cause_finding": "sasl_plugin_missing",
}
LOST = {
    "bounced_24h": 4,
    "last_lost": {
        "time": NOW - 600,
        "status": "bounced",
        "class": "auth_required",
        "text": "host smtp.provider.test[192.0.2.87] said: 530-5.7.0 Authentication Required",
    },
    "findings": [
        {
            "id": "notifications_lost",
            "area": "notifications",
            "severity": "crit",
            "summary": "4 notifications of site mysite in the last 24 h given up: nobody got them",
            "evidence": "4jWkY10012z1cyVd: bounced",
            "fix": ['# remove the cause, which service "Mail relay deliveries" names'],
        }
    ],
}


def site(**changes: Any) -> dict[str, Any]:
    return {
        "site": "mysite",
        "time": NOW,
        "user": "mysite",
        "uid": 999,
        "instances": ["postfix"],
        "senders": ["mysite@monitor.example.org"],
        "waiting": 0,
        "oldest": None,
        "waiting_by_queue": EMPTY,
        "reasons": [],
        "cause": None,
        "cause_finding": None,
        "complete": True,
        "counters": {"sent": 42, "deferred": 0, "bounced": 0, "expired": 0},
        "sent_24h": 7,
        "bounced_24h": 0,
        "last_sent": NOW - 1800,
        "last_lost": None,
        "findings": [],
        "problems": [],
        **changes,
    }


@pytest.fixture(autouse=True)
def store() -> Iterator[ValueStore]:
    values = ValueStore()
    with in_place(values):
        yield values


def check(line: Mapping[str, Any] | str, **params: Any) -> list[Result | Metric]:
    section = parse_notifications_section(table_of(line))
    assert section is not None
    return list(
        check_mail_relay_notifications("mysite", {**NOTIFICATIONS_DEFAULTS, **params}, section)
    )


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


def summaries(results: list[Result | Metric]) -> list[str]:
    return [r.summary for r in results if isinstance(r, Result) and r.summary]


def details(results: list[Result | Metric]) -> str:
    return "\n".join(r.details for r in results if isinstance(r, Result))


def metrics(results: list[Result | Metric]) -> dict[str, float]:
    return {r.name: r.value for r in results if isinstance(r, Metric)}


def test_every_site_is_discovered_with_a_label_for_notification_rules() -> None:
    section = parse_notifications_section(table_of(site(), site(site="other")))
    assert section is not None
    labels = [ServiceLabel("mail_relay/carries", "notifications")]
    assert list(discover_mail_relay_notifications(section)) == [
        Service(item="mysite", labels=labels),
        Service(item="other", labels=labels),
    ]


def test_nothing_waiting() -> None:
    assert check(site()) == [
        Result(
            state=State.OK,
            summary="No notification waiting, 7 sent in 24 h, last 30 min ago",
        ),
        Result(
            state=State.OK,
            notice=(
                "Sent by user: mysite\n"
                "Senders: mysite@monitor.example.org\n"
                "Postfix instances: postfix"
            ),
        ),
        Metric("mail_relay_notifications_waiting", 0),
        Metric("mail_relay_notifications_deferred", 0, levels=(1, 10)),
        Metric("mail_relay_notifications_age", 0, levels=(900, 3600)),
        Metric("mail_relay_notifications_lost", 0),
        Metric("mail_relay_notifications_sent_24h", 7),
        Metric("mail_relay_notifications_last_sent_age", 1800),
    ]


def test_thirteen_notifications_stuck() -> None:
    results = check(site(**STUCK))
    summary = "13 notifications waiting, oldest 2 h: no SASL mechanism (libsasl2-modules missing)"
    assert results[:2] == [
        Result(
            state=State.CRIT,
            summary=summary,
            details=(
                f"{summary}\n"
                "Notifications that could not be delivered yet: 12 (warn/crit at 1/10)(!!)\n"
                "Oldest notification: 2 hours 0 minutes "
                "(warn/crit at 15 minutes 0 seconds/1 hour 0 minutes)(!!)"
            ),
        ),
        Result(
            state=State.OK,
            notice=(
                "Deferred for no usable SASL mechanism installed: 12\n"
                "  SASL authentication failed; cannot authenticate to server "
                "smtp.provider.test[192.0.2.87]: no mechanism available\n"
                "Waiting in: active 1, deferred 12\n"
                "Sent by user: mysite\n"
                "Senders: mysite@monitor.example.org\n"
                "Postfix instances: postfix"
            ),
        ),
    ]
    assert metrics(results)["mail_relay_notifications_waiting"] == 13


@pytest.mark.parametrize(
    ("changes", "summary", "state"),
    [
        pytest.param(
            {"waiting": 1, "oldest": NOW - 3, "waiting_by_queue": {**EMPTY, "active": 1}},
            "1 notification waiting, oldest 3 s",
            State.OK,
            id="just being sent",
        ),
        pytest.param(
            {
                "waiting": 1,
                "oldest": NOW - 400,
                "waiting_by_queue": {**EMPTY, "deferred": 1},
                "reasons": [{"class": "greylisted", "messages": 1}],
            },
            "1 notification waiting, oldest 6 min: greylisted",
            State.WARN,
            id="deferred once",
        ),
        pytest.param(
            {
                "waiting": 5,
                "oldest": NOW - 4000,
                "waiting_by_queue": {**EMPTY, "maildrop": 5},
                "complete": False,
            },
            "At least 5 notifications waiting, oldest 1 h",
            State.CRIT,
            id="old, and not all examined",
        ),
    ],
)
def test_waiting(changes: Mapping[str, Any], summary: str, state: State) -> None:
    results = check(site(**changes))
    assert summaries(results) == [summary]
    assert worst(results) is state


def test_lost_notifications_are_critical_and_told_once() -> None:
    results = check(site(**LOST))
    summary = (
        "No notification waiting, 4 notifications given up in 24 h "
        "(server requires authentication), 7 sent in 24 h, last 30 min ago"
    )
    assert summaries(results) == [summary]
    assert results[0] == Result(
        state=State.CRIT,
        summary=summary,
        details=(
            f"{summary}\n"
            "4 notifications of site mysite in the last 24 h given up: nobody got them(!!)\n"
            "  Seen: 4jWkY10012z1cyVd: bounced\n"
            '  Fix: # remove the cause, which service "Mail relay deliveries" names'
        ),
    )
    assert (
        "Last given up: 2026-11-21 07:19:05, bounced, server requires authentication: "
        "host smtp.provider.test[192.0.2.87] said: 530-5.7.0 Authentication Required"
    ) in details(results)


@pytest.mark.parametrize(
    ("params", "state"),
    [
        pytest.param({"finding_notifications_lost": "ignore"}, State.OK, id="ignored"),
        pytest.param({"lost": ("fixed", (5, 10))}, State.OK, id="below levels"),
        pytest.param({"lost": ("fixed", (1, 10))}, State.WARN, id="at levels"),
    ],
)
def test_rule_judges_lost_notifications(params: Mapping[str, Any], state: State) -> None:
    assert worst(check(site(**LOST), **params)) is state


@pytest.mark.parametrize(
    ("params", "state"),
    [
        pytest.param({}, State.CRIT, id="defaults"),
        pytest.param(
            {"deferred": ("no_levels", None), "age": ("no_levels", None)}, State.OK, id="no levels"
        ),
        pytest.param(
            {
                "deferred": ("no_levels", None),
                "age": ("no_levels", None),
                "waiting": ("fixed", (13, 50)),
            },
            State.WARN,
            id="number waiting",
        ),
    ],
)
def test_rule_judges_waiting_notifications(params: Mapping[str, Any], state: State) -> None:
    assert worst(check(site(**STUCK), **params)) is state


def test_level_on_the_time_since_the_last_notification() -> None:
    results = check(site(), last_sent_age=("fixed", (600, 3600)))
    assert worst(results) is State.WARN
    assert (
        "No notification sent for: 30 minutes 0 seconds "
        "(warn/crit at 10 minutes 0 seconds/1 hour 0 minutes)"
    ) in summaries(results)


def test_unreadable_queue_is_unknown_not_empty() -> None:
    problem = {"what": "waiting", "error": "cannot open /var/spool/postfix: Permission denied"}
    results = check(site(waiting=None, complete=False, problems=[problem]))
    assert summaries(results) == [
        "Number of waiting notifications is not known, 7 sent in 24 h, last 30 min ago",
        "Cannot open /var/spool/postfix: Permission denied",
    ]
    assert worst(results) is State.WARN
    assert not {"waiting", "deferred", "age"} & {
        name.removeprefix("mail_relay_notifications_") for name in metrics(results)
    }


def test_rates() -> None:
    check(site())
    later = site(time=NOW + 60, counters={"sent": 72, "deferred": 6, "bounced": 0, "expired": 0})
    numbers = metrics(check(later))
    assert numbers["mail_relay_notifications_sent_rate"] == 0.5
    assert numbers["mail_relay_notifications_deferred_rate"] == 0.1
    assert numbers["mail_relay_notifications_bounced_rate"] == 0.0


def test_golden_lines_are_understood() -> None:
    section = parse_notifications_section(golden_table("notifications", "mail_relay_notifications"))
    assert section is not None
    told = {}
    for name in section:
        with in_place(ValueStore()):
            results = list(check_mail_relay_notifications(name, NOTIFICATIONS_DEFAULTS, section))
        told[name] = (worst(results), summaries(results)[0])
    assert told == {
        "mysite": (State.OK, "No notification waiting, 7 sent in 24 h, last 30 min ago"),
        "stuck": (
            State.CRIT,
            "13 notifications waiting, oldest 2 h: " "no SASL mechanism (libsasl2-modules missing)",
        ),
        "losing": (
            State.CRIT,
            "No notification waiting, 4 notifications given up in 24 h "
            "(server requires authentication), 7 sent in 24 h, last 30 min ago",
        ),
        "unknown": (
            State.WARN,
            "Number of waiting notifications is not known, 0 sent in 24 h",
        ),
    }


def test_section_of_another_version_is_judged_by_what_it_tells() -> None:
    assert summaries(check({"site": "mysite", "time": NOW, "waiting": 2, "novelty": 1})) == [
        "2 notifications waiting"
    ]
