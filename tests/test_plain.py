"""Browsers without scripts: the form is there only where it was switched on, says who can read it, and what came through it is open nowhere."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panah import plain, receipt
from panah.errors import Unreadable
from panah.kernel import age, enrol, keys
from panah.page import build as pages
from panah.page.plain import MOST_TEXT
from panah.records import TYPES
from panah.records.help_request import HelpRequest
from panah.relay import settings as relay_settings
from panah.relay.app import Server
from panah.relay.mail import Refuse
from panah.work import intake, page
from panah.work import team as teams
from tests import relay as stranger
from tests import seek, team
from tests.browser import axe, chromium, press

SENTINEL = "SENTINELWORDS نیاز به پزشک"
KEPT = {"content-type": "application/x-www-form-urlencoded"}


@contextmanager
def place(folder, way="office", most_bytes=0):
    """A team with one relay that has the form, and its help page."""
    (folder / "relay").mkdir(parents=True)
    (folder / "relay" / "relay.toml").write_text(
        f'plain = "{way}"\nmost_bytes = {most_bytes}\n' if way else f"most_bytes = {most_bytes}\n"
    )
    relay = Server(folder / "relay", more=plain.at(way) if way else None).start()
    omid = enrol.new_vault(folder / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"), relays=[relay.address])
    omid.set_setting("page_plain", bool(way))
    page.write(page.build(omid), relay.public)
    try:
        yield relay, omid
    finally:
        omid.lock()
        relay.stop()


def post(relay, path, **fields):
    return stranger.post(relay.address, path, urlencode(fields).encode(), KEPT)


def words_in(answer) -> str:
    """The ten words as they stand on the page."""
    told = answer.body.decode().split('<ol id="receipt-words">')[1].split("</ol>")[0]
    return told.replace("<li>", "").replace("</li>", " ").strip()


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_who_has_no_scripts_asks_reads_and_deletes(tmp_path, lang):
    with place(tmp_path) as (relay, omid), chromium() as browser:
        p = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 640}).new_page()
        p.set_default_timeout(10_000)
        p.goto(relay.address + "/")
        press(p, f"a[href='plain-{lang}.html']")
        label = pages.texts()[lang]["plain"]["office"]
        assert p.inner_text(".warning") == label
        colour = p.locator(".warning").evaluate("e => getComputedStyle(e).color")
        assert colour == "rgb(163, 38, 27)"
        p.fill("#text", SENTINEL)
        p.select_option("#danger", "urgent_72h")
        p.select_option("#safe", "yes")
        press(p, "form[action$='/send'] button")
        words = " ".join(p.locator("#receipt-words li").all_inner_texts())
        secret = receipt.read(words)
        # The desk sees that it came this way, for good.
        assert intake.meet(omid, relay.address).requests == 1
        (request,) = omid.list(HelpRequest)
        assert (request.message, request.channel, request.danger_now, request.safe_to_reply) == (
            SENTINEL,
            "web_form_without_scripts",
            "urgent_72h",
            "yes",
        )
        intake.reply(omid, request.id, "Come to the flag <b>")
        intake.meet(omid, relay.address)
        p.goto(f"{relay.address}/plain-{lang}.html")
        p.fill("#words", words)
        press(p, "form[action$='/read'] button")
        assert "Come to the flag <b>" in p.inner_text("main") and label in p.inner_text("main")
        press(p, "form[action$='/delete'] button")
        assert pages.texts()[lang]["deleted"] in p.inner_text("main")
        intake.meet(omid, relay.address)
        assert omid.get(HelpRequest, request.id).deletion_asked
        box = keys.verify_key_of(receipt.mailbox_seed(secret, relay.address))
        assert stranger.fetch(relay.address, box) == []


@pytest.mark.parametrize("lang", list(pages.texts()))
def test_these_pages_can_be_read_by_all(tmp_path, lang):
    # axe is a script: the same bytes are read with scripts switched on.
    with place(tmp_path) as (relay, _), chromium() as browser:
        p = browser.new_context(viewport={"width": 360, "height": 640}, bypass_csp=True).new_page()
        p.goto(f"{relay.address}/plain-{lang}.html")
        assert axe(p) == [] and p.evaluate("document.documentElement.scrollWidth") <= 360
        p.fill("#text", "x")
        press(p, "form[action$='/send'] button")
        assert axe(p) == [] and p.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_operator_writes_office_or_server_and_nothing_else(tmp_path):
    for told, read in (('plain = "office"', "office"), ('plain = "server"', "server"), ("", "")):
        (tmp_path / "relay.toml").write_text(told)
        assert relay_settings.read(tmp_path).plain == read
    for told in ('plain = "yes"', "plain = true", "plain = 1"):
        (tmp_path / "relay.toml").write_text(told)
        with pytest.raises(Unreadable):
            relay_settings.read(tmp_path)


def test_it_is_off_unless_it_was_switched_on_and_says_less_on_a_server(tmp_path):
    with place(tmp_path / "off", way="") as (relay, omid):
        assert stranger.ask(relay.address, "GET", "/plain-en.html").status == 404
        assert post(relay, "/plain-en/send", text=SENTINEL).status in (404, 405)
        assert b"plain-en" not in page.build(omid)
        (relay.public / "plain-en.html").unlink(missing_ok=True)
    with place(tmp_path / "server", way="server") as (relay, _):
        shown = stranger.ask(relay.address, "GET", "/plain-en.html").body.decode()
        assert pages.texts()["en"]["plain"]["server"] in shown and pages.texts()["en"]["plain"]["office"] not in shown


def test_R10_what_came_without_scripts_is_open_nowhere_on_the_relay(tmp_path, capfd):
    with place(tmp_path) as (relay, omid):
        answer = post(relay, "/plain-fa/send", text=SENTINEL, danger="routine_2w")
        words = words_in(answer)
        assert answer.status == 200 and answer.headers["cache-control"] == "no-store"
        secret = receipt.read(words)
        gc.collect()
        box, seed = receipt.mailbox_seed(secret, relay.address).hex(), receipt.reply_seed(secret).hex()
        probes = (SENTINEL, "SENTINELWORDS", words, box, seed)
        assert seek.found(seek.below(tmp_path / "relay"), probes) == []
        # It is the same for a relay as what a browser seals: one deposit of the same size class, for the team's mailbox.
        (deposit,) = [b for _, _, b in stranger.fetch(relay.address, bytes.fromhex(omid.list(TYPES["intake_key"])[0].cap))]
        assert 4096 < len(deposit) < 8192 and b"SENTINEL" not in deposit
        said = capfd.readouterr()
        assert "SENTINEL" not in said.out + said.err
    assert seek.found(seek.below(tmp_path / "relay"), probes) == []


def test_R11_it_seals_to_nobody_but_the_recipients_of_the_signed_page(tmp_path):
    with place(tmp_path) as (relay, omid):
        html = (relay.public / "help.html").read_bytes()
        identity = age.new_identity()
        own = pages.config_of(html)["intake"]["recipients"][0]
        (relay.public / "help.html").write_bytes(html.replace(own.encode(), age.recipient_of(identity).encode()))
        assert stranger.ask(relay.address, "GET", "/plain-en.html").status == 404
        refused = post(relay, "/plain-en/send", text=SENTINEL)
        assert refused.status == 503 and pages.texts()["en"]["page_wrong"] in refused.body.decode()
        (relay.public / "help.html").unlink()
        assert post(relay, "/plain-en/send", text=SENTINEL).status == 503
        assert intake.meet(omid, relay.address).requests == 0


def test_what_is_wrong_is_said_and_what_was_typed_stands_there_again(tmp_path):
    with place(tmp_path) as (relay, omid):
        w = pages.texts()["en"]
        empty, long = post(relay, "/plain-en/send", text="  "), post(relay, "/plain-en/send", text="x<" * MOST_TEXT)
        assert (empty.status, long.status) == (400, 400)
        assert (
            w["text_empty"] in empty.body.decode() and w["text_long"] in long.body.decode() and "x&lt;x&lt;" in long.body.decode()
        )
        for words, text in (("one two", "receipt_word_count"), ("ba " * 10, None), ("", None), ("x" * 400, None)):
            for verb in ("read", "delete"):
                answer = post(relay, f"/plain-en/{verb}", words=words)
                assert answer.status == 400 and (text is None or w[text] in answer.body.decode())
        for body in (b"\xff\xfe", b"text=%ff", b"&".join(b"a=1" for _ in range(50)), b"text=%ED%A0%80"):
            assert stranger.post(relay.address, "/plain-en/send", body, KEPT).status == 400
        assert stranger.post(relay.address, "/plain-en/send", b"x" * (plain.MOST_BODY + 1), KEPT).status == 413
        assert post(relay, "/plain-xx/send", text="x").status in (404, 405)
        assert intake.meet(omid, relay.address).requests == 0


def test_while_strangers_are_asked_for_a_puzzle_the_form_says_wait_and_loses_nothing(tmp_path):
    with place(tmp_path, most_bytes=400_000) as (relay, omid):
        n = 0
        while stranger.deposit(relay.address, bytes(32), n.to_bytes(32, "big"), bytes(6000)) == 204:
            n += 1
        answer = post(relay, "/plain-en/send", text=SENTINEL)
        assert (
            answer.status == 503
            and pages.texts()["en"]["plain"]["busy"] in answer.body.decode()
            and SENTINEL in answer.body.decode()
        )
        assert intake.meet(omid, relay.address).requests == 0


def test_a_forged_answer_is_not_shown(tmp_path):
    with place(tmp_path) as (relay, _):
        words = words_in(post(relay, "/plain-en/send", text="x"))
        cap = keys.verify_key_of(receipt.mailbox_seed(receipt.read(words), relay.address))
        stranger.deposit(relay.address, plain.wire.box_of(cap), bytes(32), b"SENTINELFORGED" * 100)
        told = post(relay, "/plain-en/read", words=words).body.decode()
        assert pages.texts()["en"]["forged"] in told and "SENTINELFORGED" not in told


@settings(max_examples=200)
@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda t: urlencode({"text": t}).encode(errors="replace")))
def test_a_body_is_a_form_or_refused(body):
    try:
        fields = plain._fields(body)
    except Refuse as e:
        assert e.status == 400
    else:
        "".join(fields.values()).encode()
