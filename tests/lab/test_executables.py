"""The packed executables themselves: alone, hardened, small, and the launcher's words."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import build_package
import pytest

from lab import package

pytestmark = pytest.mark.skipif(
    not package.is_examined(), reason="MAIL_RELAY_PACKAGE names no package: ./dev test makes one"
)

ROOT = Path(__file__).parents[2]
MOST_BYTES = 7 * 2**20
MOST_PACKED = 14 * 2**20
MACHINES = {"x86_64": "Advanced Micro Devices X86-64", "aarch64": "AArch64"}
# How a function begins that indirect jumps may reach (CET), or that signs its way back (PAC, BTI).
GUARDED = {"x86_64": bytes.fromhex("f30f1efa"), "aarch64": bytes.fromhex("3f2303d5")}
# Without ours there are 2,461 and 613 of these, in Debian's archives and in templates of Boost.
LEAST_GUARDED = {"x86_64": 4000, "aarch64": 1200}
HARDENING = ("-fstack-protector-strong", "-D_FORTIFY_SOURCE=2", "-fPIE", "-fstack-clash-protection")
GUARDS = {"x86_64": "-fcf-protection=full", "aarch64": "-mbranch-protection=standard"}
FOLDERS = {"x86_64": "build/portable", "aarch64": "build/portable-aarch64"}

each_executable = pytest.mark.parametrize(
    "program, architecture",
    [
        pytest.param(program, architecture, id=f"{program.name}-{architecture}")
        for program in build_package.PROGRAMS
        for architecture in MACHINES
    ],
)


def path_of(program: build_package.Program, architecture: str) -> Path:
    folder = package.plugins() / "mail_relay" if program.part == "agents" else package.libexec()
    return folder / f"{program.name}-{architecture}"


def readelf(option: str, file: Path) -> str:
    return subprocess.run(
        ["readelf", "--wide", option, file], capture_output=True, text=True, check=True
    ).stdout


@each_executable
def test_it_needs_nothing_of_its_host(program: build_package.Program, architecture: str) -> None:
    file = path_of(program, architecture)
    assert MACHINES[architecture] in readelf("--file-header", file)
    segments = readelf("--segments", file)
    assert "INTERP" not in segments
    assert "(NEEDED)" not in readelf("--dynamic", file)
    # The format by which libc finds modules of its name services.
    assert b"libnss_" not in file.read_bytes()


@each_executable
def test_it_is_hardened(program: build_package.Program, architecture: str) -> None:
    file = path_of(program, architecture)
    assert "DYN (Position-Independent" in readelf("--file-header", file)
    dynamic, segments = readelf("--dynamic", file), readelf("--segments", file)
    assert re.search(r"FLAGS_1.*NOW.*PIE", dynamic)
    assert "GNU_RELRO" in segments
    (stack,) = re.findall(r"GNU_STACK.*", segments)
    assert " RW " in stack
    assert not re.search(r"LOAD.* RWE ", segments)
    assert ".symtab" not in readelf("--sections", file), "it is not stripped"
    assert file.read_bytes().count(GUARDED[architecture]) > LEAST_GUARDED[architecture]


@pytest.mark.parametrize("architecture", MACHINES)
def test_every_source_was_compiled_with_what_hardens(architecture: str) -> None:
    file = ROOT / FOLDERS[architecture] / "compile_commands.json"
    if not file.exists():
        pytest.skip(f"{file} is not there: the package was built elsewhere")
    commands: Sequence[dict[str, str]] = json.loads(file.read_text())
    assert len(commands) > 100
    for entry in commands:
        words = entry["command"].split()
        for flag in (*HARDENING, GUARDS[architecture]):
            assert flag in words, entry["file"]
        assert "-O0" not in words, "without optimising, _FORTIFY_SOURCE does nothing"


@each_executable
def test_it_is_small(program: build_package.Program, architecture: str) -> None:
    assert path_of(program, architecture).stat().st_size <= MOST_BYTES


def test_the_package_is_small() -> None:
    assert package.file().stat().st_size <= MOST_PACKED


@pytest.mark.parametrize("program", build_package.PROGRAMS, ids=lambda program: program.name)
def test_its_version_names_what_is_linked_in(program: build_package.Program) -> None:
    file = path_of(program, package.ARCHITECTURE)
    said = subprocess.run([file, "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"{program.name} {build_package.read_version(ROOT)}\n")
    bill = json.loads(package.bill().read_text())
    components = {
        f"{component['name']} {component['versionInfo']}"
        for component in bill["packages"]
        if component["name"] not in ("mail_relay", *program.not_linked)
    }
    assert set(said.splitlines()[1].removeprefix("linked in: ").split(", ")) <= components
    assert len(components) >= 6 - len(program.not_linked)


@each_executable
def test_nothing_tells_where_it_was_built(
    program: build_package.Program, architecture: str
) -> None:
    content = path_of(program, architecture).read_bytes()
    assert str(ROOT).encode() not in content
    # As ccache names sources: without it the bytes would be others.
    assert b"../../common/" not in content
