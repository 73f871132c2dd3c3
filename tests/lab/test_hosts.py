"""Hosts as they are: default installations, stopped, several instances, none, not root."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from lab.agent import Agent
from lab.certificates import CertificateAuthority
from lab.machine import Machine
from lab.postfix import Postfix, install_postfix, wait_until
from lab.program import start_program
from lab.relay import DIRECT_DOMAIN, USER, Relay, use_relay

SECTIONS = [
    f"mail_relay_{name}"
    for name in ("service", "queue", "config", "sasl", "tls", "connection", "deliveries")
]

# main.cf of the postfix package of Rocky Linux 9, without its comments.
ROCKY_MAIN_CF = """
compatibility_level = 2
queue_directory = /var/spool/postfix
command_directory = /usr/sbin
daemon_directory = /usr/libexec/postfix
data_directory = /var/lib/postfix
mail_owner = postfix
inet_interfaces = localhost
inet_protocols = all
mydestination = $myhostname, localhost.$mydomain, localhost
unknown_local_recipient_reject_code = 550
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
debug_peer_level = 2
debugger_command =
\t PATH=/bin:/usr/bin:/usr/local/bin:/usr/X11R6/bin
\t ddd $daemon_directory/$process_name $process_id & sleep 5
sendmail_path = /usr/sbin/sendmail.postfix
newaliases_path = /usr/bin/newaliases.postfix
mailq_path = /usr/bin/mailq.postfix
setgid_group = postdrop
html_directory = no
manpage_directory = /usr/share/man
sample_directory = /usr/share/doc/postfix/samples
readme_directory = /usr/share/doc/postfix/README_FILES
smtpd_tls_cert_file = /etc/pki/tls/certs/postfix.pem
smtpd_tls_key_file = /etc/pki/tls/private/postfix.key
smtpd_tls_security_level = may
smtp_tls_CApath = /etc/pki/tls/certs
smtp_tls_CAfile = /etc/pki/tls/certs/ca-bundle.crt
smtp_tls_security_level = may
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
"""
ROCKY_OS_RELEASE = """NAME="Rocky Linux"
VERSION="9.4 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"
"""


@pytest.mark.parametrize("mailer_type", ["Internet Site", "Local only", "Satellite system"])
def test_no_alarm_on_what_the_debian_package_configures(
    make_machine: Callable[..., Machine], relay: Relay, mailer_type: str
) -> None:
    machine = make_machine("host.example.org")
    machine.shell(
        "rm -f /etc/postfix/main.cf /usr/sbin/policy-rc.d && debconf-set-selections"
        " && DEBIAN_FRONTEND=noninteractive dpkg-reconfigure postfix",
        stdin=f"postfix postfix/main_mailer_type select {mailer_type}\n"
        "postfix postfix/mailname string host.example.org\n"
        + (
            "postfix postfix/relayhost string [smtp.example.org]\n"
            if mailer_type == "Satellite system"
            else ""
        ),
    )
    start_program(machine, "syslog_server")
    machine.shell("/usr/lib/postfix/configure-instance.sh - && postfix start", check=False)
    report = Agent(machine).report()
    assert list(report.sections) == SECTIONS
    assert report.instance("service")["running"] is True
    assert (report.alarms(), report.problems()) == (set(), [])


def test_no_alarm_on_what_the_rocky_package_configures(
    make_machine: Callable[..., Machine], authority: CertificateAuthority
) -> None:
    machine = make_machine("host.example.org")
    postfix = install_postfix(machine)
    machine.shell(
        "ln -s /usr/lib/postfix/sbin /usr/libexec/postfix"
        " && mkdir -p /etc/pki/tls/certs && rm -f /etc/os-release"
    )
    machine.write("/etc/os-release", ROCKY_OS_RELEASE)
    machine.write("/etc/pki/tls/certs/ca-bundle.crt", authority.certificate)
    machine.write("/etc/postfix/main.cf", ROCKY_MAIN_CF + "maillog_file = /var/log/maillog\n")
    # Upstream's and Red Hat's master.cf: nothing runs in a jail.
    master_cf = machine.read("/etc/postfix/master.cf")
    machine.write(
        "/etc/postfix/master.cf", re.sub(r"(?m)^(\w+ +\w+ +\S+ +\S+ +)y", r"\1n", master_cf)
    )
    postfix.settle()
    machine.run("postfix", "start")
    report = Agent(machine).report()
    assert report.instance("service")["running"] is True
    assert (report.alarms(), report.problems()) == (set(), [])
    assert report.instance("service")["os"]["id"] == "rocky"


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"relayhost": "[smtp.example.org]"}, id="open internal relay"),
        pytest.param(
            {"relayhost": "[smtp.example.org]", "smtp_tls_security_level": "may"},
            id="allow-listed relay with TLS where it is offered",
        ),
        pytest.param({}, id="direct delivery"),
    ],
)
def test_no_alarm_without_auth(
    client: Postfix, agent: Agent, relay: Relay, settings: dict[str, str]
) -> None:
    client.configure(settings)
    client.start()
    client.submit("a@example.org", f"open@{DIRECT_DOMAIN}")
    client.wait_empty()
    assert agent.report().alarms() == set()


def test_a_host_without_postfix_prints_nothing(make_machine: Callable[..., Machine]) -> None:
    machine = make_machine("no-mail.example.org")
    machine.shell(
        "rm -rf /etc/postfix /var/spool/postfix /var/lib/postfix /usr/lib/postfix"
        " /usr/sbin/post* /usr/sbin/sendmail /usr/libexec/postfix"
    )
    done = Agent(machine).start()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_stopped_postfix_still_shows_its_queue(client: Postfix, agent: Agent) -> None:
    client.configure({"relayhost": "[closed.example.org]:587"})
    client.start()
    client.submit(USER, "admin@customer.test")
    client.wait_deferred()
    client.stop()
    report = agent.report()
    assert report.instance("service")["running"] is False
    assert report.alarms() == {"master_down", "relay_unreachable"}
    assert report.instance("queue")["queues"]["deferred"]["messages"] == 1
    assert report.reasons() == {"refused": 1}


def test_numbers_are_those_of_postqueue(client: Postfix, agent: Agent) -> None:
    client.configure({"relayhost": "[closed.example.org]:587"})
    client.start()
    for number in range(13):
        client.submit(
            "monitoring@example.org", f"admin{number}@customer{number % 2}.test", user="monitoring"
        )
    client.wait_deferred(13)
    client.machine.run("postsuper", "-h", client.queue()[0].queue_id)
    queue = agent.report().instance("queue")
    assert {name: entry["messages"] for name, entry in queue["queues"].items()} == {
        "maildrop": 0,
        "incoming": 0,
        "active": 0,
        "deferred": 12,
        "hold": 1,
        "corrupt": 0,
    }
    assert queue["senders"][0] == {"sender": "monitoring@example.org", "messages": 13}
    assert {row["domain"] for row in queue["destination_domains"]} == {
        "customer0.test",
        "customer1.test",
    }
    assert queue["last_attempt"] <= queue["time"] < queue["next_attempt"]


@pytest.mark.parametrize("long_ids", ["yes", "no"])
@pytest.mark.parametrize(
    "hashing",
    [
        pytest.param({"hash_queue_names": "incoming"}, id="not hashed"),
        pytest.param({"hash_queue_depth": "1"}, id="hashed once"),
        pytest.param({"hash_queue_depth": "3"}, id="hashed three times"),
    ],
)
def test_queue_files_are_found_however_they_are_named(
    client: Postfix, agent: Agent, hashing: dict[str, str], long_ids: str
) -> None:
    client.configure(
        {"relayhost": "[closed.example.org]:587", "enable_long_queue_ids": long_ids, **hashing}
    )
    client.start()
    for _ in range(5):
        client.submit(USER, "admin@customer.test")
    client.wait_deferred(5)
    report = agent.report()
    assert report.instance("queue")["queues"]["deferred"]["messages"] == 5
    assert report.reasons() == {"refused": 5}


def test_every_enabled_instance_is_reported(client: Postfix, agent: Agent, relay: Relay) -> None:
    use_relay(client)
    second = client.add_instance("postfix-out")
    second.configure({"relayhost": "[closed.example.org]:587"})
    client.start()
    second.start()
    second.submit(USER, "admin@customer.test")
    second.wait_deferred()
    report = agent.report()
    for name in SECTIONS:
        assert [entry["instance"] for entry in report.sections[name]] == ["postfix", "postfix-out"]
    assert report.reasons("postfix") == {}
    assert report.reasons("postfix-out") == {"refused": 1}
    only = agent.report("--instance", "/etc/postfix-out")
    assert [e["instance"] for e in only.sections["mail_relay_queue"]] == ["postfix-out"]


def test_without_root_the_queue_comes_from_showq(client: Postfix, agent: Agent) -> None:
    client.configure({"relayhost": "[closed.example.org]:587"})
    client.start()
    for _ in range(3):
        client.submit(USER, "admin@customer.test")
    client.wait_deferred(3)
    # Debian's way to let somebody see the queue: the group of the showq socket's folder.
    client.machine.shell(
        "sed -i 's/^postdrop:.*/&monitoring/' /etc/group"
        " && chown monitoring /var/lib/check_mk_agent"
    )
    report = agent.report(user="monitoring")
    queue = report.instance("queue")
    assert queue["source"] == "showq"
    assert queue["queues"]["deferred"]["messages"] == 3
    assert report.reasons() == {"refused": 3}


def test_who_may_not_see_the_queue_is_told_so_and_not_zero(client: Postfix, agent: Agent) -> None:
    client.start()
    client.machine.run("chown", "monitoring", "/var/lib/check_mk_agent")
    report = agent.report(user="monitoring")
    assert report.instance("queue")["queues"]["deferred"] is None
    assert "queue_unreadable" in report.alarms()
    assert any("deferred" in problem["what"] for problem in report.problems())
    told = [problem["what"] for problem in report.instance("queue")["problems"]]
    assert len(told) == len(set(told))
    (fix,) = report.findings()["queue_unreadable"]["fix"]
    assert "postdrop" in fix


def test_credentials_that_only_root_may_read_are_no_fault(
    client: Postfix, agent: Agent, relay: Relay
) -> None:
    use_relay(client)
    client.start()
    client.machine.shell(
        "chmod 600 /etc/postfix/sasl_passwd* && chown monitoring /var/lib/check_mk_agent"
    )
    report = agent.report(user="monitoring")
    assert report.alarms() == {"queue_unreadable"}
    (problem,) = report.instance("sasl")["problems"]
    assert problem["error"].endswith("Permission denied")


def traced_children(agent: Agent) -> list[str]:
    """Processes that a run starts, as strace shows them: neither itself nor its own threads."""
    agent.machine.shell(
        "MK_CONFDIR=/etc/check_mk MK_VARDIR=/var/lib/check_mk_agent strace -f -qq -o /tmp/trace"
        f" -e signal=none -e trace=execve,fork,vfork,clone,clone3 {agent.program} >/dev/null"
    )
    calls = agent.machine.read("/tmp/trace").splitlines()[1:]
    return [call for call in calls if "CLONE_THREAD" not in call and "resumed" not in call]


def test_an_unchanged_host_is_examined_without_any_child_process(
    client: Postfix, agent: Agent, relay: Relay
) -> None:
    use_relay(client)
    client.start()
    for setting in ({}, {"smtp_tls_loglevel": "1"}):
        client.configure(setting)
        assert any("postconf" in line for line in traced_children(agent))
        # What changed within the last two seconds may change again unseen: it is asked anew.
        wait_until(lambda: traced_children(agent) == [], "a run without child processes", 10)
        assert traced_children(agent) == []


def test_one_section_alone(client: Postfix, agent: Agent) -> None:
    client.start()
    assert list(agent.report("--section", "mail_relay_queue").sections) == ["mail_relay_queue"]


def test_the_agents_output_says_nothing_of_a_password(
    client: Postfix, agent: Agent, relay: Relay
) -> None:
    use_relay(client, password="very-secret-word")
    client.start()
    assert "very-secret-word" not in agent.report().text
    state = client.machine.run(
        "grep", "-r", "very-secret-word", "/var/lib/check_mk_agent", check=False
    )
    assert (state.returncode, state.stdout) == (1, "")
