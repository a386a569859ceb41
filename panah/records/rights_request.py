"""A person uses a right over what is kept about them: the data protection desk sees that it is answered in time."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Attach, Code, Date, DateTime, LongText, Record, Rows, Text, field, kind, row
from panah.schema import first_of

DONE = (
    row("on", "date", "On"),
    row("what", "text", "What was done"),
    row("not_possible", "text", "What could not be called back"),
)


@kind(
    "rights_request",
    "Rights request",
    "Rights requests",
    "accountability",
    sensitivity="S3",
    retention="RT-AUDIT",
    see=("dpo",),
    minimum=("kind", "received", "identity_check", "due"),
    title="kind",
    posted=True,
)
class RightsRequest(Record):
    """A person uses a right over what is kept about them: the data protection desk sees that it is answered in time."""

    kind: Annotated[Code, field("What it is", codes="right_kind", required=True, index=True)] = None
    received: Annotated[DateTime, field("Received", required=True)] = None
    case_code: Annotated[Text, field("Code of the case", help="The code alone: this desk holds no key of the case.")] = None
    handed_in_by: Annotated[Text, field("Handed in by")] = None
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
            required=True,
            protect=first_of("suspected_coerced", "cannot_verify", "confirmed_voluntary"),
        ),
    ] = None
    scope: Annotated[LongText, field("What it covers")] = None
    due: Annotated[Date, field("Due", section="The answer", required=True, index=True)] = None
    state: Annotated[Code, field("State", codes="task_status", index=True)] = None
    done: Annotated[Rows, field("What was done", rows=DONE, once=True)] = None
    mark: Annotated[
        Text, field("Mark of the erasure", help="Random. With it, the list of erasures says which devices are done.", once=True)
    ] = None
    receipt: Annotated[Attach, field("Receipt", help="A receipt of an erasure holds nothing of the person.")] = None
