"""Whatever a server does wrong, the agent ends in time and says where and in whose words.

The faults are loops of three runs, as a host can have fifty: SMTP, SMTP step by step, and IMAP. A
run has to stay inside its time with all of them at once, and a fault of one loop must not touch
another.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.certificates import CertificateAuthority
from lab.checkmk_site import CheckmkSite, Roundtrip
from lab.loops import Rule, loop
from lab.machine import Machine
from lab.network import Network
from lab.provider import start_scripted_servers

MEGABYTES_100 = 100 * 1024 * 1024
CLOSE = {"then": "close"}
SILENCE = {"then": "silence"}
CLOSED = "closed the connection"
LATE = "in time"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a server, in which phase it shows, and words that have to be told."""

    phase: str
    words: str
    script: Mapping[str, Any] | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


def says(phase: str, words: str, changes: Mapping[str, Any] | None = None, **script: Any) -> Fault:
    """A fault of a scripted server."""
    return Fault(phase, words, script, changes or {})


def at(phase: str, step: str, reply: Any, words: str, *before: tuple[str, str]) -> Fault:
    """A fault of a scripted server at one step."""
    return says(phase, words, replies={step: reply, **dict(before)})


def half(text: str) -> dict[str, str]:
    """The connection ends in the middle of a reply."""
    return {"raw": text, "then": "close"}


STARTTLS = {"tls": "starttls"}
CERTIFICATE = "/etc/ssl/scripted.pem"
ONE_FOUND = ("UID SEARCH", "* SEARCH 5\n{tag} OK Done")

NETWORK = {
    "no such name": Fault("resolve", "nosuch.test", None, {"server": "nosuch.test"}),
    "refused": Fault("connect", "Connection refused", None, {"server": "closed.example.org"}),
    "black hole": Fault("connect", "timed out", None, {"server": "silent.example.org"}),
    "no route": Fault("connect", "unreachable", None, {"server": "ipv6.example.org"}),
}

SMTP = {
    **NETWORK,
    "greeting never comes": says("greeting", LATE, greeting=None),
    "closed before the greeting": says("greeting", CLOSED, greeting=CLOSE),
    "closed in the greeting": says("greeting", CLOSED, greeting=half("220 scrip")),
    "greeting 421": says("greeting", "421 4.3.2 No service", greeting="421 4.3.2 No service"),
    "greeting 554": says("greeting", "554 5.7.1 Go away", greeting="554 5.7.1 Go away"),
    "greeting of another protocol": says("greeting", "HTTP/1.1 400", greeting="HTTP/1.1 400 Bad"),
    "greeting without end": says(
        "greeting", "without end", greeting={"raw": "220", "flood": "x", "bytes": MEGABYTES_100}
    ),
    "greeting of many lines": says(
        "greeting", "without end", greeting={"flood": "220-more\r\n", "bytes": MEGABYTES_100}
    ),
    "NUL bytes": says("greeting", LATE, greeting={"raw": "\0\0\0\0\r\n", "then": "silence"}),
    "STARTTLS missing": says("starttls", "does not offer STARTTLS", STARTTLS),
    "garbage after STARTTLS": says(
        "starttls", "behind its answer to STARTTLS", STARTTLS,
        certificate=CERTIFICATE, replies={"STARTTLS": "220 2.0.0 Ready\n250 evil.test"},
    ),
    "no handshake after STARTTLS": says(
        "tls", LATE, STARTTLS,
        certificate=CERTIFICATE, replies={"STARTTLS": {"raw": "220 Ready\r\n", "then": "silence"}},
    ),
    "certificate expired": says(
        "tls", "certificate has expired", STARTTLS, certificate="/etc/ssl/expired.pem"
    ),
    "certificate of another name": says(
        "tls", "mismatch", {**STARTTLS, "server": "other-name.test"}, certificate=CERTIFICATE
    ),
    "certificate of an unknown CA": says(
        "tls", "unable to get local issuer", STARTTLS, certificate="/etc/ssl/stranger.pem"
    ),
    "AUTH missing": says("auth", "offers no AUTH", extensions=["SIZE 1000"]),
    "AUTH mechanisms unusable": says("auth", "GSSAPI", extensions=["AUTH GSSAPI"]),
    "answer to the mail without end": at(
        "accept", ".", {"flood": "250-more\r\n", "bytes": MEGABYTES_100}, "without end"
    ),
    "silence after RCPT": at("rcpt", "RCPT", SILENCE, LATE),
}  # fmt: skip

