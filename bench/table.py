"""What a measurement gives back, and how it stands in a table and in docs/performance.md. Knows nothing of what is measured."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
HEAD = """# Performance

What must be fast, measured beside a named baseline in the same run on the same machine. Trust the ratios; the absolute figures belong to the machine that is named.
`make bench` measures everything and writes this page; `.venv/bin/python -m bench p02` measures one row and replaces its section.
With `--large` vaults of 100,000 and 200,000 cases are made and measured too. A dash says that there is nothing to measure yet, and the note why.
A goal that is missed is said as missed; a peer's figure that was not measured in the same run says so.
"""
_COLUMNS = ("what", "ours", "baseline", "ours / baseline", "note")


class Row(NamedTuple):
    """One figure. `ratio` is ours divided by the baseline's; None where there is no baseline to divide by.
    `ours` is None where there is nothing yet to measure; the note says why."""

    name: str
    ours: float | None
    baseline: float | None
    baseline_name: str
    ratio: float | None
    unit: str
    note: str = ""


def row(name: str, ours: float | None, unit: str, baseline: float | None = None, baseline_name: str = "", note: str = "") -> Row:
    """A row with its ratio."""
    return Row(name, ours, baseline, baseline_name, ours / baseline if baseline and ours is not None else None, unit, note)


def shown(value: float | None) -> str:
    """A number with three digits that count."""
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def cells(r: Row) -> tuple[str, ...]:
    beside = f"{shown(r.baseline)} {r.unit} ({r.baseline_name})" if r.baseline is not None else r.baseline_name
    return (r.name, f"{shown(r.ours)} {r.unit}" if r.ours is not None else "–", beside, shown(r.ratio), r.note)


def machine() -> str:
    """The kind of machine, never its name in a network."""
    cpu = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (found := re.search(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.MULTILINE)):
        cpu = found[1].strip()
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def section(key: str, title: str, rows: list[Row], seconds: float, busy: float) -> str:
    """The rows of one module as a section of the page."""
    lines = [
        f"## {key.split()[0].upper()}: {title}",
        "",
        f"`.venv/bin/python -m bench {key}` on {datetime.now(UTC).date().isoformat()}, {seconds:.0f} s; {machine()}; load {busy:.1f} when it began.",
        "",
        "| " + " | ".join(_COLUMNS) + " |",
        "|" + "---|" * len(_COLUMNS),
    ]
    return "\n".join(lines + ["| " + " | ".join(c.replace("|", "/") for c in cells(r)) + " |" for r in rows]) + "\n"


def write(sections: dict[str, str]) -> None:
    """Put the sections into the page; those that were not measured now stay as they are."""
    kept: dict[str, str] = {}
    if PAGE.exists():
        for text in re.split(r"^(?=## )", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            kept[text[3:].split(":")[0].lower()] = text.strip() + "\n"
    kept |= sections
    PAGE.write_text("\n".join([HEAD, *(kept[key] for key in sorted(kept))]), "utf-8")


def text(rows: list[Row]) -> str:
    """The rows for a terminal."""
    table = [_COLUMNS, *(cells(r) for r in rows)]
    widths = [max(len(line[k]) for line in table) for k in range(len(_COLUMNS) - 1)]
    return "\n".join("  ".join([*(c.ljust(w) for c, w in zip(line, widths, strict=False)), line[-1]]).rstrip() for line in table)
