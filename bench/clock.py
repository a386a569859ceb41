"""Time an act many times, and read a percentile."""

from __future__ import annotations

import time
from collections.abc import Callable


def each(act: Callable[[int], object], times: int, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Milliseconds of each of several runs."""
    found = []
    for n in range(times):
        began = clock()
        act(n)
        found.append((clock() - began) * 1000)
    return found


def at(values: list[float], share: float) -> float:
    """A percentile of measured values."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def in_turns(
    acts: list[Callable[[], object]], times: int, clock: Callable[[], float] = time.perf_counter, warm: int = 3
) -> list[list[float]]:
    """Milliseconds of several acts that take turns, so that what else the machine does falls on all of them."""
    for act in acts * warm:
        act()
    found: list[list[float]] = [[] for _ in acts]
    for _ in range(times):
        for act, taken in zip(acts, found, strict=True):
            began = clock()
            act()
            taken.append((clock() - began) * 1000)
    return found
