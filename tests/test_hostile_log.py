"""A member, or a member's stolen laptop, with altered software: whatever they sign, nobody else's vault stops, grows without end, or hands them a key."""

from __future__ import annotations

import datetime
import hashlib
import math
import random
from typing import Any

import msgspec
import pytest

from panah.errors import Refused, Unreadable
from panah.kernel import age, backup, enrol, erase, event, keys, log, receive, roster, seal, share, sync
from panah.kernel.event import Content, Event
from tests import team
from tests.team import File, Letter, Part

DESKS = ("supervisor", "intake")


@pytest.fixture
def people(tmp_path):
    """Omid, who founded; Sara, at the same desks; Laleh, a caseworker, whose laptop is in other hands."""
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock)
    sara = team.join(omid, tmp_path / "sara", "Sara", DESKS, clock)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker", "intake"), clock)
    for s in (sara, laleh):
        team.meet(omid, s, tmp_path / "stick")
    yield omid, sara, laleh, tmp_path
    for s in (omid, sara, laleh):
        s.lock()


def signed(s, name: str, *events: Event, to: Any = None, seen: Any = (), packed: bytes | None = None) -> bytes:
    """A segment that is rightly signed and sealed by a member, whatever is in it."""
    tag = to.tag if to else s.names[name]
    epoch, key = (event.DIRECT, b"") if to else s.writing_key(tag)
    parents = [id for by, id, _ in s.vault.heads(tag) if by == s.identity.tag]
    content = Content(max((e.at for e in events), default=s.tick()), list(seen), list(events))
    if packed is None:
        return event.write(s.identity, tag, epoch, key, parents, content, to=to.recipient if to else None).bytes
    prefix = event.pack(event.Prefix(1, s.identity.tag, tag, epoch, sorted(parents)))
    body = seal.seal(key, s.identity.sign(keys.LABEL_SEGMENT + prefix, packed) + packed, keys.LABEL_SEGMENT + prefix)
    return event.pack(event.Whole(event.pack(event.Header(prefix, hashlib.sha256(body).digest())), body))


def device(of) -> roster.Device:
    return roster.Device(of.identity.tag, "", of.identity.verify_key, of.identity.recipient, 0)


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


STRANGE = {
    "not a number": math.nan,
    "without end": math.inf,
    "a day": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    "an extension": msgspec.msgpack.Ext(7, b"x"),
    "more than 64 bits with a sign": 2**63,
    "a map with numbers for names": {1: "x"},
    "a map with numbers and words for names": {1: "x", "a": "y"},
    "a map with bytes for names": {b"a": 1},
    "too deep": nested(40),
    "so deep that a reader falls over": nested(400),
    "bytes": b"x" * 40,
}
ODD = {
    "a number for a text": 5,
    "a map for a text": {"a": {"b": ["c"]}},
    "a list of everything": [None, True, 1.5, "x", {"~": 1}, []],
    "no answer without a reason": {"~": "no_answer"},
    "no answer for a reason that is a list": {"~": "no_answer", "why": [1]},
    "a lot of text": "x" * 200_000,
    "control characters": "\0\u202e\ufeff",
}


@pytest.mark.parametrize("name", [*STRANGE, *ODD])
def test_I5_no_value_stops_a_colleagues_vault(people, name):
    omid, sara, laleh, tmp = people
    value = {**STRANGE, **ODD}[name]
    letter = omid.save(Letter(text="first"))
    for s in (laleh, sara):
        team.meet(omid, s, tmp / "stick")
    at = laleh.tick()
    e = Event(bytes.fromhex(letter.id), "letter", at, {"text": value, "state": value, "new": value})
    try:
        bad = signed(laleh, "intake", e)
    except TypeError:  # our own encoder has no form for it
        plain = msgspec.msgpack.encode([at, [], [[e.record, e.kind, at, dict(sorted(e.set.items())), {}]]])
        bad = signed(laleh, "intake", packed=seal.compress(plain))
    good = signed(laleh, "intake", Event(b"n" * 16, "letter", laleh.tick(), {"text": "after"}))
    for s in (omid, sara):
        got = receive.receive(s, [bad, good], "test")
        assert got.new == (1 if name in STRANGE else 2), (got, [h.code for h in s.quarantine()])
        s.rebuild()
        assert s.get(Letter, (b"n" * 16).hex()).text == "after"
        assert s.get(Letter, letter.id).id and s.list(Letter) and s.history(letter.id) and s.conflicts() is not None
        sync.to_file(s, tmp / "out")


