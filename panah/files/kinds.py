"""What a file is, by its bytes. What it says of itself, its name and its stated type, is not believed."""

from __future__ import annotations

JPEG, PNG, WEBP, GIF, HEIC = "image/jpeg", "image/png", "image/webp", "image/gif", "image/heic"
MP4, PDF, OOXML, ODF = "video/mp4", "application/pdf", "application/vnd.openxmlformats", "application/vnd.oasis.opendocument"
OTHER = "application/octet-stream"

# What the node draws again to show it; everything else is only ever a download.
DRAWN = (JPEG, PNG, WEBP, GIF, HEIC)
ENDINGS = {JPEG: "jpg", PNG: "png", WEBP: "webp", GIF: "gif", HEIC: "heic", MP4: "mp4", PDF: "pdf", OOXML: "zip", ODF: "zip"}

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")


def recognise(data: bytes) -> str:
    """The kind of a file; OTHER for what we do not read."""
    if data[:2] == b"\xff\xd8":
        return JPEG
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return GIF
    if data[4:8] == b"ftyp":
        return HEIC if data[8:12] in _HEIC_BRANDS else MP4
    if data[:5] == b"%PDF-":
        return PDF
    if data[:4] == b"PK\x03\x04":
        return _packed(data[30:128])
    return OTHER


def _packed(head: bytes) -> str:
    """OpenDocument files begin with a part named mimetype, by their standard; the others are told apart by whoever opens them."""
    return ODF if head.startswith(b"mimetypeapplication/vnd.oasis.opendocument") else OOXML


def ending(media: str) -> str:
    """The ending of a neutral file name."""
    return ENDINGS.get(media, "bin")
