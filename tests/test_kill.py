"""Kill -9 at random instants: real processes end in the middle of saving, carrying, compacting, erasing, and of changing the vault's key.

What was acknowledged is there, what was not is there whole or not at all, the vault opens, the log verifies, and the work goes on.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from panah.errors import PanahError
from panah.kernel import compact, enrol, erase, keys, receive, sync
from panah.kernel.session import Session
from tests import team
from tests.histories import rows
from tests.rounds import rounds
from tests.team import File, Letter, Part

CASES, LETTERS = 12, 40
MOST_SECONDS = 0.25
Say = Callable[[str], None]


class Ground(NamedTuple):
    """What every kill begins from: two locked vaults and a bundle of the first one's."""

    omid: Path
    sara: Path
    stick: Path
    cases: list[str]
    letters: list[str]


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    tmp = tmp_path_factory.mktemp("ground")
    clock = team.Clock(time.time() - 30 * 86400)
    omid = team.found(tmp / "omid", clock=clock)
    sara = team.join(omid, tmp / "sara", "Sara", ("supervisor", "intake"), clock)
    files = [omid.save(File(title=f"case{n}", photo=omid.attach(keys.random(900), "image/jpeg", ""))) for n in range(CASES)]
    for file in files:
        omid.save(Part(case=file.id, text=f"part of {file.title}"))
    letters = [omid.save(Letter(text=f"letter {n}", state="new")).id for n in range(LETTERS)]
    for n in range(200):
        omid.attach(bytes([n]) * 900, "image/jpeg", "")  # nobody ever names these
    compact.compact(omid)
    sync.to_file(omid, tmp / "stick")
    omid.lock(), sara.lock()
    return Ground(tmp / "omid", tmp / "sara", tmp / "stick", [f.id for f in files], letters)


def opened(path: Path) -> Session:
    s = enrol.open_vault(path, team.PASSPHRASE, team.TYPES)
    with s.vault.change():
        s.met(s.now())
    return s


# -- what is going on when the process is killed: each says what it has acknowledged ------------------------------------------


def saving(path: Path, ground: Ground, say: Say) -> None:
    s = opened(path)
    say("begin")
    for n in range(10_000):
        letter = s.save(Letter(text=f"during {n}", state="new"))
        letter.state = "read"
        s.save(letter)
        say(letter.id)


def taking_in(path: Path, ground: Ground, say: Say) -> None:
    s = opened(path)
    say("begin")
    sync._MOST_BATCH = 6000  # many transactions for a small stick
    for _ in range(50):
        sync.from_file(s, ground.stick, lambda done, of: say(f"taken {s.count(Letter)}"))


def giving(path: Path, ground: Ground, say: Say) -> None:
    s = opened(path)
    say("begin")
    for n in range(10_000):
        sync.to_file(s, path / f"out{n % 3}")
        say(f"out{n % 3}")


def compacting(path: Path, ground: Ground, say: Say) -> None:
    s = opened(path)
    say("begin")
    for _ in range(50):
        compact.compact(s)
        s.vault.drop_projections()
        s.rebuild()
        s.vault.db.execute("vacuum")


def erasing(path: Path, ground: Ground, say: Say) -> None:
    s = opened(path)
    enrol.remove(s, next(m.id for m in s.members() if m.name == "Sara"))  # a team of one decides alone
    say("begin")
    for id in ground.cases:
        erase.ask(s, f"care/{id}")
        say(id)
        compact.when_due(s)


def sealing_anew(path: Path, ground: Ground, say: Say) -> None:
    say("begin")
    for _ in range(1000):
        s = opened(path)
        with s.vault.change():
            s.vault.set_meta("rekey", b"1")
        say(s.save(Letter(text="between two keys")).id)
        s.lock()


# -- and what must stand afterwards -----------------------------------------------------------------------------------------


def saved(s: Session, ground: Ground, said: list[str]) -> None:
    assert all(s.get(Letter, id).state == "read" for id in said)
    assert all(letter.text for letter in s.list(Letter, limit=500))


def taken(s: Session, ground: Ground, said: list[str]) -> None:
    assert s.count(Letter) >= max((int(x.split()[1]) for x in said), default=0)
    sync.from_file(s, ground.stick)
    assert s.count(Letter) == LETTERS and sync.lacking(s) == (0, 0) and s.status().waiting == 0
    assert all(s.read(s.get(File, id).photo) for id in ground.cases)


