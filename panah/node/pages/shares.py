"""Typing shares, one after the other, and what comes of them; founding a team, where they are made. Nothing typed here is kept or shown again."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response

from panah import config
from panah.errors import PanahError, Refused, Unreadable
from panah.explain import explain
from panah.kernel import regain
from panah.node.ask import COOKIE, Ask
from panah.node.ceremony import Ceremony
from panah.work import regaining

HERE = ("drill", "renew", "administrator")


def ways(ask: Ask) -> Response:
    """What can be done with shares while nothing is open."""
    return ask.page("recover.html", vaults=list(ask.doors.vaults), refused="")


def passphrase(ask: Ask) -> Response:
    """Begin: a vault on this laptop whose passphrase is forgotten."""
    path = ask.doors.vaults.get(ask.one("vault"))
    if path is None:
        raise Refused("no_vault_here")
    if not (path / regain.ESCROW).is_file():
        raise Refused("recovery_not_beside")
    return show(ask, ask.doors.ceremonies.begin("passphrase", ask.one("vault")))


def backup_file(ask: Ask) -> Response:
    """Begin: a backup that was chosen, or lies at a path of this laptop."""
    name, _ = ask.doors.free_place()
    brought, typed = ask.stored.get("backup"), ask.one("where").strip()
    if brought is None and ask.files.get("backup") is not None:
        raise Unreadable("backup_not_sealed")
    if brought is None:
        if not typed:
            raise Refused("no_file_chosen")
        if not Path(typed).expanduser().is_file():
            raise Refused("no_file_there")
    made = ask.doors.ceremonies.begin("restore", name, file=brought)
    made.source = brought or Path(typed).expanduser()
    return show(ask, made)


def show(ask: Ask, c: Ceremony, error: PanahError | None = None) -> Response:
    """The page for the next share."""
    told = explain(error.code, ask.lang) if error else ("", "")
    return ask.page(
        "shares.html",
        422 if error else 200,
        c=c,
        error=error.code if error else "",
        what=told[0],
        do=told[1],
        words=error.args_shown.get("words", 0) if error else 0,
        word=error.args_shown.get("word", 0) if error else 0,
    )


def add(ask: Ask) -> Response:
    """One share more; with the last one, what they are for."""
    c = ask.doors.ceremonies.get(ask.one("ceremony"))
    if c.what in HERE and (ask.door is None or ask.vault != c.vault):
        raise Refused("shares_of_another_window")
    try:
        if not c.add(ask.one("share")):
            return show(ask, c)
        if c.what == "passphrase":
            regain.opened(ask.doors.vaults[c.vault], c.secret)
        return ask.page("newpass.html", c=c, refused="") if c.what not in HERE else _here(ask, c)
    except (Unreadable, Refused) as e:
        if c.secret:
            c.begin_again()
        return show(ask, c, e)


def _here(ask: Ask, c: Ceremony) -> Response:
    try:
        if c.what == "drill":
            regaining.drill(ask.s, c.secret)
            numbers = sorted(c.numbers)
            ask.doors.ceremonies.end(c.token)
            return ask.page("drill.html", numbers=numbers)
        made = regaining.renew(ask.s, c.secret) if c.what == "renew" else regaining.take_over(ask.s, c.secret, c.out)
    except PanahError:
        c.begin_again()
        raise
    ask.doors.ceremonies.end(c.token)
    return _made(ask, made)


def _made(ask: Ask, made: list[str], *, first: bool = False) -> Response:
    """The new shares, this once."""
    return ask.page("made.html", shares=[share.split() for share in made], first=first)


def finish(ask: Ask) -> Response:
    """The new passphrase, for what the shares have opened."""
    c = ask.doors.ceremonies.get(ask.one("ceremony"))
    if not c.secret or c.what in HERE:
        raise Refused("shares_forgotten")
    new = ask.one("passphrase")
    if new != ask.one("again") or len(new) < 8:
        return ask.page(
            "newpass.html", 422, c=c, refused="passphrases_differ" if new != ask.one("again") else "passphrase_too_short"
        )
    if c.what == "passphrase":
        regain.new_passphrase(ask.doors.vaults[c.vault], c.secret, new)
        ask.doors.ceremonies.end(c.token)
        return ask.page("unlock.html", vaults=list(ask.doors.vaults), chosen=c.vault, refused="", said="passphrase")
    name, path = ask.doors.free_place()
    assert c.source is not None
    try:
        session, made = regaining.restore(c.source, c.secret, path, new)
    except PanahError:
        ask.doors.ceremonies.end(c.token)
        raise
    ask.doors.ceremonies.end(c.token)
    return _inside(ask, ask.doors.take_in(name, session), made)


def _inside(ask: Ask, token: str, made: list[str], *, first: bool = False) -> Response:
    ask.door = ask.doors.door(token)
    answer = _made(ask, made, first=first) if made else ask.go("/team/recovery")
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/", secure=ask.request.url.scheme == "https")
    return answer


def stop(ask: Ask) -> Response:
    """Forget what was typed."""
    ask.doors.ceremonies.end(ask.one("ceremony"))
    return ask.go("/team/recovery" if ask.door is not None else "/unlock")


def founding(ask: Ask) -> Response:
    """The form that founds a team."""
    ask.doors.free_place()
    return ask.page(
        "found.html", roles=sorted(config.ROLES), refused="", chosen=("supervisor", "intake", "caseworker", "keyholder")
    )


def found(ask: Ask) -> Response:
    """Found a team on this laptop, and show its shares."""
    name, path = ask.doors.free_place()
    new, roles = ask.one("passphrase"), tuple(ask.form.get("roles", []))
    refused = (
        "name_missing" if not ask.one("team").strip() or not ask.one("name").strip()
        else "passphrases_differ" if new != ask.one("again")
        else "passphrase_too_short" if len(new) < 8
        else "no_role_chosen" if not roles else ""
    )  # fmt: skip
    if refused:
        return ask.page("found.html", 422, roles=sorted(config.ROLES), refused=refused, chosen=roles)
    session, made = regaining.found(path, new, ask.one("name").strip(), ask.one("team").strip(), roles)
    return _inside(ask, ask.doors.take_in(name, session), made, first=True)
