"""The end of the work on a case, and what becomes of the data."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, Date, Int, Record, Rows, Text, field, kind, row
from panah.schema import first_of

GOALS_MET = (
    row("goal", "text", "Goal"),
    row("met", "code", "Met", codes="yn"),
)


@kind(
    "closure",
    "Closure",
    "Closures",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CASE",
    see=("caseworker", "supervisor"),
    minimum=("reason", "closed_on", "person_informed", "approved_by"),
    title="reason",
)
class Closure(Record):
    """The end of the work on a case, and what becomes of the data."""

    reason: Annotated[Code, field("Reason", codes="closure_reason", required=True, index=True)] = None
    closed_on: Annotated[Date, field("Closed on", required=True)] = None
    goals_met: Annotated[Rows, field("Goals met", rows=GOALS_MET)] = None
    safe_at_close: Annotated[Code, field("Safe at closure", codes="yn")] = None
    person_informed: Annotated[Code, field("The person was told", codes="yn", required=True)] = None
    how_to_return: Annotated[Text, field("How to come back", help="Always possible, no questions.", search=True)] = None
    lost_contact_tries: Annotated[
        Int, field("Tries to make contact", help="At least three, in different safe ways, over thirty days or more.")
    ] = None
    data_choice: Annotated[
        Code,
        field(
            "What becomes of the data",
            codes="data_choice",
            help="Erase now, keep the minimum, or keep until a date: the person decides.",
            required=True,
            protect=first_of("erase_now", "keep_minimum", "keep_until_date"),
        ),
    ] = None
    satisfaction: Annotated[Code, field("Satisfaction", codes="satisfaction")] = None
    approved_by: Annotated[Text, field("Approved by", required=True)] = None
    awaits: Annotated[Bool, field("Waits for a second person", hidden=True, index=True)] = None
