"""The family under test, and section texts for it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import Site

_ROOT = Path(__file__).resolve().parents[2]
FAMILY = _ROOT / "mkp" / "mail_relay"
CHECKMAN = _ROOT / "checkman"
AGENT_PLUGIN = _ROOT / "agent_plugin"
COMMON = _ROOT / "common"
README = _ROOT / "README.md"
GOLDEN = _ROOT / "tests" / "golden"


def new_site() -> Site:
    """A site with nothing but this family, where a crash of a plug-in fails the test."""
    return Site([FAMILY], debug=True)


def golden_output(name: str) -> str:
    return (GOLDEN / f"{name}.txt").read_text()


def golden_table(name: str, section: str) -> list[list[str]]:
    """The lines of one section of a golden output, as a parse function gets them."""
    table: list[list[str]] = []
    current = None
    for line in golden_output(name).splitlines():
        if line.startswith("<<<"):
            current = line.removeprefix("<<<").partition(":")[0]
        elif current == section:
            table.append([line])
    return table


def golden_object(name: str, section: str, row: int = 0) -> dict[str, Any]:
    return json.loads(golden_table(name, section)[row][0])


def table_of(*objects: Mapping[str, Any] | str) -> list[list[str]]:
    """String table of objects, or of lines where they are given as text."""
    return [[line if isinstance(line, str) else json.dumps(line)] for line in objects]
