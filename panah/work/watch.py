"""Watch the served help page: fetched at random times, compared with what the root signed, and an alarm on one changed byte.

Every visitor is served the same bytes, so whoever changes the page for one person has to change it for the watcher too.
"""

from __future__ import annotations

import hashlib
import random
from typing import NamedTuple

from panah.errors import Refused, Unreachable, Unreadable
from panah.kernel import log
from panah.kernel.session import Session
from panah.page import build as pages
from panah.records.intake_key import IntakeKey
from panah.work import page, rules

# Between two looks, in hours: short enough to matter within a day, and never the same, so that nobody knows the next one.
BETWEEN = (1.0, 9.0)
_dice = random.SystemRandom()


class Look(NamedTuple):
    """How the page of one relay was found last. `code` is "" where it was the team's own; `evidence` names the bytes that were kept."""

    address: str
    day: str
    code: str
    evidence: str

    @property
    def alarm(self) -> bool:
        """Whether something was served that the team did not sign, or that it has given up."""
        return bool(self.code) and self.code != "page_not_found"


def root_of(s: Session) -> bytes:
    """The root key by which this vault knows the page; Refused where the intake desk's keys are not."""
    return bytes.fromhex(str(_newest(s).root))


def _newest(s: Session) -> IntakeKey:
    key = next((k for k in s.list(IntakeKey, limit=100) if k.retired_on is None), None) if "intake" in s.names else None
    if key is None:
        raise Refused("no_key_here")
    return key


def look(s: Session, address: str) -> Look:
    """Fetch the page of one relay and compare it. What differs is kept whole, with the day, until somebody has looked at it."""
    key = _newest(s)
    earlier = {one.address: one for one in looks(s)}.get(address)
    code, evidence = "", ""
    try:
        html = page.fetch(address + "/")
    except Unreachable as e:
        code, html = e.code, b""
    except Unreadable as e:
        code, html = e.code, b""
    if html:
        try:
            page.verify(html, bytes.fromhex(str(key.root)))
            if pages.config_of(html)["intake"]["recipients"] != [key.recipient, key.recovery]:
                raise Unreadable("page_outdated")
        except Unreadable as e:
            code, evidence = e.code, hashlib.sha256(html).hexdigest()
            with s.vault.change():
                log.hold(s, html, address, e.code)
    # A page that cannot be reached after an alarm is no reason to forget the alarm.
    if code == "page_not_found" and earlier is not None and earlier.alarm:
        return earlier
    found = Look(address, rules.day_after(s.now(), 0), code, evidence)
    s.set_setting("page_watch." + address, list(found))
    return found


def looks(s: Session) -> list[Look]:
    """The last look at each of the team's relays that was looked at."""
    found = [s.setting("page_watch." + address) for address in s.setting("relays", [])]
    return [Look(*one) for one in found if one]


def alarms(s: Session) -> list[Look]:
    """The looks that found what the team did not sign."""
    return [one for one in looks(s) if one.alarm]


def evidence(s: Session, name: str) -> bytes:
    """The bytes that were served instead of the page, by their hash; Refused where no alarm names them."""
    if name in [one.evidence for one in alarms(s) if one.evidence]:
        data = s.vault.held_bytes(bytes.fromhex(name))
        if data is not None:
            return data
    raise Refused("no_evidence_here")


def when_due(s: Session) -> None:
    """Look at every relay if the hour that was drawn has come, and draw the next."""
    if "intake" not in s.names or s.now() < s.setting("page_watch_next", 0):
        return
    s.set_setting("page_watch_next", s.now() + 3600 * _dice.uniform(*BETWEEN))
    for address in s.setting("relays", []):
        look(s, address)
