"""Rule for the checks "Mail relay configuration"."""

from cmk.rulesets.v1 import Help, Title
from cmk.rulesets.v1.form_specs import DictElement, Dictionary, List, String
from cmk.rulesets.v1.form_specs.validators import LengthInRange
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import CONFIG_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    finding_elements,
    instance_condition,
    unmet_state_element,
    unreadable_state_element,
)


def _expected_relayhosts() -> List:
    return List(
        title=Title("Expected relayhost"),
        help_text=Help(
            "Every relayhost of the instance must be one of these, written as in main.cf, for "
            "example [smtp.example.org]:587."
        ),
        element_template=String(custom_validate=(LengthInRange(min_value=1),)),
        editable_order=False,
    )


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help(
            "Judges the configuration of a Postfix instance: what the agent plug-in finds wrong, "
            "and whether it relays where it should."
        ),
        elements={
            "expected_relayhosts": DictElement(parameter_form=_expected_relayhosts()),
            **unmet_state_element(CONFIG_DEFAULTS),
            **unreadable_state_element(CONFIG_DEFAULTS),
            **finding_elements("config"),
        },
    )


rule_spec_mail_relay_config = CheckParameters(
    name="mail_relay_config",
    title=Title("Mail relay configuration"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=instance_condition(),
)
