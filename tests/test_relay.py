"""The relay over real sockets: what is acknowledged is kept, what is deleted is gone, and it knows nothing else."""

from __future__ import annotations

import hashlib
import http.client
import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panah.kernel import sync
from panah.kernel.sync import Relay
from panah.relay.app import SLOT, SLOTS, Server
from panah.relay.store import Store
from tests import team
from tests.team import File, Letter


@pytest.fixture
def server(tmp_path):
    s = Server(tmp_path / "relay").start()
    yield s
    s.stop()


def _post(server, path, body, headers=None):
    c = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=10)
    c.request("POST", path, body, headers or {})
    answer = c.getresponse()
    data = answer.read()
    c.close()
    return answer.status, data, answer.headers


def _cap():
    cap = os.urandom(32)
    return cap, hashlib.sha256(cap).digest()


def test_a_deposit_is_fetched_in_order_once_however_often_it_was_sent(server):
    cap, box = _cap()
    relay = Relay(server.address)
    ids = [os.urandom(32) for _ in range(5)]
    for id in [*ids, *ids]:
        relay.deposit(box, id, b"blob" + id)
    found = relay.fetch(cap, 0)
    assert [(n, id) for n, id, _ in found] == list(enumerate(ids, 1))
    assert [b for _, _, b in relay.fetch(cap, 3)] == [b"blob" + ids[3], b"blob" + ids[4]]
    relay.delete(cap, 4)
    assert [n for n, _, _ in relay.fetch(cap, 0)] == [5]
    relay.delete(cap, 5)
    relay.deposit(box, os.urandom(32), b"after")
    assert [n for n, _, _ in relay.fetch(cap, 0)] == [6]


def test_sixty_four_senders_at_once_are_all_accepted_and_none_doubled(server):
    cap, box = _cap()

    def send(k):
        relay = Relay(server.address)
        for n in range(10):
            relay.deposit(box, hashlib.sha256(f"{k}/{n}".encode()).digest(), f"{k}/{n}".encode())

    with ThreadPoolExecutor(64) as pool:
        list(pool.map(send, range(64)))
    found, after, relay = [], 0, Relay(server.address)
    while page := relay.fetch(cap, after):
        found += page
        after = page[-1][0]
    assert sorted(b for _, _, b in found) == sorted(f"{k}/{n}".encode() for k in range(64) for n in range(10))
    assert [n for n, _, _ in found] == list(range(1, 641))


def test_R1_a_seized_relay_reveals_no_address_agent_or_time(server, tmp_path):
    _, box = _cap()
    headers = {
        "User-Agent": "SENTINELAGENT",
        "X-Forwarded-For": "203.0.113.77",
        "Referer": "http://SENTINELREF/",
        "Cookie": "SENTINELCOOKIE",
    }
    assert _post(server, "/deposit", box + os.urandom(32) + b"ciphertext", headers)[0] == 204
    raw = b"".join(p.read_bytes() for p in (tmp_path / "relay").rglob("*") if p.is_file())
    for probe in (b"SENTINEL", b"203.0.113", b"127.0.0.1"):
        assert probe not in raw
    names = {name for _, name, *_ in Store(tmp_path / "relay" / "relay.db")._reader().execute("pragma table_info(deposits)")}
    assert names == {"box", "n", "id", "day", "class", "expires", "blob"}


def test_R2_deleted_ciphertext_is_gone_from_the_files(server, tmp_path):
    cap, box = _cap()
    relay = Relay(server.address)
    blobs = [os.urandom(5000) for _ in range(20)]
    for blob in blobs:
        relay.deposit(box, os.urandom(32), blob)
    relay.delete(cap, 20)
    raw = b"".join(p.read_bytes() for p in (tmp_path / "relay").rglob("*") if p.is_file())
    assert not any(blob[i : i + 16] in raw for blob in blobs for i in (0, 2000, 4900))


def test_what_has_expired_is_erased_and_what_is_fetched_stays(tmp_path):
    store = Store(tmp_path / "relay.db")
    for k in range(60):
        store.deposit(b"p" * 32, bytes([k]) * 32, b"public", 1000)
        store.deposit(b"t" * 32, bytes([k]) * 32, b"team", 1000)
    store.fetch(b"t" * 32, 0, 1, 100, 1030)
    assert store.expire(1022) == 0
    some = store.expire(1030)
    assert 0 < some < 60
    assert some + store.expire(1038) == 60
    assert len(store.fetch(b"t" * 32, 0, 100, 10**6, 1038)) == 60
    store.close()


def test_R3_absent_wrong_and_expired_mailboxes_answer_alike(server):
    cap, box = _cap()
    Relay(server.address).deposit(box, os.urandom(32), b"x")
    Relay(server.address).delete(cap, 1)
    empty = _post(server, "/fetch", cap + bytes(8) + b"\0\x10")
    wrong = _post(server, "/fetch", os.urandom(32) + bytes(8) + b"\0\x10")
    assert empty[:2] == wrong[:2] == (200, b"") and dict(empty[2]) == dict(wrong[2])
    assert _post(server, "/delete", os.urandom(32) + bytes(8))[0] == _post(server, "/delete", cap + bytes(8))[0] == 204


def test_R3_a_visit_answers_with_one_size_whether_anything_lies_there_or_not(server):
    cap, box = _cap()
    Relay(server.address).deposit(box, os.urandom(32), b"answer" * 900)
    there = _post(server, "/visit", cap + bytes(8))
    not_there = _post(server, "/visit", os.urandom(32) + bytes(8))
    assert len(there[1]) == len(not_there[1]) == SLOT * SLOTS == 12288
    assert dict(there[2]) == dict(not_there[2])
    n, size = int.from_bytes(there[1][:8], "big"), int.from_bytes(there[1][8:10], "big")
    assert n == 1 and there[1][10 : 10 + size] == b"answer" * 900
    assert there[1][SLOT : SLOT + 10] == bytes(10) and not_there[1][:10] == bytes(10)


