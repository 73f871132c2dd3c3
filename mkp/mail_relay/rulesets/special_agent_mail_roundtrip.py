"""Rule of the special agent "Mail roundtrip": the loops of a host."""

from collections.abc import Callable, Sequence
from typing import Any

from cmk.rulesets.v1 import Help, Label, Message, Title
from cmk.rulesets.v1.form_specs import (
    BooleanChoice,
    CascadingSingleChoice,
    CascadingSingleChoiceElement,
    DefaultValue,
    DictElement,
    Dictionary,
    FixedValue,
    FormSpec,
    InputHint,
    Integer,
    List,
    Password,
    SingleChoice,
    SingleChoiceElement,
    String,
    TimeMagnitude,
    TimeSpan,
)
from cmk.rulesets.v1.form_specs.validators import (
    EmailAddress,
    LengthInRange,
    MatchRegex,
    NumberInRange,
    Url,
    UrlProtocol,
    ValidationError,
)
from cmk.rulesets.v1.rule_specs import SpecialAgent, Topic

_MOST_LOOPS = 50

# The Nagios core takes other characters out of service names.
_LOOP_NAME = MatchRegex(
    regex=r"[A-Za-z0-9_.@:-]+( [A-Za-z0-9_.@:-]+)*\Z",
    error_msg=Message("Letters, digits and _ . @ : - only, single blanks between them."),
)
_HOST_NAME = MatchRegex(
    regex=r"[A-Za-z0-9_.:$-]+\Z", error_msg=Message("This is no host name or address.")
)
_FILLED = LengthInRange(min_value=1)


def _text(
    title: Title,
    help_text: Help | None = None,
    hint: str = "",
    validators: Sequence[Callable[[str], object]] = (_FILLED,),
) -> String:
    return String(
        title=title,
        help_text=help_text,
        prefill=InputHint(hint),
        custom_validate=tuple(validators),
    )


def _choice(title: Title, elements: dict[str, Title], default: str) -> SingleChoice:
    return SingleChoice(
        title=title,
        elements=[SingleChoiceElement(name=name, title=text) for name, text in elements.items()],
        prefill=DefaultValue(default),
    )


def _required(form: FormSpec[Any]) -> DictElement:
    return DictElement(parameter_form=form, required=True)


def _optional(form: FormSpec[Any]) -> DictElement:
    return DictElement(parameter_form=form)


def _address(title: Title, hint: str) -> String:
    return _text(title, hint=hint, validators=(EmailAddress(),))


def _password(title: Title) -> Password:
    return Password(title=title)


def _by_password() -> Dictionary:
    mechanisms = {
        "auto": Title("The best the server offers"),
        "plain": Title("PLAIN"),
        "login": Title("LOGIN"),
        "cram_md5": Title("CRAM-MD5"),
    }
    return Dictionary(
        elements={
            "user": _required(_text(Title("User name"))),
            "password": _required(_password(Title("Password"))),
            "mechanism": _optional(_choice(Title("Mechanism"), mechanisms, "auto")),
        }
    )


def _by_token() -> Dictionary:
    grants = [
        CascadingSingleChoiceElement(
            name="client_credentials",
            title=Title("Client credentials"),
            parameter_form=Dictionary(
                elements={"client_secret": _required(_password(Title("Client secret")))}
            ),
        ),
        CascadingSingleChoiceElement(
            name="refresh_token",
            title=Title("Refresh token"),
            parameter_form=Dictionary(
                elements={
                    "refresh_token": _required(_password(Title("Refresh token"))),
                    "client_secret": _optional(_password(Title("Client secret"))),
                }
            ),
        ),
    ]
    mechanisms = {
        "auto": Title("The best the server offers"),
        "xoauth2": Title("XOAUTH2"),
        "oauthbearer": Title("OAUTHBEARER"),
    }
    return Dictionary(
        elements={
            "user": _required(_text(Title("User name"), Help("The address of the mailbox."))),
            "token_url": _required(
                _text(
                    Title("Token endpoint"),
                    hint="https://login.example.org/oauth2/token",
                    validators=(Url(protocols=[UrlProtocol.HTTPS]),),
                )
            ),
            "client_id": _required(_text(Title("Client ID"))),
            "grant": _required(
                CascadingSingleChoice(
                    title=Title("Grant"),
                    elements=grants,
                    prefill=DefaultValue("client_credentials"),
                )
            ),
            "scope": _optional(_text(Title("Scope"))),
            "mechanism": _optional(_choice(Title("Mechanism"), mechanisms, "auto")),
        }
    )


