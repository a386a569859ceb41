"""What the help page and the team send each other, as bytes: frames, padding, and exactly which bytes are signed.

Knows no key and seals nothing; whoever signs or opens does it with what these functions give. See spec/request.md.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import json
import math
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import msgspec
from msgspec import Meta

from panah.errors import Full, Unreadable

VERSION = 1
LABEL_REPLY = b"panah/1/reply\n"
LABEL_REPLY_KEY = b"panah/1/reply-key\n"
LABEL_INTAKE = b"panah/1/intake\n"

FRAME_SIZES = (4096, 16384)
REPLY_SIZES = (4096,)
FILE_SIZES = (64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024)
MOST_TEXT, MOST_FILES, MOST_RELAYS = 12_000, 8, 8
MOST_ANSWERS, MOST_DEPTH, MOST_VALUES = 100, 4, 1000
MOST_NUMBER = 2**53 - 1  # beyond it the browser's numbers are not exact
MOST_CONFIG = 64 * 1024
_CERTIFICATE = 32 + 4 + 64

Hex16 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Hex32 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Hex64 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{128}\Z")]
Key32 = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\Z")]
HybridRecipient = Annotated[str, Meta(pattern=r"\Aage1pq1[02-9ac-hj-np-z]{1952}\Z")]
Language = Annotated[str, Meta(pattern=r"\A[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z")]
Media = Annotated[str, Meta(pattern=r"\A[a-z]+/[a-z0-9][a-z0-9.+-]{0,63}\Z")]
Leave = Annotated[str, Meta(pattern=r"\A(/|https?://)[A-Za-z0-9._~:/?&=%{}-]{0,300}\Z")]
Text = Annotated[str, Meta(max_length=MOST_TEXT)]
Day = Annotated[int, Meta(ge=0, lt=2**32)]  # days since 1970-01-01
Origin = Annotated[str, Meta(pattern=r"\Ahttps?://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9][0-9]{0,4})?\Z")]


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture or document that travels beside its request, in a mailbox of its own and under a key of its own.

    `key` is the 32-byte seed, in base64, of the age identity that opens it; `bytes` its size before padding.
    """

    box: Hex32
    cap: Hex32
    key: Key32
    bytes: Annotated[int, Meta(ge=0, lt=FILE_SIZES[-1])]
    media: Media


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="request"):
    """The first message of a thread, with the answers to the questions of the page."""

    v: Literal[1] = 1
    lang: Language
    thread: Hex16
    reply: HybridRecipient
    box: Hex32
    n: Literal[1] = 1
    text: Text
    answers: dict[str, Any] = {}  # JSON values; _check_answers bounds them
    files: Annotated[list[File], Meta(max_length=MOST_FILES)] = []


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="message"):
    """A further message of a thread."""

    v: Literal[1] = 1
    lang: Language
    thread: Hex16
    reply: HybridRecipient
    box: Hex32
    n: Annotated[int, Meta(ge=2, le=9999)]
    text: Text
    files: Annotated[list[File], Meta(max_length=MOST_FILES)] = []


class Deletion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="delete"):
    """The person asks the team to delete what they wrote in this thread. They emptied their own mailbox themselves."""

    v: Literal[1] = 1
    lang: Language
    thread: Hex16
    reply: HybridRecipient


