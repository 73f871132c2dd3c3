"""A Checkmk site as far as a special agent sees it: user, environment, password store, and the rule
that becomes its command line. What the agent prints is judged by the family's own checks."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import engine
from cmk.server_side_calls.v1 import HostConfig, IPv4Config
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lab import package
from lab.agent import Object, parse
from lab.machine import Machine

FAMILY = Path(__file__).resolve().parents[2] / "mkp" / "mail_relay"
SITE = "mysite"
ROOT = f"/omd/sites/{SITE}"
PROGRAM = f"{ROOT}/local/lib/python3/cmk_addons/plugins/mail_relay/libexec/agent_mail_roundtrip"
STORE = f"{ROOT}/var/check_mk/core/helper_config/latest/stored_passwords"
STORE_KEY = f"{ROOT}/etc/password_store.secret"
STORAGE = f"{ROOT}/var/check_mk/server_side_program_storage"
HOST = "mailhost"
# Checkmk ends a check after 60 s by default; the agent has promised to need less.
PROMISED_S = 45.0

# Of Checkmk 2.5; older versions lack the last two.
_ENVIRONMENT = {
    "OMD_SITE": SITE,
    "OMD_ROOT": ROOT,
    "HOME": ROOT,
    "LD_LIBRARY_PATH": f"{ROOT}/local/lib:{ROOT}/lib",
    "PASSWORD_STORE_SECRET_FILE": STORE_KEY,
    "SERVER_SIDE_PROGRAM_STORAGE_PATH": STORAGE,
}
# What the mailbox's server said looks like a time in a state file, too, and must stay.
_NO_TIMES_OF_OURS = ("uid_validity", "uid", "last_uid", "internal_date")
_NEW_VARIABLES = ("PASSWORD_STORE_SECRET_FILE", "SERVER_SIDE_PROGRAM_STORAGE_PATH")


def executable() -> Path:
    """The program to examine: $AGENT_MAIL_ROUNDTRIP, or that of the package (its launcher), or the
    release build."""
    default = Path(__file__).parents[2] / "build/release/bin/agent_mail_roundtrip"
    if package.is_examined():
        default = package.libexec() / "agent_mail_roundtrip"
    return Path(os.environ.get("AGENT_MAIL_ROUNDTRIP", default))


def encrypted_store(passwords: Mapping[str, str], key: bytes) -> bytes:
    """A password store as Checkmk writes it: version, salt, nonce, tag, ciphertext."""
    text = "".join(f"{name}:{password}\n" for name, password in passwords.items()).encode()
    salt, nonce = os.urandom(16), os.urandom(16)
    derived = hashlib.scrypt(key, salt=salt, n=2**14, r=8, p=1, dklen=32)
    sealed = AESGCM(derived).encrypt(nonce, text, None)
    ciphertext, tag = sealed[:-16], sealed[-16:]
    return b"\0\0" + salt + nonce + tag + ciphertext


def stored(name: str) -> tuple[str, str, tuple[str, str]]:
    """A password in a rule: the entry of that name in the store."""
    return ("cmk_postprocessed", "stored_password", (name, ""))


@dataclass(frozen=True)
class Roundtrip:
    """One run's output, and how long it took."""

    text: str
    sections: Mapping[str, Sequence[Object]]
    seconds: float
    services: Mapping[str, engine.ServiceResult]

    def of(self, loop: str, section: str = "") -> Object:
        """The object that mail_roundtrip or mail_roundtrip_<section> has for this loop."""
        name = f"mail_roundtrip_{section}" if section else "mail_roundtrip"
        (found,) = [entry for entry in self.sections[name] if entry["loop"] == loop]
        return found

    def service(self, name: str) -> tuple[str, str]:
        """State and summary."""
        service = self.services[name]
        return (service.state.name if service.state else "STALE", service.summary)

    @property
    def continuity(self) -> str:
        (found,) = self.sections["mail_roundtrip_continuity"]
        return str(found["verdict"])


