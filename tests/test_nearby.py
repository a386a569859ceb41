"""Laptops in one room and no network but the one between them: real relays with real certificates, on this machine's own addresses."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from panah import nearby as ground
from panah import qr
from panah.errors import PanahError, Refused, Unreachable, Unreadable
from panah.kernel import certificate, keys, sync
from panah.kernel.relay import Relay
from panah.relay.app import Server
from panah.work import nearby
from tests import team
from tests.team import File

ROOT = Path(__file__).resolve().parents[1]
HERE = "127.0.0.1"


@pytest.fixture
def two(tmp_path):
    omid = team.found(tmp_path / "omid")
    sara = team.join(omid, tmp_path / "sara", "Sara", ("supervisor", "intake"))
    yield omid, sara
    for s in (omid, sara):
        s.lock()


@pytest.fixture
def tent(two, tmp_path):
    """Omid's laptop serves the meeting."""
    omid, sara = two
    place = ground.Place(tmp_path / "nearby", HERE, certificate.serving(omid))
    where = nearby.Spot(place.host, place.port, certificate.fingerprint(certificate.of(omid)))
    yield omid, sara, where, tmp_path / "nearby"
    place.stop()


def meet(s, where):
    return sync.with_relay(s, where.address, pin=where.pin)


def test_two_laptops_meet_without_any_other_machine(tent):
    omid, sara, where, _ = tent
    one = omid.save(File(title="of the office", photo=omid.attach(keys.random(600_000), "image/jpeg", "x")))
    two = sara.save(File(title="of the tent"))
    for s in (omid, sara, omid, sara):
        meet(s, where)
    assert sara.get(File, one.id).title == "of the office" and omid.get(File, two.id).title == "of the tent"
    assert sara.read(sara.get(File, one.id).photo) == omid.read(one.photo)
    # The line on every page says so too.
    assert sara.status().met is not None and not sara.status().code and sara.status().unsent == 0


def test_who_meets_nobody_but_itself_has_met_nobody(tent):
    omid, sara, where, _ = tent
    sync.with_relay(omid, where.address, pin=where.pin, own=True)
    assert omid.status().met is None and omid.status().unsent > 0
    sara.save(File(title="of the tent"))
    meet(sara, where)
    sync.with_relay(omid, where.address, pin=where.pin, own=True)
    assert omid.status().met is not None


def test_what_came_by_another_way_is_passed_on_in_the_room(two, tmp_path):
    omid, sara = two
    relay = Server(tmp_path / "relay").start()
    noor = team.join(omid, tmp_path / "noor", "Noor", ("supervisor", "intake"))
    one = noor.save(File(title="of the third"))
    for s in (omid, noor, omid):
        sync.with_relay(s, relay.address)
    relay.stop()
    place = ground.Place(tmp_path / "nearby", HERE, certificate.serving(omid))
    where = nearby.Spot(place.host, place.port, certificate.fingerprint(certificate.of(omid)))
    for s in (omid, sara, omid, sara):
        meet(s, where)
    place.stop()
    assert sara.get(File, one.id).title == "of the third"
    noor.lock()


def test_who_comes_back_goes_on_and_another_meeting_begins_anew(two, tmp_path):
    omid, sara = two
    one = omid.save(File(title="first"))
    for turn in range(2):
        place = ground.Place(tmp_path / "nearby", HERE, certificate.serving(omid))
        where = nearby.Spot(place.host, place.port, certificate.fingerprint(certificate.of(omid)))
        first, second = meet(omid, where), meet(sara, where)
        # A meeting begins empty: everything is offered again, and nothing that lies there is given twice.
        assert first.sent > 0 and second.received == (0 if turn else second.received)
        again = meet(omid, where), meet(sara, where), meet(omid, where)
        assert again[1].sent == again[2].sent == 0 and again[2].received == 0
        place.stop()
    assert sara.get(File, one.id).title == "first"
    # Of meetings that are over nothing is remembered but the last.
    assert len({p.split("#")[0] for p in sara.vault.places("nearby:")}) == 1


def test_T2_a_certificate_that_was_not_compared_stops_everything(tent, tmp_path):
    _, sara, where, _ = tent
    stranger = team.found(tmp_path / "stranger")
    false = ground.Place(tmp_path / "false", HERE, certificate.serving(stranger))

    for pin in (where.pin, bytes(32), where.pin[:31] + bytes([where.pin[31] ^ 1])):
        with pytest.raises(Refused, match="certificate_differs"):
            sync.with_relay(sara, f"https://{HERE}:{false.port}", pin=pin)
    # And the other way round: a relay of the same laptop under another pin.
    with pytest.raises(Refused, match="certificate_differs"):
        sync.with_relay(sara, where.address, pin=certificate.fingerprint(certificate.of(stranger)))
    assert Relay(where.address, pin=where.pin).read("meeting.txt", 64)
    assert false._server.store.usage().deposits == 0
    false.stop()
    stranger.lock()


