"""What is kept ends by itself: a review, thirty days, and the words of two members, each by what their own vault believes (NN-66)."""

from __future__ import annotations

import pytest

from panah import config
from panah.errors import Locked, Refused
from panah.kernel import enrol, erase, sync
from panah.records import TYPES
from panah.records.case import Case
from panah.records.closure import Closure
from panah.records.help_request import HelpRequest
from panah.records.message import Message
from panah.records.person import Person
from panah.records.task import Task
from panah.work import approvals, cases, erasing, retention, rights, rules
from tests import team
from tests.test_erase import plain

DAY = 86400


@pytest.fixture
def three(tmp_path):
    """Omid and Sara supervise, Laleh leads; each device has a clock of its own."""
    clocks = [team.Clock() for _ in range(3)]
    omid = team.found(tmp_path / "omid", clock=clocks[0], types=TYPES)
    sara = team.join(omid, tmp_path / "sara", "Sara", ("supervisor", "intake"), clocks[1])
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clocks[2])
    people = (omid, sara, laleh)
    shared = cases.open_case(laleh).id
    for s in people:
        s.set_setting("desk", shared)
    meet_all(people, tmp_path / "stick")
    yield people, clocks, tmp_path / "stick"
    for s in people:
        s.lock()


def closed(people, stick, band="b25_59") -> str:
    omid, _, laleh = people
    case = cases.open_case(laleh, limits_explained=True, chosen_name="SENTINELNAME")
    rules.keep(laleh, Person(case=case.id, age_band=band, names=[{"written": "SENTINELNAME"}]))
    today = rules.day_after(laleh.now(), 0)
    closure = cases.ask_to_close(
        laleh, Closure(case=case.id, reason="goals_met", closed_on=today, person_informed="yes", data_choice="keep_until_date")
    )
    meet_all(people, stick)
    approvals.approve(omid, "closure", closure.id)
    meet_all(people, stick)
    return case.id


def meet_all(people, stick) -> None:
    """Everybody's changes reach everybody, by the first one's laptop."""
    hub, *others = people
    for one in (*others, *others):
        sync.to_file(one, stick)
        sync.from_file(hub, stick)
        sync.to_file(hub, stick)
        sync.from_file(one, stick)


def pass_days(people, clocks, stick, days: int) -> None:
    """Time goes by in a team that meets every four weeks, and after each meeting everybody's vault looks at what is due."""
    while days > 0:
        for clock in clocks:
            clock.at += min(days, 28) * DAY
        days -= 28
        for s in people:  # everybody writes something small, as people do
            s.save(Task(case=s.setting("desk"), title="Water the plants", owner=s.me.name, task_state="done"))
        meet_all(people, stick)
        for s in people:
            retention.look(s)
        meet_all(people, stick)


def _alive(people, case) -> list[bool]:
    return [s.find(Case, case) is not None for s in people]


def test_NN_66_first_a_review_then_thirty_days_then_it_ends_by_itself(three):
    people, clocks, stick = three
    omid, _sara, laleh = people
    case = closed(people, stick)
    other = cases.open_case(laleh)
    meet_all(people, stick)
    assert retention.until(omid, omid.get(Case, case)) == rules.day_after(omid.now(), 365)
    assert retention.until(omid, omid.get(Case, other.id)) is None
    pass_days(people, clocks, stick, 340)
    assert [t for t in omid.list(Task) if t.title == retention.REVIEW] == []
    pass_days(people, clocks, stick, 40)
    (review,) = list(omid.list(Task, where={"case": case}))
    assert review.title == retention.REVIEW and review.owner == "supervisor" and retention.waiting(omid, omid.get(Case, case))
    assert _alive(people, case) == [True] * 3
    pass_days(people, clocks, stick, 80)
    assert _alive(people, case) == [False] * 3 and _alive(people, other.id) == [True] * 3
    for s in people:
        assert b"SENTINELNAME" not in plain(s)
        (receipt,) = [r for r in erase.receipts(s) if r.approved_by]
        assert receipt.pending == () and receipt.asked_by != receipt.approved_by


