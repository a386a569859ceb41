"""Administrators who act at once and far from each other: whatever they do, all vaults end alike, and nobody removed reads later."""

from __future__ import annotations

import itertools
import random

import pytest

from panah.errors import PanahError
from panah.kernel import enrol, event, keys, regain
from tests import team
from tests.rounds import rounds
from tests.team import File, Letter
from tests.test_regain import NEXT, OTHER, SECRET, everywhere, founded, seen


def _act(rng: random.Random, s, people, tmp, clock, born: list) -> str:
    """One thing that an administrator does, as far as their vault lets them."""
    what = rng.choice(["remove", "remove", "device", "invite", "rotate", "renew"])
    others = [m for m in s.members() if not m.removed and m.id != s.me.id]
    try:
        if what == "remove" and others:
            enrol.remove(s, rng.choice(others).id)
        elif what == "device":
            enrol.remove_device(s, rng.choice(sorted(s.roster.devices)))
        elif what == "invite":
            roles = rng.choice([("keyholder",), ("supervisor", "intake")])
            born.append(team.join(s, tmp / f"born{len(born)}", f"New{len(born)}", roles, clock))
        elif what == "rotate":
            regain.renew(s, SECRET, rng.choice([NEXT, OTHER]))
        else:
            s.save(File(title=keys.random(4).hex()))
    except PanahError:
        return f"{what} refused"  # a rule of the roster; the others go on
    return what


@pytest.mark.parametrize("seed", range(1, 1 + rounds(2)))
def test_whatever_administrators_do_at_once_all_vaults_end_alike(tmp_path, seed):
    rng, clock, born = random.Random(seed), team.Clock(), []
    omid = founded(tmp_path / "omid", clock)
    sara = team.join(omid, tmp_path / "sara", "Sara", ("keyholder", "supervisor", "intake"), clock)
    dara = team.join(omid, tmp_path / "dara", "Dara", ("keyholder", "intake"), clock)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("intake",), clock)
    people = [omid, sara, dara, laleh]
    everywhere(*people, stick=tmp_path / "stick")
    done = []
    for _ in range(rng.randint(2, 4)):
        done.append(_act(rng, rng.choice(people[:3]), people, tmp_path, clock, born))
        if rng.random() < 0.3:
            team.meet(*rng.sample(people, 2), tmp_path / "stick")
    everyone = [*people, *born]
    everywhere(*everyone, stick=tmp_path / "stick")
    inside = [s for s in everyone if s.identity.tag in s.roster.devices and s.identity.tag not in omid.roster.removed]
    stay = [s for s in inside if not s.me.removed]
    views = [seen(s) for s in stay]
    assert all(view == views[0] for view in views), done
    out = [s for s in everyone if stay and s.identity.tag in stay[0].roster.removed]
    for writer, gone in itertools.product([s for s in stay if "intake" in s.names][:1], out):
        letter = writer.save(Letter(text="after they left"))
        for s in stay:
            team.meet(s, gone, tmp_path / "stick")
        assert gone.find(Letter, letter.id) is None, done
    for s in everyone:
        s.lock()


def test_a_removal_by_somebody_who_was_out_already_is_none_also_for_whom_it_named(tmp_path):
    clock = team.Clock()
    omid = founded(tmp_path / "omid", clock)
    sara = team.join(omid, tmp_path / "sara", "Sara", ("keyholder", "supervisor", "intake"), clock)
    rana = team.join(omid, tmp_path / "rana", "Rana", ("supervisor", "intake"), clock)
    everywhere(omid, sara, rana, stick=tmp_path / "stick")
    enrol.remove(omid, sara.me.id)
    enrol.remove(sara, rana.me.id)  # far away, and not knowing
    team.meet(sara, rana, tmp_path / "stick")
    assert rana.identity.tag in rana.roster.removed
    everywhere(omid, rana, stick=tmp_path / "stick")
    assert omid.roster.removed == rana.roster.removed == {sara.identity.tag}
    letter = rana.save(Letter(text="still here"))
    everywhere(omid, rana, stick=tmp_path / "stick")
    assert omid.get(Letter, letter.id).text == "still here"
    assert seen(omid) == seen(rana)
    assert not [
        row
        for s in (omid, rana)
        for row in s.vault.segments(1)
        if event.read_header(row[2], row[3]).prefix.author == rana.identity.tag
    ]
    for s in (omid, sara, rana):
        s.lock()
