"""Rule specs of cmk.rulesets.v1."""

from typing import Any

import pytest
from cmk.rulesets.v1 import Help, Title, entry_point_prefixes, rule_specs
from cmk.rulesets.v1.form_specs import Dictionary, String
from cmk.rulesets.v1.form_specs.validators import ValidationError

TITLE = Title("t")
TOPIC = rule_specs.Topic.APPLICATIONS
HOST = rule_specs.HostCondition()
ITEM = rule_specs.HostAndItemCondition(TITLE)
MERGE = rule_specs.EvalType.MERGE


def form() -> Dictionary:
    raise AssertionError("not called at load")


# Class and its arguments in order.
SPECS = [
    *(
        pytest.param(kind, (TITLE, TOPIC, form, "name"), id=kind.__name__)
        for kind in (
            rule_specs.SpecialAgent,
            rule_specs.ActiveCheck,
            rule_specs.AgentConfig,
            rule_specs.DiscoveryParameters,
            rule_specs.InventoryParameters,
            rule_specs.NotificationParameters,
        )
    ),
    pytest.param(
        rule_specs.EnforcedService, (TITLE, TOPIC, None, "name", HOST), id="EnforcedService"
    ),
    pytest.param(
        rule_specs.CheckParameters, (TITLE, TOPIC, form, "name", ITEM), id="CheckParameters"
    ),
    *(
        pytest.param(kind, (TITLE, TOPIC, form, MERGE, "name"), id=kind.__name__)
        for kind in (rule_specs.Host, rule_specs.SNMP, rule_specs.AgentAccess)
    ),
    pytest.param(
        rule_specs.Service,
        (TITLE, TOPIC, form, MERGE, "name", rule_specs.HostAndServiceCondition()),
        id="Service",
    ),
]


@pytest.mark.parametrize("kind, arguments", SPECS)
def test_rule_spec(kind: Any, arguments: tuple[Any, ...]) -> None:
    spec = kind(*arguments, True, Help("h"))
    assert (spec.name, spec.title, spec.topic) == ("name", TITLE, TOPIC)
    assert (spec.is_deprecated, spec.help_text) == (True, Help("h"))
    plain = kind(*arguments)
    assert (plain.is_deprecated, plain.help_text) == (False, None)
    with pytest.raises(AttributeError):
        plain.name = "other"


@pytest.mark.parametrize("kind, arguments", SPECS)
def test_rule_spec_refused(kind: Any, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        kind(*arguments[:-1])
    with pytest.raises(TypeError):
        kind(*arguments, unknown=1)
    for name in ("", "a b", "a-b", "1a", "class"):
        bad = tuple(name if argument == "name" else argument for argument in arguments)
        with pytest.raises(ValueError):
            kind(*bad)


def test_check_parameters_may_create_no_enforced_service() -> None:
    spec = rule_specs.CheckParameters(
        title=TITLE,
        topic=rule_specs.CustomTopic(TITLE),
        parameter_form=form,
        name="name",
        condition=HOST,
        create_enforced_service=False,
    )
    assert not spec.create_enforced_service


def test_item_form_refuses_an_empty_item_unless_replaced() -> None:
    assert ITEM.item_form.custom_validate is not None
    (validate,) = ITEM.item_form.custom_validate
    validate("postfix")
    validate("1")
    with pytest.raises(ValidationError):
        validate("")
    own = rule_specs.HostAndItemCondition(item_title=TITLE, item_form=String())
    assert own.item_form == String()


def test_every_class_is_found_by_one_prefix() -> None:
    prefixes = entry_point_prefixes()
    assert {param.values[0] for param in SPECS} == set(prefixes)
    assert set(prefixes.values()) == {"rule_spec_"}


def test_topics() -> None:
    assert {topic.name for topic in rule_specs.Topic} >= {
        "APPLICATIONS", "CACHING_MESSAGE_QUEUES", "CLOUD", "CONFIGURATION_DEPLOYMENT", "DATABASES",
        "GENERAL", "ENVIRONMENTAL", "LINUX", "NETWORKING", "MIDDLEWARE", "NOTIFICATIONS",
        "OPERATING_SYSTEM", "PERIPHERALS", "POWER", "SERVER_HARDWARE", "STORAGE",
        "SYNTHETIC_MONITORING", "VIRTUALIZATION", "WINDOWS",
    }  # fmt: skip
