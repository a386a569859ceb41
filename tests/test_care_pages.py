"""Care in the browser, without scripts: the talk about consent, the free-will talk and its second reader, a person under a code."""

from __future__ import annotations

import time

import pytest

from panah.kernel import enrol
from panah.node.app import Node
from panah.records import TYPES
from panah.records.person import Person
from panah.work import cases, rules
from panah.work import team as teams
from tests import team
from tests.browser import axe, chromium, press


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    omid = enrol.new_vault(folder / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "caseworker", "keyholder"))
    case = cases.open_case(omid, basis="consent", basis_note="They ask for help.", language="ckb")
    mother = rules.keep(omid, Person(case=case.id, id_mode="code_only", age_band="b25_59", language_spoken="ckb"))
    laleh = team.join(omid, folder / "laleh", "Laleh", ("supervisor", "caseworker"), time.time)
    team.meet(omid, laleh, folder / "stick")
    ids = {"case": case.id, "mother": mother.id}
    omid.lock()
    laleh.lock()
    node = Node({"omid": folder / "omid", "laleh": folder / "laleh"}).start()
    yield node, ids
    node.stop()


@pytest.fixture(scope="module")
def browser():
    with chromium() as b:
        yield b


def sign_in(node, browser, name="omid", lang="en", **how):
    page = browser.new_context(**how).new_page()
    page.set_default_timeout(8000)
    page.goto(node.address + "/unlock")
    page.select_option("#vault", name)
    page.fill("#passphrase", team.PASSPHRASE)
    press(page, "button.wide")
    if lang:
        page.goto(node.address + "/settings")
        page.check(f"input[name=language][value={lang}]") if page.locator(
            f"input[name=language][value={lang}]"
        ).count() else page.select_option("[name=language]", lang)
        press(page, "main form button")
    return page


def test_NN_07_a_talk_is_read_aloud_screen_by_screen_without_scripts_and_a_copy_only_where_it_is_safe(office, browser):
    node, ids = office
    p = sign_in(node, browser, viewport={"width": 360, "height": 640}, java_script_enabled=False)
    p.goto(f"{node.address}/case/{ids['case']}/consents")
    press(p, "a[href$='/consent']")
    p.check("input[name=language][value=ckb]")
    p.uncheck("input[name=purpose][value=re_contact]")
    p.uncheck("input[name=purpose][value=statistics_anonymous]")
    for name, value in (("capacity", "full"), ("given_by", "self"), ("mode", "spoken_witnessed"), ("private", "1")):
        p.check(f"input[name={name}][value='{value}']")
    press(p, ".save-line button")
    talk = p.url.split("/")[-2]
    # First that a no changes nothing, then the limits, then what is explained; all of it in the language of the person.
    first = p.locator(".aloud").inner_text()
    assert "«نەخێر»" in first and p.locator(".aloud").get_attribute("lang") == "ckb"
    press(p, ".say-acts button")
    assert "یاسا" in p.inner_text(".aloud")
    press(p, ".say-acts button")
    assert p.locator(".aloud").count() == 9
    press(p, ".say-acts button")
    assert p.locator(".say-acts button").all_inner_texts() == ["بەڵێ", "بەڵێ، تەنیا یەک جار", "نەخێر", "دواتر"]
    sizes = {(round(b.bounding_box()["width"]), round(b.bounding_box()["height"])) for b in p.locator(".say-acts button").all()}
    assert len({w for w, _ in sizes}) == 1 and all(h >= 64 for _, h in sizes)
    press(p, ".say-acts button")
    # For a partner: their duty first. What was typed comes back with the reason.
    p.fill("#recipient", "Willow")
    press(p, "form.stack button")
    assert p.locator(".error-summary").count() and p.input_value("#recipient") == "Willow"
    p.fill("#duty", "هیچ")
    press(p, "form.stack button")
    assert "Willow" in p.locator(".aloud").nth(0).inner_text() and "هیچ" in p.locator(".aloud").nth(0).inner_text()
    press(p, ".say-acts form:nth-child(3) button")
    assert "نەخێر" in p.inner_text(".answers")
    press(p, ".say-acts button")
    p.fill("#how", "The blue thread.")
    press(p, "form.stack button")
    # No copy before it is said that it is safe.
    refused = p.request.get(f"{node.address}/consent/{talk}/copy")
    assert refused.status == 409 and "copy_not_safe" in refused.text()
    press(p, ".say-acts button")
    press(p, "a[href$='/copy']")
    copy = p.inner_text(".copy")
    assert "The blue thread." in copy and "Ash" not in copy and "Omid" not in copy
    p.goto(f"{node.address}/case/{ids['case']}/consents")
    assert "allowed" in p.inner_text("main") and "said no" in p.inner_text("main")
    # Taken back: at once.
    p.click("details.confirm summary")
    p.check("input[name=voluntary][value=suspected_coerced]")
    press(p, "details.confirm button.danger")
    said = p.inner_text("main")
    assert "taken back" in said and "allowed" not in p.inner_text("table") and "Nothing of this case is erased before" in said
    p.context.close()


