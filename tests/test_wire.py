"""Frames, padding and signed replies: every vector, and whatever a stranger may send instead."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import exceptions
from nacl.signing import SigningKey, VerifyKey

from panah import wire
from panah.errors import Full, PanahError, Unreadable
from panah.explain import EXPLAIN
from panah.kernel import age

ROOT = Path(__file__).parent.parent


def load(name: str) -> Any:
    return json.loads((ROOT / "spec/vectors" / name).read_text())


REQUESTS, REPLIES, SEALED = load("request.json"), load("reply.json"), load("sealed.json")
REQUEST = REQUESTS["frames"][0]["value"]


def name(vector: Any) -> str:
    return str(vector["name"])


def verify(key: bytes, label: bytes, data: bytes, signature: bytes) -> None:
    try:
        VerifyKey(key).verify(label + data, signature)
    except (exceptions.CryptoError, ValueError) as e:
        raise Unreadable("signature_wrong") from e


def open_reply(body: bytes) -> wire.Reply:
    root = bytes.fromhex(REPLIES["root"])
    return wire.open_reply(body, root=root, thread=REPLIES["thread"], today=REPLIES["today"], verify=verify)


# Requests.


@pytest.mark.parametrize("vector", REQUESTS["frames"], ids=name)
def test_a_frame_of_the_vectors_is_read_and_written_with_the_same_meaning(vector: Any) -> None:
    frame = wire.decode_request(vector["frame"].encode())
    whole = {"answers": {}, "files": []} if vector["value"]["kind"] == "request" else {"files": []}
    assert json.loads(wire.encode_request(frame)) == {**whole, **vector["value"]}
    assert wire.decode_request(wire.encode_request(frame)) == frame
    assert wire.unpad(wire.pad(wire.encode_request(frame))) == wire.encode_request(frame)


@pytest.mark.parametrize("vector", REQUESTS["refuses"], ids=name)
def test_a_frame_that_breaks_a_rule_is_refused_by_that_rule(vector: Any) -> None:
    data = vector["frame"].encode() if "frame" in vector else base64.b64decode(vector["frame_base64"])
    with pytest.raises(Unreadable) as e:
        wire.decode_request(data)
    assert e.value.code == vector["code"]


def test_no_refusal_quotes_what_a_person_wrote() -> None:
    for vector in REQUESTS["refuses"]:
        with pytest.raises(Unreadable) as e:
            wire.decode_request(vector.get("frame", "").encode())
        assert str(e.value) in EXPLAIN and e.value.__cause__ is None


def test_what_is_written_is_held_to_the_same_rules() -> None:
    for wrong in ({"thread": "x"}, {"text": "a" * 12_001}, {"answers": {"a": float("nan")}}, {"lang": ""}):
        with pytest.raises(PanahError):
            wire.encode_request(made(wrong))
    with pytest.raises(Unreadable, match="frame_too_large"):
        wire.encode_request(made({"text": "ب" * 12_000}))


def made(changed: dict[str, Any]) -> wire.Request:
    return wire.Request(**{k: v for k, v in {**REQUEST, "files": [], **changed}.items() if k != "kind"})


# Padding.


@pytest.mark.parametrize("vector", REQUESTS["padding"], ids=name)
def test_data_is_padded_to_the_smallest_size_that_holds_it(vector: Any) -> None:
    data = b"a" * vector["letters"] + bytes.fromhex(vector["tail"])
    padded = wire.pad(data)
    assert padded == data + b"\x80" + bytes(vector["size"] - len(data) - 1)
    assert wire.unpad(padded) == data


@pytest.mark.parametrize("vector", REQUESTS["padding_refuses"], ids=name)
def test_any_other_padding_is_refused(vector: Any) -> None:
    padded = b"a" * vector["letters"] + bytes.fromhex(vector["tail"]) + bytes(vector["zeros"])
    with pytest.raises(Unreadable, match=vector["code"]):
        wire.unpad(padded)


def test_what_no_size_holds_is_refused() -> None:
    with pytest.raises(Full, match="frame_too_large"):
        wire.pad(b"a" * 16384)
    with pytest.raises(Full):
        wire.pad(bytes(4 * 1024 * 1024), wire.FILE_SIZES)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 300_000), st.binary(max_size=20))
def test_padding_comes_off_again_and_only_allowed_sizes_appear(size: int, tail: bytes) -> None:
    data = bytes(size) + tail
    padded = wire.pad(data, wire.FILE_SIZES)
    assert len(padded) in wire.FILE_SIZES and wire.unpad(padded, wire.FILE_SIZES) == data


def test_a_sealed_request_has_one_of_two_sizes_whatever_was_written() -> None:
    recipients = [key["recipient"] for key in SEALED["keys"][:2]]
    dice = random.Random(3)
    padded = set()
    for _ in range(10_000):
        text = "".join(dice.choices("aبک \n🕊", k=dice.randrange(3000)))
        padded.add(len(wire.pad(msgspec.json.encode(made({"text": text})))))
    assert padded == set(wire.FRAME_SIZES)
    sealed = {len(age.seal(bytes(size), recipients)) for size in wire.FRAME_SIZES for _ in range(20)}
    assert sealed == {7312, 19600}


# Replies.


@pytest.mark.parametrize("vector", REPLIES["replies"], ids=name)
def test_a_signed_reply_opens_and_is_signed_over_the_very_bytes(vector: Any) -> None:
    body = vector["body"].encode()
    signed = wire.split_reply(body)
    assert signed.json == vector["json"].encode() and signed.not_after == vector["not_after"]
    assert wire.encode_reply_body(signed) == body
    key = SigningKey(bytes.fromhex(REPLIES["reply_key_seed"]))
    assert key.sign(wire.reply_to_sign(signed.json)).signature == signed.signature
    root = SigningKey(bytes.fromhex(REPLIES["root_seed"]))
    assert root.sign(wire.reply_key_to_sign(signed.key, signed.not_after)).signature == signed.root_signature
    reply = open_reply(body)
    assert json.loads(vector["json"]) == msgspec.to_builtins(reply)
    assert wire.encode_reply(reply) == signed.json
    wire.pad(body, wire.REPLY_SIZES)


@pytest.mark.parametrize("vector", REPLIES["refuses"], ids=name)
def test_a_forged_replayed_or_broken_reply_is_never_shown(vector: Any) -> None:
    with pytest.raises(Unreadable) as e:
        open_reply(vector["body"].encode())
    assert e.value.code == vector["code"]


def test_every_byte_of_a_reply_is_covered() -> None:
    body = REPLIES["replies"][0]["body"].encode()
    for at in range(len(body)):
        for bit in (1, 128):
            changed = body[:at] + bytes([body[at] ^ bit]) + body[at + 1 :]
            with pytest.raises(Unreadable):
                open_reply(changed)
        with pytest.raises(Unreadable):
            open_reply(body[:at])


def test_a_reply_longer_than_its_padding_is_refused_before_it_is_signed() -> None:
    longest = wire.decode_reply(REPLIES["replies"][3]["json"].encode())
    with pytest.raises(Full, match="reply_too_long"):
        wire.encode_reply(msgspec.structs.replace(longest, text=longest.text + "x"))


# The page's configuration.


def test_the_configuration_of_the_vectors_is_read_and_its_signature_stands() -> None:
    vector = REPLIES["intake"]
    config = wire.decode_config(vector["config"].encode())
    assert wire.encode_config(config).decode() == vector["config"]
    to_sign = wire.intake_to_sign(config.intake.box, config.intake.recipients, config.intake.day)
    assert to_sign.decode() == vector["to_sign"]
    verify(bytes.fromhex(config.root), b"", to_sign, bytes.fromhex(config.intake.sig))


def test_a_configuration_that_breaks_a_rule_is_refused() -> None:
    good = json.loads(REPLIES["intake"]["config"])
    intake = good["intake"]
    for changed in (
        {"team": "a name"},
        {"relays": []},
        {"relays": ["https://relay.example/"]},
        {"relays": ["https://Relay.example"]},
        {"relays": ["ftp://relay.example"]},
        {"relays": ["https://user@relay.example"]},
        {"relays": ["https://relay.example"] * 9},
        {"root": "00"},
        {"intake": {**intake, "recipients": intake["recipients"][:1]}},
        {"intake": {**intake, "recipients": intake["recipients"] * 2}},
        {"intake": {**intake, "day": -1}},
        {"intake": {**intake, "note": ""}},
    ):
        with pytest.raises(Unreadable, match="frame_malformed"):
            wire.decode_config(json.dumps({**good, **changed}).encode())
    with pytest.raises(Unreadable, match="frame_future_version"):
        wire.decode_config(json.dumps({**good, "v": 2}).encode())


# Sealed files.


@pytest.mark.parametrize("vector", SEALED["opens"], ids=name)
def test_a_sealed_file_of_the_vectors_opens(vector: Any) -> None:
    plain = age.open(base64.b64decode(vector["sealed"]), [vector["identity"]])
    assert len(plain) == vector["size"] and hashlib.sha256(plain).hexdigest() == vector["sha256"]


@pytest.mark.parametrize("vector", SEALED["refuses"], ids=name)
def test_a_sealed_file_that_breaks_a_rule_is_refused_by_that_rule(vector: Any) -> None:
    with pytest.raises(Unreadable) as e:
        age.open(base64.b64decode(vector["sealed"]), [vector["identity"]])
    assert e.value.code == vector["code"]


def test_the_sealed_request_holds_the_first_frame_and_a_sealed_reply_fits_its_slot() -> None:
    request, _, reply, _ = SEALED["opens"]
    plain = wire.unpad(age.open(base64.b64decode(request["sealed"]), [request["identity"]]))
    assert plain.decode() == REQUESTS["frames"][0]["frame"]
    assert len(base64.b64decode(reply["sealed"])) <= 6144
    body = wire.unpad(age.open(base64.b64decode(reply["sealed"]), [reply["identity"]]), wire.REPLY_SIZES)
    assert open_reply(body).n == 1
    for key in SEALED["keys"]:
        assert age.recipient_of(key["identity"]) == key["recipient"]


def test_the_vectors_are_what_the_tool_writes() -> None:
    before = {path: path.read_bytes() for path in (ROOT / "spec/vectors").glob("*.json")}
    subprocess.run([sys.executable, "tools/vectors.py"], cwd=ROOT, check=True)
    assert {path: path.read_bytes() for path in (ROOT / "spec/vectors").glob("*.json")} == before


# Strangers.

_pieces = st.sampled_from(
    [p.encode() for p in ('{"v":1,', '"kind":"request"', '"n":', "{", "}", "[", "]", '"', ",", ":", "1e9", "null", "\\u")]
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(_pieces, max_size=20).map(b"".join),
        st.tuples(st.sampled_from(sorted(REQUEST)), _json).map(lambda p: json.dumps({**REQUEST, p[0]: p[1]}).encode()),
        st.dictionaries(st.text(max_size=10), _json, max_size=3).map(lambda d: json.dumps({**REQUEST, "answers": d}).encode()),
    )
)
def test_whatever_comes_is_a_frame_or_a_refusal_that_is_explained(data: bytes) -> None:
    for act in (wire.decode_request, wire.decode_reply, wire.decode_config, wire.split_reply, open_reply, wire.unpad):
        try:
            got = act(data)  # type: ignore[operator]
        except Unreadable as e:
            assert e.code in EXPLAIN, e.code
        else:
            if isinstance(got, wire.Request | wire.Message):
                assert wire.decode_request(wire.encode_request(got)) == got
