"""A relay's memory in SQLite: numbered mailboxes of opaque blobs. Knows days and bytes; nothing of requests, senders or keys.

postgres.py has the same public functions with the same promises, and passes the same tests (tests/test_relay_store.py).
Each function is durable when it returns, except that who read what is written down a little later.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import IntEnum
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, Protocol

import apsw

from panah.errors import Busy, Full, Unreadable
from panah.relay.room import KINDS, Room

FORMAT = 2
KEEP_DAYS, FUZZ_DAYS = 30, 7
READ_DAYS = 7  # how coarsely it is kept when a mailbox was last read
MOST_FETCH = 8 * 1024 * 1024
SLOTS, SLOT = 2, 6144
SLOT_BLOB = SLOT - 10  # a number and a length stand before it
KEEP_FREE = 64 * 1024 * 1024  # a full disk must still have room to delete
MOST_VOUCHERS = 100_000
MOST_MARKS = 10_000
SLICE = 500


class Item(NamedTuple):
    """What a sender leaves: in which mailbox, under which id, which bytes. `owner`: by who holds it; `voucher`: the hash of a voucher."""

    box: bytes
    id: bytes
    blob: bytes
    owner: bool = False
    voucher: bytes = b""


class Kept(IntEnum):
    """What became of a deposit."""

    FULL = 0
    YES = 1
    UNKNOWN_VOUCHER = 2


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


class Keeper(Protocol):
    """What a relay asks of its store."""

    def deposit(self, items: Sequence[Item], day: int) -> list[Kept]: ...
    def fetch(self, box: bytes, after: int, limit: int, day: int) -> list[Deposit]: ...
    def visit(self, box: bytes, after: int) -> list[Deposit]: ...
    def delete(self, box: bytes, up_to: int) -> int: ...
    def expire(self, day: int) -> int: ...
    def note_readers(self) -> None: ...
    def add_vouchers(self, hashes: Sequence[bytes]) -> bool: ...
    def taken(self, size: int) -> float: ...
    def usage(self) -> Usage: ...
    def close(self) -> None: ...

    @property
    def puzzle_key(self) -> bytes: ...


class Marks:
    """Who read how far, until it is written down. Asked for alike whether a mailbox is there or not, so that no answer waits for it."""

    def __init__(self) -> None:
        self._marks: dict[bytes, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def add(self, box: bytes, day: int, after: int) -> bool:
        """Note it; say whether it is time to write."""
        with self._lock:
            before = self._marks.get(box, (0, 0))
            self._marks[box] = max(day, before[0]), max(after, before[1])
            return len(self._marks) >= MOST_MARKS

    def take(self) -> list[tuple[bytes, int, int]]:
        """All of them, by name, so that two relays never wait for each other."""
        with self._lock:
            marks, self._marks = self._marks, {}
        return sorted((box, day, after) for box, (day, after) in marks.items())


def day_to_go(day: int, below: Callable[[int], int]) -> int:
    """Drawn at random, so that whoever sees a deposit vanish does not learn when it came."""
    return day + KEEP_DAYS - FUZZ_DAYS + below(2 * FUZZ_DAYS + 1)


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
        self._marks = Marks()
        self._owes_erasure = False
        try:
            with _said_plainly():
                self._db = self._connect()
                self._prepare()
                # What was deleted before a crash may still lie in the log.
                self._empty_log()
                self.puzzle_key: bytes = next(self._db.execute("select puzzle from format"))[0]
                self._room = Room(float("inf"), [0] * KINDS)
                with suppress(apsw.CorruptError):  # it is said when deposits are asked for; the help page is served all the same
                    self._room = self._look(self._db)
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
                self._db.execute("insert into format values (?, ?)", (FORMAT, secrets.token_bytes(32)))
                return
            version = next(self._db.execute("select version from format"))[0] if "format" in tables else 0
            if version == 1:
                self._db.execute(files("panah.relay").joinpath("from_1.sql").read_text())
                self._db.execute("update format set version = ?, puzzle = ?", (FORMAT, secrets.token_bytes(32)))
                return
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
        with suppress(Full, Unreadable):
            self.note_readers()
        with self._lock:
            self._empty_log()
            for db in [*self._readers, self._db]:
                db.close()
            os.close(self._guard)

    # -- verbs ----------------------------------------------------------------------------------------------------

    def deposit(self, items: Sequence[Item], day: int) -> list[Kept]:
        """Keep many blobs in one transaction; say for each whether it is kept. An id that is there already stays as it is."""
        with self._change() as db:
            room = self._look(db)
            made_room = False
            kept = []
            for item in items:
                one = self._keep(db, room, item, day)
                if one is Kept.FULL and not made_room:
                    made_room = True
                    room.give(self._drop_due(db, day))
                    one = self._keep(db, room, item, day)
                kept.append(one)
            _account(db, room)
        self._room = room
        if self._owes_erasure:
            with self._lock:
                self._empty_log()
        return kept

    def fetch(self, box: bytes, after: int, limit: int, day: int) -> list[Deposit]:
        """What lies in a mailbox after n, in order: at most `limit`, and at least one if there is one, however large."""
        found: list[Deposit] = []
        size = 0
        sql = "select n, id, blob from deposits where box = ? and n > ? order by n limit ?"
        with _said_plainly():
            for row in self._reader().execute(sql, (box, after, limit)):
                size += len(row[2])
                if found and size > MOST_FETCH:
                    break
                found.append(Deposit(*row))
        if self._marks.add(box, day, after):
            self.note_readers()
        return found

    def visit(self, box: bytes, after: int) -> list[Deposit]:
        """The two oldest deposits after n that fit into a slot: one question, whether anything lies there or not."""
        sql = "select n, id, blob from deposits where box = ? and n > ? and length(blob) <= ? order by n limit ?"
        with _said_plainly():
            return [Deposit(*row) for row in self._reader().execute(sql, (box, after, SLOT_BLOB, SLOTS))]

    def delete(self, box: bytes, up_to: int) -> int:
        """Erase what lies in a mailbox up to n; the bytes are gone from the files."""
        sql = """delete from deposits where rowid in (select rowid from deposits where box = ? and n <= ? order by n limit ?)
            returning length(blob)"""
        return self._erase(sql, (box, up_to, SLICE))

    def expire(self, day: int) -> int:
        """Erase what is due today, except in mailboxes that were read within thirty days."""
        self.note_readers()
        sql = """delete from deposits where rowid in (
            select d.rowid from deposits d join boxes b using (box) where d.goes <= ? and b.read_on < ? limit ?)
            returning length(blob)"""
        return self._erase(sql, (day, day - KEEP_DAYS - READ_DAYS + 1, SLICE))

    def note_readers(self) -> None:
        """Write down which mailboxes were read, to the week, and how far. Called now and then."""
        marks = self._marks.take()
        if not marks:
            return
        sql = """update boxes set
            weeks = min(2, weeks + (read_on < :week)), read_on = iif(read_on < :week, :day, read_on), read_to = max(read_to, min(last, :after))
            where box = :box and (read_on < :week or read_to < min(last, :after))"""
        with self._change() as db:
            db.executemany(
                sql, ({"box": box, "day": day, "week": day - READ_DAYS + 1, "after": after} for box, day, after in marks)
            )

    def add_vouchers(self, hashes: Sequence[bytes]) -> bool:
        """Keep the hashes of new vouchers; False if there would be too many unused ones."""
        with self._change() as db:
            if next(db.execute("select count(*) from vouchers"))[0] + len(hashes) > MOST_VOUCHERS:
                return False
            db.executemany("insert or ignore into vouchers values (?)", ((h,) for h in hashes))
        return True

    def taken(self, size: int) -> float:
        """How much of what strangers may take is taken, for a blob of this size, as of the last change."""
        return self._room.taken(size)

    def usage(self) -> Usage:
        """How much there is."""
        with _said_plainly():
            db = self._reader()
            boxes, deposits = next(db.execute("select (select count(*) from boxes), (select count(*) from deposits)"))
            return Usage(boxes, deposits, sum(self._look(db).used))

    # -- inside ---------------------------------------------------------------------------------------------------

    def _look(self, db: apsw.Connection) -> Room:
        """What deposits take, and may take."""
        used = [n for (n,) in db.execute("select bytes from usage order by kind")]
        disk = os.statvfs(self._path.parent)
        free = disk.f_bavail * disk.f_frsize - self._keep_free
        return Room(0 if free < 0 else min(self._most or float("inf"), sum(used) + free), used)

    def _keep(self, db: apsw.Connection, room: Room, item: Item, day: int) -> Kept:
        if next(db.execute("select 1 from deposits where box = ? and id = ?", (item.box, item.id)), None):
            return Kept.YES
        if item.voucher and not next(db.execute("select 1 from vouchers where hash = ?", (item.voucher,)), None):
            return Kept.UNKNOWN_VOUCHER
        known = bool(item.voucher)
        if item.owner:
            known = bool(next(db.execute("select 1 from boxes where box = ? and weeks > 1", (item.box,)), None))
        if not room.take(len(item.blob), known=known):
            return Kept.FULL
        db.execute("delete from vouchers where hash = ?", (item.voucher,))
        _insert(db, item, day_to_go(day, self._below))
        return Kept.YES

    def _drop_due(self, db: apsw.Connection, day: int) -> list[int]:
        """Where there is no room: what is due, and lies there only because its mailbox is read, and its reader said that it came."""
        sql = """delete from deposits where rowid in (
            select d.rowid from deposits d join boxes b using (box) where d.goes <= ? and d.n <= b.read_to order by d.goes limit ?)
            returning length(blob)"""
        sizes = [size for (size,) in db.execute(sql, (day, SLICE))]
        self._owes_erasure |= bool(sizes)
        return sizes

    def _erase(self, sql: str, bound: tuple[bytes | int, ...]) -> int:
        """Delete in slices, so that deposits get their turn; then empty the log, which still holds the bytes."""
        erased = 0
        while True:
            with self._change() as db:
                sizes = [size for (size,) in db.execute(sql, bound)]
                room = self._look(db)
                room.give(sizes)
                _account(db, room)
            self._room = room
            erased += len(sizes)
            if len(sizes) < SLICE:
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
    sql = "insert into boxes values (?, 1, 0, 0, 0) on conflict (box) do update set last = last + 1 returning last"
    n = db.execute(sql, (item.box,)).fetchall()[0][0]
    db.execute("insert into deposits (box, n, id, goes, blob) values (?, ?, ?, ?, ?)", (item.box, n, item.id, goes, item.blob))


def _account(db: apsw.Connection, room: Room) -> None:
    db.executemany("update usage set bytes = bytes + ? where kind = ?", ((by, kind) for kind, by in enumerate(room.moved)))


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
