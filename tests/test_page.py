"""The help page in a real browser, against a real relay: what leaves the phone, what comes back, and what stays nowhere."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import brotli
import pytest

from panah import qr, receipt, wire
from panah.errors import Refused, Unreadable
from panah.kernel import age, keys
from panah.kernel.relay import Relay
from panah.node import background
from panah.node.pictures import qr_codes
from panah.page import build as pages
from panah.records import TYPES
from panah.records.help_request import HelpRequest
from panah.records.intake_key import IntakeKey
from panah.records.message import Message
from panah.relay.app import Server
from panah.work import intake, page, rules, today, watch
from panah.work import team as teams
from tests import team
from tests.browser import FLAGS, ROOT, axe, chromium

LANGUAGES = list(pages.texts())
WORDS = "ئێمە چوار کەسین، دوو منداڵ. دەتوانین ئەمشەو بێین؟"


def jpeg_with_gps() -> bytes:
    """A small real JPEG (made by the browser's own tests' rules: 8x8 grey) with a place, a device and a comment added."""
    picture = base64.b64decode(
        "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z"
    )
    exif = b"Exif\0\0II*\0\x08\0\0\0SENTINELGPS36.1911N43.9930E-SENTINELDEVICE"
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    comment = b"\xff\xfe" + struct.pack(">H", 17) + b"SENTINELCOMMENT"
    return picture[:2] + app1 + comment + picture[2:] + b"SENTINELTRAILER"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    relay = Server(folder / "relay").start()
    from panah.kernel import enrol

    omid = enrol.new_vault(folder / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"), relays=[relay.address])
    page.write(page.build(omid), relay.public)
    yield relay, omid, folder
    omid.lock()
    relay.stop()


@pytest.fixture(scope="module")
def browser():
    with chromium() as b:
        yield b


@pytest.fixture
def phone(world, browser):
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="en-US")
    p = context.new_page()
    p.problems, p.sent = [], []
    p.on("console", lambda m: p.problems.append(m.text) if m.type in ("error", "warning") else None)
    p.on("pageerror", lambda e: p.problems.append(str(e)))
    p.on("request", lambda r: p.sent.append((r.method, r.url, r.post_data_buffer or b"")))
    p.goto(world[0].address + "/")
    yield p
    context.close()


def _write(p, lang="ckb", words=WORDS, photo=True, tmp=None, **answers):
    """Go through the page as a person does, up to the button that sends; gives the receipt's words."""
    p.click(f"[data-lang={lang}]")
    p.click("#ask")
    p.click("#next")
    p.locator("#receipt-words").wait_for()
    said = p.locator("#receipt-words li").all_inner_texts()
    p.click("#next")
    for id in ("check1", "check2"):
        n = int(receipt_number(p.locator(f"label[for={id}]").inner_text()))
        p.fill(f"#{id}", said[n - 1])
    p.click("#next")
    p.fill("#text", words)
    p.click("#next")
    _answer(p, answers)
    if photo:
        (tmp / "photo.jpg").write_bytes(jpeg_with_gps())
        p.set_input_files("#photo", str(tmp / "photo.jpg"))
        p.locator("#photo-note:not(:empty)").wait_for()
    return said


def _answer(p, answers):
    if not answers:
        p.click("#skip-all")
    for screen in ("safe", "means", "danger", "people", "device", "who") if answers else ():
        p.locator(f"#{screen}").wait_for()
        if screen not in answers:
            p.click("#skip")
        elif screen in ("means", "people"):
            p.fill(f"#{screen}", answers[screen])
            p.click("#next")
        else:
            p.click(f"#{screen} [data-value={answers[screen]}]")
    p.locator("#send").wait_for()


def _forms(text: str) -> list[bytes]:
    """The ways in which a text could travel unsealed; what is too short to be told from chance is left out."""
    data, found = text.encode(), [text.encode(e) for e in ("utf-8", "utf-16-le", "utf-16-be")]
    found += [data.hex().encode(), data.hex().upper().encode(), quote(text).encode(), json.dumps(text)[1:-1].encode()]
    for before in range(3):  # where it begins decides how base64 spells it
        spelled = base64.b64encode(bytes(before) + data)[(0, 2, 3)[before] : -4]
        found += [spelled, spelled.replace(b"+", b"-").replace(b"/", b"_")]
    return [form for form in found if len(form) >= 6]


def receipt_number(text: str) -> str:
    return "".join(str(int(c)) for c in text if c.isdigit())


def test_one_file_one_request_within_the_budget(world, phone):
    html = (world[0].public / "help.html").read_bytes()
    assert [m for m, *_ in phone.sent] == ["GET"]
    assert len(brotli.compress(html, quality=11)) <= pages.MOST_PACKED
    assert phone.problems == []


def test_the_page_is_the_same_every_time_and_its_signature_stands(world):
    _, omid, _ = world
    one, two = page.build(omid), page.build(omid)
    assert one == two
    root = keys.verify_key_of(omid.setting("root"))
    assert "whole and signed" in page.verify(one, root)
    for broken in (one.replace(b"receipt", b"reseipt", 1), one[:-30], one.split(b"<!-- signed:")[0]):
        with pytest.raises(Unreadable):
            page.verify(broken, root)
    with pytest.raises(Unreadable):
        page.verify(one, bytes(32))


def test_R5_N1_a_request_is_sealed_before_it_leaves_and_only_the_team_reads_it(world, phone, tmp_path):
    relay, omid, folder = world
    said = _write(phone, tmp=tmp_path, safe="yes", device="borrowed", people="٤", means="لای دەرگای شین")
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    assert phone.problems == []
    posts = [body for method, _, body in phone.sent if method == "POST"]
    sizes = sorted(len(b) for b in posts)
    # The request, and the picture in parts of 16 KiB.
    assert len(posts) == 6 and all(u.startswith(relay.address) for _, u, _ in phone.sent)
    probes = [WORDS, "دەتوانین", *said, "SENTINELGPS", "SENTINELDEVICE"]
    secret = receipt.read(" ".join(said))
    latin = receipt.words_of(secret, "en")
    leaving = b"".join(posts) + b"".join(u.encode() for _, u, _ in phone.sent)
    at_relay = b"".join(f.read_bytes() for f in (folder / "relay").glob("relay.db*"))
    for probe in [*probes, *latin, receipt.digits_of(secret)]:
        for form in _forms(probe):
            assert form not in leaving and form not in at_relay, probe
    assert sizes[1] > 4096  # the smallest is what is left of the padded picture, the same for every picture of its class
    met = intake.meet(omid, relay.address)
    assert (met.requests, met.files, met.aside) == (1, 1, 0)
    (request,) = [r for r in omid.list(HelpRequest) if r.thread == receipt.thread_of(secret)]
    assert (
        request.message == WORDS and request.language_written == "ckb" and request.people == 4 and request.safe_to_reply == "yes"
    )
    assert request.safe_contact == [{"means": "لای دەرگای شین"}] and request.device_risk == ["borrowed"]
    picture = omid.read(intake.conversation(omid, request.id)[0].files[0]["file"])
    assert picture.startswith(b"\xff\xd8") and picture.endswith(b"\xff\xd9") and b"SENTINEL" not in picture
    original = jpeg_with_gps()
    assert picture[picture.index(b"\xff\xda") :] == original[original.index(b"\xff\xda") : original.index(b"SENTINELTRAILER")]


