"""Somebody leaves the team: what they lead and what they had to do goes to others, and then their keys end. One act, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from panah import config
from panah.errors import NotFound, Refused
from panah.kernel import enrol
from panah.kernel.roster import Member
from panah.kernel.session import Session
from panah.records.case import Case
from panah.records.task import Task
from panah.work import access, rules

OPEN = ("open", "doing", "waiting")


@dataclass(frozen=True, slots=True)
class Left:
    """What somebody leaves behind, as far as this vault can see: the open cases they lead, and their open tasks."""

    member: Member
    cases: tuple[Case, ...]
    tasks: tuple[Task, ...]


def left_by(s: Session, member_id: str) -> Left:
    """What a member leads and has to do. NotFound for nobody of the team."""
    member = next((m for m in s.members() if m.id == member_id and not m.removed), None)
    if member is None:
        raise NotFound("no_such_member")
    today = rules.day_after(s.now(), 0)
    led = [c for c in s.list(Case, where={"lead": member.name}, limit=10_000) if not _closed(c, today)]
    tasks = s.list(Task, where={"owner": member.name, "task_state": OPEN}, limit=10_000)
    return Left(member, tuple(led), tuple(tasks))


def successors(s: Session, member_id: str) -> list[Member]:
    """Who may lead from now on."""
    return [m for m in s.members() if m.id != member_id and not m.removed and {"caseworker", "supervisor"} & set(m.roles)]


def leave(s: Session, member_id: str, successor: str = "", of_case: Mapping[str, str] | None = None) -> int:
    """Hand over what this vault can see, and remove the member; how many cases changed hands.

    `of_case` names another successor for single cases. A task goes with its case, any other one to `successor`. Without a successor a
    case keeps its lead's name, and stands first on the supervisors' overview until somebody takes it.

    Refused("only_an_administrator") for who removes nobody, Refused("only_a_supervisor") where cases are to be handed over by somebody else.
    """
    left = left_by(s, member_id)
    if config.ADMINISTRATOR not in s.me.roles and s.founder.tag != s.identity.tag:
        raise Refused("only_an_administrator")
    if member_id == s.me.id:
        raise Refused("cannot_remove_oneself")
    names = {m.id: m.name for m in successors(s, member_id)}
    to = {case.id: (of_case or {}).get(case.id) or successor for case in left.cases}
    if any(given and given not in names for given in (*to.values(), successor)):
        raise Refused("no_such_member")
    with s.vault.change():
        for case in left.cases:
            if to[case.id]:
                access.hand_over(s, case.id, to[case.id])
        for task in left.tasks:
            given = to.get(str(task.case)) or successor
            if given:
                task.owner = names[given]
                s.save(task)
        enrol.remove(s, member_id)
    return sum(bool(given) for given in to.values())


def _closed(case: Case, today: str) -> bool:
    return case.stage == "closed" or (isinstance(case.closed_on, str) and case.closed_on <= today)
