"""What rules deliver, and which values a form can hold."""

from typing import Any

import pytest
from cmk.graphing.v1 import Title as GraphingTitle
from cmk.graphing.v1 import metrics
from cmk.rulesets.v1 import Title, rule_specs
from cmk.rulesets.v1 import form_specs as fs
from cmk.rulesets.v1.form_specs.validators import NumberInRange, ValidationError
from engine import NO_DEFAULT, delivered_default, localized_texts, validate

TITLE = Title("t")


def levels(kind: fs.LevelsType, prefill: Any) -> fs.SimpleLevels[int]:
    return fs.SimpleLevels(
        form_spec_template=fs.Integer(custom_validate=(NumberInRange(min_value=0),)),
        level_direction=fs.LevelDirection.UPPER,
        prefill_levels_type=fs.DefaultValue(kind),
        prefill_fixed_levels=prefill,
    )


def choice(prefill: Any) -> fs.CascadingSingleChoice:
    return fs.CascadingSingleChoice(
        prefill=prefill,
        elements=[
            fs.CascadingSingleChoiceElement(
                name="a", title=TITLE, parameter_form=fs.FixedValue(value=None)
            ),
            fs.CascadingSingleChoiceElement(name="b", title=TITLE, parameter_form=fs.Integer()),
        ],
    )


FIXED = levels(fs.LevelsType.FIXED, fs.DefaultValue((1, 2)))
NONE = levels(fs.LevelsType.NONE, fs.InputHint((1, 2)))
DICTIONARY = fs.Dictionary(
    elements={
        "fixed": fs.DictElement(parameter_form=FIXED, required=True),
        "state": fs.DictElement(parameter_form=fs.ServiceState(prefill=fs.DefaultValue(1))),
        "name": fs.DictElement(parameter_form=fs.String()),
    },
    ignored_elements=("gone",),
)


@pytest.mark.parametrize(
    "form, value",
    [
        pytest.param(fs.Integer(prefill=fs.DefaultValue(5)), 5, id="default"),
        pytest.param(fs.Integer(prefill=fs.InputHint(5)), NO_DEFAULT, id="hint"),
        pytest.param(fs.BooleanChoice(), False, id="bool"),
        pytest.param(FIXED, ("fixed", (1, 2)), id="levels"),
        pytest.param(NONE, ("no_levels", None), id="no levels"),
        pytest.param(
            levels(fs.LevelsType.FIXED, fs.InputHint((1, 2))), NO_DEFAULT, id="hinted levels"
        ),
        pytest.param(choice(fs.DefaultValue("a")), ("a", None), id="cascading"),
        pytest.param(choice(fs.DefaultValue("b")), NO_DEFAULT, id="cascading to a hint"),
        pytest.param(choice(fs.InputHint(TITLE)), NO_DEFAULT, id="cascading hint"),
        pytest.param(fs.List(element_template=fs.String()), [], id="list"),
        pytest.param(fs.Password(), NO_DEFAULT, id="password"),
        pytest.param(DICTIONARY, {"fixed": ("fixed", (1, 2)), "state": 1}, id="dictionary"),
    ],
)
def test_delivered_default(form: Any, value: Any) -> None:
    assert delivered_default(form) == value


def test_value_that_fits() -> None:
    value = {"fixed": ("fixed", (3, 4)), "name": "x", "gone": 1}
    assert validate(DICTIONARY, value) == value
    assert validate(choice(fs.DefaultValue("a")), ("b", 7)) == ("b", 7)
    assert validate(fs.List(element_template=fs.String()), ["a"]) == ["a"]
    choices = fs.MultipleChoice(elements=[fs.MultipleChoiceElement(name="a", title=TITLE)])
    assert validate(choices, ["a"]) == ["a"]
    password = ("cmk_postprocessed", "stored_password", ("my_id", ""))
    assert validate(fs.Password(), password) == password


def test_migration_comes_first() -> None:
    form = fs.SimpleLevels(
        form_spec_template=fs.Float(),
        level_direction=fs.LevelDirection.UPPER,
        prefill_fixed_levels=fs.DefaultValue((1.0, 2.0)),
        migrate=fs.migrate_to_float_simple_levels,
    )
    assert validate(form, (3, 4)) == ("fixed", (3.0, 4.0))


@pytest.mark.parametrize(
    "form, value, error",
    [
        pytest.param(fs.Integer(), 1.5, TypeError, id="decimal"),
        pytest.param(fs.Integer(), True, TypeError, id="bool as integer"),
        pytest.param(
            fs.TimeSpan(displayed_magnitudes=[fs.TimeMagnitude.SECOND]),
            5,
            TypeError,
            id="time: int",
        ),
        pytest.param(fs.String(), None, TypeError, id="None"),
        pytest.param(fs.ServiceState(), 4, TypeError, id="state"),
        pytest.param(fs.FixedValue(value=None), 1, TypeError, id="fixed"),
        pytest.param(fs.Password(), "secret", TypeError, id="password"),
        pytest.param(fs.Password(), ("password", "x"), TypeError, id="password of an older rule"),
        pytest.param(
            fs.MultipleChoice(elements=[fs.MultipleChoiceElement(name="a", title=TITLE)]),
            ["b"],
            TypeError,
            id="choices",
        ),
        pytest.param(FIXED, (1, 2), TypeError, id="bare levels"),
        pytest.param(FIXED, ("fixed", (-1, 2)), ValidationError, id="validator in the leaf"),
        pytest.param(choice(fs.DefaultValue("a")), ("c", None), TypeError, id="unknown choice"),
        pytest.param(choice(fs.DefaultValue("a")), "a", TypeError, id="choice without value"),
        pytest.param(choice(fs.DefaultValue("a")), ["a", None], TypeError, id="choice as a list"),
        pytest.param(choice(fs.DefaultValue("a")), ("a",), TypeError, id="choice of one part"),
        pytest.param(DICTIONARY, {}, TypeError, id="required key missing"),
        pytest.param(DICTIONARY, {"fixed": ("fixed", (1, 2)), "x": 1}, TypeError, id="unknown key"),
        pytest.param(
            fs.Integer(custom_validate=(NumberInRange(max_value=1),)),
            2,
            ValidationError,
            id="validator",
        ),
        pytest.param(
            fs.SingleChoice(elements=[fs.SingleChoiceElement("a", TITLE)]),
            "b",
            TypeError,
            id="choice",
        ),
    ],
)
def test_value_that_does_not_fit(form: Any, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        validate(form, value)


def test_all_texts_of_a_rule_are_localized() -> None:
    spec = rule_specs.CheckParameters(
        title=Title("rule"),
        topic=rule_specs.CustomTopic(Title("topic")),
        name="demo",
        parameter_form=lambda: fs.Dictionary(
            elements={"a": fs.DictElement(parameter_form=fs.String(title=Title("element")))}
        ),
        condition=rule_specs.HostAndItemCondition(Title("item")),
    )
    assert {"rule", "topic", "element", "item"} <= set(localized_texts(spec))
    metric = metrics.Metric(
        name="m",
        title=GraphingTitle("metric"),
        unit=metrics.Unit(metrics.TimeNotation()),
        color=metrics.Color.BLUE,
    )
    assert list(localized_texts(metric)) == ["metric"]


def test_wrong_operand_is_found() -> None:
    with pytest.raises(AttributeError):
        list(localized_texts(fs.String(title=Title("%d") % 3)))
