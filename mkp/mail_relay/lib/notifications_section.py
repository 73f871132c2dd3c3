"""Section mail_relay_notifications: the mail of each Checkmk site of the host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.deliveries_section import (
    OUTCOMES,
    FailedDelivery,
    read_counters,
    read_failed_delivery,
)
from cmk_addons.plugins.mail_relay.lib.finding import Finding, parse_findings
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_section,
)
from cmk_addons.plugins.mail_relay.lib.queue_section import QUEUES, DeferralReason, read_reasons


@dataclass(frozen=True)
class SiteMail:
    """`waiting` counts all queues; `cause` is None where nothing failed yet.

    Counters and what happened in the last 24 hours come from the log.
    """

    time: int | None
    user: str | None
    instances: tuple[str, ...]
    senders: tuple[str, ...]
    waiting: int | None
    by_queue: Mapping[str, int]
    oldest: int | None
    reasons: tuple[DeferralReason, ...]
    cause: str | None
    cause_finding: str | None
    complete: bool | None
    counters: Mapping[str, int]
    sent_24h: int | None
    lost_24h: int | None
    last_sent: int | None
    last_lost: FailedDelivery | None
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


NotificationsSection = Mapping[str, SiteMail | Unreadable]


def parse_notifications_section(
    string_table: Sequence[Sequence[str]],
) -> NotificationsSection | None:
    return parse_section(string_table, "site", _read_site)


def _read_site(fields: Fields) -> SiteMail:
    return SiteMail(
        time=fields.moment("time"),
        user=fields.text("user"),
        instances=fields.texts("instances") or (),
        senders=fields.texts("senders") or (),
        waiting=fields.count("waiting"),
        by_queue=read_counters(fields.nested("waiting_by_queue"), QUEUES),
        oldest=fields.moment("oldest"),
        reasons=read_reasons(fields.rows("reasons")) or (),
        cause=fields.text("cause"),
        cause_finding=fields.text("cause_finding"),
        complete=fields.flag("complete"),
        counters=read_counters(fields.nested("counters"), OUTCOMES),
        sent_24h=fields.count("sent_24h"),
        lost_24h=fields.count("bounced_24h"),
        last_sent=fields.moment("last_sent"),
        last_lost=read_failed_delivery(fields.nested("last_lost")),
        findings=parse_findings(fields),
        problems=fields.problems(),
    )
