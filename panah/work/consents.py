"""What a person allows: the one question that every act of sharing asks, and the way back (NN-03, NN-04, NN-60, NN-61)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from panah.errors import Refused
from panah.kernel.session import Session
from panah.letters import fold
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.person import Person
from panah.work import complete, rules
from panah.work.heard import lines, standing, taken_back, words

# What a carer's yes cannot give against a child's no (NN-21).
CHILD_DECIDES = frozenset(
    (
        "photo", "audio_or_video", "disclose_whereabouts_to_named_person", "testimony_internal_analysis", "testimony_confidential_dialogue",
        "testimony_accountability_body", "public_use_anonymous", "public_use_identified",
    )
)  # fmt: skip
# What is never asked of a child here, whoever agrees (NN-22).
NEVER_OF_CHILDREN = frozenset(("testimony_internal_analysis", "testimony_confidential_dialogue", "testimony_accountability_body"))
DAYS = 90
HOLD_HOURS = 72
SAFE_WAY = "Ask the person on the safe way whether this was their own wish"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A scope that is in force: in which consents it stands, which fields it is held to, until which day, and whether it is for once."""

    consents: tuple[str, ...]
    purpose: str
    recipient: str
    fields_in: frozenset[str] | None
    fields_out: frozenset[str]
    until: str
    once: bool

    def fields(self, profile: Iterable[str]) -> frozenset[str]:
        """What may leave of the fields that an act asks for: never more than those, within what is allowed, without what is not."""
        asked = frozenset(profile)
        return (asked if self.fields_in is None else asked & self.fields_in) - self.fields_out


def allows(s: Session, subject: str, purpose: str, recipient: str = "", at: float | None = None) -> Allowed:
    """The scope by which this person allows this purpose, for this recipient, now. Every act of sharing begins with it.

    What counts is what stands: answers that nobody who knew of them has asked anew. Where two stand, only what both allow.
    Refused with a code of `panah/explain/work.py`.
    """
    found = list(s.list(Consent, where={"subject": subject}, limit=1000))
    person = s.find(Person, subject)
    if person is not None and rules.sharing_stopped(s, person.case or ""):
        raise Refused("sharing_stopped")
    code = refusal(s, found, person, purpose, recipient, s.now() if at is None else at)
    if code:
        raise Refused(code)
    return _joined(list(standing(found, purpose, recipient)), purpose, recipient)


def refusal(s: Session, found: Sequence[Any], person: Person | None, purpose: str, recipient: str, at: float) -> str:
    """Why an act of sharing is refused, or nothing. `found` is every consent of the person."""
    if purpose in complete.NAMED and not recipient.strip():
        return "recipient_needed"
    if recipient and any(fold(words(line, "who")) == fold(recipient) for c in found for line in lines(c.never_share_with)):
        return "consent_never_with"
    if purpose in NEVER_OF_CHILDREN and complete.is_child(person):
        return "child_gives_no_account"
    stands = list(standing(found, purpose, recipient))
    if any(taken_back(found, consent, purpose) for consent, _ in stands):
        return "consent_withdrawn"
    if any(line.get("decision") == "no" for _, line in stands):
        return "consent_refused"
    if not stands or any(line.get("decision") != "yes" for _, line in stands):
        return "consent_not_asked"
    return next((code for consent, line in stands if (code := _unfit(s, consent, line, person, at))), "")


def _unfit(s: Session, consent: Any, line: Any, person: Person | None, at: float) -> str:
    """Why a yes does not carry: the person could not decide, the child did not agree, its time is over, it was used, it is incomplete."""
    purpose = str(line["purpose"])
    if consent.capacity not in ("full", "supported"):
        return "capacity_blocks_consent"
    if purpose in CHILD_DECIDES and complete.is_child(person) and not _child_agrees(consent):
        return "childs_no_stands"
    if _until(consent, line) < day_of(at):
        return "consent_expired"
    if line.get("once_only") and any(_same_use(used, purpose, words(line, "recipient")) for used in lines(consent.used)):
        return "consent_used"
    return "consent_incomplete" if complete.lacking(s, consent) else ""


def _child_agrees(consent: Any) -> bool:
    # An older child may decide alone, with support; where somebody else gives it, the child's own yes is needed.
    alone = consent.given_by in ("self", "supported_decision")
    return bool(consent.child_assent == "yes" or (alone and consent.child_assent is None))


def _joined(stands: list[tuple[Any, Any]], purpose: str, recipient: str) -> Allowed:
    only = [_fields(line["fields_in"]) for _, line in stands if words(line, "fields_in")]
    return Allowed(
        tuple(sorted({consent.id for consent, _ in stands})), purpose, recipient,
        frozenset.intersection(*only) if only else None,
        frozenset[str]().union(*(_fields(line.get("fields_out")) for _, line in stands)),
        min(_until(consent, line) for consent, line in stands),
        any(bool(line.get("once_only")) for _, line in stands),
    )  # fmt: skip


