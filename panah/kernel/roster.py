"""Who is who in the team: members, their devices, who was removed. Folded from the control events of the `team` compartment.

Pure. The founder's device is pinned when a vault is made; only it and the members with the administrator's role change the roster.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from panah import config
from panah.kernel.fold import Authored

# Kinds of control events. In `team`:
TEAM, MEMBER, DEVICE, REMOVED = "_team", "_member", "_device", "_removed"
# In any compartment: who was given its keys, who left it, and where a removed author's part of it ends.
HOLDER, LEFT, CUT = "_holder", "_left", "_cut"
# To one device, or inside the standing compartment that holds the key: a compartment's key.
GRANT = "_grant"

IN_TEAM = (TEAM, MEMBER, DEVICE, REMOVED)


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
class Roster:
    """The team as it stands."""

    team: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    devices: dict[bytes, Device] = field(default_factory=dict)
    removed: set[bytes] = field(default_factory=set)

    def member_of(self, tag: bytes) -> Member | None:
        device = self.devices.get(tag)
        return self.members.get(device.member) if device else None

    def devices_of(self, member: str) -> list[Device]:
        return [d for d in self.devices.values() if d.member == member and d.tag not in self.removed]

    def may_hold(self, member: Member, standing: str) -> bool:
        """Whether the member's roles carry this desk's key."""
        return standing == "team" or any(standing in config.ROLES.get(role, ()) for role in member.roles)

    def desk(self, standing: str) -> list[Device]:
        """The devices that a desk's key is for."""
        members = {m.id for m in self.members.values() if not m.removed and self.may_hold(m, standing)}
        return [d for d in self.devices.values() if d.member in members and d.tag not in self.removed]


def roster(events: Iterable[Authored], founder: Founder) -> Roster:
    """Fold the control events of `team`, in the order of their stamps; what the author had no right to write is passed over."""
    r = Roster()
    r.devices[founder.tag] = Device(founder.tag, "", founder.verify_key, b"", 0)
    for author, _, event in events:
        if not _administers(r, author, founder):
            continue
        value = event.set
        try:
            if event.kind == TEAM:
                r.team = str(value["name"])
            elif event.kind == MEMBER:
                roles = tuple(str(role) for role in value["roles"])
                r.members[event.record.hex()] = Member(event.record.hex(), str(value["name"]), roles)
            elif event.kind == DEVICE:
                _add_device(r, value, event.at, founder)
            elif event.kind == REMOVED:
                _remove(r, value)
        except (KeyError, TypeError, ValueError):
            continue  # a control event this version cannot read changes nothing
    return r


def _administers(r: Roster, author: bytes, founder: Founder) -> bool:
    if author in r.removed:
        return False
    member = r.member_of(author)
    return author == founder.tag or (member is not None and config.ADMINISTRATOR in member.roles and not member.removed)


def _add_device(r: Roster, value: dict[str, bytes], at: int, founder: Founder) -> None:
    tag = bytes(value["tag"])
    known = r.devices.get(tag)
    # A tag is given once. A second device under it, or other keys for the founder, would be an impostor.
    if known is not None and (tag != founder.tag or known.recipient or known.verify_key != value["sign"]):
        return
    r.devices[tag] = Device(tag, str(value["member"]), bytes(value["sign"]), bytes(value["open"]), at)


def _remove(r: Roster, value: dict[str, object]) -> None:
    member = str(value.get("member", ""))
    if member in r.members:
        m = r.members[member]
        r.members[member] = Member(m.id, m.name, (), removed=True)
        r.removed |= {d.tag for d in r.devices.values() if d.member == member}
    if isinstance(device := value.get("device"), bytes):
        r.removed.add(device)
