"""A person, as they wish to be known here; a code is always enough."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Attach, Bool, Code, Codes, FuzzyDate, LongText, Name, Record, Refs, Rows, Text, field, kind, row
from panah.schema import first_of, union

ID_DOCUMENTS = (
    row("document", "text", "Document"),
    row("held_by", "text", "Who holds it now"),
    row("copy", "bool", "Copy here"),
)
FUNCTION = (
    row("what", "text", "Doing what"),
    row("level", "code", "How hard", codes="function_level"),
)
DO_NOT_CONTACT = (
    row("who", "text", "Who"),
    row("why", "text", "Why"),
)


@kind(
    "person",
    "Person",
    "People",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CASE",
    see=("caseworker", "supervisor"),
    minimum=("id_mode", "age_band", "language_spoken"),
    title="names",
)
class Person(Record):
    """A person, as they wish to be known here; a code is always enough."""

    id_mode: Annotated[
        Code,
        field(
            "How the person is known here",
            section="Name and age",
            codes="id_mode",
            help="A code or an alias is always enough for care.",
            required=True,
        ),
    ] = None
    names: Annotated[
        Name,
        field(
            "Name as the person says it",
            help="In any script, as the person says it; other spellings below each other.",
            sensitive=True,
            search=True,
        ),
    ] = None
    sex: Annotated[Code, field("Sex", codes="sex")] = None
    age_band: Annotated[Code, field("Age group", codes="age_band", required=True)] = None
    birth: Annotated[FuzzyDate, field("Born", sensitive=True)] = None
    age_known: Annotated[
        Code,
        field(
            "How the age is known",
            codes="age_known",
            protect=first_of("disputed_treat_as_child", "estimated", "stated", "documented"),
        ),
    ] = None
    language_spoken: Annotated[Text, field("Language spoken", section="Languages", required=True)] = None
    language_read: Annotated[Text, field("Language read")] = None
    interpreter_rules: Annotated[
        LongText, field("Rules for an interpreter", help="Sex, dialect, not from the same community.", search=True)
    ] = None
    asked_because: Annotated[
        Codes,
        field(
            "Why nationality, ethnicity or religion is asked",
            section="Only where a purpose needs it",
            codes="identity_purpose",
            help="Choose a purpose and save; only then are the three asked. Without one nobody needs to know.",
        ),
    ] = None
    nationality: Annotated[Text, field("Nationality", sensitive=True, when=("asked_because", ()))] = None
    ethnicity: Annotated[Text, field("Ethnicity", sensitive=True, when=("asked_because", ()))] = None
    religion: Annotated[Text, field("Religion", sensitive=True, when=("asked_because", ()))] = None
    id_documents: Annotated[Rows, field("Identity documents", sensitive=True, rows=ID_DOCUMENTS)] = None
    function: Annotated[Rows, field("Difficulties in daily life", section="Health and daily life", rows=FUNCTION)] = None
    specific_needs: Annotated[Codes, field("Specific needs", codes="specific_need")] = None
    pregnancy_or_infant: Annotated[Bool, field("Pregnant or with an infant")] = None
    do_not_contact: Annotated[
        Rows,
        field(
            "Must never be contacted or told",
            section="Who must not know",
            help="People and institutions that must never be told.",
            protect=union,
            sensitive=True,
            rows=DO_NOT_CONTACT,
        ),
    ] = None
    no_coplace: Annotated[Refs, field("Never in one place with", to="person", protect=union, sensitive=True)] = None
    photo: Annotated[
        Attach,
        field(
            "Photo",
            section="Photo and end of life",
            help="Needs its own consent, a stated reason and an end date.",
            sensitive=True,
        ),
    ] = None
    biometrics: Annotated[Text, field("Biometrics", hidden=True)] = None
    died: Annotated[FuzzyDate, field("Died")] = None