def test_T2_a_certificate_that_changes_on_a_line_that_is_open_stops_too(two, tmp_path):
    omid, sara = two
    place = ground.Place(tmp_path / "nearby", HERE, certificate.serving(omid))
    relay = Relay(f"https://{HERE}:{place.port}", pin=certificate.fingerprint(certificate.of(omid)))
    assert relay.read("meeting.txt", 64)
    port = place.port
    place.stop()
    false = Server(tmp_path / "false", host=HERE, port=port, tls=certificate.serving(sara)).start()
    with pytest.raises(Refused, match="certificate_differs"):
        relay.deposit(keys.random(32), keys.random(32), b"x")
    false.stop()


def test_T1_nobody_on_the_network_without_the_teams_keys_reads_or_forges(tent, tmp_path):
    omid, sara, where, folder = tent
    one = omid.save(File(title="SENTINELTITLE", note="SENTINELNOTE", photo=omid.attach(b"SENTINELFILE" * 1000, "image/png", "n")))
    seen = _Wire(where.port)
    spied = where._replace(port=seen.port)
    for s in (omid, sara):
        meet(s, spied)
    # A stranger has the whole traffic, and everything that the relay holds; and may leave whatever they like there.
    stored = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    for sentinel in (b"SENTINEL", b"Omid", b"Invented team"):
        assert sentinel not in bytes(seen.bytes) and sentinel not in stored
    stranger = team.found(tmp_path / "stranger")
    stranger.save(File(title="FORGED"))
    meet(stranger, where)
    for s in (omid, sara):
        for _, cap in sync.team_mailboxes(stranger):
            assert cap not in stored
        meet(s, where)
        assert [f.title for f in s.list(File)] == ["SENTINELTITLE"]
    # Even one who watches a mailbox's name go by, from inside the relay, brings nothing in.
    mail = Relay(where.address, pin=where.pin)
    for _, cap in sync.team_mailboxes(omid):
        box = hashlib.sha256(cap).digest()
        for junk in (b"\0" * 500, keys.random(500), sync.team_keys(omid)[0][0] + keys.random(500)):
            mail.deposit(box, keys.random(32), junk)
    new = omid.save(File(title="after the junk"))
    for s in (omid, sara):
        meet(s, where)
    assert sara.get(File, new.id).title == "after the junk" and sara.read(sara.get(File, one.id).photo)
    stranger.lock()


class _Wire:
    """Whoever sits between two laptops and writes down every byte."""

    def __init__(self, port):
        self.bytes = bytearray()
        self._listening = socket.create_server((HERE, 0))
        self.port = self._listening.getsockname()[1]
        self._to = port
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            near, _ = self._listening.accept()
            far = socket.create_connection((HERE, self._to))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._pipe, args=(a, b), daemon=True).start()

    def _pipe(self, a, b):
        try:
            while data := a.recv(65536):
                self.bytes += data
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_T3_only_the_relay_is_served_and_only_over_the_newest_tls(tent):
    _, _, where, _ = tent
    context = ssl._create_unverified_context()
    for path, status in (
        ("/", 200),
        ("/meeting.txt", 200),
        ("/unlock", 404),
        ("/sync", 404),
        ("/cases", 404),
        ("/relay.db", 404),
    ):
        line = http.client.HTTPSConnection(HERE, where.port, context=context, timeout=10)
        line.request("GET", path)
        answer = line.getresponse()
        assert answer.status == status, path
        assert b"Panah" not in answer.read()
        line.close()
    # In the clear nothing is answered, and no older TLS either.
    plain = http.client.HTTPConnection(HERE, where.port, timeout=10)
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.request("GET", "/")
        plain.getresponse()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError):
        context.wrap_socket(socket.create_connection((HERE, where.port)))


def test_T3_it_listens_on_private_addresses_only(two, tmp_path):
    tls = certificate.serving(two[0])
    for address in ("0.0.0.0", "::", "8.8.8.8", "example.org", "", "203.0.113.300"):
        with pytest.raises(Refused, match="meeting_address_not_private"):
            ground.Place(tmp_path / "nearby", address, tls)
    assert not (tmp_path / "nearby").exists()
    assert all(nearby.is_private(a) for a in ground.addresses())


def test_nothing_stays_when_the_meeting_ends(two, tmp_path):
    omid, sara = two
    place = ground.Place(tmp_path / "nearby", HERE, certificate.serving(omid))
    where = nearby.Spot(place.host, place.port, certificate.fingerprint(certificate.of(omid)))
    meet(omid, where)
    place.stop()
    assert not (tmp_path / "nearby").exists()
    with pytest.raises(Unreachable):
        meet(sara, where)
    with pytest.raises(Unreachable, match="meeting_unreachable"):
        nearby.look(sara, where.shown)


