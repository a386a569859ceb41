"""The vectors of the log, run through the code that everything else runs through. The browser runs those that it has to read."""

from __future__ import annotations

import itertools
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from panah import receipt, wire
from panah.errors import Locked, Unreadable
from panah.explain import EXPLAIN
from panah.kernel import age, authority, backup, enrol, event, fold, keys, receive, recovery, roster, seal, share, sync
from panah.kernel.event import Event
from panah.kernel.session import Session
from panah.schema import first_of, intersection, keep_both, union
from tests import team

ROOT = Path(__file__).resolve().parents[1]


def load(name: str) -> Any:
    return json.loads((ROOT / "spec" / "vectors" / name).read_text(encoding="utf-8"))


def value(shown: Any) -> Any:
    if isinstance(shown, dict):
        return bytes.fromhex(shown["hex"]) if shown.keys() == {"hex"} else {k: value(v) for k, v in shown.items()}
    return [value(v) for v in shown] if isinstance(shown, list) else shown


def an_event(e: dict[str, Any]) -> Event:
    base = {f: [(at, bytes.fromhex(by)) for at, by in stamps] for f, stamps in e["base"].items()}
    return Event(bytes.fromhex(e["record"]), e["kind"], e["at"], value(e["set"]), base)


def authored(e: dict[str, Any]) -> fold.Authored:
    return fold.Authored(bytes.fromhex(e["author"]), b"", an_event(e))


def read_whole(v: Any, data: bytes) -> tuple[event.Segment, event.Content]:
    """A segment as a holder of the key reads it."""
    segment = event.read(data)
    author = next(a for a in v["authors"] if a["tag"] == segment.prefix.author.hex())
    signed = event.open_body(segment, bytes.fromhex(v["compartment"]["key"]))
    return segment, event.verify(segment, signed, bytes.fromhex(author["verify_key"]))


def test_the_segment_vectors():
    v = load("segment.json")
    for one in v["opens"]:
        segment, content = read_whole(v, bytes.fromhex(one["segment"]))
        assert segment.id.hex() == one["id"] and segment.prefix.author.hex() == one["author"], one["name"]
        assert [p.hex() for p in segment.prefix.parents] == one["parents"] and content.at == one["at"]
        assert [[a.hex(), i.hex()] for a, i in content.seen] == one["seen"]
        assert list(content.events) == [an_event(e) for e in one["events"]], one["name"]
    for one in v["links"]:
        segment = event.read(bytes.fromhex(one["segment"]))
        assert segment.body == b"" and segment.id.hex() == one["id"]
    for one in v["refuses"]:
        with pytest.raises(Unreadable) as e:
            read_whole(v, bytes.fromhex(one["segment"]))
        assert e.value.code == one["code"], one["name"]
    assert len(v["refuses"]) >= 55 and all(seal.padded_size(n) == size for n, size in v["sizes"])


def test_a_segment_beyond_its_bound_is_refused_before_it_is_looked_at():
    with pytest.raises(Unreadable) as e:
        event.read(bytes(event.MOST_SEGMENT + 1))
    assert e.value.code == "segment_too_large"


def test_the_fold_vectors_in_every_order():
    v = load("fold.json")
    orders = {"union": union, "intersection": intersection, "keep_both": keep_both}
    protect = {tuple(k.split(".")): orders[o] if isinstance(o, str) else first_of(*o) for k, o in v["protect"].items()}
    for one in v["records"]:
        events = [authored(e) for e in one["events"]]
        for some in itertools.permutations(events):
            row = fold.fold(some, lambda kind, field: protect.get((kind, field)))
            shown = (row.values, list(row.conflicts), list(row.protected))
            assert shown == (value(one["values"]), one["conflicts"], one["protected"]), one["name"]
            assert event.pack(row.values) == event.pack(value(one["values"])), one["name"]


