"""Wrong input, one by one: a clear refusal with its code, and nothing changed."""

from __future__ import annotations

import http.client
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest

from panah import config, wire
from panah.errors import PanahError
from panah.kernel import age, backup, enrol, event, keys, seal, sync
from panah.kernel.relay import Relay
from panah.node.app import Node
from panah.records import TYPES
from panah.records.case import Case
from panah.records.closure import Closure
from panah.records.help_request import HelpRequest
from panah.records.intake_key import IntakeKey
from panah.records.person import Person
from panah.work import cases, intake, page
from panah.work import team as teams
from tests import team
from tests.team import File


def refused(what, *args, **named) -> str:
    """The code of the refusal that a call must end in."""
    with pytest.raises(PanahError) as e:
        what(*args, **named)
    return e.value.code


def standing(s) -> tuple[int, int, int]:
    """How much stands in a vault: to see that a refusal changed nothing."""
    return s.vault.last_seq(), len(s.names), len(s.roster.devices)


@pytest.fixture
def omid(tmp_path: Path):
    s = team.found(tmp_path / "omid")
    yield s
    s.lock()


@pytest.fixture
def desk(tmp_path: Path):
    s = enrol.new_vault(tmp_path / "desk", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(s, "Invented team", "Omid", ("supervisor", "intake", "keyholder"), relays=["http://127.0.0.1:9"])
    yield s
    s.lock()


# -- files kept with a record ---------------------------------------------------------------------------------------------


def test_a_file_that_is_damaged_or_not_here_says_so(omid, monkeypatch):
    value = omid.attach(b"x" * 1000, "image/png", "x.png")
    assert refused(omid.read, {"blob": "00"}) == "attachment_malformed"
    assert refused(omid.read, {**value, "sha256": "0" * 64}) == "attachment_altered"
    assert refused(omid.read, {**value, "key": "0" * 64}) == "attachment_not_here"
    monkeypatch.setattr(config, "ATTACHMENT_BYTES", 10)
    before = standing(omid), len(list(omid.vault.blob_ids()))
    assert refused(omid.attach, b"x" * 11, "image/png", "x.png") == "attachment_too_large"
    assert before == (standing(omid), len(list(omid.vault.blob_ids())))


# -- cards and welcomes ---------------------------------------------------------------------------------------------------


def test_a_card_that_is_no_card_or_was_used_brings_nobody_in(omid, tmp_path):
    rana = enrol.new_vault(tmp_path / "rana", team.PASSPHRASE, team.TYPES, team.QUICK)
    good = enrol.card(rana)
    card = enrol.read_card(good)
    before = standing(omid)
    wrong = {
        b"": "card_malformed",
        good[:-1]: "card_malformed",
        good + b"\0": "card_malformed",
        event.pack(msgspec.structs.replace(card, tag=b"short")): "card_malformed",
        event.pack(msgspec.structs.replace(card, v=2)): "card_future_version",
        event.pack(msgspec.structs.replace(card, tag=b"8 bytes!")): "signature_wrong",
    }
    for data, code in wrong.items():
        assert refused(enrol.invite, omid, data, "Rana", ("caseworker",)) == code
    assert refused(enrol.invite, omid, good, "Rana", ()) == "no_role_chosen"
    assert refused(enrol.invite, omid, good, "Rana", ("king",)) == "no_such_role"
    assert before == standing(omid)
    enrol.invite(omid, good, "Rana", ("caseworker",))
    assert refused(enrol.invite, omid, good, "Rana again", ("caseworker",)) == "card_already_used"
    rana.lock()


def test_a_welcome_for_another_or_from_the_future_is_refused(omid, tmp_path):
    rana, sami = (enrol.new_vault(tmp_path / n, team.PASSPHRASE, team.TYPES, team.QUICK) for n in ("rana", "sami"))
    welcome = enrol.invite(omid, enrol.card(rana), "Rana", ("caseworker",))
    head = b"PANAHWELCOME1\n"

    def sealed(plain: bytes) -> bytes:
        return head + keys.seal_to(sami.identity.recipient, seal.compress(plain), keys.LABEL_WELCOME + sami.identity.tag)

    assert refused(enrol.enter, sami, welcome) == "seal_broken"
    assert refused(enrol.enter, sami, b"hello") == "welcome_malformed"
    assert refused(enrol.enter, sami, sealed(event.pack([1, 2]))) == "welcome_malformed"
    assert refused(enrol.enter, sami, sealed(event.pack([9, [b"a", b"b"], [], [], {}]))) == "welcome_future_version"
    assert not sami.founder.tag
    enrol.enter(rana, welcome)
    assert refused(enrol.enter, rana, welcome) == "already_in_a_team"
    assert refused(enrol.found, rana, "Another", "Rana", ("supervisor",)) == "already_in_a_team"
    for s in (rana, sami):
        s.lock()


def test_a_vault_that_waits_for_its_welcome_says_so(omid, tmp_path):
    rana = enrol.new_vault(tmp_path / "rana", team.PASSPHRASE, team.TYPES, team.QUICK)
    sync.to_file(omid, tmp_path / "stick")
    before = standing(rana)
    for what in (
        lambda: rana.save(File(title="x")),
        lambda: sync.from_file(rana, tmp_path / "stick"),
        lambda: sync.with_relay(rana, "http://127.0.0.1:9"),
    ):
        assert refused(what) == "not_in_a_team"
    assert standing(rana) == before and rana.list(File) == [] and rana.search("x") == []
    rana.lock()


def test_removing_is_refused_for_oneself_and_for_nobody(omid):
    before = standing(omid)
    assert refused(enrol.remove, omid, omid.me.id) == "cannot_remove_oneself"
    assert refused(enrol.remove, omid, "nobody") == "no_such_member"
    assert refused(omid.holders, "care/nothing") == "no_such_compartment"
    assert before == standing(omid)


# -- vault, key file, backup ------------------------------------------------------------------------------------------------


def test_a_damaged_or_future_vault_is_named(omid):
    folder = omid.vault.folder
    omid.vault.db.pragma("user_version", 99)
    omid.lock()

    def reopen():
        enrol.open_vault(folder, team.PASSPHRASE, team.TYPES)

    assert refused(reopen) == "vault_future_version"
    key = (folder / "key").read_bytes()
    (folder / "key").write_bytes(key.replace(b'"v":1', b'"v":9'))
    assert refused(reopen) == "key_file_future_version"
    (folder / "key").write_bytes(key[:-5])
    assert refused(reopen) == "key_file_malformed"
    (folder / "key").write_bytes(key.replace(b'"passes":1', b'"passes":9999'))
    assert refused(reopen) == "key_file_malformed"
    (folder / "key").write_bytes(key)
    database = folder / "vault.db"
    database.write_bytes(database.read_bytes()[:100] + b"\xff" * 5000)
    (folder / "vault.db-wal").unlink(missing_ok=True)
    assert refused(reopen) == "vault_damaged"


def test_a_backup_that_is_none_restores_nothing(omid, tmp_path):
    identity = age.new_identity()
    recipient = age.recipient_of(identity)
    whole, other = tmp_path / "whole.age", tmp_path / "other.age"
    assert refused(backup.write, omid, tmp_path / "nowhere" / "x.age", recipient) == "file_cannot_be_written"
    assert refused(sync.to_file, omid, tmp_path / "nowhere" / "x") == "file_cannot_be_written"
    backup.write(omid, whole, recipient)
    other.write_bytes(age.seal(b"a letter, not a backup", [recipient]))

    def restore(source: Path, name: str, key: str = identity) -> str:
        return refused(backup.restore, source, key, tmp_path / name, team.PASSPHRASE, team.TYPES, team.QUICK)

    assert restore(other, "a") == "backup_malformed"
    assert restore(whole, "b", age.new_identity()) == "age_no_key_opens"
    whole.write_bytes(whole.read_bytes()[:-40])
    assert restore(whole, "c").startswith("age_")


# -- a relay that lies ------------------------------------------------------------------------------------------------------


class _Liar(BaseHTTPRequestHandler):
    answer = (200, b"")

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        status, body = type(self).answer
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def liar():
    server = HTTPServer(("127.0.0.1", 0), _Liar)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_R7_what_a_lying_relay_answers_is_refused_and_nothing_changes(omid, liar):
    one = (5).to_bytes(8, "big") + bytes(32) + (3).to_bytes(4, "big") + b"abc"
    for answer, code in (
        ((200, b"junk"), "relay_answer_malformed"),
        ((200, one[:-1]), "relay_answer_malformed"),
        ((200, one + one), "relay_answer_malformed"),
        ((200, bytes(33 * 1024 * 1024)), "relay_answer_too_large"),
        ((302, b""), "relay_refuses"),
        ((507, b""), "relay_full"),
        ((413, b""), "relay_refuses_size"),
    ):
        _Liar.answer = answer
        before = standing(omid)
        relay = Relay(liar)
        assert refused(relay.fetch, bytes(32), 0) == code
        relay.close()
        assert before == standing(omid)
    for address in ("", "ftp://x", "http://", "/etc/passwd"):
        assert refused(Relay, address) == "relay_address_malformed"


# -- records ------------------------------------------------------------------------------------------------------------------


def test_a_record_that_cannot_be_kept_is_refused_whole(desk):
    before = standing(desk)
    assert refused(desk.save, Person(id_mode="code_only")) == "record_needs_case"
    assert refused(desk.save, Person(case=desk.new_id(), id_mode="code_only")) == "no_key_here"
    assert refused(desk.save, Case(stage="no such stage")) == "record_has_problems"
    assert refused(desk.get, Case, "not an id") == "no_such_record"
    assert refused(desk.list, Case, where={"notes_nobody_declared": "x"}) == "field_not_indexed"
    assert before == standing(desk)


def test_a_record_of_a_newer_version_can_be_seen_and_not_settled(omid):
    one = omid.save(File(title="Kept"))
    del omid.types["file"]
    assert refused(omid.settle, one.id, "title", "x") == "made_by_newer_version"


def test_closing_and_opening_again_in_the_wrong_order_is_refused(desk):
    case = cases.open_case(desk)
    assert refused(cases.reopen, desk, case.id) == "case_is_open"
    assert refused(cases.assign, desk, case.id, "nobody") == "no_such_member"
    case.stage = "closed"
    desk.save(case)
    assert refused(cases.ask_to_close, desk, Closure(case=case.id)) == "case_is_closed"


def test_an_answer_goes_only_where_it_is_safe_and_possible(desk):
    quiet = desk.save(HelpRequest(channel="web_form", message="x", safe_to_reply="no"))
    nowhere = desk.save(HelpRequest(channel="letter", message="x"))
    assert refused(intake.reply, desk, quiet.id, "hello") == "not_safe_to_reply"
    assert refused(intake.reply, desk, nowhere.id, "hello") == "no_way_to_answer"
    assert refused(intake.reply, desk, nowhere.id, " \n") == "answer_empty"
    intake.accept(desk, nowhere.id)
    assert refused(intake.accept, desk, nowhere.id) == "request_already_taken"
    assert refused(intake.end, desk, nowhere.id, "no_reply") == "request_already_taken"


def test_a_stranger_who_learnt_a_thread_cannot_redirect_its_answers(desk):
    key = next(iter(desk.list(IntakeKey, limit=1)))
    thread = "ab" * 16
    mine, theirs = (age.recipient_of(age.new_identity()) for _ in range(2))

    def sealed(n: int, text: str, reply: str) -> bytes:
        common = {"thread": thread, "reply": reply, "box": "00" * 32, "lang": "ckb", "text": text, "files": []}
        frame = wire.Request(answers={}, **common) if n == 1 else wire.Message(n=n, **common)
        return age.seal(wire.pad(wire.encode_request(frame)), [key.recipient, key.recovery])

    request = intake.receive(desk, sealed(1, "first", mine))
    assert refused(intake.receive, desk, sealed(1, "again", theirs)) == "thread_taken"
    assert refused(intake.receive, desk, sealed(2, "second", theirs)) == "thread_taken"
    assert desk.get(HelpRequest, request.id).reply_recipient == mine
    assert [m.text for m in intake.conversation(desk, request.id)] == ["first"]


# -- the node's forms, as somebody else's program would send them --------------------------------------------------------


@pytest.fixture
def ask(desk):
    """Posts to a real node as a signed-in member; gives status and page."""
    folder = desk.vault.folder
    case = cases.open_case(desk, basis_note="one")
    desk.lock()
    node = Node({"desk": folder}).start()
    line = http.client.HTTPConnection(node.address.removeprefix("http://"), timeout=30)

    def send(how: str, path: str, cookie: str = "", **fields: str | bytes) -> tuple[int, str, str]:
        parts = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{k}"{"; filename=f" if isinstance(v, bytes) else ""}\r\n\r\n'
            f"{v.decode() if isinstance(v, bytes) else v}\r\n"
            for k, v in fields.items()
        )
        line.request(how, path, parts + "--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b", "Cookie": cookie})
        answer = line.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("set-cookie", "").split(";")[0]

    _, _, cookie = send("POST", "/unlock", vault="desk", passphrase=team.PASSPHRASE)
    token = re.search(r'data-form-token="([^"]+)"', send("GET", "/", cookie)[1])[1]

    def said(how: str, path: str, **fields: str | bytes) -> tuple[int, str]:
        return send(how, path, cookie, **{"form_token": token, **fields})[:2]

    yield said, case.id
    line.close()
    node.stop()


