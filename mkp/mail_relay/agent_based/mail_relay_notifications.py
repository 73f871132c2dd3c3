"""Notification mail: do the mails of each Checkmk site of this host leave it."""

from collections.abc import Iterator, Mapping
from typing import Any

from cmk.agent_based.v2 import (
    AgentSection,
    CheckPlugin,
    CheckResult,
    DiscoveryResult,
    Metric,
    Result,
    Service,
    ServiceLabel,
    get_value_store,
    render,
)
from cmk_addons.plugins.mail_relay.agent_based.rates import counter_rates
from cmk_addons.plugins.mail_relay.agent_based.results import (
    detail_lines,
    elapsed,
    finding_results,
    judged_headline,
    lead_with_worst,
    level_results,
    problem_results,
    short_timespan,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import NOTIFICATIONS_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.failure_class import failure_title
from cmk_addons.plugins.mail_relay.lib.json_section import (
    entry_of,
    named_entries,
    one_line,
    with_unexplained,
)
from cmk_addons.plugins.mail_relay.lib.notifications_section import (
    NotificationsSection,
    SiteMail,
    parse_notifications_section,
)

_SHOWN_ROWS = 5
_LONGEST_TEXT = 300

agent_section_mail_relay_notifications = AgentSection(
    name="mail_relay_notifications",
    parse_function=parse_notifications_section,
)


def discover_mail_relay_notifications(section: NotificationsSection) -> DiscoveryResult:
    """Every site; the label lets notification rules send these alarms another way."""
    for name, _entry in named_entries(section):
        yield Service(item=name, labels=[ServiceLabel("mail_relay/carries", "notifications")])


def check_mail_relay_notifications(
    item: str, params: Mapping[str, Any], section: NotificationsSection
) -> CheckResult:
    mail, problems = entry_of(section, item)
    if mail is None:
        yield from problem_results(problems, params)
        return
    facts = {"time": mail.time, "number of waiting mails": mail.waiting}
    problems = with_unexplained(mail.problems, facts) + problems
    judged = [*finding_results(mail.findings, params), *_check_mail(mail, params)]
    yield from lead_with_worst(
        (
            *problem_results(problems, params),
            *(outcome for outcome in judged if isinstance(outcome, Metric)),
            *_check_log(mail, params),
            *detail_lines(list(_describe(mail))),
        ),
        headline=judged_headline(
            _headline(mail), (outcome for outcome in judged if isinstance(outcome, Result))
        ),
    )


def _check_mail(mail: SiteMail, params: Mapping[str, Any]) -> CheckResult:
    deferred = mail.by_queue.get("deferred") if mail.waiting is not None else None
    for name, value, render_func, label in (
        ("waiting", mail.waiting, None, "Waiting notifications"),
        ("deferred", deferred, None, "Notifications that could not be delivered yet"),
        ("age", _oldest_age(mail), render.timespan, "Oldest notification"),
        ("lost", mail.lost_24h, None, "Notifications given up in 24 h"),
    ):
        if value is not None:
            yield from level_results(
                value,
                levels_upper=params[name],
                metric_name=f"mail_relay_notifications_{name}",
                render_func=render_func or str,
                label=label,
            )


def _oldest_age(mail: SiteMail) -> int | None:
    return 0 if mail.waiting == 0 else elapsed(mail.oldest, mail.time)


def _check_log(mail: SiteMail, params: Mapping[str, Any]) -> CheckResult:
    if mail.sent_24h is not None:
        yield Metric("mail_relay_notifications_sent_24h", mail.sent_24h)
    if (age := elapsed(mail.last_sent, mail.time)) is not None:
        yield from level_results(
            age,
            levels_upper=params["last_sent_age"],
            metric_name="mail_relay_notifications_last_sent_age",
            render_func=render.timespan,
            label="No notification sent for",
        )
    if mail.time is not None:
        rates = counter_rates(get_value_store(), mail.time, mail.counters)
        for outcome, rate in rates.items():
            yield Metric(f"mail_relay_notifications_{outcome}_rate", rate)


def _headline(mail: SiteMail) -> str:
    text = _waiting_in_words(mail)
    if mail.lost_24h:
        text += f", {_notifications(mail.lost_24h)} given up in 24 h"
        if mail.last_lost is not None:
            text += f" ({failure_title(mail.last_lost.failure_class)})"
    if not mail.waiting:
        if mail.sent_24h is not None:
            text += f", {mail.sent_24h} sent in 24 h"
        if (age := elapsed(mail.last_sent, mail.time)) is not None:
            text += f", last {short_timespan(age)} ago"
    return text


def _waiting_in_words(mail: SiteMail) -> str:
    if mail.waiting is None:
        return "Number of waiting notifications is not known"
    if mail.waiting == 0:
        return "No notification waiting"
    text = f"{'' if mail.complete is not False else 'At least '}"
    text += f"{_notifications(mail.waiting)} waiting"
    if (age := elapsed(mail.oldest, mail.time)) is not None:
        text += f", oldest {short_timespan(age)}"
    if cause := _cause(mail):
        text += f": {cause}"
    return text


def _cause(mail: SiteMail) -> str | None:
    if mail.cause:
        return one_line(mail.cause, 120)
    return failure_title(mail.reasons[0].failure_class) if mail.reasons else None


def _notifications(count: int) -> str:
    return f"{count} notification" if count == 1 else f"{count} notifications"


def _describe(mail: SiteMail) -> Iterator[str]:
    for reason in mail.reasons[:_SHOWN_ROWS]:
        yield f"Deferred for {failure_title(reason.failure_class)}: {reason.messages}"
        if told := reason.sample or reason.text:
            yield f"  {one_line(told, _LONGEST_TEXT)}"
    if queues := [f"{name} {count}" for name, count in mail.by_queue.items() if count]:
        yield f"Waiting in: {', '.join(queues)}"
    if lost := mail.last_lost:
        when = f" {render.datetime(lost.time)}" if lost.time is not None else ""
        text = f": {one_line(lost.text, _LONGEST_TEXT)}" if lost.text else ""
        yield f"Last given up:{when}, {lost.status}, {failure_title(lost.failure_class)}{text}"
    if mail.user:
        yield f"Sent by user: {mail.user}"
    if mail.senders:
        yield f"Senders: {', '.join(mail.senders[:_SHOWN_ROWS])}"
    if mail.instances:
        yield f"Postfix instances: {', '.join(mail.instances[:_SHOWN_ROWS])}"
    if mail.complete is False:
        yield "Not all of the queue was examined"


check_plugin_mail_relay_notifications = CheckPlugin(
    name="mail_relay_notifications",
    service_name="Notification mail %s",
    discovery_function=discover_mail_relay_notifications,
    check_function=check_mail_relay_notifications,
    check_default_parameters=dict(NOTIFICATIONS_DEFAULTS),
    check_ruleset_name="mail_relay_notifications",
)
