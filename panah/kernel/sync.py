"""Carry the log: through a relay's mailboxes, or through one file on a stick. The same sealed bytes either way.

What travels is a segment inside an outer seal whose key the whole team holds, so that the middle sees neither tags nor epochs, only sizes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from panah.errors import Full, PanahError, Unreadable
from panah.kernel import blobs, event, keys, log, receive, share
from panah.kernel.event import Whole, pack
from panah.kernel.relay import Relay
from panah.kernel.rows import BY_HAND, WAYS

if TYPE_CHECKING:
    from panah.kernel.session import Session

_MOST_BATCH = (
    8 * 1024 * 1024
)  # one transaction's worth of a file: a page that many segments change is written once for all of them
MAGIC = b"PANAHBUNDLE1\n"
MEETING_FILE = "meeting.txt"  # what a laptop that is met nearby calls this meeting
_MOST_PART = event.MOST_SEGMENT + 1024
Progress = Callable[[int, int], None]


def quiet(done: int, of: int) -> None:
    pass


@dataclass(slots=True)
class Carried:
    """What one meeting moved."""

    sent: int = 0
    received: int = 0
    waiting: int = 0
    quarantined: int = 0
    foreign: int = 0
    files: int = 0
    bytes: int = 0


# -- the outer seal ---------------------------------------------------------------------------------------------------


def wrap(s: Session, header: bytes, body: bytes) -> bytes:
    """Seal a segment for the way, under the team's newest key.

    What is sealed to one device goes under the team's first key instead, which every member ever had: it may carry the newest. So does
    what `team` held under an earlier key: who was removed had that key, and learns of it.
    """
    prefix = event.read_header(header, body).prefix
    newest = team_keys(s)[-1]
    first = prefix.epoch == event.DIRECT or (prefix.compartment == s.names["team"] and prefix.epoch != newest[0])
    epoch, cap = team_keys(s)[0] if first else newest
    return epoch + keys.encrypt(s.derived(cap, keys.LABEL_TRANSPORT), pack(Whole(header, body)), keys.LABEL_TRANSPORT + epoch)


def team_keys(s: Session) -> list[tuple[bytes, bytes]]:
    """(epoch, key) of the team's compartment, the one to write with last."""
    team = s.names["team"]
    newest = s.writing_key(team)
    older = sorted((n, epoch, key) for epoch, n, key in s.vault.keys_of(team) if epoch != newest[0])
    return [(epoch, key) for _, epoch, key in older] + [newest]


def unwrap(s: Session, blob: bytes) -> bytes:
    """The segment inside; Unreadable if no key of the team opens it."""
    epoch = blob[: keys.TAG_BYTES]
    key = s.ring[s.names["team"]].get(epoch)
    if key is None:
        raise Unreadable("transport_key_unknown")
    return keys.decrypt(s.derived(key, keys.LABEL_TRANSPORT), blob[keys.TAG_BYTES :], keys.LABEL_TRANSPORT + epoch)


def team_mailboxes(s: Session) -> list[tuple[bytes, bytes]]:
    """(epoch, capability) of the team's mailboxes, the newest last: each key of the team has its own."""
    return [(epoch, s.derived(key, keys.LABEL_TEAM_MAILBOX)) for epoch, key in team_keys(s)]


def _deposit_id(s: Session, segment_id: bytes, salt: bytes = b"") -> bytes:
    # The same segment from two carriers gets the same id, so the relay keeps it once; the id says nothing to the relay.
    _, key = team_keys(s)[0]
    return hashlib.sha256(s.derived(key, keys.LABEL_DEPOSIT_ID) + segment_id + salt).digest()


# -- through a relay --------------------------------------------------------------------------------------------------


def with_relay(
    s: Session, address: str, progress: Progress = quiet, *, pin: bytes = b"", own: bool = False, done: Carried | None = None
) -> Carried:
    """Bring what we lack, carry what others lack. Interrupted anywhere, it goes on there the next time.

    With a `pin` it is a laptop nearby: what it holds is there for this one meeting, and it says which meeting that is. `own` says that it is
    this very laptop: then colleagues were met when something of theirs lay there, and not before (NN-64).
    """
    s.require_team()
    relay = Relay(address, pin=pin)
    done = Carried() if done is None else done
    way = "nearby" if pin else relay.address
    try:
        if pin:
            _name_meeting(s, relay)
        there = _pull(s, relay, done, progress)
        _look_again(s, done)
        share.tend(s)
        _push(s, relay, done, progress, there)
        _push_files(s, relay, done, progress)
        _pull_files(s, relay, done, progress)
        if done.received or not own:
            note(s, way, "", done)
    except PanahError as e:
        if e.code != "vault_locked":
            s.set_setting("sync." + way, [s.now(), e.code, done.received, done.sent])
        raise
    finally:
        relay.close()
    return done


