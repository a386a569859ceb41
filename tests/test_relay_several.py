"""Several relay processes on one PostgreSQL, one of them killed: nothing acknowledged is missing, nothing is there twice, no reader skips one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests import postgres
from tests.relay import deposit, fetch, mailbox

pytestmark = postgres.needs_postgres
SERVE = """
import sys
from pathlib import Path
from panah.relay.app import serve
folder = Path(sys.argv[1])
serve(folder, "127.0.0.1", 0, folder / "public", lambda address: print(address, flush=True))
"""


class Several:
    """Relay processes that share a database."""

    def __init__(self, folder, count):
        self._folder = folder
        self._env = {**os.environ, "PANAH_RELAY_POSTGRES": postgres.fresh()}
        self.running = [self.begin(k) for k in range(count)]

    def begin(self, k):
        """One more; they may all begin at once on an empty database."""
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(self._folder / str(k))], env=self._env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )  # fmt: skip
        return process

    def addresses(self):
        return [process.stdout.readline().strip() for process in self.running]

    def end(self):
        said = ""
        for process in self.running:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=20)
            said += out + err
        return said


@pytest.fixture
def several(tmp_path):
    made = Several(tmp_path, 3)
    yield made
    assert made.end() == ""


def test_R4_one_of_several_relays_is_killed_under_load_and_nothing_acknowledged_is_missing_or_twice(several):
    addresses = several.addresses()
    boxes = [mailbox() for _ in range(3)]
    acknowledged, lock, over = [], threading.Lock(), threading.Event()

    def send(k):
        """As a page does: the same bytes to the next relay, until one says yes."""
        rng = random.Random(k)
        while not over.is_set():
            id, (_, box) = os.urandom(32), rng.choice(boxes)
            for address in rng.sample(addresses, len(addresses)) * 2:
                try:
                    if deposit(address, box, id, id * 100) == 204:
                        break
                except (OSError, ValueError):
                    continue
            else:
                raise AssertionError("none of three took it")
            if rng.random() < 0.3:  # the answer was lost; it is sent again to another one
                assert deposit(addresses[0], box, id, id * 100) == 204
            with lock:
                acknowledged.append((box, id))

    read = {cap: [] for cap, _ in boxes}

    def follow():
        """A node that asks for what comes after what it has, at any of them."""
        rng = random.Random(99)
        while not over.is_set():
            for cap, found in read.items():
                found += fetch(rng.choice(addresses[:2]), cap, found[-1][0] if found else 0)

    threads = [threading.Thread(target=send, args=(k,)) for k in range(8)] + [threading.Thread(target=follow)]
    for t in threads:
        t.start()
    time.sleep(1.5)
    killed = several.running.pop()
    killed.kill()
    killed.communicate()
    time.sleep(1.5)
    over.set()
    for t in threads:
        t.join()
    assert len(acknowledged) > 100
    for cap, box in boxes:
        found = read[cap]
        while page := fetch(addresses[0], cap, found[-1][0] if found else 0):
            found += page
        whole = []
        while page := fetch(addresses[1], cap, whole[-1][0] if whole else 0):
            whole += page
        # Whoever followed all the while has what is there, in the same order: no number became visible after a higher one.
        assert found == whole and [n for n, _, _ in whole] == list(range(1, len(whole) + 1))
        ids = [id for _, id, _ in whole]
        assert len(set(ids)) == len(ids) and {id for b, id in acknowledged if b == box} <= set(ids)
        assert all(blob == id * 100 for _, id, blob in whole)


def test_relays_of_one_database_take_one_anothers_puzzles(several):
    several.addresses()
    from panah.relay.postgres import Postgres

    stores = [Postgres(several._env["PANAH_RELAY_POSTGRES"]) for _ in range(2)]
    assert stores[0].puzzle_key == stores[1].puzzle_key
    for store in stores:
        store.close()


def test_what_was_erased_is_in_no_file_of_the_table_after_the_hourly_round():
    """PostgreSQL's log is another matter, and docs/howto/run-a-relay.md says so."""
    from panah.relay.postgres import Postgres
    from panah.relay.store import Item

    def in_tables(probe):
        return any(probe in p.read_bytes() for p in (postgres.files() / "data/base").rglob("*") if p.is_file())

    store = Postgres(postgres.fresh())
    blob = os.urandom(16) * 400
    store.deposit([Item(b"a" * 32, bytes([k]) * 32, blob) for k in range(20)], 1000)
    store._connection().execute("checkpoint")
    assert in_tables(blob[:64])
    assert store.delete(b"a" * 32, 20) == 20
    store.expire(1000)
    store._connection().execute("checkpoint")
    assert not in_tables(blob[:64])
    store.close()


def test_a_database_that_goes_away_is_said_and_waited_for(tmp_path, monkeypatch, capfd):
    from panah.errors import Unreachable
    from panah.relay.app import Server
    from panah.relay.postgres import Postgres

    with pytest.raises(Unreachable, match="relay_store_unreachable"):
        Postgres(f"host={tmp_path} user=panah")
    place = postgres.fresh()
    monkeypatch.setenv("PANAH_RELAY_POSTGRES", place)
    server = Server(tmp_path).start()
    cap, box = mailbox()
    assert deposit(server.address, box, b"1" * 32, b"x") == 204
    import psycopg

    with psycopg.connect(place, autocommit=True) as db:  # every line of the relay is cut, as when the server starts anew
        db.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null")
    assert {deposit(server.address, box, b"2" * 32, b"x") for _ in range(3)} <= {204, 503}
    assert deposit(server.address, box, b"2" * 32, b"x") == 204
    assert len(fetch(server.address, cap)) == 2
    server.stop()
    assert set(capfd.readouterr().err.split()) <= {"relay_store_unreachable"}
