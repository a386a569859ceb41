"""The recovery shares on the screens: founding, the drill, new shares, a forgotten passphrase, a laptop that is gone."""

from __future__ import annotations

import re

import pytest

from panah.kernel import backup, enrol, recovery, regain
from panah.node.app import Node
from panah.records import TYPES
from panah.records.case import Case
from panah.work import cases
from panah.work import team as teams
from tests import team
from tests.browser import FLAGS, axe, chromium, press
from tests.seek import below
from tests.seek import found as sought

NEW = "eight other quiet herons"


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def desk(tmp_path):
    """Omid's vault with a case, five shares on paper, and a node that may make vaults beside it."""
    room = tmp_path / "vaults"
    room.mkdir()
    omid = enrol.new_vault(room / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    shares = teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"))
    case = cases.open_case(omid, chosen_name="SENTINELNAME", limits_explained=True)
    backup.write(omid, tmp_path / "b.age", omid.roster.recipient)
    omid.lock()
    node = Node({"omid": room / "omid"}, place=room).start()
    yield node, shares, case.id, tmp_path
    node.stop()


def sign_in(node, page, passphrase=team.PASSPHRASE):
    page.goto(node.address + "/unlock")
    page.fill("#passphrase", passphrase)
    press(page, "button.wide")


def fresh(browser, width=1280, lang="en"):
    return browser.new_context(viewport={"width": width, "height": 1000}, locale=lang).new_page()


def type_in(page, *shares):
    for share in shares:
        page.fill("#share", share)
        press(page, "form[action='/shares/add'] button")


def shown(page) -> list[str]:
    return [" ".join(paper.locator(".share-words li").all_inner_texts()) for paper in page.locator(".share-paper").all()]


def test_the_drill_says_whether_the_shares_fit_and_changes_nothing(desk, browser):
    node, shares, _, _ = desk
    page = fresh(browser)
    sign_in(node, page)
    page.goto(node.address + "/team/recovery")
    assert "never" in page.inner_text("main") and axe(page) == []
    (s,) = node.doors.sessions()
    before = s.vault.last_seq()
    press(page, "text=Begin the drill")
    assert axe(page) == []
    # Each mistake is named: a word that is none, one word too few, the wrong share, the same twice.
    words = shares[0].split()
    for typed, said in (
        (" ".join([*words[:16], "herons", *words[17:]]), "word number 17"),
        (" ".join(words[:32]), "32 words"),
        (" ".join([*words[:9], words[10], words[9], *words[11:]]), "Compare it with the paper"),
    ):
        type_in(page, typed)
        assert said in page.inner_text("main"), said
        assert "herons" not in page.content() and page.input_value("#share") == ""
    type_in(page, shares[0], shares[0])
    assert "entered twice" in page.inner_text("main") and "1 of 3" in page.inner_text("main")
    type_in(page, recovery.split(bytes(32))[1])
    assert "another team or another time" in page.inner_text("main")
    type_in(page, shares[4], " ".join(w[:4] for w in shares[2].split()))
    assert "The shares fit" in page.inner_text("main") and "1, 3, 5" in page.inner_text("main")
    assert s.vault.last_seq() == before and all(not c.shares for c in node.doors.ceremonies._all.values())
    page.goto(node.address + "/team/recovery")
    assert "never" not in page.inner_text("main")


def test_shares_of_another_team_fit_together_and_not_here(desk, browser):
    node, _, _, _ = desk
    page = fresh(browser)
    sign_in(node, page)
    page.goto(node.address + "/team/recovery")
    press(page, "text=Begin the drill")
    type_in(page, *recovery.split(bytes(range(32)))[:3])
    assert "another team" in page.inner_text("main") and "recovery_shares_of_another_team" in page.inner_text("main")


def test_new_shares_take_the_place_of_the_old_ones(desk, browser):
    node, shares, _, _ = desk
    page = fresh(browser)
    sign_in(node, page)
    page.goto(node.address + "/team/recovery")
    press(page, "form:has([value=renew]) button")
    type_in(page, *shares[:3])
    made = shown(page)
    assert len(made) == 5 and all(len(one.split()) == 33 for one in made) and axe(page) == []
    (s,) = node.doors.sessions()
    regain.fits(s, recovery.join(made[1:4]))
    address = page.url
    page.fill("#k2", "Dara")
    page.check("input[type=checkbox]")
    press(page, "text=They are written down")
    assert "Dara" in page.inner_text("main")
    # The page that showed them is gone.
    page.goto(address)
    assert made[0].split()[5] not in page.inner_text("main").split() or "answer_gone" in page.inner_text("main")
    assert shown(page) == []
    press_drill = node.address + "/team/recovery"
    page.goto(press_drill)
    press(page, "text=Begin the drill")
    type_in(page, *shares[:3])
    assert "count no more" in page.inner_text("main")


def test_a_forgotten_passphrase_is_set_anew_at_the_door(desk, browser):
    node, shares, case, _ = desk
    page = fresh(browser)
    page.goto(node.address + "/unlock")
    press(page, "text=The passphrase is forgotten")
    assert axe(page) == []
    press(page, "form[action='/recover/passphrase'] button")
    type_in(page, *recovery.split(bytes(range(32)))[:3])
    assert "was not laid open to them" in page.inner_text("main")
    type_in(page, shares[3], shares[1], shares[0])
    page.fill("#passphrase", NEW)
    page.fill("#again", NEW + "x")
    press(page, "button.wide")
    assert "not the same" in page.inner_text("main") or "differ" in page.inner_text("main")
    page.fill("#passphrase", NEW)
    page.fill("#again", NEW)
    press(page, "button.wide")
    assert "The new passphrase is set" in page.inner_text("main") and axe(page) == []
    sign_in(node, page, NEW)
    (s,) = node.doors.sessions()
    assert s.get(Case, case).chosen_name == "SENTINELNAME"


@pytest.mark.parametrize("how", ["chosen", "by its path"])
def test_a_backup_is_restored_at_the_door_as_a_new_device(desk, browser, how):
    node, shares, case, tmp = desk
    page = fresh(browser)
    page.goto(node.address + "/recover")
    press(page, "form[action='/recover/backup'] button")
    assert "no_file_chosen" in page.inner_text("main")
    page.goto(node.address + "/recover")
    (tmp / "x.age").write_bytes(b"not sealed at all")
    page.set_input_files("#backup", str(tmp / "x.age"))
    press(page, "form[action='/recover/backup'] button")
    assert "backup_not_sealed" in page.inner_text("main")
    page.goto(node.address + "/recover")
    if how == "chosen":
        page.set_input_files("#backup", str(tmp / "b.age"))
    else:
        page.fill("#where", str(tmp / "b.age"))
    press(page, "form[action='/recover/backup'] button")
    type_in(page, *shares[2:5])
    page.fill("#passphrase", NEW)
    page.fill("#again", NEW)
    press(page, "button.wide")
    made = shown(page)
    assert len(made) == 5 and not list((tmp / "vaults" / ".restoring").glob("*"))
    (s,) = node.doors.sessions()
    assert s.me.name == "Omid" and "keyholder" in s.me.roles and s.get(Case, case).chosen_name == "SENTINELNAME"
    assert len(s.roster.removed) == 1 and s.identity.tag not in s.roster.removed
    page.check("input[type=checkbox]")
    press(page, "text=They are written down")
    assert "Recovery shares" in page.inner_text("h1")
    page.goto(node.address + "/team")
    assert "taken out" in page.inner_text("main")


def test_a_team_is_founded_on_the_screen_with_its_shares(tmp_path, browser):
    room = tmp_path / "vaults"
    room.mkdir()
    node = Node({}, place=room).start()
    page = fresh(browser)
    page.goto(node.address + "/unlock")
    assert "no vault on this laptop" in page.inner_text("main") and axe(page) == []
    press(page, "text=Found a team on this laptop")
    assert axe(page) == []
    page.fill("#team", "Refuge point Ash")
    page.fill("#name", "Omid")
    page.fill("#passphrase", NEW)
    page.fill("#again", NEW)
    press(page, "text=Found the team")
    made = shown(page)
    (s,) = node.doors.sessions()
    assert s.team == "Refuge point Ash" and s.me.name == "Omid" and (room / "1" / "key").exists()
    regain.fits(s, recovery.join(made[:3]))
    assert s.roster.recipient and (room / "1" / regain.ESCROW).exists()
    page.check("input[type=checkbox]")
    press(page, "text=They are written down")
    node.stop()


def test_V3_nothing_that_was_typed_into_the_shares_form_stays(desk, browser):
    node, shares, _, tmp = desk
    profile = tmp / "profile"
    wrong = shares[1].replace(shares[1].split()[20], "sentinelshareword", 1)
    context = browser.browser_type.launch_persistent_context(str(profile), executable_path="/usr/bin/chromium", args=FLAGS)
    page = context.new_page()
    sign_in(node, page)
    page.goto(node.address + "/team/recovery")
    press(page, "text=Begin the drill")
    type_in(page, wrong)
    seen = [page.url, page.title(), page.content()]
    type_in(page, shares[1])
    page.fill("#share", shares[2])
    page.wait_for_timeout(4500)  # as long as drafts take to be kept
    seen += [page.url, page.title()]
    context.close()
    (s,) = node.doors.sessions()
    assert s.drafts() == [] and "sentinelshareword" not in "".join(seen)
    node.doors.close()
    phrase = shares[2].split()
    probes = ["sentinelshareword", " ".join(phrase[4:8]), " ".join(shares[1].split()[4:8])]
    assert sought([*below(profile), *below(tmp / "vaults")], probes) == []
    assert node.doors.ceremonies._all == {}


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_the_pages_of_the_shares_fit_narrow_screens(desk, browser, lang):
    node, shares, _, _ = desk
    page = fresh(browser, 360, lang)
    for path in ("/unlock", "/recover", "/found"):
        page.goto(f"{node.address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path
    sign_in(node, page)
    page.goto(node.address + "/team/recovery")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    press(page, "form:has([value=renew]) button")
    type_in(page, *shares[:3])
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert not re.search(r"undefined|None", page.inner_text("main"))


def test_every_wrong_step_says_what_is_wrong(desk, browser):
    node, shares, _, tmp = desk
    page = fresh(browser)
    page.goto(node.address + "/recover")
    page.fill("#where", str(tmp / "nowhere.age"))
    press(page, "form[action='/recover/backup'] button")
    assert "no_file_there" in page.inner_text("main")
    sign_in(node, page)
    page.goto(node.address + "/team/recovery")
    page.evaluate("document.querySelector('[value=drill]').value = 'other'")
    press(page, "text=Begin the drill")
    assert "no_such_act" in page.inner_text("main")
    page.goto(node.address + "/team/recovery")
    press(page, "text=Begin the drill")
    address = page.url
    # Somebody else's window, and one that was stopped.
    other = fresh(browser)
    other.goto(node.address + "/recover")
    press(other, "form[action='/recover/passphrase'] button")
    other.evaluate("t => { document.querySelector('[name=ceremony]').value = t }", page.input_value("[name=ceremony]"))
    type_in(other, shares[0])
    assert "shares_of_another_window" in other.inner_text("main")
    press(page, "text=Stop and forget")
    page.goto(address)
    type_in(page, shares[0])
    assert "shares_forgotten" in page.inner_text("main")
    here = Node({"omid": tmp / "vaults" / "omid"}).start()
    page.goto(here.address + "/found")
    assert "no_place_for_a_vault" in page.inner_text("main")
    here.stop()
