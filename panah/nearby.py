"""A relay for laptops nearby, beside a node: the one place that knows both. The node gets it handed in, and never sees inside."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from panah.errors import Busy, Refused
from panah.kernel.sync import MEETING_FILE
from panah.node.carrying import Ground
from panah.relay.app import Server
from panah.relay.settings import NAME as SETTINGS
from panah.work.nearby import PORT, is_private

MOST_BYTES = 8 * 1024 * 1024 * 1024  # what strangers on the same network could fill, until the meeting ends


class Place:
    """Where a meeting is: a relay in a folder of its own, which begins empty and is gone when the meeting ends."""

    def __init__(self, folder: Path, host: str, tls: ssl.SSLContext) -> None:
        if not is_private(host):
            raise Refused("meeting_address_not_private")
        self._folder = folder
        clear(folder)
        public = folder / "public"
        public.mkdir(parents=True, mode=0o700)
        (folder / SETTINGS).write_text(f"most_bytes = {MOST_BYTES}\n")
        # Whoever comes back knows by this word how far they were, and that another meeting began from nothing.
        (public / MEETING_FILE).write_text(secrets.token_hex(32))
        try:
            self._server = _serve(folder, host, tls)
        except BaseException:
            clear(folder)
            raise
        parts = urlsplit(self._server.address)
        self.host, self.port = host, parts.port or 0

    def stop(self) -> None:
        """Serve nobody any more, and leave nothing behind."""
        self._server.stop()
        clear(self._folder)


def _serve(folder: Path, host: str, tls: ssl.SSLContext) -> Server:
    # One port that people can remember; another one if this machine has a meeting there already.
    with contextlib.suppress(Busy):
        return Server(folder, host=host, port=PORT, tls=tls).start()
    return Server(folder, host=host, tls=tls).start()


def clear(folder: Path) -> None:
    """Take away what a meeting left, also one that a crash ended."""
    shutil.rmtree(folder, ignore_errors=True)


def addresses() -> list[str]:
    """The private addresses of this machine, as well as they can be known without asking anybody."""
    found = dict.fromkeys(host for host in _own_addresses() if is_private(host) and not ipaddress.ip_address(host).is_loopback)
    return list(found)


def _own_addresses() -> Iterator[str]:
    # Connecting a datagram socket sends nothing: the system says which of its addresses it would use.
    for far in ("192.168.255.254", "10.255.255.254", "172.31.255.254", "169.254.255.254"):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect((far, 9))
            yield s.getsockname()[0]
    with contextlib.suppress(OSError):
        for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET):
            yield str(one[4][0])


GROUND = Ground(Place, addresses)
