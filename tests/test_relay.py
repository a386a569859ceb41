"""Teams through a relay, over real sockets: colleagues meet on a machine that reads nothing."""

from __future__ import annotations

import os

import pytest

from panah.errors import NotFound, Unreadable
from panah.kernel import blobs, sync
from panah.relay.app import Server
from tests import team
from tests.team import File, Letter


@pytest.fixture
def server(tmp_path):
    s = Server(tmp_path / "relay").start()
    yield s
    s.stop()


def test_colleagues_meet_through_a_relay_that_reads_nothing(server, tmp_path):
    omid = team.found(tmp_path / "o")
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",))
    file = omid.save(File(title="sentineltitle", photo=omid.attach(b"sentinelphoto" * 40000, "image/jpeg", "p")))
    sync.with_relay(omid, server.address)
    sync.with_relay(laleh, server.address)
    assert laleh.find(File, file.id) is None
    omid.give(f"care/{file.id}", laleh.me.id)
    sync.with_relay(omid, server.address)
    done = sync.with_relay(laleh, server.address)
    assert laleh.get(File, file.id).title == "sentineltitle" and done.received > 0
    assert laleh.read(laleh.get(File, file.id).photo) == b"sentinelphoto" * 40000
    again = sync.with_relay(laleh, server.address)
    assert again.received == 0 and sync.with_relay(omid, server.address).received >= 0
    raw = b"".join(p.read_bytes() for p in (tmp_path / "relay").rglob("*") if p.is_file())
    tags = [laleh.names["team"], omid.names[f"care/{file.id}"], omid.identity.tag, laleh.identity.tag]
    for probe in [b"sentinel", b"care/", *tags]:
        assert probe not in raw


def test_a_late_supervisor_gets_what_lay_in_the_mailbox_before_the_key(server, tmp_path):
    omid = team.found(tmp_path / "o")
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",))
    files = [laleh.save(File(title=f"case {n}")) for n in range(5)]
    sync.with_relay(laleh, server.address)
    sync.with_relay(omid, server.address)
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor",))
    sync.with_relay(omid, server.address)
    sync.with_relay(sara, server.address)
    assert [sara.find(File, f.id) is not None for f in files] == [True] * 5


def test_a_sync_cut_off_anywhere_goes_on_the_next_time(server, tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"))
    letters = [omid.save(Letter(text=f"l{n}")) for n in range(30)]
    calls = [0]

    def cut(done, of):
        calls[0] += 1
        if calls[0] == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync.with_relay(omid, server.address, cut)
    sync.with_relay(omid, server.address)
    sync.with_relay(sara, server.address)
    assert sara.count(Letter) == len(letters)


def test_R7_a_false_part_of_a_file_does_not_stand_where_the_true_one_belongs(server, tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"))
    value = omid.attach(b"true" * 200_000, "image/jpeg", "p")
    file = omid.save(File(title="x", photo=value))
    mallory = sync.Relay(server.address)
    id = bytes.fromhex(value["blob"])
    for n, junk in ((0, b"false" * 1000), (1, omid.vault.blob_parts(id)[0]), (99, b"")):
        mallory.deposit(id, os.urandom(32), n.to_bytes(4, "big") + junk)
    sync.with_relay(omid, server.address)
    sync.with_relay(sara, server.address)
    assert sara.read(sara.get(File, file.id).photo) == b"true" * 200_000
    assert any(h.code == "seal_broken" for h in sara.quarantine())


def test_a_file_of_which_half_came_is_asked_for_again(server, tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"))
    value = omid.attach(b"true" * 200_000, "image/jpeg", "p")
    file = omid.save(File(title="x", photo=value))
    sync.to_file(omid, tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: -blobs.PART - 1000])
    with pytest.raises(Unreadable):
        sync.from_file(sara, tmp_path / "cut")
    with pytest.raises(NotFound):
        sara.read(sara.get(File, file.id).photo)
    sync.from_file(sara, tmp_path / "whole")
    assert sara.read(sara.get(File, file.id).photo) == b"true" * 200_000


def test_I3_a_colleague_who_writes_nonsense_about_a_file_stops_nothing(server, tmp_path):
    omid = team.found(tmp_path / "o")
    sara = team.join(omid, tmp_path / "s", "Sara", ("supervisor", "intake"))
    for photo in (
        {"blob": 1, "key": 2},
        {"blob": "", "key": "zz", "parts": "x", "bytes": []},
        [{"blob": "", "key": "00" * 32, "parts": 10**9, "bytes": 1}],
    ):
        omid.save(File(title="x", photo=photo))
    good = omid.save(File(title="y", photo=omid.attach(b"true", "image/jpeg", "p")))
    sync.with_relay(omid, server.address)
    sync.with_relay(sara, server.address)
    assert sara.read(sara.get(File, good.id).photo) == b"true"
