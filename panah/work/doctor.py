"""Say what is not well with a vault, each thing by its name and with how to mend it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panah.explain import EXPLAIN
from panah.kernel import receive
from panah.work import backups, regaining

if TYPE_CHECKING:
    from panah.kernel.session import Session

DAY = 24 * 3600
LEAST_FREE = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` says what to do where it is not well."""

    well: bool
    what: str
    mend: str = ""


def look(s: Session) -> list[Finding]:
    """Clock, disk, integrity, waiting and quarantined changes, relays, backups, shares, founding keys."""
    free = shutil.disk_usage(s.vault.folder).free
    broken, wrong = s.vault.integrity(), receive.check(s)
    waits, missing, aside = s.vault.waiting(), s.vault.missing(), len(s.quarantine())
    found = [
        Finding(
            s.vault.newest_time() <= s.now() + 3600,
            "The clock and what others wrote.",
            "The newest change is dated later than now. Set the clock of this device, or ask whose device is ahead.",
        ),
        Finding(free > LEAST_FREE, f"{free // (1024 * 1024)} MB are free on the disk.", "Make room: nothing can be saved on a full disk."),
        Finding(
            not broken, "The database.", "It is damaged. Copy the folder to a safe place, then restore the newest backup as a new device."
        ),
        Finding(
            not wrong, f"The log: {len(wrong)} segments do not stand.", "Run panah verify for their names, and restore the newest backup."
        ),
        Finding(
            waits == 0, f"{waits} changes wait for something that has not come yet.", "Sync, and ask colleagues to sync; a key or an earlier change is on its way."
        ),
        Finding(
            missing == 0, f"{missing} changes that colleagues have seen have not reached this vault.", "Sync with those who wrote them, over a relay, a stick or nearby."
        ),
        Finding(aside == 0, f"{aside} arrivals were not understood and are kept aside.", "The page Carrying says why, one by one."),
        *_founding(s),
        *_backups(s),
        *_relays(s),
    ]  # fmt: skip
    return found


def _founding(s: Session) -> list[Finding]:
    stands = regaining.standing(s)
    return [
        Finding(not s.roster.impostors, "The keys that the team was founded with, and of its devices.", " ".join(EXPLAIN["founder_changed"])),
        Finding(stands.pinned, "The recovery shares.", " ".join(EXPLAIN["recovery_not_pinned"])),
        Finding(
            not stands.due, "The last drill of the shares.", "Half a year has passed: try three papers on the page Team, Recovery shares."
        ),
    ]  # fmt: skip


def _backups(s: Session) -> list[Finding]:
    made = backups.listing(s)
    wanting = backups.wanting(s)
    if not wanting:
        days = int((s.now() - made[0].at) // DAY) if made else 0
        return [Finding(True, f"The newest backup is {days} days old." if made else "Backups.")]
    found = []
    for nag in wanting:
        what, do = EXPLAIN[nag.code]
        about = f" {nag.days} days." if nag.days else "".join(f" {file}" for file in nag.files)
        found.append(Finding(False, what + about, do))
    return found


def _relays(s: Session) -> list[Finding]:
    found = []
    for address in s.setting("relays", []):
        last = s.setting("sync." + address)
        ago = f"was last met {int((s.now() - last[0]) // DAY)} days ago" if last else "was never met"
        well = bool(last) and not last[1] and s.now() - last[0] < 7 * DAY
        found.append(
            Finding(well, f"The relay {address} {ago}.", "Sync now. If it stays out of reach, carry a stick and ask who runs it.")
        )
    return found
