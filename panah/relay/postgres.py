"""A relay's memory in PostgreSQL, for several relay processes at once. The same promises as store.py, but for the files.

PostgreSQL erases a row by no longer showing it; `scrub` says what is done about that.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import errors

from panah.errors import Full, PanahError, Unreachable, Unreadable
from panah.relay.room import KINDS, Room
from panah.relay.store import (
    FORMAT,
    KEEP_DAYS,
    MOST_FETCH,
    MOST_VOUCHERS,
    READ_DAYS,
    SLICE,
    SLOT_BLOB,
    SLOTS,
    Deposit,
    Item,
    Kept,
    Marks,
    Usage,
    day_to_go,
)

_LOCK = 0x70616E61  # one relay makes the tables, the others wait
_SHARDS = 16
_SCRUB_WHOLE = 256 * 1024 * 1024  # up to this size the whole table is written anew when something was erased
Connection = psycopg.Connection[tuple[Any, ...]]  # what a row holds is known to its question only


class Postgres:
    """The tables of one relay, or of several processes of it. Any function may be called from any thread."""

    def __init__(self, dsn: str = "", *, most_bytes: int = 0, below: Callable[[int], int] = secrets.randbelow) -> None:
        self._dsn, self._most, self._below = dsn, most_bytes, below
        self._shard = secrets.randbelow(_SHARDS)
        self._mine, self._lock = threading.local(), threading.Lock()
        self._open: list[Connection] = []
        self._marks = Marks()
        self._erased = False
        with self._change() as db:
            self.puzzle_key = _prepare(db)
            self._room = self._look(db)

    def _connection(self) -> Connection:
        """This thread's own; a new one when the old one broke."""
        db: Connection | None = getattr(self._mine, "db", None)
        if db is None or db.closed:
            # autocommit: a question outside a change holds no transaction open behind it.
            db = self._mine.db = psycopg.connect(self._dsn, autocommit=True, connect_timeout=10)
            db.execute("set synchronous_commit = on")
            with self._lock:
                self._open = [c for c in self._open if not c.closed] + [db]
        return db

    @contextmanager
    def _asked(self) -> Iterator[Connection]:
        """A connection; what PostgreSQL says becomes a refusal that carries no value from it."""
        try:
            yield self._connection()
        except errors.DiskFull as e:
            raise Full("relay_full") from e
        except (psycopg.OperationalError, psycopg.InterfaceError) as e:
            raise Unreachable("relay_store_unreachable") from e
        except psycopg.Error as e:
            raise Unreadable("relay_damaged") from e

    @contextmanager
    def _change(self) -> Iterator[Connection]:
        """One transaction, on the disk when it ends."""
        with self._asked() as db, db.transaction():
            yield db

    def close(self) -> None:
        """Write down who read what, and let go."""
        with suppress(PanahError):
            self.note_readers()
        with self._lock:
            for db in self._open:
                db.close()

    # -- verbs ----------------------------------------------------------------------------------------------------

    def deposit(self, items: Sequence[Item], day: int) -> list[Kept]:
        """Keep many blobs in one transaction; say for each whether it is kept. An id that is there already stays as it is."""
        with self._change() as db:
            boxes = _hold_boxes(db, {item.box for item in items})
            there = _ids_there(db, items)
            vouchers = _hold_vouchers(db, [item.voucher for item in items if item.voucher])
            room = self._look(db)
            made_room, used, rows, kept = False, [], [], []
            for item in items:
                last, weeks = boxes[item.box]
                if (item.box, item.id) in there:
                    kept.append(Kept.YES)
                    continue
                if item.voucher and item.voucher not in vouchers:
                    kept.append(Kept.UNKNOWN_VOUCHER)
                    continue
                known = bool(item.voucher) or (item.owner and weeks > 1)
                if not room.take(len(item.blob), known=known):
                    if not made_room:
                        made_room = True
                        room.give(self._drop_due(db, day))
                    if not room.take(len(item.blob), known=known):
                        kept.append(Kept.FULL)
                        continue
                if item.voucher:
                    vouchers.discard(item.voucher)
                    used.append(item.voucher)
                boxes[item.box] = last + 1, weeks
                there.add((item.box, item.id))
                rows.append((item.box, last + 1, item.id, day_to_go(day, self._below), item.blob))
                kept.append(Kept.YES)
            self._write(db, boxes, rows, used)
            self._account(db, room)
        self._room = room
        return kept

    def _write(
        self,
        db: Connection,
        boxes: dict[bytes, tuple[int, int]],
        rows: list[tuple[bytes, int, bytes, int, bytes]],
        used: list[bytes],
    ) -> None:
        with db.cursor() as many:
            if rows:
                many.executemany("insert into deposits (box, n, id, goes, blob) values (%b, %s, %b, %s, %b)", rows)
            changed = sorted({row[0] for row in rows})
            many.executemany("update boxes set last = %s where box = %b", [(boxes[box][0], box) for box in changed])
        if used:
            db.execute("delete from vouchers where hash = any(%s)", (used,))

    def fetch(self, box: bytes, after: int, limit: int, day: int) -> list[Deposit]:
        """What lies in a mailbox after n, in order: at most `limit`, and at least one if there is one, however large."""
        up_to, size = after, 0
        with self._asked() as db:
            sql = "select n, octet_length(blob) from deposits where box = %s and n > %s order by n limit %s"
            for n, length in db.execute(sql, (box, after, limit)):
                size += length
                if up_to > after and size > MOST_FETCH:
                    break
                up_to = n
            # Asked also when nothing is there, so that the steps are the same.
            sql = "select n, id, blob from deposits where box = %s and n > %s and n <= %s order by n"
            found = [Deposit(*row) for row in db.execute(sql, (box, after, up_to), binary=True)]
        if self._marks.add(box, day, after):
            self.note_readers()
        return found

    def visit(self, box: bytes, after: int) -> list[Deposit]:
        """The two oldest deposits after n that fit into a slot: one question, whether anything lies there or not."""
        sql = "select n, id, blob from deposits where box = %s and n > %s and octet_length(blob) <= %s order by n limit %s"
        with self._asked() as db:
            return [Deposit(*row) for row in db.execute(sql, (box, after, SLOT_BLOB, SLOTS), binary=True)]

    def delete(self, box: bytes, up_to: int) -> int:
        """Erase what lies in a mailbox up to n; see `scrub` for the files."""
        with self._change() as db:
            gone = db.execute("delete from deposits where box = %s and n <= %s returning octet_length(blob)", (box, up_to))
            return self._gone(db, gone)

    def expire(self, day: int) -> int:
        """Erase what is due today, except in mailboxes that were read within thirty days."""
        self.note_readers()
        sql = """delete from deposits where (box, n) in (select d.box, d.n from deposits d join boxes b using (box)
            where d.goes <= %s and b.read_on < %s limit %s for update of d skip locked) returning octet_length(blob)"""
        erased = 0
        while True:
            with self._change() as db:
                some = self._gone(db, db.execute(sql, (day, day - KEEP_DAYS - READ_DAYS + 1, SLICE)))
            erased += some
            if some < SLICE:
                break
        self.scrub()
        return erased

    def note_readers(self) -> None:
        """Write down which mailboxes were read, to the week, and how far. Called now and then."""
        marks = self._marks.take()
        if not marks:
            return
        sql = """update boxes set weeks = least(2, weeks + (read_on < %(week)s)::integer),
            read_on = case when read_on < %(week)s then %(day)s else read_on end, read_to = greatest(read_to, least(last, %(after)s))
            where box = %(box)s and (read_on < %(week)s or read_to < least(last, %(after)s))"""
        with self._change() as db, db.cursor() as many:
            many.executemany(sql, [{"box": box, "day": day, "week": day - READ_DAYS + 1, "after": n} for box, day, n in marks])

    def add_vouchers(self, hashes: Sequence[bytes]) -> bool:
        """Keep the hashes of new vouchers; False if there would be too many unused ones."""
        with self._change() as db:
            if _one(db, "select count(*) from vouchers") + len(hashes) > MOST_VOUCHERS:
                return False
            with db.cursor() as many:
                many.executemany("insert into vouchers values (%s) on conflict do nothing", [(h,) for h in sorted(hashes)])
        return True

    def taken(self, size: int) -> float:
        """How much of what strangers may take is taken, for a blob of this size, as of this process's last change."""
        return self._room.taken(size)

    def usage(self) -> Usage:
        """How much there is."""
        with self._asked() as db:
            boxes, deposits = _one(db, "select count(*) from boxes"), _one(db, "select count(*) from deposits")
            return Usage(boxes, deposits, sum(self._look(db).used))

    def scrub(self) -> None:
        """Get what was erased out of the table's files, as far as PostgreSQL lets us.

        A plain vacuum marks the place as free, and the bytes stay until something is written there; a full one writes the table anew
        and gives the old file back to the disk. That locks the table, so a large one is left to its operator's quiet hour. The log
        (pg_wal) keeps what was written until its files are used again.
        """
        if not self._erased:
            return
        with self._asked() as db:
            whole = _one(db, "select pg_total_relation_size('deposits')") <= _SCRUB_WHOLE
            db.execute("vacuum (full) deposits" if whole else "vacuum deposits")
            self._erased = False

    # -- inside ---------------------------------------------------------------------------------------------------

    def _look(self, db: Connection) -> Room:
        """What deposits take, and may take. Relays that write at once may each take the last place; so the limit is near, not exact."""
        used = [0] * KINDS
        for kind, taken in db.execute("select kind, sum(bytes)::bigint from usage group by kind"):
            used[kind] = taken
        return Room(self._most or float("inf"), used)

    def _drop_due(self, db: Connection, day: int) -> list[int]:
        sql = """delete from deposits where (box, n) in (select d.box, d.n from deposits d join boxes b using (box)
            where d.goes <= %s and d.n <= b.read_to order by d.goes limit %s for update of d skip locked) returning octet_length(blob)"""
        sizes = [size for (size,) in db.execute(sql, (day, SLICE))]
        self._erased |= bool(sizes)
        return sizes

    def _gone(self, db: Connection, gone: psycopg.Cursor[tuple[Any, ...]]) -> int:
        sizes: list[int] = [size for (size,) in gone]
        room = Room(float("inf"), [0] * KINDS)
        room.give(sizes)
        self._account(db, room)
        self._erased |= bool(sizes)
        return len(sizes)

    def _account(self, db: Connection, room: Room) -> None:
        sql = """insert into usage values (%s, %s, %s)
            on conflict (kind, shard) do update set bytes = usage.bytes + excluded.bytes"""
        for kind, by in enumerate(room.moved):
            if by:
                db.execute(sql, (kind, self._shard, by))


