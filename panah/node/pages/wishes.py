"""What each person wants: the free-will talks, the second reader, a change of mind."""

from __future__ import annotations

from starlette.responses import Response

from panah.node.ask import Ask
from panah.records.case import Case
from panah.records.person import Person
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.work import wishes


def index(ask: Ask) -> Response:
    """The last word of each person, and whether an act may rest on it now."""
    case = ask.s.get(Case, ask.path("id"))
    return ask.page("wishes.html", case=case, wishes=wishes.of_case(ask.s, case.id), now=ask.s.now())


def read(ask: Ask) -> Response:
    """A talk as its second reader reads it: the person's words first."""
    talk = ask.s.get(VoluntarinessInterview, ask.path("id"))
    own = talk.meta.created_by == ask.s.me.name
    return ask.page("wish_read.html", talk=talk, kind=talk.KIND, case=ask.s.find(Case, talk.case or ""), own=own)


def second(ask: Ask) -> Response:
    """The second reader agrees, or not."""
    talk = wishes.read(ask.s, ask.path("id"), agrees=ask.one("agrees") == "1")
    return ask.go(f"/case/{talk.case}/wishes")


def changed(ask: Ask) -> Response:
    """The person has changed their mind: what was decided ends."""
    person = ask.s.get(Person, ask.path("id"))
    wishes.change_of_mind(ask.s, person.id)
    return ask.go(f"/case/{person.case}/wishes")