WRONG_CONTROL = {
    "a device that is a number": ("_holder", {"device": 2**40}),
    "a device that is a text": ("_holder", {"device": "x"}),
    "a device that is a list": ("_left", {"device": [1]}),
    "no device": ("_left", {}),
    "a cut of a number": ("_cut", {"author": 2**40, "heads": [2**40]}),
    "a cut without heads": ("_cut", {"author": b"x" * 8, "heads": 7}),
    "a cut with heads of text": ("_cut", {"author": b"x" * 8, "heads": ["x"]}),
    "a grant of numbers": ("_grant", {"name": "intake", "tag": 2**40, "epoch": 2**40, "n": 1, "key": 2**40}),
    "a grant with a text for a number": (
        "_grant",
        {"name": "a/b", "tag": b"t" * 8, "epoch": b"e" * 8, "n": "x", "key": b"k" * 32},
    ),
    "a grant with a huge number": ("_grant", {"name": "a/b", "tag": b"t" * 8, "epoch": b"e" * 8, "n": 2**62, "key": b"k" * 32}),
    "a wish that is a number": ("_erase", {"tag": 7, "records": 7, "devices": 7}),
    "something new": ("_dance", {"x": [1]}),
    "a member without a name": ("_member", {"roles": 7}),
    "a device of numbers": ("_device", {"tag": 2**40, "sign": 2**40, "open": 2**40, "member": 2**40}),
    "a removal of lists": ("_removed", {"member": [], "device": {}}),
}


@pytest.mark.parametrize("name", WRONG_CONTROL)
@pytest.mark.parametrize("place", ["team", "intake"])
def test_I5_no_control_event_stops_a_colleagues_vault(people, name, place):
    omid, sara, laleh, tmp = people
    kind, fields = WRONG_CONTROL[name]
    for author in (laleh, omid):  # a member, and somebody whose word counts for more
        receive.receive(sara, [signed(author, place, Event(b"r" * 16, kind, author.tick(), fields))], "test")
        sara.load_roster()
        share.tend(sara)
        assert sara.holders(place) and sara.holders("intake")
    team.meet(omid, sara, tmp / "stick")
    letter = omid.save(Letter(text="goes on"))
    team.meet(omid, sara, tmp / "stick")
    assert sara.get(Letter, letter.id).text == "goes on"


def grant(s, name: str, tag: bytes, epoch: bytes, key: bytes, n: int = 2, **more: Any) -> Event:
    return Event(tag + epoch, "_grant", s.tick(), {"name": name, "tag": tag, "epoch": epoch, "n": n, "key": key, **more})


EVIL, EVIL_KEY = b"\1" * 8, b"\6" * 32


def test_I4_a_colleague_is_no_ladder_to_a_desk_that_is_not_yours(people):
    # Omid's device passes on what came for a desk. A grant of a stranger's key must not become his word that way.
    omid, sara, laleh, tmp = people
    bad = signed(
        laleh, "", grant(laleh, "supervisors", omid.names["supervisors"], EVIL, EVIL_KEY, into="supervisors"), to=device(omid)
    )
    receive.receive(omid, [bad], "test")
    share.tend(omid)
    team.meet(omid, sara, tmp / "stick")
    for s in (omid, sara):
        assert s.writing_key(s.names["supervisors"])[1] != EVIL_KEY and EVIL not in s.ring[s.names["supervisors"]]


@pytest.mark.parametrize("place", ["team", "intake", "direct"])
def test_I4_who_does_not_hold_a_case_gives_it_no_new_key(people, place):
    omid, sara, laleh, tmp = people
    file = omid.save(File(title="x"))
    team.meet(omid, sara, tmp / "stick")
    name = f"care/{file.id}"
    for s in (omid, sara):
        e = grant(laleh, name, s.names[name], EVIL, EVIL_KEY)
        receive.receive(s, [signed(laleh, place, e, to=device(s) if place == "direct" else None)], "test")
        assert s.writing_key(s.names[name])[1] != EVIL_KEY


