"""Bakery plug-in: packs mk_mail_relay and its settings into agents of the commercial editions.

The rule is "Mail relay (Linux)", rulesets/ruleset_mail_relay_bakery.py of the family.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .bakery_api.v1 import OS, FileGenerator, Plugin, PluginConfig, register


def get_mail_relay_files(conf: Mapping[str, Any]) -> FileGenerator:
    deployment, interval_s = conf.get("deployment", ("sync", None))
    if deployment == "do_not_deploy":
        return
    yield Plugin(
        base_os=OS.LINUX,
        source=Path("mk_mail_relay"),
        # The bakery insists on an int.
        interval=int(interval_s) if deployment == "cached" else None,
    )
    if lines := list(_config_lines(conf)):
        yield PluginConfig(
            base_os=OS.LINUX, lines=lines, target=Path("mail_relay.cfg"), include_header=True
        )


def _config_lines(conf: Mapping[str, Any]) -> Iterator[str]:
    for name, value in conf.get("settings", {}).items():
        yield f"{name} = {_value_in_words(value)}"
    yield from conf.get("further_lines", "").splitlines()


def _value_in_words(value: str | float | tuple[str, Any]) -> str:
    """A choice is its name, or the text that goes with it; 2.0 seconds are written as 2."""
    if isinstance(value, tuple):
        choice, text = value
        return str(text or choice)
    return value if isinstance(value, str) else f"{value:g}"


register.bakery_plugin(name="mail_relay", files_function=get_mail_relay_files)
