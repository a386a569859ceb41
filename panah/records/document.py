"""A paper or a picture that is kept in a case."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Attach, Code, Date, LongText, Record, Ref, Text, field, kind

CODES = {
    "document_kind": (
        "identity_paper",
        "family_paper",
        "medical_paper",
        "court_or_police_paper",
        "agreement",
        "letter",
        "picture",
        "other_paper",
    )
}


@kind(
    "document",
    "Paper or picture",
    "Papers and pictures",
    "care/{case}",
    see=("caseworker", "supervisor"),
    minimum=("what", "file"),
    title="what",
)
class Document(Record):
    """A paper or a picture that is kept in a case."""

    what: Annotated[Code, field("What it is", codes="document_kind", required=True, index=True)] = None
    subject: Annotated[Ref, field("Person", to="person", index=True, help="Whose it is.")] = None
    file: Annotated[
        Attach,
        field(
            "File",
            required=True,
            help="Only what the work needs. Place, time, device and author are taken out before it is sealed.",
        ),
    ] = None
    original_with: Annotated[Text, field("Who has the original", help="No address.")] = None
    valid_until: Annotated[Date, field("Valid until")] = None
    remark: Annotated[LongText, field("Remark", search=True)] = None
