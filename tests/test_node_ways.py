"""The ways between laptops as people use them on the screens: with and without scripts, at a desk and in a tent."""

from __future__ import annotations

import base64
import http.client
import socket
import threading
import time

import pytest
import segno

from panah import nearby as ground
from panah import qr, wire
from panah.errors import Refused
from panah.kernel import age, enrol, keys, sync
from panah.node.app import Node
from panah.node.carrying import Carrying, Ground, Job
from panah.records import TYPES
from panah.records.help_request import HelpRequest
from panah.records.intake_key import IntakeKey
from panah.records.message import Message
from panah.records.person import Person
from panah.work import cases
from panah.work import team as teams
from tests import team
from tests.browser import axe, chromium, press

LOCAL = Ground(ground.Place, lambda: ["127.0.0.1"])


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def room(tmp_path):
    """Omid's laptop and Sara's, each its own node. Omid has a case that Sara does not know yet."""
    omid = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"))
    sara = enrol.new_vault(tmp_path / "sara", team.PASSPHRASE, TYPES, team.QUICK)
    enrol.enter(sara, enrol.invite(omid, enrol.card(sara), "Sara", ("supervisor", "intake")))
    case = cases.open_case(omid, chosen_name="Wren Hollow", limits_explained=True, safe_contact_rule="Only at noon.")
    for s in (omid, sara):
        s.lock()
    nodes = [Node({who: tmp_path / who}, ground=LOCAL).start() for who in ("omid", "sara")]
    yield *nodes, case.id, tmp_path
    for node in nodes:
        node.stop()


def sign_in(browser, node, scripts=True, lang="en", width=1280):
    page = browser.new_context(java_script_enabled=scripts, locale=lang, viewport={"width": width, "height": 900}).new_page()
    page.goto(node.address + "/unlock")
    page.fill("#passphrase", team.PASSPHRASE)
    press(page, "button.wide")
    return page


def until(true, seconds=20):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def session(node):
    return node.doors.sessions()[0]


def done(page, node, selector):
    """Press what begins a piece of carrying, and come to the page that says what became of it, however long it took."""
    press(page, selector)
    (vault,) = node.doors.vaults
    until(lambda: (job := node.doors.carrying.job(vault)) is None or not job.running)
    if page.url.endswith("/sync/job"):
        page.goto(node.address + "/sync")
    return page.inner_text("main")


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_two_laptops_meet_in_a_tent_by_address_and_digits(browser, room, scripts):
    here, there, case, _ = room
    omid, sara = sign_in(browser, here, scripts), sign_in(browser, there, scripts)
    omid.goto(here.address + "/sync")
    press(omid, "text=Meet another laptop")
    press(omid, "text=Let laptops nearby meet here")
    shown, digits = omid.locator("main .digits.huge").all_inner_texts()
    assert shown.startswith("127.0.0.1:") and len(digits.split()) == 6
    assert omid.locator("figure.qr svg").count() == 1
    if scripts:
        assert axe(omid) == []
    sara.goto(there.address + "/sync/nearby")
    sara.fill("#code", shown)
    press(sara, "text=Go there")
    assert digits in sara.inner_text("main")
    press(sara, "text=They are the same: meet")
    assert "You are meeting a laptop nearby" in sara.inner_text("main")
    until(lambda: session(there).find(TYPES["case"], case) is not None)

    def caught_up():
        sara.goto(there.address + "/sync/nearby")
        return "0 changes received" not in sara.inner_text("main") and "0 kB" not in sara.inner_text("main")

    until(caught_up)
    press(sara, "text=Stop meeting")
    assert "The meeting has ended" in sara.inner_text("main")
    press(omid, "text=Stop meeting")
    assert "The meeting has ended" in omid.inner_text("main")
    assert not here.doors.carrying.meeting("omid").running
    # Met once: the second time nobody compares anything.
    press(omid, "text=Let laptops nearby meet here")
    sara.fill("#code", omid.locator("main .digits.huge").first.inner_text())
    press(sara, "text=Go there")
    assert "You are meeting a laptop nearby" in sara.inner_text("main")


