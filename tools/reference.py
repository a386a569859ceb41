"""Write the reference of the record types from their declarations: spec/records.md for people, spec/records.json for programs.

`reference.py` writes both, `reference.py check` says whether they are current. A type, field or code that was once written down is never
taken back or given another meaning: older vaults hold what was written under it. Both refuse that.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from panah.records import CODES, TYPES
from panah.records.base import Record
from panah.schema import Field, Kind

ROOT = Path(__file__).resolve().parents[1]
MARKDOWN = ROOT / "spec" / "records.md"
JSON = ROOT / "spec" / "records.json"

HEADER = [f for f in Record.__struct_fields__ if f != "id"]

INTRODUCTION = """\
<!-- Written by tools/reference.py from panah/records/: change it there, then `make docs`. -->
# Records

What Panah keeps: every type with its fields, as the declarations in `panah/records/` have them. For whoever writes an import, an export or another reader of a vault.

An event sets fields of one record by the names below. `records.json` beside this page says the same to programs. The fields of a task, as an event sets them:

```json
{"case": "0f8c1e5a7b2d4c6e9a1b3d5f7e8c0a2b", "title": "Ask again when the person can decide", "owner": "Laleh",
 "due": 1795420800, "task_state": "open", "critical": {"~": "no_answer", "why": "unknown"}}
```

## Values

A field holds null (not asked), `{"~": "no_answer", "why": "declined"}` or `"unknown"`, or a value of its kind. A reader MUST keep the three ways of having no answer apart (NN-05).

| kind | value |
|---|---|
| text, longtext | a string of at most 100,000 letters |
| int, bool | a whole number between -2^53 and 2^53, true or false |
| date | `2026-11-23`: Gregorian, ISO 8601 |
| datetime | seconds since 1970 in UTC, as a number |
| fuzzydate | an object: `value`, `calendar`, `precision`, and `text` as the person said it |
| name | a list of objects, one for each way of writing the name: `script`, `given`, `father`, `grandfather`, `family`, `nick`, `written` |
| place | an object: `ref` or `code`, `precision`, `text` |
| attach | an object: `blob`, `key`, `bytes`, `parts`, `media`, `name`, `sha256` |
| code, codes | one code, or a list of codes, of the list that is named; a reader MUST keep a code that it does not know |
| ref, refs | the id of a record, or a list of ids: 32 lower-case hexadecimal digits |
| list | a list of at most 1,000 objects with the columns that are named |

## Marks

`!` is needed before the record counts as complete; an incomplete record can always be kept. `once` cannot be changed after it was written. `protected` shows the most protective of the values
that people wrote without seeing each other (NN-70). `index` can be filtered by, `search` is found by its words, `sensitive` exposes more than the rest of the record, `hidden` is for programs.
"""


def written() -> dict[str, Any]:
    """Everything that may only grow, as plain data."""
    return {
        "header": [_field(f) for f in _header()],
        "types": {
            name: {
                "label": k.label, "plural": k.plural, "compartment": k.compartment, "held_by": list(k.held_by), "sensitivity": k.sensitivity,
                "retention": k.retention, "see": list(k.see), "minimum": list(k.minimum),
                "fields": [_field(f) for f in k.fields if f.name not in HEADER or f != _of(_header(), f.name)],
            }
            for name, k in _kinds()
        },
        "codes": {name: list(codes) for name, codes in sorted(CODES.items())},
    }  # fmt: skip


def _kinds() -> list[tuple[str, Kind]]:
    return [(name, cls.KIND) for name, cls in sorted(TYPES.items())]


def _header() -> list[Field]:
    # A type may ask more of a header field than the others do; the header is what most of them say.
    every = [k for _, k in _kinds()]
    return [max((k.field(n) for k in every), key=[k.field(n) for k in every].count) for n in HEADER]


def _of(fields: list[Field], name: str) -> Field | None:
    return next((f for f in fields if f.name == name), None)


def _field(f: Field) -> dict[str, Any]:
    data: dict[str, Any] = {"name": f.name, "kind": f.kind, "label": f.label}
    data |= {k: v for k in ("codes", "to", "help", "compartment") if (v := getattr(f, k))}
    data |= {k: True for k in ("required", "once", "index", "search", "sensitive", "hidden") if getattr(f, k)}
    if f.protect is not None:
        data["protected"] = True
    if f.fields:
        data["columns"] = [_field(c) for c in f.fields]
    return data


def taken_back(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What stood in the old reference and is gone or means something else now."""
    lost = [f"header: {x}" for x in _lost(old["header"], new["header"])]
    for name, kind in old["types"].items():
        if name not in new["types"]:
            lost.append(f"the type {name}")
            continue
        now = new["types"][name]
        if now["compartment"] != kind["compartment"]:
            lost.append(f"{name}: compartment")
        lost += [f"{name}: {x}" for x in _lost(kind["fields"], [*now["fields"], *new["header"]])]
    for name, codes in old["codes"].items():
        lost += [f"the code {name}.{code}" for code in codes if code not in new["codes"].get(name, ())]
    return lost


