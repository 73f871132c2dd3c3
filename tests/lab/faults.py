"""Faults of a host, each with the findings that tell it and what takes them away."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.agent import Agent, Report
from lab.postfix import Postfix, wait_until
from lab.relay import CA_FILE, HOST, PASSWORD, SUBMISSION, USER, use_relay
from lab.services import remove_package

HOUR_S = 3600
RECIPIENT = "admin@customer.test"
MAIN_CF = "/etc/postfix/main.cf"
CREDENTIALS = "/etc/postfix/sasl_passwd"
SPOOL = "/var/spool/postfix"
IMPLICIT_TLS = f"[{HOST}]:465"

Change = Callable[[Postfix], None]


@dataclass(frozen=True)
class Fault:
    """What breaks a client that is all right; findings that must and alone may appear.

    The findings' own commands repair it: where one opens an editor, `typed` is what the
    administrator adds to the file. Or `repair` does, where nothing but the administrator can.
    """

    breaking: Change
    findings: frozenset[str]
    typed: str = ""
    repair: Change | None = None


def _fault(
    breaking: Change, *findings: str, typed: str = "", repair: Change | None = None
) -> Fault:
    return Fault(breaking, frozenset(findings), typed, repair)


# What even a client that is all right has: a notice of the table type that Debian uses.
USUAL = frozenset({"berkeley_db_maps"})


def repair(client: Postfix, agent: Agent, report: Report, fault: Fault) -> None:
    """Does what the findings say, or what only the administrator could know."""
    if fault.repair:
        fault.repair(client)
    else:
        for finding_id in sorted(fault.findings):
            agent.apply(report.findings()[finding_id], fault.typed)
    client.settle()


def setting(**settings: str) -> Change:
    return lambda client: client.configure(settings)


def unset(*names: str) -> Change:
    return lambda client: client.unset(*names)


def all_of(*changes: Change) -> Change:
    def change(client: Postfix) -> None:
        for one in changes:
            one(client)

    return change


def appended(line: str) -> Change:
    def append(client: Postfix) -> None:
        with client.machine.path(MAIN_CF).open("a", encoding="utf-8") as main_cf:
            main_cf.write(f"{line}\n")
        client.settle()

    return append


def without_last_line(client: Postfix) -> None:
    lines = client.machine.read(MAIN_CF).splitlines(keepends=True)
    client.machine.write(MAIN_CF, "".join(lines[:-1]))
    client.settle()


def shell(script: str) -> Change:
    return lambda client: client.machine.shell(script) and None


def credentials(key: str, value: str = f"{USER}:{PASSWORD}", kind: str = "hash") -> Change:
    return lambda client: client.write_map("sasl_passwd", {key: value}, kind=kind) and None


def table(parameter: str, file: str, lines: Mapping[str, str], kind: str = "hash") -> Change:
    """A lookup table that is as it should be, named in main.cf."""

    def change(client: Postfix) -> None:
        path = client.write_map(file, lines, kind=kind, mode=0o644)
        client.configure({parameter: f"{kind}:{path}"})

    return change


# As the package's own configuration has it.
ALIASES = setting(alias_maps="hash:/etc/aliases")
POLICY = table("smtp_tls_policy_maps", "tls_policy", {f"[{HOST}]:587": "encrypt"})
LMDB_POLICY = table("smtp_tls_policy_maps", "tls_policy", {f"[{HOST}]:587": "encrypt"}, "lmdb")
LMDB_GENERIC = table("smtp_generic_maps", "generic", {"root": USER}, "lmdb")


def removed(*files: str) -> Change:
    return lambda client: client.machine.run("rm", "-r", *files) and None


def stale(source: str) -> Change:
    """A built table that is older than its source."""

    def change(client: Postfix) -> None:
        # Postfix looks at the age of sources only that have been left alone for 100 s.
        for name, age_s in ((source, 600), (f"{source}.db", HOUR_S)):
            then = time.time() - age_s
            os.utime(client.machine.path(name), (then, then))

    return change


def package_removed(package: str) -> Change:
    return lambda client: remove_package(client.machine, package)


def client_certificate(days: int = 30, key: str = "client.key") -> Change:
    """A certificate of the client's own for the key in this file; Postfix uses client.key."""

    def change(client: Postfix) -> None:
        make_key = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out"
        client.machine.shell(
            f"cd /etc/postfix && {make_key} client.key && {make_key} other.key"
            f" && openssl req -new -key {key} -subj /CN=client -out client.csr"
            f" && openssl x509 -req -in client.csr -signkey {key} -days {days} -out client.pem"
        )
        client.configure(
            {
                "smtp_tls_cert_file": "/etc/postfix/client.pem",
                "smtp_tls_key_file": "/etc/postfix/client.key",
            }
        )

    return change


