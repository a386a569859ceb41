"""Hand out keys: make compartments, give them to people, take up grants that arrive, and keep every desk's keys where its roles say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panah import config
from panah.errors import NotFound, Refused
from panah.kernel import keys, log
from panah.kernel.epochs import control as control
from panah.kernel.epochs import decides, desk_logs, give_device, grant_to_desk, let_go, make_up, new_epoch, only, pay, shut_out
from panah.kernel.epochs import desks as desks
from panah.kernel.epochs import holding as holding
from panah.kernel.event import Content, Event, Segment
from panah.kernel.roster import CUT, GRANT, HEARD, HOLDER, IN_TEAM, LEFT, ONLY, RENEWED, Member, is_tag
from panah.schema import Value

if TYPE_CHECKING:
    from panah.kernel.session import Session


MOST_NAME = 200
# A key so far beyond the newest one known is none: nobody plants a number that no rotation could get past.
MOST_AHEAD = 1000


def may_begin(s: Session, name: str) -> bool:
    """Whether this member may begin an area of a case: from a desk that always holds it; from the case where its own desk reads the area too.

    Who holds the case alone begins no narrower area: it would be theirs to read.
    """
    case, held_by = name.partition("/")[2], s.desks_of(name)
    if any(s.of_desk(desk) for desk in held_by):
        return True
    cases = [f"{area}/{case}" for area in s.opened]
    return any(case in s.names and set(s.desks_of(case)) & set(held_by) for case in cases)


def create(s: Session, name: str, held_by: tuple[str, ...], tag: bytes = b"") -> bytes:
    """Make a compartment and give its key to the desks that always hold it and to our own devices. Call inside a change."""
    if name in s.names:
        raise Refused("compartment_exists")
    if not tag or s.name_of(tag) or s.is_erased(tag):
        tag = keys.random(keys.TAG_BYTES)
    new_epoch(s, tag, name, 1)
    for standing in held_by:
        grant_to_desk(s, tag, name, standing)
    for device in s.roster.devices_of(s.me.id):
        give_device(s, tag, name, device)
    return tag


def give(s: Session, name: str, member: str) -> None:
    """Hand a compartment's keys to every device of a member, and carry its log to them again."""
    tag = s.names.get(name)
    if tag is None:
        raise Refused("no_key_here")
    known = s.roster.members.get(member)
    if known is None or known.removed:
        raise NotFound("no_such_member")
    named = only(s, tag)
    if named is not None and member not in named:
        raise Refused("case_is_restricted")
    devices = [d for d in s.roster.devices_of(member) if d.tag not in holding(s, tag)]
    with s.vault.change():
        for device in devices:
            give_device(s, tag, name, device)
        if devices:
            s.vault.add_resend(tag, keys.random(8))


def holders(s: Session, name: str) -> list[Member]:
    """Everyone who can open a compartment: those it was given to, and the desk that always holds it."""
    tag = s.names.get(name)
    if tag is None:
        raise NotFound("no_such_compartment")
    devices = holding(s, tag) | {d.tag for desk in desks(s, name) for d in s.roster.desk(desk)}
    members = {
        m.id: m for t in devices if (m := s.roster.member_of(t)) is not None and not m.removed and t not in s.roster.removed
    }
    return sorted(members.values(), key=lambda m: m.name)


def could_open(s: Session, devices: set[bytes]) -> dict[str, float]:
    """The compartments whose keys any of these devices was ever given, as far as this vault can see: whom a loss concerns (NN-101).

    For each the moment it was first given, in UTC seconds; 0 where a desk's members hold it by their role, from its first day.
    """
    found = {}
    for name, tag in s.names.items():
        held = [a.event for a in s.vault.control_events(tag, (HOLDER,)) if a.event.set.get("device") in devices]
        members = {s.roster.devices[d].member for d in devices if d in s.roster.devices}
        by_role = any(
            s.roster.may_hold(s.roster.members[m], desk) for m in members if m in s.roster.members for desk in desks(s, name)
        )
        if held or by_role:
            found[name] = min(((e.at >> 16) / 1000 for e in held), default=0.0)
    return dict(sorted(found.items()))


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
        for desk in desk_logs(s):
            s.note("given", desk)
    if any(e.kind in (LEFT, ONLY) for e in content.events):
        s.note("leaving", tag)
    if any(e.kind in (HOLDER, RENEWED) for e in content.events):
        s.note("given", tag)
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
    if "/" in name and tag in s.desk_tags:
        return False
    if author in holding(s, tag):
        return True
    held_by = (s.desks_of(name) if unknown else desks(s, name)) if "/" in name else (name,)
    if any(s.roster.may_hold(member, desk) for desk in held_by):
        return True
    if "/" not in name and s.roster.ever_held(member.id, name):
        return True  # the last of a desk hands on what is kept under its earlier keys; nothing is written under theirs, see _tend_desk
    return (unknown and ("/" in name or "keyholder" in member.roles)) or ("/" not in name and author == s.founder.tag)


