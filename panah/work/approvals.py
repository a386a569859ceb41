"""What needs a second person: closing, erasing, the sign-off of a high risk; later what leaves the team. One rule for all (NN-75).

The second word comes from another member, on another device, with the role for it. Without a network it waits until the devices meet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from panah.errors import Refused
from panah.kernel.session import Session
from panah.records import TYPES
from panah.records.case import Case
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.work import cases, complete, erasing, rules
from panah.work.signed import author_of, stands


@dataclass(frozen=True, slots=True)
class Approval:
    """Something that waits for a second person. `what` is a msgid, `label` a code; nobody is named."""

    what: str
    label: str
    link: str
    act: str
    at: float


TALK = "A free-will talk waits for a second reader"
# What waits, by record type.
ASKS = {
    "closure": Approval("A closure waits for your approval", "", "", "Read and approve", 0.0),
    "protection_assessment": Approval("A high risk waits for a second reader", "", "", "Read and sign off", 0.0),
    "case_plan": Approval("A plan for a high risk waits for a second reader", "", "", "Read and sign off", 0.0),
}


def may(s: Session, record: Any) -> bool:
    """Whether this member's word would be the second one: a supervisor's who did not write it."""
    return "supervisor" in s.me.roles and not record.approved_by and author_of(s, record) not in ("", s.me.id)


def approve(s: Session, kind: str, id: str) -> Any:
    """Give the second word. Refused to the author, to who is no supervisor, and while something that it depends on is missing."""
    record: Any = s.get(TYPES[kind], id)
    if kind not in ASKS:
        raise Refused("nothing_is_held")
    if "supervisor" not in s.me.roles:
        raise Refused("only_a_supervisor")
    if author_of(s, record) == s.me.id:
        raise Refused("no_self_approval")
    if record.approved_by and stands(s, record):
        raise Refused("nothing_to_sign")
    if kind == "closure":
        cases.approve_closure(s, id)
        return s.get(TYPES[kind], id)
    if lacking := [f for f, _ in complete.lacking(s, record) if f not in ("approved_by", "basis")]:
        raise Refused("record_incomplete", fields=", ".join(lacking))
    record.approved_by = s.me.name
    return rules.keep(s, record)


def waiting(s: Session) -> list[Approval]:
    """What waits for this member's word, the oldest first."""
    found = [
        Approval("A colleague asks to erase a case", str(c.code or ""), f"/case/{c.id}", "Read and decide", c.meta.updated)
        for c in erasing.waiting(s)
    ]
    talks: list[Any] = list(s.list(VoluntarinessInterview, where={"awaits": True}, limit=200))
    found += [
        Approval(TALK, _code(s, t), f"/talk/{t.id}/read", "Read it", t.meta.created)
        for t in talks
        if t.second_reader is None and author_of(s, t) not in ("", s.me.id)
    ]
    for kind, asks in ASKS.items() if "supervisor" in s.me.roles else ():
        asked: list[Any] = list(s.list(TYPES[kind], where={"awaits": True}, limit=200))
        found += [
            replace(asks, label=_code(s, r), link=f"/r/{kind}/{r.id}", at=r.meta.created)
            for r in asked
            if not r.approved_by and r.meta.created_by != s.me.name
        ]
    return sorted(found, key=lambda a: a.at)


def _code(s: Session, record: Any) -> str:
    case = s.find(Case, record.case or "")
    return str(case.code) if case is not None and case.code else str(record.code or "")
