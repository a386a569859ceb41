"""Hand out keys: make compartments, give them to people, take up grants that arrive, and keep every desk's keys where its roles say.

Access is possession. A grant is an ordinary event: inside the standing compartment that always holds the key, or sealed to one device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panah.errors import NotFound, Refused, Unreadable
from panah.kernel import keys, log
from panah.kernel.event import Content, Event, Segment
from panah.kernel.roster import CUT, GRANT, HOLDER, IN_TEAM, LEFT, Device, Member, is_tag
from panah.schema import Value

if TYPE_CHECKING:
    from panah.kernel.session import Session


MOST_NAME = 200
# A key so far beyond the newest one known is none: nobody plants a number that no rotation could get past.
MOST_AHEAD = 1000


def control(s: Session, kind: str, record: bytes, **fields: Value) -> Event:
    """A control event, stamped now."""
    return Event(record, kind, s.tick(), fields)


def may_begin(s: Session, name: str) -> bool:
    """Whether this member may begin an area of a case: from a desk that always holds it; from the case where its own desk reads the area too.

    Who holds the case alone begins no narrower area: it would be theirs to read.
    """
    case, desks = name.partition("/")[2], s.desks_of(name)
    if any(desk in s.names for desk in desks):
        return True
    cases = [f"{area}/{case}" for area in s.opened]
    return any(case in s.names and set(s.desks_of(case)) & set(desks) for case in cases)


def create(s: Session, name: str, held_by: tuple[str, ...], tag: bytes = b"") -> bytes:
    """Make a compartment and give its key to the desks that always hold it and to our own devices. Call inside a change."""
    if name in s.names:
        raise Refused("compartment_exists")
    if not tag or s.name_of(tag) or s.is_erased(tag):
        tag = keys.random(keys.TAG_BYTES)
    _new_epoch(s, tag, name, 1)
    for standing in held_by:
        _grant_to_desk(s, tag, name, standing)
    for device in s.roster.devices_of(s.me.id):
        _give_device(s, tag, name, device)
    return tag


def _new_epoch(s: Session, tag: bytes, name: str, n: int) -> None:
    s.add_key(tag, name, keys.random(keys.TAG_BYTES), n, keys.random(32), s.identity.tag)


def _grants(s: Session, tag: bytes, name: str) -> list[Event]:
    # In the order of their numbers: a reader believes none that is far beyond those it knows.
    held = sorted((n, epoch, key) for epoch, n, key in s.vault.keys_of(tag))
    return [control(s, GRANT, tag + epoch, name=name, tag=tag, epoch=epoch, n=n, key=key) for n, epoch, key in held]


def _grant_to_desk(s: Session, tag: bytes, name: str, standing: str) -> None:
    if standing in s.names:
        # One grant a segment, so that erasing one case can drop just this body.
        for grant in _grants(s, tag, name):
            log.append(s, s.names[standing], [grant])
        return
    for device in s.roster.desk(standing):
        if device.tag != s.identity.tag:
            _send(s, [_into(g, standing) for g in _grants(s, tag, name)], device)


def _into(grant: Event, standing: str) -> Event:
    return Event(grant.record, grant.kind, grant.at, {**grant.set, "into": standing})


def _give_device(s: Session, tag: bytes, name: str, device: Device) -> None:
    if device.tag != s.identity.tag and not _send(s, _grants(s, tag, name), device):
        return
    log.append(s, tag, [control(s, HOLDER, keys.random(16), device=device.tag)])


def _send(s: Session, grants: list[Event], device: Device) -> bool:
    """Seal grants to a device. A key that nothing can be sealed to gets none, and keeps nobody else from theirs."""
    try:
        log.append(s, device.tag, grants, to=device)
    except Unreadable as e:
        if e.code != "recipient_malformed":
            raise
        return False
    return True


def give(s: Session, name: str, member: str) -> None:
    """Hand a compartment's keys to every device of a member, and carry its log to them again."""
    tag = s.names.get(name)
    if tag is None:
        raise Refused("no_key_here")
    known = s.roster.members.get(member)
    if known is None or known.removed:
        raise NotFound("no_such_member")
    devices = [d for d in s.roster.devices_of(member) if d.tag not in holding(s, tag)]
    with s.vault.change():
        for device in devices:
            _give_device(s, tag, name, device)
        if devices:
            s.vault.add_resend(tag, keys.random(8))


