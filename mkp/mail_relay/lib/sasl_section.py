"""Section mail_relay_sasl: how an instance authenticates to its relay."""

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
class MapFile:
    path: str | None
    mode: str | None
    owner: str | None
    modified: int | None


@dataclass(frozen=True)
class CredentialsEntry:
    """Whether the map has an entry for this relayhost, and under which key."""

    relayhost: str
    found: bool | None
    key: str | None
    well_formed: bool | None


@dataclass(frozen=True)
class CredentialsMap:
    name: str
    supported: bool | None
    source: MapFile | None
    built: MapFile | None
    fresh: bool | None
    entries: tuple[CredentialsEntry, ...]


@dataclass(frozen=True)
class PluginFolder:
    path: str
    mechanisms: tuple[str, ...]
    unusable: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PostfixAuthentication:
    time: int | None
    auth_enabled: bool | None
    sasl_type: str | None
    client_sasl_types: tuple[str, ...] | None
    plugin_folders: tuple[PluginFolder, ...]
    installed_mechanisms: tuple[str, ...] | None
    mechanism_filter: tuple[str, ...]
    security_options: tuple[str, ...]
    tls_security_options: tuple[str, ...]
    usable_mechanisms: tuple[str, ...] | None
    credentials_maps: tuple[CredentialsMap, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


SaslSection = Mapping[str, PostfixAuthentication | Unreadable]


def parse_sasl_section(string_table: Sequence[Sequence[str]]) -> SaslSection | None:
    return parse_section(string_table, "instance", _read_authentication)


def _read_authentication(fields: Fields) -> PostfixAuthentication:
    return PostfixAuthentication(
        time=fields.moment("time"),
        auth_enabled=fields.flag("auth_enabled"),
        sasl_type=fields.text("sasl_type"),
        client_sasl_types=fields.texts("client_sasl_types"),
        plugin_folders=tuple(_read_folder(row) for row in fields.rows("plugin_folders") or ()),
        installed_mechanisms=fields.texts("installed_mechanisms"),
        mechanism_filter=fields.texts("mechanism_filter") or (),
        security_options=fields.texts("security_options") or (),
        tls_security_options=fields.texts("tls_security_options") or (),
        usable_mechanisms=fields.texts("usable_mechanisms"),
        credentials_maps=tuple(_read_map(row) for row in fields.rows("credentials_maps") or ()),
        findings=parse_findings(fields),
        problems=fields.problems(),
    )


def _read_folder(row: Fields) -> PluginFolder:
    return PluginFolder(
        path=row.text("path") or "",
        mechanisms=row.texts("mechanisms") or (),
        unusable=tuple(
            (file.text("file") or "", file.text("why") or "unknown reason")
            for file in row.rows("unusable") or ()
        ),
    )


def _read_map(row: Fields) -> CredentialsMap:
    return CredentialsMap(
        name=row.text("map") or "",
        supported=row.flag("supported"),
        source=_read_file(row.nested("source")),
        built=_read_file(row.nested("built")),
        fresh=row.flag("fresh"),
        entries=tuple(
            CredentialsEntry(
                relayhost=entry.text("relayhost") or "",
                found=entry.flag("found"),
                key=entry.text("key"),
                well_formed=entry.flag("well_formed"),
            )
            for entry in row.rows("entries") or ()
        ),
    )


def _read_file(fields: Fields | None) -> MapFile | None:
    if fields is None:
        return None
    return MapFile(
        path=fields.text("path"),
        mode=fields.text("mode"),
        owner=fields.text("owner"),
        modified=fields.moment("modified"),
    )
