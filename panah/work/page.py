"""The team's help page: make it from the team's keys, sign it with the root, publish it, check one that is served."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import brotli
from msgspec import UNSET

from panah import wire
from panah.errors import Refused, Unreachable, Unreadable
from panah.kernel import keys
from panah.kernel.session import Session
from panah.page import build as pages
from panah.records.intake_key import IntakeKey
from panah.work.team import root_seed

MOST_PAGE = 1024 * 1024


def build(s: Session) -> bytes:
    """The signed page for the team's newest intake key and its relays; Refused anywhere but in the founder's vault."""
    root = root_seed(s)
    key = next((k for k in s.list(IntakeKey, limit=100) if k.retired_on is None), None)
    relays = s.setting("relays", [])
    if key is None or not relays:
        raise Refused("page_needs_relay")
    box = hashlib.sha256(bytes.fromhex(key.cap)).hexdigest()
    recipients = [key.recipient, key.recovery]
    day = int(s.now() // 86400)
    signature = keys.sign(root, b"", wire.intake_to_sign(box, recipients, day)).hex()
    intake = wire.Intake(box=box, recipients=recipients, day=day, sig=signature)
    leave = s.setting("page_leave") or UNSET
    config = wire.encode_config(wire.Config(root=keys.verify_key_of(root).hex(), intake=intake, relays=list(relays), leave=leave))
    html = pages.build(config, plain=s.setting("page_plain", False) is True)
    return pages.attach(html, keys.sign(root, keys.LABEL_PAGE, bytes.fromhex(pages.digest(html))))


def digest(html: bytes) -> str:
    """The hash that is printed on the card of the refuge point."""
    return pages.digest(html)


def write(html: bytes, public: Path) -> None:
    """Put the page, the pages that leaving leads to and their policies where a relay serves them; each file whole or not at all.

    Browsers ask for brotli over https only, so a relay on the local network or behind an onion address needs the other copy.
    """
    body, _ = pages.split(html)
    made = {**pages.weather(), "help.csp": pages.csp(body).encode() + b"\n", "help.html": html}
    made["help.html.br"] = brotli.compress(html, quality=11)
    made["help.html.gz"] = gzip.compress(html, 9, mtime=0)
    for name, data in made.items():
        part = public / (name + ".part")
        part.write_bytes(data)
        part.replace(public / name)


def fetch(target: str) -> bytes:
    """A page from a file or from where it is served."""
    if urlsplit(target).scheme not in ("http", "https"):
        path = Path(target)
        if not path.is_file():
            raise Unreachable("page_not_found")
        return path.read_bytes()
    try:
        with urlopen(Request(target, headers={"User-Agent": "Mozilla/5.0"}), timeout=30) as answer:  # noqa: S310 (schemes checked above)
            data: bytes = answer.read(MOST_PAGE + 1)
    except (URLError, OSError) as e:
        raise Unreachable("page_not_found") from e
    if len(data) > MOST_PAGE:
        raise Unreadable("page_altered")
    return data


def verify(html: bytes, root: bytes | None) -> str:
    """A sentence if the page is the team's own, byte for byte; Unreadable("page_altered") if not.

    `root` is the key from the printed card; without it the page's own key is used, which only shows that the page is whole.
    """
    body, signature = pages.split(html)
    if signature is None:
        raise Unreadable("page_altered")
    try:
        claimed = bytes.fromhex(pages.config_of(body)["root"])
    except (ValueError, KeyError, TypeError) as e:
        raise Unreadable("page_altered") from e
    if root is not None and claimed != root:
        raise Unreadable("page_of_another_team")
    try:
        keys.verify(claimed, keys.LABEL_PAGE, bytes.fromhex(pages.digest(body)), signature)
    except Unreadable as e:
        raise Unreadable("page_altered") from e
    shown = claimed.hex() if root is None else "the given root"
    return f"whole and signed by {shown}; sha256 {pages.digest(body)}"
