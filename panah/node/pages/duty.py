"""Duty: put cases behind glass for a colleague, break one open for an hour, review that."""

from __future__ import annotations

from starlette.responses import Response

from panah.node.ask import Ask
from panah.work import duty


def index(ask: Ask) -> Response:
    """What is behind glass here; for supervisors the form of a duty."""
    s = ask.s
    gives = s.of_desk("supervisors")
    return ask.page(
        "duty.html", panes=duty.behind_glass(s), gives=gives, people=duty.eligible(s) if gives else [],
        cases=duty.cases(s)[:200] if gives else [], minutes=duty.MINUTES,
    )  # fmt: skip


def give(ask: Ask) -> Response:
    """Put cases behind glass."""
    hours = ask.one("hours")
    duty.give(ask.s, ask.one("member"), ask.form.get("cases", []), int(hours) if hours.isdigit() and len(hours) < 4 else 0)
    return ask.go("/duty")


def break_(ask: Ask) -> Response:
    """Break the glass of one case, with a reason."""
    return ask.go(f"/case/{duty.break_(ask.s, ask.one('pane'), ask.one('reason'))}")


def reviewed(ask: Ask) -> Response:
    """A supervisor has looked at a break."""
    duty.reviewed(ask.s, ask.path("id"))
    return ask.go(f"/case/{ask.path('id')}")
