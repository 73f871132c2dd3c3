"""What commands cost, as cost_of measures it, and where the tables go."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build/release/bin"
# What is measured: the executable that is shipped, where ./dev bench has built it.
PLUGIN = Path(os.environ.get("MK_MAIL_RELAY", PROGRAMS / "mk_mail_relay"))


@dataclass(frozen=True)
class Cost:
    wall_s: float
    cpu_s: float
    peak_kb: int


def parse_cost(text: str) -> Cost:
    """From what cost_of prints."""
    wall, cpu, peak = text.split()
    return Cost(float(wall), float(cpu), int(peak))


def median(costs: Sequence[Cost]) -> Cost:
    """The run with the median wall time."""
    return sorted(costs, key=lambda cost: cost.wall_s)[len(costs) // 2]


def in_words(costs: Sequence[Cost]) -> str:
    """What a single run takes, from many."""
    cpu = sorted(cost.cpu_s * 1000 for cost in costs)
    peak = max(cost.peak_kb for cost in costs)
    return (
        f"{cpu[len(cpu) // 2]:.1f} ms CPU (median; {cpu[0]:.1f} to {cpu[-1]:.1f}), "
        f"{peak / 1024:.1f} MB peak."
    )


def write_readme(name: str, table: str) -> None:
    """Replaces what README.md has between the markers of this name."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    readme = ROOT / "README.md"
    text = readme.read_text()
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        sys.exit(f"README.md has no {begin} ... {end}")
    readme.write_text(f"{before}{begin}\n{table}{end}{after}")
