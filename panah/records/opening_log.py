"""Which records a member opened on one day: random ids and hours, never what they are about."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Date, Record, Rows, Text, field, kind, row

LINES = (row("record", "text", "Record"), row("at", "datetime", "When"))


@kind(
    "opening_log",
    "Openings of a day",
    "Openings",
    "accountability",
    sensitivity="S2",
    retention="RT-AUDIT",
    see=("dpo",),
    minimum=("who", "day", "lines"),
    title="who",
    posted=True,
)
class OpeningLog(Record):
    """Which records a member opened on one day: random ids and hours, never what they are about."""

    who: Annotated[Text, field("Who", required=True, once=True, index=True)] = None
    device: Annotated[Text, field("Device", once=True)] = None
    day: Annotated[Date, field("Day", required=True, once=True, index=True)] = None
    lines: Annotated[Rows, field("Opened", required=True, once=True, rows=LINES)] = None
