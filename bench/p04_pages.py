"""P4, P10: the pages people open all day, in vaults that grow, beside the same pages of the same vault without encryption."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from bench import many
from bench.clock import at, in_turns
from bench.table import Row, row
from panah.records.case import Case

TITLE = "P4 opening the list, a case, the day; a vault that grows"
TIMES = 60


def run() -> list[Row]:
    """Each page asked for over HTTP, in turns of both vaults, so that what else the machine does falls on both."""
    return [r for count in many.sizes() for r in pages(count)]


def pages(count: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        sealed = many.opened(many.copy(many.made(count), Path(folder) / "sealed"))
        bare = many.opened_plain(many.made(count), Path(folder) / "bare")
        case, middle = sealed.list(Case, limit=1, after=None)[0].id, sealed.list(Case, limit=500)[-1].meta.cursor
        ours, plain = many.Screens(sealed), many.Screens(bare)
        asked = {
            "the list of cases": ("/cases", ""),
            "the list, filtered by risk": ("/cases", urlencode({"risk": "high"})),
            "the list, an eleventh page": ("/cases", urlencode({"after": json.dumps(middle)})),
            "the list, filtered by typing": ("/cases", urlencode({"filter": "berfin"})),
            "one case": (f"/case/{case}", ""),
            "the day": ("/", ""),
        }  # fmt: skip
        rows = []
        for name, (path, form) in asked.items():
            mine, its = in_turns([partial(ours.ask, path, form), partial(plain.ask, path, form)], TIMES)
            rows.append(
                row(f"{count:,} cases: {name}", at(mine, 0.5), "ms", at(its, 0.5), "the same page, unencrypted", f"p50; p95 {at(mine, 0.95):.0f} ms, goal 50 ms; 1.3x")
            )  # fmt: skip
        ours.close()
        plain.close()
    return rows
