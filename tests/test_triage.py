"""Who is looked at first: the lists, the category, the clocks, the queue; and many who arrive at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panah.errors import Refused
from panah.records import CODES, TYPES
from panah.records.case import Case
from panah.records.household import Household
from panah.records.medical_triage import MedicalTriage
from panah.records.person import Person
from panah.records.task import Task
from panah.records.triage_list import TriageList
from panah.records.triage_wait import TriageWait
from panah.work import arriving, cases, today, triage
from panah.work.arriving import Line
from panah.work.triage import Seen
from tests import team
from tests.test_erase import plain

DELIVERED = TriageList(**{k: v for k, v in triage._delivered().items() if k in triage._FIELDS})


@pytest.fixture
def tent(tmp_path):
    """Omid supervises, Rojin is the health desk, Laleh stands at the table."""
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", types=TYPES, clock=clock)
    rojin = team.join(omid, tmp_path / "rojin", "Rojin", ("health",), clock)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clock)
    for _ in range(2):
        for s in (rojin, laleh):
            team.meet(omid, s, tmp_path / "stick")
    yield omid, rojin, laleh, clock, tmp_path / "stick"
    for s in (omid, rojin, laleh):
        s.lock()


def test_every_sign_of_the_code_lists_is_asked_on_a_list_and_every_asked_sign_is_a_code():
    for colour in ("red", "yellow"):
        asked = {*getattr(DELIVERED, f"adult_{colour}"), *getattr(DELIVERED, f"child_{colour}")}
        assert asked == set(CODES[f"triage_sign_{colour}"])
    assert not [one for one in DELIVERED.child_red if "pregnant" in one] and not [
        one for one in DELIVERED.adult_red if "child" in one
    ]
    assert DELIVERED.problems() == []


@pytest.mark.parametrize(
    ("seen", "colour", "reasons"),
    [
        (Seen("b25_59", ["stridor"], []), "red", {"stridor"}),
        (Seen("b25_59", [], ["severe_pain"]), "yellow", {"severe_pain"}),
        (Seen("b25_59", [], []), "green", set()),
        (Seen("b25_59", [], [], {"oxygen": 91}), "red", {"oxygen"}),
        (Seen("b25_59", [], [], {"oxygen": 92, "heart_rate": 130, "breaths": 10, "temperature": 36}), "green", set()),
        (Seen("b25_59", [], [], {"temperature": 39.1}), "red", {"temperature"}),
        (Seen("b2_5", [], [], {"heart_rate": 150}), "green", set()),
        (Seen("b0_1", [], [], {"heart_rate": 85}), "red", {"heart_rate"}),
        (Seen("b2_5", [], [], muac_mm=114), "yellow", {"sam_under_115"}),
        (Seen("b2_5", [], [], muac_mm=115), "green", set()),
        (Seen("b2_5", [], [], oedema=True), "yellow", {"oedema"}),
        (Seen("b25_59", [], [], sv_window="under_72h"), "yellow", {"under_72h"}),
        (Seen("b25_59", [], [], sv_window="declined_to_say"), "green", set()),
        (Seen("b25_59", None, []), "", set()),
        (Seen("b25_59", [], None), "", set()),
        (Seen("b25_59", None, ["severe_pain"]), "yellow", {"severe_pain"}),
    ],
)
def test_the_category_and_its_reasons(seen, colour, reasons):
    found = triage.category(seen, DELIVERED)
    assert found.colour == colour and {code for _, code in found.reasons} == reasons


signs = {c: st.lists(st.sampled_from(CODES[f"triage_sign_{c}"]), max_size=3) for c in ("red", "yellow")}


@given(
    st.sampled_from(CODES["age_band"]),
    signs["red"],
    signs["yellow"],
    signs["red"],
    signs["yellow"],
    st.none() | st.integers(60, 300),
)
def test_seeing_more_never_makes_it_less_urgent(age, red, yellow, more_red, more_yellow, muac):
    less = triage.category(Seen(age, red, yellow), DELIVERED).colour
    more = triage.category(Seen(age, red + more_red, yellow + more_yellow, muac_mm=muac), DELIVERED).colour
    assert triage.ORDER.index(more) <= triage.ORDER.index(less)


@pytest.mark.parametrize(
    ("age", "mm", "given"),
    [("b2_5", 112, "sam_under_115"), ("b2_5", 120, "mam_115_124"), ("b2_5", 125, "normal_125_up"), ("b6_9", 112, "")],
)
def test_the_arm_is_measured_of_small_children(age, mm, given):
    assert triage.muac_class(Seen(age, muac_mm=mm), DELIVERED) == given
    assert triage.muac_class(Seen("b25_59", muac_mm=229, pregnant=True), DELIVERED) == "pregnant_under_230"


def test_NN_01_somebody_is_looked_at_without_a_name_an_agreement_or_a_file(tent):
    omid, rojin, laleh, _, stick = tent
    wait = triage.somebody(rojin, "b2_5")
    done = triage.look(rojin, wait, Seen("b2_5", ["child_severe_dehydration_two_signs"], [], muac_mm=112), by_clinician=True)
    assert (done.colour, done.muac_class) == ("red", "sam_under_115") and rojin.count(Case) == rojin.count(Person) == 0
    team.meet(rojin, omid, stick)
    assert [w.colour for w in triage.queue(omid)] == ["red"] and omid.get(MedicalTriage, done.id).muac_class is None
    assert any(i.urgent and i.what == "Red: a clinician now" for i in today.today(omid)) and any(
        i.urgent for i in today.today(rojin)
    )
    # The file comes afterwards, under the same number; what health wrote belongs to it.
    case = triage.file_for(omid, wait.id)
    assert case.basis == "vital_interest" and triage.file_for(omid, wait.id).id == case.id
    assert cases.parts(omid, case.id)["medical_triage"][0].id == done.id
    cases.assign(omid, case.id, laleh.me.id)
    team.meet(omid, laleh, stick)
    assert laleh.get(MedicalTriage, done.id).colour == "red" and b"child_severe_dehydration" not in plain(laleh)


def test_the_queue_puts_danger_first_then_the_clock_and_lets_go_of_who_is_with_a_clinician(tent):
    _, rojin, _, clock, _ = tent
    green, yellow, red, new = (triage.somebody(rojin, "b25_59") for _ in range(4))
    for wait, seen in (
        (green, Seen("b25_59", [], [])),
        (yellow, Seen("b25_59", [], ["severe_pain"])),
        (red, Seen("b25_59", ["stridor"], [])),
    ):
        triage.look(rojin, wait, seen, by_clinician=False)
    assert [w.wait.id for w in triage.queue(rojin)] == [red.id, new.id, yellow.id, green.id]
    assert [w.late for w in triage.queue(rojin)] == [False] * 4
    clock.at += 61 * 60
    assert [w.wait.id for w in triage.queue(rojin) if w.late] == [red.id, yellow.id]
    assert {i.what for i in today.today(rojin)} >= {"Look at them again", "Somebody waits for triage", "Red: a clinician now"}
    triage.hand_over(rojin, red.id)
    triage.end(rojin, green.id, "declined")
    assert [w.wait.id for w in triage.queue(rojin)] == [new.id, yellow.id]
    triage.back(rojin, green.id)
    assert len(triage.queue(rojin)) == 3
    for act, code in (
        (lambda: triage.hand_over(rojin, new.id), "signs_not_looked_at"),
        (lambda: triage.end(rojin, new.id, "x"), "wait_end_unknown"),
    ):
        with pytest.raises(Refused, match=code):
            act()


def test_a_look_that_finds_less_needs_a_reason_and_the_red_one_stays_in_the_history(tent):
    _, rojin, laleh, _, _ = tent
    wait = triage.somebody(rojin, "b25_59")
    triage.look(rojin, wait, Seen("b25_59", ["stridor"], []), by_clinician=True)
    with pytest.raises(Refused, match="lower_needs_reason"):
        triage.look(rojin, wait, Seen("b25_59", [], []), by_clinician=True)
    triage.look(rojin, wait, Seen("b25_59", [], []), by_clinician=True, lowered_because="Breathes well after an hour.")
    assert triage.last_look(rojin, wait).colour == "green" and rojin.count(MedicalTriage) == 2
    with pytest.raises(Refused, match="signs_not_looked_at"):
        triage.look(rojin, wait, Seen("b25_59", None, None))
    case = cases.open_case(laleh)
    laleh.save(TriageWait(case=case.id, since=1.0))
    with pytest.raises(Refused, match="health_only"):
        triage.look(laleh, laleh.list(TriageWait)[0], Seen("b25_59", [], []))


def test_lists_are_the_teams_to_change_and_a_clinician_confirms_them_as_they_stand(tent):
    omid, rojin, laleh, _, stick = tent
    assert not triage.confirmed(rojin, triage.lists(rojin))
    with pytest.raises(Refused, match="profession_missing"):
        triage.confirm(rojin, " ")
    with pytest.raises(Refused, match="health_only"):
        triage.confirm(laleh, "nurse")
    triage.confirm(rojin, "nurse")
    assert triage.confirmed(rojin, triage.lists(rojin))
    own = rojin.get(TriageList, triage.own_lists(rojin).id)
    own.adult_red = [*own.adult_red, "infant_under_2m_fever_or_cold"]
    own.minutes_yellow = 30
    rojin.save(own)
    # What was confirmed is no more what stands there.
    assert not triage.confirmed(rojin, triage.lists(rojin))
    wait = triage.somebody(rojin, "b25_59")
    done = triage.look(rojin, wait, Seen("b25_59", [], ["fainted"]), by_clinician=True)
    assert done.re_triage_at == pytest.approx(rojin.now() + 30 * 60, abs=5)
    triage.confirm(rojin, "doctor")
    assert triage.confirmed(rojin, triage.lists(rojin)) and triage.lists(rojin).confirmed_as == "doctor"
    # A name that somebody wrote into the field is no confirmation.
    shirin = team.join(omid, stick.parent / "shirin", "Shirin", ("health",), rojin.now)
    for _ in range(2):
        team.meet(omid, rojin, stick)
        team.meet(omid, shirin, stick)
        team.meet(rojin, shirin, stick)
    forged = shirin.get(TriageList, own.id)
    forged.confirmed_by = "Rojin "
    shirin.save(forged)
    again = shirin.get(TriageList, own.id)
    again.confirmed_by = "Rojin"
    shirin.save(again)
    assert not triage.confirmed(shirin, triage.lists(shirin))
    shirin.lock()


def test_fourteen_arrive_and_those_with_danger_signs_are_first(tent):
    omid, rojin, laleh, _, stick = tent
    people = [
        Line(age_band="b25_59", together="1"),
        Line(age_band="b2_5", together="1", red_seen=True),
        Line(name="دایک", age_band="b60_plus", together="1"),
    ]
    people += [Line(age_band="b10_14", together="2"), Line(age_band="b6_9", together="2"), Line()]
    people += [Line(age_band="b18_24", sex="female") for _ in range(9)]
    opened = arriving.arrive(laleh, people)
    assert laleh.count(Case) == len(opened) == 11 and laleh.count(Person) == laleh.count(TriageWait) == 14
    assert {h.size for h in laleh.list(Household)} == {3, 2} and all(c.basis == "vital_interest" for c in opened)
    alone = [c for c in laleh.list(Case, limit=50) if "child_alone" in (c.alerts or [])]
    assert len(alone) == 1 and alone[0].risk_level == "high" and laleh.list(Task, where={"case": alone[0].id})[0].critical is True
    assert {p.id_mode for p in laleh.list(Person, limit=50)} == {"code_only", "alias"}
    team.meet(laleh, rojin, stick)
    team.meet(omid, rojin, stick)
    waiting = triage.queue(rojin)
    assert len(waiting) == 14 and waiting[0].wait.red_seen is True and waiting[0].colour == "red"
    assert "دایک".encode() not in plain(rojin)
    before = laleh.count(Case)
    for lines, code in (([Line(), Line()], "arrival_empty"), ([Line(age_band="b25_59")] * 61, "arrival_too_many")):
        with pytest.raises(Refused, match=code):
            arriving.arrive(laleh, lines)
    assert laleh.count(Case) == before
