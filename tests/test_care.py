"""The rules of care, each by its number: what makes a record complete, what a person allows, whose word counts."""

from __future__ import annotations

import pytest

from panah.errors import Invalid, Refused
from panah.records import CODES, TYPES
from panah.records.best_interests import BestInterests
from panah.records.case import Case
from panah.records.case_plan import CasePlan
from panah.records.consent import Consent
from panah.records.person import Person
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.service import Service
from panah.records.task import Task
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.schema import DECLINED, UNKNOWN
from panah.work import approvals, cases, complete, rules, wishes
from tests import team

DAY = 86_400
EXPLAINED = list(CODES["explained"])


@pytest.fixture
def trio(tmp_path):
    """Omid supervises, Laleh leads the case, Rojin works on it too."""
    clock = team.Clock()
    omid = team.found(tmp_path / "o", clock=clock, types=TYPES)
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",), clock)
    rojin = team.join(omid, tmp_path / "r", "Rojin", ("caseworker",), clock)
    yield omid, laleh, rojin, clock, tmp_path / "stick"
    for s in (omid, laleh, rojin):
        s.lock()


def a_case(s, **fields):
    given = {"limits_explained": True, "basis": "consent", "basis_note": "asked for help", **fields}
    case = cases.open_case(s, **given)
    person = rules.keep(s, Person(case=case.id, id_mode="code_only", age_band="b25_59", language_spoken="ckb"))
    return case, person


def a_child(s, case, **fields):
    return rules.keep(s, Person(case=case.id, id_mode="code_only", age_band="b10_14", language_spoken="ckb", **fields))


def a_consent(s, case, person, *scopes, **fields):
    given = {
        "given_by": "self", "capacity": "full", "mode": "spoken_witnessed", "private": True, "explained": EXPLAINED, "understood_check": True,
        "refusal_effect_told": True, "withdraw_how": "the word at the gate", **fields,
    }  # fmt: skip
    return rules.keep(s, Consent(case=case.id, subject=person.id, scopes=list(scopes), **given))


def a_talk(s, case, person, **fields):
    given = {
        "about": "leaving", "private": True, "interviewer_choice_offered": True, "information_given": ["options_for_help"], "want": "leave",
        "own_words": "I want to go.", "can_change_mind": True, "conclusion": "voluntary", **fields,
    }  # fmt: skip
    return rules.keep(s, VoluntarinessInterview(case=case.id, subject=person.id, **given))


def yes(purpose, recipient=None, **more):
    return {"purpose": purpose, "decision": "yes", **({"recipient": recipient} if recipient else {}), **more}


def codes_of(s, record):
    return [code for _, code in complete.lacking(s, record)]


def test_NN_01_no_record_is_complete_without_a_basis_and_the_draft_is_kept(trio):
    _, laleh, *_ = trio
    case = rules.keep(laleh, Case(opened="2026-11-24", lead="Laleh", limits_explained=True))
    person = rules.keep(laleh, Person(case=case.id, id_mode="code_only", age_band="b25_59", language_spoken="ckb"))
    assert ("basis", "answer_needed") in complete.lacking(laleh, case) and ("basis", "basis_needed") in complete.lacking(
        laleh, person
    )
    case.basis, case.basis_note = "vital_interest", "came at night, ill"
    rules.keep(laleh, case)
    assert complete.lacking(laleh, laleh.get(Person, person.id)) == []


def test_NN_01_a_vital_interest_is_justified_anew_within_72_hours_of_the_first_private_talk(trio):
    _, laleh, _, clock, _ = trio
    case, person = a_case(laleh, basis="vital_interest")
    clock.at += 10 * DAY
    assert codes_of(laleh, laleh.get(Case, case.id)) == []
    a_talk(laleh, case, person)
    assert any("why we may keep" in t.title for t in laleh.list(Task, where={"case": case.id}))
    clock.at += 2 * DAY
    assert "basis_to_renew" not in codes_of(laleh, laleh.get(Case, case.id))
    clock.at += 2 * DAY
    assert "basis_to_renew" in codes_of(laleh, laleh.get(Case, case.id))
    again = laleh.get(Case, case.id)
    again.basis_note = "still in danger"
    rules.keep(laleh, again)
    assert "basis_to_renew" not in codes_of(laleh, laleh.get(Case, case.id))


