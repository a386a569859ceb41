"""A relay over real sockets: every verb, right and wrong, and what it answers to a stranger. spec/mailbox.md is what is tested."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panah.relay import app, mail, slow
from panah.relay.app import Server
from panah.relay.mail import MOST_BLOB
from tests.relay import ask, delete, deposit, fetch, mailbox, post, slots, visit

VERBS = ("/deposit", "/fetch", "/delete", "/visit", "/publish")
VECTORS = json.loads((Path(__file__).parent.parent / "spec/vectors/mailbox.json").read_text())


@pytest.fixture
def server(tmp_path):
    s = Server(tmp_path / "relay").start()
    yield s
    s.stop()


@pytest.fixture
def address(server):
    return server.address


def raw_answer(address, request, *, end=True):
    """What comes back for bytes that no HTTP library would send."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(request)
        if end:
            line.shutdown(socket.SHUT_WR)
        answer = b""
        while part := line.recv(65536):
            answer += part
        return answer


# -- the verbs ----------------------------------------------------------------------------------------------------------


def test_the_vectors_of_the_specification(address):
    for step in VECTORS["exchange"]:
        answer = post(address, step["path"], bytes.fromhex(step["body"]))
        assert answer.status == step["status"], step["why"]
        if step["path"] == "/visit" and answer.status == 200:
            assert [[n, blob.hex()] for n, blob in slots(answer.body)] == step["slots"], step["why"]
        else:
            assert answer.body.hex() == step.get("answer", ""), step["why"]
    for pair in VECTORS["boxes"]:
        assert hashlib.sha256(bytes.fromhex(pair["cap"])).hexdigest() == pair["box"]


def test_what_was_left_is_fetched_in_order_and_once_however_often_it_was_sent(address):
    cap, box = mailbox()
    ids = [os.urandom(32) for _ in range(5)]
    assert {deposit(address, box, id, b"sealed" + id) for id in [*ids, *ids]} == {204}
    assert fetch(address, cap) == [(n, id, b"sealed" + id) for n, id in enumerate(ids, 1)]
    assert [n for n, _, _ in fetch(address, cap, 3)] == [4, 5]
    assert [n for n, _, _ in fetch(address, cap, 0, 2)] == [1, 2]
    assert fetch(address, cap, 0, 0) == fetch(address, cap, 5) == fetch(address, cap, (1 << 64) - 1) == []
    assert delete(address, cap, 4) == 204 and [n for n, _, _ in fetch(address, cap)] == [5]
    assert delete(address, cap, (1 << 64) - 1) == 204 and fetch(address, cap) == []
    deposit(address, box, os.urandom(32), b"after")
    assert [n for n, _, _ in fetch(address, cap)] == [6]


def test_the_largest_blob_travels_and_one_byte_more_does_not(address):
    cap, box = mailbox()
    blob = os.urandom(MOST_BLOB)
    assert deposit(address, box, b"1" * 32, blob) == 204
    assert deposit(address, box, b"2" * 32, blob + b"x") == 413
    assert deposit(address, box, b"3" * 32, b"") == 400
    assert fetch(address, cap) == [(1, b"1" * 32, blob)]


def test_a_page_of_an_answer_is_bounded_and_the_next_one_goes_on(address):
    cap, box = mailbox()
    for k in range(5):
        deposit(address, box, bytes([k]) * 32, bytes([k]) * (3 * 1024 * 1024))
    found = []
    while page := fetch(address, cap, len(found)):
        assert sum(len(blob) for _, _, blob in page) <= 8 * 1024 * 1024
        found += [n for n, _, _ in page]
    assert found == [1, 2, 3, 4, 5]


def test_sixty_four_senders_at_once_are_all_accepted_and_none_is_doubled(address):
    cap, box = mailbox()

    def send(k):
        ids = [hashlib.sha256(f"{k}/{n}".encode()).digest() for n in range(10)]
        return [deposit(address, box, id, f"from {k}".encode() * 100) for id in ids]

    with ThreadPoolExecutor(64) as pool:
        answers = [status for statuses in pool.map(send, range(64)) for status in statuses]
    assert answers == [204] * 640
    found, after = [], 0
    while page := fetch(address, cap, after):
        found += page
        after = page[-1][0]
    assert [n for n, _, _ in found] == list(range(1, 641))
    assert {id for _, id, _ in found} == {hashlib.sha256(f"{k}/{n}".encode()).digest() for k in range(64) for n in range(10)}


def test_one_deposit_sent_by_many_at_once_is_kept_once(address):
    cap, box = mailbox()
    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(lambda _: deposit(address, box, b"1" * 32, b"sealed"), range(64))) == {204}
    assert fetch(address, cap) == [(1, b"1" * 32, b"sealed")]


