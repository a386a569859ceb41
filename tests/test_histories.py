"""Random histories of a whole team (tests/histories.py): a few here, thousands by `make fuzz`. And that the judge sees what goes wrong."""

from __future__ import annotations

import shutil

import pytest

from panah.kernel import erase, event, fold, receive, sync
from panah.kernel.vault import Vault
from tests import histories, team
from tests.rounds import rounds
from tests.team import File, Letter

STEPS = 50


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return histories.founded(tmp_path_factory.mktemp("founded"))


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(rounds(4)))
def test_E3_M1_I1_whatever_happens_to_a_team_nobody_diverges_and_nothing_is_lost_or_shown_where_it_may_not_be(
    template, tmp_path, seed
):
    histories.run(template, tmp_path / "world", seed, STEPS)


def _latest_only(writes):
    return sorted(writes, key=fold.order)[-1:]


FAULTS = {
    "a value that nobody replaced is not shown": (fold, "standing", lambda real: _latest_only),
    "what comes too early is never looked at again": (receive, "_settle_waiting", lambda real: lambda s, got: None),
    "the events of an erased case stay": (erase, "_destroy", lambda real: lambda s, tag, erasure: s.forget(tag, erasure.records)),
    "what came is not folded": (receive, "_end", lambda real: lambda s, got: s.keep_clock()),
    "a base is forgotten": (Vault, "events_of", lambda real: lambda s, record: real(s, record)[:1]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_judge_of_histories_sees_a_planted_fault(template, tmp_path, monkeypatch, fault):
    where, name, planted = FAULTS[fault]
    monkeypatch.setattr(where, name, planted(getattr(where, name)))
    for seed in range(32):
        try:
            histories.run(template, tmp_path / "world", seed, STEPS)
        except Exception:
            return  # judged as wrong, or fell over the fault before its end
        finally:
            shutil.rmtree(tmp_path / "world", ignore_errors=True)
    raise AssertionError("32 histories with a planted fault, and nobody noticed")


# -- what they found, each as a story of its own ------------------------------------------------------------------------


@pytest.fixture
def three(tmp_path):
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock)
    sara = team.join(omid, tmp_path / "sara", "Sara", ("supervisor", "intake"), clock)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker", "intake"), clock)
    for s in (sara, laleh):
        team.meet(omid, s, tmp_path / "stick")
    yield omid, sara, laleh, tmp_path / "stick"
    for s in (omid, sara, laleh):
        s.lock()


def test_a_key_that_was_erased_on_its_way_stops_no_later_one(three):
    # Omid gives Laleh a case; it is erased before she meets anybody; he gives her another one.
    omid, sara, laleh, stick = three
    gone, kept = omid.save(File(title="gone")), omid.save(File(title="kept"))
    omid.give(f"care/{gone.id}", laleh.me.id)
    team.meet(omid, sara, stick)
    erase.ask(sara, f"care/{gone.id}")
    team.meet(omid, sara, stick)
    erase.ask(omid, f"care/{gone.id}")
    omid.give(f"care/{kept.id}", laleh.me.id)
    team.meet(omid, laleh, stick)
    assert laleh.get(File, kept.id).title == "kept" and laleh.find(File, gone.id) is None
    assert laleh.status().waiting == 0 and receive.check(laleh) == []


def test_M1_what_a_removed_member_wrote_before_the_cut_counts_even_if_the_last_of_it_comes_last(three):
    from panah.kernel import enrol

    omid, sara, laleh, stick = three
    written = [laleh.save(Letter(text=f"letter {n}")) for n in range(3)]
    sync.to_file(laleh, stick)
    sync.from_file(sara, stick)
    headers = [(h, b) for h, b in laleh.vault.segments_of(laleh.names["intake"]) if b and _by(h) == laleh.identity.tag][-3:]
    enrol.remove(omid, laleh.me.id)
    sync.to_file(omid, stick)
    sync.from_file(sara, stick)  # Sara had read all three, and cuts after them
    sync.to_file(sara, stick)
    parts = [
        p for p in histories.bundle(stick) if p[0] == b"S" and _by(event.unpack(sync.unwrap(sara, p[1]))[0]) != laleh.identity.tag
    ]
    with stick.open("wb") as f:
        f.write(sync.MAGIC)
        for kind, data in parts:
            sync.write_part(f, kind, data)
        sync.write_part(f, b"E", len(parts).to_bytes(8, "big"))
    sync.from_file(omid, stick)
    for header, body in headers:
        receive.receive(omid, [event.pack(event.Whole(header, body))], "late")
    assert [omid.find(Letter, x.id) is not None for x in written] == [sara.find(Letter, x.id) is not None for x in written]


def _by(header: bytes) -> bytes:
    return event.read_header(header, b"").prefix.author


def test_a_holder_gets_the_key_that_was_made_while_the_case_was_given_to_them_elsewhere(three, tmp_path):
    # Omid removes Laleh and makes a new key for those he knows of; Sara, who knows nothing of it, gives Rana the case with the old one.
    from panah.kernel import enrol

    omid, sara, laleh, stick = three
    rana = team.join(omid, tmp_path / "rana", "Rana", ("caseworker",), team.Clock(omid.now() + 60))
    for _ in range(2):
        team.meet(omid, rana, stick)
        team.meet(omid, sara, stick)
    file = omid.save(File(title="before"))
    omid.give(f"care/{file.id}", laleh.me.id)
    team.meet(omid, sara, stick)
    enrol.remove(omid, laleh.me.id)
    sara.give(f"care/{file.id}", rana.me.id)
    file = omid.get(File, file.id)
    file.title = "under the new key"
    omid.save(file)
    for a, b in ((omid, sara), (sara, rana), (omid, rana), (sara, rana)):
        team.meet(a, b, stick)
    assert rana.get(File, file.id).title == "under the new key" and rana.status().waiting == 0
    # And an end of their access that was written meanwhile would have stood: they are no holder anew.
    given = [a.event.kind for a in omid.vault.control_events(omid.names[f"care/{file.id}"], ("_holder", "_given"))]
    assert given.count("_given") >= 1
    rana.lock()
