"""The talk in which a person agrees or not: screen after screen, read aloud, each answer kept as it is given (NN-06, NN-07)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from panah.errors import Refused
from panah.i18n.spoken import sentences
from panah.kernel.session import Session
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.person import Person
from panah.work import codes, complete, rules
from panah.work.heard import lines, words

# What is said before anything is asked, after "no changes nothing" and the limits; each is a code of `explained`.
SAID = (
    "who_we_are", "purpose", "what_is_written", "who_will_see", "risks", "right_to_withdraw", "how_long_kept", "complaint_way", "no_payment",
)  # fmt: skip
# What can be asked for here. Accounts are another desk's, with other keys.
PURPOSES = (
    "case_management", "health_referral", "service_referral", "placement_with_host", "transfer_of_case", "family_tracing_search",
    "disclose_whereabouts_to_named_person", "matching_between_organisations", "best_interest_panel", "statistics_anonymous", "re_contact",
    "photo", "audio_or_video", "research", "public_use_anonymous", "public_use_identified",
)  # fmt: skip
STEPS = ("refuse", "limits", "explain", "ask", "say_back", "take_back", "copy", "done")
DECISIONS = ("yes", "yes_once", "no", "later")


def begin(s: Session, person_id: str, purposes: Iterable[str], **fields: Any) -> Consent:
    """Begin a talk with a person: what will be asked, and in which language. Who cannot decide now is asked nothing (NN-08)."""
    person = s.get(Person, person_id)
    asked = [one for one in PURPOSES if one in set(purposes)]
    if not asked:
        raise Refused("nothing_to_ask")
    able = fields.get("capacity") in ("full", "supported")
    consent = Consent(
        case=person.case,
        subject=person.id,
        scopes=[{"purpose": one, **({} if able else {"decision": "later"})} for one in asked],
        **fields,
    )
    if consent.language not in sentences():
        consent.language = "en"
    codes.give(s, consent)
    saved: Consent = rules.keep(s, consent)
    return saved


def step(s: Session, consent: Any) -> str:
    """Where the talk stands: the first of STEPS that is still to come."""
    case = s.find(Case, consent.case or "")
    explained = _explained(consent)
    if consent.refusal_effect_told is not True:
        return "refuse"
    if "reporting_limits" not in explained or (case is not None and case.limits_explained is not True):
        return "limits"
    if not set(SAID) <= set(explained):
        return "explain"
    if undecided(consent) is not None:
        return "ask"
    if consent.capacity not in ("full", "supported"):
        return "done"
    if consent.understood_check is not True:
        return "say_back"
    if not isinstance(consent.withdraw_how, str):
        return "take_back"
    return "copy" if consent.copy_given is None else "done"


def undecided(consent: Any) -> int | None:
    """The number of the first line that has no answer."""
    return next((n for n, line in enumerate(lines(consent.scopes)) if line.get("decision") is None), None)


def told(s: Session, id: str, what: str) -> Consent:
    """It was read aloud: that a no changes nothing, the limits of confidentiality, or the rest."""
    consent = s.get(Consent, id)
    with s.vault.change():
        if what == "refuse":
            consent.refusal_effect_told = True
            consent.explained = _with(consent, ("right_to_refuse",))
        elif what == "limits":
            consent.explained = _with(consent, ("reporting_limits",))
            case = s.find(Case, consent.case or "")
            if case is not None and case.limits_explained is not True:
                case.limits_explained = True
                rules.keep(s, case)
        else:
            consent.explained = _with(consent, SAID)
        return _keep(s, consent)


def name(s: Session, id: str, n: int, recipient: str, duty: str, only: str = "", never: str = "") -> Consent:
    """Before a scope is read: for whom it would be, what they must tell others by law, and which fields it is held to (NN-06)."""
    if not recipient.strip():
        raise Refused("recipient_needed")
    if not duty.strip():
        raise Refused("partner_duty_not_told")
    given = {"recipient": recipient, "duty": duty, "fields_in": only, "fields_out": never}
    return _change(s, id, n, {key: value.strip() for key, value in given.items() if value.strip()})


def needs_name(line: Any) -> bool:
    """Whether a scope cannot be read aloud before it is said for whom it is."""
    return line.get("purpose") in complete.NAMED and not (words(line, "recipient") and words(line, "duty"))


def answer(s: Session, id: str, n: int, decision: str) -> Consent:
    """The person's word on one scope. Refused for a yes to nobody in particular, and for a yes of somebody who cannot decide now."""
    if decision not in DECISIONS:
        raise Refused("choose_one")
    consent = s.get(Consent, id)
    line = _line(consent, n)
    if decision.startswith("yes"):
        if step(s, consent) in ("refuse", "limits", "explain"):
            raise Refused("explained_too_little")
        if needs_name(line):
            raise Refused("recipient_needed" if not words(line, "recipient") else "partner_duty_not_told")
    return _change(
        s, id, n, {"decision": decision.removesuffix("_once"), **({"once_only": True} if decision == "yes_once" else {})}
    )


def ask_again(s: Session, id: str, n: int) -> Consent:
    """Ask one scope once more, in the same talk: the person has thought about it."""
    consent = s.get(Consent, id)
    if _line(consent, n).get("decision") == "yes" or consent.understood_check is True:
        raise Refused("talk_is_over")
    return _change(s, id, n, {"decision": None, "once_only": None, "valid_until": None})


def another(s: Session, id: str, purpose: str) -> Consent:
    """The same question for a further recipient."""
    consent = s.get(Consent, id)
    if purpose not in complete.NAMED or purpose not in PURPOSES:
        raise Refused("nothing_to_ask")
    consent.scopes = [*lines(consent.scopes), {"purpose": purpose}]
    return _keep(s, consent)


def said_back(s: Session, id: str, *, understood: bool) -> Consent:
    """The person has said it back in their own words; if not, it is explained once more."""
    consent = s.get(Consent, id)
    consent.understood_check = understood
    if not understood:
        consent.explained = [one for one in _explained(consent) if one not in SAID]
    return _keep(s, consent)


def way_back(s: Session, id: str, how: str) -> Consent:
    """The phrase or the way by which the person takes it back, safe on a phone that others control."""
    if not how.strip():
        raise Refused("answer_needed")
    consent = s.get(Consent, id)
    consent.withdraw_how = how.strip()
    return _keep(s, consent)


def copy(s: Session, id: str, given: str) -> Consent:
    """Whether a copy is carried: only where the person says that it is safe."""
    if given not in ("given", "offered_declined", "unsafe_not_given", "memorised_phrase"):
        raise Refused("choose_one")
    consent = s.get(Consent, id)
    consent.copy_given = given
    return _keep(s, consent)


def _change(s: Session, id: str, n: int, given: dict[str, Any]) -> Consent:
    consent = s.get(Consent, id)
    line = _line(consent, n)
    changed = {key: value for key, value in {**line, **given}.items() if value is not None}
    consent.scopes = [changed if i == n else other for i, other in enumerate(lines(consent.scopes))]
    return _keep(s, consent)


def _line(consent: Any, n: int) -> dict[str, Any]:
    if not 0 <= n < len(lines(consent.scopes)):
        raise Refused("nothing_to_ask")
    return lines(consent.scopes)[n]


def _keep(s: Session, consent: Any) -> Consent:
    saved: Consent = rules.keep(s, consent)
    return saved


def _explained(consent: Any) -> list[str]:
    return [one for one in consent.explained if isinstance(one, str)] if isinstance(consent.explained, list) else []


def _with(consent: Any, more: Iterable[str]) -> list[str]:
    return [*_explained(consent), *(one for one in more if one not in _explained(consent))]
