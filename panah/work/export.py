"""Give one case back in open formats: for the person whose it is, or to leave Panah. One sealed age file, readable with public tools."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from panah.errors import NotFound, Refused, Unreadable
from panah.files import clean, kinds
from panah.i18n import text
from panah.kernel import age
from panah.kernel.session import Session
from panah.records import TYPES
from panah.records.case import Case
from panah.work import cases

# Not in exports, unless it is said (NN-31).
GROUPS = frozenset(("nationality", "ethnicity", "religion"))


def case(s: Session, id_or_code: str, *, groups: bool = False) -> bytes:
    """A zip of JSON (every part with its history) and a page to read, of one case. NotFound if this vault cannot open it."""
    found = _find(s, id_or_code)
    records: list[tuple[str, Any]] = [("case", found)]
    records += [(kind, record) for kind, parts in cases.parts(s, found.id).items() for record in parts]
    files: dict[str, bytes] = {}
    out_of = frozenset[str]() if groups else GROUPS
    whole = [
        {
            "type": kind,
            "id": record.id,
            "values": {k: _given(s, v, files) for k, v in record.was.items() if v is not None and not _hidden(kind, k, out_of)},
            "restricted": [f for f in record.meta.restricted if not _hidden(kind, f, out_of)],
            "history": [
                {"at": c.at, "by": c.author, "field": c.field, "value": _given(s, c.value, files)}
                for c in s.history(record.id)
                if not _hidden(kind, c.field, out_of)
            ],
        }
        for kind, record in records
    ]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        parts: dict[str, str | bytes] = {
            "case.json": json.dumps(whole, ensure_ascii=False, indent=1),
            "case.txt": _readable(s, records, files, out_of),
            **files,
        }
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _given(s: Session, value: Any, files: dict[str, bytes]) -> Any:
    """A value as it leaves: a file by its name in the archive, never by its key."""
    if isinstance(value, dict) and "blob" in value and "key" in value:
        return _file(s, value, files)
    if isinstance(value, dict):
        return {k: _given(s, v, files) for k, v in value.items()}
    return [_given(s, v, files) for v in value] if isinstance(value, list) else value


def _file(s: Session, value: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    """Put a file into the archive, cleaned once more: what was kept as it came leaves so only where it cannot be cleaned."""
    media, as_it_came = value.get("media"), False
    try:
        data = s.read(value)
    except (NotFound, Unreadable):
        return {"file": None, "media": media, "bytes": value.get("bytes")}
    try:
        data = clean.clean(data).data
    except (Refused, Unreadable):
        as_it_came = True
    name = f"files/{value['blob'][:16]}.{kinds.ending(kinds.recognise(data))}"
    files[name] = data
    return {"file": name, "media": media, "bytes": len(data), "as_it_came": as_it_came}


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


def _hidden(kind: str, name: str, out_of: frozenset[str]) -> bool:
    return (kind == "person" and name in out_of) or any(f.name == name and f.hidden for f in TYPES[kind].KIND.fields)


def _readable(s: Session, records: list[tuple[str, Any]], files: dict[str, bytes], out_of: frozenset[str]) -> str:
    lines = []
    for _, record in records:
        declared = record.KIND
        lines += ["", text("en", declared.label).upper()]
        for f in declared.fields:
            value = _given(s, record.was.get(f.name), files)
            if f.name in record.meta.restricted and not f.hidden:
                lines.append(f"{f.label}: restricted, sealed to others")
            elif value is not None and _hidden(record.KIND.name, f.name, out_of) and not f.hidden:
                lines.append(f"{f.label}: (left out; it is given only where the purpose needs it)")
            elif value is not None and not f.hidden:
                shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                lines.append(f"{f.label}: {shown}")
    return "\n".join(lines).strip() + "\n"
