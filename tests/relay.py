"""Speak to a relay as a stranger would: plain HTTP over a real socket."""

from __future__ import annotations

import hashlib
import http.client
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]


def ask(address: str, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    """One request on a connection of its own."""
    line = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    try:
        line.request(method, path, body or None, headers or {})
        answer = line.getresponse()
        return Answer(answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()})
    finally:
        line.close()


def post(address: str, path: str, body: bytes, headers: dict[str, str] | None = None) -> Answer:
    return ask(address, "POST", path, body, headers)


def mailbox() -> tuple[bytes, bytes]:
    """A new capability and the name of its mailbox."""
    cap = os.urandom(32)
    return cap, hashlib.sha256(cap).digest()


def deposit(address: str, box: bytes, id: bytes, blob: bytes) -> int:
    return post(address, "/deposit", box + id + blob).status


def fetch(address: str, cap: bytes, after: int = 0, limit: int = 1000) -> list[tuple[int, bytes, bytes]]:
    """(n, id, blob) as the specification lays them out."""
    answer = post(address, "/fetch", cap + after.to_bytes(8, "big") + limit.to_bytes(2, "big"))
    assert answer.status == 200
    return list(parse(answer.body))


def parse(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at + 40 : at + 44], "big")
        assert at + 44 + size <= len(data)
        yield int.from_bytes(data[at : at + 8], "big"), data[at + 8 : at + 40], data[at + 44 : at + 44 + size]
        at += 44 + size


def delete(address: str, cap: bytes, up_to: int) -> int:
    return post(address, "/delete", cap + up_to.to_bytes(8, "big")).status


def visit(address: str, cap: bytes, after: int = 0) -> Answer:
    return post(address, "/visit", cap + after.to_bytes(8, "big"))


def slots(page: bytes) -> list[tuple[int, bytes]]:
    """The filled slots of a visit's answer."""
    found = []
    for at in (0, 6144):
        n, size = int.from_bytes(page[at : at + 8], "big"), int.from_bytes(page[at + 8 : at + 10], "big")
        if n:
            found.append((n, page[at + 10 : at + 10 + size]))
    return found


def raw(folder: Path) -> bytes:
    """Every byte of every file below a folder."""
    return b"\n".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())
