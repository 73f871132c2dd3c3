"""How long the executables take to start, and how large they are: ./dev bench."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from costs import PLUGIN, PROGRAMS, Cost, parse_cost, write_readme

RUNS = 51
EXECUTABLES = (
    PLUGIN,
    Path(os.environ.get("AGENT_MAIL_ROUNDTRIP", PROGRAMS / "agent_mail_roundtrip")),
)


def start(program: Path) -> Cost:
    done = subprocess.run(
        [PROGRAMS / "cost_of", program, "--version"], check=True, capture_output=True, text=True
    )
    return parse_cost(done.stdout.splitlines()[-1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    arguments, _ = parser.parse_known_args()
    table = "| executable | MiB | ms to `--version` | peak MB |\n|---|---:|---:|---:|\n"
    for program in EXECUTABLES:
        # The quickest: whatever else the machine does, only adds to it.
        cost = min((start(program) for _ in range(RUNS)), key=lambda cost: cost.wall_s)
        table += (
            f"| `{program.name}` | {program.stat().st_size / 2**20:.2f}"
            f" | {1000 * cost.wall_s:.2f} | {cost.peak_kb / 1000:.1f} |\n"
        )
    print(table)
    if arguments.readme:
        write_readme("start-bench", f"{table}\nThe quickest of {RUNS} starts.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
