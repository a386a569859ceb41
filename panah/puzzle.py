"""Work that a relay asks of strangers when it has much to do, and the vouchers that stand in for it. Knows bytes and numbers, no mailbox.

A puzzle: find a number such that a hash begins with some zero bits. The relay remembers none: it knows its own again by a tag.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math

SIZE = 4 + 1 + 16  # minute in which it ends, bits, tag
NONCE = 8
MOST_BITS = 14  # 16,000 hashes: two seconds on an old telephone without a compiler for scripts
MINUTES = 10
CALM = 256  # so many deposits go into one transaction: while no more wait, there is no queue
HALF = 0.5  # as long as strangers' room is half empty, nothing is asked
VOUCHER = 16
_PUZZLE, _VOUCHER = b"panah/1/puzzle\n", b"panah/1/voucher\n"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # base32, and its form without I, L, O and U
_LIKE = bytes.maketrans(b"ILO", b"110")


def bits_wanted(waiting: int, taken: float) -> int:
    """How hard the puzzle is: 0 when calm, more with the queue and with the room that is taken."""
    queue = 8 + 2 * (waiting // CALM).bit_length() if waiting >= CALM else 0
    room = math.ceil((taken - HALF) / (1 - HALF) * MOST_BITS) if taken > HALF else 0
    return min(MOST_BITS, max(queue, room))


def make(key: bytes, bits: int, box: bytes, id: bytes, now: float) -> bytes:
    """A puzzle for one deposit."""
    head = (int(now // 60) + MINUTES).to_bytes(4, "big") + bytes([bits])
    return head + _tag(key, head, box, id)


def solved(key: bytes, puzzle: bytes, nonce: bytes, box: bytes, id: bytes, now: float) -> bool:
    """Whether this is a puzzle of ours, for this deposit, not too old, and its answer."""
    ends, bits = int.from_bytes(puzzle[:4], "big"), puzzle[4]
    ours = hmac.compare_digest(puzzle[5:], _tag(key, puzzle[:5], box, id))
    return ours and now < ends * 60 and _zero_bits(hashlib.sha256(puzzle + nonce).digest()) >= bits


def solve(puzzle: bytes) -> bytes | None:
    """The number that answers it; None for what is no puzzle, or a harder one than a relay may ask."""
    if len(puzzle) != SIZE or puzzle[4] > MOST_BITS:
        return None
    begun = hashlib.sha256(puzzle)
    for n in range(1 << (MOST_BITS + 6)):
        nonce = n.to_bytes(NONCE, "big")
        tried = begun.copy()
        tried.update(nonce)
        if _zero_bits(tried.digest()) >= puzzle[4]:
            return nonce
    return None


def _tag(key: bytes, head: bytes, box: bytes, id: bytes) -> bytes:
    return hmac.digest(key, _PUZZLE + head + box + id, "sha256")[:16]


def _zero_bits(digest: bytes) -> int:
    return 256 - int.from_bytes(digest, "big").bit_length()


def voucher(chance: bytes) -> bytes:
    """The sixteen letters that ten random bytes are written with."""
    return base64.b32encode(chance).translate(bytes.maketrans(*_LETTERS))


def printed(letters: bytes) -> str:
    """A voucher in four groups of four."""
    return "-".join(letters[at : at + 4].decode() for at in range(0, VOUCHER, 4))


def voucher_hash(letters: bytes) -> bytes:
    """What a relay keeps of a voucher until it is used; the same however it was typed."""
    return hashlib.sha256(_VOUCHER + letters.upper().translate(_LIKE)).digest()
