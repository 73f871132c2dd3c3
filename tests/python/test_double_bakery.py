"""Bakery plug-ins of the commercial editions, API version 1."""

from pathlib import Path
from typing import Any

import pytest
from engine.bakery import load_bakery_plugin

v1 = pytest.importorskip("cmk.base.cee.plugins.bakery.bakery_api.v1")

LINUX = v1.OS.LINUX
SOURCE = Path("mk_mail_relay")


def test_artifacts() -> None:
    plugin = v1.Plugin(base_os=LINUX, source=SOURCE, interval=300)
    assert (plugin.target, plugin.interval) == (None, 300)
    assert plugin == v1.Plugin(base_os=LINUX, source=SOURCE, interval=300)
    config = v1.PluginConfig(base_os=LINUX, lines=["a = 1"], target=Path("mail_relay.cfg"))
    assert config.include_header is False
    v1.SystemBinary(base_os=LINUX, source=SOURCE, target=Path("x"))
    v1.SystemConfig(base_os=LINUX, lines=[], target=Path("x"), include_header=True)
    v1.Scriptlet(step=v1.DebStep.POSTINST, lines=["true"])


@pytest.mark.parametrize(
    "kind, arguments",
    [
        pytest.param(v1.Plugin, {"base_os": "linux", "source": SOURCE}, id="system is a text"),
        pytest.param(v1.Plugin, {"base_os": LINUX, "source": "x"}, id="source is a text"),
        pytest.param(v1.Plugin, {"base_os": LINUX, "source": SOURCE, "target": "x"}, id="target"),
        pytest.param(
            v1.Plugin,
            {"base_os": LINUX, "source": SOURCE, "interval": 300.0},
            id="TimeSpan's value",
        ),
        pytest.param(v1.Plugin, {"base_os": LINUX, "source": SOURCE, "timeout": 1.5}, id="timeout"),
        pytest.param(v1.SystemBinary, {"base_os": LINUX, "source": "x"}, id="binary"),
        pytest.param(
            v1.PluginConfig,
            {"base_os": LINUX, "lines": ("a",), "target": SOURCE},
            id="lines are a tuple",
        ),
        pytest.param(
            v1.PluginConfig, {"base_os": LINUX, "lines": [1], "target": SOURCE}, id="line"
        ),
        pytest.param(v1.PluginConfig, {"base_os": LINUX, "lines": []}, id="config without target"),
        pytest.param(v1.Scriptlet, {"step": "postinst", "lines": []}, id="step is a text"),
        pytest.param(v1.Scriptlet, {"step": v1.RpmStep.POST, "lines": "x"}, id="lines are a text"),
    ],
)
def test_artifact_refused(kind: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        kind(**arguments)


def files(conf):
    yield v1.Plugin(base_os=LINUX, source=SOURCE)


def files_of_host(host):
    yield host


def no_generator(conf):
    return iter(())


@pytest.mark.parametrize(
    "arguments, error",
    [
        pytest.param({"name": ""}, ValueError, id="empty name"),
        pytest.param({"name": "a-b"}, ValueError, id="hyphen"),
        pytest.param({"name": 1}, TypeError, id="name is a number"),
        pytest.param({"name": "a", "files_function": no_generator}, TypeError, id="no generator"),
        pytest.param({"name": "a", "files_function": files_of_host}, ValueError, id="argument"),
        pytest.param(
            {"name": "a", "scriptlets_function": files_of_host}, ValueError, id="scriptlets"
        ),
        pytest.param(
            {"name": "a", "windows_config_function": no_generator}, TypeError, id="Windows"
        ),
    ],
)
def test_plugin_refused(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        v1.register.bakery_plugin(**arguments)


def test_module_registers_its_plugins_when_loaded(tmp_path: Path) -> None:
    module = tmp_path / "demo.py"
    module.write_text(
        """
from pathlib import Path
from .bakery_api.v1 import OS, Plugin, register
def files(conf):
    yield Plugin(base_os=OS.LINUX, source=Path("mk_demo"), interval=conf["interval"])
def wrong():
    yield "mk_demo"
register.bakery_plugin(name="demo", files_function=files)
register.bakery_plugin(name="wrong", files_function=wrong)
"""
    )
    plugins = load_bakery_plugin(module)
    assert set(plugins) == {"demo", "wrong"}
    assert list(plugins["demo"].files_function(conf={"interval": 60})) == [
        v1.Plugin(base_os=LINUX, source=Path("mk_demo"), interval=60)
    ]
    with pytest.raises(TypeError):
        list(plugins["wrong"].files_function())
    assert "demo" not in v1.register.registered_bakery_plugins
