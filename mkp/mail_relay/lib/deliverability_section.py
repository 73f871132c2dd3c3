"""Section mail_roundtrip_deliverability: what the receiving side thought of the newest probe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_section,
)

METHODS = ("spf", "dkim", "dmarc")


@dataclass(frozen=True)
class Verdict:
    """One result of RFC 8601, for example `pass` for `example.org`."""

    result: str
    domain: str | None
    reason: str | None


@dataclass(frozen=True)
class Hop:
    """One Received header; `delay_s` may be negative where clocks disagree."""

    by: str | None
    protocol: str | None
    delay_s: float | None


@dataclass(frozen=True)
class SendingAddress:
    """`reverse_name` is empty where there is none, None where it is not known."""

    address: str
    public: bool | None
    reverse_name: str | None
    forward_confirmed: bool | None


@dataclass(frozen=True)
class BlockListAnswer:
    """`answer` is listed, not_listed or unknown."""

    zone: str
    answer: str
    codes: tuple[str, ...]
    text: str | None


@dataclass(frozen=True)
class Deliverability:
    """`arrived` is None as long as no probe has arrived; the rest is then unknown or empty."""

    time: int | None
    arrived: int | None
    folder: str | None
    folder_role: str | None
    authority: str | None
    verdicts: Mapping[str, Verdict]
    hops: tuple[Hop, ...]
    sending_address: SendingAddress | None
    block_lists: tuple[BlockListAnswer, ...]
    problems: tuple[Problem, ...]


DeliverabilitySection = Mapping[str, Deliverability | Unreadable]


def parse_deliverability_section(
    string_table: Sequence[Sequence[str]],
) -> DeliverabilitySection | None:
    return parse_section(string_table, "loop", _read_deliverability)


def _read_deliverability(fields: Fields) -> Deliverability:
    probe = fields.nested("probe")
    folder = fields.nested("folder")
    authentication = fields.nested("authentication")
    return Deliverability(
        time=fields.moment("time"),
        arrived=probe.moment("arrived") if probe else None,
        folder=folder.text("name") if folder else None,
        folder_role=folder.text("role") if folder else None,
        authority=authentication.text("authority") if authentication else None,
        verdicts=_read_verdicts(authentication) if authentication else {},
        hops=tuple(
            Hop(by=row.text("by"), protocol=row.text("protocol"), delay_s=row.number("delay_s"))
            for row in fields.rows("hops") or ()
        ),
        sending_address=_read_sending_address(fields.nested("sending_address")),
        block_lists=tuple(
            BlockListAnswer(
                zone=row.text("zone") or "",
                answer=row.text("answer") or "unknown",
                codes=row.texts("codes") or (),
                text=row.text("text"),
            )
            for row in fields.rows("block_lists") or ()
        ),
        problems=fields.problems(),
    )


def _read_verdicts(fields: Fields) -> Mapping[str, Verdict]:
    verdicts = {}
    for method in METHODS:
        row = fields.nested(method)
        if row is not None and (result := row.text("result")):
            verdicts[method] = Verdict(result.lower(), row.text("domain"), row.text("reason"))
    return verdicts


def _read_sending_address(fields: Fields | None) -> SendingAddress | None:
    if fields is None:
        return None
    return SendingAddress(
        address=fields.text("address") or "",
        public=fields.flag("public"),
        reverse_name=fields.text("reverse_name"),
        forward_confirmed=fields.flag("forward_confirmed"),
    )
