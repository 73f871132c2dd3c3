"""Results, metrics, services, labels and states: rules of cmk.agent_based.v2."""

import pickle
from typing import Any

import pytest
from cmk.agent_based.v2 import (
    GetRateError,
    HostLabel,
    IgnoreResults,
    IgnoreResultsError,
    Metric,
    Result,
    Service,
    ServiceLabel,
    State,
)

NAN = float("nan")
INF = float("inf")


@pytest.mark.parametrize(
    "arguments, fields",
    [
        pytest.param(
            {"state": State.OK, "summary": "s"},
            (State.OK, "s", "s"),
            id="details default to summary",
        ),
        pytest.param(
            {"state": State.WARN, "summary": "s", "details": "a\nb"},
            (State.WARN, "s", "a\nb"),
            id="own details",
        ),
        pytest.param(
            {"state": State.OK, "notice": "n"}, (State.OK, "", "n"), id="notice is silent if OK"
        ),
        pytest.param(
            {"state": State.CRIT, "notice": "a\nb"},
            (State.CRIT, "a, b", "a\nb"),
            id="notice speaks on one line if not OK",
        ),
        pytest.param(
            {"state": State.UNKNOWN, "notice": "n", "details": "d"},
            (State.UNKNOWN, "n", "d"),
            id="notice with details",
        ),
    ],
)
def test_result(arguments: dict[str, Any], fields: tuple[State, str, str]) -> None:
    result = Result(**arguments)
    assert result == fields
    assert (result.state, result.summary, result.details) == fields


@pytest.mark.parametrize(
    "arguments, error",
    [
        pytest.param({"state": 0, "summary": "s"}, TypeError, id="state is a number"),
        pytest.param({"state": "OK", "summary": "s"}, TypeError, id="state is a text"),
        pytest.param({"state": State.OK}, TypeError, id="no text"),
        pytest.param(
            {"state": State.OK, "summary": "s", "notice": "n"}, TypeError, id="both texts"
        ),
        pytest.param({"state": State.OK, "summary": 1}, TypeError, id="summary is a number"),
        pytest.param({"state": State.OK, "notice": b"n"}, TypeError, id="notice is bytes"),
        pytest.param(
            {"state": State.OK, "summary": "s", "details": ["d"]},
            TypeError,
            id="details are a list",
        ),
        pytest.param({"state": State.OK, "summary": ""}, ValueError, id="empty summary"),
        pytest.param({"state": State.OK, "notice": ""}, ValueError, id="empty notice"),
        pytest.param(
            {"state": State.OK, "summary": "s", "details": ""}, ValueError, id="empty details"
        ),
        pytest.param({"state": State.OK, "summary": "a\nb"}, ValueError, id="summary of two lines"),
        pytest.param({"state": State.OK, "text": "s"}, TypeError, id="unknown argument"),
    ],
)
def test_result_refused(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        Result(**arguments)


def test_result_takes_keywords_only() -> None:
    with pytest.raises(TypeError):
        Result(State.OK, "s")


@pytest.mark.parametrize(
    "metric, fields",
    [
        pytest.param(Metric("m", 1), ("m", 1.0, (None, None), (None, None)), id="number only"),
        pytest.param(
            Metric("m", 1.5, levels=(1, None), boundaries=(0, 10)),
            ("m", 1.5, (1.0, None), (0.0, 10.0)),
            id="levels and boundaries",
        ),
        pytest.param(Metric("m", True), ("m", 1.0, (None, None), (None, None)), id="bool passes"),
        pytest.param(
            Metric("m.x-y=1", INF), ("m.x-y=1", INF, (None, None), (None, None)), id="inf"
        ),
    ],
)
def test_metric(metric: Metric, fields: tuple[Any, ...]) -> None:
    assert metric == fields
    assert type(metric.value).__mro__[1] is float


def test_metric_values_can_be_read_back() -> None:
    assert repr(Metric("m", INF).value) == "1e309"
    assert repr(Metric("m", -INF).value) == "-1e309"
    assert repr(Metric("m", 1.5).value) == "1.5"
    assert Metric("m", NAN).value != Metric("m", NAN).value


@pytest.mark.parametrize(
    "name, value, options",
    [
        pytest.param("", 1, {}, id="empty name"),
        pytest.param("a b", 1, {}, id="space"),
        pytest.param("a:b", 1, {}, id="colon"),
        pytest.param("a/b", 1, {}, id="slash"),
        pytest.param("a\\b", 1, {}, id="backslash"),
        pytest.param("m", "1", {}, id="text"),
        pytest.param("m", None, {}, id="None"),
        pytest.param("m", 1, {"levels": [1, 2]}, id="levels are a list"),
        pytest.param("m", 1, {"levels": (1,)}, id="one level"),
        pytest.param("m", 1, {"levels": ("1", "2")}, id="levels are texts"),
        pytest.param("m", 1, {"levels": ("fixed", (1, 2))}, id="levels of a rule"),
        pytest.param("m", 1, {"boundaries": [0, 1]}, id="boundaries are a list"),
    ],
)
def test_metric_refused(name: Any, value: Any, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Metric(name, value, **options)


@pytest.mark.parametrize(
    "arguments, fields",
    [
        pytest.param({}, (None, {}, []), id="nothing"),
        pytest.param({"item": "i"}, ("i", {}, []), id="item"),
        pytest.param({"parameters": {"a": 1}}, (None, {"a": 1}, []), id="parameters"),
        pytest.param({"labels": ()}, (None, {}, []), id="falsy labels pass"),
        pytest.param(
            {"labels": [ServiceLabel("a", "b")]}, (None, {}, [ServiceLabel("a", "b")]), id="labels"
        ),
    ],
)
def test_service(arguments: dict[str, Any], fields: tuple[Any, ...]) -> None:
    assert Service(**arguments) == fields


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"item": ""}, id="empty item"),
        pytest.param({"item": 1}, id="item is a number"),
        pytest.param({"parameters": [("a", 1)]}, id="parameters are no dict"),
        pytest.param({"parameters": {1: 1}}, id="key is a number"),
        pytest.param({"labels": (ServiceLabel("a", "b"),)}, id="labels are a tuple"),
        pytest.param({"labels": [HostLabel("a", "b")]}, id="labels of a host"),
        pytest.param({"labels": ["a"]}, id="labels are texts"),
    ],
)
def test_service_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Service(**arguments)


