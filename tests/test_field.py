"""What holds where people work: nothing tells of who asked, a power cut costs seconds, a month without any network stops nothing."""

from __future__ import annotations

import re
import shutil
import socket
from pathlib import Path

import pytest

from panah import wire
from panah.kernel import age, enrol
from panah.records import TYPES
from panah.records.case import Case
from panah.records.case_plan import CasePlan
from panah.records.follow_up import FollowUp
from panah.records.help_request import HelpRequest
from panah.records.person import Person
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.safety_plan import SafetyPlan
from panah.records.task import Task
from panah.relay.app import Server
from panah.work import cases, intake, rules
from panah.work import team as teams
from tests import relay as stranger
from tests import seek, team

STATIC = Path(__file__).parent.parent / "panah" / "node" / "static"


def test_NN_33_a_request_keeps_no_address_no_browser_and_no_hour(tmp_path):
    relay = Server(tmp_path / "relay").start()
    omid = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    try:
        teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"), relays=[relay.address])
        (key,) = omid.list(TYPES["intake_key"])
        frame = wire.Request(lang="fa", thread="ab" * 16, reply=age.recipient_of(age.new_identity()), box="cd" * 32, text="come")
        sealed = age.seal(wire.pad(wire.encode_request(frame)), [key.recipient])
        headers = {"User-Agent": "SENTINELBROWSER/1.0", "X-Forwarded-For": "203.0.113.77", "Accept-Language": "SENTINELTONGUE"}
        box = wire.box_of(bytes.fromhex(key.cap))
        assert stranger.post(relay.address, "/deposit", box + bytes(32) + sealed, headers).status == 204
        assert seek.found(seek.below(tmp_path / "relay"), ["SENTINELBROWSER", "203.0.113.77", "SENTINELTONGUE"]) == []
        assert intake.meet(omid, relay.address).requests == 1
        (request,) = omid.list(HelpRequest)
        # A day, and no hour of it: in the record's own field, and nowhere else in what it holds.
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", request.received_on)
        names = {f.name for f in HelpRequest.KIND.fields}
        assert not names & {"ip", "address", "user_agent", "received_at", "position", "location"}
        assert seek.found(seek.opened(omid), ["SENTINELBROWSER", "203.0.113.77", "SENTINELTONGUE"]) == []
    finally:
        omid.lock()
        relay.stop()


def test_NN_72_a_power_cut_costs_at_most_the_last_seconds_of_typing(tmp_path):
    s = team.found(tmp_path / "v", types=TYPES)
    s.keep_draft("case:new", {"chosen_name": "SENTINELTYPED", "basis_note": "half a sen"})
    shutil.copytree(tmp_path / "v", tmp_path / "after")  # nothing was closed, locked or flushed
    s.lock()
    assert seek.found(seek.below(tmp_path / "after"), ["SENTINELTYPED"]) == []
    again = enrol.open_vault(tmp_path / "after", team.PASSPHRASE, TYPES)
    assert again.draft("case:new") == {"chosen_name": "SENTINELTYPED", "basis_note": "half a sen"}
    again.lock()
    # The page sends what was typed at least every five seconds.
    (every,) = re.findall(r'post\("/draft".*?\}, (\d+)\);', (STATIC / "panah.js").read_text(), re.S)
    assert int(every) <= 5000


def test_NN_74_a_month_without_any_network_stops_nothing_of_the_work(tmp_path, monkeypatch):
    def no_network(*_):
        raise OSError("there is no network here")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", clock=clock, types=TYPES)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clock)
    clock.at += 29 * 86400
    with pytest.raises(OSError, match="no network"):
        socket.create_connection(("127.0.0.1", 9))
    case = cases.open_case(laleh, chosen_name="Shilan", basis_note="asked for it", limits_explained=True)
    who = rules.keep(laleh, Person(case=case.id, id_mode="alias", names=[{"written": "Shilan"}]))
    kept = [
        who,
        rules.keep(laleh, ProtectionAssessment(case=case.id, subject=who.id)),
        rules.keep(laleh, SafetyPlan(case=case.id, subject=who.id, warning_signs="a car that waits")),
        rules.keep(laleh, CasePlan(case=case.id)),
        rules.keep(laleh, FollowUp(case=case.id, subject=who.id, at=clock())),
        laleh.save(Task(case=case.id, about=case.id, title="Call", owner="Laleh", due=clock() + 60, task_state="open")),
    ]
    assert all(laleh.find(type(one), one.id) is not None for one in kept)
    assert [c.id for c in laleh.list(Case)] == [case.id] and laleh.search("shilan")
    # And with a stick instead of a network it reaches the others.
    team.meet(laleh, omid, tmp_path / "stick")
    team.meet(laleh, omid, tmp_path / "stick")
    assert omid.get(Case, case.id).chosen_name == "Shilan"
    for s in (omid, laleh):
        s.lock()
