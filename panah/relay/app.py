"""Every address of a relay, and running one. Holds no key, knows no record, logs no request.

Capabilities come in bodies only, never in an address. What each verb does is in mail.py, the public files are in public.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from panah import puzzle
from panah.errors import Busy, Full, PanahError, Refused
from panah.relay import public as public_files
from panah.relay import settings
from panah.relay.commit import MOST_ITEMS, Commits
from panah.relay.mail import DAY, MOST_BLOB, Bodies, Mail, Refuse
from panah.relay.slow import LOOK_SECONDS, Patience
from panah.relay.store import Keeper, Store

MOST_CONNECTIONS = 8000
KEEP_ALIVE_SECONDS = 10
STOP_SECONDS = 5

# Further addresses of a relay, made by whoever starts it: it may hold what a relay does not know.
More = Callable[[Mail, Keeper, Bodies, Path], list[Route]]

# What a help page may do that was opened from a file or from another relay. No answer depends on who asks, and there are no cookies.
_FROM_PAGES = ("/deposit", "/solve", "/vouch", "/visit", "/delete")
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "86400",
}


def application(
    store: Keeper,
    public_dir: Path,
    *,
    publish: bytes = b"",
    clock: Callable[[], float] = time.time,
    most_items: int = MOST_ITEMS,
    more: More | None = None,
) -> Starlette:
    """The web application. `publish` is the SHA-256 of the word that lets its holder publish; `most_items` bounds a transaction."""
    mail = Mail(store, clock, Commits(store, most_items))
    bodies = Bodies()

    async def publish_file(body: bytes) -> bytes:
        if not await asyncio.to_thread(public_files.publish, public_dir, publish, body):
            raise Refuse(400)
        return b""

    async def take_vouchers(body: bytes) -> bytes:
        hashes = public_files.vouchers(publish, body)
        if not hashes or not await asyncio.to_thread(store.add_vouchers, hashes):
            raise Refuse(400)
        return b""

    def file(request: Request) -> Response:
        return public_files.serve(public_dir, request.path_params["name"], request.headers.get("accept-encoding", ""))

    def post(path: str, done: int, most: int, verb: Callable[[bytes], Awaitable[bytes]]) -> Route:
        async def answer(request: Request) -> Response:
            if request.method == "OPTIONS":
                return _answer(path, 204)
            try:
                async with bodies.read(request, most) as body:
                    return _answer(path, done, await verb(body))
            except Refuse as e:
                return _answer(path, e.status, e.body)
            except Full as e:
                _say(e.code)
                return _answer(path, 507)

        return Route(path, answer, methods=["POST", "OPTIONS"] if path in _FROM_PAGES else ["POST"])

    app = Starlette(
        routes=[
            post("/deposit", 204, 64 + MOST_BLOB, mail.deposit),
            post("/solve", 204, puzzle.SIZE + puzzle.NONCE + 64 + MOST_BLOB, mail.solve),
            post("/vouch", 204, puzzle.VOUCHER + 64 + MOST_BLOB, mail.vouch),
            post("/keep", 204, 64 + MOST_BLOB, mail.keep),
            post("/vouchers", 204, 32 + 32 * public_files.MOST_VOUCHERS, take_vouchers),
            post("/fetch", 200, 42, mail.fetch),
            post("/delete", 204, 40, mail.delete),
            post("/visit", 200, 40, mail.visit),
            post("/publish", 204, 33 + 255 + MOST_BLOB, publish_file),
            *(more(mail, store, bodies, public_dir) if more else ()),
            Route("/{name:path}", file, methods=["GET", "HEAD"]),
        ],
        exception_handlers={HTTPException: _not_here, Exception: _failed},
    )
    app.router.redirect_slashes = False  # a redirect would repeat the address that was asked for
    return app


def _answer(path: str, status: int, body: bytes = b"") -> Response:
    headers = {**public_files.SAFE, **(_CORS if path in _FROM_PAGES else {})}
    return Response(body, status, headers, "application/octet-stream" if body or status == 200 else None)


def _say(code: str) -> None:
    """All that a relay ever writes: a code, without a word of the request that met it."""
    print(code, file=sys.stderr, flush=True)


def _not_here(request: Request, e: Exception) -> Response:
    return Response(b"", e.status_code if isinstance(e, HTTPException) else 404, public_files.SAFE)


def _failed(request: Request, e: Exception) -> Response:
    _say(e.code if isinstance(e, PanahError) else "relay_failed")
    return _answer(request.scope["path"], 503)


def _open(data: Path, told: settings.Settings) -> Keeper:
    if not told.postgres:
        return Store(data / "relay.db", most_bytes=told.most_bytes)
    try:
        from panah.relay.postgres import Postgres
    except ImportError as e:
        raise Refused("relay_postgres_missing") from e
    return Postgres(told.postgres, most_bytes=told.most_bytes)


class _Uvicorn(uvicorn.Server):
    """uvicorn, with slow connections closed and signals left alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._patience = Patience()

    async def on_tick(self, counter: int) -> bool:
        if counter % (LOOK_SECONDS * 10) == 0:  # it ticks ten times a second
            self._patience.look(self.server_state.connections, time.monotonic())
        return await super().on_tick(counter)


