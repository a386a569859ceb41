"""Something to be done, by whom and until when."""

from __future__ import annotations

from typing import Annotated

from panah.records.base import Bool, Code, DateTime, Record, Ref, Text, field, kind


@kind(
    "task",
    "Task",
    "Tasks",
    "care/{case}",
    sensitivity="S2",
    retention="RT-OPS",
    see=("caseworker", "supervisor"),
    minimum=("title", "owner", "due", "task_state"),
    title="title",
)
class Task(Record):
    """Something to be done, by whom and until when."""

    title: Annotated[Text, field("Title", help="No names: tasks are shown outside the case.", required=True, search=True)] = None
    about: Annotated[Ref, field("About", to="case")] = None
    owner: Annotated[Text, field("Who does it", required=True, index=True)] = None
    due: Annotated[DateTime, field("Due", required=True, index=True)] = None
    task_state: Annotated[Code, field("State", codes="task_status", required=True, index=True)] = None
    critical: Annotated[Bool, field("Urgent enough to wake someone")] = None
