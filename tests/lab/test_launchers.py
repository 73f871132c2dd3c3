"""The launchers of the package: what keeps a program from running is told, and where it belongs."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from lab import package
from lab.agent import PLUGIN, PROGRAMS, copy_plugins, parse
from lab.checkmk_site import PROGRAM, CheckmkSite
from lab.machine import Machine

pytestmark = pytest.mark.skipif(
    not package.is_examined(), reason="MAIL_RELAY_PACKAGE names no package: ./dev test makes one"
)

FOLDER = os.path.dirname(PLUGIN)
HIDDEN = "mount -t tmpfs -o noexec,mode=755 tmpfs"
# How the agent starts what is in its plug-in folder, and in that of an interval.
STARTS = {PLUGIN: "./mk_mail_relay", f"{FOLDER}/300/mk_mail_relay": "./300/mk_mail_relay"}


@pytest.fixture(name="host")
def mail_host(make_machine: Callable[..., Machine]) -> Machine:
    """What the launcher takes for a host with Postfix."""
    machine = make_machine("packed.example.org")
    machine.write("/etc/postfix/main.cf", "")
    return machine


def be_another_machine(machine: Machine, architecture: str) -> None:
    """For new kernels and for old ones."""
    machine.write("/tmp/arch", f"{architecture}\n")
    machine.shell("mount --bind /tmp/arch /proc/sys/kernel/arch || true")
    put_uname(machine, architecture)


def put_uname(machine: Machine, architecture: str) -> None:
    machine.write("/usr/local/lab/uname", f"#!/bin/sh\necho {architecture}\n", 0o755)


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize("launcher", STARTS, ids=["with the agent", "by itself"])
def test_what_keeps_it_from_running_is_told_in_checkmk(
    host: Machine, shell: str, launcher: str
) -> None:
    copy_plugins(host, launcher)

    def told() -> str:
        done = host.run("sh", "-c", f"cd {FOLDER} && {shell} {STARTS[launcher]}")
        (problem,) = parse(done.stdout).instance("service")["problems"]
        assert problem["error"] in done.stderr
        return str(problem["error"])

    program = f"mk_mail_relay-{package.ARCHITECTURE}"
    host.shell(f"chmod 644 {PROGRAMS}/*")
    assert told().startswith(f"{PROGRAMS}/{program} cannot be executed")
    host.shell(f"cp -r {PROGRAMS} /tmp/kept && {HIDDEN} {PROGRAMS} && cp /tmp/kept/* {PROGRAMS}")
    host.shell(f"chmod 755 {PROGRAMS}/*")
    assert told().startswith(f"{PROGRAMS}/{program} cannot be executed")
    host.shell(f"umount {PROGRAMS} && truncate --size 0 {PROGRAMS}/*")
    assert told() == f"{program} is missing: it belongs into {PROGRAMS}"
    host.shell(f"rm -r {PROGRAMS}")
    assert told() == f"{program} is missing: it belongs into {PROGRAMS}"
    be_another_machine(host, "riscv64")
    assert told().startswith("there is no executable for the architecture riscv64")


def test_who_asks_for_something_gets_no_section(host: Machine) -> None:
    copy_plugins(host)
    host.shell(f"rm -r {PROGRAMS}")
    done = host.run(PLUGIN, "--doctor", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is missing: it belongs into" in done.stderr


def test_a_host_without_postfix_gets_no_section(host: Machine) -> None:
    copy_plugins(host)
    host.shell(f"rm -r {PROGRAMS} /etc/postfix")
    assert host.run(PLUGIN).stdout == ""


def test_a_kernel_that_does_not_tell_its_architecture_is_asked(host: Machine) -> None:
    copy_plugins(host)
    host.shell("mount --bind /dev/null /proc/sys/kernel/arch || true")
    done = host.run(PLUGIN, "--version")
    assert (done.stderr, done.stdout[:13]) == ("", "mk_mail_relay")
    put_uname(host, "riscv64")
    assert "architecture riscv64" in host.run(PLUGIN, "--version", check=False).stderr


def test_a_site_on_another_architecture_is_told_so(checkmk: CheckmkSite) -> None:
    put_uname(checkmk.machine, "riscv64")
    try:
        done = checkmk.shell(f"{PROGRAM} --version")
    finally:
        checkmk.machine.shell("rm /usr/local/lab/uname")
    assert done.returncode == 1
    assert "no executable for the architecture riscv64" in done.stderr.splitlines()[-1]


def test_the_special_agent_is_found_beside_its_launcher(checkmk: CheckmkSite) -> None:
    folder, name = os.path.split(PROGRAM)
    for line in (PROGRAM, f"sh -c 'cd {folder} && sh {name} --version'"):
        assert checkmk.shell(f"{line} --version").stdout.startswith(name)
