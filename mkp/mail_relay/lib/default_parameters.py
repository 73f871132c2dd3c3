"""Default parameters of the checks, which are the defaults of their rules as well."""

from collections.abc import Mapping
from typing import Any

_NO_LEVELS = ("no_levels", None)
_HOUR_S = 3600.0
_DAY_S = 86400.0

# What cannot be read and what a rule demands in vain; states by number. UNKNOWN is no choice for a
# default: Checkmk does not notify it.
_UNREADABLE = {"unreadable_state": 1}
_UNMET = {"unmet_state": 2}

SERVICE_DEFAULTS: Mapping[str, Any] = {
    **_UNREADABLE,
    # The finding spool_nearly_full judges what Postfix needs, the file system check the rest.
    "spool_free_percent": _NO_LEVELS,
    "spool_free_inodes_percent": _NO_LEVELS,
}

QUEUE_DEFAULTS: Mapping[str, Any] = {
    **_UNREADABLE,
    "messages_maildrop": _NO_LEVELS,
    "messages_incoming": _NO_LEVELS,
    "messages_active": ("fixed", (500, 2000)),
    "messages_deferred": ("fixed", (10, 100)),
    "messages_hold": _NO_LEVELS,
    "messages_corrupt": _NO_LEVELS,
    # Findings judge a stuck maildrop and incoming queue; a message keeps its arrival time when it
    # moves from deferred to active, so only the age of deferred mail has levels of its own.
    "age_maildrop": _NO_LEVELS,
    "age_incoming": _NO_LEVELS,
    "age_active": _NO_LEVELS,
    "age_deferred": ("fixed", (1 * _HOUR_S, 4 * _HOUR_S)),
    "age_hold": _NO_LEVELS,
    "overdue": _NO_LEVELS,
    "expiring": _NO_LEVELS,
}

CONFIG_DEFAULTS: Mapping[str, Any] = {**_UNREADABLE, **_UNMET}

SASL_DEFAULTS: Mapping[str, Any] = {**_UNREADABLE, **_UNMET}

TLS_DEFAULTS: Mapping[str, Any] = {
    **_UNREADABLE,
    **_UNMET,
    "client_certificate_validity": ("fixed", (30 * _DAY_S, 7 * _DAY_S)),
    # Distributions ship a few expired roots, and they do no harm.
    "expired_ca_certificates": _NO_LEVELS,
}

CONNECTION_DEFAULTS: Mapping[str, Any] = {
    **_UNREADABLE,
    "failure_state": 2,
    # A look ends after five seconds, and some relays greet slowly on purpose.
    "duration": _NO_LEVELS,
    "certificate_validity": ("fixed", (14 * _DAY_S, 7 * _DAY_S)),
}

DELIVERIES_DEFAULTS: Mapping[str, Any] = {
    **_UNREADABLE,
    # The finding mail_lost judges: CRIT while the loss is fresh, WARN until it is a day old.
    "lost": _NO_LEVELS,
    "deferred_24h": _NO_LEVELS,
    "last_sent_age": _NO_LEVELS,
    "delay": _NO_LEVELS,
    # Only where a rule tells the limit.
    "sending_limit_usage": ("fixed", (80.0, 95.0)),
}

NOTIFICATIONS_DEFAULTS: Mapping[str, Any] = {
    **_UNREADABLE,
    "waiting": _NO_LEVELS,
    # Whatever is deferred failed once and is late already.
    "deferred": ("fixed", (1, 10)),
    "age": ("fixed", (900.0, 1 * _HOUR_S)),
    # The finding notifications_lost judges: CRIT while the loss is fresh, WARN until a day old.
    "lost": _NO_LEVELS,
    "last_sent_age": _NO_LEVELS,
}

ROUNDTRIP_DEFAULTS: Mapping[str, Any] = {
    **_UNREADABLE,
    "latency": ("fixed", (60.0, 300.0)),
    # Long before a probe counts as lost, so that a standstill is noticed within minutes.
    "outstanding_age": ("fixed", (300.0, 900.0)),
    "lost": ("fixed", (1, 3)),
    "last_arrival_age": _NO_LEVELS,
    "submission_failure_state": 2,
    "mailbox_failure_state": 2,
}

_ENDPOINT: Mapping[str, Any] = {
    **_UNREADABLE,
    "failure_state": 2,
    "duration": ("fixed", (10.0, 20.0)),
    "certificate_validity": ("fixed", (14 * _DAY_S, 7 * _DAY_S)),
    "old_tls_state": 1,
    "dead_address_state": 1,
}

SUBMISSION_DEFAULTS: Mapping[str, Any] = {**_ENDPOINT, **_UNMET, "open_relay_state": 2}

MAILBOX_DEFAULTS: Mapping[str, Any] = {
    **_ENDPOINT,
    "quota": ("fixed", (80.0, 90.0)),
    "messages": _NO_LEVELS,
    "folder_error_state": 1,
}

DELIVERABILITY_DEFAULTS: Mapping[str, Any] = {
    **_UNREADABLE,
    "junk_state": 1,
    "spf_state": 1,
    "dkim_state": 1,
    "dmarc_state": 1,
    # Mail servers that take mail from their own network need not judge it.
    "no_verdict_state": 0,
    "reverse_name_state": 1,
    "listed_state": 1,
    "hop_delay": _NO_LEVELS,
}

CONTINUITY_DEFAULTS: Mapping[str, Any] = {
    **_UNREADABLE,
    "deliverability_issue": 2,
    "local_infrastructure_issue": 2,
    "total_outage": 2,
    "not_enough_data": 1,
}
