"""The recovery shares as people use them: made, tried, renewed, and used when a passphrase, a laptop or the last administrator is lost."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from panah.errors import Refused
from panah.kernel import age, backup, enrol, keys, recovery, regain
from panah.kernel.rows import seconds
from panah.records import TYPES
from panah.work import team

if TYPE_CHECKING:
    from collections.abc import Collection

    from panah.kernel.session import Session

DRILL_SECONDS = 182 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the shares that count now. Which words they are stands nowhere."""

    pinned: bool
    since: float | None
    drilled: float | None
    keepers: tuple[str, ...]
    due: bool


def standing(s: Session) -> Standing:
    """Since when the shares count, when they were last tried from here, and who keeps which as this vault was told."""
    since = seconds(s.roster.since) if s.roster.since else None
    drilled = s.setting("drill_at")
    noted = s.setting("share_keepers", [])
    keepers = tuple(noted[1:]) if noted and noted[0] == len(s.roster.authorities) else ()
    last = max(since or 0.0, drilled or 0.0)
    return Standing(
        bool(s.roster.authorities), since, drilled, keepers, bool(since) and s.now() - last > DRILL_SECONDS and administers(s)
    )


def administers(s: Session) -> bool:
    """Whether this device may change who is in the team."""
    return s.identity.tag in regain.administrators(s)


def note_keepers(s: Session, names: list[str]) -> None:
    """Who keeps which share: in this vault alone, since it is a list of whom to press."""
    s.set_setting("share_keepers", [len(s.roster.authorities), *(name[:200] for name in names[: recovery.SHARES])])


def drill(s: Session, secret: bytes) -> None:
    """Whether these shares would do; changes nothing and keeps nothing but the day."""
    regain.fits(s, secret)
    s.set_setting("drill_at", s.now())


def renew(s: Session, secret: bytes) -> list[str]:
    """Five new shares in the place of the old ones."""
    following = keys.random(recovery.SEED)
    regain.renew(s, secret, following)
    return recovery.split(following)


def take_over(s: Session, secret: bytes, out: Collection[bytes]) -> list[str]:
    """This member looks after the keys from now on; these devices are out. Five new shares: the used ones count no more."""
    following = keys.random(recovery.SEED)
    regain.recover(s, secret, following, out=out)
    return recovery.split(following)


def found(path: Path, passphrase: str, name: str, team_name: str, roles: tuple[str, ...]) -> tuple[Session, list[str]]:
    """A new vault and the team it founds, with five shares."""
    s = enrol.new_vault(path, passphrase, TYPES)
    try:
        return s, team.found(s, team_name, name, roles)
    except BaseException:
        s.lock()
        shutil.rmtree(path, ignore_errors=True)
        raise


def restore(source: Path, secret: bytes, path: Path, passphrase: str) -> tuple[Session, list[str]]:
    """A vault from a backup, as a new device of the same member; the device it was made on is out of the team.

    Where nobody else looks after the keys of the team, this member does from now on. No shares come back for a team that has none pinned.
    """
    s = backup.restore(source, age.new_identity(secret), path, passphrase, TYPES)
    try:
        return s, enter_restored(s, secret)
    except BaseException:
        s.lock()
        shutil.rmtree(path, ignore_errors=True)
        raise


def enter_restored(s: Session, secret: bytes) -> list[str]:
    """Enter a restored vault's device by the shares that opened the backup; the five new shares, or none where the team has none pinned."""
    if not s.roster.authorities:
        return []
    was = bytes(s.setting("restored_from", b""))
    out = {was} & (s.roster.devices.keys() - s.roster.removed)
    alone = not regain.administrators(s).keys() - out
    following = keys.random(recovery.SEED)
    try:
        regain.recover(s, secret, following, out=out, administrator=alone)
    except Refused as e:
        if e.code != "recovery_shares_old":
            raise
        return []  # the shares of an old backup: they open it, and enter nobody any more
    return recovery.split(following)
