"""What any store of a relay promises: in SQLite, and in PostgreSQL. Another database is added to STORES and has to pass the same tests."""

from __future__ import annotations

import os
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
from panah.relay.room import ROW
from panah.relay.store import FUZZ_DAYS, KEEP_DAYS, MOST_FETCH, MOST_VOUCHERS, SLOT_BLOB, Item, Kept, Store
from tests import postgres
from tests.relay import raw

_PLACES: dict[Path, str] = {}


def _in_postgres(folder, **limits):
    from panah.relay.postgres import Postgres

    if folder not in _PLACES:
        _PLACES[folder] = postgres.fresh()
    return Postgres(_PLACES[folder], **limits)


STORES = {"sqlite": lambda folder, **limits: Store(folder / "relay.db", **limits), "postgres": _in_postgres}
EACH = [pytest.param("sqlite"), pytest.param("postgres", marks=postgres.needs_postgres)]
UNSEEN = 0  # to fetch on day 0 leaves no trace, so a test can look without keeping a mailbox alive
A, B = b"a" * 32, b"b" * 32
FIRST, LAST = KEEP_DAYS - FUZZ_DAYS, KEEP_DAYS + FUZZ_DAYS


@pytest.fixture(params=EACH)
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


def test_a_nearly_full_disk_refuses_deposits_and_still_deletes(tmp_path):
    opener = STORES["sqlite"]  # where a database server keeps its files is not the relay's to see
    store = opener(tmp_path)
    store.deposit(items(A, 3), 1)
    store.close()
    store = opener(tmp_path, keep_free=1 << 60)
    assert store.deposit([Item(A, b"n" * 32, b"new")], 1) == [False]
    assert store.delete(A, 2) == 2 and [d.n for d in store.fetch(A, 0, 10, 1)] == [3]
    store.close()


def test_what_no_reader_has_is_never_evicted_and_what_is_due_and_was_read_goes_first(opener, tmp_path):
    store = opener(tmp_path, most_bytes=100_000)
    assert store.deposit(items(A, 10, bytes(5000)), 1000) == [True] * 10
    assert store.deposit(items(B, 5, bytes(5000)), 1020) == [True, False, False, False, False]
    store.fetch(A, 6, 10, 1036)  # the reader says that it has six of them, and keeps the mailbox alive
    assert store.expire(1036) == 0
    new = [Item(B, bytes([200 + k]) * 32, bytes(5000)) for k in range(20)]
    kept = sum(store.deposit(new, 1037))
    assert 0 < kept <= 6 and store.usage().bytes < 100_000
    there = [d.n for d in store.fetch(A, 0, 100, UNSEEN)]
    assert there == [7, 8, 9, 10]  # never fetched: they stay, and what comes is refused
    assert sum(store.deposit(new, 1037)) == kept
    store.close()


def test_no_class_of_size_takes_the_room_of_another(opener, tmp_path):
    store = opener(tmp_path, most_bytes=10_000_000)
    big = [Item(A, k.to_bytes(32, "big"), bytes(500_000)) for k in range(40)]
    assert 5 <= sum(store.deposit(big, 1)) <= 8
    assert store.taken(500_000) > 0.86 and store.taken(100) < 0.7
    assert store.deposit(items(B, 100, bytes(5000)), 1) == [True] * 100
    store.close()


def test_a_mailbox_that_was_in_use_before_finds_room_when_strangers_find_none(opener, tmp_path):
    store = opener(tmp_path, most_bytes=400_000)
    for day in (1000, 1008):  # read in two weeks, before the flood
        store.deposit([Item(A, day.to_bytes(32, "big"), b"x")], day)
        store.fetch(A, 0, 10, day)
        store.note_readers()
    flood = [Item(bytes([k]) * 32, bytes([k]) * 32, bytes(5000)) for k in range(100)]
    assert 0 < sum(store.deposit(flood, 1009)) < 60
    assert store.deposit([Item(A, b"s" * 32, bytes(5000))], 1009) == [False]  # a stranger, also there
    assert store.deposit([Item(A, b"o" * 32, bytes(5000), owner=True)], 1009) == [True]
    assert store.deposit([Item(B, b"o" * 32, bytes(5000), owner=True)], 1009) == [False]  # whoever says so for a new one
    store.close()


