"""Every refusal that has words is met by a test or a vector: those that no other test meets, and the check itself."""

from __future__ import annotations

import base64
import os
import pty
import socket
import sys
from pathlib import Path

import pytest

from panah import demo, wire
from panah.errors import Refused
from panah.explain import EXPLAIN
from panah.kernel import age, keys, share
from panah.page import build as page_build
from panah.records.case import Case
from panah.records.closure import Closure
from panah.records.message import Message
from panah.relay import app as relay_app
from panah.work import cases, intake
from tests import team
from tests.relay import deposit, mailbox, post
from tests.test_wrong_input import ask, desk, refused, standing  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]


def test_every_refusal_is_met_somewhere():
    met = "".join(p.read_text() for p in [*(ROOT / "tests").rglob("*.py"), *(ROOT / "spec" / "vectors").rglob("*.json")])
    assert sorted(code for code in EXPLAIN if code not in met) == []


# -- the disk -------------------------------------------------------------------------------------------------------------


def test_a_vault_without_room_for_another_page_says_so_and_goes_on(tmp_path):
    s = team.found(tmp_path / "omid")
    s.vault.db.pragma("max_page_count", s.vault.db.pragma("page_count") + 2)
    before = standing(s)
    assert refused(s.save, team.File(title="x", note="y" * 200_000)) == "disk_full"
    assert standing(s) == before and s.vault.integrity() == []
    s.vault.db.pragma("max_page_count", 1_000_000)
    assert s.save(team.File(title="x", note="y" * 200_000)).title == "x"
    s.lock()


# -- keys -----------------------------------------------------------------------------------------------------------------


def test_a_compartment_is_made_once(tmp_path):
    s = team.found(tmp_path / "omid")
    with pytest.raises(Refused) as e, s.vault.change():
        share.create(s, "team", ())
    assert e.value.code == "compartment_exists"
    s.lock()


@pytest.mark.parametrize("recipient", [b"", b"short", bytes(keys.RECIPIENT - 1), bytes(keys.RECIPIENT)])
def test_nothing_is_sealed_to_what_is_no_recipient(recipient):
    assert refused(keys.seal_to, recipient, b"key", b"bound") == "recipient_malformed"


# -- the work -------------------------------------------------------------------------------------------------------------


def test_a_file_of_another_size_than_was_announced_is_kept_aside(desk, tmp_path):  # noqa: F811
    """What the page announced and what came must be the same, to the byte; what came is not thrown away."""
    server = relay_app.Server(tmp_path / "relay").start()
    try:
        (cap, box), seed = mailbox(), os.urandom(32)
        picture = age.seal(wire.pad(b"\xff\xd8" + bytes(500), wire.FILE_SIZES), [age.recipient_of(age.new_identity(seed))])
        assert deposit(server.address, box, os.urandom(32), picture) == 204
        named = [box.hex(), cap.hex(), base64.b64encode(seed).decode(), 400]
        row = {"media": "image/jpeg", "sealed": named}
        desk.save(Message(help_request="0" * 32, direction="in", on="2026-11-20", text="x", state="received", files=[row]))
        assert intake.meet(desk, server.address).files == 1
        assert [h.code for h in desk.quarantine()] == ["file_size_differs"]
        assert desk.list(Message)[0].files == [{"media": "image/jpeg"}]
    finally:
        server.stop()


def test_nobody_approves_their_own_closure(desk):  # noqa: F811
    case = cases.open_case(desk)
    closure = desk.save(Closure(case=case.id))
    assert refused(cases.approve_closure, desk, closure.id) == "no_self_approval"


# -- the screens ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def torn(desk):  # noqa: F811
    """A case whose risk two people set without seeing each other's answer."""
    case = cases.open_case(desk, risk_level="medium")
    one, other = desk.get(Case, case.id), desk.get(Case, case.id)
    one.risk_level, other.risk_level = "high", "low"
    desk.save(one)
    desk.save(other)
    assert [c.field for c in desk.conflicts(case.id)] == ["risk_level"]
    return case.id


def test_wrong_acts_on_the_screens_get_their_sentence(torn, ask):  # noqa: F811
    said, _ = ask
    for how, path, fields, status, code in (
        ("GET", "/team/device/nothex", {}, 404, "no_such_device"),
        ("GET", "/team/device/" + "00" * 16, {}, 404, "no_such_device"),
        ("POST", "/sync/work-on", {"why": "  "}, 409, "reason_missing"),
        ("POST", f"/r/case/{torn}/settle", {"field": "risk_level", "both": "1", "words": "x"}, 409, "choose_one"),
    ):
        found, shown = said(how, path, **fields)
        assert (found, code in shown) == (status, True), (path, found)


# -- processes ------------------------------------------------------------------------------------------------------------


def test_a_relay_says_when_another_program_has_its_address():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert refused(relay_app._listen, "127.0.0.1", taken.getsockname()[1]) == "relay_address_in_use"


def test_a_relay_that_fails_within_says_only_a_code(tmp_path, capfd, monkeypatch):
    server = relay_app.Server(tmp_path / "relay").start()
    try:
        monkeypatch.setattr(server.store, "fetch", lambda *_: 1 // 0)  # a fault that nobody thought of
        cap, _ = mailbox()
        assert post(server.address, "/fetch", cap + bytes(8) + b"\0\x10").status == 503
    finally:
        server.stop()
    assert capfd.readouterr().err.split() == ["relay_failed"]


def test_two_passphrases_that_differ_make_no_vault(tmp_path):
    """At a terminal the passphrase is asked twice."""
    pid, line = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "panah", "init", str(tmp_path / "v"), "--team", "T", "--name", "Omid"])
    shown = b""
    answers = {b"passphrase: ": b"seven quiet herons stand in water\n", b"again: ": b"seven quiet herons stood in water\n"}
    while True:
        try:
            part = os.read(line, 1000)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
        for asked in [asked for asked in answers if shown.endswith(asked)]:
            os.write(line, answers.pop(asked))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    os.close(line)
    assert b"passphrases_differ" in shown and b"herons" not in shown
    assert not (tmp_path / "v" / "vault.db").exists()


def test_the_demo_talks_to_nobody_but_this_machine(tmp_path):
    assert refused(demo.build, tmp_path / "demo", "https://relay.example") == "demo_is_local_only"
    assert not (tmp_path / "demo").exists()


def test_a_page_without_its_script_is_not_built(monkeypatch):
    read = page_build.part
    monkeypatch.setattr(page_build, "part", lambda name: read("nothing.js" if name == "bundle.js" else name))
    assert refused(page_build.build, b"{}") == "page_not_bundled"
