"""Mail relay TLS: level, certificates, requirements."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, Service, State, render
from cmk_addons.plugins.mail_relay.agent_based.mail_relay_tls import (
    check_mail_relay_tls,
    discover_mail_relay_tls,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import TLS_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.tls_section import guarantees, parse_tls_section
from family import golden_object, golden_table, table_of

SECTION = "mail_relay_tls"
NOW = 1795249745
DAY = 86400


def check(table: list[list[str]], params: Mapping[str, Any] | None = None) -> list[Result | Metric]:
    section = parse_tls_section(table)
    assert section is not None
    return list(check_mail_relay_tls("postfix", {**TLS_DEFAULTS, **(params or {})}, section))


def check_changed(
    changes: Mapping[str, Any], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    fields = golden_object("scenario_a_auth_fails", SECTION) | {"client_certificate": None}
    return check(table_of(fields | dict(changes)), params)


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


def test_discovery() -> None:
    section = parse_tls_section(golden_table("scenario_a", SECTION))
    assert section is not None
    assert list(discover_mail_relay_tls(section)) == [Service(item="postfix")]


def test_level_and_certificates() -> None:
    assert check(golden_table("scenario_a_auth_fails", SECTION)) == [
        Result(
            state=State.WARN,
            summary=(
                "Client certificate valid for: 14 days 0 hours "
                "(warn/crit below 30 days 0 hours/7 days 0 hours)"
            ),
        ),
        Result(state=State.OK, summary="TLS level may, encrypt for [smtp.example.org]:587"),
        Result(state=State.OK, summary="142 CA certificates"),
        Result(
            state=State.OK,
            notice=(
                "Level as set: may (from smtp_tls_security_level)\n"
                "Level for [smtp.example.org]:587: encrypt (policy [smtp.example.org]:587)\n"
                "Protocols: !SSLv2, !SSLv3\n"
                "Mandatory protocols: !SSLv2, !SSLv3\n"
                "Ciphers: medium\n"
                "Mandatory ciphers: medium\n"
                "CA file: /etc/ssl/certs/ca-certificates.crt, 142 certificates, 1 expired\n"
                "Client certificate: /etc/postfix/client.pem, CN=monitor.example.org, "
                f"valid until {render.datetime(1796459345)}\n"
                "TLS policy: hash:/etc/postfix/tls_policy"
            ),
        ),
        Metric("mail_relay_tls_ca_certificates", 142),
        Metric("mail_relay_tls_ca_expired", 1),
        Metric("mail_relay_tls_client_certificate_validity", 14 * DAY),
    ]


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        pytest.param({"level": {"effective": "none"}}, "No TLS", id="none"),
        pytest.param({"level": {"effective": ""}}, "No TLS", id="empty"),
        pytest.param(
            {"level": {"effective": "encrypt"}, "wrapper_mode": True},
            "TLS level encrypt in wrapper mode",
            id="wrapper mode",
        ),
    ],
)
def test_level_in_words(changes: Mapping[str, Any], summary: str) -> None:
    results = check_changed({"relayhost_levels": [], **changes})
    assert results[0] == Result(state=State.OK, summary=summary)


def test_unreadable_configuration_warns_with_its_reason() -> None:
    assert check(golden_table("unprivileged_stopped", SECTION)) == [
        Result(state=State.WARN, summary="Cannot read parameters: postconf did not end within 5 s"),
        Result(state=State.OK, summary="TLS level not known"),
    ]


@pytest.mark.parametrize(
    ("level", "required", "enough"),
    [
        pytest.param("none", "may", False, id="none for may"),
        pytest.param("may", "may", True, id="may for may"),
        pytest.param("may", "encrypt", False, id="may for encrypt"),
        pytest.param("dane", "encrypt", False, id="dane falls back"),
        pytest.param("dane-only", "secure", True, id="dane-only does not"),
        pytest.param("fingerprint", "secure", True, id="fingerprint is as strict as secure"),
        pytest.param("verify", "secure", False, id="verify for secure"),
        pytest.param("secure", "encrypt", True, id="secure for encrypt"),
        pytest.param("", "may", False, id="empty"),
        pytest.param("stricter-than-all", "may", False, id="unknown level"),
    ],
)
def test_strength_of_levels(level: str, required: str, enough: bool) -> None:
    assert guarantees(level, required) is enough


def test_required_level_of_each_relayhost() -> None:
    levels = [
        {"relayhost": "[a.test]:587", "level": "may"},
        {"relayhost": "[b.test]:587", "level": "encrypt"},
    ]
    results = check_changed({"relayhost_levels": levels}, {"required_level": "encrypt"})
    assert results[0] == Result(
        state=State.CRIT,
        summary="TLS level for [a.test]:587 is may, required at least encrypt",
    )
    assert worst(results[1:]) is State.OK


def test_required_level_without_relayhost() -> None:
    params = {"required_level": "encrypt", "unmet_state": 1}
    results = check_changed({"relayhost_levels": []}, params)
    assert results[0] == Result(
        state=State.WARN, summary="TLS level is may, required at least encrypt"
    )


@pytest.mark.parametrize(
    ("remaining", "state"),
    [
        pytest.param(30 * DAY, State.OK, id="at the warning level"),
        pytest.param(30 * DAY - 1, State.WARN, id="below the warning level"),
        pytest.param(7 * DAY - 1, State.CRIT, id="below the critical level"),
        pytest.param(-DAY, State.CRIT, id="expired"),
    ],
)
def test_levels_on_client_certificate(remaining: int, state: State) -> None:
    certificate = {"path": "/c.pem", "not_after": NOW + remaining}
    assert worst(check_changed({"client_certificate": certificate})) is state


def test_expired_client_certificate_shows_since_when() -> None:
    certificate = {"path": "/c.pem", "not_after": NOW - DAY, "matches_key": False}
    (first, *_) = check_changed({"client_certificate": certificate})
    assert isinstance(first, Result)
    assert first.summary.startswith("Client certificate valid for: -1 day 0 hours")


@pytest.mark.parametrize(
    ("params", "state"),
    [
        pytest.param({}, State.OK, id="no levels by default"),
        pytest.param({"expired_ca_certificates": ("fixed", (1, 2))}, State.WARN, id="levels"),
    ],
)
def test_levels_on_expired_ca_certificates(params: Mapping[str, Any], state: State) -> None:
    assert worst(check_changed({}, params)) is state


def test_ca_store_flaws_are_told() -> None:
    stores = {
        "ca_file": {"path": "/missing.pem", "present": False},
        "ca_path": {"path": "/etc/ssl/certs", "present": True, "in_jail": False},
    }
    results = check_changed(stores)
    details = "\n".join(r.details for r in results if isinstance(r, Result))
    assert "CA file: /missing.pem, missing" in details
    assert "CA directory: /etc/ssl/certs, not readable in the chroot jail" in details
    assert not any(r.name.startswith("mail_relay_tls_ca") for r in results if isinstance(r, Metric))
