"""P7: a new laptop takes up the whole log of a team, and a caseworker's takes up the cases assigned to them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench import many
from bench.table import Row, row
from panah.kernel import sync
from panah.records.case import Case
from panah.work import cases
from tests import team

TITLE = "P7 a new laptop"
_PEER = "CommCare, reported for a first synchronisation; not measured here"


def run() -> list[Row]:
    """From a file, so that no network is in the figure. Without snapshots: the log is taken up segment by segment."""
    return [*(_desk(count) for count in many.sizes() if count <= 100_000), *_size(), _assigned(1_000)]


def _desk(count: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        omid = many.opened(many.copy(many.made(count), Path(folder) / "o"))
        sara = team.join(omid, Path(folder) / "s", "Sara", ("supervisor", "intake"), time.time)
        sync.to_file(omid, Path(folder) / "stick")
        began = time.perf_counter()
        got = sync.from_file(sara, Path(folder) / "stick")
        took = time.perf_counter() - began
        assert sara.count(Case) == count
        size = (Path(folder) / "stick").stat().st_size / 1e6
        omid.lock()
        sara.lock()
    note = f"{size:.0f} MB, {got.received:,} segments, {got.received / took:,.0f} a second; goal for 100,000 cases: 60 s, 25 MB"
    return row(f"{count:,} cases, a supervisor's new laptop", took, "s", 960, _PEER, note)


def _size() -> list[Row]:
    return [row("the same from snapshots", None, "", note="not built: a first meeting takes up every segment ever written")]


def _assigned(count: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        omid = many.opened(many.copy(many.made(count), Path(folder) / "o"))
        sara = team.join(omid, Path(folder) / "s", "Sara", ("caseworker",), time.time)
        member = sara.me.id
        for case in omid.list(Case, limit=count):
            omid.give(cases.compartment(case.id), member)
        sync.to_file(omid, Path(folder) / "stick")
        began = time.perf_counter()
        sync.from_file(sara, Path(folder) / "stick")
        took = time.perf_counter() - began
        assert sara.count(Case) == count
        omid.lock()
        sara.lock()
    return row(f"{count:,} assigned cases, a caseworker's new laptop", took, "s", 3, "goal", "no peer's figure for the same")
