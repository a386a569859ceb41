"""The parts of an age file that are text: its header, its armor, and the spelling of keys. Knows no cryptography.

Strict on purpose: what the specification does not allow is refused here, with the rule that was broken, before any key is used on it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from panah.errors import Unreadable

VERSION_LINE = b"age-encryption.org/v1\n"
COLUMNS = 64
MAC_SIZE = 32
# No honest header comes near these; they stop a stranger's file from filling the memory or trying our keys for minutes.
MOST_LINE = 8 * 1024
MOST_STANZAS = 1024
MOST_HEADER = 2 * 1024 * 1024
MOST_KEY_TEXT = 4 * 1024

_ANY_VERSION = re.compile(rb"age-encryption\.org/[\x21-\x7e]+\n")
_ARGUMENTS = re.compile(rb"->(?: [\x21-\x7e]+)+\n")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*")


class Input(Protocol):
    """What is read to its end: fewer bytes than asked for are not yet the end, none are."""

    def read(self, size: int, /) -> bytes: ...


class Source(Input, Protocol):
    """The same, which also knows lines."""

    def readline(self, size: int, /) -> bytes: ...


class Output(Protocol):
    """What takes all the bytes it is given."""

    def write(self, data: bytes, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Stanza:
    """One wrapping of the file key: its kind and parameters, and the wrapped bytes."""

    args: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A header as read: `covered` are the very bytes the mac is over, never bytes written anew from what was parsed."""

    stanzas: tuple[Stanza, ...]
    mac: bytes
    covered: bytes


def to_base64(data: bytes) -> str:
    """Base64 without padding, as age writes it everywhere but in armor."""
    return base64.b64encode(data).rstrip(b"=").decode()


def from_base64(text: bytes) -> bytes:
    """The bytes again; Unreadable unless this is the one allowed spelling of them."""
    if not _BASE64.fullmatch(text) or len(text) % 4 == 1:
        raise Unreadable("age_header_malformed")
    data = base64.b64decode(text + b"=" * (-len(text) % 4))
    if to_base64(data).encode() != text:
        raise Unreadable("age_header_malformed")
    return data


def write_header(stanzas: Sequence[Stanza], mac: Callable[[bytes], bytes]) -> bytes:
    """The bytes of a header; `mac` is called with the bytes it has to cover."""
    parts = [VERSION_LINE]
    for stanza in stanzas:
        parts.append(f"-> {' '.join(stanza.args)}\n".encode())
        body = to_base64(stanza.body)
        # The last line is always shorter than the others, if need be empty: that is how a reader finds the end.
        parts += [f"{body[i : i + COLUMNS]}\n".encode() for i in range(0, len(body) + 1, COLUMNS)]
    parts.append(b"---")
    covered = b"".join(parts)
    return covered + f" {to_base64(mac(covered))}\n".encode()


def read_header(src: Source) -> Header:
    """Read a header and leave `src` at the first byte after it."""
    covered = bytearray(_version_line(src))
    stanzas: list[Stanza] = []
    while not (line := _line(src)).startswith(b"---"):
        covered += line
        if not _ARGUMENTS.fullmatch(line):
            raise Unreadable("age_header_malformed")
        stanzas.append(Stanza(tuple(line[3:-1].decode("ascii").split(" ")), _body(src, covered)))
        if len(stanzas) > MOST_STANZAS or len(covered) > MOST_HEADER:
            raise Unreadable("age_header_too_large")
    if not stanzas or not line.startswith(b"--- "):
        raise Unreadable("age_header_malformed")
    mac = from_base64(line[4:-1])
    if len(mac) != MAC_SIZE:
        raise Unreadable("age_header_malformed")
    return Header(tuple(stanzas), mac, bytes(covered + b"---"))


def _version_line(src: Source) -> bytes:
    line = src.readline(MOST_LINE)
    if line == VERSION_LINE:
        return line
    if VERSION_LINE.startswith(line):
        raise Unreadable("age_truncated")
    if _ANY_VERSION.fullmatch(line):
        raise Unreadable("age_future_version")
    if line.startswith(b"age-encryption.org/"):
        raise Unreadable("age_header_malformed")
    raise Unreadable("age_not_sealed")


