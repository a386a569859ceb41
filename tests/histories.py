"""Whole teams with random histories: several people and devices, partitions, bad sticks, power cuts, clones, old images, clocks years wrong.

One seed is one history. `Team.play` acts, `Team.settle` lets everybody who is left meet, `Team.judge` says whether the promise held:
never diverged, never a value lost that nobody replaced, no word where it may not be.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from panah.errors import PanahError
from panah.kernel import compact, enrol, epochs, erase, event, keys, receive, signs, sync
from panah.kernel.fold import Authored, writes_of
from panah.kernel.session import Session
from tests import team
from tests.team import File, Letter, Part

DAY = 86400.0
YEAR = 365 * DAY
START = 1_790_000_000.0
ROLES = {
    "omid": ("Omid", ("supervisor", "intake", "keyholder")),
    "sara": ("Sara", ("supervisor", "intake", "keyholder")),
    "laleh": ("Laleh", ("caseworker", "intake")),
    "tablet": ("Laleh", ("caseworker", "intake")),
    "rana": ("Rana", ("caseworker",)),
}


class Cut(BaseException):
    """The power went."""


class Told(NamedTuple):
    """A value that a save acknowledged."""

    device: str
    author: bytes
    record: bytes
    field: str
    value: Any
    stamp: tuple[int, bytes]


class Clock:
    """A device's clock: the true time, and how wrong it is."""

    def __init__(self, world: Team) -> None:
        self.world, self.wrong = world, 0.0

    def __call__(self) -> float:
        self.world.at += 0.003
        return self.world.at + self.wrong


def founded(folder: Path) -> Path:
    """A team's vaults, locked, to be copied for each history."""
    clock = team.Clock(START)
    omid = team.found(folder / "omid", clock=clock)
    everyone = {"omid": omid}
    for name in ("sara", "laleh", "rana"):
        everyone[name] = team.join(omid, folder / name, *ROLES[name], clock)
    laleh = everyone["laleh"]
    tablet = enrol.new_vault(folder / "tablet", team.PASSPHRASE, team.TYPES, team.QUICK, clock)
    enrol.enter(tablet, enrol.invite(omid, enrol.card(tablet), "Laleh", laleh.me.roles, member=laleh.me.id))
    everyone["tablet"] = tablet
    for _ in range(2):
        for s in [*everyone.values()][1:]:
            team.meet(omid, s, folder / "stick")
    for s in everyone.values():
        s.lock()
    return folder


