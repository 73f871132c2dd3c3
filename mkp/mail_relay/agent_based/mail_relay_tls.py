"""Mail relay TLS: how well each instance protects what it sends."""

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
    render,
)
from cmk_addons.plugins.mail_relay.agent_based.results import (
    detail_lines,
    finding_results,
    lead_with_worst,
    level_results,
    problem_results,
    remaining_words,
    requirement_result,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import TLS_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.json_section import (
    entry_of,
    named_entries,
    with_unexplained,
)
from cmk_addons.plugins.mail_relay.lib.tls_section import (
    CertificateStore,
    ClientCertificate,
    PostfixTls,
    TlsSection,
    guarantees,
    parse_tls_section,
)

agent_section_mail_relay_tls = AgentSection(
    name="mail_relay_tls",
    parse_function=parse_tls_section,
)


def discover_mail_relay_tls(section: TlsSection) -> DiscoveryResult:
    for name, _entry in named_entries(section):
        yield Service(item=name)


def check_mail_relay_tls(item: str, params: Mapping[str, Any], section: TlsSection) -> CheckResult:
    tls, problems = entry_of(section, item)
    if tls is None:
        yield from problem_results(problems, params)
        return
    facts = {"time": tls.time, "level": tls.effective_level}
    problems = with_unexplained(tls.problems, facts) + problems
    yield from lead_with_worst(
        (
            *finding_results(tls.findings, params),
            *_check_required_level(tls, params),
            *problem_results(problems, params),
            Result(state=State.OK, summary=_level_in_words(tls)),
            *_check_ca_certificates(tls, params),
            *_check_client_certificate(tls.client_certificate, tls.time, params),
            *detail_lines(list(_describe(tls))),
        )
    )


def _check_required_level(tls: PostfixTls, params: Mapping[str, Any]) -> Iterator[Result]:
    required = params.get("required_level")
    if required is None:
        return
    levels = {row.relayhost: row.level for row in tls.relayhost_levels}
    if not levels and tls.effective_level is not None:
        levels = {"": tls.effective_level}
    for relayhost, level in levels.items():
        if not guarantees(level, required):
            towards = f" for {relayhost}" if relayhost else ""
            yield requirement_result(
                f"TLS level{towards} is {level or 'none'}, required at least {required}", params
            )


def _level_in_words(tls: PostfixTls) -> str:
    if tls.effective_level is None:
        return "TLS level not known"
    if not tls.effective_level or tls.effective_level == "none":
        text = "No TLS"
    else:
        text = f"TLS level {tls.effective_level}"
    if tls.wrapper_mode:
        text += " in wrapper mode"
    exceptions = [
        f"{row.level} for {row.relayhost}"
        for row in tls.relayhost_levels
        if row.level != tls.effective_level
    ]
    return ", ".join((text, *exceptions))


def _check_ca_certificates(tls: PostfixTls, params: Mapping[str, Any]) -> CheckResult:
    stores = [store for store in (tls.ca_file, tls.ca_path) if store is not None]
    counts = [store.certificates for store in stores if store.certificates is not None]
    if counts:
        word = "certificate" if sum(counts) == 1 else "certificates"
        yield Result(state=State.OK, summary=f"{sum(counts)} CA {word}")
        yield Metric("mail_relay_tls_ca_certificates", sum(counts))
    expired = [store.expired for store in stores if store.expired is not None]
    if expired:
        yield from level_results(
            sum(expired),
            levels_upper=params["expired_ca_certificates"],
            metric_name="mail_relay_tls_ca_expired",
            render_func=str,
            label="Expired CA certificates",
        )


def _check_client_certificate(
    certificate: ClientCertificate | None, now: int | None, params: Mapping[str, Any]
) -> CheckResult:
    if certificate is None or certificate.not_after is None or now is None:
        return
    yield from level_results(
        certificate.not_after - now,
        levels_lower=params["client_certificate_validity"],
        metric_name="mail_relay_tls_client_certificate_validity",
        render_func=remaining_words,
        label="Client certificate valid for",
    )


def _describe(tls: PostfixTls) -> Iterator[str]:
    if tls.configured_level is not None:
        origin = f" (from {tls.level_origin})" if tls.level_origin else ""
        yield f"Level as set: {tls.configured_level or '(empty)'}{origin}"
    for row in tls.relayhost_levels:
        policy = f" (policy {row.policy_key})" if row.policy_key else ""
        yield f"Level for {row.relayhost}: {row.level}{policy}"
    for name, value in tls.protocols.items():
        yield f"{name.replace('_', ' ').capitalize()}: {value}"
    for kind, store in (("CA file", tls.ca_file), ("CA directory", tls.ca_path)):
        if store is not None:
            yield f"{kind}: {_store_in_words(store)}"
    if certificate := tls.client_certificate:
        yield f"Client certificate: {_certificate_in_words(certificate)}"
    for table in tls.policy_maps:
        flaws = [
            words
            for flaw, words in (
                (table.supported is False, "type not supported"),
                (table.fresh is False, "older than its source"),
            )
            if flaw
        ]
        yield ", ".join((f"TLS policy: {table.name}", *flaws))


def _store_in_words(store: CertificateStore) -> str:
    parts = [store.path]
    if store.present is False:
        parts.append("missing")
    if store.certificates is not None:
        parts.append(f"{store.certificates} certificates")
    if store.expired:
        parts.append(f"{store.expired} expired")
    if store.in_jail is False:
        parts.append("not readable in the chroot jail")
    return ", ".join(parts)


def _certificate_in_words(certificate: ClientCertificate) -> str:
    parts = [certificate.path]
    if certificate.subject:
        parts.append(certificate.subject)
    if certificate.not_after is not None:
        parts.append(f"valid until {render.datetime(certificate.not_after)}")
    if certificate.matches_key is False:
        parts.append("does not match its key")
    return ", ".join(parts)


check_plugin_mail_relay_tls = CheckPlugin(
    name="mail_relay_tls",
    service_name="Mail relay TLS %s",
    discovery_function=discover_mail_relay_tls,
    check_function=check_mail_relay_tls,
    check_default_parameters=dict(TLS_DEFAULTS),
    check_ruleset_name="mail_relay_tls",
)
