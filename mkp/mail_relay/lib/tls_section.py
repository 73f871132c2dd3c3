"""Section mail_relay_tls: how an instance encrypts what it sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.finding import Finding, parse_findings
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_section,
)

# How much a security level guarantees. "dane" falls back to opportunistic TLS where a domain has no
# TLSA record; "fingerprint" and "dane-only" authenticate the server as strictly as "secure".
_STRENGTH = {
    "none": 0,
    "may": 1,
    "dane": 1,
    "encrypt": 2,
    "verify": 3,
    "secure": 4,
    "fingerprint": 4,
    "dane-only": 4,
}


@dataclass(frozen=True)
class CertificateStore:
    """CA file or CA directory; `in_jail` tells whether the chrooted client can read it."""

    path: str
    present: bool | None
    certificates: int | None
    expired: int | None
    in_jail: bool | None


@dataclass(frozen=True)
class ClientCertificate:
    path: str
    subject: str | None
    not_after: int | None
    matches_key: bool | None


@dataclass(frozen=True)
class PolicyMap:
    name: str
    supported: bool | None
    fresh: bool | None


@dataclass(frozen=True)
class RelayhostLevel:
    relayhost: str
    level: str
    policy_key: str | None


@dataclass(frozen=True)
class PostfixTls:
    time: int | None
    configured_level: str | None
    effective_level: str | None
    level_origin: str | None
    wrapper_mode: bool | None
    protocols: Mapping[str, str]
    ca_file: CertificateStore | None
    ca_path: CertificateStore | None
    client_certificate: ClientCertificate | None
    policy_maps: tuple[PolicyMap, ...]
    relayhost_levels: tuple[RelayhostLevel, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


TlsSection = Mapping[str, PostfixTls | Unreadable]


def parse_tls_section(string_table: Sequence[Sequence[str]]) -> TlsSection | None:
    return parse_section(string_table, "instance", _read_tls)


def guarantees(level: str, required: str) -> bool:
    """Whether `level` protects at least as well as `required`; a level unknown here does not."""
    return _STRENGTH.get(level, -1) >= _STRENGTH[required]


def _read_tls(fields: Fields) -> PostfixTls:
    level = fields.nested("level")
    protocols = {
        name: fields.text(name)
        for name in ("protocols", "mandatory_protocols", "ciphers", "mandatory_ciphers")
    }
    return PostfixTls(
        time=fields.moment("time"),
        configured_level=level.text("configured") if level else None,
        effective_level=level.text("effective") if level else None,
        level_origin=level.text("origin") if level else None,
        wrapper_mode=fields.flag("wrapper_mode"),
        protocols={name: value for name, value in protocols.items() if value},
        ca_file=_read_store(fields.nested("ca_file"), "readable_in_jail"),
        ca_path=_read_store(fields.nested("ca_path"), "in_jail"),
        client_certificate=_read_client_certificate(fields.nested("client_certificate")),
        policy_maps=tuple(
            PolicyMap(
                name=row.text("map") or "",
                supported=row.flag("supported"),
                fresh=row.flag("fresh"),
            )
            for row in fields.rows("policy_maps") or ()
        ),
        relayhost_levels=tuple(
            RelayhostLevel(
                relayhost=row.text("relayhost") or "",
                level=row.text("level") or "unknown",
                policy_key=row.text("policy_key"),
            )
            for row in fields.rows("relayhost_levels") or ()
        ),
        findings=parse_findings(fields),
        problems=fields.problems(),
    )


def _read_store(fields: Fields | None, jail_key: str) -> CertificateStore | None:
    if fields is None:
        return None
    return CertificateStore(
        path=fields.text("path") or "",
        present=fields.flag("present"),
        certificates=fields.count("certificates"),
        expired=fields.count("expired"),
        in_jail=fields.flag(jail_key),
    )


def _read_client_certificate(fields: Fields | None) -> ClientCertificate | None:
    if fields is None:
        return None
    return ClientCertificate(
        path=fields.text("path") or "",
        subject=fields.text("subject"),
        not_after=fields.moment("not_after"),
        matches_key=fields.flag("matches_key"),
    )
