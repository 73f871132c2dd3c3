"""Metrics of the checks "Mail relay deliveries"."""

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
_RATE = Unit(DecimalNotation("/s"))
_TIME = Unit(TimeNotation())


def _count(name: str, title: Title, color: Color) -> Metric:
    return Metric(name=name, title=title, unit=_COUNT, color=color)


def _rate(name: str, title: Title, color: Color) -> Metric:
    return Metric(name=name, title=title, unit=_RATE, color=color)


def _time(name: str, title: Title, color: Color) -> Metric:
    return Metric(name=name, title=title, unit=_TIME, color=color)


metric_mail_relay_deliveries_sent = _rate("mail_relay_deliveries_sent", Title("Sent"), Color.GREEN)
metric_mail_relay_deliveries_deferred = _rate(
    "mail_relay_deliveries_deferred", Title("Deferred"), Color.ORANGE
)
metric_mail_relay_deliveries_bounced = _rate(
    "mail_relay_deliveries_bounced", Title("Bounced"), Color.RED
)
metric_mail_relay_deliveries_expired = _rate(
    "mail_relay_deliveries_expired", Title("Expired"), Color.DARK_RED
)

metric_mail_relay_deliveries_failed_resolve = _rate(
    "mail_relay_deliveries_failed_resolve", Title("Failed: name resolution"), Color.CYAN
)
metric_mail_relay_deliveries_failed_connect = _rate(
    "mail_relay_deliveries_failed_connect", Title("Failed: connection"), Color.BLUE
)
metric_mail_relay_deliveries_failed_tls = _rate(
    "mail_relay_deliveries_failed_tls", Title("Failed: TLS"), Color.GREEN
)
metric_mail_relay_deliveries_failed_authentication = _rate(
    "mail_relay_deliveries_failed_authentication",
    Title("Failed: authentication"),
    Color.YELLOW,
)
metric_mail_relay_deliveries_failed_rejected = _rate(
    "mail_relay_deliveries_failed_rejected", Title("Failed: rejected mail"), Color.ORANGE
)
metric_mail_relay_deliveries_failed_limited = _rate(
    "mail_relay_deliveries_failed_limited", Title("Failed: limits of the provider"), Color.PINK
)
metric_mail_relay_deliveries_failed_reputation = _rate(
    "mail_relay_deliveries_failed_reputation", Title("Failed: reputation"), Color.PURPLE
)
metric_mail_relay_deliveries_failed_local = _rate(
    "mail_relay_deliveries_failed_local", Title("Failed: fault of this host"), Color.RED
)
metric_mail_relay_deliveries_failed_other = _rate(
    "mail_relay_deliveries_failed_other", Title("Failed: other reasons"), Color.GRAY
)

metric_mail_relay_deliveries_sent_24h = _count(
    "mail_relay_deliveries_sent_24h", Title("Sent in 24 hours"), Color.GREEN
)
metric_mail_relay_deliveries_relayed_24h = _count(
    "mail_relay_deliveries_relayed_24h", Title("Taken by other hosts in 24 hours"), Color.BLUE
)
metric_mail_relay_deliveries_relayed_messages_24h = _count(
    "mail_relay_deliveries_relayed_messages_24h",
    Title("Messages taken by other hosts in 24 hours"),
    Color.CYAN,
)
metric_mail_relay_deliveries_deferred_24h = _count(
    "mail_relay_deliveries_deferred_24h", Title("Failed attempts in 24 hours"), Color.ORANGE
)
metric_mail_relay_deliveries_bounced_24h = _count(
    "mail_relay_deliveries_bounced_24h", Title("Bounced in 24 hours"), Color.PINK
)
metric_mail_relay_deliveries_lost_24h = _count(
    "mail_relay_deliveries_lost_24h", Title("Given up in 24 hours"), Color.RED
)

metric_mail_relay_deliveries_limit_usage = Metric(
    name="mail_relay_deliveries_limit_usage",
    title=Title("Used of the sending limit"),
    unit=Unit(DecimalNotation("%")),
    color=Color.PURPLE,
)

