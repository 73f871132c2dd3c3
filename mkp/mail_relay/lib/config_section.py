"""Section mail_relay_config: relayhost and parameters of an instance as Postfix resolves them."""

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
class Relayhost:
    written: str
    mx_lookup: bool | None


@dataclass(frozen=True)
class DeliveryService:
    """The entry of master.cf that delivers to the relayhost."""

    name: str | None
    chroot: bool | None
    command: str | None
    overrides: Mapping[str, str]


@dataclass(frozen=True)
class PostfixConfiguration:
    """`relayhost` is as written, empty when mail is delivered directly."""

    time: int | None
    myhostname: str | None
    relayhost: str | None
    relayhosts: tuple[Relayhost, ...]
    parameters: Mapping[str, str]
    delivery_service: DeliveryService | None
    map_types: tuple[str, ...] | None
    warnings: tuple[str, ...]
    read_at: int | None
    role: str | None
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


ConfigSection = Mapping[str, PostfixConfiguration | Unreadable]


def parse_config_section(string_table: Sequence[Sequence[str]]) -> ConfigSection | None:
    return parse_section(string_table, "instance", _read_configuration)


def _read_configuration(fields: Fields) -> PostfixConfiguration:
    return PostfixConfiguration(
        time=fields.moment("time"),
        myhostname=fields.text("myhostname"),
        relayhost=fields.text("relayhost"),
        relayhosts=tuple(
            Relayhost(written=row.text("written") or "", mx_lookup=row.flag("mx_lookup"))
            for row in fields.rows("relayhosts") or ()
        ),
        parameters=fields.text_pairs("parameters"),
        delivery_service=_read_delivery_service(fields.nested("delivery_service")),
        map_types=fields.texts("map_types"),
        warnings=fields.texts("warnings") or (),
        read_at=fields.moment("read_at"),
        role=fields.text("role"),
        findings=parse_findings(fields),
        problems=fields.problems(),
    )


def _read_delivery_service(fields: Fields | None) -> DeliveryService | None:
    if fields is None:
        return None
    return DeliveryService(
        name=fields.text("name"),
        chroot=fields.flag("chroot"),
        command=fields.text("command"),
        overrides=fields.text_pairs("overrides"),
    )
