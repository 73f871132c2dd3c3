"""Metrics of the checks "Mail relay queue"."""

from cmk.graphing.v1 import Title
from cmk.graphing.v1.graphs import Graph, MinimalRange
from cmk.graphing.v1.metrics import (
    Color,
    DecimalNotation,
    IECNotation,
    Metric,
    StrictPrecision,
    TimeNotation,
    Unit,
)
from cmk.graphing.v1.perfometers import Closed, FocusRange, Open, Perfometer

_COUNT = Unit(DecimalNotation(""), StrictPrecision(0))
_BYTES = Unit(IECNotation("B"))
_TIME = Unit(TimeNotation())


def _count(name: str, title: Title, color: Color) -> Metric:
    return Metric(name=name, title=title, unit=_COUNT, color=color)


def _size(name: str, title: Title, color: Color) -> Metric:
    return Metric(name=name, title=title, unit=_BYTES, color=color)


def _time(name: str, title: Title, color: Color) -> Metric:
    return Metric(name=name, title=title, unit=_TIME, color=color)


metric_mail_relay_queue_maildrop = _count(
    "mail_relay_queue_maildrop", Title("Messages in maildrop"), Color.CYAN
)
metric_mail_relay_queue_incoming = _count(
    "mail_relay_queue_incoming", Title("Messages in incoming"), Color.BLUE
)
metric_mail_relay_queue_active = _count(
    "mail_relay_queue_active", Title("Messages in active"), Color.GREEN
)
metric_mail_relay_queue_deferred = _count(
    "mail_relay_queue_deferred", Title("Messages in deferred"), Color.ORANGE
)
metric_mail_relay_queue_hold = _count(
    "mail_relay_queue_hold", Title("Messages on hold"), Color.PURPLE
)
metric_mail_relay_queue_corrupt = _count(
    "mail_relay_queue_corrupt", Title("Corrupt messages"), Color.RED
)

metric_mail_relay_queue_maildrop_size = _size(
    "mail_relay_queue_maildrop_size", Title("Size of maildrop"), Color.CYAN
)
metric_mail_relay_queue_incoming_size = _size(
    "mail_relay_queue_incoming_size", Title("Size of incoming"), Color.BLUE
)
metric_mail_relay_queue_active_size = _size(
    "mail_relay_queue_active_size", Title("Size of active"), Color.GREEN
)
metric_mail_relay_queue_deferred_size = _size(
    "mail_relay_queue_deferred_size", Title("Size of deferred"), Color.ORANGE
)
metric_mail_relay_queue_hold_size = _size(
    "mail_relay_queue_hold_size", Title("Size of mail on hold"), Color.PURPLE
)
metric_mail_relay_queue_corrupt_size = _size(
    "mail_relay_queue_corrupt_size", Title("Size of corrupt mail"), Color.RED
)

metric_mail_relay_queue_maildrop_age = _time(
    "mail_relay_queue_maildrop_age", Title("Oldest in maildrop"), Color.CYAN
)
metric_mail_relay_queue_incoming_age = _time(
    "mail_relay_queue_incoming_age", Title("Oldest in incoming"), Color.BLUE
)
metric_mail_relay_queue_active_age = _time(
    "mail_relay_queue_active_age", Title("Oldest in active"), Color.GREEN
)
metric_mail_relay_queue_deferred_age = _time(
    "mail_relay_queue_deferred_age", Title("Oldest in deferred"), Color.ORANGE
)
metric_mail_relay_queue_hold_age = _time(
    "mail_relay_queue_hold_age", Title("Oldest on hold"), Color.PURPLE
)

metric_mail_relay_queue_next_attempt = _time(
    "mail_relay_queue_next_attempt", Title("Time to the next delivery attempt"), Color.BLUE
)
metric_mail_relay_queue_overdue = _count(
    "mail_relay_queue_overdue", Title("Messages with an overdue attempt"), Color.YELLOW
)
metric_mail_relay_queue_overdue_age = _time(
    "mail_relay_queue_overdue_age", Title("Longest overdue attempt"), Color.YELLOW
)
metric_mail_relay_queue_expiring = _count(
    "mail_relay_queue_expiring", Title("Messages about to expire"), Color.RED
)

