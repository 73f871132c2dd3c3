"""Failure classes: one word for each kind of deferral, bounce or refusal."""

import re
from collections.abc import Mapping

FAILURE_TITLES: Mapping[str, str] = {
    "resolve": "name cannot be resolved",
    "refused": "connection refused",
    "timeout": "connection timed out",
    "unreachable": "no route to the server",
    "unreachable_ipv6": "no IPv6 route to the server",
    "greeting_timeout": "no greeting from the server",
    "lost_connection": "connection lost",
    "tls_not_offered": "TLS required but not offered",
    "tls_handshake": "TLS handshake failed",
    "tls_verify": "certificate not accepted",
    "sasl_no_mechanism": "no usable SASL mechanism installed",
    "sasl_mechanism_mismatch": "no common SASL mechanism",
    "auth_failed": "authentication failed",
    "app_password_required": "provider wants an app password",
    "basic_auth_disabled": "provider takes no passwords any more",
    "oauth_token": "OAuth token is invalid",
    "auth_required": "server requires authentication",
    "sender_rejected": "sender rejected",
    "recipient_rejected": "recipient rejected",
    "relay_denied": "relaying denied",
    "mailbox_full": "mailbox full",
    "message_too_large": "message too large",
    "content_rejected": "content rejected",
    "quota": "sending limit reached",
    "rate_limited": "sending too fast",
    "greylisted": "greylisted",
    "reputation": "blocked for reputation",
    "local_data_error": "fault of this host",
    "loop": "mail loop",
    "server_error": "fault of the remote server",
    "other": "other reason",
}

# Few enough to be one graph; every class belongs to one.
FAILURE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "resolve": ("resolve",),
    "connect": (
        "refused",
        "timeout",
        "unreachable",
        "unreachable_ipv6",
        "greeting_timeout",
        "lost_connection",
    ),
    "tls": ("tls_not_offered", "tls_handshake", "tls_verify"),
    "authentication": (
        "sasl_no_mechanism",
        "sasl_mechanism_mismatch",
        "auth_failed",
        "app_password_required",
        "basic_auth_disabled",
        "oauth_token",
        "auth_required",
    ),
    "rejected": (
        "sender_rejected",
        "recipient_rejected",
        "relay_denied",
        "mailbox_full",
        "message_too_large",
        "content_rejected",
    ),
    "limited": ("quota", "rate_limited", "greylisted"),
    "reputation": ("reputation",),
    "local": ("local_data_error", "loop"),
    "other": ("server_error", "other"),
}

_GROUP_OF_CLASS = {name: group for group, names in FAILURE_GROUPS.items() for name in names}
_CONNECT_PORT = re.compile(r"connect to \S+\]:(\d+)")


def failure_title(failure_class: str) -> str:
    """The class in words; a class that is unknown here is its own title."""
    return FAILURE_TITLES.get(failure_class, failure_class.replace("_", " ") or "other reason")


def failure_group(failure_class: str) -> str:
    """The key of FAILURE_GROUPS that `failure_class` belongs to."""
    return _GROUP_OF_CLASS.get(failure_class, "other")


def connect_port(text: str) -> str | None:
    """The port in a text of the form `connect to host[address]:port: ...`."""
    match = _CONNECT_PORT.search(text)
    return match.group(1) if match else None
