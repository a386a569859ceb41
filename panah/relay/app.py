"""The relay's addresses: deposit, fetch, delete, visit, and static public files. Holds no key, knows no record, logs no request.

spec/mailbox.md is the authority. One answer for absent, wrong and expired; capabilities come in bodies only.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from panah.errors import Full
from panah.relay.store import Store

MOST_BLOB = 4 * 1024 * 1024 + 64 * 1024
MOST_FETCH = 8 * 1024 * 1024
SLOTS, SLOT = 2, 6144
_SLOT_HEAD = 10
BODY_SECONDS = 120  # a phone on 2G needs them; a connection that is only held open does not
DAY = 24 * 3600

_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "86400",
}
_SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_STRICT = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".json": "application/json",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(\.[a-z0-9]{1,5})?")
_EMPTY = b'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Hello</title><p>Nothing is published here yet.</html>\n'


class _TooLarge(Exception):
    pass


async def _body(request: Request, most: int) -> bytes:
    """The body, read no further than the limit."""
    parts, size = [], 0
    async with asyncio.timeout(BODY_SECONDS):
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise _TooLarge
            parts.append(chunk)
    return b"".join(parts)


def _answer(status: int, body: bytes = b"") -> Response:
    return Response(body, status, {**_SAFE, **_CORS}, "application/octet-stream" if body or status == 200 else None)


def application(store: Store, public: Path, clock: Callable[[], float] = time.time) -> Starlette:
    """Every address of a relay."""

    def today() -> int:
        return int(clock() // DAY)

    def verb(most: int, act: Callable[[bytes], object]) -> Callable[[Request], object]:
        async def handle(request: Request) -> Response:
            if request.method == "OPTIONS":
                return _answer(204)
            try:
                result = act(await _body(request, most))
                answer = await result if asyncio.iscoroutine(result) else result
                assert isinstance(answer, Response)
                return answer
            except _TooLarge:
                return _answer(413)
            except (TimeoutError, ClientDisconnect):
                return _answer(400)
            except Full:
                return _answer(507)

        return handle

    async def deposit(body: bytes) -> Response:
        if len(body) <= 64:
            return _answer(400)
        await asyncio.wrap_future(store.deposit_later(body[:32], body[32:64], body[64:], today()))
        return _answer(204)

    async def fetch(body: bytes) -> Response:
        if len(body) != 42:
            return _answer(400)
        after, limit = int.from_bytes(body[32:40], "big"), int.from_bytes(body[40:], "big")
        if after >= 1 << 63:
            return _answer(200)
        found = await asyncio.to_thread(store.fetch, _box(body), after, min(limit, 1000), MOST_FETCH, today())
        return _answer(200, b"".join(d.n.to_bytes(8, "big") + d.id + len(d.blob).to_bytes(4, "big") + d.blob for d in found))

    async def delete(body: bytes) -> Response:
        if len(body) != 40:
            return _answer(400)
        await asyncio.to_thread(store.delete, _box(body), min(int.from_bytes(body[32:], "big"), (1 << 63) - 1))
        return _answer(204)

    async def visit(body: bytes) -> Response:
        if len(body) != 40:
            return _answer(400)
        after = min(int.from_bytes(body[32:], "big"), (1 << 63) - 1)
        found = await asyncio.to_thread(store.visit, _box(body), after, SLOTS, SLOT - _SLOT_HEAD)
        slots = [_slot(d.n, d.blob) for d in found] + [_slot(0, b"")] * (SLOTS - len(found))
        return _answer(200, b"".join(slots))

    async def static(request: Request) -> Response:
        return _static(public, request)

    routes = [
        Route("/deposit", verb(64 + MOST_BLOB, deposit), methods=["POST", "OPTIONS"]),
        Route("/fetch", verb(64, fetch), methods=["POST", "OPTIONS"]),
        Route("/delete", verb(64, delete), methods=["POST", "OPTIONS"]),
        Route("/visit", verb(64, visit), methods=["POST", "OPTIONS"]),
        Route("/{path:path}", static, methods=["GET", "HEAD"]),
    ]
    return Starlette(routes=routes)


def _box(body: bytes) -> bytes:
    return hashlib.sha256(body[:32]).digest()


def _slot(n: int, blob: bytes) -> bytes:
    head = n.to_bytes(8, "big") + len(blob).to_bytes(2, "big") + blob
    return head + secrets.token_bytes(SLOT - len(head))


def _static(public: Path, request: Request) -> Response:
    names = [part for part in request.path_params["path"].split("/") if part] or ["help.html"]
    if names == ["index.html"]:
        names = ["help.html"]
    headers = {**_SAFE, "Content-Security-Policy": _STRICT}
    if len(names) > 2 or not all(_NAME.fullmatch(name) for name in names):
        return Response(b"", 404, headers)
    path = public.joinpath(*names)
    kind = _TYPES.get(path.suffix)
    # A link inside the folder could lead out of it; only plain files below it are served.
    if kind is None or not path.is_file() or path.is_symlink() or public.resolve() not in path.resolve().parents:
        if names == ["help.html"]:
            return Response(_EMPTY, 200, headers, "text/html; charset=utf-8")
        return Response(b"", 404, headers)
    policy = path.with_suffix(".csp")
    if policy.is_file():
        headers["Content-Security-Policy"] = policy.read_text().strip()
    packed = path.with_suffix(path.suffix + ".br")
    if "br" in request.headers.get("accept-encoding", "") and packed.is_file():
        headers["Content-Encoding"] = "br"
        path = packed
    headers["Vary"] = "Accept-Encoding"
    return Response(path.read_bytes(), 200, headers, kind)


class Server:
    """A relay running in a thread: for the demo and for tests, and below `serve`."""

    def __init__(self, data: Path, public: Path | None = None, host: str = "127.0.0.1", port: int = 0) -> None:
        self.store = Store(data / "relay.db")
        self.public = public or data / "public"
        self.public.mkdir(parents=True, exist_ok=True)
        config = uvicorn.Config(
            application(self.store, self.public), host=host, port=port, log_config=None, access_log=False, server_header=False,
            date_header=False, proxy_headers=False, timeout_keep_alive=30, limit_concurrency=2000, lifespan="off",
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._socket = config.bind_socket()
        name = self._socket.getsockname()
        self.address = f"http://{name[0]}:{name[1]}"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def start(self) -> Server:
        """Begin to serve; returns when the first request would be answered."""
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """Finish what was begun and stop."""
        self._stopped.set()
        self._server.should_exit = True
        self._thread.join(10)
        self.store.close()

    def wait(self) -> None:
        """Serve until stopped; erase what has expired once a day."""
        while not self._stopped.wait(3600):
            self.store.expire(int(time.time() // DAY))


def serve(data: Path, host: str, port: int, public: Path, on_ready: Callable[[str], None] = lambda address: None) -> None:
    """Run a relay until the process is told to end."""
    server = Server(data, public, host, port).start()
    on_ready(server.address)
    try:
        server.store.expire(int(time.time() // DAY))
        server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
