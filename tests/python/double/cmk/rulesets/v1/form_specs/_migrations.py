"""From what older rules hold to what the form specs deliver; each leaves its own output alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

_Migrated = tuple[str, Any]


def _number_pair(pair: Any) -> tuple[float, float] | None:
    """Two numbers of one type; None for anything else."""
    if isinstance(pair, (tuple, list)) and len(pair) == 2:
        if any(all(isinstance(number, kind) for number in pair) for kind in (int, float)):
            return (pair[0], pair[1])
    return None


def _simple_levels(model: Any, cast: Callable[[float], float], scale: float) -> _Migrated:
    if model is None or model == (None, None) or model == ("no_levels", None):
        return ("no_levels", None)
    if isinstance(model, (tuple, list)) and len(model) == 2 and model[0] == "fixed":
        if migrated := _number_pair(model[1]):
            return ("fixed", (cast(migrated[0]), cast(migrated[1])))
    if old := _number_pair(model):
        return ("fixed", (cast(old[0] * scale), cast(old[1] * scale)))
    raise TypeError(f"cannot migrate levels {model!r}")


def _levels(model: Any, cast: Callable[[float], float], scale: float) -> Any:
    match model:
        case ("cmk_postprocessed", "predictive_levels", dict()):
            return model
    return _simple_levels(model, cast, scale)


def migrate_to_integer_simple_levels(model: object, scale: float = 1.0) -> _Migrated:
    return _simple_levels(model, int, scale)


def migrate_to_float_simple_levels(model: object, scale: float = 1.0) -> _Migrated:
    return _simple_levels(model, float, scale)


def migrate_to_upper_integer_levels(model: object, scale: float = 1.0) -> Any:
    return _levels(model, int, scale)


def migrate_to_upper_float_levels(model: object, scale: float = 1.0) -> Any:
    return _levels(model, float, scale)


def migrate_to_lower_integer_levels(model: object, scale: float = 1.0) -> Any:
    return _levels(model, int, scale)


def migrate_to_lower_float_levels(model: object, scale: float = 1.0) -> Any:
    return _levels(model, float, scale)


def migrate_to_password(model: object) -> tuple[str, str, tuple[str, str]]:
    match model:
        case (
            "cmk_postprocessed",
            ("explicit_password" | "stored_password") as kind,
            (str(i), str(p)),
        ):
            return ("cmk_postprocessed", kind, (i, p))
        case ("password", str(password)):
            return ("cmk_postprocessed", "explicit_password", (f"uuid{uuid.uuid4()}", password))
        case ("store", str(password_id)):
            return ("cmk_postprocessed", "stored_password", (password_id, ""))
    raise TypeError(f"cannot migrate a password of type {type(model).__name__}")


_PROXY_KINDS = ("environment_proxy", "explicit_proxy", "no_proxy", "stored_proxy")


def migrate_to_proxy(model: object) -> tuple[str, str, str]:
    match model:
        case ("cmk_postprocessed", str(kind), str(value)) if kind in _PROXY_KINDS:
            return ("cmk_postprocessed", kind, value)
        case ("global", str(proxy_id)):
            return ("cmk_postprocessed", "stored_proxy", proxy_id)
        case ("environment", "environment"):
            return ("cmk_postprocessed", "environment_proxy", "")
        case ("url", str(url)):
            return ("cmk_postprocessed", "explicit_proxy", url)
        case ("no_proxy", None):
            return ("cmk_postprocessed", "no_proxy", "")
    raise TypeError(f"cannot migrate proxy {model!r}")
