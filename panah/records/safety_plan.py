"""What the person will do when it becomes dangerous."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Code, Date, LongText, Record, Ref, Rows, Text, field, kind, row

STEPS = (
    row("if", "text", "If"),
    row("then", "text", "Then"),
    row("who", "text", "Who"),
    row("where", "text", "Where"),
    row("rehearsed", "bool", "Rehearsed"),
)
TRUSTED_PEOPLE = (
    row("who", "text", "Who"),
    row("how", "text", "How to reach them"),
)


@kind(
    "safety_plan",
    "Safety plan",
    "Safety plans",
    "care/{case}",
    sensitivity="S4",
    retention="RT-CASE",
    see=("caseworker", "supervisor"),
    minimum=("safe_contact_rule", "warning_signs", "steps"),
    title="safe_contact_rule",
)
class SafetyPlan(Record):
    """What the person will do when it becomes dangerous."""

    subject: Annotated[Ref, field("Person", section="Contact and warning signs", to="person", required=True, sensitive=True)] = (
        None
    )
    situation: Annotated[Code, field("Situation", codes="vi_about", sensitive=True)] = None
    safe_contact_rule: Annotated[
        LongText,
        field(
            "Safe-contact rule",
            help="Times, words, when to be silent. The cover story is theirs to choose.",
            required=True,
            sensitive=True,
            search=True,
        ),
    ] = None
    warning_signs: Annotated[LongText, field("Warning signs", required=True, sensitive=True, search=True)] = None
    steps: Annotated[Rows, field("Steps", section="Steps and trusted people", required=True, sensitive=True, rows=STEPS)] = None
    trusted_people: Annotated[Rows, field("Trusted people", sensitive=True, rows=TRUSTED_PEOPLE)] = None
    documents_and_money: Annotated[
        LongText, field("Documents and money", section="What to have ready", sensitive=True, search=True)
    ] = None
    medicines: Annotated[LongText, field("Medicines", sensitive=True, search=True)] = None
    children_plan: Annotated[LongText, field("Plan for the children", sensitive=True, search=True)] = None
    phone_plan: Annotated[
        LongText,
        field(
            "Plan for the phone",
            help="No sudden change of habits; a separate device only if it is safe.",
            sensitive=True,
            search=True,
        ),
    ] = None
    meeting_words: Annotated[Text, field("Meeting word and danger word", sensitive=True)] = None
    if_return: Annotated[
        LongText, field("Plan for staying or going back", section="If it becomes harder", sensitive=True, search=True)
    ] = None
    # Meant for the health desk too; until records of a case can be sealed to two compartments, only those who hold the case read it.
    suicide_safety: Annotated[LongText, field("Safety in thoughts of suicide", sensitive=True, search=True)] = None
    copy_carried: Annotated[Code, field("Copy", section="Copy and review", codes="copy_given", sensitive=True)] = None
    review_on: Annotated[Date, field("Review on", required=True, sensitive=True)] = None
