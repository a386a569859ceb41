"""What the log shows of devices that are not as they should be: copied, set back, with a wrong clock, withheld from us, at work after their removal.

A sign names a device's owner and a code; what to do stands with the code. It accuses nobody: a restored disk looks like a thief's copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panah.kernel import event

if TYPE_CHECKING:
    from panah.kernel.session import Session


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that people should know. `count` is how many changes it is about, 0 where that says nothing."""

    code: str
    member: str
    device: str
    count: int = 0


def signs(s: Session) -> list[Sign]:
    """What there is to be told now, the most urgent first."""
    doubled = {tag for tag in _noted(s) if tag not in s.roster.removed}
    own = s.identity.tag
    found = [_sign(s, "this_device_doubled", own)] if own in doubled else []
    found += [_sign(s, "device_doubled", tag) for tag in sorted(doubled - {own}) if tag in s.roster.devices]
    for held, code in (("clock_ahead", "clock_ahead"), ("author_removed", "removed_goes_on")):
        found += [_sign(s, code, tag, count) for tag, count in s.vault.waiting_by(held) if tag in s.roster.devices]
    found += [_sign(s, "changes_withheld", tag, count) for tag, count in s.vault.missing_by() if tag not in s.roster.removed]
    return found


def note_doubled(s: Session, device: bytes) -> None:
    """Two machines write as this device, or it was set back to an older state of itself. Call inside a change."""
    known = _noted(s)
    if device not in known:
        s.vault.set_meta("doubled", event.pack(sorted({*known, device})))


def _noted(s: Session) -> set[bytes]:
    return set(event.unpack(s.vault.meta("doubled") or event.pack([])))


def _sign(s: Session, code: str, tag: bytes, count: int = 0) -> Sign:
    member = s.roster.member_of(tag)
    return Sign(code, member.name if member else "", tag.hex(), count)
