"""Backups as people look after them: made by hand or by themselves, where they lie, which of them hold what was erased since."""

from __future__ import annotations

import contextlib
import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panah.errors import Full, NotFound, PanahError, Refused, Unreadable
from panah.kernel import backup, erase, keys, sync
from panah.work import team

if TYPE_CHECKING:
    from panah.kernel.session import Session

WEEK, DAY = 7 * 24 * 3600, 24 * 3600
MOST_NOTED = 30
KEPT = 7  # of those that were made by themselves


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made from this vault. `path` is empty where it was handed to the browser."""

    at: float
    path: str
    size: int
    digest: str
    segments: int
    shares: int
    by_itself: bool
    holds_erased: bool
    old_shares: bool

    @property
    def day(self) -> str:
        return datetime.datetime.fromtimestamp(self.at, datetime.UTC).date().isoformat()


def listing(s: Session) -> list[Made]:
    """Those that are not said to be destroyed, the newest first."""
    last, now = erase.last(s), len(s.roster.authorities)
    noted: list[list[Any]] = s.setting("backups", [])
    found = []
    for at, path, size, digest, segments, shares, by_itself in sorted(noted, reverse=True):
        found.append(Made(at, path, size, digest, segments, shares, by_itself, at < last, shares != now))
    return found


def make(
    s: Session, path: Path, progress: sync.Progress = sync.quiet, *, shown: str | None = None, by_itself: bool = False
) -> int:
    """Write a backup to a path and note it; the number of segments. `shown` is the path that is noted in its place."""
    began = s.now()
    count = backup.write(s, path, team.recovery_recipient(s), progress)
    look = backup.look(path)
    kept = str(path) if shown is None else shown
    one = [began, kept, look.size, look.digest, count, len(s.roster.authorities), by_itself]
    s.set_setting("backups", sorted([*s.setting("backups", []), one])[-MOST_NOTED:])
    return count


def into(s: Session, folder: str, progress: sync.Progress = sync.quiet, *, by_itself: bool = False) -> Path:
    """Write a backup into a folder, under the day and a random word: its name says nothing."""
    if not folder.strip():
        raise Refused("folder_missing")
    where = Path(folder.strip()).expanduser()
    if not where.is_absolute():
        raise Refused("folder_not_absolute")
    if not where.is_dir():
        raise Full("file_cannot_be_written")
    day = datetime.datetime.fromtimestamp(s.now(), datetime.UTC).date().isoformat()
    path = where / f"{day}-{keys.random(3).hex()}.age"
    make(s, path, progress, by_itself=by_itself)
    return path


def destroyed(s: Session, digest: str) -> None:
    """Somebody says that a backup is destroyed: it is no longer looked after. A file that lies where it was written is deleted."""
    for one in s.setting("backups", []):
        if one[3] == digest and one[1]:
            _delete(Path(one[1]), digest)
    s.set_setting("backups", [one for one in s.setting("backups", []) if one[3] != digest])


def _delete(path: Path, digest: str) -> None:
    try:
        if backup.look(path).digest == digest:  # something else may stand there by now
            path.unlink()
    except OSError as e:
        raise Full("file_cannot_be_written") from e
    except (NotFound, Unreadable):
        return


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about a file without opening it; the day it was made on if this vault made it."""

    size: int
    digest: str
    made: Made | None


def verify(s: Session, path: Path) -> Verdict:
    """Whether a file is a sealed backup, and whole as it was made, as far as can be told without the shares."""
    look = backup.look(path)
    known = {m.digest: m for m in listing(s)}
    if look.digest not in known and any(m.path == str(path) for m in known.values()):
        raise Refused("backup_altered")
    return Verdict(look.size, look.digest, known.get(look.digest))


def by_themselves(s: Session) -> None:
    """Once a day, where a folder is chosen and there: a new one, and of the old ones made in this way no more than a week's."""
    folder = s.setting("backup_folder", "")
    if not folder or not s.roster.recipient:
        return
    mine = [m for m in listing(s) if m.by_itself]
    if mine and s.now() - mine[0].at < DAY and not mine[0].holds_erased and not mine[0].old_shares:
        return
    try:
        into(s, folder, by_itself=True)
        s.set_setting("backup_trouble", "")
    except PanahError as e:  # the disk is not plugged in: the page of backups and the doctor say it
        s.set_setting("backup_trouble", e.code)
        return
    for n, old in enumerate([m for m in listing(s) if m.by_itself]):
        if n >= KEPT or old.holds_erased or old.old_shares:
            with contextlib.suppress(PanahError):
                destroyed(s, old.digest)


def choose_folder(s: Session, folder: str) -> None:
    """Where backups are written by themselves; nowhere if it is empty."""
    if folder.strip() and not Path(folder.strip()).expanduser().is_absolute():
        raise Refused("folder_not_absolute")
    s.set_setting("backup_folder", folder.strip())


@dataclass(frozen=True, slots=True)
class Nag:
    """What is not well with the backups: a code of ours and the days or the file it is about."""

    code: str
    days: int = 0
    files: tuple[str, ...] = ()


def wanting(s: Session) -> list[Nag]:
    """None yet, too old, older than an erasure, opened by old shares; nothing where all is well or nothing can be made."""
    if not s.roster.recipient:
        return []
    made, found = listing(s), []
    mine = s.roster.devices.get(s.identity.tag)
    if not made:
        since = s.now() - ((mine.at >> 16) / 1000 if mine else 0)
        found.append(Nag("backup_none", int(since // DAY)))
    elif s.now() - made[0].at > WEEK:
        found.append(Nag("backup_old", int((s.now() - made[0].at) // DAY)))
    holds = [m for m in made if m.holds_erased]
    if holds:
        found.append(Nag("backup_holds_erased", files=tuple(m.path or m.day for m in holds)))
    older = [m for m in made if m.old_shares and not m.holds_erased]
    if older:
        found.append(Nag("backup_of_old_shares", files=tuple(m.path or m.day for m in older)))
    if s.setting("backup_trouble", ""):
        found.append(Nag("backup_folder_away"))
    return found
