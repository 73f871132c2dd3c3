"""From a rule to command lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ._hosts import HostConfig
from ._values import Secret

_ParsedT = TypeVar("_ParsedT")


@dataclass(frozen=True, kw_only=True)
class SpecialAgentCommand:
    command_arguments: Sequence[str | Secret]
    stdin: str | None = None


@dataclass(frozen=True, kw_only=True)
class ActiveCheckCommand:
    service_description: str
    command_arguments: Sequence[str | Secret]


class SpecialAgentConfig(Generic[_ParsedT]):
    def __init__(
        self,
        *,
        name: str,
        parameter_parser: Callable[[Mapping[str, object]], _ParsedT],
        commands_function: Callable[[_ParsedT, HostConfig], Iterable[SpecialAgentCommand]],
    ) -> None:
        self.name = name
        self._parameter_parser = parameter_parser
        self._commands_function = commands_function

    def __call__(
        self, parameters: Mapping[str, object], host_config: HostConfig
    ) -> Iterator[SpecialAgentCommand]:
        yield from self._commands_function(self._parameter_parser(parameters), host_config)


class ActiveCheckConfig(Generic[_ParsedT]):
    def __init__(
        self,
        *,
        name: str,
        parameter_parser: Callable[[Mapping[str, object]], _ParsedT],
        commands_function: Callable[[_ParsedT, HostConfig], Iterable[ActiveCheckCommand]],
    ) -> None:
        self.name = name
        self._parameter_parser = parameter_parser
        self._commands_function = commands_function

    def __call__(
        self, parameters: Mapping[str, object], host_config: HostConfig
    ) -> Iterator[ActiveCheckCommand]:
        yield from self._commands_function(self._parameter_parser(parameters), host_config)