def test_an_administrator_who_holds_no_desk_gives_it_no_new_key(people):
    omid, sara, _, tmp = people
    nima = team.join(omid, tmp / "nima", "Nima", ("keyholder",))
    team.meet(omid, nima, tmp / "stick")
    team.meet(omid, sara, tmp / "stick")
    receive.receive(sara, [signed(nima, "team", grant(nima, "supervisors", sara.names["supervisors"], EVIL, EVIL_KEY))], "test")
    assert sara.writing_key(sara.names["supervisors"])[1] != EVIL_KEY
    nima.lock()


def test_nobody_plants_a_key_that_no_rotation_gets_past(people):
    omid, _, laleh, _ = people
    for n in (2**62, 2**63 - 1, 5000):
        receive.receive(omid, [signed(laleh, "intake", grant(laleh, "intake", omid.names["intake"], EVIL, EVIL_KEY, n))], "test")
    enrol.remove(omid, laleh.me.id)
    assert omid.writing_key(omid.names["intake"])[1] != EVIL_KEY


def test_a_case_with_two_keys_is_handed_over_whole_and_by_who_holds_it(people):
    omid, _, laleh, tmp = people
    nima = team.join(omid, tmp / "nima", "Nima", ("caseworker",))
    mina = team.join(omid, tmp / "mina", "Mina", ("caseworker",))
    for s in (laleh, nima, mina):
        team.meet(omid, s, tmp / "stick")
    file = laleh.save(File(title="x"))
    laleh.give(f"care/{file.id}", nima.me.id)
    team.meet(laleh, omid, tmp / "stick")
    team.meet(laleh, nima, tmp / "stick")
    enrol.remove(omid, nima.me.id)
    team.meet(omid, laleh, tmp / "stick")
    later = laleh.save(Part(case=file.id, text="under the second key"))
    laleh.give(f"care/{file.id}", mina.me.id)
    team.meet(omid, mina, tmp / "stick")  # the team's own new key comes from whoever removed
    team.meet(laleh, mina, tmp / "stick")
    assert len(mina.ring[mina.names[f"care/{file.id}"]]) >= 2
    assert mina.get(File, file.id).title == "x" and mina.get(Part, later.id).text == "under the second key"
    nima.lock(), mina.lock()


@pytest.mark.parametrize("place", ["team", "intake", "direct"])
def test_I4_who_does_not_hold_a_case_writes_nothing_into_it(people, place):
    omid, sara, laleh, tmp = people
    file = omid.save(File(title="Blue door", risk="high"))
    team.meet(omid, sara, tmp / "stick")
    id = bytes.fromhex(file.id)
    to = device(omid) if place == "direct" else None
    same = Event(id, "file", laleh.tick(), {"title": "Forged", "risk": "low"})
    other = Event(id, "letter", 65536, {"text": "this was always a letter"})
    unknown = Event(id, "from_tomorrow", 65537, {"text": "this was always something new"})
    for e in (same, other, unknown):
        receive.receive(omid, [signed(laleh, place, e, to=to)], "test")
    standing = omid.get(File, file.id)
    assert (standing.title, standing.risk, standing.meta.conflicts) == ("Blue door", "high", ())
    assert {c.author for c in omid.history(file.id)} == {"Omid"}
    omid.rebuild()
    assert omid.get(File, file.id).title == "Blue door"


def test_what_was_seen_is_named_in_one_way_and_not_without_end(people):
    omid, _, laleh, _ = people
    e = Event(b"n" * 16, "letter", laleh.tick(), {"text": "x"})
    a, b = (b"a" * 8, b"i" * 32), (b"b" * 8, b"i" * 32)
    for seen in (
        [(b"a", b"i" * 32)],
        [(b"a" * 8, b"x" * 5000)],
        [b, a],
        [a, a],
        [(b"a" * 8, n.to_bytes(32, "big")) for n in range(5000)],
    ):
        receive.receive(omid, [signed(laleh, "intake", e, seen=seen)], "test")
    assert omid.vault.missing() == 0 and {h.code for h in omid.quarantine()} == {"segment_malformed"}


