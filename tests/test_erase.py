"""Erasure: keys die, ciphertext goes, the chain stands, every device says so, and nothing that is carried later brings anything back."""

from __future__ import annotations

import shutil

import pytest

from panah.errors import NotFound, PanahError, Refused, Unreadable
from panah.kernel import age, backup, enrol, erase, keys, receive, sync
from panah.kernel.vault import Vault
from tests import team
from tests.team import File, Letter, Part

WORDS = "sentinelword"


@pytest.fixture
def four(tmp_path):
    """Omid and Sara supervise, Laleh works on the case, Rana does not."""
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock)
    sara = team.join(omid, tmp_path / "sara", "Sara", ("supervisor", "intake"), clock)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clock)
    rana = team.join(omid, tmp_path / "rana", "Rana", ("caseworker",), clock)
    yield omid, sara, laleh, rana, tmp_path
    for s in (omid, sara, laleh, rana):
        s.lock()


def together(*people, stick):
    for _ in range(2):
        for a in people:
            for b in people:
                if a is not b:
                    team.meet(a, b, stick)


def a_case(omid, laleh):
    """A case with everything that leaves traces: search words, a file, parts, a draft, and the first message at the intake desk."""
    letter = omid.save(Letter(text=WORDS + " first message", secret=WORDS))
    file = omid.save(File(title=WORDS + " باران", note=WORDS, photo=omid.attach(WORDS.encode() * 1000, "image/jpeg", "p")))
    omid.give(f"care/{file.id}", laleh.me.id)
    part = omid.save(Part(case=file.id, text=WORDS))
    omid.keep_draft(f"part/new/{file.id}", {"text": [WORDS]})
    return letter, file, part


def plain(s) -> bytes:
    """Every byte of an open vault's tables, and of what is sealed in them under keys that it still has."""
    out = []
    for (table,) in s.vault.ask("select name from sqlite_schema where type = 'table'"):
        out += [repr(row).encode() for row in s.vault.ask(f"select * from {table}")]
    for tag in s.ring:
        for header, body in s.vault.segments_of(tag):
            if body:
                segment = receive.event.read_header(header, body)
                if segment.prefix.epoch in s.ring[tag]:
                    out.append(receive.event.open_body(segment, s.ring[tag][segment.prefix.epoch]))
    return b"\n".join(out)


def test_NN_63_E1_an_erased_case_is_nowhere_and_the_chain_stands(four):
    omid, sara, laleh, rana, tmp = four
    letter, file, part = a_case(omid, laleh)
    other = omid.save(Letter(text="another person's letter"))
    together(omid, sara, laleh, rana, stick=tmp / "stick")
    assert laleh.find(Part, part.id) is not None and WORDS.encode() in plain(sara)
    tag = omid.names[f"care/{file.id}"]
    erase.ask(sara, f"care/{file.id}", [bytes.fromhex(letter.id)])
    assert sara.find(File, file.id) is not None, "one person alone erases nothing"
    together(omid, sara, laleh, rana, stick=tmp / "stick")
    erase.ask(omid, f"care/{file.id}")
    assert erase.receipts(omid)[0].pending == ("Laleh", "Sara")
    together(omid, sara, laleh, rana, stick=tmp / "stick")
    for s in (omid, sara, laleh, rana):
        assert WORDS.encode() not in plain(s) and tag not in s.ring and f"care/{file.id}" not in s.names
        assert not s.search(WORDS) and not s.search("باران") and not s.drafts()
        assert s.find(File, file.id) is None and s.find(Letter, letter.id) is None
        assert receive.check(s) == [] and s.quarantine() == [] and s.status().waiting == 0
        with pytest.raises(NotFound):
            s.read(file.photo)
        receipt = erase.receipts(s)[0]
        assert (receipt.asked_by, receipt.approved_by, receipt.pending) == ("Sara", "Omid", ())
        assert set(receipt.done) == {"Omid", "Sara", "Laleh"}
    for s in (omid, sara, laleh):
        with pytest.raises(Refused) as e:
            s.save(File(id=file.id, title="again"))
        assert e.value.code == "record_erased"
    assert sara.get(Letter, other.id).text == "another person's letter"
    assert omid.rebuild() == len([*omid.list(Letter)]) and WORDS.encode() not in plain(omid)


