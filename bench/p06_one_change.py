"""P2, P6: one changed field on the wire, and many people who write at once."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.table import Row, row
from panah.kernel import sync
from panah.kernel.relay import Relay
from panah.records import TYPES
from panah.records.case import Case
from panah.relay.app import Server
from panah.work import cases
from tests import team

TITLE = "P2 many at once, P6 one change"


def run() -> list[Row]:
    """Bytes and seconds of one change through a relay on this machine; deposits a second by 64 senders, each durable."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "relay").start()
        omid = team.found(Path(folder) / "o", types=TYPES, clock=time.time)
        sara = team.join(omid, Path(folder) / "s", "Sara", ("supervisor", "intake"), time.time)
        case = cases.open_case(omid, risk_level="low")
        for s in (omid, sara):
            sync.with_relay(s, server.address)
        last = omid.vault.last_seq()
        one = omid.get(Case, case.id)
        one.risk_level = "high"
        began = time.perf_counter()
        omid.save(one)
        sync.with_relay(omid, server.address)
        sync.with_relay(sara, server.address)
        took = time.perf_counter() - began
        assert sara.get(Case, case.id).risk_level == "high"
        wire = sum(len(sync.wrap(omid, header, body)) + 64 for _, _, header, body, _ in omid.vault.segments_after(last))
        omid.lock()
        sara.lock()
        box = hashlib.sha256(os.urandom(32)).digest()

        def send(k: int) -> None:
            relay = Relay(server.address)
            for _ in range(10):
                relay.deposit(box, os.urandom(32), bytes(7312))
            relay.close()

        began = time.perf_counter()
        with ThreadPoolExecutor(64) as pool:
            list(pool.map(send, range(64)))
        rate = 640 / (time.perf_counter() - began)
        server.stop()
    return [
        row("one changed field on the wire", wire / 1000, "kB", 15_200, "ODK Central, a list of 100,000", "goal 1 kB"),
        row("from save to a colleague's vault", took, "s", 11.9, "ODK Central", "relay on this machine, asked at once"),
        row(
            "deposits of 64 at once x 10, all kept",
            rate,
            "per s",
            500,
            "goal for one core",
            "senders and relay share the same two cores",
        ),
    ]
