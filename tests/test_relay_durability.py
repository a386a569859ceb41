"""A relay process that is killed, starved of disk, or seized: what it said is true, and what it forgot is gone."""

from __future__ import annotations

import os
import random
import resource
import signal
import struct
import subprocess
import sys
import threading
import time

import apsw
import pytest

from panah.relay.app import Server
from panah.relay.store import Store
from tests.relay import delete, deposit, fetch, mailbox, parse, post, raw, visit

# Imports once and forks a real relay for every line: twenty starts in the time of one.
NURSERY = """
import os, sys
from pathlib import Path
from panah.relay.app import serve
for folder in sys.stdin:
    folder = Path(folder.strip())
    pid = os.fork()
    if pid == 0:
        serve(folder, "127.0.0.1", 0, folder / "public", lambda address: print(os.getpid(), address, flush=True))
        os._exit(0)
    os.waitpid(pid, 0)
"""


class Relays:
    """Relays in processes of their own, one after the other."""

    def __init__(self, folder, **limits):
        def starve():
            for name, value in limits.items():
                resource.setrlimit(getattr(resource, name), (value, value))

        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=starve,
        )

    def start(self):
        self.process.stdin.write(f"{self.folder}\n")
        self.process.stdin.flush()
        pid, address = self.process.stdout.readline().split()
        return int(pid), address

    def end(self):
        """What all of them wrote, to either stream."""
        self.process.stdin.close()
        self.process.wait(20)
        with self.process.stdout, self.process.stderr:
            return self.process.stdout.read(), self.process.stderr.read()


def everything(store, cap_box):
    found, after = [], 0
    while page := store.fetch(cap_box, after, 1000, 0):
        found += page
        after = page[-1].n
    return found


def test_R4_nothing_acknowledged_is_lost_when_the_relay_is_killed_at_any_instant(tmp_path):
    _, box = mailbox()
    rng = random.Random(4)
    relays, acknowledged, lock = Relays(tmp_path), [], threading.Lock()

    def send(address):
        while True:
            id = os.urandom(32)
            try:
                if deposit(address, box, id, id * 60) != 204:
                    return
            except (OSError, ValueError):
                return
            with lock:
                acknowledged.append(id)

    for _ in range(24):
        pid, address = relays.start()
        threads = [threading.Thread(target=send, args=(address,)) for _ in range(6)]
        for t in threads:
            t.start()
        time.sleep(rng.uniform(0.005, 0.2))
        os.kill(pid, signal.SIGKILL)
        for t in threads:
            t.join()
    assert relays.end()[1] == ""
    store = Store(tmp_path / "relay.db")
    found = everything(store, box)
    assert len(acknowledged) > 200 and set(acknowledged) <= {d.id for d in found}
    assert [d.n for d in found] == list(range(1, len(found) + 1)) and len({d.id for d in found}) == len(found)
    assert all(d.blob == d.id * 60 for d in found)
    store.close()
    assert list(apsw.Connection(str(tmp_path / "relay.db")).execute("pragma integrity_check")) == [("ok",)]


def test_R2_what_was_deleted_is_gone_from_the_files_of_a_relay_that_was_killed_right_after(tmp_path):
    relays = Relays(tmp_path)
    for k in range(5):
        cap, box = mailbox()
        pid, address = relays.start()
        blob = bytes([200 + k]) * 20_000
        for n in range(5):
            assert deposit(address, box, bytes([n]) * 32, blob) == 204
        assert deposit(address, mailbox()[1], b"1" * 32, b"another mailbox") == 204
        assert delete(address, cap, 5) == 204
        os.kill(pid, signal.SIGKILL)
        assert blob[:32] not in raw(tmp_path)
    relays.end()


def test_a_relay_that_is_told_to_end_leaves_an_empty_log(tmp_path):
    relays = Relays(tmp_path)
    pid, address = relays.start()
    deposit(address, mailbox()[1], b"1" * 32, b"sealed")
    os.kill(pid, signal.SIGTERM)
    assert relays.end()[1] == ""
    assert not (tmp_path / "relay.db-wal").exists() or (tmp_path / "relay.db-wal").stat().st_size == 0


def test_R4_a_disk_without_room_refuses_cleanly_and_loses_nothing(tmp_path):
    cap, box = mailbox()
    relays = Relays(tmp_path, RLIMIT_FSIZE=2_000_000)
    pid, address = relays.start()
    answers = {k: deposit(address, box, k.to_bytes(32, "big"), bytes(7000)) for k in range(600)}
    assert set(answers.values()) == {204, 507}
    kept = sorted(k for k, status in answers.items() if status == 204)
    assert 100 < len(kept) < 590
    listed, after = [], 0
    while page := fetch(address, cap, after):
        listed += [int.from_bytes(id, "big") for _, id, _ in page]
        after = page[-1][0]
    assert listed == kept
    os.kill(pid, signal.SIGKILL)
    said = relays.end()[1].split()
    assert said and set(said) == {"relay_full"}
    # With room again, everything is there and more can come.
    server = Server(tmp_path).start()
    assert deposit(server.address, box, b"n" * 32, bytes(7000)) == 204
    assert [int.from_bytes(d.id, "big") for d in everything(server.store, box)][:-1] == kept
    server.stop()


