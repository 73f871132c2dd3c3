"""Texts that are translated late: nothing is checked before localize is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_Self = TypeVar("_Self", bound="Localizable")


class Localizable:
    def __init__(self, arg: str, /) -> None:
        self._localize: Callable[[Callable[[str], str]], str] = lambda translate: translate(arg)
        self._repr = f"{type(self).__name__}({arg!r})"

    @classmethod
    def _composed(
        cls: type[_Self], compose: Callable[[Callable[[str], str]], str], shown: str
    ) -> _Self:
        composed = cls("")
        composed._localize = compose
        composed._repr = shown
        return composed

    def __repr__(self) -> str:
        return self._repr

    def __add__(self: _Self, other: _Self) -> _Self:
        return self._composed(
            lambda translate: self.localize(translate) + other.localize(translate),
            f"{self!r} + {other!r}",
        )

    def __mod__(self: _Self, operands: Any) -> _Self:
        parts = operands if isinstance(operands, tuple) else (operands,)
        return self._composed(
            lambda translate: self.localize(translate)
            % tuple(part if isinstance(part, str) else part.localize(translate) for part in parts),
            f"{self!r} % {operands!r}",
        )

    def localize(self, translate: Callable[[str], str], /) -> str:
        return self._localize(translate)


class Title(Localizable):
    pass


class Label(Localizable):
    pass


class Help(Localizable):
    pass


class Message(Localizable):
    pass
