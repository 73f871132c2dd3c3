"""Form specs that hold others."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._identifiers import check_identifier
from .._localize import Help, Label, Message, Title
from ._base import AnyForm, DefaultValue, FormSpec, InputHint


class InvalidElementMode(enum.Enum):
    COMPLAIN = enum.auto()
    KEEP = enum.auto()


@dataclass(frozen=True)
class InvalidElementValidator:
    mode: InvalidElementMode = InvalidElementMode.COMPLAIN
    display: Title | None = None
    error_msg: Message | None = None


@dataclass(frozen=True)
class SingleChoiceElement:
    name: str
    title: Title

    def __post_init__(self) -> None:
        check_identifier(self.name)


@dataclass(frozen=True, kw_only=True)
class SingleChoice(FormSpec[str]):
    elements: Sequence[SingleChoiceElement]
    no_elements_text: Message | None = None
    frozen: bool = False
    label: Label | None = None
    prefill: DefaultValue[str] | InputHint[Title] = InputHint(Title("Please choose"))
    ignored_elements: tuple[str, ...] = ()
    invalid_element_validation: InvalidElementValidator | None = None

    def __post_init__(self) -> None:
        names = {element.name for element in self.elements}
        _check_default_known(self.prefill, names)
        _check_ignored(self.ignored_elements, names)


@dataclass(frozen=True, kw_only=True)
class CascadingSingleChoiceElement:
    name: str
    title: Title
    parameter_form: AnyForm

    def __post_init__(self) -> None:
        check_identifier(self.name)


@dataclass(frozen=True, kw_only=True)
class CascadingSingleChoice(FormSpec[tuple[str, Any]]):
    elements: Sequence[CascadingSingleChoiceElement]
    label: Label | None = None
    prefill: DefaultValue[str] | InputHint[Title] = InputHint(Title("Please choose"))

    def __post_init__(self) -> None:
        _check_default_known(self.prefill, {element.name for element in self.elements})


@dataclass(frozen=True, kw_only=True)
class MultipleChoiceElement:
    name: str
    title: Title

    def __post_init__(self) -> None:
        check_identifier(self.name)


@dataclass(frozen=True, kw_only=True)
class MultipleChoice(FormSpec[Sequence[str]]):
    elements: Sequence[MultipleChoiceElement]
    show_toggle_all: bool = False
    prefill: DefaultValue[Sequence[str]] = DefaultValue(())

    def __post_init__(self) -> None:
        names = {element.name for element in self.elements}
        if unknown := set(self.prefill.value) - names:
            raise ValueError(f"default is no element: {sorted(unknown)}")


@dataclass(frozen=True, kw_only=True)
class List(FormSpec[Sequence[Any]]):
    element_template: AnyForm
    add_element_label: Label | None = None
    remove_element_label: Label | None = None
    no_element_label: Label | None = None
    editable_order: bool = True


@dataclass(frozen=True)
class NoGroup:
    pass


@dataclass(frozen=True, kw_only=True)
class DictGroup:
    title: Title | None = None
    help_text: Help | None = None


@dataclass(frozen=True, kw_only=True)
class DictElement:
    parameter_form: AnyForm
    required: bool = False
    render_only: bool = False
    group: DictGroup | NoGroup = field(default_factory=NoGroup)


@dataclass(frozen=True, kw_only=True)
class Dictionary(FormSpec[Mapping[str, Any]]):
    elements: Mapping[str, DictElement]
    no_elements_text: Message | None = None
    ignored_elements: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.elements:
            check_identifier(name)
        _check_ignored(self.ignored_elements, set(self.elements))


def _check_default_known(prefill: DefaultValue[str] | InputHint[Title], names: set[str]) -> None:
    if isinstance(prefill, DefaultValue) and prefill.value not in names:
        raise ValueError(f"default {prefill.value!r} is no element")


def _check_ignored(ignored: Sequence[str], names: set[str]) -> None:
    if present := set(ignored) & names:
        raise ValueError(f"ignored, yet an element: {sorted(present)}")