def test_T4_the_certificates_key_is_never_readable_on_a_disk(tmp_path):
    """A process that makes and uses the certificate, with every file that it writes looked at."""
    code = f"""
import builtins, os, sys
from pathlib import Path
from cryptography.hazmat.primitives.serialization import load_der_private_key
wrote = []
sys.addaudithook(lambda event, args: wrote.append(str(args[0])) if event == "open" and args[0] and not isinstance(args[0], int) else None)
import ssl
real = ssl.SSLContext.load_cert_chain
files = []
def watched(self, file, *args, **kwargs):
    files.append(Path(file).read_bytes())
    return real(self, file, *args, **kwargs)
ssl.SSLContext.load_cert_chain = watched
from panah.kernel import certificate
from tests import team
s = team.found(Path({str(tmp_path / "v")!r}))
certificate.serving(s)
key = s.setting("certificate")["key"]
numbers = load_der_private_key(key, None).private_numbers().private_value.to_bytes(32, "big")
s.lock()
assert files and b"ENCRYPTED PRIVATE KEY" in files[0] and b"BEGIN PRIVATE KEY" not in files[0] and b"EC PRIVATE" not in files[0]
for data in [*files, *(p.read_bytes() for p in Path({str(tmp_path)!r}).rglob("*") if p.is_file())]:
    assert key not in data and numbers not in data and numbers.hex().encode() not in data
assert not [p for p in os.listdir({str(tmp_path / "tmp")!r})]
"""
    (tmp_path / "tmp").mkdir()
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}, capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr


def test_codes_and_addresses_are_read_strictly(two):
    omid, _ = two
    pin = certificate.fingerprint(certificate.of(omid))
    for shown in ("192.168.1.7:8447", "10.0.0.2:1", "[fe80::1]:8447", "127.0.0.1:65535"):
        where = nearby.spot(shown)._replace(pin=pin)
        assert where.shown == shown
        (text,) = qr.split(nearby.code(where), kind="meet")
        assert nearby.read_code(qr.join([text])) == where
    assert nearby.spot(" https://192.168.1.7/ ") == nearby.Spot("192.168.1.7", nearby.PORT, b"")
    for typed, code in (
        ("example.org", "meeting_address_malformed"), ("192.168.1", "meeting_address_malformed"), ("", "meeting_address_malformed"),
        ("192.168.1.7:99999", "meeting_address_malformed"), ("[::1", "meeting_address_malformed"),
        ("8.8.8.8", "meeting_address_not_private"), ("[2606:4700::1]:443", "meeting_address_not_private"), ("0.0.0.0", "meeting_address_not_private"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=code):
            nearby.spot(typed)
    for rest in (
        b"",
        b"192.168.1.7",
        b"192.168.1.7:08447",
        b"192.168.1.7:8447 ",
        b"user@192.168.1.7:8447",
        b"\xff" * 16,
        b"1" * 65,
    ):
        with pytest.raises(PanahError) as e:
            nearby.read_code(pin + rest)
        assert e.value.code.startswith("meeting_")
    with pytest.raises(Unreadable, match="meeting_code_malformed"):
        nearby.read_code(b"short")


def test_digits_are_compared_once(tent):
    omid, sara, where, _ = tent
    with pytest.raises(Refused, match="meeting_none_to_agree"):
        nearby.agreed(sara)
    found, words = nearby.look(sara, where.shown)
    assert words == nearby.own_digits(omid) and found == where
    assert nearby.agreed(sara) == where
    assert nearby.look(sara, where.shown) == (where, "")
    assert nearby.known(sara) == {where.pin.hex(): where.shown}


def test_a_meeting_that_does_not_say_which_it_is_is_refused(two, tmp_path):
    omid, sara = two
    pin = certificate.fingerprint(certificate.of(omid))
    (tmp_path / "public").mkdir()
    odd = Server(tmp_path / "odd", tmp_path / "public", host=HERE, tls=certificate.serving(omid)).start()
    for content in (b"x" * 64, b"0" * 63, b"0" * 65):
        (tmp_path / "public/meeting.txt").write_bytes(content)
        with pytest.raises(Unreadable, match="relay_answer_"):
            sync.with_relay(sara, odd.address, pin=pin)
    odd.stop()
    with pytest.raises(Unreadable, match="relay_address_malformed"):
        Relay("http://127.0.0.1:1", pin=pin)


def test_a_line_that_breaks_in_the_room_goes_on_where_it_was(tent):
    omid, sara, where, _ = tent
    records = [omid.save(File(title=f"{n}", photo=omid.attach(keys.random(1_500_000), "image/png", "x"))) for n in range(3)]
    meet(omid, where)
    cut = sync.Carried()

    def stumble(done, of):
        if cut.bytes > 2_000_000:
            raise Unreachable("relay_unreachable")

    with pytest.raises(Unreachable):
        sync.with_relay(sara, where.address, stumble, pin=where.pin, done=cut)
    rest = meet(sara, where)
    assert cut.bytes > 2_000_000 and rest.bytes < 3 * 6 * 262_144 + 100_000 - 1_500_000
    for r in records:
        assert sara.read(sara.get(File, r.id).photo) == omid.read(r.photo)
