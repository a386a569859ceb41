"""The bytes of the log: an event is one change to one record, a segment is a few events that one author sealed and signed at once.

spec/segment.md is the authority. What is signed is kept as bytes and never encoded again.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import msgspec

from panah.errors import Unreadable
from panah.kernel import keys, seal
from panah.schema import Value

T = TypeVar("T")

VERSION = 1
DIRECT = bytes(keys.TAG_BYTES)  # the epoch of a segment that is sealed to one device instead of a compartment
MOST_EVENTS = 10_000
MOST_SEGMENT = 4 * 1024 * 1024  # what a relay takes in one deposit: larger ones could never be carried
MOST_CONTENT = 8 * 1024 * 1024  # unpacked; a few kilobytes of it could otherwise become gigabytes of objects
MOST_PARENTS = 64
MOST_SEEN = 4096
MOST_DEPTH = 16
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class Stamp(NamedTuple):
    """Names one write: hybrid logical time (milliseconds << 16 | counter) and the author's tag."""

    at: int
    author: bytes


class Event(msgspec.Struct, array_like=True, frozen=True):
    """One change to one record. `base[field]` names the writes that this one has seen and replaces."""

    record: bytes
    kind: str
    at: int
    set: dict[str, Value]
    base: dict[str, list[tuple[int, bytes]]] = {}


class Prefix(msgspec.Struct, array_like=True, frozen=True):
    """What a segment says openly to those who carry it, and what its seal and its signature are bound to."""

    v: int
    author: bytes
    compartment: bytes
    epoch: bytes
    parents: list[bytes]


class Content(msgspec.Struct, array_like=True, frozen=True):
    """What is inside the seal: events, and the newest segments of other authors that the writer had seen here."""

    at: int
    seen: list[tuple[bytes, bytes]]
    events: list[Event]


class Header(msgspec.Struct, array_like=True, frozen=True):
    prefix: bytes
    body_hash: bytes


class Whole(msgspec.Struct, array_like=True, frozen=True):
    header: bytes
    body: bytes


_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_whole = msgspec.msgpack.Decoder(Whole)
_header = msgspec.msgpack.Decoder(Header)
_prefix = msgspec.msgpack.Decoder(Prefix)
_content = msgspec.msgpack.Decoder(Content)
_event = msgspec.msgpack.Decoder(Event)


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as it travels, decoded as far as anyone can without a key."""

    id: bytes
    header: bytes
    body: bytes
    prefix: Prefix
    prefix_bytes: bytes

    @property
    def bytes(self) -> bytes:
        return _encode(Whole(self.header, self.body))


def write(
    me: keys.Identity,
    compartment: bytes,
    epoch: bytes,
    key: bytes,
    parents: list[bytes],
    content: Content,
    *,
    to: bytes | None = None,
) -> Segment:
    """Sign and seal events into a segment under a compartment's key, or to one device (`to`, its recipient)."""
    prefix = _encode(Prefix(VERSION, me.tag, compartment, epoch, sorted(parents)))
    plain = _encode(content)
    if len(plain) > MOST_CONTENT:
        raise Unreadable("segment_too_large")
    packed = seal.compress(plain)
    signed = me.sign(keys.LABEL_SEGMENT + prefix, packed) + packed
    if to is None:
        body = seal.seal(key, signed, keys.LABEL_SEGMENT + prefix)
    else:
        body = keys.seal_to(to, seal.pad(signed), keys.LABEL_DIRECT + prefix)
    header = _encode(Header(prefix, hashlib.sha256(body).digest()))
    return read(_encode(Whole(header, body)))


def read(data: bytes) -> Segment:
    """Decode a segment's open part; Unreadable names the rule it breaks."""
    if len(data) > MOST_SEGMENT:
        raise Unreadable("segment_too_large")
    whole = _strict(_whole, data)
    segment = read_header(whole.header, whole.body)
    # A body that was erased is carried as an empty one: what is left is a link of the chain, and proves nothing but its name.
    if whole.body and hashlib.sha256(whole.body).digest() != _strict(_header, whole.header).body_hash:
        raise Unreadable("segment_altered")
    return segment


def read_header(header: bytes, body: bytes) -> Segment:
    """Decode the header of a segment; its body may have been dropped (then it is empty) and the chain still stands."""
    prefix_bytes = _strict(_header, header).prefix
    # The version is looked at first, so that a newer program's segment is called that and not malformed.
    if is_newer(prefix_bytes, VERSION):
        raise Unreadable("segment_future_version")
    prefix = _strict(_prefix, prefix_bytes)
    tags = (prefix.author, prefix.compartment, prefix.epoch)
    if prefix.v != VERSION or any(len(t) != keys.TAG_BYTES for t in tags):
        raise Unreadable("segment_malformed")
    if (
        len(prefix.parents) > MOST_PARENTS
        or any(len(p) != 32 for p in prefix.parents)
        or sorted(set(prefix.parents)) != prefix.parents
    ):
        raise Unreadable("segment_malformed")
    return Segment(hashlib.sha256(header).digest(), header, body, prefix, prefix_bytes)