def note(s: Session, way: str, code: str, done: Carried) -> None:
    """Write down that colleagues were met this way, for the line that says how far we are."""
    with s.vault.change():
        s.set_setting("sync." + way, [s.now(), code, done.received, done.sent])
        if way in WAYS:
            s.vault.set_cursor(BY_HAND, b"sent", s.vault.last_seq())
        if way not in ("folder", "stick"):
            s.met(s.now())  # a file says nothing of how old it is (NN-64)


def _name_meeting(s: Session, relay: Relay) -> None:
    id = relay.read(MEETING_FILE, 64)
    if len(id) != 64 or not set(id) <= set(b"0123456789abcdef"):
        raise Unreadable("relay_answer_malformed")
    relay.place = "nearby:" + id.decode()
    with s.vault.change():
        for place in s.vault.places("nearby:"):
            if not place.startswith(relay.place):
                s.vault.drop_cursors(place)


def _pull(s: Session, relay: Relay, done: Carried, progress: Progress) -> set[bytes]:
    """Take in what lies in the team's mailboxes; the ids of the deposits that were seen there."""
    there: set[bytes] = set()
    for _ in range(4):  # a key that comes late may open what lay earlier in the mailbox; each round needs a new key
        before = {tag: set(epochs) for tag, epochs in s.ring.items()}
        for epoch, cap in team_mailboxes(s):
            _pull_box(s, relay, epoch, cap, done, progress, there)
        came = [tag for tag, epochs in s.ring.items() if set(epochs) - before.get(tag, set())]
        if not any(_lacks_log(s, tag) for tag in came):
            break
        with s.vault.change():
            for epoch, _ in team_mailboxes(s):
                s.vault.set_cursor(relay.place, epoch, 0)
    return there


def _lacks_log(s: Session, tag: bytes) -> bool:
    return not s.vault.has_foreign_segment(tag) or s.vault.missing() > 0


def _pull_box(s: Session, relay: Relay, epoch: bytes, cap: bytes, done: Carried, progress: Progress, there: set[bytes]) -> None:
    after = s.vault.cursor(relay.place, epoch)
    while page := relay.fetch(cap, after):
        got = _receive(s, (blob for _, _, blob in page), relay.address)
        after = page[-1][0]
        there.update(epoch + id for _, id, _ in page)
        # What arrived and how far we read are one transaction's worth of truth: a crash between repeats the page, harmlessly.
        with s.vault.change():
            s.vault.set_cursor(relay.place, epoch, after)
        _add(done, got)
        done.bytes += sum(len(blob) for _, _, blob in page)
        progress(done.received, 0)


def _receive(s: Session, arrivals: Iterable[bytes], source: str, *, carry: bool = False) -> receive.Received:
    aside = 0

    def opened() -> Iterator[bytes]:
        nonlocal aside
        for blob in arrivals:
            try:
                yield unwrap(s, blob)
            except Unreadable as e:
                aside += 1
                with s.vault.change():
                    log.hold(s, blob, source, e.code, carried=True)

    got = receive.receive(s, opened(), source, carry=carry)
    got.quarantined += aside
    return got


def _look_again(s: Session, done: Carried) -> None:
    """What was kept aside because the team's key for it had not come, now that it may have come."""
    for id, source, code, _, _ in s.vault.held():
        if code == "transport_key_unknown":
            try:
                opened = unwrap(s, s.vault.held_bytes(id) or b"")
            except Unreadable:
                continue
            with s.vault.change():
                s.vault.release(id)
                _add(done, receive.receive(s, [opened], source, carry=source == "stick"))


def _add(done: Carried, got: receive.Received) -> None:
    done.received += got.new
    done.waiting += got.waiting
    done.quarantined += got.quarantined
    done.foreign += got.foreign


def _push(s: Session, relay: Relay, done: Carried, progress: Progress, there: set[bytes]) -> None:
    seq = start = s.vault.cursor(relay.place, b"sent")
    everything = relay.place != relay.address  # nobody else brings it to a meeting that begins empty
    while page := s.vault.segments_after(seq):
        for seq, _, header, body, carry in page:
            if (carry or everything) and passes_on(s, header, body) and (given := _deposit(s, relay, header, body, there=there)):
                done.sent += 1
                done.bytes += given
                progress(seq - start, s.vault.last_seq() - start)
        with s.vault.change():
            s.vault.set_cursor(relay.place, b"sent", seq)
    for n, tag, salt in s.vault.resends_after(s.vault.cursor(relay.place, b"resent")):
        for header, body in s.vault.segments_of(tag):
            _deposit(s, relay, header, body, salt)
        with s.vault.change():
            s.vault.set_cursor(relay.place, b"resent", n)


