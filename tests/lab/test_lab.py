"""The lab itself: its machines are apart from this one, its daemons say what real ones say."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.machine import LabError, Machine
from lab.network import Network
from lab.postfix import Postfix, install_postfix, wait_until
from lab.relay import CA_FILE, PASSWORD, SUBMISSION, USER, Relay, use_relay
from lab.services import remove_package


def test_nothing_written_inside_a_machine_is_seen_outside(network: Network) -> None:
    with Machine("apart.test") as machine:
        machine.shell("touch /etc/apart /usr/sbin/apart /tmp/apart; rm /usr/sbin/postconf")
        for name in ("/etc/apart", "/usr/sbin/apart", "/tmp/apart"):
            assert not Path(name).exists()
        assert Path("/usr/sbin/postconf").exists()


def test_machines_made_in_a_row_never_write_to_the_real_system(network: Network) -> None:
    names = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"]
    before = [(Path(name).read_bytes(), os.stat(name).st_ino) for name in names]
    for number in range(20):
        Machine(f"machine-{number}.test").close()
    assert [(Path(name).read_bytes(), os.stat(name).st_ino) for name in names] == before


def test_absolute_links_lead_into_the_machine(network: Network) -> None:
    with Machine("links.test") as machine:
        machine.shell("mkdir /srv/real && ln -s /srv/real /srv/link && ln -s /srv/link /srv/next")
        machine.write("/srv/next/file", "inside")
        assert machine.shell("cat /srv/real/file") == "inside"
    assert not Path("/srv/real").exists()


def test_a_closed_machine_leaves_no_process_and_no_file(network: Network) -> None:
    with Machine("gone.test") as machine:
        install_postfix(machine).start()
        base = machine._base
        first = machine.pid
    assert not Path(f"/proc/{first}").exists()
    assert not base.exists()
    assert str(base) not in Path("/proc/mounts").read_text()


def test_a_machine_reaps_orphans(network: Network) -> None:
    with Machine("orphan.test") as machine:
        machine.shell("(sleep 0 &)")
        wait_until(lambda: "sleep" not in machine.shell("ps -e -o comm"), "the end of an orphan")


def test_commands_that_fail_say_why(network: Network) -> None:
    with Machine("failing.test") as machine:
        with pytest.raises(LabError, match="exit status 3\nout\nerr"):
            machine.shell("echo out; echo err >&2; exit 3")
        with pytest.raises(LabError, match="no end after 0.1 s"):
            machine.run("sleep", "10", timeout_s=0.1)


def test_a_mail_reaches_its_mailbox_over_an_authenticated_relay(
    client: Postfix, relay: Relay
) -> None:
    use_relay(client).start()
    client.submit(USER, "first@customer.test", subject="Round trip", user="monitoring")
    client.wait_empty()
    (mail,) = relay.wait_mails("first")
    assert mail["Subject"] == "Round trip"
    assert any("with ESMTPSA" in hop for hop in mail.get_all("Received"))


def test_implicit_tls_is_served_on_465(client: Postfix, relay: Relay) -> None:
    client.configure(
        {**SUBMISSION, "relayhost": "[smtp.example.org]:465", "smtp_tls_wrappermode": "yes"}
    )
    client.write_map("sasl_passwd", {"[smtp.example.org]:465": f"{USER}:{PASSWORD}"})
    client.start()
    client.submit(USER, "implicit@customer.test")
    client.wait_empty()
    assert len(relay.wait_mails("implicit")) == 1


def test_mailboxes_are_served_over_imaps(client: Postfix, relay: Relay) -> None:
    answer = client.machine.shell(
        f"openssl s_client -quiet -connect smtp.example.org:993 -CAfile {CA_FILE}"
        " -verify_return_error -verify_hostname smtp.example.org 2>/dev/null",
        stdin=f'a LOGIN "{USER}" "{PASSWORD}"\r\nb LOGOUT\r\n',
    )
    assert "a OK" in answer


def test_a_blocked_port_25_times_out(client: Postfix) -> None:
    client.start()
    client.submit(USER, "admin@customer.test")
    client.wait_deferred(
        reason="connect to mx.customer.test[198.51.100.25]:25: " "Connection timed out"
    )


@pytest.mark.parametrize(
    ("relayhost", "reason"),
    [
        pytest.param(
            "[ipv6.example.org]:587",
            "connect to ipv6.example.org[2001:db8:ffff::25]:587: Network is unreachable",
            id="no IPv6 route",
        ),
        pytest.param(
            "[closed.example.org]:587",
            "connect to closed.example.org[192.0.2.1]:587: Connection refused",
            id="closed",
        ),
        pytest.param(
            "[nosuch.example.org]:587",
            "Host or domain name not found. Name service error for name=nosuch.example.org "
            "type=A",
            id="no such host",
        ),
    ],
)
def test_relayhost_out_of_reach(client: Postfix, relayhost: str, reason: str) -> None:
    client.configure({"relayhost": relayhost})
    client.start()
    client.submit(USER, "admin@customer.test")
    client.wait_deferred(reason=reason)


def test_a_removed_sasl_package_can_be_installed_again(client: Postfix, relay: Relay) -> None:
    remove_package(client.machine, "libsasl2-modules")
    use_relay(client).start()
    client.submit(USER, "again@customer.test")
    client.wait_deferred(reason="no mechanism available")
    client.machine.shell("apt install libsasl2-modules && systemctl restart postfix")
    client.flush()
    client.wait_empty()
    assert len(relay.wait_mails("again")) == 1


def test_a_wrong_password_is_refused_without_delay(client: Postfix, relay: Relay) -> None:
    use_relay(client, "wrong").start()
    client.submit(USER, "admin@customer.test")
    client.wait_deferred(reason="said: 535 5.7.8 Error: authentication failed")


def test_machines_can_hold_several_instances(make_machine: Callable[..., Machine]) -> None:
    machine = make_machine()
    first = install_postfix(machine)
    second = first.add_instance("postfix-out")
    listed = [line.split()[0] for line in machine.shell("postmulti -l").splitlines()]
    assert listed == ["-", "postfix-out"]
    for postfix in (first, second):
        postfix.configure({"relayhost": "[closed.example.org]:587"})
        postfix.start()
    second.submit(USER, "admin@customer.test")
    assert second.wait_deferred(reason="Connection refused") and first.queue() == []
