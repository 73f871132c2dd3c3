"""Test double of Checkmk's cmk.graphing.v1."""

from collections.abc import Mapping

from . import graphs, metrics, perfometers, translations
from ._localize import Title

Plugin = (
    metrics.Metric
    | translations.Translation
    | perfometers.Perfometer
    | perfometers.Bidirectional
    | perfometers.Stacked
    | graphs.Graph
    | graphs.Bidirectional
)


def entry_point_prefixes() -> Mapping[type[Plugin], str]:
    return {
        metrics.Metric: "metric_",
        translations.Translation: "translation_",
        perfometers.Perfometer: "perfometer_",
        perfometers.Bidirectional: "perfometer_",
        perfometers.Stacked: "perfometer_",
        graphs.Graph: "graph_",
        graphs.Bidirectional: "graph_",
    }


__all__ = ["Title", "entry_point_prefixes", "graphs", "metrics", "perfometers", "translations"]
