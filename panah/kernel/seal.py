"""Make bytes small, hide their length, and seal them under a key. The lowest verbs of the log."""

from __future__ import annotations

import threading

import zstandard

from panah.errors import Unreadable
from panah.kernel import keys

MOST = 64 * 1024 * 1024  # no segment, snapshot or bundle part unpacks to more
_FLOOR = 192  # small changes all look alike

_local = threading.local()
_pack = zstandard.ZstdCompressor(level=3, write_content_size=True, write_checksum=False)


def _reader() -> zstandard.ZstdDecompressor:
    # One for each thread: making it costs more than a small segment does, and two threads must not share it.
    if not hasattr(_local, "reader"):
        _local.reader = zstandard.ZstdDecompressor()
    reader: zstandard.ZstdDecompressor = _local.reader
    return reader


def compress(data: bytes) -> bytes:
    """Zstandard, one frame with its size."""
    return _pack.compress(data)


def decompress(data: bytes, most: int = MOST) -> bytes:
    """The bytes again; Unreadable beyond `most`, so that a small deposit cannot fill the memory."""
    try:
        size = zstandard.frame_content_size(data)
        if size < 0 or size > most:
            raise Unreadable("body_too_large")
        whole = _reader().decompress(data, max_output_size=most, allow_extra_data=False)
    except zstandard.ZstdError as e:
        raise Unreadable("body_malformed") from e
    return whole


def padded_size(n: int) -> int:
    """The Padmé size class of n bytes: at most 12 % more, and only O(log log n) bits of the length remain."""
    if n <= _FLOOR:
        return _FLOOR
    e = n.bit_length() - 1
    s = e.bit_length()
    mask = (1 << (e - s)) - 1
    return (n + mask) & ~mask


def pad(data: bytes) -> bytes:
    """Length (4 bytes), data, zeros up to the size class."""
    whole = len(data).to_bytes(4, "big") + data
    return whole + bytes(padded_size(len(whole)) - len(whole))


def unpad(data: bytes) -> bytes:
    """The data again; Unreadable unless it is padded in the one allowed way."""
    n = int.from_bytes(data[:4], "big")
    if len(data) < 4 or n > len(data) - 4 or len(data) != padded_size(n + 4) or any(data[4 + n :]):
        raise Unreadable("padding_wrong")
    return data[4 : 4 + n]


def seal(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """Pad, then encrypt; `bound` says what these bytes are and is authenticated with them."""
    return keys.encrypt(key, pad(plain), bound)


def open(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """Decrypt, then unpad; Unreadable if anything differs."""
    return unpad(keys.decrypt(key, sealed, bound))
