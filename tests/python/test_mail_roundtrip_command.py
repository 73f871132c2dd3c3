"""From the rule "Mail roundtrip" to the command line of its special agent."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from cmk.rulesets.v1.form_specs.validators import ValidationError
from cmk.rulesets.v1.rule_specs import SpecialAgent
from cmk.server_side_calls.v1 import HostConfig, IPv4Config
from engine import PasswordStore, validate
from family import new_site

SITE = new_site()
HOST = HostConfig(
    name="mail",
    ipv4_config=IPv4Config(address="192.0.2.5"),
    macros={"$HOSTNAME$": "mail"},
)
STORE = PasswordStore(passwords={"smtp_pw": "s3cr3t", "imap_pw": "0ther"}, path="/store")


def stored(identifier: str) -> tuple[str, str, tuple[str, str]]:
    return ("cmk_postprocessed", "stored_password", (identifier, ""))


def loop(**changes: Any) -> dict[str, Any]:
    return {
        "name": "external",
        "kind": "external",
        "sender": "monitoring@example.org",
        "recipient": "sentinel@example.org",
        "submission": {
            "server": "smtp.example.org",
            "tls": "starttls",
            "auth": ("password", {"user": "probe", "password": stored("smtp_pw")}),
        },
        "mailbox": {
            "server": "imap.example.org",
            "tls": "implicit",
            "auth": ("password", {"user": "sentinel", "password": stored("imap_pw")}),
        },
    } | changes


FULL = loop(
    subject="Are you there?",
    timing={"interval": 60.0, "wait": 2.5, "lost_after": 600.0},
    deliverability={"authority": "mx.example.org", "block_lists": ["zen.spamhaus.org"]},
    submission={
        "server": "smtp.office365.com",
        "port": 2525,
        "tls": "implicit",
        "verify": False,
        "family": "ipv4",
        "helo": "monitor.example.org",
        "open_relay": {"sender": "a@example.org", "recipient": "b@example.com"},
        "auth": (
            "oauth2",
            {
                "user": "probe@example.org",
                "token_url": "https://login.example.org/token",
                "client_id": "abc",
                "grant": (
                    "refresh_token",
                    {"refresh_token": stored("refresh"), "client_secret": stored("client")},
                ),
                "scope": "https://outlook.office365.com/.default",
                "mechanism": "xoauth2",
            },
        ),
    },
    mailbox={
        "server": "$HOSTNAME$.example.org",
        "tls": "starttls",
        "auth": (
            "password",
            {"user": "s", "password": stored("imap_pw"), "mechanism": "cram_md5"},
        ),
        "folder": "Probes",
        "junk_folder": "Spam",
        "further_folders": ["Other"],
        "delete_probes": True,
    },
)
ANONYMOUS = loop(
    submission={"tls": "none", "auth": ("anonymous", None)},
    mailbox={
        "tls": "implicit",
        "auth": (
            "oauth2",
            {
                "user": "u",
                "token_url": "https://login.example.org/token",
                "client_id": "abc",
                "grant": ("client_credentials", {"client_secret": stored("client")}),
            },
        ),
    },
)


def form() -> Any:
    (spec,) = (s for s in SITE.registry.rule_specs if isinstance(s, SpecialAgent))
    return spec.parameter_form()


def argv(*loops: Mapping[str, Any], host: HostConfig = HOST) -> list[str]:
    rule = validate(form(), {"loops": list(loops)})
    (command,) = SITE.special_agent("mail_roundtrip", rule, host, STORE)
    return command.argv


def test_secrets_are_arguments_of_their_own() -> None:
    assert argv(loop()) == [
        "--host",
        "mail",
        "--secret",
        "1.submission",
        "smtp_pw:/store",
        "--secret",
        "1.mailbox",
        "imap_pw:/store",
        "--loop",
        '{"name":"external","kind":"external","from":"monitoring@example.org",'
        '"to":"sentinel@example.org",'
        '"submission":{"server":"smtp.example.org","tls":"starttls",'
        '"auth":{"type":"password","user":"probe","secret":"1.submission"}},'
        '"mailbox":{"server":"imap.example.org","tls":"implicit",'
        '"auth":{"type":"password","user":"sentinel","secret":"1.mailbox"}}}',
    ]


def test_everything_that_can_be_set_is_passed_on() -> None:
    arguments = argv(FULL)
    assert arguments[2:-2] == [
        *("--secret", "1.submission.client", "client:/store"),
        *("--secret", "1.submission.refresh", "refresh:/store"),
        *("--secret", "1.mailbox", "imap_pw:/store"),
    ]
    assert json.loads(arguments[-1]) == {
        "name": "external",
        "kind": "external",
        "from": "monitoring@example.org",
        "to": "sentinel@example.org",
        "subject": "Are you there?",
        "interval_s": 60,
        "wait_s": 2.5,
        "lost_after_s": 600,
        "deliverability": {"authority": "mx.example.org", "block_lists": ["zen.spamhaus.org"]},
        "submission": {
            "server": "smtp.office365.com",
            "port": 2525,
            "tls": "implicit",
            "verify": False,
            "family": "ipv4",
            "helo": "monitor.example.org",
            "open_relay": {"from": "a@example.org", "to": "b@example.com"},
            "auth": {
                "type": "oauth2",
                "user": "probe@example.org",
                "token_url": "https://login.example.org/token",
                "grant": "refresh_token",
                "client_id": "abc",
                "client_secret": "1.submission.client",
                "refresh_token": "1.submission.refresh",
                "scope": "https://outlook.office365.com/.default",
                "mechanism": "XOAUTH2",
            },
        },
        "mailbox": {
            "server": "mail.example.org",
            "tls": "starttls",
            "auth": {
                "type": "password",
                "user": "s",
                "secret": "1.mailbox",
                "mechanism": "CRAM-MD5",
            },
            "folder": "Probes",
            "junk_folder": "Spam",
            "further_folders": ["Other"],
            "delete_probes": True,
        },
    }


def test_server_without_a_name_is_the_host() -> None:
    definition = json.loads(argv(ANONYMOUS)[-1])
    assert definition["submission"] == {"server": "192.0.2.5", "tls": "none"}
    assert definition["mailbox"]["auth"]["client_secret"] == "1.mailbox.client"


def test_host_without_an_address_needs_none_when_servers_are_named() -> None:
    assert argv(loop(), host=HostConfig(name="mail"))[:2] == ["--host", "mail"]


def test_slots_follow_the_position_of_the_loop() -> None:
    arguments = argv(loop(name="a"), loop(name="b"))
    assert [slot for slot in arguments if slot in ("1.mailbox", "2.mailbox")] == [
        "1.mailbox",
        "2.mailbox",
    ]
    assert [json.loads(a)["name"] for a in arguments if a.startswith("{")] == ["a", "b"]


def test_no_password_is_on_the_command_line() -> None:
    assert not any("s3cr3t" in argument or "0ther" in argument for argument in argv(loop()))


def test_explicit_password_is_referred_to_by_its_identifier() -> None:
    explicit = ("cmk_postprocessed", "explicit_password", ("uuid1234", "s3cr3t"))
    smtp = loop()["submission"] | {"auth": ("password", {"user": "u", "password": explicit})}
    assert argv(loop(submission=smtp))[4] == "uuid1234:/store"


def test_fifty_full_loops_fit_into_one_argument_of_a_shell() -> None:
    names = [f"{'x' * 40}{number}" for number in range(50)]
    rule = validate(form(), {"loops": [FULL | {"name": name} for name in names]})
    store = PasswordStore(path="/omd/sites/" + "s" * 120)
    (command,) = SITE.special_agent("mail_roundtrip", rule, HOST, store)
    assert len(command.line.encode()) < 128 * 1024


@pytest.mark.parametrize(
    "loops",
    [
        pytest.param([], id="no loop"),
        pytest.param([loop(), loop()], id="a name twice"),
        pytest.param([loop(name=f"l{n}") for n in range(51)], id="too many"),
        pytest.param([loop(name="")], id="empty name"),
        pytest.param([loop(name="a;b")], id="name that the core would change"),
        pytest.param([loop(name="a\n")], id="name of two lines"),
        pytest.param([loop(sender="nobody")], id="sender is no address"),
        pytest.param([loop(timing={"interval": 1.0})], id="interval too short"),
        pytest.param([loop(timing={"wait": 45.0})], id="wait too long"),
    ],
)
def test_rule_refuses(loops: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        validate(form(), {"loops": loops})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"server": "a b"}, id="server with a blank"),
        pytest.param({"server": ""}, id="empty server"),
        pytest.param({"port": 0}, id="port 0"),
        pytest.param({"port": 70000}, id="no port"),
        pytest.param({"helo": "-x y"}, id="name for EHLO with a blank"),
    ],
)
def test_rule_refuses_server(change: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        validate(form(), {"loops": [loop(submission=loop()["submission"] | change)]})
