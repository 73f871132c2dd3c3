"""Texts that are translated late: nothing is checked before localize is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

_Self = TypeVar("_Self", bound="Localizable")


@dataclass(frozen=True, repr=False)
class Localizable:
    """A text, or a text combined with operands by + or %."""

    _head: Any
    _operator: Literal["", "+", "%"] = field(default="", kw_only=True)
    _operands: tuple[Any, ...] = field(default=(), kw_only=True)

    def __init__(self, arg: str, /) -> None:
        object.__setattr__(self, "_head", arg)

    def __repr__(self) -> str:
        name = type(self).__name__
        if not self._operator:
            return f"{name}({self._head!r})"
        return f"{name}({self._head!r} {self._operator} {self._operands!r})"

    def __add__(self: _Self, other: _Self) -> _Self:
        return self._combined("+", (other,))

    def __mod__(self: _Self, operands: Any) -> _Self:
        return self._combined("%", operands if isinstance(operands, tuple) else (operands,))

    def _combined(self: _Self, operator: str, operands: tuple[Any, ...]) -> _Self:
        combined = type(self)("")
        object.__setattr__(combined, "_head", self)
        object.__setattr__(combined, "_operator", operator)
        object.__setattr__(combined, "_operands", operands)
        return combined

    def localize(self, translate: Callable[[str], str], /) -> str:
        head = _localized(self._head, translate, translate)
        operands = tuple(_localized(part, translate, str) for part in self._operands)
        return head % operands if self._operator == "%" else "".join((head, *operands))


def _localized(part: Any, translate: Callable[[str], str], own: Callable[[str], str]) -> str:
    text: str = own(part) if isinstance(part, str) else part.localize(translate)
    return text


class Title(Localizable):
    pass


class Label(Localizable):
    pass


class Help(Localizable):
    pass


class Message(Localizable):
    pass
