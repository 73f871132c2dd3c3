"""Puts Checkmk's plug-in API, the family and the package builder in place for all tests."""

import os
import sys
import time
from pathlib import Path

import engine

MKP = Path(__file__).resolve().parents[2] / "mkp"

# Checks show times as local ones.
os.environ["TZ"] = "UTC"
time.tzset()

sys.path.append(str(MKP))
engine.mount(MKP / "mail_relay")
