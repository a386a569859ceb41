"""Give back the room of what nobody can open or asks for any more. The log itself is kept: it is the history, and the audit.

Every step is a transaction of its own and can be cut off anywhere; what it did not do is done the next time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panah.errors import Unreadable
from panah.kernel import blobs, event

if TYPE_CHECKING:
    from panah.kernel.session import Session

EVERY_SECONDS = 7 * 86400
# A file that no record names may be on its way into one: it was attached, and its form is not saved yet.
GRACE_SECONDS = 7 * 86400
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Freed:
    """What was let go: files, things that were put aside, and bytes of the disk."""

    files: int = 0
    aside: int = 0
    bytes: int = 0


def when_due(s: Session) -> Freed | None:
    """Compact once a week, and soon after an erasure."""
    if s.vault.meta("compact") is None and s.now() - s.setting("compacted", 0.0) < EVERY_SECONDS:
        return None
    return compact(s)


def compact(s: Session, progress: Progress = lambda done, of: None) -> Freed:
    """Drop what is left of erased cases, files that no record ever named, the words of dropped rows; empty the journal, shrink the file."""
    freed = Freed()
    _aside(s, freed)
    _files(s, freed, progress)
    with s.vault.change():
        s.vault.sweep_words()
        s.vault.drop_meta("compact")
        s.set_setting("compacted", s.now())
    freed.bytes = s.vault.shrink()
    return freed


def _aside(s: Session, freed: Freed) -> None:
    """What was put aside and belongs to something that was erased since."""
    for id, *_ in s.vault.held():
        with suppress(Unreadable), s.vault.change():
            if s.is_erased(event.read(s.vault.held_bytes(id) or b"").prefix.compartment):
                s.vault.release(id)
                freed.aside += 1


def _files(s: Session, freed: Freed, progress: Progress) -> None:
    known: dict[bytes, float] = dict(event.unpack(s.vault.meta("unnamed") or event.pack([])))
    unnamed = {id: min(known.get(id, s.now()), s.now()) for id in s.vault.unnamed_files()}
    old = {id for id, since in unnamed.items() if s.now() - since >= GRACE_SECONDS}
    # What a record named once stays: its history shows it. Asked only where there is anything to drop, since it reads the whole log.
    every = list(s.vault.every_record()) if old else []
    for n, record in enumerate(every):
        old -= {id for e in s.vault.events_of(record) for id in blobs.named_in(e.event.set)}
        if n % 1000 == 0:
            progress(n, len(every))
    for id in sorted(old):
        with s.vault.change():
            # Looked at again in the same transaction: a form may have been saved meanwhile.
            if not s.vault.is_named(id):
                s.vault.drop_blob(id)
                freed.files += 1
    with s.vault.change():
        s.vault.set_meta("unnamed", event.pack([[id, since] for id, since in sorted(unnamed.items()) if id not in old]))
