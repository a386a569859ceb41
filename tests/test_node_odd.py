"""Values that no form of ours would write, from a colleague's newer or altered program: every page still comes, and says what it cannot show."""

from __future__ import annotations

import http.client
import re
from typing import Any

import pytest

from panah.kernel import enrol, log
from panah.kernel.event import Event
from panah.node import background
from panah.node.app import Node
from panah.records import TYPES
from panah.work import cases
from panah.work import team as teams
from tests import team

ODD: tuple[Any, ...] = (
    5, -1, 2**52, 1.5, True, "", "x", "2026-13-40", "\0\u202e\ufeff", [], {}, [None], ["x"], [{}], [[]],
    [{"written": {"a": 1}, "on": 7, "decision": ["x"], "scopes": 1, "file": "x", "media": []}],
    {"~": "no_answer"}, {"~": "no_answer", "why": "tired"}, {"value": 5, "text": [], "ref": {}, "precision": 1},
    {"value": "5", "text": "y", "calendar": "of the moon", "precision": "x"}, {"blob": "zz", "key": 1, "bytes": -1, "media": "x", "name": "y"},
)  # fmt: skip
LEFT_OUT = {"case"}  # where it is sealed; the kernel asks for a real one


@pytest.fixture
def office(tmp_path):
    """A vault that holds one record of each type, and can be made to hold more."""
    s = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(s, "Invented team", "Omid", ("supervisor", "intake", "caseworker", "keyholder"))
    node = Node({"omid": tmp_path / "omid"})
    case = cases.open_case(s, chosen_name="Shilan", language="ckb", limits_explained=True)
    yield s, node, case.id
    node.stop()


def plant(s, kind: Any, case: str, id: str, values: dict[str, Any]) -> None:
    """What a program without our checks could sign: one event with these values, wherever each field is sealed."""
    with s.vault.change():
        for f in kind.fields:
            if f.name in values:
                place = (f.compartment or kind.compartment).format(id=id, case=case)
                if place in s.names:
                    log.append(s, s.names[place], [Event(bytes.fromhex(id), kind.name, s.tick(), {f.name: values[f.name]})])
        s.refold([bytes.fromhex(id)])


@pytest.mark.parametrize("round", range(len(ODD)))
def test_every_page_comes_whatever_a_colleagues_program_wrote(office, round):
    s, node, case = office
    pages = ["/", "/inbox", "/cases", f"/case/{case}", "/search?q=x", "/search?q=Shilan"]
    for name, cls in sorted(TYPES.items()):
        kind = cls.KIND
        if name != "case":
            id = s.new_id()
            plant(s, kind, case, id, {"case": case})
        else:
            id = case
        # Each field meets another odd value in every round, and over the rounds all of them.
        odd = {f.name: ODD[(round + n) % len(ODD)] for n, f in enumerate(kind.fields) if f.name not in LEFT_OUT}
        plant(s, kind, case, id, odd)
        if s.find(cls, id) is not None:
            pages += [f"/r/{name}", *(f"/r/{name}/{id}{part}" for part in ("", "/edit", "/history", "/conflict"))]
            pages += [f"/inbox/{id}"] if name == "help_request" else []
    wrong = {}
    for path, (status, shown) in walked(s, node, pages).items():
        if status >= 500:
            wrong[path] = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", shown))[-200:]
    assert wrong == {}


def walked(s, node, pages: list[str]) -> dict[str, tuple[int, str]]:
    """Every page as a signed-in member gets it: status and markup."""
    s.lock()
    node.start()
    line = http.client.HTTPConnection(node.address.removeprefix("http://"), timeout=60)
    body = f"vault=omid&passphrase={team.PASSPHRASE.replace(' ', '+')}"
    line.request("POST", "/unlock", body, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = line.getresponse()
    answer.read()
    cookie, found = answer.headers["set-cookie"].split(";")[0], {}
    for path in pages:
        line.request("GET", path, headers={"Cookie": cookie})
        answer = line.getresponse()
        found[path] = answer.status, answer.read().decode()
    line.close()
    return found


def test_a_mistake_of_ours_is_said_with_its_place_and_without_a_value(office, capfd, monkeypatch):
    s, node, _ = office
    monkeypatch.setattr(s.__class__, "quarantine", lambda self: int("SENTINEL"))  # a fault that nobody thought of
    found = walked(s, node, ["/sync", "/cases"])
    status, shown = found["/sync"]
    assert status == 500 and "page_failed" in shown and "SENTINEL" not in shown
    assert found["/cases"][0] == 200
    said = capfd.readouterr().err
    assert "page_failed" in said and "SENTINEL" not in said


def test_a_mistake_of_ours_in_one_vault_stops_neither_its_next_meeting_nor_the_next_vault(tmp_path, capfd, monkeypatch):
    s = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK)
    teams.found(s, "Invented team", "Omid", ("supervisor", "keyholder"), relays=["http://127.0.0.1:9", "http://127.0.0.1:10"])
    asked = []

    def stumble(_, address):
        asked.append(address)
        raise ValueError("SENTINEL")

    monkeypatch.setattr(background.sync, "with_relay", stumble)  # a fault that nobody thought of
    background.meet(s)
    assert asked == ["http://127.0.0.1:9", "http://127.0.0.1:10"]
    assert s.status().code == "meeting_failed"
    said = capfd.readouterr().err
    assert "meeting_failed ValueError" in said and "SENTINEL" not in said
    s.lock()
    background.meet(s)  # a vault that was locked meanwhile is no fault
    assert capfd.readouterr().err == ""