def test_the_answer_is_read_with_the_receipt_and_written_to_again(world, phone, tmp_path):
    relay, omid, _ = world
    said = _write(phone, "fa", "می‌توانم بیایم؟", photo=False)
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    intake.meet(omid, relay.address)
    secret = receipt.read(" ".join(said))
    request = next(r for r in omid.list(HelpRequest) if r.thread == receipt.thread_of(secret))
    intake.reply(omid, request.id, "بله. واژهٔ دیدار: انار")
    assert intake.meet(omid, relay.address).sent == 1
    phone.goto(relay.address + "/")
    phone.click("[data-lang=en]")
    phone.click("#read")
    phone.fill("#receipt-in", " ".join(receipt.words_of(secret, "kmr")).upper())
    phone.click("#next")
    phone.locator("#replies li.reply").wait_for(timeout=20000)
    assert "بله. واژهٔ دیدار: انار" in phone.inner_text("#replies")
    phone.click("#write")
    phone.fill("#text", "می‌آیم")
    phone.click("#next")
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    assert intake.meet(omid, relay.address).messages == 1
    assert [m.text for m in intake.conversation(omid, request.id) if m.direction == "in"][-1] == "می‌آیم"
    # Delete everything: two presses, then nothing is left at the relay.
    phone.goto(relay.address + "/")
    phone.click("#read")
    phone.fill("#receipt-in", receipt.digits_of(secret))
    phone.click("#next")
    phone.locator("#delete").wait_for(timeout=20000)
    phone.click("#delete")
    phone.click("#delete")
    phone.locator("#delete").wait_for(state="detached")
    cap = keys.verify_key_of(receipt.mailbox_seed(secret, relay.address))
    assert Relay(relay.address).fetch(cap, 0) == [] and phone.problems == []
    # And the team sees the wish, on the request and among what needs to be done.
    assert "asked to delete" in phone.inner_text("main")
    assert omid.get(HelpRequest, request.id).deletion_asked is None
    intake.meet(omid, relay.address)
    wished = omid.get(HelpRequest, request.id)
    assert wished.deletion_asked is not None and wished.deletion_answer is None
    line = next(i for i in today.today(omid) if i.what == "Someone asks to delete what they wrote" and i.link.endswith(wished.id))
    assert line.due is not None and line.act == "Read and decide"
    wished.deletion_answer = "erased"
    omid.save(wished)
    assert all(not i.link.endswith(wished.id) for i in today.today(omid))


def test_a_wish_to_delete_counts_only_in_its_own_conversation(world):
    _, omid, _ = world
    key = omid.list(IntakeKey)[0]
    request = omid.list(HelpRequest, limit=1)[0]
    stranger = age.recipient_of(age.new_identity())
    for wish, code in (
        (wire.Deletion(lang="en", thread=request.thread, reply=stranger), "thread_taken"),
        (wire.Deletion(lang="en", thread="ab" * 16, reply=stranger), "deletion_of_nothing"),
    ):
        with pytest.raises(Unreadable) as e:
            intake.receive(omid, age.seal(wire.pad(wire.encode_request(wish)), [key.recipient]))
        assert e.value.code == code
    own = wire.Deletion(lang="en", thread=request.thread, reply=request.reply_recipient)
    for _ in range(2):
        intake.receive(omid, age.seal(wire.pad(wire.encode_request(own)), [key.recipient]))
    assert omid.get(HelpRequest, request.id).deletion_asked is not None


def _reply(omid, request, text, **changes):
    """A reply's sealed bytes, changed as a forger would."""
    key = omid.list(IntakeKey)[0]
    certificate, seed = bytes.fromhex(key.certificate), bytes.fromhex(key.reply_seed)
    if changes.get("key") == "own":
        seed = keys.random(32)
    if changes.get("key") == "own_certificate":
        seed, root = keys.random(32), keys.random(32)
        public = keys.verify_key_of(seed)
        certificate = (
            public
            + certificate[32:36]
            + keys.sign(root, b"", wire.reply_key_to_sign(public, int.from_bytes(certificate[32:36], "big")))
        )
    if changes.get("key") == "expired":
        public, root = keys.verify_key_of(seed), omid.setting("root")
        certificate = public + (1).to_bytes(4, "big") + keys.sign(root, b"", wire.reply_key_to_sign(public, 1))
    data = wire.encode_reply(
        wire.Reply(thread=changes.get("thread", request.thread), n=changes.get("n", 1), lang="en", date="2026-11-23", text=text)
    )
    signature = keys.sign(seed, b"", wire.reply_to_sign(data))
    if changes.get("altered"):
        data = data.replace(text.encode(), b"X" * len(text.encode()))
    signed = wire.SignedReply(data, certificate[:32], int.from_bytes(certificate[32:36], "big"), certificate[36:100], signature)
    body = wire.encode_reply_body(signed)
    return age.seal(wire.pad(body[: changes.get("cut")], wire.REPLY_SIZES), [request.reply_recipient])


def test_R6_no_forged_foreign_expired_or_altered_answer_is_shown(world, phone):
    relay, omid, _ = world
    said = _write(phone, "en", "May I come?", photo=False)
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    intake.meet(omid, relay.address)
    secret = receipt.read(" ".join(said))
    request = next(r for r in omid.list(HelpRequest) if r.thread == receipt.thread_of(secret))
    forged = [
        _reply(omid, request, "FORGED", key="own"), _reply(omid, request, "FORGED", key="own_certificate"), _reply(omid, request, "FORGED", key="expired"),
        _reply(omid, request, "FORGED", thread="ab" * 16), _reply(omid, request, "FORGED", altered=True), _reply(omid, request, "FORGED", cut=-40), b"junk" * 100,
    ]  # fmt: skip
    mail = Relay(relay.address)
    for blob in [*forged, _reply(omid, request, "Yes, after dark.")]:
        mail.deposit(bytes.fromhex(request.reply_box), keys.random(32), blob)
    phone.goto(relay.address + "/")
    phone.click("#read")
    phone.fill("#receipt-in", " ".join(said))
    phone.click("#next")
    phone.locator("#replies li.reply").wait_for(timeout=20000)
    assert phone.locator("#replies li.reply").count() == 1 and "Yes, after dark." in phone.inner_text("#replies")
    assert phone.locator("#refused").is_visible() and phone.locator("#old").is_visible() and "FORGED" not in phone.content()


def test_W1_nothing_is_stored_and_nobody_else_is_asked(world, phone, tmp_path):
    relay, _, _ = world
    _write(phone, tmp=tmp_path)
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    kept = phone.evaluate(
        "async () => [localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length, (await navigator.serviceWorker.getRegistrations()).length]"
    )
    assert kept == [0, 0, "", 0, 0] and phone.context.cookies() == []
    assert {u.split("/")[2] for _, u, _ in phone.sent} == {relay.address.split("/")[2]}
    bundle = (ROOT / "panah" / "page" / "bundle.js").read_text()
    for word in ("Math.random", "localStorage", "indexedDB", "eval("):
        assert word not in bundle, word


