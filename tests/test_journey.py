"""From a whisper to a closed case: the whole way on real parts, with real processes, a real browser and real sockets.

A request in Sorani with a picture leaves a phone; an untrusted relay carries it; an office answers; a family stands at a tent without
network; two people work apart, meet over a stick, settle what differs, follow up and close. Read it, and tests/story.py, as the story
of the product.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from panah.kernel import enrol, sync
from panah.records import TYPES
from panah.work import page
from panah.work import team as teams
from tests import story, team
from tests.browser import ROOT, chromium


def test_from_a_whisper_to_a_closed_case(tmp_path):
    office, stick = tmp_path / "office", tmp_path / "stick"
    relay, address = story.process("relay", str(tmp_path / "relay"), "--port", "0")
    try:
        # A team: Omid supervises in the office, Laleh goes to the tent, Rana is a colleague who is not on this case.
        omid = enrol.new_vault(office / "omid", team.PASSPHRASE, TYPES, team.QUICK)
        shares = teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"), relays=[address])
        assert len(shares) == 5
        laleh = enrol.new_vault(tmp_path / "tent" / "laleh", team.PASSPHRASE, TYPES, team.QUICK)
        enrol.enter(laleh, enrol.invite(omid, enrol.card(laleh), "Laleh", ("caseworker", "intake")))
        rana = enrol.new_vault(office / "rana", team.PASSPHRASE, TYPES, team.QUICK)
        enrol.enter(rana, enrol.invite(omid, enrol.card(rana), "Rana", ("caseworker",)))
        page.write(page.build(omid), tmp_path / "relay" / "public")
        for s in (omid, laleh, rana):
            sync.with_relay(s, address)
        omid.lock()
        with chromium() as browser:
            words = story.whisper_and_answer(browser, tmp_path, office, address)
        omid = story.open_vault(office / "omid")
        case = story.at_the_tent(omid, laleh, address)
        story.power_cut(tmp_path / "tent" / "laleh", laleh, case)
        laleh = story.open_vault(tmp_path / "tent" / "laleh")
        story.apart_and_together(omid, laleh, case, stick)
        story.to_the_end(omid, laleh, case, stick)
        story.not_for_a_colleague(omid, rana, case, address, stick)
        for s in (omid, laleh, rana):
            s.lock()
        _nothing_readable(tmp_path, words)
    finally:
        story.end(relay)


def _nothing_readable(tmp_path, words) -> None:
    """Everything that stands on a disk, the relay's and the locked vaults', holds not one word of it."""
    probes = [*filter(None, story.Told()), *words, "SENTINELGPS", "Dayik", "documents_confiscated", "She wrote it"]
    forms = [(p, f) for p in probes for f in (p.encode(), p.encode("utf-16-le"), p.encode().hex().encode()) if len(f) >= 6]
    places = [tmp_path / "relay", tmp_path / "office", tmp_path / "tent"]
    for path in (p for place in places for p in place.rglob("*") if p.is_file() and p.name not in ("help.html",)):
        raw = path.read_bytes()
        for probe, form in forms:
            assert form not in raw, f"{probe} stands in {path}"


@pytest.mark.parametrize("args", [["explain", "passphrase_wrong"], ["explain", "no_such_code_here"], ["--version"]])
def test_the_command_line_answers(args):
    done = subprocess.run([sys.executable, "-m", "panah", *args], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.strip()