# Steps of a submission: the phase each belongs to, the reply that is a success, and the phase of
# what follows.
STEPS = {
    "EHLO": ("ehlo", "250 scripted.test", "starttls"),
    "STARTTLS": ("starttls", "220 2.0.0 Ready", "tls"),
    "AUTH": ("auth", "235 2.7.0 Ok", "mail"),
    "MAIL": ("mail", "250 2.1.0 Ok", "rcpt"),
    "RCPT": ("rcpt", "250 2.1.5 Ok", "data"),
    "DATA": ("data", "354 Go on", "accept"),
    ".": ("accept", "250 2.0.0 Queued", ""),
}


def at_step(step: str, reply: Any, words: str, phase: str = "") -> Fault:
    """A fault of a server that says this at one step of a submission."""
    replies = {step: reply, **({"HELO": reply} if step == "EHLO" else {})}
    tls = {"certificate": CERTIFICATE} if step in ("EHLO", "STARTTLS") else {}
    changes = STARTTLS if tls else {}
    return says(phase or STEPS[step][0], words, changes, replies=replies, **tls)


SMTP_STEPS = {
    **{
        f"{step} {code}": at_step(step, text, text)
        for step in STEPS
        for code, text in (
            (421, "421 4.3.2 Closing"), (451, "451 4.7.1 Not now"), (554, "554 5.7.1 Never"),
        )
    },
    **{f"closed before {step}": at_step(step, None, CLOSED) for step in STEPS},
    **{f"closed in the answer to {step}": at_step(step, half("2"), CLOSED) for step in STEPS},
    **{
        f"closed after {step}": at_step(step, half(f"{reply}\r\n"), CLOSED, following)
        for step, (_, reply, following) in STEPS.items()
        if step not in ("EHLO", ".")
    },
}  # fmt: skip

