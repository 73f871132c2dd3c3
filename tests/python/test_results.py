"""Results that all checks have in common: order, markers, what a summary has room for."""

import pytest
from cmk.agent_based.v2 import Metric, Result, State
from cmk_addons.plugins.mail_relay.agent_based.results import (
    finding_results,
    judged_headline,
    lead_with_worst,
    problem_results,
    short_timespan,
)
from cmk_addons.plugins.mail_relay.lib.finding import Finding
from cmk_addons.plugins.mail_relay.lib.json_section import Problem

OK, WARN, CRIT, UNKNOWN = (State.OK, State.WARN, State.CRIT, State.UNKNOWN)


def result(state: State, text: str) -> Result:
    return Result(state=state, summary=text)


def test_worst_leads_and_the_rest_is_counted() -> None:
    outcomes = [
        result(OK, "fine"),
        result(WARN, "w1"),
        Metric("m", 1),
        result(UNKNOWN, "u1"),
        result(CRIT, "c1"),
        result(WARN, "w2"),
    ]
    assert list(lead_with_worst(outcomes)) == [
        result(CRIT, "c1"),
        result(UNKNOWN, "u1"),
        result(WARN, "w1"),
        Result(state=WARN, summary="1 more below", details="w2(!)"),
        Result(state=OK, notice="fine"),
        Metric("m", 1),
    ]


def test_headline_that_is_wrong_takes_one_of_the_places() -> None:
    outcomes = [result(CRIT, "c1"), result(CRIT, "c2"), result(CRIT, "c3")]
    told = list(lead_with_worst(outcomes, headline=result(WARN, "headline")))
    assert told == [
        result(WARN, "headline"),
        result(CRIT, "c1"),
        result(CRIT, "c2"),
        Result(state=CRIT, summary="1 more below", details="c3(!!)"),
    ]
    told = list(lead_with_worst(outcomes, headline=result(OK, "headline")))
    assert told == [result(OK, "headline"), *outcomes]


def test_marker_stands_behind_the_first_line_and_not_behind_a_command() -> None:
    finding = Finding("x", "crit", "It is broken", "seen", ("postfix reload",))
    assert list(finding_results([finding], {})) == [
        Result(
            state=CRIT,
            summary="It is broken",
            details="It is broken(!!)\n  Seen: seen\n  Fix: postfix reload",
        )
    ]


def test_headline_has_the_worst_state_of_its_verdicts() -> None:
    assert judged_headline("13 waiting", []) == result(OK, "13 waiting")
    verdicts = [result(WARN, "13 (warn/crit at 10/100)"), Result(state=CRIT, notice="a\nb")]
    assert judged_headline("13 waiting", verdicts) == Result(
        state=CRIT,
        summary="13 waiting",
        details="13 waiting\n13 (warn/crit at 10/100)(!)\na(!!)\nb",
    )


def test_many_problems_are_bounded() -> None:
    problems = [Problem(f"file {number}", "no access") for number in range(500)]
    (told,) = problem_results(problems, {"unreadable_state": 1})
    assert told.summary == "Cannot read file 0: no access (and 499 more)"
    assert len(told.details.splitlines()) == 20


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        pytest.param(0, "0 s", id="nothing"),
        pytest.param(59.9, "59 s", id="seconds"),
        pytest.param(60, "1 min", id="a minute"),
        pytest.param(7199, "1 h", id="nearly two hours"),
        pytest.param(86400 * 3, "3 d", id="days"),
    ],
)
def test_short_timespan(seconds: float, words: str) -> None:
    assert short_timespan(seconds) == words