class Team:
    """One history."""

    def __init__(self, template: Path, folder: Path, seed: int) -> None:
        self.rng, self.folder, self.at = random.Random(seed), folder, START + 3600
        self.stick = folder / "stick"
        self.clocks: dict[str, Clock] = {}
        self.s: dict[str, Session] = {}
        self.images: dict[str, tuple[Path, set[Told]]] = {}
        self.told: set[Told] = set()
        self.doubled: set[bytes] = set()  # devices that were cloned or set back
        self.words: dict[str, set[str]] = {}  # of each file, what was written into it
        self.may: dict[str, set[str]] = {}  # and the members who were given it
        self.done: list[str] = []
        for name in ROLES:
            shutil.copytree(template / name, folder / name)
            self.clocks[name] = Clock(self)
            self._open(name)

    def _open(self, name: str) -> Session:
        self.s[name] = enrol.open_vault(self.folder / name, team.PASSPHRASE, team.TYPES, self.clocks[name])
        return self.s[name]

    # -- what may happen ------------------------------------------------------------------------------------------

    def play(self, steps: int) -> None:
        acts: list[tuple[Callable[[Session, str], None], int]] = [
            (self.write, 12), (self.edit, 16), (self.carry, 18), (self.bad_stick, 4), (self.give, 3), (self.cut, 3), (self.image, 2),
            (self.go_back, 1), (self.clone, 1), (self.clock, 2), (self.erase, 6), (self.remove, 1), (self.pause, 2), (self.tidy, 1),
        ]  # fmt: skip
        for _ in range(steps):
            name = self.rng.choice([*self.s])
            act = self.rng.choices([a for a, _ in acts], [n for _, n in acts])[0]
            self.done.append(f"{act.__name__} {name}")
            try:
                act(self.s[name], name)
            except PanahError as e:
                self.done[-1] += f": {e.code}"  # a refusal in our own words is an answer

    def write(self, s: Session, name: str) -> None:
        word = f"word{self.rng.getrandbits(40):x}"
        kind = self.rng.random()
        files = s.list(File)
        if kind < 0.35:
            self._save(s, name, Letter(text=word, state="new", secret=word if "supervisors" in s.names else None))
        elif kind < 0.65 or not files:
            file = self._save(s, name, File(title=word, risk=self.rng.choice(["low", "medium"]), photo=self._photo(s)))
            self.words[file.id], self.may[file.id] = {word}, {s.me.id}
        else:
            file = self.rng.choice(files)
            self._save(s, name, Part(case=file.id, text=word))
            self.words[file.id].add(word)

    def _photo(self, s: Session) -> Any:
        return s.attach(keys.random(200), "image/jpeg", "") if self.rng.random() < 0.2 else None

    def edit(self, s: Session, name: str) -> None:
        found = [*s.list(Letter, limit=100), *s.list(File, limit=100)]
        if not found:
            return
        # Mostly what others write in as well, so that there is something to disagree about.
        found = sorted(found, key=lambda r: r.id)[:3] if self.rng.random() < 0.7 else found
        record, word = self.rng.choice(found), f"word{self.rng.getrandbits(40):x}"
        if isinstance(record, File):
            self.words[record.id].add(word)
        if isinstance(record, File) and self.rng.random() < 0.5:
            record.risk = self.rng.choice(["low", "medium", "high", "critical"])
        elif isinstance(record, File):
            record.title = word
        elif self.rng.random() < 0.3 and "supervisors" in s.names:
            record.secret = word
        else:
            record.text = word
        conflicts = s.conflicts(record.id)
        if conflicts and self.rng.random() < 0.3:
            s.settle(record.id, conflicts[0].field, conflicts[0].versions[0].value)
        else:
            self._save(s, name, record)

    def _save(self, s: Session, name: str, record: Any) -> Any:
        before = dict(record.was)
        kept = s.save(record)
        for field, value in kept.was.items():
            if value is not None and before.get(field) != getattr(record, field):
                (at, by), *_ = kept.base[field][-1:]
                stamp = (int(at), bytes.fromhex(by))
                if stamp[1] == s.identity.tag:
                    self.told.add(Told(name, s.identity.tag, bytes.fromhex(kept.id), field, repr(getattr(record, field)), stamp))
        return kept

    def carry(self, s: Session, name: str) -> None:
        other = self.s[self.rng.choice([n for n in self.s if n != name])]
        sync.to_file(s, self.stick)
        sync.from_file(other, self.stick)
        if self.rng.random() < 0.5:
            sync.to_file(other, self.stick)
            sync.from_file(s, self.stick)

    def bad_stick(self, s: Session, name: str) -> None:
        """Altered, reordered, doubled, withheld, or broken off."""
        sync.to_file(s, self.stick)
        other = self.s[self.rng.choice([n for n in self.s if n != name])]
        if self.rng.random() < 0.3:
            data = self.stick.read_bytes()
            self.stick.write_bytes(data[: self.rng.randrange(20, len(data))])
        else:
            parts = bundle(self.stick)
            segments = [data for kind, data in parts if kind == b"S"]
            kept = [d for d in segments if self.rng.random() < self.rng.choice([0.3, 0.8, 1])] or segments[:1]
            for n in range(len(kept)):
                if self.rng.random() < 0.05:
                    broken = bytearray(kept[n])
                    broken[self.rng.randrange(len(broken))] ^= 1 + self.rng.randrange(255)
                    kept[n] = bytes(broken)
            kept += self.rng.choices(kept, k=3)
            self.rng.shuffle(kept)
            with self.stick.open("wb") as f:
                f.write(sync.MAGIC)
                for data in kept:
                    sync.write_part(f, b"S", data)
                sync.write_part(f, b"E", len(kept).to_bytes(8, "big"))
        sync.from_file(other, self.stick)

    def give(self, s: Session, _: str) -> None:
        files = s.list(File)
        if files:
            file, to = self.rng.choice(files), self.s[self.rng.choice([*self.s])].me.id
            s.give(f"care/{file.id}", to)
            self.may[file.id].add(to)

    def cut(self, s: Session, name: str) -> None:
        """The power goes in the middle of a change: what is on the disk at that moment is all that is left."""
        left, after = self.rng.randrange(1, 60), self.folder / "after"
        if self.rng.random() < 0.5 or not self.stick.exists():
            sync.to_file(self.s[self.rng.choice([n for n in self.s if n != name])], self.stick)

        def watch(*_: Any) -> bool:
            nonlocal left
            left -= 1
            if left == 0:
                shutil.copytree(self.folder / name, after)
                raise Cut
            return True

        told = set(self.told)
        s.vault.db.exec_trace = watch
        try:
            self.rng.choice([self.write, self.edit, lambda s, _: sync.from_file(s, self.stick), lambda s, _: compact.compact(s)])(
                s, name
            )
        except Cut:
            self.told = told
        finally:
            s.vault.db.exec_trace = None
            if after.exists():
                s.lock()
                shutil.rmtree(self.folder / name)
                after.rename(self.folder / name)
                self._open(name)

    def image(self, s: Session, name: str) -> None:
        """Somebody copies the whole disk of a device."""
        s.lock()
        path = self.folder / "images" / name
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.folder / name, path)
        self.images[name] = path, set(self.told)
        self._open(name)

    def go_back(self, s: Session, name: str) -> None:
        """The device is set back to that copy, and goes on from there. What it alone had is gone; what it gave away is not."""
        if name not in self.images:
            return
        path, told = self.images[name]
        self.doubled.add(s.identity.tag)
        s.lock()
        shutil.rmtree(self.folder / name)
        shutil.copytree(path, self.folder / name)
        self._open(name)
        for t in [t for t in self.told - told if t.device == name]:
            if not any(_stands_in(other, t) for other in self.s.values()):
                self.told.discard(t)

    def clone(self, s: Session, name: str) -> None:
        """A second machine goes on with the same keys."""
        if len(self.s) > 6:
            return
        other = f"{name}+{len(self.s)}"
        self.doubled.add(s.identity.tag)
        s.lock()
        shutil.copytree(self.folder / name, self.folder / other)
        self.clocks[other] = Clock(self)
        self._open(name), self._open(other)

    def clock(self, _: Session, name: str) -> None:
        self.clocks[name].wrong = self.rng.choice([0, 0, -2 * YEAR, -3600, 40 * 3600, 3 * YEAR, 8 * YEAR])

    def pause(self, _: Session, __: str) -> None:
        self.at += self.rng.choice([3600, DAY, 20 * DAY])

    def erase(self, s: Session, _: str) -> None:
        files = s.list(File)
        asked = [f for f in files if (e := s.roster.erasures.get(s.names[f"care/{f.id}"])) and s.me.id not in e.by]
        if asked or files:
            file = self.rng.choice(asked) if asked else min(files, key=lambda f: f.id)
            (erase.keep if asked and self.rng.random() < 0.2 else erase.ask)(s, f"care/{file.id}")
            other = self.s[self.rng.choice([*self.s])]
            if other.find(File, file.id) and self.rng.random() < 0.5:  # they agreed on it in one room
                team.meet(s, other, self.stick)
                sync.to_file(s, self.stick)
                erase.ask(other, f"care/{file.id}")

    def remove(self, s: Session, _: str) -> None:
        others = [m.id for m in s.members() if not m.removed and m.name != "Omid"]
        if others and self.rng.random() < 0.5:
            if self.rng.random() < 0.5:
                enrol.remove(s, self.rng.choice(others))
            else:
                devices = [d.tag for m in others for d in s.roster.devices_of(m)]
                enrol.remove_device(s, self.rng.choice(devices))

    def tidy(self, s: Session, _: str) -> None:
        self.rng.choice([compact.compact, lambda s: s.rebuild()])(s)

    # -- the end --------------------------------------------------------------------------------------------------

    def settle(self) -> list[Session]:
        """All clocks are put right, and everybody who is left meets everybody until nothing moves; who is left."""
        self.at += 10 * YEAR
        for clock in self.clocks.values():
            clock.wrong = 0.0
        for s in self.s.values():
            receive.retry(s)
        still = False
        for _ in range(12):
            moved = 0
            # Who believes to be out, while the others know better, still reads what they write: a removal by somebody removed is none.
            left = [s for s in self.s.values() if not all(s.identity.tag in o.roster.removed for o in self.s.values())]
            for a in left:
                sync.to_file(a, self.stick)
                for b in left:
                    if a is not b:
                        moved += sync.from_file(b, self.stick).received
            before, still = still, not moved
            if before and still:  # twice: a key that came with the last of it may open what was let pass before
                break
        gone = set().union(*(s.roster.removed for s in self.s.values()))
        for s in self.s.values():
            with s.vault.change():
                s.met(s.now())
        # Who makes a key gives it to every device but their own: a copy of a device, or one that was set back, may be left outside by
        # itself. It is told so (tests/test_signs.py), and what it holds is judged no further. So may those whom a device that was set
        # back had given a key of the team which it has forgotten since: until the next key is made, they read only a part of what comes.
        everybody = [s for s in self.s.values() if s.identity.tag not in gone]
        team_keys = set().union(*(s.ring[s.names["team"]] for s in everybody))
        forgotten = {
            epoch
            for s in everybody
            for a in s.vault.control_events(s.names["team"], ("_renewed",))
            if a.author in self.doubled and (epoch := a.event.set.get("epoch"))
        }
        return [
            s
            for s in everybody
            if forgotten <= s.ring[s.names["team"]].keys()
            and (s.identity.tag not in self.doubled or s.ring[s.names["team"]].keys() == team_keys)
        ]

    def judge(self, left: list[Session]) -> None:
        """Assert what was promised."""
        gone = set().union(*(s.roster.removed for s in left)) if left else set()
        for a in left:
            assert a.roster.removed == left[0].roster.removed and a.roster.members == left[0].roster.members, "who is who"
            assert receive.check(a) == [] and a.vault.integrity() == [], "the log"
            prefixes = [event.read_header(header, body).prefix for _, _, header, body, _ in a.vault.segments(1)]
            # Who was given a case by somebody whose word does not count any more, or was shut out of it, keeps what they had, and no more.
            waits = {p.author for p in prefixes if p.compartment not in a.ring or _is_given(a, p.compartment)}
            # What a device wrote and gave away in part before it was set back has a hole that nobody can fill.
            assert waits <= gone | self.doubled, ("waits for ever", waits)
            assert {tag for tag in a.vault.ask("select author from missing") if tag[0] not in gone | self.doubled} == set(), (
                "missing"
            )
            assert all(a.is_erased(tag) for tag, e in a.roster.erasures.items() if e.decided), "decided and not done"
            named = {sign.device for sign in signs.signs(a) if "doubled" in sign.code}
            assert named <= {tag.hex() for tag in self.doubled}, "somebody is named who did nothing"
            before = rows(a)
            a.rebuild()
            assert rows(a) == before, "folded again, it is the same"
        for n, a in enumerate(left):
            for b in left[n + 1 :]:
                self._same(a, b)
        self._kept(left, gone)
        self._hidden(left)

    def _same(self, a: Session, b: Session) -> None:
        for tag in a.ring.keys() & b.ring.keys():
            if a.ring[tag].keys() == b.ring[tag].keys():
                mine, theirs = ({(i, k, c) for i, k, c, *_ in writes(s, tag)} for s in (a, b))
                assert mine == theirs, ("diverged", a.name_of(tag))
        if {t: set(e) for t, e in a.ring.items()} == {t: set(e) for t, e in b.ring.items()}:
            assert rows(a) == rows(b), "rows diverged"

    def _kept(self, left: list[Session], gone: set[bytes]) -> None:
        for t in self.told:
            # Of who was removed, what counts is what others had read; of what was erased, nothing. Where the second word of an erasure was
            # a member's who is out for the others, they are asked anew; who heeded it in time has erased, and gives nothing of it any more.
            for s in left if t.author not in gone and not self.s[t.device].is_erased(t.record) else []:
                if not s.is_erased(t.record) and s.vault.row(t.record) and _holds_all(s, self.s[t.device], t.record):
                    assert _stands_in(s, t), ("lost", t.field, t.device, s.me.name)
        for s in left:
            for (record,) in s.vault.ask("select distinct record from events where control = ''"):
                row, events = s.vault.row(record), raw(s, record)
                assert row is not None, "a record has events and no row"
                values, stamps, *_ = event.unpack(row.data)
                for field, found in writes_of([e for e in events if e.event.kind == row.kind]).items():
                    replaced = {stamp for w in found for stamp in w.base}
                    alive = [w for w in found if w.stamp not in replaced]
                    assert {(at, by) for at, by in stamps[field]} == {tuple(w.stamp) for w in alive}, ("not shown", field)
                    assert field != "title" or values[field] in [w.value for w in alive], "another value is shown"

    def _hidden(self, left: list[Session]) -> None:
        for s in left:
            plain = everything(s)
            for file, words in self.words.items():
                mine = s.me.id in self.may[file] or "supervisors" in s.names
                if s.is_erased(bytes.fromhex(file)) or not mine:
                    assert not any(w.encode() in plain for w in words), ("seen where it may not be", s.me.name)


