"""Take in what others appended to the log. Everything that arrives is checked here, once, before it counts.

What cannot count yet waits (no key, no author, no parent, a clock far ahead); what breaks a rule of spec/segment.md is kept in quarantine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from panah import config
from panah.errors import PanahError, Unreadable
from panah.kernel import erase, event, share, signs
from panah.kernel.database import no_collection
from panah.kernel.event import Segment
from panah.kernel.log import count, hold, store
from panah.kernel.roster import REMOVED, statement_of
from panah.kernel.vault import LINK, REFUSED, WAITS

if TYPE_CHECKING:
    from panah.kernel.session import Session

_MOST_WAITING = 256 * 1024 * 1024  # bytes; what is small counts as 4 KiB, for it is looked at again and again
_MOST_TURNS = 8  # how often a removal that turns out to be none may bring back another one


@dataclass(slots=True)
class Received:
    """What became of what arrived: counts, and the records that changed."""

    new: int = 0
    known: int = 0
    waiting: int = 0
    foreign: int = 0
    quarantined: int = 0
    links: int = 0
    keys: bool = False
    carry: bool = False
    records: set[bytes] = field(default_factory=set)
    control: bool = False
    room: int | None = None
    again: bool = (
        False  # whether what waits may count now: a removed author's last accepted segment came, and says what came before it
    )
    # What is written down once for all that arrived: the newest time of a colleague's, and where each segment stands that later ones follow.
    met: float = 0.0
    counted: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)


class Wait(Exception):
    """Not now: the code says what is still lacking, and `parent` which segment, if it is one that nobody has brought."""

    def __init__(self, code: str, parent: bytes = b"") -> None:
        super().__init__(code)
        self.parent = parent


def receive(s: Session, arrivals: Iterable[bytes], source: str, *, carry: bool = False) -> Received:
    """Take in segments, in any order and any number of times; one bad one never stops the others.

    `carry` says that they came by hand, so that this vault passes them on to its relay.
    """
    got = Received(carry=carry)
    with s.vault.change(), no_collection():
        s.vault.look_for_missing()
        for data in arrivals:
            _take(s, data, source, got)
        _settle_waiting(s, got)
        if got.control and share.look_again(s):
            _settle_waiting(s, got)
        if got.control:
            _apply_cuts(s, got)
        _end(s, got)
        erase.carry_out(s)
    return got


def _end(s: Session, got: Received) -> None:
    s.refold(got.records)
    s.keep_clock()
    if got.met:
        s.met(got.met)


def _take(s: Session, data: bytes, source: str, got: Received) -> None:
    try:
        segment = event.read(data)
        state = s.vault.segment_state(segment.id)
        if state is not None and not (state == LINK and segment.body):
            got.known += 1
            return
        if not _ours(s, segment):
            got.foreign += 1
            return
        if not segment.body:
            store(s, segment, LINK, "", carry=got.carry)
            got.links += 1
            return
        _admit(s, segment, got, stored=state == LINK)
    except Wait as lacking:
        _note_missing(s, segment, lacking)
        # What waits is bounded, so that a stranger's flood cannot fill the log; beyond that it waits in quarantine, not on the floor.
        if state is not None:
            s.vault.set_body(s.vault.seq_of(segment.id), segment.body)
            s.vault.set_segment_state(segment.id, WAITS, str(lacking))
        elif _has_room(s, got, len(data)):
            store(s, segment, WAITS, str(lacking), carry=got.carry)
        else:
            hold(s, data, source, str(lacking), carried=True)
        got.waiting += 1
        got.again |= segment.prefix.author in s.roster.removed
    except Unreadable as e:
        hold(s, data, source, e.code, carried=True)
        got.quarantined += 1


def _has_room(s: Session, got: Received, size: int) -> bool:
    if got.room is None:
        got.room = _MOST_WAITING - s.vault.waiting_size()
    got.room -= max(size, 4096)
    return got.room >= 0


def _ours(s: Session, segment: Segment) -> bool:
    # A segment of a compartment without a key here is not stored at all: not even that it exists (I1).
    tag = segment.prefix.compartment
    return tag == s.identity.tag if segment.prefix.epoch == event.DIRECT else tag in s.ring


def _note_missing(s: Session, segment: Segment, lacking: Wait) -> None:
    # Somebody withholds what came before it, or it is still on its way: people see how much is lacking.
    if lacking.parent:
        s.vault.miss(lacking.parent, segment.prefix.compartment, segment.prefix.author)


def _admit(s: Session, segment: Segment, got: Received, *, stored: bool = False) -> None:
    content = _examined(s, segment, got)
    prefix = segment.prefix
    count(s, segment, content, carry=got.carry, stored=stored)
    got.counted[segment.id] = prefix.author, prefix.compartment
    if prefix.author == s.identity.tag:
        # We wrote it, and do not have it: this vault was set back, or a copy of it is at work somewhere. What lies here and counts only
        # now, as after a removal that turned out to be none, is no sign of that.
        if not stored:
            signs.note_doubled(s, prefix.author)
    else:
        got.met = max(got.met, (content.at >> 16) / 1000)
    got.new += 1
    for e in content.events:
        if e.kind.startswith("_"):
            got.control = True
        else:
            got.records.add(e.record)
    if share.heed(s, segment, content):
        got.keys = True


def _examined(s: Session, segment: Segment, got: Received) -> event.Content:
    """What is inside, if it counts now. Writes nothing: whatever it refuses has left no trace."""
    prefix = segment.prefix
    if prefix.epoch == event.DIRECT:
        signed = event.open_direct(segment, s.identity)
    else:
        key = s.ring[prefix.compartment].get(prefix.epoch)
        if key is None:
            raise Wait("epoch_unknown")
        signed = event.open_body(segment, key)
    device = s.roster.devices.get(prefix.author)
    verify_key = device.verify_key if device is not None else _entered_by_itself(s, prefix, signed)
    content = event.verify(segment, signed, verify_key)
    if share.out_of_place(s, prefix.compartment, prefix.epoch == event.DIRECT, content.events):
        raise Unreadable("event_malformed")
    if (content.at >> 16) / 1000 > s.now() + config.CLOCK_AHEAD_SECONDS:
        raise Wait("clock_ahead")
    late = prefix.author in s.roster.removed and segment.id not in (_allowed(s, prefix.author, prefix.compartment) or ())
    answer = late and _answers_removal(s, prefix, content.events)
    for parent in prefix.parents:
        known = got.counted.get(parent) or s.vault.segment_by_id(parent)
        if known is None and answer and s.vault.segment_state(parent) is not None:
            continue  # what came before it waits for ever, as a removed author's does
        if known is None:
            raise Wait("parent_missing", b"" if late else parent)
        if known[:2] != (prefix.author, prefix.compartment):
            raise Unreadable("segment_parent_foreign")
    if late and not answer:
        raise Wait("author_removed")
    return content


def _entered_by_itself(s: Session, prefix: event.Prefix, signed: bytes) -> bytes:
    """The key of a device that nobody entered yet and that brings the recovery authority's word for itself."""
    if prefix.compartment == s.names.get("team") and prefix.epoch != event.DIRECT:
        for e in event.peek(signed).events:
            said = statement_of(e, s.founder, s.roster.authorities)
            if said is not None and said.enter is not None and said.enter.tag == prefix.author:
                return said.enter.sign
    raise Wait("author_unknown")


