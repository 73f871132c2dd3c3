"""Mail relay configuration: where each instance sends its mail, and what its settings do wrong."""

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
    problem_results,
    requirement_result,
)
from cmk_addons.plugins.mail_relay.lib.config_section import (
    ConfigSection,
    PostfixConfiguration,
    parse_config_section,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import CONFIG_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.json_section import (
    entry_of,
    named_entries,
    with_unexplained,
)

agent_section_mail_relay_config = AgentSection(
    name="mail_relay_config",
    parse_function=parse_config_section,
)


def discover_mail_relay_config(section: ConfigSection) -> DiscoveryResult:
    for name, _entry in named_entries(section):
        yield Service(item=name)


def check_mail_relay_config(
    item: str, params: Mapping[str, Any], section: ConfigSection
) -> CheckResult:
    configuration, problems = entry_of(section, item)
    if configuration is None:
        yield from problem_results(problems, params)
        return
    facts = {"relayhost": configuration.relayhost}
    problems = with_unexplained(configuration.problems, facts) + problems
    findings = list(finding_results(configuration.findings, params))
    yield from lead_with_worst(
        (
            *findings,
            *_check_expected_relayhosts(configuration, params),
            *problem_results(problems, params),
            Result(state=State.OK, summary=_route(configuration)),
            *detail_lines(list(_describe(configuration))),
            Metric("mail_relay_config_findings", len(findings)),
            Metric("mail_relay_config_warnings", len(configuration.warnings)),
        )
    )


def _check_expected_relayhosts(
    configuration: PostfixConfiguration, params: Mapping[str, Any]
) -> Iterator[Result]:
    expected = params.get("expected_relayhosts")
    if not expected or configuration.relayhost is None:
        return
    used = [relayhost.written for relayhost in configuration.relayhosts]
    allowed = {_comparable(relayhost) for relayhost in expected}
    if not used or any(_comparable(relayhost) not in allowed for relayhost in used):
        found = configuration.relayhost or "not set"
        yield requirement_result(f"Relayhost is {found}, expected {' or '.join(expected)}", params)


def _comparable(relayhost: str) -> str:
    return relayhost.strip().lower()


def _route(configuration: PostfixConfiguration) -> str:
    if configuration.relayhost is None:
        return "Relayhost not known"
    service = configuration.delivery_service
    if service and service.command not in (None, "smtp"):
        return f"No mail leaves by SMTP: default_transport is {service.name} ({service.command})"
    if configuration.relayhost:
        return f"Relay through {configuration.relayhost}"
    return "No relayhost: mail goes straight to the recipients' servers"


def _describe(configuration: PostfixConfiguration) -> Iterator[str]:
    if configuration.myhostname:
        yield f"Own host name: {configuration.myhostname}"
    for relayhost in configuration.relayhosts:
        if relayhost.mx_lookup:
            yield f"Relayhost {relayhost.written}: its MX records are looked up"
    if service := configuration.delivery_service:
        jail = {True: "chrooted", False: "not chrooted", None: "chroot not known"}[service.chroot]
        yield f"Delivered by: {service.name or 'unknown'} of master.cf, {jail}"
        for name, value in service.overrides.items():
            yield f"  {name} = {value}"
    if configuration.map_types is not None:
        yield f"Lookup table types: {', '.join(configuration.map_types)}"
    for warning in configuration.warnings:
        yield f"Postfix says: {warning}"
    if configuration.read_at is not None:
        yield f"Configuration read: {render.datetime(configuration.read_at)}"


check_plugin_mail_relay_config = CheckPlugin(
    name="mail_relay_config",
    service_name="Mail relay configuration %s",
    discovery_function=discover_mail_relay_config,
    check_function=check_mail_relay_config,
    check_default_parameters=dict(CONFIG_DEFAULTS),
    check_ruleset_name="mail_relay_config",
)
