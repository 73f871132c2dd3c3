"""Rule for the checks "Mail relay authentication"."""

from cmk.rulesets.v1 import Help, Title
from cmk.rulesets.v1.form_specs import DictElement, Dictionary, List, String
from cmk.rulesets.v1.form_specs.validators import LengthInRange
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import SASL_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    finding_elements,
    instance_condition,
    unmet_state_element,
    unreadable_state_element,
)


def _required_mechanisms() -> List:
    return List(
        title=Title("Required mechanisms"),
        help_text=Help(
            "SASL mechanisms that must be installed on the host, for example PLAIN, LOGIN or "
            "XOAUTH2. The service shows which ones are."
        ),
        element_template=String(custom_validate=(LengthInRange(min_value=1),)),
        editable_order=False,
    )


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help(
            "Judges whether a Postfix instance can authenticate to its relayhost: credentials, "
            "mechanisms installed, filter and options."
        ),
        elements={
            "required_mechanisms": DictElement(parameter_form=_required_mechanisms()),
            **unmet_state_element(SASL_DEFAULTS),
            **unreadable_state_element(SASL_DEFAULTS),
            **finding_elements("sasl"),
        },
    )


rule_spec_mail_relay_sasl = CheckParameters(
    name="mail_relay_sasl",
    title=Title("Mail relay authentication"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=instance_condition(),
)
