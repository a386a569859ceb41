"""Every opening of a sensitive record is noted, told, and shown to whom it concerns (NN-42)."""

from __future__ import annotations

import itertools
import time

import pytest

from panah.kernel import keys, log, share
from panah.kernel.roster import OPENED
from panah.node.app import Node
from panah.records import TYPES
from panah.records.case import Case
from panah.records.opening_log import OpeningLog
from panah.records.person import Person
from panah.records.safety_plan import SafetyPlan
from panah.records.task import Task
from panah.work import cases, erasing, openings
from tests import seek, team
from tests.test_node_odd import walked

NAME = "شیلان"


class Slow(team.Clock):
    """A clock that can be put forward by days."""


@pytest.fixture
def four(tmp_path):
    """Omid supervises, Laleh works on the case, Dara on another, Mina is answerable for data."""
    clock = Slow(time.time() // 86400 * 86400 + 8 * 3600)
    omid = team.found(tmp_path / "omid", clock=clock, types=TYPES)
    people = [
        team.join(omid, tmp_path / name.lower(), name, roles, clock)
        for name, roles in (("Laleh", ("caseworker",)), ("Dara", ("caseworker",)), ("Mina", ("dpo",)))
    ]
    together(tmp_path, omid, *people)
    yield (omid, *people, clock, tmp_path)
    for s in (omid, *people):
        s.lock()


def together(tmp, *vaults):
    for a, b in itertools.chain(itertools.combinations(vaults, 2), itertools.combinations(vaults, 2)):
        team.meet(a, b, tmp / "stick")


def a_case(laleh):
    case = cases.open_case(laleh, chosen_name=NAME, limits_explained=True)
    return case, laleh.save(SafetyPlan(case=case.id, safe_contact_rule="never by phone"))


def test_NN_42_an_opening_reaches_who_holds_the_case_and_the_dpo_and_nobody_else(four):
    omid, laleh, dara, mina, clock, tmp = four
    case, plan = a_case(laleh)
    together(tmp, omid, laleh, dara, mina)
    openings.note(omid, omid.get(Case, case.id))
    openings.note(omid, omid.get(SafetyPlan, plan.id))
    assert openings.of(laleh, case) == [] and len(openings.of(omid, omid.get(Case, case.id))) == 2
    openings.when_due(omid)
    assert omid.setting("openings"), "told once a day: when somebody opens what shows nobody more than the day"
    clock.at += 86400
    openings.when_due(omid)
    together(tmp, omid, laleh, dara, mina)
    seen = openings.of(laleh, laleh.get(Case, case.id))
    assert [(o.who, o.kind) for o in seen] == [("Omid", "Case"), ("Omid", "Safety plan")]
    assert [o.record for o in openings.of(laleh, laleh.get(SafetyPlan, plan.id))] == [plan.id]
    assert openings.of(omid, omid.get(Case, case.id)) == seen
    kept = mina.list(OpeningLog)
    assert [(r.who, r.device, {line["record"] for line in r.lines}) for r in kept] == [
        ("Omid", omid.identity.tag.hex(), {case.id, plan.id})
    ]
    raw = seek.opened(mina)
    assert not seek.found(raw, [NAME, "never by phone"]) and laleh.names[f"care/{case.id}"] not in raw
    for s in (dara, laleh, omid):
        assert s.count(OpeningLog) == 0
    assert bytes.fromhex(plan.id) not in seek.opened(dara)


def test_NN_42_many_openings_in_an_hour_are_one_line_and_one_write(four):
    _, laleh, _, _, clock, _ = four
    case, _ = a_case(laleh)
    before = laleh.vault.last_seq()
    for _ in range(50):
        openings.note(laleh, case)
    clock.at += 3600
    openings.note(laleh, case)
    openings.note(laleh, laleh.save(Task(case=case.id, title="call", owner="Laleh", due=laleh.now(), task_state="open")))
    assert len(laleh.setting("openings")) == 2 and laleh.vault.last_seq() == before + 1
    openings.tell(laleh)
    assert laleh.vault.last_seq() == before + 3 and laleh.setting("openings") == []


def test_NN_42_without_a_dpo_the_case_has_it_all_the_same(tmp_path):
    laleh = team.found(tmp_path / "l", "Laleh", ("caseworker", "keyholder"), types=TYPES)
    case, _ = a_case(laleh)
    openings.note(laleh, case)
    openings.tell(laleh)
    assert [o.who for o in openings.of(laleh, case)] == ["Laleh"] and laleh.setting("openings") == []


def test_NN_42_with_the_case_die_its_openings_but_for_random_ids(four):
    omid, laleh, dara, mina, _, tmp = four
    case, plan = a_case(laleh)
    openings.note(laleh, plan)
    openings.tell(laleh)
    together(tmp, omid, laleh, dara, mina)
    assert bytes.fromhex(plan.id) in seek.opened(omid)
    erasing.ask(laleh, case.id)
    together(tmp, omid, laleh, dara, mina)
    erasing.ask(omid, case.id)
    together(tmp, omid, laleh, dara, mina)
    for s in (omid, laleh):
        assert not s.vault.control_events(s.names["team"], (OPENED,)) and s.find(Case, case.id) is None
        assert not any(
            tag not in s.ring for (tag,) in s.vault.ask("select distinct compartment from events where control = '_opened'")
        )
    assert [line["record"] for r in mina.list(OpeningLog) for line in r.lines] == [plan.id]


@pytest.mark.parametrize(
    "lines",
    [
        None,
        7,
        "x",
        [[1, 2, 3]],
        [[b"short", 1, ""]],
        [[b"i" * 16, -1, ""]],
        [[b"i" * 16, 2**40, ""]] * 2,
        [[b"i" * 16, 1]],
        {},
    ],
)
def test_what_a_liar_writes_as_an_opening_breaks_no_page(four, lines):
    _, laleh, *_ = four
    case, _ = a_case(laleh)
    with laleh.vault.change():
        log.append(laleh, laleh.names[f"care/{case.id}"], [share.control(laleh, OPENED, keys.random(16), lines=lines)])
    assert openings.of(laleh, case) == []


def test_NN_42_the_pages_note_and_show_it(four):
    omid, *_, tmp = four
    case, plan = a_case(omid)
    person = omid.save(Person(case=case.id, id_mode="code_only"))
    node = Node({"omid": tmp / "omid"})
    pages = [f"/case/{case.id}", f"/r/safety_plan/{plan.id}", f"/r/person/{person.id}/edit", f"/who/{case.id}", f"/who/{plan.id}"]
    shown = walked(omid, node, pages)
    node.stop()
    assert {status for status, _ in shown.values()} == {200}
    for kind in ("Case", "Safety plan", "Person"):
        assert f"<span>{kind}</span>" in shown[f"/who/{case.id}"][1] or kind == "Case"
    assert shown[f"/who/{case.id}"][1].count(omid.identity.tag.hex()[:4]) == 3
    assert shown[f"/who/{plan.id}"][1].count(omid.identity.tag.hex()[:4]) == 1
