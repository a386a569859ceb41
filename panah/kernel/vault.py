"""The encrypted database of one member on one device: every SQL statement of the kernel, one function per question.

It stores what it is given; what a change means is decided in log.py and session.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from panah.kernel.event import Event, pack, read_header, unpack_event
from panah.kernel.fold import Authored
from panah.kernel.projections import Projections, marks

# LINK: a segment whose body was erased before it came here; it stands in the chain and says nothing.
COUNTS, WAITS, REFUSED, LINK = 0, 1, 2, 3
# Statements that alter many rows ask for this many at a time, so that memory stays bounded.
PAGE = 500
PAGE_BYTES = 8 * 1024 * 1024
_NEW_EVENT = "insert or ignore into events values (?, ?, ?, ?, ?, ?, ?, ?)"


class Vault(Projections):
    """The tables, one function per question."""

    _held_size = -1
    _misses = True

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

    def keys_of(self, tag: bytes) -> list[tuple[bytes, int, bytes]]:
        """(epoch, n, key) of one compartment. A vault may hold those of 200,000 cases; nothing that happens often may look through them all."""
        return self.ask("select epoch, n, key from keys where compartment = ?", (tag,))

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
        return self.ask("select seq, id, header, body, held from segments where state = ? and state > 0 order by seq", (state,))

    def to_carry(self, after: int, most: int = 1000) -> int:
        """How many segments are to be carried, counted no further than `most`: every page shows it, and a team may have no relay for years."""
        sql = "select count(*) from (select 1 from segments where seq > ? and carry = 1 limit ?)"
        return int(self.ask(sql, (after, most))[0][0])

    def waiting(self) -> int:
        return int(self.ask("select count(*) from segments where state = 1 and state > 0")[0][0])

    def waiting_size(self) -> int:
        return int(self.ask("select coalesce(sum(max(length(body), 4096)), 0) from segments where state = 1 and state > 0")[0][0])

    def seq_of(self, id: bytes) -> int:
        return int(self.ask("select seq from segments where id = ?", (id,))[0][0])

    def seqs_of(self, ids: Iterable[bytes]) -> Iterator[int]:
        """Where these segments stand in the log, if they do."""
        for id in ids:
            yield from (seq for (seq,) in self.ask("select seq from segments where id = ?", (id,)))

    def has_foreign_segment(self, compartment: bytes) -> bool:
        return bool(self.ask("select 1 from segments where compartment = ? and carry = 0 limit 1", (compartment,)))

    def segments_after(self, seq: int, limit: int = PAGE) -> list[tuple[int, bytes, bytes, bytes, int]]:
        """The next page of the log: no more than `limit`, and no more than one above 8 MiB."""
        last, size = seq, 0
        for last, length in self.ask("select seq, length(body) from segments where seq > ? order by seq limit ?", (seq, limit)):  # noqa: B007
            size += length
            if size > PAGE_BYTES:
                break
        sql = "select seq, id, header, body, carry from segments where seq > ? and seq <= ? order by seq"
        return self.ask(sql, (seq, last))

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

    def add_head(self, compartment: bytes, author: bytes, id: bytes, seq: int, parents: list[bytes], *, followed: bool) -> None:
        """Note a segment that counts now as the newest of its author's. `followed`: others may stand on it, since it was here before."""
        for parent in parents:
            self.db.execute("delete from heads where compartment = ? and author = ? and id = ?", (compartment, author, parent))
        sql = "select 1 from parents p join segments c on c.id = p.child where p.parent = ? and c.state = 0"
        if not (followed and self.ask(sql, (id,))):
            self.db.execute("insert or ignore into heads values (?, ?, ?, ?)", (compartment, author, id, seq))

    def remake_heads(self, compartment: bytes, author: bytes) -> None:
        self.db.execute("delete from heads where compartment = ? and author = ?", (compartment, author))
        self.db.execute(
            "insert into heads select s.compartment, s.author, s.id, s.seq from segments s where s.compartment = ? and s.author = ? and s.state = 0 "
            "and not exists (select 1 from parents p join segments c on c.id = p.child and c.state = 0 where p.parent = s.id)",
            (compartment, author),
        )

    def parents_of(self, id: bytes) -> list[bytes]:
        return [
            p
            for (header,) in self.ask("select header from segments where id = ?", (id,))
            for p in read_header(header, b"").prefix.parents
        ]

    def counted_by(self, author: bytes) -> list[tuple[bytes, bytes, int]]:
        return self.ask("select compartment, id, seq from segments where author = ? and state = 0", (author,))

    def look_for_missing(self) -> None:
        """Ask whether anything is missing, so that `found` need not look for each of a thousand segments."""
        self._misses = bool(self.ask("select 1 from missing limit 1"))

    def miss(self, id: bytes, compartment: bytes, author: bytes) -> None:
        self._misses = True
        self.db.execute(
            "insert or ignore into missing select ?, ?, ? where not exists (select 1 from segments where id = ?)",
            (id, compartment, author, id),
        )

    def found(self, id: bytes) -> None:
        if self._misses:
            self.db.execute("delete from missing where id = ?", (id,))

    def missing(self) -> int:
        return int(self.ask("select count(*) from missing")[0][0])

    def add_resend(self, compartment: bytes, salt: bytes) -> None:
        self.db.execute("insert into resends (compartment, salt) values (?, ?)", (compartment, salt))

    def resends_after(self, n: int) -> list[tuple[int, bytes, bytes]]:
        return self.ask("select n, compartment, salt from resends where n > ? order by n", (n,))

    # -- events ---------------------------------------------------------------------------------------------------

    def add_events(self, seq: int, author: bytes, compartment: bytes, events: Sequence[Event]) -> None:
        for n, e in enumerate(events):
            control = e.kind if e.kind.startswith("_") else ""
            self.db.execute(_NEW_EVENT, (e.record, e.at, author, seq, n, compartment, control, pack(e)))

    def drop_events(self, seq: int) -> list[bytes]:
        records = [r for (r,) in self.ask("select distinct record from events where segment = ? and control = ''", (seq,))]
        self.db.execute("delete from events where segment = ?", (seq,))
        return records

    def events_in(self, seq: int) -> list[Event]:
        return [unpack_event(data) for (data,) in self.ask("select data from events where segment = ? order by n", (seq,))]

    def events_of(self, record: bytes) -> list[Authored]:
        rows = self.ask("select author, compartment, data from events where record = ? and control = ''", (record,))
        return [Authored(author, compartment, unpack_event(data)) for author, compartment, data in rows]

    def control_events(self, compartment: bytes, kinds: Sequence[str]) -> list[Authored]:
        """Events that are no record's: who is who, who holds what. In the order of their stamps."""
        rows = self.ask(
            "select author, compartment, data from events where compartment = ? "
            f"and control in ({marks(kinds)}) and control > '' order by at, author, data",
            (compartment, *kinds),
        )
        return [Authored(author, tag, unpack_event(data)) for author, tag, data in rows]

    def grants_without_key(self, compartment: bytes) -> list[Authored]:
        """The grants in a compartment, by number, of keys that are not held: their events' records are compartment | epoch."""
        rows = self.ask(
            "select author, compartment, data from events e where compartment = ? and control = '_grant' and control > '' and not exists "
            "(select 1 from keys k where k.compartment = substr(e.record, 1, 8) and k.epoch = substr(e.record, 9)) order by at, author, data",
            (compartment,),
        )
        return [Authored(author, tag, unpack_event(data)) for author, tag, data in rows]

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

    # -- blobs, drafts, quarantine, cursors -----------------------------------------------------------------------

    def add_blob_part(self, id: bytes, n: int, data: bytes) -> None:
        self.db.execute("insert or ignore into blobs values (?, ?, ?)", (id, n, data))

    def blob_parts(self, id: bytes) -> list[bytes]:
        return [data for (data,) in self.ask("select data from blobs where id = ? and n >= 0 order by n", (id,))]

    def lacks_blob(self, id: bytes) -> bool:
        return not self.ask("select 1 from blobs where id = ? and n = 0", (id,))

    def blob_ids(self) -> list[bytes]:
        return [id for (id,) in self.ask("select id from blobs where n = 0")]

    # A part of a file that is not whole yet stands under -1 - n: it is kept, and nobody takes the file for one that is here.

    def keep_part(self, id: bytes, n: int, data: bytes) -> None:
        self.add_blob_part(id, -1 - n, data)

    def parts_kept(self, id: bytes) -> set[int]:
        return {-1 - n for (n,) in self.ask("select n from blobs where id = ? and n < 0", (id,))}

    def blob_is_whole(self, id: bytes) -> None:
        self.db.execute("update or ignore blobs set n = -1 - n where id = ? and n < 0", (id,))

    def unnamed_files(self) -> list[bytes]:
        """The files here, whole or in parts, that no record names as it stands."""
        named = {value[:32] for value in self.named_files()}
        return [id for (id,) in self.ask("select distinct id from blobs") if id not in named]

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

    def cursors(self, place: str) -> dict[bytes, int]:
        return dict(self.ask("select box, n from cursors where place = ?", (place,)))

    def drop_cursors(self, place: str) -> None:
        self.db.execute("delete from cursors where place = ?", (place,))

    def places(self, start: str) -> set[str]:
        """The places of this kind that anything is remembered of."""
        return {
            place
            for (place,) in self.ask("select distinct place from cursors where place between ? and ?", (start, start + "\x7f"))
        }
