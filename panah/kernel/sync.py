"""Carry the log: through a relay's mailboxes, or through one file on a stick. The same sealed bytes either way.

What travels is a segment inside an outer seal whose key the whole team holds, so that the middle sees neither tags nor epochs, only sizes.
"""

from __future__ import annotations

import hashlib
import http.client
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from panah import puzzle
from panah.errors import Full, PanahError, Unreachable, Unreadable
from panah.kernel import blobs, event, keys, log, receive, share
from panah.kernel.event import Whole, pack

if TYPE_CHECKING:
    from panah.kernel.session import Session

FETCH = 200
_MOST_BATCH = (
    8 * 1024 * 1024
)  # one transaction's worth of a file: a page that many segments change is written once for all of them
MAGIC = b"PANAHBUNDLE1\n"
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


class Relay:
    """A relay at an address (http or https). Keeps one connection; every failure is Unreachable and nothing is lost."""

    def __init__(self, address: str, timeout: float = 20) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unreadable("relay_address_malformed")
        self.address = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme == "https":
            self._http: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=timeout, context=ssl.create_default_context()
            )
        else:
            self._http = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def _ask(self, path: str, body: bytes, most: int = 0) -> tuple[int, bytes]:
        for last in (False, True):
            try:
                self._http.request("POST", path, body, {"Content-Type": "application/octet-stream"})
                answer = self._http.getresponse()
                data = answer.read(most + 1) if most else answer.read(4096)
                if not answer.isclosed():
                    answer.close()
                    self._http.close()
                break
            except (OSError, http.client.HTTPException) as e:
                self._http.close()
                if last:
                    raise Unreachable("relay_unreachable") from e
        if most and len(data) > most:
            raise Unreadable("relay_answer_too_large")
        return answer.status, data

    def _post(self, path: str, body: bytes, most: int = 0) -> bytes:
        status, data = self._ask(path, body, most)
        _accepted(status)
        return data

    def deposit(self, box: bytes, id: bytes, blob: bytes) -> None:
        """Leave a blob in a mailbox; harmless when repeated. A relay with much to do asks for some work first."""
        body = box + id + blob
        status, asked = self._ask("/deposit", body)
        if status == 429 and (nonce := puzzle.solve(asked)) is not None:
            status, _ = self._ask("/solve", asked + nonce + body)
        _accepted(status)

    def keep(self, cap: bytes, id: bytes, blob: bytes) -> None:
        """Leave a blob in a mailbox of one's own: a flood by strangers does not stop it."""
        self._post("/keep", cap + id + blob)

    def add_vouchers(self, word: bytes, hashes: Sequence[bytes]) -> None:
        """Let these vouchers in, by who may publish at this relay."""
        self._post("/vouchers", word + b"".join(hashes))

    def fetch(self, cap: bytes, after: int, limit: int = FETCH) -> list[tuple[int, bytes, bytes]]:
        """(n, id, blob) of what lies in a mailbox after n."""
        data = self._post("/fetch", cap + after.to_bytes(8, "big") + limit.to_bytes(2, "big"), most=32 * 1024 * 1024)
        found, at = [], 0
        while at < len(data):
            n, size = int.from_bytes(data[at : at + 8], "big"), int.from_bytes(data[at + 40 : at + 44], "big")
            if at + 44 + size > len(data) or n <= after:
                raise Unreadable("relay_answer_malformed")
            found.append((n, data[at + 8 : at + 40], data[at + 44 : at + 44 + size]))
            at, after = at + 44 + size, n
        return found

    def delete(self, cap: bytes, up_to: int) -> None:
        """Erase what lies in a mailbox up to n."""
        self._post("/delete", cap + up_to.to_bytes(8, "big"))

    def close(self) -> None:
        self._http.close()


def _accepted(status: int) -> None:
    if status == 507:
        raise Full("relay_full")
    if status == 413:
        raise Full("relay_refuses_size")
    if status not in (200, 204):
        raise Unreachable("relay_refuses", status=status)


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
    return epoch + keys.encrypt(keys.derive(cap, keys.LABEL_TRANSPORT), pack(Whole(header, body)), keys.LABEL_TRANSPORT + epoch)


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
    return keys.decrypt(keys.derive(key, keys.LABEL_TRANSPORT), blob[keys.TAG_BYTES :], keys.LABEL_TRANSPORT + epoch)


def team_mailboxes(s: Session) -> list[tuple[bytes, bytes]]:
    """(epoch, capability) of the team's mailboxes, the newest last: each key of the team has its own."""
    return [(epoch, keys.derive(key, keys.LABEL_TEAM_MAILBOX)) for epoch, key in team_keys(s)]


