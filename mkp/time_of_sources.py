"""When the sources were written, for what is made of them."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path

_UNKNOWN = 315532800


def time_of_sources(root: Path) -> datetime:
    """That of the commit, or $SOURCE_DATE_EPOCH: the same sources give the same bytes whenever they
    are built. Where there is neither, a fixed one."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH") or _time_of_commit(root) or _UNKNOWN
    return datetime.fromtimestamp(int(seconds), timezone.utc)


def _time_of_commit(root: Path) -> str:
    # Whoever builds as root may have cloned as somebody else, which git takes for an attack.
    command = ["git", "-c", f"safe.directory={root}", "log", "-1", "--format=%ct"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()
