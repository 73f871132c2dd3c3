"""Mail relay deliveries: outcomes, losses, provider limits, rates and delays."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, Service, State
from cmk_addons.plugins.mail_relay.agent_based.mail_relay_deliveries import (
    check_mail_relay_deliveries,
    discover_mail_relay_deliveries,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import DELIVERIES_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.deliveries_section import parse_deliveries_section
from cmk_addons.plugins.mail_relay.lib.failure_class import FAILURE_GROUPS
from cmk_addons.plugins.mail_relay.lib.json_section import Unreadable
from engine.value_store import ValueStore, in_place
from family import golden_table, table_of

NOW = 1795246145
HOUR = 3600
PARTS = ("before_queue_manager", "queue_manager", "connection", "transmission")
LOST = {
    "window_s": 86400,
    "recipients": 4,
    "double_bounces": 3,
    "last": NOW - 1800,
    "by_class": [
        {"class": "other", "recipients": 1},
        {"class": "auth_required", "recipients": 3},
    ],
    "samples": [
        {
            "time": NOW - 1800,
            "status": "bounced",
            "class": "auth_required",
            "relay": "smtp.provider.test:587",
            "dsn": "5.7.0",
            "queue_id": "4jWkY10012z1cyVd",
            "text": "host smtp.provider.test[192.0.2.87] said: 530-5.7.0 Authentication Required",
            "recipient": "pat@example.org",
        }
    ],
}
MAIL_LOST = {
    "id": "mail_lost",
    "area": "deliveries",
    "severity": "crit",
    "summary": "Mail to 4 recipients was given up in the last 24 h: it will not be tried again",
    "evidence": "3 auth_required, 1 other",
    "fix": ["# remove the cause, then send the mail again"],
}


def delay(mean_s: float, count: int) -> dict[str, Any]:
    buckets = [{"up_to_s": 1.0, "count": count}, {"up_to_s": None, "count": 0}]
    return {"buckets": buckets, "sum_s": mean_s * count}


def deliveries(**changes: Any) -> dict[str, Any]:
    """A satellite that sent 57 mails in a day and had one of them deferred."""
    return {
        "instance": "postfix",
        "time": NOW,
        "source": {"kind": "file", "path": "/var/log/mail.log"},
        "coverage": {"complete": True, "behind_bytes": 0, "newest": NOW - 300, "gaps": 0},
        "counters_since": NOW - 86400,
        "counters": {"sent": 570, "deferred": 10, "bounced": 0, "expired": 0, "removed": 560},
        "by_class": [{"class": "greylisted", "deferred": 10, "bounced": 0, "expired": 0}],
        "relays": [
            {"relay": "relay.example.org:25", "sent": 560, "deferred": 10, "sent_24h": 56},
            {"relay": "local", "sent": 10, "deferred": 0, "sent_24h": 1},
        ],
        "warnings": [],
        "last_sent": {"time": NOW - 300, "relay": "local", "queue_id": "4jWkX10003z1cyVd"},
        "last_failure": {
            "time": NOW - 7200,
            "status": "deferred",
            "class": "greylisted",
            "relay": "relay.example.org:25",
            "queue_id": "4jWkX10001z1cyVd",
            "text": "host relay.example.org[192.0.2.25] said: 450 4.2.0 Greylisted",
        },
        "volume": {
            "hours": [],
            "sent_24h": 57,
            "relayed_24h": 56,
            "relayed_messages_24h": 54,
            "deferred_24h": 1,
            "bounced_24h": 0,
        },
        "delays": {part: delay(0.1, 570) for part in PARTS},
        "lost": {"window_s": 86400, "recipients": 0, "by_class": [], "samples": []},
        "findings": [],
        "problems": [],
        **changes,
    }


@pytest.fixture(autouse=True)
def store() -> Iterator[ValueStore]:
    values = ValueStore()
    with in_place(values):
        yield values


def check(*lines: Mapping[str, Any] | str, **params: Any) -> list[Result | Metric]:
    section = parse_deliveries_section(table_of(*lines))
    assert section is not None
    return list(check_mail_relay_deliveries("postfix", {**DELIVERIES_DEFAULTS, **params}, section))


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


def summaries(results: list[Result | Metric]) -> list[str]:
    return [r.summary for r in results if isinstance(r, Result) and r.summary]


def details(results: list[Result | Metric]) -> str:
    return "\n".join(r.details for r in results if isinstance(r, Result))


def metrics(results: list[Result | Metric]) -> dict[str, float]:
    return {r.name: r.value for r in results if isinstance(r, Metric)}


def test_every_instance_is_discovered() -> None:
    section = parse_deliveries_section(table_of(deliveries(), '{"instance": "out", "time'))
    assert section is not None
    assert list(discover_mail_relay_deliveries(section)) == [
        Service(item="postfix"),
        Service(item="out"),
    ]


def test_usual_day() -> None:
    assert check(deliveries()) == [
        Result(state=State.OK, summary="57 sent in 24 h, last 5 min ago, 1 failed attempt"),
        Result(
            state=State.OK,
            notice=(
                "Last failure: 2026-11-21 05:29:05, 4jWkX10001z1cyVd, deferred, "
                "by relay.example.org:25, greylisted: "
                "host relay.example.org[192.0.2.25] said: 450 4.2.0 Greylisted\n"
                "In 24 h: sent 57, relayed 56, relayed messages 54, deferred 1\n"
                "Failures since 2026-11-20 07:29:05: greylisted (deferred 10)\n"
                "Relay relay.example.org:25: sent 560, deferred 10, 56 sent in 24 h\n"
                "Relay local: sent 10, 1 sent in 24 h\n"
                "Log: /var/log/mail.log\n"
                "Newest line read: 2026-11-21 07:24:05"
            ),
        ),
        Metric("mail_relay_deliveries_lost_24h", 0),
        Metric("mail_relay_deliveries_sent_24h", 57),
        Metric("mail_relay_deliveries_relayed_24h", 56),
        Metric("mail_relay_deliveries_relayed_messages_24h", 54),
        Metric("mail_relay_deliveries_deferred_24h", 1),
        Metric("mail_relay_deliveries_bounced_24h", 0),
        Metric("mail_relay_deliveries_last_sent_age", 300),
    ]


def test_rates_and_delays_come_with_the_second_section() -> None:
    check(deliveries())
    later = deliveries(
        time=NOW + 60,
        counters={"sent": 600, "deferred": 16, "bounced": 0, "expired": 0},
        by_class=[
            {"class": "greylisted", "deferred": 13, "bounced": 0, "expired": 0},
            {"class": "auth_failed", "deferred": 3, "bounced": 0, "expired": 0},
        ],
        delays={part: delay(0.1, 570) | {"sum_s": 57.0 + 15.0} for part in PARTS}
        | {"connection": {"buckets": [{"up_to_s": None, "count": 600}], "sum_s": 57.0 + 60.0}},
    )
    numbers = metrics(check(later))
    rates = {group: 0.0 for group in FAILURE_GROUPS} | {"limited": 0.05, "authentication": 0.05}
    assert {name: numbers[f"mail_relay_deliveries_failed_{name}"] for name in rates} == rates
    assert numbers["mail_relay_deliveries_sent"] == 0.5
    assert numbers["mail_relay_deliveries_deferred"] == 0.1
    assert numbers["mail_relay_deliveries_expired"] == 0.0
    # Nothing new in the other parts' buckets: no mean can be told.
    assert numbers["mail_relay_deliveries_delay_connection"] == pytest.approx(2.0)
    assert "mail_relay_deliveries_delay_transmission" not in numbers


def test_section_that_the_agent_repeats_keeps_its_rates() -> None:
    check(deliveries())
    later = deliveries(time=NOW + 60, counters={"sent": 600})
    assert check(later) == check(later)


def test_counters_that_begin_anew_have_no_rates() -> None:
    check(deliveries())
    numbers = metrics(check(deliveries(time=NOW + 60, counters={"sent": 3, "deferred": 10})))
    assert "mail_relay_deliveries_sent" not in numbers
    assert numbers["mail_relay_deliveries_deferred"] == 0.0


def test_lost_mail_is_critical_and_told_once() -> None:
    results = check(deliveries(lost=LOST, findings=[MAIL_LOST]))
    summary = (
        "57 sent in 24 h, last 5 min ago, 1 failed attempt, mail to 4 recipients given up: "
        "server requires authentication (3), other reason (1)"
    )
    assert results[0] == Result(
        state=State.CRIT,
        summary=summary,
        details=(
            f"{summary}\n"
            "Mail to 4 recipients was given up in the last 24 h: it will not be tried again(!!)\n"
            "  Seen: 3 auth_required, 1 other\n"
            "  Fix: # remove the cause, then send the mail again"
        ),
    )
    assert summaries(results) == [summary]
    assert "Senders that could not be told either: 3" in details(results)
    assert (
        "Given up: 2026-11-21 06:59:05, 4jWkY10012z1cyVd, bounced, to pat@example.org, "
        "by smtp.provider.test:587, server requires authentication: host smtp.provider.test"
    ) in details(results)


@pytest.mark.parametrize(
    ("params", "state"),
    [
        pytest.param({"finding_mail_lost": "warn"}, State.WARN, id="state of the rule"),
        pytest.param({"finding_mail_lost": "ignore"}, State.OK, id="ignored"),
        pytest.param({"lost": ("fixed", (10, 100))}, State.OK, id="below levels"),
        pytest.param({"lost": ("fixed", (4, 100))}, State.WARN, id="at levels"),
        pytest.param(
            {"lost": ("fixed", (10, 100)), "finding_mail_lost": "crit"},
            State.CRIT,
            id="levels and a state of the rule",
        ),
    ],
)
def test_rule_judges_lost_mail(params: Mapping[str, Any], state: State) -> None:
    assert worst(check(deliveries(lost=LOST, findings=[MAIL_LOST]), **params)) is state


def test_level_on_lost_mail_stands_in_the_details() -> None:
    results = check(deliveries(lost=LOST, findings=[MAIL_LOST]), lost=("fixed", (1, 3)))
    assert "Given up: 4 recipients (warn/crit at 1 recipient/3 recipients)(!!)" in details(results)


def test_cause_leads_beside_the_loss() -> None:
    cause = {"id": "bad_password", "severity": "crit", "summary": "The relay refuses it"}
    results = check(deliveries(lost=LOST, findings=[MAIL_LOST, cause]))
    assert summaries(results)[1:] == ["The relay refuses it"]


@pytest.mark.parametrize(
    ("limit", "title", "percent", "state"),
    [
        pytest.param(("gmail", 500), "limit of Gmail", "10.80%", State.OK, id="Gmail"),
        pytest.param(
            ("workspace", 2000), "limit of Google Workspace", "2.70%", State.OK, id="Workspace"
        ),
        pytest.param(("number", 60), "sending limit", "90.00%", State.WARN, id="number"),
        pytest.param(("number", 50), "sending limit", "108.00%", State.CRIT, id="exceeded"),
    ],
)
def test_sending_limit(limit: tuple[str, int], title: str, percent: str, state: State) -> None:
    results = check(deliveries(), sending_limit=limit)
    assert worst(results) is state
    assert f"Sent in 24 h: 54 of {limit[1]} ({title})" in details(results)
    if state is not State.OK:
        assert f"Used of the {title}: {percent} (warn/crit at 80.00%/95.00%)" in summaries(results)
    assert metrics(results)["mail_relay_deliveries_limit_usage"] == pytest.approx(
        float(percent.removesuffix("%"))
    )


@pytest.mark.parametrize(
    ("params", "summary"),
    [
        pytest.param(
            {"deferred_24h": ("fixed", (1, 10))},
            "Failed attempts in 24 h: 1 (warn/crit at 1/10)",
            id="failed attempts",
        ),
        pytest.param(
            {"last_sent_age": ("fixed", (60, 600))},
            "Nothing sent for: 5 minutes 0 seconds "
            "(warn/crit at 1 minute 0 seconds/10 minutes 0 seconds)",
            id="time since the last success",
        ),
    ],
)
def test_levels(params: Mapping[str, Any], summary: str) -> None:
    results = check(deliveries(), **params)
    assert summary in summaries(results)
    assert worst(results) is State.WARN


def test_level_on_the_delay() -> None:
    check(deliveries(delays={"connection": delay(0.1, 10)}))
    later = deliveries(time=NOW + 60, delays={"connection": delay(33.0, 20)})
    assert (
        "Mean delay of sent mail: 1 minute 6 seconds (warn/crit at 10 seconds/2 minutes 0 seconds)"
        in (summaries(check(later, delay=("fixed", (10.0, 120.0)))))
    )


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        pytest.param(
            {"volume": {"sent_24h": 0, "deferred_24h": 4}, "last_sent": None},
            "Nothing sent in 24 h, 4 failed attempts (greylisted)",
            id="nothing but failures",
        ),
        pytest.param(
            {"volume": {"sent_24h": 3}, "last_sent": {"time": NOW - 2 * HOUR}},
            "3 sent in 24 h, last 2 h ago (greylisted)",
            id="failing since the last success",
        ),
        pytest.param(
            {"volume": None, "last_failure": None},
            "Number sent in 24 h is not known, last 5 min ago",
            id="volume not told",
        ),
    ],
)
def test_headline(changes: Mapping[str, Any], summary: str) -> None:
    assert summaries(check(deliveries(**changes))) == [summary]


def test_without_a_log_nothing_is_counted() -> None:
    finding = {"id": "no_log_source", "severity": "warn", "summary": "No mail log is found"}
    results = check(deliveries(source={"kind": "none", "path": None}, findings=[finding]))
    assert summaries(results) == [
        "Deliveries are not known",
        "No mail log is found",
    ]
    assert metrics(results) == {}
    assert worst(results) is State.WARN


def test_log_that_is_not_read_to_its_end_says_so() -> None:
    coverage = {"complete": False, "behind_bytes": 734003200, "skipped_bytes": 2**30, "gaps": 1}
    assert details(check(deliveries(coverage=coverage, source={"kind": "journal"}))).endswith(
        "Log: systemd journal\n"
        "The log is not read to its end yet, 700 MiB to go\n"
        "Not read, before the first look: 1.00 GiB\n"
        "Times that lines were gone before they could be read: 1"
    )


def test_same_text_of_several_losses_is_told_once() -> None:
    first = LOST["samples"][0]
    samples = [first, first | {"recipient": "lee@example.org", "relay": "none"}]
    text = details(check(deliveries(lost={**LOST, "samples": samples})))
    assert text.count("530-5.7.0 Authentication Required") == 1
    assert (
        "Given up: 2026-11-21 06:59:05, 4jWkY10012z1cyVd, bounced, to lee@example.org, "
        "server requires authentication\n"
    ) in text


def test_golden_lines_are_understood() -> None:
    section = parse_deliveries_section(golden_table("deliveries", "mail_relay_deliveries"))
    assert section is not None
    problems = {
        name: entry.problems if isinstance(entry, Unreadable) else tuple(entry.problems)
        for name, entry in section.items()
    }
    assert {name for name, told in problems.items() if told} == {"postfix-busy"}
    assert [problem.what for problem in problems["postfix-busy"]] == ["state"]
    results = list(check_mail_relay_deliveries("postfix-out", DELIVERIES_DEFAULTS, section))
    assert summaries(results) == [
        "1 sent in 24 h, last 23 h ago, 1 failed attempt, mail to 4 recipients given up: "
        "server requires authentication (3), other reason (1)",
        "Postfix does not log on to the relay, which therefore refuses mail for good: "
        "it is lost, not queued",
    ]
    assert worst(results) is State.CRIT


def test_long_lists_are_bounded() -> None:
    relays = [{"relay": f"mx{number}.example.org:25", "sent": 1} for number in range(100)]
    samples = [{**LOST["samples"][0], "text": "x" * 5000} for _ in range(50)]
    text = details(check(deliveries(relays=relays, lost={**LOST, "samples": samples})))
    assert "and 95 more relays" in text
    assert len(text) < 4000


def test_section_of_another_version_is_judged_by_what_it_tells() -> None:
    line = {
        "instance": "postfix",
        "time": NOW,
        "source": {"kind": "file"},
        "counters": {"sent": 1},
        "novelty": {},
        "findings": [{"id": "from_the_future", "severity": "crit", "summary": "New"}],
    }
    results = check(line)
    assert summaries(results) == ["Number sent in 24 h is not known", "New"]
    assert worst(results) is State.CRIT


def test_what_is_not_told_warns() -> None:
    results = check({"instance": "postfix", "time": NOW})
    assert summaries(results) == [
        "Deliveries are not known",
        "Cannot read source of the log: the agent plug-in does not tell",
    ]
    assert worst(results) is State.WARN
