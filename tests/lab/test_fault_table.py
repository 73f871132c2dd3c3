"""README's table of faults names the test of each: such tests exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(
    r"^\| (?P<fault>[^|]+) \| `(?P<file>test_\w+\.py)` \| (?P<names>`[^|]+`) \|$", re.M
)
_LEAST_ROWS = 25


def collected() -> list[tuple[str, str]]:
    """File and name of each test and of each case, as pytest itself finds them."""
    listed = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"),
            *sorted(Path(__file__).parent.glob("test_roundtrip*.py")),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = []
    for file, test, case in re.findall(r"^\S*?(\w+\.py)::(\w+)(?:\[(.*)\])?$", listed, re.M):
        found += [(file, test), (file, re.sub("^(?:smtp|steps)-", "", case))]
    return found


def test_every_fault_has_the_tests_that_readme_names() -> None:
    tests = collected()
    rows = list(_ROW.finditer((ROOT / "README.md").read_text(encoding="utf-8")))
    assert len(rows) >= _LEAST_ROWS
    for row in rows:
        for name in re.findall("`([^`]+)`", row["names"]):
            assert any(
                file == row["file"] and fnmatchcase(test, name.replace("...", "*"))
                for file, test in tests
            ), f"{row['fault']}: {row['file']} has no {name}"
