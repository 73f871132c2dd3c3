"""Section mail_roundtrip_continuity: all loops of a host read together, in one object."""

from collections.abc import Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_single_object,
)

SIDES = ("internal", "external")


@dataclass(frozen=True)
class LoopState:
    """`state` is ok, failing or unknown."""

    side: str
    loop: str
    state: str
    reason: str | None


@dataclass(frozen=True)
class Continuity:
    verdict: str | None
    loops: tuple[LoopState, ...]
    problems: tuple[Problem, ...]

    def loops_of(self, side: str) -> tuple[LoopState, ...]:
        return tuple(loop for loop in self.loops if loop.side == side)


def parse_continuity_section(
    string_table: Sequence[Sequence[str]],
) -> Continuity | Unreadable | None:
    return parse_single_object(string_table, _read_continuity)


def _read_continuity(fields: Fields) -> Continuity:
    loops = [
        LoopState(
            side=side,
            loop=row.text("loop") or "unnamed",
            state=row.text("state") or "unknown",
            reason=row.text("reason"),
        )
        for side in SIDES
        for row in fields.rows(side) or ()
    ]
    return Continuity(
        verdict=fields.text("verdict"), loops=tuple(loops), problems=fields.problems()
    )
