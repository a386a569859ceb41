"""Write the vectors of the log (segment, fold, roster, compartments, bundle) into spec/vectors/: part of `make vectors`.

Random bytes come from a counter here, so that the same program writes the same vectors; what HPKE seals cannot be repeated and is kept as
long as it opens. What each refusal and each folded state has to be is written here by hand, never computed.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import vectors_recovery
import vectors_vault
import zstandard

from panah.errors import PanahError, Unreadable
from panah.kernel import enrol, event, keys, recovery, roster, seal
from panah.kernel.event import Content, Event, Header, Prefix, Whole, pack
from panah.kernel.sync import MAGIC, write_part

OUT = Path(__file__).parent.parent / "spec" / "vectors"
AT = 1_790_000_000_000 << 16


class Counted:
    """Bytes that look random and are the same every time."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, n: int) -> bytes:
        self.n += 1
        return hashlib.shake_256(b"panah vectors %d" % self.n).digest(n)


def person(n: int) -> keys.Identity:
    return keys.Identity(bytes([n]) * 8, bytes([n]) * 32, bytes([n + 16]) * 32)


OMID, LALEH, STRANGER = person(1), person(2), person(3)
CARE, CARE_EPOCH, CARE_KEY = b"\xca" * 8, b"\xce" * 8, b"\xcc" * 32
RECORD, OTHER = bytes(range(16)), bytes(range(16, 32))
FIRST = Event(RECORD, "case", AT, {"note": "ژیان · first", "risk_level": "low"})
SECOND = Event(RECORD, "case", AT + 65536, {"risk_level": "high", "lead": None}, {"risk_level": [(AT, OMID.tag)]})


