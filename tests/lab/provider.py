"""Scripted servers on a machine: what real providers say and no server of ours does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.machine import LabError, Machine

_PROGRAM = "/usr/local/lab/scripted_server.py"


def start_scripted_servers(machine: Machine, scripts: Sequence[Mapping[str, object]]) -> None:
    """Starts one server for each script (see scripted_server) and waits until all listen."""
    machine.write(_PROGRAM, Path(__file__).with_name("scripted_server.py").read_bytes())
    process = machine.start(
        "/usr/bin/python3", _PROGRAM, json.dumps(scripts), stdout=subprocess.PIPE
    )
    with process.stdout:
        if process.stdout.readline() != "ready\n":
            raise LabError(f"{machine.name}: the scripted servers do not start")
