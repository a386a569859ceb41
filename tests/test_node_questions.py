"""Own questions on the screens: brought in, looked at, put in use, answered in a case and put on paper; without scripts, narrow, right to left."""

from __future__ import annotations

import pytest

from panah.kernel import enrol
from panah.node.app import Node
from panah.records import TYPES
from panah.work import cases
from panah.work import team as teams
from tests import team
from tests.browser import axe, chromium, press
from tests.sheets import HEADS, arrival, book
from tests.test_xlsform import packed


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    omid = enrol.new_vault(folder / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "caseworker", "keyholder"))
    case = cases.open_case(omid, chosen_name="Shilan", limits_explained=True)
    omid.lock()
    node = Node({"omid": folder / "omid"}).start()
    yield node, case.id
    node.stop()


@pytest.fixture(scope="module")
def browser():
    with chromium() as b:
        yield b


@pytest.fixture
def visit(office, browser):
    """A browser as somebody has it: how wide, which language, with scripts or without."""
    node, _ = office
    contexts = []

    def enter(width=1280, lang="en", scripts=True):
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=scripts, locale=lang)
        contexts.append(context)
        page = context.new_page()
        page.goto(node.address + "/unlock")
        page.fill("#passphrase", team.PASSPHRASE)
        press(page, "button.wide")
        return page

    yield enter
    for context in contexts:
        context.close()


def choose(page, node, data, name="form.xlsx"):
    page.goto(node.address + "/questions")
    page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": data})
    press(page, "form[action='/questions/check'] button")


def test_a_form_is_brought_in_looked_at_put_in_use_and_answered_without_scripts(office, visit):
    node, case = office
    page = visit(scripts=False)
    choose(page, node, arrival())
    assert page.inner_text("h1") == "First evening" and "Nothing has changed yet" in page.inner_text("main")
    assert page.locator("form[inert]").count() == 2 and page.locator("form[inert][dir=rtl][lang=fa]").count() == 1
    press(page, "form[action='/questions/use'] button")
    page.goto(f"{node.address}/case/{case}")
    press(page, "a.add-part[href*='/ask/']")
    assert page.inner_text("h1") == "First evening"
    assert "Only if “Are children with you?” is: Yes." in page.inner_text("main")
    page.fill("[name=t_called]", "شیلان")
    page.check("[name=q_needs][value=medicine]")
    page.fill("[name=t_medicine]", "insulin")
    page.fill("[name=q_fever]", "very hot")
    page.fill("[name='t_child.0.child_age']", "7")
    press(page, "form.record .save-line button")
    assert "number" in page.inner_text(".error-summary").lower()
    assert page.input_value("[name=t_called]") == "شیلان" and page.input_value("[name=q_fever]") == "very hot"
    page.fill("[name=q_fever]", "38.5")
    press(page, "form.record .save-line button")
    shown = page.inner_text("main")
    assert "شیلان" in shown and "Medicine" in shown and "38.5" in shown and "Age: 7" in shown
    assert "Needs" in shown and "computed" in shown
    press(page, "a[href$='/history']")
    assert "Which medicine?" in page.inner_text("main")
    page.goto(f"{node.address}/case/{case}")
    part = page.locator("li.part", has_text="First evening")
    assert part.locator("a[href^='/r/answers/']").count() == 1


def test_what_has_to_be_changed_is_said_with_its_row_and_nothing_can_be_put_in_use(office, visit):
    node, _ = office
    page = visit()
    bad = book(survey=[HEADS, ["geopoint", "where", "Where are you?", "کجا هستید؟"], ["Text", "a", "A", "ا"]])
    choose(page, node, bad)
    said = page.inner_text("main")
    assert (
        "sheet survey, row 2, column type: geopoint writes down an exact place." in said
        and "Something has to be changed first" in said
    )
    assert page.locator("form[action='/questions/use']").count() == 0
    assert axe(page) == []
    choose(page, node, packed(arrival(), **{"xl/vbaProject.bin": b"x"}))
    assert "sheet_has_macros" in page.inner_text(".error-summary")
    page.goto(node.address + "/questions")
    press(page, "form[action='/questions/check'] button")
    assert "nothing_to_put_in_use" in page.inner_text(".error-summary")
    choose(page, node, b"no workbook")
    assert "sheet_not_xlsx" in page.inner_text(".error-summary")


def test_the_pages_fit_a_phone_right_to_left_and_paper(office, visit):
    node, case = office
    page = visit(width=360, lang="fa")
    choose(page, node, arrival())
    paths = [page.url]
    press(page, "form[action='/questions/use'] button")
    form = page.url.rsplit("/", 1)[1]
    paths += [
        f"{node.address}{p}"
        for p in (
            "/questions",
            f"/questions/form/{form}",
            f"/questions/form/{form}/paper/fa",
            "/questions/type/person/paper/ckb",
            f"/case/{case}",
            f"/case/{case}/ask/{form}",
        )
    ]
    for path in paths[1:]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert page.evaluate("document.documentElement.dir") == "rtl"
        assert axe(page) == [], path
    page.goto(f"{node.address}/questions/form/{form}/paper/fa")
    assert page.locator(".paper[dir=rtl] .tick").count() > 8 and "نخست چه لازم است؟" in page.inner_text(".paper")


def test_the_sheets_come_back_as_a_file(office, visit):
    node, _ = office
    page = visit()
    assert "XLSForm" in page.request.get(node.address + "/help/howto/own-questions.md").text()
    answer = page.request.get(f"{node.address}/questions/type/person/sheet")
    assert answer.status == 200 and answer.body()[:2] == b"PK" and "attachment" in answer.headers["content-disposition"]
    assert page.request.get(f"{node.address}/questions/type/nobody/sheet").status == 404
    assert page.request.get(f"{node.address}/questions/form/{'0' * 32}/sheet").status == 409