def test_the_fold_vectors_of_places_in_every_order(tmp_path):
    v = load("fold.json")["places"]
    s = team.found(tmp_path / "v")
    s.meet_first = lambda: None
    record = bytes.fromhex(v["record"])
    wanted = {e["in"] for one in v["records"] for e in one["events"]}
    with s.vault.change():
        for name in sorted(wanted - s.names.keys()):
            share.create(s, name, ())
    for cls in s.types.values():
        homes = [cls.KIND.compartment, *(f.compartment for f in cls.KIND.fields if f.compartment)]
        assert v["homes"][cls.KIND.name] == homes
    for one in v["records"]:
        for some in itertools.permutations(one["events"]):
            with s.vault.change():
                s.vault.db.execute("delete from events where record = ?", (record,))
                for seq, e in enumerate(some, 1_000_000):
                    made = Event(record, e["kind"], e["at"], e["set"])
                    s.vault.add_events(seq, bytes.fromhex(e["by"]), s.names[e["in"]], [made])
                s.refold([record])
            row = s.vault.row(record)
            if not one["kind"]:
                assert row is None, one["name"]
                continue
            values, _, conflicts, *_ = event.unpack(row.data)
            assert (row.kind, s.name_of(row.compartment), values) == (one["kind"], one["home"], one["values"]), one["name"]
            assert conflicts == [], one["name"]
    s.lock()


# -- vaults in which segments arrive --------------------------------------------------------------------------------------


def a_vault(path: Path, start: dict[str, Any]) -> Session:
    """A vault that holds what the vectors begin with."""
    s = enrol.new_vault(path, team.PASSPHRASE, team.TYPES, team.QUICK, lambda: float(start["now"]))
    s.identity = keys.Identity(*(bytes.fromhex(start["identity"][k]) for k in ("tag", "sign_seed", "open_seed")))
    with s.vault.change():
        s.set_founder(roster.Founder(bytes.fromhex(start["founder"]["tag"]), bytes.fromhex(start["founder"]["verify_key"])))
        for tag, name, epoch, n, key in start["keys"]:
            s.add_key(bytes.fromhex(tag), name, bytes.fromhex(epoch), n, bytes.fromhex(key), s.founder.tag)
    got = receive.receive(s, [bytes.fromhex(data) for data in start["team"]], "test")
    assert got.new == len(start["team"]) and s.team == "Ash"
    return s


BECOMES = ("new", "known", "waiting", "foreign", "quarantined", "links")


def test_the_vectors_of_what_becomes_of_an_arrival(tmp_path):
    v = load("segment.json")["arrivals"]
    s = a_vault(tmp_path / "v", v["vault"])
    for one in v["steps"]:
        data = bytes.fromhex(one["segment"])
        got = receive.receive(s, [data], "test")
        assert {k: getattr(got, k) for k in BECOMES} == {k: one.get(k, 0) for k in BECOMES}, one["name"]
        held = {h.id: h.code for h in s.quarantine()}
        if one.get("quarantined"):
            assert held[event.hashlib.sha256(data).hexdigest()] == one["code"], one["name"]
        if one.get("waiting"):
            ((code,),) = s.vault.ask("select held from segments where id = ?", (event.read(data).id,))
            assert code == one["code"], one["name"]
        for id in one.get("taken_back", ()):
            assert s.vault.ask("select state, held from segments where id = ?", (bytes.fromhex(id),)) == [(1, "author_removed")]
    s.types = {}
    assert event.unpack(s.vault.row(bytes.fromhex(v["record"])).data)[0]["note"] == v["note"]
    # The same in one go, in any order, and twice: who arrives when changes nothing that counts.
    good = [bytes.fromhex(one["segment"]) for one in v["steps"]]
    counted = s.vault.ask("select id from segments where state = 0 order by id")
    for seed in range(4):
        again = a_vault(tmp_path / str(seed), v["vault"])
        again.types = {}
        random.Random(seed).shuffle(good)
        receive.receive(again, [*good, *good[:7]], "test")
        receive.retry(again)
        assert again.vault.ask("select id from segments where state = 0 order by id") == counted
        assert again.vault.row(bytes.fromhex(v["record"])).data == s.vault.row(bytes.fromhex(v["record"])).data
        again.lock()
    s.lock()


