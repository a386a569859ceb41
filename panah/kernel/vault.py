"""The encrypted database of one member on one device: every SQL statement of the kernel, one function per question.

It stores what it is given; what a change means is decided in log.py and session.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from panah.kernel.database import Database
from panah.kernel.event import Event, pack, unpack
from panah.kernel.fold import Authored, Row

# LINK: a segment whose body was erased before it came here; it stands in the chain and says nothing.
COUNTS, WAITS, REFUSED, LINK = 0, 1, 2, 3
# Statements that alter many rows ask for this many at a time, so that memory stays bounded.
PAGE = 500


class StoredRow(NamedTuple):
    """A folded record as it stands in the table."""

    n: int
    id: bytes
    kind: str
    compartment: bytes
    created: int
    updated: int
    data: bytes


class Vault(Database):
    """The tables, one function per question."""

    _held_size = -1

    # -- meta -----------------------------------------------------------------------------------------------------

    def meta(self, key: str) -> bytes | None:
        rows = self.ask("select value from meta where key = ?", (key,))
        return rows[0][0] if rows else None

    def set_meta(self, key: str, value: bytes) -> None:
        self.db.execute("insert into meta values (?, ?) on conflict (key) do update set value = excluded.value", (key, value))

    def drop_meta(self, key: str) -> None:
        self.db.execute("delete from meta where key = ?", (key,))

    def newest_time(self) -> float:
        """The wall-clock part of the newest event here, in UTC seconds."""
        return (int(self.ask("select coalesce(max(updated), 0) from rows")[0][0]) >> 16) / 1000

    # -- keys -----------------------------------------------------------------------------------------------------

    def compartments(self) -> list[tuple[bytes, str]]:
        return self.ask("select tag, name from compartments")

    def every_key(self) -> list[tuple[bytes, bytes, int, bytes]]:
        return self.ask("select compartment, epoch, n, key from keys")

    def add_key(self, tag: bytes, name: str, epoch: bytes, n: int, key: bytes, author: bytes) -> None:
        self.db.execute("insert or ignore into compartments values (?, ?)", (tag, name))
        self.db.execute("insert or ignore into keys values (?, ?, ?, ?, ?)", (tag, epoch, n, key, author))

    # -- the log --------------------------------------------------------------------------------------------------

    def segment_state(self, id: bytes) -> int | None:
        rows = self.ask("select state from segments where id = ?", (id,))
        return rows[0][0] if rows else None

    def add_segment(
        self,
        id: bytes,
        author: bytes,
        compartment: bytes,
        header: bytes,
        body: bytes,
        parents: Iterable[bytes],
        state: int,
        held: str,
        carry: bool,
    ) -> int:
        self.db.execute(
            "insert into segments (id, author, compartment, header, body, state, held, carry) values (?, ?, ?, ?, ?, ?, ?, ?)",
            (id, author, compartment, header, body, state, held, carry),
        )
        seq = self.db.last_insert_rowid()
        for parent in parents:
            self.db.execute("insert or ignore into parents values (?, ?)", (id, parent))
        return seq

    def set_body(self, seq: int, body: bytes) -> None:
        self.db.execute("update segments set body = ? where seq = ?", (body, seq))

    def set_segment_state(self, id: bytes, state: int, held: str = "") -> None:
        self.db.execute("update segments set state = ?, held = ? where id = ?", (state, held, id))

    def segments(self, state: int) -> list[tuple[int, bytes, bytes, bytes, str]]:
        return self.ask("select seq, id, header, body, held from segments where state = ? order by seq", (state,))

    def to_carry(self, after: int) -> int:
        return int(self.ask("select count(*) from segments where seq > ? and carry = 1", (after,))[0][0])

    def waiting(self) -> int:
        return int(self.ask("select count(*) from segments where state = 1")[0][0])

    def waiting_size(self) -> int:
        return int(self.ask("select coalesce(sum(max(length(body), 4096)), 0) from segments where state = 1")[0][0])

    def seq_of(self, id: bytes) -> int:
        return int(self.ask("select seq from segments where id = ?", (id,))[0][0])

    def has_foreign_segment(self, compartment: bytes) -> bool:
        return bool(self.ask("select 1 from segments where compartment = ? and carry = 0 limit 1", (compartment,)))

    def segments_after(self, seq: int, limit: int = PAGE) -> list[tuple[int, bytes, bytes, bytes, int]]:
        return self.ask("select seq, id, header, body, carry from segments where seq > ? order by seq limit ?", (seq, limit))

    def segments_of(self, compartment: bytes) -> list[tuple[bytes, bytes]]:
        return self.ask(
            "select header, body from segments where compartment = ? and state in (0, 3) order by seq", (compartment,)
        )

    def segment_by_id(self, id: bytes) -> tuple[bytes, bytes, bytes] | None:
        rows = self.ask("select author, compartment, header from segments where id = ? and state in (0, 3)", (id,))
        return rows[0] if rows else None

    def last_seq(self) -> int:
        return int(self.ask("select coalesce(max(seq), 0) from segments")[0][0])

    def heads(self, compartment: bytes) -> list[tuple[bytes, bytes, int]]:
        """(author, segment id, seq) of every segment of a compartment that counts and that no other one follows."""
        return self.ask("select author, id, seq from heads where compartment = ?", (compartment,))

    def add_head(self, compartment: bytes, author: bytes, id: bytes, seq: int, parents: Iterable[bytes]) -> None:
        for parent in parents:
            self.db.execute("delete from heads where compartment = ? and author = ? and id = ?", (compartment, author, parent))
        followed = self.ask("select 1 from parents p join segments c on c.id = p.child where p.parent = ? and c.state = 0", (id,))
        if not followed:
            self.db.execute("insert or ignore into heads values (?, ?, ?, ?)", (compartment, author, id, seq))

    def remake_heads(self, compartment: bytes, author: bytes) -> None:
        self.db.execute("delete from heads where compartment = ? and author = ?", (compartment, author))
        self.db.execute(
            "insert into heads select s.compartment, s.author, s.id, s.seq from segments s where s.compartment = ? and s.author = ? and s.state = 0 "
            "and not exists (select 1 from parents p join segments c on c.id = p.child and c.state = 0 where p.parent = s.id)",
            (compartment, author),
        )

    def parents_of(self, id: bytes) -> list[bytes]:
        return [p for (p,) in self.ask("select parent from parents where child = ?", (id,))]

    def counted_by(self, author: bytes) -> list[tuple[bytes, bytes, int]]:
        return self.ask("select compartment, id, seq from segments where author = ? and state = 0", (author,))

    def miss(self, id: bytes, compartment: bytes, author: bytes) -> None:
        self.db.execute(
            "insert or ignore into missing select ?, ?, ? where not exists (select 1 from segments where id = ?)",
            (id, compartment, author, id),
        )

    def found(self, id: bytes) -> None:
        self.db.execute("delete from missing where id = ?", (id,))

    def missing(self) -> int:
        return int(self.ask("select count(*) from missing")[0][0])

    def add_resend(self, compartment: bytes, salt: bytes) -> None:
        self.db.execute("insert into resends (compartment, salt) values (?, ?)", (compartment, salt))

    def resends_after(self, n: int) -> list[tuple[int, bytes, bytes]]:
        return self.ask("select n, compartment, salt from resends where n > ? order by n", (n,))

    # -- events ---------------------------------------------------------------------------------------------------

    def add_events(self, seq: int, author: bytes, compartment: bytes, events: Sequence[Event]) -> None:
        self.db.executemany(
            "insert or ignore into events values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (e.record, e.at, author, seq, n, compartment, e.kind if e.kind.startswith("_") else "", pack(e))
                for n, e in enumerate(events)
            ),
        )

    def drop_events(self, seq: int) -> list[bytes]:
        records = [r for (r,) in self.ask("select distinct record from events where segment = ? and control = ''", (seq,))]
        self.db.execute("delete from events where segment = ?", (seq,))
        return records

    def events_in(self, seq: int) -> list[Event]:
        return [_event(data) for (data,) in self.ask("select data from events where segment = ? order by n", (seq,))]

    def events_of(self, record: bytes) -> list[Authored]:
        rows = self.ask("select author, compartment, data from events where record = ? and control = ''", (record,))
        return [Authored(author, compartment, _event(data)) for author, compartment, data in rows]

    def control_events(self, compartment: bytes, kinds: Sequence[str]) -> list[Authored]:
        """Events that are no record's: who is who, who holds what. In the order of their stamps."""
        rows = self.ask(
            "select author, compartment, data from events where compartment = ? "
            f"and control in ({', '.join('?' * len(kinds))}) and control > '' order by at, author, data",
            (compartment, *kinds),
        )
        return [Authored(author, tag, _event(data)) for author, tag, data in rows]

    def grants_without_key(self, compartment: bytes) -> list[Authored]:
        """The grants in a compartment, by number, of keys that are not held: their events' records are compartment | epoch."""
        rows = self.ask(
            "select author, compartment, data from events e where compartment = ? and control = '_grant' and control > '' and not exists "
            "(select 1 from keys k where k.compartment = substr(e.record, 1, 8) and k.epoch = substr(e.record, 9)) order by at, author, data",
            (compartment,),
        )
        return [Authored(author, tag, _event(data)) for author, tag, data in rows]

    def records_in(self, compartment: bytes) -> tuple[set[bytes], set[bytes]]:
        """(records whose home a compartment is, all that have anything in it)."""
        home = self.ask("select id from rows where compartment = ?", (compartment,))
        touched = self.ask("select distinct record from events where compartment = ? and control = ''", (compartment,))
        return {r for (r,) in home}, {r for (r,) in touched}

    def erase_events(self, records: Iterable[bytes], tag: bytes) -> None:
        """Drop the events of records and every grant of a compartment's keys, and the bodies of the segments that held nothing else."""
        ranges = [(r, r, "") for r in records] + [(tag + bytes(8), tag + b"\xff" * 8, "_grant")]
        for low, high, control in ranges:
            found = self.ask(
                "select distinct segment from events where record between ? and ? and control = ?", (low, high, control)
            )
            self.db.execute("delete from events where record between ? and ? and control = ?", (low, high, control))
            for (seq,) in found:
                if not self.ask("select 1 from events where segment = ? limit 1", (seq,)):
                    self.set_body(seq, b"")

    def erase_compartment(self, tag: bytes) -> None:
        """Drop a compartment's keys, events and ciphertext; the headers stay, so that the chain can still be followed."""
        self.db.execute("delete from segments where compartment = ? and state = 1", (tag,))
        self.db.execute("update segments set body = x'' where compartment = ?", (tag,))
        for table in ("events", "keys", "heads", "missing", "resends"):
            self.db.execute(f"delete from {table} where compartment = ?", (tag,))
        self.db.execute("delete from compartments where tag = ?", (tag,))

    def has_event(self, record: bytes, compartment: bytes) -> bool:
        return bool(self.ask("select 1 from events where record = ? and compartment = ? limit 1", (record, compartment)))

    def every_record(self) -> Iterator[bytes]:
        last = b""
        while page := self.ask(
            "select distinct record from events where record > ? and control = '' order by record limit ?", (last, PAGE * 20)
        ):
            yield from (r for (r,) in page)
            last = page[-1][0]

    # -- rows -----------------------------------------------------------------------------------------------------

    def row(self, id: bytes) -> StoredRow | None:
        rows = self.ask("select n, id, kind, compartment, created, updated, data from rows where id = ?", (id,))
        return StoredRow(*rows[0]) if rows else None

    def put_row(
        self, id: bytes, row: Row, compartment: bytes, facets: Iterable[tuple[str, object]], words: str, threes: str
    ) -> None:
        """Write a folded record, its facets and its folded words, in place of what stood there."""
        stamps = {f: [list(s) for s in stamps] for f, stamps in row.stamps.items()}
        data = pack([row.values, stamps, row.conflicts, row.protected, row.created.author, row.updated.author])
        args = (id, row.kind, compartment, row.created.at, row.updated.at, len(row.conflicts), data)
        old = self.ask("select n from rows where id = ?", (id,))
        if old:
            n = old[0][0]
            self.db.execute(
                "update rows set id = ?, kind = ?, compartment = ?, created = ?, updated = ?, conflicts = ?, data = ? where n = ?",
                (*args, n),
            )
            self._drop_facets(n)
        else:
            self.db.execute(
                "insert into rows (id, kind, compartment, created, updated, conflicts, data) values (?, ?, ?, ?, ?, ?, ?)", args
            )
            n = self.db.last_insert_rowid()
        self.db.executemany(
            "insert or ignore into facets values (?, ?, ?, ?, ?)",
            [(row.kind, field, value, row.updated.at, n) for field, value in facets],
        )
        if words:
            self.db.execute("insert into words (rowid, text) values (?, ?)", (n, words))
            self.db.execute("insert into threes (rowid, text) values (?, ?)", (n, threes))

    def drop_row(self, id: bytes) -> None:
        for (n,) in self.ask("select n from rows where id = ?", (id,)):
            self._drop_facets(n)
            self.db.execute("delete from rows where n = ?", (n,))

    def _drop_facets(self, n: int) -> None:
        self.db.execute("delete from facets where n = ?", (n,))
        self.db.execute("delete from words where rowid = ?", (n,))
        self.db.execute("delete from threes where rowid = ?", (n,))

    def sweep_words(self) -> None:
        """Write the full text anew without what was taken out of it: until then the words of a dropped row stand in it, crossed out."""
        for table in ("words", "threes"):
            self.db.execute(f"insert into {table} ({table}) values ('optimize')")

    def drop_projections(self) -> None:
        """Forget everything that is folded from the log."""
        for table in ("rows", "facets", "words", "threes"):
            self.db.execute(f"delete from {table}")

    def rows(
        self,
        kind: str,
        where: Sequence[tuple[str, tuple[object, ...]]],
        order: str,
        down: bool,
        limit: int,
        after: tuple[int, int] | None,
    ) -> list[StoredRow]:
        """One page of a list. A single condition drives the index; further ones filter."""
        way, than = ("desc", "<") if down else ("asc", ">")
        args: list[object] = []
        if len(where) >= 1 and len(where[0][1]) == 1 and order == "updated":
            field, (value,) = where[0]
            sql = "select r.n, r.id, r.kind, r.compartment, r.created, r.updated, r.data from facets f join rows r on r.n = f.n where f.kind = ? and f.field = ? and f.value = ?"
            args += [kind, field, value]
            key, n, where = "f.updated", "f.n", where[1:]
        elif order in ("updated", "created"):
            sql = "select r.n, r.id, r.kind, r.compartment, r.created, r.updated, r.data from rows r where r.kind = ?"
            args.append(kind)
            key, n = f"r.{order}", "r.n"
        else:
            sql = "select r.n, r.id, r.kind, r.compartment, r.created, r.updated, r.data from facets f join rows r on r.n = f.n where f.kind = ? and f.field = ?"
            args += [kind, order]
            key, n = "f.value", "f.n"
        for field, values in where:
            marks = ", ".join("?" * len(values))
            sql += f" and exists (select 1 from facets g where g.n = r.n and g.kind = r.kind and g.field = ? and g.value in ({marks}))"
            args += [field, *values]
        if after is not None:
            sql += f" and ({key}, {n}) {than} (?, ?)"
            args += [*after]
        sql += f" order by {key} {way}, {n} {way} limit ?"
        return [StoredRow(*row) for row in self.ask(sql, [*args, limit])]

    def count(self, kind: str, where: Sequence[tuple[str, tuple[object, ...]]]) -> int:
        if not where:
            return int(self.ask("select count(*) from rows where kind = ?", (kind,))[0][0])
        (field, values), rest = where[0], where[1:]
        marks = ", ".join("?" * len(values))
        sql = f"select count(distinct f.n) from facets f where f.kind = ? and f.field = ? and f.value in ({marks})"
        args: list[object] = [kind, field, *values]
        for field, values in rest:
            marks = ", ".join("?" * len(values))
            sql += f" and exists (select 1 from facets g where g.n = f.n and g.field = ? and g.value in ({marks}))"
            args += [field, *values]
        return int(self.ask(sql, args)[0][0])

    def data_of_kind(self, kind: str) -> list[bytes]:
        return [data for (data,) in self.ask("select data from rows where kind = ?", (kind,))]

    def conflicted(self) -> list[StoredRow]:
        return [
            StoredRow(*row)
            for row in self.ask(
                "select n, id, kind, compartment, created, updated, data from rows where conflicts > 0 order by updated desc"
            )
        ]

    def match(self, table: str, query: str, kinds: Sequence[str] | None, limit: int) -> list[StoredRow]:
        """Rows whose folded words match, the newest first: a common name ordered by rank would show strangers first."""
        assert table in ("words", "threes")
        sql = f"select r.n, r.id, r.kind, r.compartment, r.created, r.updated, r.data from {table} t join rows r on r.n = t.rowid where {table} match ?"
        args: list[object] = [query]
        if kinds is not None:
            sql += f" and r.kind in ({', '.join('?' * len(kinds))})"
            args += kinds
        return [StoredRow(*row) for row in self.ask(sql + " order by t.rowid desc limit ?", [*args, limit])]

    # -- blobs, drafts, quarantine, cursors -----------------------------------------------------------------------

    def add_blob_part(self, id: bytes, n: int, data: bytes) -> None:
        self.db.execute("insert or ignore into blobs values (?, ?, ?)", (id, n, data))

    def blob_parts(self, id: bytes) -> list[bytes]:
        return [data for (data,) in self.ask("select data from blobs where id = ? order by n", (id,))]

    def blob_ids(self) -> list[bytes]:
        return [id for (id,) in self.ask("select distinct id from blobs")]

    def drop_blob(self, id: bytes) -> None:
        self.db.execute("delete from blobs where id = ?", (id,))

    def drop_drafts_about(self, id: str) -> None:
        self.db.execute("delete from drafts where instr(key, ?)", (id,))

    def put_draft(self, key: str, at: float, data: bytes) -> None:
        self.db.execute(
            "insert into drafts values (?, ?, ?) on conflict (key) do update set at = excluded.at, data = excluded.data",
            (key, at, data),
        )

    def draft(self, key: str) -> bytes | None:
        rows = self.ask("select data from drafts where key = ?", (key,))
        return rows[0][0] if rows else None

    def drop_draft(self, key: str) -> None:
        self.db.execute("delete from drafts where key = ?", (key,))

    def drafts(self) -> list[tuple[str, float]]:
        return self.ask("select key, at from drafts order by at desc")

    def hold(self, id: bytes, source: str, code: str, at: float, data: bytes) -> None:
        size = self.held_size()
        self.db.execute("insert or ignore into quarantine values (?, ?, ?, ?, ?)", (id, source, code, at, data))
        self._held_size = size + max(len(data), 1024)

    def held_size(self) -> int:
        """How many bytes quarantine takes, at least. Counted once, since a flood would have it counted again and again."""
        if self._held_size < 0:
            self._held_size = int(self.ask("select coalesce(sum(max(length(data), 1024)), 0) from quarantine")[0][0])
        return self._held_size

    def held(self) -> list[tuple[bytes, str, str, float, int]]:
        return self.ask("select id, source, code, at, length(data) from quarantine order by at desc")

    def held_bytes(self, id: bytes) -> bytes | None:
        rows = self.ask("select data from quarantine where id = ?", (id,))
        return rows[0][0] if rows else None

    def release(self, id: bytes) -> None:
        self.db.execute("delete from quarantine where id = ?", (id,))
        self._held_size = -1

    def cursor(self, place: str, box: bytes) -> int:
        rows = self.ask("select n from cursors where place = ? and box = ?", (place, box))
        return int(rows[0][0]) if rows else 0

    def set_cursor(self, place: str, box: bytes, n: int) -> None:
        self.db.execute(
            "insert into cursors values (?, ?, ?) on conflict (place, box) do update set n = excluded.n", (place, box, n)
        )


def _event(data: bytes) -> Event:
    record, kind, at, fields, *rest = unpack(data)
    return Event(
        record, kind, at, fields, {f: [(at, by) for at, by in stamps] for f, stamps in (rest[0] if rest else {}).items()}
    )
