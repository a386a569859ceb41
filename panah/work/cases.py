"""The work on a case: open it, assign it, see what it holds, close it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from panah.errors import Refused
from panah.kernel import share
from panah.kernel.roster import Member
from panah.kernel.rows import Change
from panah.kernel.session import Session
from panah.records import TYPES, Record
from panah.records.case import Case
from panah.records.closure import Closure
from panah.records.household import Household
from panah.records.person import Person
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.safety_plan import SafetyPlan
from panah.work import codes, complete, questions, rules

# What a case is made of: every type that is sealed in it, in the order in which the work goes; a new type comes before the closing ones.
_ORDER = (
    "person", "household", "consent", "voluntariness_interview", "protection_assessment", "best_interests", "safety_plan", "case_plan", "service",
)  # fmt: skip
_LAST = ("task", "follow_up", "wish", "closure")
PARTS = (
    *_ORDER,
    *sorted(
        name
        for name, t in TYPES.items()
        if t.KIND.compartment in ("care/{case}", "triage/{case}", "health/{case}") and name not in (*_ORDER, *_LAST)
    ),
    *_LAST,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a case's timeline: a part that was written or changed."""

    at: float
    author: str
    kind: str
    id: str
    first: bool


def open_case(s: Session, **fields: Any) -> Case:
    """Open a case; this member leads it. Works without network: the supervisors get its key with the next meeting."""
    today = rules.day_after(s.now(), 0)
    case = Case(**{"opened": today, "lead": s.me.name, "stage": "registration", **fields})
    codes.give(s, case)
    saved: Case = rules.keep(s, case)
    return saved


def reached_by(s: Session, devices: set[bytes]) -> tuple[list[str], list[tuple[Case, float]]]:
    """(desks, cases) that any of these devices was ever given the keys of, as far as this vault can see (NN-101).

    With each case the moment of that, in UTC seconds; 0 where a desk holds it from its first day.
    """
    names = share.could_open(s, devices)
    found = [(s.find(Case, name.removeprefix("care/")), at) for name, at in names.items() if name.startswith("care/")]
    return [name for name in names if "/" not in name and name != "team"], [(case, at) for case, at in found if case is not None]


def compartment(case_id: str) -> str:
    """The compartment of a case."""
    return f"care/{case_id}"


def assign(s: Session, case_id: str, member_id: str, *, lead: bool = False, accepted: bool = False) -> Case:
    """Hand the case's key to a colleague, as lead if asked for; to somebody of the health desk the health parts, and not the story.

    Whoever works on evidence gets the care of a person only with a supervisor's word (`accepted`): the two are kept apart (NN-46).
    """
    case = s.get(Case, case_id)
    member = next((m for m in s.members() if m.id == member_id and not m.removed), None)
    if member is None:
        raise Refused("no_such_member")
    if "documentation" in member.roles and not (accepted and s.of_desk("supervisors")):
        raise Refused("care_and_evidence")
    clinical = "health" in member.roles and not lead and not {"caseworker", "supervisor"} & set(member.roles)
    with s.vault.change():
        for area in ("health", "triage") if clinical else ("care", "triage"):
            if f"{area}/{case_id}" in s.names or area == "care":
                s.give(f"{area}/{case_id}", member_id)
        return _noted(s, case, member, lead=lead)


def _noted(s: Session, case: Case, member: Member, *, lead: bool) -> Case:
    entry = {"member": member.name, "why": "lead" if lead else "assigned"}
    case.team = [*(case.team if isinstance(case.team, list) else []), entry]
    if lead:
        case.lead = member.name
    saved: Case = rules.keep(s, case)
    return saved


def parts(s: Session, case_id: str, lang: str = "en") -> dict[str, list[Any]]:
    """Everything in a case, by record type, newest first; answers to own questions with the questions in that language."""
    found: dict[str, list[Any]] = {name: list(s.list(TYPES[name], where={"case": case_id}, limit=200)) for name in PARTS}
    return found | {"answers": [questions.whole(s, record, lang) for record in found["answers"]]}


def may_add(s: Session, case_id: str) -> set[str]:
    """The parts of a case that this member may begin: a clinical note is begun by the health desk only (NN-41)."""
    return {name for name in PARTS if s.may_write(TYPES[name].KIND.compartment.format(case=case_id, id=""))}


