"""Free will, both directions: a person's word is theirs, alone, read by a second person, fresh; and a change of mind ends everything."""

from __future__ import annotations

import re

import pytest

from panah.errors import Invalid, Refused
from panah.records import TYPES
from panah.records.best_interests import BestInterests
from panah.records.person import Person
from panah.records.safety_plan import SafetyPlan
from panah.records.task import Task
from panah.records.voluntariness_interview import VoluntarinessInterview as Talk
from panah.work import approvals, cases, codes, complete, rules, wishes
from tests import team


@pytest.fixture
def pair(tmp_path):
    clock = team.Clock()
    omid = team.found(tmp_path / "o", clock=clock, types=TYPES)
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",), clock)
    yield omid, laleh, tmp_path / "stick", clock
    omid.lock()
    laleh.lock()


def someone(s, band="b25_59", case=None):
    case = case or cases.open_case(s, basis="consent", basis_note="They ask.", limits_explained=True).id
    return rules.keep(s, Person(case=case, id_mode="code_only", age_band=band, language_spoken="ckb"))


def talk(s, person, about="leaving", want="leave", **more):
    fields = {
        "private": True, "own_words": "دەمەوێت", "information_given": ["options_for_help"], "can_change_mind": True,
        "conclusion": "voluntary", "interviewer_choice_offered": True,
    }  # fmt: skip
    return rules.keep(s, Talk(case=person.case, subject=person.id, about=about, want=want, **{**fields, **more}))


def refused(s, person, about="leaving", at=None):
    try:
        wishes.fresh(s, person.id, about, at)
    except Refused as e:
        return e.code
    return ""


def read_by(reader, writer, talk, stick, *, agrees=True):
    team.meet(writer, reader, stick)
    wishes.read(reader, talk.id, agrees=agrees)
    team.meet(writer, reader, stick)


def test_NN_11_a_decision_holds_for_a_day_after_a_second_person_has_read_it(pair):
    omid, laleh, stick, clock = pair
    mother = someone(laleh)
    assert refused(laleh, mother) == "talk_needed"
    said = talk(laleh, mother)
    assert refused(laleh, mother) == "second_reader_needed"
    read_by(omid, laleh, said, stick)
    assert refused(laleh, mother) == refused(omid, mother) == ""
    assert wishes.fresh(laleh, mother.id, "leaving").id == said.id
    assert refused(laleh, mother, at=clock.at + 23 * 3600) == ""
    assert refused(laleh, mother, at=clock.at + 25 * 3600) == "talk_too_old"
    assert refused(laleh, mother, at=clock.at - 3600) == "talk_too_old"
    assert refused(laleh, mother, "going_back") == "talk_needed"


def test_NN_11_a_talk_stands_on_the_second_readers_day_until_it_is_read(pair):
    omid, laleh, stick, _ = pair
    said = talk(laleh, someone(laleh))
    team.meet(laleh, omid, stick)
    (line,) = [a for a in approvals.waiting(omid) if a.what == approvals.TALK]
    assert line.link == f"/talk/{said.id}/read" and "SENTINEL" not in line.label
    assert not any(a.what == approvals.TALK for a in approvals.waiting(laleh))  # nobody is their own second reader
    read_by(omid, laleh, said, stick)
    assert not any(a.what == approvals.TALK for a in (*approvals.waiting(omid), *approvals.waiting(laleh)))


def test_NN_11_nobody_reads_for_themselves_or_in_anothers_name(pair):
    omid, laleh, stick, _ = pair
    mother = someone(laleh)
    said = talk(laleh, mother)
    with pytest.raises(Refused) as e:
        wishes.read(laleh, said.id, agrees=True)
    assert e.value.code == "no_self_approval"
    said.second_reader = "Omid"
    with pytest.raises(Invalid):
        rules.keep(laleh, said)
    # Written past the rules, by a program of her own: the log says whose hand it was.
    forged = laleh.get(Talk, said.id)
    forged.second_reader, forged.second_reading = "Omid", "agrees"
    laleh.save(forged)
    team.meet(laleh, omid, stick)
    assert refused(laleh, mother) == refused(omid, mother) == "second_reader_needed"


def test_NN_11_a_reader_who_disagrees_stops_it(pair):
    omid, laleh, stick, _ = pair
    mother = someone(laleh)
    read_by(omid, laleh, talk(laleh, mother), stick, agrees=False)
    assert refused(laleh, mother) == "second_reader_disagrees"
    assert [t.owner for t in laleh.list(Task)] == ["Laleh"]


def test_NN_12_what_two_people_wrote_apart_is_not_free_if_one_saw_that_they_were_not_alone(pair):
    omid, laleh, stick, _ = pair
    mother = someone(laleh)
    said = talk(laleh, mother, conclusion="unclear_repeat")
    team.meet(omid, laleh, stick)
    his, hers = omid.get(Talk, said.id), laleh.get(Talk, said.id)
    his.private = False
    hers.conclusion = "voluntary"
    rules.keep(omid, his)
    rules.keep(laleh, hers)
    team.meet(omid, laleh, stick)
    assert refused(laleh, mother) == refused(omid, mother) == "talk_not_free"


