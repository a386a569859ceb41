"""The keys of the desks: each is made by its own first member, and made anew when somebody leaves (NN-40, NN-44)."""

from __future__ import annotations

import itertools

import pytest

from panah import config
from panah.errors import NotFound, Refused
from panah.kernel import enrol, epochs, keys, log, share
from panah.kernel.event import Event
from panah.kernel.roster import HOLDER
from tests import seek, team
from tests.team import File, Letter, Part

SECRET = "برگه‌ی سبز کنار چشمه"


def member(s, name):
    return next(m.id for m in s.members() if m.name == name and not m.removed)


def together(stick, *vaults):
    for a, b in itertools.chain(itertools.combinations(vaults, 2), itertools.combinations(vaults, 2)):
        team.meet(a, b, stick)


def keys_of(s, name):
    return {key for _, _, key in s.vault.keys_of(s.names[name])} if name in s.names else set()


def newest(s, name):
    return s.writing_key(s.names[name])


def holds_nothing(s, words, *names_of_keys):
    """No word, no key and no name of a compartment stands in the opened database."""
    raw = seek.opened(s)
    assert seek.found(raw, words) == [], s.me.name
    for key in names_of_keys:
        assert key not in raw, s.me.name


def test_I7_NN_44_the_founder_makes_no_key_of_a_desk_that_is_not_theirs(tmp_path):
    omid = team.found(tmp_path / "o", roles=("supervisor", "intake", "keyholder"))
    assert {n for n in omid.names if "/" not in n} == {"team", "intake", "operations", "advocacy", "supervisors"}
    rojin = team.join(omid, tmp_path / "r", "Rojin", ("health",))
    assert "health" in rojin.names and "health" not in omid.names
    with rojin.vault.change():
        log.append(rojin, rojin.names["health"], [Event(keys.random(16), "letter", rojin.tick(), {"text": SECRET})])
    team.meet(omid, rojin, tmp_path / "stick")
    assert seek.found(seek.opened(rojin), [SECRET]), "the search finds what is there"
    holds_nothing(omid, [SECRET], *keys_of(rojin, "health"))
    assert rojin.names["health"] not in omid.ring
    # A second one of the desk is handed its keys by the first, and not by who invited them.
    shirin = team.join(omid, tmp_path / "s", "Shirin", ("health",))
    assert "health" not in shirin.names
    together(tmp_path / "stick", omid, rojin, shirin)
    assert keys_of(shirin, "health") == keys_of(rojin, "health") and newest(shirin, "health") == newest(rojin, "health")


def test_NN_44_a_keyholder_who_founds_and_a_keyholder_who_invites_hold_no_desk(tmp_path):
    zana = team.found(tmp_path / "z", "Zana", ("keyholder",))
    assert set(zana.names) == {"team"}
    omid = team.join(zana, tmp_path / "o", "Omid", ("supervisor",))
    laleh = team.join(zana, tmp_path / "l", "Laleh", ("caseworker",))
    file = laleh.save(File(title=SECRET))
    together(tmp_path / "stick", zana, omid, laleh)
    assert omid.get(File, file.id).title == SECRET
    holds_nothing(zana, [SECRET, file.id], *keys_of(omid, "supervisors"), *keys_of(omid, "care/" + file.id))
    with pytest.raises(Refused, match="no_key_here"):
        zana.save(Letter(text="not mine"))


def test_NN_44_two_administrators_who_begin_one_desk_apart_come_to_one(tmp_path):
    omid = team.found(tmp_path / "o", roles=("keyholder",))
    zana = team.join(omid, tmp_path / "z", "Zana", ("keyholder",))
    rojin = team.join(omid, tmp_path / "r", "Rojin", ("health", "intake"))
    shirin = team.join(zana, tmp_path / "s", "Shirin", ("health", "intake"))
    assert rojin.names["intake"] == shirin.names["intake"] and newest(rojin, "intake") != newest(shirin, "intake")
    one, two = rojin.save(Letter(text="one")), shirin.save(Letter(text="two"))
    together(tmp_path / "stick", omid, zana, rojin, shirin)
    for desk in ("intake", "health"):
        assert newest(rojin, desk) == newest(shirin, desk)
        assert {d.hex() for d in share.holding(rojin, rojin.names[desk])} == {s.identity.tag.hex() for s in (rojin, shirin)}
    for s in (rojin, shirin):
        assert s.get(Letter, one.id).text == "one" and s.get(Letter, two.id).text == "two" and s.vault.waiting() == 0
    for s in (omid, zana):
        assert "intake" not in s.names and not keys_of(rojin, "intake") & {k for t in s.ring.values() for k in t.values()}


