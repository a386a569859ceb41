"""The whole journey with sentinels in six scripts, and then a search of every place where a word could have been left.

For each kind of place the search is shown to work: what is planted there is found. A search that cannot find is no proof.
"""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path
from types import SimpleNamespace

import pytest

from panah import receipt
from panah.kernel import backup, enrol, sync
from panah.node.app import Node
from panah.records import TYPES
from panah.records.document import Document
from panah.work import cases, page
from panah.work import team as teams
from tests import samples, seek, story, team
from tests.browser import FLAGS, ROOT, chromium, press
from tests.test_node import _http

TOLD = story.Told(
    message="SENTINELSTORY " + " / ".join(seek.SIX),
    second="SENTINELSECOND " + seek.SIX[0],
    answer="SENTINELANSWER " + seek.SIX[3],
    mother="SENTINELNAME " + seek.SIX[1],
    place="SENTINELPLACE " + seek.SIX[4],
)
PLANTED = seek.SIX[4]


class Profiles:
    """A browser each of whose windows keeps a folder of its own, as on a real machine."""

    def __init__(self, browser, folder: Path) -> None:
        self._type, self._folder, self._n = browser.browser_type, folder, 0

    def new_context(self, **how):
        self._n += 1
        context = self._type.launch_persistent_context(
            str(self._folder / str(self._n)), executable_path="/usr/bin/chromium", args=FLAGS, **how
        )
        return SimpleNamespace(new_page=lambda: context.pages[0], close=context.close)


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """The journey, told through taps; afterwards everything that it left."""
    at = tmp_path_factory.mktemp("leaks")
    for name in ("temp", "profiles", "logs", "backup"):
        (at / name).mkdir()
    how = {"TMPDIR": str(at / "temp")}
    relay, address = story.process("relay", str(at / "relay"), "--port", "0", log=at / "logs" / "relay", **how)
    taps = [seek.Tap(address)]
    address = taps[0].address

    def door(desk: str) -> str:
        taps.append(seek.Tap(desk))
        return taps[1].address

    omid = enrol.new_vault(at / "office" / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"), relays=[address])
    laleh = enrol.new_vault(at / "tent" / "laleh", team.PASSPHRASE, TYPES, team.QUICK)
    enrol.enter(laleh, enrol.invite(omid, enrol.card(laleh), "Laleh", ("caseworker", "intake")))
    page.write(page.build(omid), at / "relay" / "public")
    for s in (omid, laleh):
        sync.with_relay(s, address)
    omid.lock()
    with chromium() as browser:
        profiles = Profiles(browser, at / "profiles")
        words = story.whisper_and_answer(profiles, at, at / "office", address, TOLD, door, log=at / "logs" / "node", **how)
        _leave_quickly(profiles, address)
    omid = story.open_vault(at / "office" / "omid")
    case = story.at_the_tent(omid, laleh, address, TOLD)
    for s in (laleh, omid):
        sync.with_relay(s, address)
    assert omid.get(TYPES["case"], case).basis_note == TOLD.place
    secret = receipt.read(" ".join(words))
    for s in (omid, laleh):
        backup.write(s, at / "backup" / s.me.name, teams.recovery_recipient(s))
        s.lock()
    phrases = [" ".join(receipt.words_of(secret, lang)) for lang in ("en", "fa", "ar", "ckb", "kmr")]
    yield SimpleNamespace(
        at=at, relay=relay, network=taps[0], screen=taps[1], case=case,
        probes=[*seek.SIX, "SENTINEL", *phrases, receipt.digits_of(secret), secret.hex()],
    )  # fmt: skip
    story.end(relay)


def _leave_quickly(profiles: Profiles, address: str) -> None:
    """Somebody writes, and has to be gone at once."""
    context = profiles.new_context()
    p = context.new_page()
    p.goto(address + "/")
    story._write(p, "ckb", TOLD.message, photo=False)
    p.keyboard.press("Escape")
    p.wait_for_url("**/weather-ckb.html")
    context.close()


@pytest.mark.parametrize("how", seek.spelled(PLANTED))
def test_the_search_finds_every_spelling_wherever_it_begins(how):
    assert seek.found(b"\0\1before" + seek.spelled(PLANTED)[how] + b"after", [PLANTED]) != []
    for before in range(7):
        assert seek.found(base64.b64encode(b"x" * before + PLANTED.encode() + b"y" * before), [PLANTED])


def test_R5_nothing_readable_on_the_relays_disk_in_its_logs_or_in_its_memory(left):
    disk = left.at / "relay"
    assert any(p.name.endswith("-wal") for p in disk.iterdir()), "the write-ahead log is among what is searched"
    # The help page itself is public and holds the words of its own screens, none of a person's.
    assert seek.found(seek.below(disk), left.probes) == []
    assert seek.found(seek.below(left.at / "logs"), left.probes) == []
    image = seek.memory(left.relay.pid)
    assert sum(map(len, image)) > 5_000_000
    assert seek.found(image, left.probes) == []
    # A word that a process was told stands in its image.
    told = subprocess.Popen(
        [sys.executable, "-c", "import sys; x = sys.stdin.readline(); print(1, flush=True); sys.stdin.readline()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    told.stdin.write(PLANTED + "\n")
    told.stdin.flush()
    told.stdout.readline()
    assert seek.found(seek.memory(told.pid), [PLANTED]) != []
    told.communicate("\n")


def test_N1_nothing_readable_goes_through_the_network(left):
    assert len(left.network.sent) > 20_000 and len(left.network.came) > 20_000
    assert seek.found([bytes(left.network.sent), bytes(left.network.came)], left.probes) == []
    # The line between a screen and its own machine does show them: a tap hears what is said.
    assert seek.found(bytes(left.screen.came), ["SENTINELSTORY"]) != []


def test_L4_no_title_no_address_and_no_error_page_names_anybody(left):
    came, sent = bytes(left.screen.came), bytes(left.screen.sent)
    titles = re.findall(rb"<title>.*?</title>", came, re.DOTALL)
    addresses = re.findall(rb"^(?:GET|POST) (\S+) HTTP", sent, re.MULTILINE) + re.findall(rb"^(?:location|referer): (.*)$", came + sent, re.MULTILINE | re.IGNORECASE)  # fmt: skip
    assert len(titles) > 5 and len(addresses) > 10
    assert seek.found(titles + addresses, left.probes) == []
    assert seek.found([b"<title>" + urllib.parse.quote(PLANTED).encode()], left.probes) != []


def test_L4_an_error_page_gives_back_nothing_of_what_was_asked(tmp_path):
    s = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(s, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"))
    s.lock()
    node = Node({"omid": tmp_path / "omid"}).start()
    try:
        opened = _http(node, "POST", "/unlock", urllib.parse.urlencode({"vault": "omid", "passphrase": team.PASSPHRASE}))
        cookie = {"Cookie": opened.headers["set-cookie"].split(";")[0]}
        word = urllib.parse.quote(PLANTED)
        asked = [("GET", f"/{path}/{word}", "") for path in ("case", "r", "r/case", "inbox", "help", "help/code", "who", word)]
        asked += [("GET", f"/picture/{word}/{word}/{word}/{word}", ""), ("GET", f"/?{word}={word}", "")]
        asked += [("POST", path, urllib.parse.urlencode({"text": PLANTED, "title": PLANTED, "form_token": PLANTED, PLANTED: PLANTED})) for path in ("/draft", "/search", "/r/case/save", "/team/invite")]  # fmt: skip
        asked += [("POST", "/unlock", urllib.parse.urlencode({"vault": PLANTED, "passphrase": PLANTED}))]
        for how, path, body in asked:
            answer = _http(node, how, path, body, {} if path == "/unlock" else cookie)
            assert seek.found([answer.data, str(answer.headers).encode()], [PLANTED]) == [], path
    finally:
        node.stop()


def test_L4_nothing_readable_in_temporary_files(left):
    assert seek.found(seek.below(left.at / "temp"), left.probes) == []
    (left.at / "planted").mkdir()
    (left.at / "planted" / "x").write_text(PLANTED, "utf-16-le")
    assert seek.found(seek.below(left.at / "planted"), left.probes) != []


def test_L4_a_large_file_is_never_laid_into_the_folder_for_temporary_files(tmp_path, monkeypatch):
    s = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    assert s.vault.db.pragma("temp_store") == 2  # what sorts and joins stays in memory as well
    teams.found(s, "Refuge point Ash", "Omid", ("supervisor", "intake", "caseworker", "keyholder"))
    case = cases.open_case(s, limits_explained=True)
    s.lock()
    (tmp_path / "large.png").write_bytes(samples.png()[:-12] + (3_000_000).to_bytes(4, "big") + b"tEXt" + PLANTED.encode() + bytes(3_000_000 - len(PLANTED.encode()) + 4) + samples.png()[-12:])  # fmt: skip
    node = Node({"omid": tmp_path / "omid"}).start()
    try:
        with chromium() as browser:
            p = browser.new_page()
            story.sign_in(p, node.address)
            p.goto(f"{node.address}/case/{case.id}/new/document")
            p.set_input_files("[name='file.file']", str(tmp_path / "large.png"))
            monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
            with pytest.raises(FileNotFoundError), tempfile.TemporaryFile():
                pass
            press(p, ".save-line button")
        (opened,) = node.doors.sessions()
        assert opened.count(Document) == 1
    finally:
        node.stop()


def test_W1_L4_nothing_readable_in_the_browsers_folders(left):
    there = seek.below(left.at / "profiles")
    assert sum(map(len, there)) > 100_000
    assert seek.found(there, left.probes) == []
    assert seek.found(there, ["weather-ckb.html"]) != [], (
        "the folder says where the browser was: otherwise this looks in the wrong place"
    )


def test_L4_what_is_typed_into_a_form_stays_out_of_the_browsers_session_files(tmp_path):
    """What browsers keep of a page to restore it: the boxes of its forms, and what was posted to it. A control shows that they do."""
    s = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(s, "Refuge point Ash", "Omid", ("supervisor", "intake", "caseworker", "keyholder"))
    case = cases.open_case(s, limits_explained=True)
    s.lock()
    node = Node({"omid": tmp_path / "omid"}).start()
    (tmp_path / "plain.html").write_text("<form><textarea id=t></textarea></form>")
    try:
        with chromium() as browser:
            kept = Profiles(browser, tmp_path / "profiles")
            context = kept.new_context()
            p = context.new_page()
            p.goto(node.address + "/unlock")
            p.fill("#passphrase", PLANTED + " not the passphrase")
            press(p, "button.wide")
            story.sign_in(p, node.address)
            p.goto(f"{node.address}/case/{case.id}/new/document")
            p.fill("[name=remark]", PLANTED)
            p.fill("[name=valid_until]", "never")
            press(p, ".save-line button")
            laid = p.url
            assert "/answer/" in laid and PLANTED in p.input_value("[name=remark]")
            # It is there again after a reload, and for nobody but this browser.
            p.reload()
            assert PLANTED in p.input_value("[name=remark]")
            assert _http(node, "GET", laid.removeprefix(node.address)).status == 404
            p.fill("#q", PLANTED)
            with p.expect_navigation():
                p.keyboard.press("Enter")
            p.goto((tmp_path / "plain.html").as_uri())
            p.fill("#t", "SENTINELCONTROL")
            p.goto(node.address + "/")
            p.keyboard.press("Control+Shift+L")
            p.wait_for_url("**/unlock")
            p.goto(laid)
            assert PLANTED not in p.content() and "answer_gone" in p.content()
            p.wait_for_timeout(2500)  # browsers write these files a moment later
            context.close()
    finally:
        node.stop()
    there = seek.below(tmp_path / "profiles")
    assert seek.found(there, ["SENTINELCONTROL"]) != []
    assert seek.found(there, [PLANTED]) == []


def test_no_screen_sends_a_notification(left):
    ours = [p.read_text() for folder in ("node/static", "page/js") for p in (ROOT / "panah" / folder).rglob("*.js")]
    ours.append((left.at / "relay" / "public" / "help.html").read_text())
    assert len(ours) > 10
    for text in ours:
        assert not re.search(r"\bNotification\b|showNotification|serviceWorker|\.share\(|setAppBadge|clipboard", text)


def test_L1_nothing_readable_in_a_locked_vault_or_its_backup(left):
    for folder in ("office", "tent", "backup"):
        there = seek.below(left.at / folder)
        assert sum(map(len, there)) > 20_000
        assert seek.found(there, [*left.probes, "documents_confiscated", "Refuge point Ash"]) == [], folder


def test_L4_a_process_that_dies_leaves_no_core_dump(tmp_path):
    enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK).lock()
    for args in (["run", str(tmp_path / "omid"), "--port", "0"], ["relay", str(tmp_path / "relay"), "--port", "0"]):
        process, _ = story.process(*args)
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        assert re.search(r"Max core file size\s+0\s+0", limits)
        process.send_signal(signal.SIGABRT)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = 1
        assert os.WIFSIGNALED(status) and not os.WCOREDUMP(status)
    # What a dump that goes to a program heeds, and what keeps other programs of the same user from reading the memory.
    said = "import ctypes, sys; from panah import nodump; {}print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    for forbids, dumpable in (("nodump.forbid(); ", "0"), ("", "1")):
        done = subprocess.run([sys.executable, "-c", said.format(forbids)], capture_output=True, text=True, cwd=ROOT, timeout=60)
        assert done.stdout.strip() == dumpable
