"""Break-glass: who is on duty for which cases, the hour in which somebody opens one, and its review (NN-43)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from panah import config
from panah.errors import Refused
from panah.kernel import closed, glass
from panah.kernel.glass import Break, Pane
from panah.kernel.session import Session
from panah.records.case import Case
from panah.records.glass_break import GlassBreak
from panah.records.task import Task
from panah.work import access

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panah.kernel.roster import Member

MINUTES = glass.MINUTES
REVIEW_HOURS = 72
MOST_HOURS = 7 * 24
MOST_CASES = 50
TITLE = "Review: somebody on duty opened this case"
_ON_DUTY = {"caseworker", "health", "supervisor", "intake"}


def eligible(s: Session) -> list[Member]:
    """Who may be on duty: never somebody who administers keys (NN-43)."""
    return [
        m
        for m in s.members()
        if not m.removed and m.id != s.me.id and _ON_DUTY & set(m.roles) and config.ADMINISTRATOR not in m.roles
    ]


def cases(s: Session) -> list[Case]:
    """The open cases that this supervisor may put behind glass, those at high risk first; restricted ones are not among them."""
    order = {"critical": 0, "high": 1, "medium": 2, "low": 3}
    found = [
        case
        for case in s.list(Case, limit=1000)
        if case.stage != "closed" and closed.of(s, f"care/{case.id}") is None and glass.ends(s, f"care/{case.id}") is None
    ]
    return sorted(found, key=lambda c: (order.get(str(c.risk_level), 4), str(c.code)))


def give(s: Session, member_id: str, case_ids: Sequence[str], hours: int) -> None:
    """Put cases behind glass in the vault of a colleague on duty: a supervisor's act. Asked for again, it carries what was written since."""
    if not s.of_desk("supervisors"):
        raise Refused("only_a_supervisor")
    if not case_ids or len(case_ids) > MOST_CASES or not 0 < hours <= MOST_HOURS:
        raise Refused("choose_cases_and_hours")
    if not any(m.id == member_id for m in eligible(s)):
        raise Refused("not_for_keyholders")
    with s.vault.change():
        for id in case_ids:
            case = s.get(Case, id)
            if closed.of(s, f"care/{id}") is not None:
                raise Refused("case_is_restricted")
            names = [f"{area}/{id}" for area in access.AREAS]
            glass.lay(s, names, str(case.code or id[:8]), member_id, s.now() + hours * 3600)


def behind_glass(s: Session) -> list[Pane]:
    """The cases that this member may break open while on duty."""
    return glass.panes(s)


def break_(s: Session, pane: str, reason: str) -> str:
    """Open a case for an hour. It is written into the case at once, with a task for the supervisors, and handed in at the accountability desk."""
    with s.vault.change():
        names = glass.break_(s, pane, reason)
        case = next(name.removeprefix("care/") for name in names if name.startswith("care/"))
        due = s.now() + REVIEW_HOURS * 3600
        s.save(Task(case=case, about=case, title=TITLE, owner="supervisor", due=due, task_state="open", critical=True))
        with suppress(Refused):  # a team without anybody at that desk has it in the case alone
            s.post(GlassBreak(who=s.me.name, at=s.now(), record=case, why=reason.strip()))
        return case


def close_due(s: Session) -> None:
    """Close what was opened an hour ago."""
    glass.close_due(s)


def minutes_left(s: Session, case_id: str) -> int | None:
    """How long a case stays open that is open by a broken glass; None for any other."""
    until = glass.ends(s, f"care/{case_id}")
    return None if until is None else max(0, int((until - s.now() + 59) // 60))


def to_review(s: Session, case_id: str) -> list[Break]:
    """The breaks of a case that nobody has reviewed."""
    return glass.to_review(s, f"care/{case_id}")


def reviewed(s: Session, case_id: str) -> None:
    """A supervisor has looked at it: the case gets a new key, which nobody has behind glass, and the task is done. Nobody reviews their own."""
    if not s.of_desk("supervisors"):
        raise Refused("only_a_supervisor")
    breaks = to_review(s, case_id)
    if not breaks:
        raise Refused("nothing_to_review")
    if any(b.member == s.me.id for b in breaks):
        raise Refused("no_self_approval")
    with s.vault.change():
        glass.renew(s, [f"{area}/{case_id}" for area in access.AREAS])
        for task in s.list(Task, where={"case": case_id, "task_state": ("open", "doing", "waiting")}, limit=500):
            if task.title == TITLE:
                task.task_state = "done"
                s.save(task)
