"""Rates of monotone counters from one section to the next."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from cmk.agent_based.v2 import GetRateError, get_rate

_LAST = "rates"


def counter_rates(
    store: MutableMapping[str, Any], now: int, counters: Mapping[str, float]
) -> Mapping[str, float]:
    """How much each counter grew per second; where the agent repeats a section, the same as then.

    A counter without an earlier value, or one that fell because it began anew, has no rate.
    """
    last_now, last_rates = store.get(_LAST, (None, {}))
    if last_now == now:
        return dict(last_rates)
    rates = {}
    for name, count in counters.items():
        try:
            rates[name] = get_rate(store, f"rate.{name}", now, count, raise_overflow=True)
        except GetRateError:
            continue
    store[_LAST] = (now, rates)
    return rates
