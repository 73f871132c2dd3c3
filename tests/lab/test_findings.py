"""Faults that files, configuration and queue show: found before they bite, gone once repaired."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.agent import Agent
from lab.certificates import CertificateAuthority
from lab.machine import Machine
from lab.postfix import Postfix, wait_until
from lab.relay import CA_FILE, HOST, PASSWORD, USER, Relay, use_relay

HOUR_S = 3600


def setting(**settings: str) -> Callable[[Postfix], None]:
    return lambda client: client.configure(settings)


def without(*names: str) -> Callable[[Postfix], None]:
    return lambda client: client.unset(*names)


def appended(line: str) -> Callable[[Postfix], None]:
    def append(client: Postfix) -> None:
        with client.machine.path("/etc/postfix/main.cf").open("a", encoding="utf-8") as main_cf:
            main_cf.write(f"{line}\n")
        client.settle()

    return append


def readable_secret(client: Postfix) -> None:
    client.machine.path("/etc/postfix/sasl_passwd").chmod(0o644)


def stale_map(client: Postfix) -> None:
    # Postfix looks at the age of sources only that have been left alone for 100 s.
    for name, age_s in (("sasl_passwd", 600), ("sasl_passwd.db", HOUR_S)):
        then = time.time() - age_s
        os.utime(client.machine.path(f"/etc/postfix/{name}"), (then, then))


def unbuilt_map(client: Postfix) -> None:
    client.machine.path("/etc/postfix/sasl_passwd.db").unlink()


def new_name_server(client: Postfix) -> None:
    client.machine.write("/etc/resolv.conf", "nameserver 192.0.2.99\n")


def wrong_permissions(client: Postfix) -> None:
    client.machine.run("chgrp", "root", "/var/spool/postfix/maildrop")
    client.machine.run("chmod", "g-s", "/usr/sbin/postdrop")
    client.machine.run("chmod", "g+w", "/etc/postfix/main.cf")


def stopped(client: Postfix) -> None:
    client.stop()


@dataclass(frozen=True)
class Fault:
    """What breaks a client that is all right, and the findings that must and may alone appear."""

    breaking: Callable[[Postfix], None]
    alarms: frozenset[str]


def fault(name: str, breaking: Callable[[Postfix], None], *alarms: str) -> Any:
    return pytest.param(Fault(breaking, frozenset(alarms)), id=name)


@pytest.fixture
def healthy(client: Postfix, relay: Relay) -> Postfix:
    """A running client that relays with AUTH over TLS, with nothing to complain about."""
    use_relay(client)
    client.start()
    return client


def test_a_well_configured_client_raises_no_alarm(healthy: Postfix, agent: Agent) -> None:
    report = agent.report()
    assert (report.alarms(), report.problems()) == (set(), [])


@pytest.mark.parametrize(
    "fault",
    [
        fault(
            "unknown parameter",
            appended("smtp_relayhots = [smtp.example.org]:587"),
            "unknown_parameter",
        ),
        fault("legacy TLS switch", setting(smtp_use_tls="yes"), "deprecated_tls_switch"),
        fault("secret readable", readable_secret, "secret_readable"),
        fault("map not built", unbuilt_map, "map_not_built"),
        fault("map stale", stale_map, "map_stale"),
        fault("jail out of date", new_name_server, "chroot_drift"),
        fault("AUTH off", setting(smtp_sasl_auth_enable="no"), "auth_disabled_with_credentials"),
        fault("plain text forbidden", without("smtp_sasl_security_options"), "noplaintext_default"),
        fault(
            "mechanism filter", setting(smtp_sasl_mechanism_filter="gssapi"), "mechanism_mismatch"
        ),
        fault("no TLS", setting(smtp_tls_security_level="none"), "password_without_tls"),
        fault("optional TLS", setting(smtp_tls_security_level="may"), "strippable_tls"),
        fault(
            "CA file missing", setting(smtp_tls_CAfile="/etc/ssl/certs/gone.pem"), "ca_file_missing"
        ),
        fault("wrong permissions", wrong_permissions, "wrong_permissions"),
        fault("stopped", stopped, "master_down"),
    ],
)
def test_printed_repair_takes_the_finding_away(
    healthy: Postfix, agent: Agent, fault: Fault
) -> None:
    fault.breaking(healthy)
    report = agent.report()
    assert report.alarms() == fault.alarms
    for finding_id in fault.alarms:
        agent.apply(report.findings()[finding_id])
    healthy.settle()
    assert agent.report().alarms() == set()


@pytest.mark.parametrize(
    "fault",
    [
        fault(
            "bracket left open", setting(relayhost="[smtp.example.org:587"), "relayhost_malformed"
        ),
        fault(
            "provider without brackets",
            setting(relayhost="smtp.gmail.com:587"),
            "relayhost_lacks_brackets",
        ),
        fault(
            "other key form",
            setting(relayhost="[smtp.example.org]:submission"),
            "relay_key_mismatch",
        ),
        fault("main.cf rejected", appended("no equals sign"), "configuration_rejected"),
        fault(
            "host name nobody outside knows",
            setting(myhostname="monitor.lan"),
            "generic_map_missing",
        ),
    ],
)
def test_faults_that_only_the_administrator_can_decide(
    healthy: Postfix, agent: Agent, fault: Fault
) -> None:
    fault.breaking(healthy)
    report = agent.report()
    assert fault.alarms <= report.alarms()
    for finding_id in fault.alarms:
        assert report.findings()[finding_id]["fix"], "no way out is shown"


@pytest.mark.parametrize(
    ("entry", "alarms"),
    [
        pytest.param(f"[{HOST}]:587 {USER}", {"credentials_wrong_shape"}, id="no password"),
        pytest.param(f"{HOST} {USER}:{PASSWORD}", set(), id="host name alone"),
        pytest.param(f"[{HOST}] {USER}:{PASSWORD}", {"relay_key_mismatch"}, id="no port"),
        pytest.param(f"{HOST}:587 {USER}:{PASSWORD}", {"relay_key_mismatch"}, id="no brackets"),
        pytest.param(f"[{HOST.upper()}]:587 {USER}:{PASSWORD}", set(), id="capitals"),
    ],
)
def test_credentials_are_found_under_the_keys_that_postfix_tries(
    healthy: Postfix, agent: Agent, entry: str, alarms: set[str]
) -> None:
    key, _, value = entry.partition(" ")
    healthy.write_map("sasl_passwd", {key: value})
    report = agent.report()
    assert report.alarms() == alarms
    assert PASSWORD not in report.text


def test_certificates_of_the_client(
    healthy: Postfix, agent: Agent, authority: CertificateAuthority
) -> None:
    right, other = authority.issue(["client.example.org"]), authority.issue(["other.test"])
    expired = authority.issue(["client.example.org"], days=-1)
    healthy.configure(
        {
            "smtp_tls_cert_file": "/etc/postfix/client.pem",
            "smtp_tls_key_file": "/etc/postfix/client.key",
        }
    )
    cases = {
        "right": (right.certificate, right.key, set()),
        "foreign key": (right.certificate, other.key, {"client_certificate_unusable"}),
        "expired": (expired.certificate, expired.key, {"client_certificate_unusable"}),
    }
    for name, (certificate, key, alarms) in cases.items():
        healthy.machine.write("/etc/postfix/client.pem", certificate)
        healthy.machine.write("/etc/postfix/client.key", key, 0o600)
        assert agent.report().alarms() == alarms, name
    healthy.machine.path("/etc/postfix/client.key").unlink()
    assert agent.report().alarms() == {"client_certificate_unusable"}


def test_ca_folder_outside_the_jail(healthy: Postfix, agent: Agent) -> None:
    healthy.unset("smtp_tls_CAfile")
    healthy.configure({"smtp_tls_CApath": "/etc/ssl/certs", "smtp_tls_security_level": "secure"})
    report = agent.report()
    assert report.alarms() == {"capath_outside_jail"}
    healthy.configure({"smtp_tls_CAfile": CA_FILE})
    assert agent.report().alarms() == set()


def deferred(client: Postfix, count: int = 1) -> list[str]:
    """Queue IDs of mails that a closed port holds up; the client is configured for it."""
    client.configure(
        {
            "relayhost": "[closed.example.org]:587",
            "smtp_sasl_auth_enable": "no",
            "smtp_sasl_password_maps": "",
        }
    )
    client.reload()
    for _ in range(count):
        client.submit(USER, "admin@customer.test")
    return [mail.queue_id for mail in client.wait_deferred(count, "Connection refused")]


def queue_file(client: Postfix, queue_id: str) -> Path:
    name = client.machine.shell(f"find /var/spool/postfix/deferred -name {queue_id}").strip()
    return client.machine.path(name)


def make_older(client: Postfix, queue_id: str, age_s: int) -> None:
    """Rewrites the arrival time in a queue file; its next attempt stays what it was."""
    path = queue_file(client, queue_id)
    content, times = path.read_bytes(), os.stat(path)
    at = content.index(b"T", 97) + 2
    arrival, _, rest = content[at:].partition(b" ")
    older = str(int(arrival) - age_s).encode()
    assert len(older) == len(arrival)
    path.write_bytes(content[:at] + older + b" " + rest)
    os.utime(path, (times.st_atime, times.st_mtime))


def test_held_mail_is_told_and_released(healthy: Postfix, agent: Agent) -> None:
    (queue_id,) = deferred(healthy)
    healthy.machine.run("postsuper", "-h", queue_id)
    report = agent.report()
    assert report.alarms() == {"held_mail"}
    agent.apply(report.findings()["held_mail"])
    assert agent.report().alarms() == set()


def test_corrupt_mail_is_told(healthy: Postfix, agent: Agent) -> None:
    healthy.machine.run(
        "install",
        "-o",
        "postfix",
        "-m",
        "0400",
        "/dev/null",
        "/var/spool/postfix/corrupt/ABCDEF0123",
    )
    assert agent.report().alarms() == {"corrupt_mail"}


def test_old_mail_is_told_by_its_arrival_and_not_by_its_file_times(
    healthy: Postfix, agent: Agent
) -> None:
    (queue_id,) = deferred(healthy)
    make_older(healthy, queue_id, 5 * HOUR_S)
    report = agent.report()
    assert report.alarms() == {"deferred_old"}
    queue = report.instance("queue")
    age = queue["time"] - queue["queues"]["deferred"]["oldest_arrival"]
    assert 5 * HOUR_S <= age < 5 * HOUR_S + 60


def test_mail_about_to_expire_is_told(healthy: Postfix, agent: Agent) -> None:
    (queue_id,) = deferred(healthy)
    make_older(healthy, queue_id, 108 * HOUR_S)
    report = agent.report()
    assert report.alarms() == {"deferred_old", "expiring_soon"}
    agent.apply(report.findings()["expiring_soon"])
    healthy.settle()
    assert agent.report().alarms() == {"deferred_old"}


def pid_of(client: Postfix, daemon: str) -> str:
    return wait_until(
        lambda: client.machine.run("pgrep", "-x", daemon, check=False).stdout.strip(),
        f"process {daemon}",
    )


def test_a_queue_manager_that_hangs_shows_in_overdue_attempts(
    healthy: Postfix, agent: Agent
) -> None:
    (queue_id,) = deferred(healthy)
    healthy.machine.run("kill", "-STOP", pid_of(healthy, "qmgr"))
    half_an_hour_ago = time.time() - HOUR_S / 2
    os.utime(queue_file(healthy, queue_id), (half_an_hour_ago, half_an_hour_ago))
    report = agent.report()
    assert report.alarms() == {"retries_overdue"}
    assert report.instance("queue")["overdue"]["messages"] == 1


def test_a_pickup_that_hangs_shows_in_maildrop(healthy: Postfix, agent: Agent) -> None:
    healthy.machine.run("kill", "-STOP", pid_of(healthy, "pickup"))
    healthy.submit(USER, "admin@customer.test")
    (mail,) = healthy.machine.path("/var/spool/postfix/maildrop").iterdir()
    os.utime(mail, (time.time() - 600, time.time() - 600))
    report = agent.report()
    assert report.alarms() == {"pickup_stuck"}
    agent.apply(report.findings()["pickup_stuck"])
    healthy.wait_empty()
    assert agent.report().alarms() == set()


def test_a_spool_without_room_is_told(healthy: Postfix, agent: Agent) -> None:
    healthy.stop()
    machine = healthy.machine
    machine.shell(
        "cp -a /var/spool/postfix /var/spool/saved && mount -t tmpfs -o size=8m,mode=755"
        " tmpfs /var/spool/postfix && cp -a /var/spool/saved/. /var/spool/postfix"
    )
    healthy.start()
    report = agent.report()
    assert report.alarms() == {"spool_nearly_full"}
    machine.shell("mount -o remount,size=100m /var/spool/postfix")
    assert agent.report().alarms() == set()


def test_a_second_instance_that_is_down_is_told_and_started(
    make_machine: Callable[..., Machine], healthy: Postfix, agent: Agent
) -> None:
    second = healthy.add_instance("postfix-out")
    second.configure({"relayhost": "[smtp.example.org]:25"})
    report = agent.report()
    assert report.alarms() == set()
    assert "instance_down" in report.alarms("postfix-out")
    agent.apply(report.findings("postfix-out")["instance_down"])
    report = agent.report()
    assert "instance_down" not in report.alarms("postfix-out")
    assert report.instance("service", "postfix-out")["running"] is True
