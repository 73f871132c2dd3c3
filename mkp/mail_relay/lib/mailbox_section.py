"""Section mail_roundtrip_mailbox: this run's dialogue of each loop with its IMAP server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.endpoint import Endpoint, read_endpoint
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_section,
)


@dataclass(frozen=True)
class Folder:
    """`role` is inbox, junk or further."""

    name: str
    role: str
    messages: int | None
    read_only: bool | None
    error: str | None


@dataclass(frozen=True)
class Quota:
    used: int
    limit: int

    @property
    def percent(self) -> float:
        return 100.0 * self.used / self.limit


@dataclass(frozen=True)
class Deletion:
    asked: bool | None
    deleted: int | None
    left: int | None
    why_left: str | None


@dataclass(frozen=True)
class Mailbox:
    endpoint: Endpoint
    capabilities: tuple[str, ...] | None
    folders: tuple[Folder, ...]
    storage: Quota | None
    messages: Quota | None
    deletion: Deletion | None
    clock_offset_s: float | None
    problems: tuple[Problem, ...]


MailboxSection = Mapping[str, Mailbox | Unreadable]


def parse_mailbox_section(string_table: Sequence[Sequence[str]]) -> MailboxSection | None:
    return parse_section(string_table, "loop", _read_mailbox)


def _read_mailbox(fields: Fields) -> Mailbox:
    quota = fields.nested("quota")
    return Mailbox(
        endpoint=read_endpoint(fields),
        capabilities=fields.texts("capabilities"),
        folders=tuple(
            Folder(
                name=row.text("name") or "",
                role=row.text("role") or "further",
                messages=row.count("messages"),
                read_only=row.flag("read_only"),
                error=row.text("error"),
            )
            for row in fields.rows("folders") or ()
        ),
        storage=_read_quota(quota and quota.nested("storage"), "used_bytes", "limit_bytes"),
        messages=_read_quota(quota and quota.nested("messages"), "used", "limit"),
        deletion=_read_deletion(fields.nested("deletion")),
        clock_offset_s=fields.number("clock_offset_s"),
        problems=fields.problems(),
    )


def _read_quota(fields: Fields | None, used_key: str, limit_key: str) -> Quota | None:
    """None also where the server sets no limit."""
    if fields is None:
        return None
    used, limit = fields.count(used_key), fields.count(limit_key)
    return Quota(used, limit) if used is not None and limit else None


def _read_deletion(fields: Fields | None) -> Deletion | None:
    if fields is None:
        return None
    return Deletion(
        asked=fields.flag("asked"),
        deleted=fields.count("deleted"),
        left=fields.count("left"),
        why_left=fields.text("why_left"),
    )
