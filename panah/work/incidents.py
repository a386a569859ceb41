"""Incidents: a lost device, a leak, a threat. Who is affected is listed at once, and each is warned in the way that is safe for them (NN-101, NN-102)."""

from __future__ import annotations

from dataclasses import dataclass

from panah.errors import Refused
from panah.kernel import enrol
from panah.kernel.session import Session
from panah.records import CODES
from panah.records.case import Case
from panah.records.incident import Incident
from panah.work import cases, codes
from panah.work.rules import day_after

OPEN = ("open", "doing", "waiting")
REVIEW_DAYS = 1
RISKS = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Affected:
    """A person to be warned: the code, how much they risk, the safe way to reach them, and who has warned them already."""

    case: str
    code: str
    risk: str
    rule: str
    told: dict[str, str]


def report(s: Session, *, kind: str, what_known: str, harm_now: str = "", device: str = "", member: str = "") -> Incident:
    """Write an incident down: read by whoever reports it, data protection and the supervisors."""
    if not what_known.strip():
        raise Refused("incident_empty")
    incident = Incident(
        kind=kind if kind in CODES["incident_kind"] else "unauthorised_access", noticed_at=s.now(), what_known=what_known.strip(),
        harm_now=harm_now if harm_now in CODES["risk"] else None, device=device or None, member=member or None, state="open",
        review_on=day_after(s.now(), REVIEW_DAYS),
    )  # fmt: skip
    codes.give(s, incident)
    return s.save(incident)


def lost(s: Session, tag: bytes) -> Incident:
    """One act: take a lost device out of the team, and open the incident with the list of whom that concerns."""
    device = s.roster.devices.get(tag)
    enrol.remove_device(s, tag)
    known = "A device was lost or taken. It was taken out of the team: nothing it writes later counts, and the keys it held are changed."
    incident = report(s, kind="lost_or_seized_device", what_known=known, device=tag.hex(), member=device.member if device else "")
    incident.people_affected = len(reached(s, incident)[1])
    return s.save(incident)


def reached(s: Session, incident: Incident) -> tuple[list[str], list[Case]]:
    """(desks, cases) that the device or the member of an incident could open, as far as this vault can see."""
    devices = {bytes.fromhex(incident.device)} if _is_tag(incident.device) else set()
    if not devices and isinstance(incident.member, str):
        devices = {d.tag for d in s.roster.devices.values() if d.member == incident.member}
    desks, found = cases.reached_by(s, devices) if devices else ([], [])
    return desks, [case for case, _ in found]


def affected(s: Session, incident: Incident) -> list[Affected]:
    """Whom to warn, the greatest risk first: those that the device could open, and those added by their code."""
    rows = [row for row in incident.people_told if isinstance(row, dict)] if isinstance(incident.people_told, list) else []
    told = {str(row.get("who")): {k: str(row.get(k) or "") for k in ("how", "on", "by")} for row in rows}
    found = {str(c.code or c.id[:6]): c for c in reached(s, incident)[1]}
    for code in told:
        case = found.get(code) or _by_code(s, code)
        if case is not None:
            found[code] = case
    people = [
        Affected(c.id, code, str(c.risk_level or ""), cases.safe_contact_rule(s, c), told.get(code, {}))
        for code, c in found.items()
    ]
    people += [Affected("", code, "", "", told[code]) for code in told if code not in found]
    return sorted(people, key=lambda p: (bool(p.told.get("how")), RISKS.index(p.risk) if p.risk in RISKS else 0, p.code))


def add(s: Session, incident_id: str, code: str) -> Incident:
    """Somebody else is affected: listed by their code."""
    if not code.strip():
        raise Refused("code_missing")
    return _note(s, incident_id, {"who": code.strip()})


def told(s: Session, incident_id: str, code: str, how: str) -> Incident:
    """One person was warned. How it was safe is written down with it: nobody is ticked off in a row."""
    if not how.strip():
        raise Refused("how_was_it_safe")
    return _note(s, incident_id, {"who": code, "how": how.strip(), "on": day_after(s.now(), 0), "by": s.me.name})


def _note(s: Session, incident_id: str, row: dict[str, str]) -> Incident:
    incident = s.get(Incident, incident_id)
    rows = incident.people_told if isinstance(incident.people_told, list) else []
    incident.people_told = [*(r for r in rows if r.get("who") != row["who"]), row]
    return s.save(incident)


def _by_code(s: Session, code: str) -> Case | None:
    cases_found = (s.find(Case, hit.id) for hit in s.search(code, ["case"], 5))
    return next((c for c in cases_found if c is not None and c.code == code), None)


def _is_tag(text: object) -> bool:
    return isinstance(text, str) and len(text) == 16 and all(c in "0123456789abcdef" for c in text)


def waiting(s: Session) -> list[Incident]:
    """Incidents that are not over."""
    return list(s.list(Incident, where={"state": OPEN}, order="review_on", descending=False, limit=50))
