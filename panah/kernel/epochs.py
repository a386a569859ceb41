"""The keys of one compartment: who is given them, who holds them, who left, when they are made anew, how a vault lets go of them.

Access is possession. A grant is an ordinary event: inside the standing compartment that always holds the key, or sealed to one device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panah.errors import Unreadable
from panah.kernel import fold, keys, log
from panah.kernel.event import Event, pack, unpack
from panah.kernel.roster import CUT, GIVEN, GRANT, HOLDER, LEFT, ONLY, RENEWED, Device, is_tag
from panah.schema import Value

if TYPE_CHECKING:
    from panah.kernel.session import Session

MOST_NAMED = 100


def control(s: Session, kind: str, record: bytes, **fields: Value) -> Event:
    """A control event, stamped now."""
    return Event(record, kind, s.tick(), fields)


def new_epoch(s: Session, tag: bytes, name: str, n: int) -> None:
    """A new key of a compartment, held here alone until it is given on. Call inside a change, like all below."""
    s.add_key(tag, name, keys.random(keys.TAG_BYTES), n, keys.random(32), s.identity.tag)


def grants(s: Session, tag: bytes, name: str) -> list[Event]:
    """All keys of a compartment, in the order of their numbers: a reader believes none that is far beyond those it knows."""
    held = sorted((n, epoch, key) for epoch, n, key in s.vault.keys_of(tag))
    return [control(s, GRANT, tag + epoch, name=name, tag=tag, epoch=epoch, n=n, key=key) for n, epoch, key in held]


def grant_to_desk(s: Session, tag: bytes, name: str, standing: str) -> None:
    """Give a case's keys to a desk: in its log, or to each of its devices; where the desk has nobody yet, when it has."""
    if s.of_desk(standing):
        # One grant a segment, so that erasing one case can drop just this body.
        for grant in grants(s, tag, name):
            log.append(s, s.names[standing], [grant])
        return
    devices = [d for d in s.roster.desk(standing) if d.tag != s.identity.tag]
    for device in devices:
        send(s, [Event(g.record, g.kind, g.at, {**g.set, "into": standing}) for g in grants(s, tag, name)], device)
    if not devices:
        s.vault.set_meta("owed", pack([*owed(s), [tag, standing]]))


def owed(s: Session) -> list[list[bytes | str]]:
    """[tag, desk] of every case whose keys a desk gets as soon as it has somebody."""
    return unpack(s.vault.meta("owed") or pack([]))  # type: ignore[no-any-return]


def pay(s: Session) -> None:
    """Give a desk that has its first member the keys of the cases that were opened before."""
    due = [(tag, desk) for tag, desk in owed(s) if s.roster.desk(str(desk))]
    if not due:
        return
    s.vault.set_meta("owed", pack([one for one in owed(s) if not s.roster.desk(str(one[1]))]))
    for tag, desk in due:
        name = s.name_of(bytes(tag)) if isinstance(tag, bytes) else ""
        if isinstance(tag, bytes) and name and only(s, tag) is None:
            grant_to_desk(s, tag, name, str(desk))
            s.vault.add_resend(tag, keys.random(8))


def give_device(s: Session, tag: bytes, name: str, device: Device) -> None:
    """Give a compartment's keys to one device, and write down in it that it holds them."""
    if device.tag != s.identity.tag and not send(s, grants(s, tag, name), device):
        return
    log.append(s, tag, [control(s, HOLDER, keys.random(16), device=device.tag, epochs=sorted(s.ring[tag]))])


def send(s: Session, events: list[Event], device: Device) -> bool:
    """Seal grants to a device. A key that nothing can be sealed to gets none, and keeps nobody else from theirs."""
    try:
        log.append(s, device.tag, events, to=device)
    except Unreadable as e:
        if e.code != "recipient_malformed":
            raise
        return False
    return True


def holding(s: Session, tag: bytes) -> set[bytes]:
    """The devices that were given the keys of a compartment and have not left it.

    What somebody writes about holders after they left does not count, unless the desk that holds it is theirs.
    """
    held: set[bytes] = set()
    left: set[bytes] = set()
    for a in s.vault.control_events(tag, (HOLDER, LEFT)):
        device = a.event.set.get("device")
        if not is_tag(device):
            continue
        if a.event.kind == LEFT:
            held.discard(device)
            left.add(device)
        elif a.author not in left or decides(s, tag, a.author):
            held.add(device)
            left.discard(device)
    return held


def decides(s: Session, tag: bytes, author: bytes) -> bool:
    """Whether a device's member has, or once had, a role whose desk always holds this compartment: what they decided then stays decided."""
    name, by = s.name_of(tag), s.roster.devices.get(author)
    desks = s.desks_of(name) if "/" in name else (name,)
    return by is not None and any(s.roster.ever_held(by.member, desk) for desk in desks)


def only(s: Session, tag: bytes) -> set[str] | None:
    """The members that a case is restricted to, or None. What several decided, not knowing of each other: who is in each of their lists.

    Counts from the desk that always holds the case, and from who opened it. Lists with nobody in common: the earliest.
    """
    said = [a for a in s.vault.control_events(tag, (ONLY,)) if _is_list(a.event) and _may_close(s, tag, a.author)]
    lists = [set(w.value) for w in fold.standing(fold.writes_of(said)["members"])] if said else []
    lists = [one for one in lists if one]  # an empty one takes a restriction back; whoever restricts it anew counts
    return (set.intersection(*lists) or lists[0]) if lists else None


