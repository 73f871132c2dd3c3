"""What ./dev demo prints: a story for a person, with services as Checkmk shows them."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Sequence

import engine

WIDTH = 100


class DemoError(Exception):
    """The story did not go as told."""


class Page:
    """The story as a person reads it; colour only on a terminal."""

    _COLOURS = {"OK": "32", "WARN": "33", "CRIT": "31", "UNKNOWN": "35"}

    def __init__(self) -> None:
        self._colour = sys.stdout.isatty()
        self._began = time.monotonic()

    def _paint(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._colour else text

    def heading(self, text: str) -> None:
        seconds = f"{time.monotonic() - self._began:.0f} s"
        print(
            f"\n{self._paint(text, '1')} {'-' * (WIDTH - len(text) - len(seconds) - 2)} {seconds}"
        )

    def tell(self, text: str) -> None:
        print(textwrap.fill(text, WIDTH))

    def command(self, text: str) -> None:
        print(self._paint(f"  # {text}", "36"))

    def services(self, services: Sequence[engine.ServiceResult]) -> None:
        print()
        for service in services:
            state = service.state.name if service.state else "STALE"
            label = (
                f"{self._paint(f'{state:<5}', self._COLOURS.get(state, '0'))} {service.name:<36} "
            )
            text = textwrap.wrap(service.summary, WIDTH - 43) or [""]
            print(f"{label}{text[0]}")
            for line in text[1:]:
                print(f"{'':43}{line}")

    def details(self, service: engine.ServiceResult) -> None:
        print(f"\n  Details of {service.name}:")
        for line in service.details.splitlines():
            indent = "      " if line.startswith("  ") else "    "
            print(
                textwrap.fill(
                    line.strip(),
                    WIDTH,
                    initial_indent=indent,
                    subsequent_indent=indent + "  ",
                    break_long_words=False,
                )
            )
