"""Health by keys: the clinical note is the health desk's, what follows from it is the case's, and both die with the case."""

from __future__ import annotations

import time

import pytest

from panah.errors import NotFound, Refused
from panah.kernel import keys
from panah.node.app import Node
from panah.records import TYPES
from panah.records.medical_triage import MedicalTriage
from panah.records.triage_wait import TriageWait
from panah.work import cases, erasing
from tests import team
from tests.test_erase import plain, together
from tests.test_node_odd import walked

NOTE = "sentinelwound"


@pytest.fixture
def five(tmp_path):
    """Omid and Sara supervise, Laleh works on the case, Rojin and Shirin are the health desk."""
    clock = team.Clock(time.time())  # the node of the last test has the real one
    omid = team.found(tmp_path / "omid", clock=clock, types=TYPES)
    people = [
        team.join(omid, tmp_path / name.lower(), name, roles, clock)
        for name, roles in (
            ("Sara", ("supervisor", "intake")),
            ("Laleh", ("caseworker",)),
            ("Rojin", ("health",)),
            ("Shirin", ("health",)),
        )
    ]
    together(omid, *people, stick=tmp_path / "stick")
    yield (omid, *people, tmp_path)
    for s in (omid, *people):
        s.lock()


def a_triage(laleh, rojin, stick):
    """Laleh asks the health desk to look; Rojin has looked, and wrote a note."""
    case = cases.open_case(laleh, chosen_name="Baran", limits_explained=True)
    laleh.save(TriageWait(case=case.id, since=laleh.now(), age_band="b25_59"))
    team.meet(laleh, rojin, stick)
    triage = rojin.save(
        MedicalTriage(
            case=case.id,
            at=rojin.now(),
            by_clinician=True,
            colour="red",
            infectious_precaution=["droplet"],
            fit_to_travel="no_not_now",
            injuries_note=NOTE,
            signs_red=["heavy_bleeding"],
        )
    )
    return case, triage


def test_I6_NN41_the_clinical_note_is_read_by_health_only_and_the_case_sees_what_follows(five):
    omid, sara, laleh, rojin, shirin, tmp = five
    case, triage = a_triage(laleh, rojin, tmp / "stick")
    together(omid, sara, laleh, rojin, shirin, stick=tmp / "stick")
    assert shirin.get(MedicalTriage, triage.id).injuries_note == NOTE
    for s in (laleh, sara):
        assert "health/" + case.id not in s.names, s.me.name
        seen = s.get(MedicalTriage, triage.id)
        assert (seen.colour, seen.infectious_precaution, seen.fit_to_travel) == ("red", ["droplet"], "no_not_now")
        assert seen.injuries_note is None and {"injuries_note", "signs_red", "allergies"} <= set(seen.meta.restricted)
        assert "colour" not in seen.meta.restricted
        raw = plain(s)
        assert NOTE.encode() not in raw and b"heavy_bleeding" not in raw
        assert s.search(NOTE) == []
        assert MedicalTriage.KIND.name in cases.parts(s, case.id) and cases.parts(s, case.id)["medical_triage"]


def test_NN40_the_health_desk_learns_nothing_of_the_case(five):
    _, _, laleh, rojin, _, tmp = five
    case, _ = a_triage(laleh, rojin, tmp / "stick")
    team.meet(laleh, rojin, tmp / "stick")
    with pytest.raises(NotFound):
        rojin.get(cases.Case, case.id)
    assert b"Baran" not in plain(rojin) and "care/" + case.id not in rojin.names


def test_NN41_a_caseworker_cannot_begin_or_write_the_clinical_part(five):
    _, _, laleh, rojin, _, tmp = five
    case, triage = a_triage(laleh, rojin, tmp / "stick")
    with pytest.raises(Refused, match="no_key_here"):
        laleh.save(MedicalTriage(case=case.id, colour="green", injuries_note="mine"))
    team.meet(laleh, rojin, tmp / "stick")
    seen = laleh.get(MedicalTriage, triage.id)
    seen.injuries_note = "mine"
    with pytest.raises(Refused, match="no_key_here"):
        laleh.save(seen)
    assert "health/" + case.id not in laleh.names
    assert rojin.get(MedicalTriage, triage.id).injuries_note == NOTE


def test_NN40_nobody_begins_a_part_of_a_case_that_they_do_not_hold(five):
    _, _, laleh, *_ = five
    with pytest.raises(Refused, match="no_key_here"):
        laleh.save(TriageWait(case="ab" * 16, since=1.0))


def test_NN70_two_of_the_health_desk_who_begin_apart_mean_the_same_part_and_red_counts(five):
    omid, _, laleh, rojin, shirin, tmp = five
    case = cases.open_case(laleh)
    laleh.save(TriageWait(case=case.id, since=laleh.now()))
    team.meet(laleh, rojin, tmp / "stick")
    team.meet(rojin, shirin, tmp / "stick")
    one = rojin.save(MedicalTriage(case=case.id, colour="yellow", injuries_note="first " + NOTE))
    two = shirin.save(MedicalTriage(case=case.id, colour="green", injuries_note="second " + NOTE))
    assert rojin.names["health/" + case.id] == shirin.names["health/" + case.id] == keys.part_tag("health/" + case.id)
    together(rojin, shirin, stick=tmp / "stick")
    for s in (rojin, shirin):
        assert {s.get(MedicalTriage, t.id).injuries_note for t in (one, two)} == {"first " + NOTE, "second " + NOTE}
    a, b = rojin.get(MedicalTriage, one.id), shirin.get(MedicalTriage, one.id)
    a.colour, b.colour = "red", "green"
    rojin.save(a)
    shirin.save(b)
    together(rojin, shirin, laleh, omid, stick=tmp / "stick")
    assert {s.get(MedicalTriage, one.id).colour for s in (rojin, shirin, laleh, omid)} == {"red"}