def _deposit_id(s: Session, segment_id: bytes, salt: bytes = b"") -> bytes:
    # The same segment from two carriers gets the same id, so the relay keeps it once; the id says nothing to the relay.
    _, key = team_keys(s)[0]
    return hashlib.sha256(keys.derive(key, keys.LABEL_DEPOSIT_ID) + segment_id + salt).digest()


# -- through a relay --------------------------------------------------------------------------------------------------


def with_relay(s: Session, address: str, progress: Progress = quiet) -> Carried:
    """Bring what we lack, carry what others lack. Interrupted anywhere, it goes on there the next time."""
    s.require_team()
    relay = Relay(address)
    done = Carried()
    try:
        _pull(s, relay, done, progress)
        _look_again(s, done)
        share.tend(s)
        _push(s, relay, done, progress)
        _push_files(s, relay, done)
        _pull_files(s, relay, done)
        s.set_setting("sync." + relay.address, [s.now(), "", done.received, done.sent])
        with s.vault.change():
            s.met(s.now())
    except PanahError as e:
        s.set_setting("sync." + relay.address, [s.now(), e.code, done.received, done.sent])
        raise
    finally:
        relay.close()
    return done


def _pull(s: Session, relay: Relay, done: Carried, progress: Progress) -> None:
    for _ in range(4):  # a key that comes late may open what lay earlier in the mailbox; each round needs a new key
        before = {tag: set(epochs) for tag, epochs in s.ring.items()}
        for epoch, cap in team_mailboxes(s):
            _pull_box(s, relay, epoch, cap, done, progress)
        came = [tag for tag, epochs in s.ring.items() if set(epochs) - before.get(tag, set())]
        if not any(_lacks_log(s, tag) for tag in came):
            return
        with s.vault.change():
            for epoch, _ in team_mailboxes(s):
                s.vault.set_cursor(relay.address, epoch, 0)


def _lacks_log(s: Session, tag: bytes) -> bool:
    return not s.vault.has_foreign_segment(tag) or s.vault.missing() > 0


def _pull_box(s: Session, relay: Relay, epoch: bytes, cap: bytes, done: Carried, progress: Progress) -> None:
    after = s.vault.cursor(relay.address, epoch)
    while page := relay.fetch(cap, after):
        got = _receive(s, (blob for _, _, blob in page), relay.address)
        after = page[-1][0]
        # What arrived and how far we read are one transaction's worth of truth: a crash between repeats the page, harmlessly.
        with s.vault.change():
            s.vault.set_cursor(relay.address, epoch, after)
        _add(done, got)
        progress(done.received, after)


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


def _push(s: Session, relay: Relay, done: Carried, progress: Progress) -> None:
    seq = s.vault.cursor(relay.address, b"sent")
    while page := s.vault.segments_after(seq):
        for seq, _, header, body, carry in page:
            if carry and _passes_on(s, header, body):
                _deposit(s, relay, header, body)
                done.sent += 1
                progress(done.sent, seq)
        with s.vault.change():
            s.vault.set_cursor(relay.address, b"sent", seq)
    for n, tag, salt in s.vault.resends_after(s.vault.cursor(relay.address, b"resent")):
        for header, body in s.vault.segments_of(tag):
            _deposit(s, relay, header, body, salt)
        with s.vault.change():
            s.vault.set_cursor(relay.address, b"resent", n)


def _passes_on(s: Session, header: bytes, body: bytes) -> bool:
    # Of what was erased in a compartment that lives on, the link is carried, or its author's chain would break for the others.
    return bool(body) or event.read_header(header, body).prefix.compartment in s.ring


def _deposit(s: Session, relay: Relay, header: bytes, body: bytes, salt: bytes = b"") -> None:
    blob = wrap(s, header, body)
    id = _deposit_id(s, hashlib.sha256(header).digest(), salt)
    caps = dict(team_mailboxes(s))
    # The newest mailbox, and the one whose key the outer seal has: they differ for what carries a new key.
    for epoch in dict.fromkeys((blob[: keys.TAG_BYTES], team_keys(s)[-1][0])):
        relay.keep(caps[epoch], id, blob)


def _push_files(s: Session, relay: Relay, done: Carried) -> None:
    place = relay.address + "#files"
    for id in s.vault.blob_ids():
        if not s.vault.cursor(place, id):
            for n, part in enumerate(s.vault.blob_parts(id)):
                relay.deposit(id, hashlib.sha256(id + n.to_bytes(4, "big")).digest(), n.to_bytes(4, "big") + part)
            with s.vault.change():
                s.vault.set_cursor(place, id, 1)
            done.files += 1