def test_the_vectors_of_grants(tmp_path):
    v = load("compartments.json")["grants"]
    s = a_vault(tmp_path / "v", v["vault"])
    for one in v["steps"]:
        assert receive.receive(s, [bytes.fromhex(one["segment"])], "test").new == 1, one["name"]
        tag = s.names.get(one["of"])
        assert (s.writing_key(tag)[0].hex() if tag else "") == one["writes"], one["name"]
        share.tend(s)
        s.holders("team")
    s.lock()


def test_the_vectors_of_key_files_welcomes_and_shares(tmp_path):
    v = load("compartments.json")
    for one in v["key_files"]["opens"]:
        assert [k.hex() for k in keys.open_vault_key(one["file"].encode(), one["passphrase"])] == one["keys"]
    for one in v["key_files"]["refuses"]:
        with pytest.raises((Unreadable, Locked)) as e:
            keys.open_vault_key(one["file"].encode(), one["passphrase"])
        assert e.value.code == one["code"], one["name"]
    w = v["welcome"]
    for n, one in enumerate(w["cases"]):
        s = enrol.new_vault(tmp_path / str(n), team.PASSPHRASE, team.TYPES, team.QUICK)
        s.identity = keys.Identity(*(bytes.fromhex(w["identity"][k]) for k in ("tag", "sign_seed", "open_seed")))
        if one["code"]:
            with pytest.raises(Unreadable) as e:
                enrol.enter(s, bytes.fromhex(one["welcome"]))
            assert e.value.code == one["code"] and not s.founder.tag, one["name"]
        else:
            enrol.enter(s, bytes.fromhex(one["welcome"]))
            assert (s.team, s.founder.tag.hex(), enrol.founder_words(s)) == (w["team"], w["founder"], w["founder_digits"])
        s.lock()
    for one in v["shares"]["joins"]:
        assert recovery.join(one["shares"]).hex() == v["shares"]["seed"], one["name"]
    for one in v["shares"]["refuses"]:
        with pytest.raises(Unreadable) as e:
            recovery.join(one["shares"])
        assert e.value.code == one["code"], one["name"]


def test_the_roster_vectors():
    v = load("roster.json")
    founder = roster.Founder(bytes.fromhex(v["founder"]["tag"]), bytes.fromhex(v["founder"]["verify_key"]))
    for one in v["stories"]:
        events = sorted((authored(e) for e in v["start"] + one["events"]), key=lambda a: (a.event.at, a.author))
        r = roster.roster(events, founder)
        assert sorted(m.name for m in r.members.values()) == one["members"], one["name"]
        assert sorted(m.name for m in r.members.values() if m.removed) == one["removed"], one["name"]
        erasure = r.erasures.get(bytes.fromhex(v["erased"]))
        assert (erasure.decided if erasure else None) in (one["erased"], one["erased"] or None), one["name"]
        if one["erased"]:
            assert sorted(x.hex() for x in erasure.records) == v["goes_along"], one["name"]
        assert [d.hex() for d in r.devices] == v["devices"], one["name"]


def test_the_vectors_of_the_recovery_authority():
    v = load("recovery.json")
    founder = roster.Founder(*(bytes.fromhex(v["founder"][k]) for k in ("tag", "verify_key", "authority")))
    assert enrol.words(founder.pinned) == v["digits"]
    for one in v["secrets"]:
        secret = bytes.fromhex(one["secret"])
        assert authority.public_of(secret).hex() == one["authority"]
        assert event.hashlib.sha256(authority.recipient_of(secret).encode()).hexdigest() == one["recipient"]
    for one in v["stories"]:
        for some in (v["start"] + one["events"], one["events"][::-1] + v["start"][::-1]):
            r = roster.roster(sorted((authored(e) for e in some), key=lambda a: (a.event.at, a.author)), founder)
            assert len(r.authorities) == one["authorities"], one["name"]
            assert sorted(t.hex() for t in r.removed) == one["removed"], one["name"]
            may = [t.hex() for t in r.devices if t not in r.removed and roster._administers(r, t, founder)]
            assert may == one["administrators"], one["name"]
        assert r.recipient and [len(a) for a in r.authorities] == [32] * len(r.authorities)