def test_NN_12_a_talk_is_one_persons_and_stays_theirs(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    father = someone(laleh, case=mother.case)
    said = talk(laleh, mother)
    assert Talk.KIND.field("subject").kind == "ref"
    said.subject = father.id
    with pytest.raises(Invalid) as e:
        rules.keep(laleh, said)
    assert e.value.problems == (("subject", "talk_is_one_persons"),)
    assert refused(laleh, father) == "talk_needed"


@pytest.mark.parametrize(
    ("about", "want"), [("staying", "stay"), ("going_back", "return_to_place"), ("joining_family", "return_to_family")]
)
def test_NN_13_to_stay_and_to_go_back_are_complete_like_leaving(pair, about, want):
    omid, laleh, stick, _ = pair
    mother = someone(laleh)
    read_by(omid, laleh, talk(laleh, mother, about, want), stick)
    assert refused(laleh, mother, about) == ""
    assert cases.states(laleh, laleh.get(TYPES["case"], mother.case))["voluntariness_interview"] == "complete"
    rules.keep(
        laleh,
        SafetyPlan(case=mother.case, subject=mother.id, situation=about, if_return="Her sister knows.", review_on="2026-12-01"),
    )
    assert laleh.get(TYPES["case"], mother.case).risk_level is None and laleh.list(Task) == []


def test_NN_14_a_change_of_mind_ends_the_decision_on_every_device_that_hears_of_it(pair):
    omid, laleh, stick, _ = pair
    mother = someone(laleh)
    said = talk(laleh, mother)
    read_by(omid, laleh, said, stick)
    assert wishes.change_of_mind(omid, mother.id) == 1
    assert refused(omid, mother) == "mind_changed" and refused(laleh, mother) == ""
    team.meet(omid, laleh, stick)
    assert refused(laleh, mother) == "mind_changed"
    # Nobody sets it back.
    back = laleh.get(Talk, said.id)
    back.mind_changed = "no"
    with pytest.raises(Invalid):
        rules.keep(laleh, back)
    # A new talk does.
    read_by(omid, laleh, talk(laleh, mother), stick)
    assert refused(laleh, mother) == ""


def test_NN_14_a_talk_that_did_not_know_of_the_change_of_mind_does_not_undo_it(pair):
    omid, laleh, stick, clock = pair
    mother = someone(laleh)
    read_by(omid, laleh, talk(laleh, mother), stick)
    wishes.change_of_mind(omid, mother.id)
    clock.at += 3600
    # Laleh, apart, hears a yes once more, with the later clock.
    late = talk(laleh, mother)
    read_by(omid, laleh, late, stick)
    assert refused(laleh, mother) == refused(omid, mother) == "mind_changed"


def test_NN_14_another_wish_said_since_stops_the_first_one(pair):
    omid, laleh, stick, _ = pair
    mother = someone(laleh)
    read_by(omid, laleh, talk(laleh, mother), stick)
    talk(laleh, mother, "staying", "stay")
    assert refused(laleh, mother) == "talk_not_free"


def test_NN_15_pressure_from_us_goes_to_a_supervisor_who_has_no_part_in_the_case(pair, tmp_path):
    omid, _, stick, clock = pair
    hana = team.join(omid, tmp_path / "h", "Hana", ("supervisor",), clock)
    team.meet(omid, hana, stick)
    mother = someone(omid)
    talk(omid, mother, pressures=["helper_organisation"])
    (task,) = omid.list(Task)
    assert task.owner == "Hana" and task.critical is True
    hana.lock()


def test_NN_17_no_form_asks_about_the_place_people_come_from(pair):
    asked = re.compile(r"weapon|leader|command|hierarch|structure|route|guard|headquarter|group_name|perpetrator", re.IGNORECASE)
    care = [cls for cls in TYPES.values() if cls.KIND.compartment.startswith(("care/", "triage/", "health/"))]
    found = [
        f"{cls.KIND.name}.{f.name}" for cls in care for f in cls.KIND.fields if asked.search(f.name) or asked.search(f.label)
    ]
    assert found == []
    # Nor can a list be made by group: no such field is there to filter by.
    assert not [
        f.name
        for cls in care
        for f in cls.KIND.indexed
        if f.name in ("nationality", "ethnicity", "religion", "armed_link", "place")
    ]


def test_NN_20_a_childs_decision_needs_a_best_interests_record_besides(pair):
    omid, laleh, stick, _ = pair
    girl = someone(laleh, "b15_17")
    read_by(omid, laleh, talk(laleh, girl, "joining_family", "return_to_family"), stick)
    assert refused(laleh, girl, "joining_family") == "best_interests_needed"
    best = BestInterests(
        case=girl.case, subject=girl.id, kind="assessment", decision_about="family_reunion", child_view="دەمەوێت بچمە لای پوورم."
    )
    codes.give(laleh, best)
    rules.keep(laleh, best)
    assert refused(laleh, girl, "joining_family") == ""


def test_NN_24_choice_of_interviewer_and_interpreter_is_stored(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    said = talk(laleh, mother, interviewer_choice_offered=None)
    assert ("interviewer_choice_offered", "choice_not_offered") in complete.lacking(laleh, said)
    assert Talk.KIND.field("interpreter_unconnected").kind == "bool" and Person.KIND.field("interpreter_rules").kind == "longtext"