def _is_given(s: Session, tag: bytes) -> bool:
    """Whether a vault is one of those that get every new key of a compartment."""
    name = s.name_of(tag)
    return s.identity.tag in epochs.holding(s, tag) or any(s.of_desk(desk) for desk in epochs.desks(s, name))


def _holds_all(s: Session, other: Session, record: bytes) -> bool:
    """Whether a vault holds every key that another had for a record: else it may lack what was written under that key."""
    return all(
        tag in s.ring and (tag not in other.ring or other.ring[tag].keys() <= s.ring[tag].keys())
        for (tag,) in other.vault.ask("select distinct compartment from events where record = ?", (record,))
    )


def _stands_in(s: Session, t: Told) -> bool:
    return any((a.event.at, a.author) == t.stamp and t.field in a.event.set for a in raw(s, t.record))


def raw(s: Session, record: bytes) -> list[Authored]:
    """The events of a record, asked for in the judge's own way."""
    found = s.vault.ask("select author, compartment, data from events where record = ? and control = ''", (record,))
    return [Authored(author, tag, event.unpack_event(data)) for author, tag, data in found]


def writes(s: Session, tag: bytes) -> list[tuple[Any, ...]]:
    """Every event of a compartment."""
    return s.vault.ask("select record, author, data from events where compartment = ? and control = ''", (tag,))


