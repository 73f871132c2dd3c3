"""Helpers of cluster check functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ._results import IgnoreResults, Metric, Result


def make_node_notice_results(
    node_name: str, check_result: Iterable[Result | Metric | IgnoreResults]
) -> Iterator[Result]:
    """Every result of one node as a notice that names the node on each line."""
    for result in check_result:
        if isinstance(result, Result):
            lines = (f"[{node_name}]: {line}" for line in result.details.splitlines())
            yield Result(state=result.state, notice="\n".join(lines))
