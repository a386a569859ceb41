"""Erase a case: find what belongs to it at the desks, ask, approve or say no, and show where it stands (NN-63)."""

from __future__ import annotations

from panah.errors import Refused
from panah.kernel import erase
from panah.kernel.erase import Receipt
from panah.kernel.session import Session
from panah.records import TYPES
from panah.records.case import Case
from panah.records.wish import Wish
from panah.work import cases, consents


def belonging(s: Session, case_id: str) -> list[tuple[str, str]]:
    """(type, id) of what desks keep about a case: the request it came from, its messages, contacts noted before there was a case."""
    found: dict[str, str] = {}
    todo = [case_id]
    case = s.get(Case, case_id)
    if isinstance(case.request, str):
        found[case.request] = "help_request"
        todo.append(case.request)
    refs = [
        (cls, f.name)
        for cls in TYPES.values()
        if "/" not in cls.KIND.compartment and cls.KIND.compartment in s.names
        for f in cls.KIND.fields
        if f.kind == "ref" and f.index
    ]
    while todo:
        about = todo.pop()
        for cls, name in refs:
            for record in s.list(cls, where={name: about}, limit=10_000):
                if record.id not in found:
                    found[record.id] = cls.KIND.name
                    todo.append(record.id)
    return [(kind, id) for id, kind in found.items() if s.find(TYPES[kind], id) is not None]


def contents(s: Session, case_id: str) -> list[tuple[str, int]]:
    """(type, how many) of what an erasure of this case would take, as far as this vault can see: for whoever is asked to agree."""
    found = {"case": 1}
    for name, cls in TYPES.items():
        if "{case}" in cls.KIND.compartment and name != "case":
            found[name] = s.count(cls, {"case": case_id})
    for name, _ in belonging(s, case_id):
        found[name] = found.get(name, 0) + 1
    return [(name, n) for name, n in found.items() if n]


def mark(s: Session, case_id: str) -> str:
    """The random mark under which the erasure of a case is listed, before and after."""
    return s.names[cases.compartment(case_id)].hex()


def asked(s: Session, case_id: str) -> tuple[str, ...]:
    """Who has asked to erase a case, in their order; nobody, mostly."""
    tag = s.names.get(cases.compartment(case_id), b"")
    erasure = s.roster.erasures.get(tag)
    return tuple(s.roster.members[m].name for m in erasure.by if m in s.roster.members) if erasure else ()


def may(s: Session, case_id: str) -> bool:
    """Whether this member's word would be the second one."""
    erasure = s.roster.erasures.get(s.names.get(cases.compartment(case_id), b""))
    return erasure is not None and s.me.id not in erasure.by and ("supervisor" in s.me.roles or _supervised(s, case_id))


def waiting(s: Session) -> list[Case]:
    """Cases whose erasure a colleague has asked for and this member may approve."""
    found = []
    for tag, erasure in s.roster.erasures.items():
        name = s.name_of(tag)
        if not erasure.decided and name.startswith("care/") and may(s, name.removeprefix("care/")):
            case = s.find(Case, name.removeprefix("care/"))
            if case is not None:
                found.append(case)
    return found


def ask(s: Session, case_id: str) -> bool:
    """Ask for the erasure, or approve what a colleague asked for; True if the case is gone now.

    Refused("only_a_supervisor") where neither of the two would be one; Refused("erasure_held") while nobody knows whether it is the
    person's own wish, and Refused("coercion_hold") where they may have been made to take back what they agreed to (NN-61).
    """
    if s.list(Wish, where={"case": case_id, "right": "erase", "state": "waiting"}, limit=1):
        raise Refused("erasure_held")
    if consents.held_until(s, case_id) is not None:
        raise Refused("coercion_hold")
    others = asked(s, case_id)
    if others and "supervisor" not in s.me.roles and not _supervised(s, case_id):
        raise Refused("only_a_supervisor")
    erase.ask(s, cases.compartment(case_id), [bytes.fromhex(id) for _, id in belonging(s, case_id)])
    return s.find(Case, case_id) is None


def _supervised(s: Session, case_id: str) -> bool:
    erasure = s.roster.erasures[s.names[cases.compartment(case_id)]]
    return any("supervisor" in s.roster.members[m].roles for m in erasure.by if m in s.roster.members)


def keep(s: Session, case_id: str) -> None:
    """Say no to what a colleague asked for."""
    erase.keep(s, cases.compartment(case_id))


def receipts(s: Session) -> list[Receipt]:
    """Every erasure: who decided, which devices are done and which are still to be met. Says nothing of the person."""
    return erase.receipts(s)
