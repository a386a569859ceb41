"""A folder as the way between vaults: any number of devices, in any order, with sticks that go round, and files that are none of ours."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panah.errors import Full, Unreachable
from panah.kernel import folder, keys, sync
from tests import team
from tests.team import File


@pytest.fixture
def three(tmp_path):
    omid = team.found(tmp_path / "omid")
    sara = team.join(omid, tmp_path / "sara", "Sara", ("supervisor", "intake"))
    noor = team.join(omid, tmp_path / "noor", "Noor", ("supervisor", "intake"))
    stick = tmp_path / "stick"
    stick.mkdir()
    yield omid, sara, noor, stick
    for s in (omid, sara, noor):
        s.lock()


def round_of(people, stick, times=2):
    for _ in range(times):
        for s in people:
            folder.visit(s, stick)


def test_a_folder_that_goes_round_brings_everybody_into_step(three):
    omid, sara, noor, stick = three
    one = omid.save(File(title="written by the first", photo=omid.attach(b"\xff" * 600_000, "image/jpeg", "a.jpg")))
    round_of((omid, sara, noor), stick)
    assert noor.get(File, one.id).title == "written by the first"
    assert noor.read(noor.get(File, one.id).photo) == b"\xff" * 600_000
    sara.save(File(title="written by the second"))
    round_of((sara, noor, omid), stick)
    assert (
        {f.title for f in omid.list(File)}
        == {f.title for f in noor.list(File)}
        == {"written by the first", "written by the second"}
    )


def test_who_visits_again_leaves_nothing_and_reads_nothing(three):
    omid, sara, noor, stick = three
    omid.save(File(title="once"))
    round_of((omid, sara, noor), stick, 3)
    before = sorted(p.name for p in stick.iterdir())
    for s in (omid, sara, noor):
        visit = folder.visit(s, stick)
        assert (visit.carried.sent, visit.carried.received, visit.carried.files, len(visit.bundles)) == (0, 0, 0, 0)
    assert sorted(p.name for p in stick.iterdir()) == before


def test_names_say_nothing_and_no_bundle_repeats_what_another_holds(three):
    omid, sara, _, stick = three
    omid.save(File(title="SENTINELTITLE", photo=omid.attach(bytes(300_000), "image/jpeg", "SENTINELNAME.jpg")))
    folder.visit(omid, stick)
    first = sum(p.stat().st_size for p in stick.iterdir())
    folder.visit(sara, stick)
    assert all(folder.NAME.fullmatch(p.name) for p in stick.iterdir())
    assert all(b"SENTINEL" not in p.read_bytes() for p in stick.iterdir())
    # What Sara leaves is her own part of the log, not Omid's again: and not his picture.
    assert sum(p.stat().st_size for p in stick.iterdir()) - first < 100_000


def test_another_stick_in_the_same_place_and_a_deleted_bundle_are_filled_again(three):
    omid, sara, _, stick = three
    one = omid.save(File(title="on both sticks"))
    folder.visit(omid, stick)
    for p in stick.iterdir():
        p.unlink()
    folder.visit(omid, stick)
    folder.visit(sara, stick)
    assert sara.get(File, one.id).title == "on both sticks"


def test_files_of_others_are_left_alone_and_counted(three):
    omid, sara, _, stick = three
    (stick / "holiday.jpg").write_bytes(b"a picture")
    (stick / ("a" * 32)).write_bytes(b"a name like ours, and something else inside")
    (stick / ("b" * 32)).mkdir()
    (stick / ("c" * 32)).symlink_to(stick / "holiday.jpg")
    (stick / ("d" * 32 + ".part")).write_bytes(sync.MAGIC)
    visit = folder.visit(omid, stick)
    assert (visit.strangers, visit.refused) == (4, {"a" * 32})
    assert (stick / "holiday.jpg").read_bytes() == b"a picture" and (stick / ("d" * 32 + ".part")).exists()
    # It is passed by again the next time, and stops nobody.
    assert folder.visit(sara, stick).refused and not folder.visit(sara, stick).bundles


def test_a_bundle_that_is_still_being_copied_gives_what_is_whole_and_the_rest_later(three):
    omid, sara, _, stick = three
    ids = [omid.save(File(title=f"case {n}")).id for n in range(20)]
    folder.visit(omid, stick)
    (bundle,) = stick.iterdir()
    whole = bundle.read_bytes()
    bundle.write_bytes(whole[: len(whole) * 2 // 3])
    visit = folder.visit(sara, stick)
    assert len(visit.unfinished) == 1 and not visit.bundles and visit.carried.received > 0
    bundle.write_bytes(whole)
    again = folder.visit(sara, stick)
    assert len(again.bundles) == 1 and again.carried.received > 0
    assert {f.id for f in sara.list(File)} == set(ids)


def test_many_visits_leave_few_bundles(three):
    omid, sara, _, stick = three
    for n in range(folder.MOST_OWN + 5):
        omid.save(File(title=f"case {n}"))
        folder.visit(omid, stick)
        assert len(list(stick.iterdir())) <= folder.MOST_OWN
    folder.visit(sara, stick)
    assert sara.count(File) == folder.MOST_OWN + 5


def test_a_visit_that_was_cut_off_leaves_no_part_behind(three, monkeypatch):
    omid, sara, _, stick = three
    omid.save(File(title="cut"))

    class Cut(BaseException):
        pass

    def pull_out(done, of):
        raise Cut

    with pytest.raises(Cut):
        folder.visit(omid, stick, pull_out)
    assert list(stick.iterdir()) == []
    # A crash asks nobody before it leaves: what is left then is ours, and goes at the next visit.
    name = keys.random(16).hex()
    with omid.vault.change():
        omid.vault.set_cursor("folder:" + name, b"begun", 1)
    (stick / (name + ".part")).write_bytes(b"half")
    folder.visit(omid, stick)
    assert [p for p in stick.iterdir() if p.suffix] == [] and len(folder.visit(sara, stick).bundles) == 1


def test_a_folder_that_is_gone_or_overfull_is_said(three, monkeypatch):
    omid, _sara, _, stick = three
    with pytest.raises(Unreachable, match="folder_unreachable"):
        folder.visit(omid, stick / "not there")
    monkeypatch.setattr(folder, "MOST_ENTRIES", 3)
    for n in range(4):
        (stick / f"{n}.txt").touch()
    with pytest.raises(Full, match="folder_too_full"):
        folder.visit(omid, stick)


def test_a_bundle_of_another_team_is_kept_out(three, tmp_path):
    omid, _sara, _, stick = three
    stranger = team.found(tmp_path / "stranger")
    stranger.save(File(title="of another team"))
    folder.visit(stranger, stick)
    folder.visit(omid, stick)
    assert omid.count(File) == 0
    stranger.lock()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_any_order_of_visits_losses_and_cuts_ends_in_step(tmp_path_factory, seed):
    chance = random.Random(seed)
    home = tmp_path_factory.mktemp("folder")
    omid = team.found(home / "omid")
    people = [omid, *(team.join(omid, home / n.lower(), n, ("supervisor", "intake")) for n in ("Sara", "Noor"))]
    sticks = [home / "one", home / "two"]
    for stick in sticks:
        stick.mkdir()
    for n in range(25):
        s, stick = chance.choice(people), chance.choice(sticks)
        act = chance.random()
        if act < 0.4:
            photo = s.attach(chance.randbytes(chance.choice([10, 300_000])), "image/png", "x") if chance.random() < 0.3 else None
            s.save(File(title=f"{n}", photo=photo))
        elif act < 0.85:
            folder.visit(s, stick)
        elif bundles := list(stick.iterdir()):
            one = chance.choice(bundles)
            one.unlink() if chance.random() < 0.5 else one.write_bytes(
                one.read_bytes()[: chance.randrange(1, one.stat().st_size)]
            )
    for _ in range(3):
        for s in people:
            folder.visit(s, sticks[0])
    titles = [sorted((f.id, f.title) for f in s.list(File, limit=100)) for s in people]
    assert titles[0] == titles[1] == titles[2]
    for s in people:
        assert sync.lacking(s) == (0, 0)
        s.lock()
