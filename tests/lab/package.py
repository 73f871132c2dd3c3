"""The package to examine, $MAIL_RELAY_PACKAGE: unpacked as a site does it."""

from __future__ import annotations

import atexit
import functools
import os
import tempfile
from pathlib import Path

from package_installer import PART_FOLDERS, install

ARCHITECTURE = os.uname().machine


def is_examined() -> bool:
    return bool(os.environ.get("MAIL_RELAY_PACKAGE"))


def file() -> Path:
    return Path(os.environ["MAIL_RELAY_PACKAGE"])


@functools.cache
def local() -> Path:
    """A site's folder local/ with the package installed."""
    folder = tempfile.TemporaryDirectory(prefix="mail-lab-package-")
    atexit.register(folder.cleanup)
    install(file().read_bytes(), Path(folder.name))
    return Path(folder.name)


def plugins() -> Path:
    """Where a site has the agent plug-ins."""
    return local() / PART_FOLDERS["agents"] / "plugins"


def family() -> Path:
    return local() / PART_FOLDERS["cmk_addons_plugins"] / "mail_relay"


def libexec() -> Path:
    return family() / "libexec"


def bill() -> Path:
    return local() / PART_FOLDERS["doc"] / "mail_relay/mail_relay.spdx.json"
