"""One message of a sealed conversation with someone who asked for help."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Code, Date, Int, LongText, Record, Ref, Rows, Text, field, kind, row

FILES = (
    row("file", "attach", "File"),
    row("media", "text", "Kind"),
)


@kind("message", "Message", "Messages", "intake", retention="RT-CONTACT", see=("intake", "supervisor"), title="text")
class Message(Record):
    """One message of a sealed conversation with someone who asked for help."""

    help_request: Annotated[Ref, field("Help request", to="help_request", required=True, index=True)] = None
    direction: Annotated[Code, field("Direction", codes="direction", required=True)] = None
    on: Annotated[Date, field("Day", required=True)] = None
    number: Annotated[Int, field("Number")] = None
    text: Annotated[LongText, field("Message", required=True, search=True)] = None
    files: Annotated[Rows, field("Files", rows=FILES)] = None
    deposit: Annotated[Text, field("Deposit", hidden=True, index=True)] = None
    sealed: Annotated[Text, field("Sealed answer", hidden=True)] = None
    state: Annotated[Code, field("State", codes="message_state", index=True)] = None
