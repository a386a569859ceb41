"""Take out of films, sound and HEIC pictures (one container: boxes within boxes) what tells where, when and with what they were made.

Nothing is moved: what has to go is overwritten with zeros where it stands, and its box renamed to `free`, because other boxes
point into the file by position. Lists of what stays; what cannot be followed is refused, not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from panah.errors import Refused
from panah.files.pictures import broken

# A box that stays, and the boxes inside it that stay; None keeps all of it.
Tree = Mapping[bytes, "Tree | None"]
_SAMPLES: Tree = dict.fromkeys((b"stsd", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sdtp", b"sgpd", b"sbgp", b"cslg"))  # fmt: skip
_MEDIA: Tree = {
    b"mdhd": None, b"hdlr": None,
    b"minf": {b"vmhd": None, b"smhd": None, b"nmhd": None, b"sthd": None, b"hdlr": None, b"dinf": None, b"stbl": _SAMPLES},
}  # fmt: skip
FILM: Tree = {
    b"ftyp": None, b"styp": None, b"sidx": None, b"moof": None, b"mdat": None, b"mfra": None,
    b"moov": {
        b"mvhd": None, b"mvex": None, b"trak": {b"tkhd": None, b"edts": None, b"tref": None, b"mdia": _MEDIA},
    },
}  # fmt: skip
PICTURE: Tree = {b"ftyp": None, b"mdat": None, b"meta": None}
TOLD = (b"Exif", b"mime", b"uri ")  # items of a HEIC picture that are not the picture
MOST_BOXES = 50_000


def film(data: bytes) -> bytes:
    """A film or a sound without its tags, places and times. Refused where a track of measurements lies among its samples."""
    b = bytearray(data)
    _thin(b, 0, len(b), FILM)
    return bytes(b)


def _thin(b: bytearray, start: int, end: int, tree: Tree) -> None:
    for at, body, after, name in _boxes(b, start, end):
        if name not in tree:
            b[at + 4 : at + 8] = b"free"
            b[body:after] = bytes(after - body)
            continue
        inner = tree[name]
        if inner is not None:
            _thin(b, body, after, inner)
        elif name in (b"mvhd", b"tkhd", b"mdhd"):
            # When it was made and changed: two numbers of 32 or 64 bits after the version.
            most = 20 if b[body : body + 1] == b"\x01" else 12
            b[body + 4 : min(body + most, after)] = bytes(max(0, min(body + most, after) - body - 4))
        elif name == b"hdlr":
            if bytes(b[body + 8 : body + 12]) in (b"meta", b"mdta", b"camm", b"gpmd"):
                raise Refused("file_not_cleanable")  # places and movements in the samples themselves
            b[body + 24 : after] = bytes(max(0, after - body - 24))


def _boxes(b: bytearray | bytes, start: int, end: int) -> Iterator[tuple[int, int, int, bytes]]:
    """(where it begins, where its content begins, where it ends, name) of each box."""
    at = start
    for _ in range(MOST_BOXES):
        if at == end:
            return
        size, body = int.from_bytes(b[at : at + 4], "big"), at + 8
        if size == 1:
            size, body = int.from_bytes(b[at + 8 : at + 16], "big"), at + 16
        elif size == 0:
            size = end - at
        if size < body - at or at + size > end:
            raise broken()
        yield at, body, at + size, bytes(b[at + 4 : at + 8])
        at += size
    raise broken()


# -- HEIC ------------------------------------------------------------------------------------------------------------------


def heic(data: bytes) -> bytes:
    """A HEIC picture with its EXIF and XMP overwritten."""
    b = bytearray(data)
    meta = next((box for box in _boxes(b, 0, len(b)) if box[3] == b"meta"), None)
    if meta is None:
        raise broken()
    inside = {name: (body, after) for _, body, after, name in _boxes(b, meta[1] + 4, meta[2])}
    if b"iinf" not in inside or b"iloc" not in inside:
        raise Refused("file_not_cleanable")
    told = set(_told(b, *inside[b"iinf"]))
    data_at = inside.get(b"idat", (0, 0))
    places = list(_places(b, *inside[b"iloc"], data_at))
    kept = [(start, end) for item, start, end in places if item not in told]
    for item, start, end in places:
        # A picture that claims that its dots and its EXIF share bytes is a trap: one of the two would be lost or told.
        if item in told and any(start < other_end and other < end for other, other_end in kept):
            raise Refused("file_not_cleanable")
        if item in told:
            b[start:end] = bytes(end - start)
    for at, body, after, name in list(_boxes(b, 0, len(b))):
        if name not in PICTURE:
            b[at + 4 : at + 8] = b"free"
            b[body:after] = bytes(after - body)
    return bytes(b)


def _told(b: bytearray, start: int, end: int) -> Iterator[int]:
    wide = b[start] != 0
    for _, body, after, name in _boxes(b, start + (8 if wide else 6), end):
        if name != b"infe" or after - body < 12:
            raise Refused("file_not_cleanable")
        version = b[body]
        if version not in (2, 3):
            raise Refused("file_not_cleanable")
        size = 2 if version == 2 else 4
        item = int.from_bytes(b[body + 4 : body + 4 + size], "big")
        if bytes(b[body + 6 + size : body + 10 + size]) in TOLD:
            yield item


def _places(b: bytearray, start: int, end: int, data_at: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    """(item, from, to) of every piece that an item is made of."""
    at = start

    def take(size: int) -> int:
        nonlocal at
        if size not in (0, 1, 2, 4, 8) or at + size > end:
            raise broken()
        at += size
        return int.from_bytes(b[at - size : at], "big")

    version = take(1)
    if version > 2:
        raise Refused("file_not_cleanable")
    at += 3
    sizes = take(2)
    offset_size, length_size, base_size, index_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15 if version else 0
    for _ in range(min(take(4 if version == 2 else 2), MOST_BOXES)):
        item = take(4 if version == 2 else 2)
        method = take(2) & 15 if version else 0
        take(2)
        first = take(base_size) + (data_at[0] if method == 1 else 0)
        for _ in range(take(2)):
            take(index_size)
            begins = first + take(offset_size)
            ends = begins + take(length_size)
            if method > 1 or not 0 <= begins <= ends <= (data_at[1] if method == 1 else len(b)):
                raise Refused("file_not_cleanable")
            yield item, begins, ends
