"""Rule for the checks "Mail submission"."""

from cmk.rulesets.v1 import Help, Title
from cmk.rulesets.v1.form_specs import DictElement, Dictionary, List, String
from cmk.rulesets.v1.form_specs.validators import LengthInRange
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import SUBMISSION_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    loop_condition,
    unmet_state_element,
    unreadable_state_element,
)
from cmk_addons.plugins.mail_relay.rulesets.endpoint_elements import (
    endpoint_elements,
    state_element,
)


def _required_mechanisms() -> List:
    return List(
        title=Title("Required mechanisms"),
        help_text=Help(
            "SASL mechanisms that the server must offer, for example PLAIN, LOGIN or XOAUTH2."
        ),
        element_template=String(custom_validate=(LengthInRange(min_value=1),)),
        editable_order=False,
    )


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help("Judges the dialogue of a loop with its SMTP server."),
        elements={
            **endpoint_elements(SUBMISSION_DEFAULTS),
            "open_relay_state": state_element(
                Title("State if the server is an open relay"),
                SUBMISSION_DEFAULTS["open_relay_state"],
                Help("Only known if the loop asks for it."),
            ),
            "required_mechanisms": DictElement(parameter_form=_required_mechanisms()),
            **unmet_state_element(SUBMISSION_DEFAULTS),
            **unreadable_state_element(SUBMISSION_DEFAULTS),
        },
    )


rule_spec_mail_roundtrip_submission = CheckParameters(
    name="mail_roundtrip_submission",
    title=Title("Mail submission"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=loop_condition(),
)
