"""Who opened what: noted once an hour for each record, told once a day to whoever holds the record and to the accountability desk (NN-42).

Holds ids and hours. The line in a case's compartment dies with the case; what the desk keeps are random ids.
"""

from __future__ import annotations

import datetime
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from panah.errors import Refused
from panah.kernel import glass, keys, log, share
from panah.kernel.roster import OPENED
from panah.kernel.session import Session
from panah.records import TYPES, Record
from panah.records.opening_log import OpeningLog

WATCHED = ("S3", "S4")
HOUR = 3600
DAY = 24 * HOUR
MOST_LINES = 500
MOST_REASON = 500
_PENDING = "openings"


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody opened a record within the hour that begins at `at`."""

    who: str
    device: str
    at: float
    record: str
    kind: str
    code: str
    reason: str


def note(s: Session, record: Record, reason: str = "") -> None:
    """Note that a record's page was opened. One write an hour for each record; nothing else is done while somebody waits for the page."""
    if record.KIND.sensitivity not in WATCHED or not record.id or record.meta is None or not record.meta.compartment:
        return
    hour = int(s.now() // HOUR)
    pending = s.setting(_PENDING, [])
    broken = glass.why(s, record.meta.compartment)
    if not any(line[:3] == [record.meta.compartment, record.id, hour] for line in pending):
        s.set_setting(
            _PENDING,
            [
                *pending,
                [record.meta.compartment, record.id, hour, (reason or broken)[:MOST_REASON]],
            ],
        )
        if broken:
            tell(s)  # at once: an hour later this vault holds the case no more


def when_due(s: Session) -> None:
    """Tell what was noted, once a day and as soon as it is more than one event may hold."""
    pending = s.setting(_PENDING, [])
    if pending and (pending[0][2] * HOUR // DAY < s.now() // DAY or len(pending) > MOST_LINES):
        tell(s)


def tell(s: Session) -> None:
    """Write what was noted into the compartments of the records, and hand it in at the accountability desk."""
    pending = s.setting(_PENDING, [])
    if not pending:
        return
    with s.vault.change():
        for name in sorted({line[0] for line in pending} & s.names.keys()):
            if "/" not in name and not s.of_desk(name):
                continue
            lines = [[bytes.fromhex(id), hour, reason] for where, id, hour, reason in pending if where == name]
            for n in range(0, len(lines), MOST_LINES):
                told = share.control(s, OPENED, keys.random(16), lines=lines[n : n + MOST_LINES])
                log.append(s, s.names[name], [told])
        by_day: dict[int, list[Any]] = {}
        for _, id, hour, _ in pending:
            by_day.setdefault(hour * HOUR // DAY, []).append({"record": id, "at": float(hour * HOUR)})
        for n, lines in sorted(by_day.items()):
            day = datetime.datetime.fromtimestamp(n * DAY, datetime.UTC).date().isoformat()
            kept = OpeningLog(who=s.me.name, device=s.identity.tag.hex(), day=day, lines=lines[:MOST_LINES])
            with suppress(Refused):  # a team without anybody at that desk has it in the cases alone
                s.post(kept)
        s.set_setting(_PENDING, [])


def of(s: Session, record: Record) -> list[Opening]:
    """Who has opened a record, the newest first; of a case, everything in it that this vault can open."""
    home = record.meta.compartment
    names = [home]
    if record.KIND.name == "case":
        names += [f"{area}/{record.id}" for area in s.areas_of_case()]
    found = []
    for name in [name for name in names if name in s.names]:
        for a in s.vault.control_events(s.names[name], (OPENED,)):
            found += [_opening(s, a.author, *line) for line in _lines(a.event.set.get("lines"))]
    found += [
        _opening(s, s.identity.tag, bytes.fromhex(id), hour, why) for at, id, hour, why in s.setting(_PENDING, []) if at in names
    ]
    if record.KIND.name != "case":
        found = [o for o in found if o.record == record.id]
    return sorted(set(found), key=lambda o: (-o.at, o.who, o.kind, o.code))


def _lines(value: object) -> list[tuple[bytes, int, str]]:
    # What a colleague's program wrote: looked at, never converted.
    found = []
    for line in value[:MOST_LINES] if isinstance(value, list) else ():
        if isinstance(line, list) and len(line) == 3:
            id, hour, why = line
            if isinstance(id, bytes) and len(id) == 16 and type(hour) is int and 0 <= hour < 1 << 32 and isinstance(why, str):
                found.append((id, hour, why[:MOST_REASON]))
    return found


def _opening(s: Session, author: bytes, id: bytes, hour: int, why: str) -> Opening:
    member, row = s.roster.member_of(author), s.vault.row(id)
    known = TYPES.get(row.kind) if row is not None else None
    other = s.find(known, id.hex()) if known is not None else None
    kind, code = (known.KIND.label, str(other.code or "")) if known is not None and other is not None else ("", "")
    return Opening(member.name if member else "", author.hex()[:4], float(hour * HOUR), id.hex(), kind, code or id.hex()[:8], why)
