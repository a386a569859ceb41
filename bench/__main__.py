"""`python -m bench [p03 ...] [--size N]`: run the rows, print the table, write it into docs/performance.md."""

from __future__ import annotations

import argparse
import datetime
import importlib
import os
import pkgutil
import platform
from pathlib import Path

import bench

ROOT = Path(__file__).resolve().parents[1]


def machine() -> str:
    """The machine in a line."""
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main() -> None:
    """Run the modules asked for, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("only", nargs="*")
    parser.add_argument("--size", type=int, default=5_000, help="how many cases")
    args = parser.parse_args()
    names = sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name.startswith("p"))
    lines = ["| | figure | ours | baseline | ours / baseline | unit | note |", "|---|---|---|---|---|---|---|"]
    for name in names:
        if args.only and name[:3] not in args.only:
            continue
        module = importlib.import_module(f"bench.{name}")
        print(module.TITLE, flush=True)
        for row in module.run(args.size):
            baseline = f"{row.baseline:,.2f} {row.baseline_name}" if row.baseline is not None else row.baseline_name
            lines.append(
                f"| {name[:3].upper()} | {row.name} | {row.ours:,.2f} | {baseline} | {row.ratio} | {row.unit} | {row.note} |"
            )
            print("  " + lines[-1], flush=True)
    if not args.only:
        today = datetime.date.today().isoformat()
        head = f"# Performance\n\nRatios, taken in one run beside a named baseline; absolute figures are for orientation. {today}, {machine()}, {args.size:,} cases.\n"
        (ROOT / "docs" / "performance.md").write_text(head + "Command: `make bench`.\n\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
