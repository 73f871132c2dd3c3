"""./dev demo: the monitoring server's own mail is stuck, for real, until it is not.

Two throw-away machines: a monitoring server with thirteen notifications that nobody receives, and
the provider's mail server they should go through. The agent plug-in looks, the check plug-ins
judge, their printed repairs are typed in as they are, and the mails arrive.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import engine

from lab import demo_roundtrip
from lab.agent import Agent, Report
from lab.certificates import CertificateAuthority
from lab.machine import LabError, Machine
from lab.network import SILENT_IPV4, UNROUTED_IPV6, Network, Records
from lab.page import DemoError, Page
from lab.postfix import QUICK, Postfix, install_postfix
from lab.relay import HOST, IPV4, PASSWORD, USER, Relay
from lab.services import install_service_tools, remove_package

FAMILY = Path(__file__).parents[2] / "mkp" / "mail_relay"
MAILS = 13
RECIPIENT = "admin@customer.test"

# What came along from the old server: it prefers IPv6 and tries one address per relay only. The
# old provider let port 25 through, so there never was a relayhost.
INHERITED = {
    **QUICK,
    "myhostname": "monitor.example.org",
    "smtp_address_preference": "ipv6",
    "smtp_mx_address_limit": "1",
    "inet_interfaces": "loopback-only",
}
RELAYHOST_COMMANDS = (
    f"postconf -e 'relayhost=[{HOST}]:587'",
    "postconf -e smtp_tls_security_level=encrypt"
    " smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt",
    "postconf -e smtp_sasl_auth_enable=yes"
    " smtp_sasl_password_maps=hash:/etc/postfix/sasl_passwd",
    "postmap /etc/postfix/sasl_passwd",
    "postfix reload",
)


@dataclass(frozen=True)
class Scene:
    """The machines, the plug-in on one of them, and a Checkmk site that knows the family."""

    monitor: Postfix
    relay: Relay
    agent: Agent
    site: engine.Site


@contextmanager
def set_scene() -> Iterator[Scene]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mail-lab-")))
        authority = CertificateAuthority(folder)
        network = stack.enter_context(Network())
        network.serve_names(
            Records(
                addresses={HOST: [IPV4, UNROUTED_IPV6], "mx.customer.test": [SILENT_IPV4]},
                mail_exchangers={"customer.test": ["mx.customer.test"]},
            )
        )
        relay = stack.enter_context(Relay(network, authority))
        machine = stack.enter_context(Machine("monitor.example.org"))
        network.plug(machine, "192.0.2.10")
        machine.add_user("monitoring", 1001)
        install_service_tools(machine)
        remove_package(machine, "libsasl2-modules")
        machine.write("/etc/ssl/certs/ca-certificates.crt", authority.certificate)
        # An editor's usual mode: everybody may read it.
        machine.write("/etc/postfix/sasl_passwd", f"[{HOST}]:587 {USER}:{PASSWORD}\n", 0o644)
        monitor = install_postfix(machine, INHERITED)
        monitor.start()
        engine.mount(FAMILY)
        yield Scene(monitor, relay, Agent(machine), engine.Site([FAMILY], host=machine.name))


class Story:
    """Acts in turn: look, understand, repair, look again."""

    def __init__(self, scene: Scene, page: Page) -> None:
        self._scene = scene
        self._page = page

    def look(self, *, details: Sequence[str] = ()) -> Report:
        """Shows the services, and the details of those whose check is named."""
        report = self._scene.agent.report()
        services = self._scene.site.services(report.text)
        self._page.services(services)
        for service in services:
            if service.check in details:
                self._page.details(service)
        for service in services:
            if service.crash:
                raise DemoError(f"{service.name}: {service.crash!r}")
        return report

    def ask_doctor(self) -> int:
        """Shows what a person at the host's terminal is told; the exit status."""
        self._page.command("mk_mail_relay --doctor")
        done = self._scene.agent.start("--doctor", timeout_s=60)
        print(done.stdout)
        return done.returncode

    def type_in(self, *commands: str) -> None:
        for command in commands:
            self._page.command(command)
            self._scene.monitor.machine.shell(command)
            self._scene.monitor.settle()

    def repair(self, report: Report, finding_id: str) -> None:
        """Types in what the finding's fix says, and has waiting mail tried again."""
        finding = report.findings().get(finding_id)
        if finding is None:
            raise DemoError(f"nobody noticed {finding_id}; found: {sorted(report.findings())}")
        commands = list(finding["fix"])
        if "postqueue -f" not in commands and self._scene.monitor.queue():
            commands.append("postqueue -f")
        self.type_in(*commands)

    def all_green(self) -> bool:
        services = self._scene.site.services(self._scene.agent.report().text)
        return bool(services) and all(s.state and s.state.name == "OK" for s in services)


