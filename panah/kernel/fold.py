"""Fold the events of one record into its state: a pure function of the set of events, whatever the order they came in.

Each field is a register that keeps every write nobody has replaced. A write replaces exactly the writes its author had been shown (`base`).
Of several that stand, the latest is shown and the conflict is flagged; a protective field shows the most protective instead (NN-70, NN-71).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from panah.kernel.event import Event, Stamp
from panah.schema import Protect, Value, canonical


class Write(NamedTuple):
    """One value written to one field."""

    stamp: Stamp
    value: Value
    base: tuple[Stamp, ...]
    compartment: bytes = b""


class State(NamedTuple):
    """What stands in one field. `stamps` are the writes that a later change must replace; `conflict` asks for a person."""

    value: Value
    stamps: tuple[Stamp, ...]
    conflict: bool
    protected: bool


class Row(NamedTuple):
    """What stands in one record."""

    kind: str
    values: dict[str, Value]
    stamps: dict[str, tuple[Stamp, ...]]
    conflicts: tuple[str, ...]
    protected: tuple[str, ...]
    created: Stamp
    updated: Stamp


class Authored(NamedTuple):
    """An event with what the log knows about it: who wrote it, and under which compartment it was sealed."""

    author: bytes
    compartment: bytes
    event: Event


def order(write: Write) -> tuple[Stamp, bytes]:
    """The order in which writes are shown. A cloned device can stamp two values alike; their bytes decide then."""
    return write.stamp, canonical(write.value)


def standing(writes: Iterable[Write]) -> list[Write]:
    """The writes that no other write has replaced, oldest first."""
    writes = list(writes)
    replaced = {stamp for write in writes for stamp in write.base}
    left = [w for w in writes if w.stamp not in replaced]
    if len(left) == 1:
        return left
    seen: dict[tuple[Stamp, bytes], Write] = {order(w): w for w in left}
    return [seen[key] for key in sorted(seen)]


def state(writes: Iterable[Write], protect: Protect | None = None) -> State:
    """What a field shows."""
    stand = standing(writes)
    stamps = tuple(dict.fromkeys(w.stamp for w in stand))
    latest = stand[-1].value
    different = {canonical(w.value): w.value for w in stand}
    if len(different) == 1:
        return State(latest, stamps, False, False)
    if protect is None:
        return State(latest, stamps, True, False)
    value = protect([different[key] for key in sorted(different)])
    return State(value, stamps, True, True)


def writes_of(events: Iterable[Authored]) -> dict[str, list[Write]]:
    """The writes to each field of one record."""
    fields: dict[str, list[Write]] = {}
    for author, compartment, event in events:
        stamp = Stamp(event.at, author)
        for name, value in event.set.items():
            base = event.base.get(name)
            seen = tuple([Stamp(at, by) for at, by in base]) if base else ()
            fields.setdefault(name, []).append(Write(stamp, value, seen, compartment))
    return fields


def fold(events: Iterable[Authored], protect_of: Callable[[str, str], Protect | None]) -> Row:
    """The state of one record from all of its events; `protect_of(kind, field)` gives the declared protective order."""
    events = list(events)
    if len(events) == 1:
        return _alone(*events[0])
    stamps = sorted([(Stamp(e.event.at, e.author), e.event.kind) for e in events])
    # A record has one type, that of its first event; a liar's event of another type under the same id changes nothing.
    kind = stamps[0][1]
    values: dict[str, Value] = {}
    shown: dict[str, tuple[Stamp, ...]] = {}
    conflicts: list[str] = []
    protected: list[str] = []
    for name, writes in sorted(writes_of([e for e in events if e.event.kind == kind]).items()):
        now = state(writes, protect_of(kind, name))
        values[name], shown[name] = now.value, now.stamps
        if now.conflict:
            conflicts.append(name)
        if now.protected:
            protected.append(name)
    return Row(kind, values, shown, tuple(conflicts), tuple(protected), stamps[0][0], stamps[-1][0])


def _alone(author: bytes, _: bytes, event: Event) -> Row:
    # A record that was written once has nothing to compare; its row is what the general way gives (a test holds both side by side).
    stamp = Stamp(event.at, author)
    return Row(event.kind, dict(sorted(event.set.items())), dict.fromkeys(sorted(event.set), (stamp,)), (), (), stamp, stamp)


def history(events: Iterable[Authored]) -> list[tuple[str, Write, tuple[Value, ...]]]:
    """Every write of a record, oldest first, with the values it replaced."""
    changes = []
    for name, writes in writes_of(events).items():
        by_stamp = {w.stamp: w.value for w in writes}
        changes += [(name, w, tuple(by_stamp[s] for s in w.base if s in by_stamp)) for w in writes]
    return sorted(changes, key=lambda c: (c[1].stamp, c[0]))


def as_shown(
    events: Iterable[Authored], base: dict[str, tuple[Stamp, ...]], protect_of: Callable[[str, str], Protect | None]
) -> dict[str, Value]:
    """The values that a reader saw who was shown exactly the writes of `base`: what a form held when it was opened."""
    events = list(events)
    kind = min((Stamp(e.event.at, e.author), e.event.kind) for e in events)[1]
    values = {}
    for name, writes in writes_of(events).items():
        shown = [w._replace(base=()) for w in writes if w.stamp in base.get(name, ())]
        values[name] = state(shown, protect_of(kind, name)).value if shown else None
    return values
