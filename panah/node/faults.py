"""A mistake of ours, told where an administrator sees it: its kind and its place, and not one value that took part in it."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path


def tell(code: str, e: Exception) -> str:
    """Write down a fault under a code; gives the place, as `file.py:line`."""
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(e.__traceback__)][-1]
    print(f"{code} {type(e).__name__} {where}", file=sys.stderr, flush=True)
    return where
