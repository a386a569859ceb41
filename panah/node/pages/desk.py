"""The desk: today, search, the state of carrying, the team, settings."""

from __future__ import annotations

from starlette.responses import Response

from panah import i18n
from panah.errors import Refused
from panah.node.ask import THEMES, Ask
from panah.records import TYPES
from panah.work import cases, supervising, today


def home(ask: Ask) -> Response:
    """What needs this member now."""
    now = ask.s.now()
    # Cards, codes and addresses on their way through a form are kept in the same place; nobody goes back to those from here.
    drafts = [(key, at) for key, at in ask.s.drafts() if key.split("/")[0] in ("reply", *TYPES)]
    return ask.page("today.html", parts=today.parts_of_day(today.today(ask.s), now, i18n.end_of_day(now)), drafts=drafts)


def supervise(ask: Ask) -> Response:
    """Who needs the supervisor now, and why."""
    if "supervisor" not in ask.s.me.roles:
        raise Refused("only_a_supervisor")
    return ask.page("supervise.html", parts=supervising.needs(ask.s))


def search(ask: Ask) -> Response:
    """Search everything this member can open. Words come in the body of a post: names never stand in an address."""
    text = ask.one("text").strip()
    found = []
    for hit in ask.s.search(text, limit=30) if text else ():
        cls = TYPES.get(hit.kind)
        if cls is not None:
            record = ask.s.find(cls, hit.id)
            if record is not None:
                case = ask.s.find(TYPES["case"], record.case) if record.case else None
                found.append((cls.KIND, record, case, _link(hit.kind, hit.id)))
    part = ask.request.headers.get("x-form-token")
    return ask.page("results.html" if part else "search.html", text=text, found=found)


def _link(kind: str, id: str) -> str:
    return {"case": f"/case/{id}", "help_request": f"/inbox/{id}"}.get(kind, f"/r/{kind}/{id}")


def work_on(ask: Ask) -> Response:
    """A supervisor decides that the team works on where nobody can be met; the reason stands in the log."""
    if not ask.one("why").strip():
        raise Refused("reason_missing")
    ask.s.work_on(ask.one("why").strip())
    return ask.go("/")


def assign(ask: Ask) -> Response:
    """Hand a case to a colleague."""
    cases.assign(ask.s, ask.path("id"), ask.one("member"), lead=ask.one("lead") == "1", accepted=ask.one("accepted") == "1")
    return ask.go(f"/case/{ask.path('id')}")


def settings(ask: Ask) -> Response:
    """How this member likes to read."""
    return ask.page(
        "settings.html", themes=THEMES, densities=["", "compact"],
        reviewed=i18n.LANGUAGES[ask.lang].reviewed,
    )  # fmt: skip


def keep_settings(ask: Ask) -> Response:
    """Keep them, in this vault alone."""
    for key, allowed in (
        ("language", list(i18n.LANGUAGES)),
        ("theme", list(THEMES)),
        ("density", ["", "compact"]),
    ):
        if ask.one(key) in allowed:
            ask.s.set_setting(key, ask.one(key))
    answer = ask.go("/settings")
    for key, value in (("lang", ask.lang), ("theme", ask.theme)):
        answer.set_cookie(key, value, httponly=True, samesite="strict")
    return answer


def more(ask: Ask) -> Response:
    """The areas that do not fit a narrow screen's bar."""
    return ask.page("more.html")


def keep_draft(ask: Ask) -> Response:
    """Keep what is being typed, encrypted in the vault; a power cut loses the last few seconds at most (NN-72)."""
    key = ask.one("draft_key")[:200]
    typed = {name: values for name, values in ask.form.items() if name not in ("form_token", "draft_key")}
    if key and typed:
        ask.s.keep_draft(key, typed)
    return Response(status_code=204)


def drop_draft(ask: Ask) -> Response:
    """Forget a draft."""
    ask.s.drop_draft(ask.one("draft_key"))
    return ask.go("/")