def test_the_text_of_the_code_is_enough_and_a_wrong_laptop_is_a_hard_stop(browser, room):
    here, there, case, _ = room
    omid, sara = sign_in(browser, here), sign_in(browser, there)
    omid.goto(here.address + "/sync/nearby")
    press(omid, "text=Let laptops nearby meet here")
    omid.click("text=The text of this code")
    text = omid.inner_text(".qr-text")
    sara.goto(there.address + "/sync/nearby")
    sara.fill("#code", f"Scanned: {text[:30]}\n{text[30:].lower()} .")
    press(sara, "text=Go there")
    until(lambda: session(there).find(TYPES["case"], case) is not None)
    press(sara, "text=Stop meeting")
    # Another machine at that address.
    meeting = here.doors.carrying.meeting("omid")
    data = qr.join([text])
    false = qr.split(bytes([data[0] ^ 1]) + data[1:], kind="meet")
    sara.fill("#code", false[0])
    press(sara, "text=Go there")
    until(lambda: not there.doors.carrying.meeting("sara").running)
    sara.goto(there.address + "/sync/nearby")
    assert "certificate_differs" in sara.inner_text("main") and "The meeting has ended" in sara.inner_text("main")
    assert meeting.running
    # A card is no address, and says so.
    sara.fill("#code", qr.split(b"a card", kind="card")[0])
    press(sara, "text=Go there")
    assert "qr_other_kind" in sara.inner_text("main")


def test_L5_a_page_that_looks_again_by_itself_keeps_no_window_open(browser, room):
    here, _there, case, _ = room
    omid = sign_in(browser, here)
    omid.goto(here.address + "/sync/nearby")
    press(omid, "text=Let laptops nearby meet here")
    assert "its windows lock and the meeting goes on" in omid.inner_text("main")
    keys = session(here)
    here.doors.idle = 1.5
    omid.wait_for_url("**/unlock", timeout=30_000)  # it looked again by itself, and found the window locked
    meeting = here.doors.carrying.meeting("omid")
    assert meeting.running and not here.doors._open
    # What a person began goes on, and whoever comes back finds it.
    times = meeting.times
    until(lambda: meeting.times > times)
    assert keys.find(TYPES["case"], case) is not None
    here.doors.idle = 60
    assert here.doors.door(here.doors.unlock("omid", team.PASSPHRASE)).session is keys
    here.doors.idle = 0.1
    until(lambda: (here.doors.sweep(), not here.doors._open)[1])
    # With the end of the meeting the vault locks.
    meeting.stop(3)
    here.doors.sweep()
    assert keys.ring == {} and here.doors.sessions() == [] and here.doors.carrying.meeting("omid") is None


def test_T3_the_meeting_ends_with_the_lock(browser, room):
    here, _, _, tmp_path = room
    omid = sign_in(browser, here)
    omid.goto(here.address + "/sync/nearby")
    press(omid, "text=Let laptops nearby meet here")
    port = int(omid.locator("main .digits.huge").first.inner_text().split(":")[1])
    assert answers(port) and (tmp_path / "omid" / "nearby").exists()
    press(omid, "button.lock")
    until(lambda: not answers(port) and not (tmp_path / "omid" / "nearby").exists())


def test_T3_the_meeting_ends_with_its_time(browser, room):
    here, _, _, _ = room
    omid = sign_in(browser, here)
    omid.goto(here.address + "/sync/nearby")
    press(omid, "text=Let laptops nearby meet here")
    port = int(omid.locator("main .digits.huge").first.inner_text().split(":")[1])
    meeting = here.doors.carrying.meeting("omid")
    assert 29 <= meeting.minutes_left <= 30
    meeting.until = time.monotonic()
    until(lambda: not answers(port))
    omid.goto(here.address + "/sync/nearby")
    assert "The meeting has ended" in omid.inner_text("main")


def test_an_address_outside_is_refused_in_words(browser, room):
    here, _, _, _ = room
    omid = sign_in(browser, here)
    for field, text, button, code in (
        ("#code", "8.8.8.8", "Go there", "meeting_address_not_private"),
        ("#code", "example.org", "Go there", "meeting_address_malformed"),
        ("#code", "127.0.0.1:1", "Go there", "meeting_unreachable"),
        ("#code", "", "Go there", "meeting_nothing_given"),
        ("#typed", "0.0.0.0", "Let laptops", "meeting_address_not_private"),
    ):
        omid.goto(here.address + "/sync/nearby")
        omid.eval_on_selector_all("details", "all => all.forEach(d => d.open = true)")
        omid.fill(field, text)
        press(omid, f"text={button}")
        assert code in omid.inner_text("main"), text


