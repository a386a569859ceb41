"""The keys of the public page: who opens what people write, and who signs what they read. Held by the intake desk."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Date, Record, Text, field, kind


@kind("intake_key", "Key of the help page", "Keys of the help page", "intake", sensitivity="S4", see=("intake", "supervisor"))
class IntakeKey(Record):
    """The keys of the public page for one period. Its private halves live only in this desk's vaults and die with their retention."""

    from_day: Annotated[Date, field("From", required=True, index=True)] = None
    identity: Annotated[Text, field("Opens requests", required=True, sensitive=True, hidden=True)] = None
    recipient: Annotated[Text, field("Public half", required=True)] = None
    recovery: Annotated[Text, field("Recovery recipient", required=True)] = None
    cap: Annotated[Text, field("Mailbox", required=True, sensitive=True, hidden=True)] = None
    reply_seed: Annotated[Text, field("Signs answers", required=True, sensitive=True, hidden=True)] = None
    certificate: Annotated[Text, field("Certificate", required=True)] = None
    root: Annotated[Text, field("Root key", required=True)] = None
    retired_on: Annotated[Date, field("Retired on", index=True)] = None
