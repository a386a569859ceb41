"""Answers to a form of a team's own. Which questions it has, its form says; the answers stand here under the names of the questions."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Record, Ref, Text, field, kind


@kind(
    "answers",
    "Answers to a form of our own",
    "Answers to forms of our own",
    "care/{case}",
    sensitivity="S3",
    retention="RT-CASE",
    title="form_title",
    open="t_",
)
class Answers(Record):
    """Answers to a form of a team's own, under the version that asked."""

    form: Annotated[Ref, field("Form", to="question_form", once=True, index=True, hidden=True)] = None
    form_title: Annotated[Text, field("Title of the form", once=True, hidden=True)] = None
