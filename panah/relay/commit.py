"""Many deposits, one commit: what comes while a transaction is being written goes into the next one. Each caller is answered after its own.

A commit costs one wait for the disk, whatever it holds. One thread writes, so there is never more than one such wait at a time.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from panah.relay.store import Item, Keeper, Kept

MOST_ITEMS, MOST_BYTES = 256, 16 * 1024 * 1024


class Commits:
    """The deposits that wait for the disk. Lives in one event loop."""

    def __init__(self, store: Keeper, most_items: int = MOST_ITEMS) -> None:
        self._store, self._most_items = store, most_items
        self._waiting: list[tuple[Item, int, asyncio.Future[Kept]]] = []
        self._thread = ThreadPoolExecutor(1, "relay-writer")
        self._running: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many wait for the transaction after this one."""
        return len(self._waiting)

    async def deposit(self, item: Item, day: int) -> Kept:
        """Return when the blob is on the disk, or why it is not."""
        done: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, day, done))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while batch := self._next():
            try:
                kept = await loop.run_in_executor(self._thread, self._store.deposit, [item for item, _, _ in batch], batch[0][1])
            except Exception as e:  # whatever it was, each caller is told, and the next batch gets its turn
                for _, _, done in batch:
                    if not done.done():
                        done.set_exception(e)
                continue
            for (_, _, done), one in zip(batch, kept, strict=True):
                if not done.done():  # a caller may have gone away
                    done.set_result(one)

    def _next(self) -> list[tuple[Item, int, asyncio.Future[Kept]]]:
        """The oldest that wait, up to the bounds of one transaction."""
        count = size = 0
        for item, _, _ in self._waiting[: self._most_items]:
            size += len(item.blob)
            if count and size > MOST_BYTES:
                break
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch
