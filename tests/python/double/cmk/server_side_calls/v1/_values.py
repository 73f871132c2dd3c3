"""What stands in a rule's value for secrets and proxies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple


class Secret(NamedTuple):
    """Made by the backend; its id is no password id."""

    id: int
    format: str = "%s"
    pass_safely: bool = True

    def unsafe(self, /, template: str = "%s") -> Secret:
        try:
            template % ""
        except TypeError as error:
            raise ValueError(f"template must hold exactly one %s: {template!r}") from error
        return Secret(self.id, template, pass_safely=False)


class EnvProxy(NamedTuple):
    type: Literal["env_proxy"] = "env_proxy"


class NoProxy(NamedTuple):
    type: Literal["no_proxy"] = "no_proxy"


class URLProxy(NamedTuple):
    type: Literal["url_proxy"] = "url_proxy"
    url: str = ""


def noop_parser(params: Mapping[str, object]) -> Mapping[str, object]:
    return params


def replace_macros(text: str, macros: Mapping[str, str]) -> str:
    for name, value in macros.items():
        text = text.replace(name, value)
    return text
