"""Speak to a relay: its four verbs over HTTP, a certificate pinned where nobody vouches for it. Knows no record and no seal."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
from collections.abc import Sequence
from urllib.parse import urlsplit

from panah import puzzle
from panah.errors import Full, Refused, Unreachable, Unreadable

FETCH = 200


class _Pinned(http.client.HTTPSConnection):
    """A connection to whoever holds one certificate. Nothing is said before that certificate was compared."""

    def __init__(self, host: str, port: int | None, timeout: float, pin: bytes) -> None:
        super().__init__(host, port, timeout=timeout, context=_context())
        self._pin = pin

    def connect(self) -> None:
        super().connect()
        shown = self.sock.getpeercert(binary_form=True)
        if not hmac.compare_digest(hashlib.sha256(shown or b"").digest(), self._pin):
            self.close()
            raise Refused("certificate_differs")


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # No authority is asked and no name compared: the whole certificate is.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def certificate_at(host: str, port: int, timeout: float = 10) -> bytes:
    """The certificate that is shown at an address, to be compared by people. Nothing is said to whoever shows it."""
    try:
        with socket.create_connection((host, port), timeout) as plain, _context().wrap_socket(plain) as line:
            return line.getpeercert(binary_form=True) or b""
    except OSError as e:
        raise Unreachable("meeting_unreachable") from e


class Relay:
    """A relay at an address (http or https). Keeps one connection; every failure is Unreachable and nothing is lost.

    With a `pin`, the SHA-256 of its certificate, that certificate and no other is spoken to, whoever signed it.
    """

    def __init__(self, address: str, timeout: float = 20, pin: bytes = b"") -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unreadable("relay_address_malformed")
        self.address = f"{parts.scheme}://{parts.netloc}"
        self.place = self.address  # under which it is remembered how far this relay was read
        if pin and parts.scheme != "https":
            raise Unreadable("relay_address_malformed")
        if pin:
            self._http: http.client.HTTPConnection = _Pinned(parts.hostname, parts.port, timeout, pin)
        elif parts.scheme == "https":
            self._http = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=timeout, context=ssl.create_default_context()
            )
        else:
            self._http = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def _ask(self, path: str, body: bytes, most: int = 0, method: str = "POST") -> tuple[int, bytes]:
        for last in (False, True):
            try:
                self._http.request(method, path, body or None, {"Content-Type": "application/octet-stream"} if body else {})
                answer = self._http.getresponse()
                data = answer.read(most + 1) if most else answer.read(4096)
                if not answer.isclosed():
                    answer.close()
                    self._http.close()
                break
            except (OSError, http.client.HTTPException) as e:
                self._http.close()
                if last:
                    raise Unreachable("relay_unreachable") from e
        if most and len(data) > most:
            raise Unreadable("relay_answer_too_large")
        return answer.status, data

    def _post(self, path: str, body: bytes, most: int = 0, method: str = "POST") -> bytes:
        status, data = self._ask(path, body, most, method)
        _accepted(status)
        return data

    def deposit(self, box: bytes, id: bytes, blob: bytes) -> None:
        """Leave a blob in a mailbox; harmless when repeated. A relay with much to do asks for some work first."""
        body = box + id + blob
        status, asked = self._ask("/deposit", body)
        if status == 429 and (nonce := puzzle.solve(asked)) is not None:
            status, _ = self._ask("/solve", asked + nonce + body)
        _accepted(status)

    def keep(self, cap: bytes, id: bytes, blob: bytes) -> None:
        """Leave a blob in a mailbox of one's own: a flood by strangers does not stop it."""
        self._post("/keep", cap + id + blob)

    def add_vouchers(self, word: bytes, hashes: Sequence[bytes]) -> None:
        """Let these vouchers in, by who may publish at this relay."""
        self._post("/vouchers", word + b"".join(hashes))

    def fetch(self, cap: bytes, after: int, limit: int = FETCH) -> list[tuple[int, bytes, bytes]]:
        """(n, id, blob) of what lies in a mailbox after n."""
        data = self._post("/fetch", cap + after.to_bytes(8, "big") + limit.to_bytes(2, "big"), most=32 * 1024 * 1024)
        found, at = [], 0
        while at < len(data):
            n, size = int.from_bytes(data[at : at + 8], "big"), int.from_bytes(data[at + 40 : at + 44], "big")
            if at + 44 + size > len(data) or n <= after:
                raise Unreadable("relay_answer_malformed")
            found.append((n, data[at + 8 : at + 40], data[at + 44 : at + 44 + size]))
            at, after = at + 44 + size, n
        return found

    def delete(self, cap: bytes, up_to: int) -> None:
        """Erase what lies in a mailbox up to n."""
        self._post("/delete", cap + up_to.to_bytes(8, "big"))

    def read(self, name: str, most: int) -> bytes:
        """A public file of the relay."""
        return self._post("/" + name, b"", most, "GET")

    def close(self) -> None:
        self._http.close()


def _accepted(status: int) -> None:
    if status == 507:
        raise Full("relay_full")
    if status == 413:
        raise Full("relay_refuses_size")
    if status not in (200, 204):
        raise Unreachable("relay_refuses", status=status)