def rows(s: Session) -> list[tuple[Any, ...]]:
    """What is folded, without what depends on this vault alone."""
    return s.vault.ask("select id, kind, compartment, created, updated, conflicts, data from rows order by id")


def everything(s: Session) -> bytes:
    """All that this vault could show or open."""
    out = []
    for table in ("rows", "events", "drafts", "facets"):
        out += [repr(row).encode() for row in s.vault.ask(f"select * from {table}")]
    for tag, held in s.ring.items():
        for header, body in s.vault.segments_of(tag):
            segment = event.read_header(header, body)
            if body and segment.prefix.epoch in held:
                out.append(event.seal.decompress(event.open_body(segment, held[segment.prefix.epoch])[64:]))
    return b"\n".join(out)


def bundle(path: Path) -> list[tuple[bytes, bytes]]:
    """The parts of a bundle."""
    parts = []
    with path.open("rb") as f:
        f.read(len(sync.MAGIC))
        while not parts or parts[-1][0] != b"E":
            parts.append(sync.read_part(f, b"SFE"))
    return parts


def run(template: Path, folder: Path, seed: int, steps: int = 60) -> Team:
    """One history from its beginning to its judgement."""
    world = Team(template, folder, seed)
    try:
        world.play(steps)
        world.judge(world.settle())
    except AssertionError as e:
        raise AssertionError(f"seed {seed}: {e}\n" + "\n".join(world.done)) from e
    finally:
        for s in world.s.values():
            s.lock()
        shutil.rmtree(folder, ignore_errors=True)
    return world
