"""Write a form as sheets that other tools read (XLSForm), so that reading them again gives the same form."""

from __future__ import annotations

import io
from typing import Any

from panah.i18n import own_name, text
from panah.xlsform.model import Form, Question, Words

_TYPES = {
    "text": "text", "longtext": "text", "int": "integer", "decimal": "decimal", "date": "date", "datetime": "dateTime", "time": "time",
    "fuzzydate": "text", "place": "text", "ref": "text", "refs": "text", "note": "note", "ack": "acknowledge", "calculate": "calculate",
}  # fmt: skip
# Kinds that other tools do not have: they read something near, and we read the kind.
_OURS = {"longtext", "fuzzydate", "place", "ref", "refs", "bool", "name"}
_NO_ANSWER = {"declined": "Did not want to answer", "unknown": "Not known"}
_NAMES = {"en": "English", "fa": "Persian", "ckb": "Sorani", "ar": "Arabic", "kmr": "Kurmanji", "tr": "Turkish", "prs": "Dari"}


def language(tag: str) -> str:
    """A language as the heads of columns name it."""
    return f"{_NAMES.get(tag) or own_name(tag)} ({tag})"


def workbook(form: Form) -> bytes:
    """The form as an .xlsx file."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    spoken = form.languages
    heads = ["type", "name", *_heads("label", spoken), *_heads("hint", spoken), "required", "relevant", "constraint"]
    heads += [*_heads("constraint_message", spoken), "choice_filter", "appearance", "default", "calculation", "parameters"]
    heads += ["sensitive", "purpose", "panah_kind", "panah_to"]
    _sheet(book, "survey", heads, _survey(form), [14, 18] + [40] * len(spoken))
    more = sorted({column for c in form.choices for column in c.more})
    lines = []
    for c in form.choices:
        words = c.label or ({lang: text(lang, _NO_ANSWER[c.answer]) for lang in spoken} if c.answer else {})
        lines.append({"list_name": c.list, "name": c.name, **_words("label", words), "panah_answer": c.answer, **c.more})
    _sheet(
        book,
        "choices",
        ["list_name", "name", *_heads("label", spoken), *more, "panah_answer"],
        lines,
        [18, 18] + [40] * len(spoken),
    )
    settings = {
        "form_title": form.title,
        "form_id": form.name,
        "version": form.version,
        "default_language": language(form.language),
    }
    if len({(c.list, c.name) for c in form.choices}) < len(form.choices):
        settings["allow_choice_duplicates"] = "yes"
    _sheet(book, "settings", list(settings), [settings], [30, 24, 12, 20])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _heads(column: str, spoken: tuple[str, ...]) -> list[str]:
    return [f"{column}::{language(tag)}" for tag in spoken]


def _words(column: str, words: Words) -> dict[str, str]:
    return {f"{column}::{language(tag)}": text for tag, text in words.items()}


def _sheet(book: Any, name: str, heads: list[str], lines: list[dict[str, str]], widths: list[int]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    sheet.append(heads)
    for line in lines:
        sheet.append([line.get(head, "") or None for head in heads])
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None:
                # A text that begins with a sign of a formula stays a text.
                cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for n, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.freeze_panes = "C2"


def _survey(form: Form) -> list[dict[str, str]]:
    lines: list[dict[str, str]] = []
    taken, part, section = set(form.every()), 0, Words()
    for q in form.questions:
        if q.section != section:
            if section:
                lines.append({"type": "end_group"})
            if q.section:
                part += 1
                name = f"part_{part}"
                while name in taken:
                    name += "_"
                lines.append({"type": "begin_group", "name": name, **_words("label", q.section)})
            section = q.section
        lines += _line(q)
    return [*lines, {"type": "end_group"}] if section else lines


def _line(q: Question) -> list[dict[str, str]]:
    line = {
        "name": q.name, **_words("label", q.label), **_words("hint", q.hint), "required": "yes" if q.required else "", "relevant": q.relevant,
        "constraint": q.constraint, **_words("constraint_message", q.message), "choice_filter": q.choice_filter, "appearance": q.appearance,
        "default": q.default, "calculation": q.calculation, "sensitive": "yes" if q.sensitive else "", "purpose": q.purpose,
        "panah_kind": q.kind if q.kind in _OURS else "", "panah_to": q.to,
    }  # fmt: skip
    if q.kind in ("list", "name"):
        return [{"type": "begin_repeat", **line}, *(inner for c in q.questions for inner in _line(c)), {"type": "end_repeat"}]
    if q.range:
        line["parameters"] = "start={} end={} step={}".format(*q.range)
    if q.kind == "longtext":
        line["appearance"] = f"{q.appearance} multiline".strip()
    kind = "range" if q.range else _TYPES.get(q.kind, "")
    if q.kind in ("code", "bool", "codes"):
        kind = f"{'select_multiple' if q.kind == 'codes' else 'select_one'} {q.list}"
    if q.kind == "attach":
        kind = q.media or "file"
    return [{"type": kind, **line}]