def test_leaving_is_at_once_and_leaves_no_word(world, phone):
    phone.click("#ask")
    phone.keyboard.press("Escape")
    phone.wait_for_url("**/weather-*.html")
    assert "receipt" not in phone.content().lower() and phone.evaluate("history.length") <= 2


def test_a_failure_says_so_and_loses_nothing(world, phone, tmp_path):
    _write(phone, "en", "My words stay", photo=False)
    phone.route("**/deposit", lambda r: r.abort())
    phone.click("#send")
    phone.locator("#problem:not(:empty)").wait_for(timeout=20000)
    for _ in range(2):
        phone.click("#back")
    phone.wait_for_selector("#text")
    assert phone.input_value("#text") == "My words stay"
    phone.click("#next")
    phone.click("#skip-all")
    phone.unroute("**/deposit")
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)


def test_a_wrong_receipt_says_which_word(world, phone):
    phone.click("[data-lang=en]")
    phone.click("#read")
    for text, part in (
        ("one two", "ten words"),
        ("fumu mimu nafu xyz shiqu rumu tika nasha zaji liki", "4"),
        ("123", "34 digits"),
    ):
        phone.fill("#receipt-in", text)
        phone.click("#next")
        assert part in phone.inner_text("#problem")


def test_from_a_file_without_network_the_sealed_request_is_kept_for_a_courier(world, browser, tmp_path):
    relay, omid, _ = world
    (tmp_path / "page.html").write_bytes((relay.public / "help.html").read_bytes())
    context = browser.new_context(offline=True, accept_downloads=True)
    p = context.new_page()
    p.goto((tmp_path / "page.html").as_uri())
    _write(p, "ckb", WORDS, photo=False)
    with p.expect_download() as got:
        p.click("#save-file")
    sealed = Path(got.value.path()).read_bytes()
    assert sealed.startswith(b"age-encryption.org/v1\n") and WORDS.encode() not in sealed
    assert intake.take_file(omid, sealed).message == WORDS
    context.close()


@pytest.mark.parametrize(("lang", "width"), [*((lang, 240) for lang in LANGUAGES), ("en", 1280), ("ar", 1280)])
def test_every_screen_is_accessible_and_fits(world, phone, lang, width):
    phone.set_viewport_size({"width": width, "height": 640})
    phone.click(f"[data-lang={lang}]")

    def look(screen):
        assert axe(phone) == [], screen
        assert phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, screen
        assert phone.get_attribute("html", "dir") == ("rtl" if lang in ("fa", "ckb", "ar") else "ltr")

    look("welcome")
    phone.click("#ask")
    look("safety")
    phone.click("#next")
    phone.locator("#receipt-words").wait_for()
    look("receipt")
    said = phone.locator("#receipt-words li").all_inner_texts()
    phone.click("#next")
    look("check")
    for id in ("check1", "check2"):
        phone.fill(f"#{id}", said[int(receipt_number(phone.locator(f"label[for={id}]").inner_text())) - 1])
    phone.click("#next")
    look("write")
    phone.click("#next")
    assert phone.inner_text("#problem") != ""
    phone.fill("#text", "x")
    phone.click("#next")
    for screen in ("safe", "means", "danger", "people", "device", "who"):
        phone.locator(f"#{screen}").wait_for()
        look(screen)
        phone.click("#skip")
    phone.locator("#send").wait_for()
    look("ready")
    phone.reload()
    phone.click(f"[data-lang={lang}]")
    phone.click("#read")
    look("enter")


def test_the_receipt_vectors_pass_in_the_bundle(world, phone):
    v = _vectors("receipt.json")
    js = """async ([secret, relay]) => { const s = page.bytes.unhex(secret), who = await page.frame.person(s), m = page.frame.mailbox(s, relay);
        return { digits: page.receipt.digits(s), words: Object.fromEntries(["en", "fa", "ar", "ckb", "kmr"].map((l) => [l, page.receipt.words(s, l).join(" ")])),
            thread: who.name, reply_seed: page.bytes.hex(who.seed), reply_recipient: who.recipient, cap: page.bytes.hex(m.cap), box: page.bytes.hex(m.box) }; }"""
    for r in v["receipts"]:
        got = phone.evaluate(js, [r["secret"], r["relay"]])
        spelled = {k: (" ".join(w) if isinstance(w, list) else w) for k, w in r["words"].items()}
        assert got == {**{name: r[name] for name in got}, "digits": r["digits"].replace(" ", ""), "words": spelled}
    for r in v["reads"]:
        assert phone.evaluate("t => page.bytes.hex(page.receipt.read(t))", r["text"]) == r["secret"], r["text"]
    js = "t => { try { page.receipt.read(t); return ['', []]; } catch (e) { return [e.code, page.receipt.corrections(t)]; } }"
    for r in v["refuses"]:
        assert phone.evaluate(js, r["text"]) == [r["code"], r["corrections"]], r["name"]


def test_the_bundle_has_no_way_in_for_markup(world):
    html = (world[0].public / "help.html").read_bytes()
    policy = pages.csp(pages.split(html)[0])
    assert "unsafe" not in policy and "require-trusted-types-for 'script'" in policy and "default-src 'none'" in policy
    assert hashlib.sha256(pages.split(html)[0]).hexdigest() == page.digest(html)
    assert b"anah" not in pages.split(html)[0].split(b"</style>")[0]


def test_messages_of_one_thread_make_one_conversation(world):
    _, omid, _ = world
    for request in omid.list(HelpRequest):
        assert omid.count(Message, {"help_request": request.id}) >= 1


def test_the_public_age_vectors_pass_in_the_bundle(phone):
    from tests.test_age import node, read_vector

    out = node(
        """import * as v from "cctv-age";
        console.log(JSON.stringify(Object.entries(v).map(([k, b]) => [k, Buffer.from(b).toString("base64")])))"""
    )
    vectors = [read_vector(name, base64.b64decode(text)) for name, text in json.loads(out)]
    wrong, seen = [], 0
    for v in (v for v in vectors if not v.armored):
        got = phone.evaluate(
            """async ([ids, words, file]) => { try {
                const plain = await page.age.open(Uint8Array.from(atob(file), (c) => c.charCodeAt(0)), ids, words);
                return page.bytes.hex(page.bytes.sha256(plain));
            } catch (e) { return ""; } }""",
            [v.identities, v.passphrases, base64.b64encode(v.file).decode()],
        )
        seen += 1
        if got != (v.payload if v.expect == "success" else ""):
            wrong.append((v.name, v.expect, got))
    assert seen > 100 and wrong == []


def test_it_works_over_plain_http_where_the_browser_has_no_crypto_of_its_own(world, phone, tmp_path):
    relay, omid, _ = world
    port = relay.address.split(":")[-1]
    browser = phone.context.browser.browser_type.launch(
        executable_path="/usr/bin/chromium", args=[*FLAGS, "--host-resolver-rules=MAP relay.test 127.0.0.1"]
    )
    plain = browser.new_page()
    plain.goto(f"http://relay.test:{port}/")
    assert plain.evaluate("[isSecureContext, typeof crypto.subtle]") == [False, "undefined"]
    said = _write(plain, "ckb", WORDS, photo=True, tmp=tmp_path)
    plain.click("#send")
    plain.locator("#sent").wait_for(timeout=30000)
    browser.close()
    intake.meet(omid, relay.address)
    secret = receipt.read(" ".join(said))
    assert any(r.thread == receipt.thread_of(secret) for r in omid.list(HelpRequest))


