"""What Checkmk shows of what a check yields."""

from collections.abc import Iterator
from typing import Any

import pytest
from cmk.agent_based.v2 import IgnoreResults, IgnoreResultsError, Metric, Result, Service, State
from engine.service_output import compose

OK, WARN, CRIT, UNKNOWN = State


@pytest.mark.parametrize(
    "results, state, summary, details",
    [
        pytest.param([Result(state=CRIT, summary="a")], CRIT, "a", "a", id="one: no marker"),
        pytest.param(
            [
                Result(state=OK, summary="a"),
                Result(state=WARN, summary="b"),
                Result(state=CRIT, summary="c", details="c1\nc2"),
                Result(state=UNKNOWN, summary="d"),
            ],
            CRIT,
            "a, b(!), c(!!), d(?)",
            "a\nb(!)\nc1\nc2(!!)\nd(?)",
            id="markers",
        ),
        pytest.param(
            [Result(state=WARN, summary="a(!) b"), Result(state=OK, summary="c")],
            WARN,
            "a(!) b, c",
            "a(!) b\nc",
            id="marker is there already",
        ),
        pytest.param(
            [Result(state=OK, notice="a"), Result(state=OK, summary="b")],
            OK,
            "b",
            "a\nb",
            id="notice",
        ),
        pytest.param(
            [Result(state=OK, notice="a")],
            OK,
            "Everything looks OK - 1 detail available",
            "a",
            id="one detail",
        ),
        pytest.param(
            [Result(state=OK, notice="a"), Result(state=OK, notice="b")],
            OK,
            "Everything looks OK - 2 details available",
            "a\nb",
            id="details only",
        ),
        pytest.param([], UNKNOWN, "Item not found in monitoring data", "", id="nothing"),
        pytest.param(
            [Metric("m", 1)], UNKNOWN, "Item not found in monitoring data", "", id="metric only"
        ),
        pytest.param(
            [Result(state=OK, summary="a"), IgnoreResults("later")], None, "later", "", id="ignored"
        ),
    ],
)
def test_composed(results: list[Any], state: State | None, summary: str, details: str) -> None:
    verdict = compose(results)
    assert (verdict.state, verdict.summary, verdict.details) == (state, summary, details)


def test_metrics_are_kept_in_order() -> None:
    metrics = [Metric("b", 1), Metric("a", 2)]
    assert compose([metrics[0], Result(state=OK, summary="s"), metrics[1]]).metrics == metrics


def test_raised_ignore_is_stale() -> None:
    def results() -> Iterator[Result]:
        yield Result(state=OK, summary="a")
        raise IgnoreResultsError("later")

    assert compose(results()).state is None


@pytest.mark.parametrize("result", [None, "text", (OK, "text"), Service()])
def test_anything_else_is_refused(result: Any) -> None:
    with pytest.raises(TypeError):
        compose([result])
