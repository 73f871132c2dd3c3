"""Puts Checkmk's plug-in API and the family in place before any test imports them."""

from pathlib import Path

import engine

FAMILY = Path(__file__).resolve().parents[2] / "mkp" / "mail_relay"

engine.mount(FAMILY)
