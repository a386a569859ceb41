"""Measure: `python -m bench` runs every bench/pNN_*.py and writes docs/performance.md; `python -m bench p02 p13` runs these.
With `--large` vaults of 100,000 and 200,000 cases are made and measured too, and mailboxes of a million blobs: half an hour.

A module has TITLE and `run() -> list[Row]`. It measures ours and a baseline in the same run, and takes less than a minute.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import time
from pathlib import Path

from bench import table


def main(wanted: list[str]) -> int:
    if "--large" in wanted:
        wanted = [w for w in wanted if w != "--large"]
        os.environ["PANAH_BENCH_LARGE"] = "1"
    modules = {m[1]: p.stem for p in sorted(Path(__file__).parent.glob("p*.py")) if (m := re.match(r"(p\d\d)_", p.name))}
    if unknown := [w for w in wanted if w not in modules]:
        print(f"There is no {', '.join(unknown)}. There are: {', '.join(modules)}.", file=sys.stderr)
        return 2
    sections = {}
    for key in wanted or modules:
        module = importlib.import_module(f"bench.{modules[key]}")
        print(f"\n{key.upper()}: {module.TITLE}", flush=True)
        began, busy = time.perf_counter(), os.getloadavg()[0]
        rows = module.run()
        print(table.text(rows), flush=True)
        sections[key] = table.section(
            key + (" --large" if os.environ.get("PANAH_BENCH_LARGE") else ""),
            module.TITLE,
            rows,
            time.perf_counter() - began,
            busy,
        )
    table.write(sections)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
