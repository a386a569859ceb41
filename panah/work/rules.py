"""The rules of the work that hold whatever page or script saves a record. Each names the requirement it keeps (NN-nn).

A rule looks at one record about to be saved and gives (field, code) for what the rule forbids; `after` does what a save calls for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from panah.errors import Invalid
from panah.kernel.session import Session
from panah.records.answers import Answers
from panah.records.base import Record
from panah.records.case import Case
from panah.records.case_plan import CasePlan
from panah.records.closure import Closure
from panah.records.consent import Consent
from panah.records.follow_up import FollowUp
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.safety_plan import SafetyPlan
from panah.records.task import Task
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.records.wish import Wish
from panah.work import heard

Problems = list[tuple[str, str]]

# Records whose free text may hold a story: it opens after the person was told who must be told what (NN-06).
_NARRATIVE = (VoluntarinessInterview, ProtectionAssessment, SafetyPlan, Answers)


def keep(s: Session, record: Any) -> Any:
    """Save a record under the rules. Invalid with every problem, from the declarations and from the rules; nothing changes then."""
    problems = check(s, record)
    if problems:
        raise Invalid("record_has_problems", tuple(problems))
    with s.vault.change():
        saved = s.save(record)
        for follow in _FOLLOW.get(type(record), ()):
            follow(s, saved)
        return saved


def check(s: Session, record: Record) -> Problems:
    """What the rules forbid about this record as it stands."""
    problems: Problems = []
    if isinstance(record, _NARRATIVE):
        problems += _limits_first(s, record)
    for rule in _RULES.get(type(record), ()):
        problems += rule(s, record)
    return problems


def has_narrative(record: Record) -> bool:
    """Whether free text of this record may hold a story (NN-06)."""
    return isinstance(record, _NARRATIVE)


def _limits_first(s: Session, record: Record) -> Problems:
    """NN-06: limits of confidentiality before any narrative."""
    case = s.find(Case, record.case or "")
    if case is None or case.limits_explained is True:
        return []
    return [(f.name, "limits_not_explained") for f in record.KIND.fields if f.kind == "longtext" and getattr(record, f.name)]


def _privacy(s: Session, talk: Any) -> Problems:
    """NN-12: without privacy nobody can be said to decide freely."""
    if talk.conclusion == "voluntary" and talk.private is not True:
        return [("conclusion", "voluntary_needs_privacy")]
    return []


def _second_reader(s: Session, talk: Any) -> Problems:
    """NN-11: the second reader is another person than the one who wrote it down, and writes it on their own device."""
    author = talk.meta.created_by if talk.meta else s.me.name
    reads = talk.second_reader != talk.was.get("second_reader") or talk.second_reading != talk.was.get("second_reading")
    if reads and isinstance(talk.second_reader, str) and (talk.second_reader != s.me.name or author == s.me.name):
        return [("second_reader", "no_self_approval")]
    return []


def _one_person(s: Session, talk: Any) -> Problems:
    """NN-12: a talk is one person's; what one said is never put into another's mouth."""
    if talk.was.get("own_words") is not None and talk.subject != talk.was.get("subject"):
        return [("subject", "talk_is_one_persons")]
    return []


def _knew(s: Session, talk: Any) -> Problems:
    """NN-14, NN-73: with the person's words stands what was known then: only a talk that knew of a change of mind can decide anew."""
    if isinstance(talk.own_words, str) and talk.was.get("own_words") is None and isinstance(talk.subject, str):
        others = [t for t in s.list(VoluntarinessInterview, where={"subject": talk.subject}, limit=1000) if t.id != talk.id]
        marks = {t.id for t in others} | {f"changed-{t.id}" for t in others if t.mind_changed == "yes"}
        talk.heard = [{"mark": mark} for mark in sorted(marks)]
    return []


def _capacity(s: Session, consent: Any) -> Problems:
    """NN-08: who cannot decide now is asked again later; nothing is agreed meanwhile."""
    agreed = isinstance(consent.scopes, list) and any(line.get("decision") == "yes" for line in consent.scopes)
    if agreed and consent.capacity in ("limited_now", "none_now"):
        return [("scopes", "capacity_blocks_consent")]
    return []


def _until(s: Session, consent: Any) -> Problems:
    """NN-04: a scope without an end gets the default of ninety days when it is written."""
    if isinstance(consent.scopes, list):
        for line in consent.scopes:
            if line.get("decision") == "yes" and not line.get("valid_until"):
                line["valid_until"] = day_after(s.now(), 90)
        days = [str(line["valid_until"]) for line in consent.scopes if line.get("decision") == "yes"]
        consent.ends = min(days, default=None)
    return []