def _authentication(*, may_be_none: bool) -> CascadingSingleChoice:
    elements = [
        CascadingSingleChoiceElement(
            name="password", title=Title("Password"), parameter_form=_by_password()
        ),
        CascadingSingleChoiceElement(
            name="oauth2", title=Title("OAuth 2.0"), parameter_form=_by_token()
        ),
    ]
    if may_be_none:
        elements.append(
            CascadingSingleChoiceElement(
                name="anonymous",
                title=Title("No authentication"),
                parameter_form=FixedValue(value=None),
            )
        )
    return CascadingSingleChoice(
        title=Title("Authentication"), elements=elements, prefill=DefaultValue("password")
    )


def _server_elements(
    server_hint: str, tls: dict[str, Title], default_tls: str
) -> dict[str, DictElement]:
    families = {
        "any": Title("IPv4 and IPv6"),
        "ipv4": Title("IPv4 only"),
        "ipv6": Title("IPv6 only"),
    }
    return {
        "server": _optional(
            _text(
                Title("Server"),
                Help("Name or address; without it, the address of this host. Macros are replaced."),
                hint=server_hint,
                validators=(_HOST_NAME,),
            )
        ),
        "port": _optional(
            Integer(
                title=Title("Port, if not the usual one"),
                custom_validate=(NumberInRange(min_value=1, max_value=65535),),
            )
        ),
        "tls": _required(_choice(Title("Encryption"), tls, default_tls)),
        "verify": _optional(
            BooleanChoice(
                title=Title("Certificate"),
                label=Label("Verify the certificate and its name"),
                help_text=Help("Verified unless switched off here."),
                prefill=DefaultValue(True),
            )
        ),
        "family": _optional(_choice(Title("Address family"), families, "any")),
    }


def _open_relay_question() -> Dictionary:
    return Dictionary(
        title=Title("Ask whether the server is an open relay"),
        help_text=Help(
            "Without logging in, the agent announces a mail between two foreign addresses and "
            "takes it back before any content. A server that agrees would relay for anybody."
        ),
        elements={
            "sender": _required(_address(Title("Foreign sender"), "probe@example.org")),
            "recipient": _required(_address(Title("Foreign recipient"), "probe@example.com")),
        },
    )


def _submission() -> Dictionary:
    tls = {
        "starttls": Title("STARTTLS (usually port 587)"),
        "implicit": Title("TLS from the start (usually port 465)"),
        "none": Title("None (usually port 25)"),
    }
    return Dictionary(
        title=Title("Submission (SMTP)"),
        elements={
            **_server_elements("smtp.example.org", tls, "starttls"),
            "auth": _required(_authentication(may_be_none=True)),
            "helo": _optional(
                _text(Title("Name for EHLO, if not that of this site"), validators=(_HOST_NAME,))
            ),
            "open_relay": _optional(_open_relay_question()),
        },
    )


def _folders() -> List:
    return List(
        title=Title("Further folders"),
        help_text=Help("Folders that rules of the mailbox may sort the probes into."),
        element_template=String(custom_validate=(_FILLED,)),
        editable_order=False,
    )


