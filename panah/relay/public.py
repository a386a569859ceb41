"""The public files of a relay: serve them as they lie in one folder, and put one there for whoever holds the publishing word.

Knows no mailbox. A name is looked at before any path is made of it; what is not plainly below the folder is not there.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from starlette.responses import Response

from panah.errors import Full

SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STRICT = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
_PART = r"[a-z0-9][a-z0-9_-]{0,63}"
_SERVED = re.compile(rf"({_PART}/)?{_PART}\.[a-z0-9]{{1,5}}", re.ASCII)
_PACKED = {"br": ".br", "gzip": ".gz"}  # the smaller one first
MOST_VOUCHERS = 1000  # at a time
_HELP = ("", "index.html", "help.html")
# Says nothing about what this machine is for.
_NOTHING = b'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Hello</title><p>Nothing is published here yet.</html>\n'


def serve(public: Path, name: str, accepted: str = "") -> Response:
    """Answer with the file of that name, or with nothing. `/`, index.html and help.html are the help page.

    `accepted` is what the browser said of packed answers.
    """
    headers = {**SAFE, "Content-Security-Policy": STRICT}
    if name in _HELP:
        path = _find(public, "help.html") or _find(public, "index.html")
        if path is None:
            return Response(_NOTHING, 200, headers, "text/html; charset=utf-8")
    else:
        path = _find(public, name)
    kind = KINDS.get(path.suffix) if path else None
    if not path or not kind:
        return Response(b"", 404, headers)
    beside = str(path.relative_to(public))
    if policy := _find(public, beside.removesuffix(path.suffix) + ".csp"):
        headers["Content-Security-Policy"] = " ".join(policy.read_text("ascii").split())
    for coding, ending in _PACKED.items():
        packed = _find(public, beside + ending) if coding in accepted else None
        # An older packed copy is of an older page.
        if packed and packed.stat().st_mtime >= path.stat().st_mtime:
            headers["Content-Encoding"] = coding
            path = packed
            break
    headers["Vary"] = "Accept-Encoding"
    return Response(path.read_bytes(), 200, headers, kind)


def _find(public: Path, name: str) -> Path | None:
    """A plain file below the folder, never a link: a link could lead out of it."""
    if not _SERVED.fullmatch(_plain(name)):
        return None
    path = public / name
    return path if path.is_file() and not _is_link(public, path) else None


def _plain(name: str) -> str:
    """The name of the file that a packed copy is of."""
    return name.removesuffix(".br").removesuffix(".gz")


def _is_link(public: Path, path: Path) -> bool:
    return path.is_symlink() or (path.parent != public and path.parent.is_symlink())


def vouchers(wanted: bytes, body: bytes) -> list[bytes]:
    """The hashes of new vouchers, from whoever may publish; none for anything that is not right. body = word (32) | hashes (32 each)."""
    word, hashes = body[:32], body[32:]
    if not hmac.compare_digest(hashlib.sha256(word).digest(), wanted) or len(hashes) % 32:
        return []
    return [hashes[at : at + 32] for at in range(0, len(hashes), 32)]


def publish(public: Path, wanted: bytes, body: bytes) -> bool:
    """Put one file into the folder, or take it away if it is empty, for whoever sends the word whose SHA-256 is `wanted`.

    body = word (32) | length of the name (1) | name | bytes. False for anything that is not right; which it was is not said.
    """
    word, length = body[:32], body[32] if len(body) > 32 else 0
    name, data = body[33 : 33 + length].decode("ascii", "replace"), body[33 + length :]
    right = hmac.compare_digest(hashlib.sha256(word).digest(), wanted) and len(wanted) == 32
    if not right or len(name) != length or not _SERVED.fullmatch(_plain(name)):
        return False
    suffix = Path(_plain(name)).suffix
    if suffix not in KINDS and suffix != ".csp":
        return False
    path = public / name
    if _is_link(public, path):
        return False
    try:
        if data:
            path.parent.mkdir(exist_ok=True)
            _replace(path, data)
        else:
            path.unlink(missing_ok=True)
    except (FileExistsError, NotADirectoryError, IsADirectoryError, PermissionError):
        return False
    except OSError as e:
        raise Full("relay_full") from e
    return True


def _replace(path: Path, data: bytes) -> None:
    """Write beside, then rename: a visitor gets the old file or the new one."""
    new = path.with_name("." + secrets.token_hex(8))
    try:
        with new.open("xb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
