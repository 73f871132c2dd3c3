"""Fixtures: machines with real mail daemons."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab import checkmk_site, mailbox_server
from lab import relay as relay_module
from lab.agent import Agent, executable
from lab.certificates import CertificateAuthority
from lab.checkmk_site import CheckmkSite
from lab.loops import PASSWORDS
from lab.machine import LabError, Machine
from lab.mailbox_server import MailboxServer
from lab.network import GATEWAY_IPV4, GATEWAY_IPV6, SILENT_IPV4, UNROUTED_IPV6, Network, Records
from lab.postfix import QUICK, Postfix, install_postfix
from lab.relay import CA_FILE, Relay
from lab.services import install_service_tools

# Names that every test finds. mx.customer.test is the mail exchanger nobody can reach.
RECORDS = Records(
    addresses={
        relay_module.HOST: [relay_module.IPV4],
        "dual.example.org": [relay_module.IPV4, UNROUTED_IPV6],
        "ipv6.example.org": [UNROUTED_IPV6],
        "smtp6.example.org": [relay_module.IPV6],
        "smtp-mx.example.org": [relay_module.IPV4],
        "closed.example.org": ["192.0.2.1"],
        "own.example.org": ["192.0.2.21"],
        "silent.example.org": [SILENT_IPV4],
        "mx.customer.test": [SILENT_IPV4],
        "dead.example.org": [GATEWAY_IPV4, SILENT_IPV4, GATEWAY_IPV6, UNROUTED_IPV6],
        "scripted.test": ["192.0.2.40"],
        "other-name.test": ["192.0.2.40"],
        "login.test": ["192.0.2.41"],
        mailbox_server.HOST: [mailbox_server.IPV4],
        mailbox_server.IMAP_HOST: [mailbox_server.IPV4],
    },
    mail_exchangers={
        "customer.test": ["mx.customer.test"],
        relay_module.DIRECT_DOMAIN: [relay_module.HOST],
        "smtp-mx.example.org": [relay_module.HOST],
        mailbox_server.DOMAIN: [mailbox_server.HOST],
    },
)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    if os.geteuid() != 0:
        pytest.skip("the lab makes machines of its own: it needs root")
    try:
        lab = Network()
    except LabError as error:
        pytest.skip(f"no machines of our own here: {error}")
    with lab:
        lab.serve_names(RECORDS)
        yield lab


@pytest.fixture(scope="session")
def relay(network: Network, authority: CertificateAuthority) -> Iterator[Relay]:
    """smtp.example.org, shared by all tests: use it, change nothing on it."""
    with Relay(network, authority) as server:
        yield server


@pytest.fixture(scope="session")
def _client_addresses() -> Iterator[str]:
    return (f"192.0.2.{number}" for number in itertools.cycle(range(60, 250)))


@pytest.fixture
def make_machine(
    network: Network, authority: CertificateAuthority, _client_addresses: Iterator[str]
) -> Iterator[Callable[..., Machine]]:
    """Makes machines on the network that trust the lab's certificate authority."""
    with ExitStack() as stack:

        def make(name: str = "client.example.org", ipv6: str | None = None) -> Machine:
            machine = stack.enter_context(Machine(name))
            network.plug(machine, next(_client_addresses), ipv6)
            machine.write(CA_FILE, authority.certificate)
            machine.add_user("monitoring", 1001)
            install_service_tools(machine)
            return machine

        yield make


@pytest.fixture
def client(make_machine: Callable[..., Machine]) -> Postfix:
    """A stopped Postfix for local programs only, impatient with silent servers."""
    return install_postfix(make_machine(), {**QUICK, "inet_interfaces": "loopback-only"})


@pytest.fixture
def agent(client: Postfix) -> Agent:
    """The plug-in on the client's machine."""
    if not Path(executable()).exists():
        pytest.skip(f"{executable()} is not built")
    return Agent(client.machine)


@pytest.fixture(scope="session")
def provider(network: Network, authority: CertificateAuthority) -> Iterator[MailboxServer]:
    """mx.provider.test, where the relay delivers to and mailboxes are, shared by all tests."""
    with MailboxServer(network, authority) as server:
        yield server


@pytest.fixture(scope="session")
def checkmk(
    network: Network, authority: CertificateAuthority, relay: Relay, provider: MailboxServer
) -> Iterator[CheckmkSite]:
    """A Checkmk site that has the passwords of both; every test has loops of its own."""
    if not checkmk_site.executable().exists():
        pytest.skip(f"{checkmk_site.executable()} is not built")
    with Machine("monitor.example.org") as machine:
        network.plug(machine, "192.0.2.10", "2001:db8::10")
        site = CheckmkSite(machine, authority.certificate)
        site.store_passwords(PASSWORDS)
        yield site
