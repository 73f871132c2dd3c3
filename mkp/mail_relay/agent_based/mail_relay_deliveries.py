"""Mail relay deliveries: what became of the mail that each instance tried to deliver."""

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
    State,
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
from cmk_addons.plugins.mail_relay.lib.default_parameters import DELIVERIES_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.deliveries_section import (
    DELAYS,
    OUTCOMES,
    DeliveriesSection,
    FailedDelivery,
    LogCoverage,
    LostMail,
    PostfixDeliveries,
    parse_deliveries_section,
)
from cmk_addons.plugins.mail_relay.lib.failure_class import (
    FAILURE_GROUPS,
    failure_group,
    failure_title,
)
from cmk_addons.plugins.mail_relay.lib.json_section import (
    entry_of,
    named_entries,
    one_line,
    with_unexplained,
)
from cmk_addons.plugins.mail_relay.lib.sending_limit import sending_limit

_HEADLINE_FINDING = "mail_lost"
_CLASSES_IN_SUMMARY = 2
_SHOWN_ROWS = 5
_LONGEST_TEXT = 300
# How the agent plug-in calls it where no relay was reached, as Postfix does.
_NO_RELAY = "none"

agent_section_mail_relay_deliveries = AgentSection(
    name="mail_relay_deliveries",
    parse_function=parse_deliveries_section,
)


def discover_mail_relay_deliveries(section: DeliveriesSection) -> DiscoveryResult:
    for name, _entry in named_entries(section):
        yield Service(item=name)


def check_mail_relay_deliveries(
    item: str, params: Mapping[str, Any], section: DeliveriesSection
) -> CheckResult:
    deliveries, problems = entry_of(section, item)
    if deliveries is None:
        yield from problem_results(problems, params)
        return
    facts = {"time": deliveries.time, "source of the log": deliveries.source}
    problems = with_unexplained(deliveries.problems, facts) + problems
    has_log = deliveries.source is not None and deliveries.source.kind != "none"
    lost = [*_check_lost(deliveries, params)] if has_log else []
    yield from lead_with_worst(
        (
            *finding_results((f for f in deliveries.findings if f.id != _HEADLINE_FINDING), params),
            *problem_results(problems, params),
            *(outcome for outcome in lost if isinstance(outcome, Metric)),
            *(_check_numbers(deliveries, params) if has_log else ()),
            *detail_lines(list(_describe(deliveries))),
        ),
        headline=judged_headline(
            _headline(deliveries) if has_log else "Deliveries are not known",
            (outcome for outcome in lost if isinstance(outcome, Result)),
        ),
    )


def _check_lost(deliveries: PostfixDeliveries, params: Mapping[str, Any]) -> CheckResult:
    yield from finding_results(
        (f for f in deliveries.findings if f.id == _HEADLINE_FINDING), params
    )
    if deliveries.lost is not None and deliveries.lost.recipients is not None:
        yield from level_results(
            deliveries.lost.recipients,
            levels_upper=params["lost"],
            metric_name="mail_relay_deliveries_lost_24h",
            render_func=_recipients,
            label="Given up",
        )


def _check_numbers(deliveries: PostfixDeliveries, params: Mapping[str, Any]) -> CheckResult:
    for name, count in deliveries.day.items():
        if name == "deferred":
            yield from level_results(
                count,
                levels_upper=params["deferred_24h"],
                metric_name="mail_relay_deliveries_deferred_24h",
                render_func=str,
                label="Failed attempts in 24 h",
            )
        else:
            yield Metric(f"mail_relay_deliveries_{name}_24h", count)
    yield from _check_sending_limit(deliveries, params)
    if (age := elapsed(deliveries.last_sent, deliveries.time)) is not None:
        yield from level_results(
            age,
            levels_upper=params["last_sent_age"],
            metric_name="mail_relay_deliveries_last_sent_age",
            render_func=render.timespan,
            label="Nothing sent for",
        )
    if deliveries.time is not None:
        rates = counter_rates(get_value_store(), deliveries.time, _counters(deliveries))
        yield from _check_rates(rates, params)


