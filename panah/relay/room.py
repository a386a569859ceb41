"""How much of a relay's room a deposit may take. Pure: knows sizes, not mailboxes.

Strangers get a part of it: of the whole, and of each class of size. What is left over is for mailboxes that were in use before, and for
whoever was handed a voucher, so that a flood by strangers stops neither.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

SMALL, MIDDLE = 8 * 1024, 64 * 1024  # a sealed request; a long one, or a part of a picture; above them, parts of files
KINDS = 3
SHARES = (0.6, 0.4, 0.4)  # of the whole, what strangers may take in each class: no size keeps out the others
RESERVE = 0.25  # of the whole, what strangers leave
ROW = 256  # what a deposit takes beside its blob: names, numbers, their indexes


def kind_of(size: int) -> int:
    """The class of a blob: small, middle, large."""
    return (size > SMALL) + (size > MIDDLE)


class Room:
    """What is taken in each class, and how much there is. `moved` is what was taken or given since."""

    def __init__(self, whole: float, used: Sequence[int]) -> None:
        self.whole, self.used, self.moved = max(0.0, whole), list(used), [0] * KINDS

    def take(self, size: int, *, known: bool) -> bool:
        """Whether a blob finds room; then it has it."""
        kind, taken = kind_of(size), size + ROW
        if not math.isinf(self.whole):
            free = self.whole - sum(self.used)
            if not known:
                free = min(free - RESERVE * self.whole, SHARES[kind] * self.whole - self.used[kind])
            if taken > free:
                return False
        self._move(kind, taken)
        return True

    def give(self, sizes: Sequence[int]) -> None:
        """Blobs of these sizes are gone."""
        for size in sizes:
            self._move(kind_of(size), -size - ROW)

    def _move(self, kind: int, by: int) -> None:
        self.used[kind] += by
        self.moved[kind] += by

    def taken(self, size: int) -> float:
        """How much of what strangers may take of this class is taken, between 0 and 1."""
        if self.whole <= 0:
            return 1.0
        kind = kind_of(size)
        return min(1.0, max(sum(self.used) / ((1 - RESERVE) * self.whole), self.used[kind] / (SHARES[kind] * self.whole)))
