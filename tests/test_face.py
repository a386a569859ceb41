# ruff: noqa: F811 (fixtures of another module have the names of arguments)
"""The face of the node: its components in every theme, its keys on any layout, waiting that says so, steps before what hurts."""

from __future__ import annotations

import re

import pytest

from panah import i18n
from panah.node.app import Node
from panah.records import TYPES
from panah.work.today import Item, parts_of_day
from tests import team
from tests.browser import axe, press
from tests.test_node import browser, office, page  # noqa: F401 (fixtures)

KEY = "([key, code, shift]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, code, shiftKey: shift, bubbles: true}))"


def _choose(page, node, **chosen):
    page.goto(node.address + "/settings")
    for name, value in chosen.items():
        page.select_option(f"#{name}", value)
    press(page, "main button.button")


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_the_page_of_components_is_accessible_in_every_theme(office, page, lang):
    node, _ = office
    for theme in ("light", "dark", "contrast"):
        _choose(page, node, language=lang, theme=theme)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(node.address + "/help/components")
            page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight") + 100})
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            assert axe(page) == [], (theme, width)
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (theme, width)
    page.set_viewport_size({"width": 1280, "height": 900})
    _choose(page, node, language="en", theme="")
    assert page.problems == []


def test_a_dark_room_stays_dark_when_the_vault_locks(office, page):
    node, _ = office
    _choose(page, node, theme="dark")
    with page.expect_navigation():
        page.keyboard.press("Control+Shift+L")
    assert page.url == node.address + "/unlock" and page.get_attribute("html", "data-theme") == "dark"
    page.fill("#passphrase", team.PASSPHRASE)
    press(page, "button.wide")
    page.wait_for_url(node.address + "/")
    _choose(page, node, theme="")


def test_the_page_of_components_shows_every_kind_of_field_and_every_state(office, page):
    node, _ = office
    page.goto(node.address + "/help/components")
    assert page.locator("#fields .field").count() == 13 and page.locator("#states .field").count() == 6
    for part in (
        ".risk",
        ".badge",
        ".note",
        ".slip",
        ".timeline",
        ".talk",
        ".empty",
        ".error-summary",
        ".kept-at",
        ".demo",
        "table",
        ".confirm",
    ):
        assert page.locator(part).count() > 0, part
    assert (
        page.locator("#state-declined")
        .locator("xpath=ancestor::div[contains(@class,'field')]")
        .locator("[value=declined]")
        .is_checked()
    )


def test_every_class_of_the_templates_stands_in_the_stylesheet():
    from tests.test_docs import ROOT

    css = (ROOT / "panah/node/static/panah.css").read_text()
    used = set()
    for path in (ROOT / "panah/node/templates").glob("*.html"):
        for found in re.findall(r'class="([^"{]*)"', path.read_text()):
            used |= set(found.split())
    # Names that a test or the script looks for, and that need no shape of their own.
    assert {u for u in used if f".{u}" not in css} <= {"add", "conflict", "file", "next", "theirs"}


def test_the_keys_are_explained_where_the_question_mark_leads(office, page):
    node, _ = office
    page.goto(node.address + "/cases")
    with page.expect_navigation():
        page.keyboard.press("?")
    assert page.url == node.address + "/help/keys" and "Ctrl" in page.inner_text("main")


def test_a_persian_keyboard_reaches_every_area_by_the_same_keys(office, page):
    node, _ = office
    page.goto(node.address + "/")
    page.evaluate(KEY, ["ل", "KeyG", False])
    with page.expect_navigation():
        page.evaluate(KEY, ["ز", "KeyC", False])
    assert page.url == node.address + "/cases"
    page.evaluate(KEY, [".", "Slash", False])
    assert page.evaluate("document.activeElement.id") == "q"
    page.evaluate("document.activeElement.blur()")
    with page.expect_navigation():
        page.evaluate(KEY, ["؟", "Slash", True])
    assert page.url == node.address + "/help/keys"


def test_rows_are_walked_and_opened_by_keys(office, page):
    node, _ = office
    page.goto(node.address + "/cases")
    links = page.locator("main tbody tr td:first-child a")
    first = links.nth(0).get_attribute("href")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.getAttribute('href')") == first
    if links.count() > 1:
        page.keyboard.press("ArrowDown")
        page.keyboard.press("k")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == node.address + first


