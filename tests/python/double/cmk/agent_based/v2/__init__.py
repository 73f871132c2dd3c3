"""Test double of Checkmk's cmk.agent_based.v2: same names, same rules, same exceptions."""

from collections.abc import Iterable

from . import clusterize, render
from ._inventory import Attributes, TableRow
from ._levels import FixedLevelsT, LevelsT, NoLevelsT, PredictiveLevelsT, check_levels
from ._plugins import (
    AgentSection,
    CheckPlugin,
    HostLabelGenerator,
    InventoryPlugin,
    RuleSetType,
    SimpleSNMPSection,
    SNMPSection,
    StringTable,
    entry_point_prefixes,
)
from ._results import (
    HostLabel,
    IgnoreResults,
    IgnoreResultsError,
    Metric,
    Result,
    Service,
    ServiceLabel,
    State,
)
from ._value_store import GetRateError, get_average, get_rate, get_value_store

CheckResult = Iterable[IgnoreResults | Metric | Result]
DiscoveryResult = Iterable[Service]
InventoryResult = Iterable[Attributes | TableRow]

__all__ = [
    "AgentSection",
    "Attributes",
    "CheckPlugin",
    "CheckResult",
    "DiscoveryResult",
    "FixedLevelsT",
    "GetRateError",
    "HostLabel",
    "HostLabelGenerator",
    "IgnoreResults",
    "IgnoreResultsError",
    "InventoryPlugin",
    "InventoryResult",
    "LevelsT",
    "Metric",
    "NoLevelsT",
    "PredictiveLevelsT",
    "Result",
    "RuleSetType",
    "SNMPSection",
    "Service",
    "ServiceLabel",
    "SimpleSNMPSection",
    "State",
    "StringTable",
    "TableRow",
    "check_levels",
    "clusterize",
    "entry_point_prefixes",
    "get_average",
    "get_rate",
    "get_value_store",
    "render",
]