def _line(src: Source) -> bytes:
    line = src.readline(MOST_LINE)
    if line.endswith(b"\n"):
        return line
    raise Unreadable("age_header_too_large" if len(line) == MOST_LINE else "age_truncated")


def _body(src: Source, covered: bytearray) -> bytes:
    text = bytearray()
    while True:
        line = _line(src)
        covered += line
        if len(line) - 1 > COLUMNS or not _BASE64.fullmatch(line, 0, len(line) - 1):
            raise Unreadable("age_header_malformed")
        text += line[:-1]
        if len(line) - 1 < COLUMNS:
            return from_base64(bytes(text))
        if len(covered) > MOST_HEADER:
            raise Unreadable("age_header_too_large")


# Armor: the same bytes as text, for messengers, paper and machines that change line ends.

_BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
_END = b"-----END AGE ENCRYPTED FILE-----"
_ARMOR_LAST = re.compile(rb"(?:[A-Za-z0-9+/]{4}){0,15}(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)")


def is_armored(data: bytes) -> bool:
    """Whether these bytes start as armored text."""
    return data[:1024].lstrip(b" \t\r\n").startswith(_BEGIN)


def armor(data: bytes) -> str:
    """A sealed file as text."""
    text = base64.b64encode(data).decode()
    lines = [text[i : i + COLUMNS] for i in range(0, len(text), COLUMNS)]
    return "\n".join([_BEGIN.decode(), *lines, _END.decode(), ""])


def unarmor(data: bytes) -> bytes:
    """The sealed file again; white space around it and CRLF are forgiven, nothing else is.

    One file has one spelling: otherwise a stranger could change a copy and it would still open, and no hash of it would match.
    """
    lines = data.strip(b" \t\r\n").replace(b"\r\n", b"\n").split(b"\n")
    if len(lines) < 2 or lines[0] != _BEGIN or lines[-1] != _END:
        raise Unreadable("age_armor_malformed")
    body = lines[1:-1]
    if not body:
        return b""
    full, last = b"".join(body[:-1]), body[-1]
    if any(len(line) != COLUMNS for line in body[:-1]) or not _BASE64.fullmatch(full) or not _ARMOR_LAST.fullmatch(last):
        raise Unreadable("age_armor_malformed")
    whole = full + last
    out = base64.b64decode(whole)
    if base64.b64encode(out) != whole:
        raise Unreadable("age_armor_malformed")
    return out


# Keys are spelled in Bech32 (BIP 173) without its limit of 90 characters.

_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {c: i for i, c in enumerate(_CHARSET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _polymod(values: Sequence[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i in range(5):
            if top >> i & 1:
                check ^= _GENERATOR[i]
    return check


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def to_bech32(prefix: str, data: bytes) -> str:
    """Lower case; a secret identity is then written in upper case by its caller."""
    bits = len(data) * 8
    groups = -(-bits // 5)
    number = int.from_bytes(data, "big") << (groups * 5 - bits)
    words = [number >> 5 * (groups - 1 - i) & 31 for i in range(groups)]
    check = _polymod([*_expand(prefix), *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(_CHARSET[w] for w in words)


def from_bech32(text: str, prefix: str, size: int) -> bytes:
    """The `size` bytes of a key; Unreadable unless prefix, letters, checksum and the unused bits are all right.

    The text is in the case of `prefix`: recipients are lower case, identities upper case.
    """
    wrong = Unreadable("age_key_malformed")
    mark = prefix + "1"
    if len(text) > MOST_KEY_TEXT or not text.startswith(mark) or not text.isascii():
        raise wrong
    if text != (text.upper() if prefix.isupper() else text.lower()):
        raise wrong
    words = [_VALUES.get(c, -1) for c in text[len(mark) :].lower()]
    if len(words) < 6 or min(words) < 0 or _polymod(_expand(prefix.lower()) + words) != 1:
        raise wrong
    words = words[:-6]
    spare = len(words) * 5 - size * 8
    if not 0 <= spare < 5:
        raise wrong
    number = 0
    for word in words:
        number = number << 5 | word
    if number & ((1 << spare) - 1):
        raise wrong
    return (number >> spare).to_bytes(size, "big")
