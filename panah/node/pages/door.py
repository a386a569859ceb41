"""Unlock and lock."""

from __future__ import annotations

import time

from starlette.responses import HTMLResponse, Response

from panah import i18n
from panah.errors import Busy, PanahError
from panah.node.ask import COOKIE, Ask

# Every refusal takes at least this long, whatever the reason, beside the slow derivation itself.
_REFUSAL_SECONDS = 0.5


def show(ask: Ask) -> Response:
    """The page of a locked vault."""
    if ask.door is not None:
        return ask.go("/")
    chosen = ask.request.query_params.get("lang", "")
    if chosen in i18n.LANGUAGES:
        answer = ask.go("/unlock")
        answer.set_cookie("lang", chosen, httponly=True, samesite="strict")
        return answer
    return ask.page("unlock.html", vaults=list(ask.doors.vaults), chosen="", refused="", said="")


def unlock(ask: Ask) -> Response:
    """Open a vault with its passphrase; a wrong one gets the same sentence always."""
    began = time.monotonic()
    chosen = ask.one("vault")
    try:
        token = ask.doors.unlock(chosen, ask.one("passphrase"))
    except PanahError as e:
        time.sleep(max(0.0, _REFUSAL_SECONDS - (time.monotonic() - began)))
        refused = e.code if isinstance(e, Busy) or e.code.startswith("vault_") else "passphrase_wrong"
        return ask.page("unlock.html", 403, vaults=list(ask.doors.vaults), chosen=chosen, refused=refused, said="")
    answer = ask.go("/")
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/", secure=ask.request.url.scheme == "https")
    return answer


def lock(ask: Ask) -> Response:
    """The lock button and the panic key: every key is dropped before the answer is sent. An idle window waits for what is being carried."""
    ask.doors.lock(ask.request.cookies.get(COOKIE, ""), idle="idle" in ask.request.query_params)
    answer = ask.go("/unlock")
    answer.delete_cookie(COOKIE)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def answer(ask: Ask) -> Response:
    """The answer to a post, where it was laid aside for this browser."""
    laid = ask.doors.laid(ask.path("token"), ask.request.cookies.get(COOKIE, ""))
    return HTMLResponse(laid.page, laid.status)
