"""Who is who in the team: members, their devices, who was removed. Folded from the control events of the `team` compartment.

Pure. The founder's device is pinned when a vault is made; only it and the members with the administrator's role change the roster.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeGuard

from panah import config
from panah.kernel.fold import Authored
from panah.kernel.keys import RECIPIENT, TAG_BYTES

# Kinds of control events. In `team`:
TEAM, MEMBER, DEVICE, REMOVED = "_team", "_member", "_device", "_removed"
# In any compartment: who was given its keys, who left it, and where a removed author's part of it ends.
HOLDER, LEFT, CUT = "_holder", "_left", "_cut"
# In any compartment too: a new epoch was made; the members that a case is restricted to.
RENEWED, ONLY = "_renewed", "_only"
# To one device, or inside the standing compartment that holds the key: a compartment's key.
GRANT = "_grant"

# To one device of a desk: a record handed in for it; and in the desk, that it was taken in.
LETTER, TAKEN = "_letter", "_taken"

# In `team` again: a supervisor takes it upon themselves that a vault works on without having met anybody (NN-64); someone asks for or approves an erasure, someone says no before it is decided, a device says that it is done.
AWAY, ERASE, KEEP, ERASED = "_away", "_erase", "_keep", "_erased"

IN_TEAM = (TEAM, MEMBER, DEVICE, REMOVED, ERASE, KEEP, ERASED)


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
    """The device that founded the team; its keys are pinned in every vault of the team."""

    tag: bytes
    verify_key: bytes


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
    r = Roster()
    r.devices[founder.tag] = Device(founder.tag, "", founder.verify_key, b"", 0)
    for author, _, event in events:
        value = event.set
        try:
            if event.kind in (ERASE, KEEP, ERASED):
                _heed_erasure(r, author, event.kind, event.at, value)
            elif event.kind == REMOVED:
                if r.may_remove(author, value, founder):
                    _remove(r, author, value, founder, event.at)
            elif not _administers(r, author, founder):
                continue
            elif event.kind == TEAM:
                r.team = str(value["name"])
            elif event.kind == MEMBER:
                roles = tuple(str(role) for role in value["roles"])
                _set_roles(r, Member(event.record.hex(), str(value["name"]), roles), event.at)
            elif event.kind == DEVICE:
                _add_device(r, value, event.at, founder)
        except (KeyError, TypeError, ValueError):
            continue  # a control event this version cannot read changes nothing
    return r


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


def _add_device(r: Roster, value: dict[str, bytes], at: int, founder: Founder) -> None:
    tag, sign, recipient = value["tag"], value["sign"], value["open"]
    if not (is_tag(tag) and isinstance(sign, bytes) and isinstance(recipient, bytes)):
        return
    if len(sign) != 32 or len(recipient) != RECIPIENT:
        return
    known = r.devices.get(tag)
    # A tag is given once. A second device under it, or other keys for the founder, would be an impostor.
    if known is not None and (tag != founder.tag or known.recipient or known.verify_key != sign):
        return
    r.devices[tag] = Device(tag, str(value["member"]), sign, recipient, at)


def _set_roles(r: Roster, member: Member, at: int) -> None:
    before = r.members.get(member.id)
    r.ever.setdefault(member.id, set()).update(member.roles)
    r.members[member.id] = member
    for standing in config.STANDING[1:] if before is not None else ():
        if before is not None and r.may_hold(before, standing) and not r.may_hold(member, standing):
            r.lost[standing] = at


def _remove(r: Roster, author: bytes, value: dict[str, object], founder: Founder, at: int) -> None:
    gone = r.targets(value)
    for m in [m for t in gone if (m := r.member_of(t)) is not None]:
        r.lost |= {standing: at for standing in config.STANDING[1:] if r.may_hold(m, standing)}
    r.administered |= {t for t in gone if _administers(r, t, founder)}
    member = str(value.get("member", ""))
    if member in r.members:
        m = r.members[member]
        r.members[member] = Member(m.id, m.name, (), removed=True)
    for tag in gone:
        r.removers.setdefault(tag, set()).add(author)
    r.removed |= gone
