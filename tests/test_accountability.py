"""Complaints that pass the team they are about, incidents, and the people to be warned: each rule by its number."""

from __future__ import annotations

import pytest

from panah.errors import Refused
from panah.kernel import keys, log, share
from panah.kernel.roster import LETTER
from panah.records import TYPES
from panah.records.feedback import Feedback
from panah.records.incident import Incident
from panah.records.intake_key import IntakeKey
from panah.work import cases, complaints, incidents, rules
from tests import team
from tests.test_erase import plain, together

WORDS = "sentinelcomplaint"


@pytest.fixture
def five(tmp_path):
    """Omid founded the team and supervises, Sara supervises, Dara guards the data, Laleh and Rana work on cases."""
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock, types=TYPES)
    people = [omid]
    for name, roles in (
        ("Sara", ("supervisor", "intake")),
        ("Dara", ("dpo",)),
        ("Laleh", ("caseworker",)),
        ("Rana", ("caseworker",)),
    ):
        people.append(team.join(omid, tmp_path / name.lower(), name, roles, clock))
    together(*people, stick=tmp_path / "stick")
    yield (*people, tmp_path / "stick")
    for s in people:
        s.lock()


def test_NN_100_I14_what_is_handed_in_is_read_by_the_desk_alone(five):
    omid, sara, dara, laleh, rana, stick = five
    id = laleh.post(Feedback(kind="complaint_staff_conduct", received=laleh.now(), text=WORDS, state="open"))
    assert laleh.find(Feedback, id) is None and WORDS.encode() not in plain(laleh)
    together(omid, sara, dara, laleh, rana, stick=stick)
    assert dara.get(Feedback, id).text == WORDS
    for s in (sara, laleh, rana):
        assert s.find(Feedback, id) is None and WORDS.encode() not in plain(s) and not s.search(WORDS)
    # More about it, by who began it; nobody else changes it.
    laleh.post(Feedback(id=id, text=WORDS + " and more"))
    rana.post(Feedback(id=id, text="nothing happened"))
    together(omid, sara, dara, laleh, rana, stick=stick)
    assert dara.get(Feedback, id).text == WORDS + " and more" and dara.conflicts() == []


def test_what_is_handed_in_is_taken_in_once_by_two_devices_of_the_desk(five, tmp_path):
    omid, _sara, dara, laleh, _, stick = five
    second = team.join(omid, tmp_path / "noor", "Noor", ("dpo",))
    together(omid, dara, second, laleh, stick=stick)
    id = laleh.post(Feedback(kind="thanks", received=laleh.now(), text=WORDS))
    team.meet(laleh, dara, stick)
    team.meet(laleh, second, stick)
    together(dara, second, stick=stick)
    assert second.get(Feedback, id).text == WORDS and dara.conflicts() == second.conflicts() == []
    second.lock()


def test_nobody_hands_in_what_a_desk_makes_itself_nor_changes_what_stands_there(five):
    _omid, _sara, dara, laleh, _, stick = five
    with pytest.raises(Refused) as e:
        laleh.post(IntakeKey(identity="x"))
    assert e.value.code == "no_key_here"
    own = dara.save(Feedback(kind="thanks", received=dara.now(), text="noted by the desk"))
    device = next(d for d in laleh.roster.devices.values() if d.tag == dara.identity.tag)
    odd = [
        {"letter": keys.random(16), "type": "feedback", "set": {"text": "altered"}},
        {"letter": keys.random(16), "type": "intake_key", "set": {"identity": "x"}},
        {"letter": 5, "type": "feedback", "set": {"text": "x"}},
        {"letter": keys.random(16), "type": [], "set": {"text": "x"}},
        {"letter": keys.random(16), "type": "feedback", "set": [1]},
        {"letter": keys.random(16), "type": "feedback", "set": {"text": 7, "kind": "none_of_ours", "received": "x"}},
    ]
    with laleh.vault.change():
        for n, fields in enumerate(odd):
            record = bytes.fromhex(own.id) if n == 0 else keys.random(16)
            log.append(laleh, device.tag, [share.control(laleh, LETTER, record, **fields)], to=device)
    team.meet(laleh, dara, stick)
    assert dara.get(Feedback, own.id).text == "noted by the desk" and dara.count(Feedback) == 1
    assert [h.source for h in dara.quarantine()] == ["letter"]


def test_a_desk_without_anybody_takes_nothing(tmp_path):
    omid = team.found(tmp_path / "o", types=TYPES)
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",))
    with pytest.raises(Refused) as e:
        laleh.post(Feedback(kind="thanks", received=1.0, text="x"))
    assert e.value.code == "nobody_at_that_desk"
    omid.lock()
    laleh.lock()


def refused(call, *args, **how) -> str:
    with pytest.raises(Refused) as e:
        call(*args, **how)
    return e.value.code


def _id(s, name):
    return next(m.id for m in s.members() if m.name == name)


