"""A private talk about what the person wants, in their own words."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, Codes, DateTime, FuzzyDate, Int, LongText, Record, Ref, Rows, Text, field, kind, row
from panah.schema import first_of, intersection, union

HEARD = (row("mark", "text", "Mark"),)


@kind(
    "voluntariness_interview",
    "Free-will talk",
    "Free-will talks",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CASE",
    see=("caseworker", "supervisor"),
    minimum=("private", "want", "conclusion", "own_words"),
    title="want",
)
class VoluntarinessInterview(Record):
    """A private talk about what the person wants, in their own words."""

    subject: Annotated[Ref, field("Person", section="The talk", to="person", required=True, index=True)] = None
    about: Annotated[Code, field("About", codes="vi_about", required=True)] = None
    round: Annotated[Int, field("Round")] = None
    private: Annotated[
        Bool, field("In private", help='Without privacy the conclusion cannot be "of their own free will".', required=True)
    ] = None
    sight_and_hearing: Annotated[Code, field("Nobody could see or hear", codes="yn")] = None
    interviewer_choice_offered: Annotated[Bool, field("Choice of interviewer offered")] = None
    interpreter_unconnected: Annotated[Bool, field("Interpreter without ties to the people concerned")] = None
    phone_away: Annotated[Bool, field("Phones were away")] = None
    information_given: Annotated[
        Codes, field("What was explained", section="What was explained", codes="vi_information", required=True)
    ] = None
    information_source_date: Annotated[Text, field("How old and how sure our information is", search=True)] = None
    want: Annotated[Code, field("What the person wants", section="What the person wants", codes="want", required=True)] = None
    own_words: Annotated[
        LongText,
        field(
            "In the person's own words",
            help="In the person's language. It cannot be changed later; a further talk is a new record.",
            required=True,
            once=True,
            search=True,
        ),
    ] = None
    since_when: Annotated[FuzzyDate, field("Since when")] = None
    pressures: Annotated[
        Codes,
        field(
            "Pressure from",
            section="Pressure, promises, fears",
            codes="pressure_source",
            help="Pressure can also come from us.",
            protect=union,
        ),
    ] = None
    promises_made_to_them: Annotated[LongText, field("Promises made to them", search=True)] = None
    fears_if_leave: Annotated[LongText, field("Fears if leaving", search=True)] = None
    fears_if_stay: Annotated[LongText, field("Fears if staying", search=True)] = None
    who_else_affected: Annotated[LongText, field("Who else is affected", search=True)] = None
    can_change_mind: Annotated[Bool, field("Told that they can change their mind", section="Conclusion", required=True)] = None
    conclusion: Annotated[
        Code,
        field(
            "Conclusion",
            codes="voluntariness",
            required=True,
            protect=first_of("not_voluntary", "lacks_capacity_now", "unclear_repeat", "best_interest_process", "voluntary"),
        ),
    ] = None
    second_reader: Annotated[
        Text, field("Second reader", help="Another trained person who has read this and agrees, or not.")
    ] = None
    second_reading: Annotated[Code, field("What the second reader found", codes="second_reading")] = None
    mind_changed: Annotated[
        Code,
        field(
            "Changed their mind since",
            help="Ends what was decided, everywhere. Only a new talk can decide anew.",
            once=True,
            codes="yn",
            protect=first_of("yes", "partly", "no"),
        ),
    ] = None
    heard: Annotated[Rows, field("Known when this was said", protect=intersection, rows=HEARD, hidden=True)] = None
    next_round: Annotated[DateTime, field("Next talk", index=True)] = None
    awaits: Annotated[Bool, field("Waits for a second person", hidden=True, index=True)] = None
    still_due: Annotated[Bool, field("Still to be looked at again", hidden=True, index=True)] = None