def _check_sending_limit(deliveries: PostfixDeliveries, params: Mapping[str, Any]) -> CheckResult:
    limit = sending_limit(params)
    # What stays on this host does not count for the provider.
    sent = deliveries.day.get("relayed_messages")
    if limit is None or sent is None:
        return
    usage = 100.0 * sent / limit.messages
    yield from level_results(
        usage,
        levels_upper=params["sending_limit_usage"],
        metric_name="mail_relay_deliveries_limit_usage",
        render_func=render.percent,
        label=f"Used of the {limit.title}",
    )
    yield Result(
        state=State.OK,
        notice=f"Sent in 24 h: {sent} of {limit.messages} ({limit.title}), {usage:.0f}%",
    )


def _counters(deliveries: PostfixDeliveries) -> Mapping[str, float]:
    """Monotone numbers; those of failure groups start at 0 and not with their first failure."""
    counters: dict[str, float] = dict(deliveries.counters)
    if not counters:
        return counters
    counters |= {f"failed_{group}": 0 for group in FAILURE_GROUPS}
    for row in deliveries.by_class:
        failed = sum(count for outcome, count in row.counters.items() if outcome != "sent")
        counters[f"failed_{failure_group(row.failure_class)}"] += failed
    for part, delay in deliveries.delays.items():
        counters[f"delay_sum_{part}"] = delay.sum_s
        counters[f"delay_count_{part}"] = delay.count
    return counters


def _check_rates(rates: Mapping[str, float], params: Mapping[str, Any]) -> CheckResult:
    for name in (*OUTCOMES, *(f"failed_{group}" for group in FAILURE_GROUPS)):
        if name in rates:
            yield Metric(f"mail_relay_deliveries_{name}", rates[name])
    means = {
        part: rates[f"delay_sum_{part}"] / rates[f"delay_count_{part}"]
        for part in DELAYS
        if f"delay_sum_{part}" in rates and rates.get(f"delay_count_{part}", 0.0) > 0
    }
    for part, mean_s in means.items():
        yield Metric(f"mail_relay_deliveries_delay_{part}", mean_s)
    if means:
        yield from level_results(
            sum(means.values()),
            levels_upper=params["delay"],
            metric_name="mail_relay_deliveries_delay",
            render_func=render.timespan,
            label="Mean delay of sent mail",
        )


def _headline(deliveries: PostfixDeliveries) -> str:
    sent = deliveries.day.get("sent")
    if sent is None:
        text = "Number sent in 24 h is not known"
    else:
        text = f"{sent} sent in 24 h" if sent else "Nothing sent in 24 h"
    if (age := elapsed(deliveries.last_sent, deliveries.time)) is not None:
        text += f", last {short_timespan(age)} ago"
    if deferred := deliveries.day.get("deferred"):
        text += f", {deferred} failed {'attempt' if deferred == 1 else 'attempts'}"
    if cause := _current_failure(deliveries):
        text += f" ({cause})"
    if deliveries.lost is not None and deliveries.lost.recipients:
        text += f", mail to {_recipients(deliveries.lost.recipients)} given up"
        if causes := _lost_causes(deliveries.lost):
            text += f": {causes}"
    return text


def _current_failure(deliveries: PostfixDeliveries) -> str | None:
    """The cause of a failure after which nothing was sent."""
    failure = deliveries.last_failure
    if failure is None or failure.status != "deferred":
        return None
    is_current = failure.time is not None and failure.time >= (deliveries.last_sent or 0)
    return failure_title(failure.failure_class) if is_current else None


def _lost_causes(lost: LostMail) -> str:
    causes = sorted(lost.by_class, key=lambda row: -row[1])
    words = [f"{failure_title(name)} ({count})" for name, count in causes[:_CLASSES_IN_SUMMARY]]
    return ", ".join(words)


def _recipients(count: float) -> str:
    return f"{count:g} recipient" if count == 1 else f"{count:g} recipients"