def test_R1_a_seized_relay_reveals_no_address_agent_or_time(tmp_path, monkeypatch):
    """Every byte that the process wrote anywhere, after all verbs were used by somebody who says who they are."""
    folder = tmp_path / "relay"
    for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    relays = Relays(folder)
    pid, address = relays.start()
    cap, box = b"C" * 32, __import__("hashlib").sha256(b"C" * 32).digest()
    who = {
        "User-Agent": "SENTINELAGENT", "X-Forwarded-For": "203.0.113.77", "Forwarded": "for=203.0.113.77", "Referer": "http://SENTINELREF/",
        "Cookie": "SENTINEL=COOKIE", "Accept-Language": "SENTINELLANGUAGE", "Origin": "http://SENTINELORIGIN",
    }  # fmt: skip
    began = time.time()
    for n in range(20):
        assert post(address, "/deposit", box + bytes([n]) * 32 + b"sealed" * 200, who).status == 204
    bodies = {
        "/fetch": cap + bytes(8) + b"\0\x10",
        "/visit": cap + bytes(8),
        "/delete": cap + bytes(7) + b"\x02",
        "/publish": b"SENTINELWORD" * 9,
    }
    statuses = [post(address, path + "?SENTINELQUERY", body, who).status for path, body in bodies.items()]
    assert statuses == [200, 200, 204, 400]
    ended = time.time()
    os.kill(pid, signal.SIGKILL)  # seized while it runs: nothing can be tidied
    out, err = relays.end()
    disk = raw(tmp_path) + (out + err).replace(address, "").encode()
    for probe in (b"SENTINEL", b"203.0.113", b"127.0.0.1", b"localhost", cap, cap.hex().encode()):
        assert probe not in disk
    assert err == ""
    # No time finer than a day, in any form that a program would write it. SQLite writes numbers big-endian and in few bytes.
    for second in range(int(began), int(ended) + 1):
        for form in (b"%d" % second, struct.pack(">I", second), struct.pack("<I", second), struct.pack(">d", second)[:5]):
            assert form not in disk
    assert struct.pack(">q", int(began * 1000))[2:6] not in disk


def test_R1_not_even_the_day_of_a_deposit_is_kept(tmp_path):
    server = Server(tmp_path).start()
    _, box = mailbox()
    for n in range(60):
        deposit(server.address, box, bytes([n]) * 32, b"sealed")
    server.stop()
    goes = {day for (day,) in apsw.Connection(str(tmp_path / "relay.db")).execute("select goes from deposits")}
    today = int(time.time() // 86400)
    assert len(goes) > 8 and min(goes) >= today + 23 - 1 and max(goes) <= today + 37


def test_the_hourly_round_erases_what_is_due(tmp_path):
    store = Store(tmp_path / "relay.db")
    from panah.relay.store import Item

    store.deposit([Item(b"b" * 32, b"1" * 32, b"due"), Item(b"b" * 32, b"2" * 32, b"due")], int(time.time() // 86400) - 40)
    store.deposit([Item(b"b" * 32, b"3" * 32, b"not yet")], int(time.time() // 86400))
    store.close()
    server = Server(tmp_path).start()
    for _ in range(100):
        if server.store.usage().deposits == 1:
            break
        time.sleep(0.05)
    assert [d.n for d in server.store.fetch(b"b" * 32, 0, 10, 0)] == [3]
    server.stop()


@pytest.mark.parametrize("page", [b"", b"\0" * 44])
def test_an_answer_is_laid_out_as_specified(page):
    assert len(list(parse(page))) == len(page) // 44


def test_a_damaged_database_answers_that_it_cannot_and_names_nothing(tmp_path, capfd):
    server = Server(tmp_path).start()
    cap, box = mailbox()
    for n in range(50):
        deposit(server.address, box, bytes([n]) * 32, bytes(20_000))
    server.stop()
    damaged = bytearray((tmp_path / "relay.db").read_bytes())
    for at in range(4096 * 3, len(damaged)):
        damaged[at] = 0xA5
    (tmp_path / "relay.db").write_bytes(damaged)
    server = Server(tmp_path).start()
    assert post(server.address, "/fetch", cap + bytes(8) + b"\0\x10").status == 503
    assert visit(server.address, cap).status == 503
    assert deposit(server.address, box, b"n" * 32, b"sealed") == 503
    server.stop()
    out, err = capfd.readouterr()
    assert out == "" and set(err.split()) == {"relay_damaged"}
