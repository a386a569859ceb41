"""Somebody on duty opened a case that was not theirs: who, when, why. The case is named by its random id."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import DateTime, LongText, Record, Text, field, kind


@kind(
    "glass_break",
    "Break-glass",
    "Break-glass",
    "accountability",
    sensitivity="S2",
    retention="RT-AUDIT",
    see=("dpo",),
    minimum=("who", "at", "record", "why"),
    title="who",
    posted=True,
)
class GlassBreak(Record):
    """Somebody on duty opened a case that was not theirs: who, when, why. The case is named by its random id."""

    who: Annotated[Text, field("Who", required=True, once=True)] = None
    at: Annotated[DateTime, field("When", required=True, once=True, index=True)] = None
    record: Annotated[Text, field("Record", required=True, once=True)] = None
    why: Annotated[LongText, field("Reason", required=True, once=True)] = None
    reviewed: Annotated[LongText, field("What the review found")] = None
