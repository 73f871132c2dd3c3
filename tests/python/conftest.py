"""Puts Checkmk's plug-in API, the family and the package builder in place for all tests."""

import sys
from pathlib import Path

import engine

MKP = Path(__file__).resolve().parents[2] / "mkp"

sys.path.append(str(MKP))
engine.mount(MKP / "mail_relay")
