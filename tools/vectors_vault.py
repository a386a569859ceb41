"""Write the vectors that take a vault to run: what becomes of segments that arrive one after the other, which keys are believed, and where
events of a record count. Part of `make vectors`; called by tools/vectors_log.py.
"""

from __future__ import annotations

import hashlib
from typing import Any

from panah.kernel import event, keys, seal
from panah.kernel.event import Content, Event, Header, Prefix, Whole, pack

AT = 1_790_000_000_000 << 16
NOW = 1_790_000_000 + 3600
DAY = 86_400_000 << 16
TEAM, TEAM_EPOCH, TEAM_KEY = b"\x7e" * 8, b"\x7f" * 8, b"\x77" * 32
DESK, DESK_EPOCH, DESK_KEY = b"\xda" * 8, b"\xde" * 8, b"\xdd" * 32
RECORD, OTHER = bytes(range(16)), bytes(range(16, 32))
CARE, CARE_EPOCH, CARE_KEY = b"\xca" * 8, b"\xce" * 8, b"\xcc" * 32
NAME = "care/" + RECORD.hex()
HELD = [
    (TEAM, "team", TEAM_EPOCH, 1, TEAM_KEY),
    (DESK, "supervisors", DESK_EPOCH, 1, DESK_KEY),
    (CARE, NAME, CARE_EPOCH, 1, CARE_KEY),
]


def person(n: int) -> keys.Identity:
    return keys.Identity(bytes([n]) * 8, bytes([n]) * 32, bytes([n + 16]) * 32)


OMID, LALEH, STRANGER, SARA, NIMA = (person(n) for n in (1, 2, 3, 4, 5))
ROLES = {OMID: ["supervisor", "keyholder"], LALEH: ["caseworker"], SARA: ["supervisor"], NIMA: ["keyholder"]}
NAMES = {OMID: "Omid", LALEH: "Laleh", SARA: "Sara", NIMA: "Nima"}


class Log:
    """Writes segments as these devices would, one chain for each of them in each compartment. What HPKE sealed before is kept as long as it opens."""

    def __init__(self, old: list[dict[str, Any]]) -> None:
        self.old = {step["name"]: step["segment"] for step in old}
        self.heads: dict[tuple[bytes, bytes], bytes] = {}
        self.steps: list[dict[str, Any]] = []
        self.at = AT

    def event(self, kind: str, record: bytes = RECORD, **fields: Any) -> Event:
        self.at += 1
        return Event(record, kind, self.at, fields)

    def make(
        self, me: keys.Identity, place: tuple[Any, ...], *events: Event, name: str = "", parents: list[bytes] | None = None,
        sign_seed: bytes = b"", to: keys.Identity | None = None, chain: bool = True,
    ) -> bytes:  # fmt: skip
        tag, epoch, key = (to.tag, event.DIRECT, b"") if to else (place[0], place[2], place[4])
        before = self.heads.get((me.tag, tag))
        prefix = pack(Prefix(1, me.tag, tag, epoch, parents if parents is not None else [before] if before else []))
        packed = seal.compress(pack(Content(max(e.at for e in events), [], list(events))))
        signed = keys.sign(sign_seed or me.sign_seed, keys.LABEL_SEGMENT + prefix, packed) + packed
        if to is None:
            body = seal.seal(key, signed, keys.LABEL_SEGMENT + prefix)
        else:
            body = self._kept(name, prefix, signed, to) or keys.seal_to(
                to.recipient, seal.pad(signed), keys.LABEL_DIRECT + prefix
            )
        data = pack(Whole(pack(Header(prefix, hashlib.sha256(body).digest())), body))
        if chain:
            self.heads[me.tag, tag] = event.read(data).id
        return data

    def _kept(self, name: str, prefix: bytes, signed: bytes, to: keys.Identity) -> bytes:
        try:
            old = event.read(bytes.fromhex(self.old.get(name, "")))
            return old.body if old.prefix_bytes == prefix and event.open_direct(old, to) == signed else b""
        except Exception:  # it was never written, or is another one now
            return b""

    def step(self, name: str, data: bytes, **becomes: Any) -> None:
        self.steps.append({"name": name, "segment": data.hex(), **becomes})


def founding(log: Log) -> list[str]:
    """The team's log, by its founder: four members with a device each."""
    made = [log.make(OMID, HELD[0], log.event("_team", name="Ash"))]
    for who, roles in ROLES.items():
        member = bytes([who.tag[0]]) * 16
        made.append(log.make(OMID, HELD[0], log.event("_member", member, name=NAMES[who], roles=roles)))
        device = log.event("_device", member=member.hex(), tag=who.tag, sign=who.verify_key, open=who.recipient)
        made.append(log.make(OMID, HELD[0], device))
    return [data.hex() for data in made]


def vault(log: Log) -> dict[str, Any]:
    """Sara's vault: what it holds before anything arrives."""
    return {
        "identity": {"tag": SARA.tag.hex(), "sign_seed": SARA.sign_seed.hex(), "open_seed": SARA.open_seed.hex()},
        "founder": {"tag": OMID.tag.hex(), "verify_key": OMID.verify_key.hex()},
        "keys": [[tag.hex(), name, epoch.hex(), n, key.hex()] for tag, name, epoch, n, key in HELD],
        "now": NOW,
        "team": founding(log),
    }


