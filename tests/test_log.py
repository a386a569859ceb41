"""The log against accidents and liars: whatever the order, the same state; whatever is altered, nothing changes and nothing is lost."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panah.errors import Unreadable
from panah.kernel import enrol, event, fold, keys, receive, seal, sync
from panah.kernel.event import Event, Stamp
from panah.kernel.fold import Authored, Write
from panah.schema import first_of, union
from tests import team
from tests.team import File, Letter

A, B, C = b"a" * 8, b"b" * 8, b"c" * 8
RISK = first_of("critical", "high", "medium", "low")


@st.composite
def histories(draw: st.DrawFn) -> list[Write]:
    """Random writes by three people who have each seen some of what was written before."""
    writes: list[Write] = []
    for at in range(1, draw(st.integers(2, 10))):
        seen = draw(st.sets(st.sampled_from(range(len(writes))), max_size=len(writes))) if writes else set()
        base = tuple(writes[i].stamp for i in seen)
        writes.append(
            Write(Stamp(at, draw(st.sampled_from([A, B, C]))), draw(st.sampled_from(["critical", "high", "medium", "low"])), base)
        )
    return writes


@given(histories(), st.randoms(use_true_random=False))
def test_a_field_shows_the_same_whatever_the_order_of_arrival(writes, rng):
    first = fold.state(writes, RISK)
    for _ in range(6):
        rng.shuffle(writes)
        assert fold.state(writes + writes[:2], RISK) == first


@given(histories())
def test_NN_71_no_write_is_lost_that_nobody_replaced(writes):
    replaced = {s for w in writes for s in w.base}
    assert {w.stamp for w in fold.standing(writes)} == {w.stamp for w in writes} - replaced


@given(histories())
def test_NN_70_the_most_protective_of_the_standing_values_counts(writes):
    order = ["critical", "high", "medium", "low"]
    standing = [w.value for w in fold.standing(writes)]
    assert fold.state(writes, RISK).value == min(standing, key=order.index)


@given(histories())
def test_a_write_that_has_seen_everything_stands_alone(writes):
    last = Write(Stamp(1000, A), "low", tuple(w.stamp for w in writes))
    state = fold.state([*writes, last], RISK)
    assert state.value == "low" and not state.conflict


def test_a_later_edit_is_no_conflict_because_it_arrived_first():
    first, second = Event(b"r" * 16, "k", 1, {"f": "x"}), Event(b"r" * 16, "k", 2, {"f": "y"}, {"f": [(1, A)]})
    for events in itertools.permutations([Authored(A, C, first), Authored(B, C, second)]):
        row = fold.fold(events, lambda k, f: None)
        assert row.values == {"f": "y"} and row.conflicts == ()
    assert fold.fold([Authored(B, C, second)], lambda k, f: None).values == {"f": "y"}


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=3),
        st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.lists(st.text(max_size=2))),
        max_size=5,
    )
)
def test_a_record_written_once_is_folded_like_any_other(values):
    once = [Authored(B, C, Event(b"r" * 16, "file", 7, values))]
    # Twice the same event is the same set of events, and goes the general way.
    assert fold.fold(once, lambda k, f: None) == fold.fold(once * 2, lambda k, f: None)


def test_union_keeps_every_warning():
    writes = [Write(Stamp(1, A), ["x"], ()), Write(Stamp(2, B), ["y"], ())]
    assert sorted(fold.state(writes, union).value) == ["x", "y"]


# -- bytes --------------------------------------------------------------------------------------------------------------


def _segment(me: keys.Identity | None = None, **content) -> tuple[event.Segment, bytes, keys.Identity]:
    me = me or keys.Identity.new()
    key = keys.random(32)
    events = [Event(b"r" * 16, "file", 5, {"title": "x"})]
    return event.write(me, b"c" * 8, b"e" * 8, key, [], event.Content(5, [], content.get("events", events))), key, me


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_rule(data):
    with pytest.raises(Unreadable):
        event.read(data)


@settings(max_examples=300)
@given(st.data())
def test_one_changed_byte_anywhere_is_found(data):
    segment, key, me = _segment()
    raw = bytearray(segment.bytes)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unreadable):
        again = event.read(bytes(raw))
        event.verify(again, event.open_body(again, key), me.verify_key)


@given(st.integers(0, 400))
def test_a_truncated_segment_is_refused(n):
    raw = _segment()[0].bytes
    with pytest.raises(Unreadable):
        event.read(raw[: min(n, len(raw) - 1)])


def test_a_segment_of_a_future_version_says_so():
    prefix = event.pack(event.Prefix(2, A, B, C, []))
    header = event.pack(event.Header(prefix, bytes(32)))
    with pytest.raises(Unreadable) as e:
        event.read_header(header, b"")
    assert e.value.code == "segment_future_version"


def test_an_event_cannot_claim_to_have_seen_the_future():
    liar = [Event(b"r" * 16, "file", 5, {"title": "x"}, {"title": [(9, A)]})]
    segment, key, me = _segment(events=liar)
    with pytest.raises(Unreadable) as e:
        event.verify(segment, event.open_body(segment, key), me.verify_key)
    assert e.value.code == "event_base_from_future"


@given(st.binary(max_size=5000))
def test_padding_and_packing_give_back_the_bytes(data):
    assert seal.unpad(seal.pad(data)) == data
    assert seal.decompress(seal.compress(data)) == data


def test_a_small_deposit_cannot_fill_the_memory():
    with pytest.raises(Unreadable) as e:
        seal.decompress(seal.compress(bytes(200_000)), most=100_000)
    assert e.value.code == "body_too_large"


def test_small_changes_all_have_one_size():
    assert len({len(_segment(events=[Event(b"r" * 16, "file", 5, {"t": "x" * n})])[0].bytes) for n in range(0, 40)}) == 1


# -- vaults that meet ---------------------------------------------------------------------------------------------------


def _rows(s):
    skip = [s.names[f"care/{i}"] for i in ()]
    return [r for r in s.vault.ask("select id, kind, created, updated, conflicts, data from rows order by id") if r not in skip]


@pytest.mark.parametrize("seed", range(6))
def test_three_vaults_that_meet_in_any_order_end_alike(tmp_path, seed):
    rng = random.Random(seed)
    clock = team.Clock()
    omid = team.found(tmp_path / "0", clock=clock)
    others = [team.join(omid, tmp_path / str(n), name, ("supervisor", "intake"), clock) for n, name in ((1, "Sara"), (2, "Rana"))]
    vaults = [omid, *others]
    for a, b in itertools.combinations(vaults, 2):
        team.meet(a, b, tmp_path / "stick")
    ids: list[str] = []
    for _ in range(40):
        s = rng.choice(vaults)
        here = [i for i in ids if s.find(Letter, i)]
        if not here or rng.random() < 0.2:
            ids.append(s.save(Letter(text=str(rng.random()), state="new")).id)
        elif rng.random() < 0.75:
            letter = s.get(Letter, rng.choice(here))
            setattr(letter, rng.choice(["text", "state", "secret"]), str(rng.random()))
            s.save(letter)
        else:
            a, b = rng.sample(vaults, 2)
            sync.to_file(a, tmp_path / "stick")
            sync.from_file(b, tmp_path / "stick")
    for _ in range(2):
        for a, b in itertools.combinations(vaults, 2):
            team.meet(a, b, tmp_path / "stick")
    assert _rows(vaults[0]) == _rows(vaults[1]) == _rows(vaults[2])
    assert len(_rows(omid)) == len(ids)
    for s in vaults:
        before = _rows(s)
        s.rebuild()
        assert _rows(s) == before and receive.check(s) == []


def _bundle_parts(path: Path) -> list[tuple[bytes, bytes]]:
    with path.open("rb") as f:
        f.read(len(sync.MAGIC))
        parts = []
        while True:
            try:
                parts.append(sync.read_part(f, b"SFE"))
            except Unreadable:
                return parts


def _write_bundle(path: Path, parts: list[tuple[bytes, bytes]]) -> None:
    with path.open("wb") as f:
        f.write(sync.MAGIC)
        for kind, data in parts:
            # A carrier that lies well counts well.
            count = sum(k == b"S" for k, _ in parts).to_bytes(8, "big")
            sync.write_part(f, kind, count if kind == b"E" else data)


@pytest.mark.parametrize("seed", range(5))
def test_R7_a_carrier_that_alters_reorders_replays_or_repeats_changes_nothing(tmp_path, seed):
    rng = random.Random(seed)
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"))
    letters = [omid.save(Letter(text=f"letter {n}")) for n in range(8)]
    sync.to_file(omid, tmp_path / "stick")
    parts = _bundle_parts(tmp_path / "stick")
    end = parts.pop()
    bad = []
    for kind, data in rng.sample(parts, 4):
        broken = bytearray(data)
        broken[rng.randrange(len(broken))] ^= 1 + rng.randrange(255)
        bad.append((kind, bytes(broken)))
    mixed = parts + parts[:5] + bad
    rng.shuffle(mixed)
    _write_bundle(tmp_path / "bad", [*mixed, end])
    done = sync.from_file(sara, tmp_path / "bad")
    assert [sara.get(Letter, x.id).text for x in letters] == [x.text for x in letters]
    assert done.quarantined + len(sara.quarantine()) >= 4
    assert _rows(omid) == _rows(sara)


def test_R7_a_withheld_segment_is_noticed_when_others_show_that_they_saw_it(tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"))
    rana = team.join(omid, tmp_path / "r", "Rana", ("supervisor", "intake"))
    for s in (sara, rana):
        team.meet(omid, s, tmp_path / "stick")
    letter = omid.save(Letter(text="first"))
    team.meet(omid, sara, tmp_path / "stick")
    hers = sara.get(Letter, letter.id)
    hers.state = "read"
    sara.save(hers)
    sync.to_file(sara, tmp_path / "stick")
    parts = _bundle_parts(tmp_path / "stick")
    withheld = [
        p
        for p in parts
        if (p[0] == b"S" and event.read(sync.unwrap(sara, p[1])).prefix.author != omid.identity.tag) or p[0] == b"E"
    ]
    _write_bundle(tmp_path / "less", withheld)
    sync.from_file(rana, tmp_path / "less")
    assert rana.vault.missing() > 0
    team.meet(omid, rana, tmp_path / "stick")
    assert rana.vault.missing() == 0 and rana.get(Letter, letter.id).state == "read"


def test_a_bundle_that_ends_too_early_counts_up_to_there_and_says_so(tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"))
    for n in range(5):
        omid.save(Letter(text=f"letter {n}"))
    sync.to_file(omid, tmp_path / "stick")
    whole = (tmp_path / "stick").read_bytes()
    (tmp_path / "stick").write_bytes(whole[:-200])
    with pytest.raises(Unreadable) as e:
        sync.from_file(sara, tmp_path / "stick")
    assert e.value.code == "bundle_truncated"
    assert 0 < sara.count(Letter) <= 5
    (tmp_path / "stick").write_bytes(b"something else")
    with pytest.raises(Unreadable) as e:
        sync.from_file(sara, tmp_path / "stick")
    assert e.value.code == "bundle_malformed"


def test_another_teams_bundle_is_kept_aside_and_changes_nothing(tmp_path):
    omid = team.found(tmp_path / "o")
    other = team.found(tmp_path / "x", name="Noor")
    other.save(Letter(text="theirs"))
    sync.to_file(other, tmp_path / "stick")
    before = _rows(omid)
    sync.from_file(omid, tmp_path / "stick")
    assert _rows(omid) == before and {h.code for h in omid.quarantine()} == {"transport_key_unknown"}


def test_I3_nobody_writes_in_another_members_name(tmp_path):
    omid = team.found(tmp_path / "o")
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("intake",))
    letter = omid.save(Letter(text="first"))
    team.meet(omid, laleh, tmp_path / "stick")
    # Laleh's device claims to be Omid's: his tag, her signature.
    liar = keys.Identity(omid.identity.tag, laleh.identity.sign_seed, laleh.identity.open_seed)
    tag = laleh.names["intake"]
    epoch, key = laleh.writing_key(tag)
    head = [id for author, id, _ in laleh.vault.heads(tag) if author == omid.identity.tag]
    at = laleh.tick()
    forged = event.write(
        liar, tag, epoch, key, head, event.Content(at, [], [Event(bytes.fromhex(letter.id), "letter", at, {"text": "forged"})])
    )
    got = receive.receive(omid, [forged.bytes], "test")
    assert got.quarantined == 1 and omid.get(Letter, letter.id).text == "first"
    assert [h.code for h in omid.quarantine()] == ["signature_wrong"]


def test_a_clock_years_ahead_is_held_back_until_its_time(tmp_path):
    clock, wild = team.Clock(), team.Clock(1_990_000_000.0)
    omid = team.found(tmp_path / "o", clock=clock)
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"), clock)
    sara.now = wild
    with sara.vault.change():
        sara.met(wild())
    letter = sara.save(Letter(text="from the future"))
    sync.to_file(sara, tmp_path / "stick")
    assert sync.from_file(omid, tmp_path / "stick").waiting >= 1
    assert omid.find(Letter, letter.id) is None
    clock.at = 1_990_000_100.0
    with omid.vault.change():
        omid.met(clock())
    receive.retry(omid)
    assert omid.get(Letter, letter.id).text == "from the future"


def test_a_cloned_device_that_forks_its_chain_loses_neither_branch(tmp_path):
    import shutil

    omid = team.found(tmp_path / "o", clock=team.Clock())
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"), team.Clock())
    sara.lock()
    shutil.copytree(tmp_path / "s", tmp_path / "clone")
    one, two = (enrol.open_vault(tmp_path / d, team.PASSPHRASE, team.TYPES, team.Clock(1_790_000_500.0)) for d in ("s", "clone"))
    a, b = one.save(Letter(text="one")), two.save(Letter(text="two"))
    for s in (one, two):
        sync.to_file(s, tmp_path / "stick")
        sync.from_file(omid, tmp_path / "stick")
    assert omid.get(Letter, a.id).text == "one" and omid.get(Letter, b.id).text == "two"


def test_a_record_of_a_type_this_version_does_not_know_is_kept_whole(tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"))
    sara.types = {"file": File}
    letter = omid.save(Letter(text="newer"))
    team.meet(omid, sara, tmp_path / "stick")
    assert sara.kind_of(letter.id) == "letter"
    sara.types = team.TYPES
    assert sara.get(Letter, letter.id).text == "newer"


@pytest.mark.parametrize(
    ("beginning", "code"),
    [
        (b"PANAHBUNDLE2\n", "bundle_future_version"),
        (b"PANAHBUNDLE12\n", "bundle_future_version"),
        (b"PANAHBUNDLE0\n", "bundle_malformed"),
        (b"PANAHBUNDLE\n", "bundle_malformed"),
        (b"PANAHBUNDLEx\n", "bundle_malformed"),
        (b"PANAHBUNDLE1", "bundle_malformed"),
    ],
)
def test_a_bundle_of_a_later_version_is_called_that_and_nothing_of_it_is_read(tmp_path, beginning, code):
    omid = team.found(tmp_path / "o")
    omid.save(Letter(text="x"))
    sync.to_file(omid, tmp_path / "stick")
    (tmp_path / "stick").write_bytes(beginning + (tmp_path / "stick").read_bytes()[len(sync.MAGIC) :])
    sara = team.join(omid, tmp_path / "s", "Sara", ("intake",))
    before = sara.vault.last_seq(), len(sara.quarantine())
    with pytest.raises(Unreadable) as e:
        sync.from_file(sara, tmp_path / "stick")
    assert e.value.code == code and before == (sara.vault.last_seq(), len(sara.quarantine()))
