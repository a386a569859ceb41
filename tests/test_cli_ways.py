"""The ways between laptops from the command line: real processes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest

from panah import qr
from panah.kernel import enrol, sync
from panah.records import TYPES
from panah.work import cases
from panah.work import team as teams
from tests import team
from tests.browser import ROOT
from tests.test_cli import WORDS, _run


@pytest.fixture
def two(tmp_path):
    omid = enrol.new_vault(tmp_path / "omid", WORDS.strip(), TYPES, team.QUICK)
    teams.found(omid, "Refuge point Ash", "Omid", ("supervisor", "intake", "keyholder"))
    sara = enrol.new_vault(tmp_path / "sara", WORDS.strip(), TYPES, team.QUICK)
    enrol.enter(sara, enrol.invite(omid, enrol.card(sara), "Sara", ("supervisor", "intake")))
    case = cases.open_case(omid, chosen_name="Wren Hollow")
    sync.to_file(omid, tmp_path / "whole")
    for s in (omid, sara):
        s.lock()
    return tmp_path / "omid", tmp_path / "sara", case.id


def has(path, case):
    s = enrol.open_vault(path, WORDS.strip(), TYPES)
    found = s.find(TYPES["case"], case)
    s.lock()
    return found is not None


def test_two_vaults_meet_in_a_folder(two, tmp_path):
    omid, sara, case = two
    (tmp_path / "stick").mkdir()
    assert re.search(r"sent [1-9]", _run("sync", omid, "--folder", tmp_path / "stick").stdout)
    said = _run("sync", sara, "--folder", tmp_path / "stick").stdout
    assert "new bundles 1" in said and has(sara, case)
    assert "folder_unreachable" in _run("sync", sara, "--folder", tmp_path / "gone", code=9).stderr


def test_a_copy_that_broke_off_says_what_came_and_what_is_missing(two, tmp_path):
    _, sara, case = two
    data = (tmp_path / "whole").read_bytes()
    (tmp_path / "cut").write_bytes(data[: len(data) - 20])
    said = _run("sync", sara, "--in", tmp_path / "cut", code=8)
    assert re.search(r"received [1-9]", said.stdout) and "still missing" in said.stdout and "bundle_truncated" in said.stderr
    assert "received 1," in _run("sync", sara, "--in", tmp_path / "whole").stdout and has(sara, case)


def test_two_laptops_meet_nearby_from_the_command_line(two):
    omid, sara, case = two
    serving = subprocess.Popen(
        [sys.executable, "-m", "panah", "meet", omid, "127.0.0.1", "--minutes", "5"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    serving.stdin.write(WORDS)
    serving.stdin.flush()
    first, code = serving.stdout.readline(), serving.stdout.readline()
    shown, digits = re.search(r"at (\S+) for", first).group(1), re.search(r"compare: ([\d ]+)", first).group(1).strip()
    # Compared and not the same: nothing is said.
    said = _run("sync", sara, "--nearby", shown, said=WORDS + "no\n", code=3)
    assert digits in said.stdout and not has(sara, case)
    for _ in range(3):  # the host gives what it has in its own time
        _run("sync", sara, "--nearby", code.removeprefix("The code: ").strip())
        if has(sara, case):
            break
    assert has(sara, case)
    # Known now: nobody is asked again.
    _run("sync", sara, "--nearby", shown)
    serving.send_signal(signal.SIGINT)
    assert "sent" in serving.stdout.read() and serving.wait(20) == 0
    assert not (omid / "nearby").exists()
    assert "meeting_unreachable" in _run("sync", sara, "--nearby", shown, code=9).stderr
    assert "meeting_address_not_private" in _run("meet", omid, "8.8.8.8", code=3).stderr


def test_a_card_and_a_welcome_travel_as_text_copied_from_a_phone(two, tmp_path):
    omid, _, _ = two
    shown = _run("join", tmp_path / "noor", "--card", tmp_path / "card", "--codes").stdout
    assert qr.join(qr.found_in(shown), kind="card") == (tmp_path / "card").read_bytes()
    (tmp_path / "copied").write_text("\n".join(qr.found_in(shown)).lower())
    _run("invite", omid, tmp_path / "copied", "--name", "Noor", "--role", "caseworker", "--out", tmp_path / "welcome")
    (tmp_path / "codes").write_text("\n".join(qr.split((tmp_path / "welcome").read_bytes(), kind="welcome")))
    assert "in the team" in _run("join", tmp_path / "noor", "--welcome", tmp_path / "codes").stdout
    # One for the other is noticed.
    assert (
        "qr_other_kind"
        in _run("invite", omid, tmp_path / "codes", "--name", "X", "--role", "health", "--out", tmp_path / "w", code=3).stderr
    )