def _pull_files(s: Session, relay: Relay, done: Carried) -> None:
    arriving = blobs.Arriving(s, relay.address)
    for id, (key, _) in list(arriving.wanted.items()):
        after = 0
        while id in arriving.wanted and (page := relay.fetch(blobs.mailbox(key), after, 16)):
            after = page[-1][0]
            for _, _, blob in page:
                arriving.add(id, int.from_bytes(blob[:4], "big"), blob[4:])
        if id not in arriving.wanted:
            with s.vault.change():
                s.vault.set_cursor(relay.address + "#files", id, 1)
    done.files += arriving.files


# -- through a file on a stick ----------------------------------------------------------------------------------------


def to_file(s: Session, path: Path, progress: Progress = quiet) -> Carried:
    """Write everything this vault can pass on into one file: sealed for the team, readable by nobody else."""
    done = Carried()
    part = path.with_suffix(path.suffix + ".part")
    last = s.vault.last_seq()
    try:
        with part.open("wb") as out:
            out.write(MAGIC)
            seq = 0
            while page := s.vault.segments_after(seq):
                seq = page[-1][0]
                for _, _, header, body, _ in page:
                    if _passes_on(s, header, body):
                        write_part(out, b"S", wrap(s, header, body))
                        done.sent += 1
                progress(seq, last)
            for id in s.vault.blob_ids():
                for n, data in enumerate(s.vault.blob_parts(id)):
                    write_part(out, b"F", id + n.to_bytes(4, "big") + data)
                done.files += 1
            write_part(out, b"E", done.sent.to_bytes(8, "big"))
            out.flush()
        part.replace(path)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise Full("file_cannot_be_written") from e
    return done


def write_part(out: IO[bytes], kind: bytes, data: bytes) -> None:
    out.write(kind + len(data).to_bytes(4, "big") + data)


def from_file(s: Session, path: Path, progress: Progress = quiet) -> Carried:
    """Take in such a file. Unreadable if it is no such file or ends too early; what stood before the end counts all the same."""
    s.require_team()
    done = Carried()
    for _ in range(3):
        before = {tag: set(epochs) for tag, epochs in s.ring.items()}
        done.foreign = 0
        _read_file(s, path, done, progress)
        # A key that came late may open what stood earlier in the file.
        if not done.foreign or {tag: set(epochs) for tag, epochs in s.ring.items()} == before:
            break
    _look_again(s, done)
    share.tend(s)
    return done


def _read_file(s: Session, path: Path, done: Carried, progress: Progress) -> None:
    arriving: blobs.Arriving | None = None
    size = path.stat().st_size
    with path.open("rb") as f:
        if f.read(len(MAGIC)) != MAGIC:
            raise Unreadable("bundle_malformed")
        batch: list[bytes] = []
        kind, cut, count, held = b"", None, 0, 0
        while kind != b"E":
            try:
                kind, data = read_part(f, b"SFE")
                count += kind == b"S"
                if kind == b"E":
                    _check_end(f, data, count)
            except Unreadable as e:
                cut = e
                break
            if kind == b"S":
                batch.append(data)
                held += len(data)
            if kind != b"S" or held >= _MOST_BATCH:
                _add(done, _receive(s, batch, "stick", carry=True))
                batch, held = [], 0
                progress(f.tell(), size)
            if kind == b"F":
                # The log stands before the files, so that by now we know which files our records name.
                arriving = arriving or blobs.Arriving(s, "stick")
                arriving.add(data[:32], int.from_bytes(data[32:36], "big"), data[36:])
        _add(done, _receive(s, batch, "stick", carry=True))
        done.files += arriving.files if arriving else 0
        if cut is not None:
            raise cut


def _check_end(f: IO[bytes], data: bytes, count: int) -> None:
    if len(data) != 8 or f.read(1):
        raise Unreadable("bundle_malformed")
    if int.from_bytes(data, "big") != count:
        raise Unreadable("bundle_truncated")


def read_part(f: IO[bytes], kinds: bytes) -> tuple[bytes, bytes]:
    """(kind, bytes) of the next part of a bundle or a backup."""
    head = f.read(5)
    if len(head) < 5:
        raise Unreadable("bundle_truncated")
    size = int.from_bytes(head[1:], "big")
    if head[:1] not in kinds or size > _MOST_PART:
        raise Unreadable("bundle_malformed")
    data = f.read(size)
    if len(data) < size:
        raise Unreadable("bundle_truncated")
    return head[:1], data
