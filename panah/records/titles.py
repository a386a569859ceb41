"""One short line for a record in a list. Outside an opened record it holds the code and the task, nothing of a person (NN-35)."""

from __future__ import annotations

from panah.i18n import text
from panah.records.base import Record
from panah.records.shown import display
from panah.schema import NoAnswer

LONGEST = 80


def title_of(record: Record, lang: str, *, inside: bool = False) -> str:
    """The line: `inside` an opened case what its type declares as title, else the code; the name of the type where there is neither."""
    kind = record.KIND
    # A task is written to be shown outside its case, without names.
    if kind.title and (inside or kind.name == "task"):
        value = getattr(record, kind.title)
        shown = "" if isinstance(value, NoAnswer) else display(kind.field(kind.title), value, lang)
        if line := _short(shown):
            return line
    return str(record.code) if isinstance(record.code, str) and record.code else text(lang, kind.label)


def _short(shown: str) -> str:
    line = " ".join(shown.split())
    if len(line) <= LONGEST:
        return line
    head, space, _ = line[:LONGEST].rpartition(" ")
    return f"{head if space else line[:LONGEST]}…"