@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("fa", 360)])
def test_the_pages_of_consent_can_be_used_by_everybody(office, browser, lang, width):
    node, ids = office
    p = sign_in(node, browser, lang=lang, viewport={"width": width, "height": 800})
    for path in (f"/case/{ids['case']}/consents", f"/person/{ids['mother']}/consent"):
        p.goto(node.address + path)
        assert axe(p) == [] and p.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    for name, value in (("capacity", "full"), ("given_by", "self"), ("mode", "spoken_witnessed"), ("private", "1")):
        p.check(f"input[name={name}][value='{value}']")
    p.check("input[name=purpose][value=health_referral]")
    press(p, ".save-line button")
    for _ in range(16):
        step = p.inner_text(".step-name")
        assert axe(p) == [] and p.evaluate("document.documentElement.scrollWidth <= innerWidth"), step
        if p.locator("#recipient").count():
            p.fill("#recipient", "Willow")
            p.fill("#duty", "-")
            press(p, "form.stack button")
        elif p.locator("#how").count():
            p.fill("#how", "-")
            press(p, "form.stack button")
        elif p.locator(".say-acts button").count():
            press(p, ".say-acts button")
        else:
            break
    assert p.locator("a[href$='/copy']").count() == 1
    p.context.close()


def test_NN_11_a_second_person_reads_the_words_and_signs_in_their_own_vault(office, browser):
    node, ids = office
    p = sign_in(node, browser, viewport={"width": 360, "height": 800}, java_script_enabled=False)
    p.goto(f"{node.address}/case/{ids['case']}/wishes")
    assert "Nobody has asked this person alone yet." in p.inner_text("main")
    press(p, "a[href*='voluntariness_interview?subject=']")
    if p.locator("form[action$='/limits']").count():
        press(p, "form[action$='/limits'] button")
        p.goto(f"{node.address}/case/{ids['case']}/new/voluntariness_interview?subject={ids['mother']}")
    assert "Nothing about weapons" in p.inner_text("main")
    p.select_option("[name=subject]", ids["mother"])
    p.select_option("[name=about]", "staying")
    p.select_option("[name=want]", "stay")
    p.select_option("[name=conclusion]", "voluntary")
    for name in ("private", "can_change_mind", "interviewer_choice_offered"):
        p.check(f"input[name={name}][value='1']")
    p.check("input[name=information_given][value='reflection_time']")
    p.fill("[name=own_words]", "دەمەوێت لێرە بمێنمەوە.")
    press(p, ".save-line button")
    p.goto(f"{node.address}/case/{ids['case']}/wishes")
    said = p.inner_text("main")
    assert "Nobody else has read this talk yet." in said and "Offer a plan for staying or going back" in said
    assert p.locator(".risk, .danger-text, .overdue").count() == 0
    press(p, "a[href^='/talk/']")
    assert "You wrote this down." in p.inner_text("main") and p.locator(".say-acts").count() == 0
    talk = p.url.split("/")[-2]
    q = sign_in(node, browser, "laleh", viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    carry(node)
    p.context.close()
    q.goto(f"{node.address}/talk/{talk}/read")
    assert "دەمەوێت لێرە بمێنمەوە." in q.inner_text("blockquote")
    press(q, ".say-acts button")
    assert "An act on this decision may rest on this talk until" in q.inner_text("main")
    # A change of mind: one act.
    q.click("details.confirm summary")
    press(q, "details.confirm button.danger")
    assert "The person has changed their mind since." in q.inner_text("main")
    q.context.close()


@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("fa", 360)])
def test_the_pages_of_wishes_can_be_used_by_everybody(office, browser, lang, width):
    node, ids = office
    p = sign_in(node, browser, lang=lang, viewport={"width": width, "height": 800})
    p.goto(f"{node.address}/case/{ids['case']}/wishes")
    for _ in range(2):
        assert axe(p) == [] and p.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if not _ and p.locator("a[href^='/talk/']").count():
            press(p, "a[href^='/talk/']")
    p.context.close()


def carry(node):
    """The two vaults of this node meet over a file, as by a stick."""
    open_ones = {s.me.name: s for s in node.doors.sessions()}
    team.meet(open_ones["Omid"], open_ones["Laleh"], node.doors.vaults["omid"].parent / "stick")
