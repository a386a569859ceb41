"""How urgently a person needs a clinician, and what was found. The note is sealed to the health desk; the case sees what follows from it."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, Codes, DateTime, Int, LongText, Record, Ref, Rows, field, kind, row
from panah.schema import first_of, union

# What those who care for the person must know to protect them and others; nothing that says why.
OUTCOME = "triage/{case}"

CODES = {"fit_to_travel": ("no_not_now", "with_care", "yes_fit")}

VITALS = (
    row("heart_rate", "int", "Heart rate"),
    row("breaths", "int", "Breaths a minute"),
    row("temperature", "text", "Temperature"),
    row("oxygen", "int", "Oxygen"),
    row("pressure", "text", "Blood pressure"),
    row("alert", "bool", "Alert"),
)
ALLERGIES = (row("to", "text", "Allergic to"), row("what", "text", "What happens"))


@kind(
    "medical_triage",
    "Triage",
    "Triages",
    "health/{case}",
    held_by=("health",),
    sensitivity="S3",
    retention="RT-HEALTH",
    see=("health",),
    minimum=("colour", "at", "by_clinician"),
    title="colour",
)
class MedicalTriage(Record):
    """How urgently a person needs a clinician, and what was found."""

    # The case's side finds the record by it.
    case: Annotated[Ref, field("Case", to="case", index=True, hidden=True, compartment=OUTCOME)] = None
    subject: Annotated[Ref, field("Person", section="Who and when", to="person", required=True, compartment=OUTCOME)] = None
    wait: Annotated[Ref, field("Waiting since", to="triage_wait", index=True, hidden=True, compartment=OUTCOME)] = None
    at: Annotated[DateTime, field("When", required=True, compartment=OUTCOME)] = None
    by_clinician: Annotated[Bool, field("By a clinician", required=True, compartment=OUTCOME)] = None
    tool: Annotated[Code, field("List used", codes="triage_tool", required=True)] = None
    age_band: Annotated[Code, field("Age group", codes="age_band")] = None
    signs_red: Annotated[Codes, field("Danger signs", section="Signs", codes="triage_sign_red", sensitive=True)] = None
    signs_yellow: Annotated[Codes, field("Signs of urgency", codes="triage_sign_yellow", sensitive=True)] = None
    vitals: Annotated[Rows, field("Measured", rows=VITALS, sensitive=True)] = None
    muac_mm: Annotated[Int, field("Arm circumference (mm)", sensitive=True)] = None
    muac_class: Annotated[Code, field("Nutrition", codes="muac_class", sensitive=True)] = None
    pregnant_weeks: Annotated[Int, field("Weeks of pregnancy", sensitive=True)] = None
    colour: Annotated[
        Code,
        field(
            "Category",
            section="What follows",
            help="Red beats yellow, and yellow green, until somebody who has seen both lowers it with a reason.",
            codes="triage",
            required=True,
            # Death is for a clinician to state: beside another category it decides nothing, and the other one counts.
            protect=first_of("red", "yellow", "green"),
            index=True,
            compartment=OUTCOME,
        ),
    ] = None
    re_triage_at: Annotated[DateTime, field("Look again at", index=True, compartment=OUTCOME)] = None
    handed_at: Annotated[
        DateTime, field("With a clinician since", help="From then on nobody waits any more.", compartment=OUTCOME)
    ] = None
    infectious_precaution: Annotated[
        Codes, field("Precautions against infection", codes="precaution", protect=union, compartment=OUTCOME)
    ] = None
    fit_to_travel: Annotated[
        Code,
        field(
            "Fit to travel",
            codes="fit_to_travel",
            protect=first_of("no_not_now", "with_care", "yes_fit"),
            compartment=OUTCOME,
        ),
    ] = None
    lowered_because: Annotated[LongText, field("Why the category was lowered", sensitive=True)] = None
    allergies: Annotated[Rows, field("Allergies", section="Health", rows=ALLERGIES, protect=union, sensitive=True)] = None
    medicines_needed_days: Annotated[Int, field("Medicines needed for days", sensitive=True)] = None
    mental_health: Annotated[Codes, field("Mental health", codes="mh_flag", sensitive=True)] = None
    suicide_risk: Annotated[
        Code, field("Risk of suicide", codes="risk", protect=first_of("critical", "high", "medium", "low"), sensitive=True)
    ] = None
    sv_window: Annotated[
        Code,
        field(
            "Sexual violence: how long ago",
            help="Starts the clocks of 72 and 120 hours; the story is not asked for.",
            codes="sexual_violence_window",
            protect=first_of("under_72h", "under_120h", "under_2_weeks", "later", "declined_to_say", "not_applicable"),
            sensitive=True,
        ),
    ] = None
    injuries_note: Annotated[LongText, field("Clinical note", search=True, sensitive=True)] = None
    forensic_wish: Annotated[
        Code,
        field("Wishes documentation of injuries", help="Offered, never required for care.", codes="decision", sensitive=True),
    ] = None
    disposition: Annotated[Code, field("What happens next", codes="disposition", sensitive=True)] = None
