"""Metrics of the checks "Mail submission"."""

from cmk.graphing.v1 import Title
from cmk.graphing.v1.graphs import Graph, MinimalRange
from cmk.graphing.v1.metrics import Color, Metric, TimeNotation, Unit
from cmk.graphing.v1.perfometers import Closed, FocusRange, Open, Perfometer

_TIME = Unit(TimeNotation())

metric_mail_roundtrip_submission_resolve = Metric(
    name="mail_roundtrip_submission_resolve",
    title=Title("Name resolution"),
    unit=_TIME,
    color=Color.CYAN,
)
metric_mail_roundtrip_submission_connect = Metric(
    name="mail_roundtrip_submission_connect",
    title=Title("Connection"),
    unit=_TIME,
    color=Color.BLUE,
)
metric_mail_roundtrip_submission_greeting = Metric(
    name="mail_roundtrip_submission_greeting",
    title=Title("Greeting"),
    unit=_TIME,
    color=Color.PURPLE,
)
metric_mail_roundtrip_submission_tls = Metric(
    name="mail_roundtrip_submission_tls",
    title=Title("TLS handshake"),
    unit=_TIME,
    color=Color.GREEN,
)
metric_mail_roundtrip_submission_auth = Metric(
    name="mail_roundtrip_submission_auth",
    title=Title("Login"),
    unit=_TIME,
    color=Color.YELLOW,
)
metric_mail_roundtrip_submission_accept = Metric(
    name="mail_roundtrip_submission_accept",
    title=Title("Acceptance of the mail"),
    unit=_TIME,
    color=Color.ORANGE,
)
metric_mail_roundtrip_submission_total = Metric(
    name="mail_roundtrip_submission_total",
    title=Title("Whole dialogue"),
    unit=_TIME,
    color=Color.BLACK,
)
metric_mail_roundtrip_submission_certificate_validity = Metric(
    name="mail_roundtrip_submission_certificate_validity",
    title=Title("Remaining validity of the certificate"),
    unit=_TIME,
    color=Color.BLUE,
)

graph_mail_roundtrip_submission_phases = Graph(
    name="mail_roundtrip_submission_phases",
    title=Title("Submission by phase"),
    minimal_range=MinimalRange(0, 1),
    compound_lines=[
        "mail_roundtrip_submission_resolve",
        "mail_roundtrip_submission_connect",
        "mail_roundtrip_submission_greeting",
        "mail_roundtrip_submission_tls",
        "mail_roundtrip_submission_auth",
        "mail_roundtrip_submission_accept",
    ],
    simple_lines=["mail_roundtrip_submission_total"],
    optional=[
        "mail_roundtrip_submission_resolve",
        "mail_roundtrip_submission_connect",
        "mail_roundtrip_submission_greeting",
        "mail_roundtrip_submission_tls",
        "mail_roundtrip_submission_auth",
        "mail_roundtrip_submission_accept",
        "mail_roundtrip_submission_total",
    ],
)

perfometer_mail_roundtrip_submission = Perfometer(
    name="mail_roundtrip_submission",
    focus_range=FocusRange(Closed(0), Open(5)),
    segments=["mail_roundtrip_submission_total"],
)
