"""mkp/portable/link_strictly: no portable executable may need something of its host."""

import subprocess
from pathlib import Path

import pytest

LINK = Path(__file__).resolve().parents[2] / "mkp/portable/link_strictly"
COMPILER = Path("/usr/bin/g++")


def link(folder: Path, source: str, compiler: Path = COMPILER) -> subprocess.CompletedProcess[str]:
    (folder / "program.cc").write_text(source)
    return subprocess.run(
        [LINK, compiler, "-static-pie", "program.cc", "-o", "program"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_is_alone_is_linked_and_stripped(tmp_path: Path) -> None:
    done = link(tmp_path, "int main() { return 0; }")
    assert (done.returncode, done.stderr) == (0, "")
    assert subprocess.run([tmp_path / "program"], check=False).returncode == 0
    symbols = subprocess.run(
        ["nm", tmp_path / "program"], capture_output=True, text=True, check=False
    )
    assert "no symbols" in symbols.stderr


# What ld says in the person's language.
FRENCH = """#!/bin/sh
if [ "$LC_ALL" != C ]; then
    echo "/usr/bin/ld : program.o : dans la fonction « main » :" >&2
    printf "avertissement : " >&2
fi
echo "Using 'dlopen' in statically linked applications requires at runtime the shared libraries" >&2
exec /usr/bin/g++ "$@"
"""


def test_the_known_warning_is_known_in_every_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    compiler = tmp_path / "french-g++"
    compiler.write_text(FRENCH)
    compiler.chmod(0o755)
    for tool in ("nm", "strip"):
        (tmp_path / f"french-{tool}").symlink_to(f"/usr/bin/{tool}")
    assert link(tmp_path, "int main() { return 0; }", compiler).returncode == 0


@pytest.mark.parametrize(
    "source, words",
    [
        pytest.param(
            "#include <pwd.h>\nint main() { return getpwuid(0) == nullptr; }", "getpwuid",
            id="name service",
        ),
        pytest.param(
            "#include <netdb.h>\nint main() { return gethostbyname(\"a.test\") == nullptr; }",
            "gethostbyname",
            id="name service of the network",
        ),
        pytest.param("int other();\nint main() { return other(); }", "other", id="no program"),
    ],
)  # fmt: skip
def test_what_needs_its_host_is_refused(tmp_path: Path, source: str, words: str) -> None:
    done = link(tmp_path, source)
    assert done.returncode != 0
    assert words in done.stderr
    assert not (tmp_path / "program").exists()