def _vectors(name):
    return json.loads((ROOT / "spec" / "vectors" / name).read_text(encoding="utf-8"))


def test_the_vectors_of_sealed_files_pass_in_the_bundle(phone):
    v = _vectors("sealed.json")
    js = """async ([file, identity]) => { try {
        const plain = await page.age.open(Uint8Array.from(atob(file), (c) => c.charCodeAt(0)), [identity]);
        return [plain.length, page.bytes.hex(page.bytes.sha256(plain))];
    } catch (e) { return null; } }"""
    for one in v["opens"]:
        assert phone.evaluate(js, [one["sealed"], one["identity"]]) == [one["size"], one["sha256"]], one["name"]
    for one in v["refuses"]:
        assert phone.evaluate(js, [one["sealed"], one["identity"]]) is None, one["name"]


def test_the_vectors_of_replies_pass_in_the_bundle(phone):
    v = _vectors("reply.json")
    js = """([root, name, body, today]) => { try {
        return [page.frame.readReply({ root }, { name }, page.bytes.utf8(body), today)];
    } catch (e) { return e.code; } }"""
    for one in v["replies"]:
        assert phone.evaluate(js, [v["root"], v["thread"], one["body"], v["today"]]) == [json.loads(one["json"])], one["name"]
    for one in v["refuses"]:
        assert phone.evaluate(js, [v["root"], v["thread"], one["body"], v["today"]]) == one["code"], one["name"]
    config = json.loads(v["intake"]["config"])
    assert phone.evaluate("c => page.frame.trusted(c)", config)
    for path, value in (
        ("day", config["intake"]["day"] + 1),
        ("box", "00" * 32),
        ("recipients", config["intake"]["recipients"][:1]),
    ):
        forged = {**config, "intake": {**config["intake"], path: value}}
        assert not phone.evaluate("c => page.frame.trusted(c)", forged), path


def test_the_vectors_of_requests_pass_in_the_bundle(phone):
    v = _vectors("request.json")
    js = """(v) => page.bytes.text8(page.frame.request({ who: { name: v.thread, recipient: v.reply }, box: page.bytes.unhex(v.box),
        n: v.n, lang: v.lang, text: v.text, answers: v.kind === "request" ? v.answers || {} : null, files: v.files }))"""
    # The page writes requests and reads none: what it writes means what the vector means, and the team's reader takes it.
    for one in v["frames"]:
        value = one["value"] if one["value"]["kind"] == "message" else {"answers": {}, **one["value"]}
        made = phone.evaluate(js, one["value"])
        assert json.loads(made) == value, one["name"]
        assert wire.decode_request(made.encode()).text == value["text"], one["name"]
    pad = "([n, tail]) => page.bytes.hex(page.frame.pad(page.bytes.join(page.bytes.utf8('x'.repeat(n)), page.bytes.unhex(tail)), page.frame.FRAME_SIZES))"
    unpad = """([n, tail, zeros]) => { try { return page.frame.unpad(page.bytes.join(page.bytes.utf8("x".repeat(n)), page.bytes.unhex(tail),
        new Uint8Array(zeros)), page.frame.FRAME_SIZES).length; } catch (e) { return e.code; } }"""
    for one in v["padding"]:
        made = bytes.fromhex(phone.evaluate(pad, [one["letters"], one["tail"]]))
        assert made == wire.pad(b"x" * one["letters"] + bytes.fromhex(one["tail"])) and len(made) == one["size"], one["name"]
    for one in v["padding_refuses"]:
        assert phone.evaluate(unpad, [one["letters"], one["tail"], one["zeros"]]) == one["code"], one["name"]


@pytest.fixture
def two_relays(world, tmp_path):
    """The same team with a second relay; the first one can be switched off."""
    relay, omid, _ = world
    other = Server(tmp_path / "other").start()
    relays = omid.setting("relays")
    omid.set_setting("relays", [relay.address, other.address])
    page.write(page.build(omid), other.public)
    yield relay, other, omid
    omid.set_setting("relays", relays)
    other.stop()