def _describe(deliveries: PostfixDeliveries) -> Iterator[str]:
    if deliveries.lost is not None:
        yield from _describe_lost(deliveries.lost)
    if failure := deliveries.last_failure:
        yield f"Last failure: {_failure_in_words(failure)}"
    if deliveries.day:
        yield f"In 24 h: {_counts(deliveries.day)}"
    yield from _describe_classes(deliveries)
    yield from _describe_relays(deliveries)
    for warning in deliveries.warnings:
        if warning.recent:
            last = f", last: {one_line(warning.text, _LONGEST_TEXT)}" if warning.text else ""
            yield f"Warnings in 24 h ({warning.kind}): {warning.recent}{last}"
    if deliveries.source is not None:
        yield f"Log: {deliveries.source.words}"
    if deliveries.coverage is not None:
        yield from _describe_coverage(deliveries.coverage)


def _describe_lost(lost: LostMail) -> Iterator[str]:
    if lost.double_bounces:
        yield f"Senders that could not be told either: {lost.double_bounces}"
    told = None
    for sample in lost.samples[:_SHOWN_ROWS]:
        # Mails that are lost together mostly are for the same reason.
        yield f"Given up: {_failure_in_words(sample, with_text=sample.text != told)}"
        told = sample.text


def _failure_in_words(failure: FailedDelivery, with_text: bool = True) -> str:
    when = render.datetime(failure.time) if failure.time is not None else None
    to = f"to {failure.recipient}" if failure.recipient else None
    by = f"by {failure.relay}" if failure.relay and failure.relay != _NO_RELAY else None
    words = [when, failure.queue_id, failure.status, to, by, failure_title(failure.failure_class)]
    text = f": {one_line(failure.text, _LONGEST_TEXT)}" if failure.text and with_text else ""
    return ", ".join(word for word in words if word) + text


def _describe_classes(deliveries: PostfixDeliveries) -> Iterator[str]:
    since = deliveries.counters_since
    rows = [
        f"{failure_title(row.failure_class)} ({_counts(row.counters)})"
        for row in deliveries.by_class[:_SHOWN_ROWS]
    ]
    if rows:
        began = f" since {render.datetime(since)}" if since is not None else ""
        yield f"Failures{began}: {', '.join(rows)}"


def _describe_relays(deliveries: PostfixDeliveries) -> Iterator[str]:
    for relay in deliveries.relays[:_SHOWN_ROWS]:
        day = f", {relay.sent_24h} sent in 24 h" if relay.sent_24h is not None else ""
        name = "Without a relay" if relay.name == _NO_RELAY else f"Relay {relay.name}"
        yield f"{name}: {_counts(relay.counters)}{day}"
    if (more := len(deliveries.relays) - _SHOWN_ROWS) > 0:
        yield f"and {more} more relays"


def _counts(counters: Mapping[str, int]) -> str:
    words = [f"{name.replace('_', ' ')} {count}" for name, count in counters.items() if count]
    return ", ".join(words) or "nothing"


def _describe_coverage(coverage: LogCoverage) -> Iterator[str]:
    if coverage.newest is not None:
        yield f"Newest line read: {render.datetime(coverage.newest)}"
    if coverage.complete is False:
        behind = f", {render.bytes(coverage.behind_bytes)} to go" if coverage.behind_bytes else ""
        yield f"The log is not read to its end yet{behind}"
    if coverage.skipped_bytes:
        yield f"Not read, before the first look: {render.bytes(coverage.skipped_bytes)}"
    if coverage.gaps:
        yield f"Times that lines were gone before they could be read: {coverage.gaps}"


check_plugin_mail_relay_deliveries = CheckPlugin(
    name="mail_relay_deliveries",
    service_name="Mail relay deliveries %s",
    discovery_function=discover_mail_relay_deliveries,
    check_function=check_mail_relay_deliveries,
    check_default_parameters=dict(DELIVERIES_DEFAULTS),
    check_ruleset_name="mail_relay_deliveries",
)
