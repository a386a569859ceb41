"""Write the vectors of the log (segment, fold, roster, compartments, bundle) into spec/vectors/: part of `make vectors`.

Random bytes come from a counter here, so that the same program writes the same vectors; what HPKE seals cannot be repeated and is kept as
long as it opens. What each refusal and each folded state has to be is written here by hand, never computed.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from panah.errors import Unreadable
from panah.kernel import enrol, event, keys, roster, seal
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
    plain: Callable[[bytes], bytes] = seal.pad, body: Callable[[bytes], bytes] = bytes,
) -> bytes:  # fmt: skip
    """A segment, right unless something is asked to be wrong."""
    content = Content(AT, [], [FIRST]) if content is None else content
    open_part = pack(Prefix(1, me.tag, CARE, CARE_EPOCH, []) if prefix is None else prefix)
    packed = seal.compress(pack(content)) if packed is None else packed
    signature = bad_signature or me.sign(keys.LABEL_SEGMENT + open_part, packed)
    sealed = body(keys.encrypt(CARE_KEY, plain(signature + packed), keys.LABEL_SEGMENT + open_part))
    return pack(Whole(pack(Header(open_part, hashlib.sha256(sealed).digest())), sealed))


def segments() -> None:
    first = segment()
    id = event.read(first).id
    good = [
        ("one event", first),
        ("the next one, which has seen the first", segment(Content(AT + 65536, [], [SECOND]), prefix=[1, OMID.tag, CARE, CARE_EPOCH, [id]])),
        ("by another author, who shows what was seen", segment(Content(AT + 9, [(OMID.tag, id)], [Event(OTHER, "task", AT + 9, {"title": "x"})]), me=LALEH)),
        ("two events on two records", segment(Content(AT + 2, [], [FIRST, Event(OTHER, "task", AT + 2, {})]))),
        ("every kind of value", segment(Content(AT, [], [Event(RECORD, "case", AT, {"a": None, "b": True, "c": -1, "d": 1.5, "e": "x", "f": [1, "y"], "g": {"h": "z"}})]))),
        ("a fork: two that follow the same one", segment(Content(AT + 65537, [], [Event(RECORD, "case", AT + 65537, {"note": "fork"})]), prefix=[1, OMID.tag, CARE, CARE_EPOCH, [id]])),
    ]  # fmt: skip
    header = msgspec.msgpack.decode(first)[0]
    turned = first[:-1] + bytes([first[-1] ^ 1])
    wide = msgspec.msgpack.encode({"version": 1})
    many = sorted(bytes([n]) * 32 for n in range(65))
    e = FIRST
    bomb = zstandard.ZstdCompressor(write_content_size=True).compress(bytes(seal.MOST + 1))
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
        ("more than 64 MiB inside", segment(packed=bomb), "body_too_large"),
        ("no event", segment(Content(AT, [], [])), "segment_malformed"),
        ("fields out of order", segment(packed=seal.compress(not_canonical)), "segment_not_canonical"),
        ("a record's name of 15 bytes", segment(Content(AT, [], [Event(RECORD[:15], "case", AT, {})])), "event_malformed"),
        ("no type", segment(Content(AT, [], [Event(RECORD, "", AT, {})])), "event_malformed"),
        ("no time", segment(Content(AT, [], [Event(RECORD, "case", 0, {})])), "event_malformed"),
        ("an event later than its segment", segment(Content(AT, [], [Event(RECORD, "case", AT + 1, {})])), "event_malformed"),
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
        ("an event of another type under the same name changes nothing", [w(1, OMID, "note", "a"), w(2, LALEH, "note", "b") | {"kind": "task"}], {"note": "a"}, [], []),
    ]  # fmt: skip
    write(
        "fold.json",
        {
            "protect": {"case.risk_level": ["critical", "high", "medium", "low"]},
            "records": [
                {"name": name, "events": events, "values": values, "conflicts": conflicts, "protected": protected}
                for name, events, values, conflicts, protected in stories
            ],
        },
    )


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

    def wish(at: int, by: keys.Identity) -> dict[str, Any]:
        return c(at, by, roster.ERASE, tag=CARE, records=[OTHER], devices=[founder.tag, worker.tag])

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
        ("a removed member's wish does not count", [out(19, admin, worker), wish(20, worker), wish(21, founder)], everyone, ["Laleh"], False),
    ]  # fmt: skip
    write(
        "roster.json",
        {
            "founder": {"tag": founder.tag.hex(), "verify_key": founder.verify_key.hex()},
            "erased": CARE.hex(),
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
            ],
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
                {"name": "a newer version", "bundle": file(end, magic=b"PANAHBUNDLE2\n").hex(), "code": "bundle_malformed"},
                {"name": "no end", "bundle": file((b"S", sealed)).hex(), "code": "bundle_truncated"},
                {"name": "cut inside a part", "bundle": whole[:-30].hex(), "code": "bundle_truncated"},
                {"name": "fewer segments than its end says", "bundle": file((b"E", (1).to_bytes(8, "big"))).hex(), "code": "bundle_truncated"},
                {"name": "a part of a kind that is none", "bundle": file((b"Z", b""), end).hex(), "code": "bundle_malformed"},
                {"name": "a key, as only backups hold", "bundle": file((b"K", b"x"), end).hex(), "code": "bundle_malformed"},
                {"name": "a part that says to be 4 GiB long", "bundle": (MAGIC + b"S\xff\xff\xff\xff").hex(), "code": "bundle_malformed"},
                {"name": "something after the end", "bundle": (file((b"E", bytes(8))) + b"x").hex(), "code": "bundle_malformed"},
            ],
        },
    )  # fmt: skip


def main() -> None:
    before = keys.random
    keys.random = Counted()  # type: ignore[assignment]
    try:
        segments()
        folds()
        rosters()
        compartments()
        bundles()
    finally:
        keys.random = before


if __name__ == "__main__":
    main()