def test_where_one_relay_cannot_be_reached_another_carries_it(two_relays, phone):
    relay, other, omid = two_relays
    phone.route(f"{other.address}/**", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    phone.goto(other.address + "/")
    said = _write(phone, "en", "Through the other one", photo=False)
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    secret = receipt.read(" ".join(said))
    intake.meet(omid, relay.address)
    request = next(r for r in omid.list(HelpRequest) if r.thread == receipt.thread_of(secret))
    assert request.message == "Through the other one"
    intake.reply(omid, request.id, "Come at four.")
    intake.meet(omid, relay.address)
    # The answer waits at the relay that carried the request; whoever comes back is told that one could not be asked.
    phone.goto(other.address + "/")
    phone.click("[data-lang=en]")
    phone.click("#read")
    phone.fill("#receipt-in", " ".join(said))
    phone.click("#next")
    phone.locator("#replies li.reply").wait_for(timeout=20000)
    assert "Come at four." in phone.inner_text("#replies") and "not be reached" in phone.inner_text("main")


def test_a_picture_that_broke_off_goes_on_and_the_message_is_there_already(world, phone, tmp_path):
    relay, omid, _ = world
    said = _write(phone, "en", "With a picture", photo=True, tmp=tmp_path)
    gone = []

    def cut(route):
        gone.append(route.request.post_data_buffer)
        if len(gone) == 3:
            route.abort()
        else:
            route.continue_()

    phone.route("**/deposit", cut)
    phone.click("#send")
    phone.locator("#without").wait_for(timeout=20000)
    intake.meet(omid, relay.address)
    secret = receipt.read(" ".join(said))
    request = next(r for r in omid.list(HelpRequest) if r.thread == receipt.thread_of(secret))
    assert request.message == "With a picture"
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    assert gone[2] == gone[3], "the part that broke off is sent again, byte for byte, and nothing before it"
    intake.meet(omid, relay.address)
    assert "file" in intake.conversation(omid, request.id)[0].files[0]


def test_one_wrong_sound_is_named_and_what_was_meant_is_offered(world, phone):
    relay = world[0]
    said = _write(phone, "en", "A receipt heard wrongly", photo=False)
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    heard = [*said]
    heard[3] = ("m" if not said[3].startswith("m") else "n") + said[3].lstrip("bdfhjklmnqrstz")
    phone.goto(relay.address + "/")
    phone.click("[data-lang=en]")
    phone.click("#read")
    phone.fill("#receipt-in", " ".join(heard))
    phone.click("#next")
    phone.locator("#problem button").first.wait_for()
    offers = phone.locator("#problem button bdi").all_inner_texts()
    assert said[3] in offers
    phone.click(f"#problem button:has-text('{said[3]}')")
    phone.locator("#none").wait_for(timeout=20000)


def test_without_a_script_the_page_says_where_help_is_in_every_language(world, browser):
    context = browser.new_context(java_script_enabled=False)
    p = context.new_page()
    p.goto(world[0].address + "/")
    assert axe_free(p) and p.locator("section").count() == len(LANGUAGES)
    p.click("#leave")
    p.wait_for_url("**/weather.html")
    context.close()


def test_six_languages_by_their_own_names_with_their_own_digits(world, phone):
    assert LANGUAGES == ["fa", "ckb", "kmr", "ar", "en", "fr"]
    shown = phone.locator(".langs button").all_inner_texts()
    assert shown == [words["name"] for words in pages.texts().values()]
    for lang, words in pages.texts().items():
        phone.click(f"[data-lang={lang}]")
        assert phone.get_attribute("html", "lang") == lang and phone.get_attribute("html", "dir") == words["dir"]
        phone.click("#read")
        phone.fill("#receipt-in", "fumu mimu nafu xyz shiqu rumu tika nasha zaji liki")
        phone.click("#next")
        assert words["digits"][4] in phone.inner_text("#problem")
        phone.click("#back")


def test_every_language_says_the_same_things_in_its_own_letters_and_digits():
    for lang, words in pages.texts().items():
        said = {key: value for key, value in words.items() if isinstance(value, str) and key != "digits"}
        foreign = "۰۱۲۳۴۵۶۷۸۹" if lang in ("ckb", "ar") else "٠١٢٣٤٥٦٧٨٩" if lang == "fa" else "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩"
        for key, text in said.items():
            assert ("{n}" in text) == ("{n}" in pages.texts()["en"][key]), (lang, key)
            assert not set(text) & set(foreign), (lang, key)
            assert words["dir"] == "ltr" or not set(text) & set("0123456789"), (lang, key)
            assert ("ي" not in text and "ك" not in text) or lang == "ar", (lang, key)


@pytest.mark.parametrize(
    ("locale", "lang"), [("ku", "kmr"), ("ckb-IR", "ckb"), ("prs", "fa"), ("fr-BE", "fr"), ("ar-SY", "ar"), ("de", "fa")]
)
def test_it_opens_in_the_language_of_the_browser(world, browser, locale, lang):
    context = browser.new_context(locale=locale)
    p = context.new_page()
    p.goto(world[0].address + "/")
    assert p.get_attribute("html", "lang") == lang
    context.close()


def _codes(p):
    """The texts of the codes that the page shows one after the other, as a camera and a node read them."""
    found = []
    while True:
        p.locator("svg.code").wait_for()
        found += qr_codes(p.locator("svg.code").screenshot())
        if not p.locator("#next").count():
            return found
        p.click("#next")


def test_a_courier_brings_it_as_text_or_as_codes_and_with_the_relays_it_is_one_request(world, phone, tmp_path):
    relay, omid, _ = world
    intake.meet(omid, relay.address)  # what other tests left there
    said = _write(phone, "ckb", "SENTINELCOURIER " + WORDS, tmp=tmp_path)
    phone.click("#as-text")
    text = phone.input_value("#sealed")
    assert text.startswith("-----BEGIN AGE ENCRYPTED FILE-----\n") and axe(phone) == []
    phone.click("#back")
    phone.click("#as-codes")
    phone.locator("svg.code").wait_for()
    assert axe(phone) == [] and phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    parts = _codes(phone)
    sealed = qr.join(reversed(parts), kind="request")
    assert sealed == age.unarmor(text.encode()) and len(parts) == qr.read(parts[0]).of < 20
    assert "SENTINEL" not in text + "".join(parts)
    request = intake.take_file(omid, sealed)
    assert request.reply_relay is None and intake.conversation(omid, request.id)[0].files is None
    while phone.locator("#send").count() == 0:
        phone.click("#back")
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    met = intake.meet(omid, relay.address)
    assert (met.requests, met.messages, met.files) == (0, 0, 1)
    assert intake.take_file(omid, sealed).id == request.id
    thread = receipt.thread_of(receipt.read(" ".join(said)))
    assert [r.reply_relay for r in omid.list(HelpRequest) if r.thread == thread] == [relay.address]
    assert len(intake.conversation(omid, request.id)) == 1 and "file" in intake.conversation(omid, request.id)[0].files[0]


@pytest.mark.parametrize("how", ["file", "text", "codes"])
def test_an_answer_that_was_brought_is_read_without_a_line_and_judged_like_any_other(world, browser, tmp_path, how):
    relay, omid, _ = world
    (tmp_path / "page.html").write_bytes((relay.public / "help.html").read_bytes())
    context = browser.new_context(offline=True, viewport={"width": 360, "height": 640})
    p = context.new_page()
    p.goto((tmp_path / "page.html").as_uri())
    said = _write(p, "fa", "به دست یک دوست " + how, photo=False)
    p.click("#as-text")
    request = intake.take_file(omid, age.unarmor(p.input_value("#sealed").encode()))
    answer = base64.b64decode(intake.reply(omid, request.id, "Come on foot.").sealed)
    p.reload()
    p.click("[data-lang=en]")
    p.click("#read")
    p.fill("#receipt-in", " ".join(said))
    p.click("#brought")
    p.locator("#brought-in").wait_for()
    assert axe(p) == []

    def give(sealed):
        if how == "file":
            (tmp_path / "answer.age").write_bytes(sealed)
            p.set_input_files("#photo", str(tmp_path / "answer.age"))
        else:
            p.fill("#brought-in", age.armor(sealed) if how == "text" else "\n".join(qr.split(sealed, kind="answer")).lower())
            p.click("#next")

    for junk in (
        b"",
        b"junk",
        b"-----BEGIN AGE ENCRYPTED FILE-----\njunk\n-----END AGE ENCRYPTED FILE-----",
        qr.split(answer, kind="answer")[0].encode(),
    ):
        (tmp_path / "junk").write_bytes(junk)
        p.set_input_files("#photo", str(tmp_path / "junk"))
        p.wait_for_function("document.getElementById('problem').textContent !== ''")
    give(answer)
    p.locator("#replies li.reply").wait_for(timeout=20000)
    assert "Come on foot." in p.inner_text("#replies") and not p.locator("#refused").count()
    p.click("#again")
    p.click("#read")
    p.fill("#receipt-in", " ".join(said))
    p.click("#brought")
    p.locator("#brought-in").wait_for()
    give(_reply(omid, request, "FORGED", key="own"))
    p.locator("#refused").wait_for(timeout=20000)
    assert "FORGED" not in p.content()
    context.close()


def test_the_cards_code_pins_the_key_and_another_key_is_a_hard_stop(world, browser):
    relay, omid, _ = world
    root = keys.verify_key_of(omid.setting("root"))
    pin = pages.pin(root)
    assert pin == hashlib.sha256(root).digest()[:16] and watch.root_of(omid) == root
    context = browser.new_context(locale="ckb")
    p = context.new_page()
    p.goto(f"{relay.address}/#k={pin.hex()}")
    for lang in LANGUAGES:
        p.click(f"[data-lang={lang}]")
        assert p.inner_text("#card-words") == " ".join(receipt.four_of(pin, lang))
    assert "#" not in p.url and axe(p) == []
    other = ("1" if pin.hex()[0] == "0" else "0") + pin.hex()[1:]
    for wrong in (other, "", pin.hex()[:-1], pin.hex().upper() + "0"):
        q = context.new_page()
        q.goto(f"{relay.address}/#k={wrong}")
        q.locator("#card-wrong").wait_for()
        assert q.locator("button, input, textarea").count() == 0 and "#" not in q.url
        # The right card afterwards does not make a wrong page right, and neither does any other screen.
        q.evaluate("h => { location.hash = h; }", "k=" + pin.hex())
        q.wait_for_function("location.hash === ''")
        assert q.locator("#card-wrong").count() == 1
    context.close()


@pytest.fixture
def served(world, tmp_path):
    """A relay of its own with the team's page, so that it can be changed."""
    _, omid, _ = world
    other, relays = Server(tmp_path / "served").start(), omid.setting("relays")
    omid.set_setting("relays", [other.address])
    page.write(page.build(omid), other.public)
    yield other, omid
    omid.set_setting("relays", relays)
    other.stop()


def _serve(relay, html):
    """Put other bytes where the page is served, as whoever holds the relay could."""
    for file in relay.public.glob("help.html*"):
        file.unlink()
    (relay.public / "help.html").write_bytes(html)


def test_one_changed_byte_of_the_served_page_raises_an_alarm_with_evidence(served):
    relay, omid = served
    assert watch.look(omid, relay.address).code == "" and watch.alarms(omid) == []
    whole = (relay.public / "help.html").read_bytes()
    for at in (0, len(whole) // 3, len(whole) - 3):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        _serve(relay, changed)
        found = watch.look(omid, relay.address)
        assert found.alarm and watch.evidence(omid, found.evidence) == changed
        assert found.day == rules.day_after(omid.now(), 0)
    line = today.today(omid)[0]
    assert (line.what, line.link, line.urgent) == ("The help page was changed where it is served", "/page", True)
    # A relay that answers no more does not end the alarm; the whole page does. The evidence stays in the vault.
    (relay.public / "help.html").unlink()
    assert watch.look(omid, relay.address).alarm
    _serve(relay, whole)
    assert not watch.look(omid, relay.address).alarm and watch.alarms(omid) == []
    assert found.evidence in [held.id for held in omid.quarantine()]
    with pytest.raises(Refused) as e:
        watch.evidence(omid, found.evidence)
    assert e.value.code == "no_evidence_here"


def test_a_page_of_another_team_and_one_that_was_given_up_are_alarms_too(served, tmp_path):
    from panah.kernel import enrol

    relay, omid = served
    stranger = enrol.new_vault(tmp_path / "v", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(stranger, "Others", "Kian", ("supervisor", "intake", "keyholder"), relays=[relay.address])
    _serve(relay, page.build(stranger))
    stranger.lock()
    assert watch.look(omid, relay.address).code == "page_of_another_team"
    root = omid.setting("root")
    old = wire.Intake(box="ab" * 32, recipients=[age.recipient_of(age.new_identity())] * 2, day=1, sig="00" * 64)
    config = wire.encode_config(wire.Config(root=keys.verify_key_of(root).hex(), intake=old, relays=[relay.address]))
    html = pages.build(config)
    _serve(relay, pages.attach(html, keys.sign(root, keys.LABEL_PAGE, bytes.fromhex(pages.digest(html)))))
    assert watch.look(omid, relay.address).code == "page_outdated"


def test_the_watch_looks_by_itself_at_hours_that_nobody_knows(served):
    relay, omid = served
    _serve(relay, b"<!doctype html>other")
    omid.set_setting("page_watch_next", 0)
    drawn = set()
    for _ in range(5):
        watch.when_due(omid)
        drawn.add(omid.setting("page_watch_next"))
        omid.set_setting("page_watch_next", 0)
    assert len(drawn) == 5 and all(omid.now() < at < omid.now() + 10 * 3600 for at in drawn)
    assert [one.code for one in watch.alarms(omid)] == ["page_altered"]
    omid.set_setting("page_watch." + relay.address, None)
    omid.set_setting("page_watch_next", omid.now() + 60)
    watch.when_due(omid)
    assert watch.looks(omid) == []


def test_two_clean_builds_in_two_places_give_the_same_bytes(world, tmp_path):
    made = []
    for name in ("here", "somewhere/else with a space"):
        root = tmp_path / name
        for folder in ("panah/page/js", "tools"):
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "package-lock.json", root)
        (root / "node_modules").mkdir()
        for one in [*(ROOT / "node_modules").iterdir()]:
            if not one.name.startswith(".panah"):
                (root / "node_modules" / one.name).symlink_to(one)
        subprocess.run([sys.executable, "-c", "import bundle; bundle.bundle()"], cwd=root / "tools", check=True)
        made.append((root / "panah/page/bundle.js").read_bytes())
    assert made[0] == made[1] == (ROOT / "panah/page/bundle.js").read_bytes()
    # And the page around it: the same configuration gives the same file, with another hash seed and in another process.
    config = wire.encode_config(
        wire.decode_config(json.dumps(pages.config_of((world[0].public / "help.html").read_bytes())).encode())
    )
    (tmp_path / "config").write_bytes(config)
    say = "import sys, pathlib; from panah.page import build; print(build.digest(build.build(pathlib.Path(sys.argv[1]).read_bytes())))"
    said = {
        subprocess.run(
            [sys.executable, "-c", say, tmp_path / "config"], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": lc}, check=True, capture_output=True,
        ).stdout
        for seed, lc in (("1", "C"), ("2", "C.UTF-8"))
    }  # fmt: skip
    assert said == {pages.digest(pages.build(config)).encode() + b"\n"}


def axe_free(p):
    """Every section says its language and direction, without a script to say it."""
    return all(s.get_attribute("lang") and s.get_attribute("dir") for s in p.locator("section").all())


def _from_file(world, folder):
    """The page as it is handed on: one file."""
    (folder / "page.html").write_bytes((world[0].public / "help.html").read_bytes())
    return (folder / "page.html").as_uri()


SIX = ["می‌خواهیم برویم", "دەمانەوێت بڕۆین", "Em dixwazin biçin", "Мы хотим уйти", "Մենք ուզում ենք գնալ", "ܒܥܝܢ ܕܢܐܙܠ"]


def _whole_way(p, world, start, tmp_path):
    """Write, send, read the answer, write again, delete: what a person does in several visits. Gives what nobody else may see."""
    relay, omid, _ = world
    words = "SENTINELWORDS " + " / ".join(SIX)
    said = _write(p, "ckb", words, tmp=tmp_path, safe="yes", means="SENTINELMEANS", device="watched")
    p.click("#send")
    p.locator("#sent").wait_for(timeout=20000)
    intake.meet(omid, relay.address)
    secret = receipt.read(" ".join(said))
    request = next(r for r in omid.list(HelpRequest) if r.thread == receipt.thread_of(secret))
    assert request.message == words
    intake.reply(omid, request.id, "SENTINELANSWER بله")
    intake.meet(omid, relay.address)
    p.goto(start)
    p.click("[data-lang=fa]")
    p.click("#read")
    p.fill("#receipt-in", receipt.digits_of(secret))
    p.click("#next")
    p.locator("#replies li.reply").wait_for(timeout=20000)
    p.click("#write")
    p.fill("#text", "SENTINELAGAIN")
    p.click("#next")
    p.click("#send")
    p.locator("#sent").wait_for(timeout=20000)
    intake.meet(omid, relay.address)
    assert [m.text for m in intake.conversation(omid, request.id) if m.direction == "in"][-1] == "SENTINELAGAIN"
    p.click("#write")
    p.click("#back")
    p.locator("#sent").wait_for()
    p.goto(start)
    p.click("#read")
    p.fill("#receipt-in", " ".join(said))
    p.click("#next")
    p.locator("#delete").wait_for(timeout=20000)
    p.click("#delete")
    p.click("#delete")
    p.locator("#delete").wait_for(state="detached")
    assert Relay(relay.address).fetch(keys.verify_key_of(receipt.mailbox_seed(secret, relay.address)), 0) == []
    spelled = [w for lang in ("en", "fa", "ar", "ckb", "kmr") for w in receipt.words_of(secret, lang)]
    digits = receipt.digits_of(secret)
    return [*SIX, "SENTINEL", *spelled, digits, secret.hex(), digits[:16], request.message]


@pytest.mark.parametrize("place", ["relay", "file"])
def test_R5_W1_no_script_of_a_language_leaves_readable_by_any_way(world, phone, tmp_path, place):
    start = world[0].address + "/" if place == "relay" else _from_file(world, tmp_path)
    seen = []
    phone.on("request", lambda r: seen.append(r))
    phone.goto(start)
    probes = _whole_way(phone, world, start, tmp_path)
    leaving = b"".join(
        (r.url + json.dumps(r.all_headers())).encode() + (r.post_data_buffer or b"")
        for r in seen
        if not r.url.startswith("blob:")
    )
    kept = phone.evaluate(
        """async () => JSON.stringify([document.title, location.href, document.referrer, window.name, history.state, { ...localStorage }, { ...sessionStorage },
            document.cookie, "indexedDB" in window ? await indexedDB.databases().catch(() => []) : [], "caches" in window ? await caches.keys().catch(() => []) : []])"""
        if place == "relay"
        else "() => JSON.stringify([document.title, location.href, document.referrer, window.name, history.state, localStorage.length, document.cookie])"
    ).encode()
    assert (
        phone.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
        and phone.context.cookies() == []
    )
    for probe in probes:
        for form in _forms(probe):
            assert form not in leaving and form not in kept, probe
    assert phone.problems == []


def test_W1_nothing_of_it_is_in_the_browsers_own_folder_afterwards(world, browser, tmp_path):
    start = world[0].address + "/"
    context = browser.browser_type.launch_persistent_context(
        str(tmp_path / "profile"), executable_path="/usr/bin/chromium", args=FLAGS
    )
    p = context.pages[0]
    p.goto(start)
    probes = _whole_way(p, world, start, tmp_path)
    p.goto(start)
    _write(p, "en", "SENTINELUNSENT", photo=False)
    p.keyboard.press("Escape")
    p.wait_for_url("**/weather-en.html")
    context.close()
    there = b"".join(f.read_bytes() for f in (tmp_path / "profile").rglob("*") if f.is_file())
    assert b"weather-en.html" in there, "the folder says where the browser was: otherwise this looks in the wrong place"
    for probe in [w for w in probes if len(w.encode()) >= 8] + ["SENTINEL"]:
        for form in _forms(probe):
            assert len(form) < 8 or form not in there, probe


def test_a_message_whose_answer_was_lost_is_sent_again_byte_for_byte_and_kept_once(world, phone):
    relay, omid, _ = world
    said, bodies = _write(phone, "en", "Cut in the middle", photo=False), []

    def swallow(route):
        bodies.append(route.request.post_data_buffer)
        route.fetch()
        route.abort()

    phone.route("**/deposit", swallow)
    phone.click("#send")
    phone.locator("#problem:not(:empty)").wait_for(timeout=20000)
    phone.unroute("**/deposit")
    phone.context.set_offline(True)
    phone.click("#send")
    phone.locator("#problem:not(:empty)").wait_for(timeout=20000)
    phone.context.set_offline(False)
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    posts = [body for method, _, body in phone.sent if method == "POST"]
    assert set(posts) == set(bodies) and len(set(posts)) == 1
    assert intake.meet(omid, relay.address).requests == 1
    assert [r.message for r in omid.list(HelpRequest) if r.thread == receipt.thread_of(receipt.read(" ".join(said)))] == [
        "Cut in the middle"
    ]


def test_a_slow_line_carries_it(world, phone, tmp_path):
    line = phone.context.new_cdp_session(phone)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 300, "downloadThroughput": 24 * 1024, "uploadThroughput": 24 * 1024}
    line.send("Network.emulateNetworkConditions", slow)
    phone.goto(world[0].address + "/")
    _write(phone, "fa", "روی خط کند", tmp=tmp_path)
    phone.click("#send")
    phone.locator("progress").wait_for()
    phone.locator("#sent").wait_for(timeout=40000)
    assert phone.problems == []


@pytest.mark.parametrize("lang", ["ckb", "kmr", "fr"])
def test_every_screen_after_sending_is_accessible_and_fits(world, phone, tmp_path, lang):
    relay, omid, _ = world

    def look(screen):
        assert axe(phone) == [], screen
        assert phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, screen
        small = "Array.from(document.querySelectorAll('button, #leave, #photo + label')).filter((b) => b.getBoundingClientRect().height < 44).map((b) => b.id)"
        assert phone.evaluate(small) == [], screen

    said, parts = _write(phone, lang, "x", tmp=tmp_path), []
    look("ready with a picture")
    phone.click("#drop")
    assert phone.inner_text("#photo-note") == ""
    phone.set_input_files("#photo", str(tmp_path / "photo.jpg"))
    phone.locator("#photo-note:not(:empty)").wait_for()
    phone.route("**/deposit", lambda r: (parts.append(1), r.abort() if len(parts) in (1, 3) else r.continue_()))
    phone.click("#send")
    phone.locator("#problem:not(:empty)").wait_for(timeout=20000)
    look("not sent")
    phone.click("#send")
    phone.locator("#without").wait_for(timeout=20000)
    look("half")
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    look("sent")
    intake.meet(omid, relay.address)
    thread = receipt.thread_of(receipt.read(" ".join(said)))
    request = next(r for r in omid.list(HelpRequest) if r.thread == thread)
    intake.reply(omid, request.id, "Yes.")
    intake.meet(omid, relay.address)
    Relay(relay.address).deposit(bytes.fromhex(request.reply_box), keys.random(32), b"junk" * 100)
    phone.goto(relay.address + "/")
    phone.click(f"[data-lang={lang}]")
    phone.click("#read")
    phone.fill("#receipt-in", " ".join([*said[:4], "xyzq", *said[5:]]))
    phone.click("#next")
    phone.locator("#problem:not(:empty)").wait_for()
    look("offers")
    phone.fill("#receipt-in", " ".join(said))
    phone.click("#next")
    phone.locator("#refused").wait_for(timeout=20000)
    look("answers")
    phone.click("#delete")
    look("delete, once")
    phone.click("#delete")
    phone.locator("#delete").wait_for(state="detached")
    look("deleted")


def test_a_browser_that_draws_pages_on_its_makers_computers_is_given_no_field(world, browser):
    context = browser.new_context(user_agent="Opera/9.80 (Android; Opera Mini/36.2/119.132; U; id) Presto/2.12.423 Version/12.16")
    p = context.new_page()
    p.goto(world[0].address + "/")
    p.click("[data-lang=en]")
    assert "another browser" in p.inner_text("main") and p.locator("#ask, #read, input, textarea").count() == 0
    context.close()


def test_eight_relays_behind_onion_addresses_fit_as_well(world):
    _, omid, _ = world
    relays = omid.setting("relays")
    names = [base64.b32encode(keys.random(35)).decode().lower() for _ in range(wire.MOST_RELAYS)]
    omid.set_setting("relays", [f"http://{name}.onion" for name in names])
    try:
        assert len(brotli.compress(page.build(omid), quality=11)) <= pages.MOST_PACKED
    finally:
        omid.set_setting("relays", relays)


def test_a_relay_that_is_gone_keeps_nobody_from_the_other(two_relays, phone):
    _, other, omid = two_relays
    gone = "http://127.0.0.1:9"
    omid.set_setting("relays", [gone, other.address])
    phone.goto(other.address + "/")
    said = _write(phone, "en", "Past the one that is gone", photo=False)
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    background.meet(omid)
    thread = receipt.thread_of(receipt.read(" ".join(said)))
    assert [r.message for r in omid.list(HelpRequest) if r.thread == thread] == ["Past the one that is gone"]


def test_an_answer_follows_to_the_relay_by_which_they_wrote_last(two_relays, phone):
    relay, other, omid = two_relays
    phone.goto(other.address + "/")
    said = _write(phone, "en", "By one", photo=False)
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    phone.route(f"{other.address}/deposit", lambda r: r.abort())
    phone.click("#write")
    phone.fill("#text", "By the other")
    phone.click("#next")
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=20000)
    for one in (other, relay):
        intake.meet(omid, one.address)
    secret = receipt.read(" ".join(said))
    request = next(r for r in omid.list(HelpRequest) if r.thread == receipt.thread_of(secret))
    assert [m.text for m in intake.conversation(omid, request.id)] == ["By one", "By the other"]
    intake.reply(omid, request.id, "Come.")
    assert intake.meet(omid, other.address).sent == 0 and intake.meet(omid, relay.address).sent == 1
    cap = keys.verify_key_of(receipt.mailbox_seed(secret, relay.address))
    assert len(Relay(relay.address).fetch(cap, 0)) == 1


