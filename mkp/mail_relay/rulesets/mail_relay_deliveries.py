"""Rule for the checks "Mail relay deliveries"."""

from cmk.rulesets.v1 import Help, Label, Title
from cmk.rulesets.v1.form_specs import (
    CascadingSingleChoice,
    CascadingSingleChoiceElement,
    DefaultValue,
    DictElement,
    Dictionary,
    FixedValue,
    InputHint,
    Integer,
    Percentage,
    TimeMagnitude,
    TimeSpan,
)
from cmk.rulesets.v1.form_specs.validators import NumberInRange
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import DELIVERIES_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.sending_limit import PRESETS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    age,
    finding_elements,
    instance_condition,
    levels_element,
    unreadable_state_element,
)

_PRESET_TITLES = {
    "gmail": Title("Gmail: 500 messages"),
    "workspace": Title("Google Workspace: 2,000 messages"),
}


def _sending_limit() -> CascadingSingleChoice:
    presets = [
        CascadingSingleChoiceElement(
            name=name,
            title=_PRESET_TITLES[name],
            parameter_form=FixedValue(value=messages),
        )
        for name, (_title, messages) in PRESETS.items()
    ]
    return CascadingSingleChoice(
        title=Title("Sending limit of the provider in 24 hours"),
        help_text=Help(
            "How many messages the account of the relayhost may send. What this host sends "
            "through its relay is compared with it; what others send with the same account is "
            "not known here."
        ),
        elements=[
            *presets,
            CascadingSingleChoiceElement(
                name="number",
                title=Title("Another number"),
                parameter_form=Integer(
                    label=Label("messages"),
                    prefill=InputHint(10000),
                    custom_validate=(NumberInRange(min_value=1),),
                ),
            ),
        ],
        prefill=DefaultValue("gmail"),
    )


def _recipients() -> Integer:
    return Integer(label=Label("recipients"))


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help(
            "Judges what the mail log says about the deliveries of a Postfix instance: mail that "
            "was given up, failed attempts, and the number sent against a provider's limit."
        ),
        elements={
            "lost": levels_element(
                Title("Recipients whose mail was given up in 24 hours"),
                _recipients(),
                DELIVERIES_DEFAULTS["lost"],
                hint=(10, 100),
                help_text=Help(
                    "Bounced or expired: this mail will not be tried again. Without levels any "
                    "such mail is CRIT for four hours and WARN for the rest of a day. A gateway "
                    "whose users mistype addresses needs levels here."
                ),
            ),
            "deferred_24h": levels_element(
                Title("Failed attempts in 24 hours"),
                Integer(label=Label("attempts")),
                DELIVERIES_DEFAULTS["deferred_24h"],
                hint=(100, 1000),
                help_text=Help("Each try at each recipient counts; this mail is tried again."),
            ),
            "last_sent_age": levels_element(
                Title("Time since the last mail was sent"),
                age(),
                DELIVERIES_DEFAULTS["last_sent_age"],
                hint=(86400.0, 2 * 86400.0),
                help_text=Help("For hosts that send regularly."),
            ),
            "delay": levels_element(
                Title("Mean delay of sent mail"),
                TimeSpan(
                    displayed_magnitudes=[
                        TimeMagnitude.HOUR,
                        TimeMagnitude.MINUTE,
                        TimeMagnitude.SECOND,
                    ]
                ),
                DELIVERIES_DEFAULTS["delay"],
                hint=(60.0, 600.0),
                help_text=Help(
                    "From the arrival of a mail to its delivery, over all mail sent since the "
                    "last check."
                ),
            ),
            "sending_limit": DictElement(parameter_form=_sending_limit()),
            "sending_limit_usage": levels_element(
                Title("Used of the sending limit"),
                Percentage(),
                DELIVERIES_DEFAULTS["sending_limit_usage"],
                hint=(80.0, 95.0),
            ),
            **unreadable_state_element(DELIVERIES_DEFAULTS),
            **finding_elements("deliveries"),
        },
    )


rule_spec_mail_relay_deliveries = CheckParameters(
    name="mail_relay_deliveries",
    title=Title("Mail relay deliveries"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=instance_condition(),
)
