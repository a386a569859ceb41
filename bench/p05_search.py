"""P5: search as you type, in every script, in vaults that grow."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from bench import many
from bench.clock import at, in_turns
from bench.table import Row, row

TITLE = "P5 search as you type"
# Names of the invented cases as people with other keyboards type them, whole and in their beginnings.
ASKED = ("شیلان", "شيلان", "berfin", "Berfîn Ç", "نیلوفر ا", "هيڤين", "kaniyan", "سلمی غیمه", "b", "ش")


def run() -> list[Row]:
    """In turns with the same vault unencrypted."""
    return [r for count in many.sizes() for r in _search(count)]


def _search(count: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        sealed = many.opened(many.copy(many.made(count), Path(folder) / "sealed"))
        bare = many.opened_plain(many.made(count), Path(folder) / "bare")
        mine: list[float] = []
        its: list[float] = []
        for asked in ASKED:
            one, two = in_turns([partial(sealed.search, asked, ["case"], 20), partial(bare.search, asked, ["case"], 20)], 20)
            mine, its = mine + one, its + two
        found = sum(bool(sealed.search(asked, ["case"], 20)) for asked in ASKED)
        sealed.lock()
        bare.lock()
    note = f"p95 of {len(ASKED)} words, the first letter alone among them; {found} of {len(ASKED)} spellings found; goal 50 ms"
    at_size = f"{count:,} cases: a search"
    return [
        row(at_size, at(mine, 0.95), "ms", at(its, 0.95), "the same search, unencrypted", note),
        row(at_size, at(mine, 0.95), "ms", 1500, "Primero's name search rebuilt on 200,000 cases; not measured here"),
    ]
