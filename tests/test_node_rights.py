"""The rights of a person, complaints and incidents as people do them on the screens, in both directions of writing and two widths."""

from __future__ import annotations

from pathlib import Path

import pytest

from panah.kernel import enrol
from panah.node.app import Node
from panah.records import TYPES
from panah.records.person import Person
from panah.records.safety_plan import SafetyPlan
from panah.work import cases, complaints, incidents, rights, rules
from panah.work import team as teams
from tests import team
from tests.browser import axe, chromium, press
from tests.test_node_team import _sign_in


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Omid supervises and holds the case, Dara guards the data, each with a vault on this node."""
    folder = tmp_path_factory.mktemp("house")
    omid = enrol.new_vault(folder / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder", "caseworker"))
    dara = enrol.new_vault(folder / "dara", team.PASSPHRASE, TYPES, team.QUICK)
    enrol.enter(dara, enrol.invite(omid, enrol.card(dara), "Dara", ("dpo",)))
    case = cases.open_case(omid, limits_explained=True, basis="consent", basis_note="asked", safe_contact_rule="Only at noon.")
    for name, band in (("SENTINELONE", "b25_59"), ("SENTINELTWO", "b2_5")):
        rules.keep(omid, Person(case=case.id, code=f"code-{band}", id_mode="alias", names=[{"written": name}], age_band=band))
    one = omid.list(Person, where={"case": case.id}, order="created", descending=False)[0]
    plan = rules.keep(
        omid, SafetyPlan(case=case.id, subject=one.id, warning_signs="SENTINELSIGNS", safe_contact_rule="Only at noon.")
    )
    ids = {"case": case.id, "one": one.id, "plan": plan.id, "code": case.code}
    complaints.hand_in(omid, kind="complaint_service", text="Nobody came.", safety_now="high")
    ids["incident"] = incidents.report(omid, kind="paper_loss", what_known="A paper was left.", harm_now="medium").id
    incidents.add(omid, ids["incident"], case.code)
    rights.use(omid, case.id, "copy", identity="known_face")
    for s in (omid, dara):
        s.lock()
    node = Node({"omid": folder / "omid", "dara": folder / "dara"}).start()
    with chromium() as browser:
        yield node, browser, ids, folder
    node.stop()


def _use(page, node, case, right, *, coercion="", **words):
    page.goto(f"{node.address}/case/{case}/rights")
    page.click(f"#{right} summary")
    page.check(f"#{right} [value=known_face]")
    if coercion:
        page.check(f"#{right} [value={coercion}]")
    for name, text in words.items():
        (page.select_option if name in ("part", "person") else page.fill)(f"#{right} [name={name}]", text)
    press(page, f"#{right} button")


def test_NN_60_a_person_sees_takes_corrects_adds_stops_and_lifts(house):
    node, browser, ids, _ = house
    page = _sign_in(node, browser, "omid")
    case, one = ids["case"], ids["one"]
    _use(page, node, case, "see_my_data", person=one)
    assert "SENTINELONE" in page.inner_text("main") and "SENTINELTWO" not in page.content() and axe(page) == []
    _use(page, node, case, "copy", person=one)
    page.locator("section:has-text('SENTINELSIGNS') input[name=without]").check()
    page.check("[name=safe][value=yes]")
    with page.expect_download() as got:
        page.click("form[action^='/wish/'] button")
    copy = Path(got.value.path()).read_text()
    assert got.value.suggested_filename == "paper.html" and "SENTINELONE" in copy
    assert "SENTINELTWO" not in copy and "SENTINELSIGNS" not in copy and "Omid" not in copy and "http" not in copy
    _use(page, node, case, "copy", person=one)
    page.locator("[name=safe]").evaluate_all("all => all.forEach(one => one.required = false)")
    press(page, "form[action^='/wish/'] button")
    assert "safe_to_carry_not_asked" in page.inner_text("main")
    _use(page, node, case, "copy", person=one)
    page.check("[name=safe][value=no]")
    press(page, "form[action^='/wish/'] button")
    assert "/rights" in page.url
    _use(page, node, case, "correct", part=ids["plan"], words="It is not so.")
    page.fill("[name=warning_signs]", "Corrected words")
    press(page, ".save-line button")
    assert "It is not so." in page.inner_text("main") and "Corrected words" in page.inner_text("main")
    page.goto(f"{node.address}/r/safety_plan/{ids['plan']}/history")
    assert "SENTINELSIGNS" not in page.content()
    _use(page, node, case, "restrict")
    assert "Sharing is stopped" in page.inner_text("main")
    page.goto(f"{node.address}/case/{case}")
    assert "The person stopped sharing" in page.inner_text("main")
    page.goto(f"{node.address}/case/{case}/rights")
    press(page, "text=The person lifts it")
    assert "Sharing is stopped" not in page.inner_text("main")
    _use(page, node, case, "who_saw_it")
    assert "Omid" in page.inner_text("main")
    page.context.close()


def test_NN_61_an_erasure_that_may_not_be_their_own_waits_on_the_screens(house):
    node, browser, ids, _ = house
    page = _sign_in(node, browser, "omid")
    _use(page, node, ids["case"], "erase", coercion="suspected_coerced")
    assert "Erasing waits" in page.inner_text("main") and axe(page) == []
    page.goto(node.address + "/")
    assert rights.REACH in page.inner_text("main")
    page.goto(f"{node.address}/case/{ids['case']}/rights")
    page.click("text=They say: it is mine")
    press(page, "text=Yes: ask to erase it")
    assert "erasure_held" in page.inner_text("main")
    page.goto(f"{node.address}/case/{ids['case']}/rights")
    press(page, "text=It was not their wish")
    assert "Erasing waits" not in page.inner_text("main")
    page.context.close()


def _pages(ids):
    omid = [f"/case/{ids['case']}/rights", "/accountability", "/complain", "/incident/new", f"/incident/{ids['incident']}"]
    return {"omid": omid, "dara": ["/accountability"]}


def test_NN_100_102_a_complaint_and_an_incident_on_the_screens(house):
    node, browser, ids, _ = house
    page = _sign_in(node, browser, "omid")
    page.goto(node.address + "/accountability")
    press(page, "text=Take a complaint")
    page.fill("#text", "SENTINELCOMPLAINT")
    press(page, "form[action='/complain'] button")
    said = page.inner_text("main")
    assert "This code is the receipt" in said and "SENTINELCOMPLAINT" not in said and axe(page) == []
    page.goto(node.address + "/accountability")
    press(page, "text=Report an incident")
    page.fill("#what_known", "A paper was left on a bus.")
    press(page, "form[action='/incident/new'] button")
    page.click("text=Somebody else is affected")
    page.fill("#code", ids["code"])
    press(page, "details[open] form button")
    assert "Only at noon." in page.inner_text("#people") and "1 of 1 left" in page.inner_text("#people")
    page.click("#people .warn summary")
    page.fill("#how-1", "in person")
    press(page, "#people .warn details[open] button")
    assert "0 of 1 left" in page.inner_text("#people") and axe(page) == []
    page.context.close()


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("width", [360, 1280])
def test_these_pages_fit_and_can_be_read_by_all(house, lang, width):
    node, browser, ids, _folder = house
    for who, paths in _pages(ids).items():
        page = _sign_in(node, browser, who, lang, width, 900)
        next(s for s in node.doors.sessions() if s.me.name.lower() == who).set_setting("language", lang)
        for path in paths:
            page.goto(node.address + path)
            page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
            # The whole page at once: what the bar at the foot covers while scrolling is not hidden from anyone.
            high = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": max(900, high + 100)})
            assert axe(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path
            page.screenshot(path=f"/tmp/rights-{who}-{lang}-{width}-{paths.index(path)}.png", full_page=True)
        page.context.close()
