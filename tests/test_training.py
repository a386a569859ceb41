"""Practice with invented people: visibly so on every page, and never in touch with a real team (NN-105)."""

from __future__ import annotations

import re
import time

import pytest

from panah.errors import Refused, Unreadable
from panah.kernel import enrol, sync
from panah.node.app import Node
from panah.records import TYPES
from panah.records.case import Case
from panah.work import cases
from panah.work import team as teams
from tests import team
from tests.test_node_odd import walked


@pytest.fixture
def practice(tmp_path):
    s = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(s, "Practice", "Omid", ("supervisor", "intake", "keyholder"), training=True)
    yield s, tmp_path
    s.lock()


def test_NN_105_every_page_of_a_training_vault_says_so(practice):
    s, tmp_path = practice
    node = Node({"omid": tmp_path / "omid"})  # no flag tells the node: the vault itself does
    case = cases.open_case(s)
    pages = [
        "/",
        "/inbox",
        "/cases",
        f"/case/{case.id}",
        "/sync",
        "/team",
        "/settings",
        "/accountability",
        "/complain",
        "/supervise",
        "/more",
    ]
    try:
        for path, (status, shown) in walked(s, node, pages).items():
            assert status == 200 and re.search(r'<p class="demo" role="note">[^<]*invented', shown), path
    finally:
        node.stop()


def test_NN_105_a_training_vault_never_meets_a_real_team(practice, tmp_path):
    s, _ = practice
    with pytest.raises(Refused) as e:
        sync.with_relay(s, "https://relay.example")
    assert e.value.code == "training_stays_here"
    real = team.found(tmp_path / "real", types=TYPES)
    mine, theirs = cases.open_case(s), cases.open_case(real)
    for giver, taker in ((s, real), (real, s)) * 2:
        sync.to_file(giver, tmp_path / "stick")
        sync.from_file(taker, tmp_path / "stick")
    assert real.find(Case, mine.id) is None and s.find(Case, theirs.id) is None
    assert s.roster.training and not real.roster.training
    # Whoever joins it practises too, and a vault that practises joins nothing else.
    other = team.join(s, tmp_path / "other", "Laleh", ("caseworker",), time.time)
    assert other.roster.training
    stranger = enrol.new_vault(tmp_path / "x", team.PASSPHRASE, TYPES, team.QUICK)
    welcome = enrol.invite(real, enrol.card(stranger), "Rana", ("caseworker",))
    with pytest.raises(Unreadable):
        enrol.enter(other, welcome)
    with pytest.raises(Refused) as e:
        enrol.enter(other, enrol.invite(real, enrol.card(other), "Laleh", ("caseworker",)))
    assert e.value.code == "founder_changed"
    for one in (real, other, stranger):
        one.lock()
