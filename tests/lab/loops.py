"""Loops of the rule "Mail roundtrip": from the site over the relay into a provider's mailbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab import mailbox_server, relay
from lab.checkmk_site import stored

WAIT_S = 5.0

Rule = dict[str, Any]

# The site's password store: what rules refer to.
PASSWORDS = {
    "relay": relay.PASSWORD,
    "mailbox": mailbox_server.PASSWORD,
    "wrong": "guess",
    "client": "client-s3cret",
    "refresh": "refresh-t0ken",
    "refresh2": "an0ther-refresh-t0ken",
}

SUBMISSION: Mapping[str, Any] = {
    "server": relay.HOST,
    "tls": "starttls",
    "auth": ("password", {"user": relay.USER, "password": stored("relay")}),
}


def login(user: str, password: str = "mailbox") -> tuple[str, Mapping[str, Any]]:
    return ("password", {"user": mailbox_server.address(user), "password": stored(password)})


def loop(name: str, *, user: str = "probe", **changes: Any) -> Rule:
    """A loop that works. Values of `changes` replace keys of the rule; those of the dictionaries
    `submission`, `mailbox` and `timing` replace keys in them."""
    rule: Rule = {
        "name": name,
        "kind": "external",
        "sender": relay.USER,
        "recipient": mailbox_server.address(user),
        "submission": dict(SUBMISSION),
        "mailbox": {
            "server": mailbox_server.IMAP_HOST,
            "tls": "implicit",
            "auth": login(user),
            "delete_probes": True,
        },
        "timing": {"wait": WAIT_S},
    }
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(rule.get(key), dict):
            rule[key] = {**rule[key], **value}
        else:
            rule[key] = value
    return rule
