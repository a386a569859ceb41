"""What any store of a relay promises. Another database is added to STORES and has to pass the same tests."""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path

import apsw
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from panah.errors import Busy, Full, Unreadable
from panah.relay.store import FUZZ_DAYS, KEEP_DAYS, MOST_FETCH, SLOT_BLOB, Item, Store
from tests.relay import raw

STORES = {"sqlite": lambda folder, **limits: Store(folder / "relay.db", **limits)}
UNSEEN = 0  # to fetch on day 0 leaves no trace, so a test can look without keeping a mailbox alive
A, B = b"a" * 32, b"b" * 32
FIRST, LAST = KEEP_DAYS - FUZZ_DAYS, KEEP_DAYS + FUZZ_DAYS


@pytest.fixture(params=sorted(STORES))
def opener(request):
    return STORES[request.param]


@pytest.fixture
def store(opener, tmp_path):
    s = opener(tmp_path)
    yield s
    s.close()


def items(box, count, blob=b"sealed"):
    return [Item(box, k.to_bytes(32, "big"), blob) for k in range(count)]


def test_a_mailbox_is_numbered_from_one_in_the_order_of_arrival(store):
    store.deposit([Item(A, b"1" * 32, b"x"), Item(B, b"2" * 32, b"y"), Item(A, b"3" * 32, b"z")], 100)
    assert store.fetch(A, 0, 10, 100) == [(1, b"1" * 32, b"x"), (2, b"3" * 32, b"z")]
    assert store.fetch(B, 0, 10, 100) == [(1, b"2" * 32, b"y")]
    assert store.fetch(A, 1, 10, 100) == [(2, b"3" * 32, b"z")]
    assert store.fetch(A, 0, 1, 100) == [(1, b"1" * 32, b"x")]


def test_the_same_id_is_kept_once_in_each_mailbox(store):
    one = Item(A, b"1" * 32, b"first")
    assert store.deposit([one, one, Item(A, b"1" * 32, b"second"), Item(B, b"1" * 32, b"other")], 100) == [True] * 4
    assert store.deposit([one], 130) == [True]
    assert [d.blob for d in store.fetch(A, 0, 10, 100)] == [b"first"]
    assert [d.blob for d in store.fetch(B, 0, 10, 100)] == [b"other"]


def test_an_answer_stops_before_the_limit_but_holds_at_least_one(store):
    store.deposit(items(A, 5, bytes(3 * 1024 * 1024)), 100)
    assert [d.n for d in store.fetch(A, 0, 10, 100)] == [1, 2]
    assert [d.n for d in store.fetch(A, 4, 10, 100)] == [5]
    store.deposit([Item(B, b"1" * 32, bytes(MOST_FETCH + 1)), Item(B, b"2" * 32, b"x")], 100)
    assert [d.n for d in store.fetch(B, 0, 10, 100)] == [1]


def test_a_visit_shows_the_two_oldest_that_fit_into_a_slot(store):
    store.deposit(
        [Item(A, b"1" * 32, bytes(SLOT_BLOB + 1)), *(Item(A, bytes([k]) * 32, bytes(SLOT_BLOB)) for k in range(3))], 100
    )
    assert [d.n for d in store.visit(A, 0)] == [2, 3]
    assert [d.n for d in store.visit(A, 3)] == [4]
    assert store.visit(A, 4) == store.visit(B, 0) == []


def test_deposits_that_nobody_reads_go_between_23_and_37_days_after_they_came(store):
    store.deposit(items(A, 300), 1000)
    assert store.expire(1000 + FIRST - 1) == 0
    gone = [store.expire(1000 + k) for k in range(FIRST, LAST + 1)]
    assert sum(gone) == 300 and store.usage().deposits == 0
    # Spread, so that nobody who sees one vanish knows when it came: with 300 there is no day without any.
    assert all(gone) and max(gone) < 60


def test_what_is_read_within_thirty_days_stays(store):
    store.deposit(items(A, 50), 1000)
    for day in range(1001, 1101, 29):
        store.fetch(A, 0, 1, day)
        assert store.expire(day + KEEP_DAYS) == 0
    assert store.expire(1088 + KEEP_DAYS + 7) == 50


def test_a_visit_does_not_keep_a_reply_alive(store):
    store.deposit(items(A, 20), 1000)
    for _ in range(LAST):
        store.visit(A, 0)
    assert store.expire(1000 + LAST) == 20


