"""Metrics of the checks "Notification mail"."""

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

metric_mail_relay_notifications_waiting = Metric(
    name="mail_relay_notifications_waiting",
    title=Title("Notifications waiting"),
    unit=_COUNT,
    color=Color.BLUE,
)
metric_mail_relay_notifications_deferred = Metric(
    name="mail_relay_notifications_deferred",
    title=Title("Notifications deferred"),
    unit=_COUNT,
    color=Color.ORANGE,
)
metric_mail_relay_notifications_age = Metric(
    name="mail_relay_notifications_age",
    title=Title("Oldest waiting notification"),
    unit=_TIME,
    color=Color.ORANGE,
)
metric_mail_relay_notifications_lost = Metric(
    name="mail_relay_notifications_lost",
    title=Title("Notifications given up in 24 hours"),
    unit=_COUNT,
    color=Color.RED,
)
metric_mail_relay_notifications_sent_24h = Metric(
    name="mail_relay_notifications_sent_24h",
    title=Title("Notifications sent in 24 hours"),
    unit=_COUNT,
    color=Color.GREEN,
)
metric_mail_relay_notifications_last_sent_age = Metric(
    name="mail_relay_notifications_last_sent_age",
    title=Title("Time since the last notification was sent"),
    unit=_TIME,
    color=Color.GRAY,
)
metric_mail_relay_notifications_sent_rate = Metric(
    name="mail_relay_notifications_sent_rate",
    title=Title("Notifications sent"),
    unit=_RATE,
    color=Color.GREEN,
)
metric_mail_relay_notifications_deferred_rate = Metric(
    name="mail_relay_notifications_deferred_rate",
    title=Title("Failed attempts at notifications"),
    unit=_RATE,
    color=Color.ORANGE,
)
metric_mail_relay_notifications_bounced_rate = Metric(
    name="mail_relay_notifications_bounced_rate",
    title=Title("Notifications bounced"),
    unit=_RATE,
    color=Color.RED,
)
metric_mail_relay_notifications_expired_rate = Metric(
    name="mail_relay_notifications_expired_rate",
    title=Title("Notifications expired"),
    unit=_RATE,
    color=Color.DARK_RED,
)

graph_mail_relay_notifications_waiting = Graph(
    name="mail_relay_notifications_waiting",
    title=Title("Notifications in the queue"),
    minimal_range=MinimalRange(0, 10),
    simple_lines=["mail_relay_notifications_waiting", "mail_relay_notifications_deferred"],
)

graph_mail_relay_notifications_day = Graph(
    name="mail_relay_notifications_day",
    title=Title("Notifications of the last 24 hours"),
    minimal_range=MinimalRange(0, 10),
    simple_lines=["mail_relay_notifications_sent_24h", "mail_relay_notifications_lost"],
    optional=["mail_relay_notifications_sent_24h", "mail_relay_notifications_lost"],
)

graph_mail_relay_notifications_rates = Graph(
    name="mail_relay_notifications_rates",
    title=Title("Deliveries of notifications"),
    simple_lines=[
        "mail_relay_notifications_sent_rate",
        "mail_relay_notifications_deferred_rate",
        "mail_relay_notifications_bounced_rate",
        "mail_relay_notifications_expired_rate",
    ],
)

perfometer_mail_relay_notifications = Perfometer(
    name="mail_relay_notifications",
    focus_range=FocusRange(Closed(0), Open(20)),
    segments=["mail_relay_notifications_waiting"],
)
