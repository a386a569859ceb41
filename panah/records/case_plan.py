"""What the person wants to reach, in their own order, and who does what by when."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Date, Record, Rows, Text, field, kind, row

GOALS = (
    row("goal", "text", "Goal in the person's words"),
    row("service", "code", "Kind of service", codes="service_type"),
    row("actions", "text", "What is done"),
    row("who", "text", "Who"),
    row("by", "date", "By when"),
    row("progress", "int", "Progress 0 to 3"),
)


@kind(
    "case_plan",
    "Case plan",
    "Case plans",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CASE",
    see=("caseworker", "supervisor"),
    minimum=("goals",),
    title="review_on",
)
class CasePlan(Record):
    """What the person wants to reach, in their own order, and who does what by when."""

    goals: Annotated[
        Rows,
        field(
            "Goals, what matters most to the person first",
            section="Goals",
            help="The person decides the order. A goal that is dropped stays in the history.",
            required=True,
            rows=GOALS,
        ),
    ] = None
    agreed_by_person: Annotated[Bool, field("The person agrees to this plan", section="Agreement and review", required=True)] = (
        None
    )
    approved_by: Annotated[Text, field("Approved by", help="A supervisor, where the risk is high.")] = None
    awaits: Annotated[Bool, field("Waits for a second person", hidden=True, index=True)] = None
    review_on: Annotated[Date, field("Review on", index=True)] = None
