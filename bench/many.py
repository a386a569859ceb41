"""Vaults of many cases, each sealed in a compartment of its own as the screens make them, and the same file without encryption."""

from __future__ import annotations

import atexit
import copy as copier
import functools
import http.client
import os
import random
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import apsw

from panah.kernel import enrol
from panah.kernel.session import Session
from panah.kernel.vault import Vault
from panah.node.app import Node
from panah.node.doors import Door
from panah.records import TYPES
from panah.records.case import Case
from panah.records.person import Person
from panah.records.task import Task
from panah.work import cases, codes
from tests import team

GIVEN = ("شیلان", "ڕێبوار", "آوین", "نیلوفر", "سلمى", "ياسر", "Berfîn", "Şiyar", "Zelal", "کیان", "هێڤین", "بهرام")
FAMILY = ("بەفرین", "چنار", "بلوطی", "ابری", "غيمة", "نهرين", "Çiyayî", "Kaniyan", "Avjen", "دریاکنار", "گوڵاڵە", "سنگ‌پا")
# How often each level of risk and each stage stand in the invented cases.
RISKS = ("low", "medium", "medium", "high", "critical")
STAGES = ("assessment", "plan_running", "plan_running", "closed")
EVENTS_A_CASE = 2.25  # the case, its person, every fifth a task, every twentieth changed once


def sizes() -> tuple[int, ...]:
    """How many cases: ten thousand, and with `--large` the sizes that take minutes to make."""
    return (10_000, 100_000, 200_000) if os.environ.get("PANAH_BENCH_LARGE") else (10_000,)


@functools.cache
def made(count: int) -> Path:
    """The folder of a closed vault of so many cases; made once in a run, gone with it. Copy it before changing it."""
    folder = Path(tempfile.mkdtemp(prefix="panah-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    s = team.found(folder / "v", types=TYPES, clock=time.time)
    fill(s, count)
    s.lock()
    return folder / "v"


def fill(s: Session, count: int) -> None:
    """Open cases through the same functions as the screens, five hundred in a transaction."""
    order = random.Random(7)
    for first in range(0, count, 500):
        with s.vault.change():
            for n in range(first, min(count, first + 500)):
                name = f"{order.choice(GIVEN)} {order.choice(FAMILY)}"
                case = cases.open_case(
                    s, chosen_name=name, risk_level=order.choice(RISKS), stage=order.choice(STAGES), basis="consent",
                    basis_note="asked for help to leave", limits_explained=True,
                )  # fmt: skip
                person = Person(
                    case=case.id, id_mode="alias", names=[{"written": name}], age_band="b25_59", language_spoken="ckb"
                )
                codes.give(s, person)
                s.save(person)
                if n % 5 == 0:
                    s.save(
                        Task(
                            case=case.id, about=case.id, title="Ask about medicines", owner=s.me.name, due=s.now() + 9999 * (n % 50),
                            task_state="open" if n < 200 else "done",
                        )
                    )  # fmt: skip
                if n % 20 == 0:
                    case.stage = "plan_running"
                    s.save(case)


def copy(vault: Path, folder: Path) -> Path:
    """A copy to change."""
    shutil.copytree(vault, folder)
    return folder


def opened(vault: Path) -> Session:
    return enrol.open_vault(vault, team.PASSPHRASE, TYPES)


class Plain(Vault):
    """The same vault without encryption: the baseline for what sealing every page costs."""

    @staticmethod
    def _open(path: Path, key: bytes, create: bool) -> apsw.Connection:
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        for name, value in (
            ("temp_store", 2),
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("cache_size", -64000),
            ("secure_delete", 1),
        ):
            db.pragma(name, value)
        return db


def opened_plain(vault: Path, folder: Path) -> Session:
    """A copy of a vault, laid bare, and open."""
    copy(vault, folder)
    s = opened(folder)
    s.vault.db.pragma("journal_mode", "delete")
    s.vault.db.pragma("rekey", "")
    identity = s.identity
    s.lock()
    assert (folder / "vault.db").read_bytes()[:6] == b"SQLite"
    return Session(Plain(folder, b""), identity, TYPES, time.time)


class Screens:
    """A node over an open session, and a browser's connection to it."""

    def __init__(self, s: Session) -> None:
        self.node = Node({}).start()
        self._token = "t" * 43
        self.door = Door("v", s, "f" * 32, time.monotonic())
        self.node.doors._open[self._token] = self.door
        self._connect()

    def _connect(self) -> None:
        host, port = self.node.address.removeprefix("http://").split(":")
        self._http = http.client.HTTPConnection(host, int(port), timeout=120)

    def another(self) -> Screens:
        """One more browser of the same person."""
        other = copier.copy(self)
        other._connect()
        return other

    def ask(self, path: str, form: str = "", want: int = 200) -> bytes:
        """One page. With a form it is posted as the page's own script posts it."""
        headers = {"Cookie": f"panah={self._token}"}
        if form:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "X-Form-Token": self.door.form_token}
        self._http.request("POST" if form else "GET", path, form or None, headers)
        answer = self._http.getresponse()
        data = answer.read()
        assert answer.status == want, (path, answer.status, data[:300])
        return data

    def close(self) -> None:
        """Lock the vault and stop."""
        self._http.close()
        self.node.stop()


def a_case(s: Session, where: dict[str, Any] | None = None) -> str:
    """The id of one case from the middle of the list."""
    middle = s.vault.rows("case", [], "updated", True, 1, (s.list(Case, limit=1)[0].meta.cursor[0], s.count(Case) // 2))
    return middle[0].id.hex()