def test_NN_05_declined_unknown_and_not_asked_are_answers_or_are_not(trio):
    _, laleh, *_ = trio
    case, _ = a_case(laleh)
    person = rules.keep(laleh, Person(case=case.id, id_mode="code_only", age_band=DECLINED, language_spoken=UNKNOWN))
    assert complete.lacking(laleh, person) == []
    assert ("age_band", "answer_needed") in complete.lacking(
        laleh, Person(case=case.id, id_mode="code_only", language_spoken="ckb")
    )


def test_NN_07_a_consent_is_complete_when_it_was_heard_understood_and_refusing_is_free(trio):
    _, laleh, *_ = trio
    case, person = a_case(laleh)
    assert codes_of(laleh, a_consent(laleh, case, person, yes("research"))) == []
    poor = a_consent(
        laleh,
        case,
        person,
        yes("research"),
        explained=["purpose"],
        refusal_effect_told=False,
        understood_check=None,
        private=False,
    )
    assert set(codes_of(laleh, poor)) == {
        "explained_too_little",
        "refusal_not_told",
        "understanding_not_checked",
        "talk_not_private",
    }


def test_NN_20_a_disputed_age_is_a_childs_and_a_child_alone_is_at_high_risk_today(trio):
    _, laleh, *_ = trio
    case, _ = a_case(laleh)
    adult = Person(age_band="b18_24", age_known="stated")
    assert not complete.is_child(adult)
    adult.age_known = "disputed_treat_as_child"
    assert complete.is_child(adult) and complete.is_child(Person(age_band="b15_17"))
    child = a_child(laleh, case)
    rules.keep(
        laleh,
        ProtectionAssessment(
            case=case.id,
            subject=child.id,
            concerns=["neglect"],
            risk_level="low",
            review_on="2026-12-01",
            separation="unaccompanied",
        ),
    )
    again = laleh.get(Case, case.id)
    assert again.risk_level == "high" and "child_alone" in again.alerts
    titles = {t.title: t for t in laleh.list(Task, where={"case": case.id})}
    assert titles["A child alone: the specialised partner, today"].due - laleh.now() <= 12 * 3600
    assert any(title.startswith("Best-interests record before") for title in titles)


def test_NN_21_the_childs_own_view_is_needed_and_written_once(trio):
    _, laleh, *_ = trio
    case, _ = a_case(laleh)
    child = a_child(laleh, case)
    best = rules.keep(laleh, BestInterests(case=case.id, subject=child.id, kind="assessment", decision_about="movement"))
    assert ("child_view", "answer_needed") in complete.lacking(laleh, best)
    best.child_view = "I want to be with my aunt."
    best = rules.keep(laleh, best)
    best.child_view = "something else"
    with pytest.raises(Invalid):
        rules.keep(laleh, best)


def test_NN_20_a_determination_needs_a_panel_of_three_functions(trio):
    _, laleh, *_ = trio
    case, _ = a_case(laleh)
    child = a_child(laleh, case)
    best = BestInterests(
        case=case.id, subject=child.id, kind="determination", decision_about="separation_from_carer", child_view="stay with my mother", outcome="she stays",
        panel=[{"who": "A", "function": "child protection"}, {"who": "B", "function": "health"}, {"who": "C", "function": "Health "}],
    )  # fmt: skip
    best = rules.keep(laleh, best)
    assert codes_of(laleh, best) == ["panel_too_small"]
    best.panel = [*best.panel, {"who": "D", "function": "lawyer"}]
    assert codes_of(laleh, rules.keep(laleh, best)) == []


def test_NN_23_a_child_with_an_armed_link_goes_to_civilian_child_protection(trio):
    _, laleh, *_ = trio
    case, _ = a_case(laleh)
    child = a_child(laleh, case)
    rules.keep(
        laleh,
        ProtectionAssessment(
            case=case.id,
            subject=child.id,
            concerns=["child_recruitment"],
            risk_level="high",
            review_on="2026-12-01",
            armed_link="child_associated",
        ),
    )
    (task,) = [t for t in laleh.list(Task, where={"case": case.id}) if "civilian child protection" in t.title]
    assert task.due - laleh.now() <= 48 * 3600


