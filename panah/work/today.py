"""What needs this member now, in order: each line a sentence with its deadline and one act."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from panah.kernel import signs
from panah.kernel.session import Session
from panah.records import TYPES
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.follow_up import FollowUp
from panah.records.help_request import HelpRequest
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.task import Task
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.work import approvals, backups, complaints, incidents, regaining, retention, rights, triage, watch
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
MOST = 100  # of one kind: more than that is not read in a day, and the list says the earliest
DAYS_BEFORE_END = 14
TRIAGE_MINUTES = 15


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
    items = [
        *_page(s),
        *_tent(s),
        *_devices(s),
        *_keys(s),
        *requests(s),
        *_tasks(s),
        *_reviews(s),
        *_approvals(s),
        *_desks(s),
        *conflicts(s),
    ]
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


def _devices(s: Session) -> list[Item]:
    urgent = ("this_device_doubled", "device_doubled", "clock_ahead")
    found = {sign.code in urgent[:2]: None for sign in signs.signs(s) if sign.code in urgent}
    return [Item("A device is not as it should be", "", None, "/sync", "Read what to do", urgent=True in found)] if found else []


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


def requests(s: Session) -> list[Item]:
    """Who waits for an answer, and who wants to be deleted."""
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
    mine = (s.me.name, *s.me.roles)
    return [task_line(s, t) for t in s.list(Task, where={"owner": mine, "task_state": OPEN}, limit=200)]


def task_line(s: Session, task: Task) -> Item:
    """A task as a line: its title and the code of its case."""
    due = float(task.due) if isinstance(task.due, int | float) else None
    return Item("Task", _code(s, task.case), due, f"/r/task/{task.id}", "Open it", task.critical is True, str(task.title or ""))


def _reviews(s: Session) -> list[Item]:
    """What this member's cases ask to be looked at again: the newest of each kind, and only while the case runs."""
    today = day_after(s.now(), 0)
    found = []
    for a in _until(s, ProtectionAssessment, "review_on", today):
        case = _mine(s, a.case)
        if case is not None:
            critical = a.risk_level == "critical"
            found.append(
                Item(
                    "The risk is to be looked at again", str(case.code or ""), None, f"/case/{case.id}", "Assess again", critical
                )
            )
    for talk in _until(s, VoluntarinessInterview, "next_round", s.now() + 24 * 3600):
        case = _mine(s, talk.case)
        if case is not None:
            due = float(talk.next_round)
            found.append(Item("A free-will talk is due", str(case.code or ""), due, f"/case/{case.id}", "Open it"))
    for follow in _until(s, FollowUp, "next", today):
        case = _mine(s, follow.case)
        if case is not None:
            found.append(Item("A follow-up is due", str(case.code or ""), None, f"/case/{case.id}", "Follow up"))
    for consent in ending(s):
        case = _mine(s, consent.case)
        if case is not None:
            found.append(
                Item(
                    "An agreement ends soon",
                    str(case.code or ""),
                    moment_of(consent.ends),
                    f"/r/consent/{consent.id}",
                    "Ask again",
                )
            )
    return found


def _until(s: Session, cls: Any, field: str, end: Any) -> list[Any]:
    """The records of a type that are still to be looked at, up to a day or moment, the earliest first."""
    found = s.list(cls, where={"still_due": True}, order=field, descending=False, limit=MOST)
    return [r for r in found if isinstance(value := getattr(r, field), type(end) | int) and value <= end]


def ending(s: Session) -> list[Consent]:
    """Consents of which an agreement ends within two weeks, or has ended."""
    end = day_after(s.now(), DAYS_BEFORE_END)
    return [c for c in s.list(Consent, order="ends", descending=False, limit=MOST) if isinstance(c.ends, str) and c.ends <= end]


def moment_of(day: str) -> float:
    """The beginning of a day, in UTC seconds."""
    return datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.UTC).timestamp()


def _mine(s: Session, case_id: str | None) -> Case | None:
    """The case, if it runs and this member leads it; whose lead has left is everybody's who holds it."""
    case = s.find(Case, case_id or "")
    if case is None or case.stage == "closed":
        return None
    led = any(m.name == case.lead and not m.removed for m in s.roster.members.values())
    return case if case.lead == s.me.name or not led else None


def _tent(s: Session) -> list[Item]:
    """Who waits in the tent: red before everything, then who has not been looked at, then whose time is over."""
    found = []
    for w in triage.queue(s)[:MOST]:
        where = f"/triage/{w.wait.id}"
        if w.last is not None and w.colour == "red":
            found.append(Item("Red: a clinician now", w.code, w.due, where + "/seen", "Open it", urgent=True))
        elif w.last is None:
            found.append(
                Item(
                    "Somebody waits for triage", w.code, w.due + TRIAGE_MINUTES * 60, where, "Look now", urgent=w.colour == "red"
                )
            )
        elif w.late:
            found.append(Item("Look at them again", w.code, w.due, where, "Look again"))
    return found


def _approvals(s: Session) -> list[Item]:
    return [Item(a.what, a.label, None, a.link, a.act) for a in approvals.waiting(s)]


def _desks(s: Session) -> list[Item]:
    """What complaints, rights and incidents ask of the desks that this member has."""
    found = [
        Item("A wish about data is to be answered", str(r.case_code or ""), moment_of(r.due) if isinstance(r.due, str) else None, "/accountability", "See that it is answered")
        for r in rights.queue(s)
    ]  # fmt: skip
    found += [
        Item(
            "A complaint is to be answered", str(f.code or ""), moment_of(f.answer_due) if isinstance(f.answer_due, str) else None,
            f"/r/{f.KIND.name}/{f.id}", "Read and answer", f.safety_now in ("critical", "high"),
        )
        for f in complaints.waiting(s)
    ]  # fmt: skip
    found += [
        Item("An incident is open", str(i.code or ""), moment_of(i.review_on) if isinstance(i.review_on, str) else None, f"/incident/{i.id}", "Open it", i.harm_now == "critical")
        for i in incidents.waiting(s)
    ]  # fmt: skip
    found += [
        Item("A conversation without a case ends by itself", str(r.code or ""), None, f"/inbox/{r.id}", "Look at it once more")
        for r in retention.contacts_ending(s)
    ]
    return found


def conflicts(s: Session) -> list[Item]:
    """What two people wrote differently and nobody has settled."""
    seen: dict[str, Item] = {}
    for c in s.conflicts():
        record = s.find(TYPES[c.kind], c.id) if c.kind in TYPES and c.id not in seen else None
        code = "" if record is None else _code(s, record.case) or str(record.code or "")
        seen.setdefault(c.id, Item("Two people wrote different things", code, None, f"/r/{c.kind}/{c.id}/conflict", "Settle it"))
    return list(seen.values())


def _code(s: Session, case_id: str | None) -> str:
    case = s.find(Case, case_id or "")
    return str(case.code) if case is not None and case.code else ""
