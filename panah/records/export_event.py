"""Something left the team's vaults: what kind, by whose two words, how much. Never what it said."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Code, Date, Int, Record, Rows, Text, field, kind, row

FIELDS = (row("name", "text", "Field"),)


@kind(
    "export_event",
    "Export",
    "Exports",
    "accountability",
    sensitivity="S2",
    retention="RT-AUDIT",
    see=("dpo", "supervisor"),
    minimum=("kind", "requested_by", "approved_by", "row_count", "fields"),
    title="kind",
    posted=True,
)
class ExportEvent(Record):
    """Something left the team's vaults: what kind, by whose two words, how much. Never what it said."""

    kind: Annotated[Code, field("What it is", codes="export_kind", required=True, index=True)] = None
    requested_by: Annotated[Text, field("Asked by", required=True, once=True)] = None
    approved_by: Annotated[Text, field("Approved by", help="Another person, on another device.", required=True, once=True)] = None
    purpose: Annotated[Text, field("What for", once=True)] = None
    row_count: Annotated[Int, field("How many records", required=True, once=True)] = None
    fields: Annotated[Rows, field("Which fields", required=True, once=True, rows=FIELDS)] = None
    recipient: Annotated[Text, field("For whom", once=True)] = None
    expires: Annotated[Date, field("Ends on")] = None
    watermark: Annotated[Text, field("Mark in the file", once=True)] = None
