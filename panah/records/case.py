"""What the team and a person do together, from registration to closure."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, Codes, Date, LongText, Record, Ref, Refs, Rows, Text, field, kind, row
from panah.schema import first_of, union

TEAM = (
    row("member", "text", "Member"),
    row("why", "text", "Reason"),
    row("until", "date", "Until"),
)


@kind(
    "case",
    "Case",
    "Cases",
    "care/{id}",
    sensitivity="S3",
    retention="RT-CASE",
    see=("caseworker", "supervisor"),
    minimum=("opened", "basis_note", "lead"),
    title="",
)
class Case(Record):
    """What the team and a person do together, from registration to closure."""

    opened: Annotated[Date, field("Opened on", section="Why we may help", required=True)] = None
    # Without a basis no record of a case is complete (NN-01); its parts stand on the case's.
    basis: Annotated[Code, field("Basis", codes="basis", help="Why we may keep this.", required=True)] = None
    basis_note: Annotated[
        LongText,
        field(
            "Why we may keep this",
            help="Why each basis applies; looked at again when the emergency ends.",
            required=True,
            search=True,
        ),
    ] = None
    lead: Annotated[
        Text, field("Caseworker", section="People", help="The member of the team who leads this case.", required=True, index=True)
    ] = None
    team: Annotated[Rows, field("Team", rows=TEAM)] = None
    members: Annotated[Refs, field("People", to="person")] = None
    household: Annotated[Ref, field("Household", to="household")] = None
    risk_level: Annotated[
        Code, field("Risk level", section="Risk", codes="risk", protect=first_of("critical", "high", "medium", "low"), index=True)
    ] = None
    alerts: Annotated[Codes, field("Alerts", codes="case_alert", protect=union, index=True)] = None
    limits_explained: Annotated[
        Bool,
        field(
            "Limits of confidentiality were explained",
            help="Who must be told what by law. Narrative fields open after this was ticked.",
            required=True,
        ),
    ] = None
    stage: Annotated[Code, field("Stage", section="The way of the case", codes="stage", index=True)] = None
    channel: Annotated[Code, field("Channel", codes="channel")] = None
    reopened_from: Annotated[Ref, field("Reopened from", to="case")] = None
    chosen_name: Annotated[
        Text,
        field(
            "Name used here",
            section="Name and safe contact",
            help="What the person wishes to be called; an alias is enough.",
            search=True,
        ),
    ] = None
    request: Annotated[Ref, field("Help request", to="help_request")] = None
    safe_contact_rule: Annotated[LongText, field("Safe-contact rule", help="Always visible on the case.", search=True)] = None
    closed_on: Annotated[Date, field("Closed on", index=True)] = None
