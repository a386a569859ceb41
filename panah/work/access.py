"""Who can open a case: hand it to another caseworker, end somebody's access, restrict it to named people, see who holds what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from panah.errors import Refused
from panah.kernel import closed
from panah.kernel.session import Session
from panah.records.case import Case
from panah.work import cases, rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panah.kernel.roster import Member

AREAS = ("care", "triage", "health")


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who can open a case: because it was given to them, or by their desk."""

    member: Member
    given: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A line of the supervisors' overview. `active` are the caseworkers it was given to, or its named people."""

    case: Case
    active: tuple[str, ...]
    restricted: bool
    lead_left: bool


def _areas(case_id: str) -> list[str]:
    return [f"{area}/{case_id}" for area in AREAS]


def holders(s: Session, case_id: str) -> list[Holder]:
    """Everybody who can open a case, and why."""
    given = closed.given(s, cases.compartment(case_id))
    return [Holder(m, m.id in given) for m in s.holders(cases.compartment(case_id))]


def hand_over(s: Session, case_id: str, member_id: str) -> Case:
    """Another caseworker leads from now on, and the access of the one who led ends. What they read cannot be unread."""
    case = s.get(Case, case_id)
    former = [h.member for h in holders(s, case_id) if h.given and h.member.name == case.lead and h.member.id != member_id]
    if any(m.id != s.me.id for m in former) and not s.of_desk("supervisors"):
        raise Refused("only_a_supervisor")
    with s.vault.change():
        saved = cases.assign(s, case_id, member_id, lead=True)
        for member in former:
            closed.end(s, _areas(case_id), member.id)
        return saved


def end(s: Session, case_id: str, member_id: str) -> None:
    """End the access of somebody who was given the case: a supervisor's act, or one's own. Refused for who holds it by their desk."""
    s.get(Case, case_id)
    if member_id != s.me.id and not s.of_desk("supervisors"):
        raise Refused("only_a_supervisor")
    if not any(h.member.id == member_id and h.given for h in holders(s, case_id)):
        raise Refused("holds_by_desk")
    closed.end(s, _areas(case_id), member_id)


def restricted_to(s: Session, case_id: str) -> list[Member]:
    """The people that a case is restricted to; nobody where it is not restricted."""
    named = closed.of(s, cases.compartment(case_id)) or []
    return [m for m in s.members() if m.id in named]


def restrict(s: Session, case_id: str, members: Sequence[str]) -> None:
    """Seal a case to exactly these people, of whom one is a supervisor: to nobody else, also not to the supervisors' desk (NN-40)."""
    case = s.get(Case, case_id)
    named = [m for m in s.members() if m.id in members and not m.removed]
    if not any("supervisor" in m.roles for m in named):
        raise Refused("restricted_needs_supervisor")
    alone = [h.member.id for h in holders(s, case_id) if h.given] == [s.me.id] and closed.of(
        s, cases.compartment(case_id)
    ) is None
    if not s.of_desk("supervisors") and not (alone and case.meta.created_by == s.me.name):
        raise Refused("only_a_supervisor")
    closed.restrict(s, _areas(case_id)[:2], [m.id for m in named])


def lift(s: Session, case_id: str) -> None:
    """Take a restriction back: the desks hold the case again."""
    if not s.of_desk("supervisors"):
        raise Refused("only_a_supervisor")
    s.get(Case, case_id)
    closed.widen(s, _areas(case_id)[:2])


def open_restricted(s: Session, members: Sequence[str], **fields: Any) -> Case:
    """Open a case for exactly these people; nobody else ever gets a key of it."""
    with s.vault.change():
        case = cases.open_case(s, **fields)
        restrict(s, case.id, members)
        return case


def overview(s: Session) -> list[Held]:
    """Every open case that this member can open, with who works on it; those that nobody works on first."""
    today = rules.day_after(s.now(), 0)
    active = {m.name for m in s.members() if not m.removed}
    found = []
    for case in s.list(Case, limit=10_000):
        if case.stage == "closed" or (isinstance(case.closed_on, str) and case.closed_on <= today):
            continue
        given = tuple(
            h.member.name for h in holders(s, case.id) if h.given and set(h.member.roles) & {"caseworker", "supervisor"}
        )
        left = isinstance(case.lead, str) and (case.lead not in active or case.lead not in given)
        found.append(Held(case, given, closed.of(s, cases.compartment(case.id)) is not None, left))
    return sorted(found, key=lambda h: (bool(h.active) and not h.lead_left, bool(h.active), str(h.case.lead)))