def holding(s: Session, tag: bytes) -> set[bytes]:
    """The devices that were given the keys of a compartment and have not left it."""
    held: set[bytes] = set()
    for a in s.vault.control_events(tag, (HOLDER, LEFT)):
        device = a.event.set.get("device")
        if is_tag(device):
            (held.add if a.event.kind == HOLDER else held.discard)(device)
    return held


def holders(s: Session, name: str) -> list[Member]:
    """Everyone who can open a compartment: those it was given to, and the desk that always holds it."""
    tag = s.names.get(name)
    if tag is None:
        raise NotFound("no_such_compartment")
    desks = {name} if "/" not in name else set(s.desks_of(name))
    devices = holding(s, tag) | {d.tag for desk in desks for d in s.roster.desk(desk)}
    members = {
        m.id: m for t in devices if (m := s.roster.member_of(t)) is not None and not m.removed and t not in s.roster.removed
    }
    return sorted(members.values(), key=lambda m: m.name)


def could_open(s: Session, devices: set[bytes]) -> list[str]:
    """The compartments whose keys any of these devices was ever given, as far as this vault can see: whom a loss concerns (NN-101)."""
    found = []
    for name, tag in s.names.items():
        given = {d for a in s.vault.control_events(tag, (HOLDER,)) if is_tag(d := a.event.set.get("device"))}
        desks = {name} if "/" not in name else set(s.desks_of(name))
        members = {s.roster.devices[d].member for d in devices if d in s.roster.devices}
        by_role = any(s.roster.may_hold(s.roster.members[m], desk) for m in members if m in s.roster.members for desk in desks)
        if given & devices or by_role:
            found.append(name)
    return sorted(found)


def cuts(s: Session, tag: bytes) -> dict[bytes, list[bytes]]:
    """Per removed author, the last accepted segments as the holders of a compartment wrote them down; an empty list accepts nothing."""
    found: dict[bytes, list[bytes]] = {}
    for a in s.vault.control_events(tag, (CUT,)):
        author, heads = a.event.set.get("author"), a.event.set.get("heads")
        if a.author not in s.roster.removed and is_tag(author) and isinstance(heads, list):
            found.setdefault(author, []).extend(head for head in heads if isinstance(head, bytes) and len(head) == 32)
    return found


def heed(s: Session, segment: Segment, content: Content) -> bool:
    """Take up the control events of a segment that now counts; True if a key came with them."""
    tag, author = segment.prefix.compartment, segment.prefix.author
    if tag == s.names.get("team") and any(e.kind in IN_TEAM for e in content.events):
        s.load_roster()
    grants = [e for e in content.events if e.kind == GRANT]
    # Whether a compartment was known is asked before the first key of it is kept: they come together, from one who gives them all.
    unknown = {v for e in grants if is_tag(v := e.set.get("tag")) and v not in s.ring}
    return sum(_take_up(s, author, e, unknown) for e in grants) > 0


def look_again(s: Session) -> bool:
    """Take up the keys that came before it was known that their giver holds the compartment; True if there are any."""
    desks = [tag for name, tag in s.names.items() if "/" not in name]
    late = [a for tag in (s.identity.tag, *desks) for a in s.vault.grants_without_key(tag)]
    return sum(_take_up(s, a.author, a.event, set()) for a in late) > 0


def _take_up(s: Session, author: bytes, e: Event, unknown: set[bytes]) -> bool:
    v = e.set
    if not _is_grant(e) or v["epoch"] in s.ring.get(v["tag"], ()) or not _may_grant(s, author, v, v["tag"] in unknown):
        return False
    s.add_key(v["tag"], v["name"], v["epoch"], v["n"], v["key"], author)
    return True


def _is_grant(e: Event) -> bool:
    # Its record says which key it is, so that erasing a compartment finds every grant of it.
    v, key, name, n = e.set, e.set.get("key"), e.set.get("name"), e.set.get("n")
    return (
        is_tag(v.get("tag"))
        and is_tag(v.get("epoch"))
        and e.record == v["tag"] + v["epoch"]
        and isinstance(key, bytes)
        and len(key) == 32
        and isinstance(name, str)
        and 0 < len(name) <= MOST_NAME
        and type(n) is int
        and n > 0
    )


