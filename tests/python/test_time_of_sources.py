"""mkp/time_of_sources.py: the same sources have the same time."""

import os
import subprocess
from pathlib import Path

import pytest
from time_of_sources import time_of_sources


@pytest.fixture
def commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources that were committed 1,234,567,890 seconds after 1970."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "test")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "test@example.org")
        monkeypatch.setenv(f"GIT_{name}_DATE", "1234567890 +0100")
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "Begin"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def seconds(root: Path) -> float:
    return time_of_sources(root).timestamp()


def test_the_time_of_sources_is_that_of_their_commit(commit: Path) -> None:
    assert seconds(commit) == 1234567890


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_who_cloned_them_does_not_matter(commit: Path) -> None:
    for path in (commit, commit / ".git"):
        os.chown(path, 65534, 65534)
    assert seconds(commit) == 1234567890


def test_the_builder_may_say_another_time(commit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300000000")
    assert seconds(commit) == 1300000000


def test_sources_without_history_have_a_fixed_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert seconds(tmp_path) == 315532800
