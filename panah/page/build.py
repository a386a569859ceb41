"""Make the help page: one HTML file with everything inside, the same bytes for every visitor, the same bytes every time. Pure.

Signing is the caller's: the root signs the hash of the page (`digest`), and `attach` adds the signature as the last line.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from importlib.resources import files
from typing import Any

from panah import receipt
from panah.errors import Refused, Unreadable

MOST_PACKED = 57_000  # bytes, with brotli: fourteen seconds at 4 KiB/s
_LEAVE = "/weather-{lang}.html"
_WEATHER_STYLE = "body{font-family:system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;line-height:1.8}"
_SIGNED = re.compile(rb"<!-- signed:([0-9a-f]{128}) -->\n\Z")
_CONFIG = re.compile(rb'<script type="application/json" id="config">(.*?)</script>', re.S)


def part(name: str) -> str:
    """A part of the page, as it lies beside this file."""
    return files("panah.page").joinpath(name).read_text(encoding="utf-8")


def texts() -> dict[str, dict[str, Any]]:
    """The catalogue: one file a language, in the order that the files say. A language without all the texts is refused."""
    found = {}
    for entry in files("panah.page").joinpath("texts").iterdir():
        if entry.name.endswith(".json"):
            found[entry.name.removesuffix(".json")] = json.loads(entry.read_text(encoding="utf-8"))
    if any(found["en"].keys() != words.keys() for words in found.values()):
        raise ValueError("internal error: every language of the help page says the same things")
    return dict(sorted(found.items(), key=lambda pair: pair[1]["order"]))


def build(config: bytes, *, plain: bool = False) -> bytes:
    """The unsigned page for a team's configuration (wire.encode_config). `plain` leads browsers without scripts to the form that a relay
    has for them (page/plain.py); without it they are told to try another browser."""
    try:
        script = part("bundle.js")
    except FileNotFoundError as e:
        raise Refused("page_not_bundled") from e
    style, told, catalogue = part("page.css"), json.loads(config), texts()
    policy = (
        f"default-src 'none'; script-src '{hash_of(script)}'; style-src '{hash_of(style)}'; img-src data:; connect-src {' '.join(told['relays'])}; "
        "form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'"
    )
    first = next(iter(catalogue))
    # Without a script the link leads to all languages at once: nothing knows which one is read.
    leave = told.get("leave", _LEAVE).replace(*(("{lang}", first) if "leave" in told else ("-{lang}", "")))
    parts = {
        "policy": policy,
        "style": style,
        "title": catalogue["en"]["title"],
        "leave": escape(leave),
        "leave_text": " · ".join(escape(words["leave"]) for words in catalogue.values()),
        "first": "".join(
            _section(lang, words, "welcome", "welcome_text", "no_script", plain=plain) for lang, words in catalogue.items()
        ),
        "texts": _inline(_packed(catalogue)),
        "config": config.decode().replace("<", "\\u003c"),
        "script": script,
    }
    # In one pass: a text that holds the mark of another part stays a text.
    return re.sub(r"@(\w+)@", lambda m: parts[m[1]], part("page.html")).encode()


def _section(lang: str, words: dict[str, Any], title: str, *lines: str, plain: bool = False) -> str:
    body = "".join(f"<p>{escape(words[line])}</p>" for line in lines)
    if plain:
        body += f'<noscript><p><a href="plain-{lang}.html">{escape(words["plain"]["link"])}</a></p></noscript>'
    return f'<section lang="{lang}" dir="{words["dir"]}"><h1>{escape(words[title])}</h1>{body}</section>'


def _packed(catalogue: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The texts with each key said once, and the letters of the receipt from the one table that Python reads too."""
    keys = [key for key in catalogue["en"] if key not in ("order", "weather", "card", "no_script", "plain")]
    return {
        "keys": keys,
        "languages": {lang: [words[key] for key in keys] for lang, words in catalogue.items()},
        "receipt": {"letters": receipt.LETTERS, "excluded": _excluded_bits()},
    }


def _inline(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def weather() -> dict[str, bytes]:
    """Where leaving leads: ordinary pages about the weather, one for each language and one with all, with their policies beside them."""
    catalogue, made = texts(), {}
    sections = {lang: _weather_section(lang, words) for lang, words in catalogue.items()}
    for name, title, body in [
        ("weather", catalogue["en"]["weather"]["title"], "".join(sections.values())),
        *((f"weather-{lang}", catalogue[lang]["weather"]["title"], section) for lang, section in sections.items()),
    ]:
        made[f"{name}.html"] = (
            '<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{_WEATHER_STYLE}</style>{body}</html>\n'
        ).encode()
        made[f"{name}.csp"] = (
            f"default-src 'none'; style-src '{hash_of(_WEATHER_STYLE)}'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'\n"
        ).encode()
    return made


def _weather_section(lang: str, words: dict[str, Any]) -> str:
    told = words["weather"]
    lines = "".join(f"<p>{escape(line)}</p>" for line in told["lines"])
    return f'<main lang="{lang}" dir="{words["dir"]}"><h1>{escape(told["title"])}</h1>{lines}</main>'


def _excluded_bits() -> str:
    """One bit a combination of sounds, 1 where it is no word: smaller than any list."""
    bits = 0
    sounds = [c + v for c in receipt.CONSONANTS for v in receipt.VOWELS]
    pairs = [one + other for one in sounds for other in sounds]
    for word in pairs:
        bits = bits << 1 | (word in receipt.EXCLUDED)
    return base64.b64encode(bits.to_bytes(len(pairs) // 8, "big")).decode()


def hash_of(text: str) -> str:
    """How a policy names a script or a style that stands in the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def csp(html: bytes) -> str:
    """The policy that the page carries, for the header of whoever serves it; the header can forbid framing as well."""
    found = re.search(rb'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    if found is None:
        raise Unreadable("page_altered")
    return found.group(1).decode() + "; frame-ancestors 'none'"


def pin(root: bytes) -> bytes:
    """What a printed card says of the root key: the first 16 bytes of its SHA-256."""
    return hashlib.sha256(root).digest()[:16]


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


def config_bytes(html: bytes) -> bytes:
    """The configuration that a page carries, as it stands there; nothing if it has none."""
    found = _CONFIG.search(html)
    return found.group(1) if found else b""


def config_of(html: bytes) -> dict[str, Any]:
    """The configuration that a page carries; Unreadable("page_altered") if it has none."""
    found = config_bytes(html)
    try:
        value = json.loads(found) if found else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Unreadable("page_altered")
    return value
