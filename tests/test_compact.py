"""What nobody can open or asks for any more is let go; the log stays, and what any record ever named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from panah.errors import NotFound
from panah.kernel import blobs, compact, enrol, erase, keys, log, receive, sync
from panah.node import background
from panah.records import TYPES
from tests import team
from tests.team import File, Letter, Part
from tests.test_plans import looked_through

DESKS = ("supervisor", "intake")


@pytest.fixture
def omid(tmp_path):
    s = team.found(tmp_path / "omid", clock=team.Clock())
    yield s
    s.lock()


def picture(s, size=300_000):
    return s.attach(keys.random(size), "image/jpeg", "x")


def later(s, seconds):
    s.now.at += seconds


def test_a_file_that_no_record_ever_named_goes_after_a_week_and_no_other(omid):
    lost = picture(omid)
    file = omid.save(File(title="x", photo=picture(omid)))
    first = file.photo
    file.photo = picture(omid)
    file = omid.save(file)
    assert compact.compact(omid).files == 0
    later(omid, compact.GRACE_SECONDS - 60)
    assert compact.compact(omid).files == 0
    assert omid.read(lost) and omid.read(first)
    later(omid, 120)
    freed = compact.compact(omid)
    assert freed.files == 1 and freed.bytes > 0
    with pytest.raises(NotFound):
        omid.read(lost)
    # What a record named before stands in its history, and is shown from there.
    assert omid.read(first) and omid.read(omid.get(File, file.id).photo)
    assert compact.compact(omid).files == 0


def test_a_file_whose_form_is_saved_late_is_kept(omid):
    photo = picture(omid)
    compact.compact(omid)
    later(omid, compact.GRACE_SECONDS - 60)
    file = omid.save(File(title="x", photo=photo))
    later(omid, 10 * compact.GRACE_SECONDS)
    assert compact.compact(omid).files == 0 and omid.read(omid.get(File, file.id).photo)


def test_half_a_file_that_nobody_asks_for_any_more_goes_too(omid):
    with omid.vault.change():
        omid.vault.keep_part(b"h" * 32, 0, keys.random(1000))
    compact.compact(omid)
    later(omid, compact.GRACE_SECONDS + 1)
    assert compact.compact(omid).files == 1 and omid.vault.parts_kept(b"h" * 32) == set()


def erased(omid, *others, stick):
    file = omid.save(File(title="Nasrin", photo=picture(omid)))
    old = file.photo
    file.photo = picture(omid)
    omid.save(file, Part(case=file.id, text="Nasrin"))
    tag = omid.names[f"care/{file.id}"]
    for s in others:
        team.meet(omid, s, stick)
    segments = [b for _, b in omid.vault.segments_of(tag)]
    headers = [h for h, _ in omid.vault.segments_of(tag)]
    for s in (*others, omid):
        erase.ask(s, f"care/{file.id}")
        for other in others:
            team.meet(omid, other, stick)
    return file, old, [receive.event.pack(receive.event.Whole(h, b)) for h, b in zip(headers, segments, strict=True)]


def test_E1_a_picture_that_another_took_the_place_of_goes_with_its_case(omid, tmp_path):
    sara = team.join(omid, tmp_path / "sara", "Sara", DESKS, omid.now)
    file, old, _ = erased(omid, sara, stick=tmp_path / "stick")
    assert omid.find(File, file.id) is None
    for s in (omid, sara):
        assert s.vault.ask("select count(*) from blobs") == [(0,)]
    with pytest.raises(NotFound):
        omid.read(old)
    sara.lock()


def test_E1_what_was_put_aside_of_an_erased_case_goes_with_the_next_compaction(omid, tmp_path):
    sara = team.join(omid, tmp_path / "sara", "Sara", DESKS, omid.now)
    _, _, wholes = erased(omid, sara, stick=tmp_path / "stick")
    with omid.vault.change():
        log.hold(omid, wholes[0], "stick", "parent_missing")
        log.hold(omid, b"something else", "stick", "segment_malformed")
    assert omid.vault.meta("compact") is not None
    before = omid.vault.last_seq(), [bytes(h) for _, _, h, _, _ in omid.vault.segments_after(0)]
    assert compact.when_due(omid).aside == 1
    assert [h.code for h in omid.quarantine()] == ["segment_malformed"]
    # The chain stands as it was: a link for each change, and no byte of what was in it.
    assert before == (omid.vault.last_seq(), [bytes(h) for _, _, h, _, _ in omid.vault.segments_after(0)])
    assert receive.check(omid) == [] and not any(w in b for w in wholes for _, _, _, b, _ in omid.vault.segments_after(0))
    assert (tmp_path / "omid" / "vault.db-wal").stat().st_size == 0
    dara = team.join(omid, tmp_path / "dara", "Dara", DESKS, omid.now)
    team.meet(omid, dara, tmp_path / "stick")
    assert dara.status().waiting == 0 and dara.status().missing == 0 and receive.check(dara) == []
    sara.lock(), dara.lock()


def test_a_vault_gives_back_the_room_of_what_went(omid, tmp_path):
    kept = omid.save(Letter(text="kept"))
    lost = [picture(omid, 4_000_000) for _ in range(3)]
    compact.compact(omid)
    size = (tmp_path / "omid" / "vault.db").stat().st_size
    later(omid, compact.GRACE_SECONDS + 1)
    seen = []
    freed = compact.compact(omid, lambda done, of: seen.append((done, of)))
    assert freed.files == len(lost) and freed.bytes > 12_000_000 and seen
    assert (tmp_path / "omid" / "vault.db").stat().st_size < size - 12_000_000
    assert omid.get(Letter, kept.id).text == "kept" and omid.vault.integrity() == [] and receive.check(omid) == []
    omid.lock()
    again = enrol.open_vault(tmp_path / "omid", team.PASSPHRASE, team.TYPES, omid.now)
    assert again.get(Letter, kept.id).text == "kept" and again.search("kept")
    again.lock()


def test_it_runs_by_itself_once_a_week_and_soon_after_an_erasure(omid):
    background.meet(omid)
    at = omid.setting("compacted")
    assert at
    background.meet(omid)
    assert omid.setting("compacted") == at
    file = omid.save(File(title="x"))
    erase.ask(omid, f"care/{file.id}")  # a team of one
    background.meet(omid)
    assert omid.setting("compacted") > at and omid.vault.meta("compact") is None
    later(omid, compact.EVERY_SECONDS + 1)
    assert compact.when_due(omid) is not None and compact.when_due(omid) is None


def test_the_command_says_what_it_gave_back(tmp_path):
    s = team.found(tmp_path / "v", types=TYPES, clock=team.Clock())
    s.lock()
    told = subprocess.run(
        [sys.executable, "-m", "panah", "compact", str(tmp_path / "v")],
        input=team.PASSPHRASE + "\n", capture_output=True, text=True, cwd=Path(__file__).resolve().parents[1],
    )  # fmt: skip
    assert told.returncode == 0 and "0 files and 0 things put aside" in told.stdout, told.stderr


# -- what is wanted, and folding again after an update ------------------------------------------------------------------


def test_what_files_are_wanted_is_asked_from_an_index(omid, tmp_path):
    sara = team.join(omid, tmp_path / "sara", "Sara", DESKS, omid.now)
    photo = picture(omid)
    file = omid.save(File(title="x", photo=photo))
    sync.to_file(omid, tmp_path / "stick", files=[])
    sync.from_file(sara, tmp_path / "stick")
    assert [id for id, _, _ in blobs.wanted(sara)] == [blobs.identify(bytes.fromhex(photo["key"]))] and sync.lacking(sara) == (
        0,
        1,
    )
    assert looked_through(sara, lambda: sync.lacking(sara)) == {}
    mine = sara.get(File, file.id)
    mine.photo = None
    mine = sara.save(mine)
    assert sync.lacking(sara) == (0, 0)
    mine.photo = photo
    sara.save(mine)
    assert sync.lacking(sara) == (0, 1)
    sara.rebuild()
    assert sync.lacking(sara) == (0, 1)
    sync.to_file(omid, tmp_path / "stick")
    sync.from_file(sara, tmp_path / "stick")
    assert sync.lacking(sara) == (0, 0) and sara.read(photo)
    sara.lock()


def test_a_vault_that_another_version_folded_is_folded_again_when_it_opens(omid, tmp_path):
    letter = omid.save(Letter(text="heron"))
    omid.lock()
    older = enrol.open_vault(tmp_path / "omid", team.PASSPHRASE, {"file": File}, omid.now)
    assert older.search("heron") == []
    older.lock()
    newer = enrol.open_vault(tmp_path / "omid", team.PASSPHRASE, team.TYPES, omid.now)
    assert [hit.id for hit in newer.search("heron")] == [letter.id]
    rebuilt = []
    newer.rebuild = lambda *a: rebuilt.append(1)
    newer.renew()
    assert rebuilt == []
    newer.lock()
