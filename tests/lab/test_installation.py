"""The package on a site and on mail hosts, as Checkmk, its agent and administrators use it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import package
from lab.agent import PLUGIN, copy_plugins, parse
from lab.checkmk_site import PROGRAM, ROOT, CheckmkSite
from lab.loops import loop
from lab.machine import Machine
from lab.postfix import Postfix, install_postfix
from lab.relay import use_relay

pytestmark = pytest.mark.skipif(
    not package.is_examined(), reason="MAIL_RELAY_PACKAGE names no package: ./dev test makes one"
)

LIBRARIES = f"{ROOT}/lib"
QEMU = Path("/usr/bin/qemu-aarch64-static")
FOLDER = os.path.dirname(PLUGIN)

# A configuration of OpenSSL under which a program that reads it can do nothing.
HOSTILE_OPENSSL_CONF = """
openssl_conf = init
[init]
providers = providers
alg_section = algorithms
[providers]
default = off
[off]
activate = 0
[algorithms]
default_properties = fips=yes
"""

# How the Linux agent (agents/check_mk_agent.linux) runs what is in its plug-in folder, and in the
# one of an interval, where each header that has none gets the time and age of the output.
AGENT_SCRIPT = r"""
export MK_LIBDIR=/usr/lib/check_mk_agent MK_CONFDIR=/etc/check_mk MK_VARDIR=/var/lib/check_mk_agent
export LC_ALL=C
unset LANG
exec </dev/null 2>/dev/null
is_valid_plugin() { [ -f "$1" ] && [ -x "$1" ]; }
cd $MK_LIBDIR/plugins
for plugin in ./*; do
    is_valid_plugin "$plugin" && "$plugin"
done
for plugin in [1-9]*/*; do
    if is_valid_plugin "$plugin"; then
        "$plugin" >/tmp/cache || rm /tmp/cache
        header="cached($(date +%s),${plugin%%/*})"
        sed -e '/^<<<.*:cached(/b' -e "s/^<<<\(.*\)>>>\$/<<<\1:$header>>>/" /tmp/cache
    fi
done
"""


def without_times(text: str) -> list[Any]:
    """The lines of sections with everything that passes while one looks taken out."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(part) for key, part in value.items() if not is_time(key)}
        if isinstance(value, list):
            return [strip(part) for part in value]
        return value

    def is_time(key: str) -> bool:
        return bool(re.search(r"time$|_s$|_ms$|_at$|^age|^free|^counters_since$", key))

    return [strip(json.loads(line)) if line[0] == "{" else line for line in text.splitlines()]


@pytest.fixture
def mail_host(make_machine: Callable[..., Machine]) -> Iterator[Postfix]:
    """A relay's client with the package's files and without anything of a build."""
    client = install_postfix(make_machine("packed.example.org"))
    client.machine.shell("mkdir -p /etc/check_mk /var/lib/check_mk_agent")
    yield client


def test_the_agent_runs_it_with_itself(mail_host: Postfix) -> None:
    copy_plugins(mail_host.machine)
    mail_host.start()
    done = mail_host.machine.run("sh", "-c", AGENT_SCRIPT)
    names = re.findall(r"(?m)^<<<(.*?):", done.stdout)
    assert len(names) == len(set(names)) and "mail_relay_service" in names
    assert parse(done.stdout).instance("service")["running"] is True


def test_the_agent_runs_it_by_itself_at_an_interval(mail_host: Postfix) -> None:
    copy_plugins(mail_host.machine, f"{FOLDER}/300/mk_mail_relay")
    mail_host.start()
    output = mail_host.machine.run("sh", "-c", AGENT_SCRIPT).stdout
    headers = re.findall(r"(?m)^<<<.*", output)
    assert "mail_relay_service" in output
    for header in headers:
        assert re.fullmatch(r"<<<mail_relay_\w+:sep\(0\):cached\(\d+,300\)>>>", header)


def test_it_runs_with_closed_streams(mail_host: Postfix) -> None:
    copy_plugins(mail_host.machine)
    mail_host.start()
    done = mail_host.machine.run("sh", "-c", f"LC_ALL=C {PLUGIN} <&- 2>&-")
    assert parse(done.stdout).instance("service")["running"] is True


