"""What the person asked about their own data, as their case knows it: what is stopped since then, and what was answered."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Code, Date, DateTime, LongText, Record, Text, field, kind
from panah.schema import first_of


@kind(
    "wish",
    "Wish about their data",
    "Wishes about their data",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CASE",
    see=("caseworker", "supervisor"),
    minimum=("right", "received", "identity_check"),
    title="right",
)
class Wish(Record):
    """What the person asked about their own data, as their case knows it: what is stopped since then, and what was answered."""

    right: Annotated[Code, field("What they ask", codes="right_kind", required=True, index=True)] = None
    received: Annotated[DateTime, field("Received", required=True)] = None
    identity_check: Annotated[
        Code,
        field(
            "How we know that it is they",
            codes="identity_check",
            help="By the return phrase or a known face. Documents are never asked for.",
            required=True,
        ),
    ] = None
    coercion_check: Annotated[
        Code,
        field(
            "Is it their own wish",
            codes="withdrawal_voluntary",
            protect=first_of("suspected_coerced", "cannot_verify", "confirmed_voluntary"),
        ),
    ] = None
    words: Annotated[
        LongText, field("In their words", help="What they say stands beside what is written, not instead of it.")
    ] = None
    part: Annotated[Text, field("About which part", hidden=True)] = None
    due: Annotated[Date, field("Due", section="The answer", index=True)] = None
    held_until: Annotated[DateTime, field("Nothing is erased before")] = None
    state: Annotated[Code, field("State", codes="task_status", required=True, index=True)] = None
    answer: Annotated[LongText, field("What was done")] = None
    rights_request: Annotated[Text, field("Rights request", hidden=True)] = None