@pytest.mark.parametrize("scripts", [True, False])
def test_a_folder_is_met_in_from_the_screen(browser, room, scripts):
    here, there, case, tmp_path = room
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "holiday.jpg").touch()
    omid, sara = sign_in(browser, here, scripts), sign_in(browser, there, scripts)
    for page, node in ((omid, here), (sara, there)):
        page.goto(node.address + "/sync")
        page.fill("#folder", str(tmp_path / "stick"))
        assert "Done" in done(page, node, "text=Meet in this folder")
    assert session(there).find(TYPES["case"], case) is not None
    sara.goto(there.address + "/sync")
    assert sara.input_value("#folder") == str(tmp_path / "stick")
    for typed, code in (("stick", "folder_not_absolute"), (str(tmp_path / "gone"), "folder_unreachable")):
        sara.fill("#folder", typed)
        if code == "folder_not_absolute":
            press(sara, "text=Meet in this folder")
            assert code in sara.inner_text("main")
            sara.goto(there.address + "/sync")
        else:
            assert code in done(sara, there, "text=Meet in this folder")


@pytest.mark.parametrize("scripts", [True, False])
def test_what_takes_long_shows_how_far_it_is_and_can_be_stopped(browser, room, scripts, monkeypatch):
    stick_is_quick = threading.Event()
    progress = Job.progress

    def slowly(job, done, of):
        progress(job, done, of)
        if of and done > of // 2:
            stick_is_quick.wait(20)

    monkeypatch.setattr(Job, "progress", slowly)
    here, there, case, tmp_path = room
    omid, sara = sign_in(browser, here, scripts), sign_in(browser, there, scripts)
    s = session(here)
    people = [s.save(Person(case=case, photo=s.attach(keys.random(4_000_000), "image/jpeg", "x"))) for _ in range(12)]
    sync.to_file(s, tmp_path / "stick")
    sara.goto(there.address + "/sync")
    sara.set_input_files("#file", str(tmp_path / "stick"))
    press(sara, "form[action='/sync/in'] button")
    # What is not done within the time that a page waits for has a page that says how far it is.
    assert sara.url.endswith("/sync/job") and "Carrying goes on" in sara.inner_text("h1")
    until(lambda: (sara.goto(there.address + "/sync/job"), " of 5" in sara.inner_text("main"))[1])
    assert sara.locator("progress").count() == 1
    if scripts:
        assert axe(sara) == []
    sara.goto(there.address + "/sync")
    assert "see how far it is" in sara.inner_text("main")
    sara.goto(there.address + "/sync/job")
    there.doors.carrying.job("sara").stop()
    stick_is_quick.set()
    until(lambda: not there.doors.carrying.job("sara").running)
    sara.goto(there.address + "/sync")
    assert "carrying_stopped" in sara.inner_text("main") and sync.lacking(session(there))[1] > 0
    sara.set_input_files("#file", str(tmp_path / "stick"))
    done(sara, there, "form[action='/sync/in'] button")
    assert sync.lacking(session(there)) == (0, 0)
    assert session(there).read(session(there).get(Person, people[0].id).photo) == s.read(people[0].photo)
    assert not list((tmp_path / "sara" / "taken").iterdir())
    # Out again: a download that comes in a stream, at once or when it is ready.
    omid.goto(here.address + "/sync")
    with omid.expect_download() as got:
        omid.click("form[action='/sync/out'] button")
        until(lambda: (job := here.doors.carrying.job("omid")) and not job.running)
        omid.wait_for_timeout(1500)
        if omid.url.endswith("/sync/job"):
            omid.goto(here.address + "/sync/job")
            omid.click("text=Keep the file that was written")
    got.value.save_as(tmp_path / "again")
    assert (tmp_path / "again").stat().st_size > 48_000_000
    press(omid, "button.lock")
    until(lambda: not (tmp_path / "omid" / "carried").exists())


