"""A relay's memory in SQLite: numbered mailboxes of opaque blobs. Knows days and bytes; nothing of requests, senders or keys.

Another database can stand in its place: it needs the public functions of `Store` with the same promises, and passes the same tests
(tests/test_relay_store.py). Each function is durable when it returns.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import apsw

from panah.errors import Busy, Full, Unreadable

FORMAT = 1
KEEP_DAYS, FUZZ_DAYS = 30, 7
READ_DAYS = 7  # how coarsely it is kept when a mailbox was last read
MOST_FETCH = 8 * 1024 * 1024
SLOTS, SLOT = 2, 6144
SLOT_BLOB = SLOT - 10  # a number and a length stand before it
KEEP_FREE = 64 * 1024 * 1024  # a full disk must still have room to delete
_SLICE = 500


class Item(NamedTuple):
    """What a sender leaves: in which mailbox, under which id, which bytes."""

    box: bytes
    id: bytes
    blob: bytes


class Deposit(NamedTuple):
    """What lies in a mailbox."""

    n: int
    id: bytes
    blob: bytes


class Usage(NamedTuple):
    """How much a relay holds."""

    mailboxes: int
    deposits: int
    bytes: int


class Store:
    """The open database of one relay. Any function may be called from any thread; days are counted since 1970."""

    def __init__(
        self, path: Path, *, most_bytes: int = 0, keep_free: int = KEEP_FREE, below: Callable[[int], int] = secrets.randbelow
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path, self._most, self._keep_free, self._below = path, most_bytes, keep_free, below
        self._guard = _hold(path.with_suffix(".lock"))
        self._lock = threading.Lock()
        self._mine = threading.local()
        self._readers: list[apsw.Connection] = []
        self._owes_erasure = False
        try:
            with _said_plainly():
                self._db = self._connect()
                self._prepare()
                # What was deleted before a crash may still lie in the log.
                self._empty_log()
        except BaseException:
            os.close(self._guard)
            raise

    def _connect(self) -> apsw.Connection:
        db = apsw.Connection(str(self._path))
        self._path.chmod(0o600)
        db.set_busy_timeout(5000)
        db.pragma("secure_delete", 1)
        db.pragma("journal_mode", "wal")
        db.pragma("synchronous", 2)
        db.pragma("temp_store", 2)
        return db

    def _prepare(self) -> None:
        """Make the tables, all or none; or see that they are those we know."""
        with self._db:
            tables = {name for (name,) in self._db.execute("select name from sqlite_schema where type = 'table'")}
            if not tables:
                self._db.execute(files("panah.relay").joinpath("schema.sql").read_text())
                return
        version = next(self._db.execute("select version from format"))[0] if "format" in tables else 0
        if version != FORMAT:
            raise Unreadable("relay_format_unknown", version=version)

    def _reader(self) -> apsw.Connection:
        if not hasattr(self._mine, "db"):
            self._mine.db = self._connect()
            with self._lock:
                self._readers.append(self._mine.db)
        return self._mine.db  # type: ignore[no-any-return]

    @contextmanager
    def _change(self) -> Iterator[apsw.Connection]:
        """One transaction, on the disk when it ends; refused as a whole when there is no room."""
        with _said_plainly(), self._lock:
            try:
                self._db.execute("begin immediate")
                yield self._db
                self._db.execute("commit")
            except (apsw.FullError, apsw.IOError) as e:
                self._undo()
                self._empty_log()  # it may have been the log that had no room: the next change begins with a short one
                raise Full("relay_full") from e
            finally:
                self._undo()

    def _undo(self) -> None:
        if not self._db.get_autocommit():
            self._db.execute("rollback")

    def close(self) -> None:
        """Leave the files without anything that was deleted, and let go of them."""
        with self._lock:
            self._empty_log()
            for db in [*self._readers, self._db]:
                db.close()
            os.close(self._guard)

    # -- verbs ----------------------------------------------------------------------------------------------------

    def deposit(self, items: Sequence[Item], day: int) -> list[bool]:
        """Keep many blobs in one transaction; say for each whether it is kept. An id that is there already stays as it is."""
        with self._change() as db:
            room = self._room(db)
            kept = []
            for item in items:
                if next(db.execute("select 1 from deposits where box = ? and id = ?", (item.box, item.id)), None):
                    kept.append(True)
                elif len(item.blob) > room:
                    kept.append(False)
                else:
                    # At random, so that whoever sees it vanish does not learn when it came.
                    goes = day + KEEP_DAYS - FUZZ_DAYS + self._below(2 * FUZZ_DAYS + 1)
                    _insert(db, item, goes)
                    room -= len(item.blob)
                    kept.append(True)
        if self._owes_erasure:
            with self._lock:
                self._empty_log()
        return kept

    def fetch(self, box: bytes, after: int, limit: int, day: int) -> list[Deposit]:
        """What lies in a mailbox after n, in order: at most `limit`, and at least one if there is one, however large."""
        found: list[Deposit] = []
        size = 0
        with _said_plainly():
            db = self._reader()
            sql = "select n, id, blob from deposits where box = ? and n > ? order by n limit ?"
            for row in db.execute(sql, (box, after, limit)):
                size += len(row[2])
                if found and size > MOST_FETCH:
                    break
                found.append(Deposit(*row))
            forgotten = next(db.execute("select 1 from boxes where box = ? and read_on < ?", (box, day - READ_DAYS + 1)), None)
        if forgotten:
            with self._change() as db:
                db.execute("update boxes set read_on = ? where box = ?", (day, box))
        return found

    def visit(self, box: bytes, after: int) -> list[Deposit]:
        """The two oldest deposits after n that fit into a slot: one question, whether anything lies there or not."""
        sql = "select n, id, blob from deposits where box = ? and n > ? and length(blob) <= ? order by n limit ?"
        with _said_plainly():
            return [Deposit(*row) for row in self._reader().execute(sql, (box, after, SLOT_BLOB, SLOTS))]

    def delete(self, box: bytes, up_to: int) -> int:
        """Erase what lies in a mailbox up to n; the bytes are gone from the files."""
        sql = "delete from deposits where rowid in (select rowid from deposits where box = ? and n <= ? order by n limit ?)"
        return self._erase(sql, (box, up_to, _SLICE))

    def expire(self, day: int) -> int:
        """Erase what is due today, except in mailboxes that were read within thirty days."""
        sql = """delete from deposits where rowid in (
            select d.rowid from deposits d join boxes b using (box) where d.goes <= ? and b.read_on < ? limit ?)"""
        return self._erase(sql, (day, day - KEEP_DAYS - READ_DAYS + 1, _SLICE))

    def usage(self) -> Usage:
        """How much there is."""
        with _said_plainly():
            db = self._reader()
            boxes, deposits = next(db.execute("select (select count(*) from boxes), (select count(*) from deposits)"))
            return Usage(boxes, deposits, _used(db))

    # -- inside ---------------------------------------------------------------------------------------------------

    def _room(self, db: apsw.Connection) -> float:
        """Bytes that new deposits may still take."""
        disk = os.statvfs(self._path.parent)
        if disk.f_bavail * disk.f_frsize < self._keep_free:
            return 0
        return self._most - _used(db) if self._most else float("inf")

    def _erase(self, sql: str, bound: tuple[bytes | int, ...]) -> int:
        """Delete in slices, so that deposits get their turn; then empty the log, which still holds the bytes."""
        erased = 0
        while True:
            with self._change() as db:
                db.execute(sql, bound)
                some = db.changes()
            erased += some
            if some < _SLICE:
                break
        with _said_plainly(), self._lock:
            self._empty_log()
        return erased

    def _empty_log(self) -> None:
        try:
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            self._owes_erasure = False
        except (apsw.BusyError, apsw.FullError, apsw.IOError):
            # A reader stayed inside for the whole of the waiting time, or the disk is full: the next change tries again.
            self._owes_erasure = True


def _insert(db: apsw.Connection, item: Item, goes: int) -> None:
    sql = "insert into boxes values (?, 1, 0) on conflict (box) do update set last = last + 1 returning last"
    n = db.execute(sql, (item.box,)).fetchall()[0][0]
    db.execute("insert into deposits (box, n, id, goes, blob) values (?, ?, ?, ?, ?)", (item.box, n, item.id, goes, item.blob))


def _used(db: apsw.Connection) -> int:
    pages = int(db.pragma("page_count")) - int(db.pragma("freelist_count"))
    return pages * int(db.pragma("page_size"))


def _hold(path: Path) -> int:
    """Keep a second relay out of the same folder."""
    guard = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        os.close(guard)
        raise Busy("relay_in_use") from e
    return guard


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Turn what SQLite says into a refusal that carries no value from the database."""
    try:
        yield
    except apsw.Error as e:
        raise Unreadable("relay_damaged") from e