def _awaits(s: Session, record: Any) -> Problems:
    """NN-75: what needs a second person is found by an index, however many cases there are."""
    if isinstance(record, VoluntarinessInterview):
        record.awaits = isinstance(record.own_words, str) and record.second_reader is None
        return []
    risky = record
    if isinstance(record, CasePlan):
        risky = s.find(Case, record.case or "")
    needed = isinstance(record, Closure) or getattr(risky, "risk_level", None) in ("critical", "high")
    record.awaits = needed and not record.approved_by
    return []


def _begins_due(s: Session, record: Any) -> Problems:
    """What is new is the one that is looked at again; those before it are not any more, see `_replaces_due`."""
    if record.meta is None:
        record.still_due = True
    return []


def _sharing_stopped(s: Session, consent: Any) -> Problems:
    """NN-60: while the person has stopped it, nothing new is agreed to; they lift it first."""
    before = consent.was.get("scopes")
    agreed = isinstance(consent.scopes, list) and any(line.get("decision") == "yes" for line in consent.scopes)
    if not agreed or before == consent.scopes:
        return []
    return [("scopes", "sharing_stopped")] if sharing_stopped(s, consent.case or "") else []


def sharing_stopped(s: Session, case_id: str) -> bool:
    """Whether the person stopped all sharing of this case and has not lifted it."""
    wishes = s.list(Wish, where={"case": case_id, "right": ("restrict", "object", "erase")}, limit=50)
    return any(w.state != "cancelled" for w in wishes)


def _heard(s: Session, consent: Any) -> Problems:
    """NN-73: the first answers of a consent carry what was known when they were given; that, and no clock, is their place in order."""
    before = consent.was.get("scopes")
    decided = any(line.get("decision") is not None for line in heard.lines(consent.scopes))
    if decided and isinstance(consent.subject, str) and not any(line.get("decision") is not None for line in heard.lines(before)):
        others = s.list(Consent, where={"subject": consent.subject}, limit=1000)
        consent.heard = heard.marks(c for c in others if c.id != consent.id)
    return []


def _safe_title(s: Session, task: Any) -> Problems:
    """NN-35: a task is shown outside its case, so it names nobody by the name used in the case."""
    case = s.find(Case, task.case or task.about or "")
    if (
        case is not None
        and isinstance(case.chosen_name, str)
        and len(case.chosen_name) > 2
        and case.chosen_name in str(task.title or "")
    ):
        return [("title", "no_names_in_tasks")]
    return []


def _approval(s: Session, record: Any) -> Problems:
    """NN-75: a closure, a high risk and the plan for it are approved by a supervisor who did not write them; see approvals.py."""
    before = record.was.get("approved_by")
    author = record.meta.created_by if record.meta else s.me.name
    if record.approved_by and record.approved_by != before and ("supervisor" not in s.me.roles or author == s.me.name):
        return [("approved_by", "no_self_approval")]
    return []


def _childs_no(s: Session, consent: Any) -> Problems:
    """NN-21: a carer's yes cannot override a child's no to a photo, an account, or telling where they are."""
    from panah.work import complete, consents

    if consent.child_assent != "no" or not complete.is_child(complete.subject_of(s, consent)):
        return []
    lines = consent.scopes if isinstance(consent.scopes, list) else []
    against = any(line.get("decision") == "yes" and line.get("purpose") in consents.CHILD_DECIDES for line in lines)
    return [("scopes", "childs_no_stands")] if against else []


def _child_alone(s: Session, assessment: Any) -> None:
    """NN-20, NN-23: a child alone is at high risk and meets a specialised partner the same day; armed links go to civilian child protection."""
    from panah.work import complete

    case = s.find(Case, assessment.case or "")
    if case is None or not complete.is_child(complete.subject_of(s, assessment)):
        return
    if assessment.separation in ("unaccompanied", "separated", "child_headed"):
        if "child_alone" not in (case.alerts or []):
            case.alerts = [*(case.alerts or []), "child_alone"]
        if case.risk_level not in ("high", "critical"):
            case.risk_level = "high"
        s.save(case)
        task_once(s, case.id, "A child alone: the specialised partner, today", str(case.lead or s.me.name), 12, critical=True)
        task_once(
            s,
            case.id,
            "Best-interests record before any move, separation or telling of relatives",
            str(case.lead or s.me.name),
            72,
        )
    if assessment.armed_link not in (None, "none", "civilian") and isinstance(assessment.armed_link, str):
        task_once(s, case.id, "Hand over to civilian child protection", str(case.lead or s.me.name), 48, critical=True)