def test_a_large_file_never_stands_in_memory_nor_plain_on_the_disk(browser, room):
    """What is no bundle is not written anywhere, however it is named; what is one goes to the vault's own folder and from there."""
    here, _, _, tmp_path = room
    omid = sign_in(browser, here)
    (tmp_path / "secret.txt").write_bytes(b"PLAINSENTINEL" * 100_000)
    omid.goto(here.address + "/sync")
    omid.set_input_files("#file", str(tmp_path / "secret.txt"))
    press(omid, "form[action='/sync/in'] button")
    assert "bundle_malformed" in omid.inner_text("main")
    assert not list((tmp_path / "omid" / "taken").iterdir())


def test_one_piece_of_carrying_at_a_time_and_the_others_are_told(room):
    here, _, _, tmp_path = room
    here.doors.unlock("omid", team.PASSPHRASE)
    s, carrying, gate = session(here), here.doors.carrying, threading.Event()
    carrying.start("omid", s, "relays", lambda job: gate.wait(20) and None)
    with pytest.raises(Refused, match="carrying_already"):
        carrying.start("omid", s, "relays", lambda job: None)
    gate.set()
    carrying.host("omid", s, tmp_path / "omid" / "nearby", "127.0.0.1", 15)
    with pytest.raises(Refused, match="meeting_already"):
        carrying.host("omid", s, tmp_path / "omid" / "nearby", "127.0.0.1", 15)
    with pytest.raises(Refused, match="meeting_already"):
        carrying.join("omid", s, "https://127.0.0.1:1", bytes(32), 15)
    with pytest.raises(Refused, match="meeting_not_offered"):
        Carrying().host("omid", s, tmp_path / "x", "127.0.0.1", 15)


def test_a_vault_that_is_locked_in_the_middle_of_carrying_ends_it_quietly(room):
    here, _, _, _ = room
    token = here.doors.unlock("omid", team.PASSPHRASE)
    s, gate = session(here), threading.Event()

    def stumbles(job):
        gate.wait(20)
        raise KeyError("what was there before the lock")

    job = here.doors.carrying.start("omid", s, "relays", stumbles)
    here.doors.lock(token)
    gate.set()
    assert job.wait(10) and job.code == "vault_locked"


def test_wrong_forms_of_carrying_get_a_sentence_with_their_code(browser, room):
    here, _, _, _ = room
    page = sign_in(browser, here, scripts=False)
    page.goto(here.address + "/sync/job/file")
    assert "no_file_written" in page.inner_text("main")
    page.goto(here.address + "/sync")
    page.fill("#folder", " ")
    press(page, "text=Meet in this folder")
    assert "folder_missing" in page.inner_text("main")
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
    port = int(here.address.rsplit(":", 1)[1])
    for kind, body in (
        ("text/plain", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nno form of ours"),
        ("multipart/form-data; boundary=b", b""),
    ):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        line.request("POST", "/sync/in", body, {"Content-Type": kind, "Cookie": cookie})
        answer = line.getresponse()
        shown = answer.read().decode()
        assert 400 <= answer.status < 500 and ("form_malformed" in shown or "form_expired" in shown)
        line.close()


def test_a_forged_form_leaves_no_file_behind(browser, room):
    here, _, _, tmp_path = room
    page = sign_in(browser, here, scripts=False)
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
    parts = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value + b"\r\n"
        for name, value in ((b"form_token", b"forged"), (b'file"; filename="x', sync.MAGIC + bytes(1000)))
    )
    line = http.client.HTTPConnection("127.0.0.1", int(here.address.rsplit(":", 1)[1]), timeout=10)
    line.request("POST", "/sync/in", parts + b"--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b", "Cookie": cookie})
    assert "form_expired" in line.getresponse().read().decode()
    # Nor one that breaks off in the middle.
    line = socket.create_connection(("127.0.0.1", int(here.address.rsplit(":", 1)[1])))
    token = next(iter(here.doors._open.values())).form_token.encode()
    head = f"POST /sync/in HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Length: 900000\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n"
    line.sendall(head.encode() + parts.replace(b"forged", token))
    until(lambda: list((tmp_path / "omid" / "taken").iterdir()))
    line.close()
    until(lambda: not list((tmp_path / "omid" / "taken").iterdir()))


