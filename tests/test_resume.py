"""What is cut off goes on where it stopped: a copy that broke, a line that broke, a stick larger than memory."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from panah.errors import Refused, Unreachable, Unreadable
from panah.kernel import blobs, keys, sync
from panah.relay.app import Server
from tests import team
from tests.team import File

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def two(tmp_path):
    omid = team.found(tmp_path / "omid")
    sara = team.join(omid, tmp_path / "sara", "Sara", ("supervisor", "intake"))
    yield omid, sara
    for s in (omid, sara):
        s.lock()


def pictures(s, count, size=900_000):
    return [s.save(File(title=f"{n}", photo=s.attach(keys.random(size), "image/jpeg", "x"))) for n in range(count)]


def same(a, b, records):
    assert sync.lacking(b) == (0, 0)
    for r in records:
        assert b.read(b.get(File, r.id).photo) == a.read(r.photo)


def test_of_a_copy_that_broke_off_everything_whole_counts_and_the_rest_comes_later(two, tmp_path):
    omid, sara = two
    records = pictures(omid, 4)
    sync.to_file(omid, tmp_path / "whole")
    data = (tmp_path / "whole").read_bytes()
    taken = []
    for share in (0.3, 0.55, 0.8, 1):
        (tmp_path / "copy").write_bytes(data[: int(len(data) * share)])
        done = sync.Carried()
        if share < 1:
            with pytest.raises(Unreadable, match="bundle_truncated"):
                sync.from_file(sara, tmp_path / "copy", done=done)
            assert sync.lacking(sara)[1] == 4 - sum(taken) - done.files > 0
        else:
            sync.from_file(sara, tmp_path / "copy", done=done)
        taken.append(done.files)
    assert sum(taken) == 4 and taken[0] >= 1 and done.received == 0
    same(omid, sara, records)


def test_half_a_file_is_not_taken_for_one_that_is_here(two, tmp_path):
    omid, sara = two
    (record,) = pictures(omid, 1)
    sync.to_file(omid, tmp_path / "whole")
    data = (tmp_path / "whole").read_bytes()
    (tmp_path / "copy").write_bytes(data[: -2 * blobs.PART])
    with pytest.raises(Unreadable):
        sync.from_file(sara, tmp_path / "copy")
    (id,) = (id for id, _, _ in blobs.wanted(sara))
    assert sara.vault.parts_kept(id) == {0, 1}
    assert sara.vault.blob_ids() == [] and sara.vault.blob_parts(id) == []
    with pytest.raises(Exception, match="attachment_not_here"):
        sara.read(sara.get(File, record.id).photo)
    # Nor does she pass on what she has not: a bundle of hers names no such file.
    sync.to_file(sara, tmp_path / "hers")
    assert id not in (tmp_path / "hers").read_bytes()


def test_stopping_leaves_what_came_and_nothing_half(two, tmp_path):
    omid, sara = two
    records = pictures(omid, 3)

    def stop(done, of):
        if of and done > of / 2:
            raise Refused("carrying_stopped")

    with pytest.raises(Refused, match="carrying_stopped"):
        sync.to_file(omid, tmp_path / "out", stop)
    assert not (tmp_path / "out").exists() and not (tmp_path / "out.part").exists()
    sync.to_file(omid, tmp_path / "out")
    with pytest.raises(Refused, match="carrying_stopped"):
        sync.from_file(sara, tmp_path / "out", stop)
    assert sara.vault.integrity() == []
    sync.from_file(sara, tmp_path / "out")
    same(omid, sara, records)


def test_a_relay_that_is_killed_in_the_middle_gets_and_gives_the_rest_only(two, tmp_path):
    omid, sara = two
    records = pictures(omid, 4, 2_000_000)
    relay = Server(tmp_path / "relay").start()
    port, address = int(relay.address.rsplit(":", 1)[1]), relay.address
    size = 4 * 8 * blobs.PART

    def killed_after(share):
        """Ends the relay, and its socket, when so much has gone over the line."""
        done = sync.Carried()

        def watch(_now, _of):
            if done.bytes > size * share and not dead.is_set():
                dead.set()
                relay.stop()

        dead = threading.Event()
        return done, watch

    for s, verb in ((omid, "given"), (sara, "taken")):
        done, watch = killed_after(0.5)
        with pytest.raises(Unreachable):
            sync.with_relay(s, address, watch, done=done)
        relay = Server(tmp_path / "relay", port=port).start()
        rest = sync.Carried()
        sync.with_relay(s, address, done=rest)
        # Once over the line, not twice: what was acknowledged before the cut is not carried again.
        assert size <= done.bytes + rest.bytes < size * 1.4, verb
        assert rest.bytes < size * 0.7, verb
    same(omid, sara, records)
    relay.stop()


SMALL = """
import resource, sys
from pathlib import Path
from panah.kernel import enrol, sync
from tests import team
s = enrol.open_vault(Path(sys.argv[1]), team.PASSPHRASE, team.TYPES)
s.vault.db.pragma("cache_size", -4000)  # the database keeps 64 MB of its pages, always; here it is what we keep that is looked at
used = int(next(line for line in open("/proc/self/status") if line.startswith("VmSize")).split()[1]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[4]), used + int(sys.argv[4])))
done = {"out": sync.to_file, "in": sync.from_file}[sys.argv[2]](s, Path(sys.argv[3]))
print(done.files)
s.lock()
"""


def test_a_bundle_larger_than_memory_is_written_and_read(two, tmp_path):
    omid = two[0]
    records = pictures(omid, 16, 4_000_000)
    for s in two:
        s.lock()
    for who, way in (("omid", "out"), ("sara", "in")):
        told = subprocess.run(
            [sys.executable, "-c", SMALL, tmp_path / who, way, tmp_path / "stick", str(40 * 1024 * 1024)],
            capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "1"},
        )  # fmt: skip
        assert told.returncode == 0 and told.stdout.strip() == "16", told.stderr[-2000:]
    assert (tmp_path / "stick").stat().st_size > 64_000_000 and len(records) == 16
