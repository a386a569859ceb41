"""Keep what is in memory out of core dumps and out of the hands of other programs of the same user. Knows nothing of what is there."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_NOT_DUMPABLE = 4


def forbid() -> None:
    """No core dump of this process, and (on Linux) no other process of the same user that attaches to it or reads its memory."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # not on every system

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A dump that goes to a program instead of a file does not heed the limit; it heeds this.
        ctypes.CDLL(None).prctl(_NOT_DUMPABLE, 0, 0, 0, 0)
