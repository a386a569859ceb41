"""What must be fast, measured beside a named baseline in one run. Not tests: nothing here passes or fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: ours and the baseline's, in the same unit, from the same run."""

    name: str
    ours: float
    baseline: float | None
    baseline_name: str
    unit: str
    note: str = ""

    @property
    def ratio(self) -> str:
        """Ours divided by the baseline."""
        return f"{self.ours / self.baseline:.2f}" if self.baseline else ""


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
