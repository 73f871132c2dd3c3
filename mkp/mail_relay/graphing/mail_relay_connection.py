"""Metrics of the checks "Mail relay connection"."""

from cmk.graphing.v1 import Title
from cmk.graphing.v1.graphs import Graph, MinimalRange
from cmk.graphing.v1.metrics import Color, Metric, TimeNotation, Unit
from cmk.graphing.v1.perfometers import Closed, FocusRange, Open, Perfometer

_TIME = Unit(TimeNotation())


def _time(name: str, title: Title, color: Color) -> Metric:
    return Metric(name=name, title=title, unit=_TIME, color=color)


metric_mail_relay_connection_resolve = _time(
    "mail_relay_connection_resolve", Title("Name resolution"), Color.CYAN
)
metric_mail_relay_connection_connect = _time(
    "mail_relay_connection_connect", Title("Connection"), Color.BLUE
)
metric_mail_relay_connection_greeting = _time(
    "mail_relay_connection_greeting", Title("Greeting"), Color.PURPLE
)
metric_mail_relay_connection_ehlo = _time("mail_relay_connection_ehlo", Title("EHLO"), Color.YELLOW)
metric_mail_relay_connection_tls = _time(
    "mail_relay_connection_tls", Title("TLS handshake"), Color.GREEN
)
metric_mail_relay_connection_total = _time(
    "mail_relay_connection_total", Title("Whole look at the relay"), Color.BLACK
)
metric_mail_relay_connection_certificate_validity = _time(
    "mail_relay_connection_certificate_validity",
    Title("Remaining validity of the relay's certificate"),
    Color.BLUE,
)

graph_mail_relay_connection_phases = Graph(
    name="mail_relay_connection_phases",
    title=Title("Connection to the relay by phase"),
    minimal_range=MinimalRange(0, 1),
    compound_lines=[
        "mail_relay_connection_resolve",
        "mail_relay_connection_connect",
        "mail_relay_connection_greeting",
        "mail_relay_connection_ehlo",
        "mail_relay_connection_tls",
    ],
    simple_lines=["mail_relay_connection_total"],
    optional=[
        "mail_relay_connection_resolve",
        "mail_relay_connection_connect",
        "mail_relay_connection_greeting",
        "mail_relay_connection_ehlo",
        "mail_relay_connection_tls",
        "mail_relay_connection_total",
    ],
)

perfometer_mail_relay_connection = Perfometer(
    name="mail_relay_connection",
    focus_range=FocusRange(Closed(0), Open(1)),
    segments=["mail_relay_connection_total"],
)
