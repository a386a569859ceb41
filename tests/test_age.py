"""Sealed files: every public test vector, every byte cut off, every bit turned, and another implementation as witness."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panah.errors import PanahError, Refused, Unreadable
from panah.explain import EXPLAIN
from panah.kernel import age, age_header

ROOT = Path(__file__).parent.parent
AMIRA = age.new_identity(bytes(range(32)))
DARA = age.new_identity(b"d" * 32)
NOOR = age.new_x25519_identity(b"n" * 32)

# The vectors name six outcomes; ours are finer.
CODES = {
    "no match": {"age_no_key_opens"},
    "HMAC failure": {"age_header_changed"},
    "header failure": {
        "age_header_malformed",
        "age_future_version",
        "age_not_sealed",
        "age_truncated",
        "age_passphrase_work_too_high",
    },
    "payload failure": {"age_payload_broken", "age_truncated"},
    "armor failure": {"age_armor_malformed"},
}


def node(script: str, given: object = None) -> str:
    """What a script prints; it reads JSON from its input, so that nothing stands on a command line."""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script],
        cwd=ROOT,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@dataclass
class Vector:
    name: str
    file: bytes
    expect: str = ""
    payload: str = ""
    armored: bool = False
    identities: list[str] = field(default_factory=list)
    passphrases: list[str] = field(default_factory=list)


def read_vector(name: str, data: bytes) -> Vector:
    head, _, file = data.partition(b"\n\n")
    vector = Vector(name, file)
    for line in head.decode().split("\n"):
        key, _, value = line.partition(": ")
        match key:
            case "expect":
                vector.expect = value
            case "payload":
                vector.payload = value
            case "identity":
                vector.identities.append(value)
            case "passphrase":
                vector.passphrases.append(value)
            case "armored":
                vector.armored = value == "yes"
            case "compressed":
                assert value == "zlib"
                vector.file = zlib.decompress(file)
            case "file key" | "comment":
                pass
            case _:
                raise AssertionError(f"unknown key {key} in {name}")
    return vector


@pytest.fixture(scope="module")
def vectors() -> list[Vector]:
    out = node(
        """import * as v from "cctv-age";
        console.log(JSON.stringify(Object.entries(v).map(([k, b]) => [k, Buffer.from(b).toString("base64")])))"""
    )
    return [read_vector(name, base64.b64decode(text)) for name, text in json.loads(out)]


def run(vector: Vector) -> tuple[str, bytes]:
    """The code ("" for success) and what was given out before it."""
    dst = io.BytesIO()
    try:
        file = age.unarmor(vector.file) if vector.armored else vector.file
        passphrase = vector.passphrases[0] if vector.passphrases else None
        age.open_stream(io.BytesIO(file), dst, vector.identities, passphrase=passphrase)
    except Unreadable as e:
        return e.code, dst.getvalue()
    return "", dst.getvalue()


def test_every_public_vector_gives_the_outcome_it_names(vectors: list[Vector]) -> None:
    assert len(vectors) >= 143
    wrong = []
    for vector in vectors:
        code, out = run(vector)
        allowed = {""} if vector.expect == "success" else CODES[vector.expect]
        hashed = hashlib.sha256(out).hexdigest() == vector.payload if vector.payload else not out
        if code not in allowed or not hashed:
            wrong.append((vector.name, vector.expect, code, hashed))
    assert not wrong


def test_every_vector_with_a_sound_header_is_written_again_byte_for_byte(vectors: list[Vector]) -> None:
    seen = 0
    for vector in vectors:
        if vector.expect in ("header failure", "armor failure"):
            continue
        file = age.unarmor(vector.file) if vector.armored else vector.file
        src = io.BytesIO(file)
        header = age_header.read_header(src)
        assert age_header.write_header(header.stanzas, lambda _, header=header: header.mac) == file[: src.tell()]
        seen += 1
    assert seen > 40


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=1000), st.sampled_from([0, 1, 65535, 65536, 65537, 131072, 131073]), st.sampled_from(["pq", "x"]))
def test_what_was_sealed_opens_again_whole(tail: bytes, size: int, kind: str) -> None:
    data = bytes(size) + tail
    identity = AMIRA if kind == "pq" else NOOR
    sealed = age.seal(data, [age.recipient_of(identity)])
    assert age.open(sealed, [identity]) == data
    assert age.open(age.unarmor(age.armor(sealed).encode()), [DARA, identity]) == data


def test_armored_text_is_told_from_a_sealed_file() -> None:
    sealed = age.seal(b"", [age.recipient_of(NOOR)])
    assert age.is_armored(b" \r\n" + age.armor(sealed).encode()) and not age.is_armored(sealed) and not age.is_armored(b"")


@settings(max_examples=10, deadline=None)
@given(st.binary(max_size=200), st.text(min_size=1, max_size=40).filter(lambda t: t.isprintable()))
def test_a_passphrase_opens_what_it_sealed_and_no_other_does(data: bytes, passphrase: str) -> None:
    sealed = age.seal_with_passphrase(data, passphrase, log_n=4)
    assert age.open_with_passphrase(sealed, passphrase) == data
    with pytest.raises(Unreadable, match="age_no_key_opens"):
        age.open_with_passphrase(sealed, passphrase + "x")
    with pytest.raises(Unreadable, match="age_no_key_opens"):
        age.open(sealed, [AMIRA])


def test_each_recipient_opens_and_a_stranger_does_not() -> None:
    sealed = age.seal(b"words", [age.recipient_of(AMIRA), age.recipient_of(DARA)])
    assert age.open(sealed, [AMIRA]) == age.open(sealed, [DARA]) == b"words"
    for stranger in (age.new_identity(), NOOR):
        with pytest.raises(Unreadable, match="age_no_key_opens"):
            age.open(sealed, [stranger])
    with pytest.raises(Unreadable, match="age_no_key_opens"):
        age.open_with_passphrase(sealed, "words")


def test_an_identity_from_a_seed_is_always_the_same_and_random_ones_differ() -> None:
    assert age.new_identity(bytes(range(32))) == AMIRA
    assert AMIRA.startswith("AGE-SECRET-KEY-PQ-1") and NOOR.startswith("AGE-SECRET-KEY-1")
    assert age.new_identity() != age.new_identity() and age.new_x25519_identity() != age.new_x25519_identity()
    assert age.recipient_of(AMIRA).startswith("age1pq1") and age.recipient_of(NOOR).startswith("age1")


@pytest.mark.parametrize("size", [0, 40])
def test_a_file_cut_after_any_byte_is_refused(size: int) -> None:
    sealed = age.seal(b"w" * size, [age.recipient_of(NOOR)])
    for cut in range(len(sealed)):
        with pytest.raises(Unreadable) as e:
            age.open(sealed[:cut], [NOOR])
        assert e.value.code in ("age_truncated", "age_payload_broken"), cut


def test_a_hybrid_file_cut_after_any_byte_is_refused() -> None:
    sealed = age.seal(b"w" * 10, [age.recipient_of(AMIRA)])
    for cut in range(len(sealed)):
        with pytest.raises(Unreadable) as e:
            age.open(sealed[:cut], [AMIRA])
        assert e.value.code in ("age_truncated", "age_payload_broken"), cut


def test_every_bit_of_a_file_is_covered() -> None:
    sealed = age.seal(b"meet at the bridge", [age.recipient_of(NOOR)])
    for at in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[at] ^= 1 << bit
            with pytest.raises(Unreadable):
                age.open(bytes(changed), [NOOR])


def test_one_flipped_bit_anywhere_in_a_hybrid_file_is_found() -> None:
    sealed = age.seal(bytes(70_000), [age.recipient_of(AMIRA), age.recipient_of(DARA)])
    for at in [*range(0, 3400, 7), *range(3400, len(sealed), 4999), len(sealed) - 1]:
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(Unreadable):
            age.open(bytes(changed), [AMIRA])


def test_chunks_cannot_be_dropped_swapped_or_repeated() -> None:
    data = b"".join(bytes([n]) * age.CHUNK for n in range(4))
    sealed = age.seal(data, [age.recipient_of(NOOR)])
    size = age.CHUNK + 16
    head, chunks = sealed[: -4 * size], [sealed[len(sealed) - (4 - n) * size :][:size] for n in range(4)]
    assert head + b"".join(chunks) == sealed
    for order in ([0, 1, 2], [0, 2, 1, 3], [0, 0, 1, 2, 3], [1, 2, 3], [0, 1, 3], [3], []):
        with pytest.raises(Unreadable):
            age.open(head + b"".join(chunks[n] for n in order), [NOOR])


class Pipe:
    """Gives a few bytes at a time, like a socket, and refuses to be asked for much."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        assert 0 < size <= age.CHUNK + 16
        n = min(size, self.left, 10_000)
        self.left -= n
        return bytes(n)


