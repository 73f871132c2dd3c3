"""Rule for the checks "Mail relay TLS"."""

from cmk.rulesets.v1 import Help, Label, Title
from cmk.rulesets.v1.form_specs import (
    DefaultValue,
    DictElement,
    Dictionary,
    Integer,
    LevelDirection,
    SingleChoice,
    SingleChoiceElement,
    TimeMagnitude,
    TimeSpan,
)
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import TLS_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    finding_elements,
    instance_condition,
    levels_element,
    unmet_state_element,
    unreadable_state_element,
)


def _required_level() -> SingleChoice:
    return SingleChoice(
        title=Title("Required TLS level"),
        help_text=Help(
            "The level that must be in effect for every relayhost, or in general where there is "
            "none. Levels that guarantee more are fine: dane-only and fingerprint count like "
            "secure; dane counts like may, because it falls back where a domain publishes nothing."
        ),
        elements=[
            SingleChoiceElement(name="may", title=Title("may: TLS if the server offers it")),
            SingleChoiceElement(name="encrypt", title=Title("encrypt: TLS always")),
            SingleChoiceElement(name="verify", title=Title("verify: and a trusted certificate")),
            SingleChoiceElement(name="secure", title=Title("secure: and the right server name")),
        ],
        prefill=DefaultValue("encrypt"),
    )


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help(
            "Judges how a Postfix instance protects the mail it sends: TLS level, CA certificates, "
            "client certificate."
        ),
        elements={
            "required_level": DictElement(parameter_form=_required_level()),
            "client_certificate_validity": levels_element(
                Title("Remaining validity of the client certificate"),
                TimeSpan(displayed_magnitudes=[TimeMagnitude.DAY, TimeMagnitude.HOUR]),
                TLS_DEFAULTS["client_certificate_validity"],
                direction=LevelDirection.LOWER,
                hint=(30 * 86400.0, 7 * 86400.0),
            ),
            "expired_ca_certificates": levels_element(
                Title("Expired CA certificates"),
                Integer(label=Label("certificates")),
                TLS_DEFAULTS["expired_ca_certificates"],
                hint=(1, 10),
                help_text=Help("Distributions ship a few expired ones, and they do no harm."),
            ),
            **unmet_state_element(TLS_DEFAULTS),
            **unreadable_state_element(TLS_DEFAULTS),
            **finding_elements("tls"),
        },
    )


rule_spec_mail_relay_tls = CheckParameters(
    name="mail_relay_tls",
    title=Title("Mail relay TLS"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=instance_condition(),
)
