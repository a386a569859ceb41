"""The relay's memory in SQLite: numbered mailboxes of opaque blobs. Time is always an argument, in days; nothing here knows a request.

One thread writes and commits many deposits at once: each caller is answered after its own commit (durable group commit).
"""

from __future__ import annotations

import queue
import secrets
import threading
from concurrent.futures import Future
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import apsw

from panah.errors import Full

FORMAT = 1
KEEP_DAYS, FUZZ_DAYS = 30, 7
_BATCH = 256


class Deposit(NamedTuple):
    """A blob in a mailbox."""

    n: int
    id: bytes
    blob: bytes


class _Write(NamedTuple):
    work: str
    args: tuple[object, ...]
    done: Future[int]


class Store:
    """The open database of a relay. Close it once; every method may be called from any thread."""

    def __init__(self, path: Path, most_bytes: int = 0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._most = most_bytes
        self._db = self._open(create=True)
        self._local = threading.local()
        self._readers: list[apsw.Connection] = []
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="relay-writer", daemon=True)
        self._writer.start()

    def _open(self, *, create: bool = False) -> apsw.Connection:
        db = apsw.Connection(str(self._path))
        db.set_busy_timeout(5000)
        db.pragma("secure_delete", 1)
        db.pragma("journal_mode", "wal")
        db.pragma("synchronous", 2)
        db.pragma("temp_store", 2)
        if create:
            with db:
                if db.pragma("user_version") == 0:
                    db.execute(files("panah.relay").joinpath("schema.sql").read_text())
                    db.pragma("user_version", FORMAT)
        return db

    def _reader(self) -> apsw.Connection:
        if not hasattr(self._local, "db"):
            self._local.db = self._open()
            self._readers.append(self._local.db)
        return self._local.db  # type: ignore[no-any-return]

    def close(self) -> None:
        """Finish what was begun and close."""
        self._queue.put(None)
        self._writer.join(10)
        self._empty_log()
        for db in [*self._readers, self._db]:
            db.close()

    # -- verbs ----------------------------------------------------------------------------------------------------

    def deposit(self, box: bytes, id: bytes, blob: bytes, day: int) -> None:
        """Keep a blob; returns once it is on the disk. The same id again changes nothing. Full if there is no room for new ones."""
        self.deposit_later(box, id, blob, day).result()

    def deposit_later(self, box: bytes, id: bytes, blob: bytes, day: int) -> Future[int]:
        """The same, as a future that is done when the blob is on the disk."""
        return self._ask("deposit", box, id, blob, day)

    def fetch(self, box: bytes, after: int, limit: int, most_bytes: int, day: int) -> list[Deposit]:
        """What lies in a mailbox after n, in order, within the bounds."""
        db = self._reader()
        found: list[Deposit] = []
        size = 0
        for n, id, blob in db.execute(
            "select n, id, blob from deposits where box = ? and n > ? order by n limit ?", (box, after, limit)
        ):
            if found and size + len(blob) > most_bytes:
                break
            found.append(Deposit(n, id, blob))
            size += len(blob)
        seen = list(db.execute("select fetched from boxes where box = ?", (box,)))
        if seen and seen[0][0] < day:
            self._ask("fetched", box, day).result()
        return found

    def visit(self, box: bytes, after: int, slots: int, most_bytes: int) -> list[Deposit]:
        """For people inside: the same question whether anything lies there or not."""
        sql = "select n, id, blob from deposits where box = ? and n > ? and length(blob) <= ? order by n limit ?"
        return [Deposit(*row) for row in self._reader().execute(sql, (box, after, most_bytes, slots))]

    def delete(self, box: bytes, up_to: int) -> None:
        """Erase what lies in a mailbox up to n; the bytes are overwritten in the file."""
        self._ask("delete", box, up_to).result()

    def expire(self, day: int) -> int:
        """Erase what is due: thirty days, give or take a random week, after the deposit and after the mailbox was last looked into."""
        return self._ask("expire", day).result()

    def usage(self) -> tuple[int, int]:
        """(deposits, bytes in the file)."""
        db = self._reader()
        count = next(db.execute("select count(*) from deposits"))[0]
        return int(count), int(next(db.execute("pragma page_count"))[0]) * int(next(db.execute("pragma page_size"))[0])

    # -- the one writer -------------------------------------------------------------------------------------------

    def _ask(self, work: str, *args: object) -> Future[int]:
        done: Future[int] = Future()
        self._queue.put(_Write(work, args, done))
        return done

    def _write_all(self) -> None:
        while (first := self._queue.get()) is not None:
            batch: list[_Write] = [first]
            last = False
            while len(batch) < _BATCH:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                batch.append(more)
            self._commit(batch)
            if last:
                return

    def _commit(self, batch: list[_Write]) -> None:
        results: list[int | Exception] = []
        try:
            self._db.execute("begin immediate")
            for write in batch:
                try:
                    results.append(getattr(self, "_do_" + write.work)(*write.args))
                except Full as e:
                    results.append(e)
            self._db.execute("commit")
        except apsw.Error as e:
            if not self._db.get_autocommit():
                self._db.execute("rollback")
            results = [Full("relay_full") if isinstance(e, apsw.FullError | apsw.IOError) else e] * len(batch)
        if any(write.work in ("delete", "expire") for write in batch):
            # The log in front of the database still holds the deleted bytes until it is emptied.
            self._empty_log()
        for write, result in zip(batch, results, strict=True):
            if isinstance(result, Exception):
                write.done.set_exception(result)
            else:
                write.done.set_result(result)

    def _empty_log(self) -> None:
        try:
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.BusyError:
            return  # a reader is inside; the next deletion empties it

    def _do_deposit(self, box: bytes, id: bytes, blob: bytes, day: int) -> int:
        if list(self._db.execute("select 1 from deposits where box = ? and id = ?", (box, id))):
            return 0
        if self._most:
            pages = self._db.pragma("page_count") - self._db.pragma("freelist_count")
            if pages * self._db.pragma("page_size") + len(blob) > self._most:
                raise Full("relay_full")
        self._db.execute("insert into boxes values (?, 1, ?) on conflict (box) do update set last = last + 1", (box, day))
        n = next(self._db.execute("select last from boxes where box = ?", (box,)))[0]
        # Nobody who reads the file can tell the day of a deposit from the day it goes.
        expires = day + KEEP_DAYS - FUZZ_DAYS + secrets.randbelow(2 * FUZZ_DAYS + 1)
        self._db.execute(
            "insert into deposits values (?, ?, ?, ?, ?, ?, ?)", (box, n, id, day, len(blob).bit_length(), expires, blob)
        )
        return int(n)

    def _do_fetched(self, box: bytes, day: int) -> int:
        self._db.execute("update boxes set fetched = ? where box = ?", (day, box))
        return 0

    def _do_delete(self, box: bytes, up_to: int) -> int:
        self._db.execute("delete from deposits where box = ? and n <= ?", (box, up_to))
        return self._db.changes()

    def _do_expire(self, day: int) -> int:
        self._db.execute(
            "delete from deposits where expires <= ? and box in (select box from boxes where fetched <= ?)",
            (day, day - KEEP_DAYS),
        )
        return self._db.changes()
