"""Liars by name: a device that was copied, set back, whose clock is years wrong, that keeps changes back or goes on after its removal.

What they do changes nothing for the others, and the others read whose device it is and what to do.
"""

from __future__ import annotations

import shutil

import pytest

from panah.explain import EXPLAIN
from panah.kernel import enrol, event, receive, signs, sync
from panah.node.app import Node
from panah.records import TYPES
from panah.work import today
from tests import team
from tests.histories import YEAR, bundle
from tests.team import File, Letter
from tests.test_node_odd import walked

DESKS = ("supervisor", "intake")


@pytest.fixture
def people(tmp_path):
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock)
    sara = team.join(omid, tmp_path / "sara", "Sara", DESKS, clock)
    rana = team.join(omid, tmp_path / "rana", "Rana", DESKS, clock)
    for s in (sara, rana):
        team.meet(omid, s, tmp_path / "stick")
    everyone = {"omid": omid, "sara": sara, "rana": rana}
    yield everyone, clock, tmp_path
    for s in everyone.values():
        s.lock()


def told(s) -> list[tuple[str, str]]:
    return [(sign.code, sign.member) for sign in signs.signs(s)]


def reopened(folder, clock):
    return enrol.open_vault(folder, team.PASSPHRASE, team.TYPES, clock)


def test_a_team_at_work_shows_no_signs(people):
    everyone, _, tmp = people
    for n in range(3):
        for s in everyone.values():
            s.save(Letter(text=f"{n}"), File(title=f"{n}"))
        for a in everyone.values():
            for b in everyone.values():
                if a is not b:
                    team.meet(a, b, tmp / "stick")
    assert [told(s) for s in everyone.values()] == [[], [], []]


def test_links_that_are_filled_in_any_order_name_nobody(people):
    everyone, _, _ = people
    omid, sara, _ = everyone.values()
    letters = [omid.save(Letter(text=f"{n}")) for n in range(4)]
    log = [(h, b) for h, b in omid.vault.segments_of(omid.names["intake"]) if b]
    receive.receive(sara, [event.pack(event.Whole(h, b"")) for h, _ in log], "one who says that all of it was erased")
    for header, body in [*log[2:], *log[:2][::-1]]:
        receive.receive(sara, [event.pack(event.Whole(header, body))], "somebody else")
    assert all(sara.find(Letter, x.id) for x in letters) and told(sara) == [] == told(omid)


def test_C1_a_cloned_device_loses_neither_branch_and_everybody_reads_whose_it_is(people):
    everyone, clock, tmp = people
    everyone["sara"].lock()
    shutil.copytree(tmp / "sara", tmp / "copy")
    everyone["sara"], everyone["copy"] = one, two = reopened(tmp / "sara", clock), reopened(tmp / "copy", clock)
    written = [s.save(Letter(text=f"branch {n}")) for s in (one, two) for n in range(2)]
    for _ in range(2):
        for other in (one, two, everyone["rana"]):
            team.meet(everyone["omid"], other, tmp / "stick")
    for s in everyone.values():
        assert [s.find(Letter, x.id) is not None for x in written] == [True] * 4 and receive.check(s) == []
    assert told(everyone["omid"]) == told(everyone["rana"]) == [("device_doubled", "Sara")]
    assert told(one) == told(two) == [("this_device_doubled", "Sara")]
    # What the page says to do is enough: the device is removed, and nothing of either copy counts from then on.
    enrol.remove_device(everyone["omid"], one.identity.tag)
    team.meet(everyone["omid"], everyone["rana"], tmp / "stick")
    late = two.save(Letter(text="after the removal"))
    team.meet(two, everyone["rana"], tmp / "stick")
    team.meet(everyone["omid"], everyone["rana"], tmp / "stick")
    assert everyone["rana"].find(Letter, late.id) is None
    assert [code for code, _ in told(everyone["rana"])] == ["removed_goes_on"]


@pytest.mark.parametrize("wrote_meanwhile", [False, True])
def test_C2_a_device_that_was_set_back_is_told_and_what_it_gave_away_comes_back(people, wrote_meanwhile):
    everyone, clock, tmp = people
    everyone["sara"].lock()
    shutil.copytree(tmp / "sara", tmp / "image")
    sara = reopened(tmp / "sara", clock)
    given = sara.save(Letter(text="given away"))
    team.meet(sara, everyone["omid"], tmp / "stick")
    sara.lock()
    shutil.rmtree(tmp / "sara")
    shutil.copytree(tmp / "image", tmp / "sara")
    everyone["sara"] = sara = reopened(tmp / "sara", clock)
    again = sara.save(Letter(text="written on the old state")) if wrote_meanwhile else None
    assert sara.find(Letter, given.id) is None
    team.meet(sara, everyone["omid"], tmp / "stick")
    team.meet(everyone["rana"], everyone["omid"], tmp / "stick")
    for s in everyone.values():
        assert s.get(Letter, given.id).text == "given away" and receive.check(s) == []
        assert again is None or s.get(Letter, again.id).text == "written on the old state"
    assert told(sara) == [("this_device_doubled", "Sara")]
    assert told(everyone["rana"]) == ([("device_doubled", "Sara")] if wrote_meanwhile else [])


