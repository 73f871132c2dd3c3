"""Stand-ins for what the portable build makes, to be packaged."""

from datetime import datetime, timezone
from pathlib import Path

import build_package


def put(folder: Path, path: str, content: str = "") -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
VERSIONS = "boost1.81 1.81.0-5\ncurl 7.88.1-10+deb12u15\nopenssl 3.0.22-1~deb12u2\n"


def builds_in(folder: Path) -> list[build_package.Build]:
    """Executables of both architectures below `folder`; only those that are there already."""
    for name in ("curl", "openssl", "Apache-2.0"):
        put(folder, f"licenses/{name}", f"licence {name}")
    return [
        build_package.Build(
            name,
            programs=folder / name,
            versions=put(folder, f"{name}-versions", VERSIONS),
            licenses=folder / "licenses",
        )
        for name in ("x86_64", "aarch64")
    ]
