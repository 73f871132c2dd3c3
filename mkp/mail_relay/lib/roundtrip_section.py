"""Section mail_roundtrip: the ledger of each loop's probes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.endpoint import Failure, read_failure
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_section,
)


@dataclass(frozen=True)
class Completion:
    """A probe that arrived; `number` counts the completions of a loop and never falls."""

    number: int
    sequence: int | None
    sent: int | None
    arrived: int | None
    latency_s: float
    measured: str | None
    late: bool
    folder: str | None


@dataclass(frozen=True)
class Totals:
    since: int | None
    sent: int | None
    completed: int | None
    lost: int | None
    late: int | None
    duplicates: int | None


@dataclass(frozen=True)
class Loop:
    """`completed` is oldest first and repeated from run to run: `number` tells what is new."""

    time: int | None
    definition_error: str | None
    kind: str | None
    interval_s: float | None
    lost_after_s: float | None
    last_sent: int | None
    next_due: int | None
    last_arrived: int | None
    completed: tuple[Completion, ...]
    outstanding: int | None
    oldest_outstanding_s: float | None
    lost: int | None
    totals: Totals | None
    submission_failure: Failure | None
    mailbox_failure: Failure | None
    state_problem: str | None
    agent_version: str | None
    problems: tuple[Problem, ...]


RoundtripSection = Mapping[str, Loop | Unreadable]


def parse_roundtrip_section(string_table: Sequence[Sequence[str]]) -> RoundtripSection | None:
    return parse_section(string_table, "loop", _read_loop)


def _read_loop(fields: Fields) -> Loop:
    last_arrival = fields.nested("last_arrival")
    outstanding = fields.nested("outstanding")
    lost = fields.nested("lost")
    rows = (_read_completion(row) for row in fields.rows("completed") or ())
    return Loop(
        time=fields.moment("time"),
        definition_error=fields.text("definition_error"),
        kind=fields.text("kind"),
        interval_s=fields.number("interval_s"),
        lost_after_s=fields.number("lost_after_s"),
        last_sent=fields.moment("last_sent"),
        next_due=fields.moment("next_due"),
        last_arrived=last_arrival.moment("arrived") if last_arrival else None,
        completed=tuple(completion for completion in rows if completion is not None),
        outstanding=outstanding.count("probes") if outstanding else None,
        oldest_outstanding_s=outstanding.number("oldest_age_s") if outstanding else None,
        lost=lost.count("open") if lost else None,
        totals=_read_totals(fields.nested("totals")),
        submission_failure=read_failure(fields.nested("submission_failure")),
        mailbox_failure=read_failure(fields.nested("mailbox_failure")),
        state_problem=fields.text("state_problem"),
        agent_version=fields.text("agent_version"),
        problems=fields.problems(),
    )


def _read_completion(row: Fields) -> Completion | None:
    number, latency_s = row.count("number"), row.number("latency_s")
    if number is None or latency_s is None:
        return None
    return Completion(
        number=number,
        sequence=row.count("sequence"),
        sent=row.moment("sent"),
        arrived=row.moment("arrived"),
        # Clocks that disagree can make a mail arrive before it was sent.
        latency_s=max(0.0, latency_s),
        measured=row.text("measured"),
        late=row.flag("late") or False,
        folder=row.text("folder"),
    )


def _read_totals(fields: Fields | None) -> Totals | None:
    if fields is None:
        return None
    return Totals(
        since=fields.moment("since"),
        sent=fields.count("sent"),
        completed=fields.count("completed"),
        lost=fields.count("lost"),
        late=fields.count("late"),
        duplicates=fields.count("duplicates"),
    )
