"""Complaints that pass the team they are about, incidents, and the people to be warned: each rule by its number."""

from __future__ import annotations

import pytest

from panah.errors import Refused
from panah.kernel import keys, log, share
from panah.kernel.roster import LETTER
from panah.records import TYPES
from panah.records.feedback import Feedback
from panah.records.intake_key import IntakeKey
from tests import team
from tests.test_erase import plain, together

WORDS = "sentinelcomplaint"


@pytest.fixture
def five(tmp_path):
    """Omid founded the team and supervises, Sara supervises, Dara guards the data, Laleh and Rana work on cases."""
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock, types=TYPES)
    people = [omid]
    for name, roles in (
        ("Sara", ("supervisor", "intake")),
        ("Dara", ("dpo",)),
        ("Laleh", ("caseworker",)),
        ("Rana", ("caseworker",)),
    ):
        people.append(team.join(omid, tmp_path / name.lower(), name, roles, clock))
    together(*people, stick=tmp_path / "stick")
    yield (*people, tmp_path / "stick")
    for s in people:
        s.lock()


def test_NN_100_I14_what_is_handed_in_is_read_by_the_desk_alone(five):
    omid, sara, dara, laleh, rana, stick = five
    id = laleh.post(Feedback(kind="complaint_staff_conduct", received=laleh.now(), text=WORDS, state="open"))
    assert laleh.find(Feedback, id) is None and WORDS.encode() not in plain(laleh)
    together(omid, sara, dara, laleh, rana, stick=stick)
    assert dara.get(Feedback, id).text == WORDS
    for s in (sara, laleh, rana):
        assert s.find(Feedback, id) is None and WORDS.encode() not in plain(s) and not s.search(WORDS)
    # More about it, by who began it; nobody else changes it.
    laleh.post(Feedback(id=id, text=WORDS + " and more"))
    rana.post(Feedback(id=id, text="nothing happened"))
    together(omid, sara, dara, laleh, rana, stick=stick)
    assert dara.get(Feedback, id).text == WORDS + " and more" and dara.conflicts() == []


def test_what_is_handed_in_is_taken_in_once_by_two_devices_of_the_desk(five, tmp_path):
    omid, _sara, dara, laleh, _, stick = five
    second = team.join(omid, tmp_path / "noor", "Noor", ("dpo",))
    together(omid, dara, second, laleh, stick=stick)
    id = laleh.post(Feedback(kind="thanks", received=laleh.now(), text=WORDS))
    team.meet(laleh, dara, stick)
    team.meet(laleh, second, stick)
    together(dara, second, stick=stick)
    assert second.get(Feedback, id).text == WORDS and dara.conflicts() == second.conflicts() == []
    second.lock()


def test_nobody_hands_in_what_a_desk_makes_itself_nor_changes_what_stands_there(five):
    _omid, _sara, dara, laleh, _, stick = five
    with pytest.raises(Refused) as e:
        laleh.post(IntakeKey(identity="x"))
    assert e.value.code == "no_key_here"
    own = dara.save(Feedback(kind="thanks", received=dara.now(), text="noted by the desk"))
    device = next(d for d in laleh.roster.devices.values() if d.tag == dara.identity.tag)
    odd = [
        {"letter": keys.random(16), "type": "feedback", "set": {"text": "altered"}},
        {"letter": keys.random(16), "type": "intake_key", "set": {"identity": "x"}},
        {"letter": 5, "type": "feedback", "set": {"text": "x"}},
        {"letter": keys.random(16), "type": [], "set": {"text": "x"}},
        {"letter": keys.random(16), "type": "feedback", "set": [1]},
        {"letter": keys.random(16), "type": "feedback", "set": {"text": 7, "kind": "none_of_ours", "received": "x"}},
    ]
    with laleh.vault.change():
        for n, fields in enumerate(odd):
            record = bytes.fromhex(own.id) if n == 0 else keys.random(16)
            log.append(laleh, device.tag, [share.control(laleh, LETTER, record, **fields)], to=device)
    team.meet(laleh, dara, stick)
    assert dara.get(Feedback, own.id).text == "noted by the desk" and dara.count(Feedback) == 1
    assert [h.source for h in dara.quarantine()] == ["letter"]


def test_a_desk_without_anybody_takes_nothing(tmp_path):
    omid = team.found(tmp_path / "o", types=TYPES)
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",))
    with pytest.raises(Refused) as e:
        laleh.post(Feedback(kind="thanks", received=1.0, text="x"))
    assert e.value.code == "nobody_at_that_desk"
    omid.lock()
    laleh.lock()