def tend(s: Session) -> None:
    """Do what a holder owes the others: keys to new devices of a desk, a new epoch after somebody left; and let go of what is not ours.

    Runs after every sync and after every change of the roster; does nothing when nothing is owed.
    """
    if s.identity.tag in s.roster.removed:
        return  # nobody takes anything from us; and should the removal turn out to be none, nothing was made that the others lack
    with s.vault.change():
        _bear_witness(s)
        _begin_desks(s)
        mine = s.roster.devices_of(s.me.id)
        for name, tag in sorted(s.names.items()):
            if "/" not in name:
                _tend_desk(s, name, tag)
                continue
            if not s.roster.removed and len(mine) < 2:
                continue  # nothing is owed to a case unless someone left the team, or has another device
            held = holding(s, tag)
            if s.identity.tag in held:
                for device in [d for d in mine if d.tag not in held]:
                    give_device(s, tag, name, device)
                    s.vault.add_resend(tag, keys.random(8))
            gone = held & s.roster.removed
            if gone:
                shut_out(s, name, tag, gone)
        for tag in s.take_noted("given"):
            make_up(s, tag)
        pay(s)
        _cut_writers(s)
        _relay_grants(s)
        _leave(s)


def _cut_writers(s: Session) -> None:
    """Where a removed author wrote without having been handed the key, as through a desk that always holds it, their part ends as well.

    Else those who had read the last of it would keep it, and the others would wait for it for ever.
    """
    for author in sorted(s.roster.removed):
        for tag in s.vault.written_by(author):
            if tag in s.ring and author not in cuts(s, tag):
                heads = sorted(id for by, id, _ in s.vault.heads(tag) if by == author)
                log.append(s, tag, [control(s, CUT, keys.random(16), author=author, heads=heads)])


def _begin_desks(s: Session) -> None:
    """A desk's first key is made by its own first device: nobody else ever held it (NN-40, NN-44).

    Where two begin it far from each other both mean the same compartment, and each gives the other its key.
    """
    for standing in config.STANDING:
        if standing in s.names or not s.roster.may_hold(s.me, standing) or standing == "team":
            continue
        first = min(s.roster.desk(standing), key=lambda d: (d.at, d.tag), default=None)
        if first is not None and first.tag == s.identity.tag:
            create(s, standing, (), s.desk_tag(standing))


def _tend_desk(s: Session, name: str, tag: bytes) -> None:
    held, desk = holding(s, tag), s.roster.desk(name)
    for device in desk:
        if device.tag not in held and device.recipient:
            give_device(s, tag, name, device)
            s.vault.add_resend(tag, keys.random(8))
    if not s.of_desk(name):
        return
    rightful = {d.tag for d in desk}
    gone = {d for d in held if d in s.roster.devices and d not in rightful}
    # A key that somebody gave who is not of the desk is one that they have as well: nothing is written under it.
    if gone or (name != "team" and s.vault.giver_of(tag, s.writing_key(tag)[0]) not in rightful):
        shut_out(s, name, tag, gone)


def _leave(s: Session) -> None:
    """Let go of the desks whose role this member lost, and of the cases that they were shut out of, once others hold them."""
    lost = False
    for name, tag in [(n, t) for n, t in s.names.items() if "/" not in n and not s.of_desk(n)]:
        if {d.tag for d in s.roster.desk(name)} & holding(s, tag):
            let_go(s, tag)
            lost = True
    for tag in set(s.ring) if lost else s.take_noted("leaving"):
        name = s.name_of(tag)
        if "/" in name and _is_out(s, name, tag, lost=lost):
            let_go(s, tag)


def _is_out(s: Session, name: str, tag: bytes, *, lost: bool) -> bool:
    named = only(s, tag)
    if named is not None:
        if s.me.id in named:
            s.vault.drop_grants(tag, desk_logs(s))
        return s.me.id not in named
    if s.identity.tag in holding(s, tag) or any(s.of_desk(desk) for desk in s.desks_of(name)):
        return False
    # Who holds the case too may write that a colleague left it; only a word of that colleague's own, or of the desk's, makes them let go.
    left = [a.author for a in s.vault.control_events(tag, (LEFT,)) if a.event.set.get("device") == s.identity.tag]
    mine = {d.tag for d in s.roster.devices_of(s.me.id)}
    return lost or any(author in mine or decides(s, tag, author) for author in left)


def _bear_witness(s: Session) -> None:
    """Write down which statement of the recovery authority this device heard first: backdated rivals come too late then."""
    if not s.roster.statements or s.identity.tag not in s.roster.devices or s.identity.tag in s.roster.removed:
        return
    team = s.names["team"]
    told = {a.event.set.get("n") for a in s.vault.control_events(team, (HEARD,)) if a.author == s.identity.tag}
    for said in s.roster.statements:
        if said.n not in told:
            log.append(s, team, [control(s, HEARD, keys.random(16), n=said.n, of=said.id)])
            s.load_roster()


def _relay_grants(s: Session) -> None:
    """A grant that came to this device for a desk is logged in the desk's compartment, so that its next member gets it too."""
    for a in s.vault.control_events(s.identity.tag, (GRANT,)):
        # Under our own name goes on what we believe ourselves: the key of a case that we hold, for a desk that holds it always.
        v, into = a.event.set, str(a.event.set.get("into", ""))
        standing = s.names.get(into)
        if standing is None or not _is_grant(a.event) or into not in desks(s, v["name"]) or "/" not in v["name"]:
            continue
        if s.ring.get(v["tag"], {}).get(v["epoch"]) != v["key"]:
            continue
        if not s.vault.has_event(a.event.record, standing):
            fields = {k: v for k, v in a.event.set.items() if k != "into"}
            log.append(s, standing, [Event(a.event.record, GRANT, s.tick(), fields)])
