"""Look for words where they must not stand: in every spelling in which a program may have left them. And tap a line to see what goes through."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import threading
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

SIX = ("می‌خواهیم برویم", "دەمانەوێت بڕۆین", "Em dixwazin biçin", "Мы хотим уйти", "Մենք ուզում ենք գնալ", "ܒܥܝܢ ܕܢܐܙܠ")
SHORTEST = 8  # what is shorter cannot be told from chance


def spelled(text: str) -> dict[str, bytes]:
    """The ways in which a text may stand in bytes."""
    data = text.encode()
    found = {e: text.encode(e) for e in ("utf-8", "utf-16-le", "utf-16-be")}
    found |= {"hex": data.hex().encode(), "HEX": data.hex().upper().encode(), "percent": quote(text, safe="").encode()}
    found |= {"form": quote(text, safe="").replace("%20", "+").encode(), "json": json.dumps(text)[1:-1].encode()}
    for before in range(3):  # where it begins decides how base64 spells it
        b64 = base64.b64encode(bytes(before) + data)[(0, 2, 3)[before] : -4]
        found |= {f"base64/{before}": b64, f"base64url/{before}": b64.replace(b"+", b"-").replace(b"/", b"_")}
    return {how: form for how, form in found.items() if len(form) >= SHORTEST}


def found(where: bytes | Iterable[bytes], probes: Iterable[str]) -> list[str]:
    """Which of the words stand there, and in which spelling."""
    parts = [where] if isinstance(where, bytes) else list(where)
    forms = {form: f"{probe[:24]} as {how}" for probe in probes for how, form in spelled(probe).items()}
    return sorted({said for form, said in forms.items() for part in parts if form in part})


def opened(s) -> bytes:  # type: ignore[no-untyped-def]  # a Session; this module knows no vault
    """Every byte of an open vault's database as its owner could read it: all pages decrypted, the free ones and the full text too."""
    return bytes(s.vault.db.serialize("main"))


def below(folder: Path) -> list[bytes]:
    """Every file below a folder, and every name of one."""
    files = [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
    return [p.read_bytes() for p in files] + [str(p).encode() for p in folder.rglob("*")]


def memory(pid: int) -> list[bytes]:
    """What a running process holds in memory, beside the files of programs that it maps."""
    parts = []
    with Path(f"/proc/{pid}/mem").open("rb", 0) as mem:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, rights, *_, name = [*line.split(maxsplit=5), ""][:7]
            if "w" in rights and not name.startswith("[v"):
                start, end = (int(x, 16) for x in place.split("-"))
                with contextlib.suppress(OSError, ValueError):
                    mem.seek(start)
                    parts.append(mem.read(end - start))
    return parts


class Tap:
    """A line to another address that writes down every byte, both ways."""

    def __init__(self, address: str) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        self._to = (host, int(port))
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.sent, self.came = bytearray(), bytearray()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = self._server.accept()
                there = socket.create_connection(self._to)
                for a, b, log in ((here, there, self.sent), (there, here, self.came)):
                    threading.Thread(target=self._carry, args=(a, b, log), daemon=True).start()

    def _carry(self, a: socket.socket, b: socket.socket, log: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                log += data
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._server.close()
