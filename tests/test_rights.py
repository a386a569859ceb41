"""The person's rights, each by its number: one act, at once what stops, and nothing destroyed before it is their own wish."""

from __future__ import annotations

import pytest

from panah.errors import Invalid, Refused
from panah.records import TYPES
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.person import Person
from panah.records.rights_request import RightsRequest
from panah.records.safety_plan import SafetyPlan
from panah.records.task import Task
from panah.records.wish import Wish
from panah.work import cases, erasing, heard, rights, rules
from tests import team
from tests.test_erase import together


@pytest.fixture
def three(tmp_path):
    """Omid supervises, Laleh works on the case, Dara guards the data."""
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock, types=TYPES)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clock)
    dara = team.join(omid, tmp_path / "dara", "Dara", ("dpo",), clock)
    case = cases.open_case(laleh, limits_explained=True, basis="consent", basis_note="asked for help")
    rules.keep(
        laleh, Person(case=case.id, id_mode="alias", names=[{"written": "Shilan"}], age_band="b25_59", language_spoken="ckb")
    )
    rules.keep(laleh, Consent(case=case.id, capacity="full", scopes=[{"purpose": "health_referral", "decision": "yes"}]))
    stick = tmp_path / "stick"
    together(omid, laleh, dara, stick=stick)
    yield omid, laleh, dara, case.id, clock, stick
    for s in (omid, laleh, dara):
        s.lock()


def refused(call, *args, **how) -> str:
    with pytest.raises((Refused, Invalid)) as e:
        call(*args, **how)
    return e.value.problems[0][1] if isinstance(e.value, Invalid) else e.value.code


@pytest.mark.parametrize("right", rights.STOPS)
def test_NN_60_sharing_stops_at_once_here_and_elsewhere_with_one_meeting(three, right):
    omid, laleh, dara, case, _, stick = three
    rights.use(laleh, case, right, identity="return_phrase", coercion="confirmed_voluntary")
    assert rights.stopped(laleh, case) and not rights.stopped(omid, case)
    agreed = Consent(case=case, capacity="full", scopes=[{"purpose": "photo", "decision": "yes"}])
    if right != "withdraw_consent":  # after a withdrawal the person may agree anew
        assert refused(rules.keep, laleh, agreed) == "sharing_stopped"
    together(omid, laleh, dara, stick=stick)
    assert rights.stopped(omid, case)
    # The desk that sees to it knows the code and the day, and nothing of the case.
    (asked,) = dara.list(RightsRequest)
    assert (asked.kind, asked.case_code, asked.handed_in_by) == (right, omid.get(Case, case).code, "Laleh")
    assert asked.due <= rules.day_after(laleh.now(), 30) and dara.find(Case, case) is None
    assert dara.conflicts() == []


def test_NN_60_every_right_is_one_act_and_due_within_thirty_days(three):
    _, laleh, dara, case, _, stick = three
    person = laleh.list(Person)[0]
    for right in rights.RIGHTS:
        wish = rights.use(
            laleh, case, right, identity="known_face", coercion="confirmed_voluntary", words="as they say", part=person.id
        )
        assert wish.due == rules.day_after(laleh.now(), 30) and wish.complete
    team.meet(laleh, dara, stick)
    assert {r.kind for r in dara.list(RightsRequest)} == set(rights.RIGHTS)
    assert {r.kind for r in rights.queue(dara)} == {"see_my_data", "copy", "correct", "who_saw_it", "erase"}


def test_NN_61_no_documents_and_nothing_given_to_somebody_unknown(three):
    _, laleh, _, case, _, _ = three
    for right in rights.GIVES:
        assert refused(rights.use, laleh, case, right, identity="failed") == "identity_not_sure"
    assert refused(rights.use, laleh, case, "copy", identity="passport") == "identity_not_sure"
    for right in ("erase", "withdraw_consent"):
        assert refused(rights.use, laleh, case, right, identity="known_face") == "coercion_not_looked_at"
    assert refused(rights.use, laleh, case, "fly", identity="known_face") == "right_unknown"
    assert laleh.list(Wish) == []


@pytest.mark.parametrize(
    ("identity", "coercion"),
    [("known_face", "suspected_coerced"), ("return_phrase", "cannot_verify"), ("failed", "confirmed_voluntary")],
)
def test_NN_61_a_coerced_wish_stops_sharing_and_erases_nothing_for_72_hours(three, identity, coercion):
    omid, laleh, _, case, clock, stick = three
    wish = rights.use(laleh, case, "erase", identity=identity, coercion=coercion)
    assert rights.stopped(laleh, case) and wish.state == "waiting" and not erasing.asked(laleh, case)
    (task,) = [t for t in laleh.list(Task) if t.title == rights.REACH]
    assert task.critical and abs(task.due - laleh.now() - 72 * 3600) < 60
    team.meet(laleh, omid, stick)
    for s in (laleh, omid):
        assert refused(erasing.ask, s, case) == "erasure_held"
    clock.at += 71 * 3600
    assert refused(rights.decide, laleh, wish.id, own=True) == "erasure_held"
    clock.at += 2 * 3600
    # Time alone does not decide either: the person's word does.
    assert refused(erasing.ask, omid, case) == "erasure_held"
    rights.decide(laleh, wish.id, own=True)
    team.meet(laleh, omid, stick)
    assert erasing.asked(omid, case) == ("Laleh",) and erasing.ask(omid, case)
    team.meet(laleh, omid, stick)
    assert laleh.find(Case, case) is None