def test_E4_two_people_one_of_them_a_supervisor_and_never_one_twice(four):
    omid, sara, laleh, rana, tmp = four
    _, file, _ = a_case(omid, laleh)
    omid.give(f"care/{file.id}", rana.me.id)
    together(omid, sara, laleh, rana, stick=tmp / "stick")
    erase.ask(laleh, f"care/{file.id}")
    with pytest.raises(Refused) as e:
        erase.ask(laleh, f"care/{file.id}")
    assert e.value.code == "erasure_asked_already"
    erase.ask(rana, f"care/{file.id}")
    together(omid, sara, laleh, rana, stick=tmp / "stick")
    assert all(s.find(File, file.id) is not None for s in (omid, sara, laleh, rana))
    erase.ask(sara, f"care/{file.id}")
    together(omid, sara, laleh, rana, stick=tmp / "stick")
    assert all(s.find(File, file.id) is None for s in (omid, sara, laleh, rana))
    with pytest.raises(Refused) as e:
        erase.ask(omid, f"care/{file.id}")
    assert e.value.code == "no_key_here"


def test_a_colleague_may_say_no(four):
    omid, sara, _, _, tmp = four
    _, file, _ = a_case(omid, sara)
    together(omid, sara, stick=tmp / "stick")
    erase.ask(sara, f"care/{file.id}")
    together(omid, sara, stick=tmp / "stick")
    erase.keep(omid, f"care/{file.id}")
    with pytest.raises(Refused) as e:
        erase.keep(omid, f"care/{file.id}")
    assert e.value.code == "erasure_not_asked"
    erase.ask(omid, f"care/{file.id}")
    together(omid, sara, stick=tmp / "stick")
    assert all(s.find(File, file.id) is not None for s in (omid, sara))


def test_a_team_of_one_decides_alone(tmp_path):
    omid = team.found(tmp_path / "o")
    file = omid.save(File(title=WORDS))
    erase.ask(omid, f"care/{file.id}")
    assert omid.find(File, file.id) is None and WORDS.encode() not in plain(omid)
    omid.lock()


def test_NN_63_E3_neither_an_old_stick_nor_a_late_edit_brings_it_back(four):
    omid, sara, laleh, _, tmp = four
    letter, file, _ = a_case(omid, laleh)
    together(omid, sara, laleh, stick=tmp / "stick")
    sync.to_file(laleh, tmp / "old")
    erase.ask(sara, f"care/{file.id}", [bytes.fromhex(letter.id)])
    together(omid, sara, stick=tmp / "stick")
    erase.ask(omid, f"care/{file.id}")
    # Laleh has heard nothing and goes on: a new part, a new word on the file.
    laleh.save(Part(case=file.id, text=WORDS + " late"))
    mine = laleh.get(File, file.id)
    mine.note = WORDS + " late"
    laleh.save(mine)
    together(omid, sara, laleh, stick=tmp / "stick")
    for s in (omid, sara, laleh):
        sync.from_file(s, tmp / "old")
        assert WORDS.encode() not in plain(s) and s.find(File, file.id) is None and receive.check(s) == []
    assert erase.receipts(laleh)[0].pending == ()


def test_who_joins_later_follows_the_chain_over_what_was_erased(four):
    omid, sara, _, _, tmp = four
    letters = [sara.save(Letter(text=f"{WORDS} {n}")) for n in range(5)]
    file = omid.save(File(title="x"))
    together(omid, sara, stick=tmp / "stick")
    erase.ask(sara, f"care/{file.id}", [bytes.fromhex(letters[n].id) for n in (1, 2)])
    together(omid, sara, stick=tmp / "stick")
    erase.ask(omid, f"care/{file.id}")
    together(omid, sara, stick=tmp / "stick")
    last = sara.save(Letter(text="after"))
    dara = team.join(omid, tmp / "dara", "Dara", ("intake",))
    together(omid, sara, dara, stick=tmp / "stick")
    assert [dara.find(Letter, one.id) is not None for one in (*letters, last)] == [True, False, False, True, True, True]
    assert dara.status().waiting == 0 and receive.check(dara) == []
    dara.lock()


def test_what_arrives_first_as_a_bare_link_is_filled_when_its_body_comes(four):
    omid, sara, _, _, tmp = four
    letters = [omid.save(Letter(text=f"letter {n}")) for n in range(4)]
    tag = omid.names["intake"]
    bare = [receive.event.pack(receive.event.Whole(header, b"")) for header, _ in omid.vault.segments_of(tag)]
    receive.receive(sara, bare, "someone who says that all was erased")
    assert all(sara.find(Letter, one.id) is None for one in letters)
    together(omid, sara, stick=tmp / "stick")
    assert all(sara.find(Letter, one.id) is not None for one in letters) and receive.check(sara) == []


