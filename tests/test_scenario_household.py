"""S3 of the domain, on the screens: one household, four wishes; a child's voice; going back. Every person, place and word is invented."""

from __future__ import annotations

import pytest

from panah.records.best_interests import BestInterests
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.person import Person
from panah.records.voluntariness_interview import VoluntarinessInterview
from tests.browser import chromium, press
from tests.screens import Tent, fill

HER_WORDS = "If he knows where I sleep he takes me back."
HIS_WORDS = "My work is there. I go back on Friday."


@pytest.fixture(scope="module")
def tent(tmp_path_factory):
    people = {
        "Omid": ("supervisor", "intake", "keyholder"), "Laleh": ("caseworker",), "Sami": ("caseworker",), "Nadia": ("documentation",),
        "Rojin": ("supervisor",),
    }  # fmt: skip
    with chromium() as browser:
        tent = Tent(tmp_path_factory.mktemp("tent"), browser, people)
        yield tent
        tent.close()


def talk(tent, case, person, **answers):
    given = {
        "private": "1", "interviewer_choice_offered": "1", "information_given": ["reflection_time", "options_for_help"], "can_change_mind": "1",
        "conclusion": "voluntary", "pressures": ["none_reported"], **answers,
    }  # fmt: skip
    return tent.write("Laleh", case, "voluntariness_interview", subject=person, **given)


