"""The engine side of Checkmk for plug-in families: what turns agent output into services.

Runs against the test double, or against the real API where one is installed.
"""

from . import checkmk_api
from .commands import PasswordStore, command_lines
from .families import discover_all_plugins, mount
from .forms import NO_DEFAULT, delivered_default, localized_texts, validate
from .inventory import Inventory
from .links import broken_links
from .parameters import Rule
from .site import DiscoveredService, ServiceResult, Site

IS_REAL_API = checkmk_api.IS_REAL_API

__all__ = [
    "IS_REAL_API",
    "NO_DEFAULT",
    "DiscoveredService",
    "Inventory",
    "PasswordStore",
    "Rule",
    "ServiceResult",
    "Site",
    "broken_links",
    "command_lines",
    "delivered_default",
    "discover_all_plugins",
    "localized_texts",
    "mount",
    "validate",
]
