"""Metrics, graphs, perfometers and translations of cmk.graphing.v1."""

from typing import Any

import pytest
from cmk.graphing.v1 import (
    Title,
    entry_point_prefixes,
    graphs,
    metrics,
    perfometers,
    translations,
)

TITLE = Title("t")
UNIT = metrics.Unit(metrics.DecimalNotation(""))
BLUE = metrics.Color.BLUE
GRAPH = graphs.Graph(name="g", title=TITLE, simple_lines=["m"])
FOCUS = perfometers.FocusRange(perfometers.Closed(0), perfometers.Open(100))
COMMAND = translations.PassiveCheck("c")
PERFOMETER = perfometers.Perfometer(name="p", focus_range=FOCUS, segments=["m"])


@pytest.mark.parametrize(
    "notation",
    [
        metrics.DecimalNotation("x"),
        metrics.SINotation("x"),
        metrics.IECNotation("x"),
        metrics.StandardScientificNotation("x"),
        metrics.EngineeringScientificNotation("x"),
        metrics.TimeNotation(),
    ],
)
def test_unit(notation: Any) -> None:
    assert metrics.Unit(notation).precision == metrics.AutoPrecision(2)
    assert metrics.Unit(notation, metrics.StrictPrecision(0)).notation == notation


@pytest.mark.parametrize("kind", [metrics.AutoPrecision, metrics.StrictPrecision])
def test_negative_precision_refused(kind: Any) -> None:
    assert kind(0).digits == 0
    with pytest.raises(ValueError):
        kind(-1)


def test_colors() -> None:
    bases = {
        "RED", "ORANGE", "YELLOW", "GREEN", "BLUE", "CYAN", "PURPLE", "PINK", "BROWN", "GRAY",
    }  # fmt: skip
    shades = {f"{shade}_{base}" for shade in ("LIGHT", "DARK") for base in bases}
    assert {color.name for color in metrics.Color} == bases | shades | {"BLACK", "WHITE"}


ACCEPTED = [
    lambda: metrics.Metric(name="m", title=TITLE, unit=UNIT, color=BLUE),
    lambda: metrics.Constant(TITLE, UNIT, BLUE, 1),
    lambda: metrics.WarningOf("m"),
    lambda: metrics.CriticalOf("m"),
    lambda: metrics.MinimumOf("m", BLUE),
    lambda: metrics.MaximumOf("m", BLUE),
    lambda: metrics.Sum(TITLE, BLUE, ["a", metrics.WarningOf("b")]),
    lambda: metrics.Product(TITLE, UNIT, BLUE, ["a", metrics.Constant(TITLE, UNIT, BLUE, 8)]),
    lambda: metrics.Difference(TITLE, BLUE, minuend="a", subtrahend="b"),
    lambda: metrics.Fraction(TITLE, UNIT, BLUE, dividend="a", divisor="b"),
    lambda: graphs.MinimalRange(0, "m"),
    lambda: graphs.Graph(name="g", title=TITLE, compound_lines=["m"], optional=["m"]),
    lambda: graphs.Graph(name="g", title=TITLE, simple_lines=["m"], conflicting=["n"]),
    lambda: graphs.Bidirectional(name="b", title=TITLE, lower=GRAPH, upper=GRAPH),
    lambda: perfometers.FocusRange(perfometers.Closed("m"), perfometers.Open(1.5)),
    lambda: perfometers.Bidirectional(name="b", left=PERFOMETER, right=PERFOMETER),
    lambda: perfometers.Stacked(name="s", lower=PERFOMETER, upper=PERFOMETER),
    lambda: translations.Translation(
        name="t",
        check_commands=[translations.PassiveCheck("c"), translations.NagiosPlugin("c")],
        translations={
            "a": translations.RenameTo("b"),
            "c": translations.ScaleBy(8),
            "d": translations.RenameToAndScaleBy("e", 0.5),
        },
    ),
]


@pytest.mark.parametrize("build", ACCEPTED)
def test_accepted(build: Any) -> None:
    assert build() == build()


