"""Files on the screens: chosen in a form, cleaned before they are sealed, shown only as drawn anew, kept only behind a warning."""

from __future__ import annotations

import http.client
import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from panah import config
from panah.kernel import enrol
from panah.node.app import Node
from panah.records import TYPES
from panah.records.document import Document
from panah.records.message import Message
from panah.work import cases, export, files
from panah.work import team as teams
from tests import samples, team
from tests.browser import chromium, press
from tests.samples import GPS, WHO


@pytest.fixture(scope="module")
def browser():
    with chromium() as b:
        yield b


@pytest.fixture
def office(tmp_path, browser):
    """A signed-in page, the session behind it, a case, and a folder with files to choose from."""
    omid = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "caseworker", "keyholder"))
    case = cases.open_case(omid, limits_explained=True)
    omid.lock()
    node = Node({"omid": tmp_path / "omid"}).start()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.problems = []
    page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
    page.goto(node.address + "/unlock")
    page.fill("#passphrase", team.PASSPHRASE)
    press(page, "button.wide")
    (s,) = node.doors.sessions()
    for name, make in samples.ALL.items():
        (tmp_path / name).write_bytes(make())
    yield page, s, case, tmp_path, node.address
    context.close()
    node.stop()


def _choose(page, address, case, path: Path, *, what="picture", as_it_came=False) -> None:
    page.goto(f"{address}/case/{case.id}/new/document")
    if what:
        page.select_option("[name=what]", what)
    page.set_input_files("[name='file.file']", str(path))
    if as_it_came:
        page.check("[name='file.as_it_came']")
    press(page, ".save-line button")


def test_F4_a_file_chosen_in_a_form_is_cleaned_before_it_is_sealed(office):
    page, s, case, folder, address = office
    for name in ("jpeg", "pdf"):
        _choose(page, address, case, folder / name)
        record = s.list(Document, limit=1)[0]
        kept = s.read(record.file)
        assert GPS.encode() not in kept and record.file["name"] == "" and not record.file.get("told")
        assert "SENTINEL" not in page.content() and page.problems == []
    # Only where somebody asks for it is a file sealed as it came, and it says so wherever it stands.
    _choose(page, address, case, folder / "jpeg", as_it_came=True)
    record = s.list(Document, limit=1)[0]
    assert s.read(record.file) == (folder / "jpeg").read_bytes() and record.file["told"] is True
    assert "kept as it came" in page.inner_text("main")


def test_what_cannot_be_cleaned_is_said_and_offered_as_it_is(office):
    page, s, case, folder, address = office
    (folder / "unknown").write_bytes(b"Rar!\x1a\x07 something")
    _choose(page, address, case, folder / "unknown")
    assert "file_not_cleanable" in page.content() and s.count(Document) == 0
    assert page.input_value("[name=what]") == "picture"
    page.set_input_files("[name='file.file']", str(folder / "unknown"))
    page.check("[name='file.as_it_came']")
    press(page, ".save-line button")
    assert s.list(Document, limit=1)[0].file["told"] is True


def test_a_file_is_not_lost_when_the_form_has_a_mistake_elsewhere(office):
    page, s, case, folder, address = office
    page.goto(f"{address}/case/{case.id}/new/document")
    page.set_input_files("[name='file.file']", str(folder / "png"))
    page.fill("[name=valid_until]", "never")
    press(page, ".save-line button")
    assert "date_wrong" in page.content() and s.count(Document) == 0
    page.fill("[name=valid_until]", "2027-01-01")
    press(page, ".save-line button")
    (record,) = s.list(Document)
    assert record.file["media"] == "image/png" and Image.open(io.BytesIO(s.read(record.file))).size == (24, 24)
    assert s.setting("files_waiting", {}) == {}
    # It stays when the form is saved again, and goes when it is asked to go.
    page.goto(f"{address}/r/document/{record.id}/edit")
    page.fill("[name=original_with]", "the family")
    press(page, ".save-line button")
    assert s.get(Document, record.id).file == record.file
    page.goto(f"{address}/r/document/{record.id}/edit")
    page.check("[name='file.drop']")
    press(page, ".save-line button")
    assert s.get(Document, record.id).file is None


def test_too_large_is_said_before_it_is_sent_and_by_the_node_as_well(office, monkeypatch):
    page, s, case, folder, address = office
    (folder / "large").write_bytes(samples.png() + bytes(config.ATTACHMENT_BYTES))
    page.goto(f"{address}/case/{case.id}/new/document")
    page.set_input_files("[name='file.file']", str(folder / "large"))
    assert "larger" in page.eval_on_selector("[name='file.file']", "e => e.validationMessage")
    page.eval_on_selector("[name='file.file']", "e => e.setCustomValidity('')")
    press(page, ".save-line button")
    assert "attachment_too_large" in page.content() and s.count(Document) == 0


