"""Rule for the checks "Mail roundtrip"."""

from cmk.rulesets.v1 import Help, Label, Title
from cmk.rulesets.v1.form_specs import Dictionary, Integer
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import ROUNDTRIP_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    levels_element,
    loop_condition,
    unreadable_state_element,
)
from cmk_addons.plugins.mail_relay.rulesets.endpoint_elements import seconds, state_element


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help("Judges whether the probes of a loop arrive, and how fast."),
        elements={
            "latency": levels_element(
                Title("Latency"),
                seconds(),
                ROUNDTRIP_DEFAULTS["latency"],
                hint=(60.0, 300.0),
                help_text=Help(
                    "From the submission of a probe to its arrival in the mailbox. Of several "
                    "probes that arrived since the last check the slowest counts."
                ),
            ),
            "outstanding_age": levels_element(
                Title("Age of the oldest probe on the way"),
                seconds(),
                ROUNDTRIP_DEFAULTS["outstanding_age"],
                hint=(300.0, 900.0),
                help_text=Help(
                    "Notices a standstill long before a probe counts as lost. Raise this if the "
                    "mailbox's server greylists."
                ),
            ),
            "lost": levels_element(
                Title("Lost probes"),
                Integer(label=Label("probes")),
                ROUNDTRIP_DEFAULTS["lost"],
                hint=(1, 3),
                help_text=Help(
                    "Probes that were given up, as long as no later one has arrived since then."
                ),
            ),
            "last_arrival_age": levels_element(
                Title("Time since the last arrival"),
                seconds(),
                ROUNDTRIP_DEFAULTS["last_arrival_age"],
                hint=(900.0, 1800.0),
                help_text=Help("Choose more than the interval of the loop."),
            ),
            "submission_failure_state": state_element(
                Title("State if submission fails"), ROUNDTRIP_DEFAULTS["submission_failure_state"]
            ),
            "mailbox_failure_state": state_element(
                Title("State if the mailbox cannot be read"),
                ROUNDTRIP_DEFAULTS["mailbox_failure_state"],
            ),
            **unreadable_state_element(ROUNDTRIP_DEFAULTS),
        },
    )


rule_spec_mail_roundtrip = CheckParameters(
    name="mail_roundtrip",
    title=Title("Mail roundtrip"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=loop_condition(),
)
