"""Metrics of the checks "Mail relay TLS"."""

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

metric_mail_relay_tls_ca_certificates = Metric(
    name="mail_relay_tls_ca_certificates",
    title=Title("CA certificates"),
    unit=_COUNT,
    color=Color.GREEN,
)

metric_mail_relay_tls_ca_expired = Metric(
    name="mail_relay_tls_ca_expired",
    title=Title("Expired CA certificates"),
    unit=_COUNT,
    color=Color.ORANGE,
)

metric_mail_relay_tls_client_certificate_validity = Metric(
    name="mail_relay_tls_client_certificate_validity",
    title=Title("Remaining validity of the client certificate"),
    unit=Unit(TimeNotation()),
    color=Color.BLUE,
)

graph_mail_relay_tls_ca = Graph(
    name="mail_relay_tls_ca",
    title=Title("CA certificates"),
    minimal_range=MinimalRange(0, 10),
    simple_lines=["mail_relay_tls_ca_certificates", "mail_relay_tls_ca_expired"],
    optional=["mail_relay_tls_ca_expired"],
)

perfometer_mail_relay_tls = Perfometer(
    name="mail_relay_tls",
    focus_range=FocusRange(Closed(0), Open(200)),
    segments=["mail_relay_tls_ca_certificates"],
)