class CheckmkSite:
    """A site on a machine, with one host that has the rule "Mail roundtrip"."""

    def __init__(self, machine: Machine, ca_certificate: str) -> None:
        self.machine = machine
        machine.add_user(SITE, 997)
        self._user_id = 997
        # What this site's etc/environment adds.
        self.environment: dict[str, str] = {}
        for folder in ("etc", "var/ssl", "var/check_mk", "tmp"):
            machine.shell(f"install -d -o {SITE} -m 750 {ROOT}/{folder}")
        machine.shell(f"chown {SITE} {ROOT} {ROOT}/var && chmod 751 {ROOT}")
        self.own(f"{ROOT}/var/ssl/ca-certificates.crt", ca_certificate)
        machine.shell(f"mkdir -p {os.path.dirname(PROGRAM)} {os.path.dirname(STORE)}")
        self._install(executable(), PROGRAM)
        chosen = executable().with_name(f"agent_mail_roundtrip-{package.ARCHITECTURE}")
        if chosen.exists():
            self._install(chosen, f"{PROGRAM}-{package.ARCHITECTURE}")
        self.key = os.urandom(32)
        self.own(STORE_KEY, self.key)
        engine.mount(FAMILY)
        self.checks = engine.Site([FAMILY], host=HOST, debug=True)
        self._discovered: dict[str, engine.DiscoveredService] = {}

    def _install(self, source: Path, name: str) -> None:
        shutil.copy(source, self.machine.path(name))
        os.chown(self.machine.path(name), self._user_id, self._user_id)
        self.machine.path(name).chmod(0o700)

    def own(self, name: str, content: str | bytes) -> None:
        """Writes a file that the site's user alone may read."""
        self.machine.write(name, content, 0o600)
        os.chown(self.machine.path(name), self._user_id, self._user_id)

    def store_passwords(self, passwords: Mapping[str, str]) -> None:
        self.own(STORE, encrypted_store(passwords, self.key))

    def command_line(self, loops: Sequence[Mapping[str, Any]]) -> str:
        """What Checkmk gives to a shell for a rule with these loops."""
        (config,) = self.checks.registry.server_side_calls.values()
        (command,) = engine.command_lines(
            config,
            {"loops": list(loops)},
            HostConfig(name=HOST, ipv4_config=IPv4Config(address="192.0.2.20")),
            program=PROGRAM,
            store=engine.PasswordStore(path=STORE),
        )
        return command.line

    def shell(self, line: str, *, old: bool = False, timeout_s: float = 90.0) -> Any:
        """Runs a line as Checkmk does (2.4 and older with `old`): as site user, without input."""
        environment = {
            name: value
            for name, value in {**_ENVIRONMENT, **self.environment}.items()
            if not (old and name in _NEW_VARIABLES)
        }
        return self.machine.run(
            "sh", "-c", f"umask 077; exec {line}",
            user=SITE, environment=environment, check=False, timeout_s=timeout_s,
        )  # fmt: skip

    def run(self, loops: Sequence[Mapping[str, Any]], *, old: bool = False) -> Roundtrip:
        """One check of the host; exit status 0, silence on standard error and an end in time are
        the only success."""
        return self.run_line(self.command_line(loops), old=old)

    def run_line(self, line: str, *, old: bool = False) -> Roundtrip:
        began = time.monotonic()
        done = self.shell(line, old=old)
        seconds = time.monotonic() - began
        assert (done.returncode, done.stderr) == (0, ""), done
        assert seconds < PROMISED_S, f"the run took {seconds:.1f} s"
        return Roundtrip(
            done.stdout, parse(done.stdout).sections, seconds, self._services(done.stdout)
        )

    def _services(self, output: str) -> Mapping[str, engine.ServiceResult]:
        """Once discovered, services stay, as they do in Checkmk."""
        for service in self.checks.discover(output):
            self._discovered.setdefault(service.name, service)
        checked = self.checks.check(list(self._discovered.values()), output)
        return {service.name: service for service in checked}

    def state_file(self, loop: str) -> str:
        return f"{STORAGE}/{HOST}/agent_mail_roundtrip/{loop}.json"

    def let_pass(self, seconds: int, loop: str) -> None:
        """Makes all that the loop remembers this much older: a wait, or (negative) a clock that
        was set back."""
        name = self.state_file(loop)
        state = json.loads(self.machine.read(name))
        # What stands in texts belongs to earlier reports and has been shown already.
        self.own(name, json.dumps(_shifted(state, seconds)))


def _shifted(value: Any, seconds: int) -> Any:
    """All times in a loop's state, Unix seconds or milliseconds, moved back."""
    if isinstance(value, dict):
        return {
            key: part if key in _NO_TIMES_OF_OURS else _shifted(part, seconds)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_shifted(part, seconds) for part in value]
    if isinstance(value, int) and not isinstance(value, bool):
        if value > 10**12:
            return value - 1000 * seconds
        if value > 10**9:
            return value - seconds
    return value
