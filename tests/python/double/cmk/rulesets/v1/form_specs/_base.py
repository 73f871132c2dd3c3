"""What all form specs share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .._localize import Help, Title

ModelT = TypeVar("ModelT")


@dataclass(frozen=True)
class DefaultValue(Generic[ModelT]):
    """Enters the rule as it is."""

    value: ModelT


@dataclass(frozen=True)
class InputHint(Generic[ModelT]):
    """Is only shown: the user has to enter something."""

    value: ModelT


Prefill = DefaultValue[ModelT] | InputHint[ModelT]


@dataclass(frozen=True, kw_only=True)
class FormSpec(Generic[ModelT]):
    title: Title | None = None
    help_text: Help | None = None
    migrate: Callable[[object], ModelT] | None = None
    custom_validate: Sequence[Callable[[ModelT], object]] | None = None


# A form spec of any value: most places that take one do not care which.
AnyForm = FormSpec[Any]
