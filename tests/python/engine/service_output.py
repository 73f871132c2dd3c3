"""From what a check yields to what Checkmk shows of the service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cmk.agent_based.v2 import IgnoreResults, IgnoreResultsError, Metric, Result, State

_MARKERS = {State.OK: "", State.WARN: "(!)", State.CRIT: "(!!)", State.UNKNOWN: "(?)"}


@dataclass(frozen=True)
class Verdict:
    """state is None where the service is stale: it keeps what it had."""

    state: State | None
    summary: str
    details: str = ""
    metrics: Sequence[Metric] = field(default_factory=tuple)


def compose(results: Iterable[object]) -> Verdict:
    """Consumes all results; TypeError if one is no check result."""
    found: list[Result] = []
    metrics: list[Metric] = []
    ignored: list[IgnoreResults] = []
    try:
        for result in results:
            if isinstance(result, Result):
                found.append(result)
            elif isinstance(result, Metric):
                metrics.append(result)
            elif isinstance(result, IgnoreResults):
                ignored.append(result)
            else:
                raise TypeError(f"check yields no check result: {result!r}")
    except IgnoreResultsError as error:
        return Verdict(None, str(error))
    if ignored:
        return Verdict(None, str(ignored[-1]))
    if not found:
        return Verdict(State.UNKNOWN, "Item not found in monitoring data")
    return Verdict(
        state=State.worst(*(result.state for result in found)),
        summary=_summary(found),
        details="\n".join(_marked(result.details, result.state, found) for result in found),
        metrics=metrics,
    )


def _summary(results: Sequence[Result]) -> str:
    texts = [_marked(result.summary, result.state, results) for result in results if result.summary]
    if texts:
        return ", ".join(texts)
    plural = "" if len(results) == 1 else "s"
    return f"Everything looks OK - {len(results)} detail{plural} available"


def _marked(text: str, state: State, results: Sequence[Result]) -> str:
    marker = _MARKERS[state]
    return text if len(results) == 1 or marker in text else text + marker
