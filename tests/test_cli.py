"""The command line as people use it: real processes, passphrases on standard input, no secret in an argument."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from panah import qr, wire
from panah.kernel import age, enrol
from panah.records import TYPES
from panah.work import cases
from tests.browser import ROOT

WORDS = "seven quiet herons\n"


def _run(*args, said=WORDS, code=0, **more):
    done = subprocess.run(
        [sys.executable, "-m", "panah", *map(str, args)],
        input=said,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        **more,
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done


def test_a_team_is_founded_joined_carried_backed_up_and_restored(tmp_path):
    omid, rana = tmp_path / "omid", tmp_path / "rana"
    out = _run("init", omid, "--team", "Refuge point Ash", "--name", "Omid", "--relay", "http://127.0.0.1:9").stdout
    shares = re.findall(r"^\d\. (.+)$", out, re.MULTILINE)
    assert len(shares) == 5
    out = _run("join", rana, "--card", tmp_path / "card").stdout
    digits = re.search(r"aloud: ([\d ]+)", out).group(1)
    out = _run("invite", omid, tmp_path / "card", "--name", "Rana", "--role", "caseworker", "--out", tmp_path / "welcome").stdout
    assert digits in out
    _run("join", rana, "--welcome", tmp_path / "welcome")
    s = enrol.open_vault(omid, WORDS.strip(), TYPES)
    case = cases.open_case(s, chosen_name="Avin", basis_note="note")
    rana_id = next(m.id for m in s.members() if m.name == "Rana")
    cases.assign(s, case.id, rana_id)
    s.lock()
    _run("sync", omid, "--out", tmp_path / "stick")
    assert "received" in _run("sync", rana, "--in", tmp_path / "stick").stdout
    assert "relay_unreachable" in _run("sync", omid, code=9).stderr
    r = enrol.open_vault(rana, WORDS.strip(), TYPES)
    assert r.get(TYPES["case"], case.id).chosen_name == "Avin"
    r.lock()
    assert "0 that do not stand" in _run("verify", rana).stdout
    assert "records folded" in _run("rebuild", rana).stdout
    assert "No backup was made" in _run("doctor", omid, code=1).stdout
    _run("page", "build", tmp_path / "public", "--vault", omid)
    assert "whole and signed" in _run("page", "verify", tmp_path / "public" / "help.html").stdout
    o = enrol.open_vault(omid, WORDS.strip(), TYPES)
    frame = wire.Request(
        lang="fa", thread="ab" * 16, reply=age.recipient_of(age.new_identity()), box="cd" * 32, text="به دست یک دوست"
    )
    sealed = age.seal(wire.pad(wire.encode_request(frame)), [o.list(TYPES["intake_key"])[0].recipient])
    o.lock()
    (tmp_path / "file").write_bytes(sealed)
    (tmp_path / "text").write_text(age.armor(sealed))
    (tmp_path / "codes").write_text("\n".join(qr.split(sealed, kind="request")))
    said = {_run("sync", omid, "--in", tmp_path / how).stdout.splitlines()[0] for how in ("file", "text", "codes")}
    assert len(said) == 1 and "courier" in said.pop()
    _run("export", omid, case.code, "--out", tmp_path / "case.age", said=WORDS + "another quiet phrase\n")
    assert age.open_with_passphrase((tmp_path / "case.age").read_bytes(), "another quiet phrase").startswith(b"PK")
    _run("backup", omid, tmp_path / "backup.age")
    again = tmp_path / "again"
    said = _run("backup", again, tmp_path / "backup.age", "--restore", said="\n".join(shares[1:4]) + "\n\n" + WORDS).stdout
    assert "the old device is out" in said and len([x for x in said.splitlines() if len(x.split()) == 34]) == 5
    a = enrol.open_vault(again, WORDS.strip(), TYPES)
    assert a.me.name == "Omid" and len(a.roster.authorities) == 2
    assert a.get(TYPES["case"], case.id).chosen_name == "Avin"
    a.lock()


def test_refusals_are_one_sentence_with_a_code_and_a_status_of_their_own(tmp_path):
    _run("init", tmp_path / "v", "--team", "T", "--name", "Omid")
    for args, said, code, status in (
        (("verify", tmp_path / "v"), "wrong words here\n", "passphrase_wrong", 6),
        (("verify", tmp_path / "nothing"), WORDS, "no_vault_here", 4),
        (("sync", tmp_path / "v", "--in", ROOT / "README.md"), WORDS, "bundle_malformed", 8),
        (("page", "verify", ROOT / "README.md"), "", "page_altered", 8),
        (("init", tmp_path / "v", "--team", "T", "--name", "Omid"), WORDS, "vault_exists", 3),
        (("init", tmp_path / "w", "--team", "T", "--name", "Omid"), "short\n", "passphrase_too_short", 3),
        (("sync", tmp_path / "v"), WORDS, "no_relay_known", 9),
    ):
        err = _run(*args, said=said, code=status).stderr
        assert f"[{code}]" in err and err.count("\n") == 1 and "Traceback" not in err, err
        assert code in _run("explain", code).stdout


def test_a_second_process_on_one_vault_is_told(tmp_path):
    s = enrol.new_vault(tmp_path / "v", WORDS.strip(), TYPES)
    assert "[vault_in_use]" in _run("verify", tmp_path / "v", code=7).stderr
    s.lock()


_FILL = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from panah.errors import Full
from panah.kernel import enrol
from panah.records import TYPES
from panah.records.case import Case
s = enrol.open_vault(Path(sys.argv[1]), sys.stdin.readline().strip(), TYPES)
size = max(p.stat().st_size for p in Path(sys.argv[1]).iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1_500_000, resource.RLIM_INFINITY))
kept = []
try:
    for n in range(100_000):
        kept.append(s.save(Case(basis_note="x" * 5000)).id)
except Full as e:
    print(e.code, len(kept), all(s.find(Case, id) for id in kept))
"""


def test_a_full_disk_refuses_cleanly_and_loses_nothing(tmp_path):
    from panah.work import team as teams

    s = enrol.new_vault(tmp_path / "v", WORDS.strip(), TYPES)
    teams.found(s, "T", "Omid", ("supervisor", "keyholder"))
    s.lock()
    done = subprocess.run(
        [sys.executable, "-c", _FILL, str(tmp_path / "v")], input=WORDS, capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    code, count, there = done.stdout.split()
    assert code in ("disk_full", "disk_cannot_be_written") and int(count) > 3 and there == "True", done.stderr
    s = enrol.open_vault(tmp_path / "v", WORDS.strip(), TYPES)
    assert s.count(TYPES["case"]) == int(count) and s.vault.integrity() == []
    s.lock()


def test_no_passphrase_stands_where_other_processes_see_it(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "panah", "init", str(tmp_path / "v"), "--team", "T", "--name", "Omid"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ},
    )  # fmt: skip
    process.stdin.write(WORDS)
    process.stdin.flush()
    line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    process.communicate(timeout=60)
    assert b"herons" not in line
