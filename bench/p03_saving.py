"""P3: saving, beside the same row, indexes, filters and full text in an unencrypted SQLite file without log and signature."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import apsw
import msgspec

from bench import many
from bench.clock import at, each, in_turns
from bench.table import Row, row
from panah import letters
from panah.kernel import fold, rows
from panah.kernel.event import Stamp
from panah.kernel.session import Session
from panah.records.case import Case
from panah.records.person import Person

TITLE = "P3 saving"
TIMES = 400
_SAME = "the same row, indexes, filters and full text, unencrypted, unsigned, no log"


def run() -> list[Row]:
    """Processor and wall time of a save in the vault and of what the baseline writes, in turns; then the page, with one and with eight clients."""
    with tempfile.TemporaryDirectory() as folder:
        s = many.opened(many.copy(many.made(1_000), Path(folder) / "sealed"))
        bare = many.opened_plain(many.made(1_000), Path(folder) / "bare")
        ids = [c.id for c in s.list(Case, limit=200)]
        found = _in_the_vault(s, bare, ids, Path(folder)) + _through_the_page(s, ids)
        bare.lock()
    return found


def _in_the_vault(s: Session, bare: Session, ids: list[str], folder: Path) -> list[Row]:
    count = iter(range(1_000_000))

    def change() -> None:
        n = next(count)
        case = s.get(Case, ids[n % 200])
        case.basis_note = f"note {n} " * 20
        s.save(case)

    def change_bare() -> None:
        n = next(count)
        id = bytes.fromhex(ids[n % 200])
        _put(bare, id, {**rows_of[id], "basis_note": f"note {n} " * 20}, n)

    def add() -> None:
        n = next(count)
        s.save(Person(case=ids[n % 200], id_mode="alias", names=[{"written": f"Shilan {n}"}], age_band="b25_59"))

    def add_bare() -> None:
        n = next(count)
        values = {"case": ids[n % 200], "id_mode": "alias", "names": [{"written": f"Shilan {n}"}], "age_band": "b25_59"}
        _put(bare, n.to_bytes(16, "big"), values, n, "person", Person)

    rows_of = {bytes.fromhex(id): bare.get(Case, id).was for id in ids}
    bald = _bald(folder / "bald.db", count)
    acts = [change, change_bare, bald, add, add_bare]
    cpu = [sum(taken) / len(taken) for taken in in_turns(acts, TIMES, time.process_time)]
    wall = [at(taken, 0.5) for taken in in_turns(acts, TIMES)]
    return [
        row("one changed text, processor", cpu[0], "ms", cpu[1], _SAME, "mean; opened, changed, saved, opened; goal < 1.5 ms, 1.5x"),
        row("a new record, processor", cpu[3], "ms", cpu[4], _SAME, "mean; goal < 1.5 ms, 1.5x"),
        row("one changed text, processor", cpu[0], "ms", cpu[2], "one bare row with one index and the text", "the baseline of earlier tables: no filters, nothing taken out"),
        row("one changed text, wall", wall[0], "ms", wall[1], _SAME, "p50, on the disk"),
    ]  # fmt: skip


def _put(s: Session, id: bytes, values: dict[str, Any], n: int, kind: str = "case", cls: Any = Case) -> None:
    stamp = Stamp(n + 1, s.identity.tag)
    stamps: dict[str, tuple[Stamp, ...]] = dict.fromkeys(values, (stamp,))
    with s.vault.change():
        folded = fold.Row(kind, values, stamps, (), (), stamp, stamp)
        s.vault.put_row(id, folded, b"c" * 8, rows.facets(cls.KIND, values), *rows.words(cls.KIND, values))


def _bald(path: Path, count: Any) -> Any:
    db = apsw.Connection(str(path))
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", 2)
    db.execute(
        "create table rows (n integer primary key, kind text, updated int, data blob); create index i on rows (kind, updated)"
    )
    db.execute(
        "create virtual table words using fts5 (text, content='', prefix='1 2 3'); create virtual table threes using fts5 (text, content='', tokenize='trigram')"
    )

    def insert() -> None:
        n = next(count)
        text = letters.fold(f"Shilan Befrin note {n} " + f"note {n} " * 20)
        with db:
            db.execute(
                "insert into rows (kind, updated, data) values ('case', ?, ?)", (n, msgspec.msgpack.encode({"basis_note": text}))
            )
            rowid = db.last_insert_rowid()
            db.execute("insert into words (rowid, text) values (?, ?)", (rowid, text))
            db.execute("insert into threes (rowid, text) values (?, ?)", (rowid, text))

    return insert


def _through_the_page(s: Session, ids: list[str]) -> list[Row]:
    screens = many.Screens(s)
    forms = [_form(s, id) for id in ids]

    def one(n: int, screen: many.Screens = screens, name: str = "one") -> None:
        screen.ask("/r/case/save", urlencode({**forms[n], "basis_note": f"{name} wrote {n}"}), want=303)

    alone = each(one, 100)
    began = time.perf_counter()
    clients = [screens.another() for _ in range(8)]

    def many_times(k: int) -> None:
        for n in range(40):
            one(100 + (k * 40 + n) % 100, clients[k], f"client {k}")

    threads = [threading.Thread(target=many_times, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    rate = 8 * 40 / (time.perf_counter() - began)
    screens.close()
    return [
        row("through the page, one client: p50", at(alone, 0.5), "ms", 1000 / 27.6, "ODK Central, one client, measured elsewhere", f"p95 {at(alone, 0.95):.0f} ms; goal p50 < 30 ms"),
        row("through the page, eight clients", rate, "/s", 41.3, "ODK Central, eight clients, measured elsewhere", "clients and node share one process; goal 100/s"),
    ]  # fmt: skip


def _form(s: Session, id: str) -> dict[str, str]:
    return {"id": id, "case": "", "base": json.dumps(s.get(Case, id).base)}
