"""Mail relay connection: does the relay of each instance answer as Postfix needs it."""

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
    certificate_results,
    describe_endpoint,
    duration_results,
    duration_words,
    phase_metrics,
)
from cmk_addons.plugins.mail_relay.agent_based.results import (
    detail_lines,
    elapsed,
    explained_result,
    finding_results,
    lead_with_worst,
    problem_results,
)
from cmk_addons.plugins.mail_relay.lib.connection_section import (
    ConnectionSection,
    PostfixConnection,
    RelayLook,
    parse_connection_section,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import CONNECTION_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.endpoint import unexplained_outcome
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Problem,
    Unreadable,
    entry_of,
    named_entries,
    with_unexplained,
)

_METRICS = "mail_relay_connection"
_SHOWN_RELAYS = 3

# What the agent plug-in finds of a relay that cannot be used; it knows whether mail has another
# way.
_FINDINGS_OF_FAILURES = {
    "relayhost_unresolvable",
    "chroot_drift",
    "relay_unreachable",
    "ipv6_no_route",
    "direct_delivery_blocked",
    "relay_refuses",
    "relay_dialogue_failed",
    "tls_port_without_wrapper",
    "wrapper_on_starttls_port",
    "starttls_missing",
    "tls_handshake_failed",
    "certificate_refused",
}

agent_section_mail_relay_connection = AgentSection(
    name="mail_relay_connection",
    parse_function=parse_connection_section,
)


def discover_mail_relay_connection(section: ConnectionSection) -> DiscoveryResult:
    """Every instance with a relay to look at."""
    for name, entry in named_entries(section):
        if isinstance(entry, Unreadable) or entry.skipped is None:
            yield Service(item=name)


def check_mail_relay_connection(
    item: str, params: Mapping[str, Any], section: ConnectionSection
) -> CheckResult:
    connection, problems = entry_of(section, item)
    if connection is None:
        yield from problem_results(problems, params)
        return
    if connection.skipped is None:
        facts = {"time": connection.time, "time of the last look": connection.looked_at}
        problems = with_unexplained(_all_problems(connection), facts) + problems
    yield from lead_with_worst(
        (
            *finding_results(connection.findings, params),
            *_check_failures(connection, params),
            *problem_results(problems, params),
            *_state_in_words(connection),
            *_check_relays(connection, params),
            *detail_lines(list(_describe(connection))),
        )
    )


def _all_problems(connection: PostfixConnection) -> tuple[Problem, ...]:
    untold = (unexplained_outcome(relay.endpoint) for relay in connection.relays)
    return connection.problems + tuple(problem for problems in untold for problem in problems)


def _check_failures(connection: PostfixConnection, params: Mapping[str, Any]) -> Iterator[Result]:
    """Relays that cannot be used; where a finding says why, it is the verdict."""
    is_explained = any(finding.id in _FINDINGS_OF_FAILURES for finding in connection.findings)
    for relay in connection.relays:
        failure = relay.endpoint.failure
        if failure is None:
            continue
        what = f"Connection to {relay.endpoint.name}"
        if is_explained:
            yield Result(state=State.OK, notice=failure.details(what))
        else:
            yield explained_result(
                State(params["failure_state"]), failure.summary(what), failure.details(what)
            )


def _state_in_words(connection: PostfixConnection) -> Iterator[Result]:
    if connection.skipped is not None:
        yield Result(state=State.OK, summary=f"No look at a relay: {connection.skipped}")
    for position, relay in enumerate(connection.relays):
        if relay.endpoint.ok:
            text = _answer_in_words(relay)
            if position == 0:
                yield Result(state=State.OK, summary=text)
            else:
                yield Result(state=State.OK, notice=text)


def _answer_in_words(relay: RelayLook) -> str:
    endpoint = relay.endpoint
    total_s = endpoint.phases_s.get("total")
    words = [f"{endpoint.name} answers{f' in {duration_words(total_s)}' if total_s else ''}"]
    if endpoint.tls is None:
        words.append("no TLS")
    else:
        words.append(endpoint.tls.version or "TLS")
        if endpoint.tls.verified:
            words.append("certificate verified")
    return ", ".join(words)


def _check_relays(connection: PostfixConnection, params: Mapping[str, Any]) -> CheckResult:
    """Phases of the first relay; of all relays the slowest and the certificate that ends first."""
    endpoints = [relay.endpoint for relay in connection.relays]
    if not endpoints:
        return
    yield from phase_metrics(endpoints[0], _METRICS)
    if totals := [e.phases_s["total"] for e in endpoints if "total" in e.phases_s]:
        yield from duration_results(max(totals), params, _METRICS)
    if ends := [e.tls.expires for e in endpoints if e.tls and e.tls.expires is not None]:
        yield from certificate_results(min(ends), connection.time, params, _METRICS)


def _describe(connection: PostfixConnection) -> Iterator[str]:
    for relay in connection.relays[:_SHOWN_RELAYS]:
        yield from _describe_relay(relay)
    if (more := len(connection.relays) - _SHOWN_RELAYS) > 0:
        yield f"and {more} more relays"
    if (age := elapsed(connection.looked_at, connection.time)) is not None:
        often = ""
        if connection.interval_s:
            often = f", repeated every {render.timespan(max(0.0, connection.interval_s))}"
        yield f"Looked {render.timespan(age)} ago{often}"


def _describe_relay(relay: RelayLook) -> Iterator[str]:
    if relay.relayhost:
        yield f"Relayhost: {relay.relayhost}"
    if relay.exchangers:
        yield f"Its MX hosts: {', '.join(relay.exchangers[:_SHOWN_RELAYS])}"
    if relay.resolved_in == "jail":
        yield "Name resolved as in the chroot jail"
    yield from describe_endpoint(relay.endpoint)
    if relay.tls_level:
        yield f"TLS level of Postfix: {relay.tls_level}"
    if relay.size_limit:
        yield f"Largest message accepted: {render.bytes(relay.size_limit)}"


check_plugin_mail_relay_connection = CheckPlugin(
    name="mail_relay_connection",
    service_name="Mail relay connection %s",
    discovery_function=discover_mail_relay_connection,
    check_function=check_mail_relay_connection,
    check_default_parameters=dict(CONNECTION_DEFAULTS),
    check_ruleset_name="mail_relay_connection",
)
