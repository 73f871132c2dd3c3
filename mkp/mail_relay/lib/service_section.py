"""Section mail_relay_service: each Postfix instance and the file system of its queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk_addons.plugins.mail_relay.lib.finding import Finding, parse_findings
from cmk_addons.plugins.mail_relay.lib.json_section import (
    Fields,
    Problem,
    Unreadable,
    parse_section,
)


@dataclass(frozen=True)
class Spool:
    """File system of the queue directory."""

    total_bytes: int | None
    free_bytes: int | None
    total_inodes: int | None
    free_inodes: int | None
    queue_minfree: int | None
    message_size_limit: int | None


@dataclass(frozen=True)
class PostfixInstance:
    time: int | None
    agent_version: str | None
    default_instance: bool | None
    enabled: bool | None
    directories: Mapping[str, str]
    version: str | None
    compatibility_level: str | None
    running: bool | None
    pid: int | None
    started: int | None
    multi_instance_name: str | None
    multi_instance_group: str | None
    spool: Spool | None
    log: str | None
    os_name: str | None
    role: str | None
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


ServiceSection = Mapping[str, PostfixInstance | Unreadable]

_DIRECTORIES = (
    "config_directory",
    "queue_directory",
    "data_directory",
    "command_directory",
    "daemon_directory",
)


def parse_service_section(string_table: Sequence[Sequence[str]]) -> ServiceSection | None:
    return parse_section(string_table, "instance", _read_instance)


def _read_instance(fields: Fields) -> PostfixInstance:
    multi_instance = fields.nested("multi_instance")
    operating_system = fields.nested("os")
    directories = {name: fields.text(name) for name in _DIRECTORIES}
    return PostfixInstance(
        time=fields.moment("time"),
        agent_version=fields.text("agent_version"),
        default_instance=fields.flag("default_instance"),
        enabled=fields.flag("enabled"),
        directories={name: path for name, path in directories.items() if path is not None},
        version=fields.text("version"),
        compatibility_level=fields.text("compatibility_level"),
        running=fields.flag("running"),
        pid=fields.count("pid"),
        started=fields.moment("started"),
        multi_instance_name=multi_instance.text("name") if multi_instance else None,
        multi_instance_group=multi_instance.text("group") if multi_instance else None,
        spool=_read_spool(fields.nested("spool")),
        log=_read_log(fields.nested("log")),
        os_name=operating_system.text("pretty_name") if operating_system else None,
        role=fields.text("role"),
        findings=parse_findings(fields),
        problems=fields.problems(),
    )


def _read_spool(fields: Fields | None) -> Spool | None:
    if fields is None:
        return None
    return Spool(
        total_bytes=fields.count("total_bytes"),
        free_bytes=fields.count("free_bytes"),
        total_inodes=fields.count("total_inodes"),
        free_inodes=fields.count("free_inodes"),
        queue_minfree=fields.count("queue_minfree"),
        message_size_limit=fields.count("message_size_limit"),
    )


def _read_log(fields: Fields | None) -> str | None:
    """Where Postfix logs to, in words."""
    if fields is None:
        return None
    source, path = fields.text("source"), fields.text("path")
    if source == "journal":
        return "systemd journal"
    return path or source