def _answers_removal(s: Session, prefix: event.Prefix, events: Iterable[event.Event]) -> bool:
    """Whether a removed author removes those who removed them, not knowing: that counts, see Roster.may_remove."""
    return prefix.compartment == s.names.get("team") and all(
        e.kind == REMOVED and s.roster.may_remove(prefix.author, e.set, s.founder) for e in events
    )


def _settle_waiting(s: Session, got: Received) -> None:
    """Try what waits again, as long as anything moves on."""
    moved = bool(got.new or got.links or got.again)
    while moved:
        moved = False
        for _, id, header, body, _ in s.vault.segments(WAITS):
            segment = event.read_header(header, body)
            try:
                _admit(s, segment, got, stored=True)
                moved = True
            except Wait as lacking:
                _note_missing(s, segment, lacking)
                s.vault.set_segment_state(id, WAITS, str(lacking))
            except Unreadable as e:
                s.vault.set_segment_state(id, REFUSED, e.code)
                hold(s, segment.bytes, "waiting", e.code)


def retry(s: Session) -> Received:
    """Look again at what waits; used when time has passed or a key came by another way."""
    got = Received(new=1)
    with s.vault.change():
        _settle_waiting(s, got)
        _apply_cuts(s, got)
        _end(s, got)
    got.new -= 1
    return got