def test_two_control_events_of_one_moment_fold_alike_everywhere(people):
    omid, sara, laleh, _ = people
    at, member = omid.tick(), bytes.fromhex(laleh.me.id)
    one, two = (
        signed(omid, "team", Event(member, "_member", at, {"name": "Laleh", "roles": roles}))
        for roles in (["health"], ["tracing"])
    )
    receive.receive(sara, [one, two], "test")
    receive.receive(laleh, [two, one], "test")
    assert sara.roster.members[laleh.me.id] == laleh.roster.members[laleh.me.id]


def test_a_record_of_two_compartments_has_one_home_whatever_came_first(people):
    omid, sara, laleh, _ = people
    letter = omid.save(Letter(secret="s"))
    segments = [event.pack(event.Whole(h, b)) for _, _, h, b, _ in omid.vault.segments_after(sara.vault.last_seq())]
    for s, some in ((sara, segments), (laleh, segments[::-1])):
        receive.receive(s, some, "test")
    assert sara.get(Letter, letter.id).meta.compartment == "intake" == omid.get(Letter, letter.id).meta.compartment


def test_a_segment_that_no_relay_would_carry_is_not_written(people):
    omid, *_ = people
    before = omid.vault.last_seq()
    with pytest.raises(Unreadable) as e:
        omid.save(Letter(text=random.Random(1).randbytes(5 * 1024 * 1024).hex()))
    assert e.value.code == "segment_too_large" and omid.vault.last_seq() == before


@pytest.mark.parametrize("recipient", ["zeros", "ones", "a point of low order"])
def test_a_device_that_nothing_can_be_sealed_to_keeps_nobody_from_their_keys(people, recipient):
    omid, sara, _, tmp = people
    bad = {"zeros": bytes(1216), "ones": b"\xff" * 1216, "a point of low order": sara.identity.recipient[:-32] + bytes(32)}[
        recipient
    ]
    odd = Event(b"d" * 16, "_device", omid.tick(), {"member": omid.me.id, "tag": b"odd odd!", "sign": bytes(32), "open": bad})
    for s in (omid, sara):
        receive.receive(s, [signed(omid, "team", odd)] if s is sara else [], "test")
        share.tend(s)
    assert b"odd odd!" in sara.roster.devices and b"odd odd!" not in share.holding(sara, sara.names["supervisors"])
    nima = team.join(omid, tmp / "nima", "Nima", DESKS)
    letter = sara.save(Letter(text="x", secret="y"))
    for a, b in ((omid, sara), (sara, nima), (omid, nima)):
        team.meet(a, b, tmp / "stick")
    assert nima.get(Letter, letter.id).secret == "y"
    nima.lock()


KINDS = {
    "_team": ["name"], "_member": ["name", "roles"], "_device": ["member", "tag", "sign", "open"], "_away": ["why"],
    "_keep": ["tag"], "_erased": ["tag"], "_erase": ["tag", "records", "devices"], "_grant": ["tag", "name", "epoch", "n", "key", "into"], "_holder": ["device"],
    "_left": ["device"], "_cut": ["author", "heads"], "letter": ["text", "state", "secret"],
    "file": ["title", "risk", "alerts", "allowed", "note", "photo"], "part": ["case", "text"],
}  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_I5_whatever_members_sign_at_random_a_vault_goes_on(people, seed):
    omid, sara, laleh, tmp = people
    file, letter = omid.save(File(title="x", risk="low")), omid.save(Letter(text="x"))
    for s in (sara, laleh):
        team.meet(omid, s, tmp / "stick")
    rng = random.Random(seed)
    tags = [omid.identity.tag, laleh.identity.tag, *omid.ring]
    ids = [bytes.fromhex(x) for x in (file.id, letter.id, laleh.me.id)]
    plain = [
        0,
        1,
        -1,
        2**40,
        2**63 - 1,
        None,
        True,
        1.5,
        "",
        "team",
        "~",
        "no_answer",
        "care/" + file.id,
        laleh.me.id,
        *tags,
        *ids,
    ]

    def anything(deep: int = 0) -> Any:
        kind = rng.randrange(5 if deep < 4 else 3)
        if kind < 3:
            return rng.choice([*plain, rng.randbytes(rng.choice([0, 7, 8, 16, 32, 1216]))])
        inner = [anything(deep + 1) for _ in range(rng.randrange(4))]
        return inner if kind == 3 else {rng.choice(["~", "why", "blob", "key", "parts", "bytes"]): v for v in inner}

    for n in range(300):
        author, kind, place = rng.choice([laleh, sara]), rng.choice(list(KINDS)), rng.choice(["team", "intake", "direct"])
        fields = {name: anything() for name in KINDS[kind] if rng.random() < 0.9}
        e = Event(rng.choice([*ids, rng.randbytes(16)]), kind, author.tick(), fields)
        receive.receive(omid, [signed(author, place, e, to=device(omid) if place == "direct" else None)], "test")
        if n % 30 == 0:
            share.tend(omid)
            sync.to_file(omid, tmp / "out")
            assert omid.holders("team") and omid.list(Letter) and omid.history(file.id) and omid.search("x")
    assert omid.get(File, file.id).title == "x" and omid.members() and erase.receipts(omid) is not None


