"""A form as we keep it: its questions, its lists of choices, in all its languages; and what is told to whoever wrote the sheet."""

from __future__ import annotations

from typing import Literal

import msgspec

MOST_QUESTIONS = 400
MOST_CHOICES = 900
MOST_WORDS = 3_000  # letters of one label or hint
MOST_LANGUAGES = 12

Words = dict[str, str]  # language -> text
PARTS = ("declined", "unknown")


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One choice of a list. `answer` marks the two that are answers of every question here: declined, unknown."""

    list: str
    name: str
    label: Words = {}
    answer: Literal["", "declined", "unknown"] = ""
    more: dict[str, str] = {}


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One question. `kind` is a kind of answer (schema.KINDS), or note, ack (a tick) or calculate.

    `section` is the title of the part that it stands in. `questions` are the columns of a list; `purpose` is why something is asked
    that is asked nowhere by default.
    """

    name: str
    kind: str
    label: Words = {}
    hint: Words = {}
    list: str = ""
    section: Words = {}
    required: bool = False
    relevant: str = ""
    constraint: str = ""
    message: Words = {}
    choice_filter: str = ""
    appearance: str = ""
    default: str = ""
    calculation: str = ""
    media: str = ""
    range: tuple[str, str, str] | None = None
    to: str = ""
    sensitive: bool = False
    purpose: str = ""
    questions: tuple[Question, ...] = ()


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole form. `language` is the one that stands where another is missing."""

    name: str
    title: str
    version: str
    language: str
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    choices: tuple[Choice, ...]

    def every(self) -> dict[str, Question]:
        """Every question by its name, those inside of lists too."""
        return {q.name: q for one in self.questions for q in (one, *one.questions)}

    def list(self, name: str) -> tuple[Choice, ...]:
        """The choices of a list, the two that are no choice left out."""
        return tuple(c for c in self.choices if c.list == name and not c.answer)


Level = Literal["repair", "warning", "problem"]


class Note(msgspec.Struct, frozen=True):
    """What is told about one place of a sheet: mended by us, to be thought about, or to be changed before the form can be used."""

    level: Level
    code: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    args: dict[str, str] = {}


def said(words: Words, lang: str, otherwise: str) -> str:
    """The text in a language; in the form's own, or in any that it has, where that one is missing."""
    return words.get(lang) or words.get(otherwise) or next((text for text in words.values() if text), "")