def test_what_the_search_found_is_walked_and_closed_by_keys(office, page):
    node, _ = office
    page.goto(node.address + "/cases")
    page.locator("#q").press_sequentially("sentinel", delay=20)
    page.wait_for_selector("#found .hits a", timeout=5000)
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('#found') !== null")
    page.keyboard.press("Escape")
    assert page.locator("#found a").count() == 0 and page.evaluate("document.activeElement.id") == "q"
    assert page.input_value("#q") == "sentinel"


@pytest.mark.parametrize("keys", ["Control+Enter", "Control+s"])
def test_a_form_is_saved_from_the_keyboard(office, page, keys):
    node, ids = office
    page.goto(node.address + f"/case/{ids['case']}/new/task")
    page.fill("[name=title]", f"Saved with {keys}")
    with page.expect_navigation():
        page.press("[name=title]", keys)
    assert f"Saved with {keys}" in page.inner_text("main") and "/save" not in page.url


@pytest.mark.parametrize(
    ("lang", "word"), [("fa", "ثانیه پیش نگه داشته شد"), ("ckb", "چرکە لەمەوپێش پارێزرا"), ("en", "seconds ago")]
)
def test_what_is_kept_is_said_in_the_readers_language_and_digits(office, page, lang, word):
    node, ids = office
    _choose(page, node, language=lang)
    page.goto(node.address + f"/case/{ids['case']}/new/follow_up")
    page.fill(
        "[name='goals_progress.0.goal']"
        if page.locator("[name='goals_progress.0.goal']").count()
        else "form.record input[dir=auto]",
        "x",
    )
    page.locator(".kept-at:not(:empty)").wait_for(timeout=15000)
    said = page.inner_text(".kept-at")
    assert word in said and re.search(f"[{i18n.digits(lang, '0')}-{i18n.digits(lang, '9')}]", said)
    assert i18n.digits(lang, "1") in page.inner_text(".answered") or i18n.digits(lang, "2") in page.inner_text(".answered")
    # The draft goes when the form is saved.
    press(page, ".save-line button")
    _choose(page, node, language="en")


def test_the_script_holds_no_words_of_a_language():
    from tests.test_docs import ROOT

    script = re.sub(r"//.*", "", (ROOT / "panah/node/static/panah.js").read_text())
    assert set(re.findall(r"[^\x00-\x7f]", script)) <= {"؟"}


def test_unlocking_says_that_it_takes_a_moment_and_is_not_begun_twice(office, browser):
    node, _ = office
    context = browser.new_context()
    page = context.new_page()
    page.goto(node.address + "/unlock")
    page.fill("#passphrase", "not these words")
    posts = []
    page.on("request", lambda r: posts.append(r.url) if r.method == "POST" else None)
    with page.expect_navigation():
        state = page.evaluate(
            """async () => { const form = document.querySelector('form[data-busy]'), b = form.querySelector('button');
            form.requestSubmit(); form.requestSubmit(); await new Promise(go => setTimeout(go, 60));
            return [b.disabled, b.textContent, form.querySelector('[role=status]').textContent]; }"""
        )
    assert state[0] is True and state[1] == "Unlocking" and "on purpose" in state[2]
    assert len(posts) == 1 and page.locator("[role=alert]").is_visible()
    context.close()


def test_the_locked_page_speaks_the_language_that_is_chosen_on_it(office, browser):
    node, _ = office
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(node.address + "/unlock")
        press(page, ".langs [lang=ckb]")
        assert page.get_attribute("html", "lang") == "ckb" and page.url == node.address + "/unlock"
        context.close()


def test_writing_a_file_for_the_stick_says_when_it_is_done(office, page, tmp_path):
    node, _ = office
    page.goto(node.address + "/sync")
    with page.expect_download() as got:
        page.click("form[action='/sync/out'] button")
    assert got.value.suggested_filename == "changes.panah"
    page.locator("form[action='/sync/out'] [role=status]", has_text="Written").wait_for(timeout=5000)
    assert page.locator("form[action='/sync/out'] button").is_enabled()
    assert page.problems == []


