"""S2 of the domain, on the screens: a violent home, a phone that is watched, a year of maybe. Every person, place and word is invented."""

from __future__ import annotations

import time

import pytest

from panah.kernel import age, backup
from panah.records import TYPES
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.person import Person
from panah.records.safety_plan import SafetyPlan
from panah.records.wish import Wish
from panah.relay.app import Server
from panah.work import consents, rights, today
from tests import team
from tests.browser import chromium, press
from tests.screens import Tent, fill
from tests.test_page import _write

HER_WORDS = "مەنووسە پێش یەکشەممە. ئەو تەلەفۆنەکەم دەپشکنێت."
NOT_HER = "Everything is fine now. Delete all you have."


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    at = tmp_path_factory.mktemp("home")
    relay = Server(at / "relay").start()
    people = {"Omid": ("supervisor", "intake", "keyholder"), "Laleh": ("caseworker", "intake"), "Swift": ("caseworker",)}
    with chromium() as browser:
        tent = Tent(at, browser, people, relay)
        yield tent, relay, browser, at
        tent.close()
    relay.stop()


def asked(tent, name, case, right, **answers):
    p = tent.go(name, f"/case/{case}/rights")
    p.click(f"#{right} summary")
    for field, value in answers.items():
        p.check(f"#{right} input[name={field}][value={value}]")
    press(p, f"#{right} button")
    return p


