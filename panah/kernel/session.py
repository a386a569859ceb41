"""An unlocked vault: the one object that work functions receive. Records in, records out; events, keys and tables stay below.

Knows record types only by their declarations (panah/schema.py), never by name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from panah import letters
from panah.errors import Invalid, NotFound, Refused
from panah.kernel import blobs, fold, keys, log, roster, rows, share
from panah.kernel.database import no_collection
from panah.kernel.event import Event, Stamp, pack, unpack
from panah.kernel.memory import Memory
from panah.kernel.projections import StoredRow
from panah.kernel.roster import Member
from panah.kernel.rows import (
    BY_HAND,
    WAYS,
    Change,
    Conflict,
    Held,
    Hit,
    Meta,
    RecordLike,
    Status,
    Version,
    as_field,
    id_bytes,
    seconds,
    tag_bytes,
)
from panah.kernel.vault import Vault
from panah.schema import Protect, Value, readable

R = TypeVar("R", bound=RecordLike)


class Session(Memory):
    """The vault, open, for one member. Thread-safe: one lock around every call that touches the database."""

    def __init__(
        self,
        vault: Vault,
        identity: keys.Identity,
        types: Mapping[str, type[Any]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(vault, identity, types, clock)
        self._protect: dict[tuple[str, str], Protect | None] = {
            (t.KIND.name, f.name): f.protect for t in self.types.values() for f in t.KIND.fields
        }

    # -- who ------------------------------------------------------------------------------------------------------

    def members(self) -> Sequence[Member]:
        """Everyone in the team, the removed last."""
        return sorted(self.roster.members.values(), key=lambda m: (m.removed, m.name))

    def work_on(self, why: str) -> None:
        """A supervisor's word that this vault, and those that hear of it, work on without having met anybody; it stands in the log."""
        if "supervisor" not in self.me.roles:
            raise Refused("only_a_supervisor")
        with self.vault.change():
            log.append(self, self.names["team"], [share.control(self, roster.AWAY, keys.random(16), why=why)])
            self.met(self.now())

    def compartment_of(self, record: RecordLike) -> str:
        """The name of the compartment that a record is sealed in."""
        return record.KIND.compartment.format(id=record.id, case=record.case)

    def holders(self, compartment: str) -> Sequence[Member]:
        """The people who can open a compartment, by name."""
        return share.holders(self, compartment)

    def give(self, compartment: str, member: str) -> None:
        """Hand a compartment's keys to a member."""
        share.give(self, compartment, member)

    # -- read -----------------------------------------------------------------------------------------------------

    def get(self, cls: type[R], id: str, at: Mapping[str, Sequence[Sequence[Any]]] | None = None) -> R:
        """The record; NotFound if there is none that this vault can open.

        `at` is the `base` that a form carried: the record then comes as that form showed it, so that a save changes only what the
        person changed and replaces only what the person saw.
        """
        self.meet_first()
        row = self.vault.row(id_bytes(id))
        if row is None or row.kind != cls.KIND.name:
            raise NotFound("no_such_record", id=id)
        record = self._record(cls, row)
        if at is not None:
            base = {f: tuple(Stamp(int(a), bytes.fromhex(by)) for a, by in stamps) for f, stamps in at.items()}
            shown = fold.as_shown(self._events(row.id)[0], base, self.protect_of)
            was = _known(cls, {f: shown.get(f) for f in base})
            record = self._build(cls, row, was, {f: list(s) for f, s in base.items()}, record.meta)
        return record

    def find(self, cls: type[R], id: str) -> R | None:
        """The record, or None."""
        try:
            return self.get(cls, id)
        except NotFound:
            return None

    def kind_of(self, id: str) -> str:
        """The type of a record; NotFound if this vault has none of that id."""
        self.meet_first()
        row = self.vault.row(id_bytes(id))
        if row is None:
            raise NotFound("no_such_record", id=id)
        return row.kind

    def list(
        self,
        cls: type[R],
        *,
        where: Mapping[str, Value] | None = None,
        order: str = "updated",
        descending: bool = True,
        limit: int = 50,
        after: tuple[int, int] | None = None,
    ) -> Sequence[R]:
        """One page of records. `where` names indexed fields; a tuple means any of its values. `after` is the last record's meta.cursor."""
        self.meet_first()
        found = self.vault.rows(cls.KIND.name, rows.conditions(cls.KIND, where), order, descending, limit, after)
        return [self._record(cls, row) for row in found]

    def count(self, cls: type[R], where: Mapping[str, Value] | None = None) -> int:
        """How many records `list` would give in all."""
        self.meet_first()
        return self.vault.count(cls.KIND.name, rows.conditions(cls.KIND, where))

    def search(self, text: str, kinds: Sequence[str] | None = None, limit: int = 20) -> Sequence[Hit]:
        """Records in which every word of the text occurs, in any of the scripts; the newest first."""
        self.meet_first()
        folded = letters.fold(text).split()
        if not folded:
            return []
        found = self.vault.match("words", " ".join(f'"{w}"*' for w in folded), kinds, limit)
        joined = "".join(folded)
        if len(found) < limit and len(joined) >= 3:
            # Names are written joined and apart; the parts in threes find them either way.
            seen = {row.id for row in found}
            more = self.vault.match("threes", f'"{joined}"', kinds, limit)
            found += [row for row in more if row.id not in seen]
        return [Hit(row.id.hex(), row.kind, seconds(row.updated)) for row in found[:limit]]

    def history(self, id: str) -> Sequence[Change]:
        """Every change to a record, newest first."""
        self.meet_first()
        events, _ = self._events(id_bytes(id))
        if not events:
            raise NotFound("no_such_record", id=id)
        standing = {(name, w.stamp) for name, ws in fold.writes_of(events).items() for w in fold.standing(ws)}
        return [
            Change(
                seconds(w.stamp.at), self._author(w.stamp.author), w.stamp.author.hex(), name, w.value, replaced,
                self.name_of(w.compartment), (name, w.stamp) in standing,
            )
            for name, w, replaced in reversed(fold.history(events))
        ]  # fmt: skip

    def conflicts(self, id: str | None = None) -> Sequence[Conflict]:
        """Fields that people wrote without seeing each other and that nobody has settled yet."""
        self.meet_first()
        if id is None:
            stored = self.vault.conflicted()
        else:
            row = self.vault.row(id_bytes(id))
            stored = [row] if row else []
        found = []
        for row in stored:
            values, _, conflicts, protected, _, _ = unpack(row.data)
            writes = fold.writes_of(self._events(row.id)[0]) if conflicts else {}
            for name in conflicts:
                stand = fold.standing(writes[name])
                versions = tuple(Version(seconds(w.stamp.at), self._author(w.stamp.author), w.value) for w in stand)
                found.append(Conflict(row.id.hex(), row.kind, name, versions, values[name], name in protected))
        return found

    # -- write ----------------------------------------------------------------------------------------------------

    def save(self, record: R, *others: RecordLike) -> R:
        """Keep what changed in these records, all or none; gives the first one as it now stands.

        Raises Invalid with every problem if a value cannot be kept, Refused if this vault lacks the key to write it.
        """
        self.meet_first()
        with self.vault.change():
            self._save(record)
            for other in others:
                self._save(other)
            return self.get(type(record), record.id)

    def _save(self, record: RecordLike) -> None:
        new = not record.id
        if new:
            record.id = self.new_id()
        if self.is_erased(id_bytes(record.id)):
            raise Refused("record_erased")
        changed = rows.changed(record)
        problems = record.problems(changed.keys())
        known = self.vault.row(id_bytes(record.id))
        if not new and known is not None:
            problems += [
                (f.name, "write_once")
                for f in record.KIND.fields
                if f.once and f.name in changed and record.was.get(f.name) is not None
            ]
        if problems:
            raise Invalid("record_has_problems", tuple(problems))
        if not changed and known is not None:
            return
        by_compartment: dict[str, dict[str, Value]] = {}
        own = self.compartment_of(record)
        for f in record.KIND.fields:
            if f.name in changed:
                name = f.compartment.format(id=record.id, case=record.case) if f.compartment else own
                by_compartment.setdefault(name, {})[f.name] = changed[f.name]
        if known is None:
            by_compartment.setdefault(own, {})
        at = self.tick()
        for name, fields in by_compartment.items():
            base = {f: _stamps(record.base[f]) for f in fields if record.base.get(f)}
            log.append(
                self,
                self._writable(record, name),
                [Event(id_bytes(record.id), record.KIND.name, at, fields, base)],
            )
        self.refold([id_bytes(record.id)])

    def _writable(self, record: RecordLike, name: str) -> bytes:
        if name in self.names:
            return self.names[name]
        self.require_team()
        template = record.KIND.compartment
        if "{id}" in template and name == template.format(id=record.id, case=record.case):
            return share.create(self, name, record.KIND.held_by)
        if "None" in name:
            raise Refused("record_needs_case")
        if self.may_write(name):
            return share.create(self, name, self.desks_of(name), keys.part_tag(name))
        raise Refused("no_key_here")

    def may_write(self, name: str) -> bool:
        """Whether this member can seal something into a compartment: holds its key, or may begin it as an area of a case."""
        return name in self.names or (name.split("/")[0] in self.areas_of_case() and share.may_begin(self, name))

    def settle(self, id: str, field: str, value: Value) -> None:
        """A person's word on a conflict: replaces every version that stands now, the protective one too."""
        self.meet_first()
        with self.vault.change():
            row = self.vault.row(id_bytes(id))
            if row is None:
                raise NotFound("no_such_record", id=id)
            cls = self.types.get(row.kind)
            if cls is None:
                raise Refused("made_by_newer_version")
            record = self._record(cls, row)
            setattr(record, field, as_field(value))
            problems = record.problems([field])
            if problems:
                raise Invalid("record_has_problems", tuple(problems))
            stamps = _stamps(record.base.get(field, ()))
            declared = next((f for f in cls.KIND.fields if f.name == field), None)
            name = (
                declared.compartment.format(id=id, case=record.case)
                if declared and declared.compartment
                else self.compartment_of(record)
            )
            event = Event(row.id, row.kind, self.tick(), {field: msgspec.to_builtins(value)}, {field: stamps})
            log.append(self, self._writable(record, name), [event])
            self.refold([row.id])

    def refold(self, records: Iterable[bytes], *, first: bool = False) -> None:
        """Fold these records anew from their events; `first` where nothing stands of them. Call inside a change."""
        for id in records:
            events, compartment = self._events(id)
            if not events:
                self.vault.drop_row(id)
                continue
            row = fold.fold(events, self.protect_of)
            cls = self.types.get(row.kind)
            facets, words = blobs.facets(row.values), ("", "")
            if cls is not None:
                facets += rows.facets(cls.KIND, row.values)
                words = rows.words(cls.KIND, row.values)
            self.vault.put_row(id, row, compartment, facets, *words, first=first)

    def _events(self, id: bytes) -> tuple[Sequence[fold.Authored], bytes]:
        """The events of a record that lie where its type is kept, and the compartment it is at home in.

        Whoever knows a record's name could write about it under another key that they hold. A compartment that is named after the
        record tells which type it is, whatever somebody dated earlier elsewhere; and types that are known here go before others.
        """
        events = self.vault.events_of(id)
        kept = {at: self._place(id, *at) for at in {(e.event.kind, e.compartment) for e in events}}
        if len(kept) == 1:
            ((_, compartment), (rank, _)) = next(iter(kept.items()))
            return (events, compartment) if rank else ([], b"")
        best: dict[str, int] = {}
        for (kind, _), (rank, _) in kept.items():
            best[kind] = max(rank, best.get(kind, 0))
        most = max(best.values(), default=0)
        there = [(e, kept[e.event.kind, e.compartment]) for e in events if best[e.event.kind] == most]
        there = [(e, place) for e, place in there if place[0]]
        home = min(((e.event.at, e.author, away, e.compartment) for e, (_, away) in there), default=(0, b"", False, b""))
        return [e for e, _ in there], home[3]

    def _place(self, id: bytes, kind: str, compartment: bytes) -> tuple[int, bool]:
        # 0: not where this type is kept. 1: of a type not known here. 2: where it is kept. 3: in the compartment that is named after the record.
        cls = self.types.get(kind)
        if cls is None:
            return 1, False
        own, name = cls.KIND.compartment, self.name_of(compartment)
        for template in dict.fromkeys((own, *(f.compartment for f in cls.KIND.fields if f.compartment))):
            if "{case}" in template:
                fits = name.startswith(template.format(id="", case=""))
            else:
                fits = name == template.format(id=id.hex())
            if fits:
                return 3 if "{id}" in template else 2, template != own
        return 0, True

    def rebuild(self, progress: Callable[[int], None] = lambda done: None) -> int:
        """Forget every projection and fold the whole log again; the number of records. One transaction."""
        done = 0
        with self.vault.change(), no_collection():
            self.vault.drop_projections()
            for id in self.vault.every_record():
                self.refold([id], first=True)
                done += 1
                if done % 1000 == 0:
                    progress(done)
            self.vault.set_meta("folded", rows.folded_by(self.types))
        return done

    def renew(self) -> None:
        """Fold again what another version folded: with other types, filters or searches than this one has."""
        if self.vault.meta("folded") != rows.folded_by(self.types):
            self.rebuild()

    # -- drafts, settings, quarantine -----------------------------------------------------------------------------

    def keep_draft(self, key: str, data: Mapping[str, Value]) -> None:
        """Keep what is being typed; encrypted like everything else, gone when the form is saved."""
        with self.vault.change():
            self.vault.put_draft(key, self.now(), pack(dict(data)))

    def draft(self, key: str) -> dict[str, Value] | None:
        """What was typed and not saved."""
        data = self.vault.draft(key)
        return unpack(data) if data is not None else None

    def drop_draft(self, key: str) -> None:
        """Forget a draft."""
        with self.vault.change():
            self.vault.drop_draft(key)

    def drafts(self) -> Sequence[tuple[str, float]]:
        """(key, when kept) of every draft, newest first."""
        return self.vault.drafts()

    def setting(self, key: str, default: Value = None) -> Value:
        """A setting of this vault alone."""
        data = self.vault.meta("setting." + key)
        return default if data is None else unpack(data)

    def set_setting(self, key: str, value: Value) -> None:
        """Change a setting of this vault alone."""
        with self.vault.change():
            self.vault.set_meta("setting." + key, pack(value))

    def attach(self, data: bytes, media: str, name: str) -> dict[str, Value]:
        """Keep a file, sealed under a key of its own; gives the value for an attach field."""
        return blobs.attach(self, data, media, name)

    def read(self, value: dict[str, Value]) -> bytes:
        """The bytes of an attached file; NotFound while they are still elsewhere."""
        self.meet_first()
        return blobs.read(self, value)

    def status(self) -> Status:
        """Where carrying stands: changes that nobody was given yet, and when colleagues were met last, by whatever way."""
        met, code = None, ""
        places = self.setting("relays", [])
        for way in (*places, *WAYS):
            last = self.setting("sync." + way)
            if last and (met is None or last[0] > met):
                met, code = last[0], last[1]
        sent = min((self.vault.cursor(address, b"sent") for address in places), default=self.vault.cursor(BY_HAND, b"sent"))
        return Status(self.vault.to_carry(sent), met, code, self.vault.waiting(), self.vault.missing(), len(self.vault.held()))

    def quarantine(self) -> Sequence[Held]:
        """What arrived and was not understood."""
        return [Held(id.hex(), source, code, at, size) for id, source, code, at, size in self.vault.held()]

    def lock(self) -> None:
        """Close the vault and let go of every key. Python cannot wipe memory; the process should end soon where that matters."""
        self.forget_all()
        self.vault.close()

    # -- inside ---------------------------------------------------------------------------------------------------

    def protect_of(self, kind: str, field: str) -> Protect | None:
        """The declared protective order of a field."""
        return self._protect.get((kind, field))

    def _author(self, tag: bytes) -> str:
        member = self.roster.member_of(tag)
        return member.name if member else ""

    def _record(self, cls: type[R], row: StoredRow) -> R:
        values, stamps, conflicts, protected, creator, changer = unpack(row.data)
        known = _known(cls, values)
        case = values.get("case")
        restricted = tuple(
            f.name
            for f in cls.KIND.fields
            if (f.compartment or cls.KIND.compartment).format(id=row.id.hex(), case=case) not in self.names
        )
        meta = Meta(
            seconds(row.created), self._author(creator), seconds(row.updated), self._author(changer), self.name_of(row.compartment), tuple(conflicts), tuple(protected),
            restricted, {f: v for f, v in values.items() if f not in known}, (row.updated, row.n),
        )  # fmt: skip
        return self._build(cls, row, known, stamps, meta)

    def _build(self, cls: type[R], row: StoredRow, values: dict[str, Value], stamps: Mapping[str, Any], meta: Meta) -> R:
        record = cls(id=row.id.hex(), **{f: as_field(v) for f, v in values.items()})  # type: ignore[call-arg]
        record.was = values
        record.base = {f: [[at, by.hex() if isinstance(by, bytes) else by] for at, by in s] for f, s in stamps.items()}
        record.meta = meta
        return record


def _known(cls: type[R], values: Mapping[str, Value]) -> dict[str, Value]:
    """The values that the declaration of this version can show; the others stay in the log as somebody else's program wrote them."""
    declared = {f.name: f for f in cls.KIND.fields}
    return {f: v for f, v in values.items() if f in declared and readable(declared[f], as_field(v))}


def _stamps(shown: Iterable[Sequence[Any]]) -> list[tuple[int, bytes]]:
    """The stamps that a form carried, in the one order that the log has for them."""
    return sorted({(int(at), tag_bytes(by)) for at, by in shown})
