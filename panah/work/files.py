"""Files on their way into a vault: cleaned before they are sealed, or kept as they came where a person asks for that."""

from __future__ import annotations

from typing import Any

from panah import config
from panah.errors import Full, NotFound, Refused, Unreadable
from panah.files import clean, kinds
from panah.kernel import blobs
from panah.kernel.session import Session
from panah.records import Record

_WAITING = "files_waiting"
_MOST_WAITING = 20


def keep(s: Session, data: bytes, *, as_it_came: bool = False) -> dict[str, Any]:
    """Clean a file and seal it; the value for an attach field. `as_it_came` seals the very bytes, and the value says so (`told`)."""
    if len(data) > config.ATTACHMENT_BYTES:
        raise Full("attachment_too_large", bytes=len(data), most=config.ATTACHMENT_BYTES)
    if as_it_came:
        return {**s.attach(data, kinds.recognise(data), ""), "told": True}
    cleaned = clean.clean(data)
    return s.attach(cleaned.data, cleaned.media, "")


def keep_arrived(s: Session, data: bytes) -> dict[str, Any]:
    """A file that a stranger sent: cleaned once more; what cannot be cleaned is somebody's words all the same, and is kept with its mark."""
    try:
        return keep(s, data)
    except (Refused, Unreadable):
        return keep(s, data, as_it_came=True)


def find(record: Record, place: str) -> dict[str, Any]:
    """The file at a place of a record: a field, or field.row.column. NotFound where there is none."""
    field, _, rest = place.partition(".")
    value: Any = getattr(record, field) if any(f.name == field and not f.hidden for f in record.KIND.fields) else None
    for step in rest.split(".") if rest else ():
        if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 5 and int(step) < len(value):
            value = value[int(step)]
        else:
            value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(value.get("blob"), str) or "key" not in value:
        raise NotFound("attachment_not_here")
    return value


# -- between choosing a file and saving the form it stands in ------------------------------------------------------------


def wait(s: Session, value: dict[str, Any]) -> str:
    """Keep a sealed file whose form has a mistake elsewhere: nobody has to choose it again. The oldest that nobody took goes."""
    token = s.new_id()
    waiting = {**s.setting(_WAITING, {}), token: value}
    while len(waiting) > _MOST_WAITING:
        _forget(s, waiting.pop(next(iter(waiting))))
    s.set_setting(_WAITING, waiting)
    return token


def take(s: Session, token: str) -> dict[str, Any] | None:
    """A file that waited, once; None if there is none of that name."""
    waiting = dict(s.setting(_WAITING, {}))
    value = waiting.pop(token, None)
    if value is not None:
        s.set_setting(_WAITING, waiting)
    return value if isinstance(value, dict) else None


def _forget(s: Session, value: dict[str, Any]) -> None:
    with s.vault.change():
        for id in blobs.named_in([value]):
            s.vault.drop_blob(id)
