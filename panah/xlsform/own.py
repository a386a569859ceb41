"""Our own record types as forms, for paper and for other tools: every question in every language that we have."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec

from panah import i18n
from panah.i18n import label, text
from panah.records.codes import CODES
from panah.records.entered import parts_of
from panah.schema import Field, Kind
from panah.xlsform import subjects
from panah.xlsform.lists import with_answers
from panah.xlsform.model import Choice, Form, Question, Words
from panah.xlsform.reading import guarded, texts_of

LANGUAGES = tuple(i18n.LANGUAGES)
YES_OR_NO = "yes_or_no"


def form_of(kind: Kind) -> Form:
    """A record type as a form; what has no place on a form (codes given by us, references kept hidden) is left out."""
    choices: dict[str, list[Choice]] = {}
    questions, section = [], Words()
    for f in kind.fields:
        if f.section:
            section = _words(f.section)
        if not f.hidden and f.name != "code":
            questions.append(_question(f, section, choices))
    every = [c for listed in choices.values() for c in listed]
    title = text("en", kind.label)
    return Form(kind.name, title, "", "en", LANGUAGES, tuple(questions), with_answers(every, set(choices)))


def _words(msgid: str) -> Words:
    return {lang: " ".join(said.split()) for lang in LANGUAGES if (said := text(lang, msgid))} if msgid else {}


def _question(f: Field, section: Words, choices: dict[str, list[Choice]]) -> Question:
    listed = ""
    if f.kind in ("code", "codes", "bool"):
        listed = YES_OR_NO if f.kind == "bool" else f.codes
        words = {"yes": _words("Yes"), "no": _words("No")} if f.kind == "bool" else {}
        for code in words or CODES[f.codes]:
            found = words.get(code) or {lang: label(f.codes, code, lang) for lang in LANGUAGES}
            if not any(c.name == code for c in choices.setdefault(listed, [])):
                choices[listed].append(Choice(listed, code, found))
    inside = (
        ()
        if f.kind not in ("list", "name")
        else tuple(_question(replace(c, name=f"{f.name}_{c.name}"), {}, choices) for c in parts_of(f))
    )
    purpose = " ".join((f.help or f.label).split())
    made = Question(
        f.name, f.kind, _words(f.label), _words(f.help), list=listed, section=section, required=f.required, to=f.to, sensitive=f.sensitive,
        questions=inside,
    )  # fmt: skip
    careful = subjects.careful(*texts_of(made))
    return guarded(msgspec.structs.replace(made, purpose=purpose) if careful else made)


def file_name(name: str) -> str:
    """A name for the file of a form."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", name)[:60] + ".xlsx"
