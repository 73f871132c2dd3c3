"""The layout of a Red Hat: files of Rocky Linux 9's Postfix, examined as a mounted tree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from lab.agent import executable, parse
from lab.certificates import CertificateAuthority

TREE = Path(__file__).with_name("fixtures") / "rocky_9"
MAIN_CF = Path(__file__).parents[1] / "agent_plugin/fixtures/main_cf/rocky_9.cf"
GOLDEN = Path(__file__).parents[1] / "golden/rocky_9.txt"
SASL_PLUGINS = Path("/usr/lib/x86_64-linux-gnu/sasl2")
QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
          "maildrop", "pid", "private", "public", "saved", "trace")  # fmt: skip
# What differs from run to run, and between the machines that these tests run on.
VARYING = re.compile(r"^(time|read_at|(total|free)_(bytes|inodes)|newest|(counters_)?since|start)$")


@pytest.fixture
def tree(tmp_path: Path, authority: CertificateAuthority) -> Path:
    """The tree, with what git does not keep: empty folders, libraries, a log of this hour."""
    root = tmp_path / "rocky"
    shutil.copytree(TREE, root)
    (root / "etc/postfix/main.cf").write_text(
        MAIN_CF.read_text() + "myhostname = web.example.org\n"
    )
    for folder in (
        *(f"var/spool/postfix/{queue}" for queue in QUEUES),
        *("var/lib/postfix", "usr/libexec/postfix", "usr/lib64/postfix", "usr/lib64/sasl2"),
        *("etc/pki/tls/certs", "usr/sbin", "var/log"),
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for program in ("usr/sbin/postconf", "usr/libexec/postfix/master"):
        (root / program).write_text("never started: it is a program of another host\n")
    # cyrus-sasl-lib has these two of its own; cyrus-sasl-plain is a package by itself.
    for name in ("libanonymous.so", "libsasldb.so"):
        shutil.copy(SASL_PLUGINS / f"{name}.2", root / f"usr/lib64/sasl2/{name}.3.0.0")
        (root / f"usr/lib64/sasl2/{name}.3").symlink_to(f"{name}.3.0.0")
        (root / f"usr/lib64/sasl2/{name}").symlink_to(f"{name}.3.0.0")
    (root / "etc/pki/tls/certs/ca-bundle.crt").write_text(authority.certificate)
    (root / "etc/aliases").write_text("postmaster: root\n")
    (root / "etc/aliases.db").write_bytes(b"")
    now = time.strftime("%b %e %H:%M:%S", time.localtime(time.time() - 60))
    (root / "var/log/maillog").write_text(
        f"{now} web postfix/pickup[2211]: 4VxKzB1Yz1zN3: uid=0 from=<root>\n"
        f"{now} web postfix/qmgr[811]: 4VxKzB1Yz1zN3: from=<root@example.org>, size=431, nrcpt=1"
        " (queue active)\n"
        f"{now} web postfix/smtp[2213]: 4VxKzB1Yz1zN3: to=<a@example.org>,"
        " relay=mx.example.org[192.0.2.20]:25, delay=0.4, delays=0.1/0/0.2/0.1, dsn=2.0.0,"
        " status=sent (250 2.0.0 Ok: queued as 4VxKzC0)\n"
        f"{now} web postfix/qmgr[811]: 4VxKzB1Yz1zN3: removed\n"
    )
    return root


def without_what_varies(value: Any, root: Path) -> Any:
    if isinstance(value, dict):
        return {
            key: without_what_varies(part, root)
            for key, part in value.items()
            if not VARYING.match(key) and not (key == "last_sent" and isinstance(part, int))
        }
    if isinstance(value, list):
        return [without_what_varies(part, root) for part in value]
    if isinstance(value, str):
        return re.sub(r"Postfix 3[.\d]+", "Postfix 3", value.replace(str(root), ""))
    return value


def test_what_is_seen_of_rocky_9(tree: Path) -> None:
    if not executable().exists():
        pytest.skip(f"{executable()} is not built")
    done = subprocess.run(
        [executable(), "--root", tree], capture_output=True, text=True, check=True,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
    )  # fmt: skip
    assert done.stderr == ""
    lines = [
        json.dumps(without_what_varies(json.loads(line), tree)) if line[0] == "{" else line
        for line in done.stdout.splitlines()
    ]
    seen = "".join(f"{line}\n" for line in lines)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(seen)
    assert seen == GOLDEN.read_text()
    report = parse(done.stdout)
    assert report.instance("sasl")["plugin_folders"][0]["path"] == "/usr/lib64/sasl2"
    assert report.instance("service")["log"]["path"] == "/var/log/maillog"
    assert report.instance("config")["delivery_service"]["chroot"] is False
