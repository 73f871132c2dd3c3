"""Section mail_relay_connection: a look at the relays of an instance from its host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.endpoint import Endpoint, read_endpoint
from cmk_addons.plugins.mail_relay.lib.finding import Finding, parse_findings
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_section,
)


@dataclass(frozen=True)
class RelayLook:
    """One relay; the endpoint is the address `used`, else the first that failed."""

    relayhost: str
    endpoint: Endpoint
    used: str | None
    mx_lookup: bool | None
    tls_level: str | None
    resolved_in: str | None
    exchangers: tuple[str, ...]
    size_limit: int | None


@dataclass(frozen=True)
class PostfixConnection:
    """`looked_at` is before `time` where a look is kept; `skipped` tells why there is none."""

    time: int | None
    looked_at: int | None
    interval_s: float | None
    skipped: str | None
    relays: tuple[RelayLook, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


ConnectionSection = Mapping[str, PostfixConnection | Unreadable]


def parse_connection_section(string_table: Sequence[Sequence[str]]) -> ConnectionSection | None:
    return parse_section(string_table, "instance", _read_connection)


def _read_connection(fields: Fields) -> PostfixConnection:
    return PostfixConnection(
        time=fields.moment("time"),
        looked_at=fields.moment("looked_at"),
        interval_s=fields.number("interval_s"),
        skipped=fields.text("skipped"),
        relays=tuple(_read_relay(row) for row in fields.rows("relays") or ()),
        findings=parse_findings(fields),
        problems=fields.problems(),
    )


def _read_relay(row: Fields) -> RelayLook:
    resolution = row.nested("resolution")
    used = row.text("used")
    addresses = {address.text("address"): address for address in row.rows("addresses") or ()}
    exchangers = resolution.rows("exchangers") if resolution else None
    return RelayLook(
        relayhost=row.text("relayhost") or "",
        endpoint=read_endpoint(row),
        used=used,
        mx_lookup=row.flag("mx_lookup"),
        tls_level=row.text("tls_level"),
        resolved_in=resolution.text("place") if resolution else None,
        exchangers=tuple(mx.text("host") or "" for mx in exchangers or ()),
        size_limit=addresses[used].count("size_limit") if used in addresses else None,
    )
