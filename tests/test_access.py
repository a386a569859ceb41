"""Who can open a case: handed over, ended, restricted to named people; and that everybody else's vault holds nothing of it (NN-40)."""

from __future__ import annotations

import itertools
import time

import pytest

from panah.errors import NotFound, Refused
from panah.kernel import closed
from panah.records import TYPES
from panah.records.case import Case
from panah.records.household import Household
from panah.records.person import Person
from panah.records.protection_assessment import ProtectionAssessment
from panah.work import access, cases, rules
from tests import seek, team

STORY = (
    "نسرین از روستای چنار آمد",  # Persian
    "نەسرین لە گوندی چنار هات",  # Sorani
    "Nesrîn ji gundê Çinarê hat",  # Kurmanji
    "Насрин пришла из деревни",
    "نسرين جاءت من القرية",  # Arabic
    "Նասրինը եկավ գյուղից",
)


@pytest.fixture
def five(tmp_path):
    """Omid and Sara supervise; Laleh and Dara are caseworkers."""
    clock = team.Clock(time.time())
    omid = team.found(tmp_path / "omid", clock=clock, types=TYPES)
    people = [
        team.join(omid, tmp_path / name.lower(), name, roles, clock)
        for name, roles in (("Sara", ("supervisor",)), ("Laleh", ("caseworker",)), ("Dara", ("caseworker",)))
    ]
    together(tmp_path, omid, *people)
    yield (omid, *people, tmp_path)
    for s in (omid, *people):
        s.lock()


def together(tmp, *vaults):
    for a, b in itertools.chain(itertools.combinations(vaults, 2), itertools.combinations(vaults, 2)):
        team.meet(a, b, tmp / "stick")


def a_file(s, **fields):
    """A case with people and a story in six scripts."""
    case = cases.open_case(s, limits_explained=True, chosen_name=STORY[0][:5], **fields)
    rules.keep(s, Person(case=case.id, id_mode="alias", names=[{"written": STORY[1]}]))
    rules.keep(s, ProtectionAssessment(case=case.id, risk_level="high", authority_risk="\n".join(STORY)))
    rules.keep(s, Household(case=case.id, size=2))
    return case


def nothing_of(s, *gone):
    """No page, count, search, word, id, name of a compartment or key of these cases in a vault."""
    raw = seek.opened(s)
    assert seek.found(raw, STORY) == [], s.me.name
    for case, keys in gone:
        assert case.encode() not in raw and bytes.fromhex(case) not in raw, s.me.name
        assert not any(key in raw for key in keys), s.me.name
        with pytest.raises(NotFound):
            s.get(Case, case)
    assert all(s.search(line) == [] for line in STORY) and all(s.search(line.split()[0]) == [] for line in STORY)


def keys_of(s, case):
    return {key for area in access.AREAS if (t := s.names.get(f"{area}/{case}")) for _, _, key in s.vault.keys_of(t)}


def test_NN_40_a_caseworkers_raw_vault_holds_nothing_of_the_cases_of_others(five):
    omid, sara, laleh, dara, tmp = five
    hers, his = a_file(laleh), cases.open_case(dara, chosen_name="Kaveh")
    together(tmp, omid, sara, laleh, dara)
    assert seek.found(seek.opened(omid), STORY) and len(access.overview(omid)) == 2
    nothing_of(dara, (hers.id, keys_of(laleh, hers.id)))
    assert dara.count(Case) == 1 and dara.count(Person) == 0 and [c.id for c in dara.list(Case)] == [his.id]
    assert [h.case.id for h in access.overview(dara)] == [his.id]


def test_I8_NN_40_a_case_that_another_leads_is_closed_to_who_led_it(five):
    omid, sara, laleh, dara, tmp = five
    case = a_file(laleh)
    together(tmp, omid, sara, laleh, dara)
    before = keys_of(laleh, case.id)
    access.hand_over(omid, case.id, dara.me.id)
    together(tmp, omid, sara, laleh, dara)
    assert dara.get(Case, case.id).lead == "Dara" and seek.found(seek.opened(dara), STORY)
    dara.save(Person(case=case.id, id_mode="code_only"))
    together(tmp, omid, sara, laleh, dara)
    nothing_of(laleh, (case.id, before | keys_of(omid, case.id)))
    assert {h.member.name for h in access.holders(omid, case.id)} == {"Dara", "Omid", "Sara"}
    assert laleh.vault.waiting() == 0 and omid.count(Person) == sara.count(Person) == 2
    # And back: what was closed opens again, with what was written meanwhile.
    access.hand_over(omid, case.id, laleh.me.id)
    together(tmp, omid, sara, laleh, dara)
    assert laleh.count(Person) == 2 and laleh.get(Case, case.id).lead == "Laleh" and dara.count(Case) == 0


def test_NN_40_who_hands_a_case_over_alone_in_a_tent_loses_nothing_that_nobody_else_has(five):
    omid, sara, laleh, dara, tmp = five
    case = a_file(laleh)
    access.hand_over(laleh, case.id, dara.me.id)
    nothing_of(laleh, (case.id, set()))
    team.meet(laleh, dara, tmp / "stick")
    assert dara.get(Case, case.id).lead == "Dara" and seek.found(seek.opened(dara), STORY)
    together(tmp, omid, sara, laleh, dara)
    assert omid.get(Case, case.id).lead == "Dara" and omid.count(ProtectionAssessment) == 1


