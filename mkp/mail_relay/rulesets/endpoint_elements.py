"""Elements of the rules for SMTP and IMAP servers."""

from collections.abc import Mapping
from typing import Any, Literal

from cmk.rulesets.v1 import Help, Title
from cmk.rulesets.v1.form_specs import (
    DefaultValue,
    DictElement,
    LevelDirection,
    ServiceState,
    TimeMagnitude,
    TimeSpan,
)
from cmk_addons.plugins.mail_relay.rulesets.elements import levels_element


def state_element(
    title: Title, default: Literal[0, 1, 2, 3], help_text: Help | None = None
) -> DictElement:
    return DictElement(
        parameter_form=ServiceState(title=title, help_text=help_text, prefill=DefaultValue(default))
    )


def seconds() -> TimeSpan:
    return TimeSpan(
        displayed_magnitudes=[
            TimeMagnitude.HOUR,
            TimeMagnitude.MINUTE,
            TimeMagnitude.SECOND,
            TimeMagnitude.MILLISECOND,
        ]
    )


def duration_element(
    defaults: Mapping[str, Any], hint: tuple[float, float]
) -> dict[str, DictElement]:
    """Levels on the whole dialogue."""
    return {
        "duration": levels_element(
            Title("Duration of the dialogue"), seconds(), defaults["duration"], hint=hint
        )
    }


def certificate_validity_element(defaults: Mapping[str, Any]) -> dict[str, DictElement]:
    """Levels on what is left until a certificate ends."""
    return {
        "certificate_validity": levels_element(
            Title("Remaining validity of the certificate"),
            TimeSpan(displayed_magnitudes=[TimeMagnitude.DAY, TimeMagnitude.HOUR]),
            defaults["certificate_validity"],
            direction=LevelDirection.LOWER,
            hint=(14 * 86400.0, 7 * 86400.0),
            help_text=Help("Of the certificate in the server's chain that ends first."),
        )
    }


def endpoint_elements(defaults: Mapping[str, Any]) -> dict[str, DictElement]:
    """Failure, time, certificate, protocol and addresses."""
    return {
        "failure_state": state_element(
            Title("State if the dialogue with the server fails"), defaults["failure_state"]
        ),
        **duration_element(defaults, hint=(10.0, 20.0)),
        **certificate_validity_element(defaults),
        "old_tls_state": state_element(
            Title("State if the server speaks no TLS newer than 1.1"), defaults["old_tls_state"]
        ),
        "dead_address_state": state_element(
            Title("State if only some addresses of the server answer"),
            defaults["dead_address_state"],
        ),
    }
