"""The format of Checkmk's extension packages.

A package is a gzipped tar of `info` (the manifest as a Python literal), `info.json` and one
`<part>.tar` per part; the members of a part are named exactly as in the manifest. The same contents
give the same bytes: fixed times, owners and modes.
Source: Checkmk's packages/cmk-mkp-tool, _mkp.py.
"""

from __future__ import annotations

import gzip
import io
import json
import pprint
import tarfile
from collections.abc import Mapping

# Part -> path inside the part -> content.
Parts = Mapping[str, Mapping[str, bytes]]

# Old enough for any tar, new enough for GNU tar not to call it implausible.
_TIMESTAMP = 315532800


def pack(info: Mapping[str, object], parts: Parts) -> bytes:
    """`info`: the manifest, whose "files" names what `parts` has."""
    members = {
        "info": f"{pprint.pformat(info)}\n".encode(),
        "info.json": json.dumps(info, sort_keys=True).encode(),
    }
    for part, files in parts.items():
        members[f"{part}.tar"] = _tar(files)
    package = io.BytesIO()
    # The header of gzip would otherwise hold a name and a time.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=package, mtime=0) as file:
        file.write(_tar(members))
    return package.getvalue()


def _tar(contents: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mtime = _TIMESTAMP
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()
