"""Small things as texts that fit QR codes: cut, numbered, checked, and put together again. See spec/qr.md. Knows no picture and no key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from panah.errors import Full, Refused, Unreadable

# What is inside, in one letter: so that a card is not taken for a welcome. Nobody may rely on it; what is inside says itself what it is.
KINDS = {
    "answer": "A", "bundle": "B", "card": "C", "meet": "M", "page": "P", "request": "R", "share": "S", "welcome": "W",
}  # fmt: skip
PIECE = 700  # letters of one code: any phone reads that from any screen
MOST_PIECE = 4000
MOST_PARTS = 99
MOST_DATA = 64 * 1024

_PART = re.compile(r"Q1\.([A-Z])\.([1-9]\d?)\.([1-9]\d?)\.([A-Z2-7]{8})\.([A-Z2-7]{1,4000})\.([A-Z2-7]{4})")
_VERSION = re.compile(r"Q[0-9]+\.")


class Part(NamedTuple):
    """One text, read: part `n` of `of` of the thing with this name."""

    kind: str
    n: int
    of: int
    name: str
    piece: str


def split(data: bytes, *, kind: str, piece: int = PIECE) -> list[str]:
    """The texts to show, one for each code; Full when that would be too many."""
    letter = KINDS[kind]
    text = _letters(data)
    of = max(1, -(-len(text) // piece))
    if not data or len(data) > MOST_DATA or of > MOST_PARTS or piece > MOST_PIECE:
        raise Full("qr_too_large", bytes=len(data), most=min(MOST_DATA, MOST_PARTS * piece * 5 // 8))
    even = -(-len(text) // of)  # codes of one size are easier to hold a phone to
    pieces = [text[at : at + even] for at in range(0, len(text), even)]
    heads = [f"Q1.{letter}.{n}.{len(pieces)}.{_name(letter, data)}.{one}" for n, one in enumerate(pieces, 1)]
    return [f"{head}.{_check(head)}" for head in heads]


def join(texts: Iterable[str], *, kind: str = "") -> bytes:
    """What the texts carry, in any order and with any repeated; Refused("qr_parts_missing") says which are not there."""
    parts = [read(text) for text in texts]
    if not parts:
        raise Unreadable("qr_nothing_found")
    first = parts[0]
    if kind and first.kind != kind:
        raise Refused("qr_other_kind", kind=first.kind)
    if any((p.kind, p.of, p.name) != (first.kind, first.of, first.name) for p in parts):
        raise Unreadable("qr_mixed")
    pieces = {p.n: p.piece for p in parts}
    if any(pieces[p.n] != p.piece for p in parts):
        raise Unreadable("qr_mixed")
    if lacking := [n for n in range(1, first.of + 1) if n not in pieces]:
        raise Refused("qr_parts_missing", parts=" ".join(map(str, lacking)), of=first.of)
    data = _bytes("".join(pieces[n] for n in sorted(pieces)))
    if _name(KINDS[first.kind], data) != first.name:
        raise Unreadable("qr_checksum")
    return data


def read(text: str) -> Part:
    """One part, strictly; letters may have become small on the way."""
    text = text.strip().upper()
    found = _PART.fullmatch(text)
    if found is None:
        raise Unreadable("qr_newer" if _VERSION.match(text) and not text.startswith("Q1.") else "qr_malformed")
    letter, n, of, name, piece, check = found.groups()
    if _check(text[:-5]) != check:
        raise Unreadable("qr_part_wrong", part=n)
    kinds = [kind for kind, known in KINDS.items() if known == letter]
    if not kinds:
        raise Unreadable("qr_kind_unknown")
    if int(n) > int(of):
        raise Unreadable("qr_malformed")
    return Part(kinds[0], int(n), int(of), name, piece)


def found_in(text: str) -> list[str]:
    """The parts in a text that somebody pasted: whatever a phone's program wrote around and between them, and wherever it broke the lines."""
    closed = re.sub(r"\s+", "", text[: MOST_PARTS * (MOST_PIECE + 100)]).upper()
    return [m.group() for m in _PART.finditer(closed)]


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as e:
        raise Unreadable("qr_malformed") from e
    if len(data) > MOST_DATA or _letters(data) != text:
        raise Unreadable("qr_malformed")
    return data


def _name(letter: str, data: bytes) -> str:
    return _letters(hashlib.sha256(letter.encode() + data).digest()[:5])


def _check(head: str) -> str:
    return _letters(hashlib.sha256(head.encode()).digest())[:4]
