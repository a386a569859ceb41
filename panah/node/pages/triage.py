"""The tent: who waits, one look at somebody, the lists, and many who arrive at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from panah.errors import Invalid, PanahError, Refused
from panah.i18n.texts import ascii_digits
from panah.node.ask import Ask
from panah.records import CODES
from panah.records.case import Case
from panah.records.triage_list import TriageList
from panah.records.triage_wait import TriageWait
from panah.work import arriving, triage

ROWS = 14
MEASURES = (("heart_rate", 20, 260), ("breaths", 4, 120), ("temperature", 25, 45), ("oxygen", 40, 100))
_AGES = CODES["age_band"]


def index(ask: Ask) -> Response:
    """Who waits."""
    s = ask.s
    return ask.page(
        "triage.html", waiting=triage.queue(s), health=s.of_desk("health"), opens=s.of_desk("supervisors"), sure=_sure(ask), ages=_AGES,
        filed={c.id for c in s.list(Case, limit=1000)}, cleared=[w for w in s.list(TriageWait, order="updated", limit=20) if w.ended],
    )  # fmt: skip


def _sure(ask: Ask) -> bool:
    return not ask.s.of_desk("health") or triage.confirmed(ask.s, triage.lists(ask.s))


def somebody(ask: Ask) -> Response:
    """Somebody without a file: look at them now."""
    if not ask.s.of_desk("health"):
        raise Refused("health_only")
    age = ask.one("age_band")
    wait = triage.somebody(ask.s, age if age in _AGES else None, red_seen=ask.one("red") == "1")
    return ask.go(f"/triage/{wait.id}")


def look(ask: Ask) -> Response:
    """One look at one person; the category comes from what was ticked."""
    s = ask.s
    wait = s.get(TriageWait, ask.path("id"))
    if ask.request.method == "GET":
        asked = ask.request.query_params.get("tool", "")
        return _look(ask, wait, "", s.draft(f"triage/{wait.id}") or {}, asked)
    age = ask.one("age_band") or (wait.age_band if isinstance(wait.age_band, str) else "")
    tool = ask.one("tool") if ask.one("tool") in CODES["triage_tool"] else ""
    try:
        seen = triage.Seen(
            age if age in _AGES else None, _signs(ask, "red", "triage_sign_red"), _signs(ask, "yellow", "triage_sign_yellow"), _measured(ask),
            _whole(ask, "muac", 50, 500), ask.one("oedema") == "1", ask.one("pregnant") == "1",
            ask.one("sv_window") if ask.one("sv_window") in CODES["sexual_violence_window"] else None,
        )  # fmt: skip
        done = triage.look(
            s, wait, seen, tool=tool, by_clinician=ask.one("clinician") == "1", lowered_because=ask.one("lowered").strip() or None,
            infectious_precaution=[p for p in ask.form.get("precaution", []) if p in CODES["precaution"]] or None,
            allergies=[{"to": ask.one("allergy").strip()}] if ask.one("allergy").strip() else None,
            injuries_note=ask.one("note").strip() or None,
        )  # fmt: skip
    except Invalid as e:
        return _look(ask, wait, e.problems[0][1], ask.form, tool)
    except PanahError as e:
        return _look(ask, wait, e.code, ask.form, tool)
    s.drop_draft(f"triage/{wait.id}")
    return ask.go(f"/triage/{wait.id}/seen#{done.id[:8]}")


def _signs(ask: Ask, name: str, codes: str) -> list[str] | None:
    ticked = [one for one in ask.form.get(name, []) if one in CODES[codes]]
    return ticked or ([] if ask.one(f"{name}_none") == "1" else None)


def _measured(ask: Ask) -> dict[str, float]:
    found = {}
    for name, low, high in MEASURES:
        typed = ascii_digits(ask.one(name)).replace(",", ".").strip()
        if not typed:
            continue
        try:
            value = float(typed)
        except ValueError:
            raise Invalid("record_has_problems", ((name, "number_wrong"),)) from None
        if not low <= value <= high:
            raise Invalid("record_has_problems", ((name, "number_wrong"),))
        found[name] = value
    return found


def _whole(ask: Ask, name: str, low: int, high: int) -> int | None:
    typed = ascii_digits(ask.one(name)).strip()
    if not typed:
        return None
    if not typed.isdigit() or not low <= int(typed) <= high:
        raise Invalid("record_has_problems", ((name, "number_wrong"),))
    return int(typed)


def _look(ask: Ask, wait: Any, error: str, typed: Mapping[str, list[str]], tool: str) -> Response:
    s = ask.s
    age = (typed.get("age_band") or [wait.age_band if isinstance(wait.age_band, str) else ""])[-1]
    used = tool if tool in CODES["triage_tool"] else triage.tool_for(age or None)
    child = used == "iitt_child_under12"
    by = triage.lists(s)
    return ask.page(
        "triage_look.html", 422 if error else 200, wait=wait, error=error, typed=typed, one=lambda name: (typed.get(name) or [""])[-1], tool=used, child=child,
        red=by.child_red if child else by.adult_red, yellow=by.child_yellow if child else by.adult_yellow, ages=_AGES, age=age, codes=CODES,
        health=s.may_write(f"health/{wait.case}"), last=triage.last_look(s, wait), sure=_sure(ask), measures=MEASURES, arm=age in triage.ARM_MEASURED,
    )  # fmt: skip


def seen(ask: Ask) -> Response:
    """What the look came to, and what is next."""
    s = ask.s
    wait = s.get(TriageWait, ask.path("id"))
    last = triage.last_look(s, wait)
    if last is None:
        return ask.go(f"/triage/{wait.id}")
    sealed = "signs_red" in last.meta.restricted
    window = triage.HOURS.get(str(last.sv_window)) if not sealed else None
    return ask.page(
        "triage_seen.html", wait=wait, last=last, reasons=() if sealed else triage.reasons(s, last), sealed=sealed, sure=_sure(ask), window=window,
        health=s.of_desk("health"), case=s.find(Case, wait.case or ""),
    )  # fmt: skip


def handed(ask: Ask) -> Response:
    """A clinician has them."""
    triage.hand_over(ask.s, ask.path("id"))
    return ask.go("/triage")


def end(ask: Ask) -> Response:
    """They wait no more, or again."""
    if ask.one("why") == "back":
        triage.back(ask.s, ask.path("id"))
    else:
        triage.end(ask.s, ask.path("id"), ask.one("why"))
    return ask.go("/triage")


def file(ask: Ask) -> Response:
    """Open the file of somebody who came first to the health desk."""
    return ask.go(f"/case/{triage.file_for(ask.s, ask.path('id')).id}")


def lists(ask: Ask) -> Response:
    """The lists in force, and who confirmed them."""
    by = triage.lists(ask.s)
    return ask.page("triage_lists.html", by=by, sure=_sure(ask), health=ask.s.of_desk("health"), kind=TriageList.KIND)


def own(ask: Ask) -> Response:
    """Make the lists the team's own, to be changed as any record is."""
    return ask.go(f"/r/triage_list/{triage.own_lists(ask.s).id}/edit")


