"""What the package builder takes of the sources, and what it refuses."""

from pathlib import Path

import build_package
import pytest
from package_builds import CREATED, builds_in, put


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    put(tmp_path, "CMakeLists.txt", "project(mail_relay VERSION 1.2.3 LANGUAGES CXX)\n")
    put(tmp_path, "mkp/mail_relay/agent_based/queue.py")
    put(tmp_path, "checkman/queue")
    put(tmp_path, "agent_plugin/main.cc")
    put(tmp_path, "mkp/launchers/mk_mail_relay")
    put(tmp_path, "mkp/launchers/agent_mail_roundtrip")
    put_program(tmp_path, "mk_mail_relay")
    return tmp_path


def put_program(sources: Path, name: str, content: str = "program") -> None:
    for architecture in ("x86_64", "aarch64"):
        put(sources, f"bin/{architecture}/{name}", content)


def collect(sources: Path) -> build_package.Parts:
    return build_package.collect(sources, builds_in(sources / "bin"), CREATED)


def test_programs_are_packaged_once_their_sources_exist(sources: Path) -> None:
    assert "mail_relay/libexec/agent_mail_roundtrip" not in str(collect(sources))
    put(sources, "special_agent/main.cc")
    put_program(sources, "agent_mail_roundtrip")
    parts = collect(sources)
    assert "mail_relay/libexec/agent_mail_roundtrip" in parts["cmk_addons_plugins"]


def test_the_checkmk_side_of_a_program_comes_with_it(sources: Path) -> None:
    put(sources, "mkp/mail_relay/rulesets/special_agent_mail_roundtrip.py")
    put(sources, "checkman/mail_roundtrip")
    assert "roundtrip" not in str(collect(sources))
    put(sources, "special_agent/main.cc")
    put_program(sources, "agent_mail_roundtrip")
    parts = collect(sources)
    assert "mail_relay/checkman/mail_roundtrip" in parts["cmk_addons_plugins"]


def test_bakery_plugin_goes_where_every_version_finds_it(sources: Path) -> None:
    put(sources, "mkp/bakery/mail_relay.py")
    parts = collect(sources)
    assert list(parts["lib"]) == ["python3/cmk/base/cee/plugins/bakery/mail_relay.py"]


@pytest.mark.parametrize(
    "path, text",
    [
        pytest.param("mkp/mail_relay/unknown/x.py", "", id="folder nobody reads"),
        pytest.param("mkp/mail_relay/lib/x.sh", "", id="no Python"),
        pytest.param("mkp/mail_relay/x.py", "", id="beside the folders"),
        pytest.param("bin/aarch64/mk_mail_relay", "ELF\n__version__ = 1", id="version line"),
        pytest.param("bin/aarch64/mk_mail_relay", "ELF\nCMK_VERSION=1", id="agent version line"),
        pytest.param("special_agent/main.cc", "", id="program was not built"),
    ],
)
def test_sources_that_would_make_a_bad_package_are_refused(
    sources: Path, path: str, text: str
) -> None:
    put(sources, path, text)
    with pytest.raises(build_package.PackageError):
        build_package.build(sources, builds_in(sources / "bin"), CREATED)


def test_a_project_without_version_is_refused(sources: Path) -> None:
    put(sources, "CMakeLists.txt", "project(mail_relay)\n")
    with pytest.raises(build_package.PackageError):
        build_package.build(sources, builds_in(sources / "bin"), CREATED)


def test_a_component_without_its_license_is_refused(sources: Path) -> None:
    builds = builds_in(sources / "bin")
    (sources / "bin/licenses/openssl").unlink()
    with pytest.raises(build_package.PackageError, match="the licence of openssl is missing"):
        build_package.build(sources, builds, CREATED)
