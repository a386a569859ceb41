"""What an open vault holds in memory beside its database: who is who, which keys, what time it is, when the team was last met.

All of it is read from the database, and read again when a change was undone: memory never knows more than the disk.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from panah import config
from panah.errors import Locked, Refused
from panah.kernel import keys, roster
from panah.kernel.event import Event, pack, unpack
from panah.kernel.roster import Founder, Member, Roster
from panah.kernel.rows import ticks
from panah.kernel.vault import Vault

_NO_FOUNDER = pack([b"", b""])


class Memory:
    """Keys, roster and clock of one open vault."""

    def __init__(
        self,
        vault: Vault,
        identity: keys.Identity,
        types: Mapping[str, type[Any]],
        clock: Callable[[], float] = time.time,
    ):
        self.vault = vault
        self.identity = identity
        self.types = dict(types)
        self.now = clock
        self.ring: dict[bytes, dict[bytes, bytes]] = {}
        self.names: dict[str, bytes] = {}
        self._named: dict[bytes, str] = {}
        self._epochs: dict[bytes, tuple[int, bytes]] = {}
        self._derived: dict[tuple[bytes, bytes], bytes] = {}
        self._desks = {_area(t.KIND.compartment): t.KIND.held_by for t in self.types.values() if "/" in t.KIND.compartment}
        # The areas whose compartment begins with a record of its own ("care/{id}"); all others begin with their first record of a case.
        self.opened = {_area(t.KIND.compartment) for t in self.types.values() if "{id}" in t.KIND.compartment}
        self._last = int.from_bytes(vault.meta("clock") or b"", "big")
        self.founder = Founder(b"", b"")
        self.roster = Roster()
        self._gone: set[bytes] = set()
        self._met = 0.0
        self._recall()
        vault.undone = self._recall

    def _recall(self) -> None:
        # Everything that memory holds beside the database, read from it: at the beginning, and when a change was undone. A key that
        # is in memory and not on the disk would seal what nobody can open tomorrow.
        self.founder = Founder(*unpack(self.vault.meta("founder") or _NO_FOUNDER))
        self.forget_all()
        for tag, name in self.vault.compartments():
            self.names[name], self._named[tag], self.ring[tag] = tag, name, {}
        for tag, epoch, n, key in self.vault.every_key():
            self._hold_key(tag, epoch, n, key)
        self._met = unpack(self.vault.meta("met") or pack(0.0))
        self._gone = set(unpack(self.vault.meta("erased") or pack([])))
        self._name_desks()
        self.load_roster()

    def _name_desks(self) -> None:
        self.desk_tags = {self.desk_tag(standing) for standing in config.STANDING if standing != "team"}

    def forget_all(self) -> None:
        """Let go of every key and every compartment's name."""
        for held in (self.names, self._named, self.ring, self._epochs, self._derived):
            held.clear()

    def set_founder(self, founder: Founder) -> None:
        """Pin the founder for ever. Refused("founder_changed") where another one is pinned. Call inside a change."""
        if self.founder.tag and founder != self.founder:
            raise Refused("founder_changed")
        self.vault.set_meta("founder", pack([founder.tag, founder.verify_key, founder.authority]))
        self.founder = founder
        self._name_desks()
        self.load_roster()

    # -- who and when ---------------------------------------------------------------------------------------------

    @property
    def me(self) -> Member:
        """The member this vault belongs to."""
        member = self.roster.member_of(self.identity.tag)
        return member or Member("", "", ())

    @property
    def team(self) -> str:
        """The team's name."""
        return self.roster.team

    def require_team(self) -> None:
        """Locked("not_in_a_team") while this vault still waits for its welcome."""
        if "team" not in self.names:
            raise Locked("not_in_a_team")

    def meet_first(self) -> None:
        """Locked("team_not_met") where this vault has met nobody for too long: an erasure or a removal may not have reached it (NN-64)."""
        away = self.now() - self._met
        if away > config.AWAY_SECONDS and "team" in self.names and len(self.roster.devices.keys() - self.roster.removed) > 1:
            raise Locked("team_not_met", days=int(away // 86400))

    @property
    def met_at(self) -> float:
        """The latest time that a colleague's device has signed, as far as this vault has met them."""
        return self._met

    def met(self, at: float) -> None:
        """Note that this vault knows what the team knew at a time. Call inside a change."""
        at = min(at, self.now())
        if at > self._met:
            self._met = at
            self.vault.set_meta("met", pack(at))

    def load_roster(self) -> None:
        """Fold the roster again; called whenever its events changed."""
        self.vault.learnt += 1
        tag = self.names.get("team")
        events = self.vault.control_events(tag, roster.IN_TEAM) if tag else []
        self.roster = roster.roster(events, self.founder)

    def new_id(self) -> str:
        """A random 128-bit id; nothing about a person can be read from it (NN-34)."""
        return keys.random(16).hex()

    def tick(self) -> int:
        """The next hybrid time: after the wall clock's, and after everything seen."""
        self._last = max(self._last + 1, ticks(self.now()))
        self.keep_clock()
        return self._last

    def see_time(self, at: int) -> None:
        """Never stamp anything earlier than what was read. `keep_clock` writes it down, once for many."""
        self._last = max(self._last, at)

    def keep_clock(self) -> None:
        """Write down the latest time that was seen. Call inside a change."""
        self.vault.set_meta("clock", self._last.to_bytes(8, "big"))

    # -- keys -----------------------------------------------------------------------------------------------------

    def derived(self, key: bytes, label: bytes) -> bytes:
        """A key's derivation for one labelled use, remembered while the vault is open: every segment on the way needs the same one."""
        if (key, label) not in self._derived:
            self._derived[key, label] = keys.derive(key, label)
        return self._derived[key, label]

    def _hold_key(self, tag: bytes, epoch: bytes, n: int, key: bytes) -> None:
        self.ring.setdefault(tag, {})[epoch] = key
        # Two rotations at once give two epochs n + 1: both are read, and all write with the one of the lower name.
        newest = self._epochs.get(tag)
        if newest is None or (-n, epoch) < (-newest[0], newest[1]):
            self._epochs[tag] = (n, epoch)

    def add_key(self, tag: bytes, name: str, epoch: bytes, n: int, key: bytes, author: bytes) -> None:
        """Keep a compartment's key. Call inside a change."""
        self.vault.add_key(tag, name, epoch, n, key, author)
        self.vault.learnt += 1
        self.names[name], self._named[tag] = tag, name
        self._hold_key(tag, epoch, n, key)

    def forget(self, tag: bytes, records: Iterable[bytes]) -> None:
        """Let go of an erased compartment's keys, and remember the random names of what was erased. Call inside a change."""
        self.vault.learnt += 1
        self._gone |= {tag, *records}
        self.vault.set_meta("erased", pack(sorted(self._gone)))
        self.let_go_of(tag)

    def let_go_of(self, tag: bytes) -> None:
        """Let go of a compartment's keys and its name; another grant may bring them again. Call inside a change."""
        self.vault.learnt += 1
        self.names.pop(self._named.pop(tag, ""), None)
        self.ring.pop(tag, None)
        self._epochs.pop(tag, None)

    # -- behind glass (glass.py) ----------------------------------------------------------------------------------

    def panes(self) -> list[tuple[bytes, bytes, str, int, bytes]]:
        """(segment, pane, label, until, author) of what lies behind glass here."""
        return unpack(self.vault.meta("panes") or pack([]))  # type: ignore[no-any-return]

    def note_pane(self, segment: bytes, event: Event, author: bytes) -> None:
        """Note a piece of a pane that came; what is long over goes. Call inside a change."""
        label, until = event.set.get("label"), event.set.get("until")
        if isinstance(label, str) and type(until) is int and 0 < until < 1 << 40:
            kept = [one for one in self.panes() if one[3] > self.now() - 86400]
            self.vault.set_meta("panes", pack([*kept[-1000:], [segment, event.record, label[:100], until, author]]))

    def broken(self) -> list[tuple[bytes, float, str]]:
        """(compartment, until, reason) of what is open here for an hour."""
        return unpack(self.vault.meta("broken") or pack([]))  # type: ignore[no-any-return]

    def set_broken(self, tag: bytes, until: float, reason: str) -> None:
        """Remember that a compartment closes again. Call inside a change."""
        self.vault.set_meta("broken", pack([*[b for b in self.broken() if b[0] != tag], [tag, until, reason]]))

    def drop_broken(self, tag: bytes) -> None:
        """It is closed, or held otherwise. Call inside a change."""
        self.vault.set_meta("broken", pack([b for b in self.broken() if b[0] != tag]))

    def note(self, what: str, tag: bytes) -> None:
        """Remember for `tend` that somebody left a compartment or that it was restricted ("leaving"), or that somebody was given its keys
        or made a new one ("given"). Call inside a change."""
        self.vault.set_meta(what, pack(sorted({tag, *unpack(self.vault.meta(what) or pack([]))})))

    def take_noted(self, what: str) -> list[bytes]:
        """What was noted so, once. Call inside a change."""
        noted = self.vault.meta(what)
        if noted is None:
            return []
        self.vault.drop_meta(what)
        return [tag for tag in unpack(noted) if tag in self.ring]

    def is_erased(self, id: bytes) -> bool:
        """Whether a compartment or record was erased here."""
        return id in self._gone

    def is_gone(self, event: Event) -> bool:
        """Whether an event speaks of something erased: a record, or the key of a compartment."""
        return bool(self._gone) and (
            event.record in self._gone or (event.kind == roster.GRANT and event.record[:8] in self._gone)
        )

    def writing_key(self, tag: bytes) -> tuple[bytes, bytes]:
        """(epoch, key) that new segments of a compartment are sealed under."""
        epoch = self._epochs[tag][1]
        return epoch, self.ring[tag][epoch]

    def name_of(self, tag: bytes) -> str:
        """The name of a compartment held here, or the empty string."""
        return self._named.get(tag, "")

    def newest(self, tag: bytes) -> int:
        """The number of the newest key of a compartment, or 0."""
        return self._epochs.get(tag, (0, b""))[0]

    def desks_of(self, name: str) -> tuple[str, ...]:
        """The standing compartments that always hold the key of a templated one."""
        return tuple(self._desks.get(_area(name), ("supervisors",)))

    def of_desk(self, standing: str) -> bool:
        """Whether this vault holds a desk's key and its member is of that desk."""
        return standing in self.names and self.roster.may_hold(self.me, standing)

    def desk_tag(self, standing: str) -> bytes:
        """The tag of a desk in this team: whoever begins it means the same one."""
        return keys.desk_tag(self.founder.tag + self.founder.verify_key, standing)

    def areas_of_case(self) -> list[str]:
        """The areas that a case may have besides the one that it is opened in, such as `health`."""
        return sorted(self._desks.keys() - self.opened)


def _area(compartment: str) -> str:
    return compartment.split("/")[0]
