"""The package on a site and on mail hosts, as Checkmk, its agent and administrators use it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import package
from lab.agent import PLUGIN, parse
from lab.certificates import CertificateAuthority
from lab.checkmk_site import PROGRAM, ROOT, CheckmkSite
from lab.loops import PASSWORDS, loop
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


def copy_plugins(machine: Machine, launcher: str = PLUGIN) -> None:
    """What README tells an administrator to copy."""
    machine.shell(f"mkdir -p {os.path.dirname(launcher)} {FOLDER}/mail_relay")
    machine.write(launcher, (package.plugins() / "mk_mail_relay").read_bytes(), 0o755)
    for program in (package.plugins() / "mail_relay").iterdir():
        machine.write(f"{FOLDER}/mail_relay/{program.name}", program.read_bytes(), 0o755)


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


def put_uname(machine: Machine, architecture: str) -> None:
    machine.write("/usr/local/lab/uname", f"#!/bin/sh\necho {architecture}\n", 0o755)


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize(
    "breaking, words",
    [
        pytest.param("uname", "no executable for the architecture riscv64", id="architecture"),
        pytest.param("noexec", "cannot be executed", id="noexec"),
        pytest.param("missing", "is missing: it belongs into", id="missing"),
    ],
)
def test_what_keeps_it_from_running_is_told_in_checkmk(
    mail_host: Postfix, breaking: str, words: str, shell: str
) -> None:
    machine = mail_host.machine
    copy_plugins(machine)
    if breaking == "uname":
        put_uname(machine, "riscv64")
    elif breaking == "noexec":
        machine.shell(
            f"mv {FOLDER}/mail_relay /tmp/kept && mkdir {FOLDER}/mail_relay"
            f" && mount -t tmpfs -o noexec,mode=755 tmpfs {FOLDER}/mail_relay"
            f" && cp -p /tmp/kept/* {FOLDER}/mail_relay"
        )
    else:
        machine.shell(f"rm -r {FOLDER}/mail_relay")
    done = machine.run(shell, PLUGIN)
    assert words in done.stderr
    (problem,) = parse(done.stdout).instance("service")["problems"]
    assert words in problem["error"]
    machine.shell("mv /etc/postfix /etc/gone")
    assert machine.run(shell, PLUGIN).stdout == "", "a host without Postfix"


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


def test_a_site_on_another_architecture_is_told_so(checkmk: CheckmkSite) -> None:
    put_uname(checkmk.machine, "riscv64")
    try:
        done = checkmk.shell(f"{PROGRAM} --version")
    finally:
        checkmk.machine.shell("rm /usr/local/lab/uname")
    assert done.returncode == 1
    assert "no executable for the architecture riscv64" in done.stderr.splitlines()[-1]


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


DEBIAN_11 = Path(__file__).parents[2] / "build/debian-11"
# glibc 2.31 here and 2.36 in the executables: what the latter loads of the former aborts it.
NSSWITCH = "passwd: files\ngroup: files\nhosts: files myhostname dns\n"
CARELESS = """
#include <netdb.h>
#include <stddef.h>
int main(void) {
    struct addrinfo *found;
    return getaddrinfo("smtp.example.org", "25", NULL, &found) == 0 ? 0 : 1;
}
"""


@pytest.fixture(scope="session")
def debian_11() -> Path:
    """Debian 11 with its Postfix, and the name service that systemd adds to many hosts."""
    done = subprocess.run(
        ["bash", "-c", '. mkp/portable/debian_archive.sh && old_debian "$0"', DEBIAN_11],
        cwd=DEBIAN_11.parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip(f"no Debian 11 here: {(done.stderr or done.stdout).strip()[-300:]}")
    return DEBIAN_11


@pytest.fixture
def old_host(debian_11: Path, make_machine: Callable[..., Machine]) -> Iterator[Machine]:
    """A machine with Debian 11 at /old, in the lab's network."""
    machine = make_machine("old.example.org")
    machine.lay_over(debian_11, "/old")
    machine.shell(
        "mount -t proc proc /old/proc && mount --bind /dev /old/dev"
        " && cp /etc/resolv.conf /etc/hosts /old/etc/"
    )
    machine.write("/old/etc/nsswitch.conf", NSSWITCH)
    yield machine


def test_debian_11_has_what_breaks_a_careless_static_program(old_host: Machine) -> None:
    old_host.write("/tmp/careless.c", CARELESS)
    old_host.shell("gcc -static -o /old/tmp/careless /tmp/careless.c 2>/dev/null")
    done = old_host.run("chroot", "/old", "/tmp/careless", check=False)
    assert done.returncode < 0 or done.returncode > 1, "it ends with a signal"


def test_the_plugin_runs_on_debian_11(old_host: Machine) -> None:
    copy_plugins(old_host)
    old_host.shell(f"mkdir -p /old{FOLDER} && cp -a {FOLDER}/. /old{FOLDER}")
    old_host.run("chroot", "/old", "postfix", "start")
    done = old_host.run("chroot", "/old", PLUGIN)
    report = parse(done.stdout)
    assert done.stderr == ""
    service = report.instance("service")
    assert service["os"]["version_id"] == "11"
    assert (service["running"], service["version"][:4]) == (True, "3.5.")
    assert report.problems() == []


def test_the_special_agent_runs_on_debian_11(
    old_host: Machine, checkmk: CheckmkSite, authority: CertificateAuthority
) -> None:
    for source in package.libexec().iterdir():
        old_host.write(f"/old/opt/{source.name}", source.read_bytes(), 0o755)
    old_host.write("/old/etc/ssl/certs/ca-certificates.crt", authority.certificate)
    for name in ("relay", "mailbox"):
        old_host.write(f"/old/root/{name}", PASSWORDS[name], 0o600)
    line = checkmk.command_line([loop("old", user="old")])
    line = line.replace(PROGRAM, "/opt/agent_mail_roundtrip --state /root/state")
    line = re.sub(r"--secret (\S+) (\w+):\S+", r"--secret-file \1 /root/\2", line)
    done = old_host.run("chroot", "/old", "sh", "-c", line)
    (entry,) = parse(done.stdout).sections["mail_roundtrip"]
    assert entry["totals"]["completed"] == 1, done