@pytest.mark.parametrize(
    "build, error",
    [
        pytest.param(
            lambda: metrics.Metric(name="", title=TITLE, unit=UNIT, color=BLUE),
            ValueError,
            id="metric without name",
        ),
        pytest.param(lambda: metrics.WarningOf(""), ValueError, id="warning of nothing"),
        pytest.param(lambda: metrics.CriticalOf(""), ValueError, id="critical of nothing"),
        pytest.param(lambda: metrics.MinimumOf("", BLUE), ValueError, id="minimum of nothing"),
        pytest.param(lambda: metrics.MaximumOf("", BLUE), ValueError, id="maximum of nothing"),
        pytest.param(lambda: metrics.Sum(TITLE, BLUE, []), AssertionError, id="empty sum"),
        pytest.param(lambda: metrics.Sum(TITLE, BLUE, ["a", ""]), ValueError, id="summand"),
        pytest.param(
            lambda: metrics.Product(TITLE, UNIT, BLUE, []), AssertionError, id="empty product"
        ),
        pytest.param(lambda: metrics.Product(TITLE, UNIT, BLUE, [""]), ValueError, id="factor"),
        pytest.param(
            lambda: metrics.Difference(TITLE, BLUE, minuend="", subtrahend="b"),
            ValueError,
            id="minuend",
        ),
        pytest.param(
            lambda: metrics.Difference(TITLE, BLUE, "a", "b"),
            TypeError,
            id="difference without keywords",
        ),
        pytest.param(
            lambda: metrics.Fraction(TITLE, UNIT, BLUE, dividend="a", divisor=""),
            ValueError,
            id="divisor",
        ),
        pytest.param(lambda: graphs.MinimalRange("", 1), ValueError, id="range"),
        pytest.param(
            lambda: graphs.Graph(name="g", title=TITLE), AssertionError, id="graph without lines"
        ),
        pytest.param(
            lambda: graphs.Graph(name="", title=TITLE, simple_lines=["m"]),
            ValueError,
            id="graph without name",
        ),
        pytest.param(
            lambda: graphs.Graph(name="g", title=TITLE, simple_lines=[""]), ValueError, id="line"
        ),
        pytest.param(
            lambda: graphs.Graph(name="g", title=TITLE, simple_lines=["m"], optional=[""]),
            ValueError,
            id="optional",
        ),
        pytest.param(
            lambda: graphs.Bidirectional(name="", title=TITLE, lower=GRAPH, upper=GRAPH),
            ValueError,
            id="bidirectional without name",
        ),
        pytest.param(lambda: perfometers.Closed(""), ValueError, id="border"),
        pytest.param(
            lambda: perfometers.Perfometer(name="p", focus_range=FOCUS, segments=[]),
            AssertionError,
            id="no segments",
        ),
        pytest.param(
            lambda: perfometers.Perfometer(name="", focus_range=FOCUS, segments=["m"]),
            ValueError,
            id="perfometer without name",
        ),
        pytest.param(
            lambda: perfometers.Stacked(name="", lower=PERFOMETER, upper=PERFOMETER),
            ValueError,
            id="stacked without name",
        ),
        pytest.param(
            lambda: perfometers.Bidirectional(name="", left=PERFOMETER, right=PERFOMETER),
            ValueError,
            id="two-sided without name",
        ),
        pytest.param(
            lambda: perfometers.Perfometer(name="p", focus_range=FOCUS, segments=[""]),
            ValueError,
            id="segment",
        ),
        pytest.param(
            lambda: metrics.Fraction(TITLE, UNIT, BLUE, "a", "b"),
            TypeError,
            id="fraction without keywords",
        ),
        pytest.param(
            lambda: metrics.Difference(TITLE, BLUE, "a", subtrahend="b"),
            TypeError,
            id="minuend without keyword",
        ),
        pytest.param(
            lambda: translations.Translation(
                name="", check_commands=[COMMAND], translations={"a": translations.ScaleBy(8)}
            ),
            ValueError,
            id="translation without name",
        ),
        pytest.param(
            lambda: translations.Translation(
                name="t", check_commands=[COMMAND], translations={"": translations.ScaleBy(8)}
            ),
            ValueError,
            id="translation of nothing",
        ),
        pytest.param(lambda: translations.PassiveCheck(""), AssertionError, id="command"),
        pytest.param(lambda: translations.RenameTo(""), ValueError, id="new name"),
        pytest.param(lambda: translations.ScaleBy(0), AssertionError, id="factor 0"),
        pytest.param(
            lambda: translations.RenameToAndScaleBy("m", 0), AssertionError, id="other factor 0"
        ),
        pytest.param(
            lambda: translations.Translation(
                name="t", check_commands=[], translations={"a": translations.ScaleBy(8)}
            ),
            AssertionError,
            id="no commands",
        ),
        pytest.param(
            lambda: translations.Translation(
                name="t", check_commands=[translations.ActiveCheck("c")], translations={}
            ),
            AssertionError,
            id="no translations",
        ),
        pytest.param(
            lambda: metrics.Metric("m", TITLE, UNIT, BLUE),
            TypeError,
            id="metric without keywords",
        ),
    ],
)
def test_refused(build: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        build()


def test_prefixes() -> None:
    assert {kind.__name__: prefix for kind, prefix in entry_point_prefixes().items()} == {
        "Metric": "metric_",
        "Translation": "translation_",
        "Graph": "graph_",
        "Bidirectional": "graph_",
        "Perfometer": "perfometer_",
        "Stacked": "perfometer_",
    }
    assert entry_point_prefixes()[perfometers.Bidirectional] == "perfometer_"
