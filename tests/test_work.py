"""The rules of the work on a case, each by its number."""

from __future__ import annotations

import pytest

from panah.errors import Invalid, Refused
from panah.records import TYPES
from panah.records.case import Case
from panah.records.closure import Closure
from panah.records.consent import Consent
from panah.records.help_request import HelpRequest
from panah.records.message import Message
from panah.records.person import Person
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.safety_plan import SafetyPlan
from panah.records.task import Task
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.schema import DECLINED, UNKNOWN
from panah.work import cases, codes, erasing, intake, rules, today
from tests import team


@pytest.fixture
def pair(tmp_path):
    clock = team.Clock()
    omid = team.found(tmp_path / "o", clock=clock, types=TYPES)
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",), clock)
    yield omid, laleh, tmp_path / "stick"
    omid.lock()
    laleh.lock()


def _person(s, case):
    return rules.keep(s, Person(case=case.id, id_mode="code_only", age_band="b25_59", language_spoken="ckb"))


def test_NN_30_a_person_is_served_under_a_code(pair):
    _, laleh, _ = pair
    case = cases.arrive(laleh, [{"age_band": "b25_59", "language_spoken": "ckb"}, {"age_band": "b2_5", "language_spoken": "ckb"}])
    people = cases.parts(laleh, case.id)["person"]
    assert len(people) == 2 and all(p.names is None and p.code for p in people)
    assert set(case.members) == {p.id for p in people}


def test_NN_34_codes_say_nothing_and_are_heard_rightly():
    code = codes.code_of(bytes(16))
    assert codes.sound(code) and codes.sound(code.upper().replace("-", " "))
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert not codes.sound(wrong)


def test_NN_05_declined_unknown_and_not_asked_are_three_things(pair):
    _, laleh, _ = pair
    case = cases.open_case(laleh)
    one = rules.keep(laleh, Person(case=case.id, sex=DECLINED, language_read=UNKNOWN))
    again = laleh.get(Person, one.id)
    assert again.sex == DECLINED and again.language_read == UNKNOWN and again.nationality is None
    assert "sex" not in again.missing() and "age_band" in again.missing()


def test_NN_06_no_story_before_the_limits_were_explained(pair):
    _, laleh, _ = pair
    case = cases.open_case(laleh)
    with pytest.raises(Invalid) as e:
        rules.keep(laleh, ProtectionAssessment(case=case.id, threats_now="a story"))
    assert e.value.problems == (("threats_now", "limits_not_explained"),)
    case.limits_explained = True
    rules.keep(laleh, case)
    rules.keep(laleh, ProtectionAssessment(case=case.id, threats_now="a story"))


def test_NN_08_who_cannot_decide_now_agrees_to_nothing_and_is_asked_again(pair):
    _, laleh, _ = pair
    case = cases.open_case(laleh)
    consent = Consent(case=case.id, capacity="limited_now", scopes=[{"purpose": "health_referral", "decision": "yes"}])
    with pytest.raises(Invalid) as e:
        rules.keep(laleh, consent)
    assert e.value.problems == (("scopes", "capacity_blocks_consent"),)
    consent.scopes = [{"purpose": "health_referral", "decision": "later"}]
    rules.keep(laleh, consent)
    rules.keep(laleh, laleh.get(Consent, consent.id))
    assert [t.title for t in laleh.list(Task)] == ["Ask again when the person can decide"]


def test_NN_04_a_scope_ends_after_ninety_days_by_default(pair):
    _, laleh, _ = pair
    case = cases.open_case(laleh)
    kept = rules.keep(
        laleh,
        Consent(
            case=case.id,
            capacity="full",
            scopes=[{"purpose": "photo", "decision": "yes"}, {"purpose": "research", "decision": "no"}],
        ),
    )
    assert kept.scopes[0]["valid_until"] == rules.day_after(laleh.now(), 90) and "valid_until" not in kept.scopes[1]


def test_NN_12_without_privacy_nobody_decides_freely(pair):
    _, laleh, _ = pair
    case = cases.open_case(laleh, limits_explained=True)
    person = _person(laleh, case)
    talk = VoluntarinessInterview(case=case.id, subject=person.id, private=False, want="leave", conclusion="voluntary")
    with pytest.raises(Invalid) as e:
        rules.keep(laleh, talk)
    assert e.value.problems == (("conclusion", "voluntary_needs_privacy"),)
    talk.private = True
    rules.keep(laleh, talk)


def test_NN_11_the_second_reader_is_somebody_else(pair):
    _, laleh, _ = pair
    case = cases.open_case(laleh)
    with pytest.raises(Invalid) as e:
        rules.keep(laleh, VoluntarinessInterview(case=case.id, second_reader="Laleh"))
    assert e.value.problems == (("second_reader", "no_self_approval"),)
    # Nor is it a name that the writer puts there: the reader does, on their own device (test_care_wishes.py).
    with pytest.raises(Invalid):
        rules.keep(laleh, VoluntarinessInterview(case=case.id, second_reader="Omid"))


def test_NN_15_pressure_from_helpers_calls_for_an_outside_review(pair):
    _, laleh, _ = pair
    case = cases.open_case(laleh)
    rules.keep(laleh, VoluntarinessInterview(case=case.id, pressures=["helper_organisation"]))
    (task,) = laleh.list(Task)
    assert task.owner == "Omid" and task.critical is True