# -- what is not signed by anybody ----------------------------------------------------------------------------------------


def noise(path, parts: int, size: int) -> None:
    with path.open("wb") as f:
        f.write(sync.MAGIC)
        for n in range(parts):
            sync.write_part(f, b"S", n.to_bytes(8, "big") + bytes(size))
        sync.write_part(f, b"E", parts.to_bytes(8, "big"))


def test_a_stick_full_of_noise_fills_no_disk(people, monkeypatch):
    omid, _, _, tmp = people
    monkeypatch.setattr(log, "MOST_HELD", 100_000)
    noise(tmp / "noise", 300, 1000)
    done = sync.from_file(omid, tmp / "noise")
    assert done.quarantined == 300 and 90 <= len(omid.quarantine()) <= 100
    # What people outside wrote is kept whatever lies there: no relay has it any more.
    log.hold(omid, b"a request from a newer page", "intake", "frame_future_version")
    assert any(h.source == "intake" for h in omid.quarantine())


def test_I5_what_waits_for_a_key_is_bounded(people, monkeypatch):
    omid, _, laleh, _ = people
    monkeypatch.setattr(receive, "_MOST_WAITING", 40 * 4096)
    monkeypatch.setattr(log, "MOST_HELD", 20 * 1024)
    made = []
    for n in range(100):
        prefix = event.pack(event.Prefix(1, laleh.identity.tag, laleh.names["intake"], n.to_bytes(8, "big") or EVIL, []))
        body = n.to_bytes(200, "big")
        made.append(event.pack(event.Whole(event.pack(event.Header(prefix, hashlib.sha256(body).digest())), body)))
    got = receive.receive(omid, made[1:], "test")
    assert got.waiting == 99 and omid.vault.waiting() == 40 and len(omid.quarantine()) <= 20


def test_a_bundle_is_taken_in_by_pieces_of_bounded_size(people, monkeypatch):
    omid, sara, _, tmp = people
    letters = [omid.save(Letter(text="x" * 5000)) for _ in range(30)]
    sync.to_file(omid, tmp / "stick")
    monkeypatch.setattr(sync, "_MOST_BATCH", 1000)
    sizes = []
    real = receive.receive
    monkeypatch.setattr(
        receive, "receive", lambda s, arrivals, *a, **k: real(s, (sizes.append(1) or x for x in arrivals), *a, **k)
    )
    sync.from_file(sara, tmp / "stick")
    assert all(sara.get(Letter, x.id).text == x.text for x in letters) and len(sizes) > 30


