"""A relay under a flood: what strangers cannot do to a person who asks for help, to a team that was there before, or to a disk."""

from __future__ import annotations

import hashlib
import json
import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panah import puzzle
from panah.kernel.relay import Relay
from panah.relay.app import Server
from panah.relay.store import Item
from tests import postgres
from tests.relay import delete, deposit, fetch, mailbox, post, visit

JUNK = int(os.environ.get("PANAH_FLOOD", "3000"))
TODAY = int(time.time() // 86400)
STORES = [pytest.param("sqlite"), pytest.param("postgres", marks=postgres.needs_postgres)]
PUZZLES = json.loads((Path(__file__).parent.parent / "spec/vectors/puzzle.json").read_text())


@pytest.fixture(params=STORES)
def start(request, tmp_path, monkeypatch):
    """Start a relay on one of the stores, with some lines of settings; the same place each time."""
    running = []
    if request.param == "postgres":
        monkeypatch.setenv("PANAH_RELAY_POSTGRES", postgres.fresh())

    def begin(lines=""):
        (tmp_path / "relay.toml").write_text(lines)
        running.append(Server(tmp_path).start())
        return running[-1]

    yield begin
    for server in running:
        server.stop()


def all_of(address, cap):
    found, after = [], 0
    while page := fetch(address, cap, after, 2000):
        found += page
        after = page[-1][0]
    return found


def flood(address, box, count, size=1500, senders=8):
    """Junk from many at once, none of whom solves anything; what each was answered."""

    def send(k):
        line = Relay(address)
        rng = random.Random(k)
        answers = Counter()
        for _ in range(count // senders):
            status, _ = line._ask("/deposit", box + rng.randbytes(32) + rng.randbytes(size))
            answers[status] += 1
        line.close()
        return answers

    with ThreadPoolExecutor(senders) as pool:
        return sum(pool.map(send, range(senders)), Counter())


def test_R8_a_flood_of_junk_does_not_keep_out_the_one_who_asks_for_help(start):
    """3,000 here; PANAH_FLOOD=50000 for the number that is promised."""
    server = start()
    cap, box = mailbox()
    human = b"H" * 7312
    sent = []

    def ask_for_help():
        time.sleep(0.3)
        Relay(server.address).deposit(box, b"h" * 32, human)
        sent.append(True)

    person = threading.Thread(target=ask_for_help)
    person.start()
    answers = flood(server.address, box, JUNK)
    person.join()
    assert sent and set(answers) <= {204, 429} and sum(answers.values()) == JUNK // 8 * 8
    found = all_of(server.address, cap)
    assert len(found) == answers[204] + 1 and [n for n, _, _ in found] == list(range(1, len(found) + 1))
    assert [blob for _, id, blob in found if id == b"h" * 32] == [human]
    # The node took all of it, and nothing of it stays.
    assert delete(server.address, cap, found[-1][0]) == 204 and fetch(server.address, cap) == []
    assert server.store.usage().deposits == 0


def test_R8_a_relay_that_strangers_filled_takes_a_solved_puzzle_a_voucher_and_what_a_team_brings(start):
    word = os.urandom(32)
    server = start(f'most_bytes = 1_000_000\npublish = "{hashlib.sha256(word).hexdigest()}"\n')
    team, team_box = mailbox()
    for day in (TODAY - 8, TODAY):  # the team was there before
        server.store.deposit([Item(team_box, day.to_bytes(32, "big"), b"x")], day)
        server.store.fetch(team_box, 0, 10, day)
        server.store.note_readers()
    cap, box = mailbox()
    answers = flood(server.address, box, 600)
    assert answers[204] > 100 and answers[429] > 100 and set(answers) == {204, 429}
    # Who does the work gets in.
    Relay(server.address).deposit(box, b"h" * 32, b"H" * 1500)
    assert any(id == b"h" * 32 for _, id, _ in all_of(server.address, cap))
    # A flood that does the work as well ends where the strangers' room ends.
    answers, stranger = [], Relay(server.address)
    for k in range(400):
        id = k.to_bytes(32, "little")
        status, asked = stranger._ask("/deposit", box + id + bytes(1500))
        if status == 429:
            status, _ = stranger._ask("/solve", asked + puzzle.solve(asked) + box + id + bytes(1500))
        answers.append(status)
        if status == 507:
            break
    assert set(answers[:-1]) == {204} and answers[-1] == 507
    # The team's own traffic, and a voucher, find room; whoever only says so does not.
    assert post(server.address, "/keep", team + b"t" * 32 + bytes(1500)).status == 204
    assert post(server.address, "/keep", os.urandom(32) + b"t" * 32 + bytes(1500)).status == 507
    voucher = puzzle.voucher(os.urandom(10))
    Relay(server.address).add_vouchers(word, [puzzle.voucher_hash(voucher)])
    by_voucher = voucher + box + b"v" * 32 + b"V" * 1500
    assert [post(server.address, "/vouch", by_voucher).status for _ in range(2)] == [204, 204]
    assert post(server.address, "/vouch", voucher + box + b"w" * 32 + b"V" * 1500).status == 429
    # Nothing that was acknowledged went away for it.
    ids = {id for _, id, _ in all_of(server.address, cap)}
    assert {b"h" * 32, b"v" * 32} <= ids and {k.to_bytes(32, "little") for k in range(len(answers) - 1)} <= ids


def test_R9_a_full_relay_evicts_nothing_that_no_reader_has(start):
    server = start("most_bytes = 300_000\n")
    (first, box), (_, junk) = mailbox(), mailbox()
    for k in range(20):
        assert deposit(server.address, box, bytes([k]) * 32, bytes(2000)) == 204
    flood(server.address, junk, 400)
    for k in range(60):  # with the work done, until there is no room
        try:
            Relay(server.address).deposit(junk, bytes([k]) * 32, bytes(1500))
        except Exception as e:
            assert "relay_full" in str(e)
            break
    assert [n for n, _, _ in fetch(server.address, first)] == list(range(1, 21))
    # Neither does the day on which they are due, while the team reads the mailbox and has not said that it has them.
    server.store.note_readers()
    assert server.store.expire(TODAY + 36) >= 0
    assert [n for n, _, _ in fetch(server.address, first)] == list(range(1, 21))


def test_sixty_four_senders_at_once_are_all_accepted_and_each_deposit_is_kept_once(start):
    server = start()
    cap, box = mailbox()

    def send(k):
        ids = [hashlib.sha256(f"{k}/{n}".encode()).digest() for n in range(10)]
        line = Relay(server.address)
        answers = [line._ask("/deposit", box + id + f"from {k}".encode() * 100)[0] for id in ids for _ in range(2)]
        line.close()
        return answers

    with ThreadPoolExecutor(64) as pool:
        assert Counter(status for some in pool.map(send, range(64)) for status in some) == {204: 1280}
    found = all_of(server.address, cap)
    assert [n for n, _, _ in found] == list(range(1, 641)) and len({id for _, id, _ in found}) == 640


# -- puzzles --------------------------------------------------------------------------------------------------------------


def test_puzzles_and_vouchers_are_as_the_vectors_say():
    key = bytes.fromhex(PUZZLES["key"])
    for case in PUZZLES["puzzles"]:
        box, id, asked, nonce = (bytes.fromhex(case[name]) for name in ("box", "id", "puzzle", "nonce"))
        assert puzzle.make(key, case["bits"], box, id, case["now"]) == asked
        assert puzzle.solve(asked) == nonce
        assert puzzle.solved(key, asked, nonce, box, id, case["now"])
    for case in PUZZLES["refused"]:
        box, id, asked, nonce = (bytes.fromhex(case[name]) for name in ("box", "id", "puzzle", "nonce"))
        assert not puzzle.solved(key, asked, nonce, box, id, case["now"]), case["why"]
    for case in PUZZLES["vouchers"]:
        assert puzzle.printed(puzzle.voucher(bytes.fromhex(case["random"]))) == case["code"]
        for typed in case["typed"]:
            assert puzzle.voucher_hash(typed.replace("-", "").encode()).hex() == case["hash"]


@given(st.binary(max_size=40))
def test_no_bytes_of_a_relay_keep_a_sender_at_work_for_ever(asked):
    if len(asked) == puzzle.SIZE:
        asked = asked[:4] + bytes([min(asked[4], 8) if asked[4] <= puzzle.MOST_BITS else asked[4]]) + asked[5:]
    nonce = puzzle.solve(asked)
    assert nonce is None or len(nonce) == 8


def test_nothing_is_asked_when_calm_and_more_with_the_queue_and_the_room():
    assert puzzle.bits_wanted(0, 0) == puzzle.bits_wanted(255, 0.5) == 0
    by_queue = [puzzle.bits_wanted(n, 0) for n in range(0, 5000, 50)]
    by_room = [puzzle.bits_wanted(0, n / 100) for n in range(101)]
    assert by_queue == sorted(by_queue) and by_room == sorted(by_room) and by_queue[-1] == by_room[-1] == puzzle.MOST_BITS


def test_a_solved_puzzle_is_good_for_its_own_deposit_and_for_nothing_else(start):
    server = start("most_bytes = 100_000\n")
    cap, box = mailbox()
    flood(server.address, box, 80)
    status, asked = Relay(server.address)._ask("/deposit", box + b"1" * 32 + b"x")
    assert status == 429 and len(asked) == puzzle.SIZE and 0 < asked[4] <= puzzle.MOST_BITS
    nonce = puzzle.solve(asked)
    for other in (box + b"2" * 32 + b"x", mailbox()[1] + b"1" * 32 + b"x"):
        assert post(server.address, "/solve", asked + nonce + other).status == 429
    assert post(server.address, "/solve", asked + bytes(7) + b"\xff" + box + b"1" * 32 + b"x").status in (429, 204)
    right = asked + nonce + box + b"1" * 32 + b"x"
    assert [post(server.address, "/solve", right).status for _ in range(2)] == [204, 204]
    assert [id for _, id, _ in all_of(server.address, cap)].count(b"1" * 32) == 1
    assert post(server.address, "/solve", right[:93]).status == 400
    # Nobody without the publishing word makes vouchers.
    assert post(server.address, "/vouchers", os.urandom(64)).status == 400


def test_vouchers_are_made_by_who_may_publish_and_printed_once(tmp_path, capsys, monkeypatch):
    from panah import cli
    from panah.errors import PanahError

    word = os.urandom(32)
    (tmp_path / "relay.toml").write_text(f'publish = "{hashlib.sha256(word).hexdigest()}"\n')
    server = Server(tmp_path).start()
    (tmp_path / "word").write_text(word.hex() + "\n")
    monkeypatch.setattr("sys.argv", ["panah", "vouchers", server.address, "--word", str(tmp_path / "word"), "--count", "3"])
    cli.main()
    printed = capsys.readouterr().out.split()
    assert len(set(printed)) == 3 and all(line.startswith(server.address + "/#v=") for line in printed)
    codes = [line.split("#v=")[1].replace("-", "").encode() for line in printed]
    disk = b"".join(p.read_bytes() for p in tmp_path.glob("relay.db*"))
    assert all(puzzle.voucher_hash(v) in disk and v not in disk for v in codes)
    _, box = mailbox()
    assert post(server.address, "/vouch", codes[0] + box + b"1" * 32 + b"x").status == 204
    server.stop()
    assert puzzle.voucher_hash(codes[0]) not in b"".join(p.read_bytes() for p in tmp_path.glob("relay.db*"))
    from panah.work import vouchers

    for wrong in ("", "zz" * 32, "00" * 31):
        with pytest.raises(PanahError, match="voucher_word_malformed"):
            vouchers.make(server.address, wrong, 1)


# -- the same work --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["fetch", "visit", "delete"])
def test_R3_absent_wrong_emptied_and_expired_mailboxes_take_the_same_steps(tmp_path, verb):
    """Every statement that the store gives to SQLite, for each kind of nothing."""
    from panah.relay.store import Store

    store = Store(tmp_path / "relay.db")
    (emptied, expired, wrong), absent = (os.urandom(32) for _ in range(3)), os.urandom(32)
    store.deposit([Item(emptied, b"1" * 32, b"x"), Item(wrong, b"1" * 32, b"x")], TODAY)
    store.delete(emptied, 9)
    store.deposit([Item(expired, b"1" * 32, b"x")], TODAY - 100)
    assert store.expire(TODAY - 40) == 1
    steps: list[str] = []
    store.visit(absent, 0)  # opens this thread's connection
    for db in (store._db, store._reader()):
        db.exec_trace = lambda _, sql, __: steps.append(sql) or True

    def ask(box):
        steps.clear()
        found = store.fetch(box, 0, 16, TODAY) if verb == "fetch" else getattr(store, verb)(box, 0)
        return steps.copy(), found

    wrong_name = hashlib.sha256(wrong).digest()  # what the name of a mailbox opens when it is shown as a capability
    answers = [ask(box) for box in (emptied, expired, absent, wrong_name)]
    assert answers[0][0] and answers.count(answers[0]) == 4
    store.close()


def test_R3_erasing_answers_in_steps_of_time(start):
    server = start()
    cap, box = mailbox()
    deposit(server.address, box, b"1" * 32, b"x" * 5000)
    for one in (cap, os.urandom(32)):
        began = time.monotonic()
        assert delete(server.address, one, 9) == 204
        assert time.monotonic() - began >= 0.05
    assert len(visit(server.address, cap).body) == 12288
