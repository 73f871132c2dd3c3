"""Metrics of the checks "Mail relay configuration"."""

from cmk.graphing.v1 import Title
from cmk.graphing.v1.graphs import Graph, MinimalRange
from cmk.graphing.v1.metrics import Color, DecimalNotation, Metric, StrictPrecision, Unit
from cmk.graphing.v1.perfometers import Closed, FocusRange, Open, Perfometer

_COUNT = Unit(DecimalNotation(""), StrictPrecision(0))

metric_mail_relay_config_findings = Metric(
    name="mail_relay_config_findings",
    title=Title("Findings in the configuration"),
    unit=_COUNT,
    color=Color.ORANGE,
)

metric_mail_relay_config_warnings = Metric(
    name="mail_relay_config_warnings",
    title=Title("Warnings of Postfix about its configuration"),
    unit=_COUNT,
    color=Color.YELLOW,
)

graph_mail_relay_config = Graph(
    name="mail_relay_config",
    title=Title("Findings and warnings about the configuration"),
    minimal_range=MinimalRange(0, 5),
    simple_lines=["mail_relay_config_findings", "mail_relay_config_warnings"],
)

perfometer_mail_relay_config = Perfometer(
    name="mail_relay_config",
    focus_range=FocusRange(Closed(0), Open(5)),
    segments=["mail_relay_config_findings"],
)
