"""Mail roundtrip: do the probes of each loop arrive, and how fast."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
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
    get_value_store,
    render,
)
from cmk_addons.plugins.mail_relay.agent_based.endpoint_results import (
    duration_words,
    failure_result,
)
from cmk_addons.plugins.mail_relay.agent_based.results import (
    detail_lines,
    elapsed,
    lead_with_worst,
    level_results,
    problem_results,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import ROUNDTRIP_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.json_section import (
    entry_of,
    named_entries,
    with_unexplained,
)
from cmk_addons.plugins.mail_relay.lib.roundtrip_section import (
    Completion,
    Loop,
    RoundtripSection,
    Totals,
    parse_roundtrip_section,
)
from cmk_addons.plugins.mail_relay.lib.submission_section import Submission, SubmissionSection

_LAST_JUDGED = "last_judged_completion"

_MEASURED = {
    "observed": "seen arriving",
    "internaldate": "by the mailbox server's clock, corrected",
}

agent_section_mail_roundtrip = AgentSection(
    name="mail_roundtrip",
    parse_function=parse_roundtrip_section,
)


def discover_mail_roundtrip(
    section_mail_roundtrip: RoundtripSection | None,
    section_mail_roundtrip_submission: SubmissionSection | None,
) -> DiscoveryResult:
    for name, _entry in named_entries(section_mail_roundtrip or {}):
        yield Service(item=name)


def check_mail_roundtrip(
    item: str,
    params: Mapping[str, Any],
    section_mail_roundtrip: RoundtripSection | None,
    section_mail_roundtrip_submission: SubmissionSection | None,
) -> CheckResult:
    loop, problems = entry_of(section_mail_roundtrip or {}, item)
    if loop is None:
        yield from problem_results(problems, params)
        return
    if loop.definition_error is not None:
        yield Result(state=State.CRIT, summary=f"The loop cannot run: {loop.definition_error}")
        return
    facts = {"outstanding": loop.outstanding, "lost": loop.lost}
    problems = with_unexplained(loop.problems, facts) + problems
    judged = _completions_to_judge(loop.completed, get_value_store())
    yield from lead_with_worst(
        (
            *_check_failures(loop, params),
            *_check_lost(loop, params),
            *_check_outstanding(loop, params),
            *_check_latency(loop, judged, params),
            *_phase_metrics(loop, entry_of(section_mail_roundtrip_submission or {}, item)[0]),
            *_check_last_arrival(loop, params),
            *_check_state(loop, params),
            *problem_results(problems, params),
            *detail_lines(list(_describe(loop))),
        )
    )


def _check_failures(loop: Loop, params: Mapping[str, Any]) -> Iterator[Result]:
    yield from failure_result(
        "Submission", loop.submission_failure, params["submission_failure_state"]
    )
    yield from failure_result(
        "Mailbox access", loop.mailbox_failure, params["mailbox_failure_state"]
    )


def _completions_to_judge(
    completed: Sequence[Completion], store: MutableMapping[str, Any]
) -> Sequence[Completion]:
    """What arrived since the last check; only the newest where no check came before.

    The agent repeats completions, because others than this check read them too.
    """
    if not completed:
        return ()
    newest = _newest(completed)
    last_judged = store.get(_LAST_JUDGED)
    store[_LAST_JUDGED] = newest.number
    if last_judged is None:
        return (newest,)
    # A number that fell means that the agent lost its state and counts anew.
    already = last_judged if newest.number >= last_judged else 0
    return [completion for completion in completed if completion.number > already]


def _newest(completed: Sequence[Completion]) -> Completion:
    return max(completed, key=lambda completion: completion.number)


def _check_latency(
    loop: Loop, judged: Sequence[Completion], params: Mapping[str, Any]
) -> CheckResult:
    """The slowest of what is new; what is not new keeps the verdict it had."""
    yield Metric("mail_roundtrip_arrived", len(judged))
    if not loop.completed:
        return
    slowest = max(judged or (_newest(loop.completed),), key=lambda c: c.latency_s)
    how = _MEASURED.get(slowest.measured or "", "")
    took = f"{duration_words(slowest.latency_s)}{', after it was given up' if slowest.late else ''}"
    age_s = elapsed(slowest.arrived, loop.time)
    ago = f", arrived {render.timespan(age_s)} ago" if age_s else ""
    yield Result(
        state=State.OK,
        summary=f"{'Slowest' if len(judged) > 1 else 'Last'} probe took {took}{ago}",
        details=(
            f"Probe {slowest.sequence if slowest.sequence is not None else ''} took {took}"
            f"{f' ({how})' if how else ''}{f' to {slowest.folder}' if slowest.folder else ''}"
        ),
    )
    yield from level_results(
        slowest.latency_s,
        levels_upper=params["latency"],
        metric_name="mail_roundtrip_latency",
        render_func=duration_words,
        label="Latency",
    )


def _phase_metrics(loop: Loop, submission: Submission | None) -> Iterator[Metric]:
    """Where the time of the newest probe went: its submission by phase, the rest is delivery."""
    newest = _newest(loop.completed) if loop.completed else None
    if newest is None or submission is None or not submission.endpoint.ok:
        return
    # The dialogue begins in the second in which the probe was made, or in the next.
    if newest.sent is None or submission.at is None or submission.at - newest.sent not in (0, 1):
        return
    phases = submission.endpoint.phases_s
    spans = {
        "connect": sum(phases.get(name, 0.0) for name in ("resolve", "connect", "greeting")),
        **{name: phases.get(name, 0.0) for name in ("tls", "auth", "accept")},
    }
    for name, span_s in spans.items():
        yield Metric(f"mail_roundtrip_phase_{name}", span_s)
    delivery_s = max(0.0, newest.latency_s - sum(spans.values()))
    yield Metric("mail_roundtrip_phase_delivery", delivery_s)


def _check_lost(loop: Loop, params: Mapping[str, Any]) -> CheckResult:
    if loop.lost is not None:
        yield from level_results(
            loop.lost,
            levels_upper=params["lost"],
            metric_name="mail_roundtrip_lost",
            render_func=_probes,
            label="Lost",
        )


def _check_outstanding(loop: Loop, params: Mapping[str, Any]) -> CheckResult:
    if loop.outstanding is None:
        return
    if loop.outstanding:
        yield Result(state=State.OK, summary=f"{_probes(loop.outstanding)} on the way")
    yield Metric("mail_roundtrip_outstanding", loop.outstanding)
    age_s = loop.oldest_outstanding_s if loop.outstanding else 0.0
    if age_s is not None:
        yield from level_results(
            max(0.0, age_s),
            levels_upper=params["outstanding_age"],
            metric_name="mail_roundtrip_outstanding_age",
            render_func=render.timespan,
            label="Oldest probe on the way",
        )


def _check_last_arrival(loop: Loop, params: Mapping[str, Any]) -> CheckResult:
    if loop.last_arrived is None:
        yield Result(state=State.OK, summary="No probe has arrived yet")
    if (age_s := elapsed(loop.last_arrived, loop.time)) is not None:
        if not loop.completed:
            text = f"Last probe arrived {render.timespan(age_s)} ago"
            yield Result(state=State.OK, summary=text)
        yield from level_results(
            age_s,
            levels_upper=params["last_arrival_age"],
            metric_name="mail_roundtrip_last_arrival_age",
            render_func=render.timespan,
            label="Nothing arrived for",
        )


def _check_state(loop: Loop, params: Mapping[str, Any]) -> Iterator[Result]:
    if loop.state_problem is not None:
        yield Result(
            state=State(params["unreadable_state"]),
            summary=f"State of the loop: {loop.state_problem}",
        )


def _probes(count: float) -> str:
    return f"{count:g} probe" if count == 1 else f"{count:g} probes"


def _describe(loop: Loop) -> Iterator[str]:
    if loop.kind:
        yield f"Kind of loop: {loop.kind}"
    if loop.interval_s is not None:
        yield f"A probe every {render.timespan(max(0.0, loop.interval_s))}"
    if loop.lost_after_s is not None:
        yield f"Given up after {render.timespan(max(0.0, loop.lost_after_s))}"
    for words, moment in (("Last probe tried", loop.last_sent), ("Next probe due", loop.next_due)):
        if moment is not None:
            yield f"{words}: {render.datetime(moment)}"
    if loop.totals is not None:
        yield from _describe_totals(loop.totals)
    if loop.agent_version:
        yield f"Agent: {loop.agent_version}"


def _describe_totals(totals: Totals) -> Iterator[str]:
    counts = {
        "sent": totals.sent,
        "arrived": totals.completed,
        "lost": totals.lost,
        "late": totals.late,
        "duplicates": totals.duplicates,
    }
    words = ", ".join(f"{name} {count}" for name, count in counts.items() if count is not None)
    since = f" since {render.datetime(totals.since)}" if totals.since is not None else ""
    if words:
        yield f"Probes{since}: {words}"


check_plugin_mail_roundtrip = CheckPlugin(
    name="mail_roundtrip",
    sections=["mail_roundtrip", "mail_roundtrip_submission"],
    service_name="Mail roundtrip %s",
    discovery_function=discover_mail_roundtrip,
    check_function=check_mail_roundtrip,
    check_default_parameters=dict(ROUNDTRIP_DEFAULTS),
    check_ruleset_name="mail_roundtrip",
)
