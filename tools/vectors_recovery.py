"""Write the vectors of the recovery authority into spec/vectors/recovery.json: part of `make vectors`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from panah.kernel import authority, keys, roster
from panah.kernel.event import Event, pack

OUT = Path(__file__).parent.parent / "spec" / "vectors" / "recovery.json"
SECRETS = [bytes([n]) * 32 for n in (0x51, 0x52, 0x53)]


def person(n: int) -> keys.Identity:
    return keys.Identity(bytes([n]) * 8, bytes([n]) * 32, bytes([n + 16]) * 32)


OMID, LALEH, SARA, AGAIN, THIEF = (person(n) for n in (1, 2, 3, 4, 5))
PIN = OMID.tag + OMID.verify_key
MEMBER = {p.tag: bytes([p.tag[0]]) * 16 for p in (OMID, LALEH, SARA, THIEF)}


def shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items()}
    return [shown(v) for v in value] if isinstance(value, (list, tuple)) else value


def c(at: int, by: keys.Identity, kind: str, record: bytes = b"\x0f" * 16, **value: Any) -> dict[str, Any]:
    return {"record": record.hex(), "kind": kind, "at": at, "set": shown(value), "base": {}, "author": by.tag.hex()}


def joins(at: int, p: keys.Identity, name: str, *roles: str) -> list[dict[str, Any]]:
    return [
        c(at, OMID, roster.MEMBER, MEMBER[p.tag], name=name, roles=list(roles)),
        c(at + 1, OMID, roster.DEVICE, member=MEMBER[p.tag].hex(), tag=p.tag, sign=p.verify_key, open=p.recipient),
    ]


def says(at: int, by: keys.Identity, n: int, secret: bytes, following: bytes, me: keys.Identity | None = None, out: Any = (), **more: Any) -> dict[str, Any]:  # fmt: skip
    member, name = (MEMBER[OMID.tag], "Omid") if me is AGAIN else (MEMBER[(me or OMID).tag], "Thief")
    enter = [member.hex(), name, ["keyholder"], me.tag, me.verify_key, me.recipient] if me else []
    fields = authority.say(secret, more.pop("pin", PIN), more.pop("signed_at", at), n, following, enter, out)
    return c(at, by, roster.RECOVERED, **{**fields, **more})


def id_of(event: dict[str, Any]) -> bytes:
    fields = unshown(event["set"])
    said = authority.read(PIN, Event(b"\x0f" * 16, roster.RECOVERED, event["at"], fields))
    assert said is not None
    return said.id


def unshown(v: Any) -> Any:
    if isinstance(v, dict):
        return bytes.fromhex(v["hex"]) if v.keys() == {"hex"} else {k: unshown(x) for k, x in v.items()}
    return [unshown(x) for x in v] if isinstance(v, list) else v


def write() -> None:
    first, second, third = SECRETS
    start = [
        c(1, OMID, roster.TEAM, name="Ash"), *joins(2, OMID, "Omid", "supervisor", "keyholder"),
        says(4, OMID, 1, first, first), *joins(5, LALEH, "Laleh", "caseworker"), *joins(7, SARA, "Sara", "supervisor"),
    ]  # fmt: skip
    omid, again = MEMBER[OMID.tag].hex(), AGAIN.tag.hex()
    one = says(20, AGAIN, 2, first, second, AGAIN, [OMID.tag])
    late, early = says(30, THIEF, 2, first, third, THIEF), says(10, THIEF, 2, first, third, THIEF)
    renewed = says(40, SARA, 3, second, third)

    def heard(at: int, by: keys.Identity, of: dict[str, Any]) -> dict[str, Any]:
        return c(at, by, roster.HEARD, n=2, of=id_of(of))

    new = {"authorities": 2, "administrators": [again], "removed": [OMID.tag.hex()]}
    old = {"authorities": 1, "administrators": [OMID.tag.hex()], "removed": []}
    turned = {"authorities": 2, "administrators": [again], "removed": sorted([OMID.tag.hex(), THIEF.tag.hex()])}
    stories: list[tuple[str, list[dict[str, Any]], dict[str, Any]]] = [
        ("nothing was recovered", [], old),
        ("the only administrator is lost: another device in its place", [one], new),
        ("the same statement written again by a colleague", [one, one | {"author": SARA.tag.hex()}], new),
        ("the same fields at another time", [one | {"at": 9}], old),
        ("signed by another secret", [says(20, AGAIN, 2, second, second, AGAIN, [OMID.tag])], old),
        ("signed for another team", [says(20, AGAIN, 2, first, second, AGAIN, [OMID.tag], pin=b"\5" * 40)], old),
        ("signed for another moment", [says(20, AGAIN, 2, first, second, AGAIN, [OMID.tag], signed_at=19)], old),
        ("a number that is not the next", [says(20, AGAIN, 3, first, second, AGAIN, [OMID.tag])], old),
        ("more taken out than was signed", [one | {"set": one["set"] | {"out": shown([OMID.tag, SARA.tag])}}], old),
        ("another next one than was signed", [one | {"set": one["set"] | {"authority": shown(bytes(32))}}], old),
        ("a field too few", [one | {"set": {k: v for k, v in one["set"].items() if k != "out"}}], old),
        ("who was taken out undoes nothing", [one, c(21, OMID, roster.REMOVED, member=omid), c(22, OMID, roster.REMOVED, device=AGAIN.tag)], new),
        ("shares that are used say a second thing, heard by nobody", [one, late], turned),
        ("dated back, against what two members heard", [one, early, heard(21, LALEH, one), heard(22, SARA, one)], turned),
        ("who brings their own witnesses has none", [one, early, heard(21, LALEH, one), heard(11, THIEF, early), heard(23, AGAIN, early)], turned),
        ("what a device says it heard counts once, the first time", [one, early, heard(21, LALEH, one), heard(22, LALEH, early)], turned),
        ("new shares without anybody entered, by the next authority", [one, renewed], new | {"authorities": 3}),
        ("new shares by the one before it", [one, says(40, SARA, 3, first, third)], new),
        ("what comes before what it follows", [renewed, one], new | {"authorities": 3}),
    ]  # fmt: skip
    OUT.write_text(
        json.dumps(
            {
                "founder": {"tag": OMID.tag.hex(), "verify_key": OMID.verify_key.hex(), "authority": authority.public_of(first).hex()},
                "digits": _digits(roster.Founder(OMID.tag, OMID.verify_key, authority.public_of(first)).pinned),
                "secrets": [
                    {"secret": s.hex(), "authority": authority.public_of(s).hex(), "recipient": hashlib.sha256(authority.recipient_of(s).encode()).hexdigest()}
                    for s in SECRETS
                ],
                "signed": pack([PIN, 20, 2, authority.public_of(second), "recipient", [], []]).hex(),
                "start": start,
                "stories": [{"name": name, "events": events, **ends} for name, events, ends in stories],
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )  # fmt: skip


def _digits(data: bytes) -> str:
    from panah.kernel import enrol

    return enrol.words(data)
