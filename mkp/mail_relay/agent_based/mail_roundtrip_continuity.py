"""Mail continuity: internal and external loops of a host read together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cmk.agent_based.v2 import (
    AgentSection,
    CheckPlugin,
    CheckResult,
    DiscoveryResult,
    Metric,
    Result,
    Service,
    State,
)
from cmk_addons.plugins.mail_relay.agent_based.results import (
    detail_lines,
    lead_with_worst,
    problem_results,
)
from cmk_addons.plugins.mail_relay.lib.continuity_section import (
    SIDES,
    Continuity,
    LoopState,
    parse_continuity_section,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import CONTINUITY_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.json_section import Unreadable, with_unexplained

_VERDICTS = {
    "healthy": "Healthy",
    "deliverability_issue": "Deliverability issue: mail arrives inside but not outside",
    "local_infrastructure_issue": "Local infrastructure issue: internal mail does not arrive",
    "total_outage": "Total outage: no mail arrives, neither inside nor outside",
    "not_enough_data": "Not enough data: internal and external loops must both have run",
}

_SHOWN_REASONS = 2

agent_section_mail_roundtrip_continuity = AgentSection(
    name="mail_roundtrip_continuity",
    parse_function=parse_continuity_section,
)


def discover_mail_roundtrip_continuity(section: Continuity | Unreadable) -> DiscoveryResult:
    """Only where there are loops of both kinds: one kind alone tells nothing about the other."""
    if isinstance(section, Continuity) and all(section.loops_of(side) for side in SIDES):
        yield Service()


def check_mail_roundtrip_continuity(
    params: Mapping[str, Any], section: Continuity | Unreadable
) -> CheckResult:
    if isinstance(section, Unreadable):
        yield from problem_results(section.problems, params)
        return
    problems = with_unexplained(section.problems, {"verdict": section.verdict or None})
    yield from lead_with_worst(
        (
            *_check_verdict(section, params),
            *problem_results(problems, params),
            *detail_lines(list(_describe(section))),
            *(
                Metric(
                    f"mail_roundtrip_failing_{side}",
                    sum(loop.state == "failing" for loop in section.loops_of(side)),
                )
                for side in SIDES
            ),
        )
    )


def _check_verdict(continuity: Continuity, params: Mapping[str, Any]) -> Iterator[Result]:
    verdict = continuity.verdict
    if not verdict:
        return
    state = State.OK if verdict == "healthy" else State(params.get(verdict, 1))
    text = _VERDICTS.get(verdict, verdict.replace("_", " ").capitalize())
    if verdict == "healthy":
        told = ", ".join(f"{len(continuity.loops_of(side))} {side}" for side in SIDES)
    else:
        told = _reasons([loop for loop in continuity.loops if loop.state != "ok"])
    yield Result(state=state, summary=f"{text} ({told})" if told else text)


def _reasons(loops: Sequence[LoopState]) -> str:
    """Loops by what is wrong with them, which they often share."""
    names: dict[str, list[str]] = {}
    for loop in loops:
        names.setdefault(loop.reason or loop.state, []).append(loop.loop)
    told = [f"{', '.join(loops)}: {reason}" for reason, loops in names.items()]
    more = [f"{len(told) - _SHOWN_REASONS} more below"] if len(told) > _SHOWN_REASONS else []
    return "; ".join(told[:_SHOWN_REASONS] + more)


def _describe(continuity: Continuity) -> Iterator[str]:
    for loop in continuity.loops:
        reason = f": {loop.reason}" if loop.reason else ""
        yield f"{loop.side.capitalize()} loop {loop.loop} is {loop.state}{reason}"


check_plugin_mail_roundtrip_continuity = CheckPlugin(
    name="mail_roundtrip_continuity",
    service_name="Mail continuity",
    discovery_function=discover_mail_roundtrip_continuity,
    check_function=check_mail_roundtrip_continuity,
    check_default_parameters=dict(CONTINUITY_DEFAULTS),
    check_ruleset_name="mail_roundtrip_continuity",
)