def test_NN_40_only_a_supervisor_ends_the_access_of_another(five):
    omid, sara, laleh, dara, tmp = five
    case = a_file(laleh)
    cases.assign(laleh, case.id, dara.me.id)
    together(tmp, omid, sara, laleh, dara)
    with pytest.raises(Refused, match="only_a_supervisor"):
        access.end(dara, case.id, laleh.me.id)
    with pytest.raises(Refused, match="only_a_supervisor"):
        access.hand_over(dara, case.id, dara.me.id)
    with pytest.raises(Refused, match="holds_by_desk"):
        access.end(omid, case.id, sara.me.id)
    # With altered software Dara writes it all the same: Laleh's vault does not let go, and a supervisor gives it again.
    closed.end(dara, [f"care/{case.id}"], laleh.me.id)
    together(tmp, omid, sara, laleh, dara)
    assert laleh.get(Case, case.id).lead == "Laleh"
    omid.give(f"care/{case.id}", laleh.me.id)
    laleh.save(Household(case=case.id, size=3))
    together(tmp, omid, sara, laleh, dara)
    access.end(omid, case.id, dara.me.id)
    together(tmp, omid, sara, laleh, dara)
    nothing_of(dara, (case.id, keys_of(omid, case.id)))
    assert omid.count(Household) == laleh.count(Household) == 2


def test_nobody_leaves_a_case_that_nobody_else_could_open(tmp_path):
    laleh = team.found(tmp_path / "l", "Laleh", ("caseworker", "keyholder"), types=TYPES)
    case = cases.open_case(laleh)
    with pytest.raises(Refused, match="case_needs_a_holder"):
        access.end(laleh, case.id, laleh.me.id)


def test_I9_NN_40_a_restricted_case_is_sealed_to_exactly_the_named(five):
    """Scenario 3, step 2: her file is for Laleh and Omid; his caseworker, and the other supervisor, find nothing of hers."""
    omid, sara, laleh, dara, tmp = five
    his = cases.open_case(dara, chosen_name="Kaveh")
    hers = a_file(laleh)
    cases.assign(laleh, hers.id, dara.me.id)
    together(tmp, omid, sara, laleh, dara)
    assert seek.found(seek.opened(sara), STORY) and seek.found(seek.opened(dara), STORY)
    before = keys_of(laleh, hers.id)
    with pytest.raises(Refused, match="only_a_supervisor"):
        access.restrict(dara, hers.id, [dara.me.id, omid.me.id])
    with pytest.raises(Refused, match="restricted_needs_supervisor"):
        access.restrict(omid, hers.id, [laleh.me.id])
    access.restrict(omid, hers.id, [laleh.me.id, omid.me.id])
    laleh.save(Household(case=hers.id, size=1))
    together(tmp, omid, sara, laleh, dara)
    for s in (sara, dara):
        nothing_of(s, (hers.id, before | keys_of(omid, hers.id)))
        assert [c.id for c in s.list(Case)] == [his.id] and s.vault.waiting() == 0
    for s in (omid, laleh):
        assert [m.name for m in access.restricted_to(s, hers.id)] == ["Laleh", "Omid"]
        assert [m.name for m in s.holders(f"care/{hers.id}")] == ["Laleh", "Omid"] and s.count(Household) == 2
    # A supervisor who comes later gets the desk's cases, and not this one.
    nima = team.join(omid, tmp / "nima", "Nima", ("supervisor",), omid.now)
    together(tmp, omid, sara, laleh, dara, nima)
    assert [c.id for c in nima.list(Case)] == [his.id]
    nothing_of(nima, (hers.id, before | keys_of(omid, hers.id)))
    access.lift(omid, hers.id)
    together(tmp, omid, sara, laleh, dara, nima)
    assert sara.count(Household) == nima.count(Household) == 2 and access.restricted_to(sara, hers.id) == []
    assert dara.count(Case) == 1


def test_NN_40_a_case_that_is_restricted_from_its_first_minute_was_never_anybody_elses(five):
    omid, sara, laleh, dara, tmp = five
    case = access.open_restricted(laleh, [laleh.me.id, omid.me.id], chosen_name=STORY[0], limits_explained=True)
    from panah.records.triage_wait import TriageWait

    laleh.save(TriageWait(case=case.id, since=laleh.now(), age_band="b25_59"))
    together(tmp, omid, sara, laleh, dara)
    assert omid.get(Case, case.id).chosen_name == STORY[0] and omid.count(TriageWait) == 1
    for s in (sara, dara):
        nothing_of(s, (case.id, keys_of(omid, case.id)))


def test_NN_40_two_lists_written_apart_leave_who_is_in_both(five):
    omid, sara, laleh, dara, tmp = five
    case = a_file(laleh)
    together(tmp, omid, sara, laleh, dara)
    access.restrict(omid, case.id, [omid.me.id, laleh.me.id])
    access.restrict(sara, case.id, [omid.me.id, sara.me.id])
    together(tmp, omid, sara, laleh, dara)
    assert [m.name for m in access.restricted_to(omid, case.id)] == ["Omid"]
    for s in (sara, laleh, dara):
        nothing_of(s, (case.id, keys_of(omid, case.id)))
    access.restrict(omid, case.id, [omid.me.id, laleh.me.id])
    together(tmp, omid, sara, laleh, dara)
    assert laleh.count(Household) == 1 and sara.count(Case) == 0


def test_NN_40_a_case_of_one_who_left_is_shown_to_the_supervisors_first(five):
    from panah.kernel import enrol

    omid, sara, laleh, dara, tmp = five
    a_file(laleh)
    kept = cases.open_case(dara)
    together(tmp, omid, sara, laleh, dara)
    assert [h.lead_left for h in access.overview(omid)] == [False, False]
    enrol.remove(omid, laleh.me.id)
    lines = access.overview(omid)
    assert (lines[0].lead_left, lines[0].active) == (True, ()) and lines[1].case.id == kept.id and lines[1].active == ("Dara",)