def test_NN_40_a_case_that_was_opened_before_the_desk_had_anybody_reaches_its_first_member(tmp_path):
    laleh = team.found(tmp_path / "l", "Laleh", ("caseworker", "keyholder"))
    file = laleh.save(File(title="Before anybody"))
    omid = team.join(laleh, tmp_path / "o", "Omid", ("supervisor",))
    team.meet(laleh, omid, tmp_path / "stick")
    team.meet(laleh, omid, tmp_path / "stick")
    assert omid.get(File, file.id).title == "Before anybody" and epochs.owed(laleh) == []


def test_I8_who_loses_a_role_loses_what_the_desk_writes_from_then_on_and_their_vault_lets_go(tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "caseworker"))
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",))
    mine, file = sara.save(File(title="Hers")), laleh.save(File(title=SECRET))
    laleh.save(Part(case=file.id, text="first " + SECRET))
    together(tmp_path / "stick", omid, sara, laleh)
    omid.give("care/" + mine.id, member(omid, "Sara"))
    assert sara.get(File, file.id).title == SECRET
    before = keys_of(laleh, "care/" + file.id)
    assert before <= {k for _, _, _, k in sara.vault.every_key()}
    enrol.set_roles(omid, member(omid, "Sara"), ("caseworker",))
    together(tmp_path / "stick", omid, sara, laleh)
    assert "supervisors" not in sara.names and "care/" + file.id not in sara.names and sara.count(Part) == 0
    assert sara.search("چشمه") == [] and sara.get(File, mine.id).title == "Hers"
    with pytest.raises(NotFound):
        sara.get(File, file.id)
    holds_nothing(sara, [SECRET, file.id], *keys_of(omid, "supervisors"), *before)
    # Who writes in the case next makes its new key first: the old one is also in copies that nobody controls.
    laleh.save(Part(case=file.id, text="second " + SECRET))
    assert newest(laleh, "care/" + file.id)[1] not in before
    laleh.save(Part(case=file.id, text="third"))
    assert laleh.newest(laleh.names["care/" + file.id]) == 2, "made anew once, not with each change"
    together(tmp_path / "stick", omid, sara, laleh)
    assert omid.count(Part) == 3 and sara.count(Part) == 0 and sara.vault.waiting() == 0
    holds_nothing(sara, [SECRET, file.id], *keys_of(laleh, "care/" + file.id))


