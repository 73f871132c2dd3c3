"""Form specs of levels."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ._base import DefaultValue, FormSpec, Prefill

NumberT = TypeVar("NumberT", int, float)


class LevelsType(enum.Enum):
    NONE = "no_levels"
    FIXED = "fixed"
    PREDICTIVE = "predictive"


class LevelDirection(enum.Enum):
    UPPER = "upper"
    LOWER = "lower"


@dataclass(frozen=True, kw_only=True)
class PredictiveLevels(Generic[NumberT]):
    reference_metric: str
    prefill_abs_diff: Prefill[tuple[NumberT, NumberT]]
    prefill_rel_diff: Prefill[tuple[float, float]] = DefaultValue((10.0, 20.0))
    prefill_stdev_diff: Prefill[tuple[float, float]] = DefaultValue((2.0, 4.0))


@dataclass(frozen=True, kw_only=True)
class SimpleLevels(FormSpec[Any], Generic[NumberT]):
    form_spec_template: FormSpec[NumberT]
    level_direction: LevelDirection
    prefill_fixed_levels: Prefill[tuple[NumberT, NumberT]]
    prefill_levels_type: DefaultValue[LevelsType] = DefaultValue(LevelsType.FIXED)


@dataclass(frozen=True, kw_only=True)
class Levels(FormSpec[Any], Generic[NumberT]):
    form_spec_template: FormSpec[NumberT]
    level_direction: LevelDirection
    predictive: PredictiveLevels[NumberT]
    prefill_fixed_levels: Prefill[tuple[NumberT, NumberT]]
    prefill_levels_type: DefaultValue[LevelsType] = DefaultValue(LevelsType.FIXED)
