"""What looking at a large queue costs: this plug-in beside Postfix's and the system's own tools.

Makes queues of copies of one real deferred message in throw-away Postfix instances, checks that
Postfix accepts them, and prints a Markdown table; with --readme it replaces the one in README.md.
Must run as root. Cold: the kernel's caches were dropped before the command.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from costs import PLUGIN, PROGRAMS, ROOT, Cost, in_words, median, parse_cost, write_readme

FIXTURES = ROOT / "tests/agent_plugin/fixtures"
SIZES = (10_000, 100_000)
FULL_SIZES = (*SIZES, 1_000_000)
WARM_RUNS = 5
IDLE_RUNS = 30
MOST_WARM_S = 20.0  # a command that takes longer is run once

# Only what answers postqueue: without the queue manager nothing is delivered meanwhile.
MASTER_CF = """\
showq     unix  n       -       n       -       -       showq
postlog   unix-dgram n  -       n       -       1       postlogd
"""


@dataclass(frozen=True)
class Instance:
    directory: Path

    @property
    def config(self) -> Path:
        return self.directory / "etc"

    @property
    def spool(self) -> Path:
        return self.directory / "spool"

    @property
    def state(self) -> Path:
        return self.directory / "state"

    def master_pid(self) -> int:
        return int((self.spool / "pid/master.pid").read_text())


def run_quietly(*command: str | Path) -> None:
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def postfix_instance(messages: int) -> Iterator[Instance]:
    with tempfile.TemporaryDirectory(prefix="queue_bench_", dir="/var/tmp") as name:
        instance = Instance(Path(name))
        instance.directory.chmod(0o755)
        instance.config.mkdir()
        instance.spool.mkdir()
        (instance.directory / "data").mkdir()
        shutil.chown(instance.directory / "data", "postfix")
        (instance.config / "master.cf").write_text(MASTER_CF)
        (instance.config / "dynamicmaps.cf").touch()
        (instance.config / "main.cf").write_text(
            f"compatibility_level = 3.6\n"
            f"queue_directory = {instance.spool}\n"
            f"data_directory = {instance.directory}/data\n"
            f"maillog_file = {instance.directory}/maillog\n"
            f"maillog_file_prefixes = {instance.directory}\n"
            f"myhostname = client.example.org\n"
            f"mydestination =\n"
            f"inet_interfaces = loopback-only\n"
            f"relayhost = [relay.example.org]:587\n"
        )
        # The first start makes the queue's directories; Postfix then finds the messages there.
        run_quietly("postfix", "-c", instance.config, "start")
        run_quietly("postfix", "-c", instance.config, "stop")
        run_quietly(
            PROGRAMS / "make_queue",
            instance.spool,
            FIXTURES / "queue_file_one_recipient",
            FIXTURES / "defer_log_one_recipient",
            str(messages),
        )
        run_quietly("postfix", "-c", instance.config, "start")
        try:
            yield instance
        finally:
            run_quietly("postfix", "-c", instance.config, "stop")


def require_accepted(instance: Instance, messages: int) -> None:
    """Postfix lists the generated messages like its own."""
    listed = 0
    with subprocess.Popen(
        ["postqueue", "-c", instance.config, "-j"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as postqueue:
        assert postqueue.stdout is not None
        for line in postqueue.stdout:
            message = json.loads(line)
            assert message["queue_name"] == "deferred", message
            assert message["recipients"][0]["delay_reason"], message
            listed += 1
    assert listed == messages, f"postqueue lists {listed} of {messages} messages"
    shape = subprocess.run(
        ["qshape", "-c", instance.config, "deferred"], capture_output=True, text=True, check=True
    )
    assert f"TOTAL {messages}" in " ".join(shape.stdout.split()), shape.stdout


def cpu_of_children(pid: int) -> float:
    """CPU seconds of a process's children that are still there: showq serves one client after the
    other."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(command: Sequence[str | Path], instance: Instance) -> Cost:
    master = instance.master_pid()
    daemons_before = cpu_of_children(master)
    measured = subprocess.run(
        [PROGRAMS / "cost_of", *command], check=True, capture_output=True, text=True
    )
    cost = parse_cost(measured.stdout)
    daemons = max(0.0, cpu_of_children(master) - daemons_before)
    return replace(cost, cpu_s=cost.cpu_s + daemons)


def drop_caches() -> None:
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3\n")


