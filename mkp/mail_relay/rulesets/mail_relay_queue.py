"""Rule for the checks "Mail relay queue"."""

from cmk.rulesets.v1 import Help, Label, Title
from cmk.rulesets.v1.form_specs import (
    DictElement,
    Dictionary,
    Integer,
)
from cmk.rulesets.v1.rule_specs import CheckParameters, Topic
from cmk_addons.plugins.mail_relay.lib.default_parameters import QUEUE_DEFAULTS
from cmk_addons.plugins.mail_relay.rulesets.elements import (
    age,
    finding_elements,
    instance_condition,
    levels_element,
    unreadable_state_element,
)

_QUEUE_TITLES = {
    "maildrop": (Title("Messages in maildrop"), Title("Age of the oldest message in maildrop")),
    "incoming": (Title("Messages in incoming"), Title("Age of the oldest message in incoming")),
    "active": (Title("Messages in active"), Title("Age of the oldest message in active")),
    "deferred": (Title("Messages in deferred"), Title("Age of the oldest message in deferred")),
    "hold": (Title("Messages on hold"), Title("Age of the oldest message on hold")),
    "corrupt": (Title("Corrupt messages"), None),
}

_COUNT_HINTS = {
    "maildrop": (50, 200),
    "incoming": (500, 2000),
    "active": (500, 2000),
    "deferred": (10, 100),
    "hold": (1, 100),
    "corrupt": (1, 10),
}

_AGE_HELP = Help(
    "Counted from the arrival of the message at this Postfix. Age tells more than number: thirteen "
    "messages for four hours are an outage, a thousand for a minute are a newsletter."
)


def _messages() -> Integer:
    return Integer(label=Label("messages"))


def _queue_elements() -> dict[str, DictElement]:
    elements = {}
    for queue, (count_title, age_title) in _QUEUE_TITLES.items():
        elements[f"messages_{queue}"] = levels_element(
            count_title,
            _messages(),
            QUEUE_DEFAULTS[f"messages_{queue}"],
            hint=_COUNT_HINTS[queue],
        )
        if age_title is not None:
            elements[f"age_{queue}"] = levels_element(
                age_title,
                age(),
                QUEUE_DEFAULTS[f"age_{queue}"],
                hint=(3600.0, 14400.0),
                help_text=_AGE_HELP,
            )
    return elements


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help(
            "Judges the mail that waits in the queues of a Postfix instance. Numbers and ages are "
            "judged by levels, everything else by the findings of the agent plug-in."
        ),
        elements={
            **_queue_elements(),
            "overdue": levels_element(
                Title("Delivery attempt overdue for"),
                age(),
                QUEUE_DEFAULTS["overdue"],
                hint=(900.0, 3600.0),
                help_text=Help(
                    "Each deferred message has a time for its next attempt. When that is long "
                    "past, the queue manager does not do its work."
                ),
            ),
            "expiring": levels_element(
                Title("Messages about to expire"),
                _messages(),
                QUEUE_DEFAULTS["expiring"],
                hint=(1, 10),
                help_text=Help(
                    "Deferred messages that Postfix will return to their senders as undeliverable "
                    "within a day."
                ),
            ),
            **unreadable_state_element(QUEUE_DEFAULTS),
            **finding_elements("queue"),
        },
    )


rule_spec_mail_relay_queue = CheckParameters(
    name="mail_relay_queue",
    title=Title("Mail relay queue"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=instance_condition(),
)