def arrivals(old: dict[str, Any]) -> dict[str, Any]:
    log = Log(old.get("steps", []))
    start = vault(log)
    team, _, care = HELD
    note = log.make(LALEH, care, log.event("case", note="first"))
    log.step("a colleague's change", note, new=1)
    log.step("the same again", note, known=1)
    log.step(
        "a change of a case whose key is not here",
        log.make(LALEH, (b"\xcb" * 8, "", b"\xee" * 8, 1, b"\xee" * 32), log.event("case")),
        foreign=1,
    )
    log.step(
        "under a key that is not here yet",
        log.make(LALEH, (CARE, "", b"\xef" * 8, 2, b"\xef" * 32), log.event("case"), chain=False),
        waiting=1,
        code="epoch_unknown",
    )
    log.step(
        "under the wrong key for its epoch",
        log.make(LALEH, (CARE, "", CARE_EPOCH, 1, b"\xef" * 32), log.event("case"), chain=False),
        quarantined=1,
        code="seal_broken",
    )
    log.step(
        "by a device that nobody brought in",
        log.make(STRANGER, care, log.event("case"), chain=False),
        waiting=1,
        code="author_unknown",
    )
    log.step(
        "in another's name",
        log.make(OMID, care, log.event("case", note="forged"), sign_seed=LALEH.sign_seed, chain=False),
        quarantined=1,
        code="signature_wrong",
    )
    second = log.make(LALEH, care, log.event("case", note="second"))
    third = log.make(LALEH, care, log.event("case", note="third"))
    log.step("one whose predecessor is not here", third, waiting=1, code="parent_missing")
    log.step("its predecessor: both count", second, new=2)
    log.step(
        "a predecessor of another author",
        log.make(OMID, care, log.event("case"), parents=[event.read(note).id], chain=False),
        quarantined=1,
        code="segment_parent_foreign",
    )
    ahead = Event(RECORD, "case", AT + 2 * DAY, {})
    log.step("dated two days ahead", log.make(OMID, care, ahead, chain=False), waiting=1, code="clock_ahead")
    log.step(
        "a record in the team's own compartment",
        log.make(LALEH, team, log.event("case", note="x"), chain=False),
        quarantined=1,
        code="event_malformed",
    )
    name = "a record sealed to one device"
    log.step(
        name,
        log.make(LALEH, (), log.event("case", note="x"), to=SARA, name=name, chain=False),
        quarantined=1,
        code="event_malformed",
    )
    name = "a control event sealed to this device"
    log.step(name, log.make(OMID, (), log.event("_news", x=1), to=SARA, name=name), new=1)
    name = "sealed to another device"
    log.step(name, log.make(LALEH, (), log.event("_news", x=1), to=NIMA, name=name), foreign=1)
    whole = event.read(log.make(OMID, care, log.event("case", note="by Omid")))
    log.step("a link: its body was erased somewhere", pack(Whole(whole.header, b"")), links=1)
    log.step("the body after all", whole.bytes, new=1)
    log.step("a link under another header", pack(Whole(whole.header[:-1], b"")), quarantined=1, code="segment_malformed")
    out = log.event("_removed", OTHER, member=(bytes([LALEH.tag[0]]) * 16).hex())
    log.step("a removal", log.make(OMID, team, out), new=1)
    log.step(
        "by the one who was removed", log.make(LALEH, care, log.event("case", note="too late")), waiting=1, code="author_removed"
    )
    cut = log.event("_cut", OTHER, author=LALEH.tag, heads=[event.read(second).id])
    log.step("a cut: what came after it is taken back", log.make(OMID, care, cut), new=1, taken_back=[event.read(third).id.hex()])
    return {"vault": start, "steps": log.steps, "record": RECORD.hex(), "note": "by Omid"}  # fmt: skip


