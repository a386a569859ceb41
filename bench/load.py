"""A relay in a process of its own, and many senders on one event loop that cost as little as possible beside it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# What a request of 4 KiB weighs once it is sealed to two hybrid recipients.
SEALED = 7312
_RELAY = """
import signal, sys, threading
from pathlib import Path
from panah.relay.app import Server
ended = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ended.set())
server = Server(Path(sys.argv[1]), most_items=int(sys.argv[2])).start()
print(server.address, flush=True)
server.wait(ended)
server.stop()
"""
# The same web stack with nothing behind it: what it takes here and now to be asked and to answer.
_NOTHING = (
    """
import signal, sys, threading
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
import panah.relay.app as relay
async def answer(request):
    await request.body()
    return Response(b"", 204 if request.url.path == "/deposit" else 200)
routes = [Route(path, answer, methods=["POST"]) for path in ("/deposit", "/fetch")]
relay.application = lambda *args, **more: Starlette(routes=routes)
"""
    + _RELAY
)


class Running(NamedTuple):
    """A relay process."""

    address: str
    pid: int

    def cpu(self) -> float:
        """Seconds of processor that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def relay(folder: Path, most_items: int = 256, *, nothing: bool = False) -> Iterator[Running]:
    """Start a relay, and end it. `nothing`: the same stack without a store behind it."""
    process = subprocess.Popen(
        [sys.executable, "-c", _NOTHING if nothing else _RELAY, str(folder), str(most_items)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        yield Running(process.stdout.readline().strip(), process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


class Line:
    """One connection, kept open."""

    async def open(self, address: str) -> Line:
        host, port = address.removeprefix("http://").split(":")
        self._in, self._out = await asyncio.open_connection(host, int(port), limit=1 << 20)
        return self

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        self._out.write(b"POST %s HTTP/1.1\r\nHost: relay\r\nContent-Length: %d\r\n\r\n" % (path.encode(), len(body)) + body)
        head = await self._in.readuntil(b"\r\n\r\n")
        size = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                size = int(line[15:])
        return int(head[9:12]), await self._in.readexactly(size) if size else b""

    def close(self) -> None:
        self._out.close()


def name(k: int) -> bytes:
    """The capability of the k-th mailbox."""
    return hashlib.sha256(b"mailbox %d" % k).digest()


def box(k: int) -> bytes:
    return hashlib.sha256(name(k)).digest()


def percentile(times: list[float], share: float) -> float:
    """In milliseconds."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


async def deposits(address: str, senders: int, seconds: float, *, fresh: bool = False) -> tuple[int, list[float]]:
    """How many deposits were acknowledged, and how long each took. `fresh`: a new connection for each, as from a phone."""
    done, times = 0, []
    ends = time.perf_counter() + seconds
    blob = os.urandom(SEALED)

    async def send(k: int) -> None:
        nonlocal done
        line = await Line().open(address)
        while time.perf_counter() < ends:
            began = time.perf_counter()
            if fresh:
                line.close()
                line = await Line().open(address)
            status, _ = await line.post("/deposit", box(k) + os.urandom(32) + blob)
            assert status == 204
            times.append(time.perf_counter() - began)
            done += 1
        line.close()

    await asyncio.gather(*(send(k) for k in range(senders)))
    return done, times