class Reply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the team answers into a thread."""

    v: Literal[1] = 1
    thread: Hex16
    n: Annotated[int, Meta(ge=1, le=9999)]
    lang: Language
    date: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
    text: Text


class Intake(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a page's requests go, signed by the team's root."""

    box: Hex32
    recipients: Annotated[list[HybridRecipient], Meta(min_length=2, max_length=2)]
    day: Day
    sig: Hex64


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written into a help page for one team. Nothing in it names the team."""

    v: Literal[1] = 1
    root: Hex32
    intake: Intake
    relays: Annotated[list[Origin], Meta(min_length=1, max_length=MOST_RELAYS)]
    leave: Leave | msgspec.UnsetType = msgspec.UNSET  # where the quick exit leads, if not to the relay's own weather page


class SignedReply(NamedTuple):
    """A reply as it came out of its seal: nothing in it is to be believed before both signatures are verified."""

    json: bytes
    key: bytes
    not_after: int
    root_signature: bytes
    signature: bytes


Frame = Request | Message | Deletion
T = TypeVar("T")
Verify = Callable[[bytes, bytes, bytes, bytes], None]  # key, label, data, signature; raises unless the signature stands


# Requests.


def encode_request(frame: Frame) -> bytes:
    """The JSON of a frame; refused like a stranger's if it breaks a rule."""
    if isinstance(frame, Request):
        _check_answers(frame.answers)  # before writing, which would turn a number that is none into no answer
    data = msgspec.json.encode(frame)
    decode_request(data)
    return data


def decode_request(data: bytes) -> Frame:
    """The frame; Unreadable with the rule it breaks."""
    # mypy has no form for a type argument that is a union.
    frame: Frame = _decode(data, FRAME_SIZES[-1], Request | Message | Deletion)  # type: ignore[arg-type]
    if isinstance(frame, Request):
        _check_answers(frame.answers)
    for file in () if isinstance(frame, Deletion) else frame.files:
        if box_of(bytes.fromhex(file.cap)).hex() != file.box:
            raise Unreadable("frame_file_box_wrong")
    return frame


def box_of(cap: bytes) -> bytes:
    """The mailbox that this capability opens."""
    return hashlib.sha256(cap).digest()


def _check_answers(answers: dict[str, Any]) -> None:
    if len(answers) > MOST_ANSWERS:
        raise Unreadable("frame_answers_too_many")
    left = MOST_VALUES

    def walk(value: Any, depth: int) -> None:
        nonlocal left
        left -= 1
        if left < 0 or depth > MOST_DEPTH:
            raise Unreadable("frame_answers_too_many")
        if isinstance(value, float) and not math.isfinite(value):
            raise Unreadable("frame_malformed")
        if isinstance(value, int) and abs(value) > MOST_NUMBER:
            raise Unreadable("frame_malformed")
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(inner, depth + 1)

    for name, value in answers.items():
        if not (name.isascii() and name.isidentifier() and name == name.lower() and len(name) <= 64):
            raise Unreadable("frame_malformed")
        walk(value, 1)


# Replies: JSON, a line feed, and one base64 line of the reply key's certificate and the signature over the JSON.


def encode_reply(reply: Reply) -> bytes:
    """The JSON of a reply, which is then signed; Full if it does not fit its padding."""
    data = msgspec.json.encode(reply)
    decode_reply(data)
    if len(data) + 1 + 220 + 1 > REPLY_SIZES[-1]:
        raise Full("reply_too_long")
    return data


def decode_reply(data: bytes) -> Reply:
    """The reply; only to be called once its signatures are verified."""
    reply = _decode(data, REPLY_SIZES[-1], Reply)
    try:
        datetime.date.fromisoformat(reply.date)
    except ValueError as e:
        raise Unreadable("frame_malformed") from e
    return reply


def reply_key_to_sign(key: bytes, not_after: int) -> bytes:
    """What the root signs for a reply key: good until the end of the day `not_after` (days since 1970-01-01)."""
    return LABEL_REPLY_KEY + key + not_after.to_bytes(4, "big")


def reply_to_sign(data: bytes) -> bytes:
    """What the reply key signs."""
    return LABEL_REPLY + data


def encode_reply_body(reply: SignedReply) -> bytes:
    """What is padded and sealed to the person."""
    tail = reply.key + reply.not_after.to_bytes(4, "big") + reply.root_signature + reply.signature
    return reply.json + b"\n" + base64.b64encode(tail)


