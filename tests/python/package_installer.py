"""Installs a package as a Checkmk site does.

Source: Checkmk's packages/cmk-mkp-tool, parts and modes.
"""

from __future__ import annotations

import ast
import gzip
import io
import subprocess
import tarfile
from pathlib import Path, PurePosixPath

# Where a site puts each part, relative to its folder local/.
PART_FOLDERS = {
    "agents": "share/check_mk/agents",
    "cmk_addons_plugins": "lib/python3/cmk_addons/plugins",
    "doc": "share/doc/check_mk",
    "lib": "lib",
}


def installed_mode(part: str, path: str) -> int:
    """The mode a site gives to a file, whatever the tar says."""
    if part == "agents":
        return 0o700
    if part == "cmk_addons_plugins":
        return 0o700 if PurePosixPath(path).parent.name == "libexec" else 0o600
    if part == "lib":
        return 0o700 if path.startswith("nagios/plugins/") else 0o600
    return 0o600


def members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
        contents = {}
        for member in tar:
            assert member.isreg(), member.name
            assert member.name not in contents, f"twice: {member.name}"
            file = tar.extractfile(member)
            assert file is not None
            contents[member.name] = file.read()
    return contents


def install(package: bytes, local: Path) -> None:
    """What a site does: GNU tar takes each file by its name in the manifest."""
    content = members(gzip.decompress(package))
    for part, paths in ast.literal_eval(content["info"].decode())["files"].items():
        folder = local / PART_FOLDERS[part]
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["tar", "xf", "-", "--touch", "-C", str(folder), *paths],
            input=content[f"{part}.tar"],
            check=True,
        )
        for path in paths:
            (folder / path).chmod(installed_mode(part, path))
