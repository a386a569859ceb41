"""Devices, leaving and erasing, as people do them on the screens: two offices, two browsers, a stick between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from panah.kernel import enrol, sync
from panah.node.app import Node
from panah.records import TYPES
from panah.work import cases
from panah.work import team as teams
from tests import team
from tests.browser import axe, chromium, press


@pytest.fixture
def desk(tmp_path):
    """Omid's vault with one case that came by a request, Sara's beside it: both supervise."""
    omid = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"))
    sara = enrol.new_vault(tmp_path / "sara", team.PASSPHRASE, TYPES, team.QUICK)
    enrol.enter(sara, enrol.invite(omid, enrol.card(sara), "Sara", ("supervisor", "intake")))
    case = cases.open_case(omid, chosen_name="SENTINELNAME", limits_explained=True, safe_contact_rule="Only at noon.")
    team.meet(omid, sara, tmp_path / "stick")
    for s in (omid, sara):
        s.lock()
    node = Node({"omid": tmp_path / "omid", "sara": tmp_path / "sara"}).start()
    with chromium() as browser:
        yield node, browser, case.id, tmp_path
    node.stop()


def _sign_in(node, browser, who, lang="en", width=1280, height=900):
    page = browser.new_context(viewport={"width": width, "height": height}, locale=lang).new_page()
    page.goto(node.address + "/unlock")
    page.select_option("[name=vault]", who)
    page.fill("#passphrase", team.PASSPHRASE)
    press(page, "button.wide")
    return page


def _meet(node, tmp_path):
    a, b = (s for s in node.doors.sessions())
    for one, other in ((a, b), (b, a)) * 2:
        sync.to_file(one, tmp_path / "stick")
        sync.from_file(other, tmp_path / "stick")


def _ask(page, node, case):
    page.goto(f"{node.address}/case/{case}")
    press(page, "text=Erase this case")
    page.goto(f"{node.address}/case/{case}/rights")
    page.click("#erase summary")
    assert "Nothing brings it back" in page.inner_text("#erase")
    page.check("#erase [value=return_phrase]")
    page.check("#erase [value=confirmed_voluntary]")
    press(page, "#erase button.danger")


def test_a_case_is_erased_by_two_people_on_their_screens(desk):
    node, browser, case, tmp_path = desk
    sara, omid = _sign_in(node, browser, "sara"), _sign_in(node, browser, "omid")
    _ask(sara, node, case)
    sara.goto(f"{node.address}/case/{case}")
    assert "Asked to erase this case: Sara" in sara.inner_text("main") and sara.locator("text=Agree").count() == 0
    assert "What goes, as far as this vault can see: Cases: 1" in sara.inner_text("main")
    _meet(node, tmp_path)
    omid.goto(node.address + "/")
    assert "A colleague asks to erase a case" in omid.inner_text("main")
    omid.goto(f"{node.address}/case/{case}")
    assert axe(omid) == []
    # No first, and then, after another wish, yes.
    press(omid, "text=No: keep it")
    _meet(node, tmp_path)
    assert "Asked to erase" not in omid.inner_text("main")
    omid.goto(f"{node.address}/case/{case}/rights")
    assert "the second person did not agree" in omid.inner_text("main")
    _ask(sara, node, case)
    _meet(node, tmp_path)
    omid.goto(f"{node.address}/case/{case}")
    omid.click("summary:has-text('Agree')")
    assert "their own wish" in omid.inner_text("main")
    press(omid, "text=Yes: erase it for good")
    assert "Erased for good" in omid.inner_text("main") and axe(omid) == []
    _meet(node, tmp_path)
    for page in (sara, omid):
        page.goto(f"{node.address}/case/{case}")
        assert "no_such_record" in page.inner_text("main")
        page.goto(node.address + "/cases")
        assert "SENTINELNAME" not in page.content()
        page.goto(node.address + "/team")
        # The case, its triage and its clinical part: three keys died.
        assert page.locator("#erased tbody tr").count() == 1 and "nobody" in page.inner_text("#erased")


def test_a_lost_device_is_taken_out_and_shows_whom_that_concerns(desk):
    node, browser, _, tmp_path = desk
    phone = enrol.new_vault(tmp_path / "phone", team.PASSPHRASE, TYPES, team.QUICK)
    (tmp_path / "card").write_bytes(enrol.card(phone))
    omid = _sign_in(node, browser, "omid")
    omid.goto(node.address + "/team")
    omid.set_input_files("#card", str(tmp_path / "card"))
    press(omid, "text=Show the digits")
    assert "name_missing" in omid.inner_text("main")
    omid.goto(node.address + "/team")
    omid.set_input_files("#card", str(tmp_path / "card"))
    omid.select_option("#of", label="Another device of Sara")
    press(omid, "text=Show the digits")
    assert "Another device of Sara" in omid.inner_text("main") and enrol.words(enrol.card(phone)) in omid.inner_text("main")
    with omid.expect_download() as got:
        omid.click("form[action='/team/invite'] button")
    enrol.enter(phone, Path(got.value.path()).read_bytes())
    assert phone.me.name == "Sara" and len(phone.roster.devices_of(phone.me.id)) == 2
    omid.goto(node.address + "/team")
    assert axe(omid) == []
    omid.locator("tr:has-text('Sara') summary:has-text('Lost')").last.click()
    press(omid, "tr:has-text('Sara') details[open] button")
    said = omid.inner_text("main")
    assert "taken out" in said and "Only at noon." in said and "SENTINELNAME" not in said and axe(omid) == []
    omid.goto(node.address + "/team")
    omid.locator("tr:has-text('Sara') >> text=What they could open").click()
    omid.wait_for_url("**/team/member/*")
    assert "Only at noon." in omid.inner_text("main")
    for path in ("/team/device/zz", "/team/device/0000000000000000", "/team/member/nobody"):
        omid.goto(node.address + path)
        assert "no_such_" in omid.inner_text("main")
    phone.lock()


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_team_fits_narrow_screens(desk, lang, width):
    node, browser, _, _ = desk
    # As high as the page is long: what the bar at the bottom covers while one scrolls is no small target.
    page = _sign_in(node, browser, "omid", lang, width, 2400)
    session = node.doors.sessions()[0]
    session.set_setting("language", lang)
    for path in ("/team", f"/team/member/{session.me.id}", f"/team/device/{session.identity.tag.hex()}"):
        page.goto(node.address + path)
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path
