"""People who live together as they themselves define it."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Code, Int, Record, Ref, Rows, Text, field, kind, row
from panah.schema import first_of

BY_AGE_SEX = (
    row("age_band", "code", "Age group", codes="age_band"),
    row("sex", "code", "Sex", codes="sex"),
    row("count", "int", "How many"),
)
MEMBERS = (
    row("person", "ref", "Person", to="person"),
    row("relation", "code", "Relation", codes="relation"),
    row("joined", "date", "Joined"),
    row("left", "date", "Left"),
)


@kind(
    "household",
    "Household",
    "Households",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CASE",
    see=("caseworker", "supervisor", "placement"),
    minimum=("size",),
    title="defined_by",
)
class Household(Record):
    """People who live together as they themselves define it."""

    # The placement desk needs the numbers, not the names: it gets them on the placement, never by holding the case's key.
    size: Annotated[Int, field("How many people", required=True)] = None
    by_age_sex: Annotated[Rows, field("People by age and sex", rows=BY_AGE_SEX)] = None
    defined_by: Annotated[
        Text, field("How they define the household", help="A household may be split at any member's wish.", search=True)
    ] = None
    members: Annotated[Rows, field("People", rows=MEMBERS)] = None
    spokesperson: Annotated[
        Ref,
        field(
            "Who speaks for them in practical matters",
            to="person",
            help="Never speaks for the consent or the free will of the others.",
        ),
    ] = None
    unity_rule: Annotated[
        Code,
        field(
            "Together or apart",
            codes="unity_rule",
            protect=first_of("apart_requested", "court_or_bid_decides", "together", "together_if_possible"),
        ),
    ] = None
    relatives_inside: Annotated[Int, field("Relatives still inside", help="A number only; names belong to the tracing desk.")] = (
        None
    )
