"""Command line of the special agent agent_mail_roundtrip."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cmk.server_side_calls.v1 import (
    HostConfig,
    Secret,
    SpecialAgentCommand,
    SpecialAgentConfig,
    noop_parser,
    replace_macros,
)

_MECHANISMS = {
    "plain": "PLAIN",
    "login": "LOGIN",
    "cram_md5": "CRAM-MD5",
    "xoauth2": "XOAUTH2",
    "oauthbearer": "OAUTHBEARER",
}

Rule = Mapping[str, Any]


@dataclass
class _Secrets:
    """Secrets of one loop by slot. A loop is one argument and a secret must be one of its own."""

    position: int
    by_slot: dict[str, Secret] = field(default_factory=dict)

    def slot(self, name: str, secret: Secret) -> str:
        slot = f"{self.position}.{name}"
        self.by_slot[slot] = secret
        return slot

    def arguments(self) -> Iterator[str | Secret]:
        for slot, secret in self.by_slot.items():
            yield "--secret"
            yield slot
            yield secret


def generate_mail_roundtrip_commands(
    params: Rule, host_config: HostConfig
) -> Iterator[SpecialAgentCommand]:
    secret_arguments: list[str | Secret] = []
    loop_arguments: list[str] = []
    for position, rule in enumerate(params["loops"], start=1):
        secrets = _Secrets(position)
        loop = _loop(rule, host_config, secrets)
        secret_arguments += secrets.arguments()
        # The shell takes the whole command line as one argument of limited length.
        loop_arguments += ["--loop", json.dumps(loop, separators=(",", ":"))]
    yield SpecialAgentCommand(
        command_arguments=["--host", host_config.name, *secret_arguments, *loop_arguments]
    )


def _loop(rule: Rule, host_config: HostConfig, secrets: _Secrets) -> dict[str, object]:
    timing = rule.get("timing", {})
    return {
        "name": rule["name"],
        "kind": rule["kind"],
        **_addresses(rule),
        **_present(rule, ("subject", "deliverability")),
        **{f"{name}_s": _shortest(span) for name, span in timing.items()},
        "submission": {
            **_server(rule["submission"], host_config),
            **_present(rule["submission"], ("helo",)),
            **_open_relay(rule["submission"]),
            **_auth(rule["submission"]["auth"], secrets, "submission"),
        },
        "mailbox": {
            **_server(rule["mailbox"], host_config),
            **_present(
                rule["mailbox"], ("folder", "junk_folder", "further_folders", "delete_probes")
            ),
            **_auth(rule["mailbox"]["auth"], secrets, "mailbox"),
        },
    }


def _addresses(rule: Rule) -> dict[str, object]:
    return {"from": rule["sender"], "to": rule["recipient"]}


def _open_relay(rule: Rule) -> dict[str, object]:
    return {"open_relay": _addresses(rule["open_relay"])} if "open_relay" in rule else {}


def _present(rule: Rule, keys: Sequence[str]) -> dict[str, object]:
    return {key: rule[key] for key in keys if key in rule}


def _shortest(seconds: float) -> float:
    return int(seconds) if seconds == int(seconds) else seconds


def _server(rule: Rule, host_config: HostConfig) -> dict[str, object]:
    # A host without an address is no fault as long as every server is named.
    server = rule.get("server") or host_config.primary_ip_config.address
    return {
        "server": replace_macros(server, host_config.macros),
        "tls": rule["tls"],
        **_present(rule, ("port", "verify", "family")),
    }


def _auth(auth: tuple[str, Any], secrets: _Secrets, where: str) -> dict[str, object]:
    kind, rule = auth
    if kind == "password":
        return {
            "auth": {
                "type": "password",
                "user": rule["user"],
                "secret": secrets.slot(where, rule["password"]),
                **_mechanism(rule),
            }
        }
    if kind == "oauth2":
        return {"auth": _oauth2(rule, secrets, where)}
    return {}


def _oauth2(rule: Rule, secrets: _Secrets, where: str) -> dict[str, object]:
    grant, parts = rule["grant"]
    slots = {}
    if "client_secret" in parts:
        slots["client_secret"] = secrets.slot(f"{where}.client", parts["client_secret"])
    if "refresh_token" in parts:
        slots["refresh_token"] = secrets.slot(f"{where}.refresh", parts["refresh_token"])
    return {
        "type": "oauth2",
        "user": rule["user"],
        "token_url": rule["token_url"],
        "grant": grant,
        "client_id": rule["client_id"],
        **slots,
        **_present(rule, ("scope",)),
        **_mechanism(rule),
    }


def _mechanism(rule: Rule) -> dict[str, object]:
    mechanism = _MECHANISMS.get(rule.get("mechanism", "auto"))
    return {} if mechanism is None else {"mechanism": mechanism}


special_agent_mail_roundtrip = SpecialAgentConfig(
    name="mail_roundtrip",
    parameter_parser=noop_parser,
    commands_function=generate_mail_roundtrip_commands,
)
