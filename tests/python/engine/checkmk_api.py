"""Makes Checkmk's plug-in API importable: the real one on a site, else the double."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

DOUBLE = Path(__file__).resolve().parent.parent / "double"


def _is_installed() -> bool:
    try:
        return importlib.util.find_spec("cmk.agent_based.v2") is not None
    except ModuleNotFoundError:
        return False


def provide_api() -> bool:
    """True if the real API is used."""
    if str(DOUBLE) in sys.path:
        return False
    if _is_installed():
        return True
    sys.path.append(str(DOUBLE))
    return False


IS_REAL_API = provide_api()