def grants(old: dict[str, Any]) -> dict[str, Any]:
    log = Log(old.get("steps", []))
    start = vault(log)
    team, desk, care = HELD

    def key(n: int) -> tuple[bytes, bytes]:
        return bytes([0xE0 + n]) * 8, bytes([n]) * 32

    def gives(by: keys.Identity, place: tuple[Any, ...], what: tuple[Any, ...], epoch: int, n: int, **odd: Any) -> bytes:
        e, k = key(epoch)
        v = {"name": what[1], "tag": what[0], "epoch": e, "n": n, "key": k, **odd}
        return log.make(
            by, place, log.event("_grant", odd.pop("record", what[0] + e), **{f: x for f, x in v.items() if f != "record"})
        )

    def step(name: str, data: bytes, of: str, writes: bytes, **more: Any) -> None:
        log.step(name, data, new=1, of=of, writes=writes.hex(), **more)

    step("a supervisor gives the case its second key, through the desk", gives(OMID, desk, care, 1, 2), NAME, key(1)[0])
    step("who does not hold the case gives it no third", gives(LALEH, team, care, 2, 3), NAME, key(1)[0])
    step("a number that is more than 1,000 beyond the newest is none", gives(OMID, desk, care, 3, 5000), NAME, key(1)[0])
    step("nor is one below 1", gives(OMID, desk, care, 3, 0), NAME, key(1)[0])
    step("a key of 31 bytes is none", gives(OMID, desk, care, 3, 4, key=bytes(31)), NAME, key(1)[0])
    step(
        "a grant under another record than compartment and epoch is none",
        gives(OMID, desk, care, 3, 4, record=OTHER),
        NAME,
        key(1)[0],
    )
    step("the case under another name is none", gives(OMID, desk, (CARE, "care/x"), 3, 4), NAME, key(1)[0])
    step("a known name for another compartment is none", gives(OMID, desk, (b"\xcb" * 8, NAME), 3, 4), NAME, key(1)[0])
    step("of two with one number the lower name is written with", gives(OMID, desk, care, 0, 2), NAME, key(0)[0])
    step("given before it was known that the giver holds the case", gives(LALEH, team, care, 4, 3), NAME, key(0)[0])
    held = log.event("_holder", OTHER, device=LALEH.tag)
    step("that the giver holds it: now both of theirs count", log.make(OMID, care, held), NAME, key(2)[0])
    step("an administrator who does not hold a desk gives it no key", gives(NIMA, team, desk, 5, 2), "supervisors", DESK_EPOCH)
    step("a caseworker neither", gives(LALEH, team, desk, 5, 2), "supervisors", DESK_EPOCH)
    step("a member of the desk does", gives(OMID, desk, desk, 6, 2), "supervisors", key(6)[0])
    new = "care/" + OTHER.hex()
    step(
        "the first key of a case that was not known, from any member",
        gives(LALEH, team, (b"\xcb" * 8, new), 7, 1),
        new,
        key(7)[0],
    )
    step(
        "a desk that was not known, from who is no administrator: none",
        gives(LALEH, team, (b"\xdb" * 8, "health"), 8, 1),
        "health",
        b"",
    )
    step("the same from an administrator", gives(NIMA, team, (b"\xdb" * 8, "health"), 9, 1), "health", key(9)[0])
    gone = log.event("_left", OTHER, device=LALEH.tag)
    step("one who left the case", log.make(OMID, care, gone), NAME, key(2)[0])
    step("gives it no key any more", gives(LALEH, team, care, 10, 4), NAME, key(2)[0])
    for name, fields in (
        ("a holder that is a number", {"device": 1 << 40}), ("a holder that is a text", {"device": "x"}), ("a holder that is nobody", {}),
    ):  # fmt: skip
        step(name + " changes nothing", log.make(OMID, care, log.event("_holder", OTHER, **fields)), NAME, key(2)[0])
    return {"vault": start, "steps": log.steps}


def places() -> dict[str, Any]:
    """Events of one record under several compartments: which of them count."""
    first = {"kind": "file", "at": 100, "by": "01" * 8, "set": {"title": "Blue door", "risk": "high"}, "in": NAME}

    def one(kind: str, at: int, where: str, **fields: Any) -> dict[str, Any]:
        return {"kind": kind, "at": at, "by": "02" * 8, "set": fields, "in": where}

    elsewhere = "care/" + OTHER.hex()
    stands = ("file", NAME, {"title": "Blue door", "risk": "high"})
    stories: list[tuple[str, list[dict[str, Any]], tuple[str, str, dict[str, Any]]]] = [
        ("at home", [first], stands),
        ("the same type in another case's compartment", [first, one("file", 200, elsewhere, title="Forged", risk="low")], stands),
        ("the same type in a desk's compartment", [first, one("file", 200, "intake", title="Forged")], stands),
        ("another type, dated earlier, where that type is at home", [first, one("letter", 1, "intake", text="x")], stands),
        ("a type that is not known, dated earlier", [first, one("from_tomorrow", 1, "intake", text="x")], stands),
        ("a type that is not known, and nothing else", [one("from_tomorrow", 1, "intake", text="x")], ("from_tomorrow", "intake", {"text": "x"})),
        ("a known type before one that is not known", [one("from_tomorrow", 1, "intake", a=1), one("letter", 2, "intake", text="x")], ("letter", "intake", {"text": "x"})),
        ("a field that has a narrower home", [one("letter", 5, "supervisors", secret="s"), one("letter", 5, "intake", text="x")], ("letter", "intake", {"text": "x", "secret": "s"})),
        ("a part of a case, in a case's compartment", [one("part", 5, elsewhere, case=OTHER.hex(), text="x")], ("part", elsewhere, {"case": OTHER.hex(), "text": "x"})),
        ("a part of a case, in a desk's compartment", [one("part", 5, "intake", text="x")], ("", "", {})),
    ]  # fmt: skip
    homes = {"file": ["care/{id}"], "letter": ["intake", "supervisors"], "part": ["care/{case}"]}
    return {
        "record": RECORD.hex(),
        "homes": homes,
        "records": [
            {"name": name, "events": events, "kind": kind, "home": home, "values": values}
            for name, events, (kind, home, values) in stories
        ],
    }
