"""Elements that all rules of this family have in common."""

from collections.abc import Mapping
from typing import Any

from cmk.rulesets.v1 import Help, Title
from cmk.rulesets.v1.form_specs import (
    DefaultValue,
    DictElement,
    FormSpec,
    InputHint,
    LevelDirection,
    LevelsType,
    ServiceState,
    SimpleLevels,
    SingleChoice,
    SingleChoiceElement,
    String,
    TimeMagnitude,
    TimeSpan,
)
from cmk.rulesets.v1.form_specs.validators import LengthInRange
from cmk.rulesets.v1.rule_specs import HostAndItemCondition
from cmk_addons.plugins.mail_relay.lib.finding import FINDING_TITLES


def finding_elements(area: str) -> dict[str, DictElement]:
    """One choice for each finding of this area: its state, or to ignore it."""
    return {
        f"finding_{identifier}": DictElement(parameter_form=_finding_state(title))
        for identifier, title in FINDING_TITLES[area].items()
    }


def _finding_state(title: str) -> SingleChoice:
    return SingleChoice(
        title=Title("Finding: %s") % title,
        help_text=Help(
            "The state of the service when the agent plug-in finds this. Without this setting the "
            "severity that the agent plug-in gives decides. Ignored findings do not show at all."
        ),
        elements=[
            SingleChoiceElement(name="ok", title=Title("OK (shown in the details only)")),
            SingleChoiceElement(name="warn", title=Title("WARN")),
            SingleChoiceElement(name="crit", title=Title("CRIT")),
            SingleChoiceElement(name="unknown", title=Title("UNKNOWN")),
            SingleChoiceElement(name="ignore", title=Title("Ignore")),
        ],
        prefill=DefaultValue("ignore"),
    )


def unreadable_state_element(defaults: Mapping[str, Any]) -> dict[str, DictElement]:
    """The state of facts that could not be read."""
    return {
        "unreadable_state": DictElement(
            parameter_form=ServiceState(
                title=Title("State if something cannot be read"),
                help_text=Help(
                    "What the agent plug-in cannot read is shown with its reason and never taken "
                    "for zero. Note that Checkmk does not notify about UNKNOWN by default."
                ),
                prefill=DefaultValue(defaults["unreadable_state"]),
            )
        )
    }


def unmet_state_element(defaults: Mapping[str, Any]) -> dict[str, DictElement]:
    """The state where a demand of the same rule is not met."""
    return {
        "unmet_state": DictElement(
            parameter_form=ServiceState(
                title=Title("State if a requirement of this rule is not met"),
                prefill=DefaultValue(defaults["unmet_state"]),
            )
        )
    }


def levels_element(
    title: Title,
    template: FormSpec[Any],
    default: tuple[str, Any],
    *,
    direction: LevelDirection = LevelDirection.UPPER,
    hint: tuple[Any, Any],
    help_text: Help | None = None,
) -> DictElement:
    """Levels prefilled with the check's default; `hint` is shown where the default is no levels."""
    kind, levels = default
    return DictElement(
        parameter_form=SimpleLevels(
            title=title,
            help_text=help_text,
            form_spec_template=template,
            level_direction=direction,
            prefill_levels_type=DefaultValue(
                LevelsType.FIXED if kind == "fixed" else LevelsType.NONE
            ),
            prefill_fixed_levels=DefaultValue(levels) if kind == "fixed" else InputHint(hint),
        )
    )


def age() -> TimeSpan:
    return TimeSpan(
        displayed_magnitudes=[TimeMagnitude.DAY, TimeMagnitude.HOUR, TimeMagnitude.MINUTE]
    )


def instance_condition() -> HostAndItemCondition:
    """Rules apply to Postfix instances by name."""
    return HostAndItemCondition(
        item_title=Title("Postfix instance"),
        item_form=String(
            help_text=Help("The name of the instance; the default instance is called 'postfix'."),
            custom_validate=(LengthInRange(min_value=1),),
        ),
    )


def site_condition() -> HostAndItemCondition:
    """Rules apply to the mail of Checkmk sites by name."""
    return HostAndItemCondition(
        item_title=Title("Checkmk site"),
        item_form=String(
            help_text=Help("The name of the site, which is that of its user as well."),
            custom_validate=(LengthInRange(min_value=1),),
        ),
    )


def loop_condition() -> HostAndItemCondition:
    """Rules apply to roundtrip loops by name."""
    return HostAndItemCondition(
        item_title=Title("Loop"),
        item_form=String(
            help_text=Help('The name of the loop in the rule "Mail roundtrip".'),
            custom_validate=(LengthInRange(min_value=1),),
        ),
    )
