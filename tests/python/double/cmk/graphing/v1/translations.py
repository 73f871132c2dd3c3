"""Test double of Checkmk's cmk.graphing.v1.translations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ._names import check_name


@dataclass(frozen=True)
class _CheckCommand:
    name: str

    def __post_init__(self) -> None:
        assert self.name


class PassiveCheck(_CheckCommand):
    pass


class ActiveCheck(_CheckCommand):
    pass


class HostCheckCommand(_CheckCommand):
    pass


class NagiosPlugin(_CheckCommand):
    pass


@dataclass(frozen=True)
class RenameTo:
    metric_name: str

    def __post_init__(self) -> None:
        check_name(self.metric_name)


@dataclass(frozen=True)
class ScaleBy:
    factor: int | float

    def __post_init__(self) -> None:
        assert self.factor


@dataclass(frozen=True)
class RenameToAndScaleBy:
    metric_name: str
    factor: int | float

    def __post_init__(self) -> None:
        check_name(self.metric_name)
        assert self.factor


@dataclass(frozen=True, kw_only=True)
class Translation:
    name: str
    check_commands: Sequence[PassiveCheck | ActiveCheck | HostCheckCommand | NagiosPlugin]
    translations: Mapping[str, RenameTo | ScaleBy | RenameToAndScaleBy]

    def __post_init__(self) -> None:
        check_name(self.name)
        assert self.check_commands
        assert self.translations
        for metric_name in self.translations:
            check_name(metric_name)
