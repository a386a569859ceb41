"""P13: a relay for everybody. Ten thousand teams poll once a minute while a hundred deposits come each second, at 10,000 to a million blobs."""

from __future__ import annotations

import asyncio
import bisect
import hashlib
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

from bench.load import SEALED, Line, box, deposits, name, percentile, relay
from bench.table import Row, row
from panah.relay.room import ROW
from panah.relay.store import Store

TITLE = "a relay for everybody: 10,000 teams poll each minute, 100 deposits come each second"
TEAMS = 10_000
SIZES = (10_000, 100_000, 1_000_000) if os.environ.get("PANAH_BENCH_LARGE") else (10_000, 100_000)
POLLS, DEPOSITS, SECONDS = TEAMS / 60, 100.0, 5.0
TODAY = int(time.time() // 86400)
_BOXES = [box(k) for k in range(TEAMS)]


def fill(folder: Path, blobs: int) -> None:
    """Lay blobs into ten thousand mailboxes, in the order in which they would come; past the store, since this is not what is measured."""
    Store(folder / "relay.db").close()
    db = sqlite3.connect(folder / "relay.db", isolation_level=None)
    db.execute("pragma synchronous = off")
    db.execute("pragma cache_size = -200000")
    blob = bytes(256)

    def rows() -> Iterator[tuple[bytes, int, bytes, int, bytes]]:
        for k in range(blobs):
            yield _BOXES[k % TEAMS], k // TEAMS + 1, os.urandom(32), TODAY + 1_000_000, blob

    db.execute("begin")
    db.executemany("insert into deposits (box, n, id, goes, blob) values (?, ?, ?, ?, ?)", rows())
    db.executemany("insert into boxes values (?, ?, ?, 0, 2)", ((b, blobs // TEAMS, TODAY) for b in _BOXES))
    db.execute("update usage set bytes = ? where kind = 0", (blobs * (len(blob) + ROW),))
    db.execute("commit")
    db.execute("pragma wal_checkpoint(truncate)")
    db.close()


def poll_cost(folder: Path, last: int) -> tuple[float, float, float]:
    """Milliseconds of a poll that finds nothing, of the bare question to the same file, and of a page with all that lies in a mailbox."""
    store = Store(folder / "relay.db")
    bare = sqlite3.connect(folder / "relay.db")
    some = random.Random(13).sample(_BOXES, 2000)
    sql = "select n, id, blob from deposits where box = ? and n > ? order by n limit ?"

    def each(act: Callable[[bytes], object]) -> float:
        act(_BOXES[0])
        began = time.perf_counter()
        for b in some:
            act(b)
        return (time.perf_counter() - began) / len(some) * 1000

    empty = each(lambda b: store.fetch(b, last, 100, TODAY))
    plain = each(lambda b: bare.execute(sql, (b, last, 100)).fetchall())
    page = each(lambda b: store.fetch(b, 0, 100, TODAY))
    bare.close()
    store.close()
    return empty, plain, page


async def steadily(rate: float, seconds: float, act: Callable[[int], Coroutine[None, None, None]]) -> None:
    """Begin at the given rate whatever the answers do, so that waiting shows."""
    began = time.perf_counter()
    tasks: list[asyncio.Task[None]] = []
    for k in range(int(rate * seconds)):
        await asyncio.sleep(began + k / rate - time.perf_counter())
        tasks.append(asyncio.create_task(act(k)))
    await asyncio.gather(*tasks)


async def load(address: str, last: int) -> tuple[list[float], list[float]]:
    """How long polls and deposits take when both come at their rate, each on a connection of its own."""
    polls: list[float] = []
    sent: list[float] = []
    blob, order = os.urandom(SEALED), random.Random(13)

    async def timed(times: list[float], path: str, body: bytes, want: int) -> None:
        began = time.perf_counter()
        line = await Line().open(address)
        status, _ = await line.post(path, body)
        assert status == want
        times.append(time.perf_counter() - began)
        line.close()

    async def poll(_: int) -> None:
        await timed(polls, "/fetch", name(order.randrange(TEAMS)) + last.to_bytes(8, "big") + (100).to_bytes(2, "big"), 200)

    async def send(_: int) -> None:
        await timed(sent, "/deposit", _BOXES[order.randrange(TEAMS)] + os.urandom(32) + blob, 204)

    await asyncio.gather(steadily(POLLS, SECONDS, poll), steadily(DEPOSITS, SECONDS, send))
    return polls, sent


async def flat_out(address: str, last: int) -> float:
    """Deposits a second from 64 senders while the teams go on polling."""
    order = random.Random(14)

    async def poll(_: int) -> None:
        line = await Line().open(address)
        await line.post("/fetch", name(order.randrange(TEAMS)) + last.to_bytes(8, "big") + (100).to_bytes(2, "big"))
        line.close()

    polling = asyncio.create_task(steadily(POLLS, 4, poll))
    done, _ = await deposits(address, 64, 4)
    await polling
    return done / 4


async def alike(address: str) -> float:
    """How far apart the times of asking two kinds of nothing lie: a mailbox that was emptied, and one that never was (Kolmogorov-Smirnov)."""
    line = await Line().open(address)
    emptied, absent = os.urandom(32), os.urandom(32)
    await line.post("/deposit", hashlib.sha256(emptied).digest() + os.urandom(32) + os.urandom(SEALED))
    await line.post("/delete", emptied + b"\xff" * 8)
    times: tuple[list[float], list[float]] = [], []
    for k in range(4000):
        began = time.perf_counter()
        await line.post("/fetch", (emptied, absent)[k % 2] + bytes(8) + (100).to_bytes(2, "big"))
        times[k % 2].append(time.perf_counter() - began)
    line.close()
    one, two = (sorted(t) for t in times)
    return max(abs(bisect.bisect(one, t) / len(one) - bisect.bisect(two, t) / len(two)) for t in one + two)


def with_nothing_behind() -> tuple[list[float], list[float]]:
    """The same load on the same stack without a store: what this machine makes of it at this time."""
    with tempfile.TemporaryDirectory() as folder, relay(Path(folder), nothing=True) as running:
        return asyncio.run(load(running.address, 1))


def run() -> list[Row]:
    rows, bare = [], with_nothing_behind()
    for size in SIZES:
        with tempfile.TemporaryDirectory() as kept:
            folder, last = Path(kept), size // TEAMS
            fill(folder, size)
            empty, plain, page = poll_cost(folder, last)
            with relay(folder) as running:
                cpu, began = running.cpu(), time.perf_counter()
                polls, sent = asyncio.run(load(running.address, last))
                share = (running.cpu() - cpu) / (time.perf_counter() - began) * 100
                apart = asyncio.run(alike(running.address)) if size == SIZES[-1] else None
                most = asyncio.run(flat_out(running.address, last)) if size == SIZES[-1] else None
        at = f"{size:,} blobs: "
        rows += [
            row(at + "a poll that finds nothing, in the store", empty, "ms", plain, "the bare question to the same file", f"a page with all {last}: {page:.2g} ms"),
            _tail(at + "poll", polls, bare[0]),
            _tail(at + "deposit", sent, bare[1]),
            row(at + "the relay's share of one core", share, "%"),
        ]  # fmt: skip
        if apart is not None:
            note = "the largest distance of the two distributions; 0.04 is what chance gives at 2,000 each"
            rows.append(row("emptied and absent mailboxes, times of /fetch apart by", apart, "", note=note))
        if most is not None:
            rows.append(row(at + "deposits while the teams poll, 64 senders", most, "/s"))
    return rows


def _tail(what: str, ours: list[float], bare: list[float]) -> Row:
    note = f"p50 {percentile(ours, 0.5):.2g} ms, without a store {percentile(bare, 0.5):.2g} ms; goal: p99 < 50 ms"
    return row(
        f"{what} over HTTP under load, p99",
        percentile(ours, 0.99),
        "ms",
        percentile(bare, 0.99),
        "same stack without a store",
        note,
    )
