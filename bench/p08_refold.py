"""P8: the whole log folded again, after an upgrade or a restore."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench import many
from bench.table import Row, row

TITLE = "P8 folding everything again"
_FOLD = """
import resource, sys, time
from pathlib import Path
from bench import many
s = many.opened(Path(sys.argv[1]))
events = s.vault.ask("select count(*) from events where control = ''")[0][0]
began, used = time.perf_counter(), time.process_time()
records = s.rebuild()
print(events, records, time.perf_counter() - began, time.process_time() - used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def run() -> list[Row]:
    """In a process of its own, so that its memory can be told."""
    return [r for count in many.sizes() for r in _refold(count)]


def _refold(count: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        vault = many.copy(many.made(count), Path(folder) / "v")
        root = Path(__file__).parent.parent
        out = subprocess.run(
            [sys.executable, "-c", _FOLD, str(vault)], capture_output=True, text=True, check=True, cwd=root
        ).stdout
    events, records, took, used, memory = map(float, out.split())
    at = f"{count:,} cases: "
    return [
        row(at + "events folded again", events / took, "/s", 1_000_000 / 45, "goal: 1 M in 45 s", f"{events:,.0f} events of {records:,.0f} records in {took:.1f} s, {used:.1f} s of processor"),
        row(at + "memory", memory, "MB", 1000, "goal"),
    ]  # fmt: skip
