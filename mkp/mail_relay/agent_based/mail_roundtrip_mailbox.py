"""Mailbox access: can the mailbox of each loop be read."""

from collections.abc import Iterator, Mapping
from typing import Any

from cmk.agent_based.v2 import (
    AgentSection,
    CheckPlugin,
    CheckResult,
    DiscoveryResult,
    Result,
    Service,
    State,
    render,
)
from cmk_addons.plugins.mail_relay.agent_based.endpoint_results import (
    check_endpoint,
    describe_endpoint,
    duration_words,
)
from cmk_addons.plugins.mail_relay.agent_based.results import (
    detail_lines,
    lead_with_worst,
    level_results,
    problem_results,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import MAILBOX_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.endpoint import unexplained_outcome
from cmk_addons.plugins.mail_relay.lib.json_section import entry_of, named_entries
from cmk_addons.plugins.mail_relay.lib.mailbox_section import (
    Mailbox,
    MailboxSection,
    parse_mailbox_section,
)

agent_section_mail_roundtrip_mailbox = AgentSection(
    name="mail_roundtrip_mailbox",
    parse_function=parse_mailbox_section,
)


def discover_mail_roundtrip_mailbox(section: MailboxSection) -> DiscoveryResult:
    for name, _entry in named_entries(section):
        yield Service(item=name)


def check_mail_roundtrip_mailbox(
    item: str, params: Mapping[str, Any], section: MailboxSection
) -> CheckResult:
    mailbox, problems = entry_of(section, item)
    if mailbox is None:
        yield from problem_results(problems, params)
        return
    problems = (mailbox.problems + problems) or unexplained_outcome(mailbox.endpoint)
    yield from lead_with_worst(
        (
            *check_endpoint("Mailbox access", mailbox.endpoint, params, "mail_roundtrip_mailbox"),
            *_check_folders(mailbox, params),
            *_check_quota(mailbox, params),
            *problem_results(problems, params),
            *_state_in_words(mailbox),
            *detail_lines(list(_describe(mailbox))),
        )
    )


def _check_folders(mailbox: Mailbox, params: Mapping[str, Any]) -> CheckResult:
    failure = mailbox.endpoint.failure
    for folder in mailbox.folders:
        # What ended the dialogue has been said.
        if folder.error is not None and not (failure and folder.error == failure.error):
            yield Result(
                state=State(params["folder_error_state"]),
                summary=f"Folder {folder.name or folder.role}: {folder.error}",
            )
    counts = [folder.messages for folder in mailbox.folders if folder.messages is not None]
    if counts:
        yield from level_results(
            sum(counts),
            levels_upper=params["messages"],
            metric_name="mail_roundtrip_mailbox_messages",
            render_func=str,
            label="Messages in all folders",
        )


def _check_quota(mailbox: Mailbox, params: Mapping[str, Any]) -> CheckResult:
    quotas = [quota for quota in (mailbox.storage, mailbox.messages) if quota is not None]
    if quotas:
        yield from level_results(
            max(quota.percent for quota in quotas),
            levels_upper=params["quota"],
            metric_name="mail_roundtrip_mailbox_quota",
            render_func=render.percent,
            label="Quota used",
        )


def _state_in_words(mailbox: Mailbox) -> Iterator[Result]:
    endpoint = mailbox.endpoint
    if endpoint.ok:
        total_s = endpoint.phases_s.get("total")
        took = f" in {duration_words(total_s)}" if total_s is not None else ""
        yield Result(state=State.OK, summary=f"{endpoint.name} read{took}")
    if mailbox.deletion and mailbox.deletion.left:
        why = mailbox.deletion.why_left or "no reason given"
        yield Result(
            state=State.OK, summary=f"{mailbox.deletion.left} probes left undeleted: {why}"
        )


def _describe(mailbox: Mailbox) -> Iterator[str]:
    yield from describe_endpoint(mailbox.endpoint)
    if mailbox.capabilities is not None:
        yield f"Capabilities: {', '.join(mailbox.capabilities) or 'none'}"
    for folder in mailbox.folders:
        words = [f"Folder {folder.name} ({folder.role})"]
        if folder.messages is not None:
            words.append(f"{folder.messages} messages")
        if folder.read_only:
            words.append("read-only")
        yield ", ".join(words)
    if mailbox.storage is not None:
        used, limit = render.bytes(mailbox.storage.used), render.bytes(mailbox.storage.limit)
        yield f"Quota: {used} of {limit}"
    if mailbox.messages is not None:
        yield f"Quota: {mailbox.messages.used} of {mailbox.messages.limit} messages"
    if mailbox.deletion and mailbox.deletion.deleted:
        yield f"Probes deleted in this run: {mailbox.deletion.deleted}"
    if mailbox.clock_offset_s is not None:
        yield f"Clock of the server against ours: {mailbox.clock_offset_s:+.2f} s"


check_plugin_mail_roundtrip_mailbox = CheckPlugin(
    name="mail_roundtrip_mailbox",
    service_name="Mailbox access %s",
    discovery_function=discover_mail_roundtrip_mailbox,
    check_function=check_mail_roundtrip_mailbox,
    check_default_parameters=dict(MAILBOX_DEFAULTS),
    check_ruleset_name="mail_roundtrip_mailbox",
)