def _basis_again(s: Session, talk: Any) -> None:
    """NN-01: what was begun to save a life is justified anew within 72 hours of the first private talk."""
    case = s.find(Case, talk.case or "")
    if case is not None and case.basis == "vital_interest" and talk.private is True:
        task_once(s, case.id, "Look again at why we may keep this", str(case.lead or s.me.name), 72)


def _helper_pressure(s: Session, talk: Any) -> None:
    """NN-15: pressure from us is looked at by a supervisor from outside the team."""
    if isinstance(talk.pressures, list) and "helper_organisation" in talk.pressures:
        task_once(s, talk.case, "Review by a supervisor outside the team", outside(s, talk), 72, critical=True)


def outside(s: Session, talk: Any) -> str:
    """A supervisor who has no part in this case, by name; where there is none, the word for all of them."""
    case = s.find(Case, talk.case or "")
    inside = {talk.meta.created_by, talk.meta.updated_by, s.me.name}
    if case is not None:
        inside |= {str(case.lead)} | {heard.words(one, "member") for one in heard.lines(case.team)}
    free = [m.name for m in s.members() if not m.removed and "supervisor" in m.roles and m.name not in inside]
    return free[0] if free else "supervisor"


def _ask_again(s: Session, consent: Any) -> None:
    """NN-08: limited capacity schedules a re-ask."""
    if consent.capacity in ("limited_now", "none_now"):
        task_once(s, consent.case, "Ask again when the person can decide", s.me.name, 24)


def task_once(s: Session, case: str, title: str, owner: str, hours: int, *, critical: bool = False) -> None:
    """A task on a case, unless the same one is open there."""
    open_tasks = s.list(Task, where={"case": case, "task_state": ("open", "doing", "waiting")}, limit=500)
    if not any(t.title == title for t in open_tasks):
        s.save(
            Task(
                case=case, about=case, title=title, owner=owner, due=s.now() + hours * 3600, task_state="open", critical=critical
            )
        )


def _case_risk(s: Session, assessment: Any) -> None:
    """The case shows the risk of its assessments; it rises at once and falls only when a person lowers it (NN-70)."""
    case = s.find(Case, assessment.case or "")
    order = ["low", "medium", "high", "critical"]
    if case is None or assessment.risk_level not in order:
        return
    if case.risk_level not in order or order.index(assessment.risk_level) > order.index(case.risk_level):
        case.risk_level = assessment.risk_level
        s.save(case)


def _replaces_due(s: Session, record: Any) -> None:
    """Of each kind, the newest about a person says when it is looked at again."""
    for other in s.list(type(record), where={"case": record.case, "still_due": True}, limit=100):
        if other.id != record.id and other.meta.created < record.meta.created and other.subject == record.subject:
            other.still_due = False
            s.save(other)


def nothing_due(s: Session, case_id: str) -> None:
    """A closed case asks for nothing any more: its reviews, rounds and agreements stop coming up."""
    for cls in (ProtectionAssessment, VoluntarinessInterview, FollowUp):
        due: list[Any] = list(s.list(cls, where={"case": case_id, "still_due": True}, limit=100))
        for record in due:
            record.still_due = False
            s.save(record)
    for consent in s.list(Consent, where={"case": case_id}, limit=200):
        if consent.ends is not None:
            consent.ends = None
            s.save(consent)


def day_after(now: float, days: int) -> str:
    """The ISO date so many days after a UTC time."""
    return (datetime.fromtimestamp(now, UTC) + timedelta(days=days)).date().isoformat()


_RULES: dict[type[Record], tuple[Callable[[Session, Any], Problems], ...]] = {
    VoluntarinessInterview: (_privacy, _second_reader, _one_person, _knew, _awaits, _begins_due),
    ProtectionAssessment: (_approval, _awaits, _begins_due),
    CasePlan: (_approval, _awaits),
    FollowUp: (_begins_due,),
    Consent: (_capacity, _sharing_stopped, _until, _childs_no, _heard),
    Task: (_safe_title,),
    Closure: (_approval, _awaits),
}

_FOLLOW: dict[type[Record], tuple[Callable[[Session, Any], None], ...]] = {
    VoluntarinessInterview: (_helper_pressure, _basis_again, _replaces_due),
    FollowUp: (_replaces_due,),
    Consent: (_ask_again,),
    ProtectionAssessment: (_case_risk, _child_alone, _replaces_due),
}
