"""Mail relay service: does each Postfix instance run, and has its spool room."""

from collections.abc import Iterator, Mapping
from typing import Any

from cmk.agent_based.v2 import (
    AgentSection,
    CheckPlugin,
    CheckResult,
    DiscoveryResult,
    HostLabel,
    HostLabelGenerator,
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
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import SERVICE_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.finding import Finding
from cmk_addons.plugins.mail_relay.lib.json_section import (
    entry_of,
    named_entries,
    with_unexplained,
)
from cmk_addons.plugins.mail_relay.lib.service_section import (
    PostfixInstance,
    ServiceSection,
    Spool,
    parse_service_section,
)

_ROLES = {
    "satellite": "satellite (own mail only, through a relayhost)",
    "gateway": "gateway (mail of other hosts, through a relayhost)",
    "direct": "direct (own mail only, straight to the recipients' servers)",
    "server": "server (mail of other hosts, straight to the recipients' servers)",
}

_NOT_RUNNING = Finding(
    id="master_down", severity="crit", summary="Postfix is not running", evidence="", fix=()
)


def host_labels_of_mail_relay(section: ServiceSection) -> HostLabelGenerator:
    """Host label function

    Labels:

        mail_relay/mta:
            The mail transfer agent: "postfix" on every host with one.

        mail_relay/role:
            "satellite", "gateway", "direct" or "server": whether there is a relayhost, and whether
            mail of other hosts is accepted. Of the default instance where there are several.
    """
    yield HostLabel("mail_relay/mta", "postfix")
    instances = [entry for entry in section.values() if isinstance(entry, PostfixInstance)]
    instances.sort(key=lambda instance: not instance.default_instance)
    if roles := [instance.role for instance in instances if instance.role]:
        yield HostLabel("mail_relay/role", roles[0])


agent_section_mail_relay_service = AgentSection(
    name="mail_relay_service",
    parse_function=parse_service_section,
    host_label_function=host_labels_of_mail_relay,
)


def discover_mail_relay_service(section: ServiceSection) -> DiscoveryResult:
    for name, entry in named_entries(section):
        if isinstance(entry, PostfixInstance) and entry.enabled is False:
            continue
        yield Service(item=name)


def check_mail_relay_service(
    item: str, params: Mapping[str, Any], section: ServiceSection
) -> CheckResult:
    instance, problems = entry_of(section, item)
    if instance is None:
        yield from problem_results(problems, params)
        return
    problems = with_unexplained(instance.problems, {"running": instance.running}) + problems
    findings = list(finding_results(_findings(instance), params))
    yield from lead_with_worst(
        (
            *findings,
            *problem_results(problems, params),
            *_check_process(instance, is_told=bool(findings)),
            *(_check_spool(instance.spool, params) if instance.spool else ()),
            *detail_lines(list(_describe(instance))),
        )
    )


def _findings(instance: PostfixInstance) -> tuple[Finding, ...]:
    told = {finding.id for finding in instance.findings}
    if instance.running is False and told.isdisjoint(("master_down", "instance_down")):
        return (*instance.findings, _NOT_RUNNING)
    return instance.findings


def _check_process(instance: PostfixInstance, is_told: bool) -> CheckResult:
    """`is_told`: a finding says already that it does not run."""
    name = f"Postfix {instance.version}" if instance.version else "Postfix"
    if instance.running is None:
        yield Result(state=State.OK, summary=f"{name} not known to run")
        return
    if not instance.running:
        text = f"{name} stopped"
        yield Result(state=State.OK, notice=text) if is_told else Result(
            state=State.OK, summary=text
        )
        return
    if instance.started is None or instance.time is None:
        yield Result(state=State.OK, summary=f"{name} running")
        return
    uptime = max(0, instance.time - instance.started)
    yield Result(state=State.OK, summary=f"{name} running for {render.timespan(uptime)}")
    yield Metric("mail_relay_service_uptime", uptime)


def _check_spool(spool: Spool, params: Mapping[str, Any]) -> CheckResult:
    if spool.free_bytes is not None:
        yield Result(state=State.OK, summary=f"Spool free: {render.bytes(spool.free_bytes)}")
        yield Metric("mail_relay_spool_free", spool.free_bytes)
        if spool.total_bytes:
            yield from level_results(
                100.0 * spool.free_bytes / spool.total_bytes,
                levels_lower=params["spool_free_percent"],
                metric_name="mail_relay_spool_free_percent",
                render_func=render.percent,
                label="Free space of the spool",
            )
    # File systems that create inodes as needed tell a total of 0.
    if spool.free_inodes is not None and spool.total_inodes:
        yield from level_results(
            100.0 * spool.free_inodes / spool.total_inodes,
            levels_lower=params["spool_free_inodes_percent"],
            metric_name="mail_relay_spool_free_inodes_percent",
            render_func=render.percent,
            label="Free inodes of the spool",
        )


def _describe(instance: PostfixInstance) -> Iterator[str]:
    if instance.role:
        yield f"Role: {_ROLES.get(instance.role, instance.role)}"
    if instance.pid is not None:
        yield f"Process: {instance.pid}"
    if instance.compatibility_level:
        yield f"Compatibility level: {instance.compatibility_level}"
    for name, path in instance.directories.items():
        yield f"{name.replace('_', ' ').capitalize()}: {path}"
    if instance.multi_instance_group:
        yield f"Instance group: {instance.multi_instance_group}"
    if instance.spool and instance.spool.message_size_limit:
        yield f"Largest message accepted: {render.bytes(instance.spool.message_size_limit)}"
    if instance.log:
        yield f"Log: {instance.log}"
    if instance.os_name:
        yield f"Operating system: {instance.os_name}"
    if instance.agent_version:
        yield f"Agent plug-in: {instance.agent_version}"


check_plugin_mail_relay_service = CheckPlugin(
    name="mail_relay_service",
    service_name="Mail relay service %s",
    discovery_function=discover_mail_relay_service,
    check_function=check_mail_relay_service,
    check_default_parameters=dict(SERVICE_DEFAULTS),
    check_ruleset_name="mail_relay_service",
)