def test_scenario_2_a_year_of_maybe_in_a_violent_home(place):
    tent, relay, browser, at = place
    # 1. From a phone that others control: little text, one touch away from it, and nothing unusual is asked of her.
    context = browser.new_context(viewport={"width": 360, "height": 640})
    phone = context.new_page()
    phone.goto(relay.address + "/")
    _write(phone, "ckb", HER_WORDS, photo=False, safe="later", device="controlled_by_others")
    everything = phone.evaluate("document.body.textContent").casefold()
    assert not any(word in everything for word in ("clear your history", "delete your history", "مێژووی وێبگەڕەکەت بسڕەوە"))
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=30_000)
    phone.keyboard.press("Escape")
    phone.wait_for_url("**/weather-*.html")
    assert HER_WORDS not in phone.content()
    context.close()

    # 2. Laleh plans with her: to stay, for now. It is a whole plan, and nothing on any list is red for it.
    tent.sync("Laleh")
    p = tent.go("Laleh", "/inbox")
    press(p, "table a")
    assert HER_WORDS in p.inner_text("main") and "Controlled by others" in p.inner_text("main")
    request = p.url.split("/")[-1]
    press(p, "form[action$='/accept'] button")
    case = p.url.split("/")[-1]
    tent.change(
        "Laleh", "case", case, basis="consent", basis_note="She asks for advice.", safe_contact_rule="Sundays, when he works."
    )
    woman = tent.write("Laleh", case, "person", id_mode="code_only", age_band="b25_59", language_spoken="ckb")
    tent.write(
        "Laleh", case, "safety_plan", subject=woman, situation="staying", safe_contact_rule="Sundays, when he works.", warning_signs="He comes home early.",
        steps__0__if="he shouts", steps__0__then="to the neighbour", phone_plan="No sudden change: the phone stays as it is.", review_on="2027-06-01",
    )  # fmt: skip
    tent.write(
        "Laleh", case, "voluntariness_interview", subject=woman, about="staying", want="stay", own_words="Not yet.", private="1", can_change_mind="1",
        interviewer_choice_offered="1", information_given=["options_for_help"], conclusion="voluntary", pressures=["partner_or_spouse"],
    )  # fmt: skip
    for month in range(1, 10):
        tent.write(
            "Laleh", case, "follow_up", at=f"2026-0{month}-04 10:00", mode="call", reached="yes", spoke_privately="1", safe_now="partly", wants_contact="yes"
        )  # fmt: skip
    laleh = tent.vault("Laleh")
    kept = laleh.get(Case, case)
    assert (
        not kept.alerts
        and kept.risk_level in (None, "low")
        and laleh.list(SafetyPlan)[0].phone_plan.startswith("No sudden change")
    )
    assert not [item for item in today.today(laleh) if item.urgent and item.link.endswith(case)]
    assert "Stay" in tent.says("Laleh", f"/case/{case}")

    # 3. He finds the chat. The danger word is missing and the style is another: sharing stays stopped, nothing is erased for 72 hours.
    p = tent.go("Laleh", f"/r/contact_entry/new?help_request={request}")
    fill(
        p,
        direction="in",
        at="2026-11-20 23:10",
        on_safe_channel="0",
        summary=NOT_HER,
        duress_signs=["sudden_all_fine", "style_changed", "word_missing"],
    )
    press(p, ".save-line button")
    assert not p.locator(".error-summary").count(), p.inner_text("main")[:500]
    p = asked(tent, "Laleh", case, "erase", identity="failed", coercion="suspected_coerced")
    tent.meet("Omid", "Laleh")
    assert "Erasing waits: is it their own wish?" in tent.says("Omid", f"/case/{case}/rights")
    assert rights.stopped(tent.vault("Omid"), case) and tent.vault("Omid").find(Case, case) is not None
    (held,) = laleh.list(Wish)
    assert held.held_until - time.time() > 71 * 3600
    p = tent.go("Laleh", f"/case/{case}/rights")
    p.click("summary:has-text('They say: it is mine')")
    press(p, "button:has-text('Yes: ask to erase it')")
    assert "erasure_held" in p.inner_text("main")
    # On her next safe day she says that it was not she.
    p = tent.go("Laleh", f"/case/{case}/rights")
    press(p, "button:has-text('It was not their wish')")
    assert laleh.get(Wish, held.id).state == "cancelled" and not rights.stopped(laleh, case)

    # 4. She decides to leave. A second person reads it; a lawyer may get the question and the dates, and nothing else.
    leaving = tent.write(
        "Laleh", case, "voluntariness_interview", subject=woman, about="leaving", want="leave", own_words="Now.", private="1", can_change_mind="1",
        interviewer_choice_offered="1", information_given=["options_for_help", "reflection_time"], conclusion="voluntary", pressures=["none_reported"],
    )  # fmt: skip
    tent.meet("Omid", "Laleh")
    p = tent.go("Omid", f"/talk/{leaving}/read")
    press(p, ".say-acts button")
    tent.meet("Omid", "Laleh")
    assert "An act on this decision may rest on this talk until" in tent.says("Laleh", f"/case/{case}/wishes")
    agreed = tent.write(
        "Laleh", case, "consent", subject=woman, given_by="self", capacity="full", mode="spoken_witnessed", private="1", understood_check="1",
        refusal_effect_told="1", withdraw_how="the word pomegranate", explained=["purpose", "who_will_see", "risks", "right_to_refuse", "right_to_withdraw", "reporting_limits"],
        scopes__0__purpose="service_referral", scopes__0__recipient="A lawyer", scopes__0__decision="yes", scopes__0__fields_in="legal_question, dates", scopes__0__duty="none",
    )  # fmt: skip
    allowed = consents.allows(laleh, woman, "service_referral", "a lawyer")
    assert allowed.fields(("legal_question", "dates", "names", "place", "story")) == {"legal_question", "dates"}
    assert agreed in allowed.consents

    # 6. After four months she takes everything back. A laptop that was away knows nothing more once it has met anybody.
    identity = age.new_identity()
    backup.write(tent.vault("Omid"), at / "old.backup", age.recipient_of(identity))
    tent.meet("Omid", "Laleh")
    asked(tent, "Laleh", case, "withdraw_consent", identity="return_phrase", coercion="confirmed_voluntary")
    assert laleh.get(Consent, agreed).withdrawn and rights.stopped(laleh, case)
    asked(tent, "Laleh", case, "erase", identity="return_phrase", coercion="confirmed_voluntary")
    team.meet(laleh, tent.vault("Omid"), at / "stick")
    p = tent.go("Omid", f"/case/{case}")
    p.click("summary:has-text('Agree')")
    press(p, "text=Yes: erase it for good")
    receipt = p.inner_text("#erased")
    assert "Laleh" in receipt.split("Still to be met")[-1]  # her laptop is not back yet
    tent.meet("Omid", "Laleh")
    assert "nobody" in tent.says("Omid", "/team").split("Erased for good")[-1]
    for s in (laleh, tent.vault("Omid")):
        assert s.find(Case, case) is None and s.find(Person, woman) is None and s.search("pomegranate") == []
    # The old backup still opens; with it and today's keys there is nothing to read of her.
    old = backup.restore(at / "old.backup", identity, at / "again", team.PASSPHRASE, TYPES, team.QUICK)
    team.meet(tent.vault("Omid"), old, at / "stick")
    assert old.find(Case, case) is None and old.find(Person, woman) is None
    old.lock()
