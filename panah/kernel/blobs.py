"""Keep a file in parts, each sealed under the file's own key. The record that owns the file holds that key; nobody else can open it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from panah import config
from panah.errors import Full, NotFound, Unreadable
from panah.kernel import keys, log
from panah.kernel.projections import FILE
from panah.schema import Value

if TYPE_CHECKING:
    from panah.kernel.session import Session

PART = 256 * 1024
MOST_HELD = 8 * 1024 * 1024


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
    key, count, size = _named(value)
    id = identify(key)
    parts = s.vault.blob_parts(id)
    if len(parts) != count:
        raise NotFound("attachment_not_here")
    data = b"".join(keys.decrypt(key, part, _bound(id, n, count)) for n, part in enumerate(parts))[:size]
    if hashlib.sha256(data).hexdigest() != value.get("sha256"):
        raise Unreadable("attachment_altered")
    return data


def _named(value: Mapping[str, Value]) -> tuple[bytes, int, int]:
    """Key, parts and bytes of an attach value; a colleague's program may have written anything there."""
    try:
        key, count, size = bytes.fromhex(value["key"]), int(value["parts"]), int(value["bytes"])
    except (KeyError, TypeError, ValueError) as e:
        raise Unreadable("attachment_malformed") from e
    if len(key) != 32 or not 1 <= count <= -(-config.ATTACHMENT_BYTES // PART) or not 0 <= size <= count * PART:
        raise Unreadable("attachment_malformed")
    return key, count, size


class Arriving:
    """Files on their way here, from a relay, a stick or a folder.

    A part counts when it opens under the key that our own records name. Parts are kept as they come, so that a cut costs no more than the
    last of them; a file is here when it is whole: half a file would be taken for one that is here, and a carrier's false part would stand
    where the true one belongs.
    """

    def __init__(self, s: Session, source: str) -> None:
        self.files = 0
        self._s, self._source = s, source
        self._look()
        self._fresh: list[tuple[bytes, int, bytes]] = []
        self._size = 0

    def _look(self) -> None:
        self._keys = len(self._s.ring)
        self.wanted: dict[bytes, tuple[bytes, int]] = {id: (key, count) for id, key, count in wanted(self._s)}
        self._have: dict[bytes, set[int]] = {}

    def needs(self, id: bytes, n: int) -> bool:
        """Whether this part is asked for and not here."""
        return id in self.wanted and n < self.wanted[id][1] and n not in self._here(id)

    def _here(self, id: bytes) -> set[int]:
        if id not in self._have:
            self._have[id] = self._s.vault.parts_kept(id)
        return self._have[id]

    def add(self, id: bytes, n: int, data: bytes) -> None:
        """Take one part; what nobody asked for is let go, what does not open is kept aside."""
        if not self.needs(id, n):
            return
        key, count = self.wanted[id]
        try:
            keys.decrypt(key, data, _bound(id, n, count))
        except Unreadable as e:
            with self._s.vault.change():
                log.hold(self._s, data, self._source, e.code, carried=True)
            return
        self._here(id).add(n)
        self._fresh.append((id, n, data))
        self._size += len(data)
        if self._size >= MOST_HELD:
            self.keep()

    def keep(self) -> None:
        """Write down what came, and which files are whole by it."""
        with self._s.vault.change():
            if len(self._s.ring) != self._keys:
                # Keys came or died meanwhile: what was erased while its file was on the way is not wanted any more.
                self._look()
            fresh = [one for one in self._fresh if one[0] in self.wanted]
            for id, n, _ in fresh:
                self._here(id).add(n)
            whole = {id for id, _, _ in fresh if len(self._here(id)) == self.wanted[id][1]}
            for id, n, data in fresh:
                (self._s.vault.add_blob_part if id in whole else self._s.vault.keep_part)(id, n, data)
            for id in whole:
                self._s.vault.blob_is_whole(id)
                del self.wanted[id], self._have[id]
            self.files += len(whole)
            self._fresh, self._size = [], 0


def wanted(s: Session) -> Iterator[tuple[bytes, bytes, int]]:
    """(id, key, parts) of the files that records here name and that are not here."""
    for value in s.vault.named_files():
        if s.vault.lacks_blob(value[:32]):
            yield value[:32], value[32:64], int.from_bytes(value[64:], "big")


def facets(values: Value) -> list[tuple[str, object]]:
    """How the files that a record names stand among what its row is found by: what is wanted is asked after every meeting."""
    return [(FILE, id + key + count.to_bytes(4, "big")) for id, key, count in _files(values)]


def named_in(values: Value) -> list[bytes]:
    """The names of the files that a record's values hold the keys of."""
    return [id for id, _, _ in _files(values)]


def _files(values: object) -> Iterator[tuple[bytes, bytes, int]]:
    for value in _attachments(values):
        try:
            key, count, _ = _named(value)
        except Unreadable:
            continue
        yield identify(key), key, count


def _attachments(value: object) -> Iterator[dict[str, Value]]:
    if isinstance(value, dict):
        if "blob" in value and "key" in value:
            yield value
        else:
            for inner in value.values():
                yield from _attachments(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _attachments(inner)


def identify(key: bytes) -> bytes:
    """The name under which a file's parts are stored and carried; it says nothing to those who lack the key."""
    return hashlib.sha256(mailbox(key)).digest()


def mailbox(key: bytes) -> bytes:
    """The capability of the relay mailbox that carries a file's parts."""
    return keys.derive(key, keys.LABEL_BLOB_MAILBOX)


def _bound(id: bytes, n: int, count: int) -> bytes:
    return keys.LABEL_BLOB + id + n.to_bytes(4, "big") + count.to_bytes(4, "big")
