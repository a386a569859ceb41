"""The team's recovery shares from inside: who keeps which, trying them, making new ones, taking on the keys of the team."""

from __future__ import annotations

from starlette.responses import Response

from panah.errors import Refused
from panah.kernel import recovery, regain
from panah.node.ask import Ask
from panah.node.pages import shares
from panah.work import regaining

ACTS = ("drill", "renew", "administrator")


def index(ask: Ask) -> Response:
    """What stands about the shares, and what can be done with them."""
    s = ask.s
    return ask.page(
        "recovery.html",
        stands=regaining.standing(s),
        numbers=range(1, recovery.SHARES + 1),
        needed=recovery.NEEDED,
        administrators=[
            (tag, m) for tag, m in sorted(regain.administrators(s).items(), key=lambda d: d[1].name) if tag != s.identity.tag
        ],
        administers=regaining.administers(s),
    )


def begin(ask: Ask) -> Response:
    """Begin to gather shares for one of three things."""
    what = ask.one("what")
    if what not in ACTS:
        raise Refused("no_such_act")
    known = regain.administrators(ask.s)
    out = tuple(tag for tag in known if tag.hex() in ask.form.get("out", []) and tag != ask.s.identity.tag)
    if not ask.s.roster.authorities:
        raise Refused("recovery_not_pinned")
    return shares.show(ask, ask.doors.ceremonies.begin(what, ask.vault, out=out))


def keepers(ask: Ask) -> Response:
    """Note who keeps which share, and let go of the page that showed them."""
    regaining.note_keepers(ask.s, [ask.one(f"keeper.{n}").strip() for n in range(1, recovery.SHARES + 1)])
    ask.doors.forget_laid(ask.request.cookies.get("panah", ""), "")
    return ask.go("/team/recovery")