def open_body(segment: Segment, key: bytes) -> bytes:
    """The signed bytes inside, opened with the compartment's key."""
    return seal.open(key, segment.body, keys.LABEL_SEGMENT + segment.prefix_bytes)


def open_direct(segment: Segment, me: keys.Identity) -> bytes:
    """The signed bytes inside a segment that was sealed to this device."""
    return seal.unpad(me.open(segment.body, keys.LABEL_DIRECT + segment.prefix_bytes))


def verify(segment: Segment, signed: bytes, verify_key: bytes) -> Content:
    """Check the author's signature and decode the events; Unreadable names the rule that is broken."""
    keys.verify(verify_key, keys.LABEL_SEGMENT + segment.prefix_bytes, signed[64:], signed[:64])
    content = _strict(_content, seal.decompress(signed[64:], MOST_CONTENT))
    check(content)
    return content


def peek(signed: bytes) -> Content:
    """What signed bytes hold, before anybody knows by which key; nothing of it counts before `verify`."""
    return _strict(_content, seal.decompress(signed[64:], MOST_CONTENT))


def check(content: Content) -> None:
    """The rules for what a segment holds, for those who read it and for those who write it."""
    seen = content.seen
    if not 0 < len(content.events) <= MOST_EVENTS or len(seen) > MOST_SEEN or sorted(set(seen)) != seen:
        raise Unreadable("segment_malformed")
    if any(len(author) != keys.TAG_BYTES or len(id) != 32 for author, id in seen):
        raise Unreadable("segment_malformed")
    for event in content.events:
        _check(event, content.at)


def _check(event: Event, latest: int) -> None:
    if len(event.record) != 16 or not 0 < event.at < 1 << 63 or event.at > latest:
        raise Unreadable("event_malformed")
    if not _NAME.fullmatch(event.kind) or not event.base.keys() <= event.set.keys():
        raise Unreadable("event_malformed")
    control = event.kind.startswith("_")
    if not all(_NAME.fullmatch(name) and _sound(value, control, MOST_DEPTH) for name, value in event.set.items()):
        raise Unreadable("event_malformed")
    for stamps in event.base.values():
        if any(at <= 0 or len(author) != keys.TAG_BYTES for at, author in stamps) or sorted(set(stamps)) != stamps:
            raise Unreadable("event_malformed")
        # A write can only have seen what came before it; a later stamp in `base` would let it erase the future.
        if stamps and stamps[-1][0] >= event.at:
            raise Unreadable("event_base_from_future")


def _sound(value: Value, control: bool, deeper: int) -> bool:
    """Whether every reader can hold a value: of these kinds, no number that others would read as another one, not too deep."""
    kind = type(value)
    if value is None or kind is str or kind is bool:
        return True
    if kind is int:
        return bool(-(1 << 63) <= value < 1 << 63)
    if kind is float:
        return math.isfinite(value)
    if kind is list:
        return deeper > 0 and all(_sound(v, control, deeper - 1) for v in value)
    if kind is dict:
        return deeper > 0 and all(type(k) is str and _sound(v, control, deeper - 1) for k, v in value.items())
    return control and isinstance(value, bytes)


def _strict(decoder: msgspec.msgpack.Decoder[T], data: bytes) -> T:
    try:
        value = decoder.decode(data)
        again = _encode(value)
    except (msgspec.MsgspecError, RecursionError, TypeError, ValueError, OverflowError) as e:
        raise Unreadable("segment_malformed") from e
    if again != data:
        raise Unreadable("segment_not_canonical")
    return value


def is_newer(data: bytes, version: int) -> bool:
    """Whether these bytes are an array that begins with a greater version, whatever else a newer program put into it."""
    try:
        value: Any = msgspec.msgpack.decode(data)
    except (msgspec.MsgspecError, RecursionError, TypeError, ValueError):
        return False
    return isinstance(value, list) and bool(value) and type(value[0]) is int and value[0] > version


def pack(value: Value) -> bytes:
    """The one encoding of a value that is stored."""
    return _encode(value)


def unpack(data: bytes) -> Value:
    """A stored value again."""
    return msgspec.msgpack.decode(data)


def unpack_event(data: bytes) -> Event:
    """A stored event again; it was checked before it was stored."""
    return _event.decode(data)
