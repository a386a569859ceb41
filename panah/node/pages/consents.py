"""Consent: what each person said, the talk that is read aloud, the copy, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from starlette.responses import Response

from panah.errors import Invalid, PanahError, Refused
from panah.i18n.spoken import sentences
from panah.node.ask import Ask
from panah.records.case import Case
from panah.records.codes import CODES
from panah.records.consent import Consent
from panah.records.person import Person
from panah.work import aloud, complete, consents
from panah.work.heard import lines

DEFAULT = ("case_management", "service_referral", "statistics_anonymous", "re_contact")


def index(ask: Ask) -> Response:
    """What each person of a case said, as it counts now."""
    s = ask.s
    case = s.get(Case, ask.path("id"))
    people = [
        (person, consents.overview(s, person.id), s.list(Consent, where={"subject": person.id}, limit=50))
        for person in s.list(Person, where={"case": case.id}, order="created", descending=False, limit=200)
    ]
    held = consents.held_until(s, case.id)
    return ask.page("consents.html", case=case, people=people, held=held, voluntary=CODES["withdrawal_voluntary"])


def begin(ask: Ask) -> Response:
    """What will be asked, of whom, in which language: for the helper, before the person listens."""
    s = ask.s
    person = s.get(Person, ask.path("id"))
    if ask.request.method == "GET":
        return _begin(ask, person, "")
    private, child = ask.one("private"), ask.one("child_assent")
    try:
        consent = aloud.begin(
            s, person.id, ask.form.get("purpose", []), language=ask.one("language"), given_by=ask.one("given_by") or None,
            capacity=ask.one("capacity") or None, mode=ask.one("mode") or None, private={"1": True, "0": False}.get(private),
            interpreter=ask.one("interpreter").strip() or None, child_assent=child or None,
        )  # fmt: skip
    except PanahError as e:
        return _begin(ask, person, e.code)
    return ask.go(f"/consent/{consent.id}/say")


def _begin(ask: Ask, person: Person, error: str) -> Response:
    spoken = person.language_spoken if isinstance(person.language_spoken, str) else ""
    lang = ask.one("language") or (spoken if spoken in sentences() else ask.lang)
    return ask.page(
        "consent_begin.html", 422 if error else 200, person=person, case=ask.s.find(Case, person.case or ""), error=error, said=sentences(), chosen=lang,
        purposes=aloud.PURPOSES, picked=ask.form.get("purpose", DEFAULT), codes=CODES, child=complete.is_child(person), typed=ask.one,
    )  # fmt: skip


def say(ask: Ask) -> Response:
    """One screen of the talk: what is read aloud, and the buttons."""
    return _say(ask, ask.s.get(Consent, ask.path("id")), "")


def _say(ask: Ask, consent: Any, error: str, typed: Mapping[str, list[str]] = MappingProxyType({})) -> Response:
    step = aloud.step(ask.s, consent)
    n = aloud.undecided(consent)
    line = lines(consent.scopes)[n] if step == "ask" and n is not None else {}
    draft = f"talk/{consent.id}/{step}/{n if line else ''}"
    lang = consent.language if consent.language in sentences() else "en"
    return ask.page(
        "consent_say.html", 422 if error else 200, consent=consent, case=ask.s.find(Case, consent.case or ""), error=error, step=step, n=n, line=line,
        naming=bool(line) and aloud.needs_name(line), said=sentences()[lang], spoken=lang, explains=aloud.SAID, scopes=lines(consent.scopes),
        draft=draft, typed=typed or ask.s.draft(draft) or {}, more=sorted({str(one.get("purpose")) for one in lines(consent.scopes)} & complete.NAMED),
        answered=sum(one.get("decision") is not None for one in lines(consent.scopes)), lacks=complete.lacking(ask.s, consent) if step == "done" else (),
    )  # fmt: skip


def said(ask: Ask) -> Response:
    """An answer of the talk: kept at once, then the next screen."""
    s, id, step = ask.s, ask.path("id"), ask.one("step")
    n = int(ask.one("n")) if ask.one("n").isdigit() and len(ask.one("n")) < 4 else 0
    try:
        if step in ("refuse", "limits", "explain"):
            aloud.told(s, id, step)
        elif step == "name":
            aloud.name(s, id, n, ask.one("recipient"), ask.one("duty"), ask.one("only"), ask.one("never"))
        elif step == "ask":
            aloud.answer(s, id, n, ask.one("decision"))
        elif step == "again":
            aloud.ask_again(s, id, n)
        elif step == "another":
            aloud.another(s, id, ask.one("purpose"))
        elif step == "say_back":
            aloud.said_back(s, id, understood=ask.one("understood") == "1")
        elif step == "take_back":
            aloud.way_back(s, id, ask.one("how"))
        else:
            aloud.copy(s, id, ask.one("copy"))
    except (Refused, Invalid) as e:
        # What was typed comes back with the reason.
        return _say(ask, s.get(Consent, id), e.problems[0][1] if isinstance(e, Invalid) else e.code, ask.form)
    s.drop_draft(ask.one("draft_key"))
    return ask.go(f"/consent/{id}/say")


def copy(ask: Ask) -> Response:
    """The copy to carry: only where the person said that it is safe."""
    consent = ask.s.get(Consent, ask.path("id"))
    if consent.copy_given != "given":
        raise Refused("copy_not_safe")
    lang = consent.language if consent.language in sentences() else "en"
    return ask.page("consent_copy.html", consent=consent, said=sentences()[lang], spoken=lang, scopes=lines(consent.scopes))


def back(ask: Ask) -> Response:
    """Take consent back: one act, and sharing stops."""
    consent = ask.s.get(Consent, ask.path("id"))
    purposes = [one for one in ask.form.get("purpose", []) if one in CODES["consent_purpose"]]
    consents.withdraw(ask.s, consent.id, purposes, how=ask.one("how"), voluntary=ask.one("voluntary"))
    return ask.go(f"/case/{consent.case}/consents")
