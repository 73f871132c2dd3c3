"""Agent rule: deploys the agent plug-in and its settings where there is a bakery."""

from cmk.rulesets.v1 import Help, Label, Message, Title
from cmk.rulesets.v1.form_specs import (
    CascadingSingleChoice,
    CascadingSingleChoiceElement,
    DefaultValue,
    DictElement,
    Dictionary,
    FixedValue,
    Float,
    InputHint,
    Integer,
    MultilineText,
    SingleChoice,
    SingleChoiceElement,
    String,
    TimeMagnitude,
    TimeSpan,
)
from cmk.rulesets.v1.form_specs.validators import MatchRegex, NumberInRange
from cmk.rulesets.v1.rule_specs import AgentConfig, Topic


def _deployment() -> CascadingSingleChoice:
    return CascadingSingleChoice(
        title=Title("Deployment"),
        help_text=Help(
            "A usual run takes some milliseconds, so that the plug-in can run with the agent. On "
            "hosts with very large queues or logs it can run by itself instead."
        ),
        elements=[
            CascadingSingleChoiceElement(
                name="sync",
                title=Title("Deploy, and run it with the agent"),
                parameter_form=FixedValue(value=None),
            ),
            CascadingSingleChoiceElement(
                name="cached",
                title=Title("Deploy, and run it by itself every"),
                parameter_form=TimeSpan(
                    displayed_magnitudes=[TimeMagnitude.MINUTE, TimeMagnitude.SECOND],
                    prefill=DefaultValue(300.0),
                    custom_validate=(NumberInRange(min_value=60, max_value=3600),),
                ),
            ),
            CascadingSingleChoiceElement(
                name="do_not_deploy",
                title=Title("Do not deploy"),
                parameter_form=FixedValue(value=None),
            ),
        ],
        prefill=DefaultValue("sync"),
    )


def _architecture() -> SingleChoice:
    return SingleChoice(
        title=Title("Architecture of the hosts"),
        help_text=Help(
            "The bakery does not know it. With executables for both, a launcher chooses on the "
            "host. Where all hosts of the rule are alike, one executable is enough."
        ),
        elements=[
            SingleChoiceElement(name="any", title=Title("x86_64 or aarch64")),
            SingleChoiceElement(name="x86_64", title=Title("x86_64 (Intel, AMD)")),
            SingleChoiceElement(name="aarch64", title=Title("aarch64 (ARM)")),
        ],
        prefill=DefaultValue("any"),
    )


def _seconds(title: Title, default: float, least: float, most: float) -> DictElement:
    return DictElement(
        parameter_form=Float(
            title=title,
            unit_symbol="s",
            prefill=DefaultValue(default),
            custom_validate=(NumberInRange(min_value=least, max_value=most),),
        )
    )


def _number(title: Title, label: Label, default: int, most: int, least: int) -> DictElement:
    return DictElement(
        parameter_form=Integer(
            title=title,
            label=label,
            prefill=DefaultValue(default),
            custom_validate=(NumberInRange(min_value=least, max_value=most),),
        )
    )


def _log() -> CascadingSingleChoice:
    return CascadingSingleChoice(
        title=Title("Where Postfix logs"),
        elements=[
            CascadingSingleChoiceElement(
                name="auto", title=Title("Find out"), parameter_form=FixedValue(value="")
            ),
            CascadingSingleChoiceElement(
                name="journal",
                title=Title("systemd journal"),
                parameter_form=FixedValue(value=""),
            ),
            CascadingSingleChoiceElement(
                name="none", title=Title("Do not read a log"), parameter_form=FixedValue(value="")
            ),
            CascadingSingleChoiceElement(
                name="file",
                title=Title("A file"),
                parameter_form=String(
                    prefill=InputHint("/var/log/mail.log"),
                    custom_validate=(
                        MatchRegex(
                            r"/[^\x00-\x1f]*$", error_msg=Message("This is no absolute path.")
                        ),
                    ),
                ),
            ),
        ],
        prefill=DefaultValue("auto"),
    )


def _connection_interval() -> CascadingSingleChoice:
    return CascadingSingleChoice(
        title=Title("Live look at the relays"),
        help_text=Help(
            "Connects to each relay as Postfix would, and neither logs in nor sends mail. What it "
            'sees is shown by the services "Mail relay connection".'
        ),
        elements=[
            CascadingSingleChoiceElement(
                name="every",
                title=Title("Every"),
                parameter_form=TimeSpan(
                    displayed_magnitudes=[
                        TimeMagnitude.HOUR,
                        TimeMagnitude.MINUTE,
                        TimeMagnitude.SECOND,
                    ],
                    prefill=DefaultValue(300.0),
                    custom_validate=(NumberInRange(min_value=30, max_value=86400),),
                ),
            ),
            CascadingSingleChoiceElement(
                name="never", title=Title("Never"), parameter_form=FixedValue(value="0")
            ),
        ],
        prefill=DefaultValue("every"),
    )


def _direct_mx() -> String:
    return String(
        title=Title("What a host without relayhost looks at"),
        help_text=Help(
            "A domain whose mail exchangers are tried on port 25. Without it such a host looks at "
            "nothing."
        ),
        prefill=InputHint("gmail.com"),
        custom_validate=(
            MatchRegex(
                r"(\[[A-Za-z0-9_.:-]+\]|[A-Za-z0-9_.-]+)(:[A-Za-z0-9-]+)?\Z",
                error_msg=Message("This is no destination as relayhost takes it."),
            ),
        ),
    )


def _settings() -> Dictionary:
    return Dictionary(
        title=Title("Settings"),
        help_text=Help("They go into mail_relay.cfg; mk_mail_relay --help explains them."),
        elements={
            "deadline": _seconds(Title("End of a run, ready or not"), 10.0, 1.0, 10.0),
            "queue_details": _seconds(Title("Time for examining messages"), 2.0, 0.1, 8.0),
            "queue_threads": _number(
                Title("Threads for examining messages"), Label("threads"), 2, least=1, most=8
            ),
            "log": DictElement(parameter_form=_log()),
            "log_first_megabytes": _number(
                Title("Where to begin in a log at the first run"),
                Label("MB before its end"),
                64,
                least=0,
                most=100000,
            ),
            "log_time": _seconds(Title("Time for reading an instance's log"), 2.0, 0.1, 8.0),
            "connection_interval": DictElement(parameter_form=_connection_interval()),
            "direct_mx": DictElement(parameter_form=_direct_mx()),
        },
    )


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help(
            "Deploys the agent plug-in mk_mail_relay, which monitors Postfix mail relays, on Linux "
            "hosts. It prints nothing where there is no Postfix."
        ),
        elements={
            "deployment": DictElement(parameter_form=_deployment(), required=True),
            "architecture": DictElement(parameter_form=_architecture()),
            "settings": DictElement(parameter_form=_settings()),
            "further_lines": DictElement(
                parameter_form=MultilineText(
                    title=Title("Further lines of mail_relay.cfg"),
                    help_text=Help("For settings of plug-in versions that this rule lacks."),
                    monospaced=True,
                )
            ),
        },
    )


rule_spec_mail_relay_bakery = AgentConfig(
    name="mail_relay",
    title=Title("Mail relay (Linux)"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
)
