"""Mail relay queue: numbers, ages and reasons of waiting mail."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, Service, State
from cmk_addons.plugins.mail_relay.agent_based.mail_relay_queue import (
    check_mail_relay_queue,
    discover_mail_relay_queue,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import QUEUE_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.queue_section import parse_queue_section
from family import golden_object, golden_table, table_of

SECTION = "mail_relay_queue"
NOW = 1795246145
EMPTY = {"messages": 0, "bytes": 0, "oldest_arrival": None, "examined": 0, "age_buckets": []}


def check(
    item: str, table: list[list[str]], params: Mapping[str, Any] = QUEUE_DEFAULTS
) -> list[Result | Metric]:
    section = parse_queue_section(table)
    assert section is not None
    return list(check_mail_relay_queue(item, params, section))


def check_changed(
    changes: Mapping[str, Any],
    queues: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
) -> list[Result | Metric]:
    """The check of empty queues with some keys and some queues changed and some parameters set."""
    fields = golden_object("healthy_satellite", SECTION)
    fields["queues"] = dict.fromkeys(fields["queues"], EMPTY) | (queues or {})
    return check("postfix", table_of({**fields, **changes}), {**QUEUE_DEFAULTS, **(params or {})})


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


def metrics(results: list[Result | Metric]) -> dict[str, float]:
    return {r.name: r.value for r in results if isinstance(r, Metric)}


def first_summary(results: list[Result | Metric]) -> str:
    (first, *_) = results
    assert isinstance(first, Result)
    return first.summary


def test_every_instance_is_discovered() -> None:
    section = parse_queue_section(golden_table("unprivileged_stopped", SECTION))
    assert section is not None
    assert list(discover_mail_relay_queue(section)) == [
        Service(item="postfix"),
        Service(item="postfix-out"),
    ]


def test_thirteen_messages_stuck() -> None:
    assert check("postfix", golden_table("scenario_a", SECTION)) == [
        Result(
            state=State.WARN,
            summary="13 messages waiting, oldest 2 h: connection timed out on port 25 (13)",
            details=(
                "13 messages waiting, oldest 2 h: connection timed out on port 25 (13)\n"
                "Deferred messages: 13 (warn/crit at 10/100)(!)\n"
                "Oldest in deferred: 2 hours 5 minutes "
                "(warn/crit at 1 hour 0 minutes/4 hours 0 minutes)(!)\n"
                "The oldest deferred message waits for 2 hours 5 minutes\n"
                "  Seen: 13 messages deferred\n"
                "  Fix: postqueue -f"
            ),
        ),
        Result(
            state=State.CRIT,
            summary=(
                "Mail servers of recipients cannot be reached on port 25 and no relayhost is set"
            ),
            details=(
                "Mail servers of recipients cannot be reached on port 25 and no relayhost is set"
                "(!!)\n"
                "  Seen: 13 messages: connect to mx.example.org[192.0.2.25]:25: "
                "Connection timed out\n"
                "  Fix: postconf -e 'relayhost=[smtp.example.org]:587'\n"
                "  Fix: postfix reload"
            ),
        ),
        Result(
            state=State.OK,
            notice=(
                "Maildrop: empty\n"
                "Incoming: empty\n"
                "Active: empty\n"
                "Deferred: 13 messages, 39.0 KiB, oldest 2 hours 5 minutes\n"
                "  by age: up to 1 h 4, up to 4 h 9\n"
                "Hold: empty\n"
                "Corrupt: empty\n"
                "Next attempt: in 5 minutes 0 seconds\n"
                "Last attempt: 5 minutes 0 seconds ago\n"
                "Deferred for connection timed out: 13, oldest 2 hours 5 minutes, status 4.4.1\n"
                "  connect to mx.example.org[192.0.2.25]:25: Connection timed out\n"
                "Destinations: example.org (13)\n"
                "Senders: monitoring@monitor.example.org (13)"
            ),
        ),
        Metric("mail_relay_queue_maildrop", 0),
        Metric("mail_relay_queue_maildrop_size", 0),
        Metric("mail_relay_queue_maildrop_age", 0),
        Metric("mail_relay_queue_incoming", 0),
        Metric("mail_relay_queue_incoming_size", 0),
        Metric("mail_relay_queue_incoming_age", 0),
        Metric("mail_relay_queue_active", 0, levels=(500, 2000)),
        Metric("mail_relay_queue_active_size", 0),
        Metric("mail_relay_queue_active_age", 0),
        Metric("mail_relay_queue_deferred", 13, levels=(10, 100)),
        Metric("mail_relay_queue_deferred_size", 39936),
        Metric("mail_relay_queue_deferred_age", 7500, levels=(3600, 14400)),
        Metric("mail_relay_queue_hold", 0),
        Metric("mail_relay_queue_hold_size", 0),
        Metric("mail_relay_queue_hold_age", 0),
        Metric("mail_relay_queue_corrupt", 0),
        Metric("mail_relay_queue_corrupt_size", 0),
        Metric("mail_relay_queue_next_attempt", 300),
        Metric("mail_relay_queue_overdue", 0),
        Metric("mail_relay_queue_overdue_age", 0),
        Metric("mail_relay_queue_expiring", 0),
        Metric("mail_relay_queue_reason_resolve", 0),
        Metric("mail_relay_queue_reason_connect", 13),
        Metric("mail_relay_queue_reason_tls", 0),
        Metric("mail_relay_queue_reason_authentication", 0),
        Metric("mail_relay_queue_reason_rejected", 0),
        Metric("mail_relay_queue_reason_limited", 0),
        Metric("mail_relay_queue_reason_reputation", 0),
        Metric("mail_relay_queue_reason_local", 0),
        Metric("mail_relay_queue_reason_other", 0),
    ]


def test_two_reasons_and_held_mail() -> None:
    results = check("postfix", golden_table("scenario_a_auth_fails", SECTION))
    assert first_summary(results) == (
        "13 messages waiting, oldest 3 h, 2 on hold: "
        "no usable SASL mechanism installed (11), no IPv6 route to the server on port 587 (2)"
    )
    assert worst(results) is State.WARN


def test_finding_on_what_the_headline_tells_is_not_told_again() -> None:
    results = check("postfix", golden_table("scenario_a_auth_fails", SECTION))
    told = [r.summary for r in results if isinstance(r, Result) and r.summary]
    assert told[1:] == ["IPv6 addresses are tried but have no route"]
    assert isinstance(results[0], Result)
    assert results[0].state is State.WARN
    assert "2 messages are on hold(!)\n  " in results[0].details


def test_long_lists_are_bounded() -> None:
    reasons = [{"class": "other", "messages": 1, "sample": "x" * 1500} for _ in range(30)]
    senders = [{"sender": f"user{number}@example.org", "messages": 1} for number in range(30)]
    results = check_changed({"deferral_reasons": reasons, "senders": senders})
    details = "\n".join(r.details for r in results if isinstance(r, Result))
    assert "and 22 more reasons" in details
    assert "user7@example.org (1), and 22 more" in details
    assert len(details) < 4000


def test_empty_queues() -> None:
    results = check_changed({})
    assert first_summary(results) == "No mail waiting"
    assert worst(results) is State.OK


def test_one_message() -> None:
    results = check("postfix", golden_table("healthy_satellite", SECTION))
    assert first_summary(results) == "1 message waiting, oldest 2 s"
    assert worst(results) is State.OK


def test_unreadable_queues_are_unknown_not_empty() -> None:
    results = check("postfix", golden_table("unprivileged_stopped", SECTION))
    assert [r.summary for r in results[:2] if isinstance(r, Result)] == [
        "Waiting mail is not known",
        "Cannot read queues.maildrop: Permission denied (and 1 more)",
    ]
    assert worst(results) is State.WARN
    assert metrics(results) == {}


def test_partly_readable_queues_say_so() -> None:
    results = check("postfix-out", golden_table("unprivileged_stopped", SECTION))
    assert first_summary(results) == (
        "At least 100000 messages waiting, oldest 20 min: "
        "host HOST said: 451 4.3.9 cosmic rays (5000) among 5000 examined"
    )
    assert "mail_relay_queue_maildrop" not in metrics(results)


def test_sampled_queue_has_no_size_and_says_what_was_examined() -> None:
    results = check("postfix-out", golden_table("unprivileged_stopped", SECTION))
    assert "mail_relay_queue_deferred_size" not in metrics(results)
    details = "\n".join(r.details for r in results if isinstance(r, Result))
    assert "Deferred: 100000 messages, oldest at least 20 minutes 0 seconds" in details
    assert "Examined for messages: 5000 of 100000" in details
    assert "Read from Postfix's showq service" in details


def test_null_queue_without_a_reason_warns() -> None:
    results = check_changed({}, {"deferred": None})
    assert results[:2] == [
        Result(state=State.OK, summary="No mail in the queues that can be read"),
        Result(
            state=State.WARN,
            summary="Cannot read deferred queue: the agent plug-in does not tell",
        ),
    ]


def test_rule_sets_the_state_of_what_cannot_be_read() -> None:
    assert worst(check_changed({}, {"deferred": None}, {"unreadable_state": 0})) is State.OK


@pytest.mark.parametrize(
    ("queue", "messages", "params", "state"),
    [
        pytest.param("deferred", 9, {}, State.OK, id="deferred below the default"),
        pytest.param("deferred", 10, {}, State.WARN, id="deferred at the default warning"),
        pytest.param("deferred", 100, {}, State.CRIT, id="deferred at the default critical"),
        pytest.param("active", 499, {}, State.OK, id="active below the default"),
        pytest.param("active", 2000, {}, State.CRIT, id="active at the default critical"),
        pytest.param("hold", 1000, {}, State.OK, id="hold is left to its finding"),
        pytest.param("maildrop", 1000, {}, State.OK, id="maildrop is left to its finding"),
        pytest.param(
            "hold", 1, {"messages_hold": ("fixed", (1, 5))}, State.WARN, id="levels on hold"
        ),
        pytest.param(
            "deferred", 1000, {"messages_deferred": ("no_levels", None)}, State.OK, id="no levels"
        ),
    ],
)
def test_levels_on_messages(
    queue: str, messages: int, params: Mapping[str, Any], state: State
) -> None:
    content = EMPTY | {"messages": messages, "oldest_arrival": NOW - 1, "examined": messages}
    assert worst(check_changed({}, {queue: content}, params)) is state


@pytest.mark.parametrize(
    ("queue", "age", "params", "state"),
    [
        pytest.param("deferred", 3599, {}, State.OK, id="deferred below the default"),
        pytest.param("deferred", 3600, {}, State.WARN, id="deferred at the default warning"),
        pytest.param("deferred", 14400, {}, State.CRIT, id="deferred at the default critical"),
        pytest.param("active", 99999, {}, State.OK, id="active has none"),
        pytest.param(
            "active", 60, {"age_active": ("fixed", (60, 120))}, State.WARN, id="levels on active"
        ),
        pytest.param("deferred", -3600, {}, State.OK, id="arrival in the future"),
    ],
)
def test_levels_on_age(queue: str, age: int, params: Mapping[str, Any], state: State) -> None:
    content = EMPTY | {"messages": 1, "oldest_arrival": NOW - age, "examined": 1}
    results = check_changed({}, {queue: content}, params)
    assert worst(results) is state
    assert metrics(results)[f"mail_relay_queue_{queue}_age"] == max(0, age)


def test_unknown_age_of_waiting_mail_is_no_metric() -> None:
    content = EMPTY | {"messages": 3, "examined": 0}
    results = check_changed({}, {"deferred": content})
    assert first_summary(results) == "3 messages waiting"
    assert "mail_relay_queue_deferred_age" not in metrics(results)


def test_levels_on_overdue_and_expiring() -> None:
    changes = {
        "overdue": {"messages": 4, "longest_s": 1000.0},
        "expiring": {"messages": 2, "within_s": 86400, "next": NOW + 60},
    }
    results = check_changed(
        changes, params={"overdue": ("fixed", (900, 3600)), "expiring": ("fixed", (1, 2))}
    )
    assert results[1:3] == [
        Result(state=State.CRIT, summary="Messages about to expire: 2 (warn/crit at 1/2)"),
        Result(
            state=State.WARN,
            summary=(
                "Delivery attempt overdue for: 16 minutes 40 seconds "
                "(warn/crit at 15 minutes 0 seconds/1 hour 0 minutes)"
            ),
        ),
    ]
    assert worst(check_changed(changes)) is State.OK


@pytest.mark.parametrize(
    ("params", "state"),
    [
        pytest.param({}, State.OK, id="levels decide by default"),
        pytest.param({"finding_deferred_old": "crit"}, State.CRIT, id="unless the rule says so"),
    ],
)
def test_old_deferred_mail_alarms_once(params: Mapping[str, Any], state: State) -> None:
    finding = {"id": "deferred_old", "severity": "crit", "summary": "Old mail"}
    results = check_changed({"findings": [finding]}, params=params)
    assert worst(results) is state


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        pytest.param(
            {"class": "refused", "sample": "connect to a.test[192.0.2.1]:587: Connection refused"},
            "connection refused on port 587",
            id="port from the sample",
        ),
        pytest.param(
            {"class": "auth_failed", "sample": "SASL authentication failed; server said 535"},
            "authentication failed",
            id="no port",
        ),
        pytest.param(
            {"class": "other", "text": "host HOST said: 451 odd", "sample": "x"},
            "host HOST said: 451 odd",
            id="text of the class other",
        ),
        pytest.param({"class": "other"}, "other reason", id="class other without a text"),
        pytest.param({"class": "from_the_future"}, "from the future", id="new class"),
        pytest.param({}, "other reason", id="no class"),
    ],
)
def test_reason_in_words(reason: Mapping[str, Any], words: str) -> None:
    deferred = EMPTY | {"messages": 1, "oldest_arrival": NOW - 60, "examined": 1}
    results = check_changed(
        {"deferral_reasons": [{"messages": 1, **reason}]}, {"deferred": deferred}
    )
    assert first_summary(results) == f"1 message waiting, oldest 1 min: {words} (1)"


@pytest.mark.parametrize(
    ("changes", "queues"),
    [
        pytest.param({"deferral_reasons": None}, {}, id="reasons not known"),
        pytest.param({"deferral_reasons": []}, {"deferred": None}, id="queue not known"),
    ],
)
def test_unknown_reasons_are_no_metrics(
    changes: Mapping[str, Any], queues: Mapping[str, Any]
) -> None:
    assert not any("reason" in name for name in metrics(check_changed(changes, queues)))


def test_classes_are_counted_by_group() -> None:
    reasons = [
        {"class": "timeout", "messages": 3},
        {"class": "refused", "messages": 2},
        {"class": "greylisted", "messages": 4},
        {"class": "from_the_future", "messages": 1},
    ]
    counts = metrics(check_changed({"deferral_reasons": reasons}))
    assert counts["mail_relay_queue_reason_connect"] == 5
    assert counts["mail_relay_queue_reason_limited"] == 4
    assert counts["mail_relay_queue_reason_other"] == 1
    assert counts["mail_relay_queue_reason_tls"] == 0
