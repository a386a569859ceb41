"""Files of records: pictures drawn anew are shown; everything else, and every original, is only ever a download after a warning."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from panah.errors import Full, Refused, Unreadable
from panah.files import clean, kinds
from panah.node.ask import Ask, type_of
from panah.records.intake_key import IntakeKey
from panah.work import files, openings

# For pictures that we drew ourselves: even if a browser took one for a page, that page could do nothing.
STILL = "sandbox; default-src 'none'; frame-ancestors 'none'"


def _found(ask: Ask) -> tuple[Any, dict[str, Any]]:
    cls = type_of(ask.path("kind"))
    if cls is IntakeKey:
        raise Refused("attachment_not_here")
    record = ask.s.get(cls, ask.path("id"))
    return record, files.find(record, ask.path("place"))


def picture(ask: Ask) -> Response:
    """A picture, drawn anew: large, or small for lists."""
    _, value = _found(ask)
    if ask.path("size") not in ("large", "small"):
        raise Refused("attachment_not_here")
    drawn = clean.draw(ask.s.read(value), small=ask.path("size") == "small")
    name = f"picture.{kinds.ending(drawn.media)}"
    return Response(
        drawn.data, 200, {"Content-Disposition": f'inline; filename="{name}"', "Content-Security-Policy": STILL}, drawn.media
    )


def one(ask: Ask) -> Response:
    """What a file is, the picture if it is one, and the way to the original behind its warning."""
    record, value = _found(ask)
    openings.note(ask.s, record)
    media = str(value.get("media"))
    return ask.page(
        "file.html", kind=record.KIND, r=record, place=ask.path("place"), value=value, shown=media in kinds.DRAWN,
        back=f"/inbox/{record.help_request}" if record.KIND.name == "message" else f"/r/{record.KIND.name}/{record.id}",
    )  # fmt: skip


def original(ask: Ask) -> Response:
    """The bytes as they are sealed, to keep, under a name that says nothing."""
    record, value = _found(ask)
    openings.note(ask.s, record)
    data = ask.s.read(value)
    return ask.file(data, f"{record.id[:8]}.{kinds.ending(kinds.recognise(data))}")


def taken(ask: Ask, record: Any) -> list[tuple[str, str]]:
    """Put the files of a posted form into the record, cleaned and sealed; (field, code) of what cannot be taken."""
    problems = []
    for f in record.KIND.fields:
        if f.kind != "attach" or f.hidden or (record.meta is not None and f.name in record.meta.restricted):
            continue
        data, token = ask.files.get(f"{f.name}.file"), ask.one(f"{f.name}.waits")
        try:
            value = (
                files.keep(ask.s, data, as_it_came=ask.one(f"{f.name}.as_it_came") == "1") if data else files.take(ask.s, token)
            )
        except (Refused, Unreadable, Full) as e:
            problems.append((f.name, e.code))
            continue
        if value is not None:
            setattr(record, f.name, value)
    return problems


def waiting(ask: Ask, record: Any) -> dict[str, str]:
    """What was taken and cannot be saved yet: field -> the word under which it waits, for the form that goes back."""
    found = {}
    for f in record.KIND.fields:
        value = getattr(record, f.name) if f.kind == "attach" else None
        if isinstance(value, dict) and value != record.was.get(f.name):
            found[f.name] = files.wait(ask.s, value)
    return found
