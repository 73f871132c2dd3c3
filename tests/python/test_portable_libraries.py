"""mkp/portable/libraries.sh: when the libraries of the portable executables are made anew."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

PORTABLE = Path(__file__).resolve().parents[2] / "mkp/portable"

# The archive and what is made of it are stood in for by files.
DOUBLES = """
set -euo pipefail
. mkp/portable/debian_archive.sh
. mkp/portable/libraries.sh
newest_packages() { cat archive; }
make_portable_libraries() { newest_packages >"$2/taken"; }
"""


@pytest.fixture(name="project")
def project_with_libraries(tmp_path: Path) -> Path:
    shutil.copytree(PORTABLE, tmp_path / "mkp/portable")
    (tmp_path / "archive").write_text("libssl-dev_3.0.1_amd64.deb SHA256:1\n")
    assert "making the libraries" in make(tmp_path).stdout
    return tmp_path


def make(project: Path) -> subprocess.CompletedProcess[str]:
    """What ./dev mkp does about the libraries of one architecture."""
    return subprocess.run(
        ["bash", "-c", f"{DOUBLES}\nforget_old_libraries\nportable_libraries x86_64"],
        cwd=project, capture_output=True, text=True, check=True,
    )  # fmt: skip


def let_an_hour_pass(project: Path) -> None:
    then = time.time() - 3700
    os.utime(project / "build/portable-libraries/x86_64/taken", (then, then))


def test_they_are_made_once(project: Path) -> None:
    assert make(project).stdout == ""
    let_an_hour_pass(project)
    assert make(project).stdout == ""


@pytest.mark.parametrize("name", ["libraries.sh", "debian_archive.sh", "x86_64.cmake"])
def test_another_recipe_makes_others(project: Path, name: str) -> None:
    with (project / "mkp/portable" / name).open("a") as recipe:
        recipe.write("# another option\n")
    assert "making the libraries" in make(project).stdout


def test_newer_packages_make_others(project: Path) -> None:
    (project / "archive").write_text("libssl-dev_3.0.2_amd64.deb SHA256:2\n")
    assert make(project).stdout == "", "it has asked a moment ago"
    let_an_hour_pass(project)
    assert "making the libraries" in make(project).stdout


def test_an_archive_that_does_not_answer_is_told(project: Path) -> None:
    (project / "archive").unlink()
    let_an_hour_pass(project)
    done = make(project)
    assert done.stdout == ""
    assert "cannot be asked for newer libraries (x86_64; see" in done.stderr
