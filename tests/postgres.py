"""A PostgreSQL of the tests' own: made in a folder, reached through a socket in it, run by a user without rights, gone afterwards.

`tools/setup` installs the server. Where it is missing, tests fail; only PANAH_NO_POSTGRES leaves them out.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

WANTED = not os.environ.get("PANAH_NO_POSTGRES")
needs_postgres = pytest.mark.skipif(not WANTED, reason="PANAH_NO_POSTGRES is set")
_numbers = itertools.count()


def _program(name: str) -> str:
    found = [shutil.which(name), *sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)]
    first = next((str(p) for p in found if p), None)
    assert first, f"{name} is missing: bash tools/setup installs PostgreSQL, PANAH_NO_POSTGRES=1 leaves these tests out"
    return first


@functools.cache
def cluster() -> str:
    """Start it once; the way to reach it, as a connection string without a password."""
    folder = Path(tempfile.mkdtemp(prefix="panah-pg-"))
    as_whom: dict[str, object] = {}
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_whom = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **as_whom)

    where = folder / "data"
    run(_program("initdb"), "-D", str(where), "-U", "panah", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
    # The socket lies in a folder that only this user may enter. Crashes of the machine are not what is tested here.
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
    run(_program("pg_ctl"), "-D", str(where), "-w", "-l", str(folder / "log"), "-o", options, "start")

    def end() -> None:
        with Path(os.devnull).open("wb") as nothing:
            subprocess.run(
                [_program("pg_ctl"), "-D", str(where), "-m", "immediate", "stop"], stdout=nothing, cwd=folder, **as_whom
            )
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return f"host={folder} user=panah dbname=postgres"


def fresh() -> str:
    """A way to an empty place of one's own."""
    import psycopg

    name = f"t{next(_numbers)}_{os.getpid()}"
    with psycopg.connect(cluster(), autocommit=True) as db:
        db.execute(f"create schema {name}")  # type: ignore[call-overload]
    return f"{cluster()} options='-c search_path={name}'"


def files() -> Path:
    """The folder that holds all of it."""
    return Path(cluster().split()[0].removeprefix("host="))
