"""Section mail_relay_queue: what waits in the queues of an instance, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.finding import Finding, parse_findings
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_section,
)

# In the order of a message's way; those of WAITING_QUEUES get delivered without anybody's help.
QUEUES = ("maildrop", "incoming", "active", "deferred", "hold", "corrupt")
WAITING_QUEUES = QUEUES[:4]


@dataclass(frozen=True)
class AgeBucket:
    """Messages up to this age and above that of the bucket before; None is the open end."""

    up_to_s: float | None
    messages: int | None


@dataclass(frozen=True)
class Queue:
    """`messages` is exact; bytes, arrival and buckets are those of the `examined` ones."""

    messages: int | None
    bytes: int | None
    oldest_arrival: int | None
    examined: int | None
    age_buckets: tuple[AgeBucket, ...]

    @property
    def sampled(self) -> bool:
        if self.examined is None or self.messages is None:
            return False
        return self.examined < self.messages


@dataclass(frozen=True)
class DeferralReason:
    failure_class: str
    messages: int
    oldest: int | None
    dsn: str | None
    text: str | None
    sample: str | None


@dataclass(frozen=True)
class Coverage:
    examined: int
    total: int


@dataclass(frozen=True)
class PostfixQueues:
    """`queues` holds every name of QUEUES; None where it could not be read."""

    time: int | None
    source: str | None
    queues: Mapping[str, Queue | None]
    next_attempt: int | None
    last_attempt: int | None
    overdue_messages: int | None
    overdue_longest_s: float | None
    expiring_messages: int | None
    expiring_within_s: float | None
    expiring_next: int | None
    deferral_reasons: tuple[DeferralReason, ...] | None
    destination_domains: tuple[tuple[str, int], ...]
    senders: tuple[tuple[str, int], ...]
    coverage: Mapping[str, Coverage]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


QueueSection = Mapping[str, PostfixQueues | Unreadable]


def parse_queue_section(string_table: Sequence[Sequence[str]]) -> QueueSection | None:
    return parse_section(string_table, "instance", _read_queues)


def _read_queues(fields: Fields) -> PostfixQueues:
    queues = fields.nested("queues")
    overdue = fields.nested("overdue")
    expiring = fields.nested("expiring")
    return PostfixQueues(
        time=fields.moment("time"),
        source=fields.text("source"),
        queues={name: _read_queue(queues.nested(name) if queues else None) for name in QUEUES},
        next_attempt=fields.moment("next_attempt"),
        last_attempt=fields.moment("last_attempt"),
        overdue_messages=overdue.count("messages") if overdue else None,
        overdue_longest_s=overdue.number("longest_s") if overdue else None,
        expiring_messages=expiring.count("messages") if expiring else None,
        expiring_within_s=expiring.number("within_s") if expiring else None,
        expiring_next=expiring.moment("next") if expiring else None,
        deferral_reasons=read_reasons(fields.rows("deferral_reasons")),
        destination_domains=_read_ranking(fields.rows("destination_domains"), "domain"),
        senders=_read_ranking(fields.rows("senders"), "sender"),
        coverage=_read_coverage(fields.nested("coverage")),
        findings=parse_findings(fields),
        problems=fields.problems(),
    )


def _read_queue(fields: Fields | None) -> Queue | None:
    if fields is None:
        return None
    return Queue(
        messages=fields.count("messages"),
        bytes=fields.count("bytes"),
        oldest_arrival=fields.moment("oldest_arrival"),
        examined=fields.count("examined"),
        age_buckets=tuple(
            AgeBucket(up_to_s=row.number("up_to_s"), messages=row.count("messages"))
            for row in fields.rows("age_buckets") or ()
        ),
    )


def read_reasons(rows: Sequence[Fields] | None) -> tuple[DeferralReason, ...] | None:
    """Rows of class, messages, oldest, dsn, text and sample."""
    if rows is None:
        return None
    return tuple(
        DeferralReason(
            failure_class=row.text("class") or "other",
            messages=row.count("messages") or 0,
            oldest=row.moment("oldest"),
            dsn=row.text("dsn"),
            text=row.text("text"),
            sample=row.text("sample"),
        )
        for row in rows
    )


def _read_ranking(rows: Sequence[Fields] | None, key: str) -> tuple[tuple[str, int], ...]:
    return tuple((row.text(key) or "(empty)", row.count("messages") or 0) for row in rows or ())


def _read_coverage(fields: Fields | None) -> Mapping[str, Coverage]:
    coverage = {}
    for name in ("messages", "reasons"):
        row = fields.nested(name) if fields else None
        if row is None:
            continue
        examined, total = row.count("examined"), row.count("total")
        if examined is not None and total is not None:
            coverage[name] = Coverage(examined, total)
    return coverage
