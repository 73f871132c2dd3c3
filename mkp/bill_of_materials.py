"""The bill of materials in SPDX 2.3 JSON: the files of the package, and what is linked into each of
its executables.

Source: https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from urllib.parse import quote

# By Debian source package: who licenses it how. GCC stands for libstdc++ and libgcc.
LICENSES = {
    "boost1.81": "BSL-1.0",
    "c-ares": "MIT",
    "curl": "curl",
    "fmtlib": "MIT",
    "gcc-12": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
    "openssl": "Apache-2.0",
}
_OWN_LICENSE = "GPL-2.0-or-later"
_SUPPLIER = "Organization: Mail relay project"


def parse_versions(text: str) -> Mapping[str, str]:
    """Source packages as the build notes them: "NAME VERSION" a line."""
    return dict(line.split() for line in text.splitlines())


def bill_of_materials(
    version: str,
    created: datetime,
    contents: Mapping[str, bytes],
    linked: Mapping[str, Mapping[str, str]],
    own_path: str,
) -> bytes:
    """`contents`: all files of the package but the bill, by path in it; `linked`: what is in an
    executable, by the same path; `own_path`: where the bill will be."""
    packages = {("mail_relay", version): _own_package(version, contents.values(), own_path)}
    files, relationships = [], [_relation("SPDXRef-DOCUMENT", "DESCRIBES", _id("mail_relay"))]
    for path, content in contents.items():
        components = linked.get(path, {})
        files.append(_file(path, content, is_executable=bool(components)))
        relationships.append(_relation(_id("mail_relay"), "CONTAINS", _id(path)))
        for name, its_version in components.items():
            packages[name, its_version] = _package(name, its_version)
            relationships.append(_relation(_id(path), "STATIC_LINK", _id(name, its_version)))
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"mail_relay-{version}",
        "documentNamespace": "https://example.org/mail_relay/spdx/"
        f"{version}-{_digest('sha256', contents.values())}",
        "creationInfo": {
            "created": created.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [_SUPPLIER, "Tool: mkp/bill_of_materials.py"],
        },
        "packages": [packages[key] for key in sorted(packages)],
        "files": files,
        "relationships": relationships,
    }
    return f"{json.dumps(document, indent=1)}\n".encode()


def _own_package(
    version: str, contents: Iterable[bytes], excluded_path: str
) -> Mapping[str, object]:
    checksums = sorted(_digest("sha1", [content]) for content in contents)
    return {
        "name": "mail_relay",
        "SPDXID": _id("mail_relay"),
        "versionInfo": version,
        "supplier": _SUPPLIER,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": True,
        "packageVerificationCode": {
            "packageVerificationCodeValue": _digest("sha1", ["".join(checksums).encode()]),
            "packageVerificationCodeExcludedFiles": [f"./{excluded_path}"],
        },
        "licenseConcluded": _OWN_LICENSE,
        "licenseDeclared": _OWN_LICENSE,
        "licenseInfoFromFiles": ["NOASSERTION"],
        "copyrightText": "NOASSERTION",
    }


def _package(name: str, version: str) -> Mapping[str, object]:
    return {
        "name": name,
        "SPDXID": _id(name, version),
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "downloadLocation": f"https://sources.debian.org/src/{name}/{quote(version)}/",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": LICENSES[name],
        "copyrightText": "NOASSERTION",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": f"pkg:deb/debian/{name}@{quote(version)}"
                "?arch=source&distro=debian-12",
            }
        ],
    }


def _file(path: str, content: bytes, *, is_executable: bool) -> Mapping[str, object]:
    return {
        "fileName": f"./{path}",
        "SPDXID": _id(path),
        "fileTypes": ["BINARY" if is_executable else "TEXT"],
        "checksums": [
            {"algorithm": name.upper(), "checksumValue": _digest(name, [content])}
            for name in ("sha1", "sha256")
        ],
        "licenseConcluded": "NOASSERTION",
        "licenseInfoInFiles": ["NOASSERTION"],
        "copyrightText": "NOASSERTION",
    }


def _relation(one: str, kind: str, other: str) -> Mapping[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def _digest(algorithm: str, contents: Iterable[bytes]) -> str:
    digest = hashlib.new(algorithm)
    for content in contents:
        digest.update(content)
    return digest.hexdigest()


def _id(*words: str) -> str:
    text = "-".join(words)
    return "SPDXRef-" + "".join(c if c.isalnum() or c in ".-" else "-" for c in text)