def test_scenario_3_one_household_four_wishes_a_childs_voice_and_going_back(tent):
    # 1. Five people come; the husband speaks for all. Each is asked alone.
    case = tent.case("Laleh", basis="consent", basis_note="They ask for shelter.")
    adults = {"id_mode": "alias", "age_band": "b25_59", "language_spoken": "ckb"}
    wife = tent.write("Laleh", case, "person", names__0__written="Shilan", **adults)
    husband = tent.write("Laleh", case, "person", names__0__written="Baran", **adults)
    girl = tent.write("Laleh", case, "person", names__0__written="Hana", **adults | {"age_band": "b15_17"})
    boy = tent.write("Laleh", case, "person", names__0__written="Miran", **adults | {"age_band": "b6_9"})
    old = tent.write(
        "Laleh", case, "person", names__0__written="Nane", function__0__what="hearing", function__0__level="a_lot",
        **adults | {"age_band": "b60_plus"},
    )  # fmt: skip
    tent.write("Laleh", case, "household", size="5", spokesperson=husband, unity_rule="together")
    # In his presence nobody can be said to be free, and the page says why; nothing that was typed is lost.
    p = tent.go("Laleh", f"/case/{case}/new/voluntariness_interview")
    if p.locator("form[action$='/limits']").count():
        press(p, "form[action$='/limits'] button")
        p = tent.go("Laleh", f"/case/{case}/new/voluntariness_interview")
    fill(p, subject=wife, about="leaving", private="0", want="stay", own_words="He answers for her.", conclusion="voluntary")
    press(p, ".save-line button")
    assert p.locator(".error-summary").count() and p.input_value("[name=own_words]") == "He answers for her."
    talk(tent, case, wife, about="leaving", want="leave", own_words=HER_WORDS)
    his = talk(tent, case, husband, about="going_back", want="return_to_place", own_words=HIS_WORDS)
    talk(tent, case, girl, about="staying", want="stay", own_words="With my mother.", conclusion="best_interest_process")
    talk(tent, case, boy, about="staying", want="undecided", own_words="Both.", conclusion="best_interest_process")
    talk(tent, case, old, about="staying", want="undecided", own_words="I wait.", conclusion="unclear_repeat")
    # One record is one person's: nobody else can be put into it.
    p = tent.go("Laleh", f"/r/voluntariness_interview/{his}/edit")
    fill(p, subject=wife)
    press(p, ".save-line button")
    assert p.locator(".error-summary").count()
    tent.change("Laleh", "person", wife, no_coplace=[husband])
    wishes = tent.says("Laleh", f"/case/{case}/wishes")
    assert (
        all(word in wishes for word in ("Leave", "Return to the place", "Undecided"))
        or wishes.count("In the person's own words") == 5
    )

    # 2. The files part: hers for Laleh and Omid alone, his with another caseworker.
    p = tent.go("Laleh", f"/case/{case}/split")
    p.check(f"input[value='{husband}']")
    press(p, "main form button")
    his_case = p.url.split("/")[-1]
    assert "Shilan" not in p.inner_text("main") and his_case != case
    tent.meet("Omid", "Laleh")
    p = tent.go("Omid", f"/case/{case}/access")
    for name in ("Omid", "Laleh"):
        p.check(f"fieldset label:has-text('{name}') input")
    press(p, "button.danger:has-text('Restrict')")
    p = tent.go("Omid", f"/case/{his_case}/access")
    p.select_option("#over", label="Sami")
    press(p, "form:has(#over) button")
    tent.meet("Omid", "Laleh", "Sami", "Rojin")
    sami = tent.vault("Sami")
    for word in ("Shilan", "takes me back", "Hana", "Miran"):
        p = tent.go("Sami", "/cases")
        p.fill("#filter", word)
        press(p, ".filters button")
        assert case not in p.content() and word not in p.inner_text("#rows")
        assert sami.search(word) == []
    assert sami.find(Case, case) is None and [c.id for c in sami.list(Case)] == [his_case]
    assert tent.vault("Rojin").find(Case, case) is None and tent.vault("Nadia").count(Person) == 0
    assert "Shilan" in tent.says("Omid", f"/r/person/{wife}")

    # 3. The children: their own view first, written once; whoever would part them from a carer needs a panel.
    best = tent.write(
        "Laleh", case, "best_interests", subject=girl, kind="determination", decision_about="separation_from_carer", child_view="I stay with my mother.",
        carer_views="The father asks where they sleep. He is not told; the law on custody was looked up, and a lawyer asked.",
        outcome="She stays with her mother.", panel__0__who="A", panel__0__function="child protection",
    )  # fmt: skip
    said = tent.says("Laleh", f"/r/best_interests/{best}")
    assert "at least three people of different functions" in said
    for n, function in ((1, "health"), (2, "law")):
        p = tent.go("Laleh", f"/r/best_interests/{best}/edit")
        fill(p, **{f"panel__{n}__who": "BC"[n - 1], f"panel__{n}__function": function})
        press(p, ".save-line button")
        assert not p.locator(".error-summary").count(), p.inner_text(".error-summary")
    assert "Not complete yet" not in tent.says("Laleh", f"/r/best_interests/{best}")
    assert (
        tent.go("Laleh", f"/r/best_interests/{best}/edit").locator("[name=child_view]:not([disabled], [readonly])").count() == 0
    )
    assert tent.vault("Laleh").get(BestInterests, best).child_view == "I stay with my mother."

    # 4. He goes back: informed, a plan for it, an end in plain words; the door stays open.
    (him,) = tent.vault("Sami").list(Person)
    again = tent.write(
        "Sami", his_case, "voluntariness_interview", subject=him.id, about="going_back", want="return_to_place", own_words=HIS_WORDS, private="1",
        interviewer_choice_offered="1", information_given=["reflection_time", "conditions_and_risks_staying"], can_change_mind="1", conclusion="voluntary", pressures=["employer_or_debt"],
    )  # fmt: skip
    tent.meet("Omid", "Sami")
    p = tent.go("Omid", f"/talk/{again}/read")
    assert HIS_WORDS in p.inner_text("blockquote")
    press(p, ".say-acts button")
    tent.meet("Omid", "Sami")
    wishes = tent.says("Sami", f"/case/{his_case}/wishes")
    assert "An act on this decision may rest on this talk until" in wishes
    tent.write(
        "Sami", his_case, "safety_plan", subject=him.id, situation="going_back", warning_signs="He is asked about us.", if_return="He calls on a Monday.",
        steps__0__if="asked", steps__0__then="He was at his uncle's.", review_on="2027-01-15",
    )  # fmt: skip
    closure = tent.write(
        "Sami", his_case, "closure", reason="returned_by_choice", closed_on="2026-12-04", person_informed="yes", data_choice="keep_minimum",
        how_to_return="Always, no questions.",
    )  # fmt: skip
    tent.meet("Omid", "Sami")
    p = tent.go("Omid", f"/r/closure/{closure}")
    press(p, "form[action^='/approve/closure'] button")
    tent.meet("Omid", "Sami")
    closed = tent.vault("Sami").get(Case, his_case)
    assert closed.stage == "closed" and not closed.alerts
    assert not any(word in tent.says("Sami", f"/case/{his_case}").casefold() for word in ("failed", "lost to", "relapse"))
    p = tent.go("Sami", f"/case/{his_case}")
    assert p.locator("form[action$='/reopen']").count() == 1

    # 5. The girl says no to a photo and to an account; her mother's yes does not change it, and Nadia opens nothing.
    p = tent.go("Laleh", f"/case/{case}/new/consent")
    fill(p, subject=girl, given_by="carer", capacity="full", mode="spoken_witnessed", private="1", child_assent="no", refusal_effect_told="1",
         withdraw_how="the blue thread", scopes__0__purpose="photo", scopes__0__decision="yes")  # fmt: skip
    press(p, ".save-line button")
    assert p.locator(".error-summary").count() and tent.vault("Laleh").list(Consent, where={"subject": girl}) == []
    fill(p, scopes__0__decision="no", scopes__1__purpose="testimony_internal_analysis", scopes__1__decision="no")
    press(p, ".save-line button")
    (said_no,) = tent.vault("Laleh").list(Consent, where={"subject": girl})
    assert [line["decision"] for line in said_no.scopes] == ["no", "no"]
    tent.meet("Omid", "Nadia", "Laleh")
    nadia = tent.vault("Nadia")
    assert nadia.count(Case) == nadia.count(Person) == nadia.count(VoluntarinessInterview) == 0
    refused = tent.window("Nadia").request.get(f"{tent.node.address}/case/{case}")
    assert refused.status == 404 and "Shilan" not in refused.text()
