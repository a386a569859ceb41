"""What a person allows: the one question that every act of sharing asks, and the way back (NN-03, NN-04, NN-60, NN-61)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from panah.errors import Refused
from panah.kernel.session import Session
from panah.letters import fold
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.person import Person
from panah.work import rules
from panah.work.complete import is_child

# What a carer's yes cannot give against a child's no (NN-21).
CHILD_DECIDES = frozenset(
    (
        "photo", "audio_or_video", "disclose_whereabouts_to_named_person", "testimony_internal_analysis", "testimony_confidential_dialogue",
        "testimony_accountability_body", "public_use_anonymous", "public_use_identified",
    )
)  # fmt: skip
HOLD_HOURS = 72


@dataclass(frozen=True, slots=True)
class Allowed:
    """A scope that is in force: in which consent it stands, which fields it is held to, until which day, and whether it is for once."""

    consent: str
    purpose: str
    recipient: str
    fields_in: frozenset[str] | None
    fields_out: frozenset[str]
    until: str
    once: bool


def allows(s: Session, subject: str, purpose: str, recipient: str = "") -> Allowed:
    """The scope by which this person allows this purpose, for this recipient, now. Every act of sharing begins with it.

    What counts is the newest word about the purpose and recipient. Refused: consent_not_asked, consent_refused, consent_expired,
    consent_withdrawn, consent_used, consent_never_with, capacity_blocks_consent, childs_no_stands.
    """
    consents = sorted(s.list(Consent, where={"subject": subject}, limit=500), key=lambda c: c.meta.created, reverse=True)
    if any(fold(_said(line, "who")) == fold(recipient) for c in consents for line in _lines(c.never_share_with)) and recipient:
        raise Refused("consent_never_with")
    for consent in consents:
        line = next((x for x in _lines(consent.scopes) if x.get("purpose") == purpose and fold(_said(x, "recipient")) == fold(recipient)), None)
        if line is not None:
            return _in_force(s, subject, consent, line, consents)
    raise Refused("consent_not_asked")


def _in_force(s: Session, subject: str, consent: Any, line: dict[str, Any], consents: Iterable[Any]) -> Allowed:
    purpose, today = str(line["purpose"]), rules.day_after(s.now(), 0)
    written = rules.day_after(consent.meta.created, 0)
    for other in consents:
        for back in _lines(other.withdrawn):
            # A word of a later consent stands again; one of the same day or an earlier one has been taken back.
            if back.get("purpose") in (purpose, None) and (other.id == consent.id or _said(back, "on") >= written):
                raise Refused("consent_withdrawn")
    if line.get("decision") != "yes":
        raise Refused("consent_refused" if line.get("decision") == "no" else "consent_not_asked")
    if consent.capacity not in ("full", "supported"):
        raise Refused("capacity_blocks_consent")
    if purpose in CHILD_DECIDES and consent.child_assent == "no" and is_child(s.find(Person, subject)):
        raise Refused("childs_no_stands")
    if not line.get("valid_until") or _said(line, "valid_until") < today:
        raise Refused("consent_expired")
    used = any(u.get("purpose") == purpose and fold(_said(u, "recipient")) == fold(_said(line, "recipient")) for u in _lines(consent.used))
    if line.get("once_only") and used:
        raise Refused("consent_used")
    only = _words(line.get("fields_in"))
    return Allowed(
        consent.id, purpose, _said(line, "recipient"), only or None, _words(line.get("fields_out")), _said(line, "valid_until"),
        bool(line.get("once_only")),
    )  # fmt: skip


def use(s: Session, allowed: Allowed) -> None:
    """Note that a scope was used; one that is for once only is used up with it."""
    consent = s.get(Consent, allowed.consent)
    entry = {"on": rules.day_after(s.now(), 0), "purpose": allowed.purpose, "recipient": allowed.recipient or None}
    consent.used = [*_lines(consent.used), {k: v for k, v in entry.items() if v}]
    s.save(consent)


def withdraw(s: Session, consent_id: str, purposes: Iterable[str], *, how: str, voluntary: str) -> Consent:
    """Take consent back: sharing stops at once. Where the wish may not be the person's own, they are asked on the safe way within 72 hours.

    `purposes` empty takes everything back. `voluntary` is a code of `withdrawal_voluntary`; it never delays the stop (NN-61).
    """
    consent = s.get(Consent, consent_id)
    today = rules.day_after(s.now(), 0)
    asked = list(purposes) or sorted({str(x["purpose"]) for x in _lines(consent.scopes) if x.get("purpose")})
    if not asked:
        raise Refused("consent_not_asked")
    with s.vault.change():
        back = [{"on": today, "purpose": one, "how": how, "voluntary": voluntary} for one in asked]
        consent.withdrawn = [*_lines(consent.withdrawn), *back]
        saved: Consent = rules.keep(s, consent)
        case = s.find(Case, consent.case or "")
        if case is not None and "consent_withdrawn" not in (case.alerts or []):
            case.alerts = [*(case.alerts or []), "consent_withdrawn"]
            s.save(case)
        if voluntary != "confirmed_voluntary":
            rules.task_once(s, consent.case or "", "Ask the person on the safe way whether this was their own wish", s.me.name, HOLD_HOURS, critical=True)
    return saved


def _lines(value: Any) -> list[dict[str, Any]]:
    return [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []


def _said(line: dict[str, Any], key: str) -> str:
    value = line.get(key)
    return value if isinstance(value, str) else ""


def _words(value: Any) -> frozenset[str]:
    return frozenset(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else frozenset()