def test_NN_63_E2_an_old_copy_of_the_vault_opens_with_nothing_that_is_kept(four):
    omid, sara, laleh, _, tmp = four
    _, file, _ = a_case(omid, laleh)
    together(omid, sara, stick=tmp / "stick")
    omid.vault.db.execute("pragma wal_checkpoint(truncate)")
    shutil.copytree(omid.vault.folder, tmp / "copy")
    erase.ask(sara, f"care/{file.id}")
    together(omid, sara, stick=tmp / "stick")
    erase.ask(omid, f"care/{file.id}")
    before = keys.open_vault_key((omid.vault.folder / "key").read_bytes(), team.PASSPHRASE)
    omid.lock()
    again = enrol.open_vault(tmp / "omid", team.PASSPHRASE, team.TYPES)
    after = keys.open_vault_key((tmp / "omid" / "key").read_bytes(), team.PASSPHRASE)
    assert len(after) == 1 and after != before
    shutil.copy(tmp / "omid" / "key", tmp / "copy" / "key")
    with pytest.raises(Unreadable):
        enrol.open_vault(tmp / "copy", team.PASSPHRASE, team.TYPES)
    again.lock()
    third = enrol.open_vault(tmp / "omid", team.PASSPHRASE, team.TYPES)
    assert keys.open_vault_key((tmp / "omid" / "key").read_bytes(), team.PASSPHRASE) == after
    third.lock()


def test_a_change_of_keys_that_was_cut_off_loses_nothing(four):
    omid = four[0]
    file = omid.save(File(title="Kept"))
    folder = omid.vault.folder
    (old,) = keys.open_vault_key((folder / "key").read_bytes(), team.PASSPHRASE)
    with omid.vault.change():
        omid.vault.set_meta("rekey", b"1")
    omid.lock()
    new = keys.random(32)
    for done in (False, True):
        keys.write_private(folder / "key", keys.seal_vault_key(new + old, team.PASSPHRASE, team.QUICK))
        if done:
            vault = Vault(folder, old if not done else keys.open_vault_key((folder / "key").read_bytes(), team.PASSPHRASE)[-1])
            vault.rekey(new)
            vault.close()
        s = enrol.open_vault(folder, team.PASSPHRASE, team.TYPES, team.Clock())
        assert s.get(File, file.id).title == "Kept"
        s.lock()
        (old,) = keys.open_vault_key((folder / "key").read_bytes(), team.PASSPHRASE)[-1:]


def test_NN_63_a_backup_from_before_forgets_with_the_first_meeting(four):
    omid, sara, laleh, _, tmp = four
    _, file, _ = a_case(omid, laleh)
    together(omid, sara, laleh, stick=tmp / "stick")
    identity = age.new_identity()
    backup.write(omid, tmp / "backup.age", age.recipient_of(identity))
    erase.ask(sara, f"care/{file.id}")
    together(omid, sara, stick=tmp / "stick")
    erase.ask(omid, f"care/{file.id}")
    together(omid, sara, stick=tmp / "stick")
    restored = backup.restore(
        tmp / "backup.age", identity, tmp / "restored", team.PASSPHRASE, team.TYPES, team.QUICK, team.Clock()
    )
    sync.to_file(sara, tmp / "stick")
    sync.from_file(restored, tmp / "stick")
    assert restored.find(File, file.id) is None and not restored.search(WORDS, ["file", "part"])
    restored.lock()


def test_a_crash_in_the_middle_of_an_erasure_leaves_all_or_nothing(four, monkeypatch):
    omid, sara, laleh, _, tmp = four
    _, file, part = a_case(omid, laleh)
    together(omid, sara, stick=tmp / "stick")
    erase.ask(sara, f"care/{file.id}")
    together(omid, sara, stick=tmp / "stick")

    def fail(*args):
        raise PanahError("stopped")

    with monkeypatch.context() as m:
        m.setattr(omid.vault, "erase_compartment", fail)
        with pytest.raises(PanahError):
            erase.ask(omid, f"care/{file.id}")
    assert omid.get(Part, part.id).text == WORDS and omid.read(omid.get(File, file.id).photo)
    erase.ask(omid, f"care/{file.id}")
    assert omid.find(Part, part.id) is None
