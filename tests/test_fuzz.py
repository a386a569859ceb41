"""Every reader of strangers' bytes gets bytes of every kind: random ones, and valid examples that were cut, flipped, doubled and joined.

It may refuse in our own words, or read them. Anything else is a mistake: another exception, an endless loop, memory without bound.
The table names them all; a reader that is missing in it fails the test.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import http.client
import io
import json
import random
import re
import signal
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panah import qr, receipt, wire
from panah.errors import PanahError
from panah.explain import EXPLAIN
from panah.files import apart, clean, documents, films, kinds, markup, pictures, sheets
from panah.i18n import days
from panah.kernel import age, age_header, backup, bundle, enrol, event, keys, receive, recovery, seal, sync
from panah.matching import lists
from panah.node.app import Node
from panah.node.pictures import qr_codes
from panah.page import build as page_build
from panah.records import TYPES, entered, forms
from panah.relay import settings as relay_settings
from panah.relay.app import Server
from panah.work import intake, nearby, page
from panah.work import team as teams
from tests import relay as stranger
from tests import samples, team
from tests import sheets as test_sheets
from tests.rounds import rounds

ROOT = Path(__file__).resolve().parents[1]
VECTORS = ROOT / "spec" / "vectors"
MOST_MEMORY = 160 * 1024 * 1024
MOST_SECONDS = 20
pytestmark = pytest.mark.fuzz
cases = {"given": 0, "read": 0}


class Reader(NamedTuple):
    """How a reader is called, what valid input looks like, and how many cases it gets by default."""

    call: Callable[[bytes], Any]
    examples: Callable[[], list[bytes]] = lambda: [b""]
    few: int = 60


# -- what valid input looks like --------------------------------------------------------------------------------------------


def _hexes(name: str) -> list[bytes]:
    """Every long hexadecimal text of a file of vectors."""
    found = re.findall(r'"((?:[0-9a-f]{2}){24,40000})"', (VECTORS / f"{name}.json").read_text())
    return [bytes.fromhex(text) for text in found[:60]]


def _frames(name: str, *lists: str) -> list[bytes]:
    told = json.loads((VECTORS / f"{name}.json").read_text())
    entries = [entry for key in lists for entry in told[key]]
    return [v.encode() for entry in entries if isinstance(entry, dict) for v in entry.values() if isinstance(v, str)]


class World:
    """A team, a relay and a node that the readers belong to; made once."""

    def __init__(self) -> None:
        self.at = Path(tempfile.mkdtemp())
        self.s = enrol.new_vault(self.at / "omid", team.PASSPHRASE, TYPES, team.QUICK)
        teams.found(self.s, "Invented team", "Omid", ("supervisor", "intake", "keyholder"), relays=["http://127.0.0.1:9"])
        other = enrol.new_vault(self.at / "laleh", team.PASSPHRASE, TYPES, team.QUICK)
        self.card = enrol.card(other)
        self.welcome = enrol.invite(self.s, self.card, "Laleh", ("caseworker",))
        other.lock()
        self.waiting = enrol.new_vault(self.at / "waiting", team.PASSPHRASE, TYPES, team.QUICK)
        self.s.save(TYPES["case"](basis_note="x"))
        sync.to_file(self.s, self.at / "stick")
        self.identity = age.new_identity()
        backup.write(self.s, self.at / "backup", age.recipient_of(self.identity))
        self.plain = age.open((self.at / "backup").read_bytes(), [self.identity])
        self.page = page.build(self.s)
        self.request = next(iter(_frames("request", "frames")))
        self.relay = Server(self.at / "relay").start()
        self.node = Node({}).start()
        self.segments = [event.pack(event.Whole(h, b)) for _, _, h, b, _ in self.s.vault.segments_after(0)]


_worlds: list[World] = []


def world() -> World:
    if not _worlds:
        _worlds.append(World())
    return _worlds[0]


@pytest.fixture(scope="module", autouse=True)
def _over() -> Iterator[None]:
    yield
    for one in _worlds:
        one.node.stop()
        one.relay.stop()
        one.s.lock()
        one.waiting.lock()
    if rounds(1) > 1:
        print(f"\nfuzz: {cases['given']} cases, {cases['read']} of them were readable", file=sys.stderr)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _from_file(data: bytes) -> Any:
    path = world().at / "in"
    path.write_bytes(data)
    return sync.from_file(world().s, path)


def _restore(data: bytes) -> Any:
    with world().waiting.vault.change():
        try:
            return backup._take(world().waiting, io.BytesIO(data))
        finally:
            raise _Undone


class _Undone(Exception):
    pass


def _undone(act: Callable[[], Any]) -> Any:
    with contextlib.suppress(_Undone):
        return act()


def _sealed_request(data: bytes) -> Any:
    """What a person's page seals: whatever stands inside."""
    (key,) = world().s.list(TYPES["intake_key"], limit=1)
    return intake.receive(world().s, age.seal(wire.pad(data[:16_000]), [key.recipient, key.recovery]))