def test_NN63_erasing_a_case_erases_its_health_part_on_the_health_desk_too(five):
    omid, sara, laleh, rojin, shirin, tmp = five
    case, triage = a_triage(laleh, rojin, tmp / "stick")
    everyone = (omid, sara, laleh, rojin, shirin)
    together(*everyone, stick=tmp / "stick")
    assert NOTE.encode() in plain(rojin)
    erasing.ask(omid, case.id)
    team.meet(omid, sara, tmp / "stick")
    erasing.ask(sara, case.id)
    together(*everyone, stick=tmp / "stick")
    for s in everyone:
        assert s.find(MedicalTriage, triage.id) is None
        raw = plain(s)
        assert NOTE.encode() not in raw and b"heavy_bleeding" not in raw and case.id.encode() not in raw
    assert all(not receipt.pending for receipt in erasing.receipts(omid))


def test_NN63_saying_no_to_an_erasure_keeps_the_health_part_too(five):
    omid, sara, laleh, rojin, _, tmp = five
    case, triage = a_triage(laleh, rojin, tmp / "stick")
    together(omid, sara, laleh, rojin, stick=tmp / "stick")
    erasing.ask(laleh, case.id)
    together(omid, sara, laleh, rojin, stick=tmp / "stick")
    erasing.keep(omid, case.id)
    together(omid, sara, laleh, rojin, stick=tmp / "stick")
    assert rojin.get(MedicalTriage, triage.id).injuries_note == NOTE and not rojin.roster.erasures


def test_assigning_a_health_worker_hands_the_health_part_and_not_the_case(five):
    omid, _, laleh, rojin, _, tmp = five
    case, triage = a_triage(laleh, rojin, tmp / "stick")
    together(omid, laleh, rojin, stick=tmp / "stick")
    cases.assign(laleh, case.id, rojin.me.id)
    team.meet(laleh, rojin, tmp / "stick")
    assert "care/" + case.id not in rojin.names and "health/" + case.id in rojin.names
    other = team.join(omid, tmp / "dara", "Dara", ("caseworker",), omid.now)
    together(omid, laleh, other, stick=tmp / "stick")
    cases.assign(laleh, case.id, other.me.id)
    together(omid, laleh, other, stick=tmp / "stick")
    assert other.get(MedicalTriage, triage.id).colour == "red" and "health/" + case.id not in other.names
    other.lock()


def test_NN41_who_can_open_says_that_the_clinical_part_is_sealed_to_fewer(five):
    _, sara, laleh, rojin, shirin, tmp = five
    case, _ = a_triage(laleh, rojin, tmp / "stick")
    together(sara, laleh, rojin, shirin, stick=tmp / "stick")
    assert [m.name for m in rojin.holders("health/" + case.id)] == ["Rojin", "Shirin"]
    assert [m.name for m in laleh.holders("triage/" + case.id)] == ["Laleh", "Omid", "Rojin", "Sara", "Shirin"]
    assert [m.name for m in laleh.holders("care/" + case.id)] == ["Laleh", "Omid", "Sara"]


def test_NN41_the_caseworkers_screens_show_a_restricted_part_and_the_category(five):
    _, _, laleh, rojin, _, tmp = five
    case, triage = a_triage(laleh, rojin, tmp / "stick")
    team.meet(laleh, rojin, tmp / "stick")
    node = Node({"omid": tmp / "laleh"})
    here = f"/r/medical_triage/{triage.id}"
    pages = [f"/case/{case.id}", here, f"{here}/edit", f"{here}/history", f"/who/{triage.id}", "/r/medical_triage"]
    shown = walked(laleh, node, pages)
    node.stop()
    assert {path: status for path, (status, _) in shown.items() if status != 200} == {}
    assert all(NOTE not in page and "heavy" not in page.lower() for _, page in shown.values())
    assert "Restricted: sealed to others" in shown[here][1] and "Red: at once" in shown[here][1]
    assert "Sealed to fewer people" in shown[f"/who/{triage.id}"][1] and "Shirin" in shown[f"/who/{triage.id}"][1]


def test_NN41_the_case_page_offers_only_what_its_reader_can_begin(five):
    _omid, _sara, laleh, rojin, _shirin, tmp = five
    case, _triage = a_triage(laleh, rojin, tmp / "stick")
    assert "medical_triage" not in cases.may_add(laleh, case.id)
    assert {"triage_wait", "person", "consent"} <= cases.may_add(laleh, case.id)
    assert cases.may_add(rojin, case.id) == {"medical_triage", "triage_wait"}
