"""Mail relay authentication: mechanisms, credentials, requirements."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, Service, State, render
from cmk_addons.plugins.mail_relay.agent_based.mail_relay_sasl import (
    check_mail_relay_sasl,
    discover_mail_relay_sasl,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import SASL_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.sasl_section import parse_sasl_section
from family import golden_object, golden_table, table_of

SECTION = "mail_relay_sasl"


def check(table: list[list[str]], params: Mapping[str, Any] | None = None) -> list[Result | Metric]:
    section = parse_sasl_section(table)
    assert section is not None
    return list(check_mail_relay_sasl("postfix", {**SASL_DEFAULTS, **(params or {})}, section))


def check_changed(
    changes: Mapping[str, Any], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    fields = golden_object("scenario_a_auth_fails", SECTION) | {"findings": []} | dict(changes)
    return check(table_of(fields), params)


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="AUTH off and nothing configured"),
        pytest.param({"auth_enabled": True}, [Service(item="postfix")], id="AUTH on"),
        pytest.param({"auth_enabled": None}, [Service(item="postfix")], id="AUTH not known"),
        pytest.param({"credentials_maps": [{}]}, [Service(item="postfix")], id="credentials"),
        pytest.param({"findings": [{}]}, [Service(item="postfix")], id="finding"),
    ],
)
def test_discovery(changes: Mapping[str, Any], expected: list[Service]) -> None:
    section = parse_sasl_section(table_of(golden_object("healthy_satellite", SECTION) | changes))
    assert section is not None
    assert list(discover_mail_relay_sasl(section)) == expected


def test_missing_plugin_leads() -> None:
    assert check(golden_table("scenario_a_auth_fails", SECTION)) == [
        Result(
            state=State.CRIT,
            summary="No SASL plug-in for PLAIN or LOGIN is installed",
            details=(
                "No SASL plug-in for PLAIN or LOGIN is installed(!!)\n"
                "  Seen: /usr/lib/x86_64-linux-gnu/sasl2 offers no mechanism\n"
                "  Fix: apt install libsasl2-modules\n"
                "  Fix: systemctl restart postfix\n"
                "  Fix: postqueue -f"
            ),
        ),
        Result(
            state=State.WARN,
            summary="Others can read /etc/postfix/sasl_passwd",
            details=(
                "Others can read /etc/postfix/sasl_passwd(!)\n"
                "  Seen: mode 0644\n"
                "  Fix: chmod 600 /etc/postfix/sasl_passwd"
            ),
        ),
        Result(
            state=State.WARN,
            summary="hash:/etc/postfix/sasl_passwd is older than its source",
            details=(
                "hash:/etc/postfix/sasl_passwd is older than its source(!)\n"
                "  Seen: source is 1000 s newer\n"
                "  Fix: postmap hash:/etc/postfix/sasl_passwd"
            ),
        ),
        Result(
            state=State.OK,
            notice="AUTH without a usable mechanism for [smtp.example.org]:587",
        ),
        Result(
            state=State.OK,
            notice=(
                "SASL types of this Postfix: cyrus\n"
                "Mechanisms installed: none\n"
                "SASL plug-ins in /usr/lib/x86_64-linux-gnu/sasl2: none\n"
                "  libplain.so is unusable: truncated\n"
                "Mechanism filter: plain, login\n"
                "Security options: noanonymous\n"
                "Security options with TLS: noanonymous\n"
                "Credentials: hash:/etc/postfix/sasl_passwd\n"
                "  source /etc/postfix/sasl_passwd, mode 0644, owner root, "
                f"changed {render.datetime(1795249000)}\n"
                "  built /etc/postfix/sasl_passwd.db, mode 0600, owner root, "
                f"changed {render.datetime(1795248000)}\n"
                "  older than its source\n"
                "  [smtp.example.org]:587: entry under [smtp.example.org]:587"
            ),
        ),
        Metric("mail_relay_sasl_installed_mechanisms", 0),
        Metric("mail_relay_sasl_usable_mechanisms", 0),
    ]


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        pytest.param(
            {"usable_mechanisms": ["LOGIN", "PLAIN"]},
            "AUTH with LOGIN, PLAIN for [smtp.example.org]:587",
            id="ready",
        ),
        pytest.param(
            {"usable_mechanisms": ["CRAM-MD5", "DIGEST-MD5", "LOGIN", "NTLM", "PLAIN"]},
            "AUTH with LOGIN, PLAIN, CRAM-MD5 and 2 more for [smtp.example.org]:587",
            id="many",
        ),
        pytest.param(
            {"usable_mechanisms": ["PLAIN"], "credentials_maps": []},
            "AUTH with PLAIN",
            id="no credentials known",
        ),
        pytest.param({"auth_enabled": False}, "AUTH is off", id="off"),
    ],
)
def test_state_in_words(changes: Mapping[str, Any], summary: str) -> None:
    assert check_changed(changes)[0] == Result(state=State.OK, summary=summary)


def test_unreadable_configuration_warns_with_its_reason() -> None:
    assert check(golden_table("unprivileged_stopped", SECTION)) == [
        Result(state=State.WARN, summary="Cannot read parameters: postconf did not end within 5 s"),
        Result(state=State.OK, summary="AUTH not known"),
    ]


def test_unknown_mechanisms_without_a_reason_warn() -> None:
    assert check_changed({"usable_mechanisms": None})[0] == Result(
        state=State.WARN, summary="Cannot read usable_mechanisms: the agent plug-in does not tell"
    )


@pytest.mark.parametrize(
    ("installed", "required", "state"),
    [
        pytest.param(["PLAIN", "XOAUTH2"], ["xoauth2"], State.OK, id="installed"),
        pytest.param(["PLAIN"], ["PLAIN", "XOAUTH2"], State.CRIT, id="one missing"),
        pytest.param([], [], State.OK, id="none required"),
    ],
)
def test_required_mechanisms(installed: list[str], required: list[str], state: State) -> None:
    results = check_changed({"installed_mechanisms": installed}, {"required_mechanisms": required})
    assert worst(results) is state


def test_missing_mechanism_is_named() -> None:
    results = check_changed(
        {"installed_mechanisms": ["PLAIN"]}, {"required_mechanisms": ["XOAUTH2", "LOGIN"]}
    )
    assert results[0] == Result(
        state=State.CRIT,
        summary="Required mechanism not installed: XOAUTH2, LOGIN (installed: PLAIN)",
    )


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        pytest.param({"found": False}, "  [h]:587: no entry", id="none"),
        pytest.param({"found": None}, "  [h]:587: not known", id="not known"),
        pytest.param({"found": True, "key": "h"}, "  [h]:587: entry under h", id="under a key"),
        pytest.param(
            {"found": True, "well_formed": False},
            "  [h]:587: entry found, not of the form user:password",
            id="of the wrong shape",
        ),
    ],
)
def test_entry_in_words(entry: Mapping[str, Any], line: str) -> None:
    maps = [{"map": "lmdb:/x", "supported": False, "entries": [{"relayhost": "[h]:587", **entry}]}]
    details = "\n".join(
        r.details for r in check_changed({"credentials_maps": maps}) if isinstance(r, Result)
    )
    assert line in details.splitlines()
    assert "  type not supported by this Postfix" in details.splitlines()
