"""Real mail daemons in throw-away machines, for end-to-end tests, the demo and the bench."""

import sys
from pathlib import Path

# The engine that plays Checkmk's part belongs to the tests of the Checkmk side.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
