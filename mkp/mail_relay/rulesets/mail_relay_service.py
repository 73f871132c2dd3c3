"""Rule for the checks "Mail relay service"."""

from cmk.rulesets.v1 import Help, Title
from cmk.rulesets.v1.form_specs import Dictionary, LevelDirection, Percentage
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import SERVICE_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    finding_elements,
    instance_condition,
    levels_element,
    unreadable_state_element,
)


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help(
            "Judges whether a Postfix instance runs and whether the file system of its queue has "
            "room. A spool with less room than Postfix needs for its largest message is a finding "
            "and needs no levels."
        ),
        elements={
            "spool_free_percent": levels_element(
                Title("Free space of the spool file system"),
                Percentage(),
                SERVICE_DEFAULTS["spool_free_percent"],
                direction=LevelDirection.LOWER,
                hint=(10.0, 5.0),
            ),
            "spool_free_inodes_percent": levels_element(
                Title("Free inodes of the spool file system"),
                Percentage(),
                SERVICE_DEFAULTS["spool_free_inodes_percent"],
                direction=LevelDirection.LOWER,
                hint=(10.0, 5.0),
                help_text=Help("Each waiting message needs at least one inode."),
            ),
            **unreadable_state_element(SERVICE_DEFAULTS),
            **finding_elements("service"),
        },
    )


rule_spec_mail_relay_service = CheckParameters(
    name="mail_relay_service",
    title=Title("Mail relay service"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=instance_condition(),
)
