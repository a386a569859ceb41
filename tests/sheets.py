"""Forms as people write them, built in code: plain ones, and the odd ones that real life brings."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import msgspec
import openpyxl

from panah.files import sheets
from panah.xlsform import reading
from panah.xlsform.model import Form, Note
from panah.xlsform.tables import Sheet

Rows = list[list[Any]]


def book(change: Callable[[Any], None] = lambda book: None, **named: Rows) -> bytes:
    """A workbook with these sheets; `change` may do to it what spreadsheet programs do."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in named.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(data: bytes) -> reading.Read:
    """What the reader makes of a workbook, without the confined process around it (its own test has that)."""
    return reading.understood(msgspec.json.decode(sheets.sheets(data), type=list[Sheet]))


def form(survey: Rows, choices: Rows = (), settings: Rows = (), **more: Any) -> reading.Read:
    """The same of rows."""
    named = {"survey": survey} | ({"choices": choices} if choices else {}) | ({"settings": settings} if settings else {})
    return read(book(**named, **more))


def codes(found: reading.Read, level: str = "") -> set[str]:
    return {note.code for note in found.notes if not level or note.level == level}


def told(found: reading.Read, code: str) -> Note:
    return next(note for note in found.notes if note.code == code)


HEADS = [
    "type",
    "name",
    "label::English (en)",
    "label::Persian (fa)",
    "relevant",
    "required",
    "constraint",
    "constraint_message::English (en)",
]
YES_NO = [
    ["list_name", "name", "label::English (en)", "label::Persian (fa)"],
    ["yes_no", "yes", "Yes", "بله"],
    ["yes_no", "no", "No", "خیر"],
]
ARRIVAL: dict[str, Rows] = {
    "survey": [
        HEADS,
        ["text", "called", "How shall we call you?", "شما را چه بنامیم؟", "", "yes"],
        ["select_one yes_no", "children", "Are children with you?", "آیا کودکانی همراه شما هستند؟"],
        ["begin_group", "kids", "Children", "کودکان", "${children} = 'yes'"],
        ["begin_repeat", "child", "Each child", "هر کودک"],
        ["integer", "child_age", "Age", "سن", "", "yes", ". >= 0 and . < 18", "Under 18 years."],
        ["text", "child_needs", "What the child needs", "نیاز کودک"],
        ["end_repeat"],
        ["end_group"],
        ["select_multiple needs", "needs", "What is needed first?", "نخست چه لازم است؟"],
        ["text", "medicine", "Which medicine?", "کدام دارو؟", "selected(${needs}, 'medicine')"],
        ["date", "since", "Without it since", "از چه زمانی", "", "", ". <= today()", "Not after today."],
        ["decimal", "fever", "Temperature", "دما"],
        ["time", "slept", "Slept at", "ساعت خواب"],
        ["note", "thanks", "Thank you.", "سپاسگزاریم."],
        ["calculate", "number_of_needs", "Needs", "نیازها"],
    ],
    "choices": [
        *YES_NO,
        ["needs", "food", "Food", "غذا"],
        ["needs", "medicine", "Medicine", "دارو"],
        ["needs", "sleep", "Sleep", "خواب"],
    ],
    "settings": [
        ["form_title", "form_id", "version", "default_language"],
        ["First evening", "first_evening", "1", "English (en)"],
    ],
}
ARRIVAL["survey"][0] = [*HEADS, "calculation"]
ARRIVAL["survey"][-1] = ["calculate", "number_of_needs", "Needs", "نیازها", "", "", "", "", "count-selected(${needs})"]


def arrival(**changed: Rows) -> bytes:
    """A form of an invented team for the evening of arrival, in two languages."""
    return book(**(ARRIVAL | changed))


def arrival_form() -> Form:
    found = read(arrival()).form
    assert found is not None
    return found
