"""Metrics of the checks "Mail roundtrip"."""

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
_TIME = Unit(TimeNotation())

metric_mail_roundtrip_latency = Metric(
    name="mail_roundtrip_latency", title=Title("Latency"), unit=_TIME, color=Color.BLUE
)
metric_mail_roundtrip_last_arrival_age = Metric(
    name="mail_roundtrip_last_arrival_age",
    title=Title("Time since the last arrival"),
    unit=_TIME,
    color=Color.GRAY,
)
metric_mail_roundtrip_outstanding_age = Metric(
    name="mail_roundtrip_outstanding_age",
    title=Title("Age of the oldest probe on the way"),
    unit=_TIME,
    color=Color.ORANGE,
)
metric_mail_roundtrip_arrived = Metric(
    name="mail_roundtrip_arrived",
    title=Title("Probes arrived since the last check"),
    unit=_COUNT,
    color=Color.GREEN,
)
metric_mail_roundtrip_outstanding = Metric(
    name="mail_roundtrip_outstanding",
    title=Title("Probes on the way"),
    unit=_COUNT,
    color=Color.YELLOW,
)
metric_mail_roundtrip_lost = Metric(
    name="mail_roundtrip_lost", title=Title("Lost probes"), unit=_COUNT, color=Color.RED
)

metric_mail_roundtrip_phase_connect = Metric(
    name="mail_roundtrip_phase_connect",
    title=Title("Connection and greeting"),
    unit=_TIME,
    color=Color.LIGHT_BLUE,
)
metric_mail_roundtrip_phase_tls = Metric(
    name="mail_roundtrip_phase_tls", title=Title("TLS handshake"), unit=_TIME, color=Color.GREEN
)
metric_mail_roundtrip_phase_auth = Metric(
    name="mail_roundtrip_phase_auth", title=Title("Login"), unit=_TIME, color=Color.YELLOW
)
metric_mail_roundtrip_phase_accept = Metric(
    name="mail_roundtrip_phase_accept",
    title=Title("Acceptance of the mail"),
    unit=_TIME,
    color=Color.ORANGE,
)
metric_mail_roundtrip_phase_delivery = Metric(
    name="mail_roundtrip_phase_delivery",
    title=Title("Delivery to the mailbox"),
    unit=_TIME,
    color=Color.PURPLE,
)

_PHASES = [
    f"mail_roundtrip_phase_{name}" for name in ("connect", "tls", "auth", "accept", "delivery")
]

graph_mail_roundtrip_latency = Graph(
    name="mail_roundtrip_latency",
    title=Title("Latency of the roundtrip by phase"),
    minimal_range=MinimalRange(0, 5),
    compound_lines=_PHASES,
    simple_lines=["mail_roundtrip_latency"],
    optional=_PHASES,
)

graph_mail_roundtrip_probes = Graph(
    name="mail_roundtrip_probes",
    title=Title("Probes"),
    minimal_range=MinimalRange(0, 2),
    simple_lines=[
        "mail_roundtrip_arrived",
        "mail_roundtrip_outstanding",
        "mail_roundtrip_lost",
    ],
    optional=["mail_roundtrip_outstanding", "mail_roundtrip_lost"],
)

graph_mail_roundtrip_ages = Graph(
    name="mail_roundtrip_ages",
    title=Title("Waiting for probes"),
    minimal_range=MinimalRange(0, 60),
    simple_lines=["mail_roundtrip_last_arrival_age", "mail_roundtrip_outstanding_age"],
    optional=["mail_roundtrip_last_arrival_age", "mail_roundtrip_outstanding_age"],
)

perfometer_mail_roundtrip = Perfometer(
    name="mail_roundtrip",
    focus_range=FocusRange(Closed(0), Open(10)),
    segments=["mail_roundtrip_latency"],
)