def test_C2_a_mailbox_or_stick_that_is_rolled_back_takes_nothing_back(people):
    everyone, _, tmp = people
    omid, sara, rana = everyone.values()
    letter = omid.save(Letter(text="first", state="new"))
    sync.to_file(omid, tmp / "old")
    letter.text = "second"
    omid.save(letter)
    file = omid.save(File(title="later"))
    team.meet(omid, sara, tmp / "stick")
    before = receive.check(sara), sara.vault.last_seq()
    for _ in range(2):
        done = sync.from_file(sara, tmp / "old")
        assert done.received == 0
    assert sara.get(Letter, letter.id).text == "second" and sara.get(File, file.id) and before == ([], sara.vault.last_seq())
    # Who only ever saw the old one learns from anybody's later word that more exists.
    sync.from_file(rana, tmp / "old")
    mine = sara.get(Letter, letter.id)
    mine.state = "read"
    sara.save(mine)
    sync.to_file(sara, tmp / "stick")
    segments = [d for k, d in bundle(tmp / "stick") if k == b"S"]
    hers = [d for d in segments if event.read(sync.unwrap(sara, d)).prefix.author == sara.identity.tag]
    with (tmp / "stick").open("wb") as f:
        f.write(sync.MAGIC)
        for data in hers:
            sync.write_part(f, b"S", data)
        sync.write_part(f, b"E", len(hers).to_bytes(8, "big"))
    sync.from_file(rana, tmp / "stick")
    assert ("changes_withheld", "Omid") in told(rana)
    team.meet(omid, rana, tmp / "stick")
    assert told(rana) == [] and rana.get(Letter, letter.id).state == "read"


def test_C3_what_is_kept_back_out_of_the_middle_of_a_chain_is_named(people):
    everyone, _, _ = people
    omid, sara, _ = everyone.values()
    letters = [omid.save(Letter(text=f"{n}")) for n in range(3)]
    tag, whole = omid.names["intake"], []
    for header, body in omid.vault.segments_of(tag):
        if event.read_header(header, body).prefix.author == omid.identity.tag:
            whole.append(event.pack(event.Whole(header, body)))
    receive.receive(sara, [*whole[:-2], whole[-1]], "a relay that keeps one back")
    assert sara.find(Letter, letters[0].id) and not sara.find(Letter, letters[2].id)
    assert told(sara) == [("changes_withheld", "Omid")] and sara.vault.missing() == 1
    receive.receive(sara, [whole[-2]], "another way")
    assert told(sara) == [] and sara.get(Letter, letters[2].id).text == "2"


@pytest.mark.parametrize("wrong", [8 * YEAR, 40 * 3600, -12 * YEAR, -3 * 3600])
def test_C4_a_clock_that_is_wrong_moves_nobody_elses_and_hides_nothing_for_ever(people, wrong):
    everyone, clock, tmp = people
    omid, sara, rana = everyone.values()
    sara.now = team.Clock(clock.at + wrong)
    with sara.vault.change():
        sara.met(sara.now())
    before = omid.save(Letter(text="before", state="new"))
    team.meet(omid, sara, tmp / "stick")
    hers = sara.save(Letter(text="hers"))
    team.meet(omid, sara, tmp / "stick")
    after = omid.save(Letter(text="after"))
    # No stamp of Omid's follows a clock that runs ahead, and Rana reads him at once.
    assert omid.tick() >> 16 < (clock.at + 60) * 1000
    team.meet(omid, rana, tmp / "stick")
    assert rana.get(Letter, before.id) and rana.get(Letter, after.id).text == "after"
    ahead = wrong > 24 * 3600
    assert (omid.find(Letter, hers.id) is None) == ahead
    assert told(omid) == ([("clock_ahead", "Sara")] if ahead else [])
    if wrong < -24 * 3600:
        assert ("clock_ahead", "Omid") in told(sara)  # whose clock it is, the two have to find out
    sara.now = clock
    clock.at += max(wrong, 0) + 60
    for s in everyone.values():
        receive.retry(s)
        with s.vault.change():
            s.met(clock())
    for a, b in ((omid, sara), (omid, rana), (sara, rana)):
        team.meet(a, b, tmp / "stick")
    for s in everyone.values():
        assert [s.get(Letter, x.id).text for x in (before, hers, after)] == ["before", "hers", "after"] and told(s) == []


def test_C5_a_removed_member_who_goes_on_under_the_old_key_is_named_and_not_heard(people):
    everyone, _, tmp = people
    omid, sara, rana = everyone.values()
    enrol.remove(omid, rana.me.id)
    team.meet(omid, sara, tmp / "stick")
    late = rana.save(Letter(text="under the old key"))
    sync.to_file(rana, tmp / "stick")
    for s in (omid, sara):
        sync.from_file(s, tmp / "stick")
        assert s.find(Letter, late.id) is None
        assert told(s) == [("removed_goes_on", "Rana")]


def test_every_sign_says_what_happened_and_what_to_do():
    assert {"changes_withheld", "device_doubled", "removed_goes_on", "this_device_doubled", "clock_ahead"} <= EXPLAIN.keys()


def test_the_day_and_the_page_of_carrying_name_the_device(tmp_path):
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", types=TYPES, clock=clock)
    assert not [i for i in today.today(omid) if "device" in i.what]
    with omid.vault.change():
        signs.note_doubled(omid, omid.identity.tag)
    (item,) = [i for i in today.today(omid) if "device" in i.what]
    assert item.urgent and item.link == "/sync"
    found = walked(omid, Node({"omid": tmp_path / "omid"}), ["/", "/sync"])
    page = found["/sync"][1]
    assert "this_device_doubled" in page and "Omid" in page and "Write nothing more here." in page
    assert "A device is not as it should be" in found["/"][1]
