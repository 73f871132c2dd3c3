"""Scenario C of ./dev demo: port 25 is up, and mail still does not arrive.

Two loops, for real: an internal one from the own relay to the own mailbox server, and an external
one out over the relay into a mailbox at a provider. Then the relay is stopped, the own mailbox
server is stopped, the provider takes the mail for spam, and each time the services say which side
it is.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import mailbox_server, relay
from lab.certificates import CertificateAuthority
from lab.checkmk_site import CheckmkSite, Roundtrip, stored
from lab.loops import PASSWORDS, Rule, loop
from lab.machine import Machine
from lab.mailbox_server import MailboxServer, address
from lab.network import Network, Records
from lab.page import DemoError, Page
from lab.relay import Relay

INTERVAL_S = 10.0
OWN_HOST = "mail.example.org"
OWN_IMAP_HOST = "imap.example.org"
OWN_IPV4 = "192.0.2.21"
OWN_DOMAIN = "staff.example.org"
USER = "sentinel"
# Mail of other people, in the sentinel's mailbox as well.
FOREIGN = {f"{number}.letter:2,": "Subject: Not a probe\n\nText.\n" for number in range(3)}


@dataclass(frozen=True)
class Scene:
    """A Checkmk site with two loops, and the three servers they use."""

    site: CheckmkSite
    relay: Relay
    own: MailboxServer
    provider: MailboxServer
    rule: Sequence[Rule]


def _rule() -> list[Rule]:
    timing = {"interval": INTERVAL_S, "wait": 5.0}
    own = {"server": OWN_IMAP_HOST}
    login = ("password", {"user": address(USER, OWN_DOMAIN), "password": stored("mailbox")})
    internal = loop("internal", user=USER, kind="internal", timing=timing, mailbox=own)
    internal["recipient"] = address(USER, OWN_DOMAIN)
    internal["mailbox"]["auth"] = login
    return [internal, loop("external", user=USER, timing=timing)]


@contextmanager
def set_scene() -> Iterator[Scene]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mail-lab-")))
        authority = CertificateAuthority(folder)
        network = stack.enter_context(Network())
        network.serve_names(
            Records(
                addresses={
                    relay.HOST: [relay.IPV4],
                    OWN_HOST: [OWN_IPV4],
                    OWN_IMAP_HOST: [OWN_IPV4],
                    mailbox_server.HOST: [mailbox_server.IPV4],
                    mailbox_server.IMAP_HOST: [mailbox_server.IPV4],
                },
                mail_exchangers={
                    OWN_DOMAIN: [OWN_HOST],
                    mailbox_server.DOMAIN: [mailbox_server.HOST],
                },
            )
        )
        own_names = {"host": OWN_HOST, "imap_host": OWN_IMAP_HOST, "domain": OWN_DOMAIN}
        gate = stack.enter_context(Relay(network, authority))
        own = stack.enter_context(MailboxServer(network, authority, ipv4=OWN_IPV4, **own_names))
        provider = stack.enter_context(MailboxServer(network, authority))
        provider.put(USER, FOREIGN)
        machine = stack.enter_context(Machine("monitor.example.org"))
        network.plug(machine, "192.0.2.10")
        site = CheckmkSite(machine, authority.certificate)
        site.store_passwords(PASSWORDS)
        yield Scene(site, gate, own, provider, _rule())


class Story:
    """Something breaks, Checkmk looks, the services say what it is."""

    def __init__(self, scene: Scene, page: Page) -> None:
        self._scene = scene
        self._page = page
        self._next_probe = 0.0

    def look(self, verdict: str, *, details: Sequence[str] = ()) -> Roundtrip:
        """Shows the services of the first run that sends new probes, and the details of some."""
        time.sleep(max(0.0, self._next_probe - time.time()))
        report = self._scene.site.run(self._scene.rule)
        # Told in whole seconds, rounded down.
        due = max(entry["next_due"] for entry in report.sections["mail_roundtrip"])
        self._next_probe = due + 1
        self._page.services([report.services[name] for name in sorted(report.services)])
        for name in details:
            self._page.details(report.services[name])
        if report.continuity != verdict:
            raise DemoError(f"the verdict is {report.continuity}, not {verdict}\n{report.text}")
        return report


def tell(page: Page) -> None:
    page.heading("7. Does mail arrive?")
    page.tell(
        f"A special agent sends probes over {relay.HOST} and looks for them: one in the company's "
        f"own mailbox, one in a mailbox at a provider. Every {INTERVAL_S:.0f} seconds here; five "
        "minutes are usual. First, these servers are made."
    )
    with set_scene() as scene:
        _tell(Story(scene, page), scene, page)


def _tell(story: Story, scene: Scene, page: Page) -> None:
    story.look("healthy")

    page.heading("8. The relay is down")
    page.command(f"postfix stop    (on {relay.HOST})")
    scene.relay.postfix.stop()
    story.look("total_outage", details=["Mail continuity"])

    page.heading("9. The relay is back, the own mailbox server is down")
    page.command(f"postfix start    (on {relay.HOST})")
    scene.relay.postfix.start()
    page.command(f"doveadm stop    (on {OWN_HOST})")
    scene.own.stop_mailboxes()
    story.look("local_infrastructure_issue", details=["Mailbox access internal"])

    page.heading("10. The own mailbox server is back, the provider takes the mail for spam")
    page.command(f"dovecot; postqueue -f    (on {OWN_HOST})")
    scene.own.start_mailboxes()
    scene.own.postfix.flush()
    scene.provider.sort_into_junk(USER)
    story.look("deliverability_issue", details=["Mail deliverability external"])

    page.heading("11. The provider trusts the sender again")
    scene.provider.trust_again()
    report = story.look("healthy")
    left = scene.provider.names(USER)
    if left != set(FOREIGN):
        raise DemoError(f"the mailbox should hold other people's mail only: {left}")
    totals = report.of("external")["totals"]
    print()
    page.tell(
        f"Of {totals['sent']} external probes {totals['completed']} arrived and were deleted; the "
        f"{len(left)} other mails in that mailbox are as they were."
    )
