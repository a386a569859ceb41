"""Keep a file in parts, each sealed under the file's own key. The record that owns the file holds that key; nobody else can open it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from panah import config
from panah.errors import Full, NotFound, Unreadable
from panah.kernel import keys
from panah.schema import Value

if TYPE_CHECKING:
    from panah.kernel.session import Session

PART = 256 * 1024


def attach(s: Session, data: bytes, media: str, name: str) -> dict[str, Value]:
    """Store a file; the value to keep in an attach field. Full if it is larger than config.ATTACHMENT_BYTES."""
    if len(data) > config.ATTACHMENT_BYTES:
        raise Full("attachment_too_large", bytes=len(data), most=config.ATTACHMENT_BYTES)
    key = keys.random(32)
    id = identify(key)
    count = max(1, -(-len(data) // PART))
    with s.vault.change():
        for n in range(count):
            part = data[n * PART : (n + 1) * PART]
            # The last part is padded with the others to one size, so that neither relay nor stick learns the exact length.
            s.vault.add_blob_part(id, n, keys.encrypt(key, part.ljust(PART, b"\0"), _bound(id, n, count)))
    return {
        "blob": id.hex(), "key": key.hex(), "bytes": len(data), "parts": count, "media": media, "name": name,
        "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip


def read(s: Session, value: dict[str, Value]) -> bytes:
    """The file behind an attach value; NotFound("attachment_not_here") while its parts are still elsewhere."""
    try:
        key, count, size = bytes.fromhex(value["key"]), int(value["parts"]), int(value["bytes"])
    except (KeyError, TypeError, ValueError) as e:
        raise Unreadable("attachment_malformed") from e
    id = identify(key)
    parts = s.vault.blob_parts(id)
    if len(parts) != count:
        raise NotFound("attachment_not_here")
    data = b"".join(keys.decrypt(key, part, _bound(id, n, count)) for n, part in enumerate(parts))[:size]
    if hashlib.sha256(data).hexdigest() != value.get("sha256"):
        raise Unreadable("attachment_altered")
    return data


def identify(key: bytes) -> bytes:
    """The name under which a file's parts are stored and carried; it says nothing to those who lack the key."""
    return hashlib.sha256(mailbox(key)).digest()


def mailbox(key: bytes) -> bytes:
    """The capability of the relay mailbox that carries a file's parts."""
    return keys.derive(key, keys.LABEL_BLOB_MAILBOX)


def _bound(id: bytes, n: int, count: int) -> bytes:
    return keys.LABEL_BLOB + id + n.to_bytes(4, "big") + count.to_bytes(4, "big")
