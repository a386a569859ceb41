"""What an operator may decide: `relay.toml` in the relay's folder. Without the file nothing can be published and there is no limit but the disk."""

from __future__ import annotations

import hashlib
import os
import secrets
import tomllib
from pathlib import Path
from typing import NamedTuple

from panah.errors import Refused, Unreadable

NAME = "relay.toml"
POSTGRES = "PANAH_RELAY_POSTGRES"


class Settings(NamedTuple):
    """`publish`: SHA-256 of the word that lets its holder publish; empty: nobody. `most_bytes`: what deposits may take; 0: the disk.

    `postgres`: how to reach the database, for several relay processes; empty: SQLite in the relay's folder.
    `plain`: whether browsers without scripts get a form that this machine can read: "office" on a machine of the team's own, "server" on any other.
    """

    publish: bytes = b""
    most_bytes: int = 0
    postgres: str = ""
    plain: str = ""


def read(folder: Path) -> Settings:
    """The settings of a relay; refused as a whole if one line is not understood."""
    path = folder / NAME
    # The environment or this file, never an argument: every user of the machine can read those.
    postgres = os.environ.get(POSTGRES, "")
    if not path.exists():
        return Settings(postgres=postgres)
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        publish, most = bytes.fromhex(told.pop("publish", "")), told.pop("most_bytes", 0)
        postgres = postgres or told.pop("postgres", "")
        told.pop("postgres", None)
        plain = told.pop("plain", "")
    except (ValueError, TypeError) as e:
        raise Unreadable("relay_settings_malformed") from e
    if (
        told
        or len(publish) not in (0, 32)
        or type(most) is not int
        or most < 0
        or type(postgres) is not str
        or plain not in ("", "office", "server")
    ):
        raise Unreadable("relay_settings_malformed")
    return Settings(publish, most, postgres, plain)


def allow_publishing(folder: Path) -> str:
    """Draw the publishing word, keep its hash, and give it out once, in hex."""
    if read(folder).publish:
        raise Refused("relay_publishing_allowed_already")
    word = secrets.token_bytes(32)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / NAME).open("a", encoding="utf-8") as f:
        f.write(f'publish = "{hashlib.sha256(word).hexdigest()}"\n')
    return word.hex()
