"""Mail relay queue: how much mail waits in each instance, how long, and why."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cmk.agent_based.v2 import (
    AgentSection,
    CheckPlugin,
    CheckResult,
    DiscoveryResult,
    Metric,
    Result,
    Service,
    render,
)
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
from cmk_addons.plugins.mail_relay.lib.default_parameters import QUEUE_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.failure_class import (
    FAILURE_GROUPS,
    connect_port,
    failure_group,
    failure_title,
)
from cmk_addons.plugins.mail_relay.lib.json_section import (
    entry_of,
    named_entries,
    one_line,
    with_unexplained,
)
from cmk_addons.plugins.mail_relay.lib.queue_section import (
    WAITING_QUEUES,
    DeferralReason,
    PostfixQueues,
    Queue,
    QueueSection,
    parse_queue_section,
)

# What these say, the headline says with its numbers.
_HEADLINE_FINDINGS = frozenset(("queue_unreadable", "deferred_old", "held_mail", "corrupt_mail"))
_REASONS_IN_SUMMARY = 2
_SHOWN_ROWS = 8
_LONGEST_TEXT = 300

agent_section_mail_relay_queue = AgentSection(
    name="mail_relay_queue",
    parse_function=parse_queue_section,
)


def discover_mail_relay_queue(section: QueueSection) -> DiscoveryResult:
    for name, _entry in named_entries(section):
        yield Service(item=name)


def check_mail_relay_queue(
    item: str, params: Mapping[str, Any], section: QueueSection
) -> CheckResult:
    queues, problems = entry_of(section, item)
    if queues is None:
        yield from problem_results(problems, params)
        return
    facts = {"time": queues.time} | {f"{name} queue": q for name, q in queues.queues.items()}
    problems = with_unexplained(queues.problems, facts) + problems
    told = [finding for finding in queues.findings if finding.id in _HEADLINE_FINDINGS]
    other = [finding for finding in queues.findings if finding.id not in _HEADLINE_FINDINGS]
    judged = [*_check_queues(queues, params), *finding_results(told, params)]
    yield from lead_with_worst(
        (
            *finding_results(other, params),
            *problem_results(problems, params),
            *(outcome for outcome in judged if isinstance(outcome, Metric)),
            *_check_attempts(queues, params),
            *_reason_metrics(queues),
            *detail_lines(list(_describe(queues))),
        ),
        headline=judged_headline(
            _headline(queues), (outcome for outcome in judged if isinstance(outcome, Result))
        ),
    )


def _check_queues(queues: PostfixQueues, params: Mapping[str, Any]) -> CheckResult:
    for name, queue in queues.queues.items():
        if queue is None:
            continue
        if queue.messages is not None:
            yield from level_results(
                queue.messages,
                levels_upper=params[f"messages_{name}"],
                metric_name=f"mail_relay_queue_{name}",
                render_func=str,
                label=f"{name.capitalize()} messages",
            )
        # A sum over a sample is not the size of the queue.
        if queue.bytes is not None and not queue.sampled:
            yield Metric(f"mail_relay_queue_{name}_size", queue.bytes)
        age = _oldest_age(queue, queues.time)
        if age is not None and (levels := params.get(f"age_{name}")) is not None:
            yield from level_results(
                age,
                levels_upper=levels,
                metric_name=f"mail_relay_queue_{name}_age",
                render_func=render.timespan,
                label=f"Oldest in {name}",
            )


def _oldest_age(queue: Queue, now: int | None) -> int | None:
    """Age of the oldest message; 0 in an empty queue, None when it is not known."""
    if queue.messages == 0:
        return 0
    return elapsed(queue.oldest_arrival, now)


def _check_attempts(queues: PostfixQueues, params: Mapping[str, Any]) -> CheckResult:
    if (until := elapsed(queues.time, queues.next_attempt)) is not None:
        yield Metric("mail_relay_queue_next_attempt", until)
    if queues.overdue_messages is not None:
        yield Metric("mail_relay_queue_overdue", queues.overdue_messages)
    if queues.overdue_longest_s is not None:
        yield from level_results(
            max(0.0, queues.overdue_longest_s),
            levels_upper=params["overdue"],
            metric_name="mail_relay_queue_overdue_age",
            render_func=render.timespan,
            label="Delivery attempt overdue for",
        )
    if queues.expiring_messages is not None:
        yield from level_results(
            queues.expiring_messages,
            levels_upper=params["expiring"],
            metric_name="mail_relay_queue_expiring",
            render_func=str,
            label="Messages about to expire",
        )


def _reason_metrics(queues: PostfixQueues) -> Iterator[Metric]:
    if queues.deferral_reasons is None or queues.queues["deferred"] is None:
        return
    messages = dict.fromkeys(FAILURE_GROUPS, 0)
    for reason in queues.deferral_reasons:
        messages[failure_group(reason.failure_class)] += reason.messages
    for group, count in messages.items():
        yield Metric(f"mail_relay_queue_reason_{group}", count)


def _headline(queues: PostfixQueues) -> str:
    waiting = [queues.queues[name] for name in WAITING_QUEUES]
    counts = [queue.messages for queue in waiting if queue and queue.messages is not None]
    if not counts:
        return "Waiting mail is not known"
    total, complete = sum(counts), len(counts) == len(waiting)
    if total == 0:
        text = "No mail waiting" if complete else "No mail in the queues that can be read"
    else:
        text = f"{'' if complete else 'At least '}{_messages(total)} waiting"
    ages = [elapsed(q.oldest_arrival, queues.time) for q in waiting if q and q.messages]
    if known := [age for age in ages if age is not None]:
        text += f", oldest {short_timespan(max(known))}"
    for name, words in (("hold", "on hold"), ("corrupt", "corrupt")):
        queue = queues.queues[name]
        if queue and queue.messages:
            text += f", {queue.messages} {words}"
    reasons = [r for r in queues.deferral_reasons or () if r.messages][:_REASONS_IN_SUMMARY]
    if reasons:
        text += ": " + ", ".join(f"{_reason_words(r)} ({r.messages})" for r in reasons)
        coverage = queues.coverage.get("reasons")
        if coverage and coverage.examined < coverage.total:
            text += f" among {coverage.examined} examined"
    return text


def _reason_words(reason: DeferralReason) -> str:
    if reason.failure_class == "other" and reason.text:
        return one_line(reason.text, 80)
    port = connect_port(reason.sample or reason.text or "")
    return failure_title(reason.failure_class) + (f" on port {port}" if port else "")


def _messages(count: int) -> str:
    return f"{count} message" if count == 1 else f"{count} messages"


def _describe(queues: PostfixQueues) -> Iterator[str]:
    for name, queue in queues.queues.items():
        yield f"{name.capitalize()}: {_describe_queue(queue, queues.time)}"
        if queue and queue.messages and (buckets := _describe_buckets(queue)):
            yield f"  by age: {buckets}"
    if (until := elapsed(queues.time, queues.next_attempt)) is not None:
        yield f"Next attempt: {'due now' if until == 0 else 'in ' + render.timespan(until)}"
    if (since := elapsed(queues.last_attempt, queues.time)) is not None:
        yield f"Last attempt: {render.timespan(since)} ago"
    if queues.expiring_messages and queues.expiring_within_s is not None:
        within = render.timespan(max(0.0, queues.expiring_within_s))
        yield f"Returned as undeliverable within {within}: {_messages(queues.expiring_messages)}"
    yield from _describe_reasons(queues)
    if queues.destination_domains:
        yield f"Destinations: {_ranking(queues.destination_domains)}"
    if queues.senders:
        yield f"Senders: {_ranking(queues.senders)}"
    for name, coverage in queues.coverage.items():
        if coverage.examined < coverage.total:
            yield f"Examined for {name}: {coverage.examined} of {coverage.total}"
    if queues.source == "showq":
        yield "Read from Postfix's showq service, because the queue files cannot be read"


def _describe_queue(queue: Queue | None, now: int | None) -> str:
    if queue is None or queue.messages is None:
        return "not known"
    if queue.messages == 0:
        return "empty"
    parts = [_messages(queue.messages)]
    if queue.bytes is not None and not queue.sampled:
        parts.append(render.bytes(queue.bytes))
    if (age := _oldest_age(queue, now)) is not None:
        parts.append(f"oldest {'at least ' if queue.sampled else ''}{render.timespan(age)}")
    return ", ".join(parts)


def _describe_buckets(queue: Queue) -> str:
    parts = []
    for bucket in queue.age_buckets:
        if not bucket.messages:
            continue
        if bucket.up_to_s is None:
            parts.append(f"older {bucket.messages}")
        else:
            parts.append(f"up to {_short_span(bucket.up_to_s)} {bucket.messages}")
    return ", ".join(parts)


def _short_span(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{int(seconds // length)} {unit}"
    return f"{seconds:g} s"


def _describe_reasons(queues: PostfixQueues) -> Iterator[str]:
    for reason in (queues.deferral_reasons or ())[:_SHOWN_ROWS]:
        words = [f"Deferred for {failure_title(reason.failure_class)}: {reason.messages}"]
        if (age := elapsed(reason.oldest, queues.time)) is not None:
            words.append(f"oldest {render.timespan(age)}")
        if reason.dsn:
            words.append(f"status {reason.dsn}")
        yield ", ".join(words)
        if told := reason.sample or reason.text:
            yield f"  {one_line(told, _LONGEST_TEXT)}"
    if (more := len(queues.deferral_reasons or ()) - _SHOWN_ROWS) > 0:
        yield f"and {more} more reasons"


def _ranking(rows: Sequence[tuple[str, int]]) -> str:
    words = [f"{name} ({count})" for name, count in rows[:_SHOWN_ROWS]]
    if (more := len(rows) - _SHOWN_ROWS) > 0:
        words.append(f"and {more} more")
    return ", ".join(words)


check_plugin_mail_relay_queue = CheckPlugin(
    name="mail_relay_queue",
    service_name="Mail relay queue %s",
    discovery_function=discover_mail_relay_queue,
    check_function=check_mail_relay_queue,
    check_default_parameters=dict(QUEUE_DEFAULTS),
    check_ruleset_name="mail_relay_queue",
)
