"""Rule for the checks "Mail deliverability"."""

from cmk.rulesets.v1 import Help, Title
from cmk.rulesets.v1.form_specs import Dictionary
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import DELIVERABILITY_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    levels_element,
    loop_condition,
    unreadable_state_element,
)
from cmk_addons.plugins.mail_relay.rulesets.endpoint_elements import seconds, state_element


def _parameter_form() -> Dictionary:
    defaults = DELIVERABILITY_DEFAULTS
    return Dictionary(
        help_text=Help("Judges what the receiving side thought of the newest probe of a loop."),
        elements={
            "junk_state": state_element(
                Title("State if the probe lands in the junk folder"), defaults["junk_state"]
            ),
            "spf_state": state_element(Title("State if SPF does not pass"), defaults["spf_state"]),
            "dkim_state": state_element(
                Title("State if DKIM does not pass"), defaults["dkim_state"]
            ),
            "dmarc_state": state_element(
                Title("State if DMARC does not pass"), defaults["dmarc_state"]
            ),
            "no_verdict_state": state_element(
                Title("State if the receiving side gives no verdict"),
                defaults["no_verdict_state"],
                Help("Mail servers that take mail from their own network need not judge it."),
            ),
            "reverse_name_state": state_element(
                Title("State if the sending address has no confirmed reverse name"),
                defaults["reverse_name_state"],
            ),
            "listed_state": state_element(
                Title("State if the sending address is on a block list"),
                defaults["listed_state"],
            ),
            "hop_delay": levels_element(
                Title("Delay of the slowest hop"),
                seconds(),
                defaults["hop_delay"],
                hint=(60.0, 300.0),
                help_text=Help("As far as the clocks of the servers on the way agree."),
            ),
            **unreadable_state_element(defaults),
        },
    )


rule_spec_mail_roundtrip_deliverability = CheckParameters(
    name="mail_roundtrip_deliverability",
    title=Title("Mail deliverability"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=loop_condition(),
)
