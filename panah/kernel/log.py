"""Append to the log. The bytes that are signed here are the bytes that are stored, carried and checked everywhere."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from panah.kernel import event, roster, signs
from panah.kernel.event import Content, Event, Segment
from panah.kernel.vault import COUNTS

MOST_HELD = 256 * 1024 * 1024

if TYPE_CHECKING:
    from panah.kernel.session import Session


def append(s: Session, compartment: bytes, events: list[Event], *, to: roster.Device | None = None, unread: bool = False) -> None:
    """Sign, seal and store a segment of our own. Call inside a change; records are refolded by the caller.

    What is `unread` is kept sealed only: this vault can never show it.
    """
    heads = s.vault.heads(compartment)
    parents = [id for author, id, _ in heads if author == s.identity.tag]
    since = max((seq for author, _, seq in heads if author == s.identity.tag), default=0)
    seen = sorted((author, id) for author, id, seq in heads if author != s.identity.tag and seq > since)
    content = Content(max(e.at for e in events), seen[-event.MOST_SEEN :], events)
    event.check(content)
    if to is None:
        epoch, key = s.writing_key(compartment)
        segment = event.write(s.identity, compartment, epoch, key, parents, content)
    else:
        segment = event.write(s.identity, compartment, event.DIRECT, b"", parents, content, to=to.recipient)
    count(s, segment, content, carry=True, unread=unread)


def hold(s: Session, data: bytes, source: str, code: str, *, carried: bool = False) -> None:
    """Keep what is not understood where people can look at it; never drop it.

    `carried` says that a stick or the team's mailbox has it too. Of that no more than MOST_HELD is kept: a stick full of noise fills no disk.
    """
    if carried and s.vault.held_size() + len(data) > MOST_HELD:
        return
    s.vault.hold(hashlib.sha256(data).digest(), source, code, s.now(), data)


def count(s: Session, segment: Segment, content: Content, *, carry: bool, stored: bool = False, unread: bool = False) -> None:
    prefix = segment.prefix
    # Erasure beats any edit: what speaks of something erased, whoever wrote it and whenever it comes, is not kept.
    events = [e for e in content.events if not s.is_gone(e)]
    if stored:
        s.vault.set_segment_state(segment.id, COUNTS)
        seq = s.vault.seq_of(segment.id)
        s.vault.set_body(seq, segment.body if events else b"")
    else:
        seq = store(s, segment, COUNTS, "", carry=carry, bare=not events)
    if s.vault.add_head(prefix.compartment, prefix.author, segment.id, seq, prefix.parents, followed=stored):
        signs.note_doubled(s, prefix.author)
    for e in events if prefix.compartment == s.identity.tag else ():
        if e.kind == roster.GLASS:
            # A case behind glass stays sealed as it came; what is noted is its code.
            s.note_pane(segment.id, e, prefix.author)
            unread = True
    if not unread:
        s.vault.add_events(seq, prefix.author, prefix.compartment, events)
    for author, id in content.seen:
        s.vault.miss(id, prefix.compartment, author)
    s.see_time(content.at)


def store(s: Session, segment: Segment, state: int, held: str, *, carry: bool = False, bare: bool = False) -> int:
    """Put a segment into the log; `bare` keeps only its link in the chain."""
    p, body = segment.prefix, b"" if bare else segment.body
    s.vault.found(segment.id)
    return s.vault.add_segment(segment.id, p.author, p.compartment, segment.header, body, p.parents, state, held, carry)
