"""HW/SW inventory: one row for each Postfix instance."""

from collections.abc import Mapping
from typing import TypeVar

from cmk.agent_based.v2 import InventoryPlugin, InventoryResult, TableRow
from cmk_addons.plugins.mail_relay.lib.config_section import ConfigSection
from cmk_addons.plugins.mail_relay.lib.json_section import Unreadable, entry_of, named_entries
from cmk_addons.plugins.mail_relay.lib.sasl_section import SaslSection
from cmk_addons.plugins.mail_relay.lib.service_section import ServiceSection
from cmk_addons.plugins.mail_relay.lib.tls_section import TlsSection

Facts = TypeVar("Facts")


def inventorize_mail_relay(
    section_mail_relay_service: ServiceSection | None,
    section_mail_relay_config: ConfigSection | None,
    section_mail_relay_sasl: SaslSection | None,
    section_mail_relay_tls: TlsSection | None,
) -> InventoryResult:
    for name, instance in named_entries(section_mail_relay_service or {}):
        if isinstance(instance, Unreadable):
            continue
        configuration = _facts(section_mail_relay_config, name)
        authentication = _facts(section_mail_relay_sasl, name)
        tls = _facts(section_mail_relay_tls, name)
        yield TableRow(
            path=["software", "applications", "mail_relay"],
            key_columns={"instance": name},
            inventory_columns={
                "mta": "Postfix",
                "version": instance.version,
                "role": instance.role,
                "compatibility_level": instance.compatibility_level,
                "config_directory": instance.directories.get("config_directory"),
                "queue_directory": instance.directories.get("queue_directory"),
                "relayhost": configuration.relayhost if configuration else None,
                "tls_level": tls.effective_level if tls else None,
                "auth": authentication.auth_enabled if authentication else None,
                "mechanisms": _joined(
                    authentication.installed_mechanisms if authentication else None
                ),
                "map_types": _joined(configuration.map_types if configuration else None),
                "agent_version": instance.agent_version,
            },
            status_columns={"running": instance.running},
        )


def _facts(section: Mapping[str, Facts | Unreadable] | None, name: str) -> Facts | None:
    return entry_of(section or {}, name)[0]


def _joined(words: tuple[str, ...] | None) -> str | None:
    return None if words is None else ", ".join(words)


inventory_plugin_mail_relay = InventoryPlugin(
    name="mail_relay",
    sections=[
        "mail_relay_service",
        "mail_relay_config",
        "mail_relay_sasl",
        "mail_relay_tls",
    ],
    inventory_function=inventorize_mail_relay,
)
