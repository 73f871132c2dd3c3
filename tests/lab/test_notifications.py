"""A Checkmk site's own mail on the way out: what waits, why, and what is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.agent import Agent
from lab.machine import Machine
from lab.postfix import Postfix
from lab.provider import start_scripted_servers
from lab.relay import Relay, use_relay
from lab.services import remove_package
from lab.test_deferrals import address_of

RECIPIENT = "admin@customer.test"
SITE = "mysite"
SENDER = f"{SITE}@client.example.org"


@pytest.fixture
def site(client: Postfix) -> Postfix:
    """The client's machine has a Checkmk site."""
    client.machine.add_user(SITE, 1500)
    client.machine.shell(f"mkdir -p /omd/sites/{SITE} /omd/sites/without-user")
    return client


def notify(client: Postfix, number: int = 1, sender: str = SENDER, user: str = SITE) -> None:
    for _ in range(number):
        client.submit(sender, RECIPIENT, subject="Check_MK: db1/CPU load CRIT", user=user)


def test_thirteen_notifications_wait_for_a_package(
    site: Postfix, agent: Agent, relay: Relay
) -> None:
    use_relay(site)
    remove_package(site.machine, "libsasl2-modules")
    site.start()
    notify(site, 12)
    # A sender of its own is the site's, too: the submitting user tells.
    notify(site, 1, sender="alarm@example.org")
    notify(site, 2, sender="app@client.example.org", user="nobody")
    site.wait_deferred(15, reason="no mechanism available")
    report = agent.report()
    (entry,) = report.sections["mail_relay_notifications"]
    assert (entry["site"], entry["waiting"], entry["complete"]) == (SITE, 13, True)
    assert entry["waiting_by_queue"]["deferred"] == 13
    assert entry["cause"] == "no SASL mechanism (libsasl2-modules missing)"
    assert entry["cause_finding"] == "sasl_plugin_missing"
    assert [(reason["class"], reason["messages"]) for reason in entry["reasons"]] == [
        ("sasl_no_mechanism", 13)
    ]
    assert set(entry["senders"]) == {SENDER, "alarm@example.org"}
    assert (entry["counters"]["sent"], entry["counters"]["deferred"]) == (0, 13)
    assert entry["oldest"] is not None
    assert entry["problems"] == []
    agent.apply(report.findings()["sasl_plugin_missing"])
    site.flush()
    site.wait_empty()
    entry = agent.report().site(SITE)
    assert (entry["waiting"], entry["oldest"], entry["cause"]) == (0, None, None)
    assert (entry["counters"]["sent"], entry["sent_24h"]) == (13, 13)


def test_notifications_that_are_lost(
    site: Postfix, agent: Agent, make_machine: Callable[..., Machine]
) -> None:
    server = make_machine("provider.test")
    start_scripted_servers(
        server, [{"port": 587, "replies": {"MAIL": "530 5.7.0 Authentication required"}}]
    )
    site.configure({"relayhost": f"[{address_of(server)}]:587"})
    site.start()
    notify(site, 2)
    site.wait_empty()
    entry = agent.report().site(SITE)
    assert (entry["counters"]["bounced"], entry["bounced_24h"]) == (2, 2)
    assert entry["last_lost"]["class"] == "auth_required"
    (finding,) = entry["findings"]
    assert (finding["id"], finding["severity"]) == ("notifications_lost", "crit")
    assert finding["summary"].startswith("2 notifications of site mysite")


def test_mail_that_waits_in_the_maildrop_and_on_hold(site: Postfix, agent: Agent) -> None:
    site.configure({"relayhost": "[closed.example.org]:587"})
    site.start()
    notify(site)
    site.wait_deferred()
    site.machine.run("postsuper", "-h", "ALL")
    site.stop()
    notify(site, 2)
    entry = agent.report().site(SITE)
    assert entry["waiting"] == 3
    assert (entry["waiting_by_queue"]["maildrop"], entry["waiting_by_queue"]["hold"]) == (2, 1)


def test_several_instances_and_sites(site: Postfix, agent: Agent) -> None:
    site.machine.add_user("other", 1501)
    site.machine.shell("mkdir /omd/sites/other")
    site.configure({"relayhost": "[closed.example.org]:587"})
    out = site.add_instance("postfix-out")
    out.configure({"relayhost": "[closed.example.org]:587"})
    for instance in (site, out):
        instance.start()
        notify(instance)
        instance.wait_deferred()
    notify(out, 1, sender="other@client.example.org", user="other")
    out.wait_deferred(2)
    report = agent.report()
    assert report.site(SITE)["waiting"] == 2
    assert report.site("other")["waiting"] == 1
    assert report.site(SITE)["instances"] == ["postfix", "postfix-out"]


def test_a_host_without_sites_has_no_section(client: Postfix, agent: Agent) -> None:
    client.start()
    assert "mail_relay_notifications" not in agent.report().sections
