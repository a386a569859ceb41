"""Who is who in the team: members, their devices, who was removed. Folded from the control events of the `team` compartment.

Pure. The founder's device is pinned when a vault is made; only it and the members with the administrator's role change the roster.
Beside it is pinned who may do so with the shares of the recovery key (authority.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from panah import config
from panah.kernel import authority
from panah.kernel.authority import Statement
from panah.kernel.event import Event
from panah.kernel.fold import Authored
from panah.kernel.keys import RECIPIENT, TAG_BYTES

# Kinds of control events. In `team`:
TEAM, MEMBER, DEVICE, REMOVED = "_team", "_member", "_device", "_removed"
# In any compartment: who was given its keys, who left it, and where a removed author's part of it ends; a new epoch, the members that a case
# is restricted to, keys given later; and which records a member opened (the work says what it means).
HOLDER, LEFT, CUT, RENEWED, ONLY, GIVEN, OPENED = "_holder", "_left", "_cut", "_renewed", "_only", "_given", "_opened"
# To one device, or inside the standing compartment that holds the key: a compartment's key. To one device: a case behind glass; and in the
# case, that the glass was broken.
GRANT, GLASS, BROKEN = "_grant", "_glass", "_broken"
# To one device of a desk: a record handed in for it; and in the desk, that it was taken in.
LETTER, TAKEN = "_letter", "_taken"
# In `team` again: a supervisor takes it upon themselves that a vault works on without having met anybody (NN-64); someone asks for or approves an erasure, someone says no before it is decided, a device says that it is done.
AWAY, ERASE, KEEP, ERASED = "_away", "_erase", "_keep", "_erased"
# And: the word of the recovery authority, and a device's word which statement it heard first.
RECOVERED, HEARD = "_recovered", "_heard"

IN_TEAM = (TEAM, MEMBER, DEVICE, REMOVED, ERASE, KEEP, ERASED, RECOVERED, HEARD)


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the team, as everyone in it sees them."""

    id: str
    name: str
    roles: tuple[str, ...]
    device: str = ""
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a member: its random tag in the log, the key it signs with and the key it opens with."""

    tag: bytes
    member: str
    verify_key: bytes
    recipient: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Founder:
    """The device that founded the team, and the first recovery authority; their keys are pinned in every vault of the team."""

    tag: bytes
    verify_key: bytes
    authority: bytes = b""

    @property
    def keys(self) -> bytes:
        """The team's name in what the recovery authority signs."""
        return self.tag + self.verify_key

    @property
    def pinned(self) -> bytes:
        """What people compare as digits."""
        return self.keys + self.authority


@dataclass(slots=True)
class Erasure:
    """The wish to erase one compartment: who decided, what goes along with it, which devices held it and which are done."""

    at: int
    by: list[str] = field(default_factory=list)
    decided: bool = False
    records: set[bytes] = field(default_factory=set)
    devices: set[bytes] = field(default_factory=set)
    done: set[bytes] = field(default_factory=set)
    of: bytes = b""  # the case that a narrower area belongs to


@dataclass(slots=True)
class Roster:
    """The team as it stands."""

    team: str = ""
    training: bool = False  # invented people only: said when the team was founded, and never taken back
    members: dict[str, Member] = field(default_factory=dict)
    devices: dict[bytes, Device] = field(default_factory=dict)
    removed: set[bytes] = field(default_factory=set)
    # Of each removed device, the devices that removed it; and the devices that had an administrator's right when they were.
    removers: dict[bytes, set[bytes]] = field(default_factory=dict)
    administered: set[bytes] = field(default_factory=set)
    erasures: dict[bytes, Erasure] = field(default_factory=dict)
    # The roles that a member has or had; and when a desk last lost somebody, or one of their devices.
    ever: dict[str, set[str]] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    # The recovery authorities, the one that counts last; the recipient of backups and since when; who heard which statement first; devices for
    # which somebody wrote another key.
    authorities: list[bytes] = field(default_factory=list)
    recipient: str = ""
    since: int = 0
    statements: list[Statement] = field(default_factory=list)
    heard: dict[bytes, set[bytes]] = field(default_factory=dict)
    impostors: set[bytes] = field(default_factory=set)

    def member_of(self, tag: bytes) -> Member | None:
        device = self.devices.get(tag)
        return self.members.get(device.member) if device else None

    def devices_of(self, member: str) -> list[Device]:
        return [d for d in self.devices.values() if d.member == member and d.tag not in self.removed]

    def targets(self, value: dict[str, object]) -> set[bytes]:
        """The devices that a removal names, itself or through their member."""
        member, device = value.get("member"), value.get("device")
        found = {d.tag for d in self.devices.values() if member and d.member == member}
        return found | ({device} if isinstance(device, bytes) and device in self.devices else set())

    def may_remove(self, author: bytes, value: dict[str, object], founder: Founder) -> bool:
        """Whether a removal counts: an administrator's, or a member's of their own device.

        Who is removed removes nobody any more, but for those who removed them: where two remove each other and neither could know,
        both are out on every device. Whichever of the two is the thief, and whatever the clocks say, no vault is split from another.
        """
        targets, by = self.targets(value), self.devices.get(author)
        own = (
            by is not None
            and bool(targets)
            and all(self.devices[t].member == by.member for t in targets)
            and "member" not in value
        )
        if author not in self.removed:
            return own or _administers(self, author, founder)
        return bool(targets & self.removers.get(author, set())) and (own or author in self.administered)

    def may_hold(self, member: Member, standing: str) -> bool:
        """Whether the member's roles carry this desk's key."""
        return standing == "team" or any(standing in config.ROLES.get(role, ()) for role in member.roles)

    def ever_held(self, member: str, standing: str) -> bool:
        """Whether the member has or had a role that carries this desk's key."""
        return standing == "team" or any(standing in config.ROLES.get(role, ()) for role in self.ever.get(member, ()))

    def desk(self, standing: str) -> list[Device]:
        """The devices that a desk's key is for."""
        members = {m.id for m in self.members.values() if not m.removed and self.may_hold(m, standing)}
        return [d for d in self.devices.values() if d.member in members and d.tag not in self.removed]


