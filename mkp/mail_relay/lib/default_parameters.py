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