def test_the_answer_to_a_couriers_request_waits_at_the_relay_where_they_look(two_relays, phone):
    relay, other, omid = two_relays
    phone.goto(other.address + "/")
    said = _write(phone, "en", "By hand", photo=False)
    with phone.expect_download() as got:
        phone.click("#save-file")
    request = intake.take_file(omid, Path(got.value.path()).read_bytes())
    intake.reply(omid, request.id, "Come.")
    for one in (relay, relay, other):
        intake.meet(omid, one.address)
    assert [m.state for m in intake.conversation(omid, request.id)][-1] == "sent"
    phone.goto(other.address + "/")
    phone.click("#read")
    phone.fill("#receipt-in", " ".join(said))
    phone.click("#next")
    phone.locator("#replies li.reply").wait_for(timeout=20000)
    assert phone.locator("#replies li.reply").count() == 1 and "Come." in phone.inner_text("#replies")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_digits_of_a_receipt_stand_from_left_to_right_in_every_language(phone, lang):
    phone.click(f"[data-lang={lang}]")
    phone.click("#ask")
    phone.click("#next")
    phone.locator("#receipt-digits").wait_for()
    # The second group of four stands to the right of the first: Arabic digits would otherwise turn their order around.
    js = """() => [0, 1, 5].map((at) => { const r = document.createRange(), n = document.getElementById("receipt-digits").firstChild;
        r.setStart(n, at); r.setEnd(n, at + 1); return r.getBoundingClientRect().left; })"""
    one, two, six = phone.evaluate(js)
    assert one < two < six


