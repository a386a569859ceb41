"""Who may open a case: the people, another caseworker, the end of somebody's access, a closed list; and the supervisors' overview."""

from __future__ import annotations

from starlette.responses import Response

from panah.node.ask import Ask
from panah.records.case import Case
from panah.work import access, splitting


def one(ask: Ask) -> Response:
    """Who can open a case, by what, and what can be done about it."""
    s = ask.s
    case = s.get(Case, ask.path("id"))
    holders = access.holders(s, case.id)
    leads = [m for m in s.members() if not m.removed and {"caseworker", "supervisor"} & set(m.roles) and m.name != case.lead]
    decides = s.of_desk("supervisors")
    return ask.page(
        "access.html", case=case, holders=holders, named={m.id for m in access.restricted_to(s, case.id)}, here=s.me.id,
        decides=decides, accepts=decides and any("documentation" in m.roles for m in leads), people=[m for m in s.members() if not m.removed],
        leads=leads,
    )  # fmt: skip


def change(ask: Ask) -> Response:
    """Hand the case over, end an access, restrict it, or take the restriction back."""
    s, id, act = ask.s, ask.path("id"), ask.one("act")
    if act == "over":
        access.hand_over(s, id, ask.one("member"), accepted=ask.one("accepted") == "1")
    elif act == "end":
        access.end(s, id, ask.one("member"))
    elif act == "restrict":
        access.restrict(s, id, ask.form.get("members", []))
    elif act == "lift":
        access.lift(s, id)
    # Who gave up their own access has no page of the case to go back to.
    return ask.go(f"/case/{id}/access" if s.find(Case, id) is not None else "/cases")


def split(ask: Ask) -> Response:
    """Give people of this case a file of their own."""
    if ask.request.method == "POST":
        new = splitting.split(ask.s, ask.path("id"), ask.form.get("person", []))
        return ask.go(f"/case/{new.id}")
    case = ask.s.get(Case, ask.path("id"))
    return ask.page("split.html", case=case, people=splitting.people(ask.s, case.id))


def overview(ask: Ask) -> Response:
    """Who holds which case, as far as this vault can see; first those that nobody works on."""
    return ask.page("overview.html", lines=access.overview(ask.s))