def test_NN_66_a_reason_keeps_it_longer_and_never_beyond_the_hard_stop(three):
    people, clocks, stick = three
    omid, _, laleh = people
    case = closed(people, stick)
    pass_days(people, clocks, stick, 380)
    for day, why, code in (
        ("2029-01-01", " ", "reason_missing"),
        ("2039-01-01", "court", "kept_too_long"),
        ("x", "court", "kept_too_long"),
    ):
        with pytest.raises(Refused) as e:
            retention.extend(omid, case, day, why)
        assert e.value.code == code
    longer = rules.day_after(omid.now(), 300)
    retention.extend(omid, case, longer, "a court has asked")
    meet_all(people, stick)
    assert retention.until(laleh, laleh.get(Case, case)) == longer and "a court has asked" in laleh.get(Case, case).basis_note
    pass_days(people, clocks, stick, 200)
    assert _alive(people, case) == [True] * 3


def test_NN_66_a_clock_that_runs_ahead_ends_nothing(three):
    people, clocks, stick = three
    omid, _sara, _laleh = people
    case = closed(people, stick)
    clocks[0].at += 1000 * DAY
    # A vault that has met nobody opens nothing at all; and what colleagues signed is not from that day.
    with pytest.raises(Locked):
        retention.look(omid)
    with omid.vault.change():
        omid.work_on("as if the team could not be reached")
    assert retention.look(omid) == [] or not erasing.asked(omid, case)
    clocks[0].at -= 1000 * DAY


def test_NN_66_one_supervisor_with_an_altered_clock_gets_no_second_word(three):
    people, _clocks, stick = three
    omid, sara, laleh = people
    case = closed(people, stick)
    # Whatever one device writes, the others reckon by what they believe themselves.
    rules.task_once(omid, case, retention.REVIEW, "supervisor", 1)
    erasing.ask(omid, case)
    meet_all(people, stick)
    for s in (sara, laleh):
        assert retention.look(s) == [] and erasing.asked(s, case) == ("Omid",)
    assert _alive(people, case) == [True] * 3


def test_NN_66_an_early_day_in_a_closure_that_nobody_approved_ends_nothing(three):
    people, _clocks, stick = three
    _omid, _, laleh = people
    case = cases.open_case(laleh, limits_explained=True)
    laleh.save(Closure(case=case.id, closed_on="2001-01-01", approved_by="Omid"))
    case = laleh.get(Case, case.id)
    case.stage, case.closed_on = "closed", "2001-01-01"
    laleh.save(case)
    meet_all(people, stick)
    for s in people:
        assert retention.until(s, s.get(Case, case.id)) is None and retention.look(s) == []


def test_NN_66_a_child_is_kept_until_it_can_decide_and_a_held_wish_is_not_overtaken(three):
    people, _clocks, stick = three
    omid, _, laleh = people
    case = closed(people, stick, band="b10_14")
    assert retention.class_of(omid, omid.get(Case, case)) == "RT-CHILD"
    assert retention.until(omid, omid.get(Case, case)) == rules.day_after(omid.now(), config.RETENTION_DAYS["RT-CHILD"])
    rights.use(laleh, case, "erase", identity="failed", coercion="suspected_coerced")
    assert rights.held(laleh, case)


def test_NN_66_a_conversation_without_a_case_ends_by_itself(three):
    people, clocks, stick = three
    omid, sara, _laleh = people
    today = rules.day_after(omid.now(), 0)
    old = omid.save(HelpRequest(channel="web_form", message="SENTINELASKS", received_on=today))
    omid.save(
        Message(help_request=old.id, direction="in", on=rules.day_after(omid.now(), 20), text="SENTINELMORE", state="received")
    )
    kept = omid.save(HelpRequest(channel="web_form", message="a case came of it", received_on=today, opened_case="0" * 32))
    pass_days(people, clocks, stick, 120)
    assert omid.find(HelpRequest, old.id) is not None and [r.id for r in retention.contacts_ending(omid)] == [old.id]
    pass_days(people, clocks, stick, 60)
    for s in (omid, sara):
        assert s.find(HelpRequest, old.id) is None and b"SENTINEL" not in plain(s) and s.find(HelpRequest, kept.id) is not None


def test_enrolling_is_no_way_to_make_time_pass(three, tmp_path):
    people, _clocks, stick = three
    omid = people[0]
    ahead = team.Clock(omid.now() + 900 * DAY)
    phone = enrol.new_vault(tmp_path / "phone", team.PASSPHRASE, TYPES, team.QUICK, ahead)
    enrol.enter(phone, enrol.invite(omid, enrol.card(phone), "Omid", ("supervisor",), member=omid.me.id))
    team.meet(phone, omid, stick)
    # What is dated further ahead than a day is held back, so it moves nobody's belief.
    assert retention.believed(omid) <= omid.now()
    phone.lock()
