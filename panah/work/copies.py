"""What is kept of one person, in words that they can read, and without what belongs to somebody else (NN-60)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from panah.i18n import text
from panah.kernel.session import Session
from panah.records import TYPES
from panah.records.case import Case
from panah.records.shown import display
from panah.schema import Field, readable
from panah.work import cases

# Work notes of the team (domain 3.3: the person does not see these), and fields that name somebody of the team or another person.
NOT_THEIRS = ("task",)
OF_THE_TEAM = ("lead", "team", "second_reader", "approved_by", "owner", "interpreter")
OF_OTHERS = ("members", "no_coplace", "spokesperson", "relatives_inside")
SOMEBODY = "Somebody of the team"
ANOTHER = "Another person"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One part as the person reads it: its words, its day, and (question, answer) for each field."""

    id: str
    label: str
    at: float
    lines: tuple[tuple[str, str], ...]


def sheets(s: Session, case_id: str, person_id: str, lang: str, without: Collection[str] = ()) -> list[Sheet]:
    """The parts about one person of a case, in order; `without` names parts that speak of somebody else and are left out."""
    records = [s.get(Case, case_id), *(r for kind, rs in cases.parts(s, case_id).items() if kind not in NOT_THEIRS for r in rs)]
    found = []
    for r in records:
        if r.id in without or not _about(r, person_id):
            continue
        shown = [(text(lang, f.label), _shown(r, f, person_id, lang)) for f in r.KIND.fields if not f.hidden]
        lines = tuple((question, answer) for question, answer in shown if answer)
        if lines:
            found.append(Sheet(r.id, text(lang, r.KIND.label), r.meta.created, lines))
    return found


def _about(record: Any, person: str) -> bool:
    """Whether a part is about this person or about the case as a whole."""
    if record.KIND.name == "person":
        return bool(record.id == person)
    subject = getattr(record, "subject", None)
    return not isinstance(subject, str) or subject == person or not person


def _shown(record: Any, f: Field, person: str, lang: str) -> str:
    value = getattr(record, f.name)
    if value is None or not readable(f, value) or f.name in record.meta.restricted:
        return ""
    if f.name in OF_THE_TEAM:
        return text(lang, SOMEBODY)
    if f.name in OF_OTHERS or (f.kind in ("ref", "refs") and f.to == "person" and value != person):
        return text(lang, ANOTHER)
    if f.kind in ("ref", "refs"):
        return ""
    if f.kind == "list" and any(column.kind in ("ref", "refs") for column in f.fields):
        return text(lang, ANOTHER)
    return display(f, value, lang)


def people(s: Session, case_id: str) -> list[tuple[str, str]]:
    """(id, code) of the people of a case."""
    return [(p.id, str(p.code or p.id[:6])) for p in s.list(TYPES["person"], where={"case": case_id}, limit=50)]