def without_room(client: Postfix) -> None:
    """The queue on a small file system of its own."""
    client.stop()
    client.machine.shell(
        f"cp -a {SPOOL} /var/spool/saved && mount -t tmpfs -o size=8m,mode=755 tmpfs {SPOOL}"
        f" && cp -a /var/spool/saved/. {SPOOL}"
    )
    client.start()


# Queue ---------------------------------------------------------------------------------------


def with_deferred(client: Postfix, count: int = 1) -> list[str]:
    """Queue IDs of mails that a port held up which is open again."""
    client.configure({"relayhost": "[closed.example.org]:587", "smtp_sasl_auth_enable": "no"})
    client.reload()
    for _ in range(count):
        client.submit(USER, RECIPIENT)
    mails = client.wait_deferred(count, "Connection refused")
    use_relay(client)
    client.settle()
    return [mail.queue_id for mail in mails]


def delivered_after_all(client: Postfix) -> None:
    """What was wrong with the relay is over."""
    use_relay(client)
    client.reload()
    client.deliver_all()


def queue_file(client: Postfix, queue_id: str) -> Path:
    name = client.machine.shell(f"find {SPOOL}/deferred -name {queue_id}").strip()
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


def old_mail(hours: int) -> Change:
    def change(client: Postfix) -> None:
        (queue_id,) = with_deferred(client)
        make_older(client, queue_id, hours * HOUR_S)

    return change


def held_mail(client: Postfix) -> None:
    (queue_id,) = with_deferred(client)
    client.machine.run("postsuper", "-h", queue_id)


def corrupt_mail(client: Postfix) -> None:
    """The queue manager itself sets aside what it cannot understand."""
    client.machine.write(f"{SPOOL}/incoming/ABCDEF0123", b"no queue file", 0o700)
    client.machine.run("chown", "postfix:postfix", f"{SPOOL}/incoming/ABCDEF0123")
    client.flush()
    corrupt = client.machine.path(f"{SPOOL}/corrupt")
    wait_until(lambda: list(corrupt.iterdir()), "a corrupt queue file")


def pid_of(client: Postfix, daemon: str) -> str:
    return wait_until(
        lambda: client.machine.run("pgrep", "-x", daemon, check=False).stdout.strip(),
        f"process {daemon}",
    )


def hanging_queue_manager(client: Postfix) -> None:
    (queue_id,) = with_deferred(client)
    client.machine.run("kill", "-STOP", pid_of(client, "qmgr"))
    half_an_hour_ago = time.time() - HOUR_S / 2
    os.utime(queue_file(client, queue_id), (half_an_hour_ago, half_an_hour_ago))


def hanging_pickup(client: Postfix) -> None:
    client.machine.run("kill", "-STOP", pid_of(client, "pickup"))
    client.submit(USER, RECIPIENT)
    (mail,) = client.machine.path(f"{SPOOL}/maildrop").iterdir()
    os.utime(mail, (time.time() - 600, time.time() - 600))


def busy_queue_manager(client: Postfix) -> None:
    """As many messages under delivery as the queue manager takes on, to a silent server."""
    relayhost = "[silent.example.org]:587"
    client.configure(
        {
            "relayhost": relayhost,
            "qmgr_message_active_limit": "2",
            "smtp_connect_timeout": "60s",
        }
    )
    credentials(relayhost)(client)
    client.restart()
    for _ in range(3):
        client.submit(USER, RECIPIENT)
    active = client.machine.path(f"{SPOOL}/active")
    wait_until(lambda: len(list(active.iterdir())) == 2, "two messages under delivery")


def idle_queue_manager(client: Postfix) -> None:
    use_relay(client)
    client.restart()
    client.deliver_all()


