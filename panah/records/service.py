"""One service that a person needs or was given, until they say that it helped."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Code, Date, LongText, Record, Ref, Text, field, kind


@kind(
    "service",
    "Service",
    "Services",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CASE",
    see=("caseworker", "supervisor"),
    minimum=("type", "service_state"),
    title="type",
)
class Service(Record):
    """One service that a person needs or was given, until they say that it helped."""

    subject: Annotated[Ref, field("Person", section="What is needed", to="person", required=True, index=True)] = None
    type: Annotated[Code, field("Kind of service", codes="service_type", required=True, index=True)] = None
    service_state: Annotated[
        Code,
        field(
            "Where it stands",
            codes="service_status",
            help="Declined by the person is a complete answer, and changes nothing about the rest.",
            required=True,
            index=True,
        ),
    ] = None
    provider: Annotated[Text, field("By whom", search=True)] = None
    planned_for: Annotated[Date, field("Planned for", index=True)] = None
    received_on: Annotated[Date, field("Received on", section="Whether it was received")] = None
    person_confirms: Annotated[
        Code,
        field(
            "The person confirms",
            codes="yn",
            help="Did it help, and was it respectful? Asked from the person where that is safe.",
        ),
    ] = None
    note: Annotated[LongText, field("Note", search=True)] = None
