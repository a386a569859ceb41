"""Where laptops meet: an address and the fingerprint of a certificate, as a code to scan or as digits to compare. See spec/meeting.md."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

from panah.errors import Refused, Unreadable
from panah.kernel import certificate, enrol, relay
from panah.kernel.session import Session

PORT = 8447
_MOST_KNOWN = 50
_PENDING = "nearby"


class Spot(NamedTuple):
    """Where to go and whom to expect there."""

    host: str
    port: int
    pin: bytes

    @property
    def shown(self) -> str:
        """As people read and type it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def address(self) -> str:
        """As a relay is named."""
        return "https://" + self.shown


def is_private(host: str) -> bool:
    """Whether this is an address of a network that nobody reaches from outside. Names are not asked about: that would tell others."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_private and not address.is_unspecified


def spot(typed: str) -> Spot:
    """An address as somebody typed it; Refused if it is none of a network nearby."""
    try:
        parts = urlsplit("//" + typed.strip().removeprefix("https://").rstrip("/"))
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError as e:
        raise Refused("meeting_address_malformed") from e
    try:
        ipaddress.ip_address(host)
    except ValueError as e:
        raise Refused("meeting_address_malformed") from e
    if not is_private(host):
        raise Refused("meeting_address_not_private")
    return Spot(host, port, b"")


def code(where: Spot) -> bytes:
    """The bytes of the code that a guest scans."""
    return where.pin + where.shown.encode()


def read_code(data: bytes) -> Spot:
    """The spot in a code; Unreadable if it is none, and Refused if it leads out of the building."""
    try:
        shown = data[32:].decode("ascii")
    except UnicodeDecodeError as e:
        raise Unreadable("meeting_code_malformed") from e
    if not 32 + 9 <= len(data) <= 32 + 64:
        raise Unreadable("meeting_code_malformed")
    found = spot(shown)._replace(pin=data[:32])
    if code(found) != data:
        raise Unreadable("meeting_code_malformed")
    return found


def own_digits(s: Session) -> str:
    """What this laptop's screen shows for comparing."""
    return enrol.words(certificate.of(s))


def look(s: Session, typed: str) -> tuple[Spot, str]:
    """Who is at an address, with the digits to compare: none where this very certificate was compared before."""
    where = spot(typed)
    der = relay.certificate_at(where.host, where.port)
    where = where._replace(pin=certificate.fingerprint(der))
    if where.pin.hex() in known(s):
        return where, ""
    s.keep_draft(_PENDING, {"host": where.host, "port": where.port, "pin": where.pin})
    return where, enrol.words(der)


def agreed(s: Session) -> Spot:
    """The digits were the same: from now on that certificate is known."""
    pending = s.draft(_PENDING)
    if pending is None:
        raise Refused("meeting_none_to_agree")
    s.drop_draft(_PENDING)
    where = Spot(pending["host"], pending["port"], pending["pin"])
    remember(s, where)
    return where


def known(s: Session) -> dict[str, str]:
    """Certificates that were compared or scanned (SHA-256 in hex), and the address of each when it was met last."""
    return dict(s.setting("laptops", {}))


def remember(s: Session, where: Spot) -> None:
    """Know this certificate the next time."""
    all_known = known(s)
    all_known.pop(where.pin.hex(), None)
    all_known[where.pin.hex()] = where.shown
    s.set_setting("laptops", dict(list(all_known.items())[-_MOST_KNOWN:]))
