"""Complaints and incidents: handed in by anybody, answered past the people concerned; and whom to warn, one by one."""

from __future__ import annotations

from starlette.responses import Response

from panah.node.ask import Ask
from panah.records import CODES
from panah.records.incident import Incident
from panah.work import complaints, incidents, rights


def index(ask: Ask) -> Response:
    """What this member's desks have to answer, and the way to hand something in."""
    s = ask.s
    found = rights.queue(s)
    return ask.page(
        "accountability.html", requests=found, receipts={r.id: rights.receipt(s, r) for r in found if r.mark},
        complaints=complaints.waiting(s), incidents=incidents.waiting(s), reads={"accountability", "supervisors"} & s.names.keys(),
    )  # fmt: skip


def complain(ask: Ask) -> Response:
    """The form of a complaint."""
    people = [m for m in ask.s.members() if not m.removed]
    return ask.page("complain.html", kinds=CODES["feedback_kind"], risks=CODES["risk"], people=people)


def hand_in(ask: Ask) -> Response:
    """Taken, sealed to the desk that reads it; what comes back is the receipt."""
    receipt = complaints.hand_in(
        ask.s, kind=ask.one("kind"), text=ask.one("text"), about=ask.one("about"), about_words=ask.one("about_words"),
        safety_now=ask.one("safety_now"), safe_answer=ask.one("safe_answer"), anonymous=ask.one("anonymous") == "1",
    )  # fmt: skip
    return ask.page("complained.html", receipt=receipt)


def new(ask: Ask) -> Response:
    """The form of an incident."""
    return ask.page("incident_new.html", kinds=CODES["incident_kind"], risks=CODES["risk"])


def report(ask: Ask) -> Response:
    """Written down; its page says what to do now."""
    made = incidents.report(ask.s, kind=ask.one("kind"), what_known=ask.one("what_known"), harm_now=ask.one("harm_now"))
    return ask.go(f"/incident/{made.id}")


def incident(ask: Ask) -> Response:
    """What is known, and the people to be warned, each with the way that is safe for them."""
    one = ask.s.get(Incident, ask.path("id"))
    desks, _ = incidents.reached(ask.s, one)
    people = incidents.affected(ask.s, one)
    return ask.page("incident.html", r=one, desks=desks, people=people, left=sum(not p.told.get("how") for p in people))


def told(ask: Ask) -> Response:
    """Somebody was warned, or somebody else is affected."""
    id = ask.path("id")
    if ask.one("add"):
        incidents.add(ask.s, id, ask.one("code"))
    else:
        incidents.told(ask.s, id, ask.one("code"), ask.one("how"))
    return ask.go(f"/incident/{id}#people")
