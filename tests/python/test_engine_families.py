"""Discovery of plug-ins in family folders."""

import sys
from pathlib import Path

import cmk.agent_based.v2 as agent_based
import cmk.graphing.v1 as graphing
import pytest
from engine import discover_all_plugins, mount

CHECK = """
from cmk.agent_based.v2 import AgentSection, CheckPlugin
{name} = AgentSection(name="{plugin}", parse_function=len)
"""


def put(folder: Path, path: str, text: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def discover(family: Path, *more: Path) -> tuple[list[type], list[str]]:
    """Types of the errors and names of the plug-ins."""
    found = discover_all_plugins("agent_based", agent_based.entry_point_prefixes(), [family, *more])
    return [type(error) for error in found.errors], sorted(
        plugin.name for plugin in found.plugins.values()
    )


def test_plugins_are_found_by_prefix_in_direct_children(tmp_path: Path) -> None:
    put(tmp_path, "demo/agent_based/a.py", CHECK.format(name="agent_section_a", plugin="a"))
    put(tmp_path, "demo/agent_based/b.py", CHECK.format(name="_agent_section_b", plugin="b"))
    put(tmp_path, "demo/agent_based/deep/c.py", CHECK.format(name="agent_section_c", plugin="c"))
    put(tmp_path, "demo/graphing/d.py", CHECK.format(name="agent_section_d", plugin="d"))
    put(tmp_path, "demo/agent_based/notes.txt", "no Python")
    assert discover(tmp_path / "demo") == ([], ["a"])


def test_locations_name_module_and_variable(tmp_path: Path) -> None:
    put(tmp_path, "demo/agent_based/a.py", CHECK.format(name="agent_section_a", plugin="a"))
    found = discover_all_plugins(
        "agent_based", agent_based.entry_point_prefixes(), [tmp_path / "demo"]
    )
    (location,) = found.plugins
    assert location.module == "cmk_addons.plugins.demo.agent_based.a"
    assert location.name == "agent_section_a"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("agent_section_x = 1", id="number"),
        pytest.param("check_plugin_names = ['x']", id="list"),
        pytest.param("def inventory_plugin_x(): pass", id="function"),
        pytest.param("from os import path as snmp_section_x", id="import"),
        pytest.param(
            "from cmk.agent_based.v2 import AgentSection\n"
            "check_plugin_x = AgentSection(name='x', parse_function=len)",
            id="plug-in of another kind",
        ),
        pytest.param(
            "from cmk.agent_based.v2 import CheckPlugin as check_plugin_class", id="class itself"
        ),
    ],
)
def test_name_with_prefix_holds_its_type_and_the_rest_loads(tmp_path: Path, text: str) -> None:
    put(tmp_path, "demo/agent_based/good.py", CHECK.format(name="agent_section_a", plugin="a"))
    put(tmp_path, "demo/agent_based/wrong.py", text)
    assert discover(tmp_path / "demo") == ([TypeError], ["a"])


def test_prefixes_of_other_groups_are_free(tmp_path: Path) -> None:
    put(tmp_path, "demo/agent_based/a.py", "metric_names = []\ndef graph_x(): pass\n")
    put(tmp_path, "demo/graphing/b.py", "metric_names = []\ncheck_plugin_x = 1\n")
    assert discover(tmp_path / "demo") == ([], [])
    found = discover_all_plugins("graphing", graphing.entry_point_prefixes(), [tmp_path / "demo"])
    assert [type(error) for error in found.errors] == [TypeError]


@pytest.mark.parametrize(
    "text, error",
    [
        pytest.param("import nothing_of_this_name", ModuleNotFoundError, id="import"),
        pytest.param("from cmk.agent_based.v2 import NotThere", ImportError, id="name"),
        pytest.param("x = = 1", SyntaxError, id="syntax"),
        pytest.param("1 / 0", ZeroDivisionError, id="exception"),
    ],
)
def test_module_that_fails_loses_its_plugins_only(
    tmp_path: Path, text: str, error: type[Exception]
) -> None:
    put(tmp_path, "demo/agent_based/a.py", CHECK.format(name="agent_section_a", plugin="a"))
    put(
        tmp_path,
        "demo/agent_based/b.py",
        CHECK.format(name="agent_section_b", plugin="b") + text,
    )
    assert discover(tmp_path / "demo") == ([error], ["a"])
    sys.modules.pop("cmk_addons.plugins.demo.agent_based.b", None)
    with pytest.raises(error):
        discover_all_plugins(
            "agent_based",
            agent_based.entry_point_prefixes(),
            [tmp_path / "demo"],
            raise_errors=True,
        )


def test_repeated_name_is_an_error_and_the_later_wins(tmp_path: Path) -> None:
    put(tmp_path, "one/agent_based/a.py", CHECK.format(name="agent_section_1", plugin="a"))
    put(tmp_path, "two/agent_based/a.py", CHECK.format(name="agent_section_2", plugin="a"))
    found = discover_all_plugins(
        "agent_based", agent_based.entry_point_prefixes(), [tmp_path / "one", tmp_path / "two"]
    )
    assert [type(error) for error in found.errors] == [ValueError]
    assert [location.name for location in found.plugins] == ["agent_section_2"]


def test_imported_plugin_is_a_repeat(tmp_path: Path) -> None:
    put(tmp_path, "demo/agent_based/a.py", CHECK.format(name="agent_section_a", plugin="a"))
    put(
        tmp_path,
        "demo/agent_based/b.py",
        "from cmk_addons.plugins.demo.agent_based.a import agent_section_a",
    )
    assert discover(tmp_path / "demo") == ([ValueError], ["a"])


def test_different_classes_may_share_a_name(tmp_path: Path) -> None:
    put(
        tmp_path,
        "demo/agent_based/a.py",
        CHECK.format(name="agent_section_a", plugin="a")
        + "check_plugin_a = CheckPlugin(name='a', service_name='A', discovery_function=len,"
        " check_function=len)",
    )
    assert discover(tmp_path / "demo") == ([], ["a", "a"])


def test_shared_code_is_imported_from_lib(tmp_path: Path) -> None:
    put(tmp_path, "demo/lib/names.py", "NAME = 'shared'")
    put(
        tmp_path,
        "demo/agent_based/a.py",
        "from cmk.agent_based.v2 import AgentSection\n"
        "from cmk_addons.plugins.demo.lib.names import NAME\n"
        "agent_section_a = AgentSection(name=NAME, parse_function=len)",
    )
    assert discover(tmp_path / "demo") == ([], ["shared"])


def test_mounting_again_keeps_modules_and_another_folder_replaces_them(tmp_path: Path) -> None:
    put(tmp_path, "old/demo/lib/value.py", "VALUE = 1")
    put(tmp_path, "new/demo/lib/other.py", "VALUE = 2")
    mount(tmp_path / "old/demo")
    import cmk_addons.plugins.demo.lib.value as value

    mount(tmp_path / "old/demo")
    assert sys.modules["cmk_addons.plugins.demo.lib.value"] is value
    mount(tmp_path / "new/demo")
    assert "cmk_addons.plugins.demo.lib.value" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        import cmk_addons.plugins.demo.lib.value  # noqa: F401
