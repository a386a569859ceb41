"""Something went wrong that may harm people: what is known, who is affected, who was warned and how."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Code, Date, DateTime, Int, LongText, Record, Rows, Text, field, kind, row
from panah.schema import first_of

PEOPLE_TOLD = (
    row("who", "text", "Code"),
    row("how", "text", "How it was safe"),
    row("on", "date", "On"),
    row("by", "text", "By"),
)
PARTNERS_TOLD = (row("who", "text", "Partner"), row("on", "date", "On"))


@kind(
    "incident",
    "Incident",
    "Incidents",
    "incident/{id}",
    # Who reports one, the data protection desk and the supervisors; a keeper of the keys sees those that they report themselves.
    held_by=("accountability", "supervisors"),
    sensitivity="S3",
    retention="RT-AUDIT",
    see=("dpo", "keyholder", "supervisor"),
    minimum=("kind", "noticed_at", "what_known"),
    title="kind",
)
class Incident(Record):
    """Something went wrong that may harm people: what is known, who is affected, who was warned and how."""

    kind: Annotated[Code, field("What it is", codes="incident_kind", required=True, index=True)] = None
    noticed_at: Annotated[DateTime, field("Noticed", required=True)] = None
    what_known: Annotated[LongText, field("What is known", help="Facts, no names. Say what is not known.", required=True)] = None
    people_affected: Annotated[Int, field("People affected")] = None
    harm_now: Annotated[
        Code, field("Danger to somebody now", codes="risk", protect=first_of("critical", "high", "medium", "low"))
    ] = None
    contained: Annotated[LongText, field("What was done to stop it", section="What was done")] = None
    people_told: Annotated[
        Rows, field("Who was warned", help="By code. One by one, each in a way that is safe for them.", rows=PEOPLE_TOLD)
    ] = None
    partners_told: Annotated[Rows, field("Partners who were told", rows=PARTNERS_TOLD)] = None
    learned: Annotated[LongText, field("What we learned")] = None
    state: Annotated[Code, field("State", codes="task_status", index=True)] = None
    # What the list of affected people is made from: the devices and cases, by their random names.
    device: Annotated[Text, field("Device", hidden=True)] = None
    member: Annotated[Text, field("Member", hidden=True)] = None
    review_on: Annotated[Date, field("Review on", index=True)] = None
