"""What a person wants, said alone and freely: whether their word still stands for an act that cannot be undone (NN-11, NN-14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from panah.errors import Refused
from panah.kernel.session import Session
from panah.records.best_interests import BestInterests
from panah.records.case import Case
from panah.records.person import Person
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.work import complete, rules
from panah.work.heard import known

FRESH_HOURS = 24
AHEAD_SECONDS = 300  # the clocks of two laptops
# What a person has to want for a decision to be theirs.
WANTS = {
    "leaving": ("leave", "move_elsewhere", "return_to_family"),
    "staying": ("stay",),
    "going_back": ("return_to_place",),
    "moving_on": ("move_elsewhere", "leave", "return_to_family"),
    "joining_family": ("return_to_family", "move_elsewhere"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Where the word of one person stands: the talk that counts, until when it may be acted on, or why it may not."""

    person: Person
    talk: Any
    until: float
    code: str
    waits: bool


def fresh(s: Session, subject: str, about: str, at: float | None = None) -> VoluntarinessInterview:
    """The talk on which an act that cannot be undone may rest: about this decision, alone, free, read by a second person, a day old at most.

    What the person said last counts, in the order in which it was known and not of any clock. Refused with a code of
    `panah/explain/work.py`. Emergency shelter tonight does not ask.
    """
    talks = list(s.list(VoluntarinessInterview, where={"subject": subject}, limit=1000))
    person = s.find(Person, subject)
    stands = standing(talks, about)
    code = _refusal(s, talks, stands, person, about, s.now() if at is None else at)
    if code:
        raise Refused(code)
    found: VoluntarinessInterview = min(stands, key=lambda t: t.id)
    return found


def standing(talks: list[Any], about: str) -> list[Any]:
    """The talks about a decision that no later one has answered; several where colleagues talked apart."""
    said = [t for t in talks if t.about == about and isinstance(t.own_words, str)]
    return [t for t in said if not any(t.id in known(other) for other in said if other.id != t.id)]


def _refusal(s: Session, talks: list[Any], stands: list[Any], person: Person | None, about: str, at: float) -> str:
    if not stands:
        return "talk_needed"
    changed = [t.id for t in talks if t.mind_changed == "yes"]
    if any(f"changed-{id}" not in known(t) for t in stands for id in changed):
        return "mind_changed"
    wants = WANTS.get(about, ())
    since = [o for o in talks if isinstance(o.own_words, str) and any(o.id not in known(t) and o.id != t.id for t in stands)]
    free = ("voluntary", "best_interest_process") if complete.is_child(person) else ("voluntary",)
    if any(t.private is not True or t.conclusion not in free for t in stands) or any(
        o.want not in wants for o in (*stands, *since)
    ):
        return "talk_not_free"
    for talk in stands:
        if code := _unread(s, talk):
            return code
        if complete.lacking(s, talk):
            return "talk_incomplete"
        if not -AHEAD_SECONDS <= at - said_at(s, talk) <= FRESH_HOURS * 3600:
            return "talk_too_old"
    return "best_interests_needed" if complete.is_child(person) and not _best_interests(s, person) else ""


def _unread(s: Session, talk: Any) -> str:
    """Why the second reader does not count: nobody, the same person, a name that somebody else wrote, or a reader who disagrees."""
    if not isinstance(talk.second_reader, str):
        return "second_reader_needed"
    signed = {c.author for c in s.history(talk.id) if c.field == "second_reader" and c.value == talk.second_reader}
    if signed != {talk.second_reader} or talk.second_reader == talk.meta.created_by:
        return "second_reader_needed"
    return "second_reader_disagrees" if talk.second_reading == "does_not_agree" else ""


def _best_interests(s: Session, person: Any) -> bool:
    found = s.list(BestInterests, where={"case": person.case}, limit=200)
    return any(one.subject == person.id and not complete.lacking(s, one) for one in found)


def said_at(s: Session, talk: Any) -> float:
    """When the person's own words were written down."""
    return min((c.at for c in s.history(talk.id) if c.field == "own_words"), default=float(talk.meta.created))


def read(s: Session, id: str, *, agrees: bool) -> VoluntarinessInterview:
    """The second reader's word, on their own device. Refused("no_self_approval") to whoever wrote it down."""
    talk = s.get(VoluntarinessInterview, id)
    if talk.second_reader is not None:
        raise Refused("nothing_to_sign")
    if talk.meta.created_by == s.me.name:
        raise Refused("no_self_approval")
    talk.second_reader, talk.second_reading = s.me.name, "agrees" if agrees else "does_not_agree"
    with s.vault.change():
        saved: VoluntarinessInterview = rules.keep(s, talk)
        if not agrees:
            rules.task_once(
                s, saved.case or "", "Talk with the person again: the second reader disagrees", saved.meta.created_by, 24
            )
    return saved


def change_of_mind(s: Session, subject: str) -> int:
    """The person has changed their mind: whatever was decided ends, here at once and elsewhere with the next meeting (NN-14)."""
    talks = [t for t in s.list(VoluntarinessInterview, where={"subject": subject}, limit=1000) if t.mind_changed != "yes"]
    with s.vault.change():
        for talk in talks:
            talk.mind_changed = "yes"
            s.save(talk)
        if talks:
            case = s.find(Case, talks[0].case or "")
            lead = case.lead if case is not None and isinstance(case.lead, str) else s.me.name
            rules.task_once(s, talks[0].case or "", "Stop what was decided: they have changed their mind", lead, 2, critical=True)
    return len(talks)


def of_case(s: Session, case_id: str) -> list[Wish]:
    """For each person of a case, their last word and whether it may be acted on now."""
    found = []
    for person in s.list(Person, where={"case": case_id}, order="created", descending=False, limit=200):
        talks = list(s.list(VoluntarinessInterview, where={"subject": person.id}, limit=1000))
        said = sorted((t for t in talks if isinstance(t.own_words, str)), key=lambda t: len(known(t)), reverse=True)
        talk = said[0] if said else None
        code, until = "talk_needed", 0.0
        if talk is not None and isinstance(talk.about, str):
            code = _refusal(s, talks, standing(talks, talk.about), person, talk.about, s.now())
            until = said_at(s, talk) + FRESH_HOURS * 3600
        waits = talk is not None and talk.second_reader is None
        found.append(Wish(person, talk, until, code, waits))
    return found
