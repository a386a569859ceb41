"""Teams through a relay, over real sockets: colleagues meet on a machine that reads nothing."""

from __future__ import annotations

import pytest

from panah.kernel import sync
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