def _given_as(name: str, data: bytes) -> Path:
    path = world().at / name
    path.write_bytes(data)
    return path


def _list_of_people(data: bytes) -> Any:
    return lists.read(_given_as("people.csv", data))


def _mapping(data: bytes) -> Any:
    return lists.read_mapping(_given_as("mapping.json", data))


def _own_settings(data: bytes) -> Any:
    folder = world().at / "settings"
    folder.mkdir(exist_ok=True)
    (folder / relay_settings.NAME).write_bytes(data)
    return relay_settings.read(folder)


def _verb(path: str) -> Callable[[bytes], Any]:
    def ask(data: bytes) -> Any:
        status = stranger.post(world().relay.address, path, data[:100_000]).status
        assert status in (200, 204, 400, 404, 413, 429, 503, 507), status

    return ask


def _multipart(data: bytes) -> Any:
    line = http.client.HTTPConnection(world().node.address.removeprefix("http://"), timeout=20)
    try:
        line.request("POST", "/lock", data, {"Content-Type": "multipart/form-data; boundary=b"})
        answer = line.getresponse()
        body = answer.read()
        assert answer.status < 500 and b"page_failed" not in body, answer.status
    finally:
        line.close()


def _apart(job: str) -> Callable[[bytes], Any]:
    return lambda data: apart.run(job, data)