def plug_in(instance: Instance) -> Sequence[str | Path]:
    """mk_mail_relay as the agent starts it, for this instance only."""
    # Not by env(1): starting that costs a part of what is measured.
    os.environ["MK_VARDIR"] = str(instance.state)
    return (PLUGIN, "--instance", instance.config)


def forget_queue(instance: Instance) -> None:
    """The next look at the queue is the first; the configuration stays known."""
    for file in (instance.state / "mail_relay").glob("*"):
        if not file.name.startswith("configuration"):
            file.unlink()


def commands(instance: Instance) -> dict[str, Sequence[str | Path]]:
    deferred = instance.spool / "deferred"
    look = (*plug_in(instance), "--section", "mail_relay_queue")
    return {
        "names only": (PROGRAMS / "walk_queue", "names", instance.spool),
        "names and status": (PROGRAMS / "walk_queue", "status", instance.spool),
        "this plug-in, first look": look,
        "this plug-in, later look": look,
        "`postqueue -j`": ("postqueue", "-c", instance.config, "-j"),
        "`qshape deferred`": ("qshape", "-c", instance.config, "deferred"),
        "`find \\| wc`, `du -s`": (
            "sh", "-c", f"find {deferred} -type f | wc -l; du -s {deferred}",
        ),
    }  # fmt: skip


def measure_all(instance: Instance, cold: bool) -> dict[str, Cost]:
    costs: dict[str, list[Cost]] = {}
    for run in range(1 if cold else WARM_RUNS):
        for name, command in commands(instance).items():
            if run > 0 and costs[name][0].wall_s > MOST_WARM_S:
                continue
            if name.endswith("first look"):
                forget_queue(instance)
            if cold:
                drop_caches()
            costs.setdefault(name, []).append(measure(command, instance))
    return {name: median(runs) for name, runs in costs.items()}


def coverage(instance: Instance) -> str:
    output = subprocess.run(
        [*plug_in(instance), "--section", "mail_relay_queue"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    messages = json.loads(output.stdout.splitlines()[1])["coverage"]["messages"]
    return f"{messages['examined']:,} of {messages['total']:,}"


def rows(messages: int, temperature: str, costs: dict[str, Cost]) -> Iterator[str]:
    postqueue = costs["`postqueue -j`"].wall_s
    walk = costs["names and status"].wall_s
    for name, cost in costs.items():
        yield (
            f"| {messages:,} | {temperature} | {name} | {cost.wall_s:.3f} | {cost.cpu_s:.3f} "
            f"| {cost.peak_kb / 1024:.1f} | {cost.wall_s / postqueue:.2f} "
            f"| {cost.wall_s / walk:.2f} |"
        )


def run_bench(sizes: Sequence[int]) -> str:
    lines = [
        "| messages | cache | command | wall s | CPU s | peak MB | to `postqueue -j` "
        "| to names and status |",
        "|---:|---|---|---:|---:|---:|---:|---:|",
    ]
    notes = []
    for messages in sizes:
        print(f"making a queue of {messages:,} messages", file=sys.stderr)
        with postfix_instance(messages) as instance:
            require_accepted(instance, messages)
            print("measuring warm", file=sys.stderr)
            lines += rows(messages, "warm", measure_all(instance, cold=False))
            print("measuring cold", file=sys.stderr)
            lines += rows(messages, "cold", measure_all(instance, cold=True))
            looks = [coverage(instance) for _ in range(4)]
            notes.append(f"{messages:,} messages, examined in the next looks: {'; '.join(looks)}.")
    return "\n".join([*lines, "", *notes, idle_host(), ""])


def idle_host() -> str:
    """The plug-in's usual run: nothing has changed, nothing waits."""
    with postfix_instance(0) as instance:
        command = plug_in(instance)
        # A configuration younger than a few seconds may still change within its time stamp.
        time.sleep(4)
        measure(command, instance)
        costs = [measure(command, instance) for _ in range(IDLE_RUNS)]
    return (
        f"All sections of an unchanged host with an empty queue, {IDLE_RUNS} runs: "
        f"{in_words(costs)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="also a million messages (30 min)")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    arguments = parser.parse_args()
    # Instances are stopped and removed however this ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    # Other work on the machine must not decide the ratios.
    os.nice(-15)
    table = run_bench(FULL_SIZES if arguments.full else SIZES)
    print(table)
    if arguments.readme:
        write_readme("bench", table)


if __name__ == "__main__":
    main()
