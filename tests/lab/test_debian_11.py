"""The packed executables on an old distribution, whose name service breaks careless programs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import package
from lab.agent import PLUGIN, copy_plugins, parse
from lab.certificates import CertificateAuthority
from lab.checkmk_site import PROGRAM, CheckmkSite
from lab.loops import PASSWORDS, loop
from lab.machine import Machine

pytestmark = pytest.mark.skipif(
    not package.is_examined(), reason="MAIL_RELAY_PACKAGE names no package: ./dev test makes one"
)

FOLDER = os.path.dirname(PLUGIN)
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
