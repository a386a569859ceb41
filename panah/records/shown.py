"""A value in words, for pages that only show it: details, history, conflicts, exports."""

from __future__ import annotations

from panah.i18n import day, digits, label, moment, text
from panah.i18n.days import said
from panah.records.entered import parts_of
from panah.schema import Field, NoAnswer, Value

_NO_ANSWER = {"declined": "Did not want to answer", "unknown": "Not known"}


def display(f: Field, value: Value, lang: str) -> str:
    """The words of a value; empty for a question that was not asked. A reference stays an id: a page says what it leads to."""
    if value is None:
        return ""
    if isinstance(value, NoAnswer):
        return text(lang, _NO_ANSWER[value.why])
    if isinstance(value, dict) and value.get("~") == "no_answer":
        return text(lang, _NO_ANSWER.get(str(value.get("why")), "Not known"))
    if isinstance(value, bool):
        return text(lang, "Yes" if value else "No")
    if isinstance(value, list):
        return _several(f, value, lang)
    if isinstance(value, dict):
        return _made_of_parts(f, value, lang)
    if f.kind == "date" and isinstance(value, str):
        return day(lang, value)
    if f.kind == "datetime" and isinstance(value, int | float):
        return moment(lang, value)
    if f.kind in ("code", "codes"):
        return said_of(f, str(value), lang)
    return digits(lang, str(value)) if f.kind in ("int", "decimal", "time") else str(value)


def said_of(f: Field, code: str, lang: str) -> str:
    """The words of a choice: the question's own, or those of its code list."""
    return dict(f.choices).get(code, code) if f.choices else label(f.codes, code, lang)


def _several(f: Field, value: list[Value], lang: str) -> str:
    if f.kind == "name":
        return " / ".join(filter(None, (_name(entry) for entry in value if isinstance(entry, dict))))
    if f.kind == "codes":
        return text(lang, ", ").join(said_of(f, str(code), lang) for code in value)
    if f.kind == "list":
        return "\n".join(filter(None, (_row(f, entry, lang) for entry in value if isinstance(entry, dict))))
    return text(lang, ", ").join(str(entry) for entry in value)


def _name(entry: dict[str, Value]) -> str:
    parts = [entry.get(part) for part in ("given", "father", "grandfather", "family")]
    return str(entry.get("written") or " ".join(str(p) for p in parts if p) or entry.get("nick") or "")


def _row(f: Field, entry: dict[str, Value], lang: str) -> str:
    cells = ((part, display(part, entry.get(part.name), lang)) for part in parts_of(f))
    return " · ".join(f"{text(lang, part.label)}: {shown}" for part, shown in cells if shown)


def _made_of_parts(f: Field, value: dict[str, Value], lang: str) -> str:
    if f.kind == "attach":
        size = value.get("bytes")
        return f"{value.get('name') or text(lang, 'File')} ({_size(size, lang)})" if isinstance(size, int) else text(lang, "File")
    words = [str(value["text"])] if value.get("text") else []
    if f.kind == "fuzzydate" and isinstance(value.get("value"), str):
        words.insert(0, _remembered(value, lang))
    elif f.kind == "place" and value.get("precision"):
        words.append(label("place_precision", str(value["precision"]), lang))
    return " · ".join(words)


def _remembered(value: dict[str, Value], lang: str) -> str:
    calendar = value.get("calendar") if value.get("calendar") in ("solar_hijri", "lunar_hijri") else "gregorian"
    try:
        ends = [said(lang, str(calendar), *(int(part) for part in end.split("-"))) for end in value["value"].split("..")]
    except (TypeError, ValueError):
        return str(value["value"])
    return f"{' – '.join(ends)} ({label('calendar', str(calendar), lang)})"


def _size(size: int, lang: str) -> str:
    return text(lang, "{n} kB", n=-(-size // 1000))
