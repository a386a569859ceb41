"""End somebody's access to a case, and restrict a case to named people. What was read cannot be unread; what is written from then on is theirs no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panah.errors import NotFound, Refused
from panah.kernel import fold, keys, log, share
from panah.kernel.epochs import MOST_NAMED, give_device, grant_to_desk, holding, only, shut_out
from panah.kernel.event import Event
from panah.kernel.roster import ONLY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panah.kernel.session import Session


def given(s: Session, name: str) -> set[str]:
    """The members that were given a compartment's key themselves, whatever desk they are of."""
    held = holding(s, s.names[name]) - s.roster.removed
    return {s.roster.devices[t].member for t in held if t in s.roster.devices}


def end(s: Session, names: Iterable[str], member: str) -> None:
    """End a member's access to these compartments: a new key for what comes after. Refused where nobody would be left to open them."""
    devices = {d.tag for d in s.roster.devices.values() if d.member == member}
    with s.vault.change():
        for name in [name for name in names if name in s.names]:
            tag = s.names[name]
            gone = devices & holding(s, tag)
            if not gone:
                continue
            if not any(m.id != member for m in share.holders(s, name)):
                raise Refused("case_needs_a_holder")
            shut_out(s, name, tag, gone)
            s.note("leaving", tag)
        share.tend(s)


def restrict(s: Session, names: Iterable[str], members: Iterable[str]) -> None:
    """Seal these compartments to exactly these members from now on: to no desk, and to nobody else who held them."""
    named = sorted(set(members))
    if not named or len(named) > MOST_NAMED or any(m not in s.roster.members or s.roster.members[m].removed for m in named):
        raise NotFound("no_such_member")
    with s.vault.change():
        for name in [name for name in names if name in s.names]:
            _close(s, name, s.names[name], named)
        share.tend(s)


def _close(s: Session, name: str, tag: bytes, named: list[str]) -> None:
    # The list replaces those that this vault has seen; of two that were written apart, only who is in both counts.
    writes = fold.writes_of(s.vault.control_events(tag, (ONLY,))).get("members", [])
    base = [(w.stamp.at, w.stamp.author) for w in fold.standing(writes)]
    log.append(s, tag, [Event(keys.random(16), ONLY, s.tick(), {"members": named}, {"members": sorted(base)} if base else {})])
    held = holding(s, tag)
    stay = {d.tag for m in named for d in s.roster.devices_of(m)}
    for device in [d for d in s.roster.devices.values() if d.tag in stay - held]:
        give_device(s, tag, name, device)
    shut_out(s, name, tag, held - stay)
    s.note("leaving", tag)
    s.vault.add_resend(tag, keys.random(8))


def widen(s: Session, names: Iterable[str]) -> None:
    """Take back a restriction: the desks that always hold the case get its keys again."""
    with s.vault.change():
        for name in [name for name in names if name in s.names]:
            tag = s.names[name]
            writes = fold.writes_of(s.vault.control_events(tag, (ONLY,))).get("members", [])
            base = sorted((w.stamp.at, w.stamp.author) for w in fold.standing(writes))
            log.append(s, tag, [Event(keys.random(16), ONLY, s.tick(), {"members": []}, {"members": base})])
            for standing in s.desks_of(name):
                grant_to_desk(s, tag, name, standing)
            s.vault.add_resend(tag, keys.random(8))


def begin_part(s: Session, name: str) -> bytes:
    """Begin an area of a case; of a restricted one for the same people, and for no desk."""
    case = name.partition("/")[2]
    named = next((m for area in sorted(s.opened) if (t := s.names.get(f"{area}/{case}")) and (m := only(s, t)) is not None), None)
    if named is None:
        return share.create(s, name, s.desks_of(name), keys.part_tag(name))
    tag = share.create(s, name, (), keys.part_tag(name))
    _close(s, name, tag, sorted(named))
    return tag


def of(s: Session, name: str) -> list[str] | None:
    """The members a compartment is restricted to, or None."""
    tag = s.names.get(name)
    named = only(s, tag) if tag is not None else None
    return None if named is None else sorted(named)
