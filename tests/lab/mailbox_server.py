"""A provider where mailboxes live: its mail exchanger, its mailboxes, what may happen in them."""

from __future__ import annotations

import base64
import hmac
import json
import os
import time

from lab.certificates import CertificateAuthority
from lab.network import Network
from lab.relay import Relay

DOMAIN = "provider.test"
HOST = "mx.provider.test"
IMAP_HOST = "imap.provider.test"
IPV4 = "192.0.2.30"
PASSWORD = "battery-staple"
JUNK_FOLDER = "Spam"
QUOTA_BYTES = 2 * 1024 * 1024

# What becomes of mail to these users. Everybody else's is kept in INBOX.
JUNKED = "junked"  # sorted into JUNK_FOLDER
TWICE = "twice"  # arrives twice
HELD = "held"  # late: waits in the exchanger's queue until release()
SWALLOWED = "swallowed"  # accepted, never seen again
REFUSED = "refused"  # 550 to RCPT TO
READ_ONLY = "readonly"  # INBOX cannot be changed by its owner
SORTED = "sorted"  # moved into FURTHER_FOLDER, as a user's own rule does
FURTHER_FOLDER = "Probes"

_DOVECOT = f"""
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
lda_mailbox_autocreate = yes
mail_plugins = quota acl
passdb {{
    driver = static
    args = password={PASSWORD}
    mechanisms = plain login
}}
passdb {{
    driver = oauth2
    mechanisms = xoauth2 oauthbearer
    args = /etc/dovecot/oauth2.conf
}}
namespace inbox {{
    inbox = yes
    separator = /
    mailbox {JUNK_FOLDER} {{
        special_use = \\Junk
        auto = create
    }}
}}
protocol imap {{
    mail_plugins = quota acl imap_quota imap_acl
}}
plugin {{
    quota = count:User quota
    quota_vsizes = yes
    quota_rule = *:storage={QUOTA_BYTES // 1024}K
    acl = vfile:/etc/dovecot/acl
}}
"""

_OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=/etc/dovecot/keys/
username_attribute = email
"""

# Reading, and taking in what LMTP delivers: nothing else makes a folder read-only.
_ACL = f"INBOX user={READ_ONLY}@{DOMAIN} lrp\n"

_ALIASES = f"""
/^{JUNKED}@(.*)$/ {JUNKED}+{JUNK_FOLDER}@$1
/^{TWICE}@(.*)$/ {TWICE}@$1, {TWICE}+INBOX@$1
/^{SORTED}@(.*)$/ {SORTED}+{FURTHER_FOLDER}@$1
"""

_ACCESS = f"""
/^{HELD}@/ HOLD
/^{SWALLOWED}@/ DISCARD
/^{REFUSED}@/ 550 5.1.1 No such person here
"""


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def address(user: str, domain: str = DOMAIN) -> str:
    return f"{user}@{domain}"


class MailboxServer(Relay):
    """Postfix on 25 takes mail for its domain; Dovecot keeps it and serves IMAP: TLS on 993,
    STARTTLS on 143, a folder marked Junk, a quota. Anybody logs in by address and PASSWORD, or with
    a token."""

    def __init__(
        self,
        network: Network,
        authority: CertificateAuthority,
        *,
        host: str = HOST,
        imap_host: str = IMAP_HOST,
        ipv4: str = IPV4,
        domain: str = DOMAIN,
    ) -> None:
        super().__init__(
            network,
            authority,
            host=host,
            ipv4=ipv4,
            ipv6=None,
            certificate=authority.issue([host, imap_host]),
            mechanisms="plain login xoauth2 oauthbearer",
            users={},
        )
        self._token_key = os.urandom(32)
        try:
            self._set_up(domain)
        except BaseException:
            self.close()
            raise

    def _set_up(self, domain: str) -> None:
        configuration = self.machine.read("/etc/dovecot/dovecot.conf")
        self.machine.write("/etc/dovecot/dovecot.conf", configuration + _DOVECOT)
        self.machine.write("/etc/dovecot/acl", _ACL)
        self.machine.write("/etc/dovecot/oauth2.conf", _OAUTH2)
        self.machine.write(
            "/etc/dovecot/keys/default/HS256/default", base64.b64encode(self._token_key)
        )
        self.machine.write("/etc/postfix/aliases.pcre", _ALIASES)
        self.machine.write("/etc/postfix/access.pcre", _ACCESS)
        self.postfix.configure(
            {
                "mynetworks": "127.0.0.0/8",
                "virtual_mailbox_domains": domain,
                "virtual_alias_maps": "pcre:/etc/postfix/aliases.pcre",
                "smtpd_recipient_restrictions": "check_recipient_access"
                " pcre:/etc/postfix/access.pcre, permit",
            }
        )
        self.postfix.reload()
        self.machine.run("doveadm", "reload")

    def start_mailboxes(self) -> None:
        self.machine.run("dovecot")

    def stop_mailboxes(self) -> None:
        """Nobody can log in any more; mail waits in the exchanger's queue."""
        self.machine.run("doveadm", "stop")

    def sort_into_junk(self, user: str, domain: str = DOMAIN) -> None:
        """The provider begins to take this user's mail for spam."""
        self.machine.write(
            "/etc/postfix/aliases.pcre", f"{_ALIASES}/^{user}@/ {user}+{JUNK_FOLDER}@{domain}\n"
        )
        self.postfix.reload()

    def trust_again(self) -> None:
        self.machine.write("/etc/postfix/aliases.pcre", _ALIASES)
        self.postfix.reload()

    def release(self) -> None:
        """Delivers what was held."""
        self.machine.run("postsuper", "-r", "ALL")
        self.postfix.flush()

    def access_token(self, user: str, domain: str = DOMAIN, life_s: int = 3600) -> str:
        """A token that lets this user in: a JSON Web Token (RFC 7519) signed with our key."""
        now = int(time.time())
        claims = {"sub": user, "email": address(user, domain), "iat": now - 10, "exp": now + life_s}
        parts = [{"alg": "HS256", "typ": "JWT"}, claims]
        text = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
        return f"{text}.{_base64url(hmac.digest(self._token_key, text.encode(), 'sha256'))}"

    def folder(self, user: str, folder: str = "") -> str:
        """Where the mails of a folder are; "" is INBOX, else as the file system names it."""
        return f"/srv/mail/{user}" + (f"/.{folder}" if folder else "")

    def put(self, user: str, mails: dict[str, str], folder: str = "") -> None:
        """Writes mails into a mailbox as somebody else's software did before: name: text."""
        directory = f"{self.folder(user, folder)}/cur"
        self.machine.shell(f"install -d -o vmail -g vmail -m 700 {directory}")
        for name, text in mails.items():
            self.machine.write(f"{directory}/{name}", text, 0o600)
        self.machine.shell(f"chown -R vmail:vmail {self.folder(user)}")

    def names(self, user: str, folder: str = "") -> set[str]:
        """The file names, flags included, of all mails in a folder."""
        directory = self.machine.path(self.folder(user, folder))
        return {
            file.name
            for kind in ("cur", "new")
            if (directory / kind).exists()
            for file in (directory / kind).iterdir()
        }
