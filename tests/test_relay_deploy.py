"""The files that an operator copies: they are what they say, and the programs they are for accept them where those are here."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from panah.cli import _parser
from panah.errors import Refused
from panah.relay import settings
from panah.relay.app import Server
from tests import postgres

DEPLOY = Path(__file__).parent.parent / "docs/deploy"


def unit():
    parsed = configparser.RawConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str
    parsed.read_string((DEPLOY / "panah-relay.service").read_text())
    return parsed


def test_the_unit_starts_the_relay_with_words_that_the_command_line_knows():
    words = shlex.split(unit()["Service"]["ExecStart"])
    asked = _parser().parse_args(words[1:])
    assert asked.command.__name__ == "relay" and not any("postgres" in w.lower() for w in words)


def test_the_unit_gives_the_relay_little_of_the_machine():
    service = unit()["Service"]
    for name in ("NoNewPrivileges", "DynamicUser", "ProtectHome", "PrivateTmp", "PrivateDevices", "PrivateUsers", "MemoryDenyWriteExecute"):  # fmt: skip
        assert service[name] == "yes"
    assert service["ProtectSystem"] == "strict" and service["CapabilityBoundingSet"] == "" and service["LimitCORE"] == "0"
    assert service["IPAddressDeny"] == "any" and service["MemorySwapMax"] == "0" and service["UMask"] == "0077"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_accepts_the_unit(tmp_path):
    text = (DEPLOY / "panah-relay.service").read_text().replace("/opt/panah/bin/panah", sys.executable)
    (tmp_path / "panah-relay.service").write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", str(tmp_path / "panah-relay.service")], capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if "panah-relay" in line]
    assert said == []


def test_tor_asks_for_work_under_a_flood_and_writes_nothing_down():
    lines = [line.split() for line in (DEPLOY / "torrc").read_text().splitlines() if line and not line.startswith("#")]
    told = {name: rest for name, *rest in lines}
    assert told["HiddenServicePoWDefensesEnabled"] == ["1"] and told["HiddenServicePort"] == ["80", "127.0.0.1:8080"]
    assert told["AvoidDiskWrites"] == ["1"] and told["SocksPort"] == ["0"]
    if tor := shutil.which("tor"):
        subprocess.run([tor, "--verify-config", "-f", str(DEPLOY / "torrc")], check=True, capture_output=True)


def test_the_web_server_keeps_no_log_and_passes_on_no_address():
    text = (DEPLOY / "Caddyfile").read_text()
    assert text.count("{") == text.count("}") and "output discard" in text
    assert {"X-Forwarded-For", "User-Agent", "Cookie"} <= set(re.findall(r"header_up -(\S+)", text))


@postgres.needs_postgres
def test_postgresql_knows_every_line_and_writes_down_no_statement():
    import psycopg

    lines = [line.split("#")[0].split("=", 1) for line in (DEPLOY / "postgresql.conf").read_text().splitlines() if "=" in line.split("#")[0]]  # fmt: skip
    told = {name.strip(): value.strip().strip("'") for name, value in lines}
    with psycopg.connect(postgres.cluster(), autocommit=True) as db:
        known = {name for (name,) in db.execute("select name from pg_settings")}
    assert told.keys() <= known
    assert told["log_statement"] == "none" and told["synchronous_commit"] == "on" and told["wal_recycle"] == "off"


def test_the_database_is_named_in_a_file_or_the_environment_and_a_missing_library_is_said(tmp_path, monkeypatch):
    (tmp_path / "relay.toml").write_text('postgres = "host=/run/postgresql dbname=mail"\nmost_bytes = 5\n')
    assert settings.read(tmp_path)[:3] == (b"", 5, "host=/run/postgresql dbname=mail")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "panah.relay.postgres", raising=False)
    with pytest.raises(Refused, match="relay_postgres_missing"):
        Server(tmp_path)
    monkeypatch.setenv(settings.POSTGRES, "host=elsewhere")
    assert settings.read(tmp_path).postgres == "host=elsewhere"
