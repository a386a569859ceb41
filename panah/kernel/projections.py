"""What is folded from the log and can be dropped: rows, the values that lists filter by, the full text. The SQL of it, one function per question."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from panah.kernel.database import Database
from panah.kernel.event import pack, unpack
from panah.kernel.fold import Row

FILE = "~file"  # the kind and field under which the files of rows of every type stand among the facets
_ROW = "r.n, r.id, r.kind, r.compartment, r.created, r.updated, r.data"

_NEW_ROW = "insert into rows (id, kind, compartment, created, updated, conflicts, data, placed) values (?, ?, ?, ?, ?, ?, ?, ?)"


class StoredRow(NamedTuple):
    """A folded record as it stands in the table."""

    n: int
    id: bytes
    kind: str
    compartment: bytes
    created: int
    updated: int
    data: bytes


class Projections(Database):
    """The tables that every fold writes anew."""

    def every_record(self) -> Iterator[bytes]:
        """In the order in which they were made: folded so, lists, filters and searches are written from their beginning to their end."""
        sql = "select record from events where control = '' group by record order by min(at)"
        yield from (record for (record,) in self.db.execute(sql))

    def row(self, id: bytes) -> StoredRow | None:
        rows = self.ask(f"select {_ROW} from rows r where r.id = ?", (id,))
        return StoredRow(*rows[0]) if rows else None

    def put_row(
        self,
        id: bytes,
        row: Row,
        home: bytes,
        facets: Sequence[tuple[str, object]],
        words: str,
        threes: str,
        *,
        first: bool = False,
    ) -> None:
        """Write a folded record, its facets and its folded words. Of what stood there only what differs is touched: every page that
        is written is also sealed and carried to the disk, and that is most of what a save costs. `first`: nothing stands there."""
        data = pack([row.values, row.stamps, row.conflicts, row.protected, row.created.author, row.updated.author])
        text = hashlib.sha256(f"{words}\0{threes}".encode()).digest() if words else b""
        identity = (row.kind, home, row.created.at)
        state = (row.updated.at, len(row.conflicts), data, pack([facets, text]))
        known = () if first else self.ask("select n, updated, placed, kind, compartment, created from rows where id = ?", (id,))
        if known:
            n, updated, placed, *was = known[0]
            old_facets, old_text = unpack(placed)
            self._drop_facets(n, was[0], updated, old_facets)
            if tuple(was) != identity:
                self.db.execute("update rows set kind = ?, compartment = ?, created = ? where n = ?", (*identity, n))
            self.db.execute("update rows set updated = ?, conflicts = ?, data = ?, placed = ? where n = ?", (*state, n))
        else:
            old_text = b""
            self.db.execute(_NEW_ROW, (id, *identity, *state))
            n = self.db.last_insert_rowid()
        for f, value in facets:
            kind = FILE if f == FILE else row.kind
            self.db.execute("insert or ignore into facets values (?, ?, ?, ?, ?)", (kind, f, value, row.updated.at, n))
        if text != old_text:
            if old_text:
                self._drop_words(n)
            if text:
                self.db.execute("insert into words (rowid, text) values (?, ?)", (n, words))
                self.db.execute("insert into threes (rowid, text) values (?, ?)", (n, threes))

    def drop_row(self, id: bytes) -> None:
        for n, kind, updated, placed in self.ask("select n, kind, updated, placed from rows where id = ?", (id,)):
            self._drop_facets(n, kind, updated, unpack(placed)[0])
            self._drop_words(n)
            self.db.execute("delete from rows where n = ?", (n,))

    def _drop_facets(self, n: int, kind: str, updated: int, facets: Iterable[tuple[str, object]]) -> None:
        sql = "delete from facets where kind = ? and field = ? and value = ? and updated = ? and n = ?"
        self.db.executemany(sql, [(FILE if field == FILE else kind, field, value, updated, n) for field, value in facets])

    def _drop_words(self, n: int) -> None:
        self.db.execute("delete from words where rowid = ?", (n,))
        self.db.execute("delete from threes where rowid = ?", (n,))

    def sweep_words(self) -> None:
        """Write the full text anew without what was taken out of it: until then the words of a dropped row stand in it, crossed out."""
        for table in ("words", "threes"):
            self.db.execute(f"insert into {table} ({table}) values ('optimize')")

    def drop_projections(self) -> None:
        """Forget everything that is folded from the log."""
        for table in ("rows", "facets"):
            self.db.execute(f"delete from {table}")
        for table in ("words", "threes"):
            self.db.execute(f"insert into {table} ({table}) values ('delete-all')")

    def rows(
        self,
        kind: str,
        where: Sequence[tuple[str, tuple[object, ...]]],
        order: str,
        down: bool,
        limit: int,
        after: tuple[int, int] | None,
    ) -> list[StoredRow]:
        """One page of a list. Each value of the first condition is a range of an index that stands in the order asked for already; what
        else is asked filters, by index too."""
        way, than = ("desc", "<") if down else ("asc", ">")
        ranges: list[tuple[str, list[object]]]
        if where and order == "updated":
            (field, values), where = where[0], where[1:]
            key = "t.updated"
            ranges = [("facets t where t.kind = ? and t.field = ? and t.value = ?", [kind, field, value]) for value in values]
        elif order in ("updated", "created"):
            key, ranges = f"t.{order}", [("rows t where t.kind = ?", [kind])]
        else:
            key, ranges = "t.value", [("facets t where t.kind = ? and t.field = ?", [kind, order])]
        if not ranges:
            return []
        parts, args = [], list[object]()
        for start, bound in ranges:
            filters, more = _filters(where)
            if after is not None:
                filters, more = f"{filters} and ({key}, t.n) {than} (?, ?)", [*more, *after]
            parts.append(f"select * from (select {key} as k, t.n as n from {start}{filters} order by k {way}, t.n {way} limit ?)")
            args += [*bound, *more, limit]
        sql = f"select {_ROW} from ({' union '.join(parts)}) p join rows r on r.n = p.n order by p.k {way}, p.n {way} limit ?"
        return [StoredRow(*row) for row in self.ask(sql, [*args, limit])]

    def count(self, kind: str, where: Sequence[tuple[str, tuple[object, ...]]]) -> int:
        if not where:
            return int(self.ask("select count(*) from rows where kind = ?", (kind,))[0][0])
        (field, values), where = where[0], where[1:]
        filters, more = _filters(where)
        # A list field may hold two of the values asked for; one value stands once in a record.
        what = "*" if len(values) == 1 else "distinct t.n"
        sql = f"select count({what}) from facets t where t.kind = ? and t.field = ? and t.value in ({marks(values)}){filters}"
        return int(self.ask(sql, [kind, field, *values, *more])[0][0])

    def named_files(self) -> list[bytes]:
        """What the rows name as their files: id, key and number of parts of each, as `blobs.facets` wrote them."""
        return [value for (value,) in self.ask("select value from facets where kind = ? and field = ?", (FILE, FILE))]

    def is_named(self, id: bytes) -> bool:
        """Whether a row names a file."""
        sql = "select 1 from facets where kind = ? and field = ? and value between ? and ? limit 1"
        return bool(self.ask(sql, (FILE, FILE, id, id + b"\xff" * 40)))

    def data_of_kind(self, kind: str) -> list[bytes]:
        return [data for (data,) in self.ask("select data from rows where kind = ?", (kind,))]

    def conflicted(self) -> list[StoredRow]:
        return [StoredRow(*row) for row in self.ask(f"select {_ROW} from rows r where r.conflicts > 0 order by r.updated desc")]

    def match(self, table: str, query: str, kinds: Sequence[str] | None, limit: int) -> list[StoredRow]:
        """Rows whose folded words match, the newest first: a common name ordered by rank would show strangers first."""
        assert table in ("words", "threes")
        sql = f"select {_ROW} from {table} t join rows r on r.n = t.rowid where {table} match ?"
        args: list[object] = [query]
        if kinds is not None:
            sql += f" and r.kind in ({marks(kinds)})"
            args += kinds
        return [StoredRow(*row) for row in self.ask(sql + " order by t.rowid desc limit ?", [*args, limit])]


def marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _filters(where: Sequence[tuple[str, tuple[object, ...]]]) -> tuple[str, list[object]]:
    """What a row `t` of `rows` or `facets` must also hold: one look into the facets' own order for each value."""
    sql, args = "", list[object]()
    for field, values in where:
        sql += f" and exists (select 1 from facets g where g.kind = t.kind and g.field = ? and g.value in ({marks(values)}) and g.updated = t.updated and g.n = t.n)"
        args += [field, *values]
    return sql, args
