"""QR codes out of pictures that people took: read by the confined process, never here."""

from __future__ import annotations

from panah.errors import Full
from panah.files import apart

MOST_BYTES = 16 * 1024 * 1024


def qr_codes(data: bytes) -> list[str]:
    """The texts of the codes in a photo, a screenshot or a scan; none, if there is none."""
    if len(data) > MOST_BYTES:
        raise Full("attachment_too_large", bytes=len(data), most=MOST_BYTES)
    _, out = apart.run("codes", data)
    # What comes back from there was made by strangers' dots, and is read as pasted text is.
    return out.decode("ascii", "replace").splitlines()
