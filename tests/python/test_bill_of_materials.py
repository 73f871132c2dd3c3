"""The bill of materials is valid SPDX 2.3."""

import hashlib
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from bill_of_materials import LICENSES, bill_of_materials, parse_versions

VERSIONS = parse_versions("".join(f"{name} 1.0+deb12u1\n" for name in LICENSES))
CONTENTS = {"agents/plugins/program": b"program", "agents/plugins/another": b"another"}
CREATED = datetime(2026, 1, 2, 4, 4, 5, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture(name="document")
def bill() -> dict[str, Any]:
    linked = {path: VERSIONS for path in CONTENTS}
    return dict(json.loads(bill_of_materials("0.1.0", CREATED, CONTENTS, linked, "doc/bill.json")))


def test_its_time_is_utc(document: dict[str, Any]) -> None:
    assert document["creationInfo"]["created"] == "2026-01-02T03:04:05Z"


def test_a_package_with_files_proves_them(document: dict[str, Any]) -> None:
    (own,) = [entry for entry in document["packages"] if entry["name"] == "mail_relay"]
    checksums = sorted(hashlib.sha1(content).hexdigest() for content in CONTENTS.values())
    # Source: SPDX 2.3, 7.8 and 7.9.
    assert own["filesAnalyzed"] is True
    assert own["packageVerificationCode"] == {
        "packageVerificationCodeValue": hashlib.sha1("".join(checksums).encode()).hexdigest(),
        "packageVerificationCodeExcludedFiles": ["./doc/bill.json"],
    }


def test_identifiers_are_unique_and_every_one_has_a_place(document: dict[str, Any]) -> None:
    elements = [
        "SPDXRef-DOCUMENT",
        *(entry["SPDXID"] for entry in (*document["packages"], *document["files"])),
    ]
    assert len(set(elements)) == len(elements)
    related = {
        relation[side]
        for relation in document["relationships"]
        for side in ("spdxElementId", "relatedSpdxElement")
    }
    assert related == set(elements)


def test_every_component_has_a_supplier_a_license_and_an_address(document: dict[str, Any]) -> None:
    components = {entry["name"]: entry for entry in document["packages"]}
    assert set(components) == {"mail_relay", *LICENSES}
    for component in components.values():
        assert component["supplier"].startswith("Organization: ")
        assert component["licenseDeclared"] != "NOASSERTION"
    (reference,) = components["openssl"]["externalRefs"]
    # Source: https://github.com/package-url/purl-spec
    assert reference["referenceLocator"] == (
        "pkg:deb/debian/openssl@1.0%2Bdeb12u1?arch=source&distro=debian-12"
    )
