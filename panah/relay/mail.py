"""The verbs on mailboxes: a body in, an answer out. spec/mailbox.md is the authority.

One answer for absent, wrong and expired. Bodies are bounded while they are read.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from panah import puzzle
from panah.errors import Full
from panah.relay.commit import Commits
from panah.relay.slow import SLOWEST
from panah.relay.store import SLOT, SLOTS, Item, Keeper, Kept

MOST_BLOB = 4 * 1024 * 1024 + 64 * 1024
MOST_AT_ONCE = 256 * 1024 * 1024  # bytes of all bodies that are being received or written
BODY_SECONDS = 60  # after them a body has to come at SLOWEST bytes a second: a phone on 2G does, a connection held open does not
VISIT_SECONDS = 0.05  # an answer leaves in steps of this after its question, whatever was found
DAY = 24 * 3600
_LAST = (1 << 63) - 1  # the highest number that a mailbox can reach


class Refuse(Exception):
    """An answer without a body; which of several reasons it was is not said."""

    def __init__(self, status: int, body: bytes = b"") -> None:
        self.status, self.body = status, body


class Mail:
    """The verbs on mailboxes, from body to answer."""

    def __init__(self, store: Keeper, clock: Callable[[], float], commits: Commits) -> None:
        self._store, self._clock, self._commits = store, clock, commits

    def _today(self) -> int:
        return int(self._clock() // DAY)

    async def deposit(self, body: bytes) -> bytes:
        """From a stranger, for whom there may be a puzzle first."""
        item = _left(body, 0)
        self._ask(item)
        return await self._keep(item)

    async def solve(self, body: bytes) -> bytes:
        """From a stranger who solved a puzzle. What is no answer to one of ours counts as none."""
        item = _left(body, puzzle.SIZE + puzzle.NONCE)
        asked, nonce = body[: puzzle.SIZE], body[puzzle.SIZE : puzzle.SIZE + puzzle.NONCE]
        if not puzzle.solved(self._store.puzzle_key, asked, nonce, item.box, item.id, self._clock()):
            self._ask(item)
        return await self._keep(item)

    async def vouch(self, body: bytes) -> bytes:
        """From a stranger with a voucher. One that is not known, or used, counts as none."""
        item = _left(body, puzzle.VOUCHER)
        voucher = puzzle.voucher_hash(body[: puzzle.VOUCHER])
        outcome = await self._commits.deposit(item._replace(voucher=voucher), self._today())
        if outcome is Kept.FULL:
            raise Full("relay_full")
        if outcome is Kept.UNKNOWN_VOUCHER:
            self._ask(item)
            await self._keep(item)
        return b""

    async def keep(self, body: bytes) -> bytes:
        """From who holds the mailbox: no puzzle, and room that strangers do not get."""
        item = _left(body, 0)
        return await self._keep(item._replace(box=hashlib.sha256(item.box).digest(), owner=True))

    def _ask(self, item: Item) -> None:
        bits = puzzle.bits_wanted(self._commits.waiting, self._store.taken(len(item.blob)))
        if bits:
            raise Refuse(429, puzzle.make(self._store.puzzle_key, bits, item.box, item.id, self._clock()))

    async def _keep(self, item: Item) -> bytes:
        if await self._commits.deposit(item, self._today()) is not Kept.YES:
            raise Full("relay_full")
        return b""

    async def fetch(self, body: bytes) -> bytes:
        box, after = _asked(body, 42)
        limit = int.from_bytes(body[40:], "big")
        return await asyncio.to_thread(self._fetch, box, after, limit)

    def _fetch(self, box: bytes, after: int, limit: int) -> bytes:
        found = self._store.fetch(box, after, limit, self._today())
        return b"".join(part for n, id, blob in found for part in (n.to_bytes(8, "big"), id, len(blob).to_bytes(4, "big"), blob))

    async def delete(self, body: bytes) -> bytes:
        began = time.monotonic()
        await asyncio.to_thread(self._store.delete, *_asked(body, 40))
        await _class_of_time(began)
        return b""

    async def visit(self, body: bytes) -> bytes:
        began = time.monotonic()
        box, after = _asked(body, 40)
        found = await asyncio.to_thread(self._store.visit, box, after)
        page = bytearray(secrets.token_bytes(SLOTS * SLOT))
        for k in range(SLOTS):
            n, blob = (found[k].n, found[k].blob) if k < len(found) else (0, b"")
            head = n.to_bytes(8, "big") + len(blob).to_bytes(2, "big")
            page[k * SLOT : k * SLOT + len(head) + len(blob)] = head + blob
        await _class_of_time(began)
        return bytes(page)


async def _class_of_time(began: float) -> None:
    """Wait for the next full step since the question: what had to be read from the disk, or erased, takes longer than what is not there,
    and whoever watches the line must not see that."""
    took = time.monotonic() - began
    await asyncio.sleep((took // VISIT_SECONDS + 1) * VISIT_SECONDS - took)


def _left(body: bytes, proof: int) -> Item:
    """A deposit, after a proof of that size."""
    if len(body) <= proof + 64:
        raise Refuse(400)
    return Item(body[proof : proof + 32], body[proof + 32 : proof + 64], body[proof + 64 :])


def _asked(body: bytes, size: int) -> tuple[bytes, int]:
    """The mailbox that a capability opens, and the number beside it."""
    if len(body) != size:
        raise Refuse(400)
    return hashlib.sha256(body[:32]).digest(), min(int.from_bytes(body[32:40], "big"), _LAST)


class Bodies:
    """The bodies of requests, bounded one by one and all together."""

    def __init__(self) -> None:
        self._held = 0

    @asynccontextmanager
    async def read(self, request: Request, most: int) -> AsyncIterator[bytes]:
        """The body, read no further than `most`; it counts as held until its answer is ready."""
        parts: list[bytes] = []
        size = 0
        if int(request.headers.get("content-length") or 0) > most:
            raise Refuse(413)
        began = asyncio.get_running_loop().time()
        try:
            try:
                async with asyncio.timeout(BODY_SECONDS) as patience:
                    async for chunk in request.stream():
                        size += len(chunk)
                        self._held += len(chunk)
                        if size > most:
                            raise Refuse(413)
                        if self._held > MOST_AT_ONCE:
                            raise Refuse(503)
                        parts.append(chunk)
                        patience.reschedule(began + BODY_SECONDS + size / SLOWEST)
            except (TimeoutError, ClientDisconnect):
                raise Refuse(400) from None
            yield b"".join(parts)
        finally:
            self._held -= size