class Sink:
    """Keeps nothing but a hash and the largest piece."""

    def __init__(self) -> None:
        self.hash, self.size, self.most = hashlib.sha256(), 0, 0

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        self.size += len(data)
        self.most = max(self.most, len(data))
        return len(data)


def test_a_large_file_streams_in_bounded_pieces(tmp_path: Path) -> None:
    size = 20 * 1024 * 1024 + 17
    with (tmp_path / "sealed").open("wb") as dst:
        age.seal_stream(Pipe(size), dst, [age.recipient_of(AMIRA)])
    sink = Sink()
    with (tmp_path / "sealed").open("rb") as src:
        age.open_stream(src, sink, [AMIRA])
    assert sink.size == size and sink.most <= age.CHUNK
    assert sink.hash.digest() == hashlib.sha256(bytes(size)).digest()


def test_nothing_of_a_chunk_is_given_out_before_it_is_verified() -> None:
    sealed = bytearray(age.seal(bytes(3 * age.CHUNK), [age.recipient_of(NOOR)]))
    sealed[-age.CHUNK - 100] ^= 1  # in the second chunk but one from the end
    dst = io.BytesIO()
    with pytest.raises(Unreadable, match="age_payload_broken"):
        age.open_stream(io.BytesIO(bytes(sealed)), dst, [NOOR])
    assert len(dst.getvalue()) == age.CHUNK
    with pytest.raises(Unreadable):
        age.open(bytes(sealed), [NOOR])


