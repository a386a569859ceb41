"""Break-glass: a case sealed to a colleague on duty. Their vault keeps it closed until they break it, for an hour, in writing (NN-43).

What keeps it closed is their own program: whoever takes keys out of that vault with other means can open it while the duty lasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from panah import config
from panah.errors import NotFound, Refused
from panah.kernel import event, keys, log, receive, share
from panah.kernel.epochs import control, holding, let_go, shut_out
from panah.kernel.event import pack
from panah.kernel.roster import BROKEN, GLASS, RENEWED, is_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panah.kernel.roster import Device
    from panah.kernel.session import Session

MINUTES = 60
# What one sealed piece of a pane holds: a relay takes 4 MiB at once.
MOST_PIECE = 2 * 1024 * 1024
MOST_REASON = 2000


@dataclass(frozen=True, slots=True)
class Pane:
    """A case behind glass here: its code, until when, and who laid it there."""

    id: str
    label: str
    until: float
    by: str


@dataclass(frozen=True, slots=True)
class Break:
    """Somebody broke the glass of a case."""

    who: str
    member: str
    at: float
    until: float
    reason: str


def lay(s: Session, names: Sequence[str], label: str, member: str, until: float) -> None:
    """Seal these compartments of one case to the devices of a member: their keys, and their log as it stands."""
    known = s.roster.members.get(member)
    if known is None or known.removed:
        raise NotFound("no_such_member")
    if config.ADMINISTRATOR in known.roles:
        raise Refused("not_for_keyholders")
    here = {name: s.names[name] for name in names if name in s.names}
    grants = [[tag, name, epoch, n, key] for name, tag in here.items() for epoch, n, key in sorted(s.vault.keys_of(tag))]
    whole = [pack(event.Whole(header, body)) for tag in here.values() for header, body in s.vault.segments_of(tag)]
    pieces: list[list[bytes]] = [[]]
    for one in whole:
        if pieces[-1] and sum(map(len, pieces[-1])) + len(one) > MOST_PIECE:
            pieces.append([])
        pieces[-1].append(one)
    pane = keys.random(16)
    with s.vault.change():
        for device in s.roster.devices_of(member):
            for piece in pieces:
                fields: dict[str, Any] = {"label": label, "until": int(until), "grants": grants, "segments": piece}
                _send(s, control(s, GLASS, pane, **fields), device)


def _send(s: Session, told: event.Event, device: Device) -> None:
    log.append(s, device.tag, [told], to=device, unread=True)


def panes(s: Session) -> list[Pane]:
    """What is behind glass here and whose duty is not over, each once."""
    found: dict[str, Pane] = {}
    for _, id, label, until, author in s.panes():
        by = s.roster.member_of(author)
        if until > s.now() and by is not None and not by.removed:
            found[id.hex()] = Pane(id.hex(), label, float(until), by.name)
    return sorted(found.values(), key=lambda p: (p.until, p.label))


def break_(s: Session, pane: str, reason: str) -> list[str]:
    """Open a case that is behind glass, for an hour; the names of its compartments. The reason stands in the case, under this member's name."""
    reason = reason.strip()[:MOST_REASON]
    if not reason:
        raise Refused("reason_missing")
    if config.ADMINISTRATOR in s.me.roles:
        raise Refused("not_for_keyholders")
    if not any(p.id == pane for p in panes(s)):
        raise NotFound("duty_is_over")
    s.meet_first()
    with s.vault.change():
        opened: dict[bytes, str] = {}
        segments: list[bytes] = []
        for id, of, _, _, author in s.panes():
            if of.hex() == pane and (row := s.vault.whole_segment(id)) is not None:
                e = _pane_event(s, row, author)
                carried = e.set.get("segments")
                segments += [one for one in carried if isinstance(one, bytes)] if isinstance(carried, list) else []
                opened |= _take_keys(s, e.set.get("grants"), author)
        if not opened:
            raise NotFound("duty_is_over")
        receive.receive(s, segments, "glass")
        receive.retry(s)  # what was here before and was closed again
        until = s.now() + MINUTES * 60
        for tag in opened:
            log.append(s, tag, [control(s, BROKEN, keys.random(16), reason=reason, until=int(until))])
            s.set_broken(tag, until, reason)
        return sorted(opened.values())


def _pane_event(s: Session, row: tuple[bytes, bytes], author: bytes) -> event.Event:
    segment = event.read_header(*row)
    content = event.verify(segment, event.open_direct(segment, s.identity), s.roster.devices[author].verify_key)
    return next(e for e in content.events if e.kind == GLASS)


def _take_keys(s: Session, grants: object, author: bytes) -> dict[bytes, str]:
    # What somebody else's program wrote. A case that is held here already needs no breaking, and an erased one stays erased.
    found: dict[bytes, str] = {}
    for one in grants if isinstance(grants, list) else ():
        if not isinstance(one, list) or len(one) != 5:
            continue
        tag, name, epoch, n, key = one
        if not (
            is_tag(tag) and is_tag(epoch) and isinstance(key, bytes) and len(key) == 32 and type(n) is int and 0 < n < 1 << 32
        ):
            continue
        if not isinstance(name, str) or "/" not in name or len(name) > share.MOST_NAME or s.is_erased(tag) or tag in s.desk_tags:
            continue
        if tag in found or (name not in s.names and tag not in s.ring):
            s.add_key(tag, name, epoch, n, key, author)
            found[tag] = name
    return found


def close_due(s: Session) -> None:
    """Close again what was broken an hour ago, unless it was handed over meanwhile."""
    due = [tag for tag, until, _ in s.broken() if until <= s.now()]
    if not due:
        return
    with s.vault.change():
        for tag in due:
            name = s.name_of(tag)
            s.drop_broken(tag)
            if name and s.identity.tag not in holding(s, tag) and not any(s.of_desk(d) for d in share.desks(s, name)):
                let_go(s, tag)


def ends(s: Session, name: str) -> float | None:
    """Until when a compartment is open by a broken glass; None if it is held otherwise, or not at all."""
    tag = s.names.get(name)
    return next((until for known, until, _ in s.broken() if known == tag), None)


def why(s: Session, name: str) -> str:
    """The reason with which a compartment was broken here, or the empty string."""
    tag = s.names.get(name)
    return next((reason for known, _, reason in s.broken() if known == tag), "")


def to_review(s: Session, name: str) -> list[Break]:
    """The times that the glass of a compartment was broken since its key was last made anew, the newest first."""
    tag = s.names.get(name)
    if tag is None:
        return []
    renewed = max((a.event.at for a in s.vault.control_events(tag, (RENEWED,))), default=0)
    found = []
    for a in s.vault.control_events(tag, (BROKEN,)):
        reason, until, by = a.event.set.get("reason"), a.event.set.get("until"), s.roster.member_of(a.author)
        if a.event.at > renewed and isinstance(reason, str) and type(until) is int and by is not None and 0 < until < 1 << 40:
            found.append(Break(by.name, by.id, (a.event.at >> 16) / 1000, float(until), reason))
    return found[::-1]


def renew(s: Session, names: Sequence[str]) -> None:
    """After the review: a new key for what comes next, which nobody has behind glass."""
    with s.vault.change():
        for name in [name for name in names if name in s.names]:
            shut_out(s, name, s.names[name], set())
