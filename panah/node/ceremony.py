"""Shares of the recovery key while they are typed, one after the other: in memory for a quarter of an hour, and nowhere else."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from panah.errors import NotFound, Unreadable
from panah.kernel import recovery

SECONDS = 15 * 60
MOST = 8


@dataclass(slots=True)
class Ceremony:
    """One gathering of shares: what it is for, which vault, and what was typed so far."""

    token: str
    what: str
    vault: str = ""
    file: Path | None = None
    source: Path | None = None
    out: tuple[bytes, ...] = ()
    shares: list[str] = field(default_factory=list, repr=False)
    numbers: list[int] = field(default_factory=list)
    needed: int = recovery.NEEDED
    secret: bytes = field(default=b"", repr=False)
    began: float = field(default_factory=time.monotonic)

    def add(self, text: str) -> bool:
        """Take one share; True once there are enough and they join. A share that does not fit is refused, the others stay."""
        seen = recovery.look(text, len(self.shares) + 1)
        if self.shares and recovery.look(self.shares[0], 1).of != seen.of:
            raise Unreadable("recovery_shares_mixed", share=seen.number)
        if seen.number in self.numbers:
            raise Unreadable("recovery_shares_repeated", share=seen.number, given=len(self.shares), needed=seen.needed)
        typed = [*self.shares, text]
        if len(typed) >= seen.needed:
            try:
                self.secret = recovery.join(typed)
            except Unreadable:
                self.begin_again()
                raise
        self.shares, self.needed = typed, seen.needed
        self.numbers.append(seen.number)
        return bool(self.secret)

    def begin_again(self) -> None:
        """Forget what was typed: nobody can tell which of several is wrong."""
        self.shares, self.numbers, self.secret = [], [], b""


class Ceremonies:
    """Those that go on, each under a random word that only its own pages carry, never an address."""

    def __init__(self) -> None:
        self._all: dict[str, Ceremony] = {}
        self._lock = threading.Lock()

    def begin(self, what: str, vault: str = "", *, file: Path | None = None, out: tuple[bytes, ...] = ()) -> Ceremony:
        """Begin one; the oldest of too many ends."""
        self.sweep()
        while len(self._all) >= MOST:
            self.end(next(iter(self._all)))
        made = Ceremony(secrets.token_hex(16), what, vault, file=file, out=out)
        with self._lock:
            self._all[made.token] = made
        return made

    def get(self, token: str) -> Ceremony:
        """The one under this word; NotFound after a quarter of an hour, and when it was ended."""
        self.sweep()
        found = self._all.get(token)
        if found is None:
            raise NotFound("shares_forgotten")
        return found

    def end(self, token: str) -> None:
        """Forget one, and the sealed file that was brought for it."""
        with self._lock:
            gone = self._all.pop(token, None)
        if gone is not None:
            gone.begin_again()
            if gone.file is not None:
                gone.file.unlink(missing_ok=True)

    def end_of(self, vault: str) -> None:
        """Forget those of a vault: it was locked."""
        for token in [t for t, c in list(self._all.items()) if c.vault == vault and c.what not in ("passphrase", "restore")]:
            self.end(token)

    def sweep(self) -> None:
        """Forget what is too old."""
        now = time.monotonic()
        for token in [t for t, c in list(self._all.items()) if now - c.began > SECONDS]:
            self.end(token)
