"""What stands before every page: the right host, the right origin, a strict policy, bounded bodies. Plain ASGI, no page knows it."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY = 64 * 1024 * 1024
# Where a bundle comes in as a stream: it never stands in memory, and the disk bounds it.
STREAMS, MOST_STREAM = ("/sync/in", "/recover/backup", "/team/backups/verify"), 64 * 1024 * 1024 * 1024

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=()",
}


class Guard:
    """Refuses what does not come from our own pages. Stops DNS rebinding by the host, forged posts by the origin (and by the form token)."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._allowed(scope["method"], headers):
            await PlainTextResponse("refused\n", 403)(scope, receive, send)
            return
        if "transfer-encoding" in headers:
            # Browsers say how long a form is; a body without end would fill the memory before anybody counted.
            await PlainTextResponse("say the length\n", 411)(scope, receive, send)
            return
        most = MOST_STREAM if scope["path"] in STREAMS else MOST_BODY
        if int(headers.get("content-length") or 0) > most:
            await PlainTextResponse("too large\n", 413)(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                # A drawn picture brings a policy that is stricter still.
                for name, value in HEADERS.items():
                    out.setdefault(name, value)
                out.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, guarded)

    def _allowed(self, method: str, headers: Headers) -> bool:
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname or ""
        if name not in self.hosts:
            return False
        if method in ("GET", "HEAD"):
            return headers.get("sec-fetch-site", "none") in ("none", "same-origin") or headers.get("sec-fetch-mode") == "navigate"
        site = headers.get("sec-fetch-site")
        if site is not None:
            # With no-referrer a browser names its own origin "null"; where it says how it got here, that is believed instead.
            return site == "same-origin"
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc == host