def _mailbox() -> Dictionary:
    tls = {
        "implicit": Title("TLS from the start (usually port 993)"),
        "starttls": Title("STARTTLS (usually port 143)"),
        "none": Title("None (usually port 143)"),
    }
    return Dictionary(
        title=Title("Mailbox (IMAP)"),
        elements={
            **_server_elements("imap.example.org", tls, "implicit"),
            "auth": _required(_authentication(may_be_none=False)),
            "folder": _optional(_text(Title("Folder, if not INBOX"))),
            "junk_folder": _optional(
                _text(
                    Title("Junk folder"),
                    Help("Only needed if the server does not mark its junk folder as such."),
                )
            ),
            "further_folders": _optional(_folders()),
            "delete_probes": _optional(
                BooleanChoice(
                    title=Title("Probes that were processed"),
                    label=Label("Delete them"),
                    help_text=Help("Mail that the agent did not send itself is never touched."),
                    prefill=DefaultValue(True),
                )
            ),
        },
    )


def _deliverability() -> Dictionary:
    return Dictionary(
        title=Title("Deliverability"),
        elements={
            "authority": _optional(
                _text(
                    Title("Trusted authority"),
                    Help(
                        "The server name at the start of the Authentication-Results header that "
                        "counts. Without it, the topmost header counts."
                    ),
                    hint="mx.example.org",
                    validators=(_HOST_NAME,),
                )
            ),
            "block_lists": _optional(
                List(
                    title=Title("Block lists to ask about the sending address"),
                    element_template=String(
                        prefill=InputHint("zen.spamhaus.org"), custom_validate=(_HOST_NAME,)
                    ),
                    editable_order=False,
                )
            ),
        },
    )


def _span(title: Title, default: float, lowest: float, highest: float) -> TimeSpan:
    return TimeSpan(
        title=title,
        displayed_magnitudes=[TimeMagnitude.HOUR, TimeMagnitude.MINUTE, TimeMagnitude.SECOND],
        prefill=DefaultValue(default),
        custom_validate=(NumberInRange(min_value=lowest, max_value=highest),),
    )


def _timing() -> Dictionary:
    return Dictionary(
        title=Title("Timing"),
        elements={
            "interval": _optional(_span(Title("A probe every"), 300.0, 60.0, 86400.0)),
            "wait": _optional(_span(Title("Wait for its arrival up to"), 5.0, 0.0, 25.0)),
            "lost_after": _optional(
                _span(Title("Give a probe up after"), 3600.0, 60.0, 7 * 86400.0)
            ),
        },
    )


def _loop() -> Dictionary:
    kinds = {
        "external": Title("External: out through the relay to a mailbox elsewhere"),
        "internal": Title("Internal: own server to own mailbox"),
    }
    return Dictionary(
        elements={
            "name": _required(
                _text(
                    Title("Name of the loop"),
                    Help("The services of the loop carry this name."),
                    hint="external",
                    validators=(_LOOP_NAME,),
                )
            ),
            "kind": _required(_choice(Title("Kind"), kinds, "external")),
            "sender": _required(_address(Title("Sender"), "monitoring@example.org")),
            "recipient": _required(_address(Title("Recipient"), "sentinel@example.org")),
            "subject": _optional(_text(Title("Subject"))),
            "submission": _required(_submission()),
            "mailbox": _required(_mailbox()),
            "timing": _optional(_timing()),
            "deliverability": _optional(_deliverability()),
        },
    )


def _names_are_unique(loops: Sequence[object]) -> object:
    names = [loop.get("name") for loop in loops if isinstance(loop, dict)]
    if len(set(names)) != len(names):
        raise ValidationError(Message("Two loops have the same name."))
    return loops


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help(
            "Sends probe mails through real relays and fetches them from real mailboxes. Note that "
            "a special agent replaces the normal agent of its host unless the host is set to use "
            '"Configured API integrations and Checkmk agent". Only one rule applies to a host: '
            "put all its loops into one."
        ),
        elements={
            "loops": _required(
                List(
                    title=Title("Loops"),
                    element_template=_loop(),
                    custom_validate=(
                        LengthInRange(min_value=1, max_value=_MOST_LOOPS),
                        _names_are_unique,
                    ),
                )
            )
        },
    )


rule_spec_special_agent_mail_roundtrip = SpecialAgent(
    name="mail_roundtrip",
    title=Title("Mail roundtrip"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
)