def test_every_wrong_form_gets_a_sentence_with_its_code(ask, monkeypatch):
    said, case = ask
    monkeypatch.setattr("panah.node.ask.MOST_FILE", 1000)
    nobody = "0" * 32
    for how, path, fields, code in (
        ("GET", "/help/no-such-page", {}, "no_such_page"),
        ("GET", "/help/code/no_such_thing", {}, "no_such_code"),
        ("GET", "/r/nothing", {}, "no_such_type"),
        ("GET", "/r/intake_key", {}, "no_such_type"),
        ("GET", f"/case/{nobody}", {}, "no_such_record"),
        ("GET", "/case/../../etc/passwd", {}, ""),
        ("POST", f"/r/case/{case}/settle", {"field": "basis_note"}, "nothing_to_settle"),
        ("POST", "/sync/in", {}, "no_file_chosen"),
        ("POST", "/sync/in", {"file": b"x" * 1001}, "file_too_large"),
        ("POST", "/sync/in", {"file": b"age-encryption.org/v1 and then nonsense"}, "age_"),
        ("POST", "/team/card", {}, "no_file_chosen"),
        ("POST", "/team/card", {"card": b"no card"}, "card_malformed"),
        ("POST", "/team/invite", {}, "no_file_chosen"),
        ("POST", "/sync/now", {"form_token": "forged"}, "form_expired"),
        ("POST", f"/approve/closure/{nobody}", {}, "no_such_record"),
    ):
        status, shown = said(how, path, **fields)
        assert 400 <= status < 500, (path, status)
        assert code in shown and "Traceback" not in shown, (path, code)
    # A sealed file that could not be opened is somebody's words, perhaps: it is kept where people can look at it.
    assert "courier" in said("GET", "/sync")[1]


# -- the team's page ------------------------------------------------------------------------------------------------------------


def test_only_the_founder_signs_a_page_and_only_the_own_page_is_believed(desk, omid, tmp_path):
    made = page.build(desk)
    assert refused(page.verify, made, bytes(32)) == "page_of_another_team"
    assert refused(page.verify, made.replace(b"<main", b"<main ", 1), None) == "page_altered"
    assert refused(page.verify, b"<html>nothing</html>", None) == "page_altered"
    assert refused(page.fetch, str(tmp_path / "none.html")) == "page_not_found"
    assert refused(teams.root_seed, omid) == "only_the_founder_signs"
    assert refused(teams.recovery_recipient, omid) == "no_recovery_key_known"
    desk.set_setting("relays", [])
    assert refused(page.build, desk) == "page_needs_relay"
