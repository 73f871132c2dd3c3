#!/usr/bin/env python3
"""Builds build/mail_relay-<version>.mkp from the sources; needs no Checkmk site."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bill_of_materials import bill_of_materials, parse_versions
from package_format import Parts, pack
from time_of_sources import time_of_sources

NAME = "mail_relay"
DESCRIPTION = """\
Monitors Postfix mail relays: queues with the reasons why mail waits, what became of the rest, the
connection to the relay, configuration, authentication and TLS, and the notifications of Checkmk
sites. Each fault comes with its cause and the commands that repair it.

Needs the agent plug-in mk_mail_relay on the mail host. The package contains it for x86_64 and
aarch64, below agents/plugins.

The special agent agent_mail_roundtrip proves that mail arrives: it sends probe mails through relays
and looks for them in mailboxes, as its rule "Mail roundtrip" says."""

# Folders that Checkmk reads in a family, and the one for shared code.
FAMILY_FOLDERS = ("agent_based", "graphing", "lib", "rulesets", "server_side_calls")
DOCUMENTS = ("README.md", "LICENSE", "mkp/CHANGELOG.md")


class PackageError(Exception):
    """The sources cannot be packaged as they are."""


@dataclass(frozen=True)
class Program:
    """An executable of the build, packaged for each architecture once its sources exist, with the
    launcher that chooses between them.

    Files of the family whose names hold `checkmk_side` come with it: a rule for a program that is
    not there would promise what the package does not keep.
    """

    name: str
    source: str
    part: str
    launcher: str
    folder: str
    checkmk_side: str
    # Debian source packages that it has nothing of.
    not_linked: tuple[str, ...] = ()

    def path(self, architecture: str) -> str:
        return f"{self.folder}/{self.name}-{architecture}"


PROGRAMS = (
    Program(
        name="mk_mail_relay",
        source="agent_plugin/main.cc",
        part="agents",
        launcher="plugins/mk_mail_relay",
        folder="plugins/mail_relay",
        checkmk_side="mail_relay",
        not_linked=("curl",),
    ),
    Program(
        name="agent_mail_roundtrip",
        source="special_agent/main.cc",
        part="cmk_addons_plugins",
        launcher=f"{NAME}/libexec/agent_mail_roundtrip",
        folder=f"{NAME}/libexec",
        checkmk_side="mail_roundtrip",
    ),
)
BILL = f"{NAME}/{NAME}.spdx.json"
# Debian source packages whose licence asks for no notice with executables.
WITHOUT_NOTICE = ("boost1.81",)


@dataclass(frozen=True)
class Build:
    """Where the executables of one architecture are, and what was linked into them."""

    architecture: str
    programs: Path
    versions: Path
    licenses: Path


def read_version(root: Path) -> str:
    """The one of the CMake project."""
    text = (root / "CMakeLists.txt").read_text()
    match = re.search(rf"^project\({NAME} VERSION (\d+\.\d+\.\d+)", text, re.MULTILINE)
    if not match:
        raise PackageError("CMakeLists.txt names no version of the project")
    return match[1]


def collect(root: Path, builds: Sequence[Build], created: datetime) -> Parts:
    """What goes into the package; PackageError for a file that would be left out silently."""
    parts: dict[str, dict[str, bytes]] = {}
    for part, path, source in (
        *_family_files(root),
        *_man_pages(root),
        *_bakery_files(root),
        *_launchers(root),
        *_executables(root, builds),
        *_documents(root),
        *_licenses(builds),
    ):
        parts.setdefault(part, {})[path] = source.read_bytes()
    parts.setdefault("doc", {})[BILL] = _bill(root, builds, created, parts)
    return {part: dict(sorted(files.items())) for part, files in sorted(parts.items())}


def _bill(root: Path, builds: Sequence[Build], created: datetime, parts: Parts) -> bytes:
    contents = {
        f"{part}/{path}": content
        for part, files in sorted(parts.items())
        for path, content in sorted(files.items())
    }
    linked = {}
    for build in builds:
        versions = parse_versions(build.versions.read_text())
        for program in programs_of(root):
            linked[f"{program.part}/{program.path(build.architecture)}"] = {
                name: version
                for name, version in versions.items()
                if name not in program.not_linked
            }
    return bill_of_materials(read_version(root), created, contents, linked, f"doc/{BILL}")


Entry = tuple[str, str, Path]


def _family_files(root: Path) -> Iterator[Entry]:
    family = root / "mkp" / NAME
    for source in sorted(family.rglob("*")):
        path = source.relative_to(family)
        if "__pycache__" in path.parts or source.is_dir():
            continue
        if path.parts[0] not in FAMILY_FOLDERS or source.suffix != ".py" or source.is_symlink():
            raise PackageError(f"mkp/{NAME}/{path} has no place in a package")
        if not is_packaged(root, source.name):
            continue
        yield "cmk_addons_plugins", f"{NAME}/{path.as_posix()}", source


def _man_pages(root: Path) -> Iterator[Entry]:
    for source in sorted((root / "checkman").iterdir()):
        if not is_packaged(root, source.name):
            continue
        yield "cmk_addons_plugins", f"{NAME}/checkman/{source.name}", source


def _bakery_files(root: Path) -> Iterator[Entry]:
    for source in sorted((root / "mkp" / "bakery").glob("*.py")):
        yield "lib", f"python3/cmk/base/cee/plugins/bakery/{source.name}", source


def programs_of(root: Path) -> list[Program]:
    return [program for program in PROGRAMS if (root / program.source).exists()]


def is_packaged(root: Path, name: str) -> bool:
    """False for a file of the Checkmk side of a program that does not exist yet."""
    missing = [program for program in PROGRAMS if program not in programs_of(root)]
    return not any(program.checkmk_side in name for program in missing)


def _launchers(root: Path) -> Iterator[Entry]:
    for program in programs_of(root):
        yield program.part, program.launcher, root / "mkp/launchers" / program.name


def _executables(root: Path, builds: Sequence[Build]) -> Iterator[Entry]:
    for build in builds:
        for program in programs_of(root):
            source = build.programs / program.name
            if not source.is_file():
                raise PackageError(f"{source} is missing: ./dev mkp builds it")
            # The agent greps plug-ins for their version; such a line in an executable garbles it.
            if re.search(rb"^(CMK_VERSION|__version__)", source.read_bytes(), re.MULTILINE):
                raise PackageError(f"{source} has a line that the agent takes for its version")
            yield program.part, program.path(build.architecture), source


def _documents(root: Path) -> Iterator[Entry]:
    for name in DOCUMENTS:
        source = root / name
        if source.exists():
            yield "doc", f"{NAME}/{source.name}", source


def _licenses(builds: Sequence[Build]) -> Iterator[Entry]:
    """Notices of what is linked in, and the licences that they refer to."""
    for build in builds:
        notices = {source.name: source for source in sorted(build.licenses.iterdir())}
        for name in parse_versions(build.versions.read_text()):
            if name not in notices and name not in WITHOUT_NOTICE:
                raise PackageError(f"the licence of {name} is missing in {build.licenses}")
        for name, source in notices.items():
            yield "doc", f"{NAME}/licenses/{name}", source


def manifest(version: str, parts: Parts) -> dict[str, object]:
    return {
        "author": "Mail relay project",
        "description": DESCRIPTION,
        "download_url": "https://example.org/mail_relay",
        "files": {part: list(files) for part, files in parts.items()},
        "name": NAME,
        "title": "Mail relay: Postfix, and mail that has to arrive",
        "version": version,
        "version.min_required": "2.3.0",
        "version.packaged": "2.3.0",
        "version.usable_until": None,
    }


def build(root: Path, builds: Sequence[Build], created: datetime) -> bytes:
    parts = collect(root, builds, created)
    return pack(manifest(read_version(root), parts), parts)


def portable_builds(root: Path) -> Sequence[Build]:
    """What ./dev mkp has built."""
    libraries = root / "build/portable-libraries"
    return [
        Build(
            architecture,
            programs=root / folder / "bin",
            versions=libraries / architecture / "versions",
            licenses=libraries / architecture / "licenses",
        )
        for architecture, folder in (
            ("x86_64", "build/portable"),
            ("aarch64", "build/portable-aarch64"),
        )
    ]


def main() -> int:
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=root / "build")
    arguments = parser.parse_args()
    try:
        package = build(root, portable_builds(root), time_of_sources(root))
    except (PackageError, OSError) as error:
        print(f"build_package: {error}", file=sys.stderr)
        return 1
    path = arguments.output / f"{NAME}-{read_version(root)}.mkp"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(package)
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