def test_a_backup_that_a_stranger_sealed_makes_no_vault(tmp_path):
    identity = age.new_identity()
    recipient = age.recipient_of(identity)
    head = event.pack({"founder": [b"f" * 8, b"k" * 32], "team": "x", "at": 1.0, "settings": {}})
    key = event.pack([b"t" * 8, "team", b"e" * 8, 1, b"k" * 32])

    def made(*parts: tuple[bytes, bytes]) -> bytes:
        return backup.MAGIC + b"".join(k + len(d).to_bytes(4, "big") + d for k, d in parts)

    end = (b"E", bytes(8))
    wrong = [
        b"",
        made(),
        made(end),
        made((b"K", key), end),
        made((b"M", head)),
        made((b"M", b"\xc1"), end),
        made((b"M", event.pack({"founder": [b"f", b"k"], "settings": {}})), end),
        made((b"M", event.pack({"founder": [b"f" * 8, b"k" * 32], "settings": {"relays": 7}})), end),
        made((b"M", head), (b"M", head), end),
        made((b"M", head), (b"K", event.pack([b"t" * 8, "team", b"e" * 8, 2**60, b"k" * 32])), end),
        made((b"M", head), (b"K", event.pack([b"t" * 8, "team", b"e" * 8, 1, b"k" * 31])), end),
        made((b"M", head), (b"K", key), (b"K", event.pack([b"u" * 8, "team", b"e" * 8, 1, b"k" * 32])), end),
        made((b"M", head), (b"K", key), (b"E", (1).to_bytes(8, "big"))),
        made((b"M", head), (b"K", key), end) + b"x",
        made((b"M", head), (b"K", key), (b"E", b"")),
    ]
    for n, plain in enumerate(wrong):
        (tmp_path / "b").write_bytes(age.seal(plain, [recipient]))
        with pytest.raises(Unreadable) as e:
            backup.restore(tmp_path / "b", identity, tmp_path / str(n), team.PASSPHRASE, team.TYPES, team.QUICK)
        assert e.value.code == "backup_malformed", n


def test_a_welcome_is_read_as_a_strangers(tmp_path):
    s = enrol.new_vault(tmp_path / "s", team.PASSPHRASE, team.TYPES, team.QUICK)

    def sealed(*plain: Any) -> bytes:
        packed = seal.compress(event.pack(list(plain)))
        return b"PANAHWELCOME1\n" + keys.seal_to(s.identity.recipient, packed, keys.LABEL_WELCOME + s.identity.tag)

    founder, key = [b"f" * 8, b"k" * 32], [b"t" * 8, "team", b"e" * 8, 1, b"k" * 32]
    wrong = {
        "welcome_malformed": [
            sealed(1, [b"f", b"k"], [key], [], {}),
            sealed(1, founder, [[*key[:4], b"short"]], [], {}),
            sealed(1, founder, [key, [b"u" * 8, *key[1:]]], [], {}),
            sealed(1, founder, [[*key[:3], 2**63, key[4]]], [], {}),
            sealed(1, founder, [[key[0], "", *key[2:]]], [], {}),
            sealed(1, founder, [key], [], {"relays": [7]}),
            b"PANAHWELCOME2\n",
        ],
        "welcome_future_version": [sealed(2, "all is different"), sealed(2, founder, [key], [], {})],
        "welcome_not_for_this_device": [sealed(1, founder, [key], [b"noise"], {})],
    }
    for code, them in wrong.items():
        for n, data in enumerate(them):
            with pytest.raises(Unreadable) as e:
                enrol.enter(s, data)
            assert (e.value.code, s.founder.tag, s.names) == (code, b"", {}), (code, n)
    s.lock()


def test_a_card_whose_tag_names_a_compartment_is_refused(people, tmp_path):
    omid, *_ = people
    odd = keys.Identity(omid.names["team"], keys.random(32), keys.random(32))
    body = odd.tag + odd.verify_key + odd.recipient
    data = event.pack(enrol.Card(1, odd.tag, odd.verify_key, odd.recipient, odd.sign(keys.LABEL_CARD, body)))
    with pytest.raises(Refused):
        enrol.invite(omid, data, "Odd", ("caseworker",))


def test_a_welcome_of_an_old_team_still_fits(people, tmp_path, monkeypatch):
    omid, *_ = people
    letters = [omid.save(Letter(text=str(n))) for n in range(20)]
    monkeypatch.setattr(enrol, "MOST_LOG", 3000)
    rana = team.join(omid, tmp_path / "rana", "Rana", ("intake",))
    assert rana.team and rana.count(Letter) < 20
    team.meet(omid, rana, tmp_path / "stick")
    assert [rana.get(Letter, x.id).text for x in letters] == [x.text for x in letters] and rana.vault.missing() == 0
    rana.lock()
