"""The lists by which a team triages: which signs are asked, what counts as high, how soon somebody is looked at again."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Codes, Date, Int, Record, Rows, Text, field, kind, row

CODES = {"vital": ("heart_rate", "breaths", "temperature", "oxygen")}

LIMITS = (
    row("ages", "code", "Age group", codes="age_band"),
    row("what", "code", "Measured", codes="vital"),
    row("low", "decimal", "High risk below"),
    row("high", "decimal", "High risk above"),
)


@kind(
    "triage_list",
    "Triage list",
    "Triage lists",
    "health",
    held_by=(),
    sensitivity="S1",
    retention="RT-OPS",
    see=("health",),
    minimum=("adult_red", "adult_yellow", "child_red", "child_yellow"),
)
class TriageList(Record):
    """The lists by which a team triages: which signs are asked, what counts as high, how soon somebody is looked at again."""

    adult_red: Annotated[
        Codes, field("Red signs, 12 years and older", section="Signs that are asked", codes="triage_sign_red", required=True)
    ] = None
    adult_yellow: Annotated[Codes, field("Yellow signs, 12 years and older", codes="triage_sign_yellow", required=True)] = None
    child_red: Annotated[Codes, field("Red signs, children under 12", codes="triage_sign_red", required=True)] = None
    child_yellow: Annotated[Codes, field("Yellow signs, children under 12", codes="triage_sign_yellow", required=True)] = None
    limits: Annotated[
        Rows,
        field(
            "What is measured, and when it is high risk",
            section="Measures",
            help="An adult's limits stand under 25-59 years.",
            rows=LIMITS,
        ),
    ] = None
    muac_severe: Annotated[Int, field("Arm of a child: severe below (mm)")] = None
    muac_moderate: Annotated[Int, field("Arm of a child: moderate below (mm)")] = None
    muac_pregnant: Annotated[Int, field("Arm in pregnancy: low below (mm)")] = None
    minutes_red: Annotated[Int, field("Red: look again after (minutes)", section="Clocks")] = None
    minutes_yellow: Annotated[Int, field("Yellow: look again after (minutes)")] = None
    minutes_green: Annotated[Int, field("Green: look again after (minutes)")] = None
    confirmed_by: Annotated[Text, field("Confirmed by", hidden=True)] = None
    confirmed_as: Annotated[Text, field("Confirmed as", hidden=True)] = None
    confirmed_on: Annotated[Date, field("Confirmed on", hidden=True)] = None
