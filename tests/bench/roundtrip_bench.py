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
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
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
MOST_S = 10.0  # a command that takes longer is run once
LOOKS = 21
CA_FILE = f"{SITE_ROOT}/var/ssl/ca-certificates.crt"
COST_OF = "/usr/local/bin/cost_of"
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
"""
_MAIL = (
    "Return-Path: <somebody@example.org>\n"
    "Received: from mail.example.org by mx.provider.test; Tue, 1 Sep 2026 10:00:00 +0000\n"
    "From: Somebody <somebody@example.org>\nTo: box@provider.test\nSubject: About something else\n"
    "Date: Tue, 1 Sep 2026 10:00:00 +0000\nMessage-ID: <1@example.org>\n\n"
    + "All work and no play makes Jack a dull boy.\n" * 40
)


@dataclass(frozen=True)
class Bench:
    server: MailboxServer
    site: CheckmkSite

    def cost(self, *command: str) -> Cost:
        """Of a command on the site's machine, which has to succeed."""
        return parse_cost(self.site.machine.run(COST_OF, *command, timeout_s=900.0).stdout)


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
        shutil.copy(PROGRAMS / "cost_of", machine.path(COST_OF))
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


def measure_sizes(bench: Bench) -> Mapping[tuple[int, str], Cost]:
    costs: dict[tuple[int, str], list[Cost]] = {}
    for size in SIZES:
        print(f"making a mailbox of {size:,} mails", file=sys.stderr)
        fill(bench.server, f"box{size}", size)
        # The first contact of a loop searches the mailbox; what counts is every later run.
        bench.site.run([rule_of(f"box{size}")])
    print("measuring", file=sys.stderr)
    for _ in range(RUNS):
        for size in SIZES:
            user = f"box{size}"
            commands = {
                AGENT: lambda: agent_cost(bench, [user]),
                "the same, no probe due": lambda: agent_cost(bench, [user], due=False),
                "the same, Checkmk's password store": lambda: agent_cost(
                    bench, [user], from_store=True
                ),
                "`check_email_delivery`": lambda: check_email_delivery(bench, user),
                "Python, downloading": lambda: download(bench, user),
            }
            for name, command in commands.items():
                known = costs.setdefault((size, name), [])
                if not known or known[0].wall_s < MOST_S:
                    known.append(command())
    return {key: median(runs) for key, runs in costs.items()}


@dataclass(frozen=True)
class Loops:
    """Costs of one loop and of many at once."""

    one: Cost
    many: Cost

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
    for _ in range(RUNS):
        one.append(agent_cost(bench, names[:1]))
        many.append(agent_cost(bench, names))
    return Loops(median(one), median(many))


def table(
    sizes: Mapping[tuple[int, str], Cost], loops: Sequence[Loops], late: Sequence[float]
) -> str:
    lines = [
        "| other mails | program | wall s | CPU s | peak MB |",
        "|---:|---|---:|---:|---:|",
    ]
    for (size, name), cost in sizes.items():
        lines.append(
            f"| {size:,} | {name} | {cost.wall_s:.3f} | {cost.cpu_s:.3f} "
            f"| {cost.peak_kb / 1024:.1f} |"
        )
    other = sizes[SIZES[0], "`check_email_delivery`"]
    small = sizes[SIZES[0], AGENT]
    flat = sizes[SIZES[-1], AGENT].wall_s / small.wall_s
    quick, slow = loops
    lines += [
        "",
        f"- {SIZES[-1]:,} other mails take {flat:.2f} times the wall time of {SIZES[0]}.",
        f"- {quick.told()}; the servers' own work on the same cores is in it. With an SMTP server "
        f"that takes a second for a recipient, {slow.told()}. {LOOPS} loops need "
        f"{quick.many.cpu_s:.2f} s CPU and {quick.many.peak_kb / 1024:.1f} MB.",
        f"- Beside `check_email_delivery` it takes 1/{other.cpu_s / small.cpu_s:.1f} of the CPU "
        f"time and 1/{other.peak_kb / small.peak_kb:.1f} of the peak memory (with {SIZES[0]} other "
        "mails, the password in a file; of several processes the largest counts).",
        f"- A probe is seen {late[len(late) // 2] * 1000:.0f} ms after Dovecot took it in (median "
        f"of {LOOKS}; {late[0] * 1000:.0f} to {late[-1] * 1000:.0f} ms).",
        f"- Medians of {RUNS} runs of the {executable().parts[-3]} build on {os.cpu_count()} cores "
        f"with a load average of {os.getloadavg()[1]:.0f}.",
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
