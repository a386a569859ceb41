"""Who is looked at first: the category from what was seen, who waits and until when, and the lists that a clinician confirms.

The category is arithmetic over the team's lists; it lowers nothing that a person decided, and whoever looks may always say more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from panah.errors import Refused
from panah.kernel import keys
from panah.kernel.session import Session
from panah.records.case import Case
from panah.records.medical_triage import MedicalTriage
from panah.records.triage_list import TriageList
from panah.records.triage_wait import TriageWait
from panah.work import codes, rules, signed

CHILDREN = ("b0_1", "b2_5", "b6_9", "b10_14")
ARM_MEASURED = ("b0_1", "b2_5")
ADULT = "b25_59"
ORDER = ("red", "yellow", "green")
HOURS = {"under_72h": 72, "under_120h": 120}
_FIELDS = (
    "adult_red", "adult_yellow", "child_red", "child_yellow", "limits", "muac_severe", "muac_moderate", "muac_pregnant", "minutes_red",
    "minutes_yellow", "minutes_green",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw. None for signs that nobody looked for; an empty list says that they looked and there was none."""

    age_band: str | None = None
    red: Sequence[str] | None = None
    yellow: Sequence[str] | None = None
    measured: Mapping[str, float] = field(default_factory=dict)
    muac_mm: int | None = None
    oedema: bool = False
    pregnant: bool = False
    sv_window: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A colour with its reasons, each (code list, code), and after how many minutes somebody looks again; no colour where too little was seen."""

    colour: str
    reasons: tuple[tuple[str, str], ...]
    minutes: int
    muac_class: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits: since when, the last look, and when the next is due."""

    wait: Any
    last: Any
    code: str
    colour: str
    due: float
    late: bool


@cache
def _delivered() -> Mapping[str, Any]:
    return dict(json.loads((Path(__file__).parent / "triage_lists.json").read_text("utf-8")))


def lists(s: Session) -> TriageList:
    """The lists in force: the team's own, or those that Panah comes with. What a team left empty is as delivered."""
    own = (
        min(s.list(TriageList, limit=50), key=lambda one: (one.meta.created, one.id), default=None)
        if s.of_desk("health")
        else None
    )
    found = own or TriageList()
    for name in _FIELDS:
        if getattr(found, name) is None or not isinstance(getattr(found, name), list | int):
            setattr(found, name, _delivered()[name])
    return found


def own_lists(s: Session) -> TriageList:
    """The team's own lists, kept from now on, to be changed like any record. Refused("health_only") to others than the health desk."""
    if not s.of_desk("health"):
        raise Refused("health_only")
    found = lists(s)
    return found if found.id else s.save(found)


def confirmed(s: Session, found: TriageList) -> bool:
    """Whether a member of the health desk put their name under the lists as they stand now."""
    if not found.id or not isinstance(found.confirmed_by, str):
        return False
    member = s.roster.members.get(signed.author_of(s, found, "confirmed_by"))
    writes = s.history(found.id)
    given = max((c.at for c in writes if c.field == "confirmed_by" and c.stands), default=0.0)
    changed = max((c.at for c in writes if c.field in _FIELDS), default=0.0)
    return member is not None and member.name == found.confirmed_by and given >= changed


def confirm(s: Session, profession: str) -> TriageList:
    """Put this member's name and profession under the lists. Refused: health_only, profession_missing."""
    found = own_lists(s)
    if not profession.strip():
        raise Refused("profession_missing")
    found = s.get(TriageList, found.id)
    found.confirmed_by = None
    found = s.save(found)
    found.confirmed_by, found.confirmed_as, found.confirmed_on = s.me.name, profession.strip(), rules.day_after(s.now(), 0)
    return s.save(found)


def tool_for(age_band: str | None) -> str:
    """Which list is used for an age; of an age that nobody knows the adults', for it asks more."""
    return "iitt_child_under12" if age_band in CHILDREN else "iitt_adult_12plus"