FAULTS: Mapping[str, Fault] = {
    # service
    "stopped": _fault(Postfix.stop, "master_down"),
    "spool without room": _fault(
        without_room, "spool_nearly_full", repair=shell(f"mount -o remount,size=100m {SPOOL}")
    ),
    "folder of somebody else": _fault(
        shell(f"chown root {SPOOL}/deferred && chmod 755 {SPOOL}/private"), "wrong_permissions"
    ),
    # queue
    "queue folder gone": _fault(removed(f"{SPOOL}/deferred"), "queue_unreadable"),
    "pickup hangs": _fault(hanging_pickup, "pickup_stuck"),
    "queue manager busy": _fault(
        busy_queue_manager, "active_saturated", "relay_unreachable", repair=idle_queue_manager
    ),
    "queue manager hangs": _fault(hanging_queue_manager, "retries_overdue"),
    "old mail": _fault(old_mail(5), "deferred_old", repair=delivered_after_all),
    "mail about to expire": _fault(
        old_mail(108), "deferred_old", "expiring_soon", repair=delivered_after_all
    ),
    "mail on hold": _fault(held_mail, "held_mail"),
    "corrupt mail": _fault(corrupt_mail, "corrupt_mail", repair=shell(f"rm {SPOOL}/corrupt/*")),
    # config
    "main.cf rejected": _fault(
        appended("no equals sign"), "configuration_rejected", repair=without_last_line
    ),
    "value that no program understands": _fault(
        setting(maximal_queue_lifetime="5x"), "malformed_value"
    ),
    "smtp client taken out of master.cf": _fault(
        lambda client: client.postconf("-MX", "smtp/unix") and None, "service_missing"
    ),
    "transport kept": _fault(setting(defer_transports="smtp"), "transport_deferred"),
    "mail thrown away": _fault(setting(default_transport="discard"), "mail_discarded"),
    "port without a number": _fault(
        all_of(setting(relayhost=f"[{HOST}]:nosuch"), credentials(f"[{HOST}]:nosuch")),
        "relayhost_malformed",
        repair=use_relay,
    ),
    "jail closed": _fault(shell(f"chmod 700 {SPOOL}/etc"), "chroot_drift"),
    "unknown parameter": _fault(
        appended("smtp_relayhots = [smtp.example.org]:587"), "unknown_parameter"
    ),
    "old level": _fault(setting(compatibility_level="2"), "old_compatibility_level"),
    "provider without brackets": _fault(
        all_of(setting(relayhost=f"{HOST}:587"), credentials(f"{HOST}:587")),
        "relayhost_lacks_brackets",
        repair=use_relay,
    ),
    "bracket left open": _fault(
        setting(relayhost=f"[{HOST}:587"), "relayhost_malformed", repair=use_relay
    ),
    "jail out of date": _fault(
        shell("echo nameserver 192.0.2.99 >>/etc/resolv.conf"), "chroot_drift"
    ),
    "host name nobody outside knows": _fault(
        all_of(setting(myhostname="monitor.lan"), shell("echo monitor.lan >/etc/mailname")),
        "generic_map_missing",
    ),
    "port 25 open without need": _fault(setting(inet_interfaces="all"), "port25_exposed"),
    "aliases not built": _fault(all_of(ALIASES, removed("/etc/aliases.db")), "map_not_built"),
    "aliases stale": _fault(all_of(ALIASES, stale("/etc/aliases")), "map_stale"),
    "generic map of a type not installed": _fault(
        all_of(LMDB_GENERIC, package_removed("postfix-lmdb")), "map_type_unsupported"
    ),
    # sasl
    "secret readable": _fault(shell(f"chmod 644 {CREDENTIALS}"), "secret_readable"),
    "credentials not built": _fault(removed(f"{CREDENTIALS}.db"), "map_not_built"),
    "credentials stale": _fault(stale(CREDENTIALS), "map_stale"),
    "credentials of a type not installed": _fault(
        all_of(
            credentials(SUBMISSION["relayhost"], kind="lmdb"),
            setting(smtp_sasl_password_maps=f"lmdb:{CREDENTIALS}"),
            package_removed("postfix-lmdb"),
        ),
        "map_type_unsupported",
    ),
    "no password": _fault(
        credentials(SUBMISSION["relayhost"], USER),
        "credentials_wrong_shape",
        repair=use_relay,
    ),
    "key of another form": _fault(
        credentials(f"{HOST}:587"),
        "relay_key_mismatch",
        typed=f"{SUBMISSION['relayhost']} {USER}:{PASSWORD}",
    ),
    "AUTH off": _fault(setting(smtp_sasl_auth_enable="no"), "auth_disabled_with_credentials"),
    "plain text forbidden": _fault(unset("smtp_sasl_security_options"), "noplaintext_default"),
    "SASL package removed": _fault(package_removed("libsasl2-modules"), "sasl_plugin_missing"),
    "filter leaves nothing": _fault(
        setting(smtp_sasl_mechanism_filter="gssapi"), "mechanism_mismatch"
    ),
    # tls
    "legacy TLS switch": _fault(setting(smtp_use_tls="yes"), "deprecated_tls_switch"),
    "level misspelled": _fault(setting(smtp_tls_security_level="encrpyt"), "tls_level_invalid"),
    "no TLS": _fault(setting(smtp_tls_security_level="none"), "password_without_tls"),
    "optional TLS": _fault(setting(smtp_tls_security_level="may"), "strippable_tls"),
    "TLS port without wrapper mode": _fault(
        all_of(setting(relayhost=IMPLICIT_TLS), credentials(IMPLICIT_TLS)),
        "tls_port_without_wrapper",
    ),
    "wrapper mode with optional TLS": _fault(
        all_of(
            setting(
                relayhost=IMPLICIT_TLS, smtp_tls_wrappermode="yes", smtp_tls_security_level="may"
            ),
            credentials(IMPLICIT_TLS),
        ),
        "wrapper_level_too_low",
        "strippable_tls",
    ),
    "wrapper mode on the STARTTLS port": _fault(
        setting(smtp_tls_wrappermode="yes"), "wrapper_on_starttls_port"
    ),
    "CA file missing": _fault(
        setting(smtp_tls_CAfile="/etc/ssl/certs/gone.pem"),
        "ca_file_missing",
        "relay_certificate_untrusted",
    ),
    "CA file is a folder": _fault(
        setting(smtp_tls_CAfile="/etc/ssl/certs"),
        "ca_file_missing",
        "relay_certificate_untrusted",
    ),
    "no CA at all": _fault(
        all_of(unset("smtp_tls_CAfile"), setting(smtp_tls_security_level="secure")),
        "ca_file_missing",
        "certificate_refused",
    ),
    "CA bundle of the distribution damaged": _fault(
        # What the lab's authority is made known by before the bundle is made anew.
        shell(f"cp {CA_FILE} /usr/local/share/ca-certificates/lab.crt && : >{CA_FILE}"),
        "ca_file_missing",
        "relay_certificate_untrusted",
    ),
    "CA folder outside the jail": _fault(
        all_of(
            unset("smtp_tls_CAfile"),
            setting(smtp_tls_CApath="/etc/ssl/certs", smtp_tls_security_level="secure"),
        ),
        "capath_outside_jail",
        "certificate_refused",
    ),
    "key of another certificate": _fault(
        client_certificate(key="other.key"),
        "client_certificate_unusable",
        "tls_handshake_failed",
        repair=client_certificate(),
    ),
    "client certificate expired": _fault(
        client_certificate(days=-1), "client_certificate_unusable", repair=client_certificate()
    ),
    "key of the client certificate gone": _fault(
        all_of(client_certificate(), removed("/etc/postfix/client.key")),
        "client_certificate_unusable",
        "tls_handshake_failed",
        repair=unset("smtp_tls_cert_file", "smtp_tls_key_file"),
    ),
    "TLS policy not built": _fault(
        all_of(POLICY, removed("/etc/postfix/tls_policy.db")), "map_not_built"
    ),
    "TLS policy stale": _fault(all_of(POLICY, stale("/etc/postfix/tls_policy")), "map_stale"),
    "TLS policy of a type not installed": _fault(
        all_of(LMDB_POLICY, package_removed("postfix-lmdb")), "map_type_unsupported"
    ),
}
