"""What is best for a child, with the child's own view first."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Code, Date, LongText, Record, Ref, Rows, field, kind, row

PANEL = (
    row("who", "text", "Who"),
    row("function", "text", "Function"),
    row("agrees", "code", "Agrees", codes="yn"),
)


@kind(
    "best_interests",
    "Best-interests record",
    "Best-interests records",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CHILD",
    see=("caseworker", "supervisor"),
    minimum=("kind", "child_view", "decision_about"),
    title="decision_about",
)
class BestInterests(Record):
    """What is best for a child, with the child's own view first."""

    subject: Annotated[Ref, field("Person", section="The child", to="person", required=True, index=True)] = None
    kind: Annotated[
        Code,
        field(
            "Kind",
            codes="bip_kind",
            help="A determination, by a panel, where the child would be separated from a carer, for a durable solution, or where custody is not settled.",
            required=True,
        ),
    ] = None
    decision_about: Annotated[Code, field("About", codes="bip_decision", required=True)] = None
    child_view: Annotated[
        LongText,
        field(
            "The child's own view",
            help="In the child's words, asked in simple ones. It cannot be changed later; a further talk is a new record.",
            required=True,
            once=True,
            search=True,
        ),
    ] = None
    carer_views: Annotated[LongText, field("What the carers say", section="Others", search=True)] = None
    tracing_done: Annotated[Code, field("The family was looked for", codes="yn")] = None
    risks_benefits: Annotated[LongText, field("Risks and benefits of each way", section="The decision", search=True)] = None
    panel: Annotated[
        Rows, field("Panel", help="At least three people of different functions for a determination.", rows=PANEL)
    ] = None
    outcome: Annotated[LongText, field("Outcome", search=True)] = None
    review_on: Annotated[Date, field("Review on", index=True)] = None
