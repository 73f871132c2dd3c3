"""The live look at the relay, against a real Postfix relay: it sees all, and does nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from lab.agent import CONFIGURATION_DIRECTORY, STATE_DIRECTORY, Agent, Object, Report
from lab.certificates import CertificateAuthority
from lab.machine import Machine
from lab.network import GATEWAY_IPV4, GATEWAY_IPV6, SILENT_IPV4, UNROUTED_IPV6, Network
from lab.postfix import Postfix, wait_until
from lab.provider import start_scripted_servers
from lab.relay import CA_FILE, HOST, IPV4, PASSWORD, SUBMISSION, USER, Relay, use_relay

SECTION = "mail_relay_connection"
CERTIFICATE = "/etc/ssl/server.pem"
LONGEST_LOOK_S = 5.0
LONGEST_CHAIN = 20


@pytest.fixture
def healthy(client: Postfix, relay: Relay) -> Postfix:
    """A running client that relays with AUTH over TLS."""
    use_relay(client)
    client.start()
    return client


def look(agent: Agent) -> Object:
    """A fresh look: nothing of an earlier one is left."""
    agent.look_anew()
    return connection(agent.report())


def connection(report: Report) -> Object:
    found = report.instance("connection")
    assert found["took_s"] <= LONGEST_LOOK_S
    return found


def only_relay(found: Object) -> Object:
    (relay,) = found["relays"]
    return relay


def findings(found: Object) -> Mapping[str, str]:
    """Severities by id; a notice alarms nobody."""
    return {
        finding["id"]: finding["severity"]
        for finding in found["findings"]
        if finding["severity"] != "info"
    }


def test_a_healthy_relay_is_seen_from_its_name_to_its_offer(healthy: Postfix, agent: Agent) -> None:
    found = look(agent)
    assert (findings(found), found["problems"], found["cached"]) == ({}, [], False)
    relay = only_relay(found)
    assert (relay["ok"], relay["used"], relay["server"]) == (True, IPV4, HOST)
    assert set(relay["auth_mechanisms"]) == {"PLAIN", "LOGIN"}
    assert relay["tls"]["verified"] is True
    assert relay["tls"]["version"] == "TLSv1.3"
    assert 0 < relay["tls"]["expires"] - found["time"] < 21 * 86400
    assert [name["subject"] for name in relay["tls"]["chain"]] == [f"CN={HOST}"]
    phases = relay["phases"]
    assert all(
        phases[phase] is not None
        for phase in ("resolve_s", "connect_s", "greeting_s", "ehlo_s", "tls_s", "total_s")
    )
    (address,) = relay["addresses"]
    assert address["size_limit"] == 10240000
    assert "PIPELINING" in address["extensions"]


def test_the_relay_sees_a_greeting_and_a_farewell_and_no_mail(
    healthy: Postfix, agent: Agent, relay: Relay
) -> None:
    seen = len(relay.postfix.log())
    assert findings(look(agent)) == {}
    own = healthy.machine.shell("hostname").strip()

    def farewell() -> str | None:
        lines = [line for line in relay.postfix.log()[seen:].splitlines() if "disconnect" in line]
        return lines[-1] if lines else None

    line = wait_until(farewell, f"the end of a visit from {own}")
    assert "ehlo=2 starttls=1 quit=1" in line
    assert not any(word in line for word in ("auth=", "mail=", "rcpt=", "data="))


def test_the_password_stays_at_home(healthy: Postfix, agent: Agent) -> None:
    agent.report()
    kept = agent.machine.shell(f"cat {STATE_DIRECTORY}/mail_relay/connection*")
    assert HOST in kept and PASSWORD not in kept and USER not in kept


def test_implicit_tls(client: Postfix, agent: Agent, relay: Relay) -> None:
    use_relay(client)
    client.configure({"relayhost": f"[{HOST}]:465", "smtp_tls_wrappermode": "yes"})
    client.write_map("sasl_passwd", {f"[{HOST}]:465": f"{USER}:{PASSWORD}"})
    client.start()
    found = look(agent)
    assert findings(found) == {}
    assert only_relay(found)["tls_mode"] == "implicit"


def test_a_relay_without_log_in_and_tls_is_fine(
    client: Postfix, agent: Agent, relay: Relay
) -> None:
    client.configure({"relayhost": f"[{HOST}]"})
    client.start()
    found = look(agent)
    assert (findings(found), only_relay(found)["ok"]) == ({}, True)


@dataclass(frozen=True)
class Fault:
    """Settings of a client that works otherwise, and what the look must find."""

    settings: Mapping[str, str]
    finding: str
    failure_class: str | None = None
    severity: str = "crit"
    breaking: Callable[[Postfix], None] = field(default=lambda client: None)
    repairs_itself: bool = False


def wrong_jail(client: Postfix) -> None:
    client.machine.write("/var/spool/postfix/etc/resolv.conf", "nameserver 192.0.2.99\n")


def dead_name_server(client: Postfix) -> None:
    for path in ("/etc/resolv.conf", "/var/spool/postfix/etc/resolv.conf"):
        client.machine.write(path, "nameserver 192.0.2.99\n")


def known_to_hosts_file_alone(client: Postfix) -> None:
    for path in ("/etc/hosts", "/var/spool/postfix/etc/hosts"):
        client.machine.write(path, f"127.0.0.1 localhost\n{IPV4} intern.example.org\n")


def old_protocol(client: Postfix) -> None:
    client.configure({"smtp_tls_mandatory_protocols": "TLSv1.1"})


FAULTS = {
    "closed port": Fault({"relayhost": "[closed.example.org]:587"}, "relay_unreachable", "refused"),
    "black hole": Fault({"relayhost": "[silent.example.org]:587"}, "relay_unreachable", "timeout"),
    "IPv6 without route": Fault(
        {"relayhost": "[dual.example.org]:587"},
        "ipv6_no_route",
        severity="warn",
        repairs_itself=True,
    ),
    "IPv6 alone without route": Fault(
        {"relayhost": "[ipv6.example.org]:587"}, "ipv6_no_route", "unreachable_ipv6"
    ),
    "no such name": Fault(
        {"relayhost": "[nosuch.example.org]:587"}, "relayhost_unresolvable", "resolve"
    ),
    "dead DNS": Fault({}, "relayhost_unresolvable", "resolve", breaking=dead_name_server),
    "jail with another DNS": Fault(
        {}, "chroot_drift", "resolve", breaking=wrong_jail, repairs_itself=True
    ),
    "name of the hosts file": Fault(
        {"relayhost": "[intern.example.org]:587"},
        "relayhost_unresolvable",
        "resolve",
        breaking=known_to_hosts_file_alone,
        repairs_itself=True,
    ),
    "TLS port without wrapper": Fault(
        {"relayhost": f"[{HOST}]:465"},
        "tls_port_without_wrapper",
        "greeting_timeout",
        repairs_itself=True,
    ),
    "wrapper on a STARTTLS port": Fault(
        {"smtp_tls_wrappermode": "yes"},
        "wrapper_on_starttls_port",
        "tls_handshake",
        repairs_itself=True,
    ),
    "unknown authority": Fault(
        {"smtp_tls_security_level": "secure", "smtp_tls_CAfile": "/etc/ssl/certs/other-ca.pem"},
        "certificate_refused",
        "tls_verify",
    ),
    "filter that leaves nothing": Fault(
        {"smtp_sasl_mechanism_filter": "cram-md5"}, "mechanism_mismatch", repairs_itself=True
    ),
    "MX of a submission host": Fault(
        {"relayhost": "smtp-mx.example.org:587"},
        "relayhost_has_mx",
        severity="warn",
        repairs_itself=True,
    ),
}


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in FAULTS.items()])
def test_a_fault_is_found_and_its_repair_takes_it_away(
    healthy: Postfix, agent: Agent, tmp_path_factory: pytest.TempPathFactory, fault: Fault
) -> None:
    other = CertificateAuthority(tmp_path_factory.mktemp("other"), "Other CA")
    healthy.machine.write("/etc/ssl/certs/other-ca.pem", other.certificate)
    healthy.configure(fault.settings)
    relayhost = healthy.value("relayhost")
    healthy.write_map("sasl_passwd", {relayhost: f"{USER}:{PASSWORD}"})
    fault.breaking(healthy)
    found = look(agent)
    assert findings(found) == {fault.finding: fault.severity}
    failure = only_relay(found)["failure"]
    assert (failure and failure["class"]) == fault.failure_class or fault.failure_class is None
    if fault.repairs_itself:
        agent.apply(found["findings"][0])
        healthy.settle()
        healthy.write_map("sasl_passwd", {healthy.value("relayhost"): f"{USER}:{PASSWORD}"})
        repaired = connection(agent.report())
        assert (findings(repaired), only_relay(repaired)["ok"]) == ({}, True)


def serve(machine: Machine, certificate: str, key: str, **script: object) -> None:
    machine.write(CERTIFICATE, certificate + key)
    start_scripted_servers(machine, [{"port": 587, "certificate": CERTIFICATE, **script}])


@pytest.mark.parametrize(
    ("names", "days", "words"),
    [
        pytest.param(["scripted.test"], -1, "expired", id="expired"),
        pytest.param(["other-name.test"], 20, "mismatch", id="wrong name"),
    ],
)
def test_a_certificate_that_is_not_accepted(
    client: Postfix,
    agent: Agent,
    scripted: Machine,
    authority: CertificateAuthority,
    names: list[str],
    days: int,
    words: str,
) -> None:
    issued = authority.issue(names, days=days)
    serve(scripted, issued.certificate, issued.key)
    client.configure(
        {
            "relayhost": "[scripted.test]:587",
            "smtp_tls_security_level": "secure",
            "smtp_tls_CAfile": CA_FILE,
        }
    )
    client.start()
    found = look(agent)
    assert findings(found) == {"certificate_refused": "crit"}
    assert words in found["findings"][0]["evidence"]
    # Where nobody asks for trust it is told all the same, if it is about to end.
    client.configure({"smtp_tls_security_level": "encrypt"})
    assert set(findings(look(agent))) == ({"relay_certificate_ending"} if days < 0 else set())


def test_a_certificate_that_ends_soon(
    client: Postfix, agent: Agent, scripted: Machine, authority: CertificateAuthority
) -> None:
    issued = authority.issue(["scripted.test"], days=13)
    serve(scripted, issued.certificate, issued.key)
    client.configure({"relayhost": "[scripted.test]:587", "smtp_tls_security_level": "encrypt"})
    client.start()
    assert findings(look(agent)) == {"relay_certificate_ending": "warn"}


ENCRYPT = {"relayhost": "[scripted.test]:587", "smtp_tls_security_level": "encrypt"}
PLAIN = {"relayhost": "[scripted.test]:587"}
ENDLESS = {"raw": "250-x", "flood": "250-more of the same\r\n", "bytes": 2_000_000, "then": "close"}


@pytest.mark.parametrize(
    ("settings", "script", "expected"),
    [
        pytest.param(ENCRYPT, {}, "starttls_missing", id="no STARTTLS"),
        pytest.param(PLAIN, {"greeting": None}, "relay_dialogue_failed", id="no greeting"),
        pytest.param(
            PLAIN,
            {"greeting": "554 5.7.1 Your address is listed at bl.example.org"},
            "relay_refuses",
            id="refusal",
        ),
        pytest.param(PLAIN, {"replies": {"EHLO": None}}, "relay_dialogue_failed", id="hangs up"),
        pytest.param(PLAIN, {"replies": {"EHLO": ENDLESS}}, "relay_dialogue_failed", id="endless"),
        pytest.param(
            PLAIN,
            {"greeting": {**ENDLESS, "raw": "220-x"}},
            "relay_dialogue_failed",
            id="endless greeting",
        ),
        pytest.param(
            PLAIN, {"greeting": "SSH-2.0-OpenSSH"}, "relay_dialogue_failed", id="no mail server"
        ),
    ],
)
def test_a_relay_that_behaves_badly(
    client: Postfix,
    agent: Agent,
    scripted: Machine,
    settings: Mapping[str, str],
    script: Mapping[str, object],
    expected: str,
) -> None:
    start_scripted_servers(scripted, [{"port": 587, **script}])
    client.configure(settings)
    client.start()
    assert set(findings(look(agent))) == {expected}


def test_a_thousand_extensions(client: Postfix, agent: Agent, scripted: Machine) -> None:
    extensions = [f"X-EXTENSION-{number}" for number in range(1000)]
    start_scripted_servers(scripted, [{"port": 587, "extensions": extensions}])
    client.configure(PLAIN)
    client.start()
    found = look(agent)
    assert findings(found) == {}
    (problem,) = found["problems"]
    assert "1001 lines" in problem["error"]
    (address,) = only_relay(found)["addresses"]
    assert len(address["extensions"]) == 100


def test_a_relay_that_speaks_tls_badly(client: Postfix, agent: Agent, scripted: Machine) -> None:
    garbage = {"raw": "220 2.0.0 Ready\r\n\x16\x03\x01garbage" + "x" * 500, "then": "silence"}
    start_scripted_servers(
        scripted, [{"port": 587, "extensions": ["STARTTLS"], "replies": {"STARTTLS": garbage}}]
    )
    client.configure(ENCRYPT)
    client.start()
    assert findings(look(agent)) == {"tls_handshake_failed": "crit"}


def test_a_chain_of_a_hundred_certificates(
    client: Postfix, agent: Agent, scripted: Machine, authority: CertificateAuthority
) -> None:
    issued = authority.issue_behind("scripted.test", 99)
    serve(scripted, issued.certificate, issued.key)
    client.configure({**ENCRYPT, "smtp_tls_CAfile": CA_FILE})
    client.start()
    # Nobody asks for trust: it is told as far as it is worth.
    found = look(agent)
    assert findings(found) == {}
    chain = only_relay(found)["tls"]["chain"]
    assert len(chain) == LONGEST_CHAIN
    assert (chain[0]["subject"], chain[1]["subject"]) == ("CN=scripted.test", "CN=Intermediate 98")
    (problem,) = found["problems"]
    assert "a chain of 100 certificates: only the first 20" in problem["error"]
    # Postfix follows smtp_tls_scert_verifydepth = 9 of them.
    client.configure({"smtp_tls_security_level": "secure"})
    found = look(agent)
    assert findings(found) == {"certificate_refused": "crit"}
    assert "chain too long" in found["findings"][0]["evidence"]
    assert "fewer" in found["findings"][0]["fix"][0]


def test_a_name_whose_addresses_are_all_dead(client: Postfix, agent: Agent) -> None:
    client.machine.shell("ip address add 2001:db8::77/64 dev eth0 nodad")
    client.configure({"relayhost": "[dead.example.org]:587", "inet_protocols": "all"})
    client.start()
    found = look(agent)
    assert findings(found) == {"relay_unreachable": "crit", "ipv6_no_route": "warn"}
    failures = {
        address["address"]: address["failure"]["class"]
        for address in only_relay(found)["addresses"]
    }
    assert failures == {
        GATEWAY_IPV4: "refused",
        SILENT_IPV4: "timeout",
        GATEWAY_IPV6: "refused",
        UNROUTED_IPV6: "unreachable_ipv6",
    }
    told = " ".join(finding["evidence"] for finding in found["findings"])
    assert all(address in told for address in failures)


@contextmanager
def policy_service(machine: Machine) -> Iterator[None]:
    """A socketmap server that knows no policy. Source: socketmap_table(5)."""
    program = (
        "import socketserver as s\n"
        "class H(s.BaseRequestHandler):\n"
        "    def handle(self):\n"
        "        while self.request.recv(4096):\n"
        "            self.request.sendall(b'9:NOTFOUND ,')\n"
        "s.TCPServer.allow_reuse_address = True\n"
        "s.ThreadingTCPServer(('127.0.0.1', 8461), H).serve_forever()\n"
    )
    process = machine.start("/usr/bin/python3", "-c", program)
    listening = "ss -ltn | grep -q 127.0.0.1:8461"
    wait_until(
        lambda: machine.run("sh", "-c", listening, check=False).returncode == 0, "the service"
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_a_policy_service_that_is_dead(healthy: Postfix, agent: Agent) -> None:
    healthy.configure({"smtp_tls_policy_maps": "socketmap:inet:127.0.0.1:8461:QUERY"})
    with policy_service(healthy.machine):
        assert findings(look(agent)) == {}
    agent.machine.shell(f"rm -rf {STATE_DIRECTORY}/mail_relay")
    assert findings(look(agent)) == {"policy_service_dead": "crit"}


def test_dane_needs_a_resolver_that_vouches(healthy: Postfix, agent: Agent) -> None:
    healthy.configure({"smtp_tls_security_level": "dane", "smtp_dns_support_level": "dnssec"})
    found = look(agent)
    assert "dane_without_dnssec" in findings(found)
    assert only_relay(found)["resolution"]["authenticated"] is False


def test_within_five_minutes_the_last_look_is_delivered(healthy: Postfix, agent: Agent) -> None:
    first = look(agent)
    again = connection(agent.report())
    assert again["cached"] is True
    assert again["looked_at"] == first["looked_at"]
    assert again["relays"][0]["addresses"] == first["relays"][0]["addresses"]
    healthy.configure({"smtp_helo_name": "other.example.org"})
    assert connection(agent.report())["cached"] is False


def traced_calls(agent: Agent) -> list[str]:
    """Programs that a run starts and servers that it turns to, as strace shows them."""
    agent.machine.shell(
        f"MK_CONFDIR={CONFIGURATION_DIRECTORY} MK_VARDIR={STATE_DIRECTORY} strace -f -qq"
        f" -o /tmp/trace -e signal=none -e trace=execve,connect {agent.program} >/dev/null"
    )
    calls = agent.machine.read("/tmp/trace").splitlines()[1:]
    return [call for call in calls if "execve(" in call or "AF_INET" in call]


def test_an_unchanged_host_starts_nothing_and_connects_to_nobody(
    healthy: Postfix, agent: Agent
) -> None:
    first = traced_calls(agent)
    assert any("execve(" in call for call in first) and any("(587)" in call for call in first)
    # What changed within the last two seconds may change again unseen: it is asked anew.
    wait_until(lambda: traced_calls(agent) == [], "a run that asks nobody")
    assert connection(agent.report())["cached"] is True


def test_looks_can_be_switched_off(healthy: Postfix, agent: Agent) -> None:
    agent.machine.write(f"{CONFIGURATION_DIRECTORY}/mail_relay.cfg", "connection_interval = 0\n")
    found = connection(agent.report())
    assert (found["relays"], found["looked_at"]) == ([], None)
    assert "connection_interval" in found["skipped"]


def test_direct_delivery_is_looked_at_if_asked_for(client: Postfix, agent: Agent) -> None:
    client.start()
    assert "direct_mx" in connection(agent.report())["skipped"]
    settings = f"{CONFIGURATION_DIRECTORY}/mail_relay.cfg"
    agent.machine.write(settings, "direct_mx = customer.test\n")
    found = look(agent)
    assert findings(found) == {"direct_delivery_blocked": "crit"}
    assert only_relay(found)["addresses"][0]["host"] == "mx.customer.test"


@pytest.mark.parametrize(
    ("dead", "finding"),
    [
        pytest.param("[closed.example.org]:587", "relay_unreachable", id="refused"),
        pytest.param("[nosuch.example.org]:587", "relayhost_unresolvable", id="no such name"),
    ],
)
@pytest.mark.parametrize("is_fallback", [False, True], ids=["second relayhost", "fallback relay"])
def test_a_dead_relay_is_no_disaster_where_mail_has_another_way(
    healthy: Postfix, agent: Agent, dead: str, finding: str, is_fallback: bool
) -> None:
    works = SUBMISSION["relayhost"]
    healthy.configure(
        {"relayhost": dead, "smtp_fallback_relay": works}
        if is_fallback
        else {"relayhost": f"{dead}, {works}"}
    )
    healthy.write_map("sasl_passwd", {name: f"{USER}:{PASSWORD}" for name in (dead, works)})
    found = look(agent)
    assert findings(found) == {finding: "warn"}
    way = "smtp_fallback_relay" if is_fallback else "another relay"
    assert found["findings"][0]["summary"].endswith(f"mail takes {way}")
    healthy.reload()
    healthy.submit(USER, "admin@customer.test")
    healthy.deliver_all()


def test_the_next_hop_of_the_default_transport_is_the_relay(healthy: Postfix, agent: Agent) -> None:
    healthy.configure({"relayhost": "", "default_transport": f"smtp:{SUBMISSION['relayhost']}"})
    report = agent.report()
    assert only_relay(connection(report))["server"] == HOST
    assert report.instance("config")["relayhost"] == SUBMISSION["relayhost"]
    healthy.reload()
    healthy.submit(USER, "admin@customer.test")
    healthy.deliver_all()


def test_a_black_hole_holds_nobody_up(healthy: Postfix, agent: Agent) -> None:
    hosts = ", ".join(["[silent.example.org]:587", "[silent.example.org]:465"] * 3)
    healthy.configure({"relayhost": hosts})
    began = time.monotonic()
    report = agent.report()
    # Five seconds for all, which connection() judges, whatever else a busy test machine needs.
    assert time.monotonic() - began < 20
    found = connection(report)
    assert len(found["relays"]) == 6
    assert not any(relay["ok"] for relay in found["relays"])


@pytest.fixture
def scripted(make_machine: Callable[..., Machine], network: Network) -> Machine:
    """scripted.test, whose mail server a test tells what to say."""
    machine = make_machine("scripted.test")
    machine.shell("ip address add 192.0.2.40/24 dev eth0")
    return machine