def split_reply(body: bytes) -> SignedReply:
    """The parts again, unverified."""
    data, line, text = body.partition(b"\n")
    try:
        tail = base64.b64decode(text, validate=True)
    except binascii.Error as e:
        raise Unreadable("reply_malformed") from e
    if not line or len(tail) != _CERTIFICATE + 64 or base64.b64encode(tail) != text:
        raise Unreadable("reply_malformed")
    return SignedReply(data, tail[:32], int.from_bytes(tail[32:36], "big"), tail[36:100], tail[100:])


def open_reply(body: bytes, *, root: bytes, thread: str, today: int, verify: Verify) -> Reply:
    """The reply, if the team wrote it for this thread. `verify` is keys.verify, or what the browser has for it."""
    signed = split_reply(body)
    certified = signed.key + signed.not_after.to_bytes(4, "big")
    verify(root, LABEL_REPLY_KEY, certified, signed.root_signature)
    verify(signed.key, LABEL_REPLY, signed.json, signed.signature)
    if signed.not_after < today:
        raise Unreadable("reply_key_expired")
    reply = decode_reply(signed.json)
    if reply.thread != thread:
        raise Unreadable("reply_other_thread")
    return reply


# The page's configuration.


def intake_to_sign(box: str, recipients: list[str], day: int) -> bytes:
    """What the root signs of a page: JSON with the names in order and no space, all of it ASCII."""
    return LABEL_INTAKE + json.dumps(
        {"box": box, "day": day, "recipients": recipients}, sort_keys=True, separators=(",", ":"), ensure_ascii=True
    ).encode("ascii")


def encode_config(config: Config) -> bytes:
    """The JSON that is written into the page."""
    data = msgspec.json.encode(config)
    decode_config(data)
    return data


def decode_config(data: bytes) -> Config:
    """The configuration; its signature is not verified here."""
    return _decode(data, MOST_CONFIG, Config)


# Padding: a size says no more than which of a few classes it is.


def pad(data: bytes, sizes: tuple[int, ...] = FRAME_SIZES) -> bytes:
    """The data, 0x80, and zeros up to the smallest size that holds them; Full if none does."""
    for size in sizes:
        if len(data) < size:
            return data + b"\x80" + bytes(size - len(data) - 1)
    raise Full("frame_too_large", bytes=len(data), most=sizes[-1] - 1)


def unpad(padded: bytes, sizes: tuple[int, ...] = FRAME_SIZES) -> bytes:
    """The data again; Unreadable unless this is the one way to pad it."""
    data = padded.rstrip(b"\x00")
    if len(padded) not in sizes or not data.endswith(b"\x80"):
        raise Unreadable("padding_wrong")
    smaller = [size for size in sizes if size < len(padded)]
    if smaller and len(data) <= smaller[-1]:
        raise Unreadable("padding_wrong")
    return data[:-1]


# Strict JSON: one spelling of a name, nothing before or after, nothing that another reader would take otherwise.


def _decode(data: bytes, most: int, kind: type[T]) -> T:
    value = _json(data, most)
    version = value.get("v")
    if type(version) is not int or version < 1:
        raise Unreadable("frame_malformed")
    # Before anything else is judged: what a newer program added is no fault of this frame.
    if version > VERSION:
        raise Unreadable("frame_future_version")
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        raise Unreadable("frame_malformed") from None  # its message would quote what a person wrote


def _json(data: bytes, most: int) -> dict[str, Any]:
    if len(data) > most:
        raise Unreadable("frame_too_large")
    if data[:1] != b"{" or data[-1:] != b"}":
        raise Unreadable("frame_not_json")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
        # Half of a surrogate pair is allowed by JSON's grammar, and can be neither stored nor shown.
        msgspec.json.encode(value)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise Unreadable("frame_not_json") from None
    if not isinstance(value, dict):
        raise Unreadable("frame_not_json")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Unreadable("frame_duplicate_key")
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
