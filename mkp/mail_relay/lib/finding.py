"""Findings of the agent plug-in: what they are called in rules, and which state they get."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cmk_addons.plugins.mail_relay.lib.json_section import Fields

# The states of the Checkmk API by number, in order of severity.
OK, WARN, UNKNOWN, CRIT = 0, 1, 3, 2

_STATE_OF_SEVERITY = {"crit": CRIT, "warn": WARN, "info": OK}
_STATE_OF_CHOICE = {"ok": OK, "warn": WARN, "crit": CRIT, "unknown": UNKNOWN}

# Levels judge the number behind these, so the finding only explains unless a rule says otherwise:
# always, or once these levels are set.
_JUDGED_BY_LEVELS = frozenset(("deferred_old", "relay_certificate_ending"))
_JUDGED_BY_LEVELS_IF_SET = {"mail_lost": "lost", "notifications_lost": "lost"}

_MAP_FINDINGS = {
    "map_type_unsupported": "Lookup table type is not supported by this Postfix",
    "map_not_built": "Lookup table is not built",
    "map_stale": "Lookup table is older than its source",
}

FINDING_TITLES: Mapping[str, Mapping[str, str]] = {
    "service": {
        "master_down": "Postfix is not running",
        "instance_down": "Enabled instance is not running",
        "spool_nearly_full": "Spool file system is nearly full",
        "wrong_permissions": "Owner or mode of files that Postfix needs is wrong (postfix check)",
    },
    "queue": {
        "queue_unreadable": "Queue cannot be read",
        "pickup_stuck": "Local submission is stuck (pickup)",
        "active_saturated": "Active queue is saturated",
        "deferred_old": "Old mail in the deferred queue (also judged by its age levels)",
        "expiring_soon": "Mail is about to expire",
        "retries_overdue": "Delivery attempts are overdue",
        "held_mail": "Mail is on hold",
        "corrupt_mail": "Corrupt mail in the queue",
        "runaway_sender": "One sender fills the queue",
        "ipv6_no_route": "IPv6 is tried and has no route",
        "direct_delivery_blocked": "Direct delivery on port 25 is blocked",
        "mechanism_mismatch": "Mechanism filter matches nothing the relay offers",
    },
    "config": {
        "configuration_rejected": "Postfix rejects its configuration",
        "malformed_value": "A value is none that Postfix's programs understand",
        "service_missing": "master.cf lacks a service that mail has to pass",
        "transport_deferred": "Mail for other hosts is kept by defer_transports",
        "mail_discarded": "Mail for other hosts is thrown away (discard)",
        "unknown_parameter": "Unknown parameter",
        "old_compatibility_level": "Old compatibility level",
        **_MAP_FINDINGS,
        "berkeley_db_maps": "Berkeley DB lookup tables are still used",
        "relayhost_lacks_brackets": "Relayhost lacks brackets",
        "relayhost_malformed": "Relayhost is malformed",
        "chroot_drift": "Files in the chroot jail differ from the host's",
        "generic_map_missing": "Sender addresses are not valid outside (no generic map)",
        "port25_exposed": "Port 25 is reachable from outside without need",
    },
    "sasl": {
        "secret_readable": "Credentials are readable by others",
        **_MAP_FINDINGS,
        "credentials_wrong_shape": "Credentials are not of the form user:password",
        "relay_key_mismatch": "No credentials for the relayhost",
        "auth_disabled_with_credentials": "Credentials are there, but AUTH is off",
        "noplaintext_default": "Security options forbid plaintext mechanisms",
        "sasl_plugin_missing": "SASL plug-in is missing",
        "mechanism_mismatch": "Mechanism filter matches nothing the relay offers",
    },
    "tls": {
        "deprecated_tls_switch": "Deprecated TLS switch",
        **_MAP_FINDINGS,
        "tls_port_without_wrapper": "TLS port without wrapper mode",
        "wrapper_level_too_low": "Wrapper mode with a security level that is too low",
        "wrapper_on_starttls_port": "Wrapper mode on a STARTTLS port",
        "password_without_tls": "Password is sent without TLS",
        "strippable_tls": "TLS can be stripped by an attacker",
        "ca_file_missing": "CA file is missing",
        "capath_outside_jail": "CA directory is outside the chroot jail",
        "client_certificate_unusable": "Client certificate is unusable",
        "tls_level_invalid": "TLS level is none that Postfix knows",
    },
    "connection": {
        "relayhost_unresolvable": "Relayhost cannot be resolved",
        "chroot_drift": "Relayhost is resolved on the host, but not in the chroot jail",
        "relayhost_has_mx": "Relayhost without brackets has MX records of its own",
        "relay_unreachable": "Relay cannot be reached",
        "relay_address_failing": "Some addresses of the relay do not work",
        "ipv6_no_route": "IPv6 is tried and has no route",
        "direct_delivery_blocked": "Direct delivery on port 25 is blocked",
        "relay_refuses": "Relay refuses this host",
        "relay_dialogue_failed": "Dialogue with the relay fails",
        "tls_port_without_wrapper": "TLS port without wrapper mode",
        "wrapper_on_starttls_port": "Wrapper mode on a STARTTLS port",
        "starttls_missing": "Relay does not offer the STARTTLS that is required",
        "tls_handshake_failed": "TLS handshake fails",
        "certificate_refused": "Certificate of the relay is not accepted",
        "relay_certificate_ending": "Certificate of the relay ends soon (also judged by levels)",
        "relay_certificate_untrusted": "Certificate of the relay not vouched for (level allows it)",
        "relay_old_protocol": "Relay speaks an old TLS version",
        "dane_without_dnssec": "DANE without a DNSSEC resolver",
        "policy_service_dead": "TLS policy service does not answer",
        "auth_not_offered": "Relay does not offer AUTH",
        "starttls_not_used": "Relay offers STARTTLS, but it is not used",
        "login_not_used": "Relay offers a log-in, but it is not used",
        "mechanism_mismatch": "Relay offers no mechanism that can be used",
        "relay_size_limit": "Relay takes only smaller messages than this host",
    },
    "deliveries": {
        "mail_lost": "Mail was given up for good (or judged by levels, if set)",
        "unauthenticated_bouncing": "Mail bounces because Postfix does not log on",
        "bad_password": "Relay refuses user name or password",
        "app_password_required": "Relay wants an application password",
        "basic_auth_refused": "Provider takes no passwords any more",
        "oauth_token_dead": "OAuth2 token is not valid",
        "quota_exceeded": "Provider's sending limit is reached",
        "sender_refused": "Relay does not accept the sender address",
        "reputation": "Receivers block or slow down this host's mail",
        "mail_loop": "Mail loop",
        "daemon_crash_loop": "A daemon of Postfix ends as soon as it is started",
        "policy_service_dead": "TLS policy service does not answer",
        "clock_skew": "Clocks of host and file system differ",
        "no_log_source": "No mail log is found",
        "log_silent": "Postfix works, but its log is silent",
    },
    "notifications": {
        "notifications_lost": "Notifications were given up for good (or judged by levels, if set)",
    },
}


@dataclass(frozen=True)
class Finding:
    """One statement of the agent plug-in about what is wrong; `severity` is crit, warn or info."""

    id: str
    severity: str
    summary: str
    evidence: str
    fix: tuple[str, ...]

    def details(self) -> str:
        """Summary, evidence and repair, one line each."""
        lines = [self.summary]
        if self.evidence:
            lines.append(f"  Seen: {self.evidence}")
        lines.extend(f"  Fix: {command}" for command in self.fix)
        return "\n".join(lines)


def parse_findings(fields: Fields) -> tuple[Finding, ...]:
    """The findings of one instance; one of an id that is unknown here is kept."""
    return tuple(_parse_finding(row) for row in fields.rows("findings") or ())


def _parse_finding(row: Fields) -> Finding:
    identifier = row.text("id") or "unnamed"
    return Finding(
        id=identifier,
        severity=row.text("severity") or "",
        summary=row.text("summary") or f"Finding {identifier}",
        evidence=row.text("evidence") or "",
        fix=row.texts("fix") or (),
    )


def judge_finding(finding: Finding, params: Mapping[str, Any]) -> int | None:
    """The state of a finding: the rule's, else by severity; None when it is to be ignored."""
    choice = params.get(f"finding_{finding.id}")
    if choice == "ignore":
        return None
    if choice in _STATE_OF_CHOICE:
        return _STATE_OF_CHOICE[choice]
    if finding.id in _JUDGED_BY_LEVELS or _has_levels(finding, params):
        return OK
    # A severity that is not known here is none to be silent about.
    return _STATE_OF_SEVERITY.get(finding.severity, WARN)


def _has_levels(finding: Finding, params: Mapping[str, Any]) -> bool:
    kind, _levels = params.get(_JUDGED_BY_LEVELS_IF_SET.get(finding.id, ""), ("no_levels", None))
    return bool(kind != "no_levels")
