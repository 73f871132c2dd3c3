"""check_levels: verdicts, texts and metrics."""

from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, State, check_levels, render

UPPER = ("fixed", (4, 9))
LOWER = ("fixed", (6, 3))


def text_and_state(value: float, **options: Any) -> tuple[State, str]:
    result = next(iter(check_levels(value, **options)))
    assert isinstance(result, Result)
    return result.state, result.details


@pytest.mark.parametrize(
    "value, options, state, text",
    [
        pytest.param(5, {}, State.OK, "5.00", id="no levels"),
        pytest.param(5, {"levels_upper": None}, State.OK, "5.00", id="None"),
        pytest.param(5, {"levels_upper": ("no_levels", None)}, State.OK, "5.00", id="no_levels"),
        pytest.param(5, {"levels_upper": ["no_levels", None]}, State.OK, "5.00", id="as a list"),
        pytest.param(
            5,
            {"levels_upper": UPPER, "levels_lower": LOWER, "label": "L"},
            State.WARN,
            "L: 5.00 (warn/crit at 4.00/9.00) (warn/crit below 6.00/3.00)",
            id="both violated",
        ),
        pytest.param(3.99, {"levels_upper": UPPER}, State.OK, "3.99", id="below upper"),
        pytest.param(
            4, {"levels_upper": UPPER}, State.WARN, "4.00 (warn/crit at 4.00/9.00)", id="at warn"
        ),
        pytest.param(
            9, {"levels_upper": UPPER}, State.CRIT, "9.00 (warn/crit at 4.00/9.00)", id="at crit"
        ),
        pytest.param(6, {"levels_lower": LOWER}, State.OK, "6.00", id="at lower warn"),
        pytest.param(
            2.9,
            {"levels_lower": LOWER},
            State.CRIT,
            "2.90 (warn/crit below 6.00/3.00)",
            id="below lower crit",
        ),
        pytest.param(
            5,
            {"levels_upper": ("fixed", (9, 4))},
            State.CRIT,
            "5.00 (warn/crit at 9.00/4.00)",
            id="crit comes first",
        ),
        pytest.param(
            90,
            {"levels_upper": ("fixed", [60.0, 120.0]), "render_func": render.timespan},
            State.WARN,
            "1 minute 30 seconds (warn/crit at 1 minute 0 seconds/2 minutes 0 seconds)",
            id="rendered",
        ),
        pytest.param(
            float("nan"), {"levels_upper": UPPER, "levels_lower": LOWER}, State.OK, "nan", id="nan"
        ),
        pytest.param(
            5,
            {"levels_upper": ("predictive", ("m", 2.0, (4.0, 9.0)))},
            State.WARN,
            "5.00 (prediction: 2.00) (warn/crit at 4.00/9.00)",
            id="predicted",
        ),
        pytest.param(
            5,
            {"levels_upper": ("predictive", ("m", None, None))},
            State.OK,
            "5.00 (prediction: N/A)",
            id="nothing predicted",
        ),
        pytest.param(
            5,
            {
                "levels_upper": ("predictive", ("m", 2.0, None)),
                "levels_lower": ("predictive", ("m", 2.0, None)),
            },
            State.OK,
            "5.00 (prediction: 2.00)",
            id="same prediction",
        ),
        pytest.param(
            5,
            {
                "levels_upper": ("predictive", ("m", 2.0, None)),
                "levels_lower": ("predictive", ("m", 1.0, None)),
            },
            State.OK,
            "5.00 (upper levels prediction: 2.00, lower levels prediction: 1.00)",
            id="two predictions",
        ),
    ],
)
def test_verdict(value: float, options: dict[str, Any], state: State, text: str) -> None:
    assert text_and_state(value, **options) == (state, text)


@pytest.mark.parametrize(
    "levels, error",
    [
        pytest.param((4, 9), TypeError, id="bare pair"),
        pytest.param((None, None), TypeError, id="pair of None"),
        pytest.param(("fixed", 4), TypeError, id="one level"),
        pytest.param(("fixed", (4, 9, 12)), TypeError, id="three levels"),
        pytest.param(("no_levels", (4, 9)), TypeError, id="no_levels with levels"),
        pytest.param(("other", (4, 9)), TypeError, id="unknown kind"),
        pytest.param(
            ("cmk_postprocessed", "predictive_levels", {}), TypeError, id="raw rule value"
        ),
        pytest.param({"upper": (4, 9)}, TypeError, id="dict"),
        pytest.param(("fixed", ("4", "9")), AssertionError, id="texts"),
        pytest.param(("fixed", (None, 9)), AssertionError, id="None as level"),
        pytest.param(("predictive", ("m", 2.0, [4, 9])), AssertionError, id="predicted list"),
        pytest.param(("predictive", ("m", "2.0", None)), AssertionError, id="predicted text"),
        pytest.param(("predictive", (1, 2.0, None)), AssertionError, id="reference metric"),
        pytest.param(("predictive", ("m", 2.0)), TypeError, id="prediction without levels"),
    ],
)
def test_levels_refused_on_iteration(levels: Any, error: type[Exception]) -> None:
    for direction in ("levels_upper", "levels_lower"):
        results = check_levels(5, **{direction: levels})
        with pytest.raises(error):
            list(results)


def test_metric_comes_after_the_result() -> None:
    assert list(
        check_levels(5, metric_name="m", levels_upper=UPPER, levels_lower=LOWER, boundaries=(0, 10))
    )[1:] == [Metric("m", 5, levels=(4, 9), boundaries=(0, 10))]
    assert list(check_levels(1, metric_name="m", levels_upper=UPPER))[1:] == [
        Metric("m", 1, levels=(4, 9))
    ]
    assert len(list(check_levels(5, metric_name=""))) == 1


def test_predictions_become_metrics() -> None:
    assert list(
        check_levels(
            5,
            metric_name="m",
            levels_upper=("predictive", ("m", 2.0, (8.0, 9.0))),
            levels_lower=("predictive", ("m", 1.0, None)),
        )
    )[1:] == [
        Metric("m", 5, levels=(8, 9)),
        Metric("predict_m", 2),
        Metric("predict_lower_m", 1),
    ]


def test_notice_is_shown_only_if_violated() -> None:
    assert list(check_levels(1, levels_upper=UPPER, notice_only=True)) == [
        Result(state=State.OK, notice="1.00")
    ]
    assert list(check_levels(5, levels_upper=UPPER, notice_only=True)) == [
        Result(state=State.WARN, notice="5.00 (warn/crit at 4.00/9.00)")
    ]


def test_options_are_keywords() -> None:
    with pytest.raises(TypeError):
        list(check_levels(5, UPPER))
