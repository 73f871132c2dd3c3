"""Rule for the check "Mail continuity"."""

from cmk.rulesets.v1 import Help, Title
from cmk.rulesets.v1.form_specs import Dictionary
from cmk.rulesets.v1.rule_specs import CheckParameters, HostCondition, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import CONTINUITY_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import unreadable_state_element
from cmk_addons.plugins.mail_relay.rulesets.endpoint_elements import state_element


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help("Judges what the internal and external loops of a host say together."),
        elements={
            "deliverability_issue": state_element(
                Title("State if only external loops fail"),
                CONTINUITY_DEFAULTS["deliverability_issue"],
            ),
            "local_infrastructure_issue": state_element(
                Title("State if internal loops fail"),
                CONTINUITY_DEFAULTS["local_infrastructure_issue"],
            ),
            "total_outage": state_element(
                Title("State if all loops fail"), CONTINUITY_DEFAULTS["total_outage"]
            ),
            "not_enough_data": state_element(
                Title("State if there is not enough data"), CONTINUITY_DEFAULTS["not_enough_data"]
            ),
            **unreadable_state_element(CONTINUITY_DEFAULTS),
        },
    )


rule_spec_mail_roundtrip_continuity = CheckParameters(
    name="mail_roundtrip_continuity",
    title=Title("Mail continuity"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=HostCondition(),
)
