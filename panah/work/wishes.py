"""What a person wants, said alone and freely: whether their word still stands for an act that cannot be undone (NN-11, NN-14)."""

from __future__ import annotations

from panah.errors import Refused
from panah.kernel.session import Session
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.work import complete

FRESH_HOURS = 24


def fresh(s: Session, subject: str, about: str, at: float | None = None) -> VoluntarinessInterview:
    """The talk on which an act that cannot be undone may rest: about this decision, alone, free, read by a second person, a day old at most.

    The newest talk counts, whatever it says: a change of mind ends every older one. Refused: talk_needed, talk_too_old, talk_not_free,
    talk_incomplete.
    """
    talks = sorted(
        s.list(VoluntarinessInterview, where={"subject": subject}, limit=500), key=lambda t: t.meta.created, reverse=True
    )
    if not talks or not any(t.about == about for t in talks):
        raise Refused("talk_needed")
    talk = talks[0]
    if talk.about != about or talk.conclusion != "voluntary" or talk.private is not True:
        raise Refused("talk_not_free")
    if complete.lacking(s, talk):
        raise Refused("talk_incomplete")
    if talk.meta.created < (s.now() if at is None else at) - FRESH_HOURS * 3600:
        raise Refused("talk_too_old")
    return talk
