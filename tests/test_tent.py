"""The tent at night, on the screens, without a network: fourteen arrive; a child is looked at in a few taps. Invented people only."""

from __future__ import annotations

import pytest

from panah.records.case import Case
from panah.records.medical_triage import MedicalTriage
from panah.records.person import Person
from panah.records.triage_wait import TriageWait
from tests.browser import axe, chromium, press
from tests.screens import Tent

PEOPLE = {"Omid": ("supervisor", "intake", "keyholder"), "Rojin": ("health",), "Laleh": ("caseworker", "intake")}


@pytest.fixture(scope="module")
def tent(tmp_path_factory):
    with chromium() as browser:
        tent = Tent(tmp_path_factory.mktemp("tent"), browser, PEOPLE)
        yield tent
        tent.close()


def test_fourteen_people_are_written_down_on_one_page_and_what_was_typed_is_not_lost(tent):
    p = tent.go("Laleh", "/arrive")
    assert p.locator(".arrivals li").count() == 14
    # Nobody yet: it says so. A lock in the middle loses nothing.
    press(p, ".save-line button")
    assert p.locator(".error-summary").count()
    p = tent.go("Laleh", "/arrive")
    p.select_option("[name=language]", "ckb")
    for n in range(14):
        p.select_option(f"[name='age.{n}']", ("b25_59", "b2_5", "b6_9", "b60_plus")[n % 4])
        p.fill(f"[name='with.{n}']", str(n // 4))
    p.check("[name='red.1']")
    p.fill("[name='name.0']", "Dayik")
    p.locator(".kept-at:not(:empty)").wait_for()
    p = tent.go("Laleh", "/arrive")
    assert p.input_value("[name='name.0']") == "Dayik" and p.is_checked("[name='red.1']")
    press(p, ".save-line button")
    assert p.url.endswith("/triage") and p.locator(".queue li").count() == 14
    laleh = tent.vault("Laleh")
    assert laleh.count(Case) == 4 and laleh.count(Person) == 14
    assert "danger sign was seen" in p.locator(".queue li").first.inner_text()
    # One line was a mistake: it goes from the queue and can come back.
    p.locator(".queue li").last.locator("summary").click()
    press(p, ".queue li:last-child button:has-text('Written by mistake')")
    assert p.locator(".queue li").count() == 13
    p.click(".rest summary")
    press(p, ".rest button")
    assert p.locator(".queue li").count() == 14


def test_scenario_1_step_3_a_child_is_red_in_a_few_taps_and_the_reason_is_healths_alone(tent):
    tent.meet("Omid", "Laleh", "Rojin")
    p = tent.window("Rojin")
    p.set_viewport_size({"width": 1024, "height": 768})
    p = tent.go("Rojin", "/triage")
    assert "No clinician of this team has confirmed the lists" in p.inner_text("main") and axe(p) == []
    taps = 0
    press(p, ".queue li:first-child a.button")
    taps += 1
    assert axe(p) == [] and all(b.bounding_box()["height"] >= 56 for b in p.locator(".signs label").all()[:6])
    p.check("[name=red][value=child_severe_dehydration_two_signs]")
    taps += 1
    p.check("[name=yellow_none]")
    taps += 1
    p.click(".more-signs summary")
    taps += 1
    p.fill("[name=muac]", "۱۱۲")
    p.check("[name=clinician]")
    p.fill("[name=note]", "Sunken eyes, drinks poorly.")
    taps += 3
    press(p, ".save-line button")
    taps += 1
    assert taps <= 10 and "Red" in p.inner_text(".verdict") and "A clinician now" in p.inner_text(".verdict")
    said = p.inner_text("main")
    assert "Under 115" in said and "severe dehydration" in said and axe(p) == []
    tent.meet("Omid", "Laleh", "Rojin")
    for name in ("Omid", "Laleh", "Rojin"):
        assert "Red: a clinician now" in tent.says(name, "/"), name
    seen = tent.vault("Laleh").list(MedicalTriage)[0]
    assert seen.colour == "red" and {"signs_red", "muac_mm", "injuries_note"} <= set(seen.meta.restricted)
    wait = tent.vault("Laleh").get(TriageWait, seen.wait)
    other = tent.says("Laleh", f"/triage/{wait.id}/seen")
    assert "Why is sealed to the health desk." in other and "dehydration" not in other
    # A clinician has the child: nobody waits for that any more, on either side.
    p = tent.go("Rojin", f"/triage/{wait.id}/seen")
    press(p, "button:has-text('A clinician has them')")
    tent.meet("Omid", "Laleh", "Rojin")
    assert "Red: a clinician now" not in tent.says("Omid", "/")


def test_nothing_ticked_gives_no_category_and_a_clinician_confirms_the_lists(tent):
    p = tent.go("Rojin", "/triage")
    press(p, ".queue li a.button")
    p.click(".more-signs summary")
    p.fill("[name=heart_rate]", "9999")
    press(p, ".save-line button")
    assert "number_wrong" in p.inner_text(".error-summary") and p.input_value("[name=heart_rate]") == "9999"
    p.fill("[name=heart_rate]", "")
    press(p, ".save-line button")
    assert "signs_not_looked_at" in p.inner_text(".error-summary")
    p.check("[name=red_none]")
    p.check("[name=yellow_none]")
    press(p, ".save-line button")
    assert "Green" in p.inner_text(".verdict")
    p = tent.go("Rojin", "/triage/lists")
    assert axe(p) == []
    p.fill("#as", "nurse")
    press(p, "text=I have read the lists and confirm them")
    assert "Confirmed by Rojin, nurse" in p.inner_text("main").replace("\u2068", "").replace("\u2069", "")
    assert "No clinician" not in tent.says("Rojin", "/triage")
    # Somebody new, without a file; Omid opens it.
    p = tent.go("Rojin", "/triage")
    p.select_option("#age", "b18_24")
    press(p, "text=Look at them now")
    new = p.url.split("/")[-1]
    for box in ("red_none", "yellow_none"):
        p.check(f"[name={box}]")
    press(p, ".save-line button")
    tent.meet("Omid", "Rojin")
    p = tent.go("Omid", "/triage")
    press(p, f"form[action='/triage/{new}/file'] button")
    assert "/case/" in p.url and "Triages" in p.inner_text("main")


@pytest.mark.parametrize(("lang", "width"), [("en", 360), ("fa", 1280), ("fa", 360)])
def test_the_tents_pages_can_be_used_by_everybody(tent, lang, width):
    p = tent.window("Rojin")
    p.set_viewport_size({"width": width, "height": 800})
    tent.vault("Rojin").set_setting("language", lang)
    (wait, *_) = tent.vault("Rojin").list(TriageWait)
    for path in ("/triage", "/arrive", f"/triage/{wait.id}", f"/triage/{wait.id}/seen", "/triage/lists"):
        p = tent.go("Rojin", path)
        assert axe(p) == [] and p.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    tent.vault("Rojin").set_setting("language", "en")
