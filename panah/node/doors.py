"""The vaults that this process may open, and the sessions that are open: unlock, lock, lock by itself after idle minutes."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from panah import config
from panah.errors import Locked, NotFound, Refused
from panah.kernel import enrol, keys
from panah.kernel.session import Session
from panah.node.carrying import Carrying, Ground
from panah.node.ceremony import Ceremonies
from panah.records import TYPES

LEFT_BEHIND = ("carried", "taken", "nearby")


@dataclass(slots=True)
class Door:
    """An open session of one browser: its form token and when it was last used."""

    vault: str
    session: Session
    form_token: str
    used: float
    seen: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Laid:
    """A page that answers a post, laid aside to be fetched by the browser that posted: its cookie, status and bytes."""

    cookie: str
    status: int
    page: bytes


MOST_LAID = 24


class Doors:
    """Holds every unlocked vault of this process; nothing of it is on a disk."""

    def __init__(
        self,
        vaults: Mapping[str, Path],
        clock: Callable[[], float] = time.monotonic,
        idle: float = config.AUTO_LOCK_SECONDS,
        ground: Ground | None = None,
        place: Path | None = None,
    ) -> None:
        self.carrying = Carrying(ground)
        self.place = place
        self.ceremonies = Ceremonies()
        self.vaults = dict(vaults)
        self.idle = idle
        self._clock = clock
        self._open: dict[str, Door] = {}
        self._behind: dict[str, Session] = {}  # no window is open, but what a person began still carries
        self._laid: dict[str, Laid] = {}
        self._lock = threading.Lock()

    def unlock(self, vault: str, passphrase: str) -> str:
        """Open a vault; the random token that the browser's cookie carries. Wrong vault and wrong passphrase answer alike and as slowly."""
        path = self.vaults.get(vault) or next(iter(self.vaults.values()), None)
        if path is None:
            raise NotFound("no_vault_here")
        with self._lock:
            known = next((d.session for d in self._open.values() if d.vault == vault), self._behind.get(vault))
            if known is not None:
                # Already open for another window of the same person: the passphrase is asked for all the same.
                keys.open_vault_key((path / "key").read_bytes(), passphrase)
                session = known
            else:
                session = enrol.open_vault(path, passphrase, TYPES)
                for left in LEFT_BEHIND:  # by a process that was ended in the middle; sealed, and of no use any more
                    shutil.rmtree(path / left, ignore_errors=True)
            return self._enter(vault, session)

    def _enter(self, vault: str, session: Session) -> str:
        token = secrets.token_urlsafe(32)
        self._behind.pop(vault, None)
        self._open[token] = Door(vault, session, secrets.token_urlsafe(24), self._clock())
        return token

    def free_place(self) -> tuple[str, Path]:
        """(name, folder) for a new vault. Its name says nothing: whoever holds the laptop can read it."""
        if self.place is None:
            raise Refused("no_place_for_a_vault")
        for n in range(1, 1000):
            if str(n) not in self.vaults and not (self.place / str(n)).exists():
                return str(n), self.place / str(n)
        raise Refused("no_place_for_a_vault")

    def take_in(self, vault: str, session: Session) -> str:
        """A vault that was made here this minute is open; the token for its window."""
        with self._lock:
            self.vaults[vault] = session.vault.folder
            return self._enter(vault, session)

    def forget_laid(self, *cookies: str) -> None:
        """Let go of the pages that lie aside for these browsers."""
        with self._lock:
            self._laid = {token: laid for token, laid in self._laid.items() if laid.cookie not in cookies}

    def door(self, token: str, *, touch: bool = True) -> Door:
        """The open door behind a cookie; Locked if there is none or it was idle for too long."""
        self.sweep()
        self.ceremonies.sweep()
        door = self._open.get(token)
        if door is None:
            raise Locked("vault_locked")
        if touch:
            door.used = self._clock()
        return door

    def lock(self, token: str, *, idle: bool = False) -> None:
        """Lock this person's vault in every window, at once. A window that was merely idle lets what is being carried end first."""
        door = self._open.get(token)
        if door is not None:
            self._lock_idle(door.vault) if idle else self._close(door.vault)

    def lay_aside(self, laid: Laid) -> str:
        """Keep an answer in memory until it is fetched and for reloads; the word under which it lies. The oldest of too many go."""
        with self._lock:
            while len(self._laid) >= MOST_LAID:
                del self._laid[next(iter(self._laid))]
            token = secrets.token_hex(16)
            self._laid[token] = laid
            return token

    def laid(self, token: str, cookie: str) -> Laid:
        """The answer under this word, for the browser it was made for; NotFound for any other, and after locking."""
        found = self._laid.get(token)
        if found is None or found.cookie != cookie:
            raise NotFound("answer_gone")
        return found

    def sweep(self) -> None:
        """Lock every vault that nobody has used for the idle time. While something is carried only its windows lock; it follows at the end of that."""
        now = self._clock()
        for vault in {d.vault for d in list(self._open.values())}:
            if all(now - d.used > self.idle for d in list(self._open.values()) if d.vault == vault):
                self._lock_idle(vault)
        for vault in list(self._behind):
            if not self.carrying.runs(vault):
                self._close(vault)

    def sessions(self) -> list[Session]:
        """Each open vault once: for the background."""
        with self._lock:
            open_ones = [d.session for d in self._open.values()] + list(self._behind.values())
            return list({id(session): session for session in open_ones}.values())

    def close(self) -> None:
        """Lock everything."""
        for vault in {d.vault for d in self._open.values()} | set(self._behind):
            self._close(vault, wait=10)

    def _lock_idle(self, vault: str) -> None:
        if not self.carrying.runs(vault):
            self._close(vault)
            return
        with self._lock:
            for session in self._take_windows(vault):
                self._behind[vault] = session
        self.ceremonies.end_of(vault)

    def _take_windows(self, vault: str) -> list[Session]:
        gone = [t for t, d in self._open.items() if d.vault == vault]
        sessions = {id(self._open[t].session): self._open.pop(t).session for t in gone}
        self._laid = {token: laid for token, laid in self._laid.items() if laid.cookie not in gone}
        return list(sessions.values())

    def _close(self, vault: str, wait: float = 0) -> None:
        with self._lock:
            sessions = self._take_windows(vault)
            if vault in self._behind:
                sessions.append(self._behind.pop(vault))
        for session in sessions:
            session.lock()
        self.ceremonies.end_of(vault)
        self.carrying.end(vault, wait)
