"""Rule for the checks "Mail relay connection"."""

from cmk.rulesets.v1 import Help, Title
from cmk.rulesets.v1.form_specs import Dictionary
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import CONNECTION_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    finding_elements,
    instance_condition,
    unreadable_state_element,
)
from cmk_addons.plugins.mail_relay.rulesets.endpoint_elements import (
    certificate_validity_element,
    duration_element,
    state_element,
)


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help(
            "Judges the look that the agent plug-in takes at the relays of a Postfix instance: it "
            "connects as Postfix would, but neither logs in nor sends mail."
        ),
        elements={
            "failure_state": state_element(
                Title("State if a relay cannot be used and no finding says why"),
                CONNECTION_DEFAULTS["failure_state"],
            ),
            **duration_element(CONNECTION_DEFAULTS, hint=(2.0, 4.0)),
            **certificate_validity_element(CONNECTION_DEFAULTS),
            **unreadable_state_element(CONNECTION_DEFAULTS),
            **finding_elements("connection"),
        },
    )


rule_spec_mail_relay_connection = CheckParameters(
    name="mail_relay_connection",
    title=Title("Mail relay connection"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=instance_condition(),
)
