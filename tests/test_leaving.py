"""Somebody leaves the team: what they lead goes to others, their keys end, and what they could have seen is listed with its days (NN-101)."""

from __future__ import annotations

import itertools
import time

import pytest

from panah.errors import NotFound, Refused
from panah.kernel import share
from panah.records import TYPES
from panah.records.case import Case
from panah.records.task import Task
from panah.work import access, cases, leaving
from tests import team
from tests.browser import axe, chromium, press
from tests.screens import Tent


def round_(at, *vaults):
    """Everybody meets everybody, twice round."""
    for _ in range(2):
        for a, b in itertools.combinations(vaults, 2):
            team.meet(a, b, at / "stick")


@pytest.fixture
def four(tmp_path):
    """Omid looks after the keys and supervises; Laleh and Dara are caseworkers; Laleh leads two cases and has a task in each, and one more."""
    clock = team.Clock(time.time())
    omid = team.found(tmp_path / "omid", clock=clock, types=TYPES)
    laleh, dara = (team.join(omid, tmp_path / n.lower(), n, ("caseworker",), clock) for n in ("Laleh", "Dara"))
    files = [cases.open_case(omid, chosen_name=name) for name in ("First", "Second")]
    for file in files:
        access.hand_over(omid, file.id, laleh.me.id)
        omid.save(Task(case=file.id, about=file.id, title="Call", owner="Laleh", due=clock() + 60, task_state="open"))
    round_(tmp_path, omid, laleh, dara)
    yield omid, laleh, dara, files, clock, tmp_path
    for s in (omid, laleh, dara):
        s.lock()


def test_who_leaves_hands_over_everything_in_one_act(four):
    omid, laleh, dara, (first, second), _clock, tmp = four
    left = leaving.left_by(omid, laleh.me.id)
    assert {c.id for c in left.cases} == {first.id, second.id} and len(left.tasks) == 2
    assert leaving.leave(omid, laleh.me.id, dara.me.id, {second.id: omid.me.id}) == 2
    assert omid.get(Case, first.id).lead == "Dara" and omid.get(Case, second.id).lead == "Omid"
    owners = {t.case: t.owner for t in omid.list(Task)}
    assert owners == {first.id: "Dara", second.id: "Omid"}
    round_(tmp, omid, dara)
    assert dara.get(Case, first.id).lead == "Dara" and dara.find(Case, second.id) is None
    # What Laleh writes from now on counts nowhere.
    with laleh.vault.change():
        story = laleh.get(Case, first.id)
        story.chosen_name = "Changed after leaving"
        laleh.save(story)
    round_(tmp, laleh, dara)
    assert dara.get(Case, first.id).chosen_name == "First"
    with pytest.raises(NotFound):
        leaving.left_by(omid, laleh.me.id)


def test_NN_101_what_they_could_have_seen_is_listed_with_its_day(four):
    omid, laleh, _, (first, second), clock, _ = four
    given = clock()
    clock.at += 10 * 86400
    third = cases.open_case(omid, chosen_name="Third")
    access.hand_over(omid, third.id, laleh.me.id)
    devices = {d.tag for d in omid.roster.devices.values() if d.member == laleh.me.id}
    leaving.leave(omid, laleh.me.id)
    desks, found = cases.reached_by(omid, devices)
    days = {case.id: at for case, at in found}
    assert set(days) == {first.id, second.id, third.id} and desks == []
    assert days[first.id] == pytest.approx(given, abs=60) and days[third.id] == pytest.approx(given + 10 * 86400, abs=60)
    assert share.could_open(omid, devices)["team"] > 0


def test_nobody_named_leaves_the_cases_first_on_the_overview(four):
    omid, laleh, _, _files, _, _ = four
    assert leaving.leave(omid, laleh.me.id) == 0
    assert [h.case.id for h in access.overview(omid) if h.lead_left] and all(h.lead_left for h in access.overview(omid))
    assert {t.owner for t in omid.list(Task)} == {"Laleh"}


def test_a_wrong_successor_or_a_wrong_hand_changes_nothing(four):
    omid, laleh, dara, (first, _), _, _ = four
    for successor in (laleh.me.id, "nobody"):
        with pytest.raises(Refused) as refused:
            leaving.leave(omid, laleh.me.id, successor)
        assert refused.value.code == "no_such_member"
    with pytest.raises(Refused) as refused:
        leaving.leave(dara, laleh.me.id, dara.me.id)
    assert refused.value.code == "only_an_administrator"
    with pytest.raises(Refused) as refused:
        leaving.leave(omid, omid.me.id, dara.me.id)
    assert refused.value.code == "cannot_remove_oneself"
    assert omid.get(Case, first.id).lead == "Laleh" and not any(m.removed for m in omid.members())


def test_who_leaves_hands_over_on_one_page(tmp_path):
    with chromium() as browser:
        _on_one_page(tmp_path, browser)


def _on_one_page(tmp_path, browser):
    tent = Tent(tmp_path, browser, {"Omid": ("keyholder", "supervisor"), "Laleh": ("caseworker",), "Dara": ("caseworker",)})
    try:
        file = tent.case("Omid", chosen_name="First")
        p = tent.go("Omid", f"/case/{file}/access")
        p.select_option("#over", label="Laleh")
        press(p, "button:has-text('Hand the case over')")
        p = tent.go("Omid", "/team")
        press(p, "tr:has-text('Laleh') >> text=They leave the team")
        assert axe(p) == [] and "Cases they lead 1" in p.inner_text("main")
        p.select_option("#successor", label="Dara")
        press(p, "button:has-text('Hand over, and remove')")
        text = p.inner_text("main")
        assert "They have left the team" in text and "since" in text and axe(p) == []
        assert tent.vault("Omid").get(Case, file).lead == "Dara"
        assert tent.go("Omid", p.url.removeprefix(tent.node.address) + "/leave").inner_text("main")  # said, not a fault
    finally:
        tent.close()
