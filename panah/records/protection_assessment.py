"""Dangers, strengths and needs of a person, and the level of risk."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, Codes, Date, DateTime, LongText, Record, Ref, Text, field, kind
from panah.schema import first_of


@kind(
    "protection_assessment",
    "Assessment",
    "Assessments",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CASE",
    see=("caseworker", "supervisor"),
    minimum=("concerns", "risk_level", "review_on"),
    title="risk_level",
)
class ProtectionAssessment(Record):
    """Dangers, strengths and needs of a person, and the level of risk."""

    subject: Annotated[Ref, field("Person", section="The talk", to="person", required=True)] = None
    at: Annotated[DateTime, field("When")] = None
    domains: Annotated[Codes, field("Areas of vulnerability", section="Dangers and needs", codes="vulnerability_domain")] = None
    concerns: Annotated[Codes, field("Protection concerns", codes="protection_concern", required=True)] = None
    coercion: Annotated[Codes, field("Signs of coercion", codes="coercion_indicator")] = None
    specific_needs: Annotated[Codes, field("Specific needs", codes="specific_need")] = None
    strengths: Annotated[Codes, field("Strengths", codes="strength")] = None
    threats_now: Annotated[
        LongText,
        field(
            "Threats now",
            section="Danger now",
            help="The role of who threatens, not the name unless safety needs it. No leaders, weapons or routes.",
            search=True,
        ),
    ] = None
    searched_for: Annotated[
        Code, field("Is someone searching for the person", codes="yn", protect=first_of("yes", "partly", "no"))
    ] = None
    refoulement_alert: Annotated[
        Code,
        field(
            "Forced-return risk", codes="refoulement", protect=first_of("confirmed_block", "stated_fear", "possible", "none_seen")
        ),
    ] = None
    authority_risk: Annotated[LongText, field("Handovers that would be unsafe", search=True)] = None
    armed_link: Annotated[
        Code,
        field("Link to armed actors", codes="armed_link", help="For safety and child protection only; no operational questions."),
    ] = None
    separation: Annotated[Code, field("Separation", section="Care and support", codes="separation")] = None
    care_arrangement: Annotated[Code, field("Care arrangement", codes="care_arrangement")] = None
    intervention: Annotated[Code, field("Level of support needed", codes="risk")] = None
    risk_level: Annotated[
        Code,
        field(
            "Risk level",
            section="The level of risk",
            codes="risk",
            required=True,
            protect=first_of("critical", "high", "medium", "low"),
        ),
    ] = None
    person_view_of_risk: Annotated[Code, field("The person's own view of the risk", codes="risk")] = None
    review_on: Annotated[Date, field("Review on", required=True, index=True)] = None
    approved_by: Annotated[Text, field("Approved by")] = None
    awaits: Annotated[Bool, field("Waits for a second person", hidden=True, index=True)] = None
    still_due: Annotated[Bool, field("Still to be looked at again", hidden=True, index=True)] = None