def test_NN_100_a_complaint_is_sealed_has_a_day_and_leaves_a_receipt_that_says_nothing(five):
    omid, sara, dara, laleh, rana, stick = five
    receipt = complaints.hand_in(laleh, kind="complaint_staff_conduct", text=WORDS, about=_id(laleh, "Rana"), anonymous=True)
    urgent = complaints.hand_in(laleh, kind="threat_report", text="in danger", safety_now="critical")
    assert receipt.desk == "accountability" and receipt.answer_due == rules.day_after(laleh.now(), 14)
    assert urgent.answer_due == rules.day_after(laleh.now(), 1) and WORDS not in repr(receipt)
    assert complaints.waiting(laleh) == [] and WORDS.encode() not in plain(laleh)
    together(omid, sara, dara, laleh, rana, stick=stick)
    # Safety first: whoever is in danger stands first.
    first, second = complaints.waiting(dara)
    assert (first.code, second.code) == (urgent.code, receipt.code) and second.anonymous and second.about_staff == "Rana"
    assert "Laleh" not in repr([getattr(second, f.name) for f in second.KIND.fields]) and second.meta.created_by == "Dara"
    for s in (sara, laleh, rana):
        assert complaints.waiting(s) == [] and WORDS.encode() not in plain(s)
    second.state, second.answered = "done", "talked with everybody"
    dara.save(second)
    assert [c.code for c in complaints.waiting(dara)] == [urgent.code]
    assert refused(complaints.hand_in, laleh, kind="thanks", text=" ") == "complaint_empty"


def test_NN_100_a_complaint_about_data_protection_goes_to_the_supervisors_and_past_that_desk(five):
    omid, sara, dara, laleh, rana, stick = five
    receipt = complaints.hand_in(rana, kind="data_concern", text=WORDS, about=_id(rana, "Dara"))
    assert receipt.desk == "supervisors"
    together(omid, sara, dara, laleh, rana, stick=stick)
    assert [c.code for c in complaints.waiting(sara)] == [receipt.code]
    for s in (dara, laleh, rana):
        assert complaints.waiting(s) == [] and WORDS.encode() not in plain(s)
    # About a supervisor it goes to data protection.
    assert complaints.hand_in(rana, kind="data_concern", text="x", about=_id(rana, "Sara")).desk == "accountability"


def test_NN_100_nobody_is_sent_a_complaint_about_themselves(tmp_path):
    omid = team.found(tmp_path / "o", types=TYPES, roles=("supervisor", "dpo", "keyholder"))
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",))
    assert refused(complaints.hand_in, laleh, kind="data_concern", text=WORDS, about=omid.me.id) == "nobody_past_them"
    assert WORDS.encode() not in plain(laleh)
    assert complaints.hand_in(laleh, kind="thanks", text="well done").desk == "accountability"
    omid.lock()
    laleh.lock()


def test_NN_101_a_lost_device_is_out_in_one_act_with_the_list_of_whom_to_warn(five, tmp_path):
    omid, sara, dara, laleh, rana, stick = five
    for name, risk, rule in (("one", "low", "Only at noon."), ("two", "critical", "Never call."), ("three", None, "")):
        cases.open_case(laleh, chosen_name=name, risk_level=risk, safe_contact_rule=rule or None, code=f"code-{name}")
    cases.open_case(rana, chosen_name="four", code="code-four")
    together(omid, sara, dara, laleh, rana, stick=stick)
    incident = incidents.lost(omid, laleh.identity.tag)
    assert (
        laleh.identity.tag in omid.roster.removed and incident.kind == "lost_or_seized_device" and incident.people_affected == 3
    )
    people = incidents.affected(omid, incident)
    # The greatest risk first, and what nobody has assessed counts as great.
    assert {p.code for p in people[:2]} == {"code-two", "code-three"} and people[2].code == "code-one"
    assert {p.code: p.rule for p in people}["code-two"] == "Never call."
    together(omid, sara, dara, stick=stick)
    assert [p.code for p in incidents.affected(sara, sara.get(Incident, incident.id))] == [p.code for p in people]
    # Data protection reads the incident; the cases themselves stay closed to it. Caseworkers read neither.
    assert dara.get(Incident, incident.id).device == laleh.identity.tag.hex() and incidents.affected(dara, incident) == []
    assert rana.find(Incident, incident.id) is None
    # What is written later, under the new keys, the lost device cannot open.
    case = omid.list(cases.Case)[0]
    case.basis_note = "after the loss"
    omid.save(case)
    team.meet(omid, laleh, tmp_path / "late")
    assert laleh.find(cases.Case, case.id) is None or laleh.get(cases.Case, case.id).basis_note != "after the loss"


def test_NN_102_people_are_warned_one_by_one_and_how_it_was_safe_is_written_down(five):
    omid, *_ = five
    case = cases.open_case(
        omid, chosen_name="SENTINELNAME", risk_level="high", safe_contact_rule="Only at noon.", code="ba-ru-mi-7"
    )
    incident = incidents.report(omid, kind="wrong_recipient", what_known="A letter went to another partner.", harm_now="high")
    assert incidents.affected(omid, incident) == []
    incidents.add(omid, incident.id, "ba-ru-mi-7")
    incidents.add(omid, incident.id, "of-an-other-1")
    known, unknown = sorted(incidents.affected(omid, omid.get(Incident, incident.id)), key=lambda p: p.code)
    assert (known.case, known.risk, known.rule) == (case.id, "high", "Only at noon.") and (unknown.case, unknown.rule) == ("", "")
    assert refused(incidents.told, omid, incident.id, "ba-ru-mi-7", " ") == "how_was_it_safe"
    incidents.told(omid, incident.id, "ba-ru-mi-7", "in person, at noon")
    after = {p.code: p.told for p in incidents.affected(omid, omid.get(Incident, incident.id))}
    assert (
        after["ba-ru-mi-7"]["how"] == "in person, at noon"
        and after["ba-ru-mi-7"]["by"] == "Omid"
        and not after["of-an-other-1"]["how"]
    )
    assert "SENTINELNAME" not in repr(omid.get(Incident, incident.id).was)
    assert refused(incidents.report, omid, kind="malware", what_known="") == "incident_empty"
    assert refused(incidents.add, omid, incident.id, "") == "code_missing"
    assert [i.id for i in incidents.waiting(omid)] == [incident.id]
