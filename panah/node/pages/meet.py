"""Meet another laptop without any network but the one between the two: serve a place, or go to one."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from panah.errors import Refused
from panah.node import codes
from panah.node.ask import Ask
from panah.work import nearby

MINUTES = (15, 30, 60, 120)


def index(ask: Ask) -> Response:
    """The meeting that runs, or the two ways into one."""
    s, carrying = ask.s, ask.doors.carrying
    meeting = carrying.meeting(ask.vault)
    shown: dict[str, Any] = {}
    if meeting is not None and meeting.hosts:
        where = nearby.spot(meeting.address)._replace(pin=meeting.pin)
        shown = {"codes": codes.show(nearby.code(where), "meet"), "shown": where.shown, "words": nearby.own_digits(s)}
    running = meeting is not None and meeting.running
    return ask.page(
        "nearby.html",
        meeting=meeting,
        running=running,
        refresh=5 if running else 0,
        addresses=carrying.ground.addresses() if carrying.ground is not None else [],
        offered=carrying.ground is not None,
        minutes=MINUTES,
        known=sorted(set(nearby.known(s).values())),
        **shown,
    )


def host(ask: Ask) -> Response:
    """Let laptops nearby meet here."""
    where = nearby.spot(ask.one("typed") or ask.one("address"))
    ask.doors.carrying.host(ask.vault, ask.s, ask.folder("nearby"), where.host, _minutes(ask))
    return ask.go("/sync/nearby")


def go(ask: Ask) -> Response:
    """Go to a laptop nearby: by its code, or by its address and the digits."""
    s, text = ask.s, ask.one("code").strip()
    data = codes.taken(ask, "meet")
    if data is not None:
        where = nearby.read_code(data)
        nearby.remember(s, where)
        return _join(ask, where)
    if not text:
        raise Refused("meeting_nothing_given")
    where, words = nearby.look(s, text)
    if words:
        return ask.page("nearby_digits.html", words=words, shown=where.shown, given=_minutes(ask))
    return _join(ask, where)


def agree(ask: Ask) -> Response:
    """The digits on both screens are the same."""
    return _join(ask, nearby.agreed(ask.s))


def end(ask: Ask) -> Response:
    """Stop meeting."""
    meeting = ask.doors.carrying.meeting(ask.vault)
    if meeting is not None:
        meeting.stop(3)
    return ask.go("/sync/nearby")


def _join(ask: Ask, where: nearby.Spot) -> Response:
    ask.doors.carrying.join(ask.vault, ask.s, where.address, where.pin, _minutes(ask))
    return ask.go("/sync/nearby")


def _minutes(ask: Ask) -> int:
    given = ask.one("minutes")
    return int(given) if given.isdigit() and int(given) in MINUTES else MINUTES[1]