def _lost(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[str]:
    by_name = {f["name"]: f for f in reversed(new)}
    lost = []
    for f in old:
        now = by_name.get(f["name"], {})
        if any(now.get(k) != f.get(k) for k in ("kind", "codes", "to")):
            lost.append(str(f["name"]))
        lost += [f"{f['name']}.{x}" for x in _lost(f.get("columns", []), now.get("columns", []))]
    return lost


def text(data: dict[str, Any]) -> str:
    """As JSON with one field or code list on a line, so that a reviewer sees what a change changes."""
    one = json.JSONEncoder(ensure_ascii=False).encode
    types = []
    for name, kind in data["types"].items():
        head = {k: v for k, v in kind.items() if k != "fields"}
        types.append(f'{one(name)}: {one(head)[:-1]}, "fields": [\n ' + ",\n ".join(map(one, kind["fields"])) + "\n]}")
    codes = [f"{one(name)}: {one(codes)}" for name, codes in data["codes"].items()]
    header = ",\n ".join(map(one, data["header"]))
    said = (
        f'{{"header": [\n {header}\n],\n"types": {{\n' + ",\n".join(types) + '\n},\n"codes": {\n' + ",\n".join(codes) + "\n}}\n"
    )
    assert json.loads(said) == data
    return said


def page(data: dict[str, Any]) -> str:
    """The same for people."""
    parts = [INTRODUCTION, "## In every record", "", *_table(data["header"])]
    for name, kind in data["types"].items():
        see = ", ".join(kind["see"]) or "those who hold the compartment"
        parts += [
            "", f"## {kind['label']}", "",
            f"`{name}`, sealed in `{kind['compartment']}`; seen by {see}; {kind['sensitivity']}, {kind['retention']}."
            + (f" The least that is worth keeping: {', '.join(kind['minimum'])}." if kind["minimum"] else ""),
            "", *_table(kind["fields"]),
        ]  # fmt: skip
    parts += ["", "## Code lists", "", "| list | codes |", "|---|---|"]
    parts += [f"| {name} | {', '.join(codes)} |" for name, codes in data["codes"].items()]
    return "\n".join(parts) + "\n"


def _table(fields: list[dict[str, Any]]) -> list[str]:
    lines = ["| field | kind | words | marks |", "|---|---|---|---|"]
    for f in fields:
        arg = f.get("codes") or f.get("to")
        kind = f["kind"] + (f"({arg})" if arg else "")
        if "columns" in f:
            kind += ": " + ", ".join(c["name"] for c in f["columns"])
        marks = [m for m in ("once", "protected", "index", "search", "sensitive", "hidden") if f.get(m)]
        words = f["label"] + (f". {f['help']}" if f.get("help") else "")
        lines.append(f"| {f['name']}{' !' if f.get('required') else ''} | {kind} | {words} | {' '.join(marks)} |")
    return lines


def main(check: bool) -> None:
    """Write the reference, or stop where it is not current."""
    new = written()
    if JSON.exists() and (lost := taken_back(json.loads(JSON.read_text()), new)):
        sys.exit("Older vaults hold what was written under these, so they stay as they are: " + "; ".join(lost))
    texts = {MARKDOWN: page(new), JSON: text(new)}
    for path, said in texts.items():
        if not check:
            path.write_text(said)
        elif not path.exists() or path.read_text() != said:
            sys.exit(f"{path.relative_to(ROOT)} is not current: make docs")


if __name__ == "__main__":
    main(check=sys.argv[1:] == ["check"])