def test_older_and_newer_recipients_are_not_mixed() -> None:
    with pytest.raises(Refused, match="age_recipients_mixed"):
        age.seal(b"", [age.recipient_of(AMIRA), age.recipient_of(NOOR)])
    with pytest.raises(Refused, match="age_nobody_to_seal_to"):
        age.seal(b"", [])
    with pytest.raises(Refused, match="age_passphrase_empty"):
        age.seal_with_passphrase(b"", "")


def test_a_malformed_key_is_refused_and_never_shown() -> None:
    good = [AMIRA, NOOR, age.recipient_of(AMIRA), age.recipient_of(NOOR)]
    for key in good:
        swapped = key[:-3] + ("q" if key[-3].lower() != "q" else "p") + key[-2:]
        for bad in (
            swapped,
            key[:-1],
            key + "q",
            key.swapcase(),
            key[:5].swapcase() + key[5:],
            " " + key,
            key + "\n",
            "",
            key[:30],
        ):
            with pytest.raises(Unreadable) as e:
                if key.startswith("AGE"):
                    age.recipient_of(bad)
                else:
                    age.seal(b"", [bad])
            assert e.value.code == "age_key_malformed"
            assert bad.strip() == "" or bad.strip() not in str(e.value)


def test_a_recipient_of_low_order_is_refused() -> None:
    for point in (bytes(32), b"\x01" + bytes(31)):
        with pytest.raises(Unreadable, match="age_key_malformed"):
            age.seal(b"", [age_header.to_bech32("age", point)])


def test_a_newer_version_and_a_file_that_is_not_sealed_are_told_apart() -> None:
    for data, code in (
        (b"age-encryption.org/v2\nanything", "age_future_version"),
        (b"\xff\xd8\xff\xe0 a photograph", "age_not_sealed"),
        (b"", "age_truncated"),
        (b"age-encryption.org/v1\r\n", "age_header_malformed"),
    ):
        with pytest.raises(Unreadable, match=code):
            age.open(data, [AMIRA])


