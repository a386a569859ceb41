"""P7: a new laptop takes up the whole log of a team, and a caseworker's takes up the cases assigned to them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import zstandard

from bench import many
from bench.table import Row, row
from panah.kernel import event, sync
from panah.records import TYPES
from panah.records.case import Case
from panah.work import cases
from tests import team

TITLE = "P7 a new laptop"
_PEER = "CommCare, reported for a first synchronisation; not measured here"


def run() -> list[Row]:
    """From a file, so that no network is in the figure. The log is taken up segment by segment: see DECISIONS.md on snapshots."""
    counts = [count for count in many.sizes() if count <= 100_000]
    return [*(_desk(count) for count in counts), *_snapshot(counts[0]), _assigned(1_000)]


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


def _snapshot(count: int) -> list[Row]:
    """What snapshots of the same would weigh on the wire, compressed as one: a snapshot can prove its authors, or be small."""
    with tempfile.TemporaryDirectory() as folder:
        s = many.opened(many.copy(many.made(count), Path(folder) / "o"))
        log, proofs, signatures, segments = 0, [], 0, 0
        for tag, held in s.ring.items():
            for header, body in s.vault.segments_of(tag):
                segment = event.read_header(header, body)
                proofs.append(segment.prefix_bytes + event.open_body(segment, held[segment.prefix.epoch]))
                log, signatures, segments = log + len(header) + len(body), signatures + 64, segments + 1
        folded = b"".join(data for kind in TYPES for data in s.vault.data_of_kind(kind))
        opens = b"".join(tag + epoch + key for tag, epoch, _, key in s.vault.every_key())
        small = zstandard.ZstdCompressor(level=19)
        proven, believed = (len(small.compress(what)) / 1e6 for what in (b"".join(proofs), folded + opens))
        s.lock()
    at, per = f"{count:,} cases: ", f"{segments / count:.1f} segments a case, all areas and desks"
    return [
        row(at + "the log, sealed", log / 1e6, "MB", 25 * count / 100_000, "goal", per),
        row(at + "a snapshot that proves each author", proven, "MB", log / 1e6, "the log", f"of it {signatures / 1e6:.1f} MB are signatures, which do not pack"),
        row(at + "a snapshot that asks to be believed", believed, "MB", log / 1e6, "the log", "folded rows and keys; its maker could write in any name"),
    ]  # fmt: skip


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
