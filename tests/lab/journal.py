"""The systemd journal of a machine, as on a host without a syslog daemon."""

from __future__ import annotations

from lab.machine import Machine
from lab.postfix import wait_until

_DAEMON = "/lib/systemd/systemd-journald"
_SOCKET = "/run/systemd/journal/dev-log"


def start_journal(machine: Machine) -> None:
    """Starts journald, which answers at /dev/log and keeps what it gets below /run/log/journal."""
    # It wants to know which control group a message comes from.
    machine.shell(
        "mount -t tmpfs tmpfs /sys && mkdir -p /sys/fs/cgroup"
        " && mount -t cgroup2 -o ro cgroup2 /sys/fs/cgroup"
        " && mkdir -p /run/log/journal && systemd-machine-id-setup 2>/dev/null"
    )
    machine.start(_DAEMON)
    wait_until(machine.path(_SOCKET).exists, "journald")
    machine.run("ln", "-s", _SOCKET, "/dev/log")