IMAP = {
    **NETWORK,
    "greeting never comes": says("greeting", LATE, greeting=None),
    "closed before the greeting": says("greeting", CLOSED, greeting=CLOSE),
    "closed in the greeting": says("greeting", CLOSED, greeting=half("* O")),
    "greeting BYE": says("greeting", "Overloaded", greeting="* BYE Overloaded"),
    "greeting of another protocol": says("greeting", "220 mail ESMTP", greeting="220 mail ESMTP"),
    "greeting without end": says(
        "greeting", "without end", greeting={"raw": "* OK", "flood": "x", "bytes": MEGABYTES_100}
    ),
    "STARTTLS missing": says("starttls", "does not offer STARTTLS", STARTTLS),
    "STARTTLS refused": says(
        "starttls", "Not now", STARTTLS,
        certificate=CERTIFICATE, replies={"STARTTLS": "{tag} NO Not now"},
    ),
    "garbage after STARTTLS": says(
        "starttls", "behind its answer to STARTTLS", STARTTLS,
        certificate=CERTIFICATE, replies={"STARTTLS": "{tag} OK Go\n* OK evil"},
    ),
    "certificate expired": says(
        "tls", "certificate has expired", {"tls": "implicit"},
        certificate="/etc/ssl/expired.pem", implicit_tls=True,
    ),
    "certificate of another name": says(
        "tls", "mismatch", {"tls": "implicit", "server": "other-name.test"},
        certificate=CERTIFICATE, implicit_tls=True,
    ),
    "no handshake": says("tls", LATE, {"tls": "implicit"}, greeting=None),
    "certificate of an unknown CA": says(
        "tls", "unable to get local issuer", {"tls": "implicit"},
        certificate="/etc/ssl/stranger.pem", implicit_tls=True,
    ),
    "AUTH missing": says("auth", "offers no", extensions=["LOGINDISABLED"]),
    "login refused": at(
        "auth", "AUTHENTICATE", "{tag} NO [AUTHENTICATIONFAILED] Wrong", "Wrong"
    ),
    "login throttled": at(
        "auth", "AUTHENTICATE", "{tag} NO [UNAVAILABLE] Too many logins", "Too many logins"
    ),
    "login BYE": at("auth", "AUTHENTICATE", "* BYE Account is in use", "Account is in use"),
    "folder missing": at("select", "EXAMINE", "{tag} NO [NONEXISTENT] No folder", "No folder"),
    "folder BAD": at("select", "EXAMINE", "{tag} BAD Parse error", "Parse error"),
    "folder silent": at("select", "EXAMINE", SILENCE, LATE),
    "folder BYE": at("select", "EXAMINE", "* BYE Shutting down", "Shutting down"),
    "throttled": at("look", "NOOP", "{tag} NO [THROTTLED] Slow down", "Slow down"),
    "search refused": at("look", "UID SEARCH", "{tag} NO [LIMIT] Too many", "Too many"),
    "search BAD": at("look", "UID SEARCH", "{tag} BAD Unknown", "Unknown"),
    "search without end": at(
        "look", "UID SEARCH", {"flood": "* SEARCH 5\r\n", "bytes": MEGABYTES_100}, "without end"
    ),
    "fetch refused": at("fetch", "UID FETCH", "{tag} NO Not today", "Not today", ONE_FOUND),
    "unterminated line": at(
        "look", "UID SEARCH", {"raw": "* SEARCH ", "flood": "1", "bytes": MEGABYTES_100},
        "more than 1000000 bytes",
    ),
    "literal of absurd size": at(
        "fetch", "UID FETCH", {"raw": "* 1 FETCH (UID 5 BODY[] {99999999999999999999}\r\n"},
        "literal of 99999999999999999999 bytes", ONE_FOUND,
    ),
    "literal of 4 GB": at(
        "fetch", "UID FETCH",
        {"raw": "* 1 FETCH (UID 5 BODY[] {4294967295}\r\n", "flood": "x", "bytes": MEGABYTES_100},
        "literal of 4294967295 bytes", ONE_FOUND,
    ),
    "header of 100 MB": at(
        "fetch", "UID FETCH",
        {"raw": f"* 1 FETCH (UID 5 BODY[] {{{MEGABYTES_100}}}\r\n", "flood": "X: y\r\n",
         "bytes": MEGABYTES_100},
        f"literal of {MEGABYTES_100} bytes", ONE_FOUND,
    ),
    "NUL bytes": at(
        "look", "UID SEARCH", {"raw": "* SEARCH \0\0\0\r\n\0", "then": "silence"}, "NUL byte"
    ),
    **{
        f"closed before {step}": at(phase, step, None, CLOSED, *before)
        for step, phase, before in (
            ("CAPABILITY", "capability", ()),
            ("AUTHENTICATE", "auth", ()),
            ("EXAMINE", "select", ()),
            ("NOOP", "look", ()),
            ("UID SEARCH", "look", ()),
            ("UID FETCH", "fetch", (ONE_FOUND,)),
        )
    },
    **{
        f"closed in the answer to {step}": at(phase, step, half("* "), CLOSED, *before)
        for step, phase, before in (
            ("EXAMINE", "select", ()), ("UID FETCH", "fetch", (ONE_FOUND,)),
        )
    },
    **{
        f"closed after {step}": at(phase, step, half("{tag} OK Done\r\n"), CLOSED)
        for step, phase in (("AUTHENTICATE", "select"), ("EXAMINE", "look"), ("NOOP", "look"))
    },
}  # fmt: skip


# Faults, the side of a loop that has them, the first port of their servers.
RUNS: Mapping[str, tuple[Mapping[str, Fault], str, int]] = {
    "smtp": (SMTP, "submission", 11000),
    "steps": (SMTP_STEPS, "submission", 11100),
    "imap": (IMAP, "mailbox", 12000),
}


def port_of(faults: Mapping[str, Fault], name: str, base: int) -> int:
    return base + list(faults).index(name)


def scripts(run: str) -> Iterator[dict[str, Any]]:
    faults, side, base = RUNS[run]
    protocol = {"submission": "smtp", "mailbox": "imap"}[side]
    for name, fault in faults.items():
        if fault.script is not None:
            yield {"protocol": protocol, "port": port_of(faults, name, base), **fault.script}