def _is_list(e: Event) -> bool:
    members = e.set.get("members")
    return isinstance(members, list) and len(members) <= MOST_NAMED and all(isinstance(m, str) for m in members)


def _may_close(s: Session, tag: bytes, author: bytes) -> bool:
    opened = s.vault.control_events(tag, (HOLDER,))[:1]
    return decides(s, tag, author) or any(a.author == author for a in opened)


def desks(s: Session, name: str) -> tuple[str, ...]:
    """The desks that hold a compartment whoever else does: its own; of a case those that its type names, unless it is restricted."""
    if "/" not in name:
        return (name,)
    tag = s.names.get(name)
    return () if tag is not None and only(s, tag) is not None else s.desks_of(name)


def shut_out(s: Session, name: str, tag: bytes, gone: set[bytes]) -> None:
    """Write down that these devices left, and start an epoch that they do not get. Of the removed, also where their part ends."""
    for author in sorted(gone):
        events = [control(s, LEFT, keys.random(16), device=author)]
        if author in s.roster.removed:
            heads = [id for by, id, _ in s.vault.heads(tag) if by == author]
            events.insert(0, control(s, CUT, keys.random(16), author=author, heads=heads))
        log.append(s, tag, events)
    new_epoch(s, tag, name, 1 + max(n for _, n, _ in s.vault.keys_of(tag)))
    for standing in desks(s, name) if "/" in name else ():
        grant_to_desk(s, tag, name, standing)
    stay = holding(s, tag) - s.roster.removed - {s.identity.tag}
    for device in [d for d in s.roster.devices.values() if d.tag in stay]:
        send(s, grants(s, tag, name), device)
    log.append(s, tag, [control(s, RENEWED, keys.random(16), epoch=s.writing_key(tag)[0], to=sorted(stay))])


def make_up(s: Session, tag: bytes) -> None:
    """Give the keys that a holder lacks because of two acts that did not know of each other: one gave a device the case, another made a
    new key for those it knew of. Whoever gave, and whoever made, does it; where both have left, whoever has the key. What they wrote down
    before keys were named counts as all of them.
    """
    name, named = s.name_of(tag), only(s, tag)
    rightful = {d.tag for d in s.roster.desk(name)} if "/" not in name else set(s.roster.devices)
    makers: dict[bytes, bytes] = {}
    given: dict[bytes, set[bytes]] = {}
    givers: dict[bytes, set[bytes]] = {}
    for a in s.vault.control_events(tag, (HOLDER, GIVEN, RENEWED)):
        v = a.event.set
        if a.event.kind == RENEWED:
            for epoch in _tags([v.get("epoch")]):
                makers[epoch] = a.author
            for to in _tags(v.get("to")):
                given.setdefault(to, set()).update(_tags([v.get("epoch")]))
        elif is_tag(v.get("device")):
            given.setdefault(v["device"], set()).update(_tags(v.get("epochs")) if "epochs" in v else s.ring[tag])
            givers.setdefault(v["device"], set()).add(a.author)
    for to in sorted((holding(s, tag) & rightful) - s.roster.removed - {s.identity.tag}):
        device = s.roster.devices.get(to)
        lacks = s.ring[tag].keys() - given.get(to, set())
        owe = {
            *givers.get(to, ()),
            *(makers[epoch] for epoch in lacks if epoch in makers),
        } & s.roster.devices.keys() - s.roster.removed
        if (
            device is None
            or not lacks
            or (owe and s.identity.tag not in owe)
            or (named is not None and device.member not in named)
        ):
            continue
        if send(s, grants(s, tag, name), device):
            # Not as a holder: somebody may have ended their access meanwhile, and that stands.
            log.append(s, tag, [control(s, GIVEN, keys.random(16), device=to, epochs=sorted(s.ring[tag]))])
            s.vault.add_resend(tag, keys.random(8))


def _tags(value: Value) -> list[bytes]:
    return [tag for tag in value if is_tag(tag)] if isinstance(value, list) else []


def renew_if_owed(s: Session, name: str) -> None:
    """A new epoch before something is written into a case, if somebody has left a desk that holds it since the newest one was made.

    A desk may hold 200,000 cases: each gets its new key when it is written to, by whoever does.
    """
    if "/" not in name or not s.roster.lost:
        return
    tag = s.names[name]
    lost = max((s.roster.lost.get(desk, 0) for desk in s.desks_of(name)), default=0)
    made = [a.event.at for a in s.vault.control_events(tag, (HOLDER,))[:1]]
    made += [a.event.at for a in s.vault.control_events(tag, (RENEWED,))[-1:]]
    if lost > max(made, default=lost):
        shut_out(s, name, tag, set())


def desk_logs(s: Session) -> list[bytes]:
    """The tags of the desks held here: in their logs stand the grants of cases."""
    return [tag for name, tag in s.names.items() if "/" not in name]


def let_go(s: Session, tag: bytes) -> None:
    """Forget a compartment that this member is not to hold any more: its keys, rows, words and drafts.

    The sealed bytes stay as they are, closed to us, so that what nobody was given yet is still carried; a new grant opens them again.
    """
    home, touched = s.vault.records_in(tag)
    for record in home:
        s.vault.drop_drafts_about(record.hex())
    s.vault.shut_compartment(tag, [s.identity.tag, *desk_logs(s)], list(s.roster.devices))
    s.let_go_of(tag)
    s.refold(home | touched)
    s.vault.sweep_words()
    s.vault.set_meta("rekey", b"1")
