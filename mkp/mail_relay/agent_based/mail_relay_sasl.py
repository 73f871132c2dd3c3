"""Mail relay authentication: can each instance log on to its relay."""

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
    State,
    render,
)
from cmk_addons.plugins.mail_relay.agent_based.results import (
    detail_lines,
    finding_results,
    lead_with_worst,
    problem_results,
    requirement_result,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import SASL_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Unreadable,
    entry_of,
    named_entries,
    with_unexplained,
)
from cmk_addons.plugins.mail_relay.lib.sasl_section import (
    CredentialsEntry,
    CredentialsMap,
    PostfixAuthentication,
    SaslSection,
    parse_sasl_section,
)

_SHOWN_MECHANISMS = 3

agent_section_mail_relay_sasl = AgentSection(
    name="mail_relay_sasl",
    parse_function=parse_sasl_section,
)


def discover_mail_relay_sasl(section: SaslSection) -> DiscoveryResult:
    """Every instance that authenticates or is prepared to.

    Where AUTH is off, without credentials and without findings, there is nothing to watch: relaying
    without authentication is legal.
    """
    for name, entry in named_entries(section):
        if isinstance(entry, Unreadable) or _concerns_authentication(entry):
            yield Service(item=name)


def _concerns_authentication(authentication: PostfixAuthentication) -> bool:
    return (
        authentication.auth_enabled is not False
        or bool(authentication.credentials_maps)
        or bool(authentication.findings)
    )


def check_mail_relay_sasl(
    item: str, params: Mapping[str, Any], section: SaslSection
) -> CheckResult:
    authentication, problems = entry_of(section, item)
    if authentication is None:
        yield from problem_results(problems, params)
        return
    facts: dict[str, object] = {"auth_enabled": authentication.auth_enabled}
    if authentication.auth_enabled:
        facts["usable_mechanisms"] = authentication.usable_mechanisms
    problems = with_unexplained(authentication.problems, facts) + problems
    yield from lead_with_worst(
        (
            *finding_results(authentication.findings, params),
            *_check_required_mechanisms(authentication, params),
            *problem_results(problems, params),
            Result(state=State.OK, summary=_state_in_words(authentication)),
            *detail_lines(list(_describe(authentication))),
            *_mechanism_metrics(authentication),
        )
    )


def _check_required_mechanisms(
    authentication: PostfixAuthentication, params: Mapping[str, Any]
) -> Iterator[Result]:
    installed = authentication.installed_mechanisms
    if installed is None:
        return
    present = {mechanism.upper() for mechanism in installed}
    required = params.get("required_mechanisms", ())
    if missing := [m for m in required if m.strip().upper() not in present]:
        yield requirement_result(
            f"Required mechanism not installed: {', '.join(missing)}"
            f" (installed: {', '.join(installed) or 'none'})",
            params,
        )


def _state_in_words(authentication: PostfixAuthentication) -> str:
    if authentication.auth_enabled is None:
        return "AUTH not known"
    if not authentication.auth_enabled:
        return "AUTH is off"
    mechanisms = authentication.usable_mechanisms
    if mechanisms is None:
        return "AUTH is on"
    text = f"AUTH with {_some_of(mechanisms)}" if mechanisms else "AUTH without a usable mechanism"
    relayhosts = dict.fromkeys(
        entry.relayhost
        for table in authentication.credentials_maps
        for entry in table.entries
        if entry.found
    )
    return f"{text} for {', '.join(relayhosts)}" if relayhosts else text


def _some_of(mechanisms: Sequence[str]) -> str:
    """The mechanisms as a summary has room for them: what relays offer first, the rest counted."""
    first = sorted(mechanisms, key=lambda mechanism: mechanism not in ("PLAIN", "LOGIN"))
    if len(first) <= _SHOWN_MECHANISMS:
        return ", ".join(first)
    return f"{', '.join(first[:_SHOWN_MECHANISMS])} and {len(first) - _SHOWN_MECHANISMS} more"


def _mechanism_metrics(authentication: PostfixAuthentication) -> Iterator[Metric]:
    for name, mechanisms in (
        ("installed", authentication.installed_mechanisms),
        ("usable", authentication.usable_mechanisms),
    ):
        if mechanisms is not None:
            yield Metric(f"mail_relay_sasl_{name}_mechanisms", len(mechanisms))


def _describe(authentication: PostfixAuthentication) -> Iterator[str]:
    if authentication.client_sasl_types is not None:
        types = ", ".join(authentication.client_sasl_types) or "none"
        yield f"SASL types of this Postfix: {types}"
    if authentication.installed_mechanisms is not None:
        yield f"Mechanisms installed: {', '.join(authentication.installed_mechanisms) or 'none'}"
    if authentication.usable_mechanisms:
        yield f"Mechanisms usable: {', '.join(authentication.usable_mechanisms)}"
    for folder in authentication.plugin_folders:
        yield f"SASL plug-ins in {folder.path}: {', '.join(folder.mechanisms) or 'none'}"
        for file, why in folder.unusable:
            yield f"  {file} is unusable: {why}"
    if authentication.mechanism_filter:
        yield f"Mechanism filter: {', '.join(authentication.mechanism_filter)}"
    if authentication.security_options:
        yield f"Security options: {', '.join(authentication.security_options)}"
    if authentication.tls_security_options:
        yield f"Security options with TLS: {', '.join(authentication.tls_security_options)}"
    for table in authentication.credentials_maps:
        yield from _describe_map(table)


def _describe_map(table: CredentialsMap) -> Iterator[str]:
    yield f"Credentials: {table.name}"
    if table.supported is False:
        yield "  type not supported by this Postfix"
    for role, file in (("source", table.source), ("built", table.built)):
        if file is None:
            continue
        words = [f"  {role} {file.path or ''}".rstrip()]
        if file.mode:
            words.append(f"mode {file.mode}")
        if file.owner:
            words.append(f"owner {file.owner}")
        if file.modified is not None:
            words.append(f"changed {render.datetime(file.modified)}")
        yield ", ".join(words)
    if table.fresh is False:
        yield "  older than its source"
    for entry in table.entries:
        yield f"  {entry.relayhost}: {_entry_in_words(entry)}"


def _entry_in_words(entry: CredentialsEntry) -> str:
    if entry.found is None:
        return "not known"
    if not entry.found:
        return "no entry"
    text = f"entry under {entry.key}" if entry.key else "entry found"
    return f"{text}, not of the form user:password" if entry.well_formed is False else text


check_plugin_mail_relay_sasl = CheckPlugin(
    name="mail_relay_sasl",
    service_name="Mail relay authentication %s",
    discovery_function=discover_mail_relay_sasl,
    check_function=check_mail_relay_sasl,
    check_default_parameters=dict(SASL_DEFAULTS),
    check_ruleset_name="mail_relay_sasl",
)
