"""Backups as people look after them, the doctor, and the page of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from panah.errors import PanahError
from panah.kernel import enrol, erase, keys, recovery, regain
from panah.node.app import Node
from panah.records import TYPES
from panah.work import backups, cases, doctor, regaining, today
from panah.work import team as teams
from tests import team
from tests.browser import axe, chromium, press


@pytest.fixture
def omid(tmp_path):
    clock = team.Clock()
    s = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK, clock)
    s.clock = clock
    s.shares = teams.found(s, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"))
    (tmp_path / "disk").mkdir()
    yield s
    s.lock()


def codes(s) -> list[str]:
    return [nag.code for nag in backups.wanting(s)]


def lines(s) -> list[str]:
    return [i.what for i in today.today(s)]


def test_a_backup_is_noted_verified_and_grows_old(omid, tmp_path):
    assert codes(omid) == ["backup_none"] and "No backup was made from this vault yet" not in lines(omid)
    omid.clock.at += 8 * 86400
    assert "No backup was made from this vault yet" in lines(omid)
    path = backups.into(omid, str(tmp_path / "disk"))
    assert codes(omid) == [] and path.parent == tmp_path / "disk" and "panah" not in path.name
    verdict = backups.verify(omid, path)
    assert verdict.made is not None and verdict.size == path.stat().st_size
    omid.clock.at += 8 * 86400
    assert codes(omid) == ["backup_old"] and "The newest backup is older than a week" in lines(omid)
    copy = tmp_path / "copy.age"
    copy.write_bytes(path.read_bytes())
    assert backups.verify(omid, copy).made is not None
    # Changed, cut, none, another kind of age file, nothing there.
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    for where, code in ((path, "backup_altered"), (tmp_path / "none", "no_file_there")):
        with pytest.raises(PanahError) as e:
            backups.verify(omid, where)
        assert e.value.code == code
    from panah.kernel import age

    for data in (b"", b"age-encryption.org/v1\n", age.seal_with_passphrase(b"x", "words", 2), whole[: len(whole) // 40]):
        copy.write_bytes(data)
        with pytest.raises(PanahError):
            backups.verify(omid, copy)


def test_a_backup_older_than_an_erasure_is_named_until_it_is_destroyed(omid, tmp_path):
    case = cases.open_case(omid, limits_explained=True)
    old = backups.into(omid, str(tmp_path / "disk"))
    erase.ask(omid, f"care/{case.id}")
    assert codes(omid) == ["backup_holds_erased"] and backups.wanting(omid)[0].files == (str(old),)
    assert any("destroy the old file" in line for line in lines(omid))
    new = backups.into(omid, str(tmp_path / "disk"))
    assert codes(omid) == ["backup_holds_erased"]
    (made,) = [m for m in backups.listing(omid) if m.holds_erased]
    backups.destroyed(omid, made.digest)
    assert codes(omid) == [] and not old.exists() and new.exists()


def test_new_shares_want_a_new_backup(omid, tmp_path):
    backups.into(omid, str(tmp_path / "disk"))
    made = regaining.renew(omid, recovery.join(omid.shares[:3]))
    assert codes(omid) == ["backup_of_old_shares"]
    regain.fits(omid, recovery.join(made[2:]))


def test_one_is_made_each_day_by_itself_and_a_week_of_them_is_kept(omid, tmp_path):
    disk = tmp_path / "disk"
    backups.by_themselves(omid)
    assert list(disk.iterdir()) == []
    backups.choose_folder(omid, str(disk))
    (disk / "ours.txt").write_text("not ours to delete")
    by_hand = backups.into(omid, str(disk))
    for _ in range(10):
        backups.by_themselves(omid)
        backups.by_themselves(omid)
        omid.clock.at += 86400 + 60
    assert len(list(disk.glob("*.age"))) == 8 and by_hand.exists() and (disk / "ours.txt").exists()
    case = cases.open_case(omid, limits_explained=True)
    omid.clock.at += 86400
    backups.by_themselves(omid)
    erase.ask(omid, f"care/{case.id}")
    backups.by_themselves(omid)  # at once, and what holds the erased goes
    assert len(list(disk.glob("*.age"))) == 2 and codes(omid) == ["backup_holds_erased"]
    backups.destroyed(omid, next(m.digest for m in backups.listing(omid) if m.path == str(by_hand)))
    assert codes(omid) == []
    disk.rename(tmp_path / "away")
    omid.clock.at += 86400 + 60
    backups.by_themselves(omid)
    assert codes(omid) == ["backup_folder_away"]
    for folder in ("relative", ""):
        with pytest.raises(PanahError):
            backups.into(omid, folder)


def test_the_doctor_names_each_thing_that_is_wrong_and_how_to_mend_it(omid, tmp_path):
    def ill() -> str:
        return " ".join(f"{one.what} {one.mend}" for one in doctor.look(omid) if not one.well)

    backups.into(omid, str(tmp_path / "disk"))
    assert ill() == ""
    omid.set_setting("relays", ["http://127.0.0.1:9"])
    assert "never met" in ill() and "carry a stick" in ill()
    omid.set_setting("relays", [])
    with omid.vault.change():
        omid.vault.hold(b"\1" * 32, "stick", "seal_broken", omid.now(), b"x")
    assert "kept aside" in ill()
    omid.clock.at += 200 * 86400
    assert "older than a week" in ill() and "Half a year" in ill()
    from panah.kernel import log, roster, share

    with omid.vault.change():
        fields = {"member": omid.me.id, "tag": omid.founder.tag, "sign": b"\5" * 32, "open": omid.identity.recipient}
        log.append(omid, omid.names["team"], [share.control(omid, roster.DEVICE, keys.random(16), **fields)])
        omid.load_roster()
    assert "poses as your team" in ill() and any("other keys" in line for line in lines(omid))


# -- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


def test_backups_on_the_screen(omid, tmp_path, browser):
    omid.now = __import__("time").time
    case = cases.open_case(omid, limits_explained=True)
    omid.lock()
    node = Node({"omid": tmp_path / "omid"}).start()
    try:
        page = browser.new_context(viewport={"width": 1280, "height": 1400}).new_page()
        page.goto(node.address + "/unlock")
        page.fill("#passphrase", team.PASSPHRASE)
        press(page, "button.wide")
        page.goto(node.address + "/team/backups")
        assert "No backup was made" in page.inner_text("main") and axe(page) == []
        with page.expect_download() as got:
            page.click("text=Write a backup")
        data = Path(got.value.path()).read_bytes()
        assert data.startswith(b"age-encryption.org/v1\n-> mlkem768x25519")
        page.goto(node.address + "/team/backups")
        assert "kept by the browser" in page.inner_text("main")
        page.fill("#to", str(tmp_path / "disk"))
        press(page, "text=Write it there")
        (written,) = (tmp_path / "disk").glob("*.age")
        assert str(written) in page.inner_text("main")
        page.fill("#where", str(written))
        press(page, "text=Look at the file")
        assert "byte for byte" in page.inner_text("main") and axe(page) == []
        (tmp_path / "backup.age").write_bytes(data)
        page.set_input_files("#file", str(tmp_path / "backup.age"))
        press(page, "text=Look at the file")
        assert "byte for byte" in page.inner_text("main")
        (tmp_path / "backup.age").write_bytes(b"something else")
        page.set_input_files("#file", str(tmp_path / "backup.age"))
        press(page, "text=Look at the file")
        assert "backup_not_sealed" in page.inner_text("main")
        (s,) = node.doors.sessions()
        erase.ask(s, f"care/{case.id}")
        page.goto(node.address + "/team/backups")
        assert str(written) in page.inner_text(".soon-note") and "holds what was erased" in page.inner_text("tbody")
        page.goto(node.address + "/")
        assert "destroy the old file" in page.inner_text("main")
        for _ in range(2):
            page.goto(node.address + "/team/backups")
            page.locator("tbody details summary").first.click()
            press(page, "tbody details[open] button")
        assert "None yet" in page.inner_text("main") and not written.exists()
        page.fill("#to", str(tmp_path / "nowhere"))
        press(page, "text=Write it there")
        assert "file_cannot_be_written" in page.content() or "could not be written" in page.inner_text("main")
        page.fill("#daily", str(tmp_path / "disk"))
        press(page, "text=Keep the choice")
        assert len(list((tmp_path / "disk").glob("*.age"))) == 1
        page.set_viewport_size({"width": 360, "height": 800})
        for lang in ("en", "fa"):
            s.set_setting("language", lang)
            page.goto(node.address + "/team/backups")
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    finally:
        node.stop()
