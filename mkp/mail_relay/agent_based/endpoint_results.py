"""Results that the checks of SMTP and IMAP servers have in common."""

from collections.abc import Iterator, Mapping
from typing import Any

from cmk.agent_based.v2 import CheckResult, Metric, Result, State, render
from cmk_addons.plugins.mail_relay.agent_based.results import (
    explained_result,
    level_results,
    remaining_words,
)
from cmk_addons.plugins.mail_relay.lib.endpoint import Endpoint, Failure, Tls
from cmk_addons.plugins.mail_relay.lib.failure_advice import next_step

_SHOWN_ROWS = 10
_TLS_MODES = {"starttls": "STARTTLS", "implicit": "TLS from the start", "none": "without TLS"}


def duration_words(seconds: float) -> str:
    """With two decimals where they matter: mail takes seconds, connections parts of one."""
    return f"{seconds:.2f} s" if seconds < 60 else render.timespan(seconds)


def failure_result(what: str, failure: Failure | None, state: int) -> Iterator[Result]:
    """The failure of a dialogue of this site, with what to do next."""
    if failure is None:
        return
    details = failure.details(what)
    if step := next_step(failure.failure_class, failure.phase):
        details += f"\n  Next: {step}"
    yield explained_result(State(state), failure.summary(what), details)


def check_endpoint(
    what: str, endpoint: Endpoint, params: Mapping[str, Any], metric_prefix: str
) -> CheckResult:
    """Failure, dead addresses, TLS and times of one dialogue; `what` names it in a sentence."""
    yield from failure_result(what, endpoint.failure, params["failure_state"])
    yield from _check_addresses(endpoint, params)
    if endpoint.tls is not None:
        yield from _check_tls(endpoint.tls, endpoint.time, params, metric_prefix)
    yield from phase_metrics(endpoint, metric_prefix)
    if (total_s := endpoint.phases_s.get("total")) is not None:
        # How long a failure took is part of the failure.
        levels = params if endpoint.ok else {"duration": None}
        yield from duration_results(total_s, levels, metric_prefix)


def phase_metrics(endpoint: Endpoint, metric_prefix: str) -> Iterator[Metric]:
    """One for each phase that was reached, without the total."""
    for phase, duration_s in endpoint.phases_s.items():
        if phase != "total":
            yield Metric(f"{metric_prefix}_{phase}", duration_s)


def duration_results(total_s: float, params: Mapping[str, Any], metric_prefix: str) -> CheckResult:
    yield from level_results(
        total_s,
        levels_upper=params["duration"],
        metric_name=f"{metric_prefix}_total",
        render_func=duration_words,
        label="Dialogue took",
    )


def certificate_results(
    expires: int, now: int | None, params: Mapping[str, Any], metric_prefix: str
) -> CheckResult:
    if now is not None:
        yield from level_results(
            expires - now,
            levels_lower=params["certificate_validity"],
            metric_name=f"{metric_prefix}_certificate_validity",
            render_func=remaining_words,
            label="Certificate valid for",
        )


def _check_addresses(endpoint: Endpoint, params: Mapping[str, Any]) -> Iterator[Result]:
    # Where no address answers, the failure of the dialogue says so.
    if not any(address.connected for address in endpoint.addresses):
        return
    dead = [address for address in endpoint.addresses if address.connected is False]
    if dead:
        words = ", ".join(f"{a.address} ({a.error or 'no reason given'})" for a in dead)
        yield Result(
            state=State(params["dead_address_state"]),
            summary=f"{len(dead)} of {len(endpoint.addresses)} addresses do not answer: {words}",
        )


def _check_tls(
    tls: Tls, now: int | None, params: Mapping[str, Any], metric_prefix: str
) -> CheckResult:
    if tls.outdated:
        yield Result(
            state=State(params["old_tls_state"]), summary=f"Server speaks only {tls.version}"
        )
    if tls.verified is not True and tls.verify_error:
        yield Result(state=State.OK, notice=f"Certificate is not trusted: {tls.verify_error}")
    if tls.expires is not None:
        yield from certificate_results(tls.expires, now, params, metric_prefix)


def describe_endpoint(endpoint: Endpoint) -> Iterator[str]:
    """Lines for the details."""
    mode = endpoint.tls_mode
    security = f" ({_TLS_MODES.get(mode, mode)})" if mode else ""
    yield f"Server: {endpoint.name}{security}"
    for address in endpoint.addresses[:_SHOWN_ROWS]:
        answer = {True: "connected", False: "no reason given", None: "not tried"}
        yield f"  {address.address}: {address.error or answer[address.connected]}"
    if (more := len(endpoint.addresses) - _SHOWN_ROWS) > 0:
        yield f"  and {more} more addresses"
    if endpoint.banner:
        yield f"Greeting: {endpoint.banner}"
    if endpoint.auth_mechanisms is not None:
        yield f"Mechanisms offered: {', '.join(endpoint.auth_mechanisms) or 'none'}"
    if endpoint.authenticated_with:
        yield f"Logged in with: {endpoint.authenticated_with}"
    if endpoint.tls is not None:
        yield from _describe_tls(endpoint.tls)
    if endpoint.phases_s:
        phases = ", ".join(f"{name} {duration_words(s)}" for name, s in endpoint.phases_s.items())
        yield f"Times: {phases}"


def _describe_tls(tls: Tls) -> Iterator[str]:
    verified = {True: "certificate verified", False: "certificate refused", None: "not verified"}
    words = [tls.version or "version not known", tls.cipher, verified[tls.verified]]
    yield f"TLS: {', '.join(word for word in words if word)}"
    for certificate in tls.chain[:_SHOWN_ROWS]:
        until = (
            f", valid until {render.datetime(certificate.not_after)}"
            if certificate.not_after is not None
            else ""
        )
        yield f"  {certificate.subject}, issued by {certificate.issuer}{until}"
