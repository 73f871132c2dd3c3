"""Loads bakery plug-ins, which import the API relative to where a site puts them."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

_PACKAGE = "cmk.base.cee.plugins.bakery"


def load_bakery_plugin(file: Path) -> dict[str, Any]:
    """The plug-ins that this module registers, by name."""
    register = importlib.import_module(f"{_PACKAGE}.bakery_api.v1.register")
    registered: dict[str, Any] = register.registered_bakery_plugins
    before = dict(registered)
    registered.clear()
    try:
        spec = importlib.util.spec_from_file_location(f"{_PACKAGE}.{file.stem}", file)
        assert spec is not None and spec.loader is not None
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        return {str(name): plugin for name, plugin in registered.items()}
    finally:
        registered.clear()
        registered.update(before)
