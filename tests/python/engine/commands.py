"""From a rule of a special agent or an active check to the command lines that Checkmk runs."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cmk.server_side_calls.v1 import EnvProxy, HostConfig, NoProxy, Secret, URLProxy

_UNKNOWN_PASSWORD = "%%%"


@dataclass(frozen=True)
class PasswordStore:
    """Password ids and passwords; path is what a reference in argv points to."""

    passwords: Mapping[str, str] = field(default_factory=dict)
    path: str = "/omd/sites/mysite/var/check_mk/stored_passwords"
    proxies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CommandLine:
    """The line given to the shell, what the shell makes of it, and the program's input."""

    line: str
    argv: list[str]
    stdin: str | None
    service_description: str | None


class _Preprocessing:
    """Replaces passwords and proxies anywhere in the value of a rule."""

    def __init__(self, store: PasswordStore) -> None:
        self.store = store
        self.passwords = dict(store.passwords)
        self.ids: dict[int, str] = {}

    def processed(self, value: Any) -> Any:
        match value:
            case ("cmk_postprocessed", "explicit_password", (str(password_id), str(password))):
                self.passwords[password_id] = password
                return self._secret(password_id)
            case ("cmk_postprocessed", "stored_password", (str(password_id), str())):
                return self._secret(password_id)
            case ("cmk_postprocessed", "explicit_proxy", str(url)):
                return URLProxy(type="url_proxy", url=url)
            case ("cmk_postprocessed", "stored_proxy", str(proxy_id)):
                if proxy_id in self.store.proxies:
                    return URLProxy(type="url_proxy", url=self.store.proxies[proxy_id])
                return EnvProxy()
            case ("cmk_postprocessed", "environment_proxy", str()):
                return EnvProxy()
            case ("cmk_postprocessed", "no_proxy", str()):
                return NoProxy()
            case dict():
                return {key: self.processed(part) for key, part in value.items()}
            case list():
                return [self.processed(part) for part in value]
            case tuple():
                return tuple(self.processed(part) for part in value)
        return value

    def _secret(self, password_id: str) -> Secret:
        surrogate = len(self.ids)
        self.ids[surrogate] = password_id
        return Secret(surrogate)

    def shown(self, argument: object) -> str:
        """One shell-quoted argument."""
        match argument:
            case str():
                return shlex.quote(argument)
            case Secret():
                password_id = self.ids[argument.id]
                if argument.pass_safely:
                    return shlex.quote(f"{password_id}:{self.store.path}")
                password = self.passwords.get(password_id, _UNKNOWN_PASSWORD)
                return shlex.quote(argument.format % password)
        raise TypeError(f"command argument must be a str or a Secret, got {argument!r}")


def command_lines(
    config: Any,
    rule_value: Mapping[str, object],
    host_config: HostConfig,
    *,
    program: str,
    store: PasswordStore = PasswordStore(),
) -> list[CommandLine]:
    """config: a SpecialAgentConfig or an ActiveCheckConfig; program: its path, not quoted."""
    preprocessing = _Preprocessing(store)
    commands: Iterable[Any] = config(preprocessing.processed(rule_value), host_config)
    lines = []
    for command in commands:
        arguments = [preprocessing.shown(argument) for argument in command.command_arguments]
        line = " ".join([program, *arguments])
        lines.append(
            CommandLine(
                line=line,
                argv=shlex.split(line)[1:],
                stdin=getattr(command, "stdin", None),
                service_description=getattr(command, "service_description", None),
            )
        )
    return lines