def out_of_place(s: Session, compartment: bytes, direct: bool, events: list[Event]) -> bool:
    """Whether there are records where none may be: what is sealed to one device would show on that one alone, and `team` holds no case.

    Of records it holds the types that are declared to be everybody's, such as forms; a type that is not known here may be a case's.
    """
    if not direct and compartment != s.names.get("team"):
        return False
    everybodys = set() if direct else {name for name, t in s.types.items() if t.KIND.compartment == "team"}
    return not all(e.kind.startswith("_") or e.kind in everybodys for e in events)


def _may_grant(s: Session, author: bytes, v: dict[str, Value], unknown: bool) -> bool:
    """Whether a grant is believed. The first key of a compartment: from any member, a desk's from the desk or an administrator.

    Every further key from who holds the compartment, or a desk that always holds it: else anyone could have us write under a key of theirs.
    """
    name, tag = v["name"], v["tag"]
    if (
        s.is_erased(tag)
        or s.names.get(name, tag) != tag
        or s.name_of(tag) not in ("", name)
        or v["n"] > s.newest(tag) + MOST_AHEAD
    ):
        return False
    member = s.roster.member_of(author)
    if member is None or member.removed or author in s.roster.removed:
        return False
    desks = s.desks_of(name) if "/" in name else (name,)
    if author in holding(s, tag) or any(s.roster.may_hold(member, desk) for desk in desks):
        return True
    return (unknown and ("/" in name or "keyholder" in member.roles)) or ("/" not in name and author == s.founder.tag)


def tend(s: Session) -> None:
    """Do what a holder owes the others: keys to new devices of a desk, a new epoch and a cut after a removal.

    Runs after every sync and after every change of the roster; does nothing when nothing is owed.
    """
    with s.vault.change():
        mine = s.roster.devices_of(s.me.id)
        for name, tag in sorted(s.names.items()):
            if "/" in name and not s.roster.removed and len(mine) < 2:
                continue  # nothing is owed to a case unless someone left the team, or has another device
            held = holding(s, tag)
            if "/" in name and s.identity.tag in held:
                for device in [d for d in mine if d.tag not in held]:
                    _give_device(s, tag, name, device)
                    s.vault.add_resend(tag, keys.random(8))
            if "/" not in name:
                for device in s.roster.desk(name):
                    if device.tag not in held and device.recipient:
                        _give_device(s, tag, name, device)
                        s.vault.add_resend(tag, keys.random(8))
            gone = held & s.roster.removed
            if gone:
                _shut_out(s, name, tag, gone)
        _relay_grants(s)


def _shut_out(s: Session, name: str, tag: bytes, gone: set[bytes]) -> None:
    """Write down where the removed devices' part ends, and start an epoch that they do not get."""
    for author in sorted(gone):
        heads = [id for by, id, _ in s.vault.heads(tag) if by == author]
        log.append(
            s,
            tag,
            [control(s, CUT, keys.random(16), author=author, heads=heads), control(s, LEFT, keys.random(16), device=author)],
        )
    _new_epoch(s, tag, name, 1 + max(n for _, n, _ in s.vault.keys_of(tag)))
    for standing in s.desks_of(name) if "/" in name else ():
        _grant_to_desk(s, tag, name, standing)
    stay = holding(s, tag) - s.roster.removed - {s.identity.tag}
    for device in [d for d in s.roster.devices.values() if d.tag in stay]:
        _send(s, _grants(s, tag, name), device)


def _relay_grants(s: Session) -> None:
    """A grant that came to this device for a desk is logged in the desk's compartment, so that its next member gets it too."""
    for a in s.vault.control_events(s.identity.tag, (GRANT,)):
        # Under our own name goes on what we believe ourselves: the key of a case that we hold, for a desk that holds it always.
        v, into = a.event.set, str(a.event.set.get("into", ""))
        standing = s.names.get(into)
        if standing is None or not _is_grant(a.event) or into not in s.desks_of(v["name"]) or "/" not in v["name"]:
            continue
        if s.ring.get(v["tag"], {}).get(v["epoch"]) != v["key"]:
            continue
        if not s.vault.has_event(a.event.record, standing):
            fields = {k: v for k, v in a.event.set.items() if k != "into"}
            log.append(s, standing, [Event(a.event.record, GRANT, s.tick(), fields)])