def test_a_voucher_lets_one_deposit_in_and_is_gone(opener, tmp_path):
    store = opener(tmp_path, most_bytes=100_000)
    store.deposit(items(B, 30, bytes(5000)), 1)
    hashes = [bytes([k]) * 32 for k in range(3)]
    assert store.add_vouchers(hashes) and store.add_vouchers(hashes[:1])
    one = Item(A, b"1" * 32, bytes(5000), voucher=hashes[0])
    assert store.deposit([one, one, one._replace(id=b"2" * 32)], 1) == [Kept.YES, Kept.YES, Kept.UNKNOWN_VOUCHER]
    assert store.deposit([one], 1) == [Kept.YES]  # sent again after a broken line
    assert store.deposit([Item(A, b"3" * 32, b"x", voucher=b"?" * 32)], 1) == [Kept.UNKNOWN_VOUCHER]
    assert not store.add_vouchers([os.urandom(32) for _ in range(MOST_VOUCHERS)])
    store.close()


def test_what_deposits_take_is_counted_exactly(opener, tmp_path):
    store = opener(tmp_path)
    store.deposit([Item(A, bytes([k]) * 32, bytes(size)) for k, size in enumerate((1, 9000, 70_000))], 1000)
    assert store.usage().bytes == 79_001 + 3 * ROW
    store.delete(A, 1)
    assert store.usage().bytes == 79_000 + 2 * ROW
    store.expire(1000 + LAST)
    assert store.usage().bytes == 0
    store.close()
    again = opener(tmp_path)
    assert again.usage().bytes == 0 and len(again.puzzle_key) == 32
    again.close()


def test_usage_counts_mailboxes_and_deposits(store):
    store.deposit([*items(A, 3), *items(B, 2)], 1)
    store.delete(A, 3)
    assert store.usage()[:2] == (2, 2) and store.usage().bytes > 0


class AnyHistory(RuleBasedStateMachine):
    """Deposits, deletions, expiry and restarts in any order: no number is ever given twice, nothing is lost or comes back."""

    boxes = st.sampled_from([A, B])

    where = "sqlite"

    def open_store(self, folder, chance):
        return STORES[self.where](folder, below=chance.randrange)

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


class AnyHistoryInPostgres(AnyHistory):
    where = "postgres"


AnyHistoryInPostgres.TestCase.settings = settings(max_examples=8, stateful_step_count=25, deadline=None)
TestAnyHistoryInPostgres = postgres.needs_postgres(AnyHistoryInPostgres.TestCase)


# -- SQLite's own -------------------------------------------------------------------------------------------------------


def test_a_second_relay_is_kept_out_of_the_folder(tmp_path):
    store = Store(tmp_path / "relay.db")
    with pytest.raises(Busy, match="relay_in_use"):
        Store(tmp_path / "relay.db")
    store.close()


def test_the_tables_hold_what_is_said_and_nothing_else(tmp_path):
    store = Store(tmp_path / "relay.db")
    store.deposit(items(A, 1), 20_000)
    store.close()
    db = apsw.Connection(str(tmp_path / "relay.db"))
    tables = {t for (t,) in db.execute("select name from sqlite_schema where type = 'table'")}
    columns = {t: [c[1] for c in db.execute(f"pragma table_info({t})")] for t in tables}
    assert columns == {
        "format": ["version", "puzzle"], "boxes": ["box", "last", "read_on", "read_to", "weeks"],
        "deposits": ["box", "n", "id", "goes", "blob"], "usage": ["kind", "bytes"], "vouchers": ["hash"],
    }  # fmt: skip
    assert list(db.execute("select * from boxes")) == [(A, 1, 0, 0, 0)]
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
    db.execute("update format set version = 3")
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


def test_a_relay_of_the_first_format_goes_on(tmp_path):
    db = apsw.Connection(str(tmp_path / "relay.db"))
    db.execute("""create table format (version integer not null); insert into format values (1);
        create table boxes (box blob primary key, last integer not null, read_on integer not null) without rowid;
        create table deposits (box blob not null, n integer not null, id blob not null, goes integer not null, blob blob not null,
            primary key (box, n));
        create unique index deposits_by_id on deposits (box, id); create index deposits_by_day on deposits (goes)""")
    db.execute("insert into boxes values (?, 3, 900)", (A,))
    for n, size in ((1, 10), (2, 9000), (3, 70_000)):
        db.execute("insert into deposits values (?, ?, ?, 1030, ?)", (A, n, bytes([n]) * 32, bytes(size)))
    db.close()
    for _ in range(2):
        store = Store(tmp_path / "relay.db")
        assert [d.n for d in store.fetch(A, 0, 10, UNSEEN)] == [1, 2, 3] and store.usage() == (1, 3, 79_010 + 3 * ROW)
        assert len(store.puzzle_key) == 32
        store.close()


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
