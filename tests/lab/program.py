"""Programs of the lab's own: they run inside a machine like any other daemon."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lab.machine import LabError, Machine


def start_program(machine: Machine, name: str, *arguments: str) -> None:
    """Starts lab/NAME.py and returns once it has said that it is ready."""
    path = f"/usr/local/lab/{name}.py"
    machine.write(path, Path(__file__).with_name(f"{name}.py").read_bytes())
    process = machine.start("/usr/bin/python3", path, *arguments, stdout=subprocess.PIPE)
    with process.stdout:
        if process.stdout.readline() != "ready\n":
            raise LabError(f"{machine.name}: {name} does not start")
