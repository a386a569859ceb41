"""Who needs the supervisor now: each a reason and one act, found by indexes however many cases there are. Codes and tasks only (NN-35)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from panah.kernel.session import Session
from panah.records import CODES
from panah.records.case import Case
from panah.records.task import Task
from panah.work import approvals, incidents, today
from panah.work.today import Item

MOST = 50
RUNNING = tuple(stage for stage in CODES["stage"] if stage != "closed")


@dataclass(frozen=True, slots=True)
class Part:
    """One reason, with its lines, and whether there are more than a page holds: counting them all would walk every case."""

    key: str
    items: list[Item]
    more: bool


def needs(s: Session) -> list[Part]:
    """Every reason for which somebody needs a supervisor now; empty ones are left out."""
    found = [
        _part("approvals", [Item(a.what, a.label, None, a.link, a.act) for a in approvals.waiting(s)]),
        _danger(s),
        _part("requests", [i for i in today.requests(s) if i.what == today.ASKS]),
        _part("overdue", _overdue(s)),
        _part("holder", _without_holder(s)),
        _part("ending", _ending(s)),
        _part("incidents", [Item("An incident is open", str(i.code or ""), None, f"/incident/{i.id}", "Open it") for i in incidents.waiting(s)]),
        _part("conflicts", today.conflicts(s)),
    ]  # fmt: skip
    return [part for part in found if part.items]


def _part(key: str, items: list[Item]) -> Part:
    return Part(key, items[:MOST], len(items) > MOST)


def _danger(s: Session) -> Part:
    items = list[Item]()
    for level in ("critical", "high"):
        where = {"risk_level": level, "stage": RUNNING}
        found = s.list(Case, where=where, limit=MOST + 1)
        for c in found:
            line = Item("Critical risk", str(c.code or ""), None, f"/case/{c.id}", "Open the case", urgent=True)
            items.append(line if level == "critical" else replace(line, what="High risk", urgent=False))
    return _part("danger", items)


def _overdue(s: Session) -> list[Item]:
    found = s.list(Task, where={"task_state": today.OPEN}, order="due", descending=False, limit=MOST)
    late = [t for t in found if isinstance(t.due, int | float) and t.due < s.now()]
    return [today.task_line(s, t) for t in late]


def _without_holder(s: Session) -> list[Item]:
    """Cases that run and are led by somebody who has left: nobody works on them."""
    stay = {m.name for m in s.roster.members.values() if not m.removed}
    gone = {m.name for m in s.roster.members.values() if m.removed} - stay
    return [
        Item("Nobody leads this case any more", str(c.code or ""), None, f"/case/{c.id}", "Hand it to a colleague", c.risk_level == "critical")
        for name in sorted(gone)
        for c in s.list(Case, where={"lead": name, "stage": RUNNING}, limit=MOST)
    ]  # fmt: skip


def _ending(s: Session) -> list[Item]:
    lines = []
    for consent in today.ending(s):
        case = s.find(Case, consent.case or "")
        code = str(case.code or "") if case is not None else ""
        lines.append(Item("An agreement ends soon", code, today.moment_of(consent.ends), f"/r/consent/{consent.id}", "Ask again"))
    return lines
