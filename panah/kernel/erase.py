"""Erase a case: its keys die on every device, its ciphertext is dropped, the chain of the log still stands, and every device says when it is done.

Two people decide, so that no single device can destroy what the team knows: `_erase` by two members, one of whom holds the desk that
always has the case's key. What a desk's own compartment holds about it (the first message) is dropped there as well, record by record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panah.errors import Refused
from panah.kernel import blobs, event, keys, log, share
from panah.kernel.roster import ERASE, ERASED, KEEP, Erasure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panah.kernel.session import Session


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an erasure stands. Names nobody whose case it was: the mark is random."""

    mark: str
    asked_by: str
    approved_by: str
    done: tuple[str, ...]
    pending: tuple[str, ...]


def ask(s: Session, name: str, also: Iterable[bytes] = ()) -> None:
    """Ask for the erasure of a compartment and of the records `also` that desks keep about it, or approve what a colleague asked.

    Refused("erasure_asked_already") to the same person twice. A team of one decides alone: there is nobody else.
    """
    tag = s.names.get(name)
    if tag is None or "/" not in name:
        raise Refused("no_key_here")
    known = s.roster.erasures.get(tag)
    if known is not None and s.me.id in known.by:
        raise Refused("erasure_asked_already")
    with s.vault.change():
        wishes = [_wish(s, name, tag, sorted(set(also)))]
        # The narrower areas of the case go with it, also those that this member cannot open.
        for part in _areas(s, name):
            wishes.append(_wish(s, part, s.names.get(part) or keys.part_tag(part), []))
        for wish in wishes:
            log.append(s, s.names["team"], [wish])
        s.load_roster()
        carry_out(s)


def _areas(s: Session, name: str) -> list[str]:
    opened, _, case = name.partition("/")
    return [f"{area}/{case}" for area in s.areas_of_case()] if opened in s.opened else []


def _wish(s: Session, name: str, tag: bytes, also: list[bytes]) -> event.Event:
    held = share.holding(s, tag) | {d.tag for desk in s.desks_of(name) for d in s.roster.desk(desk)}
    devices = sorted(held - s.roster.removed)
    return share.control(s, ERASE, keys.random(16), tag=tag, records=also, devices=devices)


def keep(s: Session, name: str) -> None:
    """Say no to an erasure that a colleague asked for. Refused("erasure_not_asked") where there is nothing to say no to."""
    tag = s.names.get(name, b"")
    if tag not in s.roster.erasures:
        raise Refused("erasure_not_asked")
    with s.vault.change():
        for one in (tag, *(s.names.get(part) or keys.part_tag(part) for part in _areas(s, name))):
            log.append(s, s.names["team"], [share.control(s, KEEP, keys.random(16), tag=one)])
        s.load_roster()


def carry_out(s: Session) -> None:
    """Do here what the team has decided, once. Call inside a change."""
    for tag, erasure in s.roster.erasures.items():
        if erasure.decided and not s.is_erased(tag):
            # Who was counted in and never had the key is done as well: nothing of it can come any more.
            held = tag in s.ring or s.identity.tag in erasure.devices
            _destroy(s, tag, erasure)
            if held:
                log.append(s, s.names["team"], [share.control(s, ERASED, keys.random(16), tag=tag)])
                s.load_roster()


def _destroy(s: Session, tag: bytes, erasure: Erasure) -> None:
    home, touched = s.vault.records_in(tag)
    records = home | erasure.records
    for record in records:
        # Also the files that a record named before another took their place.
        for id in {id for e in s.vault.events_of(record) for id in blobs.named_in(e.event.set)}:
            s.vault.drop_blob(id)
        s.vault.drop_drafts_about(record.hex())
    s.vault.erase_events(records, tag)
    s.vault.erase_compartment(tag)
    s.forget(tag, records)
    s.refold(records | touched)
    s.vault.sweep_words()
    s.vault.set_meta("rekey", b"1")
    s.vault.set_meta("compact", b"1")


def receipts(s: Session) -> list[Receipt]:
    """Every erasure that was asked for, the newest first."""
    found = []
    for tag, e in sorted(s.roster.erasures.items(), key=lambda item: -item[1].at):
        names = {d: f"{m.name}" for d in e.devices | e.done if (m := s.roster.member_of(d)) is not None}
        by = [s.roster.members[m].name if m in s.roster.members else "" for m in e.by]
        found.append(
            Receipt(
                tag.hex(),
                by[0],
                by[1] if len(by) > 1 else "",
                tuple(sorted(names.get(d, "") for d in e.done)),
                tuple(sorted(names.get(d, "") for d in e.devices - e.done - s.roster.removed)),
            )
        )
    return found
