"""Section mail_relay_deliveries: what the log of an instance says about its deliveries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.finding import Finding, parse_findings
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_section,
)

# Recipients by outcome, then what Postfix did besides.
OUTCOMES = ("sent", "deferred", "bounced", "expired")
COUNTERS = (*OUTCOMES, "removed", "double_bounces", "discarded")
DAY_COUNTERS = ("sent", "relayed", "relayed_messages", "deferred", "bounced")

# The parts of a delay as Postfix logs them: "delays=a/b/c/d".
DELAYS = ("before_queue_manager", "queue_manager", "connection", "transmission")


@dataclass(frozen=True)
class LogSource:
    """`kind` is file, journal or none."""

    kind: str
    path: str | None

    @property
    def words(self) -> str:
        names = {"journal": "systemd journal", "none": "none found"}
        return self.path or names.get(self.kind) or self.kind


@dataclass(frozen=True)
class LogCoverage:
    """What of the log the numbers come from; moments are those of its lines."""

    complete: bool | None
    behind_bytes: int | None
    skipped_bytes: int | None
    since: int | None
    newest: int | None
    gaps: int | None


@dataclass(frozen=True)
class ClassCounters:
    failure_class: str
    counters: Mapping[str, int]


@dataclass(frozen=True)
class RelayCounters:
    name: str
    counters: Mapping[str, int]
    sent_24h: int | None
    last_sent: int | None


@dataclass(frozen=True)
class LogWarnings:
    """Warnings of one kind; `recent` is the number of the last 24 hours."""

    kind: str
    recent: int | None
    last: int | None
    text: str | None


@dataclass(frozen=True)
class FailedDelivery:
    time: int | None
    status: str
    failure_class: str
    relay: str | None
    dsn: str | None
    queue_id: str | None
    recipient: str | None
    text: str | None


@dataclass(frozen=True)
class Delay:
    """Of sent mail, monotone: all delays added up, and how many there were up to each length."""

    sum_s: float
    count: int
    buckets: tuple[tuple[float | None, int], ...]


@dataclass(frozen=True)
class LostMail:
    """Recipients whose mail was given up within `window_s`, newest sample first."""

    window_s: float | None
    recipients: int | None
    double_bounces: int | None
    last: int | None
    by_class: tuple[tuple[str, int], ...]
    samples: tuple[FailedDelivery, ...]


@dataclass(frozen=True)
class PostfixDeliveries:
    """`counters` hold only what the agent tells; `day` those of the last 24 hours."""

    time: int | None
    source: LogSource | None
    coverage: LogCoverage | None
    counters_since: int | None
    counters: Mapping[str, int]
    by_class: tuple[ClassCounters, ...]
    relays: tuple[RelayCounters, ...]
    warnings: tuple[LogWarnings, ...]
    last_sent: int | None
    last_sent_relay: str | None
    last_failure: FailedDelivery | None
    day: Mapping[str, int]
    delays: Mapping[str, Delay]
    lost: LostMail | None
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


DeliveriesSection = Mapping[str, PostfixDeliveries | Unreadable]


def parse_deliveries_section(string_table: Sequence[Sequence[str]]) -> DeliveriesSection | None:
    return parse_section(string_table, "instance", _read_deliveries)


def read_counters(fields: Fields | None, names: Sequence[str]) -> Mapping[str, int]:
    """The counts that are told."""
    counts = {name: fields.count(name) for name in names} if fields else {}
    return {name: count for name, count in counts.items() if count is not None}


def read_failed_delivery(fields: Fields | None) -> FailedDelivery | None:
    if fields is None:
        return None
    return FailedDelivery(
        time=fields.moment("time"),
        status=fields.text("status") or "failed",
        failure_class=fields.text("class") or "other",
        relay=fields.text("relay"),
        dsn=fields.text("dsn"),
        queue_id=fields.text("queue_id"),
        recipient=fields.text("recipient"),
        text=fields.text("text"),
    )


def _read_deliveries(fields: Fields) -> PostfixDeliveries:
    last_sent = fields.nested("last_sent")
    volume = fields.nested("volume")
    delays = fields.nested("delays")
    day = read_counters(volume, [f"{name}_24h" for name in DAY_COUNTERS])
    read_delays = {name: _read_delay(delays.nested(name)) for name in DELAYS} if delays else {}
    return PostfixDeliveries(
        time=fields.moment("time"),
        source=_read_source(fields.nested("source")),
        coverage=_read_coverage(fields.nested("coverage")),
        counters_since=fields.moment("counters_since"),
        counters=read_counters(fields.nested("counters"), COUNTERS),
        by_class=tuple(
            ClassCounters(row.text("class") or "other", read_counters(row, OUTCOMES))
            for row in fields.rows("by_class") or ()
        ),
        relays=tuple(_read_relay(row) for row in fields.rows("relays") or ()),
        warnings=tuple(
            LogWarnings(
                kind=row.text("kind") or "other",
                recent=row.count("recent"),
                last=row.moment("last"),
                text=row.text("text"),
            )
            for row in fields.rows("warnings") or ()
        ),
        last_sent=last_sent.moment("time") if last_sent else None,
        last_sent_relay=last_sent.text("relay") if last_sent else None,
        last_failure=read_failed_delivery(fields.nested("last_failure")),
        day={name.removesuffix("_24h"): count for name, count in day.items()},
        delays={name: delay for name, delay in read_delays.items() if delay is not None},
        lost=_read_lost(fields.nested("lost")),
        findings=parse_findings(fields),
        problems=fields.problems(),
    )


def _read_source(fields: Fields | None) -> LogSource | None:
    if fields is None:
        return None
    return LogSource(kind=fields.text("kind") or "unknown", path=fields.text("path"))


def _read_coverage(fields: Fields | None) -> LogCoverage | None:
    if fields is None:
        return None
    return LogCoverage(
        complete=fields.flag("complete"),
        behind_bytes=fields.count("behind_bytes"),
        skipped_bytes=fields.count("skipped_bytes"),
        since=fields.moment("since"),
        newest=fields.moment("newest"),
        gaps=fields.count("gaps"),
    )


def _read_relay(row: Fields) -> RelayCounters:
    return RelayCounters(
        name=row.text("relay") or "unknown",
        counters=read_counters(row, OUTCOMES),
        sent_24h=row.count("sent_24h"),
        last_sent=row.moment("last_sent"),
    )


def _read_delay(fields: Fields | None) -> Delay | None:
    if fields is None:
        return None
    sum_s = fields.number("sum_s")
    buckets = tuple(
        (row.number("up_to_s"), row.count("count") or 0) for row in fields.rows("buckets") or ()
    )
    if sum_s is None or sum_s < 0:
        return None
    return Delay(sum_s=sum_s, count=sum(count for _, count in buckets), buckets=buckets)


def _read_lost(fields: Fields | None) -> LostMail | None:
    if fields is None:
        return None
    samples = (read_failed_delivery(row) for row in fields.rows("samples") or ())
    return LostMail(
        window_s=fields.number("window_s"),
        recipients=fields.count("recipients"),
        double_bounces=fields.count("double_bounces"),
        last=fields.moment("last"),
        by_class=tuple(
            (row.text("class") or "other", row.count("recipients") or 0)
            for row in fields.rows("by_class") or ()
        ),
        samples=tuple(sample for sample in samples if sample is not None),
    )
