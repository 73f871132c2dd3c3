"""A Postfix instance in a machine, driven the way an administrator does."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from lab.machine import LabError, Machine

Value = TypeVar("Value")

LOG = "/var/log/mail.log"

# One mail log for all instances of a machine; without it, and without /dev/log, Postfix is silent.
_LOGGING = {"maillog_file": LOG}

# Quick first failures. Everything else is as the distribution ships it.
QUICK = {"smtp_connect_timeout": "1s", "smtp_helo_timeout": "5s"}


def wait_until(condition: Callable[[], Value], what: str, seconds: float = 60.0) -> Value:
    """The condition's first true value; LabError when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise LabError(f"waited {seconds:g} s in vain for: {what}")
        time.sleep(0.02)
    return value


@dataclass(frozen=True)
class QueuedMail:
    """One line of postqueue -j."""

    queue: str
    queue_id: str
    sender: str
    recipients: Mapping[str, str]  # address: reason of the delay, "" without one


class Postfix:
    """An instance that exists: postmulti's name for it ("-" is the default one) and its folder."""

    def __init__(
        self, machine: Machine, name: str = "-", config_directory: str = "/etc/postfix"
    ) -> None:
        self.machine = machine
        self.name = name
        self.config_directory = config_directory
        self.queue_directory = "/var/spool/" + ("postfix" if name == "-" else name)

    def add_instance(self, name: str) -> Postfix:
        """Another instance on this machine, made and enabled with postmulti."""
        for action in ("-e init", f"-I {name} -e create", f"-i {name} -e enable"):
            self.machine.shell(f"postmulti {action}")
            self.settle()
        instance = Postfix(self.machine, name, f"/etc/{name}")
        instance.configure({**_LOGGING, "authorized_submit_users": "static:anyone"})
        return instance

    def configure(self, settings: Mapping[str, str]) -> None:
        """Sets parameters in main.cf (postconf -e); tells a running Postfix nothing."""
        if settings:
            self.postconf("-e", *(f"{name}={value}" for name, value in settings.items()))
            self.settle()

    def unset(self, *names: str) -> None:
        self.postconf("-X", *names)
        self.settle()

    def settle(self) -> None:
        """Makes the configuration look some seconds old."""
        # Every Postfix program waits until main.cf has not been changed for two seconds.
        some_time_ago = time.time() - 10
        for file in ("main.cf", "master.cf"):
            os.utime(
                self.machine.path(f"{self.config_directory}/{file}"), (some_time_ago, some_time_ago)
            )

    def postconf(self, *arguments: str) -> str:
        return self.machine.run("postconf", "-c", self.config_directory, *arguments).stdout

    def value(self, name: str) -> str:
        return self.postconf("-xh", name).rstrip("\n")

    def start(self) -> None:
        """Fills the chroot jail and starts, as the distribution's service does."""
        self.machine.run("/usr/lib/postfix/configure-instance.sh", self.name)
        # As after "postfix quick-stop": the checks of all files are most of what a start costs. The
        # first start of a new instance needs them, they make its queues.
        if self.machine.path(f"{self.queue_directory}/maildrop").exists():
            self.machine.path(f"{self.queue_directory}/quick-start").touch()
        self._control("start")

    def stop(self) -> None:
        self._control("stop")

    def restart(self) -> None:
        self.stop()
        self.start()

    def reload(self) -> None:
        self._control("reload")

    def _control(self, action: str) -> None:
        done = self.machine.run("postfix", "-c", self.config_directory, action, check=False)
        if done.returncode != 0:
            raise LabError(f"{self.machine.name}: postfix {action}: {done.stderr}\n{self.log()}")

    def write_map(
        self, file: str, lines: Mapping[str, str], kind: str | None = "hash", mode: int = 0o600
    ) -> str:
        """Writes a lookup table's source, builds it if it has a `kind`, returns its full path."""
        path = f"{self.config_directory}/{file}"
        self.machine.write(path, "".join(f"{key} {value}\n" for key, value in lines.items()), mode)
        if kind:
            self.machine.run("postmap", "-c", self.config_directory, f"{kind}:{path}")
        return path

    def submit(
        self, sender: str, recipient: str, subject: str = "Lab", user: str = "nobody"
    ) -> None:
        """Hands a mail over the way local programs do."""
        self.machine.run(
            "sendmail",
            "-C",
            self.config_directory,
            "-i",
            "-f",
            sender,
            recipient,
            user=user,
            stdin=f"From: {sender}\nTo: {recipient}\nSubject: {subject}\n\nText.\n",
        )

    def flush(self) -> None:
        """Tries everything again now."""
        self.machine.run("postqueue", "-c", self.config_directory, "-f")

    @contextmanager
    def new_attempt(self, reason: str = "") -> Iterator[None]:
        """In the block all mail is tried again; waits until it has been, and is deferred again."""
        waiting = {mail.queue_id for mail in self.queue()}
        seen = len(self.log())
        # Postfix notes the time of an attempt in whole seconds; by it the plug-in tells a new one.
        time.sleep(2)
        yield

        def answered() -> bool:
            news = self.log()[seen:]
            return all(re.search(rf"{queue_id}: to=.* status=", news) for queue_id in waiting)

        wait_until(answered, f"another attempt for {len(waiting)} mails")
        self.wait_deferred(len(waiting), reason)

    def queue(self) -> list[QueuedMail]:
        """What Postfix itself says is in the queue."""
        listing = self.machine.run("postqueue", "-c", self.config_directory, "-j").stdout
        return [
            QueuedMail(
                mail["queue_name"],
                mail["queue_id"],
                mail["sender"],
                {one["address"]: one.get("delay_reason", "") for one in mail["recipients"]},
            )
            for mail in map(json.loads, listing.splitlines())
        ]

    def wait_deferred(self, count: int = 1, reason: str = "") -> list[QueuedMail]:
        """Waits until exactly `count` mails are queued, all deferred, with `reason` in each."""

        def settled() -> list[QueuedMail] | None:
            mails = self.queue()
            done = len(mails) == count and all(
                mail.queue == "deferred" and all(reason in why for why in mail.recipients.values())
                for mail in mails
            )
            return mails if done else None

        try:
            return wait_until(settled, f"{count} deferred mails ({reason})")
        except LabError as error:
            raise LabError(f"{error}\n{self.queue()}\n{self.log()}") from error

    def wait_empty(self) -> None:
        try:
            wait_until(lambda: not self.queue(), "an empty queue")
        except LabError as error:
            raise LabError(f"{error}\n{self.queue()}\n{self.log()}") from error

    def deliver_all(self) -> None:
        """Tries everything again until nothing is left to deliver."""
        # A reload may swallow the flush that comes right behind it.
        flushed = 0.0

        def delivered() -> bool:
            nonlocal flushed
            if self.queue() and time.monotonic() - flushed > 2:
                flushed = time.monotonic()
                self.flush()
            return not self.queue()

        try:
            wait_until(delivered, "the delivery of everything")
        except LabError as error:
            raise LabError(f"{error}\n{self.queue()}\n{self.log()}") from error

    def log(self) -> str:
        path = self.machine.path(LOG)
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def wait_log(self, text: str) -> None:
        wait_until(lambda: text in self.log(), f"log line: {text}")


def install_postfix(machine: Machine, settings: Mapping[str, str] | None = None) -> Postfix:
    """The default instance as a fresh Debian installation has it, stopped, with these settings."""
    shipped = "/usr/share/postfix"
    machine.shell(
        f"cd /etc/postfix && cp {shipped}/main.cf.debian main.cf"
        f" && cp {shipped}/master.cf.dist master.cf && touch /etc/aliases"
        # Folders that a Postfix has once it has been started for the first time.
        " && install -d -o postfix -m 700 /var/spool/postfix/hold /var/spool/postfix/trace"
    )
    postfix = Postfix(machine)
    postfix.configure({**_LOGGING, **(settings or {})})
    machine.run("postalias", "/etc/aliases")
    return postfix
