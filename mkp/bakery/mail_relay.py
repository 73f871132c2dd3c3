"""Bakery plug-in: packs mk_mail_relay and its settings into agents of the commercial editions.

The rule is "Mail relay (Linux)", rulesets/ruleset_mail_relay_bakery.py of the family.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .bakery_api.v1 import OS, FileGenerator, Plugin, PluginConfig, SystemBinary, register


def get_mail_relay_files(conf: Mapping[str, Any]) -> FileGenerator:
    deployment, interval_s = conf.get("deployment", ("sync", None))
    if deployment == "do_not_deploy":
        return
    # The bakery insists on an int.
    interval = int(interval_s) if deployment == "cached" else None
    yield from _executables(conf.get("architecture", "any"), interval)
    if lines := list(_config_lines(conf)):
        yield PluginConfig(
            base_os=OS.LINUX, lines=lines, target=Path("mail_relay.cfg"), include_header=True
        )


def _executables(architecture: str, interval: int | None) -> FileGenerator:
    """The bakery does not know a host's architecture: one executable for hosts that are all alike,
    or else each of them as a program of the agent, and the launcher that chooses."""
    if architecture != "any":
        yield Plugin(
            base_os=OS.LINUX,
            source=Path(f"mail_relay/mk_mail_relay-{architecture}"),
            target=Path("mk_mail_relay"),
            interval=interval,
        )
        return
    yield Plugin(base_os=OS.LINUX, source=Path("mk_mail_relay"), interval=interval)
    for name in ("mk_mail_relay-x86_64", "mk_mail_relay-aarch64"):
        yield SystemBinary(
            base_os=OS.LINUX, source=Path(f"plugins/mail_relay/{name}"), target=Path(name)
        )


def _config_lines(conf: Mapping[str, Any]) -> Iterator[str]:
    for name, value in conf.get("settings", {}).items():
        yield f"{name} = {_value_in_words(value)}"
    yield from conf.get("further_lines", "").splitlines()


def _value_in_words(value: str | float | tuple[str, Any]) -> str:
    """A choice is its name, or the value that goes with it; 2.0 seconds are written as 2."""
    if isinstance(value, tuple):
        choice, detail = value
        return _value_in_words(detail) if detail else choice
    return value if isinstance(value, str) else f"{value:g}"


register.bakery_plugin(name="mail_relay", files_function=get_mail_relay_files)
