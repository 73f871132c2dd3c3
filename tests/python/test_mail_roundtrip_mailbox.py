"""Mailbox access: the dialogue with the IMAP server."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, State
from cmk_addons.plugins.mail_relay.agent_based.mail_roundtrip_mailbox import (
    check_mail_roundtrip_mailbox,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import MAILBOX_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.mailbox_section import parse_mailbox_section
from family import golden_object, golden_table, table_of

SECTION = "mail_roundtrip_mailbox"


def check(
    item: str, table: list[list[str]], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    section = parse_mailbox_section(table)
    assert section is not None
    merged = {**MAILBOX_DEFAULTS, **(params or {})}
    return list(check_mail_roundtrip_mailbox(item, merged, section))


def check_changed(
    changes: Mapping[str, Any], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    """The check of a healthy mailbox with some keys changed and some parameters set."""
    fields = golden_object("roundtrip_healthy", SECTION, row=1)
    return check("external", table_of({**fields, **changes}), params)


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


def test_healthy_mailbox() -> None:
    assert check("internal", golden_table("roundtrip_healthy", SECTION)) == [
        Result(state=State.OK, summary="mail.example.org:143 read in 0.31 s"),
        Result(
            state=State.OK,
            notice=(
                "Server: mail.example.org:143 (without TLS)\n"
                "  192.0.2.20: connected\n"
                "Greeting: * OK ready\n"
                "Mechanisms offered: PLAIN\n"
                "Logged in with: PLAIN\n"
                "Times: resolve 0.01 s, connect 0.02 s, greeting 0.03 s, auth 0.10 s, "
                "select 0.02 s, look 0.08 s, total 0.31 s\n"
                "Capabilities: IMAP4rev1, UIDPLUS\n"
                "Folder INBOX (inbox), 1234 messages\n"
                "Folder Junk (junk), 7 messages\n"
                "Probes deleted in this run: 1\n"
                "Clock of the server against ours: +0.20 s"
            ),
        ),
        Metric("mail_roundtrip_mailbox_resolve", 0.01),
        Metric("mail_roundtrip_mailbox_connect", 0.02),
        Metric("mail_roundtrip_mailbox_greeting", 0.03),
        Metric("mail_roundtrip_mailbox_auth", 0.1),
        Metric("mail_roundtrip_mailbox_select", 0.02),
        Metric("mail_roundtrip_mailbox_look", 0.08),
        Metric("mail_roundtrip_mailbox_total", 0.31, levels=(10.0, 20.0)),
        Metric("mail_roundtrip_mailbox_messages", 1241),
    ]


def test_full_mailbox_leads() -> None:
    results = check("external", golden_table("roundtrip_faults", SECTION))
    assert [(r.state, r.summary) for r in results if isinstance(r, Result) and r.summary] == [
        (State.CRIT, "Quota used: 95.00% (warn/crit at 80.00%/90.00%)"),
        (State.WARN, "Folder Other: NO Mailbox does not exist"),
        (State.OK, "imap.example.org:993 read in 0.31 s"),
        (State.OK, "3 probes left undeleted: the server lacks UIDPLUS"),
    ]


def test_dead_server() -> None:
    results = check("new", golden_table("roundtrip_faults", SECTION))
    assert worst(results) is State.CRIT
    assert isinstance(results[0], Result)
    assert results[0].summary == (
        "Mailbox access failed at connection: connect to 127.0.0.1:143: Connection refused"
    )


@pytest.mark.parametrize(
    ("changes", "params", "state"),
    [
        pytest.param({"ok": None}, {}, State.WARN, id="outcome not told"),
        pytest.param({"quota": None}, {}, State.OK, id="no quota told"),
        pytest.param(
            {"quota": {"storage": {"used_bytes": 5, "limit_bytes": 0}}}, {}, State.OK, id="no limit"
        ),
        pytest.param(
            {"quota": {"messages": {"used": 85, "limit": 100}}}, {}, State.WARN, id="messages"
        ),
        pytest.param(
            {"quota": {"messages": {"used": 85, "limit": 100}}},
            {"quota": ("no_levels", None)},
            State.OK,
            id="quota by rule",
        ),
        pytest.param({}, {"messages": ("fixed", (1000, 2000))}, State.WARN, id="many messages"),
        pytest.param(
            {"folders": [{"name": "X", "error": "NO"}]},
            {"folder_error_state": 2},
            State.CRIT,
            id="folder by rule",
        ),
        pytest.param({"folders": [{"error": ""}]}, {}, State.WARN, id="folder without a name"),
    ],
)
def test_state(changes: Mapping[str, Any], params: Mapping[str, Any], state: State) -> None:
    assert worst(check_changed(changes, params)) is state


def test_folder_that_ended_the_dialogue_is_told_once() -> None:
    failure = {"phase": "select", "class": "other", "error": "EXAMINE X: NO", "reply": "NO"}
    folder = {"name": "X", "role": "inbox", "messages": None, "error": "EXAMINE X: NO"}
    results = check_changed({"ok": False, "failure": failure, "folders": [folder]})
    told = [r.summary for r in results if isinstance(r, Result) and "EXAMINE X" in r.summary]
    assert told == ["Mailbox access failed at opening the folder: EXAMINE X: NO"]
