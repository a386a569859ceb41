"""The sheets of a workbook as tables: heads found, cells cleaned, what is odd about them told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from panah.xlsform import headers
from panah.xlsform.headers import SPOKEN, Column
from panah.xlsform.model import MOST_LANGUAGES, Note, Words

# Of the columns that have one text for each language, those that are kept.
_KEPT = ("label", "hint", "constraint_message")


class Sheet(msgspec.Struct):
    """A sheet as the confined process gives it (panah/files/sheets.py)."""

    name: str
    hidden: bool
    rows: list[tuple[int, list[str]]]
    formulas: list[tuple[int, int]]
    hidden_columns: list[int]
    hidden_rows: list[int]
    merged: list[tuple[int, int, int, int]]
    cut: bool


@dataclass(slots=True)
class Row:
    """One row: its number in the sheet and its cells by (column, language)."""

    sheet: str
    n: int
    cells: dict[tuple[str, str], str]

    def get(self, name: str) -> str:
        """The text of a column without a language."""
        return self.cells.get((name, ""), "")

    def words(self, name: str) -> Words:
        """The texts of a column in its languages."""
        return {lang: text for (at, lang), text in self.cells.items() if at == name and text}


@dataclass(slots=True)
class Table:
    """A sheet read as a table."""

    name: str
    columns: list[Column]
    rows: list[Row]

    def has(self, name: str) -> bool:
        return any(c.name == name for c in self.columns)


@dataclass(slots=True)
class Told:
    """What is told so far; one line for each thing, however often it is met in one place."""

    notes: list[Note] = field(default_factory=list)

    def __call__(self, level: Any, code: str, at: Row | str = "", column: str = "", row: int = 0, **args: object) -> None:
        sheet, n = (at.sheet, at.n) if isinstance(at, Row) else (at, row)
        note = Note(level, code, sheet, n, column, {k: _short(v) for k, v in args.items()})
        if note not in self.notes and len(self.notes) < 2_000:
            self.notes.append(note)


def _short(value: object) -> str:
    shown = " ".join(str(value).split())
    return shown if len(shown) <= 200 else shown[:199] + "…"


def find(sheets: list[Sheet], meant: str, aliases: tuple[str, ...], wanted: tuple[str, ...], told: Told) -> Sheet | None:
    """The sheet of that name; one that is named almost so, or that has its columns, where there is none."""
    plain = {sheet.name.strip().casefold(): sheet for sheet in reversed(sheets)}
    if meant in plain:
        return plain[meant]
    near = next((plain[a] for a in aliases if a in plain), None)
    if near is None and wanted:
        near = next(
            (s for s in sheets if _head(s, wanted)[0] is not None and s.name.strip().casefold() not in ("survey", "choices")),
            None,
        )
    if near is not None:
        told("repair", "sheet_guessed", near.name, sheet=near.name, meant=meant)
    return near


def _head(sheet: Sheet, wanted: tuple[str, ...]) -> tuple[int | None, list[str]]:
    for at, (_, cells) in enumerate(sheet.rows[:15]):
        names = {c.name for c in headers.columns(cells)[0]}
        if all(w in names for w in wanted):
            return at, cells
    return None, []


def table(sheet: Sheet, wanted: tuple[str, ...], told: Told, default_language: str) -> Table | None:
    """The rows below the heads; None where the heads are not there."""
    name = sheet.name
    at, cells = _head(sheet, wanted)
    if at is None:
        known = {c.name for _, row in sheet.rows[:15] for c in headers.columns(row)[0]}
        told("problem", "column_missing", name, row=1, wanted=next((w for w in wanted if w not in known), wanted[0]))
        return None
    if at:
        told("repair", "header_late", name, "", sheet.rows[at][0], at_row=sheet.rows[at][0])
    columns, twice = headers.columns(cells)
    for one in twice:
        told("repair", "column_twice", name, one.headed, sheet.rows[at][0], head=one.headed)
    _odd(sheet, told)
    formulas = set(sheet.formulas)
    rows = []
    for n, texts in sheet.rows[at + 1 :]:
        found = {(c.name, c.lang): _clean(texts[c.at]) for c in columns if c.at < len(texts)}
        if not any(found.values()):
            continue
        row = Row(name, n, {key: text for key, text in found.items() if text})
        for c in columns:
            if (n, c.at + 1) in formulas:
                told("repair", "formula", row, c.headed, text=found.get((c.name, c.lang), ""))
        rows.append(row)
    made = Table(name, columns, rows)
    _languages(made, told, default_language, sheet.rows[at][0])
    return made


def _clean(text: str) -> str:
    lines = [" ".join(line.replace("\u00a0", " ").replace("\ufeff", "").split()) for line in text.splitlines()]
    return "\n".join(lines).strip().strip("\u200b\u2060")


def _odd(sheet: Sheet, told: Told) -> None:
    from openpyxl.utils import get_column_letter

    if sheet.cut:
        told("problem", "sheet_cut", sheet.name, sheet=sheet.name)
    if sheet.hidden:
        told("repair", "sheet_hidden", sheet.name, sheet=sheet.name)
    if sheet.hidden_columns:
        told("repair", "columns_hidden", sheet.name, columns=", ".join(get_column_letter(n) for n in sheet.hidden_columns[:20]))
    if sheet.hidden_rows:
        told("repair", "rows_hidden", sheet.name, rows=", ".join(map(str, sheet.hidden_rows[:20])))
    for top, left, bottom, right in sheet.merged[:20]:
        cells = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        told("repair", "merged", sheet.name, row=top, cells=cells)


def _languages(made: Table, told: Told, default_language: str, head: int) -> None:
    """Give columns that do not say their language one, and tell of it."""
    spoken = [c for c in made.columns if c.name in _KEPT]
    stated = {c.lang for c in spoken if c.lang}
    for c in [c for c in spoken if not c.lang]:
        texts = [row.get(c.name) for row in made.rows]
        lang = default_language or headers.guessed(texts)
        if stated or not default_language:
            told("repair", "language_guessed", made.name, c.headed, head, head=c.headed, language=lang)
        taken = any(other.name == c.name and other.lang == lang for other in made.columns)
        for row in made.rows:
            text = row.cells.pop((c.name, ""), "")
            if text and not (taken and row.cells.get((c.name, lang))):
                row.cells[c.name, lang] = text
    for lang, headed in {c.lang: c.headed for c in spoken if c.lang.startswith("x-")}.items():
        told("repair", "language_unknown", made.name, headed, head, head=headed, language=lang)
    if len(stated) > MOST_LANGUAGES:
        told("problem", "languages_too_many", made.name, row=head, most=MOST_LANGUAGES)
    for c in made.columns:
        if c.name in SPOKEN and c.name not in _KEPT and c.name in ("image", "audio", "video"):
            told("repair", "media_left_out", made.name, c.headed, head, head=c.headed)


def spoken(tables: list[Table]) -> Iterator[str]:
    """The languages of these tables, in the order of their columns."""
    seen: set[str] = set()
    for one in tables:
        for row in one.rows:
            for name, lang in row.cells:
                if name in _KEPT and lang and lang not in seen:
                    seen.add(lang)
                    yield lang