@pytest.mark.parametrize("kind", [HostLabel, ServiceLabel])
def test_label(kind: Any) -> None:
    assert kind("any/thing: ok", "") == ("any/thing: ok", "")
    for name, value in (("a", 1), (1, "a"), (None, "a"), ("a", None)):
        with pytest.raises(TypeError):
            kind(name, value)


def test_state_is_no_number() -> None:
    assert [int(state) for state in State] == [0, 1, 2, 3]
    assert State.OK != 0 and bool(State.OK)
    with pytest.raises(TypeError):
        State.OK < State.WARN
    assert pickle.loads(pickle.dumps(State.CRIT)) is State.CRIT


@pytest.mark.parametrize(
    "states, worst, best",
    [
        pytest.param([State.OK], State.OK, State.OK, id="one"),
        pytest.param([State.OK, State.WARN], State.WARN, State.OK, id="ok warn"),
        pytest.param([State.CRIT, State.UNKNOWN], State.CRIT, State.UNKNOWN, id="crit unknown"),
        pytest.param([State.WARN, State.UNKNOWN], State.UNKNOWN, State.WARN, id="warn unknown"),
        pytest.param([0, 2, 3], State.CRIT, State.OK, id="numbers"),
    ],
)
def test_worst_and_best_state(states: list[Any], worst: State, best: State) -> None:
    assert State.worst(*states) is worst
    assert State.best(*states) is best


@pytest.mark.parametrize("choose", [State.worst, State.best])
@pytest.mark.parametrize("states", [[], [4], [-1, State.OK]])
def test_worst_and_best_refused(choose: Any, states: list[Any]) -> None:
    with pytest.raises(ValueError):
        choose(*states)


def test_ignore_results() -> None:
    assert IgnoreResults() == IgnoreResults("currently no results")
    assert IgnoreResults("a") != IgnoreResults("b")
    assert str(IgnoreResults("a")) == "a"
    with pytest.raises(TypeError):
        hash(IgnoreResults())


def test_errors_are_one_family() -> None:
    assert issubclass(IgnoreResultsError, RuntimeError)
    assert issubclass(GetRateError, IgnoreResultsError)
