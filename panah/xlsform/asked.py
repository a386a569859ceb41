"""A form as a record type: its questions as fields, so that forms, history, conflicts, search and exports treat them like all others."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec

from panah.i18n import text
from panah.records.answers import Answers
from panah.records.base import Record
from panah.records.entered import Wrong
from panah.records.entered import read as read_entered
from panah.records.question_form import QuestionForm
from panah.records.shown import display
from panah.schema import Field, NoAnswer, Value
from panah.xlsform import expressions, rules
from panah.xlsform.model import Choice, Form, Question, said
from panah.xlsform.reading import forbidden

SEARCHED, OTHERS = "t_", "q_"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,80}")
_STORED = {
    "code",
    "codes",
    "text",
    "longtext",
    "int",
    "decimal",
    "bool",
    "date",
    "datetime",
    "time",
    "fuzzydate",
    "name",
    "place",
    "attach",
    "list",
}
_KINDS = _STORED | {"note", "ack", "calculate", "ref", "refs"}
_NO_ANSWER = {"declined": "Did not want to answer", "unknown": "Not known"}
DEEP = 40


# -- as it is kept ---------------------------------------------------------------------------------------------------------


def kept(form: Form) -> dict[str, Value]:
    """The form as fields of a record; the columns of a list stand after it, with its name."""
    questions = []
    for q in form.questions:
        questions.append(msgspec.to_builtins(msgspec.structs.replace(q, questions=())))
        questions += [{**msgspec.to_builtins(c), "inside": q.name} for c in q.questions]
    return {
        "form_title": form.title, "form_name": form.name, "stated_version": form.version or None, "form_language": form.language,
        "spoken": " ".join(form.languages), "questions": questions, "choices": [msgspec.to_builtins(c) for c in form.choices] or None,
    }  # fmt: skip


def form_of(record: QuestionForm) -> Form | None:
    """The form that a record holds; None where it is none that this version can ask, whoever wrote it."""
    try:
        packed = msgspec.msgpack.encode(
            [
                record.questions,
                record.choices,
                record.spoken,
                record.form_language,
                record.form_name,
                record.form_title,
                record.stated_version,
            ]
        )
    except (TypeError, ValueError, OverflowError):
        return None
    return _form_in(packed)


@lru_cache(maxsize=64)
def _form_in(packed: bytes) -> Form | None:
    rows, listed, spoken, language, name, title, stated = msgspec.msgpack.decode(packed)
    try:
        columns: dict[str, list[Question]] = {}
        top = []
        for row in rows or []:
            inside = row.get("inside")
            question = msgspec.convert({k: v for k, v in row.items() if k != "inside"}, Question)
            if isinstance(inside, str) and inside:
                columns.setdefault(inside, []).append(question)
            else:
                top.append(question)
        questions = tuple(msgspec.structs.replace(q, questions=tuple(columns.get(q.name, ()))) for q in top)
        choices = tuple(msgspec.convert(row, Choice) for row in listed or [])
        languages = tuple(str(spoken or "en").split()) or ("en",)
        form = Form(
            str(name or ""), str(title or ""), str(stated or ""), str(language or languages[0]), languages, questions, choices
        )
    except (msgspec.ValidationError, AttributeError, TypeError):
        return None
    return form if _whole(form) else None


def _whole(form: Form) -> bool:
    every = [q for one in form.questions for q in (one, *one.questions)]
    names = [q.name for q in every]
    named = all(_NAME.fullmatch(n) for n in names) and len(set(names)) == len(names)
    known = all(q.kind in _KINDS and (q.kind not in ("code", "codes", "bool") or form.list(q.list)) for q in every)
    return bool(every) and named and known and not forbidden(form)


# -- as a record type ------------------------------------------------------------------------------------------------------


def type_of(form: Form, lang: str, today: str) -> type[Answers]:
    """The record type that asks these questions, in a language; its rules look at the day."""
    return _made(msgspec.msgpack.encode(form), lang, today)


@lru_cache(maxsize=64)
def _made(packed: bytes, lang: str, today: str) -> type[Answers]:
    form = msgspec.msgpack.decode(packed, type=Form)
    fields = tuple(_fields(form, lang))
    declared: Any = replace(Answers.KIND, label=form.title, plural=form.title, fields=(*fields, *Answers.KIND.fields))
    namespace = {"KIND": declared, "FORM": form, "TODAY": today, "missing": _missing, "problems": _problems}
    own = [(f.name, Any, None) for f in fields]
    made: Any = msgspec.defstruct("Asked", own, bases=(Answers,), namespace=namespace, kw_only=True, dict=True)
    return made  # type: ignore[no-any-return] # what bases say


def field_name(q: Question) -> str:
    """The name under which answers are kept. It says by itself whether search finds their words."""
    texts = q.kind in ("text", "longtext") or any(c.kind in ("text", "longtext") and not c.sensitive for c in q.questions)
    return (SEARCHED if texts and not q.sensitive else OTHERS) + q.name


def _fields(form: Form, lang: str) -> Iterable[Field]:
    section: dict[str, str] | None = None
    for q in form.questions:
        if q.kind == "calculate":
            continue
        opens = q.section != section and (section is not None or bool(q.section))
        section = q.section
        title = (said(q.section, lang, form.language) or text(lang, "Further questions")) if opens else ""
        yield _field(form, q, lang, section=title)


def _field(form: Form, q: Question, lang: str, section: str = "", inside: bool = False) -> Field:
    kind = {"ack": "bool", "bool": "code", "ref": "text", "refs": "text"}.get(q.kind, q.kind)
    choices = _choices(form, q, lang)
    if inside and choices:
        # Whole lists have the answers that are none; of one line they are choices.
        choices += tuple((f"no_answer_{why}", text(lang, words)) for why, words in _NO_ANSWER.items())
    condition = condition_of(form, q, lang)
    help = " ".join(
        part for part in (
            said(q.hint, lang, form.language), condition and text(lang, "Only if {condition}.", condition=condition),
            said(q.message, lang, form.language), q.purpose and text(lang, "Why this is asked: {purpose}", purpose=q.purpose),
            q.range and text(lang, "From {start} to {end}.", start=q.range[0], end=q.range[1]),
        ) if part
    )  # fmt: skip
    label = said(q.label, lang, form.language) or q.name
    return Field(
        q.name if inside else field_name(q), kind, f"{label} ({condition})" if inside and condition else label, help=help, required=q.required,
        choices=choices, sensitive=q.sensitive, section=section, why=said(q.message, lang, form.language),
        fields=tuple(_field(form, c, lang, inside=True) for c in q.questions if c.kind not in ("calculate", "note")) if kind == "list" else (),
    )  # fmt: skip


def _choices(form: Form, q: Question, lang: str) -> tuple[tuple[str, str], ...]:
    found = {c.name: said(c.label, lang, form.language) or c.name for c in form.list(q.list)} if q.list else {}
    return tuple(found.items())


def condition_of(form: Form, q: Question, lang: str) -> str:
    """When a question is asked, in words; the condition itself where it has none, empty where it is always asked."""
    tree = rules.tree(q.relevant)
    if tree is None:
        return ""
    every = form.every()

    def label(name: str) -> str:
        return said(every[name].label, lang, form.language) if name in every else ""

    def choice(name: str, code: str) -> str:
        there = every.get(name)
        found = next((c for c in form.choices if there and c.list == there.list and c.name == code), None)
        return (said(found.label, lang, form.language) or text(lang, _NO_ANSWER.get(found.answer, "")) or code) if found else code

    return expressions.in_words(tree, label, choice, lang) or q.relevant


# -- what the answers come to ----------------------------------------------------------------------------------------------


class Looked:
    """The answers of one record, as conditions see them."""

    def __init__(self, form: Form, record: Record, today: str) -> None:
        self.form = form
        self.record = record
        self.today = today
        self.every = form.every()
        self.columns = {c.name: q for q in form.questions for c in q.questions}
        self.depth = 0

    def __call__(self, name: str, row: Mapping[str, Value] | None = None) -> Value:
        q = self.every.get(name)
        if q is None:
            return None
        if q.kind == "calculate":
            return self.compute(q.calculation, row)
        if name in self.columns:
            if row is not None:
                return self.plain(q, row.get(name))
            lines = getattr(self.record, field_name(self.columns[name]), None)
            return (
                [self.plain(q, line.get(name)) for line in lines if isinstance(line, dict)] if isinstance(lines, list) else None
            )
        return self.plain(q, getattr(self.record, field_name(q), None))

    def plain(self, q: Question, value: Value) -> Value:
        """An answer as the language of conditions has it."""
        if isinstance(value, NoAnswer):
            found = next((c.name for c in self.form.choices if c.list == q.list and c.answer == value.why), None)
            return found if q.list else None
        if q.kind == "ack":
            return "OK" if value is True else None
        if isinstance(value, dict):
            return value.get("value") or value.get("text")
        return value

    def compute(
        self, written: str, row: Mapping[str, Value] | None = None, own: Value = None, choice: Choice | None = None
    ) -> Value:
        tree = rules.tree(written)
        if tree is None or self.depth > DEEP:
            return None
        self.depth += 1
        try:
            column = (lambda name: {"name": choice.name, **choice.more}.get(name)) if choice else (lambda name: None)
            return expressions.compute(tree, lambda name: self(name, row), self.today, own, column)
        finally:
            self.depth -= 1

    def relevant(self, q: Question, row: Mapping[str, Value] | None = None) -> bool:
        """Whether a question is asked, as things stand."""
        return not q.relevant or expressions.true(self.compute(q.relevant, row))

    def fits(self, q: Question, choice: Choice, row: Mapping[str, Value] | None = None) -> bool:
        """Whether a choice is among those that are offered."""
        return not q.choice_filter or expressions.true(self.compute(q.choice_filter, row, choice=choice))

    def settled(self, q: Question, row: Mapping[str, Value] | None = None) -> bool:
        """Whether everything that a filter of choices looks at is answered."""
        tree = rules.tree(q.choice_filter)
        return tree is not None and all(self(name, row) not in (None, "") for name in expressions.answers_in(tree))


def looked(record: Any) -> Looked:  # a record of a type that _made made
    """The answers of a record as conditions see them."""
    return Looked(type(record).FORM, record, type(record).TODAY)


def _missing(self: Any) -> list[str]:
    """What is needed, is asked as things stand, and is not answered yet."""
    look = looked(self)
    found = []
    for q in look.form.questions:
        name = field_name(q)
        if q.kind in ("note", "calculate") or not look.relevant(q):
            continue
        value = getattr(self, name)
        lines = value if isinstance(value, list) and q.kind == "list" else []
        lacking = any(
            c.required and look.relevant(c, line) and line.get(c.name) is None
            for line in lines
            if isinstance(line, dict)
            for c in q.questions
        )
        if lacking or (q.required and value is None):
            found.append(name)
    return found


def _problems(self: Any, only: Collection[str] | None = None) -> list[tuple[str, str]]:
    """The problems of every record, then the rules of the questions for what is answered."""
    found = Record.problems(self, only)
    wrong = {name for name, _ in found}
    look = looked(self)
    for q in look.form.questions:
        name = field_name(q)
        if q.kind in ("note", "calculate") or name in wrong or (only is not None and name not in only):
            continue
        value = getattr(self, name)
        if code := _outside(look, q, value, None):
            found.append((name, code))
        elif q.kind == "list" and isinstance(value, list):
            codes = (_outside(look, c, line.get(c.name), line) for line in value if isinstance(line, dict) for c in q.questions)
            if code := next((c for c in codes if c), ""):
                found.append((name, code))
    return found


def _outside(look: Looked, q: Question, value: Value, row: Mapping[str, Value] | None) -> str:
    if value is None or isinstance(value, NoAnswer) or value == []:
        return ""
    if q.choice_filter and look.settled(q, row):
        offered = {c.name for c in look.form.list(q.list) if look.fits(q, c, row)} | {"no_answer_declined", "no_answer_unknown"}
        if not set(value if isinstance(value, list) else [value]) <= offered:
            return "choice_does_not_fit"
    if q.range and isinstance(value, int | float) and not float(q.range[0]) <= value <= float(q.range[1]):
        return "answer_outside_rule"
    if q.constraint and rules.tree(q.constraint) is not None:
        return "" if expressions.true(look.compute(q.constraint, row, own=look.plain(q, value))) else "answer_outside_rule"
    return ""


def offered(record: Any, name: str, row: Mapping[str, Value] | None = None) -> set[str] | None:
    """The codes of a question that fit as things stand; None where all do."""
    look = looked(record)
    q = next((q for q in look.form.questions if field_name(q) == name), None)
    if q is None or not q.choice_filter or not look.settled(q, row):
        return None
    return {c.name for c in look.form.list(q.list) if look.fits(q, c, row)}


def computed(record: Any, lang: str) -> list[tuple[str, str]]:
    """(label, value) of what is computed from the answers, for pages that show it."""
    look = looked(record)
    found = []
    for q in look.form.questions:
        if q.kind == "calculate" and q.label and look.relevant(q) and (value := look(q.name)) not in (None, ""):
            shown = expressions.words(value)
            kind = "int" if isinstance(value, int | float) else "text"
            found.append((said(q.label, lang, look.form.language), display(Field(q.name, kind, ""), shown, lang)))
    return found


def begin(record: Any) -> None:
    """Fill in what stands in the boxes of an empty form at first."""
    look = looked(record)
    for q in look.form.questions:
        if q.default and q.kind in _STORED:
            f = next(f for f in record.KIND.fields if f.name == field_name(q))
            entered = q.default.split() if q.kind == "codes" else [q.default]
            try:
                setattr(record, f.name, read_entered(f, {f.name: entered}, f.name, None))
            except Wrong:
                continue