def test_the_code_is_taken_from_a_picture_of_the_other_screen(browser, room):
    here, there, case, tmp_path = room
    omid, sara = sign_in(browser, here), sign_in(browser, there, width=360)
    omid.goto(here.address + "/sync/nearby")
    press(omid, "text=Let laptops nearby meet here")
    omid.screenshot(path=tmp_path / "photo.png")
    sara.goto(there.address + "/sync/nearby")
    sara.set_input_files("#picture", str(tmp_path / "photo.png"))
    press(sara, "text=Go there")
    assert "You are meeting a laptop nearby" in sara.inner_text("main")
    until(lambda: session(there).find(TYPES["case"], case) is not None)
    press(sara, "text=Stop meeting")
    sara.screenshot(path=tmp_path / "nothing.png")
    sara.set_input_files("#picture", str(tmp_path / "nothing.png"))
    press(sara, "text=Go there")
    assert "qr_nothing_found" in sara.inner_text("main")


def test_a_couriers_request_comes_as_codes_and_the_answer_goes_as_codes(browser, room):
    here, _, _, tmp_path = room
    page = sign_in(browser, here)
    s = session(here)
    sealed = sealed_request(s, "Can four of us come tonight?")
    parts = qr.split(sealed, kind="request")
    assert len(parts) > 3

    def give(text, pictures=()):
        page.goto(here.address + "/sync")
        page.eval_on_selector_all("details", "all => all.forEach(d => d.open = true)")
        page.fill("#code", text)
        if pictures:
            page.set_input_files("#picture", [str(p) for p in pictures])
        press(page, "form:has(#code) button")
        return page.inner_text("main")

    # Half of the codes come first, as text; the page says which are lacking, and keeps these.
    said = give("\n".join(parts[1:]))
    assert "qr_parts_missing" in said
    segno.make(parts[0], error="m", micro=False).save(str(tmp_path / "first.png"), scale=4)
    assert "Can four of us come tonight?" in give("", [tmp_path / "first.png"])
    # The same once more as the lines of an armored file: one request, not two.
    assert "Can four of us come tonight?" in give(age.armor(sealed))
    (_request,) = s.list(HelpRequest)
    page.fill("#answer", "Yes. The words are: plane tree.")
    press(page, "text=Send the answer")
    press(page, "text=Give it to a courier")
    texts = page.locator(".qr-text").all_text_contents()
    message = next(m for m in s.list(Message) if m.direction == "out")
    assert qr.join(texts, kind="answer") == base64.b64decode(message.sealed) and axe(page) == []
    with page.expect_download() as got:
        page.click("text=Keep it as a file")
    got.value.save_as(tmp_path / "answer")
    assert (tmp_path / "answer").read_bytes() == base64.b64decode(message.sealed)
    page.goto(f"{here.address}/inbox/{'0' * 32}/answer/{message.id}/codes")
    assert "answer_not_here" in page.inner_text("main")


def sealed_request(s, text):
    """What a person's browser makes of these words."""
    key = next(iter(s.list(IntakeKey, limit=1)))
    reply = age.recipient_of(age.new_identity())
    frame = wire.Request(
        lang="en",
        thread=keys.random(16).hex(),
        reply=reply,
        box=keys.random(32).hex(),
        text=text,
        answers={"safe_to_reply": "yes"},
    )
    return age.seal(wire.pad(wire.encode_request(frame)), [key.recipient, key.recovery])


def test_a_card_comes_and_a_welcome_goes_as_codes(browser, room):
    here, _, _, tmp_path = room
    page = sign_in(browser, here, scripts=False)
    page.goto(here.address + "/team/welcome/codes")
    assert "no_welcome_here" in page.inner_text("main")
    noor = enrol.new_vault(tmp_path / "noor", team.PASSPHRASE, TYPES, team.QUICK)
    parts = qr.split(enrol.card(noor), kind="card")
    page.goto(here.address + "/team")
    page.click("summary:has-text('It came as codes')")
    page.fill("#code", " ".join(parts))
    page.fill("#name", "Noor")
    page.check("[name=roles][value=caseworker]")
    press(page, "text=Show the digits")
    assert enrol.words(enrol.card(noor)) in page.inner_text("main")
    press(page, "text=show the welcome as codes")
    welcome = qr.join(page.locator(".qr-text").all_text_contents(), kind="welcome")
    enrol.enter(noor, welcome)
    assert noor.me.name == "Noor"
    with page.expect_download() as got:
        page.click("text=Keep it as a file")
    got.value.save_as(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == welcome
    # What is on its way through a form is nobody's unsaved work.
    page.goto(here.address + "/")
    assert "Begun and not saved" not in page.inner_text("main")
    noor.lock()