def _allowed(s: Session, author: bytes, compartment: bytes) -> set[bytes] | None:
    """Of a removed author, the segments up to where holders of the compartment say that they had read; None where nobody has cut yet."""
    todo = share.cuts(s, compartment).get(author)
    if todo is None:
        return None
    allowed: set[bytes] = set()
    while todo:
        id = todo.pop()
        if id not in allowed:
            allowed.add(id)
            todo += s.vault.parents_of(id)
    return allowed


def _apply_cuts(s: Session, got: Received) -> None:
    """Take back what a removed author wrote after the cut, whenever the cut became known: every node ends at the same set.

    What was taken back may have removed somebody in its turn: they never were, and what they wrote counts.
    """
    for _ in range(_MOST_TURNS):
        if not sum(_cut(s, got, author) for author in sorted(s.roster.removed)):
            return
        s.load_roster()
        got.again = True
        _settle_waiting(s, got)


def _cut(s: Session, got: Received, author: bytes) -> bool:
    """Take back what one author wrote after the cut; True if that was of the team."""
    taken: set[bytes] = set()
    counted = s.vault.counted_by(author)
    allowed = {compartment: _allowed(s, author, compartment) for compartment in {c for c, *_ in counted}}
    for compartment, id, seq in counted:
        # Where nobody has cut yet nothing is taken back; the next holder who syncs cuts there.
        if (kept := allowed[compartment]) is not None and id not in kept and not _counts_anyway(s, author, compartment, seq):
            s.vault.set_segment_state(id, WAITS, "author_removed")
            got.records.update(s.vault.drop_events(seq))
            taken.add(compartment)
    # Our own next segment still follows our last one: the removal may turn out to be none, and a fork would look like a copy of us.
    for compartment in taken if author != s.identity.tag else ():
        s.vault.remake_heads(compartment, author)
    return s.names.get("team") in taken


def _counts_anyway(s: Session, author: bytes, compartment: bytes, seq: int) -> bool:
    prefix = event.Prefix(event.VERSION, author, compartment, b"", [])
    events = s.vault.events_in(seq)
    return bool(events) and _answers_removal(s, prefix, events)


def check(s: Session) -> list[tuple[str, str]]:
    """Verify the whole log again from its bytes; (segment id, code) of everything that does not stand."""
    wrong = []
    seq = 0
    while page := s.vault.segments_after(seq):
        seq = page[-1][0]
        for _, id, header, body, _ in page:
            try:
                segment = event.read_header(header, body)
                if segment.id != id:
                    raise Unreadable("segment_altered")
                if body:
                    event.read(segment.bytes)
                    device = s.roster.devices.get(segment.prefix.author)
                    if segment.prefix.epoch != event.DIRECT and device is not None:
                        key = s.ring[segment.prefix.compartment].get(segment.prefix.epoch)
                        if key is not None:
                            event.verify(segment, event.open_body(segment, key), device.verify_key)
            except PanahError as e:
                wrong.append((id.hex(), e.code))
    return wrong
