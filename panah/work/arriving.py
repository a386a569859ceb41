"""Several people arrive at once: a line for each, files by who belongs together, and everybody in the queue of the health desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panah.errors import Refused
from panah.kernel.session import Session
from panah.records.case import Case
from panah.records.household import Household
from panah.records.person import Person
from panah.records.triage_wait import TriageWait
from panah.work import cases, codes, rules

MOST = 60
_MINORS = ("b0_1", "b2_5", "b6_9", "b10_14", "b15_17")


@dataclass(frozen=True, slots=True)
class Line:
    """One person at the door: an age group is enough. `together` is any mark that those share who belong together."""

    name: str = ""
    age_band: str = ""
    sex: str = ""
    language: str = ""
    together: str = ""
    red_seen: bool = False

    @property
    def empty(self) -> bool:
        """Whether nobody is written in this line."""
        return not (self.name or self.age_band or self.sex or self.red_seen)


def arrive(s: Session, lines: Sequence[Line]) -> list[Case]:
    """Open the files, the people with danger signs first; all of it or nothing. Refused: arrival_empty, arrival_too_many.

    Who shares a mark shares a file; who has none has one alone. Nobody is asked for anything: the basis is to keep them alive (NN-01).
    A file of children without an adult says so, and asks for the partner for children the same day (NN-20).
    """
    people = [line for line in lines if not line.empty]
    if not people:
        raise Refused("arrival_empty")
    if len(people) > MOST:
        raise Refused("arrival_too_many")
    groups: dict[str, list[Line]] = {}
    for n, line in enumerate(people):
        groups.setdefault(line.together.strip() or f"\0{n}", []).append(line)
    order = sorted(groups.values(), key=lambda group: not any(line.red_seen for line in group))
    with s.vault.change():
        return [_file(s, group) for group in order]


def _file(s: Session, group: list[Line]) -> Case:
    language = next((line.language for line in group if line.language), None)
    case = cases.open_case(s, basis="vital_interest", basis_note=None, language=language)
    for line in group:
        person = Person(
            case=case.id, id_mode="alias" if line.name else "code_only", names=[{"written": line.name}] if line.name else None,
            age_band=line.age_band or None, sex=line.sex or None, language_spoken=line.language or None,
        )  # fmt: skip
        codes.give(s, person)
        rules.keep(s, person)
        wait = TriageWait(
            case=case.id, subject=person.id, code=person.code, since=s.now(), age_band=line.age_band or None,
            red_seen=line.red_seen or None,
        )  # fmt: skip
        s.save(wait)
    if len(group) > 1:
        s.save(Household(case=case.id, size=len(group)))
    if all(line.age_band in _MINORS for line in group):
        case = s.get(Case, case.id)
        case.alerts = [*(case.alerts if isinstance(case.alerts, list) else []), "child_alone"]
        case.risk_level = "high"
        rules.keep(s, case)
        rules.task_once(
            s, case.id, "A child alone: the specialised partner, today", str(case.lead or s.me.name), 12, critical=True
        )
    return s.get(Case, case.id)