def category(seen: Seen, by: TriageList, tool: str = "") -> Category:
    """The colour that the lists give. Red beats yellow beats green; a measure beyond its limits is red; green needs both lists looked at."""
    muac = muac_class(seen, by)
    red = [("triage_sign_red", one) for one in seen.red or ()]
    red += [("vital", what) for what in beyond(seen, by, tool)]
    yellow = [("triage_sign_yellow", one) for one in seen.yellow or ()]
    yellow += [("muac_class", muac)] if muac in ("sam_under_115", "oedema") else []
    yellow += [("sexual_violence_window", str(seen.sv_window))] if seen.sv_window in HOURS else []
    if red:
        return Category("red", (*red, *yellow), int(by.minutes_red or 0), muac)
    if yellow:
        return Category("yellow", tuple(yellow), int(by.minutes_yellow or 0), muac)
    if seen.red is None or seen.yellow is None:
        return Category("", (), 0, muac)
    return Category("green", (), int(by.minutes_green or 0), muac)


def muac_class(seen: Seen, by: TriageList) -> str:
    """The nutrition class of an arm's circumference: of children of 6 to 59 months, and in pregnancy; empty for others."""
    if seen.oedema and seen.age_band in ARM_MEASURED:
        return "oedema"
    if seen.muac_mm is None:
        return ""
    if seen.age_band in ARM_MEASURED:
        if seen.muac_mm < int(by.muac_severe or 0):
            return "sam_under_115"
        return "mam_115_124" if seen.muac_mm < int(by.muac_moderate or 0) else "normal_125_up"
    return "pregnant_under_230" if seen.pregnant and seen.muac_mm < int(by.muac_pregnant or 0) else ""


def beyond(seen: Seen, by: TriageList, tool: str = "") -> list[str]:
    """The measures that are beyond the limits of this age."""
    child = (tool or tool_for(seen.age_band)) == "iitt_child_under12"
    ages = ("b6_9" if seen.age_band not in ("b0_1", "b2_5") else seen.age_band) if child else ADULT
    found = []
    for line in by.limits or []:
        value = seen.measured.get(str(line.get("what")))
        if value is None or line.get("ages") != ages:
            continue
        low, high = _number(line.get("low")), _number(line.get("high"))
        if (low is not None and value < low) or (high is not None and value > high):
            found.append(str(line["what"]))
    return found


def look(s: Session, wait: TriageWait, seen: Seen, *, tool: str = "", **more: Any) -> MedicalTriage:
    """Write down one look at somebody who waits. Refused: health_only, signs_not_looked_at, lower_needs_reason.

    A category below the last one needs a reason; what the lists give is never lowered by them alone.
    """
    if not s.may_write(f"health/{wait.case}"):
        raise Refused("health_only")
    by = lists(s)
    found = category(seen, by, tool)
    if not found.colour:
        raise Refused("signs_not_looked_at")
    before = last_look(s, wait)
    if (
        before is not None
        and before.colour in ORDER
        and ORDER.index(found.colour) > ORDER.index(before.colour)
        and not more.get("lowered_because")
    ):
        raise Refused("lower_needs_reason")
    done = MedicalTriage(
        case=wait.case, subject=wait.subject, wait=wait.id, at=s.now(), tool=tool or tool_for(seen.age_band), age_band=seen.age_band,
        signs_red=list(seen.red) if seen.red else None, signs_yellow=list(seen.yellow) if seen.yellow else None,
        vitals=[{k: v if k == "temperature" else int(v) for k, v in seen.measured.items()}] if seen.measured else None,
        muac_mm=seen.muac_mm, muac_class=found.muac_class or None, sv_window=seen.sv_window, colour=found.colour,
        re_triage_at=s.now() + found.minutes * 60, **more,
    )  # fmt: skip
    if done.vitals and "temperature" in done.vitals[0]:
        done.vitals[0]["temperature"] = str(done.vitals[0]["temperature"])
    saved: MedicalTriage = s.save(done)
    return saved


