"""What stands in the fields of a web form for a value, and the value for what was entered. Pure: names and texts in, values out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from panah.i18n import ascii_digits, digits
from panah.i18n.days import clock_input, read_day, read_moment, typed
from panah.records.values import codes_of
from panah.schema import Field, NoAnswer, Value

Items = Mapping[str, list[str]]

# The parts of the kinds that are made of several answers; a list declares its own.
PARTS = {
    "name": (
        Field("written", "text", "As the person says it"),
        Field("given", "text", "Given name"),
        Field("father", "text", "Father's name"),
        Field("grandfather", "text", "Grandfather's name"),
        Field("family", "text", "Family name"),
        Field("nick", "text", "Also called"),
    ),
    "fuzzydate": (
        Field("value", "text", "Year, month, day", help="As much as is known: 1377, 1377-04, 1377-04-12 or 1370..1375."),
        Field("calendar", "code", "Calendar", codes="calendar"),
        Field("precision", "code", "How exact", codes="precision"),
        Field("text", "text", "In their words", help="Such as: the spring after the flood."),
    ),
    "place": (
        Field("text", "text", "Place"),
        Field("precision", "code", "How exact", codes="place_precision"),
    ),
}  # fmt: skip

_ROW = re.compile(r"\.(\d{1,4})\.")
_FUZZY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


class Wrong(Exception):
    """What was entered is no value; `name` is the form's name of the part that is wrong."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(code)
        self.name = name
        self.code = code


def parts_of(f: Field) -> tuple[Field, ...]:
    """The columns of a list or name, the parts of a date or place."""
    return PARTS.get(f.kind, f.fields)


def under(items: Items, name: str) -> dict[str, list[str]]:
    """The items that belong to one field."""
    return {key: list(values) for key, values in items.items() if key == name or key.startswith(name + ".")}


def last(items: Items, name: str, default: str = "") -> str:
    """The one text of a name; of several the last, as browsers and scripts agree."""
    return (items.get(name) or [default])[-1]


def rows_in(items: Items, name: str) -> list[int]:
    """The numbers of the rows that stand in a form."""
    found = (_ROW.match(key, len(name)) for key in items if key.startswith(name))
    return sorted({int(match[1]) for match in found if match})


def posted(f: Field, value: Value, lang: str, name: str) -> dict[str, list[str]]:
    """The names and texts by which a form shows a value, and which it posts when nothing was changed."""
    if value is None:
        return {}
    if isinstance(value, NoAnswer):
        return {f"{name}.no": [value.why]}
    if f.kind in ("name", "list") and isinstance(value, list):
        found: dict[str, list[str]] = {}
        for n, entry in enumerate(value):
            # The mark keeps the number of a row that shows nothing.
            found[f"{name}.{n}.row"] = ["1"]
            found.update(_posted_parts(f, entry, lang, f"{name}.{n}"))
        return found
    if f.kind in ("fuzzydate", "place") and isinstance(value, dict):
        return _posted_parts(f, value, lang, name)
    if f.kind in ("codes", "refs") and isinstance(value, list):
        return {name: [str(v) for v in value]}
    if f.kind == "attach":
        return {name: [str(value.get("name") or "-") if isinstance(value, dict) else "-"]}
    return {name: [_posted_text(f, value, lang)]}


