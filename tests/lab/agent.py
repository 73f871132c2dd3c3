"""mk_mail_relay on a machine, started as the Checkmk agent starts it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import package
from lab.machine import Machine

PLUGIN = "/usr/lib/check_mk_agent/plugins/mk_mail_relay"
# Of the package, beside its launcher.
PROGRAMS = "/usr/lib/check_mk_agent/plugins/mail_relay"
CONFIGURATION_DIRECTORY = "/etc/check_mk"
STATE_DIRECTORY = "/var/lib/check_mk_agent"
_ENVIRONMENT = {
    "MK_CONFDIR": CONFIGURATION_DIRECTORY,
    "MK_VARDIR": STATE_DIRECTORY,
    "MK_LIBDIR": "/usr/lib/check_mk_agent",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}
_HEADER = re.compile(r"<<<([A-Za-z0-9_]+):sep\(0\)>>>")

# JSON as it comes: tests look at single values of it.
Object = Mapping[str, Any]


def executable() -> Path:
    """The plug-in to examine: $MK_MAIL_RELAY, or that of the package, or the release build."""
    default = Path(__file__).parents[2] / "build/release/bin/mk_mail_relay"
    if package.is_examined():
        default = package.plugins() / f"mail_relay/mk_mail_relay-{package.ARCHITECTURE}"
    return Path(os.environ.get("MK_MAIL_RELAY", default))


@dataclass(frozen=True)
class Report:
    """One run's output."""

    text: str
    sections: Mapping[str, Sequence[Object]]

    def instance(self, section: str, name: str = "postfix") -> Object:
        """The object that mail_relay_<section> has for this instance."""
        (found,) = [
            entry for entry in self.sections[f"mail_relay_{section}"] if entry["instance"] == name
        ]
        return found

    def site(self, name: str) -> Object:
        """What section mail_relay_notifications has on this Checkmk site."""
        (found,) = [
            entry for entry in self.sections["mail_relay_notifications"] if entry["site"] == name
        ]
        return found

    def _entries(self, name: str) -> Sequence[Object]:
        found = [
            entry
            for section in self.sections.values()
            for entry in section
            if entry.get("instance") == name
        ]
        assert found, f"nothing on instance {name}: {self.text}"
        return found

    def findings(self, name: str = "postfix") -> Mapping[str, Object]:
        """All findings on an instance by id, whichever section says them."""
        return {
            finding["id"]: finding for entry in self._entries(name) for finding in entry["findings"]
        }

    def alarms(self, name: str = "postfix") -> set[str]:
        """Ids of the findings that would not be OK in Checkmk."""
        return {
            key for key, finding in self.findings(name).items() if finding["severity"] != "info"
        }

    def problems(self, name: str = "postfix") -> Sequence[Object]:
        return [problem for entry in self._entries(name) for problem in entry["problems"]]

    def reasons(self, name: str = "postfix") -> Mapping[str, int]:
        """Deferred messages by failure class."""
        counts: dict[str, int] = {}
        for reason in self.instance("queue", name)["deferral_reasons"]:
            counts[reason["class"]] = counts.get(reason["class"], 0) + reason["messages"]
        return counts


@dataclass(frozen=True)
class Diagnosis:
    """What the doctor says, as it is for programs."""

    exit_status: int
    findings: Mapping[str, Object]

    def alarms(self) -> set[str]:
        return {key for key, finding in self.findings.items() if finding["severity"] != "info"}

    def worst(self) -> Object:
        """What is to be repaired first."""
        return next(iter(self.findings.values()))


def parse(text: str) -> Report:
    sections: dict[str, list[Object]] = {}
    current: list[Object] = []
    for line in text.splitlines():
        if header := _HEADER.fullmatch(line):
            current = sections.setdefault(header[1], [])
        else:
            current.append(json.loads(line))
    return Report(text, sections)


def copy_plugins(machine: Machine, launcher: str = PLUGIN) -> None:
    """What README tells an administrator to copy of the package."""
    machine.shell(f"mkdir -p {os.path.dirname(launcher)} {PROGRAMS}")
    machine.write(launcher, (package.plugins() / "mk_mail_relay").read_bytes(), 0o755)
    for program in (package.plugins() / "mail_relay").iterdir():
        machine.write(f"{PROGRAMS}/{program.name}", program.read_bytes(), 0o755)


class Agent:
    """The plug-in installed on a machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        machine.shell(
            # A machine begins as a copy of this host, which may have an agent of its own.
            f"rm -rf {STATE_DIRECTORY} {CONFIGURATION_DIRECTORY}/mail_relay.cfg"
            f" && mkdir -p {CONFIGURATION_DIRECTORY} {STATE_DIRECTORY} {os.path.dirname(PLUGIN)}"
        )
        # With the package under examination, as its README says: the launcher, and what it chooses.
        self.program = PLUGIN
        if package.is_examined():
            self.program = f"{os.path.dirname(PLUGIN)}/mail_relay/{executable().name}"
            machine.shell(f"mkdir {os.path.dirname(self.program)}")
            shutil.copy(package.plugins() / "mk_mail_relay", machine.path(PLUGIN))
            machine.path(PLUGIN).chmod(0o755)
        shutil.copy(executable(), machine.path(self.program))
        machine.path(self.program).chmod(0o755)

    def start(
        self, *options: str, user: str | None = None, timeout_s: float = 30.0
    ) -> subprocess.CompletedProcess[str]:
        return self.machine.run(
            PLUGIN, *options, user=user, environment=_ENVIRONMENT, check=False, timeout_s=timeout_s
        )

    def report(self, *options: str, user: str | None = None) -> Report:
        """Runs it; output with exit status 0 and a clean standard error is the only success."""
        done = self.start(*options, user=user)
        assert (done.returncode, done.stderr) == (0, ""), done
        return parse(done.stdout)

    def ask_doctor(self) -> Diagnosis:
        done = self.start("--doctor", "--json", timeout_s=60)
        report: Object = json.loads(done.stdout)
        assert (done.stderr, done.returncode) == ("", report["exit_status"])
        return Diagnosis(
            done.returncode, {finding["id"]: finding for finding in report["findings"]}
        )

    def look_anew(self) -> None:
        """Forgets the last look at the relays, as if five minutes had passed."""
        self.machine.shell(f"rm -f {STATE_DIRECTORY}/mail_relay/connection*")

    def apply(self, finding: Object, typed: str = "") -> None:
        """Types the printed repair into a shell, line by line, and `typed` into its editor."""
        for command in finding["fix"]:
            if command.startswith("editor "):
                assert typed, f"what is to be typed into {command}?"
                _, file = shlex.split(command, comments=True)
                self.machine.write(file, f"{typed}\n", 0o600)
            else:
                self.machine.shell(command)