def roster(events: Iterable[Authored], founder: Founder) -> Roster:
    """Fold the control events of `team`, in the order of their stamps; what the author had no right to write is passed over."""
    events = list(events)
    r = _fold(events, founder, {}, {})
    if not founder.authority:
        return r
    said = {s.id: s for e in events if e.event.kind == RECOVERED and (s := authority.read(founder.keys, e.event)) is not None}
    first = min((s for s in said.values() if s.n == 1 and s.by(founder.authority)), key=lambda s: (s.at, s.id), default=None)
    authorities, recipient = [founder.authority], first.recipient if first and first.authority == founder.authority else ""
    since = first.at if first else 0
    chosen: dict[bytes, Statement] = {}
    lost: dict[bytes, Statement] = {}
    while rivals := [s for s in said.values() if s.n == len(authorities) + 1 and s.by(authorities[-1])]:
        # Only who was in the team without this statement says what was heard first: nobody brings their own witnesses.
        best = authority.choose(rivals, _witnesses(r))
        chosen[best.id] = best
        lost |= {s.id: s for s in rivals if s.id != best.id}
        authorities.append(best.authority)
        recipient, since = best.recipient, best.at
        r = _fold(events, founder, chosen, lost)
    r.authorities, r.recipient, r.since, r.statements = authorities, recipient, since, list(chosen.values())
    return r


def _witnesses(r: Roster) -> dict[bytes, set[str]]:
    found: dict[bytes, set[str]] = {}
    for id, devices in r.heard.items():
        found[id] = {r.devices[d].member for d in devices if d in r.devices and d not in r.removed}
    return found


def statement_of(e: Event, founder: Founder, authorities: Iterable[bytes]) -> Statement | None:
    """A statement that enters a device, if one of these authorities signed it."""
    s = authority.read(founder.keys, e) if e.kind == RECOVERED and founder.authority else None
    return s if s is not None and s.enter is not None and s.n > 1 and any(s.by(a) for a in authorities) else None


def _fold(events: list[Authored], founder: Founder, chosen: dict[bytes, Statement], lost: dict[bytes, Statement]) -> Roster:
    r = Roster(authorities=[founder.authority] if founder.authority else [])
    r.devices[founder.tag] = Device(founder.tag, "", founder.verify_key, b"", 0)
    first_heard: set[tuple[bytes, int]] = set()
    for author, _, event in events:
        value = event.set
        try:
            if event.kind in (ERASE, KEEP, ERASED):
                _heed_erasure(r, author, event.kind, event.at, value)
            elif event.kind == RECOVERED:
                said = authority.read(founder.keys, event) if chosen else None
                if said is not None and said.id in chosen:
                    _heed_statement(r, said, founder)
                elif said is not None and said.id in lost:
                    _turn_away(r, said)
            elif event.kind == HEARD:
                n, of = value["n"], value["of"]
                if type(n) is int and isinstance(of, bytes) and len(of) == 32 and (author, n) not in first_heard:
                    first_heard.add((author, n))
                    r.heard.setdefault(of, set()).add(author)
            elif event.kind == REMOVED:
                if r.may_remove(author, value, founder):
                    _remove(r, author, value, founder, event.at)
            elif not _administers(r, author, founder):
                continue
            elif event.kind == TEAM:
                r.team = str(value["name"])
                r.training = r.training or value.get("training") is True
            elif event.kind == MEMBER:
                roles = tuple(str(role) for role in value["roles"])
                _set_roles(r, Member(event.record.hex(), str(value["name"]), roles), event.at)
            elif event.kind == DEVICE:
                _add_device(r, value, event.at, founder)
        except (KeyError, TypeError, ValueError):
            continue  # a control event this version cannot read changes nothing
    return r


