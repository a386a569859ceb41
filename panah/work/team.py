"""Found a team with everything it needs from its first minute, and say what is not well with a vault."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from panah import wire
from panah.errors import NotFound, Refused
from panah.kernel import age, enrol, keys, receive
from panah.records.intake_key import IntakeKey
from panah.work.rules import day_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panah.kernel.session import Session

CERTIFICATE_DAYS = 400
DAY = 24 * 3600


def found(s: Session, team: str, name: str, roles: tuple[str, ...], *, relays: Sequence[str] = ()) -> list[str]:
    """Found the team: roster, desks, root key, recovery key and the first keys of its help page. Gives the recovery shares, once.

    The root key signs the page and what opens and answers requests. It stays in the founder's vault and is never carried.
    """
    secret = keys.random(32)
    enrol.found(s, team, name, roles, secret)
    with s.vault.change():
        s.set_setting("root", keys.random(32))
        s.set_setting("relays", list(relays))
        new_intake_key(s)
    from panah.kernel import recovery  # its tables take a tenth of a second, and a team is founded once

    return recovery.split(secret)


def recovery_recipient(s: Session) -> str:
    """The public half of the team's recovery key, to which backups are sealed."""
    if not s.roster.recipient:
        raise NotFound("no_recovery_key_known")
    return s.roster.recipient


def root_seed(s: Session) -> bytes:
    """The root's signing seed; Refused in any vault but the founder's."""
    seed = s.setting("root")
    if not isinstance(seed, bytes):
        raise Refused("only_the_founder_signs")
    return seed


def new_intake_key(s: Session) -> IntakeKey:
    """New keys for the help page, signed by the root; the earlier ones are retired and still open what was sealed to them."""
    root = root_seed(s)
    today = day_after(s.now(), 0)
    identity, cap, reply = age.new_identity(), keys.random(32), keys.random(32)
    until = int(s.now() // DAY) + CERTIFICATE_DAYS
    public = keys.verify_key_of(reply)
    with s.vault.change():
        for old in s.list(IntakeKey, limit=100):
            if old.retired_on is None:
                old.retired_on = today
                s.save(old)
        return s.save(
            IntakeKey(
                from_day=today,
                identity=identity,
                recipient=age.recipient_of(identity),
                recovery=recovery_recipient(s),
                cap=cap.hex(),
                reply_seed=reply.hex(),
                certificate=(
                    public + until.to_bytes(4, "big") + keys.sign(root, b"", wire.reply_key_to_sign(public, until))
                ).hex(),
                root=keys.verify_key_of(root).hex(),
            )
        )


def doctor(s: Session) -> list[tuple[bool, str]]:
    """(well, sentence) for clock, disk, integrity, waiting and quarantined changes, relays, backup, passphrase share."""
    free = shutil.disk_usage(s.vault.folder).free
    newest = s.vault.newest_time()
    backup = s.setting("backup_at")
    days = None if backup is None else int((s.now() - backup) // DAY)
    found = [
        (
            newest <= s.now() + 3600,
            "The clock agrees with what others wrote."
            if newest <= s.now() + 3600
            else "The clock of this device is slow, or a colleague's is fast.",
        ),
        (free > 500 * 1024 * 1024, f"{free // (1024 * 1024)} MB are free on the disk."),
        (
            not s.vault.integrity(),
            "The database is whole." if not s.vault.integrity() else "The database is damaged: restore a backup.",
        ),
        (
            not receive.check(s),
            "Every segment of the log stands."
            if not receive.check(s)
            else "Some segments of the log do not stand: run panah verify.",
        ),
        (s.vault.waiting() == 0, f"{s.vault.waiting()} changes wait for something that has not come yet."),
        (s.vault.missing() == 0, f"{s.vault.missing()} changes that colleagues have seen have not reached this vault."),
        (not s.quarantine(), f"{len(s.quarantine())} arrivals were not understood and are kept aside."),
        (
            days is not None and days <= 7,
            "No backup was made from this vault yet." if days is None else f"The newest backup is {days} days old.",
        ),
    ]
    for address in s.setting("relays", []):
        last = s.setting("sync." + address)
        ok = bool(last) and not last[1] and s.now() - last[0] < 7 * DAY
        found.append(
            (
                ok,
                f"The relay {address} was last met {int((s.now() - last[0]) // DAY)} days ago."
                if last
                else f"The relay {address} was never met.",
            )
        )
    return found