metric_mail_relay_deliveries_last_sent_age = _time(
    "mail_relay_deliveries_last_sent_age", Title("Time since the last mail was sent"), Color.GRAY
)

metric_mail_relay_deliveries_delay = _time(
    "mail_relay_deliveries_delay", Title("Mean delay of sent mail"), Color.BLACK
)
metric_mail_relay_deliveries_delay_before_queue_manager = _time(
    "mail_relay_deliveries_delay_before_queue_manager",
    Title("Delay before the queue manager"),
    Color.CYAN,
)
metric_mail_relay_deliveries_delay_queue_manager = _time(
    "mail_relay_deliveries_delay_queue_manager", Title("Delay in the queue"), Color.ORANGE
)
metric_mail_relay_deliveries_delay_connection = _time(
    "mail_relay_deliveries_delay_connection", Title("Delay of the connection"), Color.BLUE
)
metric_mail_relay_deliveries_delay_transmission = _time(
    "mail_relay_deliveries_delay_transmission", Title("Delay of the transmission"), Color.GREEN
)

graph_mail_relay_deliveries = Graph(
    name="mail_relay_deliveries",
    title=Title("Deliveries by outcome"),
    simple_lines=[
        "mail_relay_deliveries_sent",
        "mail_relay_deliveries_deferred",
        "mail_relay_deliveries_bounced",
        "mail_relay_deliveries_expired",
    ],
)

graph_mail_relay_deliveries_failed = Graph(
    name="mail_relay_deliveries_failed",
    title=Title("Why deliveries fail"),
    compound_lines=[
        "mail_relay_deliveries_failed_resolve",
        "mail_relay_deliveries_failed_connect",
        "mail_relay_deliveries_failed_tls",
        "mail_relay_deliveries_failed_authentication",
        "mail_relay_deliveries_failed_rejected",
        "mail_relay_deliveries_failed_limited",
        "mail_relay_deliveries_failed_reputation",
        "mail_relay_deliveries_failed_local",
        "mail_relay_deliveries_failed_other",
    ],
)

graph_mail_relay_deliveries_day = Graph(
    name="mail_relay_deliveries_day",
    title=Title("Deliveries of the last 24 hours"),
    minimal_range=MinimalRange(0, 10),
    simple_lines=[
        "mail_relay_deliveries_sent_24h",
        "mail_relay_deliveries_relayed_24h",
        "mail_relay_deliveries_relayed_messages_24h",
        "mail_relay_deliveries_deferred_24h",
        "mail_relay_deliveries_bounced_24h",
        "mail_relay_deliveries_lost_24h",
    ],
    optional=[
        "mail_relay_deliveries_sent_24h",
        "mail_relay_deliveries_relayed_24h",
        "mail_relay_deliveries_relayed_messages_24h",
        "mail_relay_deliveries_deferred_24h",
        "mail_relay_deliveries_bounced_24h",
        "mail_relay_deliveries_lost_24h",
    ],
)

graph_mail_relay_deliveries_limit = Graph(
    name="mail_relay_deliveries_limit",
    title=Title("Use of the provider's sending limit"),
    minimal_range=MinimalRange(0, 100),
    compound_lines=["mail_relay_deliveries_limit_usage"],
)

graph_mail_relay_deliveries_delays = Graph(
    name="mail_relay_deliveries_delays",
    title=Title("Mean delay of sent mail by part"),
    minimal_range=MinimalRange(0, 1),
    compound_lines=[
        "mail_relay_deliveries_delay_before_queue_manager",
        "mail_relay_deliveries_delay_queue_manager",
        "mail_relay_deliveries_delay_connection",
        "mail_relay_deliveries_delay_transmission",
    ],
    simple_lines=["mail_relay_deliveries_delay"],
    optional=[
        "mail_relay_deliveries_delay_before_queue_manager",
        "mail_relay_deliveries_delay_queue_manager",
        "mail_relay_deliveries_delay_connection",
        "mail_relay_deliveries_delay_transmission",
    ],
)

perfometer_mail_relay_deliveries = Perfometer(
    name="mail_relay_deliveries",
    focus_range=FocusRange(Closed(0), Open(1000)),
    segments=["mail_relay_deliveries_sent_24h"],
)
