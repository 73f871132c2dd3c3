"""Form specs of cmk.rulesets.v1: arguments, prefills, and what is refused when one is built."""

from typing import Any

import pytest
from cmk.rulesets.v1 import Help, Label, Title
from cmk.rulesets.v1 import form_specs as fs

TITLE = Title("t")
CHOICE = fs.SingleChoiceElement("a", TITLE)
MULTI = fs.MultipleChoiceElement(name="a", title=TITLE)
CASCADE = fs.CascadingSingleChoiceElement(name="a", title=TITLE, parameter_form=fs.Integer())
LEVELS = {
    "form_spec_template": fs.Integer(),
    "level_direction": fs.LevelDirection.UPPER,
    "prefill_fixed_levels": fs.DefaultValue((1, 2)),
}
PREDICTIVE = fs.PredictiveLevels(reference_metric="m", prefill_abs_diff=fs.DefaultValue((1, 2)))

# Class, arguments it needs, prefill it has.
FORMS = [
    pytest.param(fs.String, {}, fs.InputHint(""), id="String"),
    pytest.param(fs.MultilineText, {}, fs.InputHint(""), id="MultilineText"),
    pytest.param(
        fs.RegularExpression,
        {"predefined_help_text": fs.MatchingScope.PREFIX},
        fs.InputHint(""),
        id="RegularExpression",
    ),
    pytest.param(fs.Integer, {}, fs.InputHint(0), id="Integer"),
    pytest.param(fs.Float, {}, fs.InputHint(0.0), id="Float"),
    pytest.param(fs.Percentage, {}, fs.InputHint(0.0), id="Percentage"),
    pytest.param(
        fs.DataSize,
        {"displayed_magnitudes": [fs.IECMagnitude.BYTE, fs.IECMagnitude.KIBI]},
        fs.InputHint(0),
        id="DataSize",
    ),
    pytest.param(
        fs.TimeSpan,
        {"displayed_magnitudes": [fs.TimeMagnitude.SECOND]},
        fs.InputHint(0.0),
        id="TimeSpan",
    ),
    pytest.param(fs.BooleanChoice, {}, fs.DefaultValue(False), id="BooleanChoice"),
    pytest.param(fs.HostState, {}, fs.DefaultValue(0), id="HostState"),
    pytest.param(fs.ServiceState, {}, fs.DefaultValue(0), id="ServiceState"),
    pytest.param(fs.FixedValue, {"value": None}, None, id="FixedValue"),
    pytest.param(
        fs.SingleChoice,
        {"elements": [CHOICE]},
        fs.InputHint(Title("Please choose")),
        id="SingleChoice",
    ),
    pytest.param(
        fs.CascadingSingleChoice,
        {"elements": [CASCADE]},
        fs.InputHint(Title("Please choose")),
        id="CascadingSingleChoice",
    ),
    pytest.param(
        fs.MultipleChoice, {"elements": [MULTI]}, fs.DefaultValue(()), id="MultipleChoice"
    ),
    pytest.param(fs.List, {"element_template": fs.String()}, None, id="List"),
    pytest.param(fs.Dictionary, {"elements": {}}, None, id="Dictionary"),
    pytest.param(fs.Password, {}, None, id="Password"),
    pytest.param(fs.Proxy, {}, None, id="Proxy"),
    pytest.param(fs.TimePeriod, {}, None, id="TimePeriod"),
    pytest.param(fs.SimpleLevels, LEVELS, None, id="SimpleLevels"),
    pytest.param(fs.Levels, {**LEVELS, "predictive": PREDICTIVE}, None, id="Levels"),
]
WITH_LABEL = {
    fs.String, fs.MultilineText, fs.RegularExpression, fs.Integer, fs.Float, fs.Percentage,
    fs.DataSize, fs.TimeSpan, fs.BooleanChoice, fs.FixedValue, fs.SingleChoice,
    fs.CascadingSingleChoice,
}  # fmt: skip


@pytest.mark.parametrize("kind, arguments, prefill", FORMS)
def test_form(kind: Any, arguments: dict[str, Any], prefill: Any) -> None:
    form = kind(**arguments)
    assert isinstance(form, fs.FormSpec)
    assert (form.title, form.help_text, form.migrate, form.custom_validate) == (None,) * 4
    assert getattr(form, "prefill", None) == prefill
    with pytest.raises(AttributeError):
        form.title = TITLE
    described = kind(title=TITLE, help_text=Help("h"), custom_validate=(print,), **arguments)
    assert described.title == TITLE