def _document(reader: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """As the confined process runs it: what is too much for it is refused there by its limits."""

    def run(data: bytes) -> Any:
        try:
            return reader(data)
        except (MemoryError, RecursionError, TimeoutError):
            return None

    return run


def _form(data: bytes) -> dict[str, list[str]]:
    names = [f.name for f in TYPES["person"].KIND.fields] + ["names.0.given", "names.9999.nick", "birth.value", "birth.calendar"]
    rng = random.Random(data)
    pieces = [_text(p) for p in data.split(b"\0")]
    return {rng.choice(names) + rng.choice(("", ".no", ".on", ".drop", ".0", ".x.y")): pieces[:3] for _ in range(6)}


def _parse_form(data: bytes) -> Any:
    record = TYPES["person"]()
    items = _form(data)
    forms.parse(record.KIND, items, record)
    assert record.problems() == []
    forms.describe(record.KIND, record, "fa", items)


def _read_entered(data: bytes) -> Any:
    for f in TYPES["person"].KIND.fields:
        try:
            entered.read(f, _form(data), f.name, None)
        except entered.Wrong as e:
            assert e.code in EXPLAIN


def _multiparts() -> list[bytes]:
    head = b'--b\r\nContent-Disposition: form-data; name="x"'
    return [head + b"\r\n\r\nvalue\r\n--b--\r\n", head + b'; filename="y"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n']


def _sealed_age() -> list[bytes]:
    return [age.seal(b"x" * n, [age.recipient_of(world().identity)]) for n in (0, 70_000)]


def _all_samples() -> list[bytes]:
    return [make() for make in samples.ALL.values()]


def _packed_samples() -> list[bytes]:
    return [samples.docx(), samples.odt()]


def _markup_samples() -> list[bytes]:
    return [
        part for data in _packed_samples() for name, part in documents.unpack(data).items() if name.endswith((".xml", ".rels"))
    ]


READERS: dict[str, Reader] = {
    # the log, and what carries it
    "kernel.event.read": Reader(event.read, lambda: world().segments + _hexes("segment"), 200),
    "kernel.event.read_header": Reader(lambda d: event.read_header(d[: len(d) // 2], d[len(d) // 2 :]), lambda: world().segments),
    "kernel.event.open_body": Reader(lambda d: event.open_body(_with_body(d), bytes(32)), lambda: world().segments),
    "kernel.receive.receive": Reader(lambda d: receive.receive(world().s, [d], "fuzz"), lambda: world().segments, 40),
    "kernel.seal.decompress": Reader(seal.decompress, lambda: [seal.compress(b"x" * n) for n in (0, 9, 100_000)], 200),
    "kernel.seal.unpad": Reader(seal.unpad, lambda: [seal.pad(b"x" * 99)], 200),
    "kernel.seal.open": Reader(lambda d: seal.open(bytes(32), d, b"x"), lambda: [seal.seal(bytes(32), b"words", b"x")], 200),
    "kernel.sync.unwrap": Reader(lambda d: sync.unwrap(world().s, d), lambda: [sync.wrap(world().s, h, b) for _, _, h, b, _ in world().s.vault.segments_after(0)[:3]]),
    "kernel.sync.from_file": Reader(_from_file, lambda: [(world().at / "stick").read_bytes()], 30),
    "kernel.backup.restore": Reader(lambda d: _undone(lambda: _restore(d)), lambda: [world().plain], 20),
    "kernel.bundle.check_beginning": Reader(bundle.check_beginning, lambda: [bundle.MAGIC, bundle.BUNDLE + b"12\n"], 200),
    "kernel.bundle.check_end": Reader(lambda d: bundle.check_end(io.BytesIO(d[8:]), d[:8], 3), lambda: [bytes(7) + b"\x03"], 200),
    "kernel.bundle.read_part": Reader(lambda d: bundle.read_part(io.BytesIO(d), b"MSFE"), lambda: [(world().at / "stick").read_bytes()[14:]], 200),
    "kernel.bundle.read_head": Reader(lambda d: bundle.read_head(io.BytesIO(d), b"MSFE"), lambda: [b"S" + (9).to_bytes(4, "big")], 200),
    "kernel.bundle.read_rest": Reader(lambda d: bundle.read_rest(io.BytesIO(d), 9), lambda: [bytes(9)], 200),
    "matching.lists.read": Reader(_list_of_people, lambda: ["id,given,birth\n1,سیروان,1371\n2,Sirwan,1992-04-01\n".encode()], 100),
    "matching.lists.read_mapping": Reader(_mapping, lambda: [b'{"Vorname": "given"}'], 100),
    # sealed files
    "kernel.age.open": Reader(lambda d: age.open(d, [world().identity]), _sealed_age, 100),
    "kernel.age.open_stream": Reader(lambda d: age.open_stream(io.BytesIO(d), io.BytesIO(), [world().identity]), _sealed_age, 60),
    "kernel.age.open_with_passphrase": Reader(lambda d: age.open_with_passphrase(d, "x"), lambda: [age.seal_with_passphrase(b"x", "x", 2)], 20),
    "kernel.age_header.read_header": Reader(lambda d: age_header.read_header(io.BytesIO(d)), _sealed_age, 200),
    "kernel.age_header.unarmor": Reader(age_header.unarmor, lambda: [age_header.armor(d).encode() for d in _sealed_age()], 100),
    "kernel.age_header.is_armored": Reader(age_header.is_armored, lambda: [age_header.armor(b"x").encode()]),
    "kernel.age_header.from_base64": Reader(age_header.from_base64, lambda: [b"QUJD"], 200),
    "kernel.age_header.from_bech32": Reader(lambda d: age_header.from_bech32(_text(d), "age", 32), lambda: [age.recipient_of(age.new_x25519_identity()).encode()], 200),
    # who joins, and keys
    "kernel.enrol.read_card": Reader(enrol.read_card, lambda: [world().card], 100),
    "kernel.enrol.words": Reader(enrol.words, lambda: [world().card]),
    "kernel.enrol.enter": Reader(lambda d: enrol.enter(world().waiting, d), lambda: [world().welcome]),
    "kernel.keys.open_vault_key": Reader(lambda d: keys.open_vault_key(d, "x"), lambda: [(world().at / "omid" / "key").read_bytes()], 60),
    "kernel.keys.slowness_of": Reader(keys.slowness_of, lambda: [(world().at / "omid" / "key").read_bytes()], 60),
    "kernel.recovery.join": Reader(lambda d: recovery.join(_text(d).split("\n")), lambda: ["\n".join(recovery.split(bytes(32))[:3]).encode()], 40),
    # between a person's page and the team
    "wire.decode_request": Reader(wire.decode_request, lambda: _frames("request", "frames", "refuses"), 300),
    "wire.decode_reply": Reader(wire.decode_reply, lambda: _frames("reply", "replies", "refuses"), 200),
    "wire.decode_config": Reader(wire.decode_config, lambda: [json.dumps(page_build.config_of(world().page)).encode()], 100),
    "wire.split_reply": Reader(wire.split_reply, lambda: _hexes("reply") + _frames("reply", "replies"), 200),
    "wire.open_reply": Reader(lambda d: wire.open_reply(d, root=bytes(32), thread="00" * 16, today=1, verify=keys.verify), lambda: _frames("reply", "replies"), 100),
    "wire.unpad": Reader(wire.unpad, lambda: [wire.pad(b"x" * 100)], 100),
    "receipt.read": Reader(lambda d: receipt.read(_text(d)), lambda: [" ".join(receipt.words_of(bytes(13), lang)).encode() for lang in ("en", "fa", "ckb")], 300),
    "receipt.corrections": Reader(lambda d: receipt.corrections(_text(d)), lambda: [" ".join(receipt.words_of(bytes(13))).encode()], 60),
    "work.intake.receive": Reader(_sealed_request, lambda: _frames("request", "frames"), 25),
    "work.intake.take_file": Reader(lambda d: intake.take_file(world().s, d), _sealed_age, 25),
    "page.build.split": Reader(page_build.split, lambda: [world().page]),
    "page.build.config_of": Reader(page_build.config_of, lambda: [world().page]),
    "work.page.verify": Reader(lambda d: page.verify(d, None), lambda: [world().page], 40),
    # relay and node
    "relay.mail.deposit": Reader(_verb("/deposit"), lambda: [bytes(64) + b"blob"], 40),
    "relay.mail.fetch": Reader(_verb("/fetch"), lambda: [bytes(42)], 40),
    "relay.mail.delete": Reader(_verb("/delete"), lambda: [bytes(40)], 40),
    "relay.mail.visit": Reader(_verb("/visit"), lambda: [bytes(40)], 40),
    "relay.settings.read": Reader(_own_settings, lambda: [b'publish = "' + b"00" * 32 + b'"\nmost_bytes = 5\n']),
    "node.ask (multipart)": Reader(_multipart, _multiparts, 60),
    "records.forms.parse": Reader(_parse_form, lambda: [b"1377-04\0declined\0x"], 100),
    "records.entered.read": Reader(_read_entered, lambda: [b"1377-04\0declined\0x"], 40),
    "i18n.days.read_day": Reader(lambda d: days.read_day(_text(d)), lambda: ["۱۴۰۵-۰۹-۰۲".encode(), b"2026-11-23"], 300),
    "i18n.days.read_moment": Reader(lambda d: days.read_moment(_text(d)), lambda: [b"2026-11-23 04:10"], 300),
    # files
    "files.kinds.recognise": Reader(kinds.recognise, _all_samples),
    "files.pictures.jpeg": Reader(pictures.jpeg, lambda: [samples.jpeg()], 300),
    "files.pictures.png": Reader(pictures.png, lambda: [samples.png()], 200),
    "files.pictures.webp": Reader(pictures.webp, lambda: [samples.webp()], 200),
    "files.pictures.gif": Reader(pictures.gif, lambda: [samples.gif()], 200),
    "files.films.film": Reader(films.film, lambda: [samples.film()], 300),
    "files.films.heic": Reader(films.heic, lambda: [samples.heic()], 300),
    "files.markup.cut": Reader(lambda d: markup.cut(d, elements=documents._CHANGES, unwrap=(b"ins",), attributes=documents._WHO), _markup_samples, 200),
    "files.markup.check": Reader(markup.check, _markup_samples, 100),
    "files.documents.unpack": Reader(documents.unpack, _packed_samples, 100),
    "files.documents.packed": Reader(documents.packed, _packed_samples, 60),
    "files.sheets.sheets": Reader(sheets.sheets, lambda: [test_sheets.arrival()], 30),
    "files.documents.pdf": Reader(_document(documents.pdf), lambda: [samples.pdf()], 40),
    "files.clean.clean": Reader(clean.clean, _all_samples, 8),
    "files.clean.draw": Reader(clean.draw, lambda: [make() for make in samples.PICTURES.values()], 6),
    "files.apart.run": Reader(_apart("small"), lambda: [make() for make in samples.PICTURES.values()], 4),
    # codes of QR, and where laptops meet
    "qr.read": Reader(lambda d: qr.read(_text(d)), lambda: [t.encode() for t in qr.split(bytes(range(200)), kind="card", piece=90)], 300),
    "qr.join": Reader(lambda d: qr.join(qr.found_in(_text(d))), lambda: ["\n".join(qr.split(bytes(range(200)), kind="card", piece=90)).encode()], 200),
    "work.nearby.read_code": Reader(nearby.read_code, lambda: [bytes(32) + b"192.168.1.7:8447", bytes(32) + b"[fe80::1]:1"], 200),
    "work.nearby.spot": Reader(lambda d: nearby.spot(_text(d)), lambda: [b"192.168.1.7:8447", b"[fe80::1]:1"], 200),
    "node.pictures.qr_codes": Reader(qr_codes, lambda: [make() for make in samples.PICTURES.values()], 4),
    "files.apart._read": Reader(apart._read, lambda: [b'{"media": "image/png"}\nx'], 200),
}  # fmt: skip

# Functions whose name sounds like reading and that read nothing of a stranger's.
NO_READERS = {
    # a picture of ours, cut into texts
    "qr.split",
    # the texts of one cell, which test_xlsform.py gives them of every sort
    "xlsform.expressions.parse", "xlsform.types.read",
    # files.sheets.sheets in its confined process, which has its row
    "work.questions.check",
    # a file of the vault in two, a talk that is read by a colleague, a case that is opened to named people
    "work.splitting.split", "work.wishes.read", "work.access.open_restricted",
    # what stands in the own vault, sealed, and was checked before it was stored
    "kernel.event.unpack", "kernel.event.unpack_event",
    # a vault by its path: its key file and its pages have tests of their own (test_wrong_input.py)
    # an event that was decoded strictly before (test_regain.py says what it makes of odd ones)
    # what kernel.backup.restore gives, and a vault of it (test_node_recovery.py)
    "work.regaining.restore", "work.regaining.enter_restored",
    "kernel.authority.read",
    "kernel.recovery.split", "__init__.open_vault", "kernel.enrol.open_vault",
}  # fmt: skip
SOUNDS = re.compile(
    r"(read|decode|parse|unpack|unpad|unwrap|open|decompress|from|split|unarmor|recognise|restore|join|cut|check|enter|is_armored)(_|$)"
)


def _with_body(data: bytes) -> Any:
    return dataclasses.replace(event.read(world().segments[0]), body=data)


def named() -> set[str]:
    """Every public function whose name says that it reads, and that is given bytes, a text, a file or a form."""
    found = set()
    for path in (ROOT / "panah").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT / "panah").with_suffix("").parts)
        if module.split(".")[0] in ("demo", "cli", "explain"):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and SOUNDS.match(node.name):
                given = {ast.unparse(a.annotation) for a in node.args.args if a.annotation is not None}
                if given & {"bytes", "str", "Source", "IO[bytes]", "Path", "Items", "Sequence[str]", "Mapping[str, list[str]]"}:
                    found.add(f"{module}.{node.name}")
    return found


def test_every_reader_stands_in_the_table():
    assert len(named()) > 30
    assert sorted(named() - READERS.keys() - NO_READERS) == []


@st.composite
def _bent(draw: st.DrawFn, valid: list[bytes]) -> bytes:
    """A valid example with something done to it, or bytes that were never valid."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.binary(max_size=300))
    data = bytearray(draw(st.sampled_from(valid)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(data))))
        match draw(st.integers(0, 6)):
            case 0 if at < len(data):
                data[at] ^= 1 << draw(st.integers(0, 7))
            case 1 if at < len(data):
                data[at] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x22, 0x3C]))
            case 2:
                del data[at : at + draw(st.integers(1, 40))]
            case 3:
                data[at:at] = draw(st.binary(max_size=12))
            case 4:
                data[at:at] = data[at : at + draw(st.integers(1, 200))]
            case 5:
                other = draw(st.sampled_from(valid))
                data[at:] = other[draw(st.integers(0, len(other))) :]
            case 6:
                size = draw(st.sampled_from([1, 2, 4, 8]))
                data[at : at + size] = draw(st.sampled_from([0, 1, 2**31 - 1, 2**32 - 1, 2**63])).to_bytes(9, "big")[-size:]
    return bytes(data[: 1 << 20])


def _too_long(*_: object) -> None:
    raise AssertionError("a reader did not come back in time")


@pytest.mark.parametrize("name", READERS)
def test_a_reader_reads_or_refuses_in_our_words(name):
    reader = READERS[name]
    valid = [e for e in reader.examples() if len(e) <= 1 << 20] or [b""]
    before = signal.signal(signal.SIGALRM, _too_long)
    slow = name.startswith(
        (
            "files.clean",
            "files.apart.run",
            "node.pictures",
            "kernel.recovery",
            "work.",
            "page.",
            "kernel.backup",
            "kernel.sync.from",
        )
    )
    if not slow:
        tracemalloc.start()

    @settings(max_examples=rounds(reader.few), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(_bent(valid))
    def run(data: bytes) -> None:
        cases["given"] += 1
        signal.alarm(MOST_SECONDS)
        if not slow:
            tracemalloc.reset_peak()
        try:
            reader.call(data)
            cases["read"] += 1
        except PanahError as e:
            assert e.code in EXPLAIN, e.code
        finally:
            signal.alarm(0)
        if not slow:
            assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY

    try:
        run()
    finally:
        tracemalloc.stop()
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "name", ["files.pictures.jpeg", "wire.decode_request", "kernel.event.read", "files.documents.packed", "kernel.age.open"]
)
def test_the_valid_examples_are_valid(name):
    """Bent bytes say little if nothing ever gets past the first check."""
    reader, passed = READERS[name], 0
    for example in reader.examples():
        with contextlib.suppress(PanahError):
            reader.call(example)
            passed += 1
    assert passed