def test_the_vectors_of_keys_and_cards():
    v = load("compartments.json")
    me = keys.Identity(*(bytes.fromhex(v["identity"][k]) for k in ("tag", "sign_seed", "open_seed")))
    assert (me.verify_key.hex(), me.recipient.hex()) == (v["identity"]["verify_key"], v["identity"]["recipient"])
    card = bytes.fromhex(v["card"]["card"])
    assert enrol.read_card(card).tag == me.tag and enrol.words(card) == v["card"]["digits"]
    for one in v["cards_refused"]:
        with pytest.raises(Unreadable) as e:
            enrol.read_card(bytes.fromhex(one["card"]))
        assert e.value.code == one["code"], one["name"]
    direct = v["direct"]
    assert me.open(bytes.fromhex(direct["sealed"]), bytes.fromhex(direct["bound"])).hex() == direct["plain"]
    for one in direct["refused"]:
        with pytest.raises(Unreadable) as e:
            me.open(bytes.fromhex(direct["sealed"]), bytes.fromhex(one["bound"]))
        assert e.value.code == one["code"]
    for one in v["derived"]:
        assert keys.derive(bytes.fromhex(one["key"]), one["label"].encode()).hex() == one["gives"]


def test_the_bundle_vectors(tmp_path):
    v = load("bundle.json")
    tag, epoch, key = (bytes.fromhex(v["team"][k]) for k in ("tag", "epoch", "key"))
    s = team.found(tmp_path / "v")
    with s.vault.change():
        s.vault.erase_compartment(s.names["team"])
        s.forget(s.names["team"], [])
        s.add_key(tag, "team", epoch, 1, key, s.identity.tag)
    for one in v["opens"]:
        (tmp_path / "b").write_bytes(bytes.fromhex(one["bundle"]))
        with (tmp_path / "b").open("rb") as f:
            assert f.read(len(sync.MAGIC)) == sync.MAGIC
            parts = [sync.read_part(f, b"SFE") for _ in range(len(one["segments"]) + len(one["files"]) + 1)]
        assert [sync.unwrap(s, data).hex() for kind, data in parts if kind == b"S"] == one["segments"], one["name"]
        files = [[d[:32].hex(), int.from_bytes(d[32:36], "big"), d[36:].hex()] for kind, d in parts if kind == b"F"]
        assert files == one["files"], one["name"]
        sync.from_file(s, tmp_path / "b")
        assert s.quarantine() == [], one["name"]
    for one in v["refuses"]:
        (tmp_path / "b").write_bytes(bytes.fromhex(one["bundle"]))
        with pytest.raises(Unreadable) as e:
            sync.from_file(s, tmp_path / "b")
        assert e.value.code == one["code"], one["name"]
    for one in v["put_aside"]:
        before = {h.id for h in s.quarantine()}
        (tmp_path / "b").write_bytes(bytes.fromhex(one["bundle"]))
        sync.from_file(s, tmp_path / "b")
        assert [h.code for h in s.quarantine() if h.id not in before] == [one["code"]], one["name"]
    s.lock()


def test_the_backup_vectors(tmp_path):
    v = load("bundle.json")["backups"]
    identity = age.new_identity()

    def restore(one: Any, name: str) -> Session:
        (tmp_path / "b").write_bytes(age.seal(bytes.fromhex(one["backup"]), [age.recipient_of(identity)]))
        return backup.restore(tmp_path / "b", identity, tmp_path / name, team.PASSPHRASE, team.TYPES, team.QUICK)

    for one in v["opens"]:
        s = restore(one, "good")
        assert (s.team, s.founder.tag.hex(), s.vault.last_seq()) == (one["team"], one["founder"], one["segments"])
        assert s.identity.tag not in s.roster.devices
        s.lock()
    for n, one in enumerate(v["refuses"]):
        with pytest.raises(Unreadable) as e:
            restore(one, str(n))
        assert e.value.code == one["code"], one["name"]


