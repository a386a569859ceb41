"""Complaints: taken from anybody, for anybody, and read past the people whom they are about (NN-100)."""

from __future__ import annotations

from dataclasses import dataclass

from panah.errors import Refused
from panah.kernel.session import Session
from panah.records import CODES
from panah.records.feedback import Feedback
from panah.records.feedback_past_dpo import FeedbackPastDpo
from panah.work import codes
from panah.work.rules import day_after

DAYS = 14
DAYS_IN_DANGER = 1
OPEN = ("open", "doing", "waiting")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What whoever complained keeps: a code to ask by, the day of the answer, and which desk reads it. Nothing of what was said."""

    code: str
    answer_due: str
    desk: str


def desk_for(s: Session, about: str) -> str:
    """The desk that reads a complaint about a member: data protection, or the supervisors where it is about that desk itself.

    Refused("nobody_past_them") where whom it is about would read it at either.
    """
    for desk in ("accountability", "supervisors"):
        readers = {d.member for d in s.roster.desk(desk)}
        if readers and about not in readers:
            return desk
    raise Refused("nobody_past_them")


def hand_in(
    s: Session, *, kind: str, text: str, about: str = "", about_words: str = "", safety_now: str = "", safe_answer: str = "", anonymous: bool = True
) -> Receipt:  # fmt: skip
    """Take a complaint, sealed to the desk that reads it. Whoever wrote it cannot read it afterwards; what is kept is the receipt."""
    if not text.strip():
        raise Refused("complaint_empty")
    desk = desk_for(s, about)
    cls = Feedback if desk == "accountability" else FeedbackPastDpo
    named = s.roster.members[about].name if about in s.roster.members else ""
    risk = safety_now if safety_now in CODES["risk"] else None
    due = day_after(s.now(), DAYS_IN_DANGER if risk in ("critical", "high") else DAYS)
    record = cls(
        kind=kind if kind in CODES["feedback_kind"] else "suggestion", received=s.now(), anonymous=anonymous, text=text.strip(),
        about_staff=" ".join(filter(None, (named, about_words.strip()))) or None, safety_now=risk, safe_answer=safe_answer.strip() or None,
        answer_due=due, state="open",
    )  # fmt: skip
    codes.give(s, record)
    s.post(record)
    return Receipt(str(record.code), due, desk)


def waiting(s: Session) -> list[Feedback]:
    """What this member's desks have to answer, whoever is in danger first, then by the day."""
    found: list[Feedback] = []
    for cls, desk in ((Feedback, "accountability"), (FeedbackPastDpo, "supervisors")):
        if desk in s.names:
            found += s.list(cls, where={"state": OPEN}, order="answer_due", descending=False, limit=100)
    return sorted(found, key=lambda f: (f.safety_now not in ("critical", "high"), str(f.answer_due)))
