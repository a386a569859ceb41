"""One household, several wishes: people get a file of their own, with what is about them and nothing of the others (NN-12, NN-40)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from panah.errors import Refused
from panah.kernel.session import Session
from panah.records import TYPES
from panah.records.base import Record
from panah.records.case import Case
from panah.records.household import Household
from panah.records.person import Person
from panah.work import cases, codes, heard

# Another's word under a record is under that record; the copy waits for it anew.
_ANOTHERS = ("approved_by", "second_reader", "second_reading")
# What a file says about others, or about itself.
_NOT_THEIRS = ("no_coplacement", "restricted_file", "consent_withdrawn")


def people(s: Session, case_id: str) -> list[Person]:
    """The people of a file who have no file of their own yet."""
    found = s.list(Person, where={"case": case_id}, order="created", descending=False, limit=500)
    return [person for person in found if not person.superseded_by]


def split(s: Session, case_id: str, chosen: Collection[str]) -> Case:
    """Open a file for these people with what is about them; the file they leave keeps what it has.

    The new file names nobody who stays, and nothing in it leads back. What was written before stays where it was written: who must not read
    it any more is shut out of the old file (`access.restrict`). A second reader's or a supervisor's word is asked for anew.
    Refused: nobody_chosen, nobody_would_stay.
    """
    here = people(s, case_id)
    going = [person for person in here if person.id in chosen]
    if not going:
        raise Refused("nobody_chosen")
    if len(going) == len(here):
        raise Refused("nobody_would_stay")
    old = s.get(Case, case_id)
    alerts = [one for one in (old.alerts if isinstance(old.alerts, list) else []) if one not in _NOT_THEIRS]
    with s.vault.change():
        new = cases.open_case(
            s, basis=old.basis, basis_note=old.basis_note, language=old.language, limits_explained=old.limits_explained,
            risk_level=old.risk_level, alerts=alerts or None, stage=old.stage,
        )  # fmt: skip
        ids = {person.id: _copied(s, person, new.id, {}).id for person in going}
        told = {r.id: _copied(s, r, new.id, ids).id for r in _about(s, case_id, ids)}
        _order_again(s, told)
        for person in going:
            person.superseded_by = ids[person.id]
            s.save(person)
        for household in s.list(Household, where={"case": case_id}, limit=50):
            household.unity_rule = "apart_requested"
            s.save(household)
        return new


def _about(s: Session, case_id: str, ids: Collection[str]) -> list[Any]:
    """The records of a file that are about these people, the oldest first."""
    found: list[Any] = []
    for name in cases.PARTS:
        declared = TYPES[name].KIND
        if declared.compartment == "care/{case}" and any(f.name == "subject" for f in declared.fields):
            found += [r for r in s.list(TYPES[name], where={"case": case_id}, limit=1000) if getattr(r, "subject", None) in ids]
    return sorted(found, key=lambda r: float(r.meta.created))


def _copied(s: Session, record: Any, case_id: str, ids: dict[str, str]) -> Any:
    """The same in another file: codes, pictures and whoever is named of the others stay behind."""
    cls: type[Record] = type(record)
    copy: Any = cls(case=case_id)
    for f in cls.KIND.fields:
        value = getattr(record, f.name)
        if f.name in ("case", "code", "superseded_by", *_ANOTHERS) or f.kind == "attach" or value is None:
            continue
        if f.kind == "ref":
            value = ids.get(value) if f.to == "person" else None
        elif f.kind == "refs":
            value = [ids[one] for one in value if one in ids] or None if f.to == "person" and isinstance(value, list) else None
        elif f.name in record.meta.restricted:
            continue
        setattr(copy, f.name, value)
    if getattr(record, "approved_by", None) and hasattr(copy, "awaits"):
        copy.awaits = True
    codes.give(s, copy)
    return s.save(copy)


def _order_again(s: Session, told: dict[str, str]) -> None:
    """What each consent or talk knew of, said with the new names: what was given apart stays apart (NN-73)."""
    for id in told.values():
        record = s.get(TYPES[s.kind_of(id)], id)
        if not hasattr(record, "heard"):
            continue
        marks = [heard.words(line, "mark") for line in heard.lines(record.heard)]
        record.heard = [{"mark": _renamed(mark, told)} for mark in marks] or None
        s.save(record)


def _renamed(mark: str, told: dict[str, str]) -> str:
    for old, new in told.items():
        if old in mark:
            return mark.replace(old, new)
    return mark
