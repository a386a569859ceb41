"""Someone asks for help: what they wrote, and how they may safely be answered."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Code, Codes, Date, Int, LongText, Place, Record, Ref, Rows, Text, field, kind, row
from panah.schema import first_of, intersection

SAFE_CONTACT = (
    row("means", "text", "By what means"),
    row("when", "text", "Days and hours"),
    row("words", "text", "Words to use or to avoid"),
)


@kind(
    "help_request",
    "Help request",
    "Help requests",
    "intake",
    sensitivity="S3",
    retention="RT-CONTACT",
    see=("intake", "supervisor"),
    minimum=("channel", "message"),
    title="message",
)
class HelpRequest(Record):
    """Someone asks for help: what they wrote, and how they may safely be answered."""

    channel: Annotated[Code, field("Channel", section="The message", codes="channel", required=True)] = None
    who_writes: Annotated[
        Code,
        field(
            "Who writes",
            codes="who_writes",
            help="A relative's message opens a contact, never a case about the person before the person was reached.",
            required=True,
        ),
    ] = None
    message: Annotated[LongText, field("Message", required=True, search=True)] = None
    language_written: Annotated[Text, field("Language of the message", required=True)] = None
    safe_to_reply: Annotated[
        Code,
        field(
            "Is it safe to answer",
            section="Answering safely",
            codes="decision",
            help="If the person said no, nothing is sent: they come back by themselves.",
            required=True,
            protect=first_of("no", "later", "yes"),
        ),
    ] = None
    safe_contact: Annotated[Rows, field("Safe ways to answer", protect=intersection, sensitive=True, rows=SAFE_CONTACT)] = None
    return_code_hash: Annotated[Text, field("Verifier of the return phrase", hidden=True)] = None
    # For the desk that answers and its supervisors: exactly those who hold the intake key.
    duress_word: Annotated[Text, field("Danger word", sensitive=True)] = None
    danger_now: Annotated[Code, field("Danger now", section="What is needed", codes="urgency", index=True)] = None
    people: Annotated[Int, field("How many people")] = None
    children: Annotated[Int, field("Of them children")] = None
    need_first: Annotated[Codes, field("Needed first", codes="service_type")] = None
    area: Annotated[Place, field("Area", help="Coarse, unless a pick-up is agreed.", sensitive=True)] = None
    device_risk: Annotated[Codes, field("Whose phone it is", codes="device_risk")] = None
    authenticity: Annotated[
        Code,
        field(
            "How sure we are who writes",
            section="Notes of the desk",
            codes="authenticity",
            help="Never a ground to refuse help; it changes only what we reveal.",
        ),
    ] = None
    outcome: Annotated[Code, field("Outcome", codes="contact_outcome", index=True)] = None
    received_on: Annotated[Date, field("Received on", index=True, help="The day only; finer times are not kept (NN-33).")] = None
    opened_case: Annotated[Ref, field("Case", to="case", index=True)] = None
    deletion_asked: Annotated[Date, field("Asked to delete on", section="The person's wish", index=True)] = None
    deletion_answer: Annotated[
        Code, field("What became of it", codes="deletion_answer", help="Make sure first that it was they who asked (NN-61).")
    ] = None
    # The sealed thread: where answers go and to whose key. Written by the phone, never by a person here.
    thread: Annotated[Text, field("Thread", hidden=True, index=True)] = None
    reply_recipient: Annotated[Text, field("Sealed to", hidden=True)] = None
    reply_relay: Annotated[Text, field("Relay", hidden=True)] = None
    reply_box: Annotated[Text, field("Mailbox", hidden=True)] = None
