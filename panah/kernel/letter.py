"""Hand a record in at a desk whose key one does not hold: sealed to each of its devices, and readable nowhere else, not even here.

Knows no record type: a declaration says which records may be handed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from panah.errors import Invalid, Refused
from panah.kernel import event, keys, log, rows, share
from panah.kernel.fold import Authored
from panah.kernel.roster import LETTER, TAKEN
from panah.schema import readable

if TYPE_CHECKING:
    from panah.kernel.session import Session


def post(s: Session, record: rows.RecordLike) -> str:
    """Keep a record at its desk, or seal what was entered to each device of the desk; gives its id. Nothing of it can be read here afterwards.

    Refused("nobody_at_that_desk") where nobody would ever read it.
    """
    desk = record.KIND.compartment
    if s.of_desk(desk):
        return s.save(record).id
    s.meet_first()
    s.require_team()
    if not record.KIND.posted:
        raise Refused("no_key_here")
    devices = [d for d in s.roster.desk(desk) if d.recipient]
    if not devices:
        raise Refused("nobody_at_that_desk")
    record.id = record.id or s.new_id()
    entered = rows.changed(record)
    if problems := record.problems(entered.keys()):
        raise Invalid("record_has_problems", tuple(problems))
    letter = keys.random(16)
    with s.vault.change():
        for device in devices:
            fields = {"letter": letter, "type": record.KIND.name, "set": entered}
            told = share.control(s, LETTER, bytes.fromhex(record.id), **fields)
            log.append(s, device.tag, [told], to=device, unread=True)
    return record.id


def take(s: Session) -> None:
    """Keep at our desks what was handed in for them, once on whichever of their devices meets it first."""
    begun: dict[bytes, str] = {}
    with s.vault.change():
        for a in s.vault.control_events(s.identity.tag, (LETTER,)):
            member = s.roster.member_of(a.author)
            if member is None:
                continue
            # Who began a record may add to it; nobody else hands in a change of it.
            if begun.get(a.event.record, member.id) == member.id:
                _take(s, a, further=a.event.record in begun)
            begun.setdefault(a.event.record, member.id)


def _take(s: Session, a: Authored, *, further: bool) -> None:
    v, id = a.event.set, a.event.record
    letter, cls, given = v.get("letter"), s.types.get(str(v.get("type"))), v.get("set")
    if cls is None or not cls.KIND.posted or not isinstance(letter, bytes) or len(letter) != 16 or not isinstance(given, dict):
        return
    desk, row = s.names.get(cls.KIND.compartment), s.vault.row(id)
    if desk is None or s.vault.has_event(letter, desk) or s.is_erased(id):
        return
    if row is not None and (row.kind != cls.KIND.name or not further):
        return  # no letter began it, so it is the desk's own
    record: Any = cls(id=id.hex()) if row is None else s.get(cls, id.hex())
    for f in cls.KIND.fields:
        if f.name in given and readable(f, rows.as_field(given[f.name])):
            setattr(record, f.name, rows.as_field(given[f.name]))
    try:
        s.save(record)
    except Invalid as e:
        log.hold(s, event.pack([a.event.record, v]), "letter", e.code, carried=True)
    log.append(s, desk, [share.control(s, TAKEN, letter)])
