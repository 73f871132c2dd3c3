"""What the sections of SMTP and IMAP servers have in common: failure, addresses, phases, TLS."""

from collections.abc import Mapping
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.failure_class import failure_title
from cmk_addons.plugins.mail_relay.lib.json_section import Fields, Problem

PHASES = (
    *("resolve", "connect", "greeting", "ehlo", "tls", "auth", "accept"),
    *("select", "look", "total"),
)

# Of a server's words in a summary; the details have all of them.
_SHOWN_WORDS = 160

_PHASE_TITLES = {
    "resolve": "name resolution",
    "connect": "connection",
    "greeting": "greeting",
    "ehlo": "EHLO",
    "capability": "CAPABILITY",
    "starttls": "STARTTLS",
    "tls": "TLS handshake",
    "token": "OAuth token",
    "auth": "login",
    "mail": "MAIL FROM",
    "rcpt": "RCPT TO",
    "data": "DATA",
    "accept": "acceptance of the mail",
    "select": "opening the folder",
    "look": "looking for new mail",
    "fetch": "reading the probe",
    "delete": "deleting probes",
    "deadline": "end of the time allowed",
}


@dataclass(frozen=True)
class Failure:
    """What went wrong in a dialogue: where, what kind of failure, and the server's own words."""

    phase: str
    failure_class: str
    error: str
    reply: str | None

    def summary(self, what: str) -> str:
        """One line, for example `Submission failed at login: ...`."""
        return f"{what} failed at {self._phase_title()}: {_shortened(self._told())}"

    def details(self, what: str) -> str:
        """The same with the kind of failure and the server's words."""
        lines = [self.summary(what), f"  Kind: {failure_title(self.failure_class)}"]
        if self.reply:
            lines.append(f"  Server said: {self.reply}")
        return "\n".join(lines)

    def _phase_title(self) -> str:
        return _PHASE_TITLES.get(self.phase, self.phase or "an unknown step")

    def _told(self) -> str:
        if self.reply and self.reply not in self.error:
            return f"{self.error} ({self.reply})"
        return self.error


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_WORDS else f"{text[:_SHOWN_WORDS].rstrip()}..."


@dataclass(frozen=True)
class Address:
    """`connected` is None where it was not tried."""

    address: str
    connected: bool | None
    error: str | None


@dataclass(frozen=True)
class Certificate:
    subject: str
    issuer: str
    not_after: int | None


@dataclass(frozen=True)
class Tls:
    """`verified` is None when verification is off; `verify_error` then tells what it would say."""

    version: str | None
    cipher: str | None
    verified: bool | None
    verify_error: str | None
    chain: tuple[Certificate, ...]
    expires: int | None

    @property
    def outdated(self) -> bool:
        """Whether the protocol version is one that nobody should accept any more."""
        return self.version in ("SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1")


@dataclass(frozen=True)
class Endpoint:
    """A dialogue with one server; `phases_s` has only the phases that were reached."""

    time: int | None
    server: str | None
    port: int | None
    tls_mode: str | None
    ok: bool | None
    failure: Failure | None
    addresses: tuple[Address, ...]
    phases_s: Mapping[str, float]
    banner: str | None
    auth_mechanisms: tuple[str, ...] | None
    authenticated_with: str | None
    tls: Tls | None

    @property
    def name(self) -> str:
        server = self.server or "unknown server"
        return server if self.port is None else f"{server}:{self.port}"


def read_endpoint(fields: Fields) -> Endpoint:
    phases = fields.nested("phases")
    return Endpoint(
        time=fields.moment("time"),
        server=fields.text("server"),
        port=fields.count("port"),
        tls_mode=fields.text("tls_mode"),
        ok=fields.flag("ok"),
        failure=read_failure(fields.nested("failure")),
        addresses=tuple(
            Address(
                address=row.text("address") or "",
                connected=row.flag("connected"),
                error=row.text("error"),
            )
            for row in fields.rows("addresses") or ()
        ),
        phases_s=_read_phases(phases) if phases else {},
        banner=fields.text("banner"),
        auth_mechanisms=fields.texts("auth_mechanisms"),
        authenticated_with=fields.text("authenticated_with"),
        tls=_read_tls(fields.nested("tls")),
    )


def read_failure(fields: Fields | None) -> Failure | None:
    if fields is None:
        return None
    return Failure(
        phase=fields.text("phase") or "",
        failure_class=fields.text("class") or "other",
        error=fields.text("error") or "no reason given",
        reply=fields.text("reply"),
    )


def unexplained_outcome(endpoint: Endpoint) -> tuple[Problem, ...]:
    """A problem where a dialogue that took place neither succeeded nor tells why it failed."""
    if endpoint.ok is True or endpoint.failure is not None:
        return ()
    return (Problem(f"the outcome of the dialogue with {endpoint.name}", "it is not told"),)


def _read_phases(fields: Fields) -> Mapping[str, float]:
    durations = {phase: fields.number(f"{phase}_s") for phase in PHASES}
    return {phase: max(0.0, s) for phase, s in durations.items() if s is not None}


def _read_tls(fields: Fields | None) -> Tls | None:
    if fields is None:
        return None
    return Tls(
        version=fields.text("version"),
        cipher=fields.text("cipher"),
        verified=fields.flag("verified"),
        verify_error=fields.text("verify_error"),
        chain=tuple(
            Certificate(
                subject=row.text("subject") or "",
                issuer=row.text("issuer") or "",
                not_after=row.moment("not_after"),
            )
            for row in fields.rows("chain") or ()
        ),
        expires=fields.moment("expires"),
    )
