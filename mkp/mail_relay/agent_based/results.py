"""Results that all checks of this family have in common."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from cmk.agent_based.v2 import CheckResult, Metric, Result, State, check_levels, render
from cmk_addons.plugins.mail_relay.lib.finding import OK, Finding, judge_finding
from cmk_addons.plugins.mail_relay.lib.json_section import Problem

# More than this no one reads in a notification's subject.
_SHOWN_IN_SUMMARY = 3
_SHOWN_PROBLEMS = 20

_RANK = {State.OK: 0, State.WARN: 1, State.UNKNOWN: 2, State.CRIT: 3}
_MARKERS = {State.OK: "", State.WARN: "(!)", State.UNKNOWN: "(?)", State.CRIT: "(!!)"}
_UNITS = (("d", 86400), ("h", 3600), ("min", 60))


def finding_results(findings: Iterable[Finding], params: Mapping[str, Any]) -> Iterator[Result]:
    """One result for each finding that is not ignored; what is OK shows in the details only."""
    for finding in findings:
        state = judge_finding(finding, params)
        if state is None:
            continue
        if state == OK:
            yield Result(state=State.OK, notice=finding.summary, details=finding.details())
        else:
            yield explained_result(State(state), finding.summary, finding.details())


def explained_result(state: State, summary: str, details: str) -> Result:
    """What is wrong, with details of any number of lines."""
    return Result(
        state=state, summary=summary, details=marked(details, state) if "\n" in details else details
    )


def marked(details: str, state: State) -> str:
    """`details` with the marker of `state` after the first line.

    Checkmk puts it after the last, which may be a command that somebody is going to copy.
    """
    marker = _MARKERS[state]
    if marker in details:
        return details
    first, newline, rest = details.partition("\n")
    return f"{first}{marker}{newline}{rest}"


def problem_results(problems: Sequence[Problem], params: Mapping[str, Any]) -> Iterator[Result]:
    """One result for everything that could not be read, with the reasons."""
    if not problems:
        return
    first = _problem_words(problems[0])
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    yield explained_result(
        State(params["unreadable_state"]),
        first + more,
        "\n".join(_problem_words(problem) for problem in problems[:_SHOWN_PROBLEMS]),
    )


def _problem_words(problem: Problem) -> str:
    """An error that says itself what could not be done, with what; else what could not be read."""
    if problem.error.startswith("cannot "):
        return problem.error[0].upper() + problem.error[1:]
    return f"Cannot read {problem.what}: {problem.error}"


def requirement_result(text: str, params: Mapping[str, Any]) -> Result:
    """A demand of the rule that is not met."""
    return Result(state=State(params["unmet_state"]), summary=text)


def level_results(
    value: float,
    *,
    label: str,
    metric_name: str,
    render_func: Callable[[float], str],
    levels_upper: Any = None,
    levels_lower: Any = None,
) -> CheckResult:
    """The metric, and a result only where levels are violated."""
    for outcome in check_levels(
        value,
        levels_upper=levels_upper,
        levels_lower=levels_lower,
        metric_name=metric_name,
        render_func=render_func,
        label=label,
    ):
        if isinstance(outcome, Metric) or outcome.state is not State.OK:
            yield outcome


def remaining_words(seconds: float) -> str:
    """A remaining time; negative where it is over."""
    return render.timespan(seconds) if seconds >= 0 else f"-{render.timespan(-seconds)}"


def short_timespan(seconds: float) -> str:
    """The largest unit only, for example `2 h`."""
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"


def elapsed(earlier: int | None, later: int | None) -> int | None:
    """Seconds between two moments; 0 where clocks disagree, None where one is not known."""
    return None if earlier is None or later is None else max(0, later - earlier)


def judged_headline(summary: str, verdicts: Iterable[Result]) -> Result:
    """A headline with the worst state of the verdicts on the numbers it names.

    The verdicts stand in the details, so that no number is told twice in one line.
    """
    verdicts = list(verdicts)
    state = State.worst(State.OK, *(verdict.state for verdict in verdicts))
    lines = (marked(verdict.details, verdict.state) for verdict in verdicts)
    return Result(state=state, summary=summary, details="\n".join((summary, *lines)))


def detail_lines(lines: Sequence[str]) -> Iterator[Result]:
    """Lines that stand in the details only."""
    if lines:
        yield Result(state=State.OK, notice="\n".join(lines))


def lead_with_worst(outcomes: CheckResult, headline: Result | None = None) -> CheckResult:
    """The headline, then what is wrong, worst first and the rest counted, then what is right."""
    outcomes = list(outcomes)
    results = [outcome for outcome in outcomes if isinstance(outcome, Result)]
    wrong = [result for result in results if result.state is not State.OK]
    wrong.sort(key=lambda result: -_RANK[result.state])
    shown = _SHOWN_IN_SUMMARY
    if headline is not None:
        yield headline
        shown -= headline.state is not State.OK
    yield from wrong[:shown]
    if further := wrong[shown:]:
        yield Result(
            state=further[0].state,
            summary=f"{len(further)} more below",
            details="\n".join(marked(result.details, result.state) for result in further),
        )
    for result in results:
        if result.state is State.OK:
            crowded = len(wrong) >= shown and result.summary
            yield Result(state=State.OK, notice=result.details) if crowded else result
    yield from (outcome for outcome in outcomes if isinstance(outcome, Metric))
