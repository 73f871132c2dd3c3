"""The package as a site gets it: format, manifest, paths, modes, and that its plug-ins load."""

import ast
import gzip
import hashlib
import io
import json
import re
import shutil
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import build_package
import pytest
from engine import Site
from engine.bakery import load_bakery_plugin
from package_builds import CREATED, builds_in, put
from package_installer import PART_FOLDERS, install, members

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> list[build_package.Build]:
    found = builds_in(tmp_path_factory.mktemp("bin"))
    for build in found:
        for program in build_package.PROGRAMS:
            put(build.programs, program.name, f"{program.name} for {build.architecture}")
    return found


@pytest.fixture(scope="module")
def package(builds: list[build_package.Build]) -> bytes:
    return build_package.build(ROOT, builds, CREATED)


@pytest.fixture(scope="module")
def content(package: bytes) -> dict[str, bytes]:
    return members(gzip.decompress(package))


@pytest.fixture(scope="module")
def info(content: dict[str, bytes]) -> dict[str, object]:
    return dict(ast.literal_eval(content["info"].decode()))


@pytest.fixture(scope="module")
def parts(info: dict[str, dict[str, list[str]]]) -> dict[str, list[str]]:
    return info["files"]


def test_same_sources_give_the_same_bytes(
    package: bytes, builds: list[build_package.Build], tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    for name in ("mkp", "checkman", "agent_plugin", "special_agent"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("*.h"))
    for name in ("CMakeLists.txt", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy / name)
    put(copy, "mkp/mail_relay/lib/__pycache__/left_over.cpython-311.pyc")
    assert build_package.build(ROOT, builds, CREATED) == package
    assert build_package.build(copy, builds, CREATED) == package


def test_nothing_of_the_building_machine_is_inside(package: bytes) -> None:
    assert package[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(package))) as tar:
        for outer in tar:
            assert (outer.uid, outer.gid, outer.uname, outer.gname) == (0, 0, "", "")
            assert outer.mtime == 315532800


def test_manifest_has_what_a_site_reads(info: dict[str, object]) -> None:
    assert {key: value for key, value in info.items() if key not in ("files", "description")} == {
        "author": "Mail relay project",
        "download_url": "https://example.org/mail_relay",
        "name": "mail_relay",
        "title": "Mail relay: Postfix, and mail that has to arrive",
        "version": build_package.read_version(ROOT),
        "version.min_required": "2.3.0",
        "version.packaged": "2.3.0",
        "version.usable_until": None,
    }
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(info["version"]))
    assert isinstance(info["description"], str) and info["description"]


def test_json_manifest_says_the_same(content: dict[str, bytes], info: dict[str, object]) -> None:
    assert json.loads(content["info.json"]) == info


def test_members_are_named_as_in_the_manifest(
    content: dict[str, bytes], parts: dict[str, list[str]]
) -> None:
    assert list(content) == ["info", "info.json", *(f"{part}.tar" for part in parts)]
    for part, paths in parts.items():
        assert paths and list(members(content[f"{part}.tar"])) == paths


def test_paths_stay_inside_what_belongs_to_the_package(parts: dict[str, list[str]]) -> None:
    own = {
        "agents": r"plugins/(mail_relay/)?mk_mail_relay(-x86_64|-aarch64)?",
        "cmk_addons_plugins": r"mail_relay/(agent_based|checkman|graphing|lib|libexec|rulesets"
        r"|server_side_calls)/.+",
        "doc": r"mail_relay/(licenses/)?[^/]+",
        "lib": r"python3/cmk/base/cee/plugins/bakery/mail_relay\.py",
    }
    for part, paths in parts.items():
        for path in paths:
            assert re.fullmatch(own[part], path), f"{part}: {path}"
            assert ".." not in path and "__pycache__" not in path and "test" not in path


def test_every_check_has_its_page_and_every_page_its_check(parts: dict[str, list[str]]) -> None:
    pages = {
        PurePosixPath(path).name
        for path in parts["cmk_addons_plugins"]
        if PurePosixPath(path).parent.name == "checkman"
    }
    checks = {plugin.name for plugin in Site([ROOT / "mkp/mail_relay"]).registry.checks}
    assert pages == {name for name in checks if build_package.is_packaged(ROOT, name)}


def test_everything_of_the_family_is_packaged(parts: dict[str, list[str]]) -> None:
    family = ROOT / "mkp" / "mail_relay"
    sources = {
        f"mail_relay/{path.relative_to(family)}"
        for path in family.rglob("*.py")
        if build_package.is_packaged(ROOT, path.name)
    }
    assert sources <= set(parts["cmk_addons_plugins"])
    for program in build_package.programs_of(ROOT):
        assert program.launcher in parts[program.part]
        for architecture in ("x86_64", "aarch64"):
            assert program.path(architecture) in parts[program.part]
    assert "mail_relay/LICENSE" in parts["doc"]


