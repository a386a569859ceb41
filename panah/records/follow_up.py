"""How the person is, some time later."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, Codes, Date, DateTime, Record, Ref, Rows, field, kind, row
from panah.schema import first_of

GOALS_PROGRESS = (
    row("goal", "text", "Goal"),
    row("progress", "int", "Progress 0 to 3"),
)


@kind(
    "follow_up",
    "Follow-up",
    "Follow-ups",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CASE",
    see=("caseworker", "supervisor"),
    minimum=("at", "mode", "reached", "safe_now"),
    title="at",
)
class FollowUp(Record):
    """How the person is, some time later."""

    subject: Annotated[Ref, field("Person", to="person", required=True)] = None
    at: Annotated[DateTime, field("When", required=True)] = None
    mode: Annotated[Code, field("How", codes="follow_mode", required=True)] = None
    reached: Annotated[Code, field("Reached", codes="yn", required=True)] = None
    spoke_privately: Annotated[Bool, field("Spoke in private")] = None
    safe_now: Annotated[Code, field("Safe now", codes="yn", required=True, protect=first_of("no", "partly", "yes"))] = None
    goals_progress: Annotated[Rows, field("Progress on goals", rows=GOALS_PROGRESS)] = None
    new_needs: Annotated[Codes, field("New needs", codes="service_type")] = None
    contacted_by_place: Annotated[
        Code, field("Contacted by the place that was left", codes="yn", help="Pressure after leaving, on them or on relatives.")
    ] = None
    wants_contact: Annotated[Code, field("Wants further contact", codes="decision", protect=first_of("no", "later", "yes"))] = (
        None
    )
    next: Annotated[Date, field("Next follow-up", index=True)] = None
    still_due: Annotated[Bool, field("Still to be looked at again", hidden=True, index=True)] = None
