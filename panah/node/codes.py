"""QR codes on pages: shown as drawings within the page, and taken back from pasted text or from pictures of them."""

from __future__ import annotations

import segno
from markupsafe import Markup

from panah import qr
from panah.errors import Refused
from panah.node.ask import Ask
from panah.node.pictures import qr_codes


def show(data: bytes, kind: str) -> list[tuple[str, Markup]]:
    """(text, drawing) of each code."""
    return [(text, svg(text)) for text in qr.split(data, kind=kind)]


def svg(text: str) -> Markup:
    """One code as a drawing, dark on light in every theme: a camera does not know themes."""
    made = segno.make(text, error="m", micro=False)
    return Markup(made.svg_inline(dark="#000", light="#fff", omitsize=True))  # noqa: S704 (drawn by us from letters and digits)


def taken(ask: Ask, kind: str) -> bytes | None:
    """What was given as codes in a form: pasted into `code`, or as pictures. None if neither holds one and text may be something else.

    Parts come one after the other, from a phone that is held to a screen: what has come is kept in the vault until the rest has.
    """
    pictures = [data for name, data in ask.files.items() if name.split("#")[0] == "picture"]
    found = [text for data in pictures for text in qr_codes(data)]
    texts = [*qr.found_in(ask.one("code")), *(part for text in found for part in qr.found_in(text))]
    if not texts:
        if pictures:
            raise Refused("qr_nothing_found")
        return None
    draft = ask.s.draft("qr/" + kind) or {"parts": []}
    last = qr.read(texts[-1])
    kept = [text for text in draft["parts"] if (part := qr.read(text)).name == last.name and part.of == last.of]
    parts = list(dict.fromkeys([*kept, *texts]))
    try:
        data = qr.join(parts, kind=kind)
    except Refused as e:
        if e.code == "qr_parts_missing":
            ask.s.keep_draft("qr/" + kind, {"parts": parts})
        raise
    ask.s.drop_draft("qr/" + kind)
    return data