def _heed_statement(r: Roster, s: Statement, founder: Founder) -> None:
    e = s.enter
    if e is not None:
        _set_roles(r, Member(e.member, e.name, e.roles), s.at)
        _add_device(r, {"member": e.member, "tag": e.tag, "sign": e.sign, "open": e.open}, s.at, founder)
    gone = {tag for tag in s.out if tag in r.devices and (e is None or tag != e.tag)}
    _lose_desks(r, gone, s.at)
    r.removed |= gone


def _turn_away(r: Roster, s: Statement) -> None:
    """The device of a statement that another one prevailed over: known, and out, so that what it wrote meanwhile ends the same way everywhere."""
    e = s.enter
    if e is not None and e.tag not in r.devices:
        r.devices[e.tag] = Device(e.tag, e.member, e.sign, e.open, s.at)
        r.removed.add(e.tag)


def _administers(r: Roster, author: bytes, founder: Founder) -> bool:
    if author in r.removed:
        return False
    member = r.member_of(author)
    return author == founder.tag or (member is not None and config.ADMINISTRATOR in member.roles and not member.removed)


def _heed_erasure(r: Roster, author: bytes, kind: str, at: int, value: dict[str, object]) -> None:
    member, tag = r.member_of(author), value["tag"]
    if member is None or member.removed or author in r.removed or not isinstance(tag, bytes):
        return
    if kind != ERASE:
        if kind == ERASED and tag in r.erasures:
            r.erasures[tag].done.add(author)
        elif kind == KEEP and tag in r.erasures and not r.erasures[tag].decided:
            del r.erasures[tag]
        return
    # Read before anything is noted: half a wish would be one that nobody had.
    records, devices = _tags(value["records"], 16), _tags(value["devices"], 8)
    e = r.erasures.setdefault(tag, Erasure(at))
    e.of = of if is_tag(of := value.get("of")) and of != tag else e.of
    if e.decided:
        return  # what is decided is what stood there then: nobody adds a record of another case to it afterwards
    # Two people decide on the case; which records of the desks go with it, only who holds the desks' supervision names.
    if r.may_hold(member, "supervisors"):
        e.records |= records
    e.devices |= devices
    if member.id not in e.by:
        e.by.append(member.id)
    alone = sum(not m.removed for m in r.members.values()) == 1
    supervised = any(r.may_hold(r.members[m], "supervisors") for m in e.by)
    e.decided = e.decided or (supervised and (len(e.by) > 1 or alone))


def is_tag(value: object) -> TypeGuard[bytes]:
    """Whether a value that somebody wrote is a tag: never converted, since `bytes` of a number makes as many zeros."""
    return isinstance(value, bytes) and len(value) == TAG_BYTES and any(value)


def _tags(value: object, size: int) -> set[bytes]:
    return {v for v in value if isinstance(v, bytes) and len(v) == size} if isinstance(value, list) else set()


def _add_device(r: Roster, value: dict[str, Any], at: int, founder: Founder) -> None:
    tag, sign, recipient = value["tag"], value["sign"], value["open"]
    if not (is_tag(tag) and isinstance(sign, bytes) and isinstance(recipient, bytes)):
        return
    if len(sign) != 32 or len(recipient) != RECIPIENT:
        return
    known = r.devices.get(tag)
    # A tag is given once. A second device under it, or other keys for the founder, would be an impostor.
    if known is not None and (tag != founder.tag or known.recipient or known.verify_key != sign):
        if known.verify_key != sign:
            r.impostors.add(tag)
        return
    r.devices[tag] = Device(tag, str(value["member"]), sign, recipient, at)


def _set_roles(r: Roster, member: Member, at: int) -> None:
    before = r.members.get(member.id)
    r.ever.setdefault(member.id, set()).update(member.roles)
    r.members[member.id] = member
    for standing in config.STANDING[1:] if before is not None else ():
        if before is not None and r.may_hold(before, standing) and not r.may_hold(member, standing):
            r.lost[standing] = at


def _lose_desks(r: Roster, gone: set[bytes], at: int) -> None:
    for m in [m for t in gone if (m := r.member_of(t)) is not None]:
        r.lost |= {standing: at for standing in config.STANDING[1:] if r.may_hold(m, standing)}


def _remove(r: Roster, author: bytes, value: dict[str, object], founder: Founder, at: int) -> None:
    gone = r.targets(value)
    _lose_desks(r, gone, at)
    r.administered |= {t for t in gone if _administers(r, t, founder)}
    member = str(value.get("member", ""))
    if member in r.members:
        m = r.members[member]
        r.members[member] = Member(m.id, m.name, (), removed=True)
    for tag in gone:
        r.removers.setdefault(tag, set()).add(author)
    r.removed |= gone
