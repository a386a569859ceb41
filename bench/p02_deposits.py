"""P2: many people write at once. A relay over HTTP with group commit, beside the same relay that commits each deposit by itself."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from bench.load import SEALED, box, deposits, percentile, relay
from bench.table import Row, row
from panah.relay.store import Item, Store

TITLE = "many people write at once: deposits that are on the disk before they are acknowledged"
SENDERS, SECONDS = 64, 8.0


def over_http(most_items: int, *, fresh: bool = False) -> tuple[float, float, float, float]:
    """Deposits a second; a second of the relay's processor; p50 and p99 in ms."""
    with tempfile.TemporaryDirectory() as folder, relay(Path(folder), most_items) as running:
        asyncio.run(deposits(running.address, SENDERS, 0.5))
        cpu, began = running.cpu(), time.perf_counter()
        done, times = asyncio.run(deposits(running.address, SENDERS, SECONDS, fresh=fresh))
        took, used = time.perf_counter() - began, running.cpu() - cpu
        return done / took, done / used, percentile(times, 0.5), percentile(times, 0.99)


def in_the_store(batch: int, seconds: float = 3.0) -> float:
    """Deposits a second without HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "relay.db")
        blob, done, began = bytes(SEALED), 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            store.deposit([Item(box(k), (done + k).to_bytes(32, "big"), blob) for k in range(batch)], 1)
            done += batch
        rate = done / (time.perf_counter() - began)
        store.close()
        return rate


def everybody_is_accepted() -> tuple[int, int]:
    """64 at once, ten each: how many were acknowledged, and how many lie there."""
    with tempfile.TemporaryDirectory() as folder:
        with relay(Path(folder)) as running:

            async def all_of_them() -> int:
                from bench.load import Line

                async def send(k: int) -> int:
                    line = await Line().open(running.address)
                    answers = [
                        (await line.post("/deposit", box(0) + (k * 10 + n).to_bytes(32, "big") + b"x"))[0] for n in range(10)
                    ]
                    line.close()
                    return answers.count(204)

                return sum(await asyncio.gather(*(send(k) for k in range(64))))

            accepted = asyncio.run(all_of_them())
        store = Store(Path(folder) / "relay.db")
        kept = store.usage().deposits
        store.close()
        return accepted, kept


def run() -> list[Row]:
    accepted, kept = everybody_is_accepted()
    alone = over_http(1)
    ours = over_http(256)
    fresh = over_http(256, fresh=True)
    one = "same relay, one commit for each"
    single, grouped = in_the_store(1), in_the_store(64)
    return [
        row("64 senders at once, 10 each: accepted", accepted, "of 640", note=f"{kept} kept, none doubled"),
        row("deposits, 64 senders, 7.3 kB", ours[0], "/s", alone[0], one, "both on shared cores with the senders"),
        row("deposits for each second of the relay's processor", ours[1], "/s", alone[1], one, "goal: 500 on one core"),
        row("time to the acknowledgement, p50", ours[2], "ms", alone[2], one),
        row("time to the acknowledgement, p99", ours[3], "ms", alone[3], one),
        row("deposits, a new connection for each, as from phones", fresh[0], "/s", note=f"p99 {fresh[3]:.0f} ms"),
        row("store alone, transactions of 64", grouped, "/s", single, "store alone, one commit for each"),
    ]