def passes_on(s: Session, header: bytes, body: bytes) -> bool:
    # Of what was erased in a compartment that lives on, the link is carried, or its author's chain would break for the others.
    return bool(body) or event.read_header(header, body).prefix.compartment in s.ring


def _deposit(
    s: Session, relay: Relay, header: bytes, body: bytes, salt: bytes = b"", there: frozenset[bytes] | set[bytes] = frozenset()
) -> int:
    """How many bytes had to be given: none where it lies already."""
    blob = wrap(s, header, body)
    id = _deposit_id(s, hashlib.sha256(header).digest(), salt)
    caps = dict(team_mailboxes(s))
    # The newest mailbox, and the one whose key the outer seal has: they differ for what carries a new key.
    boxes = [epoch for epoch in dict.fromkeys((blob[: keys.TAG_BYTES], team_keys(s)[-1][0])) if epoch + id not in there]
    for epoch in boxes:
        relay.keep(caps[epoch], id, blob)
    return len(boxes) * len(blob)


def _push_files(s: Session, relay: Relay, done: Carried, progress: Progress) -> None:
    place, parts = relay.place + "#files", relay.place + "#parts"
    given = s.vault.cursors(place)
    left = [id for id in s.vault.blob_ids() if id not in given]
    for i, id in enumerate(left):
        begun = s.vault.cursor(parts, id)
        for n, part in enumerate(s.vault.blob_parts(id)):
            if n >= begun:  # a line that broke in the middle of a large file goes on there
                relay.deposit(id, hashlib.sha256(id + n.to_bytes(4, "big")).digest(), n.to_bytes(4, "big") + part)
                done.bytes += len(part)
                with s.vault.change():
                    s.vault.set_cursor(parts, id, n + 1)
                progress(i, len(left))
        with s.vault.change():
            s.vault.set_cursor(place, id, 1)
        done.files += 1


def _pull_files(s: Session, relay: Relay, done: Carried, progress: Progress) -> None:
    arriving = blobs.Arriving(s, relay.address)
    files, left = done.files, list(arriving.wanted.items())
    for i, (id, (key, _)) in enumerate(left):
        after = s.vault.cursor(relay.place + "#from", id)
        while id in arriving.wanted and (page := relay.fetch(blobs.mailbox(key), after, 16)):
            after = page[-1][0]
            for _, _, blob in page:
                arriving.add(id, int.from_bytes(blob[:4], "big"), blob[4:])
                done.bytes += len(blob)
            arriving.keep()
            with s.vault.change():
                s.vault.set_cursor(relay.place + "#from", id, after)
            done.files = files + arriving.files
            progress(i, len(left))
        if id not in arriving.wanted:
            with s.vault.change():
                s.vault.set_cursor(relay.place + "#files", id, 1)


# -- through a file on a stick ----------------------------------------------------------------------------------------


def to_file(
    s: Session,
    path: Path,
    progress: Progress = quiet,
    *,
    spans: Sequence[tuple[int, int]] | None = None,
    files: Sequence[bytes] | None = None,
    done: Carried | None = None,
) -> Carried:
    """Write everything this vault can pass on into one file: sealed for the team, readable by nobody else.

    Less of it for a folder that holds some already: these spans of the log, these files.
    """
    done = Carried() if done is None else done
    part = path.with_suffix(path.suffix + ".part")
    last = s.vault.last_seq()
    chosen = s.vault.blob_ids() if files is None else files
    try:
        with part.open("wb") as out:
            out.write(MAGIC)
            for start, end in [(1, last)] if spans is None else spans:
                for seq, _, header, body, _ in log_between(s, start, end):
                    if passes_on(s, header, body):
                        write_part(out, b"S", wrap(s, header, body))
                        done.sent, done.bytes = done.sent + 1, out.tell()
                    progress(seq, last)
            for i, id in enumerate(chosen):
                for n, data in enumerate(s.vault.blob_parts(id)):
                    write_part(out, b"F", id + n.to_bytes(4, "big") + data)
                    done.bytes = out.tell()
                    progress(i, len(chosen))
                done.files += 1
            write_part(out, b"E", done.sent.to_bytes(8, "big"))
            done.bytes = out.tell()
            out.flush()
            os.fsync(out.fileno())  # a stick is pulled out as soon as the screen says that it is written
        part.replace(path)
    except OSError as e:
        raise Full("file_cannot_be_written") from e
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return done


def log_between(s: Session, start: int, end: int) -> Iterator[tuple[int, bytes, bytes, bytes, int]]:
    """A span of our log, a page at a time."""
    seq = start - 1
    while page := s.vault.segments_after(seq):
        for one in page:
            if one[0] > end:
                return
            yield one
        seq = page[-1][0]