def test_an_executable_alone_is_a_plug_in_too(mail_host: Postfix) -> None:
    program = package.plugins() / f"mail_relay/mk_mail_relay-{package.ARCHITECTURE}"
    mail_host.machine.write(PLUGIN, program.read_bytes(), 0o755)
    mail_host.start()
    assert parse(mail_host.machine.run(PLUGIN).stdout).instance("service")["running"] is True


def test_the_bakerys_place_for_programs_will_do(mail_host: Postfix) -> None:
    copy_plugins(mail_host.machine)
    mail_host.machine.shell(f"mkdir /opt/bin && mv {FOLDER}/mail_relay/* /opt/bin/")
    mail_host.start()
    done = mail_host.machine.run(PLUGIN, environment={"MK_BIN": "/opt/bin"})
    assert parse(done.stdout).instance("service")["running"] is True


@pytest.fixture
def hostile(checkmk: CheckmkSite) -> Iterator[CheckmkSite]:
    """The site with an environment that breaks programs that are not alone."""
    machine = checkmk.machine
    machine.shell(f"mkdir -p {LIBRARIES}")
    for library in ("libssl.so.3", "libcrypto.so.3", "libstdc++.so.6", "libcares.so.2"):
        machine.write(f"{LIBRARIES}/{library}", "no library of this machine", 0o755)
    machine.write(f"{ROOT}/openssl.cnf", HOSTILE_OPENSSL_CONF)
    checkmk.environment = {
        "OPENSSL_CONF": f"{ROOT}/openssl.cnf",
        "OPENSSL_MODULES": "/nonexistent",
        "SSL_CERT_FILE": "/nonexistent",
        "LC_ALL": "C.UTF-8",
    }
    yield checkmk
    checkmk.environment = {}
    machine.shell(f"rm -r {LIBRARIES} {ROOT}/openssl.cnf")


def test_the_environment_of_a_site_breaks_others_but_not_the_special_agent(
    hostile: CheckmkSite,
) -> None:
    # The environment is as bad as it is meant to be.
    assert hostile.shell("curl --version").returncode != 0
    report = hostile.run([loop("hostile", user="hostile")])
    assert report.of("hostile")["totals"]["completed"] == 1
    assert report.service("Mail roundtrip hostile")[0] == "OK"


needs_qemu = pytest.mark.skipif(
    package.ARCHITECTURE != "x86_64" or not QEMU.exists(),
    reason=f"{QEMU} is not there: the executables for aarch64 cannot run",
)


@needs_qemu
def test_sections_are_the_same_on_aarch64(mail_host: Postfix, relay: object) -> None:
    use_relay(mail_host, password="wrong")
    copy_plugins(mail_host.machine)
    mail_host.start()
    mail_host.submit("a@example.org", "b@customer.test")
    mail_host.wait_deferred(1)
    programs = {
        name: [*emulator, f"{FOLDER}/mail_relay/mk_mail_relay-{name}"]
        for name, emulator in (("x86_64", []), ("aarch64", [str(QEMU)]))
    }
    outputs = {}
    for name, command in programs.items():
        mail_host.machine.shell(f"rm -rf /var/lib/{name} && mkdir /var/lib/{name}")
        done = mail_host.machine.run(*command, environment={"MK_VARDIR": f"/var/lib/{name}"})
        outputs[name] = without_times(done.stdout)
    assert outputs["x86_64"] == outputs["aarch64"]
    assert "<<<mail_relay_queue:sep(0)>>>" in outputs["aarch64"]


@needs_qemu
def test_the_special_agent_runs_on_aarch64(checkmk: CheckmkSite) -> None:
    program = f"{PROGRAM}-aarch64"
    checkmk.machine.write(
        program, (package.libexec() / "agent_mail_roundtrip-aarch64").read_bytes(), 0o755
    )
    line = checkmk.command_line([loop("aarch64", user="aarch64")])
    report = checkmk.run_line(line.replace(PROGRAM, f"{QEMU} {program}", 1))
    assert report.of("aarch64")["totals"]["completed"] == 1
