"""Carry the log through a folder: on a stick that goes round, or one that other software keeps in step. Any number of devices, in any order.

Each visit leaves at most one bundle there, under a random name, with what the folder does not hold yet; and reads the bundles that it has
not read. What a bundle holds is remembered in the vault under the bundle's name, so that no folder needs a name of its own: another
stick in the same place, a bundle that somebody deleted, two sticks that meet are all the same question.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from panah.errors import Full, Unreachable, Unreadable
from panah.kernel import keys, sync
from panah.kernel.sync import Carried, Progress, quiet

if TYPE_CHECKING:
    from panah.kernel.session import Session

NAME = re.compile(r"[0-9a-f]{32}")
MOST_ENTRIES = 10_000  # of a folder, ours and others': beyond that it is not a folder for this
MOST_OWN = 16  # bundles of one device in one folder; then one takes the place of all
_PLACE = "folder:"
# What is remembered of a bundle: its size if it was read or is our own; that it was begun; how many keys were here when it was read; the
# names of its files; and in eight bytes each where a span of our log begins that stands in it, with its end.
_READ, _OWN, _BEGUN, _KEYS = b"read", b"own", b"begun", b"keys"
Spans = list[tuple[int, int]]


@dataclass(slots=True)
class Visit:
    """What one visit moved, and what else lay there."""

    carried: Carried
    bundles: set[str] = field(default_factory=set)
    unfinished: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    strangers: int = 0


def visit(s: Session, folder: Path, progress: Progress = quiet, visit: Visit | None = None) -> Visit:
    """Take in what lies in a folder and leave there what it lacks. Interrupted anywhere, the next visit goes on."""
    s.require_team()
    visit = Visit(Carried()) if visit is None else visit
    there = _look(folder, visit)
    _sweep(s, folder)
    for _ in range(4):  # a key that comes late may open what another bundle held
        before = _keys(s)
        for name, size in sorted(there.items()):
            if _is_new(s, folder / name, size):
                _take(s, folder / name, size, visit, progress)
        if _keys(s) == before:
            break
    _give(s, folder, sorted(there), visit.carried, progress)
    sync.note(s, "folder", "", visit.carried)
    return visit


def _look(folder: Path, visit: Visit) -> dict[str, int]:
    """The names of the bundles and their sizes; everything else is somebody's own and left alone."""
    names: dict[str, int] = {}
    try:
        with os.scandir(folder) as entries:
            for n, entry in enumerate(entries):
                if n >= MOST_ENTRIES:
                    raise Full("folder_too_full", most=MOST_ENTRIES)
                if NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    names[entry.name] = entry.stat(follow_symlinks=False).st_size
                else:
                    visit.strangers += 1
    except OSError as e:
        raise Unreachable("folder_unreachable") from e
    return names


def _is_new(s: Session, path: Path, size: int) -> bool:
    """Whether a bundle is to be read. One that has another size than it had holds we do not know what, and one of our own is lost then."""
    rows = s.vault.cursors(_PLACE + path.name)
    if rows.get(_READ, size) != size or rows.get(_OWN, size) != size:
        with s.vault.change():
            s.vault.drop_cursors(_PLACE + path.name)
        return True
    return not (_READ in rows or _OWN in rows) or rows.get(_KEYS, _keys(s)) != _keys(s)


def _keys(s: Session) -> int:
    return sum(len(epochs) for epochs in s.ring.values())


def _take(s: Session, path: Path, size: int, visit: Visit, progress: Progress) -> None:
    """Read a bundle. One that is not whole yet is read again the next time; one that is none is passed by."""
    held: tuple[set[bytes], set[bytes]] = (set(), set())
    try:
        sync.from_file(s, path, progress, held=held, done=visit.carried)
    except Unreadable as e:
        if e.code not in ("bundle_truncated", "bundle_malformed", "bundle_future_version"):
            raise
        (visit.unfinished if e.code == "bundle_truncated" else visit.refused).add(path.name)
        return
    except OSError as e:
        raise Unreachable("folder_unreachable") from e
    visit.bundles.add(path.name)
    with s.vault.change():
        if visit.carried.foreign:
            # Something in it was not for the keys that are here; it is looked at again when others have come.
            s.vault.set_cursor(_PLACE + path.name, _KEYS, _keys(s))
    _remember(s, path.name, _READ, size, _spans(s.vault.seqs_of(held[0])), held[1])


def _remember(s: Session, name: str, as_what: bytes, size: int, spans: Spans, files: Iterable[bytes]) -> None:
    with s.vault.change():
        for id in files:
            s.vault.set_cursor(_PLACE + name, id, 1)
        for start, end in spans:
            s.vault.set_cursor(_PLACE + name, start.to_bytes(8, "big"), end)
        s.vault.set_cursor(_PLACE + name, as_what, size)


def _give(s: Session, folder: Path, there: Sequence[str], done: Carried, progress: Progress) -> None:
    """Leave what the folder lacks of ours. When our bundles there have become many, one takes the place of all."""
    known = [(name, s.vault.cursors(_PLACE + name)) for name in there]
    own = [name for name, rows in known if _OWN in rows]
    if len(own) >= MOST_OWN:
        known = []
    spans = sorted((int.from_bytes(box, "big"), end) for _, rows in known for box, end in rows.items() if len(box) == 8)
    gaps = _gaps(spans, s.vault.last_seq())
    here = {box for _, rows in known for box in rows if len(box) == 32}
    files = [id for id in s.vault.blob_ids() if id not in here]
    if not files and not _any(s, gaps):
        return
    name = keys.random(16).hex()
    with s.vault.change():
        s.vault.set_cursor(_PLACE + name, _BEGUN, 1)  # before the first byte: what a crash leaves behind is known as ours
    sent = Carried()
    sync.to_file(s, folder / name, progress, spans=gaps, files=files, done=sent)
    done.sent, done.files, done.bytes = done.sent + sent.sent, done.files + sent.files, done.bytes + sent.bytes
    _remember(s, name, _OWN, sent.bytes, gaps, files)
    for old in own if len(own) >= MOST_OWN else ():
        with contextlib.suppress(OSError):  # else it stays; whoever has read the new one has read it
            (folder / old).unlink()
            with s.vault.change():
                s.vault.drop_cursors(_PLACE + old)


def _spans(seqs: Iterable[int]) -> Spans:
    """Numbers as runs without a gap."""
    spans: Spans = []
    for seq in sorted(seqs):
        if spans and spans[-1][1] == seq - 1:
            spans[-1] = (spans[-1][0], seq)
        else:
            spans.append((seq, seq))
    return spans


def _gaps(spans: Spans, last: int) -> Spans:
    """What of 1 to `last` stands in none of these, which are sorted."""
    gaps: Spans = []
    at = 1
    for start, end in spans:
        if start > at:
            gaps.append((at, start - 1))
        at = max(at, end + 1)
    return [*gaps, (at, last)] if at <= last else gaps


def _any(s: Session, gaps: Spans) -> bool:
    """Whether there is anything to pass on in these parts of the log."""
    return any(
        sync.passes_on(s, header, body) for start, end in gaps for _, _, header, body, _ in sync.log_between(s, start, end)
    )


def _sweep(s: Session, folder: Path) -> None:
    """Take away what our own unfinished visits left behind."""
    for place in s.vault.places(_PLACE):
        rows = s.vault.cursors(place)
        if _BEGUN in rows and _OWN not in rows and _READ not in rows:
            with contextlib.suppress(OSError):
                (folder / (place.removeprefix(_PLACE) + ".part")).unlink()