def test_the_pages_small_curves_agree_with_the_rfc_and_with_two_other_libraries(tmp_path):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    from tests.test_age import node

    pairs = [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        ),
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        ),
        *((keys.random(32).hex(), X25519PrivateKey.generate().public_key().public_bytes_raw().hex()) for _ in range(40)),
    ]
    low = [
        "00" * 32,
        "01" + "00" * 31,
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ed" + "ff" * 30 + "7f",
    ]
    signed = [(seed := keys.random(32), seed + b"said", Ed25519PrivateKey.from_private_bytes(seed)) for _ in range(20)]
    order = 2**252 + 27742317777372353535851937790883648493
    rows = []
    for _, data, key in signed:
        good, public = key.sign(data), key.public_key().public_bytes_raw()
        longer = good[:32] + (int.from_bytes(good[32:], "little") + order).to_bytes(
            32, "little"
        )  # the same equation, spelled again
        rows.append([public.hex(), data.hex(), [s.hex() for s in (good, longer, good[:32] + bytes(32), bytes(64), good[:63])]])
    # Keys of small order, under which one signature stands for every text.
    rows += [[k, b"any".hex(), [("01" + "00" * 63)]] for k in ("01" + "00" * 31, "00" * 32)]
    build = subprocess.run(
        [ROOT / "node_modules/.bin/esbuild", ROOT / "panah/page/js/curve25519.js", "--bundle", "--format=esm", f"--outfile={tmp_path}/c.mjs",
         "--log-level=error", *(f"--alias:@noble/{part}={ROOT}/node_modules/@noble/{part}" for part in ("curves", "hashes"))],
        cwd=ROOT, check=False,
    )  # fmt: skip
    assert build.returncode == 0
    got = json.loads(
        node(
            f"import * as small from {json.dumps(str(tmp_path / 'c.mjs'))};"
            """
            import * as full from "@noble/curves/ed25519.js";
            import { readFileSync } from "node:fs";
            const { pairs, low, rows, seeds } = JSON.parse(readFileSync(0)), un = (s) => new Uint8Array(Buffer.from(s, "hex")), hex = (b) => Buffer.from(b).toString("hex");
            const or = (f) => { try { return f(); } catch { return "refused"; } };
            console.log(JSON.stringify([small, full].map(({ x25519, ed25519 }) => ({
                shared: pairs.map(([k, u]) => hex(x25519.getSharedSecret(un(k), un(u)))), public: pairs.map(([k]) => hex(x25519.getPublicKey(un(k)))),
                low: low.map((u) => or(() => hex(x25519.getSharedSecret(un(pairs[0][0]), un(u))))), keys: seeds.map((s) => hex(ed25519.getPublicKey(un(s)))),
                verify: rows.map(([key, data, sigs]) => sigs.map((s) => or(() => ed25519.verify(un(s), un(data), un(key), { zip215: false })) === true)),
            }))));""",
            {"pairs": pairs, "low": low, "rows": rows, "seeds": [seed.hex() for seed, _, _ in signed]},
        )
    )
    assert got[0] == got[1]
    ours = got[0]
    assert ours["shared"][:2] == [
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ]
    for (k, u), shared, public in zip(pairs, ours["shared"], ours["public"], strict=True):
        mine = X25519PrivateKey.from_private_bytes(bytes.fromhex(k))
        assert mine.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(u))).hex() == shared
        assert mine.public_key().public_bytes_raw().hex() == public
    assert ours["low"] == ["refused"] * len(low)
    assert ours["keys"] == [key.public_key().public_bytes_raw().hex() for _, _, key in signed]
    assert ours["verify"] == [[True, False, False, False, False]] * len(signed) + [[False]] * 2
