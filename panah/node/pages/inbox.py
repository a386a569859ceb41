"""The inbox: requests for help, the conversation, accepting into a case."""

from __future__ import annotations

import base64

from starlette.responses import Response

from panah.errors import Invalid, NotFound, Refused
from panah.kernel import age
from panah.node import codes
from panah.node.ask import Ask
from panah.records.codes import CODES
from panah.records.help_request import HelpRequest
from panah.records.message import Message
from panah.work import intake, openings


def index(ask: Ask) -> Response:
    """Every request, the newest first."""
    return ask.page("inbox.html", requests=ask.s.list(HelpRequest, order="created", limit=100))


def one(ask: Ask, problem: str = "", typed: str = "") -> Response:
    """One request with its conversation."""
    request = ask.s.get(HelpRequest, ask.path("id"))
    openings.note(ask.s, request)
    messages = intake.conversation(ask.s, request.id)
    holders = ask.s.holders("intake")
    draft = ask.s.draft(f"reply/{request.id}")
    typed = typed or (draft or {}).get("text", [""])[-1]
    outcomes = [c for c in CODES["contact_outcome"] if c != "became_case"]
    return ask.page(
        "request.html", r=request, messages=messages, holders=holders, problem=problem, typed=typed, outcomes=outcomes
    )


def reply(ask: Ask) -> Response:
    """Answer; what was typed is never lost."""
    id = ask.path("id")
    try:
        intake.reply(ask.s, id, ask.one("text"))
    except (Refused, Invalid) as e:
        return one(ask, e.code, ask.one("text"))
    ask.s.drop_draft(f"reply/{id}")
    return ask.go(f"/inbox/{id}")


def answer(ask: Ask) -> Response:
    """An answer that waits, for a courier to carry: as codes, and as a file."""
    message = ask.s.get(Message, ask.path("message"))
    if message.help_request != ask.path("id") or not message.sealed:
        raise NotFound("answer_not_here")
    sealed = base64.b64decode(message.sealed)
    if ask.path("how") == "file":
        return ask.file(sealed, "answer.age")
    return ask.page(
        "answer.html", codes=codes.show(sealed, "answer"), text=age.armor(sealed), request=ask.path("id"), message=message.id
    )


def accept(ask: Ask) -> Response:
    """Accept into a case."""
    return ask.go(f"/case/{intake.accept(ask.s, ask.path('id')).id}")


def end(ask: Ask) -> Response:
    """Note how a contact ended without a case."""
    intake.end(ask.s, ask.path("id"), ask.one("outcome"))
    return ask.go("/inbox")