def test_R4_nothing_acknowledged_is_lost_when_the_relay_is_killed(tmp_path):
    _, box = _cap()
    kept: list[bytes] = []
    code = (
        "import sys; from pathlib import Path; from panah.relay.app import serve; "
        "serve(Path(sys.argv[1]), '127.0.0.1', 0, Path(sys.argv[1]) / 'public', lambda a: print(a, flush=True))"
    )
    rng = random.Random(4)
    for _ in range(8):
        process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        address = process.stdout.readline().strip()
        threading.Timer(rng.uniform(0.02, 0.25), lambda p=process: p.send_signal(signal.SIGKILL)).start()

        def send(address=address):
            relay = Relay(address, timeout=5)
            try:
                while True:
                    id = os.urandom(32)
                    relay.deposit(box, id, id * 20)
                    kept.append(id)
            except Exception:
                return

        threads = [threading.Thread(target=send) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        process.wait()
    store = Store(tmp_path / "relay.db")
    there = {d.id for d in store.fetch(box, 0, 10**6, 10**9, 0)}
    store.close()
    assert len(kept) > 20 and set(kept) <= there


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(verb=st.sampled_from(["/deposit", "/fetch", "/delete", "/visit", "/nothing"]), body=st.binary(max_size=200))
def test_any_body_gets_a_plain_answer(server, verb, body):
    assert _post(server, verb, body)[0] in (200, 204, 400, 405, 413, 507)


def test_a_body_beyond_the_limit_is_not_read(server):
    assert _post(server, "/fetch", bytes(100_000))[0] == 413


def test_a_full_relay_refuses_new_deposits_and_keeps_the_old(tmp_path):
    store = Store(tmp_path / "relay.db", most_bytes=200_000)
    from panah.errors import Full

    sent = 0
    with pytest.raises(Full):
        for k in range(1000):
            store.deposit(b"b" * 32, k.to_bytes(32, "big"), bytes(5000), 1)
            sent += 1
    assert len(store.fetch(b"b" * 32, 0, 1000, 10**9, 1)) == sent > 10
    store.close()


@pytest.mark.parametrize(
    "path",
    [
        "/../relay.db",
        "/%2e%2e/relay.db",
        "/..%2frelay.db",
        "/public/../../relay.db",
        "/.hidden.html",
        "/link.html",
        "/a/b/c.html",
    ],
)
def test_only_public_files_are_served(server, path):
    (server.public / "link.html").symlink_to(server.public.parent / "relay.db")
    c = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=10)
    c.request("GET", path)
    assert c.getresponse().status == 404


def test_the_page_is_served_with_its_own_policy_and_leaves_no_trace(server):
    (server.public / "help.html").write_text("<!doctype html>hello")
    (server.public / "help.csp").write_text("default-src 'none'; script-src 'sha256-x'\n")
    c = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=10)
    c.request("GET", "/")
    answer = c.getresponse()
    assert answer.read() == b"<!doctype html>hello"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; script-src 'sha256-x'"
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Server"] is None


# -- teams through a relay ----------------------------------------------------------------------------------------------


def test_colleagues_meet_through_a_relay_that_reads_nothing(server, tmp_path):
    omid = team.found(tmp_path / "o")
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",))
    file = omid.save(File(title="sentineltitle", photo=omid.attach(b"sentinelphoto" * 40000, "image/jpeg", "p")))
    sync.with_relay(omid, server.address)
    sync.with_relay(laleh, server.address)
    assert laleh.find(File, file.id) is None
    omid.give(f"care/{file.id}", laleh.me.id)
    sync.with_relay(omid, server.address)
    done = sync.with_relay(laleh, server.address)
    assert laleh.get(File, file.id).title == "sentineltitle" and done.received > 0
    assert laleh.read(laleh.get(File, file.id).photo) == b"sentinelphoto" * 40000
    again = sync.with_relay(laleh, server.address)
    assert again.received == 0 and sync.with_relay(omid, server.address).received >= 0
    raw = b"".join(p.read_bytes() for p in (tmp_path / "relay").rglob("*") if p.is_file())
    tags = [laleh.names["team"], omid.names[f"care/{file.id}"], omid.identity.tag, laleh.identity.tag]
    for probe in [b"sentinel", b"care/", *tags]:
        assert probe not in raw


def test_a_late_supervisor_gets_what_lay_in_the_mailbox_before_the_key(server, tmp_path):
    omid = team.found(tmp_path / "o")
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",))
    files = [laleh.save(File(title=f"case {n}")) for n in range(5)]
    sync.with_relay(laleh, server.address)
    sync.with_relay(omid, server.address)
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor",))
    sync.with_relay(omid, server.address)
    sync.with_relay(sara, server.address)
    assert [sara.find(File, f.id) is not None for f in files] == [True] * 5


def test_a_sync_cut_off_anywhere_goes_on_the_next_time(server, tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"))
    letters = [omid.save(Letter(text=f"l{n}")) for n in range(30)]
    calls = [0]

    def cut(done, of):
        calls[0] += 1
        if calls[0] == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync.with_relay(omid, server.address, cut)
    sync.with_relay(omid, server.address)
    sync.with_relay(sara, server.address)
    assert sara.count(Letter) == len(letters)