@pytest.mark.parametrize("kind, arguments, prefill", FORMS)
def test_form_takes_keywords_of_its_own_only(
    kind: Any, arguments: dict[str, Any], prefill: Any
) -> None:
    for needed in arguments:
        with pytest.raises(TypeError):
            kind(**{key: value for key, value in arguments.items() if key != needed})
    with pytest.raises(TypeError):
        kind(TITLE, **arguments)
    with pytest.raises(TypeError):
        kind(unknown=1, **arguments)
    if kind in WITH_LABEL:
        assert kind(label=Label("l"), **arguments).label == Label("l")
    else:
        with pytest.raises(TypeError):
            kind(label=Label("l"), **arguments)


def test_defaults_of_options() -> None:
    assert not fs.String().macro_support and not fs.MultilineText().macro_support
    assert fs.String().field_size is fs.FieldSize.MEDIUM
    assert not fs.MultilineText().monospaced
    assert fs.Integer().unit_symbol == fs.Float().unit_symbol == ""
    single = fs.SingleChoice(elements=[CHOICE])
    assert (single.frozen, single.ignored_elements) == (False, ())
    assert not fs.MultipleChoice(elements=[MULTI]).show_toggle_all
    assert fs.List(element_template=fs.String()).editable_order
    assert fs.Dictionary(elements={}).ignored_elements == ()
    assert fs.Proxy().allowed_schemas == frozenset(fs.ProxySchema)


def test_defaults_of_levels() -> None:
    assert fs.SimpleLevels(**LEVELS).prefill_levels_type == fs.DefaultValue(fs.LevelsType.FIXED)
    assert PREDICTIVE.prefill_rel_diff == fs.DefaultValue((10.0, 20.0))
    assert PREDICTIVE.prefill_stdev_diff == fs.DefaultValue((2.0, 4.0))


def test_values_of_states() -> None:
    assert (fs.ServiceState.OK, fs.ServiceState.WARN) == (0, 1)
    assert (fs.ServiceState.CRIT, fs.ServiceState.UNKNOWN) == (2, 3)
    assert (fs.HostState.UP, fs.HostState.DOWN, fs.HostState.UNREACH) == (0, 1, 2)


def test_dict_element() -> None:
    element = fs.DictElement(parameter_form=fs.String())
    assert (element.required, element.render_only, element.group) == (False, False, fs.NoGroup())
    grouped = fs.DictElement(
        parameter_form=fs.String(), group=fs.DictGroup(title=TITLE, help_text=Help("h"))
    )
    assert isinstance(grouped.group, fs.DictGroup)
    with pytest.raises(TypeError):
        fs.DictElement(fs.String())


def test_there_is_no_tuple() -> None:
    assert not hasattr(fs, "Tuple")


NO_IDENTIFIERS = ["", "a b", "a-b", "1a", "class", "a.b"]


@pytest.mark.parametrize("name", NO_IDENTIFIERS)
def test_names_are_identifiers(name: str) -> None:
    for build in (
        lambda: fs.SingleChoiceElement(name, TITLE),
        lambda: fs.MultipleChoiceElement(name=name, title=TITLE),
        lambda: fs.CascadingSingleChoiceElement(
            name=name, title=TITLE, parameter_form=fs.Integer()
        ),
        lambda: fs.Dictionary(elements={name: fs.DictElement(parameter_form=fs.Integer())}),
    ):
        with pytest.raises(ValueError):
            build()


@pytest.mark.parametrize("value", [None, 1, 1.5, "x", True, (1, 2), [1], {"a": 1}])
def test_fixed_value(value: Any) -> None:
    assert fs.FixedValue(value=value).value == value


@pytest.mark.parametrize("value", [object(), float("inf"), float("nan"), print, TITLE])
def test_fixed_value_that_no_rule_can_hold(value: Any) -> None:
    with pytest.raises(ValueError):
        fs.FixedValue(value=value)


def test_default_of_a_choice_is_one_of_its_elements() -> None:
    known, unknown = fs.DefaultValue("a"), fs.DefaultValue("b")
    fs.SingleChoice(elements=[CHOICE], prefill=known)
    fs.CascadingSingleChoice(elements=[CASCADE], prefill=known)
    fs.MultipleChoice(elements=[MULTI], prefill=fs.DefaultValue(["a"]))
    with pytest.raises(ValueError):
        fs.SingleChoice(elements=[CHOICE], prefill=unknown)
    with pytest.raises(ValueError):
        fs.CascadingSingleChoice(elements=[CASCADE], prefill=unknown)
    with pytest.raises(ValueError):
        fs.MultipleChoice(elements=[MULTI], prefill=fs.DefaultValue(["a", "b"]))


def test_ignored_elements_are_gone() -> None:
    fs.SingleChoice(elements=[CHOICE], ignored_elements=("b",))
    fs.Dictionary(elements={}, ignored_elements=("b",))
    with pytest.raises(ValueError):
        fs.SingleChoice(elements=[CHOICE], ignored_elements=("a",))
    with pytest.raises(ValueError):
        fs.Dictionary(
            elements={"a": fs.DictElement(parameter_form=fs.String())}, ignored_elements=("a",)
        )
