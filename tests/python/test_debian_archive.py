"""mkp/portable/debian_archive.sh: which archives of a machine the portable libraries come from."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MIRROR = "http://mirror.example.org/debian/"


def sources(folder: Path, targets: str) -> subprocess.CompletedProcess[str]:
    """On a machine whose apt-get has these index targets."""
    apt = folder / "apt-get"
    apt.write_text(f"#!/bin/sh\ncat <<'END'\n{targets}END\n")
    apt.chmod(0o755)
    return subprocess.run(
        ["bash", "-c", ". mkp/portable/debian_archive.sh; debian_sources deb-src"],
        cwd=ROOT, env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_they_come_from_debian_12_with_its_updates(tmp_path: Path) -> None:
    done = sources(
        tmp_path,
        f"Debian bookworm {MIRROR} bookworm main\n"
        f"Debian bookworm-security {MIRROR} oldstable-security main\n"
        f"Debian bookworm-updates {MIRROR} bookworm-updates main\n",
    )
    assert done.stdout.splitlines() == [
        f"deb-src {MIRROR} bookworm main",
        f"deb-src {MIRROR} oldstable-security main",
        f"deb-src {MIRROR} bookworm-updates main",
    ]


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(f"Debian bookworm-backports {MIRROR} bookworm-backports main\n", id="newer"),
        pytest.param(f"Debian trixie {MIRROR} trixie main\n", id="another release"),
        pytest.param("Vendor bookworm http://vendor.example.org/ bookworm main\n", id="others"),
        pytest.param("", id="none"),
    ],
)
def test_they_come_from_nowhere_else(tmp_path: Path, target: str) -> None:
    done = sources(tmp_path, target)
    assert (done.returncode, done.stdout) == (1, "")
    assert "apt knows no archive of Debian 12" in done.stderr
