"""What a person agreed to and refused: per purpose, recipient and time; never one agreement for everything."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, Codes, Date, Record, Ref, Rows, Text, field, kind, row
from panah.records.scopes import narrowest
from panah.schema import first_of, intersection, union

SCOPES = (
    row("purpose", "code", "Purpose", codes="consent_purpose"),
    row("decision", "code", "Decision", codes="decision"),
    row("recipient", "text", "For whom"),
    row("fields_in", "text", "Only these"),
    row("fields_out", "text", "Never these"),
    row("valid_until", "date", "Until"),
    row("once_only", "bool", "Once only"),
    row("duty", "text", "What they must tell, by law"),
)
NEVER_SHARE_WITH = (row("who", "text", "Who"),)
WITHDRAWN = (
    row("on", "date", "On"),
    row("purpose", "code", "Purpose", codes="consent_purpose"),
    row("how", "text", "How"),
    row("voluntary", "code", "Of their own will", codes="withdrawal_voluntary"),
    row("action", "text", "What was done"),
)
USED = (
    row("on", "date", "On"),
    row("purpose", "code", "Purpose", codes="consent_purpose"),
    row("recipient", "text", "For whom"),
)
HEARD = (row("mark", "text", "Mark"),)


@kind(
    "consent",
    "Consent",
    "Consents",
    "care/{case}",
    sensitivity="S3",
    retention="RT-SHARE",
    see=("caseworker", "supervisor", "dpo", "partner_desk"),
    minimum=("given_by", "mode", "capacity", "scopes", "explained"),
    title="mode",
)
class Consent(Record):
    """What a person agreed to and refused: per purpose, recipient and time; never one agreement for everything."""

    subject: Annotated[Ref, field("Person", section="The talk", to="person", required=True, index=True)] = None
    given_by: Annotated[Code, field("Given by", codes="consent_giver", required=True)] = None
    carer: Annotated[Ref, field("Carer", to="person")] = None
    child_assent: Annotated[
        Code, field("The child's own agreement", codes="decision", help="Asked in simple words from about age six.")
    ] = None
    capacity: Annotated[
        Code,
        field(
            "Able to decide now",
            codes="capacity",
            required=True,
            protect=first_of("none_now", "limited_now", "supported", "full"),
        ),
    ] = None
    mode: Annotated[Code, field("How", codes="consent_mode", required=True)] = None
    private: Annotated[Bool, field("In private", required=True)] = None
    interpreter: Annotated[Text, field("Interpreter", search=True)] = None
    explained: Annotated[Codes, field("What was explained", section="What was explained", codes="explained", required=True)] = (
        None
    )
    understood_check: Annotated[Bool, field("Said back in own words")] = None
    scopes: Annotated[
        Rows,
        field(
            "What is agreed, for whom, until when",
            section="What was agreed and refused",
            help='One line per purpose and recipient. "No" is a complete answer.',
            required=True,
            protect=narrowest,
            rows=SCOPES,
        ),
    ] = None
    never_share_with: Annotated[Rows, field("Never share with", protect=union, rows=NEVER_SHARE_WITH)] = None
    refusal_effect_told: Annotated[
        Bool,
        field(
            "Told that refusing changes nothing about care",
            section="Afterwards",
            help="Refusing has no effect on care.",
            required=True,
        ),
    ] = None
    copy_given: Annotated[
        Code, field("Copy", codes="copy_given", help="Sometimes the safest copy is none. Ask whether it is safe to carry.")
    ] = None
    withdraw_how: Annotated[
        Text,
        field(
            "How to take it back",
            help="A phrase or a way that is safe on a phone that others control.",
            required=True,
            search=True,
        ),
    ] = None
    withdrawn: Annotated[Rows, field("Taken back", protect=union, rows=WITHDRAWN)] = None
    used: Annotated[Rows, field("Used", help="A consent for once only is used up.", protect=union, rows=USED, hidden=True)] = None
    heard: Annotated[
        Rows,
        field(
            "Known when this was said",
            help="The consents and withdrawals before it: what came without being known to it is not answered by it.",
            protect=intersection,
            rows=HEARD,
            hidden=True,
        ),
    ] = None
    basis_if_none: Annotated[Code, field("Basis where there is no consent", codes="basis")] = None
    renewed_on: Annotated[Date, field("Renewed on")] = None
    ends: Annotated[Date, field("The first agreement ends on", hidden=True, index=True)] = None
