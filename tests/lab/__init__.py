"""Real mail daemons in throw-away machines, for end-to-end tests, the demo and the bench."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]

# The engine that plays Checkmk's part belongs to the tests of the Checkmk side, the package's
# programs are those of its builder.
sys.path[:0] = [str(_ROOT / "tests/python"), str(_ROOT / "mkp")]
