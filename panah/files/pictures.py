"""Take out of a picture what tells where, when and with what it was made. The picture is not drawn anew: its own bytes stay as they are.

Lists of what stays, never of what goes: a piece that nobody here knows is left out. What is broken is refused, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from panah.errors import Unreadable
from panah.files import kinds

KEEP_PNG = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"))
KEEP_WEBP = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH"))
WEBP_TELLS = 0x2C  # the flags that announce a colour profile, EXIF and XMP
LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
# Instead of the camera's own: version 1.1, square dots, no small copy of the picture.
JFIF = bytes.fromhex("ffe000104a46494600010100000100010000")
MOST_PIECES = 100_000


def broken() -> Unreadable:
    return Unreadable("file_broken")


# -- JPEG ------------------------------------------------------------------------------------------------------------------


def jpeg(data: bytes) -> bytes:
    """Only the picture, its colours and which side is up: without the last, every upright photo of a phone would lie on its side."""
    out, at, drawn, turned = [data[:2]], 2, False, False
    while True:
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if at + 1 >= len(data) or data[at] != 0xFF:
            raise broken()
        mark, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        # After the end there can be a second picture, or a film; it stays behind.
        if mark == 0xD9 and drawn:
            return b"".join([*out, b"\xff\xd9"])
        if size < 2 or at + 2 + size > len(data) or mark < 0xC0 or 0xD0 <= mark <= 0xD9:
            raise broken()
        piece = data[at : at + 2 + size]
        stays = _kept(mark, piece, first=not turned)
        turned = turned or (mark == 0xE1 and bool(stays))
        out.append(stays)
        at += 2 + size
        if mark == 0xDA:
            end = _end_of_scan(data, at)
            out.append(data[at:end])
            at, drawn = end, True


def _kept(mark: int, piece: bytes, *, first: bool) -> bytes:
    if mark == 0xE0 and piece[4:9] == b"JFIF\0":
        return JFIF
    if mark == 0xEE and len(piece) == 16 and piece[4:9] == b"Adobe":
        return piece
    if mark == 0xE1 and first and piece[4:10] == b"Exif\0\0":
        return _upright(_orientation(piece[10:]))
    return b"" if mark >= 0xE0 else piece


def _orientation(tiff: bytes) -> int:
    """Which side is up, out of the first directory; 1 when it does not say."""
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(tiff[:4])
    if order is None:
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], "little" if order == "little" else "big")

    start = number(4, 4)
    for n in range(min(number(start, 2), 200)):
        at = start + 2 + 12 * n
        if number(at, 2) == 0x0112:
            return number(at + 8, 2)
    return 1


def _upright(orientation: int) -> bytes:
    """An EXIF piece that says this and nothing else; nothing where the picture stands as it is."""
    if not 2 <= orientation <= 8:
        return b""
    entry = b"\x01\x12\0\x03\0\0\0\x01" + orientation.to_bytes(2, "big") + b"\0\0"
    body = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0"
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the dots end: at a mark that is neither a filler nor a restart."""
    end = data.find(b"\xff", at)
    while end >= 0 and end + 1 < len(data):
        following = data[end + 1]
        if following and following != 0xFF and not 0xD0 <= following <= 0xD7:
            return end
        end = data.find(b"\xff", end + 1)
    raise broken()


# -- PNG, WebP, GIF --------------------------------------------------------------------------------------------------------


def png(data: bytes) -> bytes:
    """Only the picture and what its colours mean; what follows the end stays behind."""
    out, at = [data[:8]], 8
    while at + 12 <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if at + 12 + size > len(data) or (name == b"IHDR") != (at == 8):
            raise broken()
        if name in KEEP_PNG:
            out.append(data[at : at + 12 + size])
        at += 12 + size
        if name == b"IEND":
            return b"".join(out)
    raise broken()


def webp(data: bytes) -> bytes:
    """Only the picture or its frames; the flags that announced more are taken back."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data) + 1 or end < 12:  # an odd last piece may lack its filler
        raise broken()
    body = b"".join(_webp_piece(name, piece) for name, piece in _riff(data[12:end]))
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body


def _webp_piece(name: bytes, piece: bytes) -> bytes:
    if name not in KEEP_WEBP:
        return b""
    if name == b"VP8X":
        if len(piece) < 10:
            raise broken()
        piece = bytes([piece[0] & ~WEBP_TELLS & 0xFF]) + bytes(3) + piece[4:10]
    elif name == b"ANMF":
        if len(piece) < 16:
            raise broken()
        inner = ((n, p) for n, p in _riff(piece[16:]) if n in (b"VP8 ", b"VP8L", b"ALPH"))
        piece = piece[:16] + b"".join(_as_riff(n, p) for n, p in inner)
    return _as_riff(name, piece)


def _as_riff(name: bytes, piece: bytes) -> bytes:
    return name + len(piece).to_bytes(4, "little") + piece + b"\0" * (len(piece) & 1)


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > len(data):
            raise broken()
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def gif(data: bytes) -> bytes:
    """Only the frames, their times and whether they repeat; comments, texts and other programs' pieces go."""
    if len(data) < 13:
        raise broken()
    at = 13 + _table(data[10])
    out = [data[:at]]
    for _ in range(MOST_PIECES):
        kind = data[at : at + 1]
        if kind == b";":
            return b"".join([*out, b";"])
        if kind == b"!":
            end = _after_blocks(data, at + 2)
            if data[at + 1 : at + 2] == b"\xf9" or (data[at + 1 : at + 3] == b"\xff\x0b" and data[at + 3 : at + 14] in LOOPS):
                out.append(data[at:end])
        elif kind == b"," and at + 10 < len(data):
            end = _after_blocks(data, at + 11 + _table(data[at + 9]))
            out.append(data[at:end])
        else:
            raise broken()
        at = end
    raise broken()


def _table(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while at < len(data):
        size = data[at]
        at += 1 + size
        if not size:
            return at
    raise broken()


CLEANERS: Mapping[str, Callable[[bytes], bytes]] = {kinds.JPEG: jpeg, kinds.PNG: png, kinds.WEBP: webp, kinds.GIF: gif}