@pytest.fixture
def modules_of_the_family() -> Iterator[None]:
    """The family from elsewhere takes the place of ours: for as long as a test."""
    namespace = sys.modules["cmk_addons.plugins"]
    folders = list(namespace.__path__)
    before = {name: module for name, module in sys.modules.items() if name.startswith("cmk_addons")}
    yield
    for name in [name for name in sys.modules if name.startswith("cmk_addons")]:
        del sys.modules[name]
    sys.modules.update(before)
    namespace.__path__ = folders


@pytest.mark.usefixtures("modules_of_the_family")
def test_installed_package_loads_and_is_only_for_the_site(package: bytes, tmp_path: Path) -> None:
    install(package, tmp_path)
    modes = {
        path.relative_to(tmp_path).as_posix(): path.stat().st_mode & 0o777
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    executable = {path for path, mode in modes.items() if mode == 0o700}
    assert executable == {
        f"{PART_FOLDERS[program.part]}/{path}"
        for program in build_package.programs_of(ROOT)
        for path in (program.launcher, program.path("x86_64"), program.path("aarch64"))
    }
    assert set(modes.values()) <= {0o600, 0o700}
    bakery = tmp_path / "lib/python3/cmk/base/cee/plugins/bakery/mail_relay.py"
    assert set(load_bakery_plugin(bakery)) == {"mail_relay"}

    source = Site([ROOT / "mkp/mail_relay"])
    installed = Site([tmp_path / PART_FOLDERS["cmk_addons_plugins"] / "mail_relay"])
    assert installed.errors == []
    assert [plugin.name for plugin in installed.registry.checks] == [
        plugin.name
        for plugin in source.registry.checks
        if build_package.is_packaged(ROOT, plugin.name)
    ]


def test_the_bill_of_materials_names_what_is_linked_into_each_executable(
    content: dict[str, bytes],
) -> None:
    document = json.loads(members(content["doc.tar"])["mail_relay/mail_relay.spdx.json"])
    assert document["spdxVersion"] == "SPDX-2.3"
    assert document["creationInfo"]["created"] == "2026-01-02T03:04:05Z"
    names = {entry["SPDXID"]: entry["name"] for entry in document["packages"]}
    files = {entry["SPDXID"]: entry for entry in document["files"]}
    linked: dict[str, set[str]] = {
        entry["fileName"]: set() for entry in files.values() if entry["fileTypes"] == ["BINARY"]
    }
    for relation in document["relationships"]:
        if relation["relationshipType"] == "STATIC_LINK":
            name = files[relation["spdxElementId"]]["fileName"]
            linked[name].add(names[relation["relatedSpdxElement"]])
    plugin, agent = "./agents/plugins/mail_relay", "./cmk_addons_plugins/mail_relay/libexec"
    assert linked == {
        f"{plugin}/mk_mail_relay-x86_64": {"boost1.81", "openssl"},
        f"{plugin}/mk_mail_relay-aarch64": {"boost1.81", "openssl"},
        f"{agent}/agent_mail_roundtrip-x86_64": {"boost1.81", "curl", "openssl"},
        f"{agent}/agent_mail_roundtrip-aarch64": {"boost1.81", "curl", "openssl"},
    }
    (checksum,) = [
        entry["checksums"][1]["checksumValue"]
        for entry in files.values()
        if entry["fileName"] == f"{agent}/agent_mail_roundtrip-aarch64"
    ]
    assert checksum == hashlib.sha256(b"agent_mail_roundtrip for aarch64").hexdigest()
    assert len({*names, *files}) == len(document["packages"]) + len(files)


def test_the_bill_of_materials_has_every_other_file_of_the_package(
    content: dict[str, bytes], parts: dict[str, list[str]]
) -> None:
    document = json.loads(members(content["doc.tar"])["mail_relay/mail_relay.spdx.json"])
    packed = {
        f"./{part}/{path}": hashlib.sha1(file).hexdigest()
        for part in parts
        for path, file in members(content[f"{part}.tar"]).items()
    }
    del packed["./doc/mail_relay/mail_relay.spdx.json"]
    assert packed == {
        entry["fileName"]: entry["checksums"][0]["checksumValue"] for entry in document["files"]
    }


def test_licenses_come_with_what_is_linked_in(parts: dict[str, list[str]]) -> None:
    packed = {path for path in parts["doc"] if path.startswith("mail_relay/licenses/")}
    assert packed == {f"mail_relay/licenses/{name}" for name in ("Apache-2.0", "curl", "openssl")}
