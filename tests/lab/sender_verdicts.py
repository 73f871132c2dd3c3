"""What mail servers do about the sender of a mail: sign it, and judge it by DKIM and SPF."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab.network import GATEWAY_IPV4
from lab.relay import Relay

SELECTOR = "lab"
_MILTER = "inet:8891@127.0.0.1"
_POLICY_SERVICE = "policyd-spf"


class SigningKey:
    """An RSA key, and the text that a domain publishes for it."""

    def __init__(self, folder: Path, name: str) -> None:
        file = folder / f"{name}.key"
        subprocess.run(["openssl", "genrsa", "-out", file, "2048"], check=True, capture_output=True)
        self.private = file.read_text(encoding="ascii")
        public = subprocess.run(
            ["openssl", "rsa", "-in", file, "-pubout", "-outform", "DER"],
            check=True, capture_output=True,
        ).stdout  # fmt: skip
        self.published = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def sign_mail(server: Relay, domains: Sequence[str], key: SigningKey) -> None:
    """OpenDKIM signs what authenticated users of the server send as these domains."""
    server.machine.write("/etc/dkim.key", key.private, 0o600)
    _run_opendkim(
        server,
        "Mode s\nCanonicalization relaxed/simple\nKeyFile /etc/dkim.key\n"
        f"Domain {','.join(domains)}\nSelector {SELECTOR}\n",
    )


def judge_mail(server: Relay, authority: str) -> None:
    """OpenDKIM and an SPF policy service judge what arrives, and say so in the name of `authority`,
    but refuse nothing."""
    server.machine.write(
        "/etc/policyd-spf.conf",
        "HELO_reject = False\nMail_From_reject = False\nHeader_Type = AR\n"
        f"Authserv_Id = {authority}\n",
    )
    server.postfix.postconf(
        "-M",
        f"{_POLICY_SERVICE}/unix={_POLICY_SERVICE} unix - n n - 0 spawn user=nobody"
        " argv=/usr/bin/policyd-spf /etc/policyd-spf.conf",
    )
    server.postfix.configure(
        {
            "smtpd_recipient_restrictions": "reject_unauth_destination,"
            f" check_policy_service unix:private/{_POLICY_SERVICE}, permit"
        }
    )
    _run_opendkim(server, f"Mode v\nAuthservID {authority}\nAlwaysAddARHeader yes\n")


def _run_opendkim(server: Relay, settings: str) -> None:
    server.machine.write(
        "/etc/opendkim.conf",
        f"{settings}Socket {_MILTER}\nPidFile /run/opendkim.pid\nRequireSafeKeys no\n"
        # Left to itself it would ask the servers of the root zone.
        f"UserID root\nBackground yes\nNameservers {GATEWAY_IPV4}\n",
    )
    server.machine.run("opendkim", "-x", "/etc/opendkim.conf")
    server.postfix.configure({"smtpd_milters": "inet:127.0.0.1:8891"})
    server.postfix.reload()