def test_F1_a_file_is_shown_as_drawn_anew_or_not_at_all_and_kept_behind_a_warning(office):
    page, s, case, _, address = office
    both = samples.png() + b"<html><script>alert(1)</script>"
    record = s.save(Document(case=case.id, what="picture", file=files.keep(s, both, as_it_came=True)))
    page.goto(f"{address}/r/document/{record.id}")
    assert page.eval_on_selector(".drawn-small img", "e => e.decode().then(() => e.naturalWidth)") == 24
    for size in ("small", "large"):
        answer = page.request.get(
            f"{address}/picture/document/{record.id}/file/{size}", headers={"sec-fetch-site": "same-origin"}
        )
        assert answer.status == 200 and answer.headers["content-type"] in ("image/png", "image/jpeg")
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"
        assert b"<script" not in answer.body() and GPS.encode() not in answer.body() and WHO.encode() not in answer.body()
    press(page, ".drawn-small")
    assert "stays readable" in page.inner_text("main") or "may still tell" in page.inner_text("main")
    page.click("details.confirm summary")
    with page.expect_download() as got:
        page.click("details.confirm button.danger")
    assert Path(got.value.path()).read_bytes() == both and got.value.suggested_filename == f"{record.id[:8]}.png"
    # Nothing but a drawn picture is ever given to look at, whatever a record says of the file.
    for data, media in (
        (b"<svg onload=alert(1) xmlns='http://www.w3.org/2000/svg'/>", "image/png"),
        (samples.pdf(), "image/jpeg"),
    ):
        value = {**s.attach(data, media, "x.html"), "told": True}
        lying = s.save(Document(case=case.id, what="picture", file=value))
        answer = page.request.get(f"{address}/picture/document/{lying.id}/file/large", headers={"sec-fetch-site": "same-origin"})
        assert answer.status == 409 and "picture_not_drawn" in answer.text() and b"onload" not in answer.body()
        page.goto(f"{address}/file/document/{lying.id}/file")
        page.click("details.confirm summary")
        with page.expect_download() as got:
            page.click("details.confirm button.danger")
        assert got.value.suggested_filename in (f"{lying.id[:8]}.bin", f"{lying.id[:8]}.pdf")


def test_an_address_of_no_file_leads_nowhere(office):
    page, s, case, _, address = office
    record = s.save(Document(case=case.id, what="letter", remark="x"))
    message = s.save(Message(direction="in", on="2026-11-23", text="x", files=[{"media": "image/png"}]))
    for kind, id, place in (
        ("document", record.id, "file"), ("document", record.id, "remark"), ("document", record.id, "base"), ("document", record.id, "KIND.name"),
        ("message", message.id, "files.0.file"), ("message", message.id, "files.9.file"), ("message", message.id, "files.x"), ("intake_key", record.id, "cap"),
        ("message", message.id, "sealed"), ("nothing", record.id, "file"),
    ):  # fmt: skip
        for path in (f"/file/{kind}/{id}/{place}", f"/picture/{kind}/{id}/{place}/small"):
            answer = page.request.get(address + path, headers={"sec-fetch-site": "same-origin"})
            assert answer.status in (404, 409), path


def test_F4_a_file_that_comes_with_a_request_is_cleaned_again_and_kept_whatever_it_is(office):
    _, s, *_ = office
    value = files.keep_arrived(s, samples.jpeg())
    assert GPS.encode() not in s.read(value) and not value.get("told")
    for odd in (b"some other kind", samples.jpeg()[:200]):
        value = files.keep_arrived(s, odd)
        assert s.read(value) == odd and value["told"] is True


def test_a_post_that_is_no_form_and_one_without_a_length_are_refused(office):
    *_, address = office
    line = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    line.request("POST", "/lock", b"no form", {"Content-Type": "multipart/form-data; boundary=b"})
    answer = line.getresponse()
    assert answer.status == 400 and b"form_malformed" in answer.read()
    line.request("POST", "/lock", iter([b"--b", b"--"]), {"Content-Type": "multipart/form-data; boundary=b"}, encode_chunked=True)
    assert line.getresponse().status == 411
    line.close()


def test_F4_what_leaves_with_a_case_is_cleaned_and_carries_no_key(office):
    _, s, case, *_ = office
    record = s.save(Document(case=case.id, what="picture", file=files.keep(s, samples.jpeg(), as_it_came=True)))
    odd = s.save(Document(case=case.id, what="letter", file=files.keep(s, b"Rar! something", as_it_came=True)))
    with zipfile.ZipFile(io.BytesIO(export.case(s, case.id))) as archive:
        told = json.loads(archive.read("case.json"))
        inside = {entry["id"]: entry["values"]["file"] for entry in told if entry["type"] == "document"}
        assert GPS.encode() not in archive.read(inside[record.id]["file"]) and not inside[record.id]["as_it_came"]
        assert archive.read(inside[odd.id]["file"]) == b"Rar! something" and inside[odd.id]["as_it_came"]
        everything = b"".join(archive.read(n) for n in archive.namelist())
        assert record.file["key"].encode() not in everything and odd.file["key"].encode() not in everything