def given(s: Session, ground: Ground, said: list[str]) -> None:
    for name in {*said}:
        shutil.copytree(ground.sara, s.vault.folder / "reader")
        reader = opened(s.vault.folder / "reader")
        sync.from_file(reader, s.vault.folder / name)  # whole, or it would say bundle_truncated
        assert reader.count(Letter) == LETTERS
        reader.lock()
        shutil.rmtree(s.vault.folder / "reader")


def compacted(s: Session, ground: Ground, said: list[str]) -> None:
    s.rebuild()
    assert all(s.read(s.get(File, id).photo) for id in ground.cases) and s.count(Letter) == LETTERS
    compact.compact(s)
    assert len(s.vault.blob_ids()) == CASES


def erased(s: Session, ground: Ground, said: list[str]) -> None:
    for n, id in enumerate(ground.cases):
        file, parts = s.find(File, id), s.list(Part, where={"case": id})
        assert (file is None) == (not parts) == s.is_erased(bytes.fromhex(id)) == (f"care/{id}" not in s.names)
        assert file is None or s.read(file.photo)
        assert file is not None or f"part of case{n}".encode() not in b"".join(
            d for (d,) in s.vault.ask("select data from events")
        )
        assert id not in said or file is None
    assert len(s.vault.named_files()) == s.count(File) and s.count(Letter) == LETTERS


def sealed_anew(s: Session, ground: Ground, said: list[str]) -> None:
    assert all(s.get(Letter, id) for id in said) and s.count(Letter) >= LETTERS
    assert len(keys.open_vault_key((s.vault.folder / "key").read_bytes(), team.PASSPHRASE)) == 1


ACTS = {
    "saving": ("omid", saving, saved),
    "taking in": ("sara", taking_in, taken),
    "giving": ("omid", giving, given),
    "compacting": ("omid", compacting, compacted),
    "erasing": ("omid", erasing, erased),
    "sealing anew": ("omid", sealing_anew, sealed_anew),
}


def killed(act: Callable[[Path, Ground, Say], None], path: Path, ground: Ground, after: float) -> list[str]:
    """Run an act in a process of its own, kill it so many seconds after it has begun, and give what it had said."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        try:
            act(path, ground, lambda word: os.write(into, word.encode() + b"\n") and None)
        except BaseException as e:
            os.write(into, f"failed {type(e).__name__} {getattr(e, 'code', e)}\n".encode())
        finally:
            os._exit(0)
    os.close(into)
    said = b""
    while b"begin\n" not in said and (more := os.read(out, 4096)):
        said += more
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    while more := os.read(out, 65536):
        said += more
    os.waitpid(child, 0)
    os.close(out)
    whole = said.decode().split("\n")[:-1]
    assert not [line for line in whole if line.startswith("failed")], whole[-3:]
    return whole[1:]


@pytest.mark.fuzz
@pytest.mark.parametrize("name", ACTS)
def test_a_vault_that_is_killed_at_any_instant_opens_and_has_lost_nothing_it_acknowledged(ground, tmp_path, name):
    who, act, after = ACTS[name]
    rng = random.Random(name)
    for n in range(rounds(5)):
        path = tmp_path / f"v{n}"
        shutil.copytree(getattr(ground, who), path)
        said = killed(act, path, ground, rng.uniform(0, MOST_SECONDS))
        try:
            s = opened(path)
            assert s.vault.integrity() == [] and receive.check(s) == [], "the log"
            after(s, ground, said)
            before = rows(s)
            s.rebuild()
            assert rows(s) == before
            s.save(Letter(text="and it goes on"))
            s.lock()
        except PanahError as e:
            raise AssertionError(f"{name}, kill {n}: {e.code}") from e
        shutil.rmtree(path)


def test_the_killing_sees_a_vault_that_acknowledges_too_early(ground, tmp_path, monkeypatch):
    # The test of the test: a save that is said before it is on the disk is found missing.
    def lies(path: Path, ground: Ground, say: Say) -> None:
        s = opened(path)
        say("begin")
        with s.vault.change():
            for n in range(10_000):
                letter = s.save(Letter(text=f"{n}", state="read"))
                say(letter.id)

    shutil.copytree(ground.omid, tmp_path / "v")
    said = killed(lies, tmp_path / "v", ground, 0.2)
    s = opened(tmp_path / "v")
    with pytest.raises(PanahError):
        saved(s, ground, said)
    s.lock()