def test_NN_31_three_answers_are_asked_only_after_a_purpose_was_chosen(trio):
    from panah.records import forms

    _, laleh, *_ = trio
    _case, person = a_case(laleh)
    hidden = {"nationality", "ethnicity", "religion"}
    assert not hidden & {f.name for f in forms.describe(Person.KIND, person, "en")}
    person.asked_because = ["identity_papers"]
    person = rules.keep(laleh, person)
    assert hidden <= {f.name for f in forms.describe(Person.KIND, person, "fa")}
    person.nationality, person.asked_because = "XA", None
    person = rules.keep(laleh, person)
    # What was answered stays visible, so that it can be taken away.
    assert {f.name for f in forms.describe(Person.KIND, person, "en")} & hidden == {"nationality"}


def test_a_high_risk_is_signed_by_a_supervisor_who_did_not_write_it(trio):
    omid, laleh, *_, stick = trio
    case, person = a_case(laleh)
    risk = rules.keep(
        laleh,
        ProtectionAssessment(
            case=case.id, subject=person.id, concerns=["extortion"], risk_level="critical", review_on="2026-12-01"
        ),
    )
    assert codes_of(laleh, risk) == ["signature_needed"]
    risk.approved_by = "Omid"
    with pytest.raises(Invalid):
        rules.keep(laleh, risk)
    team.meet(laleh, omid, stick)
    assert approvals.may(omid, omid.get(ProtectionAssessment, risk.id))
    approvals.approve(omid, "protection_assessment", risk.id)
    team.meet(omid, laleh, stick)
    assert codes_of(laleh, laleh.get(ProtectionAssessment, risk.id)) == []
    with pytest.raises(Refused, match="nothing_to_sign"):
        approvals.approve(omid, "protection_assessment", risk.id)


def test_a_plan_keeps_the_persons_order_and_needs_their_yes(trio):
    _, laleh, *_ = trio
    case, _ = a_case(laleh)
    goals = [{"goal": "see my brother", "progress": 0}, {"goal": "papers", "progress": 1}]
    plan = rules.keep(laleh, CasePlan(case=case.id, goals=goals, agreed_by_person=False))
    assert codes_of(laleh, plan) == ["plan_not_agreed"] and [g["goal"] for g in laleh.get(CasePlan, plan.id).goals] == [
        "see my brother",
        "papers",
    ]


def test_a_service_ends_with_the_persons_own_word(trio):
    _, laleh, *_ = trio
    case, person = a_case(laleh)
    service = rules.keep(
        laleh, Service(case=case.id, subject=person.id, type="health", service_state="completed", received_on="2026-11-24")
    )
    assert codes_of(laleh, service) == ["person_not_asked"]
    service.person_confirms = "partly"
    assert codes_of(laleh, rules.keep(laleh, service)) == []
    declined = rules.keep(laleh, Service(case=case.id, subject=person.id, type="legal_aid", service_state="declined_by_person"))
    assert codes_of(laleh, declined) == []


def test_contact_counts_as_lost_after_three_tries(trio):
    from panah.records.closure import Closure

    _, laleh, *_ = trio
    case, _ = a_case(laleh)
    closure = Closure(
        case=case.id,
        reason="lost_contact",
        closed_on="2026-11-24",
        person_informed="no",
        data_choice="keep_minimum",
        lost_contact_tries=2,
    )
    assert "tries_too_few" in codes_of(laleh, rules.keep(laleh, closure))


def test_a_talk_and_an_assessment_say_what_was_left_out(trio):
    omid, laleh, rojin, _, stick = trio
    team.meet(omid, laleh, stick)
    case, person = a_case(laleh)
    child = a_child(laleh, case)
    talk = a_talk(laleh, case, person, can_change_mind=False)
    assert ("can_change_mind", "change_of_mind_not_told") in complete.lacking(laleh, talk)
    cases.assign(laleh, case.id, rojin.me.id)
    team.meet(laleh, rojin, stick)
    wishes.read(rojin, talk.id, agrees=True)
    with pytest.raises(Refused, match="talk_incomplete"):
        wishes.fresh(rojin, person.id, "leaving")
    risk = rules.keep(
        laleh,
        ProtectionAssessment(case=case.id, subject=child.id, concerns=["neglect"], risk_level="low", review_on="2027-01-01"),
    )
    assert ("separation", "child_separation_needed") in complete.lacking(laleh, risk)
    asked = a_consent(laleh, case, child, yes("health_referral", "Willow", duty="none"))
    assert ("child_assent", "child_not_asked") in complete.lacking(laleh, asked)
