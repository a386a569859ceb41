"""P3: saving a form, beside an unsigned, unencrypted SQLite insert of the same row, index and full text."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import apsw
import msgspec

from bench.clock import SIZE, at, each
from bench.table import Row, row
from panah import letters
from panah.records import TYPES
from panah.records.case import Case
from panah.work import cases
from tests import team

TITLE = "P3 saving"


def run() -> list[Row]:
    """CPU and wall time of one save in the vault, and of the plain insert."""
    times = max(300, SIZE // 10)
    with tempfile.TemporaryDirectory() as folder:
        s = team.found(Path(folder) / "v", types=TYPES, clock=time.time)
        made = [
            cases.open_case(s, chosen_name="Shilan Befrin", basis_note="note " * 20, risk_level="high").id for _ in range(100)
        ]

        def save(n: int) -> None:
            one = s.get(Case, made[n % len(made)])
            one.basis_note = f"note {n} " * 20
            s.save(one)

        cpu, wall = each(save, times, time.process_time), each(save, times)
        plain = _plain(Path(folder) / "plain.db", times)
        s.lock()
    return [
        row("one changed field, CPU", sum(cpu) / times, "ms", sum(plain[0]) / times, "plain SQLite row + index + full text", "mean over 100 cases with up to 10 earlier changes each; goal < 1.5 ms, 1.5x"),
        row("one changed field, wall", at(wall, 0.5), "ms", at(plain[1], 0.5), "plain SQLite, synchronous full", "p50"),
    ]  # fmt: skip


def _plain(path: Path, times: int) -> tuple[list[float], list[float]]:
    db = apsw.Connection(str(path))
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", 2)
    db.execute(
        "create table rows (n integer primary key, kind text, updated int, data blob); create index i on rows (kind, updated)"
    )
    db.execute(
        "create virtual table words using fts5 (text, content='', prefix='1 2 3'); create virtual table threes using fts5 (text, content='', tokenize='trigram')"
    )

    def insert(n: int) -> None:
        text = letters.fold(f"Shilan Befrin note {n} " + f"note {n} " * 20)
        with db:
            db.execute(
                "insert into rows (kind, updated, data) values ('case', ?, ?)", (n, msgspec.msgpack.encode({"basis_note": text}))
            )
            rowid = db.last_insert_rowid()
            db.execute("insert into words (rowid, text) values (?, ?)", (rowid, text))
            db.execute("insert into threes (rowid, text) values (?, ?)", (rowid, text))

    return each(insert, times, time.process_time), each(insert, times)