def test_a_file_for_the_stick_is_written_without_scripts_too(office, browser):
    node, _ = office
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(node.address + "/unlock")
    page.fill("#passphrase", team.PASSPHRASE)
    press(page, "button.wide")
    page.goto(node.address + "/sync")
    with page.expect_download() as got:
        page.click("form[action='/sync/out'] button")
    assert got.value.suggested_filename == "changes.panah"
    context.close()


def test_what_hurts_takes_two_steps_and_says_what_it_does(office, page):
    node, ids = office
    page.goto(node.address + f"/case/{ids['case']}/new/safety_plan")
    page.fill("[name=warning_signs]", "typed here")
    page.locator(".kept-at:not(:empty)").wait_for(timeout=15000)
    page.goto(node.address + f"/case/{ids['case']}/new/safety_plan")
    forget = page.locator("form[action='/draft/drop'] button")
    assert not forget.is_visible()
    page.click(".confirm summary")
    assert "nothing brings it back" in page.inner_text(".confirm")
    with page.expect_navigation():
        forget.click()
    page.goto(node.address + f"/inbox/{ids['request']}")
    assert not page.locator("form[action$='/end'] button").is_visible()
    page.click(".confirm summary")
    assert "can be accepted or changed at any time" in page.inner_text("aside")


def test_a_long_form_has_parts_and_leads_to_each(office, page):
    node, ids = office
    page.goto(node.address + f"/case/{ids['case']}/new/protection_assessment")
    assert page.locator(".contents a").count() == page.locator(".form-part").count() >= 5
    folded = page.locator("details.form-part")
    assert folded.get_attribute("open") is None
    page.locator(".contents a").last.click()
    assert folded.get_attribute("open") is not None
    # An answer takes the place of the mark that there is none; the three marks stand beside every answer.
    assert page.locator("[name='threats_now.no']").count() == 3
    assert page.locator("[name='threats_now.no'][value=not_asked]").is_checked()
    page.fill("[name=threats_now]", "x")
    assert not page.locator("[name='threats_now.no'][value=not_asked]").is_checked()
    page.check("[name='armed_link.no'][value=declined]")
    assert page.inner_text(".answered").startswith("3 of")  # the person stood there already


def test_the_help_leads_to_its_own_pages_only(office, page):
    node, _ = office
    seen, left = set(), ["/help"]
    while left:
        path = left.pop()
        seen.add(path)
        answer = page.goto(node.address + path)
        assert answer.status == 200, path
        for href in page.eval_on_selector_all(".document a", "all => all.map(a => a.getAttribute('href'))"):
            if href.startswith("/help") and (to := href.split("#")[0]) not in seen:
                left.append(to)
            assert href.startswith(("/help", "https:")), (path, href)
    assert len(seen) > 8


def test_the_day_has_its_order():
    def item(what, due, urgent=False):
        return Item(what, "", due, "/", "Open", urgent)

    items = [item("a", 5.0), item("b", None), item("c", 500.0), item("d", None, True), item("Someone asks for help", 500.0)]
    parts = [(name, [i.what for i in lines]) for name, lines in parts_of_day(items, 10.0, 100.0)]
    assert parts == [("now", ["d"]), ("late", ["a"]), ("today", ["Someone asks for help", "b"]), ("soon", ["c"])]


def test_a_vault_that_met_nobody_for_long_says_so_and_a_supervisor_may_work_on(tmp_path, browser):
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", types=TYPES, clock=clock)
    team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clock).lock()
    omid.lock()
    node = Node({"omid": tmp_path / "omid"}).start()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(node.address + "/unlock")
    page.fill("#passphrase", team.PASSPHRASE)
    press(page, "button.wide")
    # The clock of the vault stood years before the one on this desk's wall.
    assert "has met nobody of the team" in page.inner_text("main")
    page.goto(node.address + "/sync")
    assert page.locator("form[action='/sync/in']").first.is_visible()
    page.goto(node.address + "/cases")
    page.click(".confirm summary")
    page.fill("#why", "No network in the valley until spring.")
    press(page, "form[action='/sync/work-on'] button")
    page.goto(node.address + "/cases")
    assert page.locator(".empty").is_visible()
    context.close()
    node.stop()
