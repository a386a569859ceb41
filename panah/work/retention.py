"""How long what is kept is kept, and its end, which comes by itself: first somebody looks at it, thirty days later it is erased (NN-66).

Nobody has to remember it, and no single clock decides it: see `believed` and `look`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from panah import config
from panah.errors import Refused
from panah.kernel import erase
from panah.kernel.session import Session
from panah.records.case import Case
from panah.records.closure import Closure
from panah.records.help_request import HelpRequest
from panah.records.message import Message
from panah.records.person import Person
from panah.records.task import Task
from panah.work import approvals, cases, erasing, rights, rules
from panah.work.rules import day_after

REVIEW = "Decide whether this case is still kept: else it is erased in thirty days"
EXTENDED = "Kept longer: "
MOST = 50
CHILDREN = ("b0_1", "b2_5", "b6_9", "b10_14", "b15_17")


def believed(s: Session) -> float:
    """The time by which something may end: what this clock says, and no later than what a colleague's device has signed.

    A stolen or broken clock that runs ahead ends nothing: the team's other devices have not come to that day.
    """
    others = [d for d in s.roster.devices if d != s.identity.tag and d not in s.roster.removed]
    return min(s.now(), s.met_at) if others else s.now()


def class_of(s: Session, case: Case) -> str:
    """RT-CHILD for a case with somebody who is under eighteen, or may be: the young adult decides; else RT-CASE."""
    people = s.list(Person, where={"case": case.id}, limit=50)
    return "RT-CHILD" if any(p.age_band in CHILDREN or p.age_known == "disputed_treat_as_child" for p in people) else "RT-CASE"


def until(s: Session, case: Case) -> str | None:
    """The day to which a closed case is kept: the class's days after it was closed, or longer where somebody gave a reason; None while it runs.

    It counts from the approval that a second person signed, so that writing an early day into a closure ends nothing sooner.
    """
    if case.stage != "closed":
        return None
    closed = 0.0
    for closure in s.list(Closure, where={"case": case.id}, limit=10):
        if approvals.stands(s, closure) or _alone(s):
            closed = max(closed, closure.meta.updated)
    if not closed:
        return None
    day = day_after(closed, config.RETENTION_DAYS[class_of(s, case)])
    longer = case.retention_until if isinstance(case.retention_until, str) else day
    return max(day, min(longer, day_after(closed, config.RETENTION_DAYS["hard stop"])))


def _alone(s: Session) -> bool:
    return sum(not m.removed for m in s.roster.members.values()) == 1


def look(s: Session) -> list[str]:
    """Do what is due: make the review tasks, and give this member's word where thirty days have passed. The marks of what that asked for.

    A case ends by the words of two members, as when people ask for it: each vault reckons with its own clock and what it believes, and
    gives its own. One of the two supervises, for only their vaults and the lead's hold the case. Nobody is alone in it but a team of one.
    """
    if s.roster.founder_only or "team" not in s.names:
        return []
    asked = []
    today = day_after(believed(s), 0)
    for case in s.list(Case, where={"stage": "closed"}, order="closed_on", descending=False, limit=MOST):
        end = until(s, case)
        if end is None or end > today or rights.held(s, case.id):
            continue
        review = _review(s, case)
        if review is None:
            if "supervisor" in s.me.roles:
                rules.task_once(s, case.id, REVIEW, "supervisor", config.REVIEW_DAYS * 24)
        elif believed(s) >= review.meta.created + config.REVIEW_DAYS * 86400 and _mine(s, case):
            asked.append(erasing.mark(s, case.id))
            erasing.ask(s, case.id)
    return asked + _contacts(s, today)


def _review(s: Session, case: Case) -> Task | None:
    found = s.list(Task, where={"case": case.id, "task_state": rights.OPEN}, limit=50)
    return next((t for t in found if t.title == REVIEW), None)


def _mine(s: Session, case: Case) -> bool:
    """Whether this vault's word counts here and was not given yet."""
    return s.me.name not in erasing.asked(s, case.id) and ("supervisor" in s.me.roles or case.lead == s.me.name)


def extend(s: Session, case_id: str, day: str, why: str) -> Case:
    """Keep a case longer, with a reason that stands in it. Refused("kept_too_long") beyond the hard stop of five years."""
    case = s.get(Case, case_id)
    if not why.strip():
        raise Refused("reason_missing")
    case.retention_until = day
    if case.problems(["retention_until"]) or (until(s, case) or "") < day:
        raise Refused("kept_too_long")
    with s.vault.change():
        review = _review(s, case)
        if review is not None:
            review.task_state = "done"
            s.save(review)
        case.basis_note = f"{case.basis_note or ''}\n{EXTENDED}{day}. {why.strip()} ({s.me.name})".strip()
        if erasing.asked(s, case_id):
            erasing.keep(s, case_id)
        return s.save(case)


def waiting(s: Session, case: Case) -> str | None:
    """The day on which a case that is under review will be erased; None where it is not."""
    review = _review(s, case) if case.stage == "closed" else None
    return None if review is None else day_after(review.meta.created, config.REVIEW_DAYS)


def _contacts(s: Session, today: str) -> list[str]:
    """RT-CONTACT: what somebody wrote and no case came of it, ninety days after the last message."""
    if "intake" not in s.names or "supervisor" not in s.me.roles:
        return []
    asked = []
    for request in s.list(HelpRequest, order="received_on", descending=False, limit=MOST):
        messages = s.list(Message, where={"help_request": request.id}, limit=500)
        last = max([str(request.received_on), *(str(m.on) for m in messages)])
        due = _plus(last, config.RETENTION_DAYS["RT-CONTACT"] + config.REVIEW_DAYS)
        if due > today or request.opened_case is not None:
            continue
        gone = [bytes.fromhex(r.id) for r in (request, *messages)]
        if erase.ask_records(s, "intake", gone[0], gone):
            asked.append(request.id)
    return asked


def _plus(day: str, days: int) -> str:
    try:
        return day_after(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp(), days)
    except ValueError:
        return "9999-12-31"


def coming(s: Session) -> list[Case]:
    """Closed cases under review, for the list of what is erased by itself and when."""
    closed = s.list(Case, where={"stage": "closed"}, order="closed_on", descending=False, limit=MOST)
    return [case for case in closed if waiting(s, case) is not None]


__all__ = ["believed", "cases", "class_of", "coming", "extend", "look", "until", "waiting"]
