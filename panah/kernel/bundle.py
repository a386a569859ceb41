"""The parts of a bundle as they stand in a file: kind, length, bytes. spec/bundle.md is the authority; backups have the same form."""

from __future__ import annotations

from typing import IO

from panah.errors import Unreadable
from panah.kernel import event

BUNDLE = b"PANAHBUNDLE"  # then the version, and a line end
MAGIC = BUNDLE + b"1\n"
_MOST_PART = event.MOST_SEGMENT + 1024


def write_part(out: IO[bytes], kind: bytes, data: bytes) -> None:
    """Write one part."""
    out.write(kind + len(data).to_bytes(4, "big") + data)


def check_beginning(line: bytes) -> None:
    """Refuse what does not begin as a bundle of this version."""
    if line == MAGIC:
        return
    # Of a newer bundle no more is known than that: its version may have grown to two digits.
    version = line[len(BUNDLE) :].rstrip(b"\n")
    if line.startswith(BUNDLE) and version.isdigit() and version[:1] != b"0" and version != b"1":
        raise Unreadable("bundle_future_version")
    raise Unreadable("bundle_malformed")


def check_end(f: IO[bytes], data: bytes, count: int) -> None:
    """Refuse a last part that says something else than what stood before it."""
    if len(data) != 8 or f.read(1):
        raise Unreadable("bundle_malformed")
    if int.from_bytes(data, "big") != count:
        raise Unreadable("bundle_truncated")


def read_part(f: IO[bytes], kinds: bytes) -> tuple[bytes, bytes]:
    """(kind, bytes) of the next part of a bundle or a backup."""
    kind, size = read_head(f, kinds)
    return kind, read_rest(f, size)


def read_head(f: IO[bytes], kinds: bytes) -> tuple[bytes, int]:
    """(kind, length) of the next part; nothing is allocated before both were compared."""
    head = f.read(5)
    if len(head) < 5:
        raise Unreadable("bundle_truncated")
    size = int.from_bytes(head[1:], "big")
    if head[:1] not in kinds or size > _MOST_PART:
        raise Unreadable("bundle_malformed")
    return head[:1], size


def read_rest(f: IO[bytes], size: int) -> bytes:
    """So many bytes, or bundle_truncated."""
    data = f.read(size)
    if len(data) < size:
        raise Unreadable("bundle_truncated")
    return data
