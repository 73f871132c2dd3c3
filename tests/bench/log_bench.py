"""What reading a mail log costs: this plug-in beside grep, wc and pflogsumm.

Makes a log of 1 GB as a busy relay has it and reads it warm, all commands in turn in each run; then
the plug-in's usual run on it. Prints a Markdown table; with --readme it replaces the one in
README.md. The ratios are those of the medians.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from costs import PLUGIN, PROGRAMS, Cost, in_words, median, parse_cost, write_readme

MEGABYTES = 1024
RUNS = 5
USUAL_RUNS = 20
USUAL_LINES = 300
FLOOR = "`grep -c status=`"
PLUG_IN = "this plug-in, whole log"


class Instance:
    """The configuration of a Postfix that logs to one file; nothing of it runs."""

    def __init__(self, directory: Path) -> None:
        self.log = directory / "maillog"
        self._directory = directory
        self._config = directory / "etc"
        self._settings = directory / "mail_relay.cfg"
        # Not by env(1): starting that costs a part of what is measured.
        os.environ["MK_VARDIR"] = f"{directory}/state"
        self._config.mkdir()
        (self._config / "master.cf").write_text("smtp unix - - n - - smtp\n")
        (self._config / "main.cf").write_text(
            f"compatibility_level = 3.6\n"
            f"queue_directory = {directory}/spool\n"
            f"data_directory = {directory}/data\n"
            f"maillog_file = {self.log}\n"
            f"relayhost = [relay.example.org]:587\n"
        )
        for queue in ("maildrop", "incoming", "active", "deferred", "hold", "corrupt"):
            (directory / "spool" / queue).mkdir(parents=True)
        # As much as there is at once: the comparison is with programs that read all of it.
        self._settings.write_text("log_first_megabytes = 100000\nlog_time = 8\n")

    def plug_in(self, *options: str) -> Sequence[str | Path]:
        """mk_mail_relay as the agent starts it, for this instance only."""
        return (
            PLUGIN,
            "--instance", self._config, "--config", self._settings, *options,
        )  # fmt: skip

    def forget(self) -> None:
        """The next look at the log is the first; the configuration stays known."""
        for file in (self._directory / "state/mail_relay").glob("deliveries-*"):
            file.unlink()


def measure(command: Sequence[str | Path]) -> Cost:
    measured = subprocess.run(
        [PROGRAMS / "cost_of", *command], check=True, capture_output=True, text=True
    )
    return parse_cost(measured.stdout)


def commands(instance: Instance) -> dict[str, Sequence[str | Path]]:
    log = instance.log
    return {
        "`wc -l`": ("wc", "-l", log),
        # grep stops at the first line that fits when it sees that nobody reads what it prints.
        FLOOR: ("sh", "-c", f"LC_ALL=C grep -c status= {log} | cat"),
        PLUG_IN: instance.plug_in("--section", "mail_relay_deliveries"),
        "`pflogsumm`": ("pflogsumm", log),
    }


def measure_all(instance: Instance) -> dict[str, Cost]:
    costs: dict[str, list[Cost]] = {}
    for run in range(RUNS):
        for name, command in commands(instance).items():
            if run > 0 and name == "`pflogsumm`":
                continue  # a minute once is enough
            instance.forget()
            costs.setdefault(name, []).append(measure(command))
    return {name: median(runs) for name, runs in costs.items()}


def require_all_read(instance: Instance) -> int:
    """The plug-in counts what grep does."""
    instance.forget()
    output = subprocess.run(
        instance.plug_in("--section", "mail_relay_deliveries"),
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    section = json.loads(output.splitlines()[1])
    counters = section["counters"]
    counted = counters["sent"] + counters["deferred"] + counters["bounced"]
    grep = subprocess.run(
        ["grep", "-c", "status=", instance.log], capture_output=True, text=True, check=True
    )
    assert section["coverage"]["complete"] and counted == int(grep.stdout), (section, grep.stdout)
    return int(section["coverage"]["lines"])


def usual_run(instance: Instance) -> str:
    """All sections of a host that logs as ever: some hundred lines since the last minute."""
    news = instance.log.read_bytes()[-200_000:].splitlines(keepends=True)[-USUAL_LINES:]
    costs = []
    # A configuration younger than a few seconds may still change within its time stamp.
    time.sleep(4)
    measure(instance.plug_in())
    for _ in range(USUAL_RUNS):
        with instance.log.open("ab") as log:
            log.writelines(news)
        costs.append(measure(instance.plug_in()))
    return (
        f"All sections with {USUAL_LINES} new lines in the log, an empty queue, {USUAL_RUNS} runs: "
        f"{in_words(costs)}"
    )


def rows(costs: dict[str, Cost], lines: int) -> Iterator[str]:
    floor = costs[FLOOR]
    for name, cost in costs.items():
        yield (
            f"| {name} | {cost.wall_s:.2f} | {cost.cpu_s:.2f} | {cost.peak_kb / 1024:.1f} "
            f"| {lines / cost.wall_s / 1e6:.2f} | {cost.wall_s / floor.wall_s:.2f} "
            f"| {cost.cpu_s / floor.cpu_s:.2f} |"
        )


def run_bench() -> str:
    with tempfile.TemporaryDirectory(prefix="log_bench_", dir="/var/tmp") as name:
        instance = Instance(Path(name))
        print(f"writing a log of {MEGABYTES} MB", file=sys.stderr)
        subprocess.run(
            [PROGRAMS / "make_log", instance.log, str(MEGABYTES), str(int(time.time()))], check=True
        )
        lines = require_all_read(instance)
        print("measuring", file=sys.stderr)
        table = [
            "| command | wall s | CPU s | peak MB | million lines/s | wall to grep | CPU to grep |",
            "|---|---:|---:|---:|---:|---:|---:|",
            *rows(measure_all(instance), lines),
            "",
            f"A warm log of {MEGABYTES} MB, {lines:,} lines, median of {RUNS} runs.",
            usual_run(instance),
            "",
        ]
        return "\n".join(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="changes nothing here")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    arguments = parser.parse_args()
    # Other work on the machine must not decide the ratios.
    os.nice(-15)
    table = run_bench()
    print(table)
    if arguments.readme:
        write_readme("log-bench", table)


if __name__ == "__main__":
    main()
