"""Rule for the checks "Mailbox access"."""

from cmk.rulesets.v1 import Help, Label, Title
from cmk.rulesets.v1.form_specs import Dictionary, Integer, Percentage
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import MAILBOX_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    levels_element,
    loop_condition,
    unreadable_state_element,
)
from cmk_addons.plugins.mail_relay.rulesets.endpoint_elements import (
    endpoint_elements,
    state_element,
)


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help("Judges the dialogue of a loop with its IMAP server."),
        elements={
            **endpoint_elements(MAILBOX_DEFAULTS),
            "quota": levels_element(
                Title("Quota used"),
                Percentage(),
                MAILBOX_DEFAULTS["quota"],
                hint=(80.0, 90.0),
                help_text=Help("Of storage or messages, whichever is fuller."),
            ),
            "messages": levels_element(
                Title("Messages in the folders looked at"),
                Integer(label=Label("messages")),
                MAILBOX_DEFAULTS["messages"],
                hint=(10000, 50000),
            ),
            "folder_error_state": state_element(
                Title("State if a folder cannot be opened"),
                MAILBOX_DEFAULTS["folder_error_state"],
            ),
            **unreadable_state_element(MAILBOX_DEFAULTS),
        },
    )


rule_spec_mail_roundtrip_mailbox = CheckParameters(
    name="mail_roundtrip_mailbox",
    title=Title("Mailbox access"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=loop_condition(),
)