def _until(consent: Any, line: Any) -> str:
    """The last day of a yes; without one ninety days from its writing (NN-04)."""
    return words(line, "valid_until") or rules.day_after(consent.meta.created, DAYS)


def day_of(at: float) -> str:
    """The day of a UTC time."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _same_use(used: Any, purpose: str, recipient: str) -> bool:
    return used.get("purpose") == purpose and fold(words(used, "recipient")) == fold(recipient)


def use(s: Session, allowed: Allowed) -> None:
    """Note that a scope was used; one that is for once only is used up with it."""
    entry = {"on": rules.day_after(s.now(), 0), "purpose": allowed.purpose, "recipient": allowed.recipient or None}
    with s.vault.change():
        for id in allowed.consents:
            consent = s.get(Consent, id)
            consent.used = [*lines(consent.used), {k: v for k, v in entry.items() if v}]
            s.save(consent)


def withdraw(s: Session, consent_id: str, purposes: Iterable[str], *, how: str, voluntary: str) -> Consent:
    """Take consent back: sharing stops at once, by whatever consent it was allowed.

    `purposes` empty takes everything back, also what was never asked. `voluntary` is a code of `withdrawal_voluntary`; it never delays the
    stop. Where the wish may not be the person's own, they are asked on the safe way, and nothing is erased for 72 hours (NN-61).
    """
    if voluntary not in ("confirmed_voluntary", "suspected_coerced", "cannot_verify"):
        raise Refused("coercion_not_looked_at")
    consent = s.get(Consent, consent_id)
    entry = {"on": rules.day_after(s.now(), 0), "how": how.strip() or None, "voluntary": voluntary}
    back = [{k: v for k, v in {**entry, "purpose": one or None}.items() if v} for one in (list(purposes) or [""])]
    with s.vault.change():
        # A second withdrawal of the same day and the same words is told from the first by its number.
        while any(one in lines(consent.withdrawn) for one in back):
            back = [{**one, "action": f"{len(lines(consent.withdrawn)) + 1}"} for one in back]
        consent.withdrawn = [*lines(consent.withdrawn), *back]
        saved: Consent = s.save(consent)
        case = s.find(Case, consent.case or "")
        if case is not None and "consent_withdrawn" not in lines_of_codes(case.alerts):
            case.alerts = [*lines_of_codes(case.alerts), "consent_withdrawn"]
            s.save(case)
        if voluntary != "confirmed_voluntary":
            rules.task_once(s, consent.case or "", SAFE_WAY, s.me.name, HOLD_HOURS, critical=True)
    return saved


def held_until(s: Session, case_id: str) -> float | None:
    """Until when nothing of a case may be erased: 72 hours from a withdrawal that somebody may have been made to say (NN-61)."""
    ends = []
    for consent in s.list(Consent, where={"case": case_id}, limit=1000):
        doubted = [row for row in lines(consent.withdrawn) if row.get("voluntary") == "suspected_coerced"]
        writes = [c for c in s.history(consent.id) if c.field == "withdrawn"] if doubted else []
        ends += [min((c.at for c in writes if row in lines(c.value)), default=s.now()) + HOLD_HOURS * 3600 for row in doubted]
    end = max(ends, default=0.0)
    return end if end > s.now() else None


@dataclass(frozen=True, slots=True)
class Word:
    """What stands about one purpose and recipient: `code` is empty where it is allowed, otherwise why it is not."""

    purpose: str
    recipient: str
    code: str
    until: str
    once: bool
    consent: str


def overview(s: Session, subject: str) -> list[Word]:
    """What a person said about each purpose and recipient, as it counts now."""
    found = list(s.list(Consent, where={"subject": subject}, limit=1000))
    person, now, kept = s.find(Person, subject), s.now(), {}
    for consent in found:
        for line in lines(consent.scopes):
            purpose, recipient = words(line, "purpose"), words(line, "recipient")
            if purpose and (purpose, fold(recipient)) not in kept:
                stands = list(standing(found, purpose, recipient))
                # A no to nobody in particular is shown; who it would be for matters to a yes alone.
                code = refusal(s, found, person, purpose, recipient, now) if recipient or purpose not in complete.NAMED else ""
                if stands and not code and not recipient and purpose in complete.NAMED:
                    code = "consent_refused" if any(one.get("decision") == "no" for _, one in stands) else "consent_not_asked"
                allowed = _joined(stands, purpose, recipient) if stands else None
                kept[purpose, fold(recipient)] = Word(
                    purpose, recipient, code, allowed.until if allowed else "", bool(allowed and allowed.once), consent.id
                )
    return sorted(kept.values(), key=lambda word: (word.purpose, word.recipient))


def lines_of_codes(value: Any) -> list[str]:
    """The codes of an answer; none where there is no answer."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _fields(value: Any) -> frozenset[str]:
    return frozenset(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else frozenset()
