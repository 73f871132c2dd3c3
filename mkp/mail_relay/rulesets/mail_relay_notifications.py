"""Rule for the checks "Notification mail"."""

from cmk.rulesets.v1 import Help, Label, Title
from cmk.rulesets.v1.form_specs import Dictionary, Integer
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import NOTIFICATIONS_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    age,
    finding_elements,
    levels_element,
    site_condition,
    unreadable_state_element,
)


def _notifications() -> Integer:
    return Integer(label=Label("notifications"))


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help(
            "Judges whether the mail of a Checkmk site leaves its host. Have the alarms of this "
            "service sent by something other than this mail relay; the package's README shows a "
            "notification rule."
        ),
        elements={
            "waiting": levels_element(
                Title("Waiting notifications"),
                _notifications(),
                NOTIFICATIONS_DEFAULTS["waiting"],
                hint=(50, 200),
                help_text=Help("In all queues, those included that were not tried yet."),
            ),
            "deferred": levels_element(
                Title("Notifications that could not be delivered yet"),
                _notifications(),
                NOTIFICATIONS_DEFAULTS["deferred"],
                hint=(1, 10),
                help_text=Help("At least one attempt failed; Postfix will try again."),
            ),
            "age": levels_element(
                Title("Age of the oldest waiting notification"),
                age(),
                NOTIFICATIONS_DEFAULTS["age"],
                hint=(900.0, 3600.0),
            ),
            "lost": levels_element(
                Title("Notifications given up in 24 hours"),
                _notifications(),
                NOTIFICATIONS_DEFAULTS["lost"],
                hint=(1, 10),
                help_text=Help(
                    "Bounced or expired: nobody got them. Without levels any of them is CRIT for "
                    "four hours and WARN for the rest of a day."
                ),
            ),
            "last_sent_age": levels_element(
                Title("Time since the last notification was sent"),
                age(),
                NOTIFICATIONS_DEFAULTS["last_sent_age"],
                hint=(7 * 86400.0, 14 * 86400.0),
            ),
            **unreadable_state_element(NOTIFICATIONS_DEFAULTS),
            **finding_elements("notifications"),
        },
    )


rule_spec_mail_relay_notifications = CheckParameters(
    name="mail_relay_notifications",
    title=Title("Notification mail of a Checkmk site"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=site_condition(),
)
