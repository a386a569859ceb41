"""How long what is kept is kept, and its end, which comes by itself: first somebody looks at it, thirty days later it is erased (NN-66).

Nobody has to remember it, and no single clock decides it: see `believed` and `look`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from panah import config
from panah.errors import Refused
from panah.i18n import text
from panah.kernel import erase
from panah.kernel.session import Session
from panah.records.case import Case
from panah.records.closure import Closure
from panah.records.help_request import HelpRequest
from panah.records.medical_triage import MedicalTriage
from panah.records.message import Message
from panah.records.person import Person
from panah.records.task import Task
from panah.work import erasing, rights, signed
from panah.work.rules import day_after

REVIEW = text("en", "Decide whether this case is still kept: else it is erased in thirty days")
REVIEW_HEALTH = text("en", "Decide whether the clinical part is still kept: else it is erased in thirty days")
CONTACT_DAYS = config.RETENTION_DAYS["RT-CONTACT"] + config.REVIEW_DAYS
EXTENDED = "Kept longer: "
MOST = 50
PAGE = 200
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


def closed_at(s: Session, case: Case) -> float:
    """When a second person approved the closure; 0.0 where nobody did."""
    found = s.list(Closure, where={"case": case.id}, limit=10)
    return max((c.meta.updated for c in found if signed.stands(s, c)), default=0.0)


def until(s: Session, case: Case) -> str | None:
    """The day to which a closed case is kept: the class's days after it was closed, or longer where somebody gave a reason; None while it runs.

    It counts from the approval that a second person signed, so that writing an early day into a closure ends nothing sooner.
    """
    if case.stage != "closed":
        return None
    closed = closed_at(s, case)
    if not closed:
        return None
    day = day_after(closed, config.RETENTION_DAYS[class_of(s, case)])
    longer = case.retention_until if isinstance(case.retention_until, str) else day
    return max(day, min(longer, day_after(closed, config.RETENTION_DAYS["hard stop"])))


def look(s: Session) -> list[str]:
    """Do what is due: make the review tasks, and give this member's word where thirty days have passed. What it gave its word for.

    A case ends by the words of two members, as when people ask for it: each vault reckons with its own clock and what it believes, and
    gives its own word. The lead's vault and the supervisors' hold the case; one of the two supervises. Nobody is alone in it but a team of one.
    """
    if "team" not in s.names:
        return []
    now, asked = believed(s), list[str]()
    for case in _closed(s, day_after(now, 0)):
        for area, end, title in _ends(s, case):
            if end > day_after(now, 0) or rights.held(s, case.id):
                continue
            review = s.find(Task, _review_id(case.id, title, end))
            if review is None:
                if "supervisor" in s.me.roles:
                    _begin_review(s, case, title, end)
            elif now >= _seen(s, review, now) + config.REVIEW_DAYS * 86400 and _ask(s, case, area):
                asked.append(f"{area}/{case.id}")
                break
    return asked + _contacts(s, day_after(now, 0))


def when_due(s: Session) -> None:
    """Look once a day."""
    today = day_after(s.now(), 0)
    if s.setting("retention.looked") != today:
        look(s)
        s.set_setting("retention.looked", today)


def _closed(s: Session, today: str) -> Iterator[Case]:
    """Closed cases, the earliest first, as far as anything of them could be over."""
    limit = PAGE
    seen: set[str] = set()
    while True:
        page = s.list(Case, where={"stage": "closed"}, order="closed_on", descending=False, limit=limit)
        yield from (case for case in page if case.id not in seen)
        seen |= {case.id for case in page}
        if len(page) < limit or str(page[-1].closed_on) > today:
            return
        limit *= 4


def _ends(s: Session, case: Case) -> list[tuple[str, str, str]]:
    """(area, the day it is kept to, the title of its review): the clinical part ends before the rest."""
    closed = closed_at(s, case)
    if not closed:
        return []
    found = [("care", until(s, case) or "9999-12-31", REVIEW)]
    if s.list(MedicalTriage, where={"case": case.id}, limit=1) and not erase.is_erased_area(s, f"health/{case.id}"):
        found.append(("health", day_after(closed, config.RETENTION_DAYS["RT-HEALTH"]), REVIEW_HEALTH))
    return found


def _review_id(case: str, title: str, end: str) -> str:
    """One name for one review, whichever vaults begin it apart from each other."""
    return hashlib.sha256(f"{case} {title} {end}".encode()).hexdigest()[:32]


def _begin_review(s: Session, case: Case, title: str, end: str) -> None:
    due = datetime.fromisoformat(end).replace(tzinfo=UTC).timestamp() + config.REVIEW_DAYS * 86400
    task = Task(case=case.id, about=case.id, title=title, owner="supervisor", due=due, task_state="open")
    task.id = _review_id(case.id, title, end)
    s.save(task)


def _review(s: Session, case: Case) -> Task | None:
    end = until(s, case)
    return s.find(Task, _review_id(case.id, REVIEW, end)) if end else None


def _seen(s: Session, review: Task, now: float) -> float:
    """When this vault first saw a review: whoever writes one with an early time shortens nothing here."""
    seen = dict(s.setting("retention.seen", {}))
    if review.id not in seen:
        seen[review.id] = now
        s.set_setting("retention.seen", seen)
    return max(float(seen[review.id]), float(review.meta.created))


def _ask(s: Session, case: Case, area: str) -> bool:
    if "supervisor" not in s.me.roles and case.lead != s.me.name:
        return False
    if area == "care":
        if s.me.name in erasing.asked(s, case.id):
            return False
        erasing.ask(s, case.id)
        return True
    return erase.ask_area(s, f"{area}/{case.id}")


def extend(s: Session, case_id: str, day: str, why: str) -> Case:
    """Keep a case longer, with a reason that stands in it. Refused("kept_too_long") beyond the hard stop of five years."""
    case = s.get(Case, case_id)
    if not why.strip():
        raise Refused("reason_missing")
    review = _review(s, case)
    case.retention_until = day
    if case.problems(["retention_until"]) or (until(s, case) or "") < day:
        raise Refused("kept_too_long")
    with s.vault.change():
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


def _over(s: Session, day: str) -> Iterator[tuple[HelpRequest, list[Message]]]:
    """RT-CONTACT: what somebody wrote and no case came of it, ninety days and a review after the last message."""
    if "intake" not in s.names:
        return
    for request in s.list(HelpRequest, order="received_on", descending=False, limit=MOST):
        if request.opened_case is not None or _plus(str(request.received_on), CONTACT_DAYS) > day:
            continue
        messages = list(s.list(Message, where={"help_request": request.id}, limit=500))
        if _plus(max([str(request.received_on), *(str(m.on) for m in messages)]), CONTACT_DAYS) <= day:
            yield request, messages


def _contacts(s: Session, today: str) -> list[str]:
    asked = []
    for request, messages in list(_over(s, today)):
        if erase.ask_records(s, "intake", [bytes.fromhex(r.id) for r in (request, *messages)]):
            asked.append(f"intake/{request.id}")
    return asked


def _plus(day: str, days: int) -> str:
    try:
        return day_after(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp(), days)
    except ValueError:
        return "9999-12-31"


def contacts_ending(s: Session) -> list[HelpRequest]:
    """Conversations without a case that end by themselves within thirty days, for whoever wants to look at them before."""
    today = day_after(believed(s), config.REVIEW_DAYS)
    return [r for r, _ in _over(s, today)]
