"""The encrypted file under a vault: open it with its key, keep a second process out, make every change one transaction.

Knows no table. What memory holds beside the file (keys, roster) is told to forget when a change is undone.
"""

from __future__ import annotations

import fcntl
import gc
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import apsw

from panah.errors import Busy, Full, Locked, Unreadable

FORMAT = 1
_MOST_ANEW = 256 * 1024 * 1024


class Database:
    """The open database. One lock: one thread at a time inside a transaction."""

    def __init__(self, folder: Path, key: bytes, *, create: bool = False) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self._depth = 0
        # What a session holds in memory beside the database (keys, roster) must not know more than the disk: it counts here
        # whenever it learns something, and is told when a change in which it learnt something was undone.
        self.learnt = 0
        self.undone: Callable[[], None] = lambda: None
        self._guard = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            os.close(self._guard)
            raise Busy("vault_in_use") from e
        try:
            self.db = self._open(folder / "vault.db", key, create)
        except BaseException:
            os.close(self._guard)
            raise

    @staticmethod
    def _open(path: Path, key: bytes, create: bool) -> apsw.Connection:
        flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
        if create:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        db = apsw.Connection(str(path), flags=flags)
        try:
            db.pragma("cipher", "chacha20")
            db.pragma("key", "raw:" + key.hex())
            # Sorting and statement journals must never spill to a plain file.
            db.pragma("temp_store", 2)
            db.pragma("journal_mode", "wal")
            db.pragma("synchronous", 2)
            db.pragma("cache_size", -64000)
            db.pragma("secure_delete", 1)
            db.pragma("foreign_keys", 0)
            db.set_busy_timeout(5000)
            if create:
                with db:
                    db.execute(files("panah.kernel").joinpath("schema.sql").read_text())
                    db.pragma("user_version", FORMAT)
            version = db.pragma("user_version")
        except (apsw.NotADBError, apsw.CorruptError) as e:
            db.close()
            raise Unreadable("vault_damaged") from e
        if version != FORMAT:
            db.close()
            raise Unreadable("vault_future_version" if version > FORMAT else "vault_damaged")
        return db

    def close(self) -> None:
        """Close the file and let the next process in. Harmless twice."""
        with self.lock:
            if self._guard >= 0:
                self.db.close()
                os.close(self._guard)
                self._guard = -1

    @contextmanager
    def change(self) -> Iterator[None]:
        """One transaction: all of it is on the disk when this ends, or none of it. Nested calls join the outer one."""
        with self.lock:
            if self._guard < 0:
                raise Locked("vault_locked")
            if self._depth:
                yield
                return
            self._depth += 1
            learnt = self.learnt
            try:
                self.db.execute("begin immediate")
                try:
                    yield
                    self.db.execute("commit")
                except BaseException:
                    if not self.db.get_autocommit():
                        self.db.execute("rollback")
                    self._forget(learnt)
                    raise
            except apsw.FullError as e:
                raise Full("disk_full") from e
            except apsw.IOError as e:
                raise Full("disk_cannot_be_written") from e
            except (apsw.CorruptError, apsw.NotADBError) as e:
                raise Unreadable("vault_damaged") from e
            finally:
                self._depth -= 1

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A savepoint inside a change: what fails in it leaves nothing behind, and the change goes on."""
        learnt = self.learnt
        self.db.execute("savepoint one")
        try:
            yield
        except BaseException:
            # A full disk has ended the whole transaction by itself; then there is no savepoint to go back to.
            if not self.db.get_autocommit():
                self.db.execute("rollback to one")
                self.db.execute("release one")
            self._forget(learnt)
            raise
        self.db.execute("release one")

    def _forget(self, learnt: int) -> None:
        if self.learnt != learnt:
            self.undone()

    def ask(self, sql: str, args: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        """All rows of one question."""
        with self.lock:
            if self._guard < 0:
                raise Locked("vault_locked")
            try:
                return list(self.db.execute(sql, tuple(args)))
            except (apsw.CorruptError, apsw.NotADBError) as e:
                raise Unreadable("vault_damaged") from e

    def rekey(self, key: bytes) -> None:
        """Seal the whole file anew, free pages too: an older copy of it opens with nothing that is kept. Full if there is no room."""
        with self.lock:
            try:
                self.db.pragma("journal_mode", "delete")
                self.db.pragma("rekey", "raw:" + key.hex())
            except (apsw.FullError, apsw.IOError) as e:
                raise Full("disk_full") from e
            finally:
                self.db.pragma("journal_mode", "wal")

    def shrink(self) -> int:
        """Empty the journal, and give free pages back where they are many; the bytes given back. Full if there is no room for it."""
        with self.lock:
            if self._guard < 0:
                raise Locked("vault_locked")
            before = self._size()
            try:
                pages, free, size = (self.db.pragma(what) for what in ("page_count", "freelist_count", "page_size"))
                # Written anew in memory, since a temporary file would not be sealed: so only where what is kept is not too much.
                if free * 4 > pages and (pages - free) * size < _MOST_ANEW:
                    self.db.execute("vacuum")
                self.db.execute("pragma wal_checkpoint(truncate)")
            except (apsw.FullError, apsw.IOError) as e:
                raise Full("disk_full") from e
            return before - self._size()

    def _size(self) -> int:
        return sum(p.stat().st_size for p in self.folder.glob("vault.db*"))

    def integrity(self) -> list[str]:
        """What the database says is wrong with itself; empty when it is whole."""
        return [line for (line,) in self.ask("pragma integrity_check") if line != "ok"]


@contextmanager
def no_collection() -> Iterator[None]:
    """Bulk folding makes many small objects that live on; the collector would walk them again and again (measured: 2.3-8x)."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