def loop_name(name: str) -> str:
    return name.replace(" ", "-").replace("-.", "-mail-end")


def rules(run: str) -> list[Rule]:
    """Loops whose one side is faulty. Each has a mailbox of its own: a provider counts logins."""
    faults, side, base = RUNS[run]
    rule = []
    for name, fault in faults.items():
        server: dict[str, Any] = dict(fault.changes)
        if fault.script is not None:
            scripted = {"server": "scripted.test", "tls": "none"}
            server = {**scripted, "port": port_of(faults, name, base), **fault.changes}
        user = f"{run}-{len(rule)}"
        rule.append(
            loop(f"{run}-{loop_name(name)}", user=user, timing={"wait": 0.0}, **{side: server})
        )
    return [*rule, loop(f"{run}-works", user=f"{run}-works")]


@pytest.fixture(scope="module")
def reports(
    network: Network, authority: CertificateAuthority, checkmk: CheckmkSite,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mapping[str, Roundtrip]]:  # fmt: skip
    """What each of RUNS printed, all at the same time."""
    stranger = CertificateAuthority(tmp_path_factory.mktemp("stranger"), "Nobody's CA")
    found: dict[str, Roundtrip] = {}
    with Machine("scripted.test") as machine:
        network.plug(machine, "192.0.2.40")
        for file, signer, days in (
            ("scripted", authority, 20), ("expired", authority, -1), ("stranger", stranger, 20),
        ):  # fmt: skip
            issued = signer.issue(["scripted.test"], days=days)
            machine.write(f"/etc/ssl/{file}.pem", issued.certificate + issued.key)
        start_scripted_servers(machine, [script for run in RUNS for script in scripts(run)])

        def perform(run: str) -> None:
            found[run] = checkmk.run(rules(run))

        runs = [threading.Thread(target=perform, args=(run,)) for run in RUNS]
        for thread in runs:
            thread.start()
        for thread in runs:
            thread.join()
        yield found


def check_fault(reports: Mapping[str, Roundtrip], run: str, name: str) -> None:
    faults, side, _ = RUNS[run]
    fault = faults[name]
    loop_id = f"{run}-{loop_name(name)}"
    failure = reports[run].of(loop_id)[f"{side}_failure"]
    assert failure is not None, "no failure is told"
    assert failure["phase"] == fault.phase, failure
    told = f"{failure['error']} {failure['reply']}"
    assert fault.words in told, failure
    service = {"submission": "Mail submission", "mailbox": "Mailbox access"}[side]
    for title in (service, "Mail roundtrip"):
        state, summary = reports[run].service(f"{title} {loop_id}")
        assert state == "CRIT" and fault.words in summary, summary


@pytest.mark.parametrize(
    ("run", "name"), [(run, name) for run in ("smtp", "steps") for name in RUNS[run][0]]
)
def test_faults_of_the_submission_server(
    reports: Mapping[str, Roundtrip], run: str, name: str
) -> None:
    check_fault(reports, run, name)
    # The other side was looked at all the same.
    assert reports[run].of(f"{run}-{loop_name(name)}")["mailbox_failure"] is None


@pytest.mark.parametrize("name", IMAP)
def test_faults_of_the_mailbox_server(reports: Mapping[str, Roundtrip], name: str) -> None:
    check_fault(reports, "imap", name)
    entry = reports["imap"].of(f"imap-{loop_name(name)}")
    assert entry["submission_failure"] is None
    assert entry["outstanding"]["probes"] == 1


@pytest.mark.parametrize("run", RUNS)
def test_a_loop_beside_faulty_ones_works(reports: Mapping[str, Roundtrip], run: str) -> None:
    assert reports[run].of(f"{run}-works")["totals"]["completed"] == 1


def test_a_mail_whose_answer_was_lost_is_waited_for(reports: Mapping[str, Roundtrip]) -> None:
    for name, on_the_way in (("closed before .", 1), ("closed before DATA", 0)):
        entry = reports["steps"].of(f"steps-{loop_name(name)}")
        assert entry["outstanding"]["probes"] == on_the_way