def test_NN_61_the_person_says_that_it_was_not_their_wish(three):
    omid, laleh, dara, case, _, stick = three
    wish = rights.use(laleh, case, "erase", identity="failed", coercion="suspected_coerced")
    rights.decide(laleh, wish.id, own=False)
    assert not rights.stopped(laleh, case) and laleh.get(Wish, wish.id).state == "cancelled"
    assert [t.task_state for t in laleh.list(Task) if t.title == rights.REACH] == ["done"]
    assert refused(rights.decide, laleh, wish.id, own=True) == "nothing_is_held"
    together(omid, laleh, dara, stick=stick)
    assert omid.find(Case, case) is not None and rights.queue(dara) == []


def test_NN_61_of_two_views_the_suspicion_counts_until_somebody_who_saw_it_lowers_it(three):
    omid, laleh, _, case, _, stick = three
    wish = rights.use(laleh, case, "erase", identity="known_face", coercion="cannot_verify")
    team.meet(laleh, omid, stick)
    mine, theirs = laleh.get(Wish, wish.id), omid.get(Wish, wish.id)
    mine.coercion_check, theirs.coercion_check = "confirmed_voluntary", "suspected_coerced"
    laleh.save(mine)
    omid.save(theirs)
    team.meet(laleh, omid, stick)
    assert laleh.get(Wish, wish.id).coercion_check == omid.get(Wish, wish.id).coercion_check == "suspected_coerced"


def test_NN_62_a_correction_takes_the_place_and_the_disagreement_stands_beside(three):
    _, laleh, dara, case, _, stick = three
    person = laleh.list(Person)[0]
    wish = rights.use(laleh, case, "correct", identity="return_phrase", words="I am eighteen.", part=person.id)
    assert wish.state == "open" and rights.corrected_at(laleh, case, person.id) == 0.0
    person.age_band = "b18_24"
    rules.keep(laleh, person)
    rights.corrected(laleh, person.id, case)
    assert laleh.get(Wish, wish.id).state == "done" and rights.corrected_at(laleh, case, person.id) == wish.received
    plan = rules.keep(laleh, SafetyPlan(case=case, warning_signs="as the team sees it"))
    rights.use(laleh, case, "add_note", identity="return_phrase", words="I see it otherwise.", part=plan.id)
    assert laleh.get(SafetyPlan, plan.id).warning_signs == "as the team sees it"
    assert [w.words for w in rights.notes_beside(laleh, case, plan.id)] == ["I see it otherwise."]
    assert refused(rights.use, laleh, case, "add_note", identity="return_phrase") == "note_empty"
    team.meet(laleh, dara, stick)
    assert rights.queue(dara) == []


def test_NN_60_withdrawing_takes_back_every_agreement_and_lifting_is_the_persons(three):
    _, laleh, _, case, _, _ = three
    rights.use(laleh, case, "withdraw_consent", identity="return_phrase", coercion="suspected_coerced")
    (consent,) = laleh.list(Consent)
    assert heard.taken_back([consent], consent, consent.scopes[0]["purpose"])
    assert consent.withdrawn[0]["voluntary"] == "suspected_coerced" and "consent_withdrawn" in laleh.get(Case, case).alerts
    held = rights.use(laleh, case, "restrict", identity="return_phrase")
    assert {w.right for w in rights.stops(laleh, case)} == {"withdraw_consent", "restrict"}
    rights.lift(laleh, held.id)
    assert {w.right for w in rights.stops(laleh, case)} == {"withdraw_consent"}
    assert refused(rights.lift, laleh, rights.stops(laleh, case)[0].id) == "nothing_is_held"


def test_NN_65_the_receipt_says_which_devices_are_done_and_nothing_of_the_person(three):
    omid, laleh, dara, case, _, stick = three
    code, mark = laleh.get(Case, case).code, laleh.names[f"care/{case}"].hex()
    rights.use(laleh, case, "erase", identity="return_phrase", coercion="confirmed_voluntary")
    together(omid, laleh, dara, stick=stick)
    (asked,) = rights.queue(dara)
    assert asked.mark == mark and asked.case_code == code
    assert refused(rights.answered, dara, asked.id) == "erasure_not_everywhere"
    erasing.ask(omid, case)
    team.meet(omid, dara, stick)
    got = rights.receipt(dara, asked)
    assert (got.asked_by, got.approved_by, got.done, got.pending) == ("Laleh", "Omid", ("Omid",), ("Laleh",))
    assert refused(rights.answered, dara, asked.id) == "erasure_not_everywhere"
    together(omid, laleh, dara, stick=stick)
    assert rights.receipt(dara, asked).pending == () and len(erasing.receipts(dara)) == 1
    rights.answered(dara, asked.id)
    assert rights.queue(dara) == []
    for s in (omid, laleh, dara):
        assert "Shilan" not in repr(erasing.receipts(s)) and not s.search("Shilan")