class Server:
    """A relay in a thread of its own: for tests and the demo, and below `serve`. Port 0 finds a free one."""

    def __init__(
        self,
        data: Path,
        public: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        most_items: int = MOST_ITEMS,
        tls: ssl.SSLContext | None = None,
        more: More | None = None,
    ) -> None:
        told = settings.read(data)
        self._socket = _listen(host, port)
        try:
            self.store = _open(data, told)
        except BaseException:
            self._socket.close()
            raise
        self.public = public or data / "public"
        self.public.mkdir(parents=True, exist_ok=True)
        app = application(self.store, self.public, publish=told.publish, most_items=most_items, more=more)
        name = self._socket.getsockname()
        scheme = "https" if tls else "http"
        self.address = f"{scheme}://[{name[0]}]:{name[1]}" if ":" in name[0] else f"{scheme}://{name[0]}:{name[1]}"
        self._uvicorn = _Uvicorn(_config(app, tls))
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._uvicorn.run, args=([self._socket],), name="relay", daemon=True)
        self._expiry = threading.Thread(target=self._expire, name="relay-expiry", daemon=True)

    def start(self) -> Server:
        """Begin to serve; returns when the first request would be answered."""
        self._thread.start()
        self._expiry.start()
        while not self._uvicorn.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """Finish what was begun and stop."""
        self._stopped.set()
        self._uvicorn.should_exit = True
        self._thread.join(2 * STOP_SECONDS)
        self._expiry.join(2 * STOP_SECONDS)
        self.store.close()

    def wait(self, ended: threading.Event) -> None:
        """Serve until told to end."""
        while self._thread.is_alive() and not ended.wait(1):
            pass

    def _expire(self) -> None:
        """Erase what is due, at the start and every hour: a machine that is switched off at night has its day too. Between, note who read."""
        while True:
            for minute in range(60):
                try:
                    if minute:
                        self.store.note_readers()
                    else:
                        self.store.expire(int(time.time() // DAY))
                except PanahError as e:
                    _say(e.code)
                if self._stopped.wait(60):
                    return


def _config(app: Starlette, tls: ssl.SSLContext | None = None) -> uvicorn.Config:
    # Every logger of uvicorn is silenced: at its lowest level it names addresses, and its tracebacks end in the operator's log.
    return uvicorn.Config(
        app, http="h11", ws="none", loop="asyncio", lifespan="off", log_config=None, log_level="critical", access_log=False,
        server_header=False, date_header=False, proxy_headers=False, timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS, limit_concurrency=_most_connections(),
        ssl_context_factory=(lambda config, default: tls) if tls else None,
    )  # fmt: skip


def _most_connections() -> int:
    """As many as the system gives files for, and not more than we mean to serve."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + 100
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(10, min(MOST_CONNECTIONS, soft - 100))


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family)
        # asyncio sets this on sockets it made itself only; without it an answer waits 40 ms on a connection that is kept open.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as e:
        raise Busy("relay_address_in_use", port=port) from e


def serve(
    data_dir: Path,
    host: str,
    port: int,
    public_dir: Path | None = None,
    on_ready: Callable[[str], None] | None = None,
    more: More | None = None,
) -> None:
    """Run a relay until the process is told to end."""
    ended = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
    server = Server(data_dir, public_dir, host, port, more=more).start()
    if on_ready:
        on_ready(server.address)
    try:
        server.wait(ended)
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
