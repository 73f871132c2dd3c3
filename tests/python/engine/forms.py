"""What form specs deliver: the value of a rule saved untouched, and whether a value fits a form."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cmk.graphing.v1 import Title as GraphingTitle
from cmk.rulesets.v1 import Help, Label, Message, Title
from cmk.rulesets.v1 import form_specs as fs

NO_DEFAULT = object()
_LOCALIZABLES = (Title, Label, Help, Message, GraphingTitle)


def delivered_default(form: Any) -> Any:
    """The value of a form that the user leaves as prefilled, optional elements switched on.

    NO_DEFAULT where the user has to enter something; a dictionary leaves such elements out.
    """
    match form:
        case fs.Dictionary():
            values = {
                name: delivered_default(element.parameter_form)
                for name, element in form.elements.items()
            }
            return {name: value for name, value in values.items() if value is not NO_DEFAULT}
        case fs.SimpleLevels() | fs.Levels():
            return _default_levels(form)
        case fs.CascadingSingleChoice():
            return _default_choice(form)
        case fs.MultipleChoice():
            return list(form.prefill.value)
        case fs.List():
            return []
        case fs.FixedValue():
            return form.value
    prefill = getattr(form, "prefill", None)
    return prefill.value if isinstance(prefill, fs.DefaultValue) else NO_DEFAULT


def _default_levels(form: Any) -> Any:
    match form.prefill_levels_type.value:
        case fs.LevelsType.NONE:
            return ("no_levels", None)
        case fs.LevelsType.FIXED if isinstance(form.prefill_fixed_levels, fs.DefaultValue):
            return ("fixed", form.prefill_fixed_levels.value)
    return NO_DEFAULT


def _default_choice(form: Any) -> Any:
    if not isinstance(form.prefill, fs.DefaultValue):
        return NO_DEFAULT
    name = form.prefill.value
    element = next(element for element in form.elements if element.name == name)
    value = delivered_default(element.parameter_form)
    return NO_DEFAULT if value is NO_DEFAULT else (name, value)


def validate(form: Any, value: Any) -> Any:
    """The value as the form delivers it, migrated; TypeError if the form cannot hold it,
    ValidationError if a validator refuses it."""
    if form.migrate is not None:
        value = form.migrate(value)
    value = _validated_content(form, value)
    for validator in form.custom_validate or ():
        validator(value)
    return value


_TYPES: Mapping[Any, type] = {
    fs.String: str,
    fs.MultilineText: str,
    fs.RegularExpression: str,
    fs.Integer: int,
    fs.DataSize: int,
    fs.Float: float,
    fs.Percentage: float,
    fs.TimeSpan: float,
    fs.BooleanChoice: bool,
}


def _validated_content(form: Any, value: Any) -> Any:
    match form:
        case fs.Dictionary():
            return _validated_dictionary(form, value)
        case fs.List():
            _require(isinstance(value, list), form, value)
            return [validate(form.element_template, element) for element in value]
        case fs.SimpleLevels() | fs.Levels():
            return _validated_levels(form, value)
        case fs.CascadingSingleChoice():
            return _validated_choice(form, value)
        case fs.SingleChoice():
            names = {element.name for element in form.elements}
            _require(value in names or value in form.ignored_elements, form, value)
        case fs.MultipleChoice():
            names = {element.name for element in form.elements}
            _require(isinstance(value, (list, tuple)) and set(value) <= names, form, value)
        case fs.FixedValue():
            _require(value == form.value, form, value)
        case fs.ServiceState():
            _require(type(value) is int and value in range(4), form, value)
        case fs.HostState():
            _require(type(value) is int and value in range(3), form, value)
        case fs.Password() | fs.Proxy() | fs.TimePeriod():
            _require(isinstance(value, tuple) and value[0] == "cmk_postprocessed", form, value)
        case _:
            _require(type(value) is _TYPES[type(form)], form, value)
    return value


def _validated_dictionary(form: Any, value: Any) -> dict[str, Any]:
    _require(isinstance(value, dict), form, value)
    unknown = set(value) - set(form.elements) - set(form.ignored_elements)
    missing = {name for name, element in form.elements.items() if element.required} - set(value)
    if unknown or missing:
        raise TypeError(f"unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    return {
        name: validate(form.elements[name].parameter_form, part) if name in form.elements else part
        for name, part in value.items()
    }


def _validated_levels(form: Any, value: Any) -> Any:
    match value:
        case ("no_levels", None):
            return value
        case ("fixed", (warn, crit)):
            template = form.form_spec_template
            return ("fixed", (validate(template, warn), validate(template, crit)))
        case ("cmk_postprocessed", "predictive_levels", {}) if isinstance(form, fs.Levels):
            return value
    raise TypeError(f"invalid levels {value!r}")


def _validated_choice(form: Any, value: Any) -> Any:
    _require(isinstance(value, tuple) and len(value) == 2, form, value)
    for element in form.elements:
        if element.name == value[0]:
            return (value[0], validate(element.parameter_form, value[1]))
    raise TypeError(f"{value[0]!r} is no element")


def _require(is_valid: bool, form: Any, value: Any) -> None:
    if not is_valid:
        raise TypeError(f"{type(form).__name__} does not hold {value!r}")


def localized_texts(content: Any, translate: Callable[[str], str] = str) -> Iterator[str]:
    """Every localizable text inside a rule spec, form, metric or graph, localized: a wrong operand
    fails here, as it does in the user interface. Parameter forms are called."""
    if isinstance(content, _LOCALIZABLES):
        text = content.localize(translate)
        if not isinstance(text, str):
            raise TypeError(f"{content!r} gives no str")
        yield text
    elif isinstance(content, Mapping):
        for value in content.values():
            yield from localized_texts(value, translate)
    elif isinstance(content, (list, tuple)):
        for value in content:
            yield from localized_texts(value, translate)
    elif dataclasses.is_dataclass(content) and not isinstance(content, type):
        for field in dataclasses.fields(content):
            value = getattr(content, field.name)
            is_form = field.name == "parameter_form" and callable(value)
            yield from localized_texts(value() if is_form else value, translate)
