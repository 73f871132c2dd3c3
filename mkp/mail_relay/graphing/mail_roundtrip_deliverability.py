"""Metrics of the checks "Mail deliverability"."""

from cmk.graphing.v1 import Title
from cmk.graphing.v1.graphs import Graph, MinimalRange
from cmk.graphing.v1.metrics import (
    Color,
    DecimalNotation,
    Metric,
    StrictPrecision,
    TimeNotation,
    Unit,
)
from cmk.graphing.v1.perfometers import Closed, FocusRange, Open, Perfometer

_COUNT = Unit(DecimalNotation(""), StrictPrecision(0))

metric_mail_roundtrip_hops = Metric(
    name="mail_roundtrip_hops", title=Title("Hops"), unit=_COUNT, color=Color.BLUE
)
metric_mail_roundtrip_hop_delay = Metric(
    name="mail_roundtrip_hop_delay",
    title=Title("Delay of the slowest hop"),
    unit=Unit(TimeNotation()),
    color=Color.ORANGE,
)
metric_mail_roundtrip_block_listings = Metric(
    name="mail_roundtrip_block_listings",
    title=Title("Block lists with the sending address"),
    unit=_COUNT,
    color=Color.RED,
)

graph_mail_roundtrip_route = Graph(
    name="mail_roundtrip_route",
    title=Title("Hops and listings"),
    minimal_range=MinimalRange(0, 5),
    simple_lines=["mail_roundtrip_hops", "mail_roundtrip_block_listings"],
    optional=["mail_roundtrip_block_listings"],
)

perfometer_mail_roundtrip_deliverability = Perfometer(
    name="mail_roundtrip_deliverability",
    focus_range=FocusRange(Closed(0), Open(60)),
    segments=["mail_roundtrip_hop_delay"],
)