metric_mail_relay_queue_reason_resolve = _count(
    "mail_relay_queue_reason_resolve", Title("Deferred: name resolution"), Color.CYAN
)
metric_mail_relay_queue_reason_connect = _count(
    "mail_relay_queue_reason_connect", Title("Deferred: connection"), Color.BLUE
)
metric_mail_relay_queue_reason_tls = _count(
    "mail_relay_queue_reason_tls", Title("Deferred: TLS"), Color.GREEN
)
metric_mail_relay_queue_reason_authentication = _count(
    "mail_relay_queue_reason_authentication", Title("Deferred: authentication"), Color.YELLOW
)
metric_mail_relay_queue_reason_rejected = _count(
    "mail_relay_queue_reason_rejected", Title("Deferred: rejected mail"), Color.ORANGE
)
metric_mail_relay_queue_reason_limited = _count(
    "mail_relay_queue_reason_limited", Title("Deferred: limits of the provider"), Color.PINK
)
metric_mail_relay_queue_reason_reputation = _count(
    "mail_relay_queue_reason_reputation", Title("Deferred: reputation"), Color.PURPLE
)
metric_mail_relay_queue_reason_local = _count(
    "mail_relay_queue_reason_local", Title("Deferred: fault of this host"), Color.RED
)
metric_mail_relay_queue_reason_other = _count(
    "mail_relay_queue_reason_other", Title("Deferred: other reasons"), Color.GRAY
)

graph_mail_relay_queue_messages = Graph(
    name="mail_relay_queue_messages",
    title=Title("Mail in the queues"),
    minimal_range=MinimalRange(0, 10),
    compound_lines=[
        "mail_relay_queue_maildrop",
        "mail_relay_queue_incoming",
        "mail_relay_queue_active",
        "mail_relay_queue_deferred",
        "mail_relay_queue_hold",
        "mail_relay_queue_corrupt",
    ],
    optional=[
        "mail_relay_queue_maildrop",
        "mail_relay_queue_incoming",
        "mail_relay_queue_active",
        "mail_relay_queue_deferred",
        "mail_relay_queue_hold",
        "mail_relay_queue_corrupt",
    ],
)

graph_mail_relay_queue_size = Graph(
    name="mail_relay_queue_size",
    title=Title("Size of the queues"),
    compound_lines=[
        "mail_relay_queue_maildrop_size",
        "mail_relay_queue_incoming_size",
        "mail_relay_queue_active_size",
        "mail_relay_queue_deferred_size",
        "mail_relay_queue_hold_size",
        "mail_relay_queue_corrupt_size",
    ],
    optional=[
        "mail_relay_queue_maildrop_size",
        "mail_relay_queue_incoming_size",
        "mail_relay_queue_active_size",
        "mail_relay_queue_deferred_size",
        "mail_relay_queue_hold_size",
        "mail_relay_queue_corrupt_size",
    ],
)

graph_mail_relay_queue_age = Graph(
    name="mail_relay_queue_age",
    title=Title("Oldest mail in the queues"),
    minimal_range=MinimalRange(0, 600),
    simple_lines=[
        "mail_relay_queue_maildrop_age",
        "mail_relay_queue_incoming_age",
        "mail_relay_queue_active_age",
        "mail_relay_queue_deferred_age",
        "mail_relay_queue_hold_age",
    ],
    optional=[
        "mail_relay_queue_maildrop_age",
        "mail_relay_queue_incoming_age",
        "mail_relay_queue_active_age",
        "mail_relay_queue_deferred_age",
        "mail_relay_queue_hold_age",
    ],
)

graph_mail_relay_queue_reasons = Graph(
    name="mail_relay_queue_reasons",
    title=Title("Why mail is deferred"),
    minimal_range=MinimalRange(0, 10),
    compound_lines=[
        "mail_relay_queue_reason_resolve",
        "mail_relay_queue_reason_connect",
        "mail_relay_queue_reason_tls",
        "mail_relay_queue_reason_authentication",
        "mail_relay_queue_reason_rejected",
        "mail_relay_queue_reason_limited",
        "mail_relay_queue_reason_reputation",
        "mail_relay_queue_reason_local",
        "mail_relay_queue_reason_other",
    ],
)

graph_mail_relay_queue_attempts = Graph(
    name="mail_relay_queue_attempts",
    title=Title("Delivery attempts"),
    simple_lines=["mail_relay_queue_next_attempt", "mail_relay_queue_overdue_age"],
    optional=["mail_relay_queue_next_attempt", "mail_relay_queue_overdue_age"],
)

graph_mail_relay_queue_at_risk = Graph(
    name="mail_relay_queue_at_risk",
    title=Title("Mail at risk"),
    minimal_range=MinimalRange(0, 10),
    simple_lines=["mail_relay_queue_overdue", "mail_relay_queue_expiring"],
    optional=["mail_relay_queue_overdue", "mail_relay_queue_expiring"],
)

perfometer_mail_relay_queue = Perfometer(
    name="mail_relay_queue",
    focus_range=FocusRange(Closed(0), Open(100)),
    segments=[
        "mail_relay_queue_incoming",
        "mail_relay_queue_active",
        "mail_relay_queue_deferred",
    ],
)