def _prepare(db: Connection) -> bytes:
    """Make the tables, all or none; or see that they are those we know. The key of the puzzles, which all relays of one store share."""
    db.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
    if not _one(db, "select (to_regclass('format') is not null)::integer"):
        if _one(db, "select (to_regclass('deposits') is not null)::integer"):
            raise Unreadable("relay_format_unknown", version=0)
        db.execute(files("panah.relay").joinpath("postgres.sql").read_text())
        db.execute("insert into format values (%s, %s)", (FORMAT, secrets.token_bytes(32)))
    version, key = db.execute("select version, puzzle from format").fetchall()[0]
    if version != FORMAT:
        raise Unreadable("relay_format_unknown", version=int(version))
    return bytes(key)


def _hold_boxes(db: Connection, names: set[bytes]) -> dict[bytes, tuple[int, int]]:
    """The number and the weeks of each mailbox, which stay ours until the commit.

    New rows first and then old ones, each in order, so that relays which write into the same mailboxes never wait in a circle. Whoever
    waits here sees the other's numbers afterwards: numbers become visible in their order.
    """
    boxes = sorted(names)
    db.execute("insert into boxes select b, 0, 0, 0, 0 from unnest(%s::bytea[]) as b order by b on conflict do nothing", (boxes,))
    found = db.execute("select box, last, weeks from boxes where box = any(%s) order by box for update", (boxes,))
    return {bytes(box): (last, weeks) for box, last, weeks in found}


def _ids_there(db: Connection, items: Sequence[Item]) -> set[tuple[bytes, bytes]]:
    """Which of them lie in their mailboxes already. A question of its own after the rows are held: it sees what the last holder wrote."""
    sql = (
        "select d.box, d.id from deposits d join unnest(%s::bytea[], %s::bytea[]) as i (box, id) on d.box = i.box and d.id = i.id"
    )
    found = db.execute(sql, ([i.box for i in items], [i.id for i in items]))
    return {(bytes(box), bytes(id)) for box, id in found}


def _hold_vouchers(db: Connection, hashes: list[bytes]) -> set[bytes]:
    """Which of them nobody has used; nobody else can until the commit."""
    if not hashes:
        return set()
    found = db.execute("select hash from vouchers where hash = any(%s) order by hash for update", (hashes,))
    return {bytes(h) for (h,) in found}


def _one(db: Connection, sql: str) -> int:
    return int(db.execute(sql).fetchall()[0][0])
