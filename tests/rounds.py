"""How long a fuzz test runs: a little by default, so that it can fail; `make fuzz` sets PANAH_ROUNDS."""

from __future__ import annotations

import os


def rounds(few: int) -> int:
    """So many cases, times PANAH_ROUNDS."""
    return few * max(1, int(os.environ.get("PANAH_ROUNDS", "1")))