def confirm(ask: Ask) -> Response:
    """A clinician's name under the lists."""
    triage.confirm(ask.s, ask.one("profession"))
    return ask.go("/triage/lists")


def arrive(ask: Ask) -> Response:
    """Many at once: a line for each."""
    rows = max(
        ROWS,
        min(int(ask.request.query_params["rows"]) if ask.request.query_params.get("rows", "").isdigit() else ROWS, arriving.MOST),
    )
    if ask.request.method == "GET":
        return _arrive(ask, "", ask.s.draft("arrive") or {}, rows)
    n = int(ask.one("rows")) if ask.one("rows").isdigit() and len(ask.one("rows")) < 4 else ROWS
    try:
        arriving.arrive(ask.s, [_line(ask, i) for i in range(min(n, arriving.MOST + 1))])
    except PanahError as e:
        return _arrive(ask, e.code, ask.form, n)
    ask.s.drop_draft("arrive")
    return ask.go("/triage")


def _line(ask: Ask, n: int) -> arriving.Line:
    def one(name: str) -> str:
        return ask.one(f"{name}.{n}").strip()

    age, sex = one("age"), one("sex")
    return arriving.Line(
        one("name")[:200],
        age if age in _AGES else "",
        sex if sex in CODES["sex"] else "",
        ask.one("language")[:20],
        one("with")[:20],
        one("red") == "1",
    )


def _arrive(ask: Ask, error: str, typed: Mapping[str, list[str]], rows: int) -> Response:
    return ask.page(
        "arrive.html", 422 if error else 200, error=error, rows=rows, ages=_AGES, sexes=CODES["sex"], one=lambda name: (typed.get(name) or [""])[-1],
        most=arriving.MOST,
    )  # fmt: skip
