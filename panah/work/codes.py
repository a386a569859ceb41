"""Codes that people can say aloud: three syllables and a check digit, drawn at random. Nothing about a person can be read from one (NN-34)."""

from __future__ import annotations

import hashlib

from panah.kernel.session import Session
from panah.records import Record

_CONSONANTS = "bdfghklmnprstvyz"
_VOWELS = "aiou"


def code_of(random: bytes) -> str:
    """The code of six random bytes or more, such as `ba-ru-mi-7`."""
    n = int.from_bytes(hashlib.sha256(b"panah/1/code\n" + random).digest()[:4], "big")
    syllables = []
    for _ in range(3):
        n, k = divmod(n, len(_CONSONANTS) * len(_VOWELS))
        syllables.append(_CONSONANTS[k // len(_VOWELS)] + _VOWELS[k % len(_VOWELS)])
    return "-".join([*syllables, str(_check("".join(syllables)))])


def sound(code: str) -> bool:
    """Whether a code read aloud was heard rightly, by its check digit."""
    letters = code.strip().lower().replace("-", "").replace(" ", "")
    return len(letters) == 7 and letters[-1].isdigit() and int(letters[-1]) == _check(letters[:-1])


def _check(letters: str) -> int:
    return sum((i + 1) * (ord(c) - 96) for i, c in enumerate(letters)) % 10


def give(s: Session, record: Record) -> None:
    """Give a new record its id and a code of its own."""
    if not record.id:
        record.id = s.new_id()
    if record.code is None:
        record.code = code_of(bytes.fromhex(record.id))
