"""A form that a team wrote itself: one version of its questions, never changed after it was put in use."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Code, Int, Record, Ref, Rows, Text, field, kind, row
from panah.schema import first_of

CODES = {"form_state": ("in_use", "replaced", "retired")}


@kind("question_form", "Form of our own", "Forms of our own", "team", sensitivity="S1", retention="RT-CASE", title="form_title")
class QuestionForm(Record):
    """A form that a team wrote itself: one version of its questions, never changed after it was put in use."""

    form_title: Annotated[Text, field("Title of the form", once=True)] = None
    form_name: Annotated[Text, field("Short name of the form", once=True, hidden=True)] = None
    form_version: Annotated[Int, field("Version of the form", once=True)] = None
    form_state: Annotated[
        Code, field("State of the form", codes="form_state", index=True, protect=first_of("retired", "replaced", "in_use"))
    ] = None
    replaces: Annotated[Ref, field("In place of", to="question_form", once=True, hidden=True)] = None
    stated_version: Annotated[Text, field("Version as its author wrote it", once=True, hidden=True)] = None
    form_language: Annotated[Text, field("First language of the form", once=True, hidden=True)] = None
    spoken: Annotated[Text, field("Languages of the form", once=True)] = None
    questions: Annotated[
        Rows, field("Questions", once=True, hidden=True, rows=(row("name", "text", "Name"), row("kind", "text", "Kind")))
    ] = None
    choices: Annotated[
        Rows, field("Choices", once=True, hidden=True, rows=(row("list", "text", "List"), row("name", "text", "Name")))
    ] = None