def test_a_stranger_cannot_make_us_work_without_bound() -> None:
    head = b"age-encryption.org/v1\n"
    for data in (
        head + b"-> X " + b"a" * 10_000_000,
        head + b"-> X\n" + (b"A" * 64 + b"\n") * 100_000,
        head + b"-> grease\n\n" * 5000,
    ):
        with pytest.raises(Unreadable, match="age_header_too_large"):
            age.open(data, [AMIRA])
    costly = head + b"-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n" + b"A" * 43 + b"\n--- " + b"A" * 43 + b"\n" + bytes(32)
    with pytest.raises(Unreadable, match="age_passphrase_work_too_high"):
        age.open_with_passphrase(costly, "x")


_pieces = st.sampled_from(
    [
        b"age-encryption.org/v1\n",
        b"-> X25519 ",
        b"-> mlkem768x25519 ",
        b"-> scrypt ",
        b"\n",
        b"--- ",
        b"A" * 43,
        b"A" * 64 + b"\n",
        b"->",
        b" ",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(st.one_of(_pieces, st.binary(max_size=5)), max_size=12).map(b"".join)))
def test_whatever_bytes_come_the_only_answer_is_a_refusal(data: bytes) -> None:
    for attempt in (data, b"age-encryption.org/v1\n" + data):
        for act in (
            lambda d: age.open(d, [AMIRA, NOOR]),
            age.unarmor,
            lambda d: age_header.from_bech32(d.decode("latin-1"), "age", 32),
        ):
            try:
                act(attempt)
            except PanahError as e:
                assert isinstance(e, Unreadable) and e.code in EXPLAIN


JS_SEAL = """
import { Encrypter } from "age-encryption";
const { recipients, passphrase, text } = JSON.parse(await new Response(process.stdin).text());
const e = new Encrypter();
if (passphrase) { e.setScryptWorkFactor(4); e.setPassphrase(passphrase) }
for (const r of recipients) e.addRecipient(r);
console.log(Buffer.from(await e.encrypt(Buffer.from(text, "base64"))).toString("base64"));
"""
JS_OPEN = """
import { Decrypter, identityToRecipient, armor } from "age-encryption";
const { identity, passphrase, sealed, armored } = JSON.parse(await new Response(process.stdin).text());
const d = new Decrypter();
if (passphrase) d.addPassphrase(passphrase); else d.addIdentity(identity);
const file = armored ? armor.decode(armored) : Buffer.from(sealed, "base64");
const text = Buffer.from(await d.decrypt(file)).toString("base64");
console.log(JSON.stringify([text, identity ? await identityToRecipient(identity) : ""]));
"""


@pytest.mark.parametrize("who", ["hybrid", "x25519", "passphrase"])
def test_another_implementation_opens_ours_and_we_open_its(who: str) -> None:
    data = bytes(range(256)) * 300  # more than one chunk
    text = base64.b64encode(data).decode()
    identity = {"hybrid": AMIRA, "x25519": NOOR, "passphrase": ""}[who]
    recipients = [age.recipient_of(identity)] if identity else []
    passphrase = "" if identity else "three rivers and a road"
    theirs = base64.b64decode(node(JS_SEAL, {"recipients": recipients, "passphrase": passphrase, "text": text}))
    assert (age.open(theirs, [identity]) if identity else age.open_with_passphrase(theirs, passphrase)) == data
    ours = age.seal(data, recipients) if identity else age.seal_with_passphrase(data, passphrase, log_n=4)
    for form in ({"sealed": base64.b64encode(ours).decode()}, {"armored": age.armor(ours)}):
        opened, recipient = json.loads(node(JS_OPEN, {"identity": identity, "passphrase": passphrase, **form}))
        assert base64.b64decode(opened) == data
        assert [recipient] == (recipients or [""])


def test_every_refusal_of_these_modules_is_explained() -> None:
    for name in ("kernel/age.py", "kernel/age_header.py", "kernel/recovery.py", "wire.py", "receipt.py"):
        source = (ROOT / "panah" / name).read_text()
        codes = re.findall(r'"((?:age|frame|reply|padding|receipt|recovery)_[a-z_]+)"', source)
        assert codes and set(codes) <= set(EXPLAIN), name