def test_no_two_uses_of_a_key_have_one_label():
    labels = [(m, n, x) for m in (keys, wire, receipt, age) for n, x in vars(m).items() if n.startswith("LABEL_")]
    assert len({x for _, _, x in labels}) == len(labels) >= 18


def test_every_code_of_the_vectors_is_explained():
    for name in ("segment", "compartments", "bundle"):
        for code in set(re.findall(r'"code": "(\w+)"', (ROOT / f"spec/vectors/{name}.json").read_text())):
            assert code in EXPLAIN, code
            assert code in (ROOT / f"spec/{name}.md").read_text() or (name == "bundle" and code.startswith("segment_")), (
                name,
                code,
            )


@pytest.mark.parametrize("seed", range(20))
def test_whatever_order_roster_events_arrive_in_they_fold_alike(seed):
    v = load("roster.json")
    founder = roster.Founder(bytes.fromhex(v["founder"]["tag"]), bytes.fromhex(v["founder"]["verify_key"]))
    rng = random.Random(seed)
    more = rng.choice(v["stories"])["events"]
    events = [authored(e) for e in v["start"] + more]
    results = []
    for _ in range(5):
        rng.shuffle(events)
        r = roster.roster(sorted(events, key=lambda a: (a.event.at, a.author)), founder)
        results.append((r.members, r.removed, {k: (e.decided, tuple(e.by)) for k, e in r.erasures.items()}))
    assert all(one == results[0] for one in results)


def test_a_log_that_was_altered_on_the_disk_is_named(tmp_path):
    s = team.found(tmp_path / "v")
    s.save(team.File(title="x"))
    assert receive.check(s) == []
    header = s.vault.ask("select header from segments order by seq desc limit 1")[0][0]
    s.vault.db.execute("update segments set header = ? where seq = (select max(seq) from segments)", (header + b"\0",))
    assert receive.check(s)[0][1] in ("segment_altered", "segment_malformed")
    s.lock()


def test_the_examples_of_the_specifications_are_the_vectors():
    shown = {
        "segment": [load("segment.json")["opens"][0]["segment"], load("segment.json")["opens"][0]["id"]],
        "compartments": [load("compartments.json")["card"]["card"], load("compartments.json")["grants"]["steps"][0]["segment"]],
        "bundle": [load("bundle.json")["opens"][0]["bundle"], load("bundle.json")["backups"]["opens"][0]["backup"]],
    }
    s = event.read(bytes.fromhex(shown["segment"][0]))
    key = bytes.fromhex(load("segment.json")["compartment"]["key"])
    shown["segment"].append(keys.decrypt(key, s.body, keys.LABEL_SEGMENT + s.prefix_bytes).hex())
    g = event.read(bytes.fromhex(shown["compartments"][1]))
    desk = next(key for _, name, _, _, key in load("compartments.json")["grants"]["vault"]["keys"] if name == "supervisors")
    shown["compartments"].append(seal.decompress(event.open_body(g, bytes.fromhex(desk))[64:]).hex())
    for name, whole in shown.items():
        example = "\n".join(x for x in (ROOT / f"spec/{name}.md").read_text().splitlines() if x.startswith("    "))
        pieces = re.findall(r"\b(?:[0-9a-f]{2}){4,}\b", example)
        assert len(pieces) >= 6 and [p for p in pieces if not any(p in w or p.encode().hex() in w for w in whole)] == [], name
    v = load("segment.json")["opens"][0]
    text = (ROOT / "spec" / "segment.md").read_text()
    body = event.read(bytes.fromhex(v["segment"])).body
    for shown in (v["id"], body.hex(), event.hashlib.sha256(body).hexdigest()):
        assert f"{shown[:8]}...{shown[-8:]}" in text
    text = (ROOT / "spec" / "compartments.md").read_text()
    v = load("compartments.json")
    assert v["card"]["digits"] in text and v["identity"]["verify_key"][:8] in text
    data = bytes.fromhex(load("bundle.json")["opens"][0]["bundle"])
    text = (ROOT / "spec" / "bundle.md").read_text()
    assert data[:13].hex() in text and data[13:14].hex() + " " + data[14:18].hex() in text