def shown(value: Any) -> Any:
    """A value as JSON has it: bytes as {"hex": ...}."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items()}
    return [shown(v) for v in value] if isinstance(value, (list, tuple)) else value


def one_event(e: Event) -> dict[str, Any]:
    base = {f: [[at, by.hex()] for at, by in stamps] for f, stamps in e.base.items()}
    return {"record": e.record.hex(), "kind": e.kind, "at": e.at, "set": shown(e.set), "base": base}


def write(name: str, value: Any) -> None:
    (OUT / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


# Segments.


def segment(
    content: Any = None, *, me: keys.Identity = OMID, prefix: Any = None, packed: bytes | None = None, bad_signature: bytes = b"",
    plain: Callable[[bytes], bytes] = seal.pad, body: Callable[[bytes], bytes] = bytes, key: bytes = b"",
) -> bytes:  # fmt: skip
    """A segment, right unless something is asked to be wrong."""
    content = Content(AT, [], [FIRST]) if content is None else content
    open_part = pack(Prefix(1, me.tag, CARE, CARE_EPOCH, []) if prefix is None else prefix)
    packed = seal.compress(pack(content)) if packed is None else packed
    signature = bad_signature or me.sign(keys.LABEL_SEGMENT + open_part, packed)
    sealed = body(keys.encrypt(key or CARE_KEY, plain(signature + packed), keys.LABEL_SEGMENT + open_part))
    return pack(Whole(pack(Header(open_part, hashlib.sha256(sealed).digest())), sealed))


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


def segments() -> None:
    old = json.loads((OUT / "segment.json").read_text()) if (OUT / "segment.json").exists() else {}
    a, b = (LALEH.tag, b"\1" * 32), (OMID.tag, b"\2" * 32)
    first = segment()
    id = event.read(first).id
    good = [
        ("one event", first),
        ("the next one, which has seen the first", segment(Content(AT + 65536, [], [SECOND]), prefix=[1, OMID.tag, CARE, CARE_EPOCH, [id]])),
        ("by another author, who shows what was seen", segment(Content(AT + 9, [(OMID.tag, id)], [Event(OTHER, "task", AT + 9, {"title": "x"})]), me=LALEH)),
        ("two events on two records", segment(Content(AT + 2, [], [FIRST, Event(OTHER, "task", AT + 2, {})]))),
        ("16 deep, and the ends of whole numbers", segment(Content(AT, [], [Event(RECORD, "case", AT, {"a": nested(16), "b": 2**63 - 1, "c": -(2**63)})]))),
        ("a control event may hold bytes", segment(Content(AT, [], [Event(RECORD, "_holder", AT, {"device": LALEH.tag})]))),
        ("what was seen of two others", segment(Content(AT, [b, a], [FIRST]))),
        ("every kind of value", segment(Content(AT, [], [Event(RECORD, "case", AT, {"a": None, "b": True, "c": -1, "d": 1.5, "e": "x", "f": [1, "y"], "g": {"h": "z"}})]))),
        ("a fork: two that follow the same one", segment(Content(AT + 65537, [], [Event(RECORD, "case", AT + 65537, {"note": "fork"})]), prefix=[1, OMID.tag, CARE, CARE_EPOCH, [id]])),
    ]  # fmt: skip
    header = msgspec.msgpack.decode(first)[0]
    turned = first[:-1] + bytes([first[-1] ^ 1])
    wide = msgspec.msgpack.encode({"version": 1})
    many = sorted(bytes([n]) * 32 for n in range(65))
    e = FIRST
    bomb = zstandard.ZstdCompressor(write_content_size=True).compress(bytes(event.MOST_CONTENT + 1))
    two = event.read(good[1][1])

    def holds(value: Any) -> bytes:
        return segment(packed=seal.compress(msgspec.msgpack.encode([AT, [], [[e.record, e.kind, e.at, {"a": value}, {}]]])))

    def saw(*seen: Any) -> bytes:
        return segment(Content(AT, list(seen), [FIRST]))

    def based(*stamps: Any) -> bytes:
        return segment(Content(AT, [], [Event(RECORD, "case", AT, {"a": 1}, {"a": list(stamps)})]))

    not_canonical = msgspec.msgpack.encode([AT, [], [[e.record, e.kind, e.at, {"z": 1, "a": 2}, {}]]])
    bad = [
        ("nothing", b"", "segment_malformed"),
        ("something else", wide, "segment_malformed"),
        ("the last byte missing", first[:-1], "segment_malformed"),
        ("a byte too many", first + b"\0", "segment_malformed"),
        ("an array with a longer head than it needs", b"\xdc\x00\x02" + first[1:], "segment_not_canonical"),
        ("the last bit of the body turned", turned, "segment_altered"),
        ("the body of another segment", pack(Whole(header, msgspec.msgpack.decode(good[1][1])[1])), "segment_altered"),
        ("a newer version", segment(prefix=[2, OMID.tag, CARE, CARE_EPOCH, [], "more"]), "segment_future_version"),
        ("a version of two bytes", segment(prefix=[200, "all is different"]), "segment_future_version"),
        ("a version that is a text", segment(prefix=["2", OMID.tag, CARE, CARE_EPOCH, []]), "segment_malformed"),
        ("no array where the version would be", pack(Whole(pack(Header(pack("hello"), bytes(32))), b"x")), "segment_malformed"),
        ("the body of another segment, hashed again", pack(Whole(pack(Header(event.read(first).prefix_bytes, hashlib.sha256(two.body).digest())), two.body)), "seal_broken"),
        ("under the key of another epoch", segment(key=b"\xcd" * 32), "seal_broken"),
        ("version 0", segment(prefix=[0, OMID.tag, CARE, CARE_EPOCH, []]), "segment_malformed"),
        ("a tag of seven bytes", segment(prefix=[1, OMID.tag[:7], CARE, CARE_EPOCH, []]), "segment_malformed"),
        ("a parent of 31 bytes", segment(prefix=[1, OMID.tag, CARE, CARE_EPOCH, [id[:31]]]), "segment_malformed"),
        ("parents out of order", segment(prefix=[1, OMID.tag, CARE, CARE_EPOCH, [b"\2" * 32, b"\1" * 32]]), "segment_malformed"),
        ("a parent twice", segment(prefix=[1, OMID.tag, CARE, CARE_EPOCH, [id, id]]), "segment_malformed"),
        ("65 parents", segment(prefix=[1, OMID.tag, CARE, CARE_EPOCH, many]), "segment_malformed"),
        ("a body changed and hashed again", segment(body=lambda b: b[:-1] + bytes([b[-1] ^ 1])), "seal_broken"),
        ("a body of eight bytes", segment(body=lambda b: b[:8]), "seal_broken"),
        ("a byte in the padding", segment(plain=lambda p: seal.pad(p)[:-1] + b"\1"), "padding_wrong"),
        ("a larger size than it needs", segment(plain=lambda p: len(p).to_bytes(4, "big") + p + bytes(1024)), "padding_wrong"),
        ("signed by a stranger", segment(bad_signature=STRANGER.sign(keys.LABEL_SEGMENT, b"x")), "signature_wrong"),
        ("signed without its label", segment(bad_signature=OMID.sign(b"", seal.compress(pack(Content(AT, [], [FIRST]))))), "signature_wrong"),
        ("no Zstandard inside", segment(packed=b"not packed"), "body_malformed"),
        ("two frames inside", segment(packed=seal.compress(pack(Content(AT, [], [FIRST]))) * 2), "body_malformed"),
        ("a frame that does not say its size", segment(packed=zstandard.ZstdCompressor(write_content_size=False).compress(pack(Content(AT, [], [FIRST])))), "body_too_large"),
        ("more than 8 MiB inside", segment(packed=bomb), "body_too_large"),
        ("no event", segment(Content(AT, [], [])), "segment_malformed"),
        ("fields out of order", segment(packed=seal.compress(not_canonical)), "segment_not_canonical"),
        ("a record's name of 15 bytes", segment(Content(AT, [], [Event(RECORD[:15], "case", AT, {})])), "event_malformed"),
        ("no type", segment(Content(AT, [], [Event(RECORD, "", AT, {})])), "event_malformed"),
        ("no time", segment(Content(AT, [], [Event(RECORD, "case", 0, {})])), "event_malformed"),
        ("an event later than its segment", segment(Content(AT, [], [Event(RECORD, "case", AT + 1, {})])), "event_malformed"),
        ("a type with a space in it", segment(Content(AT, [], [Event(RECORD, "a case", AT, {})])), "event_malformed"),
        ("a type of 65 letters", segment(Content(AT, [], [Event(RECORD, "a" * 65, AT, {})])), "event_malformed"),
        ("a field without a name", segment(Content(AT, [], [Event(RECORD, "case", AT, {"": 1})])), "event_malformed"),
        ("a value that is not a number", holds(math.nan), "event_malformed"),
        ("a value without end", holds(math.inf), "event_malformed"),
        ("a whole number of 64 bits and no sign", holds(2**63), "event_malformed"),
        ("bytes in a record", holds(b"x"), "event_malformed"),
        ("an extension", holds(msgspec.msgpack.Ext(7, b"x")), "event_malformed"),
        ("a point in time of MessagePack's own", holds(msgspec.msgpack.Ext(-1, bytes(4))), "event_malformed"),
        ("a map whose names are numbers", holds({1: "x"}), "segment_malformed"),
        ("17 deep", holds(nested(17)), "event_malformed"),
        ("text that is not UTF-8", segment(packed=seal.compress(b"\x93\xcf" + AT.to_bytes(8, "big") + b"\x90\x91\x95\xc4\x10" + RECORD + b"\xa1\xff\x01\x80\x80")), "segment_malformed"),
        ("seen: a name of 31 bytes", saw((OMID.tag, bytes(31))), "segment_malformed"),
        ("seen: a tag of nine bytes", saw((OMID.tag + b"x", bytes(32))), "segment_malformed"),
        ("seen: out of order", saw(a, b), "segment_malformed"),
        ("seen: one twice", saw(b, b), "segment_malformed"),
        ("seen: 4,097", saw(*((OMID.tag, n.to_bytes(32, "big")) for n in range(4097))), "segment_malformed"),
        ("a base of no time", based((0, OMID.tag)), "event_malformed"),
        ("a base by nobody", based((1, b"")), "event_malformed"),
        ("a base out of order", based((2, OMID.tag), (1, OMID.tag)), "event_malformed"),
        ("a base twice", based((1, OMID.tag), (1, OMID.tag)), "event_malformed"),
        ("a base for a field that is not set", segment(Content(AT, [], [Event(RECORD, "case", AT, {}, {"a": [(1, OMID.tag)]})])), "event_malformed"),
        ("a base from the same moment", segment(Content(AT, [], [Event(RECORD, "case", AT, {"a": 1}, {"a": [(AT, OMID.tag)]})])), "event_base_from_future"),
    ]  # fmt: skip
    opens = []
    for name, data in good:
        s = event.read(data)
        content = event.verify(s, event.open_body(s, CARE_KEY), {OMID.tag: OMID, LALEH.tag: LALEH}[s.prefix.author].verify_key)
        opens.append(
            {
                "name": name,
                "segment": data.hex(),
                "id": s.id.hex(),
                "author": s.prefix.author.hex(),
                "parents": [p.hex() for p in s.prefix.parents],
                "at": content.at,
                "seen": [[a.hex(), i.hex()] for a, i in content.seen],
                "events": [one_event(e) for e in content.events],
            }
        )
    link = pack(Whole(header, b""))
    write(
        "segment.json",
        {
            "authors": [
                {"tag": p.tag.hex(), "sign_seed": p.sign_seed.hex(), "verify_key": p.verify_key.hex()} for p in (OMID, LALEH)
            ],
            "compartment": {"tag": CARE.hex(), "epoch": CARE_EPOCH.hex(), "key": CARE_KEY.hex()},
            "sizes": [[n, seal.padded_size(n)] for n in (0, 1, 192, 193, 256, 257, 1000, 4096, 4097, 100_000, 16_000_000)],
            "opens": opens,
            "links": [{"name": "the first one, its body erased", "segment": link.hex(), "id": id.hex()}],
            "refuses": [{"name": name, "segment": data.hex(), "code": code} for name, data, code in bad],
            "arrivals": vectors_vault.arrivals(old.get("arrivals", {})),
        },
    )


# Folding.


def folds() -> None:
    def w(at: int, by: keys.Identity, field: str, value: Any, *base: tuple[int, keys.Identity]) -> dict[str, Any]:
        return one_event(Event(RECORD, "case", at, {field: value}, {field: [(a, p.tag) for a, p in base]} if base else {})) | {
            "author": by.tag.hex()
        }

    stories = [
        ("one write stands alone", [w(1, OMID, "note", "a")], {"note": "a"}, [], []),
        ("a write that has seen the first replaces it", [w(1, OMID, "note", "a"), w(2, LALEH, "note", "b", (1, OMID))], {"note": "b"}, [], []),
        ("two that had not seen each other: the latest is shown, the conflict is flagged", [w(1, OMID, "note", "a"), w(2, LALEH, "note", "b")], {"note": "b"}, ["note"], []),
        ("the same value twice is no conflict", [w(1, OMID, "note", "a"), w(2, LALEH, "note", "a")], {"note": "a"}, [], []),
        ("at the same moment the author's tag decides what is shown", [w(5, LALEH, "note", "b"), w(5, OMID, "note", "a")], {"note": "b"}, ["note"], []),
        ("a write that has seen both settles it", [w(1, OMID, "note", "a"), w(2, LALEH, "note", "b"), w(3, OMID, "note", "a", (1, OMID), (2, LALEH))], {"note": "a"}, [], []),
        ("of two risks the more protective counts, whatever the clocks say", [w(9, OMID, "risk_level", "low"), w(2, LALEH, "risk_level", "critical")], {"risk_level": "critical"}, ["risk_level"], ["risk_level"]),
        ("who has seen the higher risk may lower it", [w(1, OMID, "risk_level", "critical"), w(2, LALEH, "risk_level", "low", (1, OMID))], {"risk_level": "low"}, [], []),
        ("who has not seen the higher risk may not", [w(1, OMID, "risk_level", "medium"), w(2, LALEH, "risk_level", "critical", (1, OMID)), w(3, OMID, "risk_level", "low", (1, OMID))], {"risk_level": "critical"}, ["risk_level"], ["risk_level"]),
        ("four that nobody has seen: the latest, and all are flagged", [w(4, OMID, "note", "d"), w(1, LALEH, "note", "a"), w(3, LALEH, "note", "c"), w(2, OMID, "note", "b")], {"note": "d"}, ["note"], []),
        ("a chain: only its end stands", [w(1, OMID, "note", "a"), w(2, LALEH, "note", "b", (1, OMID)), w(3, OMID, "note", "c", (2, LALEH)), w(4, LALEH, "note", "d", (3, OMID))], {"note": "d"}, [], []),
        ("a chain and one that saw its beginning", [w(1, OMID, "note", "a"), w(2, LALEH, "note", "b", (1, OMID)), w(3, OMID, "note", "c", (2, LALEH)), w(9, LALEH, "note", "x", (1, OMID))], {"note": "x"}, ["note"], []),
        ("a base that nobody wrote replaces nothing", [w(1, OMID, "note", "a"), w(3, LALEH, "note", "b", (2, OMID))], {"note": "b"}, ["note"], []),
        ("the same event twice is one", [w(1, OMID, "note", "a"), w(1, OMID, "note", "a")], {"note": "a"}, [], []),
        ("one device that wrote two values at one moment, as after a copy: the bytes decide", [w(1, OMID, "note", "b"), w(1, OMID, "note", "a")], {"note": "b"}, ["note"], []),
        ("fields do not touch each other", [w(1, OMID, "note", "a"), w(2, LALEH, "risk_level", "low"), w(3, OMID, "note", "b", (1, OMID))], {"note": "b", "risk_level": "low"}, [], []),
        ("emptied by who had seen it", [w(1, OMID, "note", "a"), w(2, LALEH, "note", None, (1, OMID))], {"note": None}, [], []),
        ("emptied by who had not", [w(2, OMID, "note", "a"), w(1, LALEH, "note", None)], {"note": "a"}, ["note"], []),
        ("1 and 1.0 and true are three values", [w(1, OMID, "note", 1), w(2, LALEH, "note", 1.0), w(3, OMID, "note", True)], {"note": True}, ["note"], []),
        ("names of a map in another order are the same value", [w(1, OMID, "note", {"a": 1, "b": 2}), w(2, LALEH, "note", {"b": 2, "a": 1})], {"note": {"a": 1, "b": 2}}, [], []),
        ("a risk that the order does not name protects nobody", [w(1, OMID, "risk_level", "low"), w(2, LALEH, "risk_level", "unheard of")], {"risk_level": "low"}, ["risk_level"], ["risk_level"]),
        ("two of the same risk: it counts, and no conflict is there", [w(1, OMID, "risk_level", "high"), w(2, LALEH, "risk_level", "high")], {"risk_level": "high"}, [], []),
        ("warnings are kept together, sorted by their bytes", [w(1, OMID, "alerts", ["b", "a"]), w(2, LALEH, "alerts", ["c", "a"])], {"alerts": ["a", "b", "c"]}, ["alerts"], ["alerts"]),
        ("a warning stands against an empty field", [w(1, OMID, "alerts", ["a"]), w(2, LALEH, "alerts", None)], {"alerts": ["a"]}, ["alerts"], ["alerts"]),
        ("of permissions only what all gave", [w(1, OMID, "allowed", ["call", "write"]), w(2, LALEH, "allowed", ["write", "visit"])], {"allowed": ["write"]}, ["allowed"], ["allowed"]),
        ("a permission against a refusal of any answer", [w(1, OMID, "allowed", ["call"]), w(2, LALEH, "allowed", {"~": "no_answer", "why": "declined"})], {"allowed": []}, ["allowed"], ["allowed"]),
        ("where nobody can say which is safer, none is acted on", [w(1, OMID, "address", "north"), w(2, LALEH, "address", "south")], {"address": None}, ["address"], ["address"]),
        ("an event of another type under the same name changes nothing", [w(1, OMID, "note", "a"), w(2, LALEH, "note", "b") | {"kind": "task"}], {"note": "a"}, [], []),
    ]  # fmt: skip
    write(
        "fold.json",
        {
            "protect": {"case.risk_level": ["critical", "high", "medium", "low"], "case.alerts": "union", "case.allowed": "intersection", "case.address": "keep_both"},
            "records": [
                {"name": name, "events": events, "values": values, "conflicts": conflicts, "protected": protected}
                for name, events, values, conflicts, protected in stories
            ],
            "places": vectors_vault.places(),
        },
    )  # fmt: skip


# Who is who.


def rosters() -> None:
    founder, admin, second, worker = (person(n) for n in (1, 4, 5, 6))
    ids = {p.tag: bytes([p.tag[0]]) * 16 for p in (founder, admin, second, worker)}

    def c(at: int, by: keys.Identity, kind: str, record: bytes = RECORD, **value: Any) -> dict[str, Any]:
        return one_event(Event(record, kind, at, value)) | {"author": by.tag.hex()}

    def joins(at: int, by: keys.Identity, p: keys.Identity, name: str, *roles: str) -> list[dict[str, Any]]:
        return [
            c(at, by, roster.MEMBER, ids[p.tag], name=name, roles=list(roles)),
            c(at + 1, by, roster.DEVICE, member=ids[p.tag].hex(), tag=p.tag, sign=p.verify_key, open=bytes(1216)),
        ]

    start = [
        c(1, founder, roster.TEAM, name="Ash"), *joins(2, founder, founder, "Omid", "supervisor", "keyholder"),
        *joins(4, founder, admin, "Sara", "keyholder"), *joins(6, founder, second, "Dara", "supervisor", "keyholder"), *joins(8, founder, worker, "Laleh", "caseworker"),
    ]  # fmt: skip

    def out(at: int, by: keys.Identity, who: keys.Identity) -> dict[str, Any]:
        return c(at, by, roster.REMOVED, member=ids[who.tag].hex())

    def wish(at: int, by: keys.Identity, *records: bytes) -> dict[str, Any]:
        return c(at, by, roster.ERASE, tag=CARE, records=list(records) or [OTHER], devices=[founder.tag, worker.tag])

    everyone = ["Dara", "Laleh", "Omid", "Sara"]
    stories: list[tuple[str, list[dict[str, Any]], list[str], list[str], bool | None]] = [
        ("a team of four", [], everyone, [], None),
        ("a caseworker brings nobody in", joins(20, worker, STRANGER, "Nobody", "supervisor") if STRANGER.tag in ids else [c(20, worker, roster.MEMBER, OTHER, name="Nobody", roles=["supervisor"])], everyone, [], None),
        ("an administrator removes", [out(20, admin, worker)], everyone, ["Laleh"], None),
        ("a caseworker does not", [out(20, worker, admin)], everyone, [], None),
        ("who is removed removes nobody else", [out(20, admin, second), out(21, second, worker)], everyone, ["Dara"], None),
        ("two who remove each other are both out", [out(20, admin, second), out(21, second, admin)], everyone, ["Dara", "Sara"], None),
        ("and so they are in the other order", [out(21, admin, second), out(20, second, admin)], everyone, ["Dara", "Sara"], None),
        ("another device under a known tag is an impostor", [c(20, admin, roster.DEVICE, member=ids[worker.tag].hex(), tag=founder.tag, sign=bytes(32), open=bytes(1216))], everyone, [], None),
        ("a control event that cannot be read changes nothing", [c(20, founder, roster.MEMBER, OTHER, name="X"), c(21, founder, roster.REMOVED, member=7, device="x")], everyone, [], None),
        ("one wish erases nothing", [wish(20, founder)], everyone, [], False),
        ("nor does the same one twice", [wish(20, founder), wish(21, founder)], everyone, [], False),
        ("two do, one of them a supervisor", [wish(20, worker), wish(21, founder)], everyone, [], True),
        ("two of whom none is a supervisor do not", [wish(20, worker), wish(21, admin)], everyone, [], False),
        ("a no before it is decided ends it", [wish(20, worker), c(21, admin, roster.KEEP, tag=CARE), wish(22, founder)], everyone, [], False),
        ("a no afterwards comes too late", [wish(20, worker), wish(21, founder), c(22, admin, roster.KEEP, tag=CARE)], everyone, [], True),
        ("a caseworker's list of what goes along does not count, a supervisor's does", [wish(20, worker, RECORD), wish(21, founder)], everyone, [], True),
        ("nothing goes along that was named after it was decided", [wish(20, worker), wish(21, founder), wish(22, second, RECORD), wish(23, worker, RECORD)], everyone, [], True),
        ("a wish that cannot be read", [c(20, worker, roster.ERASE, tag=CARE), c(21, founder, roster.ERASE, tag="x", records=7, devices=7)], everyone, [], None),
        ("a device with a key of 31 bytes is none", [c(20, founder, roster.DEVICE, member=ids[worker.tag].hex(), tag=bytes([9]) * 8, sign=bytes(31), open=bytes(1216))], everyone, [], None),
        ("a removed member's wish does not count", [out(19, admin, worker), wish(20, worker), wish(21, founder)], everyone, ["Laleh"], False),
    ]  # fmt: skip
    write(
        "roster.json",
        {
            "founder": {"tag": founder.tag.hex(), "verify_key": founder.verify_key.hex()},
            "erased": CARE.hex(),
            "goes_along": [OTHER.hex()],
            "devices": [p.tag.hex() for p in (founder, admin, second, worker)],
            "start": start,
            "stories": [
                {"name": name, "events": more, "members": members, "removed": removed, "erased": erased}
                for name, more, members, removed, erased in stories
            ],
        },
    )


# Keys, cards, files on a stick.


def kept(old: Any, path: list[str], opens: Callable[[bytes], bool], make: Callable[[], bytes]) -> bytes:
    """What was written before, if it still opens; HPKE cannot seal the same twice."""
    for step in path:
        old = old.get(step, {}) if isinstance(old, dict) else {}
    data = bytes.fromhex(old) if isinstance(old, str) else b""
    try:
        return data if opens(data) else make()
    except (Unreadable, ValueError):
        return make()


def key_files() -> dict[str, Any]:
    passphrase, quick = "seven quiet herons", keys.Slowness(1, 1024 * 1024)
    one = keys.seal_vault_key(b"\x11" * 32, passphrase, quick)
    two = keys.seal_vault_key(b"\x12" * 32 + b"\x11" * 32, passphrase, quick)
    bad = [
        ("another passphrase", one, passphrase + " ", "passphrase_wrong"),
        ("the last bit of the seal turned", one.replace(json.loads(one)["sealed"].encode(), (json.loads(one)["sealed"][:-4] + "AAA=").encode()), passphrase, "passphrase_wrong"),
        ("a newer version", one.replace(b'"v":1', b'"v":2'), passphrase, "key_file_future_version"),
        ("cut short", one[:-2], passphrase, "key_file_malformed"),
        ("an unknown name", one.replace(b'"v":1', b'"v":1,"w":1'), passphrase, "key_file_malformed"),
        ("more memory than 2 GiB", one.replace(b'"memory":1048576', b'"memory":4294967296'), passphrase, "key_file_malformed"),
        ("no slowness", one.replace(b'"memory":1048576', b'"memory":8192'), passphrase, "key_file_malformed"),
        ("17 passes", one.replace(b'"passes":1', b'"passes":17'), passphrase, "key_file_malformed"),
    ]  # fmt: skip
    return {
        "opens": [
            {"name": "one key", "file": one.decode(), "passphrase": passphrase, "keys": ["11" * 32]},
            {"name": "while a vault is sealed anew: the new key, then the old", "file": two.decode(), "passphrase": passphrase, "keys": ["12" * 32, "11" * 32]},
        ],
        "refuses": [{"name": name, "file": file.decode(), "passphrase": words, "code": code} for name, file, words, code in bad],
    }  # fmt: skip


def welcomes(old: dict[str, Any]) -> dict[str, Any]:
    founder = vectors_vault.OMID
    log = vectors_vault.Log([])
    team = [bytes.fromhex(data) for data in vectors_vault.founding(log)]
    tag, name, epoch, n, key = vectors_vault.HELD[0]
    whole = [1, [founder.tag, founder.verify_key], [[tag, name, epoch, n, key]], team, {"relays": ["https://relay.example"]}]
    cases: list[tuple[str, list[Any], str]] = [
        ("a welcome", whole, ""),
        ("a newer version", [2, "all is different"], "welcome_future_version"),
        ("a founder's key of 31 bytes", [1, [founder.tag, bytes(31)], *whole[2:]], "welcome_malformed"),
        ("a key of 31 bytes", [*whole[:2], [[tag, name, epoch, n, bytes(31)]], *whole[3:]], "welcome_malformed"),
        ("one name for two compartments", [*whole[:2], [[tag, name, epoch, n, key], [b"\x7d" * 8, name, epoch, n, key]], *whole[3:]], "welcome_malformed"),
        ("a log that does not name this device", [*whole[:3], team[:3], whole[4]], "welcome_not_for_this_device"),
    ]  # fmt: skip
    before = {one["name"]: one["welcome"] for one in old.get("cases", [])}
    made = []
    for what, plain, code in cases:
        head, bound = b"PANAHWELCOME1\n", keys.LABEL_WELCOME + vectors_vault.SARA.tag
        packed = seal.compress(pack(plain))
        sealed = kept(before, [what], lambda d, p=packed, b=bound: vectors_vault.SARA.open(d[14:], b) == p, lambda p=packed, b=bound, h=head: h + keys.seal_to(vectors_vault.SARA.recipient, p, b))  # fmt: skip
        made.append({"name": what, "welcome": sealed.hex(), "code": code})
    first = bytes.fromhex(made[0]["welcome"])
    made.append({"name": "the last bit turned", "welcome": (first[:-1] + bytes([first[-1] ^ 1])).hex(), "code": "seal_broken"})
    made.append({"name": "cut short", "welcome": first[:-1].hex(), "code": "seal_broken"})
    made.append({"name": "no welcome", "welcome": b"PANAHBUNDLE1\n".hex(), "code": "welcome_malformed"})
    sara = vectors_vault.SARA
    return {
        "identity": {"tag": sara.tag.hex(), "sign_seed": sara.sign_seed.hex(), "open_seed": sara.open_seed.hex()},
        "team": "Ash", "founder": founder.tag.hex(), "founder_digits": enrol.words(founder.tag + founder.verify_key), "cases": made,
    }  # fmt: skip


def shares(old: dict[str, Any]) -> dict[str, Any]:
    """What SLIP-39 splits cannot be repeated; shares that still join to the seed are kept."""
    seed, other = bytes(range(32)), bytes(range(32, 64))

    def split(name: str, of: bytes) -> list[str]:
        before = old.get(name, [])
        try:
            return before if recovery.join(before[:3]) == of and len(before) == 5 else recovery.split(of)
        except PanahError:
            return recovery.split(of)

    ours, theirs = split("shares", seed), split("others", other)
    words = ours[0].split()
    return {
        "seed": seed.hex(), "shares": ours, "others": theirs,
        "joins": [
            {"name": "the first three", "shares": ours[:3]},
            {"name": "any three, in any order", "shares": [ours[4], ours[1], ours[2]]},
            {"name": "all of them", "shares": ours},
            {"name": "upper case, and cut to four letters", "shares": [" ".join(w[:4].upper() for w in s.split()) for s in ours[:3]]},
        ],
        "refuses": [
            {"name": "none", "shares": [], "code": "recovery_shares_too_few"},
            {"name": "two", "shares": ours[:2], "code": "recovery_shares_too_few"},
            {"name": "two, one of them twice", "shares": [ours[0], ours[1], ours[1]], "code": "recovery_shares_repeated"},
            {"name": "of two sets", "shares": [ours[0], ours[1], theirs[2]], "code": "recovery_shares_mixed"},
            {"name": "a word missing", "shares": [" ".join(words[:-1]), *ours[1:3]], "code": "recovery_share_malformed"},
            {"name": "two words swapped", "shares": [" ".join([*words[:20], words[21], words[20], *words[22:]]), *ours[1:3]], "code": "recovery_share_malformed"},
            {"name": "a word that is none", "shares": [" ".join([*words[:-1], "zzzz"]), *ours[1:3]], "code": "recovery_share_malformed"},
        ],
    }  # fmt: skip


def compartments() -> None:
    path = OUT / "compartments.json"
    old = json.loads(path.read_text()) if path.exists() else {}
    body = OMID.tag + OMID.verify_key + OMID.recipient
    card = pack(enrol.Card(1, OMID.tag, OMID.verify_key, OMID.recipient, OMID.sign(keys.LABEL_CARD, body)))
    secret = b"what was sealed to this device"
    bound = keys.LABEL_DIRECT + b"prefix"
    direct = kept(
        old, ["direct", "sealed"], lambda d: OMID.open(d, bound) == secret, lambda: keys.seal_to(OMID.recipient, secret, bound)
    )
    write(
        "compartments.json",
        {
            "identity": {"tag": OMID.tag.hex(), "sign_seed": OMID.sign_seed.hex(), "open_seed": OMID.open_seed.hex(), "verify_key": OMID.verify_key.hex(), "recipient": OMID.recipient.hex()},
            "card": {"card": card.hex(), "digits": enrol.words(card)},
            "cards_refused": [
                {"name": "a byte missing", "card": card[:-1].hex(), "code": "card_malformed"},
                {"name": "the signature's last bit turned", "card": (card[:-1] + bytes([card[-1] ^ 1])).hex(), "code": "signature_wrong"},
                {"name": "a newer version", "card": pack([2, *msgspec.msgpack.decode(card)[1:]]).hex(), "code": "card_future_version"},
                {"name": "a newer version of another shape", "card": pack([3, {"all": "is different"}]).hex(), "code": "card_future_version"},
                {"name": "version 0", "card": pack([0, *msgspec.msgpack.decode(card)[1:]]).hex(), "code": "card_malformed"},
                {"name": "a part too many", "card": pack([*msgspec.msgpack.decode(card), 1]).hex(), "code": "card_malformed"},
                {"name": "a byte too many", "card": (card + b"\0").hex(), "code": "card_malformed"},
                {"name": "a tag of seven bytes", "card": pack([1, OMID.tag[:7], *msgspec.msgpack.decode(card)[2:]]).hex(), "code": "card_malformed"},
                {"name": "a tag of zeros", "card": pack([1, bytes(8), *msgspec.msgpack.decode(card)[2:]]).hex(), "code": "card_malformed"},
                {"name": "another tag under this signature", "card": pack([1, LALEH.tag, *msgspec.msgpack.decode(card)[2:]]).hex(), "code": "signature_wrong"},
                {"name": "signed without its label", "card": pack([*msgspec.msgpack.decode(card)[:4], OMID.sign(b"", body)]).hex(), "code": "signature_wrong"},
                {"name": "a recipient of zeros", "card": pack(enrol.Card(1, OMID.tag, OMID.verify_key, bytes(1216), OMID.sign(keys.LABEL_CARD, OMID.tag + OMID.verify_key + bytes(1216)))).hex(), "code": "card_malformed"},
                {"name": "nothing", "card": "", "code": "card_malformed"},
            ],
            "key_files": key_files(),
            "welcome": welcomes(old.get("welcome", {})),
            "shares": shares(old.get("shares", {})),
            "grants": vectors_vault.grants(old.get("grants", {})),
            "direct": {"sealed": direct.hex(), "bound": bound.hex(), "plain": secret.hex(), "refused": [{"bound": (bound + b"x").hex(), "code": "seal_broken"}]},
            "derived": [
                {"label": label.decode(), "key": CARE_KEY.hex(), "gives": keys.derive(CARE_KEY, label).hex()}
                for label in (keys.LABEL_TRANSPORT, keys.LABEL_TEAM_MAILBOX, keys.LABEL_DEPOSIT_ID, keys.LABEL_BLOB_MAILBOX)
            ],
        },
    )  # fmt: skip


def bundles() -> None:
    team, epoch, key = b"\x7e" * 8, b"\x7f" * 8, b"\x77" * 32
    blob = segment()
    sealed = epoch + keys.encrypt(keys.derive(key, keys.LABEL_TRANSPORT), blob, keys.LABEL_TRANSPORT + epoch)

    def file(*parts: tuple[bytes, bytes], magic: bytes = MAGIC) -> bytes:
        out = io.BytesIO()
        out.write(magic)
        for kind, data in parts:
            write_part(out, kind, data)
        return out.getvalue()

    def wrapped(whole: bytes, *, under: bytes = key, label: bytes = keys.LABEL_TRANSPORT) -> bytes:
        return epoch + keys.encrypt(keys.derive(under, label), whole, keys.LABEL_TRANSPORT + epoch)

    def aside(name: str, data: bytes, code: str) -> dict[str, Any]:
        return {"name": name, "bundle": file((b"S", data), (b"E", (1).to_bytes(8, "big"))).hex(), "code": code}

    def one(kind: bytes, data: bytes) -> tuple[bytes, bytes]:
        return kind, data

    founder, note = vectors_vault.OMID, vectors_vault.Log([])
    head = pack(
        {
            "founder": [founder.tag, founder.verify_key],
            "team": "Ash",
            "at": 1_790_000_000.0,
            "settings": {"relays": ["https://relay.example"]},
        }
    )
    log = [one(b"S", bytes.fromhex(data)) for data in vectors_vault.founding(note)]
    tag, name, of, n, secret = vectors_vault.HELD[0]
    k = one(b"K", pack([tag, name, of, n, secret]))
    m, done = one(b"M", head), one(b"E", len(log).to_bytes(8, "big"))
    backup = b"PANAHBACKUP1\n"
    end = (b"E", (1).to_bytes(8, "big"))
    part = (b"F", bytes(range(32)) + (0).to_bytes(4, "big") + b"sealed part of a file")
    whole = file((b"S", sealed), part, end)
    write(
        "bundle.json",
        {
            "team": {"tag": team.hex(), "epoch": epoch.hex(), "key": key.hex()},
            "opens": [
                {"name": "a segment and a part of a file", "bundle": whole.hex(), "segments": [blob.hex()], "files": [[part[1][:32].hex(), 0, part[1][36:].hex()]]},
                {"name": "nothing to carry", "bundle": file((b"E", bytes(8))).hex(), "segments": [], "files": []},
            ],
            "refuses": [
                {"name": "nothing", "bundle": "", "code": "bundle_malformed"},
                {"name": "something else", "bundle": b"%PDF-1.7\n".hex(), "code": "bundle_malformed"},
                {"name": "a newer version", "bundle": file(end, magic=b"PANAHBUNDLE2\n").hex(), "code": "bundle_future_version"},
                {"name": "no end", "bundle": file((b"S", sealed)).hex(), "code": "bundle_truncated"},
                {"name": "cut inside a part", "bundle": whole[:-30].hex(), "code": "bundle_truncated"},
                {"name": "fewer segments than its end says", "bundle": file((b"E", (1).to_bytes(8, "big"))).hex(), "code": "bundle_truncated"},
                {"name": "a part of a kind that is none", "bundle": file((b"Z", b""), end).hex(), "code": "bundle_malformed"},
                {"name": "a key, as only backups hold", "bundle": file((b"K", b"x"), end).hex(), "code": "bundle_malformed"},
                {"name": "a part that says to be 4 GiB long", "bundle": (MAGIC + b"S\xff\xff\xff\xff").hex(), "code": "bundle_malformed"},
                {"name": "an end of seven bytes", "bundle": file((b"E", bytes(7))).hex(), "code": "bundle_malformed"},
                {"name": "a part of 4 MiB and 1,025 bytes", "bundle": (MAGIC + b"S" + (4 * 1024 * 1024 + 1025).to_bytes(4, "big")).hex(), "code": "bundle_malformed"},
                {"name": "cut inside a length", "bundle": (MAGIC + b"S\0\0").hex(), "code": "bundle_truncated"},
                {"name": "more segments than its end says", "bundle": file((b"S", sealed), (b"S", sealed), end).hex(), "code": "bundle_truncated"},
                {"name": "something after the end", "bundle": (file((b"E", bytes(8))) + b"x").hex(), "code": "bundle_malformed"},
            ],
            "put_aside": [
                aside("under a key of the team that is not here", b"\x70" * 8 + sealed[8:], "transport_key_unknown"),
                aside("a part of seven bytes", b"\x7f" * 7, "transport_key_unknown"),
                aside("the last bit turned", sealed[:-1] + bytes([sealed[-1] ^ 1]), "seal_broken"),
                aside("cut short", sealed[:-1], "seal_broken"),
                aside("sealed under the key itself, not one derived from it", epoch + keys.encrypt(key, blob, keys.LABEL_TRANSPORT + epoch), "seal_broken"),
                aside("under another label", wrapped(blob, label=keys.LABEL_TEAM_MAILBOX), "seal_broken"),
                aside("no segment inside", wrapped(b"hello"), "segment_malformed"),
                aside("a segment with a byte too many inside", wrapped(blob + b"x"), "segment_malformed"),
            ],
            "backups": {
                "opens": [{"name": "a team of four", "backup": file(m, k, *log, done, magic=backup).hex(), "team": "Ash", "founder": founder.tag.hex(), "segments": len(log)}],
                "refuses": [
                    {"name": name, "backup": data.hex(), "code": "backup_malformed"}
                    for name, data in (
                        ("nothing", b""),
                        ("a bundle", whole),
                        ("no head", file(k, *log, done, magic=backup)),
                        ("two heads", file(m, m, k, *log, done, magic=backup)),
                        ("a founder's key of 31 bytes", file(one(b"M", pack({"founder": [founder.tag, bytes(31)], "settings": {}})), k, *log, done, magic=backup)),
                        ("a key of 31 bytes", file(m, one(b"K", pack([tag, name, of, n, secret[:31]])), *log, done, magic=backup)),
                        ("a key with a number of 64 bits", file(m, one(b"K", pack([tag, name, of, 2**63, secret])), *log, done, magic=backup)),
                        ("no end", file(m, k, *log, magic=backup)),
                        ("an end that counts one more", file(m, k, *log[:-1], done, magic=backup)),
                        ("something after the end", file(m, k, *log, done, magic=backup) + b"x"),
                    )
                ],
            },
        },
    )  # fmt: skip


def main() -> None:
    before = keys.random
    keys.random = Counted()  # type: ignore[assignment]
    try:
        segments()
        folds()
        rosters()
        vectors_recovery.write()
        compartments()
        bundles()
    finally:
        keys.random = before


if __name__ == "__main__":
    main()
