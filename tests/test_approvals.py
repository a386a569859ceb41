"""What needs two people gets two people: another member, another device, signed; and the supervisor sees who needs them now."""

from __future__ import annotations

import pytest

from panah.errors import Refused
from panah.kernel import enrol
from panah.records import TYPES
from panah.records.case import Case
from panah.records.closure import Closure
from panah.records.consent import Consent
from panah.records.follow_up import FollowUp
from panah.records.help_request import HelpRequest
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.task import Task
from panah.work import approvals, cases, erasing, rules, signed, supervising, today
from tests import team
from tests.test_erase import together


@pytest.fixture
def three(tmp_path):
    """Omid and Sara supervise, Laleh works on cases."""
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock, types=TYPES)
    sara = team.join(omid, tmp_path / "sara", "Sara", ("supervisor", "intake"), clock)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clock)
    yield omid, sara, laleh, clock, tmp_path / "stick"
    for s in (omid, sara, laleh):
        s.lock()


def refused(call, *args) -> str:
    with pytest.raises(Refused) as e:
        call(*args)
    return e.value.code


def _closure(s, case):
    return cases.ask_to_close(
        s, Closure(case=case.id, reason="goals_met", closed_on="2026-09-21", person_informed="yes", data_choice="keep_minimum")
    )


def test_NN_75_a_closure_and_a_high_risk_wait_until_the_devices_meet(three):
    omid, _, laleh, _, stick = three
    case = cases.open_case(laleh, limits_explained=True, code="ba-ru-mi-7")
    closure = _closure(laleh, case)
    risk = rules.keep(
        laleh, ProtectionAssessment(case=case.id, risk_level="high", review_on="2026-12-01", concerns=["other"], subject="0" * 32)
    )
    assert approvals.waiting(laleh) == approvals.waiting(omid) == []
    assert refused(approvals.approve, laleh, "closure", closure.id) == "only_a_supervisor"
    team.meet(laleh, omid, stick)
    assert [(a.what, a.label) for a in approvals.waiting(omid)] == [
        (approvals.ASKS["closure"].what, "ba-ru-mi-7"), (approvals.ASKS["protection_assessment"].what, "ba-ru-mi-7"),
    ]  # fmt: skip
    approvals.approve(omid, "protection_assessment", risk.id)
    approvals.approve(omid, "closure", closure.id)
    assert approvals.waiting(omid) == []
    team.meet(laleh, omid, stick)
    assert laleh.get(Case, case.id).stage == "closed"
    for kind, id in (("closure", closure.id), ("protection_assessment", risk.id)):
        assert signed.stands(laleh, laleh.get(TYPES[kind], id))


def test_NN_75_nobody_approves_their_own_on_a_second_device_or_under_another_name(three, tmp_path):
    omid, sara, _, clock, stick = three
    case = cases.open_case(omid, limits_explained=True)
    risk = rules.keep(omid, ProtectionAssessment(case=case.id, risk_level="critical", review_on="2026-12-01"))
    phone = enrol.new_vault(tmp_path / "phone", team.PASSPHRASE, TYPES, team.QUICK, clock)
    enrol.enter(phone, enrol.invite(omid, enrol.card(phone), "Omid", ("supervisor",), member=omid.me.id))
    together(omid, phone, sara, stick=stick)
    for device in (omid, phone):
        assert refused(approvals.approve, device, "protection_assessment", risk.id) == "no_self_approval"
        assert not approvals.may(device, device.get(ProtectionAssessment, risk.id))
    # An altered program writes a colleague's name: the name proves nothing, the signature does.
    forged = omid.get(ProtectionAssessment, risk.id)
    forged.approved_by, forged.awaits = "Sara", False
    omid.save(forged)
    together(omid, phone, sara, stick=stick)
    for s in (omid, phone, sara):
        assert not signed.stands(s, s.get(ProtectionAssessment, risk.id))
    phone.lock()


def test_NN_75_an_erasure_waits_in_the_same_list(three):
    omid, sara, laleh, _, stick = three
    case = cases.open_case(laleh, code="ba-ru-mi-7")
    together(omid, sara, laleh, stick=stick)
    erasing.ask(laleh, case.id)
    together(omid, sara, laleh, stick=stick)
    assert [a.link for a in approvals.waiting(sara)] == [f"/case/{case.id}"] and approvals.waiting(laleh) == []


def test_who_needs_a_supervisor_now_each_with_a_reason_and_an_act_and_no_name(three):
    omid, sara, laleh, _clock, stick = three
    assert supervising.needs(omid) == []
    omid.save(HelpRequest(channel="web_form", message="SENTINEL", received_on="2026-09-20"))
    case = cases.open_case(laleh, chosen_name="SENTINEL", limits_explained=True, basis_note="n")
    rules.keep(laleh, ProtectionAssessment(case=case.id, risk_level="critical", review_on="2026-09-20"))
    rules.keep(laleh, Task(case=case.id, title="Ask about medicines", owner="Laleh", due=laleh.now() - 9, task_state="open"))
    end = rules.day_after(laleh.now(), 5)
    scopes = [{"purpose": "photo", "decision": "yes", "valid_until": end}, {"purpose": "research", "decision": "no"}]
    rules.keep(laleh, Consent(case=case.id, capacity="full", scopes=scopes))
    _closure(laleh, case)
    together(omid, sara, laleh, stick=stick)
    one, other = omid.get(Case, case.id), laleh.get(Case, case.id)
    one.basis_note, other.basis_note = "a", "b"
    omid.save(one)
    laleh.save(other)
    enrol.remove(omid, laleh.me.id)
    together(omid, laleh, stick=stick)
    parts = {part.key: part for part in supervising.needs(omid)}
    assert set(parts) >= {"approvals", "danger", "requests", "overdue", "holder", "ending"}
    lines = [i for part in parts.values() for i in part.items]
    assert all(i.what and i.act and i.link for i in lines) and "SENTINEL" not in repr(lines)
    assert parts["danger"].items[0].urgent and parts["overdue"].items[0].text == "Ask about medicines"


def test_today_is_each_members_own(three):
    omid, sara, laleh, _clock, stick = three
    case = cases.open_case(laleh, limits_explained=True)
    rules.keep(laleh, ProtectionAssessment(case=case.id, risk_level="low", review_on="2026-09-20", subject="0" * 32))
    rules.keep(laleh, FollowUp(case=case.id, next="2026-09-20", subject="0" * 32))
    together(omid, sara, laleh, stick=stick)
    assert {i.what for i in today.today(laleh)} == {"The risk is to be looked at again", "A follow-up is due"}
    assert today.today(omid) == []  # it is Laleh's; the supervisor sees what is overdue on a page of its own
    # A newer one takes the place of the older, and a closed case asks for nothing.
    rules.keep(laleh, ProtectionAssessment(case=case.id, risk_level="low", review_on="2030-01-01", subject="0" * 32))
    assert {i.what for i in today.today(laleh)} == {"A follow-up is due"}
    closure = _closure(laleh, case)
    team.meet(laleh, omid, stick)
    approvals.approve(omid, "closure", closure.id)
    team.meet(laleh, omid, stick)
    assert today.today(laleh) == []