def reasons(s: Session, triage: Any) -> tuple[tuple[str, str], ...]:
    """Why a look came to its colour, from what stands in it; nothing where it is sealed to the health desk."""
    return category(seen_in(triage), lists(s), str(triage.tool or "")).reasons


def seen_in(triage: Any) -> Seen:
    """What a record of a look says was seen."""
    row = triage.vitals[0] if isinstance(triage.vitals, list) and triage.vitals else {}
    measured = {k: n for k in ("heart_rate", "breaths", "temperature", "oxygen") if (n := _number(row.get(k))) is not None}
    return Seen(
        triage.age_band if isinstance(triage.age_band, str) else None, triage.signs_red if isinstance(triage.signs_red, list) else [],
        triage.signs_yellow if isinstance(triage.signs_yellow, list) else [], measured, triage.muac_mm if isinstance(triage.muac_mm, int) else None,
        triage.muac_class == "oedema", triage.muac_class == "pregnant_under_230", triage.sv_window if isinstance(triage.sv_window, str) else None,
    )  # fmt: skip


def last_look(s: Session, wait: TriageWait) -> Any:
    """The newest look at somebody."""
    return max(
        s.list(MedicalTriage, where={"wait": wait.id}, limit=100), key=lambda t: (_number(t.at) or 0.0, t.id), default=None
    )


def queue(s: Session) -> list[Waiting]:
    """Everybody who waits and whom this vault can see: danger signs first, then who was never looked at, then by colour, then by the clock."""
    found = []
    for wait in s.list(TriageWait, order="since", descending=False, limit=500):
        last = last_look(s, wait)
        if wait.ended or (last is not None and last.handed_at):
            continue
        colour = last.colour if last is not None and isinstance(last.colour, str) else ("red" if wait.red_seen is True else "")
        due = (_number(last.re_triage_at) if last is not None else _number(wait.since)) or s.now()
        found.append(Waiting(wait, last, str(wait.code or wait.id[:6]), colour, due, last is not None and due < s.now()))
    rank = {"red": 0, "": 1, "yellow": 2, "green": 3}
    return sorted(found, key=lambda w: (rank.get(w.colour, 1), w.due, w.wait.id))


def somebody(s: Session, age_band: str | None, *, red_seen: bool = False) -> TriageWait:
    """Somebody stands there: no name, no agreement, no file. A file may be opened for them later, under the same number."""
    wait = TriageWait(case=keys.random(16).hex(), since=s.now(), age_band=age_band or None, red_seen=red_seen or None)
    codes.give(s, wait)
    saved: TriageWait = s.save(wait)
    return saved


def hand_over(s: Session, wait_id: str) -> None:
    """A clinician has them now; the clocks stop. Refused("signs_not_looked_at") before anybody looked."""
    last = last_look(s, s.get(TriageWait, wait_id))
    if last is None:
        raise Refused("signs_not_looked_at")
    last.handed_at = s.now()
    s.save(last)


def end(s: Session, wait_id: str, why: str) -> None:
    """They wait no more: written by mistake, gone, or they do not want it; the last is a whole answer."""
    wait = s.get(TriageWait, wait_id)
    if why not in ("mistake", "left", "declined"):
        raise Refused("wait_end_unknown")
    wait.ended = why
    s.save(wait)


def back(s: Session, wait_id: str) -> None:
    """They wait again."""
    wait = s.get(TriageWait, wait_id)
    wait.ended = None
    s.save(wait)


def file_for(s: Session, wait_id: str) -> Case:
    """Open the file of somebody who was looked at before there was one."""
    wait = s.get(TriageWait, wait_id)
    known = s.find(Case, wait.case or "")
    if known is not None:
        return known
    with s.vault.change():
        case = Case(
            id=wait.case or "", opened=rules.day_after(s.now(), 0), lead=s.me.name, stage="registration", basis="vital_interest"
        )
        codes.give(s, case)
        saved: Case = rules.keep(s, case)
        return saved


def _number(value: Any) -> float | None:
    try:
        return float(value) if value is not None and not isinstance(value, bool) else None
    except (TypeError, ValueError):
        return None
