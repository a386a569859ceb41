"""Write a whole vault into one age file for the team's recovery key, and make a vault of it again.

The format is open (spec/bundle.md): whoever holds the recovery key can read it with the public age tool and a msgpack reader.
A restored vault takes a new device key: it must not continue the chain of the device that was lost, or of one that still lives.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from panah.errors import Full, NotFound, Refused, Unreadable
from panah.kernel import age, age_header, enrol, event, keys, receive
from panah.kernel.roster import Founder
from panah.kernel.session import Session
from panah.kernel.sync import Progress, quiet, read_part, write_part

MAGIC = b"PANAHBACKUP1\n"


class _Head(msgspec.Struct, frozen=True):
    founder: tuple[bytes, bytes]
    settings: dict[str, list[str] | str]
    authority: bytes = b""
    device: bytes = b""


_HEAD = msgspec.msgpack.Decoder(_Head)


def write(s: Session, path: Path, recipient: str, progress: Progress = quiet) -> int:
    """Seal everything in this vault to the recovery recipient; the number of segments. The device's own secrets stay out."""
    part = path.with_suffix(path.suffix + ".part")
    count = [0]
    try:
        with part.open("wb") as out:
            age.seal_stream(_Reader(_parts(s, count, progress)), out, [recipient])
        part.replace(path)
    except OSError as e:
        raise Full("file_cannot_be_written") from e
    finally:
        part.unlink(missing_ok=True)
    return count[0]


def _parts(s: Session, count: list[int], progress: Progress) -> Iterator[bytes]:
    yield MAGIC
    settings = {key: value for key in ("relays", "language") if (value := s.setting(key)) is not None}
    root = s.setting("root")
    if isinstance(root, bytes):
        settings["root"] = root.hex()  # who signs the help page: with the founder's only laptop it would be lost for good
    head = {
        "founder": [s.founder.tag, s.founder.verify_key],
        "authority": s.founder.authority,
        "device": s.identity.tag,
        "team": s.team,
        "at": s.now(),
        "settings": settings,
    }
    yield _one(b"M", event.pack(head))
    for tag, epoch, n, key in s.vault.every_key():
        yield _one(b"K", event.pack([tag, s.name_of(tag), epoch, n, key]))
    seq, last = 0, s.vault.last_seq()
    while page := s.vault.segments_after(seq):
        seq = page[-1][0]
        for _, _, header, body, _ in page:
            yield _one(b"S", event.pack(event.Whole(header, body)))
            count[0] += 1
        progress(seq, last)
    for id in s.vault.blob_ids():
        for n, data in enumerate(s.vault.blob_parts(id)):
            yield _one(b"F", id + n.to_bytes(4, "big") + data)
    yield _one(b"E", count[0].to_bytes(8, "big"))


def _one(kind: bytes, data: bytes) -> bytes:
    out = io.BytesIO()
    write_part(out, kind, data)
    return out.getvalue()


class Look(NamedTuple):
    """What can be told of a backup without opening it."""

    size: int
    digest: str


def look(path: Path) -> Look:
    """Read the open part of a backup and its bytes: Unreadable unless it is an age file to one recipient of the kind that the recovery key is."""
    try:
        with path.open("rb") as f:
            header = age_header.read_header(f)
            kinds = [stanza.args[0] for stanza in header.stanzas]
            if kinds != ["mlkem768x25519"] or len(f.read(age.LEAST_PAYLOAD)) < age.LEAST_PAYLOAD:
                raise Unreadable("backup_not_sealed")
            f.seek(0)
            return Look(path.stat().st_size, hashlib.file_digest(f, "sha256").hexdigest())
    except OSError as e:
        raise NotFound("no_file_there") from e


class _Reader(io.BytesIO):
    """A file that is made while it is read, so that no plain copy of a vault ever stands on a disk."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        super().__init__()
        self._parts = parts
        self._rest = b""

    def read(self, size: int | None = -1) -> bytes:
        size = -1 if size is None else size
        pieces, have = [self._rest], len(self._rest)
        while size < 0 or have < size:
            piece = next(self._parts, None)
            if piece is None:
                break
            pieces.append(piece)
            have += len(piece)
        whole = b"".join(pieces)
        cut = have if size < 0 else min(size, have)
        self._rest = whole[cut:]
        return whole[:cut]


def restore(
    source: Path,
    identity: str,
    path: Path,
    passphrase: str,
    types: enrol.Types,
    slowness: keys.Slowness | None = None,
    clock: enrol.Clock = time.time,
) -> Session:
    """A new vault from a backup, with a new device key.

    Everything can be read at once. It is a new device: nothing it writes counts for the others before its card was accepted by an administrator.
    """
    s = enrol.new_vault(path, passphrase, types, slowness, clock)
    # Opened in memory and nowhere else: a temporary file would leave the team's whole list readable on the disk.
    plain = io.BytesIO()
    try:
        with source.open("rb") as sealed:
            age.open_stream(sealed, plain, [identity])
        plain.seek(0)
        _take(s, plain)
    except BaseException:
        s.lock()
        raise
    return s


def _take(s: Session, plain: IO[bytes]) -> None:
    if plain.read(len(MAGIC)) != MAGIC:
        raise Unreadable("backup_malformed")
    if s.founder.tag:
        raise Refused("already_in_a_team")
    batch: list[bytes] = []
    kind, data, allowed = b"", b"", b"M"
    with s.vault.change():
        # Anybody can seal to the recovery key: its recipient stands in the help page. So a backup is read as a stranger's.
        while kind != b"E":
            try:
                kind, data = read_part(plain, allowed)
                allowed = b"KSFE"
                if kind == b"M":
                    _take_head(s, _HEAD.decode(data))
                elif kind == b"K":
                    enrol.keep_grants(s, [enrol.GRANT.decode(data)])
                elif kind == b"F" and len(data) > 36:
                    s.vault.add_blob_part(data[:32], int.from_bytes(data[32:36], "big"), data[36:])
            except (msgspec.MsgspecError, RecursionError, Unreadable) as e:
                raise Unreadable("backup_malformed") from e
            if kind == b"S":
                batch.append(data)
        if len(data) != 8 or int.from_bytes(data, "big") != len(batch) or plain.read(1):
            raise Unreadable("backup_malformed")
        s.load_roster()
        receive.receive(s, batch, "backup", carry=True)


def _take_head(s: Session, head: _Head) -> None:
    tag, verify_key = head.founder
    if len(tag) != keys.TAG_BYTES or len(verify_key) != 32 or len(head.authority) not in (0, 32):
        raise Unreadable("backup_malformed")
    s.set_founder(Founder(tag, verify_key, head.authority))
    s.set_setting("restored_from", head.device)
    for key in ("relays", "language"):
        if key in head.settings:
            s.set_setting(key, head.settings[key])
    root = head.settings.get("root")
    if isinstance(root, str) and len(root) == 64 and set(root) <= set("0123456789abcdef"):
        s.set_setting("root", bytes.fromhex(root))
