"""What one run of the special agent costs: with many other mails in the mailbox, with many loops,
and beside other programs that send a mail and look for it.

A real Postfix and a real Dovecot in a throw-away machine, the programs in another one; all submit
to port 25 with a login and without TLS, and read by IMAPS. Prints a Markdown table; with --readme
it replaces the one in README.md. Must run as root.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from costs import PROGRAMS, ROOT, Cost, median, parse_cost, write_readme
from lab.certificates import CertificateAuthority
from lab.checkmk_site import ROOT as SITE_ROOT
from lab.checkmk_site import CheckmkSite, executable
from lab.loops import PASSWORDS, Rule, login, loop
from lab.machine import Machine
from lab.mailbox_server import HOST, IMAP_HOST, IPV4, PASSWORD, MailboxServer, address
from lab.network import Network, Records

PORTABLE = ROOT / "build/portable/bin/agent_mail_roundtrip"
SIZES = (10, 10_000, 100_000)
LOOPS = 20
RUNS = 11
WEIGHINGS = 3
MOST_S = 10.0  # a command that takes longer is run once
LOOKS = 21
CA_FILE = f"{SITE_ROOT}/var/ssl/ca-certificates.crt"
COST_OF = "/usr/local/bin/cost_of"
MEMORY_OF = "/usr/local/bin/memory_of"
DOWNLOAD = "/usr/local/bin/download_mailbox.py"
SECRET_FILE = f"{SITE_ROOT}/mailbox.secret"
INTERVAL_S = 300
AGENT = "`agent_mail_roundtrip`"

# Dovecot as its manual sets it up for many logins, with a mailbox format whose cost does not grow
# with the mailbox as Maildir's does, and without the lab's quota.
_LARGE_SITE = """
mail_location = mdbox:/srv/mdbox/%n
mail_plugins =
protocol imap {
    mail_plugins =
}
service imap-login {
    service_count = 0
    process_min_avail = 2
}
service imap {
    service_count = 1000
    process_min_avail = 20
}
service lmtp {
    service_count = 1000
    process_min_avail = 20
}
"""
_MAIL = (
    "Return-Path: <somebody@example.org>\n"
    "Received: from mail.example.org by mx.provider.test; Tue, 1 Sep 2026 10:00:00 +0000\n"
    "From: Somebody <somebody@example.org>\nTo: box@provider.test\nSubject: About something else\n"
    "Date: Tue, 1 Sep 2026 10:00:00 +0000\nMessage-ID: <1@example.org>\n\n"
    + "All work and no play makes Jack a dull boy.\n" * 40
)


@dataclass(frozen=True)
class Memory:
    """The most that all processes of a command had together at one time."""

    all_kb: int
    own_kb: int  # no part of a file


@dataclass
class Bench:
    server: MailboxServer
    site: CheckmkSite
    weighed: list[Memory] | None = None  # while weighing

    def cost(self, *command: str) -> Cost:
        """Of a command on the site's machine, which has to succeed. While weighing, which takes
        time, the cost is none."""
        tool = COST_OF if self.weighed is None else MEMORY_OF
        told = self.site.machine.run(tool, *command, timeout_s=900.0).stdout
        if self.weighed is None:
            return parse_cost(told)
        self.weighed.append(Memory(*map(int, told.split())))
        return Cost(0.0, 0.0, 0)

    def weigh(self, command: Callable[[], Cost], runs: int = WEIGHINGS) -> Memory:
        """The most in some runs."""
        self.weighed = found = []
        try:
            for _ in range(runs):
                command()
        finally:
            self.weighed = None
        return Memory(max(m.all_kb for m in found), max(m.own_kb for m in found))


def fill(server: MailboxServer, user: str, mails: int) -> None:
    """Puts that many mails into a mailbox: Dovecot takes them over from a Maildir."""
    server.put(user, {"0.bench:2,S": _MAIL})
    folder = server.machine.path(f"{server.folder(user)}/cur")
    for number in range(1, mails):
        os.link(folder / "0.bench:2,S", folder / f"{number}.bench:2,S")
    maildir = f"maildir:{server.folder(user)}"
    server.machine.run(
        "doveadm", "import", "-u", address(user), maildir, "", "ALL", timeout_s=900.0
    )
    server.machine.shell(f"rm -r {server.folder(user)}")


@contextmanager
def set_scene() -> Iterator[Bench]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mail-bench-")))
        authority = CertificateAuthority(folder)
        network = stack.enter_context(Network())
        network.serve_names(Records(addresses={HOST: [IPV4], IMAP_HOST: [IPV4]}))
        server = stack.enter_context(MailboxServer(network, authority))
        machine = stack.enter_context(Machine("monitor.example.org"))
        network.plug(machine, "192.0.2.10")
        for tool in (COST_OF, MEMORY_OF):
            shutil.copy(PROGRAMS / Path(tool).name, machine.path(tool))
        shutil.copy(Path(__file__).with_name("download_mailbox.py"), machine.path(DOWNLOAD))
        site = CheckmkSite(machine, authority.certificate)
        site.store_passwords(PASSWORDS)
        site.own(SECRET_FILE, f"{PASSWORD}\n")
        yield Bench(server, site)


def use_large_site(server: MailboxServer) -> None:
    configuration = server.machine.read("/etc/dovecot/dovecot.conf")
    server.machine.write("/etc/dovecot/dovecot.conf", configuration + _LARGE_SITE)
    server.machine.shell("install -d -o vmail -g vmail /srv/mdbox && doveadm reload")


def rule_of(name: str) -> Rule:
    """A loop of a user of the same name, from port 25 of the server into its mailbox."""
    port_25 = {"server": HOST, "tls": "none", "auth": login(name)}
    rule = loop(name, user=name, submission=port_25, timing={"interval": float(INTERVAL_S)})
    rule["sender"] = address("sender")
    return rule


def agent_cost(
    bench: Bench, names: Sequence[str], *, due: bool = True, from_store: bool = False
) -> Cost:
    """One run that sends a probe in each loop and sees it arrive; if not `due`, one that looks.

    Checkmk's store takes 16 MB and some time to open, as its key derivation is meant to: for the
    comparison with others the password is in a file.
    """
    site = bench.site
    if due:
        for name in names:
            site.let_pass(INTERVAL_S, name)
    line = site.command_line([rule_of(name) for name in names])
    if not from_store:
        line = re.sub(r"--secret (\S+) \S+", rf"--secret-file \1 {SECRET_FILE}", line)
    before = {name: completed(bench, name) for name in names}
    cost = bench.cost(
        "setpriv", "--reuid=mysite", "--regid=997", "--clear-groups",
        "env", f"OMD_ROOT={SITE_ROOT}", "sh", "-c", f"exec {line}",
    )  # fmt: skip
    for name in names if due else ():
        assert completed(bench, name) == before[name] + 1, f"loop {name}: no probe came back"
    return cost


def completed(bench: Bench, name: str) -> int:
    text = bench.site.machine.read(bench.site.state_file(name))
    return int(text.partition('"completed":')[2].partition(",")[0])


def check_email_delivery(bench: Bench, user: str) -> Cost:
    """Its wait between sending and looking is as short as it lets it be: looks every second."""
    return bench.cost(
        "env", f"SSL_CERT_FILE={CA_FILE}", "/usr/lib/nagios/plugins/check_email_delivery",
        "--smtp-server", HOST, "--mailfrom", address("sender"), "--mailto", address(user),
        "--imap-server", IMAP_HOST, "--username", address(user), "--password", PASSWORD,
        "--imapssl", "--wait", "0.1", "--imap-check-interval", "1",
    )  # fmt: skip


def download(bench: Bench, user: str) -> Cost:
    return bench.cost(
        "env", f"PASSWORD={PASSWORD}", "/usr/bin/python3", DOWNLOAD,
        HOST, address("sender"), address(user), IMAP_HOST, CA_FILE,
    )  # fmt: skip


def measure_lateness(bench: Bench) -> list[float]:
    """How much later than it came a probe was seen: seconds, in order."""
    late = []
    rule = rule_of("late")
    rule["mailbox"]["delete_probes"] = False
    for number in range(LOOKS):
        if number:
            bench.site.let_pass(INTERVAL_S, "late")
        arrived = bench.site.run([rule]).of("late")["last_arrival"]
        # Dovecot names a mail in a Maildir after the time of its arrival, to the microsecond.
        newest = max(bench.server.names("late"))
        seconds, microseconds = newest.split("P")[0].split(".M")
        sent_ms = max(
            int(mail["X-Mail-Relay-Probe"].split("-")[2]) for mail in bench.server.mails("late")
        )
        truth_s = int(seconds) + int(microseconds) / 1e6 - sent_ms / 1000
        late.append(arrived["latency_s"] - truth_s)
    return sorted(late)


@dataclass(frozen=True)
class Measured:
    cost: Cost
    memory: Memory


def measure_sizes(bench: Bench) -> Mapping[tuple[int, str], Measured]:
    costs: dict[tuple[int, str], list[Cost]] = {}
    for size in SIZES:
        print(f"making a mailbox of {size:,} mails", file=sys.stderr)
        fill(bench.server, f"box{size}", size)
        # The first contact of a loop searches the mailbox; what counts is every later run.
        bench.site.run([rule_of(f"box{size}")])
    print("measuring", file=sys.stderr)
    commands = {
        (size, name): command
        for size in SIZES
        for name, command in commands_for(bench, f"box{size}").items()
    }
    for _ in range(RUNS):
        for key, command in commands.items():
            known = costs.setdefault(key, [])
            if not known or known[0].wall_s < MOST_S:
                known.append(command())
    return {
        key: Measured(median(runs), bench.weigh(commands[key], min(len(runs), WEIGHINGS)))
        for key, runs in costs.items()
    }


def commands_for(bench: Bench, user: str) -> Mapping[str, Callable[[], Cost]]:
    """What is compared, by its name in the table."""
    store = partial(agent_cost, bench, [user], from_store=True)
    return {
        AGENT: partial(agent_cost, bench, [user]),
        "the same, no probe due": partial(agent_cost, bench, [user], due=False),
        "the same, Checkmk's password store": store,
        "`check_email_delivery`": partial(check_email_delivery, bench, user),
        "Python, downloading": partial(download, bench, user),
    }


def servers_cpu_s(server: MailboxServer) -> float:
    """What all processes of the machine have used until now, those that have ended included."""
    used = 0
    for line in server.machine.shell("cat /proc/[0-9]*/stat 2>/dev/null || true").splitlines():
        # Behind the name, which may hold anything: own user and system time, that of dead children.
        used += sum(int(ticks) for ticks in line.rpartition(")")[2].split()[11:15])
    return used / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Loops:
    """Costs of one loop and of many at once, and what many cost the servers."""

    one: Cost
    many: Cost
    memory: Memory
    servers_cpu_s: float

    def told(self) -> str:
        return (
            f"{LOOPS} loops at once take {self.many.wall_s:.2f} s, one takes "
            f"{self.one.wall_s:.2f} s: {self.many.wall_s / self.one.wall_s:.2f} times"
        )


def measure_loops(bench: Bench) -> tuple[Loops, Loops]:
    """With servers that answer at once, on the same cores, and with an SMTP server that thinks
    about each recipient for a second, as those do that ask others or scan."""
    names = [f"loop{number}" for number in range(LOOPS)]
    for name in names:
        fill(bench.server, name, 10)
    bench.site.run([rule_of(name) for name in names])
    print(f"measuring {LOOPS} loops", file=sys.stderr)
    quick = alternate(bench, names)
    bench.server.postfix.configure({"smtpd_recipient_restrictions": "sleep 1, permit"})
    bench.server.postfix.reload()
    return quick, alternate(bench, names)


def alternate(bench: Bench, names: Sequence[str]) -> Loops:
    one: list[Cost] = []
    many: list[Cost] = []
    used_s: list[float] = []
    for _ in range(RUNS):
        one.append(agent_cost(bench, names[:1]))
        before_s = servers_cpu_s(bench.server)
        many.append(agent_cost(bench, names))
        used_s.append(servers_cpu_s(bench.server) - before_s)
    memory = bench.weigh(partial(agent_cost, bench, names))
    return Loops(median(one), median(many), memory, statistics.median(used_s))


def table(
    sizes: Mapping[tuple[int, str], Measured], loops: Sequence[Loops], late: Sequence[float]
) -> str:
    lines = [
        "| other mails | program | wall s | CPU s | peak MB | of it own MB |",
        "|---:|---|---:|---:|---:|---:|",
    ]
    for (size, name), measured in sizes.items():
        cost, memory = measured.cost, measured.memory
        lines.append(
            f"| {size:,} | {name} | {cost.wall_s:.3f} | {cost.cpu_s:.3f} "
            f"| {memory.all_kb / 1024:.1f} | {memory.own_kb / 1024:.1f} |"
        )
    other = sizes[SIZES[0], "`check_email_delivery`"]
    small = sizes[SIZES[0], AGENT]
    flat = sizes[SIZES[-1], AGENT].cost.wall_s / small.cost.wall_s
    quick, slow = loops
    load = os.getloadavg()[1]
    busy = "" if load <= (os.cpu_count() or 1) else ": a busy machine, on which all takes longer"
    lines += [
        "",
        f"- {SIZES[-1]:,} other mails take {flat:.2f} times the wall time of {SIZES[0]}.",
        f"- {quick.told()}. For {LOOPS} loops the servers, which answer at once and from the same "
        f"{os.cpu_count()} cores, need {quick.servers_cpu_s:.2f} s CPU, the agent "
        f"{quick.many.cpu_s:.2f} s; it takes {quick.memory.all_kb / 1024:.1f} MB, "
        f"{quick.memory.own_kb / 1024:.1f} MB of them its own. With an SMTP server that takes a "
        f"second for a recipient, {slow.told()}.",
        f"- Beside `check_email_delivery` it takes 1/{other.cost.cpu_s / small.cost.cpu_s:.1f} of "
        f"the CPU time, 1/{other.memory.own_kb / small.memory.own_kb:.1f} of the own memory and "
        f"1/{other.memory.all_kb / small.memory.all_kb:.1f} of all memory (with {SIZES[0]} other "
        "mails, the password in a file).",
        "- Memory is that of all processes alive at one time together, a page that several share "
        "counted in parts (proportional set size). Own is what is no part of a file, and which "
        "only swapping could take back.",
        f"- A probe is seen {late[len(late) // 2] * 1000:.0f} ms after Dovecot took it in (median "
        f"of {LOOKS}; {late[0] * 1000:.0f} to {late[-1] * 1000:.0f} ms).",
        f"- Medians of {RUNS} runs of the {executable().parts[-3]} build on {os.cpu_count()} cores "
        f"with a load average of {load:.0f}{busy}.",
    ]
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="nothing more to measure here")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    arguments = parser.parse_args()
    # What is shipped, where it was built.
    if PORTABLE.exists():
        os.environ.setdefault("AGENT_MAIL_ROUNDTRIP", str(PORTABLE))
    # Other work on the machine must not decide the ratios.
    os.nice(-15)
    with set_scene() as bench:
        print("measuring latency", file=sys.stderr)
        late = measure_lateness(bench)
        use_large_site(bench.server)
        sizes = measure_sizes(bench)
        loops = measure_loops(bench)
    text = table(sizes, loops, late)
    print(text)
    if arguments.readme:
        write_readme("roundtrip-bench", text)


if __name__ == "__main__":
    main()
