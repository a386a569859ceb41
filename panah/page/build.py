"""Make the help page: one HTML file with everything inside, the same bytes for every visitor, the same bytes every time. Pure.

Signing is the caller's: the root signs the hash of the page (`digest`), and `attach` adds the signature as the last line.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files
from typing import Any

from panah import receipt
from panah.errors import Refused, Unreadable

MOST_PACKED = 45_000
LANGUAGES = ("en", "fa", "ckb")
_SIGNED = re.compile(rb"<!-- signed:([0-9a-f]{128}) -->\n\Z")
_CONFIG = re.compile(rb'<script type="application/json" id="config">(.*?)</script>', re.S)


def _read(name: str) -> str:
    return files("panah.page").joinpath(name).read_text(encoding="utf-8")


def texts() -> dict[str, Any]:
    """The catalogue: one file a language. The receipt's letters come from the one table that Python reads too."""
    found = {}
    for language in LANGUAGES:
        found[language] = json.loads(_read(f"texts/{language}.json"))
    return found


def build(config: bytes) -> bytes:
    """The unsigned page for a team's configuration (wire.encode_config)."""
    try:
        script = _read("bundle.js")
    except FileNotFoundError as e:
        raise Refused("page_not_bundled") from e
    style = _read("page.css")
    data = {"texts": texts(), "receipt": {"letters": receipt.LETTERS, "excluded": _excluded_bits()}}
    inline = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")
    shown = config.decode().replace("<", "\\u003c")
    relays = " ".join(json.loads(config)["relays"])
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src blob: data:; connect-src {relays}; "
        "form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'"
    )
    page = _read("page.html")
    for mark, text in (("@policy@", policy), ("@style@", style), ("@texts@", inline), ("@config@", shown), ("@script@", script)):
        page = page.replace(mark, text)
    return page.encode()


def _excluded_bits() -> str:
    """One bit a combination of sounds, 1 where it is no word: smaller than any list."""
    bits = 0
    sounds = [c + v for c in receipt.CONSONANTS for v in receipt.VOWELS]
    pairs = [one + other for one in sounds for other in sounds]
    for word in pairs:
        bits = bits << 1 | (word in receipt.EXCLUDED)
    return base64.b64encode(bits.to_bytes(len(pairs) // 8, "big")).decode()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def csp(html: bytes) -> str:
    """The policy that the page carries, for the header of whoever serves it; the header can forbid framing as well."""
    found = re.search(rb'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    if found is None:
        raise Unreadable("page_altered")
    return found.group(1).decode() + "; frame-ancestors 'none'"


def digest(html: bytes) -> str:
    """SHA-256 of the page without its signature, in hex."""
    return hashlib.sha256(split(html)[0]).hexdigest()


def attach(html: bytes, signature: bytes) -> bytes:
    """The page with its signature as the last line."""
    return html + b"<!-- signed:" + signature.hex().encode() + b" -->\n"


def split(html: bytes) -> tuple[bytes, bytes | None]:
    """(page, signature); the signature is None if there is none."""
    found = _SIGNED.search(html)
    return (html, None) if found is None else (html[: found.start()], bytes.fromhex(found.group(1).decode()))


def config_of(html: bytes) -> dict[str, Any]:
    """The configuration that a page carries; Unreadable("page_altered") if it has none."""
    found = _CONFIG.search(html)
    try:
        value = json.loads(found.group(1)) if found else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Unreadable("page_altered")
    return value
