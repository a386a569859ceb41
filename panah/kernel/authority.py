"""The team's recovery authority: whoever joins enough shares may enter a device and renew the shares, and every vault checks it by itself.

A key to sign with, derived from the secret on paper. The public half of the first one is pinned beside the founder's key; each use of one
names the next, and ends it. Pure: statements in, a verdict out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

from panah.errors import PanahError
from panah.kernel import age, keys
from panah.kernel.event import Event, pack
from panah.schema import Value

MOST_NAME, MOST_OUT, MOST_RECIPIENT = 200, 1000, 4000


@dataclass(frozen=True, slots=True)
class Entry:
    """The device that a statement enters, and the member whose it is."""

    member: str
    name: str
    roles: tuple[str, ...]
    tag: bytes
    sign: bytes
    open: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """What an authority said: the next one and where backups go from now on; the device it enters, the devices it takes out."""

    id: bytes
    at: int
    n: int
    authority: bytes
    recipient: str
    enter: Entry | None
    out: frozenset[bytes]
    signed: bytes
    signature: bytes

    def by(self, public: bytes) -> bool:
        """Whether this authority signed it."""
        try:
            keys.verify(public, keys.LABEL_RECOVERED, self.signed, self.signature)
        except PanahError:
            return False
        return True


def seed_of(secret: bytes) -> bytes:
    """The seed that the authority of this secret signs with."""
    return keys.derive(secret, keys.LABEL_AUTHORITY)


def public_of(secret: bytes) -> bytes:
    """The public half of the authority of this secret."""
    return keys.verify_key_of(seed_of(secret))


def recipient_of(secret: bytes) -> str:
    """Where backups are sealed to under this secret."""
    return age.recipient_of(age.new_identity(secret))


def say(
    secret: bytes, founder: bytes, at: int, n: int, following: bytes, enter: list[Value] | None = None, out: Iterable[bytes] = ()
) -> dict[str, Value]:
    """The fields of a statement: signed by the authority of `secret`, it lets that of `following` be number `n`."""
    fields: dict[str, Value] = {
        "n": n,
        "authority": public_of(following),
        "recipient": recipient_of(following),
        "enter": enter or [],
        "out": sorted(out),
    }
    return {**fields, "signature": keys.sign(seed_of(secret), keys.LABEL_RECOVERED, _signed(founder, at, fields))}


def _signed(founder: bytes, at: int, v: dict[str, Value]) -> bytes:
    # The time is signed too: said again by somebody else at another time, it would take effect at that time.
    return pack([founder, at, v["n"], v["authority"], v["recipient"], v["enter"], v["out"]])


def read(founder: bytes, e: Event) -> Statement | None:
    """The statement of an event; None where it has another shape. Who signed it is not looked at yet."""
    v = e.set
    n, public, recipient, out, signature = (v.get(k) for k in ("n", "authority", "recipient", "out", "signature"))
    if type(n) is not int or not 0 < n < 1 << 31 or not _is_bytes(public, 32) or not _is_bytes(signature, 64):
        return None
    if not isinstance(out, list) or len(out) > MOST_OUT or not all(_is_bytes(t, keys.TAG_BYTES) for t in out):
        return None
    if not isinstance(recipient, str) or not recipient.startswith("age1") or len(recipient) > MOST_RECIPIENT:
        return None
    enter = v.get("enter")
    entry = _entry(enter)
    if enter != [] and entry is None:
        return None
    signed = _signed(founder, e.at, v)
    id = hashlib.sha256(keys.LABEL_RECOVERED + signed).digest()
    return Statement(id, e.at, n, public, recipient, entry, frozenset(out), signed, signature)


def _entry(v: object) -> Entry | None:
    if not isinstance(v, list) or len(v) != 6:
        return None
    member, name, roles, tag, sign, recipient = v
    if not isinstance(member, str) or not isinstance(name, str) or not 0 < len(name) <= MOST_NAME or len(member) != 32:
        return None
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles) or set(member) - set("0123456789abcdef"):
        return None
    if not (_is_bytes(tag, keys.TAG_BYTES) and any(tag) and _is_bytes(sign, 32) and _is_bytes(recipient, keys.RECIPIENT)):
        return None
    return Entry(member, name, tuple(roles), tag, sign, recipient)


def _is_bytes(value: object, size: int) -> TypeGuard[bytes]:
    return isinstance(value, bytes) and len(value) == size


def choose(rivals: Iterable[Statement], heard: dict[bytes, set[str]]) -> Statement:
    """Of several statements by one authority the one that most members say they heard first; then the earliest.

    Shares that were used are to be destroyed. Who finds three all the same cannot undo by a backdated statement what the team has heard.
    """
    return min(rivals, key=lambda s: (-len(heard.get(s.id, ())), s.at, s.id))