def timeline(s: Session, case_id: str, limit: int = 100) -> list[Line]:
    """What happened, newest first: each save of each part, by whom."""
    ids = [("case", case_id)] + [(kind, r.id) for kind, records in parts(s, case_id).items() for r in records]
    lines: dict[tuple[str, float], Line] = {}
    for kind, id in ids:
        changes = s.history(id)
        first = min(c.at for c in changes)
        for change in changes:
            lines.setdefault((id, change.at), _line(kind, id, change, first))
    return sorted(lines.values(), key=lambda line: line.at, reverse=True)[:limit]


def _line(kind: str, id: str, change: Change, first: float) -> Line:
    return Line(change.at, change.author, kind, id, change.at == first)


def states(s: Session, case: Case) -> dict[str, str]:
    """For each part of a case, where it stands: none, draft, complete or due."""
    today = rules.day_after(s.now(), 0)
    found = {}
    for name, records in parts(s, case.id).items():
        if not records:
            found[name] = "none"
        elif any(isinstance(getattr(r, "review_on", None), str) and r.review_on <= today for r in records[:1]):
            found[name] = "due"
        else:
            found[name] = "draft" if any(complete.lacking(s, r) for r in records) else "complete"
    return found


def arrive(s: Session, people: list[dict[str, Any]], **fields: Any) -> Case:
    """Register a household that arrives, under codes: one case, one record a person, nothing compulsory beyond the minimum."""
    with s.vault.change():
        case = open_case(s, stage="reception", **fields)
        members = []
        for one in people:
            person = Person(case=case.id, **{"id_mode": "code_only", **one})
            codes.give(s, person)
            members.append(rules.keep(s, person).id)
        case.members = members
        rules.keep(s, Household(case=case.id, size=len(members), members=[{"person": m} for m in members]))
        saved: Case = rules.keep(s, case)
        return saved


def safe_contact_rule(s: Session, case: Case) -> str:
    """The rule that is always visible on a case: of the newest safety plan, or of the case itself."""
    for plan in s.list(SafetyPlan, where={"case": case.id}, limit=1):
        if isinstance(plan.safe_contact_rule, str):
            return plan.safe_contact_rule
    return case.safe_contact_rule if isinstance(case.safe_contact_rule, str) else ""


def newest_assessment(s: Session, case: Case) -> ProtectionAssessment | None:
    """The newest assessment of a case."""
    return next(iter(s.list(ProtectionAssessment, where={"case": case.id}, limit=1)), None)


def ask_to_close(s: Session, closure: Closure) -> Closure:
    """Write down why and how a case ends; it stays open until a supervisor has approved."""
    case = s.get(Case, closure.case or "")
    if case.stage == "closed":
        raise Refused("case_is_closed", id=case.id)
    closure.approved_by = None
    saved: Closure = rules.keep(s, closure)
    return saved


def approve_closure(s: Session, closure_id: str) -> Case:
    """A supervisor's approval closes the case. Refused to whoever asked for it (NN-75), and while something required is missing."""
    closure = s.get(Closure, closure_id)
    case = s.get(Case, closure.case or "")
    if "supervisor" not in s.me.roles:
        raise Refused("only_a_supervisor")
    if closure.meta.created_by == s.me.name:
        raise Refused("no_self_approval")
    # A case whose basis nobody noted may still end.
    lacking = [f for f, _ in complete.lacking(s, closure) if f not in ("approved_by", "basis")]
    if lacking:
        raise Refused("record_incomplete", fields=", ".join(lacking))
    with s.vault.change():
        closure.approved_by = s.me.name
        rules.keep(s, closure)
        case.stage = "closed"
        case.closed_on = closure.closed_on
        rules.nothing_due(s, case.id)
        saved: Case = rules.keep(s, case)
        return saved


def reopen(s: Session, case_id: str) -> Case:
    """The way back is always open: the same case goes on (NN-13)."""
    case = s.get(Case, case_id)
    if case.stage != "closed":
        raise Refused("case_is_open", id=case_id)
    case.stage, case.closed_on = "plan_running", None
    saved: Case = rules.keep(s, case)
    return saved


def label(record: Record) -> str:
    """A line for lists outside an opened record: the code, never a name (NN-35)."""
    return str(record.code or record.id[:8])
