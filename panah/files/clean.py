"""A file without what tells where, when, by whom and with what it was made. What cannot be cleaned is refused, and says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from panah.errors import Refused
from panah.files import apart, films, kinds, pictures

MOST = 32 * 1024 * 1024

_BYTEWISE: Mapping[str, Callable[[bytes], bytes]] = {**pictures.CLEANERS, kinds.MP4: films.film, kinds.HEIC: films.heic}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned file and what it is, by its bytes."""

    data: bytes
    media: str


def clean(data: bytes) -> Cleaned:
    """Strip a file; Unreadable("file_broken") or Refused("file_not_cleanable", ...) when that cannot be done."""
    if len(data) > MOST:
        raise Refused("file_too_large")
    media = kinds.recognise(data)
    if media in _BYTEWISE:
        return Cleaned(_BYTEWISE[media](data), media)
    if media in (kinds.PDF, kinds.OOXML, kinds.ODF):
        said, out = apart.run("clean", data)
        kind = said.get("media")
        return Cleaned(out, kind if kind in (kinds.PDF, kinds.OOXML, kinds.ODF) else media)
    raise Refused("file_not_cleanable")


def draw(data: bytes, *, small: bool = False) -> Cleaned:
    """A picture drawn anew by the confined process, to be shown: no byte of the file it came in."""
    said, out = apart.run("small" if small else "draw", data)
    media = said.get("media")
    # The confined process may have been taken over by what it read: what it gives is a picture by its bytes, or nothing.
    if media not in (kinds.JPEG, kinds.PNG) or kinds.recognise(out) != media:
        raise Refused("picture_not_drawn")
    return Cleaned(out, media)
