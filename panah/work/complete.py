"""What a record still lacks before anything may depend on it: one sentence for each, with what and why. A draft always saves (NN-01).

A rule gives (field, code); the words stand in panah/explain. What is lacking forbids nothing by itself: acts that need a complete record ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from panah.kernel.session import Session
from panah.records.base import Record
from panah.records.best_interests import BestInterests
from panah.records.case import Case
from panah.records.case_plan import CasePlan
from panah.records.closure import Closure
from panah.records.consent import Consent
from panah.records.person import Person
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.service import Service
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.schema import NoAnswer
from panah.work import heard, signed

Lack = tuple[str, str]

_CHILD = frozenset(("b0_1", "b2_5", "b6_9", "b10_14", "b15_17"))
# What nobody can agree to without having heard it (NN-06, NN-07).
TO_BE_SAID = frozenset(("who_will_see", "risks", "right_to_refuse", "right_to_withdraw", "reporting_limits"))
# What goes to somebody: without a name, and without having heard what they must tell whom, it is no consent (NN-04, NN-06).
NAMED = frozenset(
    (
        "health_referral", "service_referral", "placement_with_host", "transfer_of_case", "disclose_whereabouts_to_named_person",
        "matching_between_organisations", "testimony_confidential_dialogue", "testimony_accountability_body",
    )
)  # fmt: skip
PRIVATE_TALK_HOURS = 72
LEAST_PANEL = 3
LEAST_TRIES = 3


def lacking(s: Session, record: Record) -> list[Lack]:
    """Everything that this record lacks, in the order of its form; empty when it is complete."""
    found = [(name, "answer_needed") for name in record.missing()]
    found += [lack for lack in _basis(s, record) if lack not in found]
    for rule in _RULES.get(type(record), ()):
        found += [lack for lack in rule(s, record) if lack[0] not in {name for name, _ in found}]
    order = [f.name for f in record.KIND.fields]
    return sorted(found, key=lambda lack: order.index(lack[0]))


def is_child(person: Person | None) -> bool:
    """Whether a person is treated as a child: below eighteen, or of an age that is disputed (NN-20)."""
    return person is not None and (person.age_band in _CHILD or person.age_known == "disputed_treat_as_child")


def subject_of(s: Session, record: Any) -> Person | None:
    """The person whom a record is about, if this vault can open them."""
    return s.find(Person, record.subject) if isinstance(record.subject, str) else None


def _basis(s: Session, record: Record) -> Iterator[Lack]:
    """NN-01: nothing is complete without a basis; the parts of a case stand on the case's."""
    if record.basis is not None or record.KIND.sensitivity not in ("S3", "S4") or record.KIND.compartment == "intake":
        return
    case = s.find(Case, record.case) if isinstance(record.case, str) else None
    if isinstance(record, Case) or (case is not None and (case.basis is None or isinstance(case.basis, NoAnswer))):
        yield "basis", "basis_needed"


def basis_due(s: Session, case: Case) -> float | None:
    """Until when an emergency's basis is to be justified anew, 72 hours after the first private talk (NN-01); None where it was, or need not be."""
    if case.basis != "vital_interest":
        return None
    talks = [t.meta.created for t in s.list(VoluntarinessInterview, where={"case": case.id}, limit=200) if t.private is True]
    if not talks:
        return None
    looked_at = [c.at for c in s.history(case.id) if c.field in ("basis", "basis_note") and c.at > min(talks)]
    return None if looked_at else min(talks) + PRIVATE_TALK_HOURS * 3600


def _case(s: Session, case: Any) -> Iterator[Lack]:
    due = basis_due(s, case)
    if due is not None and due <= s.now():
        yield "basis_note", "basis_to_renew"
    if case.limits_explained is False:
        yield "limits_explained", "limits_not_explained"


def _consent(s: Session, consent: Any) -> Iterator[Lack]:
    """NN-06, NN-07, NN-21: heard, understood, told that refusing changes nothing, alone; a child was asked."""
    explained = consent.explained if isinstance(consent.explained, list) else []
    if consent.explained is not None and not set(explained) >= TO_BE_SAID:
        yield "explained", "explained_too_little"
    if consent.refusal_effect_told is not None and consent.refusal_effect_told is not True:
        yield "refusal_effect_told", "refusal_not_told"
    if consent.understood_check is not True:
        yield "understood_check", "understanding_not_checked"
    if consent.private is not None and consent.private is not True:
        yield "private", "talk_not_private"
    agreed = [line for line in heard.lines(consent.scopes) if line.get("decision") == "yes" and line.get("purpose") in NAMED]
    if any(not heard.words(line, "recipient") for line in agreed):
        yield "scopes", "recipient_needed"
    elif any(not heard.words(line, "duty") for line in agreed):
        yield "scopes", "partner_duty_not_told"
    if consent.child_assent is None and is_child(subject_of(s, consent)):
        yield "child_assent", "child_not_asked"


def _talk(s: Session, talk: Any) -> Iterator[Lack]:
    """NN-11, NN-24: read by a second person; interviewer and interpreter were the person's choice."""
    if talk.interviewer_choice_offered is None:
        yield "interviewer_choice_offered", "choice_not_offered"
    if talk.can_change_mind is not None and talk.can_change_mind is not True:
        yield "can_change_mind", "change_of_mind_not_told"
    if talk.second_reader is None:
        yield "second_reader", "second_reader_needed"


def _assessment(s: Session, assessment: Any) -> Iterator[Lack]:
    if assessment.risk_level in ("high", "critical") and not signed.stands(s, assessment):
        yield "approved_by", "signature_needed"
    if assessment.separation is None and is_child(subject_of(s, assessment)):
        yield "separation", "child_separation_needed"


def _plan(s: Session, plan: Any) -> Iterator[Lack]:
    if plan.agreed_by_person is not None and plan.agreed_by_person is not True:
        yield "agreed_by_person", "plan_not_agreed"
    case = s.find(Case, plan.case or "")
    if case is not None and case.risk_level in ("high", "critical") and not signed.stands(s, plan):
        yield "approved_by", "signature_needed"


def _best(s: Session, best: Any) -> Iterator[Lack]:
    """A determination is made by a panel of different functions."""
    if best.kind == "determination":
        panel = best.panel if isinstance(best.panel, list) else []
        functions = {str(one.get("function") or "").strip().casefold() for one in panel if one.get("who")} - {""}
        if len(functions) < LEAST_PANEL:
            yield "panel", "panel_too_small"
        if best.outcome is None:
            yield "outcome", "answer_needed"


def _service(s: Session, service: Any) -> Iterator[Lack]:
    if service.service_state in ("completed", "provided_by_us", "already_received_elsewhere"):
        if service.received_on is None:
            yield "received_on", "answer_needed"
        if service.person_confirms is None:
            yield "person_confirms", "person_not_asked"


def _closure(s: Session, closure: Any) -> Iterator[Lack]:
    tries = closure.lost_contact_tries
    if closure.reason == "lost_contact" and not (isinstance(tries, int) and tries >= LEAST_TRIES):
        yield "lost_contact_tries", "tries_too_few"


_RULES: dict[type[Record], tuple[Callable[[Session, Any], Iterator[Lack]], ...]] = {
    Case: (_case,),
    Consent: (_consent,),
    VoluntarinessInterview: (_talk,),
    ProtectionAssessment: (_assessment,),
    BestInterests: (_best,),
    CasePlan: (_plan,),
    Service: (_service,),
    Closure: (_closure,),
}
