"""One contact with a person who asked for help."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, Codes, DateTime, LongText, Record, Ref, field, kind
from panah.schema import union


@kind(
    "contact_entry",
    "Contact",
    "Contacts",
    "intake",
    sensitivity="S3",
    retention="RT-CONTACT",
    see=("intake", "caseworker", "supervisor"),
    minimum=("direction", "at", "summary"),
    title="summary",
)
class ContactEntry(Record):
    """One contact with a person who asked for help."""

    help_request: Annotated[Ref, field("Help request", to="help_request", index=True)] = None
    direction: Annotated[Code, field("Direction", codes="direction", required=True)] = None
    at: Annotated[DateTime, field("When", required=True)] = None
    mode: Annotated[Code, field("How", codes="channel")] = None
    on_safe_channel: Annotated[Bool, field("On a channel the person calls safe", required=True)] = None
    summary: Annotated[
        LongText,
        field(
            "What was said",
            help="Facts, no opinion on whether the person is believed. No leaders, weapons or routes.",
            required=True,
            search=True,
        ),
    ] = None
    duress_signs: Annotated[Codes, field("Signs of pressure or danger", codes="duress_sign", protect=union)] = None
    next_contact: Annotated[DateTime, field("Next contact")] = None
