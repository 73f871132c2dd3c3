"""Scripted servers on a machine: what real providers say and no server of ours does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from lab.machine import Machine
from lab.program import start_program


def start_scripted_servers(machine: Machine, scripts: Sequence[Mapping[str, object]]) -> None:
    """Starts one server for each script (see scripted_server) and waits until all listen."""
    start_program(machine, "scripted_server", json.dumps(scripts))
