"""Cases: the list, one case, its closing."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from panah import letters
from panah.errors import Refused
from panah.i18n.days import read_day
from panah.node.ask import Ask, type_of
from panah.records import TYPES
from panah.records.case import Case
from panah.records.task import Task
from panah.work import access, approvals, cases, duty, erasing, openings, questions, retention, rights

PAGE = 50
RISKS = ("critical", "high", "medium", "low")


def index(ask: Ask) -> Response:
    """The list: fifty to a page, the newest first, filtered by risk, by stage or by typing."""
    s = ask.s
    where: dict[str, Any] = {}
    risk, stage = ask.one("risk"), ask.one("stage")
    if risk in RISKS:
        where["risk_level"] = risk
    if stage:
        where["stage"] = stage
    after = _cursor(ask.one("after"))
    typed = ask.one("filter").strip()
    if typed:
        folded = letters.fold(typed)
        ids = [hit.id for hit in s.search(typed, ["case"], PAGE)]
        found = [c for id in ids if (c := s.find(Case, id)) is not None and folded]
        more = ""
    else:
        found = list(s.list(Case, where=where or None, limit=PAGE + 1, after=after))
        more = json.dumps(found[PAGE - 1].meta.cursor) if len(found) > PAGE else ""
        found = found[:PAGE]
    values: dict[str, Any] = {
        "cases": found,
        "count": s.count(Case, where or None),
        "risk": risk,
        "stage": stage,
        "typed": typed,
        "more": more,
        "risks": RISKS,
    }
    return ask.page("case_rows.html" if ask.request.headers.get("x-form-token") else "cases.html", **values)


def _cursor(text: str) -> tuple[int, int] | None:
    try:
        at, n = json.loads(text)
        return int(at), int(n)
    except (ValueError, TypeError):
        return None


def new(ask: Ask) -> Response:
    """Open an empty case and go on in it."""
    return ask.go(f"/case/{cases.open_case(ask.s).id}")


def one(ask: Ask) -> Response:
    """The case page."""
    s = ask.s
    duty.close_due(s)
    case = s.get(Case, ask.path("id"))
    openings.note(s, case)
    breaks = duty.to_review(s, case.id)
    holders = s.holders(cases.compartment(case.id))
    open_tasks = [t for t in s.list(Task, where={"case": case.id}, limit=100) if t.task_state in ("open", "doing", "waiting")]
    open_tasks.sort(key=lambda t: t.due if isinstance(t.due, int | float) else 9e12)
    parts = cases.parts(s, case.id, ask.lang)
    return ask.page(
        "case.html", case=case, parts={n: p for n, p in parts.items() if n != "answers"}, own=questions.parts(s, parts["answers"]), states=cases.states(s, case), timeline=cases.timeline(s, case.id),
        rule=cases.safe_contact_rule(s, case), task=next(iter(open_tasks), None), holders=holders,
        others=[m for m in s.members() if not m.removed and m.id not in {h.id for h in holders}], conflicts=s.conflicts(case.id),
        may_add=cases.may_add(s, case.id), breaks=breaks, minutes_left=duty.minutes_left(s, case.id), reviews=s.of_desk("supervisors") and s.me.id not in {b.member for b in breaks},
        decides_evidence=s.of_desk("supervisors") and any("documentation" in m.roles for m in s.members() if not m.removed), restricted=bool(access.restricted_to(s, case.id)),
        asked=erasing.asked(s, case.id), can_erase=erasing.may(s, case.id), goes=[(TYPES[name].KIND, n) for name, n in erasing.contents(s, case.id)] if erasing.asked(s, case.id) else [], stops=rights.stops(s, case.id), kept=retention.until(s, case), ends=retention.waiting(s, case),
    )  # fmt: skip


def limits(ask: Ask) -> Response:
    """The limits of confidentiality were explained: narrative fields open (NN-06)."""
    case = ask.s.get(Case, ask.path("id"))
    case.limits_explained = True
    ask.s.save(case)
    return ask.go(ask.one("back") if ask.one("back").startswith("/r/") else f"/case/{case.id}")


def approve(ask: Ask) -> Response:
    """The second person's word."""
    record = approvals.approve(ask.s, type_of(ask.path("kind")).KIND.name, ask.path("id"))
    return ask.go(f"/case/{record.case}" if record.case else "/")


def keep_longer(ask: Ask) -> Response:
    """A closed case is kept longer, with a reason."""
    day = read_day(ask.one("day").strip()) or ""
    return ask.go(f"/case/{retention.extend(ask.s, ask.path('id'), day, ask.one('why')).id}")


def reopen(ask: Ask) -> Response:
    """The way back."""
    return ask.go(f"/case/{cases.reopen(ask.s, ask.path('id')).id}")


def who(ask: Ask) -> Response:
    """Who can open this."""
    cls = TYPES.get(ask.s.kind_of(ask.path("id")))
    if cls is None:
        raise Refused("made_by_newer_version")
    record = ask.s.get(cls, ask.path("id"))
    # Of a record whose own part is sealed to others, we see what is sealed to us, and who else does.
    own = ask.s.compartment_of(record)
    name = own if own in ask.s.names else record.meta.compartment
    fewer = [f for f in cls.KIND.fields if (f.compartment if own == name else f.name in record.meta.restricted)]
    narrower = {f.label: (f.compartment or own).format(id=record.id, case=record.case) for f in fewer}
    return ask.page(
        "who.html",
        record=record,
        kind=cls.KIND,
        holders=ask.s.holders(name),
        narrower=narrower,
        openings=openings.of(ask.s, record),
    )
