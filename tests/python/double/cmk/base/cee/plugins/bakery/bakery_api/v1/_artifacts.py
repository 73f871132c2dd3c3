"""What bakery plug-ins yield. Types are checked on creation, as in Checkmk."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path


class OS(enum.Enum):
    LINUX = "linux"
    WINDOWS = "windows"
    SOLARIS = "solaris"
    AIX = "aix"


class DebStep(enum.Enum):
    PREINST = "preinst"
    POSTINST = "postinst"
    PRERM = "prerm"
    POSTRM = "postrm"


class RpmStep(enum.Enum):
    PRE = "pre"
    POST = "post"
    PREUN = "preun"
    POSTUN = "postun"
    PRETRANS = "pretrans"
    POSTTRANS = "posttrans"


class SolStep(enum.Enum):
    PREINSTALL = "preinstall"
    POSTINSTALL = "postinstall"
    PREREMOVE = "preremove"
    POSTREMOVE = "postremove"


def _check(value: object, *kinds: type) -> None:
    if not isinstance(value, kinds):
        raise TypeError(f"{value!r} is no {' or '.join(kind.__name__ for kind in kinds)}")


def _check_lines(lines: object) -> None:
    _check(lines, list)
    assert isinstance(lines, list)
    for line in lines:
        _check(line, str)


@dataclass(kw_only=True)
class Plugin:
    base_os: OS
    source: Path
    target: Path | None = None
    interval: int | None = None
    asynchronous: bool | None = None
    timeout: int | None = None
    retry_count: int | None = None

    def __post_init__(self) -> None:
        _check(self.base_os, OS)
        _check(self.source, Path)
        _check(self.target, Path, type(None))
        _check(self.interval, int, type(None))
        _check(self.asynchronous, bool, type(None))
        _check(self.timeout, int, type(None))
        _check(self.retry_count, int, type(None))


@dataclass(kw_only=True)
class SystemBinary:
    base_os: OS
    source: Path
    target: Path | None = None

    def __post_init__(self) -> None:
        _check(self.base_os, OS)
        _check(self.source, Path)
        _check(self.target, Path, type(None))


@dataclass(kw_only=True)
class PluginConfig:
    base_os: OS
    lines: list[str]
    target: Path
    include_header: bool = False

    def __post_init__(self) -> None:
        _check(self.base_os, OS)
        _check_lines(self.lines)
        _check(self.target, Path)
        _check(self.include_header, bool)


class SystemConfig(PluginConfig):
    pass


@dataclass(kw_only=True)
class Scriptlet:
    step: DebStep | RpmStep | SolStep
    lines: list[str]

    def __post_init__(self) -> None:
        _check(self.step, DebStep, RpmStep, SolStep)
        _check_lines(self.lines)


FILE_ARTIFACTS = (Plugin, SystemBinary, PluginConfig, SystemConfig)
