"""What somebody says about us: thanks, a complaint, a warning. It goes past the team that it concerns."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, Date, DateTime, LongText, Record, Text, field, kind
from panah.schema import first_of


@kind(
    "feedback",
    "Complaint or feedback",
    "Complaints and feedback",
    "accountability",
    sensitivity="S3",
    retention="RT-CASE",
    see=("dpo",),
    minimum=("kind", "received", "text"),
    title="kind",
    posted=True,
)
class Feedback(Record):
    """What somebody says about us: thanks, a complaint, a warning. It goes past the team that it concerns."""

    kind: Annotated[Code, field("What it is", codes="feedback_kind", required=True)] = None
    received: Annotated[DateTime, field("Received", required=True, index=True)] = None
    anonymous: Annotated[Bool, field("Without a name")] = None
    text: Annotated[LongText, field("In their words", required=True)] = None
    about_staff: Annotated[
        Text, field("Whom it is about", help="Somebody of the team, or a part of it. They do not read this.")
    ] = None
    safety_now: Annotated[
        Code,
        field(
            "Danger to somebody now",
            codes="risk",
            help="Safety comes before every other step.",
            protect=first_of("critical", "high", "medium", "low"),
        ),
    ] = None
    safe_answer: Annotated[
        LongText,
        field("How an answer reaches them safely", help="Only if they want one. No address, unless they gave it for this."),
    ] = None
    answer_due: Annotated[Date, field("To be answered by", section="The answer", index=True)] = None
    answered: Annotated[LongText, field("What was answered and done")] = None
    state: Annotated[Code, field("State", codes="task_status", index=True)] = None