def test_the_counter_outlives_what_is_deleted_and_what_expires(store):
    store.deposit(items(A, 3), 1000)
    assert store.delete(A, 2) == 2 and store.delete(A, 3) == 1 and store.delete(A, 3) == 0
    store.deposit([Item(A, b"x" * 32, b"x")], 1000)
    assert store.expire(1000 + LAST) == 1
    store.deposit([Item(A, b"y" * 32, b"y")], 2000)
    assert [d.n for d in store.fetch(A, 0, 10, 2000)] == [5]


def test_a_limit_refuses_what_is_new_and_evicts_nothing(opener, tmp_path):
    store = opener(tmp_path, most_bytes=200_000)
    kept = [store.deposit([item], 1)[0] for item in items(A, 100, bytes(5000))]
    assert 20 < sum(kept) < 40 and kept == sorted(kept, reverse=True)
    assert store.deposit(items(A, 1, bytes(5000)), 1) == [True]  # it is there already
    assert [d.n for d in store.fetch(A, 0, 1000, 1)] == list(range(1, sum(kept) + 1))
    store.delete(A, 10)
    assert store.deposit([Item(A, b"n" * 32, bytes(5000))], 1) == [True]
    store.close()


def test_a_nearly_full_disk_refuses_deposits_and_still_deletes(opener, tmp_path):
    store = opener(tmp_path)
    store.deposit(items(A, 3), 1)
    store.close()
    store = opener(tmp_path, keep_free=1 << 60)
    assert store.deposit([Item(A, b"n" * 32, b"new")], 1) == [False]
    assert store.delete(A, 2) == 2 and [d.n for d in store.fetch(A, 0, 10, 1)] == [3]
    store.close()


def test_a_second_relay_is_kept_out_of_the_folder(store, opener, tmp_path):
    with pytest.raises(Busy, match="relay_in_use"):
        opener(tmp_path)


def test_usage_counts_mailboxes_and_deposits(store):
    store.deposit([*items(A, 3), *items(B, 2)], 1)
    store.delete(A, 3)
    assert store.usage()[:2] == (2, 2) and store.usage().bytes > 0


class AnyHistory(RuleBasedStateMachine):
    """Deposits, deletions, expiry and restarts in any order: no number is ever given twice, nothing is lost or comes back."""

    boxes = st.sampled_from([A, B])

    @staticmethod
    def open_store(folder, chance):
        return STORES["sqlite"](folder, below=chance.randrange)

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.chance = random.Random(7)  # the same each time: a history that is tried again has to go the same way
        self.store = self.open_store(self.folder, self.chance)
        self.day = 1000
        self.count = 0
        self.lies: dict[bytes, dict[int, tuple[bytes, int]]] = {A: {}, B: {}}
        self.last = {A: 0, B: 0}

    def teardown(self):
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(box=boxes, many=st.integers(1, 4))
    def deposit(self, box, many):
        new = []
        for _ in range(many):
            self.count += 1
            self.last[box] += 1
            id = self.count.to_bytes(32, "big")
            self.lies[box][self.last[box]] = id, self.day
            new.append(Item(box, id, id))
        assert self.store.deposit(new, self.day) == [True] * many

    @rule(box=boxes, data=st.data())
    def deposit_again(self, box, data):
        if self.lies[box]:
            id, _ = self.lies[box][data.draw(st.sampled_from(sorted(self.lies[box])))]
            assert self.store.deposit([Item(box, id, b"again")], self.day) == [True]

    @rule(box=boxes, up_to=st.integers(0, 30))
    def delete(self, box, up_to):
        gone = [n for n in self.lies[box] if n <= up_to]
        assert self.store.delete(box, up_to) == len(gone)
        for n in gone:
            del self.lies[box][n]

    @rule(days=st.integers(1, 20))
    def days_pass(self, days):
        self.day += days
        self.store.expire(self.day)
        for box, lies in self.lies.items():
            there = {d.n for d in self.store.fetch(box, 0, 1000, UNSEEN)}
            assert there >= {n for n, (_, day) in lies.items() if self.day < day + FIRST}
            assert not there & {n for n, (_, day) in lies.items() if self.day >= day + LAST}
            self.lies[box] = {n: lies[n] for n in there}

    @rule()
    def restart(self):
        self.store.close()
        self.store = self.open_store(self.folder, self.chance)

    @invariant()
    def all_that_lies_there_is_what_was_left(self):
        for box, lies in self.lies.items():
            found = self.store.fetch(box, 0, 1000, UNSEEN)
            assert [(d.n, d.id) for d in found] == [(n, id) for n, (id, _) in sorted(lies.items())]
            assert all(d.blob == d.id for d in found)


