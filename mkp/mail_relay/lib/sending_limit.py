"""How many messages a provider lets an account send in 24 hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Source: Google's help pages "Gmail sending limits" and "Gmail sending limits in Google Workspace".
PRESETS: Mapping[str, tuple[str, int]] = {
    "gmail": ("limit of Gmail", 500),
    "workspace": ("limit of Google Workspace", 2000),
}


@dataclass(frozen=True)
class SendingLimit:
    title: str
    messages: int


def sending_limit(params: Mapping[str, Any]) -> SendingLimit | None:
    """The limit a rule sets, if any."""
    preset, messages = params.get("sending_limit", ("none", 0))
    title, _messages = PRESETS.get(preset, ("sending limit", messages))
    return SendingLimit(title, messages) if messages > 0 else None