def test_NN_40_a_role_that_comes_back_brings_everything_back(tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor",))
    file = omid.save(File(title=SECRET))
    hers = sara.save(File(title="Written by Sara"))
    together(tmp_path / "stick", omid, sara)
    enrol.set_roles(omid, member(omid, "Sara"), ("caseworker",))
    together(tmp_path / "stick", omid, sara)
    assert sara.find(File, file.id) is None
    omid.save(Part(case=hers.id, text="meanwhile"))
    enrol.set_roles(omid, member(omid, "Sara"), ("supervisor",))
    together(tmp_path / "stick", omid, sara)
    assert sara.get(File, file.id).title == SECRET and sara.get(File, hers.id).title == "Written by Sara"
    assert sara.count(Part) == 1 and sara.vault.waiting() == 0
    sara.save(Part(case=hers.id, text="again"))
    together(tmp_path / "stick", omid, sara)
    assert omid.count(Part) == 2 and omid.vault.waiting() == 0


def test_who_lost_a_role_has_first_handed_on_what_nobody_else_had(tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor",))
    together(tmp_path / "stick", omid, sara)
    away = sara.save(File(title="Written on the road"))
    enrol.set_roles(omid, member(omid, "Sara"), ("intake",))
    together(tmp_path / "stick", omid, sara)
    assert omid.get(File, away.id).title == "Written on the road"


def test_the_only_one_of_a_desk_keeps_its_keys_until_there_is_another(tmp_path):
    omid = team.found(tmp_path / "o")
    rana = team.join(omid, tmp_path / "r", "Rana", ("documentation", "tracing"))
    kept = keys_of(rana, "tracing")
    enrol.set_roles(omid, member(omid, "Rana"), ("documentation",))
    together(tmp_path / "stick", omid, rana)
    assert keys_of(rana, "tracing") == kept
    shirin = team.join(omid, tmp_path / "s", "Shirin", ("tracing",))
    together(tmp_path / "stick", omid, rana, shirin)
    assert kept < keys_of(shirin, "tracing") and "tracing" not in rana.names
    holds_nothing(rana, [], *keys_of(shirin, "tracing"))


def test_a_desk_whose_only_laptop_was_lost_begins_again(tmp_path):
    omid = team.found(tmp_path / "o")
    rojin = team.join(omid, tmp_path / "r", "Rojin", ("health",))
    enrol.remove_device(omid, rojin.identity.tag)
    again = enrol.new_vault(tmp_path / "r2", team.PASSPHRASE, omid.types, team.QUICK, team.Clock())
    enrol.enter(again, enrol.invite(omid, enrol.card(again), "Rojin", ("health",), member(omid, "Rojin")))
    assert again.names["health"] == rojin.names["health"] and not keys_of(again, "health") & keys_of(rojin, "health")


def test_nobody_takes_the_tag_of_a_desk_for_a_case(tmp_path):
    omid = team.found(tmp_path / "o")
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",))
    with laleh.vault.change():
        share.create(laleh, "care/" + "ab" * 16, ("supervisors",), laleh.desk_tag("health"))
    team.meet(laleh, omid, tmp_path / "stick")
    assert omid.desk_tag("health") not in omid.ring
    rojin = team.join(omid, tmp_path / "r", "Rojin", ("health",))
    assert rojin.names["health"] == omid.desk_tag("health")


def test_I8_who_left_a_case_makes_nobody_its_holder_any_more(tmp_path):
    omid = team.found(tmp_path / "o")
    laleh, dara = (team.join(omid, tmp_path / n, n, ("caseworker",)) for n in ("Laleh", "Dara"))
    file = laleh.save(File(title="Blue door"))
    together(tmp_path / "stick", omid, laleh, dara)
    tag = omid.names["care/" + file.id]
    with omid.vault.change():
        epochs.shut_out(omid, "care/" + file.id, tag, {laleh.identity.tag})
    # Laleh's vault has not heard of it, or was altered not to: what it gives and takes an hour later does not count.
    laleh.now.at += 3600
    with laleh.vault.change():
        for device in (laleh.identity.tag, dara.identity.tag):
            log.append(laleh, tag, [share.control(laleh, HOLDER, keys.random(16), device=device)])
    together(tmp_path / "stick", omid, laleh, dara)
    assert share.holding(omid, tag) == set() and [m.name for m in omid.holders("care/" + file.id)] == ["Omid"]


@pytest.mark.parametrize("n", range(3))
def test_NN_44_random_comings_and_goings_end_alike_everywhere(tmp_path, n):
    """Two administrators change roles without knowing of each other; afterwards exactly the desk holds its newest key."""
    import random

    dice = random.Random(n)
    omid = team.found(tmp_path / "o", roles=("supervisor", "keyholder"))
    zana = team.join(omid, tmp_path / "z", "Zana", ("supervisor", "keyholder"))
    others = [team.join(omid, tmp_path / name, name, ("health",)) for name in ("Rojin", "Shirin", "Kian")]
    everyone = [omid, zana, *others]
    together(tmp_path / "stick", *everyone)
    for _ in range(6):
        who = dice.choice(others)
        roles = dice.choice([("health",), ("caseworker",), ("intake", "health"), ("tracing",)])
        enrol.set_roles(dice.choice([omid, zana]), who.me.id, roles)
        team.meet(*dice.sample(everyone, 2), tmp_path / "stick")
    for _ in range(2):
        together(tmp_path / "stick", *everyone)
    for desk in config.STANDING[1:]:
        of = [s for s in everyone if s.roster.may_hold(s.me, desk)]
        writing = {newest(s, desk) for s in of}
        assert len(writing) <= 1, desk
        for s in [s for s in everyone if s not in of] if of else []:
            assert not {key for _, key in writing} & {k for t in s.ring.values() for k in t.values()}, (desk, s.me.name)
            assert not any(key in seek.opened(s) for _, key in writing), (desk, s.me.name)
    assert len({repr(sorted((m.id, m.roles) for m in s.members())) for s in everyone}) == 1
