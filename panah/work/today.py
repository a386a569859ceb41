"""What needs this member now, in order: each line a sentence with its deadline and one act."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from panah.kernel.session import Session
from panah.records import TYPES
from panah.records.case import Case
from panah.records.closure import Closure
from panah.records.follow_up import FollowUp
from panah.records.help_request import HelpRequest
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.task import Task
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.work import backups, erasing, regaining, watch
from panah.work.rules import day_after

ASKS = "Someone asks for help"
_BACKUPS = {
    "backup_none": "No backup was made from this vault yet",
    "backup_old": "The newest backup is older than a week",
    "backup_holds_erased": "A backup still holds what was erased: destroy the old file",
    "backup_of_old_shares": "A backup opens with shares that were replaced: destroy the old file",
    "backup_folder_away": "The folder for daily backups could not be written",
}
OPEN = ("open", "doing", "waiting")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the day. `what` is a msgid, `label` the code of what it is about: never a name (NN-35)."""

    what: str
    label: str
    due: float | None
    link: str
    act: str
    urgent: bool = False
    text: str = ""


def today(s: Session) -> list[Item]:
    """The list of the day, the most urgent first."""
    items = [*_page(s), *_keys(s), *_requests(s), *_tasks(s), *_reviews(s), *_approvals(s), *_conflicts(s)]
    return sorted(items, key=lambda i: (not i.urgent, i.due if i.due is not None else s.now()))


def parts_of_day(items: Sequence[Item], now: float, end: float) -> list[tuple[str, list[Item]]]:
    """The lines under now, late, today (until `end`) and soon. Whoever waits for a first answer stands in today, before all else."""
    found: dict[str, list[Item]] = {"now": [], "late": [], "today": [], "soon": []}
    for i in sorted(items, key=lambda i: i.what != ASKS):
        late = i.due is not None and i.due < now
        part = "now" if i.urgent else "late" if late else "today" if i.due is None or i.due <= end or i.what == ASKS else "soon"
        found[part].append(i)
    return [(part, lines) for part, lines in found.items() if lines]


def _page(s: Session) -> list[Item]:
    return [
        Item("The help page was changed where it is served", "", None, "/page", "Read what to do", urgent=True)
        for _ in watch.alarms(s)[:1]
    ]


def _keys(s: Session) -> list[Item]:
    """What is not well with who may get in, and with the way back."""
    found = []
    if s.roster.impostors:
        found.append(
            Item(
                "Somebody wrote other keys for a device of the team",
                "",
                None,
                "/help/code/founder_changed",
                "Read what to do",
                urgent=True,
            )
        )
    grace = {"backup_none": 7}
    found += [
        Item(_BACKUPS[nag.code], "", None, "/team/backups", "Look at the backups")
        for nag in backups.wanting(s)
        if nag.days >= grace.get(nag.code, 0)
    ]
    if regaining.standing(s).due:
        found.append(Item("The recovery shares were not tried for half a year", "", None, "/team/recovery", "Try the shares"))
    return found


def _requests(s: Session) -> list[Item]:
    if "intake" not in s.names:
        return []
    hours = {"emergency_24h": 24, "urgent_72h": 72, "routine_2w": 14 * 24}
    return [
        Item(
            "Someone asks for help", r.code or "", r.meta.created + hours.get(str(r.danger_now), 72) * 3600, f"/inbox/{r.id}", "Read and answer",
            urgent=r.danger_now == "emergency_24h",
        )
        for r in s.list(HelpRequest, limit=100)
        if r.outcome is None
    ] + [
        Item(
            "Someone asks to delete what they wrote", r.code or "", _end_of_wish(r.deletion_asked), f"/inbox/{r.id}", "Read and decide"
        )
        for r in s.list(HelpRequest, order="deletion_asked", limit=100)
        if isinstance(r.deletion_asked, str) and r.deletion_answer is None
    ]  # fmt: skip


def _end_of_wish(asked: str) -> float:
    """A wish of the person's is decided within thirty days (NN-60)."""
    return datetime.datetime.fromisoformat(asked).replace(tzinfo=datetime.UTC).timestamp() + 30 * 86400


def _tasks(s: Session) -> list[Item]:
    mine = {s.me.name, *s.me.roles}
    found = []
    for task in s.list(Task, where={"task_state": OPEN}, limit=500):
        if task.owner in mine:
            due = task.due if isinstance(task.due, int | float) else None
            found.append(
                Item(
                    "Task",
                    _code(s, task.case),
                    due,
                    f"/r/task/{task.id}",
                    "Open it",
                    bool(task.critical is True),
                    str(task.title or ""),
                )
            )
    return found


def _reviews(s: Session) -> list[Item]:
    now = day_after(s.now(), 0)
    found = []
    newest: dict[str, ProtectionAssessment] = {}
    for a in s.list(ProtectionAssessment, order="review_on", descending=False, limit=500):
        if a.case and (a.case not in newest or a.meta.updated > newest[a.case].meta.updated):
            newest[a.case] = a
    for case_id, a in newest.items():
        if isinstance(a.review_on, str) and a.review_on <= now and _running(s, case_id):
            found.append(
                Item(
                    "The risk is to be looked at again",
                    _code(s, case_id),
                    None,
                    f"/case/{case_id}",
                    "Assess again",
                    a.risk_level == "critical",
                )
            )
    for talk in s.list(VoluntarinessInterview, limit=200):
        if isinstance(talk.next_round, int | float) and talk.next_round <= s.now() + 24 * 3600 and _running(s, talk.case or ""):
            found.append(
                Item("A free-will talk is due", _code(s, talk.case), float(talk.next_round), f"/case/{talk.case}", "Open it")
            )
    for follow in s.list(FollowUp, limit=200):
        if isinstance(follow.next, str) and follow.next <= now and _running(s, follow.case or ""):
            found.append(Item("A follow-up is due", _code(s, follow.case), None, f"/case/{follow.case}", "Follow up"))
    return found


def _approvals(s: Session) -> list[Item]:
    if "supervisor" not in s.me.roles:
        return []
    erasures = [
        Item("A colleague asks to erase a case", str(c.code or ""), None, f"/case/{c.id}", "Read and decide")
        for c in erasing.waiting(s)
    ]
    return erasures + [
        Item("A closure waits for your approval", _code(s, c.case), None, f"/r/closure/{c.id}", "Read and approve")
        for c in s.list(Closure, limit=200)
        if not c.approved_by and c.meta.created_by != s.me.name
    ]


def _conflicts(s: Session) -> list[Item]:
    seen: dict[str, Item] = {}
    for c in s.conflicts():
        record = s.find(TYPES[c.kind], c.id) if c.kind in TYPES and c.id not in seen else None
        code = "" if record is None else _code(s, record.case) or str(record.code or "")
        seen.setdefault(c.id, Item("Two people wrote different things", code, None, f"/r/{c.kind}/{c.id}/conflict", "Settle it"))
    return list(seen.values())


def _running(s: Session, case_id: str) -> bool:
    case = s.find(Case, case_id)
    return case is not None and case.stage != "closed"


def _code(s: Session, case_id: str | None) -> str:
    case = s.find(Case, case_id or "")
    return str(case.code) if case is not None and case.code else ""
