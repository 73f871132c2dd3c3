"""Metrics of the checks "Mailbox access"."""

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

_TIME = Unit(TimeNotation())

metric_mail_roundtrip_mailbox_resolve = Metric(
    name="mail_roundtrip_mailbox_resolve",
    title=Title("Name resolution"),
    unit=_TIME,
    color=Color.CYAN,
)
metric_mail_roundtrip_mailbox_connect = Metric(
    name="mail_roundtrip_mailbox_connect",
    title=Title("Connection"),
    unit=_TIME,
    color=Color.BLUE,
)
metric_mail_roundtrip_mailbox_greeting = Metric(
    name="mail_roundtrip_mailbox_greeting",
    title=Title("Greeting"),
    unit=_TIME,
    color=Color.PURPLE,
)
metric_mail_roundtrip_mailbox_tls = Metric(
    name="mail_roundtrip_mailbox_tls",
    title=Title("TLS handshake"),
    unit=_TIME,
    color=Color.GREEN,
)
metric_mail_roundtrip_mailbox_auth = Metric(
    name="mail_roundtrip_mailbox_auth",
    title=Title("Login"),
    unit=_TIME,
    color=Color.YELLOW,
)
metric_mail_roundtrip_mailbox_select = Metric(
    name="mail_roundtrip_mailbox_select",
    title=Title("Opening the folders"),
    unit=_TIME,
    color=Color.ORANGE,
)
metric_mail_roundtrip_mailbox_look = Metric(
    name="mail_roundtrip_mailbox_look",
    title=Title("Looking for new mail"),
    unit=_TIME,
    color=Color.BROWN,
)
metric_mail_roundtrip_mailbox_total = Metric(
    name="mail_roundtrip_mailbox_total",
    title=Title("Whole dialogue"),
    unit=_TIME,
    color=Color.BLACK,
)
metric_mail_roundtrip_mailbox_certificate_validity = Metric(
    name="mail_roundtrip_mailbox_certificate_validity",
    title=Title("Remaining validity of the certificate"),
    unit=_TIME,
    color=Color.BLUE,
)
metric_mail_roundtrip_mailbox_messages = Metric(
    name="mail_roundtrip_mailbox_messages",
    title=Title("Messages in all folders"),
    unit=Unit(DecimalNotation(""), StrictPrecision(0)),
    color=Color.BLUE,
)
metric_mail_roundtrip_mailbox_quota = Metric(
    name="mail_roundtrip_mailbox_quota",
    title=Title("Quota used"),
    unit=Unit(DecimalNotation("%")),
    color=Color.PURPLE,
)

graph_mail_roundtrip_mailbox_phases = Graph(
    name="mail_roundtrip_mailbox_phases",
    title=Title("Mailbox access by phase"),
    minimal_range=MinimalRange(0, 1),
    compound_lines=[
        "mail_roundtrip_mailbox_resolve",
        "mail_roundtrip_mailbox_connect",
        "mail_roundtrip_mailbox_greeting",
        "mail_roundtrip_mailbox_tls",
        "mail_roundtrip_mailbox_auth",
        "mail_roundtrip_mailbox_select",
        "mail_roundtrip_mailbox_look",
    ],
    simple_lines=["mail_roundtrip_mailbox_total"],
    optional=[
        "mail_roundtrip_mailbox_resolve",
        "mail_roundtrip_mailbox_connect",
        "mail_roundtrip_mailbox_greeting",
        "mail_roundtrip_mailbox_tls",
        "mail_roundtrip_mailbox_auth",
        "mail_roundtrip_mailbox_select",
        "mail_roundtrip_mailbox_look",
        "mail_roundtrip_mailbox_total",
    ],
)

perfometer_mail_roundtrip_mailbox = Perfometer(
    name="mail_roundtrip_mailbox",
    focus_range=FocusRange(Closed(0), Open(5)),
    segments=["mail_roundtrip_mailbox_total"],
)
