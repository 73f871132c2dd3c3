"""Metrics of the checks "Mail relay service"."""

from cmk.graphing.v1 import Title
from cmk.graphing.v1.graphs import Graph, MinimalRange
from cmk.graphing.v1.metrics import (
    Color,
    DecimalNotation,
    IECNotation,
    Metric,
    TimeNotation,
    Unit,
)
from cmk.graphing.v1.perfometers import Closed, FocusRange, Open, Perfometer

metric_mail_relay_service_uptime = Metric(
    name="mail_relay_service_uptime",
    title=Title("Postfix uptime"),
    unit=Unit(TimeNotation()),
    color=Color.GREEN,
)

metric_mail_relay_spool_free = Metric(
    name="mail_relay_spool_free",
    title=Title("Free space of the spool"),
    unit=Unit(IECNotation("B")),
    color=Color.BLUE,
)

metric_mail_relay_spool_free_percent = Metric(
    name="mail_relay_spool_free_percent",
    title=Title("Free space of the spool"),
    unit=Unit(DecimalNotation("%")),
    color=Color.BLUE,
)

metric_mail_relay_spool_free_inodes_percent = Metric(
    name="mail_relay_spool_free_inodes_percent",
    title=Title("Free inodes of the spool"),
    unit=Unit(DecimalNotation("%")),
    color=Color.CYAN,
)

graph_mail_relay_spool = Graph(
    name="mail_relay_spool",
    title=Title("Room in the spool"),
    minimal_range=MinimalRange(0, 100),
    simple_lines=["mail_relay_spool_free_percent", "mail_relay_spool_free_inodes_percent"],
    optional=["mail_relay_spool_free_inodes_percent"],
)

perfometer_mail_relay_service = Perfometer(
    name="mail_relay_service",
    focus_range=FocusRange(Closed(0), Open(30 * 86400)),
    segments=["mail_relay_service_uptime"],
)
