"""The rights of a person, from their case."""

from __future__ import annotations

from starlette.responses import Response

from panah.errors import NotFound, Refused
from panah.node.ask import Ask
from panah.records import CODES, TYPES
from panah.records.case import Case
from panah.records.wish import Wish
from panah.work import cases, copies, rights


def index(ask: Ask) -> Response:
    """Everything a person may ask about their data, each one act; and what they asked."""
    s = ask.s
    case = s.get(Case, ask.path("id"))
    wishes = s.list(Wish, where={"case": case.id}, limit=100)
    return ask.page(
        "rights.html", case=case, wishes=wishes, stops=rights.stops(s, case.id), held=rights.held(s, case.id),
        parts=[(id, TYPES[kind].KIND.label, code) for id, kind, code in rights.parts_of(s, case.id)], people=copies.people(s, case.id),
        checks=CODES["identity_check"], wills=CODES["withdrawal_voluntary"], rule=cases.safe_contact_rule(s, case), chosen=ask.request.query_params.get("part", ""),
    )  # fmt: skip


def use(ask: Ask) -> Response:
    """One right, used."""
    id, right = ask.path("id"), ask.one("right")
    wish = rights.use(
        ask.s, id, right, identity=ask.one("identity"), coercion=ask.one("coercion"), words=ask.one("words"), part=ask.one("part")
    )
    person = ask.one("person")
    if right == "correct":
        return ask.go(f"/r/{ask.s.kind_of(wish.part)}/{wish.part}/edit")
    if right in ("see_my_data", "copy"):
        return ask.go(f"/wish/{wish.id}/{'see' if right == 'see_my_data' else 'copy'}" + (f"/{person}" if person else "/all"))
    if right == "who_saw_it":
        rights.finish(ask.s, wish, "Shown.")
        return ask.go(f"/who/{id}")
    # Where the second person's word is not needed (a team of one), the case is gone by now.
    return ask.go(f"/case/{id}/rights" if ask.s.find(Case, id) is not None else "/team#erased")


def see(ask: Ask) -> Response:
    """What is kept, to be read together; what speaks of others is ticked out before a copy is made."""
    s = ask.s
    wish = s.get(Wish, ask.path("id"))
    if ask.path("how") not in ("see", "copy"):
        raise NotFound("no_such_record")
    person = _person(ask)
    found = copies.sheets(s, wish.case or "", person, ask.lang)
    if ask.path("how") == "see" and wish.state == "open":
        rights.finish(s, wish, "Shown.")
    case = s.get(Case, wish.case or "")
    return ask.page("kept.html", case=case, wish=wish, sheets=found, person=person, how=ask.path("how"))


def copy(ask: Ask) -> Response:
    """The copy itself, one file that any browser shows; or the note that none was given because it is not safe to carry."""
    s = ask.s
    wish = s.get(Wish, ask.path("id"))
    if ask.one("safe") not in ("yes", "no"):
        raise Refused("safe_to_carry_not_asked")
    if ask.one("safe") == "no":
        rights.finish(s, wish, "No copy was given: it is not safe to carry. It can be asked for again at any time.")
        return ask.go(f"/case/{wish.case}/rights")
    found = copies.sheets(s, wish.case or "", _person(ask), ask.lang, without=ask.form.get("without", []))
    page = ask.page("copy.html", sheets=found)
    rights.finish(s, wish, "A copy was given.")
    # Named like any paper: what it is called is seen by whoever looks at the screen of a phone.
    return ask.file(bytes(page.body), "paper.html")


def _person(ask: Ask) -> str:
    chosen = ask.path("person")
    return "" if chosen == "all" else chosen


def decide(ask: Ask) -> Response:
    """The person's word on an erasure that was held, or on a stop that they lift."""
    wish = ask.s.get(Wish, ask.path("id"))
    if ask.one("word") == "lift":
        rights.lift(ask.s, wish.id)
    else:
        rights.decide(ask.s, wish.id, own=ask.one("word") == "own")
    return ask.go(f"/case/{wish.case}/rights" if ask.s.find(Case, wish.case or "") is not None else "/team#erased")


def answered(ask: Ask) -> Response:
    """A wish was answered, and the desk has seen it."""
    rights.answered(ask.s, ask.path("id"))
    return ask.go("/accountability")
