"""Back in with the shares: a team whose administrators are lost goes on, and nobody else gets in that way."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from panah.errors import PanahError, Refused, Unreadable
from panah.kernel import age, authority, backup, enrol, event, keys, log, receive, recovery, regain, roster, share, sync
from panah.kernel.event import Content, Event
from tests import team
from tests.team import File, Letter

SECRET, NEXT, OTHER = b"\1" * 32, b"\2" * 32, b"\3" * 32


def founded(path, clock, secret=SECRET):
    s = enrol.new_vault(path, team.PASSPHRASE, team.TYPES, team.QUICK, clock)
    enrol.found(s, "Invented team", "Omid", ("supervisor", "intake", "keyholder"), secret)
    return s


@pytest.fixture
def people(tmp_path):
    """Omid founded and looks after the keys alone; Laleh has cases, Sara supervises."""
    clock = team.Clock()
    omid = founded(tmp_path / "omid", clock)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clock)
    sara = team.join(omid, tmp_path / "sara", "Sara", ("supervisor", "intake"), clock)
    team.meet(laleh, sara, tmp_path / "stick")
    yield omid, laleh, sara, clock, tmp_path
    for s in (omid, laleh, sara):
        s.lock()


def backed_up(s, tmp, clock, name="restored"):
    """A vault restored from a backup of this one."""
    backup.write(s, tmp / "backup.age", s.roster.recipient)
    return backup.restore(
        tmp / "backup.age", age.new_identity(SECRET), tmp / name, team.PASSPHRASE, team.TYPES, team.QUICK, clock
    )


def everywhere(*people, stick):
    for _ in range(2):
        for a, b in itertools.combinations(people, 2):
            team.meet(a, b, stick)


def seen(s) -> tuple[Any, ...]:
    r = s.roster
    members = {m.id: (m.name, m.roles, m.removed) for m in r.members.values()}
    return members, r.devices.keys(), r.removed, r.authorities, r.recipient


def test_the_only_administrator_is_lost_and_a_restored_laptop_goes_on(people):
    omid, laleh, sara, clock, tmp = people
    file = laleh.save(File(title="Known"))
    team.meet(laleh, omid, tmp / "stick")
    again = backed_up(omid, tmp, clock)
    assert again.me.id == "" and regain.whose(again).name == "Omid" and again.identity.tag != omid.identity.tag
    shares = recovery.split(SECRET)
    regain.recover(again, recovery.join([shares[4], shares[0], shares[2]]), NEXT, out={omid.identity.tag})
    assert again.me.name == "Omid" and "keyholder" in again.me.roles
    everywhere(again, laleh, sara, stick=tmp / "stick")
    assert seen(laleh) == seen(sara) == seen(again) and omid.identity.tag in laleh.roster.removed
    assert again.get(File, file.id).title == "Known"
    # It administers: a new colleague comes in. The lost laptop does nothing more, and reads nothing later.
    rana = team.join(again, tmp / "rana", "Rana", ("intake",), clock)
    late = team.join(omid, tmp / "late", "Late", ("keyholder",), clock)
    letter = sara.save(Letter(text="after the loss"))
    everywhere(again, laleh, sara, rana, stick=tmp / "stick")
    for s in (laleh, sara, rana):
        team.meet(omid, s, tmp / "stick")
        assert {m.name for m in s.members()} == {"Omid", "Laleh", "Sara", "Rana"}
    assert rana.get(Letter, letter.id) and omid.find(Letter, letter.id) is None
    # Later changes of the case reach the restored laptop too, under the new key.
    known = laleh.get(File, file.id)
    known.title = "Changed"
    laleh.save(known)
    everywhere(again, laleh, stick=tmp / "stick")
    assert again.get(File, file.id).title == "Changed"
    for s in (again, rana, late):
        s.lock()


def test_without_any_backup_a_colleague_takes_on_the_keys_of_the_team(people):
    omid, laleh, sara, clock, tmp = people
    with pytest.raises(Refused):
        enrol.remove(laleh, omid.me.id)
    regain.recover(laleh, SECRET, NEXT, out={omid.identity.tag})
    everywhere(laleh, sara, stick=tmp / "stick")
    assert seen(laleh) == seen(sara) and laleh.me.roles == ("caseworker", "keyholder")
    rana = team.join(laleh, tmp / "rana", "Rana", ("intake",), clock)
    assert rana.founder == omid.founder and rana.roster.authorities == laleh.roster.authorities
    rana.lock()


def test_after_use_the_old_shares_stop_counting_and_the_new_ones_count(people):
    omid, laleh, sara, _clock, tmp = people
    regain.recover(laleh, SECRET, NEXT, out={omid.identity.tag})
    everywhere(laleh, sara, stick=tmp / "stick")
    for s in (laleh, sara):
        with pytest.raises(Refused) as e:
            regain.fits(s, SECRET)
        assert e.value.code == "recovery_shares_old"
        regain.fits(s, NEXT)
        assert s.roster.recipient == authority.recipient_of(NEXT) != authority.recipient_of(SECRET)
    with pytest.raises(Refused):
        regain.recover(sara, SECRET, OTHER)
    regain.renew(sara, NEXT, OTHER)
    everywhere(laleh, sara, stick=tmp / "stick")
    assert [len(s.roster.authorities) for s in (laleh, sara)] == [3, 3] and seen(laleh) == seen(sara)
    backup.write(sara, tmp / "new.age", sara.roster.recipient)
    with pytest.raises(Unreadable):
        backup.restore(tmp / "new.age", age.new_identity(NEXT), tmp / "x", team.PASSPHRASE, team.TYPES, team.QUICK)
    backup.restore(tmp / "new.age", age.new_identity(OTHER), tmp / "y", team.PASSPHRASE, team.TYPES, team.QUICK).lock()


def test_V1_two_shares_or_another_teams_open_nothing(people):
    omid, laleh, _, _, _ = people
    shares, theirs = recovery.split(SECRET), recovery.split(OTHER)
    with pytest.raises(Unreadable) as e:
        recovery.join(shares[:2])
    assert e.value.code == "recovery_shares_too_few"
    with pytest.raises(Unreadable) as e:
        recovery.join([shares[0], shares[1], theirs[2]])
    assert e.value.code == "recovery_shares_mixed"
    with pytest.raises(Refused) as e:
        regain.recover(laleh, recovery.join(theirs[:3]), NEXT, out={omid.identity.tag})
    assert e.value.code == "recovery_shares_of_another_team"
    assert len(laleh.roster.authorities) == 1


# -- statements that somebody else wrote ------------------------------------------------------------------------------


def stranger_says(s, fields: dict[str, Any], at: int, me: keys.Identity) -> bytes:
    """A segment in the team's log by a device that nobody entered, as somebody with the team's key can write it."""
    tag = s.names["team"]
    epoch, key = s.writing_key(tag)
    content = Content(at, [], [Event(b"\7" * 16, roster.RECOVERED, at, fields)])
    return event.write(me, tag, epoch, key, [], content).bytes


def statement(s, me: keys.Identity, at: int, *, secret=SECRET, n=2, following=OTHER, founder=None, roles=("keyholder",)):
    enter = ["9" * 32, "Thief", list(roles), me.tag, me.verify_key, me.recipient]
    return authority.say(secret, founder or s.founder.keys, at, n, following, enter, set())


FORGED = {
    "by another secret": lambda s, me, at: statement(s, me, at, secret=OTHER),
    "by the authority that it names itself": lambda s, me, at: statement(s, me, at, secret=OTHER, following=OTHER),
    "for another team": lambda s, me, at: statement(s, me, at, founder=b"\5" * 40),
    "with a number that is not the next": lambda s, me, at: statement(s, me, at, n=3),
    "as the first one": lambda s, me, at: statement(s, me, at, n=1),
    "with a number below": lambda s, me, at: statement(s, me, at, n=0),
    "signed for another moment": lambda s, me, at: statement(s, me, at - 1),
    "the signature altered": lambda s, me, at: statement(s, me, at) | {"signature": bytes(64)},
    "another device in its place": lambda s, me, at: _other(statement(s, keys.Identity.new(), at), me),
    "another authority in its place": lambda s, me, at: statement(s, me, at) | {"authority": bytes(32)},
    "another recipient in its place": lambda s, me, at: statement(s, me, at) | {"recipient": authority.recipient_of(OTHER)[:-1] + "q"},
    "more taken out": lambda s, me, at: statement(s, me, at) | {"out": [s.identity.tag]},
    "odd": lambda s, me, at: {"n": 2, "enter": 7, "out": None, "signature": "x"},
    "with nothing": lambda s, me, at: {},
    "a device of odd shape": lambda s, me, at: statement(s, me, at) | {"enter": [[], {}, 1, b"", None, True]},
}  # fmt: skip


def _other(fields, me):
    return fields | {"enter": [*fields["enter"][:3], me.tag, me.verify_key, me.recipient]}


@pytest.mark.parametrize("name", sorted(FORGED))
def test_V1_a_forged_statement_enters_nobody_and_stops_nobody(people, name):
    _omid, laleh, sara, _, _ = people
    me, at = keys.Identity.new(), sara.tick()
    before = seen(sara)
    receive.receive(sara, [stranger_says(laleh, FORGED[name](laleh, me, at), at, me)], "test")
    # The same from a colleague: the author does not matter, the signature does.
    with laleh.vault.change():
        at = laleh.tick()
        log.append(laleh, laleh.names["team"], [Event(b"\7" * 16, roster.RECOVERED, at, FORGED[name](laleh, me, at))])
    team.meet(laleh, sara, people[4] / "stick")
    assert seen(sara) == before == seen(laleh) and me.tag not in sara.roster.devices
    assert sara.save(Letter(text="goes on"))


def test_V1_a_statement_that_is_said_again_by_another_at_another_time_does_nothing(people):
    omid, laleh, sara, _clock, tmp = people
    regain.recover(laleh, SECRET, NEXT, out={omid.identity.tag})
    everywhere(laleh, sara, stick=tmp / "stick")
    (said,) = [a.event for a in sara.vault.control_events(sara.names["team"], (roster.RECOVERED,)) if a.event.set["n"] == 2]
    before = seen(sara)
    for at in (1, said.at, sara.tick()):
        with sara.vault.change():
            log.append(sara, sara.names["team"], [Event(b"\6" * 16, roster.RECOVERED, at, said.set)])
            sara.load_roster()
        team.meet(laleh, sara, tmp / "stick")
        assert seen(sara) == before == seen(laleh)


@pytest.mark.parametrize("backdated", [False, True])
def test_V2_used_shares_that_were_kept_do_not_undo_what_the_team_has_heard(people, backdated):
    omid, laleh, sara, clock, tmp = people
    early = laleh.tick()
    regain.recover(laleh, SECRET, NEXT, out={omid.identity.tag})
    everywhere(laleh, sara, stick=tmp / "stick")
    thief, at = keys.Identity.new(), early if backdated else sara.tick()
    late = stranger_says(sara, statement(sara, thief, at), at, thief)
    # A new colleague may hear the thief first; in the end all say the same.
    rana = team.join(laleh, tmp / "rana", "Rana", ("intake",), clock)
    for s in (rana, sara, laleh):
        receive.receive(s, [late], "test")
        share.tend(s)
    everywhere(rana, sara, laleh, stick=tmp / "stick")
    assert seen(sara) == seen(laleh) == seen(rana)
    assert thief.tag in sara.roster.removed and "Thief" not in {m.name for m in sara.members()}
    regain.fits(sara, NEXT)
    rana.lock()


def test_two_groups_who_use_the_same_shares_far_from_each_other_end_alike(people):
    omid, laleh, sara, _clock, tmp = people
    regain.recover(laleh, SECRET, NEXT, out={omid.identity.tag})
    regain.recover(sara, SECRET, OTHER, out={omid.identity.tag})
    file = laleh.save(File(title="written meanwhile"))
    everywhere(laleh, sara, stick=tmp / "stick")
    assert seen(laleh) == seen(sara) and len(laleh.roster.authorities) == 2
    assert sum("keyholder" in m.roles for m in laleh.members() if m.name != "Omid") == 1
    assert laleh.get(File, file.id)


def test_what_comes_in_another_order_ends_alike(people):
    omid, laleh, sara, clock, tmp = people
    again = backed_up(omid, tmp, clock)
    regain.recover(again, SECRET, NEXT, out={omid.identity.tag})
    regain.renew(again, NEXT, OTHER)
    rana = team.join(again, tmp / "rana", "Rana", ("intake",), clock)
    segments = [event.pack(event.Whole(h, b)) for _, _, h, b, _ in again.vault.segments_after(0)]
    want = None
    for order in (segments, segments[::-1]):
        s = laleh if order is segments else sara
        receive.receive(s, order, "test")
        receive.receive(s, order[:3], "test")
        want = want or seen(s)
        assert seen(s) == want and s.roster.authorities[-1] == authority.public_of(OTHER)
    for s in (again, rana):
        s.lock()


def test_a_laptop_that_was_taken_out_does_not_come_back_by_the_shares(people):
    omid, laleh, _, _, tmp = people
    enrol.remove(omid, laleh.me.id)
    team.meet(omid, laleh, tmp / "stick")
    with pytest.raises(Refused) as e:
        regain.recover(laleh, SECRET, NEXT)
    assert e.value.code == "device_taken_out"


def test_a_team_that_was_founded_without_shares_says_so(tmp_path):
    s = team.found(tmp_path / "v")
    with pytest.raises(Refused) as e:
        regain.renew(s, SECRET, NEXT)
    assert e.value.code == "recovery_not_pinned"
    s.lock()


# -- founding keys ----------------------------------------------------------------------------------------------------


def test_P1_a_changed_founding_key_is_a_hard_stop(people):
    omid, laleh, _sara, clock, tmp = people
    for founder in (
        roster.Founder(omid.founder.tag, b"\5" * 32, omid.founder.authority),
        roster.Founder(b"\5" * 8, omid.founder.verify_key, omid.founder.authority),
        roster.Founder(omid.founder.tag, omid.founder.verify_key, b"\5" * 32),
        roster.Founder(omid.founder.tag, omid.founder.verify_key),
    ):
        with pytest.raises(Refused) as e, laleh.vault.change():
            laleh.set_founder(founder)
        assert e.value.code == "founder_changed" and laleh.founder == omid.founder
    # A welcome from elsewhere, sealed to this very device.
    stranger = founded(tmp / "stranger", clock, OTHER)
    welcome = enrol.invite(stranger, enrol.card(laleh), "Laleh", ("caseworker",))
    with pytest.raises(Refused) as e:
        enrol.enter(laleh, welcome)
    assert e.value.code == "founder_changed" and laleh.founder == omid.founder and laleh.team == "Invented team"
    # An administrator who writes another key for the founder's device changes nothing, and it is seen.
    with omid.vault.change():
        fields = {"member": omid.me.id, "tag": omid.founder.tag, "sign": b"\5" * 32, "open": laleh.identity.recipient}
        log.append(omid, omid.names["team"], [share.control(omid, roster.DEVICE, b"\7" * 16, **fields)])
    team.meet(omid, laleh, tmp / "stick")
    assert laleh.roster.devices[omid.founder.tag].verify_key == omid.founder.verify_key
    assert laleh.roster.impostors == {omid.founder.tag}
    stranger.lock()


def test_the_digits_of_the_founder_tell_the_recovery_authority_too(tmp_path):
    a, b = (roster.Founder(b"\1" * 8, b"\2" * 32, n * 32) for n in (b"\3", b"\4"))
    assert enrol.words(a.pinned) != enrol.words(b.pinned)


# -- a forgotten passphrase -------------------------------------------------------------------------------------------


def test_a_forgotten_passphrase_is_replaced_with_the_shares_and_nothing_is_lost(people):
    _omid, laleh, _sara, clock, tmp = people
    file, tag = laleh.save(File(title="Known")), laleh.identity.tag
    with pytest.raises(PanahError) as e:
        regain.new_passphrase(tmp / "laleh", SECRET, "another seven herons")
    assert e.value.code == "vault_in_use"
    laleh.lock()
    for secret, code in ((OTHER, "recovery_shares_not_for_this_vault"), (NEXT, "recovery_shares_not_for_this_vault")):
        with pytest.raises(Unreadable) as e:
            regain.new_passphrase(tmp / "laleh", secret, "another seven herons")
        assert e.value.code == code
    with pytest.raises(Refused) as e:
        regain.new_passphrase(tmp / "laleh", SECRET, "short")
    assert e.value.code == "passphrase_too_short"
    regain.new_passphrase(tmp / "laleh", SECRET, "another seven herons")
    with pytest.raises(PanahError):
        enrol.open_vault(tmp / "laleh", team.PASSPHRASE, team.TYPES, clock)
    again = enrol.open_vault(tmp / "laleh", "another seven herons", team.TYPES, clock)
    assert again.get(File, file.id).title == "Known" and again.identity.tag == tag
    again.lock()
    (tmp / "laleh" / regain.ESCROW).unlink()
    with pytest.raises(Refused) as e:
        regain.new_passphrase(tmp / "laleh", SECRET, "another seven herons")
    assert e.value.code == "recovery_not_beside"


def test_what_lies_beside_a_vault_follows_the_shares_that_count_and_the_key_of_the_vault(people):
    omid, laleh, _sara, clock, tmp = people
    regain.renew(omid, SECRET, NEXT)
    team.meet(omid, laleh, tmp / "stick")
    with laleh.vault.change():
        laleh.vault.set_meta("rekey", b"1")
    laleh.lock()
    before = regain.opened(tmp / "laleh", SECRET)
    enrol.open_vault(tmp / "laleh", team.PASSPHRASE, team.TYPES, clock).lock()
    with pytest.raises(Unreadable):
        regain.opened(tmp / "laleh", SECRET)
    assert regain.opened(tmp / "laleh", NEXT) != before
    # Nobody reads the key in the file that lies there.
    assert before not in (tmp / "laleh" / regain.ESCROW).read_bytes()


def test_a_backup_brings_back_who_signs_the_help_page(people):
    omid, _, _, clock, tmp = people
    omid.set_setting("root", b"\x2a" * 32)
    again = backed_up(omid, tmp, clock)
    assert again.setting("root") == b"\x2a" * 32 and sync.lacking(again) == (0, 0)
    again.lock()