AnyHistory.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestAnyHistory = AnyHistory.TestCase


# -- SQLite's own -------------------------------------------------------------------------------------------------------


def test_the_tables_hold_what_is_said_and_nothing_else(tmp_path):
    store = Store(tmp_path / "relay.db")
    store.deposit(items(A, 1), 20_000)
    store.close()
    db = apsw.Connection(str(tmp_path / "relay.db"))
    columns = {t: [c[1] for c in db.execute(f"pragma table_info({t})")] for t in ("format", "boxes", "deposits")}
    assert columns == {"format": ["version"], "boxes": ["box", "last", "read_on"], "deposits": ["box", "n", "id", "goes", "blob"]}
    assert set(db.execute("select name from sqlite_schema where type = 'table'")) == {(t,) for t in columns}
    assert list(db.execute("select box, last, read_on from boxes")) == [(A, 1, 0)]
    ((goes,),) = db.execute("select goes from deposits")
    assert 20_000 + FIRST <= goes <= 20_000 + LAST


def test_the_files_are_the_operators_alone(tmp_path):
    store = Store(tmp_path / "new" / "relay.db")
    store.deposit(items(A, 1), 1)
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "new").iterdir()} == {0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    store.close()


def test_a_folder_of_another_version_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "relay.db"
    Store(path).close()
    db = apsw.Connection(str(path))
    db.execute("update format set version = 2")
    db.close()
    for _ in range(2):  # the second time too: the refusal held no lock
        with pytest.raises(Unreadable, match="relay_format_unknown"):
            Store(path)
    db = apsw.Connection(str(path))
    db.execute("drop table format")
    db.close()
    with pytest.raises(Unreadable, match="relay_format_unknown"):
        Store(path)
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(Unreadable, match="relay_damaged"):
        Store(path)


def test_a_full_database_refuses_the_whole_batch_and_goes_on(tmp_path):
    store = Store(tmp_path / "relay.db")
    store.deposit(items(A, 3), 1)
    store._db.pragma("max_page_count", store._db.pragma("page_count") + 5)
    with pytest.raises(Full):
        store.deposit(items(B, 100, bytes(5000)), 1)
    assert store.fetch(B, 0, 10, 1) == [] and len(store.fetch(A, 0, 10, 1)) == 3
    assert store.delete(A, 1) == 1
    store._db.pragma("max_page_count", 1 << 30)
    assert store.deposit(items(B, 100, bytes(5000)), 1) == [True] * 100
    store.close()


@pytest.mark.parametrize("how", ["deleted", "expired"])
def test_R2_what_was_deleted_or_has_expired_is_in_no_file(tmp_path, how):
    store = Store(tmp_path / "relay.db")
    blob = b"".join(bytes([200 + k % 26]) * 16 for k in range(450))  # runs that are searched for, over several pages
    store.deposit(items(A, 40, blob), 1000)
    store.deposit(items(B, 3, b"stays" * 100), 1020)
    assert blob[:16] in raw(tmp_path)
    assert (store.delete(A, 40) if how == "deleted" else store.expire(1000 + LAST)) == 40
    found = raw(tmp_path)
    assert not any(blob[k : k + 16] in found for k in range(0, len(blob), 16))
    assert (tmp_path / "relay.db-wal").stat().st_size == 0 and b"stays" in found
    store.close()


def test_R2_a_reader_who_stays_inside_only_delays_the_erasure(tmp_path):
    store = Store(tmp_path / "relay.db")
    store._db.set_busy_timeout(50)
    store.deposit(items(A, 5, b"q" * 5000), 1000)
    other = apsw.Connection(str(tmp_path / "relay.db"))
    inside = other.execute("select blob from deposits")
    next(inside)
    store.delete(A, 5)
    assert b"q" * 100 in raw(tmp_path)
    inside.close()
    store.deposit(items(B, 1, b"next"), 1000)
    assert b"q" * 100 not in raw(tmp_path)
    other.close()
    store.close()