def write_part(out: IO[bytes], kind: bytes, data: bytes) -> None:
    out.write(kind + len(data).to_bytes(4, "big") + data)


def from_file(
    s: Session,
    path: Path,
    progress: Progress = quiet,
    *,
    held: tuple[set[bytes], set[bytes]] | None = None,
    done: Carried | None = None,
) -> Carried:
    """Take in such a file. Unreadable if it is no such file or ends too early; what stood before the end counts all the same.

    Read again, whole, it gives the rest. `held` is filled with the names of the segments and of the files that stand in it.
    """
    s.require_team()
    done = Carried() if done is None else done
    cut: Unreadable | None = None
    for _ in range(3):
        before = {tag: set(epochs) for tag, epochs in s.ring.items()}
        done.foreign = 0
        cut = _read_file(s, path, done, progress, held)
        # A key that came late may open what stood earlier in the file.
        if not done.foreign or {tag: set(epochs) for tag, epochs in s.ring.items()} == before:
            break
    _look_again(s, done)
    share.tend(s)
    if cut is not None:
        raise cut
    return done


def lacking(s: Session) -> tuple[int, int]:
    """(changes that colleagues have seen, files that records name) which are not here."""
    return s.vault.missing(), sum(1 for _ in blobs.wanted(s))


def _read_file(
    s: Session, path: Path, done: Carried, progress: Progress, held: tuple[set[bytes], set[bytes]] | None
) -> Unreadable | None:
    """Why the file could not be read to its end, if so."""
    arriving: blobs.Arriving | None = None
    size, files = path.stat().st_size, done.files
    batch: list[bytes] = []
    weight = count = 0

    def take() -> None:
        nonlocal batch, weight
        if held is not None:
            held[0].update(_names(s, batch))
        _add(done, _receive(s, batch, "stick", carry=True))
        batch, weight = [], 0

    with path.open("rb") as f:
        if f.read(len(MAGIC)) != MAGIC:
            raise Unreadable("bundle_malformed")
        kind = b""
        try:
            while kind != b"E":
                kind, length = _read_head(f, b"SFE")
                if kind == b"F":
                    # The log stands before the files, so that by now we know which files our records name.
                    if batch or arriving is None:
                        take()
                        arriving = arriving or blobs.Arriving(s, "stick")
                    _read_file_part(f, length, size, arriving, held)
                    done.files = files + arriving.files
                else:
                    data = _read_rest(f, length)
                if kind == b"S":
                    batch.append(data)
                    weight, count = weight + len(data), count + 1
                if weight >= _MOST_BATCH:
                    take()
                if kind == b"E":
                    _check_end(f, data, count)
                done.bytes = f.tell()
                if not batch:
                    progress(f.tell(), size)
        except Unreadable as e:
            return e
        finally:
            take()
            if arriving is not None:
                arriving.keep()
                done.files = files + arriving.files
    return None


def _names(s: Session, batch: list[bytes]) -> Iterator[bytes]:
    for blob in batch:
        with contextlib.suppress(Unreadable):  # it is put aside when it is taken in
            yield event.read(unwrap(s, blob)).id


def _read_file_part(
    f: IO[bytes], length: int, size: int, arriving: blobs.Arriving, held: tuple[set[bytes], set[bytes]] | None
) -> None:
    name = _read_rest(f, min(length, 36))
    id, n = name[:32], int.from_bytes(name[32:], "big")
    if held is not None and n == 0:
        held[1].add(id)
    if arriving.needs(id, n):
        arriving.add(id, n, _read_rest(f, length - len(name)))
    elif f.seek(length - len(name), 1) > size:
        raise Unreadable("bundle_truncated")


def _check_end(f: IO[bytes], data: bytes, count: int) -> None:
    if len(data) != 8 or f.read(1):
        raise Unreadable("bundle_malformed")
    if int.from_bytes(data, "big") != count:
        raise Unreadable("bundle_truncated")


def read_part(f: IO[bytes], kinds: bytes) -> tuple[bytes, bytes]:
    """(kind, bytes) of the next part of a bundle or a backup."""
    kind, size = _read_head(f, kinds)
    return kind, _read_rest(f, size)


def _read_head(f: IO[bytes], kinds: bytes) -> tuple[bytes, int]:
    head = f.read(5)
    if len(head) < 5:
        raise Unreadable("bundle_truncated")
    size = int.from_bytes(head[1:], "big")
    if head[:1] not in kinds or size > _MOST_PART:
        raise Unreadable("bundle_malformed")
    return head[:1], size


def _read_rest(f: IO[bytes], size: int) -> bytes:
    data = f.read(size)
    if len(data) < size:
        raise Unreadable("bundle_truncated")
    return data