def test_whoever_knows_only_the_name_of_a_mailbox_cannot_open_or_empty_it(address):
    cap, box = mailbox()
    deposit(address, box, b"1" * 32, b"sealed")
    assert fetch(address, box) == [] and slots(visit(address, box).body) == []
    delete(address, box, 100)
    assert len(fetch(address, cap)) == 1


# -- the same answer ------------------------------------------------------------------------------------------------------


def test_R3_absent_wrong_emptied_and_expired_mailboxes_answer_alike(server):
    (emptied, box1), (expired, box2), (absent, _) = mailbox(), mailbox(), mailbox()
    deposit(server.address, box1, b"1" * 32, b"sealed")
    delete(server.address, emptied, 1)
    deposit(server.address, box2, b"1" * 32, b"sealed")
    assert server.store.expire(1_000_000) == 1
    wrong = box1
    for path, rest in (("/fetch", bytes(8) + b"\0\x10"), ("/delete", bytes(8))):
        answers = [post(server.address, path, cap + rest) for cap in (emptied, expired, absent, wrong)]
        assert answers.count(answers[0]) == 4 and answers[0].body == b""


def test_R3_a_visit_has_one_size_and_takes_one_time_whether_anything_lies_there_or_not(address):
    (full, box), (empty, _) = mailbox(), mailbox()
    for k in range(2):
        deposit(address, box, bytes([k]) * 32, b"answer" * 1000)
    took = {full: [], empty: []}
    for _ in range(15):
        for cap, times in took.items():
            began = time.perf_counter()
            answer = visit(address, cap)
            times.append(time.perf_counter() - began)
            assert answer.status == 200 and len(answer.body) == 12288
    there, not_there = visit(address, full), visit(address, empty)
    assert there.headers == not_there.headers
    assert slots(there.body) == [(1, b"answer" * 1000), (2, b"answer" * 1000)] and slots(not_there.body) == []
    assert not_there.body[:10] == not_there.body[6144:6154] == bytes(10)
    # Both wait for the same moment after the question.
    assert abs(statistics.median(took[full]) - statistics.median(took[empty])) < 0.01
    assert min(took[full] + took[empty]) >= mail.VISIT_SECONDS


def test_R3_what_fills_a_slot_is_new_each_time(address):
    cap, box = mailbox()
    deposit(address, box, b"1" * 32, b"answer")
    one, two = visit(address, cap).body, visit(address, cap).body
    assert one[:16] == two[:16] and one[16:6144] != two[16:6144] and one[6154:] != two[6154:]
    assert one.count(bytes(16)) == 0


def test_a_visit_goes_on_after_what_was_seen(address):
    cap, box = mailbox()
    for k in range(3):
        deposit(address, box, bytes([k]) * 32, bytes([65 + k]) * 6000)
    assert [n for n, _ in slots(visit(address, cap).body)] == [1, 2]
    assert [n for n, _ in slots(visit(address, cap, 2).body)] == [3]


# -- what must be refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "right"), [("/fetch", 42), ("/delete", 40), ("/visit", 40)])
def test_a_body_of_another_length_is_refused(address, path, right):
    for length in (0, 1, 31, 32, right - 1):
        assert post(address, path, bytes(length)).status == 400
    for length in (right + 1, 100_000):
        assert post(address, path, bytes(length)).status == 413
    assert post(address, path, bytes(right)).status in (200, 204)


def test_a_body_without_a_declared_length_is_bounded_too(address):
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(b"POST /deposit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
        for _ in range(5):
            line.sendall(chunk)
        assert line.recv(100).startswith(b"HTTP/1.1 413")


def test_a_declared_length_beyond_the_limit_is_refused_before_the_body_comes(address):
    assert raw_answer(address, b"POST /deposit HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n").startswith(
        b"HTTP/1.1 413"
    )


@pytest.mark.parametrize("path", VERBS)
def test_a_body_that_breaks_off_changes_nothing(address, path):
    cap, box = mailbox()
    request = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n".encode() + box + bytes(100)
    assert not raw_answer(address, request).startswith(b"HTTP/1.1 2")
    assert fetch(address, cap) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(VERBS), body=st.one_of(st.binary(max_size=200), st.binary(min_size=38, max_size=44)))
