"""Section mail_roundtrip_submission: the last dialogue of each loop with its SMTP server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.endpoint import Endpoint, read_endpoint, read_failure
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_section,
)


@dataclass(frozen=True)
class OpenRelayAnswer:
    """`answer` is refused, accepted or unknown; `reply` is the server's, or why there is none."""

    answer: str
    reply: str | None


@dataclass(frozen=True)
class Submission:
    endpoint: Endpoint
    at: int | None
    extensions: tuple[str, ...] | None
    queued_as: str | None
    open_relay: OpenRelayAnswer | None
    problems: tuple[Problem, ...]


SubmissionSection = Mapping[str, Submission | Unreadable]


def parse_submission_section(string_table: Sequence[Sequence[str]]) -> SubmissionSection | None:
    return parse_section(string_table, "loop", _read_submission)


def _read_submission(fields: Fields) -> Submission:
    return Submission(
        endpoint=read_endpoint(fields),
        at=fields.moment("at"),
        extensions=fields.texts("extensions"),
        queued_as=fields.text("queued_as"),
        open_relay=_read_open_relay(fields.nested("open_relay")),
        problems=fields.problems(),
    )


def _read_open_relay(fields: Fields | None) -> OpenRelayAnswer | None:
    if fields is None:
        return None
    failure = read_failure(fields.nested("failure"))
    reply = fields.text("reply") or (failure.error if failure else None)
    return OpenRelayAnswer(fields.text("answer") or "unknown", reply)
