"""Log-in with OAuth 2.0 tokens: a scripted token endpoint, a real Dovecot that checks tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab import mailbox_server
from lab.certificates import CertificateAuthority
from lab.checkmk_site import STORAGE, CheckmkSite, stored
from lab.loops import PASSWORDS, Rule, loop
from lab.machine import Machine
from lab.mailbox_server import MailboxServer
from lab.network import Network
from lab.provider import start_scripted_servers

PORT = 8443
LOG = "/tmp/token-requests"
SILENCE = {"then": "silence"}


def answer(body: object, status: int = 200) -> dict[str, Any]:
    return {"status": status, "body": body if isinstance(body, str) else json.dumps(body)}


# What the endpoint answers at each path, and words that have to be told.
FAULTS = {
    "refused": (
        answer({"error": "invalid_client", "error_description": "Unknown client"}, 401),
        "invalid_client: Unknown client",
    ),
    "expired": (answer({"error": "invalid_grant"}, 400), "invalid_grant"),
    "broken": (answer("<html>Sorry</html>", 500), "500"),
    "nonsense": (answer("<html>Welcome</html>"), "without a usable access_token"),
    "empty": (answer({}), "without a usable access_token"),
    "wrong-type": (answer({"access_token": 7}), "without a usable access_token"),
    "not-http": ({"raw": "* OK IMAP ready\r\n", "then": "close"}, "HTTP/0.9"),
    "closed": (None, "Empty reply"),
    "slow": (SILENCE, "no answer in time"),
    "endless": ({"raw": "HTTP/1.1 200 OK\r\n\r\n", "flood": "x", "bytes": 10**8}, "65536 bytes"),
}


@pytest.fixture(scope="module")
def endpoint(
    network: Network, authority: CertificateAuthority, provider: MailboxServer
) -> Iterator[Machine]:
    good = answer({"access_token": provider.access_token("oauth"), "expires_in": 3600})
    wrong = answer({"access_token": "not-a-good-token", "expires_in": "3600"})
    replies = {f"/{name}": reply for name, (reply, _) in FAULTS.items()}
    with Machine("login.test") as machine:
        network.plug(machine, "192.0.2.41")
        issued = authority.issue(["login.test"])
        machine.write("/etc/ssl/login.pem", issued.certificate + issued.key)
        start_scripted_servers(
            machine,
            [
                {
                    "protocol": "http", "port": PORT, "implicit_tls": True, "log": LOG,
                    "certificate": "/etc/ssl/login.pem",
                    "replies": {"/token": good, "/other-token": good, "/wrong": wrong, **replies},
                },
            ],
        )  # fmt: skip
        yield machine


def oauth(
    path: str,
    mechanism: str = "auto",
    *,
    grant: str = "client_credentials",
    refresh: str = "refresh",
) -> Any:
    parts = {"client_secret": stored("client")}
    if grant == "refresh_token":
        parts["refresh_token"] = stored(refresh)
    return (
        "oauth2",
        {
            "user": mailbox_server.address("oauth"),
            "token_url": f"https://login.test:{PORT}{path}",
            "client_id": "monitoring",
            "grant": (grant, parts),
            "scope": "mail",
            "mechanism": mechanism,
        },
    )


def oauth_loop(name: str, auth: Any, mailbox_auth: Any = None) -> Rule:
    """Submission and mailbox at the provider, both by token."""
    return loop(
        name,
        user="oauth",
        sender=mailbox_server.address("oauth"),
        submission={"server": mailbox_server.HOST, "auth": auth},
        mailbox={"auth": mailbox_auth or auth},
    )


@pytest.fixture
def site(checkmk: CheckmkSite, endpoint: Machine) -> Iterator[CheckmkSite]:
    endpoint.write(LOG, "")
    return checkmk


@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token"])
@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer", "auto"])
def test_tokens_open_submission_and_mailbox(
    site: CheckmkSite, endpoint: Machine, mechanism: str, grant: str
) -> None:
    name = f"{mechanism}-{grant}"
    rule = [oauth_loop(name, oauth("/token", mechanism, grant=grant))]
    report = site.run(rule)
    assert report.of(name)["totals"]["completed"] == 1, report.text
    used = {report.of(name, section)["authenticated_with"] for section in ("submission", "mailbox")}
    assert used <= {"XOAUTH2", "OAUTHBEARER"}
    if mechanism != "auto":
        assert used == {mechanism.upper()}
    asked = endpoint.read(LOG)
    assert f"grant_type={grant}" in asked and PASSWORDS["client"] in asked
    # The token is kept until it expires.
    site.let_pass(301, name)
    assert site.run(rule).of(name)["totals"]["completed"] == 2
    assert endpoint.read(LOG) == asked


def test_submission_and_mailbox_may_have_refresh_tokens_of_their_own(
    site: CheckmkSite, endpoint: Machine
) -> None:
    """Two applications at the provider: each is asked with its own token, and both are kept."""
    rule = [
        oauth_loop(
            "two-tokens",
            oauth("/token", grant="refresh_token"),
            oauth("/other-token", grant="refresh_token", refresh="refresh2"),
        )
    ]
    assert site.run(rule).of("two-tokens")["totals"]["completed"] == 1
    asked = endpoint.read(LOG)
    requests = {line.partition(" ")[0]: line for line in asked.splitlines()}
    assert set(requests) == {"/token", "/other-token"}
    for path, own, others in (
        ("/token", PASSWORDS["refresh"], PASSWORDS["refresh2"]),
        ("/other-token", PASSWORDS["refresh2"], PASSWORDS["refresh"]),
    ):
        assert f"refresh_token={own}" in requests[path]
        assert f"refresh_token={others}" not in requests[path]
    site.let_pass(301, "two-tokens")
    assert site.run(rule).of("two-tokens")["totals"]["completed"] == 2
    assert endpoint.read(LOG) == asked


def test_no_token_leaves_the_program(
    site: CheckmkSite, provider: MailboxServer, endpoint: Machine
) -> None:
    rule = [oauth_loop("quiet", oauth("/token")), oauth_loop("wrong", oauth("/wrong"))]
    line = site.command_line(rule)
    report = site.run_line(line)
    texts = [line, report.text, site.shell(f"{line} --explain").stdout]
    texts.append(site.machine.shell(f"cat {STORAGE}/*/*/*.json"))
    for secret in (PASSWORDS["client"], PASSWORDS["refresh"], "not-a-good-token", "eyJhbGciOi"):
        assert all(secret not in text for text in texts)
    modes = site.machine.shell(f"stat -c %a {STORAGE}/*/*/*.token").split()
    assert modes and set(modes) == {"600"}


def test_a_token_that_the_server_refuses_is_not_kept(site: CheckmkSite, endpoint: Machine) -> None:
    # What Dovecot says in base64.
    status = {"xoauth2": '"status":"401"', "oauthbearer": '"status":"invalid_token"'}
    rule = [oauth_loop(mechanism, oauth("/wrong", mechanism)) for mechanism in status]
    for count in (1, 2):
        report = site.run(rule)
        for mechanism, words in status.items():
            failure = report.of(mechanism)["mailbox_failure"]
            assert failure["phase"] == "auth" and words in failure["reply"], failure
        assert endpoint.read(LOG).count("/wrong") >= count


def test_whatever_the_endpoint_answers_is_told_in_time(
    site: CheckmkSite, endpoint: Machine
) -> None:
    logins = {name: oauth(f"/{name}") for name in [*FAULTS, "down", "unknown"]}
    logins["down"][1]["token_url"] = f"https://login.test:{PORT + 1}/token"
    logins["unknown"][1]["token_url"] = "https://nosuch.test/token"
    report = site.run([loop(name, mailbox={"auth": auth}) for name, auth in logins.items()])
    expected = {name: words for name, (_, words) in FAULTS.items()}
    for name, words in {**expected, "down": "port 8444", "unknown": "nosuch.test"}.items():
        failure = report.of(name)["mailbox_failure"]
        assert failure and failure["phase"] == "token", (name, failure)
        assert words in f"{failure['error']} {failure['reply']}", (name, failure)
        state, summary = report.service(f"Mailbox access {name}")
        assert state == "CRIT" and words in summary
