"""Metrics of the checks "Mail relay authentication"."""

from cmk.graphing.v1 import Title
from cmk.graphing.v1.graphs import Graph, MinimalRange
from cmk.graphing.v1.metrics import Color, DecimalNotation, Metric, StrictPrecision, Unit
from cmk.graphing.v1.perfometers import Closed, FocusRange, Open, Perfometer

_COUNT = Unit(DecimalNotation(""), StrictPrecision(0))

metric_mail_relay_sasl_installed_mechanisms = Metric(
    name="mail_relay_sasl_installed_mechanisms",
    title=Title("SASL mechanisms installed"),
    unit=_COUNT,
    color=Color.LIGHT_BLUE,
)

metric_mail_relay_sasl_usable_mechanisms = Metric(
    name="mail_relay_sasl_usable_mechanisms",
    title=Title("SASL mechanisms usable"),
    unit=_COUNT,
    color=Color.BLUE,
)

graph_mail_relay_sasl = Graph(
    name="mail_relay_sasl",
    title=Title("SASL mechanisms"),
    minimal_range=MinimalRange(0, 5),
    simple_lines=[
        "mail_relay_sasl_installed_mechanisms",
        "mail_relay_sasl_usable_mechanisms",
    ],
    optional=[
        "mail_relay_sasl_installed_mechanisms",
        "mail_relay_sasl_usable_mechanisms",
    ],
)

perfometer_mail_relay_sasl = Perfometer(
    name="mail_relay_sasl",
    focus_range=FocusRange(Closed(0), Open(10)),
    segments=["mail_relay_sasl_usable_mechanisms"],
)
