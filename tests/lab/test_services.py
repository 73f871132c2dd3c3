"""From a real Postfix to Checkmk services: what the plug-in prints, the family's checks judge."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lab.agent import Agent
from lab.postfix import Postfix
from lab.relay import USER, Relay, use_relay
from lab.services import remove_package

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "python"))

import engine  # noqa: E402

NAMES = [
    "Mail relay TLS",
    "Mail relay authentication",
    "Mail relay configuration",
    "Mail relay connection",
    "Mail relay deliveries",
    "Mail relay queue",
    "Mail relay service",
]


@pytest.fixture(scope="module")
def site() -> engine.Site:
    engine.mount(ROOT / "mkp" / "mail_relay")
    return engine.Site([ROOT / "mkp" / "mail_relay"], debug=True)


def states(services: list[engine.ServiceResult]) -> dict[str, str]:
    return {service.name: service.state.name for service in services}


def test_a_working_relay_client_is_all_green(
    client: Postfix, agent: Agent, relay: Relay, site: engine.Site
) -> None:
    use_relay(client)
    client.start()
    output = agent.report().text
    assert states(site.services(output)) == {f"{name} postfix": "OK" for name in NAMES}
    assert site.host_labels(output)["mail_relay/mta"] == "postfix"
    assert site.inventory(output).tables


def test_a_stuck_queue_is_red_and_its_summary_names_number_and_cause(
    client: Postfix, agent: Agent, relay: Relay, site: engine.Site
) -> None:
    use_relay(client)
    remove_package(client.machine, "libsasl2-modules")
    client.start()
    for _ in range(13):
        client.submit(USER, "admin@customer.test", user="monitoring")
    client.wait_deferred(13)
    services = {service.name: service for service in site.services(agent.report().text)}
    assert "13" in services["Mail relay queue postfix"].summary
    authentication = services["Mail relay authentication postfix"]
    assert authentication.state.name == "CRIT"
    assert "apt" in authentication.details and "libsasl2-modules" in authentication.details


def test_a_stopped_postfix_is_red(
    client: Postfix, agent: Agent, relay: Relay, site: engine.Site
) -> None:
    use_relay(client)
    assert states(site.services(agent.report().text))["Mail relay service postfix"] == "CRIT"


def test_each_instance_has_services_of_its_own(
    client: Postfix, agent: Agent, relay: Relay, site: engine.Site
) -> None:
    use_relay(client)
    second = client.add_instance("postfix-out")
    client.start()
    second.start()
    # An instance that logs on nowhere has no authentication to watch, one that delivers to the
    # recipients' own servers no relay.
    assert set(states(site.services(agent.report().text))) == {
        f"{name} {instance}" for name in NAMES for instance in ("postfix", "postfix-out")
    } - {"Mail relay authentication postfix-out", "Mail relay connection postfix-out"}
