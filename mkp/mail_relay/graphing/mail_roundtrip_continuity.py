"""Metrics of the check "Mail continuity"."""

from cmk.graphing.v1 import Title
from cmk.graphing.v1.graphs import Graph, MinimalRange
from cmk.graphing.v1.metrics import Color, DecimalNotation, Metric, StrictPrecision, Unit
from cmk.graphing.v1.perfometers import Closed, FocusRange, Open, Perfometer

_COUNT = Unit(DecimalNotation(""), StrictPrecision(0))

metric_mail_roundtrip_failing_internal = Metric(
    name="mail_roundtrip_failing_internal",
    title=Title("Internal loops that fail"),
    unit=_COUNT,
    color=Color.ORANGE,
)
metric_mail_roundtrip_failing_external = Metric(
    name="mail_roundtrip_failing_external",
    title=Title("External loops that fail"),
    unit=_COUNT,
    color=Color.PURPLE,
)

graph_mail_roundtrip_continuity = Graph(
    name="mail_roundtrip_continuity",
    title=Title("Loops that fail"),
    minimal_range=MinimalRange(0, 2),
    compound_lines=["mail_roundtrip_failing_internal", "mail_roundtrip_failing_external"],
)

perfometer_mail_roundtrip_continuity = Perfometer(
    name="mail_roundtrip_continuity",
    focus_range=FocusRange(Closed(0), Open(4)),
    segments=["mail_roundtrip_failing_internal", "mail_roundtrip_failing_external"],
)
