"""Give one case back in open formats: for the person whose it is, or to leave Panah. One sealed age file, readable with public tools."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from panah.errors import NotFound, Refused
from panah.i18n import text
from panah.kernel import age
from panah.kernel.session import Session
from panah.records import TYPES
from panah.records.case import Case
from panah.work import cases


def case(s: Session, id_or_code: str) -> bytes:
    """A zip of JSON (every part with its history) and a page to read, of one case. NotFound if this vault cannot open it."""
    found = _find(s, id_or_code)
    records: list[tuple[str, Any]] = [("case", found)]
    records += [(kind, record) for kind, parts in cases.parts(s, found.id).items() for record in parts]
    whole = [
        {
            "type": kind,
            "id": record.id,
            "values": {k: v for k, v in record.was.items() if v is not None and not _hidden(kind, k)},
            "history": [
                {"at": c.at, "by": c.author, "field": c.field, "value": c.value}
                for c in s.history(record.id)
                if not _hidden(kind, c.field)
            ],
        }
        for kind, record in records
    ]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("case.json", json.dumps(whole, ensure_ascii=False, indent=1))
        archive.writestr("case.txt", _readable(records))
    return out.getvalue()


def seal(data: bytes, passphrase: str) -> bytes:
    """The file as it may travel; the passphrase goes another way."""
    if len(passphrase) < 8:
        raise Refused("passphrase_too_short")
    return age.seal_with_passphrase(data, passphrase)


def _find(s: Session, id_or_code: str) -> Case:
    found = s.find(Case, id_or_code)
    if found is None:
        for hit in s.search(id_or_code, ["case"], 20):
            one = s.find(Case, hit.id)
            if one is not None and one.code == id_or_code:
                return one
        raise NotFound("no_such_record")
    return found


def _hidden(kind: str, name: str) -> bool:
    return any(f.name == name and f.hidden for f in TYPES[kind].KIND.fields)


def _readable(records: list[tuple[str, Any]]) -> str:
    lines = []
    for kind, record in records:
        declared = TYPES[kind].KIND
        lines += ["", text("en", declared.label).upper()]
        for f in declared.fields:
            value = record.was.get(f.name)
            if value is not None and not f.hidden:
                shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                lines.append(f"{f.label}: {shown}")
    return "\n".join(lines).strip() + "\n"
