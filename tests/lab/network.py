"""The world outside a machine: a switch, a gateway that lets nothing through, a name server."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lab.machine import Machine

# Documentation addresses (RFC 5737, RFC 3849): they cannot be anybody's. The gateway does not
# forward, so that a connection to any other IPv4 address is never answered: it times out. IPv6 has
# no gateway at all: anything outside the local network is unreachable.
GATEWAY_IPV4 = "192.0.2.1"
GATEWAY_IPV6 = "2001:db8::1"
SILENT_IPV4 = "198.51.100.25"
UNROUTED_IPV6 = "2001:db8:ffff::25"


@dataclass(frozen=True)
class Records:
    """What the name server knows: addresses of names, mail exchangers of domains, texts."""

    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    mail_exchangers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def and_also(self, other: Records) -> Records:
        return Records(
            {**self.addresses, **other.addresses},
            {**self.mail_exchangers, **other.mail_exchangers},
            {**self.texts, **other.texts},
        )


class Network:
    """Machines plugged in here reach each other and nothing else."""

    def __init__(self) -> None:
        self.machine = Machine("gateway.test")
        self._numbers = itertools.count(1)
        self._dns_started = False
        self.machine.shell(
            "sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0"
            " net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0"
            # Left to itself, a bridge changes its address whenever a machine comes or goes.
            " && ip link add switch address 02:00:00:00:00:01 type bridge && ip link set switch up"
            f" && ip address add {GATEWAY_IPV4}/24 dev switch"
            f" && ip address add {GATEWAY_IPV6}/64 dev switch nodad"
        )

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.machine.close()

    def plug(self, machine: Machine, ipv4: str, ipv6: str | None = None) -> None:
        """Gives the machine an address here, the gateway and the name server."""
        port = f"port{next(self._numbers)}"
        self.machine.run("ip", "link", "add", port, "type", "veth", "peer", "name", f"{port}-end")
        # Interfaces move by process number, which has to be one that the mover can see.
        machine.pull_interface(self.machine, f"{port}-end", "eth0")
        self.machine.shell(f"ip link set {port} master switch && ip link set {port} up")
        machine.shell(
            "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0"
            f" && ip address add {ipv4}/24 dev eth0 && ip link set eth0 up"
            f" && ip route add default via {GATEWAY_IPV4}"
        )
        if ipv6:
            machine.run("ip", "address", "add", f"{ipv6}/64", "dev", "eth0", "nodad")
        machine.write("/etc/resolv.conf", f"nameserver {GATEWAY_IPV4}\n")

    def serve_names(self, records: Records) -> None:
        """Starts the name server, or restarts it with other records. Unknown names: NXDOMAIN."""
        self.stop_names()
        arguments = [
            f"--host-record={name},{address}"
            for name, addresses in records.addresses.items()
            for address in addresses
        ]
        arguments += [
            f"--mx-host={domain},{host},{10 * preference}"
            for domain, hosts in records.mail_exchangers.items()
            for preference, host in enumerate(hosts, start=1)
        ]
        arguments += [
            # A TXT record is made of strings of at most 255 bytes.
            f"--txt-record={name},{','.join(textwrap.wrap(text, 200, drop_whitespace=False))}"
            for name, text in records.texts.items()
        ]
        self.machine.run(
            "dnsmasq",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--user=root",
            "--pid-file=/run/dnsmasq.pid",
            "--cache-size=0",
            "--local=/org/",
            "--local=/test/",
            "--local=/arpa/",
            "--local=/invalid/",
            *arguments,
        )
        self._dns_started = True

    def stop_names(self) -> None:
        """Ends the name server: look-ups time out from now on."""
        if self._dns_started:
            pid = self.machine.read("/run/dnsmasq.pid").strip()
            self.machine.shell(f"kill {pid}; while kill -0 {pid} 2>/dev/null; do sleep 0.01; done")
            self._dns_started = False
