"""The help page as members see it in their node: the alarm, what to do, the evidence, the card to print."""

from __future__ import annotations

import pytest

from panah import receipt
from panah.kernel import enrol, keys
from panah.node.app import Node
from panah.node.pictures import qr_codes
from panah.page import build as pages
from panah.records import TYPES
from panah.relay.app import Server
from panah.work import page as helppage
from panah.work import team as teams
from tests import team
from tests.browser import axe, chromium, press


@pytest.fixture
def room(tmp_path):
    relay = Server(tmp_path / "relay").start()
    omid = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"), relays=[relay.address])
    helppage.write(helppage.build(omid), relay.public)
    pin = pages.pin(keys.verify_key_of(omid.setting("root")))
    omid.lock()
    node = Node({"omid": tmp_path / "omid"}).start()
    yield relay, node, pin
    node.stop()
    relay.stop()


@pytest.mark.parametrize("scripts", [True, False])
def test_members_are_told_of_a_changed_page_and_print_a_card(room, tmp_path, scripts):
    relay, node, pin = room
    with chromium() as browser:
        p = browser.new_context(java_script_enabled=scripts, viewport={"width": 360, "height": 800}).new_page()
        p.goto(node.address + "/unlock")
        p.fill("#passphrase", team.PASSPHRASE)
        press(p, "button.wide")
        p.goto(node.address + "/page")
        press(p, "text=Look now")
        assert "whole and signed" in p.inner_text("main") and p.locator("[role=alert]").count() == 0
        changed = (relay.public / "help.html").read_bytes().replace(b"margin:0", b"margin:1", 1)
        for file in relay.public.glob("help.html*"):
            file.unlink()
        (relay.public / "help.html").write_bytes(changed)
        press(p, "text=Look now")
        assert "page_altered" in p.inner_text("[role=alert]") and "switch that relay off" in p.inner_text("[role=alert]")
        assert p.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        with p.expect_download() as got:
            p.click("text=Keep the evidence as a file")
        got.value.save_as(tmp_path / "evidence")
        assert (tmp_path / "evidence").read_bytes() == changed
        if scripts:
            assert axe(p) == []
        p.goto(node.address + "/")
        assert "changed where it is served" in p.inner_text("main")
        for lang, words in pages.texts().items():
            p.goto(f"{node.address}/page/card/{lang}")
            said = p.inner_text(".slip")
            assert words["card"]["title"] in said and " ".join(receipt.four_of(pin, lang)) in said
            assert "Ash" not in said and p.get_attribute(".slip", "dir") == words["dir"]
        assert qr_codes(p.locator(".qr svg").screenshot()) == [f"{relay.address}/#k={pin.hex()}"]
        p.goto(f"{node.address}/page/card/fr?team=1")
        assert "Refuge point Ash" in p.inner_text(".slip")
