"""Several devices, lost ones, and vaults that were away for long."""

from __future__ import annotations

import pytest

from panah import config
from panah.errors import Locked, NotFound, Refused
from panah.kernel import enrol, share, sync
from tests import team
from tests.team import File, Letter, Part


def another(founder, of, path, clock=None):
    """A second device for a member."""
    s = enrol.new_vault(path, team.PASSPHRASE, team.TYPES, team.QUICK, clock or team.Clock())
    enrol.enter(s, enrol.invite(founder, enrol.card(s), of.me.name, of.me.roles, member=of.me.id))
    return s


@pytest.fixture
def people(tmp_path):
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clock)
    tablet = another(omid, laleh, tmp_path / "tablet", clock)
    yield omid, laleh, tablet, clock, tmp_path
    for s in (omid, laleh, tablet):
        s.lock()


def test_two_devices_of_one_person_hold_the_same_keys(people):
    omid, laleh, tablet, _, tmp = people
    team.meet(omid, laleh, tmp / "stick")
    file = laleh.save(File(title="From the laptop"))
    team.meet(laleh, tablet, tmp / "stick")
    assert tablet.get(File, file.id).title == "From the laptop" and tablet.me == laleh.me
    given = omid.save(File(title="Given"))
    omid.give(f"care/{given.id}", laleh.me.id)
    team.meet(omid, laleh, tmp / "stick")
    team.meet(omid, tablet, tmp / "stick")
    assert laleh.get(File, given.id).title == tablet.get(File, given.id).title == "Given"


def test_NN_101_a_lost_laptop_is_taken_out_in_one_act_by_its_owner(people):
    omid, laleh, tablet, _, tmp = people
    file = laleh.save(File(title="Known"))
    for s in (omid, tablet):
        team.meet(laleh, s, tmp / "stick")
    lost = laleh.identity.tag
    assert list(share.could_open(omid, {lost})) == [f"care/{file.id}", "team"]
    with pytest.raises(Refused) as e:
        enrol.remove_device(tablet, tablet.identity.tag)
    assert e.value.code == "cannot_remove_this_device"
    with pytest.raises(Refused) as e:
        enrol.remove_device(tablet, omid.identity.tag)
    assert e.value.code == "only_an_administrator"
    enrol.remove_device(tablet, lost)
    with pytest.raises(NotFound):
        enrol.remove_device(tablet, lost)
    team.meet(tablet, omid, tmp / "stick")
    # The thief writes on the lost laptop, and waits for what comes: neither counts, nor opens.
    mine = laleh.get(File, file.id)
    mine.title = "Forged"
    laleh.save(mine)
    after = omid.save(Part(case=file.id, text="written after the loss"))
    for _ in range(2):
        team.meet(laleh, tablet, tmp / "stick")
        team.meet(omid, tablet, tmp / "stick")
        team.meet(laleh, omid, tmp / "stick")
    assert omid.get(File, file.id).title == tablet.get(File, file.id).title == "Known"
    assert tablet.get(Part, after.id).text == "written after the loss" and laleh.find(Part, after.id) is None
    assert not omid.roster.members[laleh.me.id].removed and omid.roster.devices_of(tablet.me.id) == [
        d for d in omid.roster.devices.values() if d.tag == tablet.identity.tag
    ]
    assert list(share.could_open(omid, {lost})) == [f"care/{file.id}", "team"]


def test_nobody_takes_out_the_device_of_another_by_forging_the_event(people):
    omid, *_, tmp = people
    rana = team.join(omid, tmp / "rana", "Rana", ("caseworker",))
    from panah.kernel import keys, log
    from panah.kernel.roster import REMOVED

    with rana.vault.change():
        log.append(rana, rana.names["team"], [share.control(rana, REMOVED, keys.random(16), device=omid.identity.tag)])
        log.append(rana, rana.names["team"], [share.control(rana, REMOVED, keys.random(16), device=b"odd")])
        log.append(rana, rana.names["team"], [share.control(rana, REMOVED, keys.random(16), device=7)])
    team.meet(rana, omid, tmp / "stick")
    assert omid.roster.removed == set()
    rana.lock()


@pytest.mark.parametrize("busy", [False, True])
def test_two_administrators_who_remove_each_other_are_both_out_everywhere(tmp_path, busy):
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock)
    one = team.join(omid, tmp_path / "one", "Sara", ("keyholder",), clock)
    two = team.join(omid, tmp_path / "two", "Dara", ("keyholder",), clock)
    team.meet(one, two, tmp_path / "stick")
    if busy:  # what a removed author did just before, unseen by the other, must not hide the answer
        team.join(two, tmp_path / "new", "Arash", ("caseworker",), clock).lock()
    enrol.remove(one, two.me.id)
    enrol.remove(two, one.me.id)
    for _ in range(3):
        for a, b in ((one, two), (two, omid), (one, omid)):
            team.meet(a, b, tmp_path / "stick")
    removed = [{m.name for m in s.members() if m.removed} for s in (omid, one, two)]
    assert removed == [{"Sara", "Dara"}] * 3
    with pytest.raises(Refused):
        enrol.remove(one, omid.me.id)
    enrol.remove(omid, one.me.id) if not omid.roster.members[one.me.id].removed else None
    dara = team.join(omid, tmp_path / "again", "Dara", ("keyholder",), clock)
    assert dara.me.name == "Dara"
    dara.lock()
    for s in (omid, one, two):
        s.lock()


def test_NN_64_a_vault_that_was_away_for_long_opens_nothing_before_it_has_met_somebody(people):
    omid, laleh, _, clock, tmp = people
    letter, file = omid.save(Letter(text="letter")), omid.save(File(title="File"))
    omid.give(f"care/{file.id}", laleh.me.id)
    team.meet(omid, laleh, tmp / "stick")
    clock.at += config.AWAY_SECONDS - 60
    assert laleh.get(File, file.id).title == "File" and omid.get(Letter, letter.id)
    clock.at += 120
    for what in (
        lambda: laleh.get(File, file.id),
        lambda: laleh.list(File),
        lambda: laleh.count(File),
        lambda: laleh.search("File"),
        lambda: laleh.history(file.id),
        lambda: laleh.conflicts(file.id),
        lambda: laleh.save(File(title="x")),
        lambda: laleh.read({"key": "00"}),
    ):
        with pytest.raises(Locked) as e:
            what()
        assert e.value.code == "team_not_met"
    # An old stick is no news of the team.
    sync.to_file(laleh, tmp / "old")
    sync.from_file(laleh, tmp / "old")
    with pytest.raises(Locked):
        laleh.list(File)
    # Only a supervisor may decide to work on; it stands in the log, and who hears of it may work on too.
    with pytest.raises(Refused):
        laleh.work_on("no network")
    with pytest.raises(Locked):
        omid.list(File)
    omid.work_on("The valley has no network until spring.")
    assert omid.get(File, file.id).title == "File"
    team.meet(omid, laleh, tmp / "stick")
    assert laleh.get(File, file.id).title == "File"


def test_a_team_of_one_device_is_never_kept_out(tmp_path):
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock)
    file = omid.save(File(title="File"))
    clock.at += 10 * config.AWAY_SECONDS
    assert omid.get(File, file.id).title == "File"
    rana = team.join(omid, tmp_path / "rana", "Rana", ("caseworker",), clock)
    assert omid.get(File, file.id).title == "File" and rana.list(File) == []
    for s in (omid, rana):
        s.lock()
