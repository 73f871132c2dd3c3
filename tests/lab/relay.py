"""A provider's mail server: relays for those who log in, and keeps all mail in mailboxes."""

from __future__ import annotations

import email
import email.message
from collections.abc import Mapping, Sequence

from lab.certificates import Certificate, CertificateAuthority
from lab.machine import Machine
from lab.network import Network
from lab.postfix import Postfix, install_postfix, wait_until

HOST = "smtp.example.org"
IPV4 = "192.0.2.20"
IPV6 = "2001:db8::20"
USER = "monitoring@example.org"
PASSWORD = "correct horse"
CA_FILE = "/etc/ssl/certs/ca-certificates.crt"
# What a client needs to send through this relay; see use_relay.
SUBMISSION = {
    "relayhost": f"[{HOST}]:587",
    "smtp_sasl_auth_enable": "yes",
    "smtp_sasl_password_maps": "hash:/etc/postfix/sasl_passwd",
    "smtp_sasl_security_options": "noanonymous",
    "smtp_tls_security_level": "encrypt",
    "smtp_tls_CAfile": CA_FILE,
}
# It is also the mail exchanger of direct.test.
DIRECT_DOMAIN = "direct.test"
MAIL_DOMAINS = ("example.org", "customer.test", DIRECT_DOMAIN)

_DOVECOT = """
protocols = imap lmtp
listen = *, ::
base_dir = /run/dovecot
log_path = /var/log/dovecot.log
ssl = required
ssl_cert = </etc/ssl/relay.pem
ssl_key = </etc/ssl/relay.key
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
mail_location = maildir:/srv/mail/%n
first_valid_uid = 5000
passdb {{
    driver = passwd-file
    args = scheme=PLAIN username_format=%u /etc/dovecot/users
}}
userdb {{
    driver = static
    args = uid=vmail gid=vmail home=/srv/mail/%n allow_all_users=yes
}}
service anvil {{
    # Otherwise every wrong password makes the next answer some seconds later.
    unix_listener anvil-auth-penalty {{
        mode = 0
    }}
}}
service auth {{
    unix_listener /var/spool/postfix/private/auth {{
        mode = 0666
    }}
}}
service lmtp {{
    unix_listener /var/spool/postfix/private/dovecot-lmtp {{
        mode = 0666
    }}
}}
"""

_SERVICES = (
    (
        "submission/inet",
        "submission inet n - y - - smtpd",
        (
            "smtpd_tls_security_level=encrypt",
            "smtpd_client_restrictions=permit_sasl_authenticated,reject",
        ),
    ),
    (
        "smtps/inet",
        "smtps inet n - y - - smtpd",
        ("smtpd_tls_wrappermode=yes", "smtpd_client_restrictions=permit_sasl_authenticated,reject"),
    ),
)


class Relay:
    """Postfix on 25 (relays for the network), 587 (STARTTLS, AUTH), 465 (implicit TLS, AUTH);
    Dovecot for AUTH, mailboxes and IMAPS on 993."""

    def __init__(
        self,
        network: Network,
        authority: CertificateAuthority,
        *,
        host: str = HOST,
        ipv4: str = IPV4,
        ipv6: str | None = IPV6,
        mechanisms: str = "plain login",
        certificate: Certificate | None = None,
        users: Mapping[str, str] | None = None,
    ) -> None:
        self.machine = Machine(host)
        try:
            network.plug(self.machine, ipv4, ipv6)
            self._configure_dovecot(mechanisms, {USER: PASSWORD} if users is None else users)
            self.set_certificate(certificate or authority.issue([host]))
            self.postfix = install_postfix(
                self.machine,
                {
                    "myhostname": host,
                    "mydestination": "",
                    "mynetworks": "127.0.0.0/8 192.0.2.0/24",
                    "virtual_mailbox_domains": ", ".join(MAIL_DOMAINS),
                    "virtual_mailbox_maps": "static:all",
                    "virtual_transport": "lmtp:unix:private/dovecot-lmtp",
                    "smtpd_sasl_auth_enable": "yes",
                    "smtpd_sasl_type": "dovecot",
                    "smtpd_sasl_path": "private/auth",
                    "smtpd_tls_security_level": "may",
                    "smtpd_tls_cert_file": "/etc/ssl/relay.pem",
                    "smtpd_tls_key_file": "/etc/ssl/relay.key",
                },
            )
            for service, entry, overrides in _SERVICES:
                self.postfix.postconf("-M", f"{service}={entry}")
                for override in overrides:
                    self.postfix.postconf("-P", f"{service}/{override}")
            self.postfix.settle()
            self.machine.run("dovecot")
            self.postfix.start()
        except BaseException:
            self.machine.close()
            raise

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.machine.close()

    def _configure_dovecot(self, mechanisms: str, users: Mapping[str, str]) -> None:
        self.machine.add_user("vmail", 5000)
        self.machine.shell("mkdir -p /srv/mail && chown vmail:vmail /srv/mail")
        self.machine.write("/etc/dovecot/dovecot.conf", _DOVECOT.format(mechanisms=mechanisms))
        self.set_users(users)

    def set_users(self, users: Mapping[str, str]) -> None:
        """Login names and passwords from now on."""
        self.machine.write(
            "/etc/dovecot/users", "".join(f"{name}:{secret}\n" for name, secret in users.items())
        )

    def set_certificate(self, certificate: Certificate) -> None:
        self.machine.write("/etc/ssl/relay.pem", certificate.certificate)
        self.machine.write("/etc/ssl/relay.key", certificate.key, 0o600)

    def wait_mails(self, mailbox: str, count: int = 1) -> Sequence[email.message.Message]:
        """The mails once there are `count`: delivery goes on after the sender's queue is empty."""
        return wait_until(
            lambda: len(self.mails(mailbox)) >= count and self.mails(mailbox),
            f"{count} mails of {mailbox}",
        )

    def mails(self, mailbox: str) -> Sequence[email.message.Message]:
        """Mails that have arrived in "admin" of admin@example.org."""
        folder = self.machine.path(f"/srv/mail/{mailbox}/new")
        if not folder.exists():
            return []
        return [email.message_from_bytes(file.read_bytes()) for file in sorted(folder.iterdir())]


def use_relay(client: Postfix, password: str = PASSWORD) -> Postfix:
    """Configures a client as an administrator should: nothing is wrong with it afterwards."""
    client.configure(SUBMISSION)
    client.write_map("sasl_passwd", {SUBMISSION["relayhost"]: f"{USER}:{password}"})
    return client