def tell(story: Story, scene: Scene, page: Page) -> None:
    monitor = scene.monitor
    page.heading("1. Thirteen notifications, and nobody receives one")
    page.tell(
        "A monitoring server moved to new hardware. Checkmk logs that each notification was "
        "handed to the local mail system. Behind the new provider's firewall port 25 is "
        "closed, and there is no relayhost."
    )
    page.command(f"sendmail -f {USER} {RECIPIENT}    ({MAILS} times, as user monitoring)")
    for number in range(1, MAILS + 1):
        monitor.submit(USER, RECIPIENT, subject=f"Notification {number}", user="monitoring")
    monitor.wait_deferred(MAILS, "Connection timed out")
    report = story.look(details=["mail_relay_queue"])
    if "direct_delivery_blocked" not in report.findings():
        raise DemoError("the blocked port 25 went unnoticed")
    page.tell("At the terminal of that server the same is told at once, without Checkmk:")
    if story.ask_doctor() != 2:
        raise DemoError("the doctor finds nothing grave")

    page.heading("2. A relayhost, and what is wrong behind it")
    page.tell(
        f"The repair needs a relay: {HOST}, with user and password in "
        "/etc/postfix/sasl_passwd. The services now name three more faults; only one of "
        "them, IPv6, has been met by a mail so far."
    )
    with monitor.new_attempt("Network is unreachable"):
        story.type_in(*RELAYHOST_COMMANDS, "postqueue -f")
    report = story.look(details=["mail_relay_queue", "mail_relay_sasl"])

    page.heading("3. IPv4 it is")
    with monitor.new_attempt("no mechanism available"):
        story.repair(report, "ipv6_no_route")
    page.tell("Now the mails meet what the authentication service has been saying all along.")
    report = story.look(details=["mail_relay_queue"])

    page.heading("4. The missing SASL package")
    with monitor.new_attempt("no mechanism available"):
        story.repair(report, "sasl_plugin_missing")
    page.tell(
        "Postfix's words are the same as before, the cause is another one: the default of "
        "smtp_sasl_security_options forbids the mechanisms that the relay offers."
    )
    report = story.look(details=["mail_relay_sasl"])

    page.heading("5. Plain text passwords, inside TLS only")
    story.repair(report, "noplaintext_default")
    monitor.wait_empty()
    report = story.look(details=["mail_relay_sasl"])

    page.heading("6. A password that everybody on the host can read")
    story.repair(report, "secret_readable")
    story.look()
    arrived = len(scene.relay.wait_mails(RECIPIENT.partition("@")[0], MAILS))
    if arrived != MAILS or not story.all_green():
        raise DemoError(f"{arrived} mails arrived, not everything is green")
    if story.ask_doctor() != 0:
        raise DemoError("the doctor is not content")
    print()
    page.tell(f"All {arrived} notifications are in {RECIPIENT}'s mailbox.")


def main() -> int:
    page = Page()
    try:
        with set_scene() as scene:
            version = scene.monitor.value("mail_version")
            page.tell(
                f"Mail relay demo: real Postfix {version} on throw-away machines of its own; "
                "this system's mail is not touched."
            )
            tell(Story(scene, page), scene, page)
        demo_roundtrip.tell(page)
    except (LabError, DemoError) as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    page.heading("End: every process and file of the demo is gone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