def _posted_parts(f: Field, entry: Value, lang: str, name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in parts_of(f):
        inner = entry.get(part.name) if isinstance(entry, dict) else None
        found.update(posted(part, inner, lang, f"{name}.{part.name}"))
    return found


def _posted_text(f: Field, value: Value, lang: str) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if f.kind == "date" and isinstance(value, str):
        return typed(lang, value)
    if f.kind == "datetime" and isinstance(value, int | float):
        return clock_input(value)
    return digits(lang, str(value)) if f.kind in ("int", "decimal", "time") else str(value)


def read(f: Field, items: Items, name: str, old: Value) -> Value:
    """The value for what was entered, None for nothing; what a form cannot show of the old value is kept. Raises Wrong."""
    if f.kind in ("name", "list"):
        return _read_rows(f, items, name, old)
    if f.kind in ("fuzzydate", "place"):
        return _read_parts(f, items, name, old if isinstance(old, dict) else {})
    if f.kind == "attach":
        return None if last(items, f"{name}.drop") == "1" else old
    if f.kind in ("codes", "refs"):
        return _read_several(f, items.get(name, []))
    entered = last(items, name).replace("\r\n", "\n").replace("\r", "\n")
    if f.kind != "longtext":  # a box of one line drops line ends
        entered = entered.replace("\n", "").strip()
    return _read_one(f, entered, name) if entered.strip() else None


def _read_one(f: Field, entered: str, name: str) -> Value:
    if f.kind == "bool":
        if entered not in ("1", "0"):
            raise Wrong(name, "value_wrong_kind")
        return entered == "1"
    if f.kind == "int":
        number = re.sub(r"[\s,٬،_]", "", ascii_digits(entered))
        if not re.fullmatch(r"[-+]?\d{1,16}", number):
            raise Wrong(name, "number_wrong")
        return int(number)
    if f.kind == "decimal":
        return _read_decimal(entered, name)
    if f.kind == "time":
        return _read_time(entered, name)
    if f.kind in ("date", "datetime"):
        day: Any = read_day(entered) if f.kind == "date" else read_moment(entered)
        if day is None:
            raise Wrong(name, "date_wrong")
        return day
    return entered


def _read_decimal(entered: str, name: str) -> float:
    number = re.sub(r"[\s٬،_]", "", ascii_digits(entered)).replace("٫", ".").replace(",", ".")
    if not re.fullmatch(r"[-+]?\d{1,15}(\.\d{1,9})?", number):
        raise Wrong(name, "number_wrong")
    return float(number)


def _read_time(entered: str, name: str) -> str:
    clock = re.fullmatch(r"(\d{1,2})\s*[:.٫]\s*(\d{2})", ascii_digits(entered).strip())
    if clock is None or int(clock[1]) > 23 or int(clock[2]) > 59:
        raise Wrong(name, "time_wrong")
    return f"{int(clock[1]):02}:{clock[2]}"


def _read_several(f: Field, entered: list[str]) -> Value:
    values = list(dict.fromkeys(v.strip() for v in entered if v.strip()))
    if f.kind == "codes":
        order = {code: n for n, code in enumerate(codes_of(f))}
        values.sort(key=lambda v: (order.get(v, len(order)), v))
    return values or None


def _read_rows(f: Field, items: Items, name: str, old: Value) -> Value:
    before = old if isinstance(old, list) else []
    # A file has no box that could be empty: its row goes only when it is asked to go.
    files = [part.name for part in f.fields if part.kind == "attach"]
    held = {n for n, entry in enumerate(before) if isinstance(entry, dict) and any(entry.get(file) for file in files)}
    found = []
    for n in sorted(held.union(rows_in(items, name))):
        if last(items, f"{name}.{n}.drop") == "1":
            continue
        entry = _read_parts(f, items, f"{name}.{n}", before[n] if n < len(before) and isinstance(before[n], dict) else {})
        if entry is not None:
            found.append(entry)
    return found or None


def _read_parts(f: Field, items: Items, name: str, old: dict[str, Value]) -> Value:
    """An entry; None if all that a form shows of it is empty."""
    entry = dict(old)
    for part in parts_of(f):
        value = read(part, items, f"{name}.{part.name}", old.get(part.name))
        if value is None:
            entry.pop(part.name, None)
        else:
            entry[part.name] = value
    if not any(part.name in entry for part in parts_of(f)):
        return None
    return _fuzzy(entry, name) if f.kind == "fuzzydate" else entry


def _fuzzy(entry: dict[str, Value], name: str) -> dict[str, Value]:
    """A date of a person's memory: written with hyphens and ASCII digits; calendar and precision follow from it where they were left open."""
    if not isinstance(entry.get("value"), str):
        return entry
    ends = [_end(end, name) for end in re.split(r"\s*(?:\.\.|[–—])\s*", ascii_digits(entry["value"]).strip())]
    if len(ends) > 2:
        raise Wrong(f"{name}.value", "date_wrong")
    entry["value"] = "..".join(ends)
    entry.setdefault("calendar", "solar_hijri" if int(ends[0][:4]) < 1700 else "gregorian")
    entry.setdefault("precision", "range" if len(ends) == 2 else ("year", "month", "day")[ends[0].count("-")])
    return entry


def _end(entered: str, name: str) -> str:
    """One end of a remembered date: a year, a month or a day."""
    match = _FUZZY.fullmatch(re.sub(r"\s*[-/.\s]\s*", "-", entered))
    if match is None or not all(part is None or 1 <= int(part) <= most for part, most in ((match[2], 12), (match[3], 31))):
        raise Wrong(f"{name}.value", "date_wrong")
    return "-".join(part.zfill(2) for part in match.groups() if part)
