"""What each kind of answer may hold. Values come from forms, from people far away and from other versions: what is wrong is named, nothing raises."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from panah.records.codes import CODES
from panah.schema import LAST_MOMENT, Field, NoAnswer, Value, is_day

MOST_TEXT = 100_000
MOST_ENTRIES = 1_000
MOST_DEPTH = 4
MOST_SHORT = 1_000  # a part of a name, a date as it was said
_ID = re.compile(r"[0-9a-f]{32}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_HEX = re.compile(r"[0-9a-f]{2,64}")

NAME_PARTS = ("script", "given", "father", "grandfather", "family", "nick", "written")


def codes_of(f: Field) -> tuple[str, ...]:
    """The codes that a question takes: its own, or those of its list."""
    return tuple(code for code, _ in f.choices) or CODES.get(f.codes, ())


def problem_of(f: Field, value: Value) -> str:
    """Why a value cannot be kept in a field, as an error code; empty if it can. Not asked, declined and unknown always can."""
    if value is None or isinstance(value, NoAnswer):
        return ""
    if f.kind in ("text", "longtext"):
        return _problem_of_text(value, MOST_TEXT)
    if f.kind == "bool":
        return "" if isinstance(value, bool) else "value_wrong_kind"
    if f.kind == "int":
        return "" if _whole(value) else "number_wrong"
    if f.kind == "decimal":
        return "" if _whole(value, fraction=True) else "number_wrong"
    if f.kind == "time":
        return "" if isinstance(value, str) and _CLOCK.fullmatch(value) else "time_wrong"
    if f.kind == "note":
        return "value_wrong_kind"
    if f.kind == "date":
        return "" if is_day(value) else "date_wrong"
    if f.kind == "datetime":
        return "" if _whole(value, fraction=True) and 0 <= value < LAST_MOMENT else "date_wrong"
    if f.kind == "code":
        return "" if isinstance(value, str) and value in codes_of(f) else "code_unknown"
    if f.kind == "ref":
        return "" if _is_id(value) else "reference_wrong"
    if f.kind in ("codes", "refs"):
        return _problem_of_several(f, value)
    if f.kind in ("name", "list"):
        return _problem_of_rows(f, value)
    return _problem_of_parts(f.kind, value)


def _problem_of_text(value: Value, most: int) -> str:
    if not isinstance(value, str):
        return "value_wrong_kind"
    if len(value) > most:
        return "text_too_long"
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a letter: no log could hold it
        return "value_wrong_kind"
    return ""


def _problem_of_several(f: Field, value: Value) -> str:
    if isinstance(value, list) and len(value) > MOST_ENTRIES:
        return "list_too_long"
    known = codes_of(f)
    fits = isinstance(value, list) and all(isinstance(v, str) and v in known if f.kind == "codes" else _is_id(v) for v in value)
    return "" if fits else "code_unknown" if f.kind == "codes" else "reference_wrong"


def _problem_of_rows(f: Field, value: Value) -> str:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return "value_wrong_kind"
    if len(value) > MOST_ENTRIES:
        return "list_too_long"
    if not _bounded(value):
        return "value_wrong_kind"
    columns = {column.name: column for column in f.fields}
    if f.kind == "name":
        columns = {part: Field(part, "text", part) for part in NAME_PARTS}
    for entry in value:
        # A part that this version does not know came from a newer one: it stays as it is.
        for name in columns.keys() & entry.keys():
            if code := problem_of(columns[name], entry[name]):
                return code
            if f.kind == "name" and entry[name] is not None and (code := _problem_of_text(entry[name], MOST_SHORT)):
                return code
    return ""


def _problem_of_parts(kind: str, value: Value) -> str:
    """Dates as people know them, places, attached files: a few parts with names."""
    if not isinstance(value, dict) or not _bounded(value):
        return "value_wrong_kind"
    if kind == "attach":
        sized = _whole(value.get("bytes")) and value["bytes"] >= 0 and _whole(value.get("parts", 1))
        named = all(isinstance(value.get(k), str) for k in ("media", "name"))
        keyed = all(isinstance(value.get(k), str) and _HEX.fullmatch(value[k]) for k in ("blob", "key"))
        return "" if sized and named and keyed else "value_wrong_kind"
    if kind == "fuzzydate":
        if any(value.get(k) is not None and not _is_code(k, value[k]) for k in ("calendar", "precision")):
            return "code_unknown"
        return _problem_of_short(value, "value", "text") and "date_wrong"
    if value.get("ref") is not None and not _is_id(value["ref"]):
        return "reference_wrong"
    if value.get("precision") is not None and not _is_code("place_precision", value["precision"]):
        return "code_unknown"
    return _problem_of_short(value, "code", "text")


def _problem_of_short(value: Mapping[str, Value], *names: str) -> str:
    return next((code for n in names if value.get(n) is not None and (code := _problem_of_text(value[n], MOST_SHORT))), "")


def _is_code(codes: str, value: Value) -> bool:
    return isinstance(value, str) and value in CODES.get(codes, ())


def _is_id(value: Value) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _whole(value: Value, fraction: bool = False) -> bool:
    # Larger numbers are not the same number in every program that reads an export.
    number = isinstance(value, int | float) if fraction else isinstance(value, int)
    return number and not isinstance(value, bool) and -(2**53) < value < 2**53


def _bounded(value: Value, depth: int = 0) -> bool:
    """Whether a nested value is small and flat enough for any device to read it back."""
    if depth > MOST_DEPTH:
        return False
    if isinstance(value, dict):
        return len(value) <= 100 and all(
            isinstance(k, str) and not _problem_of_text(k, MOST_SHORT) and _bounded(v, depth + 1) for k, v in value.items()
        )
    if isinstance(value, list):
        return len(value) <= MOST_ENTRIES and all(_bounded(v, depth + 1) for v in value)
    if isinstance(value, str):
        return not _problem_of_text(value, MOST_TEXT)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool) or _whole(value)