def test_any_body_gets_one_of_few_answers(address, path, body):
    answer = post(address, path, body)
    assert answer.status in (200, 204, 400, 413, 507)
    assert answer.status == 200 or answer.body == b""


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(VERBS),
    head=st.sampled_from(
        [b"Content-Length: 40", b"Content-Length: -1", b"Content-Length: 4e1", b"Transfer-Encoding: chunked", b"X: y"]
    ),
    rest=st.binary(max_size=120),
)
def test_any_bytes_on_a_connection_get_one_of_few_answers_or_none(address, path, head, rest):
    answer = raw_answer(
        address, b"POST " + path.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + head + b"\r\n\r\n" + rest
    )
    assert answer == b"" or answer.split(b" ")[1] in (b"200", b"204", b"400", b"413", b"507")


def test_after_all_that_the_relay_still_works_and_said_nothing(address, capfd):
    for junk in (
        b"\0" * 2000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"SENTINEL sentinel SENTINEL\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ):
        raw_answer(address, junk)
    websocket = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAA"}
    assert ask(address, "GET", "/SENTINEL", headers=websocket).status == 404
    assert visit(address, bytes(32)).status == 200
    assert capfd.readouterr() == ("", "")


def test_other_methods_and_addresses_are_not_there(address):
    for method, path in (
        ("GET", "/fetch"),
        ("PUT", "/deposit"),
        ("DELETE", "/x"),
        ("POST", "/nothing"),
        ("POST", "/deposit/"),
        ("OPTIONS", "/fetch"),
    ):
        answer = ask(address, method, path, b"" if method == "GET" else bytes(40))
        assert answer.status in (404, 405) and answer.body == b"" and "location" not in answer.headers


# -- who may call from where, and how slowly --------------------------------------------------------------------------------


def test_a_page_opened_from_a_file_may_deposit_and_visit(address):
    for path in ("/deposit", "/visit"):
        asked = ask(address, "OPTIONS", path, headers={"Origin": "null", "Access-Control-Request-Method": "POST"})
        assert asked.status == 204 and asked.headers["access-control-allow-origin"] == "*"
        assert asked.headers["access-control-allow-headers"] == "content-type"
        assert post(address, path, b"short", {"Origin": "null"}).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in post(address, "/fetch", bytes(42)).headers


def test_no_answer_names_the_program_or_the_time(address):
    for answer in (
        post(address, "/deposit", bytes(100)),
        visit(address, bytes(32)),
        ask(address, "GET", "/"),
        ask(address, "GET", "/x"),
    ):
        assert not {"server", "date", "set-cookie", "etag", "last-modified"} & answer.headers.keys()
        assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "no-referrer"


def test_a_connection_that_says_nothing_is_closed(tmp_path, monkeypatch):
    monkeypatch.setattr(slow, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(app, "LOOK_SECONDS", 0.1)
    server = Server(tmp_path / "relay").start()
    for beginning in (b"", b"POST /deposit HTTP/1.1\r\nHos"):
        began = time.monotonic()
        assert raw_answer(server.address, beginning, end=False) == b""
        assert time.monotonic() - began < 5
    server.stop()


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(mail, "BODY_SECONDS", 0.3)
    server = Server(tmp_path / "relay").start()
    request = b"POST /deposit HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 500\r\n\r\n" + bytes(100)
    assert raw_answer(server.address, request, end=False).startswith(b"HTTP/1.1 400")
    server.stop()


def test_a_reader_that_does_not_read_is_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr(app, "LOOK_SECONDS", 0.1)
    server = Server(tmp_path / "relay").start()
    cap, box = mailbox()
    for k in range(2):
        deposit(server.address, box, bytes([k]) * 32, bytes(MOST_BLOB - 1024 * 1024))
    host, port = server.address.removeprefix("http://").split(":")
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(20)
        line.connect((host, int(port)))
        line.sendall(b"POST /fetch HTTP/1.1\r\nHost: x\r\nContent-Length: 42\r\n\r\n" + cap + bytes(8) + b"\0\x10")
        time.sleep(2)
        got = 0
        with pytest.raises(ConnectionResetError):
            while part := line.recv(1 << 20):
                got += len(part)
            raise ConnectionResetError  # an end before the whole answer is as good
    assert got < 6 * 1024 * 1024
    server.stop()


def test_bodies_are_bounded_all_together(tmp_path, monkeypatch):
    monkeypatch.setattr(mail, "MOST_AT_ONCE", 100_000)
    server = Server(tmp_path / "relay").start()
    _, box = mailbox()
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(b"POST /deposit HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + bytes(80_000))
        time.sleep(0.3)
        assert deposit(server.address, box, b"1" * 32, bytes(60_000)) == 503
        assert deposit(server.address, box, b"1" * 32, bytes(1000)) == 204
    time.sleep(0.3)
    assert deposit(server.address, box, b"2" * 32, bytes(60_000)) == 204
    server.stop()