def test_NN_21_own_words_are_written_once(pair):
    _, laleh, _ = pair
    case = cases.open_case(laleh, limits_explained=True)
    talk = rules.keep(laleh, VoluntarinessInterview(case=case.id, own_words="دەمەوێت بڕۆم"))
    talk.own_words = "changed"
    with pytest.raises(Invalid):
        rules.keep(laleh, talk)


def test_NN_35_a_task_names_nobody(pair):
    _, laleh, _ = pair
    case = cases.open_case(laleh, chosen_name="Avin")
    with pytest.raises(Invalid) as e:
        rules.keep(laleh, Task(case=case.id, title="Call Avin", owner="Laleh", due=laleh.now(), task_state="open"))
    assert e.value.problems == (("title", "no_names_in_tasks"),)


def test_NN_70_the_case_rises_to_the_risk_of_an_assessment_and_never_falls_by_itself(pair):
    _, laleh, _ = pair
    case = cases.open_case(laleh, risk_level="low")
    rules.keep(laleh, ProtectionAssessment(case=case.id, risk_level="high"))
    assert laleh.get(Case, case.id).risk_level == "high"
    rules.keep(laleh, ProtectionAssessment(case=case.id, risk_level="low"))
    assert laleh.get(Case, case.id).risk_level == "high"


def test_NN_75_a_closure_is_approved_by_another_person_who_is_a_supervisor(pair):
    omid, laleh, stick = pair
    case = cases.open_case(laleh)
    closure = cases.ask_to_close(
        laleh,
        Closure(case=case.id, reason="goals_met", closed_on="2026-11-20", person_informed="yes", data_choice="keep_minimum"),
    )
    with pytest.raises(Refused) as e:
        cases.approve_closure(laleh, closure.id)
    assert e.value.code == "only_a_supervisor"
    team.meet(laleh, omid, stick)
    assert [i.what for i in today.today(omid)] == ["A closure waits for your approval"]
    assert cases.approve_closure(omid, closure.id).stage == "closed"
    team.meet(laleh, omid, stick)
    assert laleh.get(Case, case.id).stage == "closed"
    assert cases.reopen(laleh, case.id).stage == "plan_running"


def test_a_closure_that_lacks_an_answer_is_not_approved(pair):
    omid, laleh, stick = pair
    case = cases.open_case(laleh)
    closure = cases.ask_to_close(laleh, Closure(case=case.id, reason="goals_met"))
    team.meet(laleh, omid, stick)
    with pytest.raises(Refused) as e:
        cases.approve_closure(omid, closure.id)
    assert e.value.code == "record_incomplete"


def test_NN_70_two_people_offline_and_the_protective_value_stands(pair):
    omid, laleh, stick = pair
    case = cases.open_case(laleh, risk_level="low", limits_explained=True)
    team.meet(laleh, omid, stick)
    hers, his = laleh.get(Case, case.id), omid.get(Case, case.id)
    hers.risk_level, his.risk_level = "high", "medium"
    his.basis_note = "office"
    hers.basis_note = "tent"
    rules.keep(laleh, hers)
    rules.keep(omid, his)
    team.meet(laleh, omid, stick)
    for s in (omid, laleh):
        now = s.get(Case, case.id)
        assert now.risk_level == "high" and set(now.meta.conflicts) == {"risk_level", "basis_note"}
    omid.settle(case.id, "basis_note", "both")
    team.meet(laleh, omid, stick)
    assert laleh.get(Case, case.id).basis_note == "both" and laleh.get(Case, case.id).meta.conflicts == ("risk_level",)


def test_assigning_hands_the_key_and_only_that_case(pair):
    omid, laleh, stick = pair
    one, two = cases.open_case(omid), cases.open_case(omid)
    rules.keep(omid, SafetyPlan(case=one.id, review_on="2026-12-01"))
    cases.assign(omid, one.id, laleh.me.id, lead=True)
    team.meet(omid, laleh, stick)
    assert laleh.get(Case, one.id).lead == "Laleh" and laleh.find(Case, two.id) is None
    assert len(cases.parts(laleh, one.id)["safety_plan"]) == 1
    assert cases.states(laleh, one)["safety_plan"] == "draft"
    assert {line.kind for line in cases.timeline(laleh, one.id)} == {"case", "safety_plan"}


def test_NN_63_with_a_case_goes_what_the_desks_kept_about_it(pair):
    omid, laleh, stick = pair
    request = omid.save(HelpRequest(channel="web_form", message="sentinel", language_written="en", thread="ab" * 16))
    other = omid.save(HelpRequest(channel="web_form", message="another", language_written="en", thread="cd" * 16))
    message = omid.save(Message(help_request=request.id, direction="in", on="2026-11-20", text="sentinel", number=1))
    case = intake.accept(omid, request.id)
    cases.assign(omid, case.id, laleh.me.id)
    team.meet(omid, laleh, stick)
    assert not erasing.ask(laleh, case.id) and erasing.asked(laleh, case.id) == ("Laleh",)
    team.meet(omid, laleh, stick)
    assert [c.id for c in erasing.waiting(omid)] == [case.id] and erasing.waiting(laleh) == []
    assert {id for _, id in erasing.belonging(omid, case.id)} == {request.id, message.id}
    assert erasing.ask(omid, case.id)
    team.meet(omid, laleh, stick)
    for s in (omid, laleh):
        assert s.find(Case, case.id) is None and s.find(HelpRequest, request.id) is None and not s.search("sentinel")
        assert erasing.receipts(s)[0].pending == ()
    assert omid.get(HelpRequest, other.id).message == "another"
