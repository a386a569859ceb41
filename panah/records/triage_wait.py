"""Somebody waits for the health desk: what it may know before it has met them, and nothing of the story."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, DateTime, Record, Ref, field, kind

CODES = {"wait_end": ("mistake", "left", "declined")}


@kind(
    "triage_wait",
    "Wait for triage",
    "Waits for triage",
    "triage/{case}",
    held_by=("supervisors", "health"),
    sensitivity="S2",
    retention="RT-HEALTH",
    see=("health", "caseworker", "supervisor"),
    minimum=("since",),
)
class TriageWait(Record):
    """Somebody waits for the health desk: what it may know before it has met them, and nothing of the story."""

    subject: Annotated[Ref, field("Person", to="person")] = None
    since: Annotated[DateTime, field("Waiting since", required=True, index=True)] = None
    red_seen: Annotated[Bool, field("A danger sign was seen at the door", index=True)] = None
    ended: Annotated[Code, field("Waits no more because", codes="wait_end")] = None
    age_band: Annotated[Code, field("Age group", codes="age_band")] = None
