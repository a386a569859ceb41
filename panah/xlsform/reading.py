"""Read a form that somebody wrote in sheets: what can be mended is mended and told, what cannot is told with its place and what to write instead."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from panah.errors import Unreadable
from panah.files import apart
from panah.files import sheets as read_apart
from panah.xlsform import lists, rules, subjects, types
from panah.xlsform.model import MOST_QUESTIONS, MOST_WORDS, Choice, Form, Note, Question, Words
from panah.xlsform.tables import Row, Sheet, Table, Told, find, spoken, table

MOST_FILE = 8 * 1024 * 1024
DEEP = 8
_Worded = TypeVar("_Worded", Choice, Question)
_YES = {"yes", "y", "true", "true()", "1", "x", "بله", "آری", "بەڵێ"}
_NO = {"", "no", "n", "false", "false()", "0", "خیر", "نه", "نەخێر"}
OURS = {"longtext", "fuzzydate", "name", "place", "bool", "ref", "refs"}


class Read(msgspec.Struct):
    """What came of a file: the form, unless something has to be changed first; and everything to be told."""

    form: Form | None
    notes: list[Note]

    @property
    def usable(self) -> bool:
        return self.form is not None and not any(note.level == "problem" for note in self.notes)


@dataclass(slots=True)
class _Open:
    """A group or repeat that is not ended yet."""

    kind: str
    name: str
    row: Row
    section: Words
    relevant: str
    question: Question | None = None
    inside: list[Question] = field(default_factory=list)


@dataclass(slots=True)
class _Survey:
    """What reading the questions keeps in mind."""

    told: Told
    listed: dict[str, list[Choice]]
    choice_names: dict[str, str]
    names: dict[str, str] = field(default_factory=dict)  # as written -> as it is now
    taken: set[str] = field(default_factory=set)
    made: list[Choice] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)


def workbook(data: bytes) -> Read:
    """Read a stranger's .xlsx, in the confined process. Refused or Unreadable where there is no form in it at all."""
    if len(data) > MOST_FILE:
        raise Unreadable("sheet_too_large")
    read_apart.known_by_head(data)
    _, out = apart.run("sheets", data)
    try:
        sheets = msgspec.json.decode(out, type=list[Sheet])
    except (msgspec.DecodeError, RecursionError) as e:
        raise Unreadable("sheet_broken") from e
    return understood(sheets)


def understood(sheets: list[Sheet]) -> Read:
    """The form in these sheets. Pure, and never raises whatever stands in them."""
    told = Told()
    settings = _settings(find(sheets, "settings", ("setting",), (), told))
    survey_sheet = find(sheets, "survey", ("form", "questions"), ("type", "name"), told)
    if survey_sheet is None:
        told("problem", "no_survey")
        return Read(None, told.notes)
    language = settings.get("default_language", "")
    survey = table(survey_sheet, ("type", "name"), told, language)
    choices_sheet = find(sheets, "choices", ("choice", "options", "lists"), ("list_name",), told)
    choices = table(choices_sheet, ("list_name", "name"), told, language) if choices_sheet else None
    if survey is None:
        return Read(None, told.notes)
    languages = tuple(dict.fromkeys([*([language] if language else []), *spoken([t for t in (survey, choices) if t])])) or ("en",)
    names, listed = lists.read(choices, languages, told) if choices else ({}, [])
    work = _Survey(told, {}, names)
    for choice in listed:
        work.listed.setdefault(choice.list, []).append(choice)
    questions = _questions(survey, work)
    if not questions and not any(n.level == "problem" for n in told.notes):
        told("problem", "nothing_asked", survey.name)
    every = [q for one in questions for q in (one, *one.questions)]
    used = {q.list for q in every if q.list}
    for name in work.listed:
        if name not in used:
            told("repair", "list_unused", choices.name if choices else "", list=name)
    _words_missing(work, every, languages)
    title = settings.get("form_title", "") or settings.get("form_id", "") or "Questions"
    form = Form(
        _identifier(settings.get("form_id", "") or title), title[:200], settings.get("version", "")[:40], languages[0], languages,
        tuple(questions), lists.with_answers([*listed, *(_in(languages, c) for c in work.made)], used),
    )  # fmt: skip
    form = msgspec.structs.replace(form, questions=tuple(_in(languages, q) for q in form.questions))
    form = rules.checked(form, work.names, work.rows, work.choice_names, told)
    return Read(form, told.notes)


def _settings(sheet: Sheet | None) -> dict[str, str]:
    if sheet is None or len(sheet.rows) < 2:
        return {}
    from panah.xlsform import headers

    columns, _ = headers.columns(sheet.rows[0][1])
    cells = sheet.rows[1][1]
    found = {c.name: " ".join(cells[c.at].split()) for c in columns if c.at < len(cells)}
    if language := found.get("default_language", ""):
        found["default_language"] = headers.tag(language)
    return found


def _identifier(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")[:60] or "questions"


def _questions(survey: Table, work: _Survey) -> list[Question]:
    told, top = work.told, list[Question]()
    stack: list[_Open] = []
    count = 0
    for row in survey.rows:
        written = row.get("type")
        if written.startswith("#"):
            continue
        if not written:
            told("problem", "type_missing", row, "type")
            continue
        kind = types.read(written)
        if kind is not None and kind.type in ("end_group", "end_repeat"):
            _end(row, kind.type, stack, top, told)
            continue
        if kind is not None and kind.type in ("begin_group", "begin_repeat"):
            _begin(row, kind.type, stack, work)
            continue
        count += 1
        if count > MOST_QUESTIONS:
            told("problem", "questions_too_many", row, most=MOST_QUESTIONS)
            break
        inside = next((o for o in reversed(stack) if o.kind == "begin_repeat"), None)
        for question in _question(row, written, kind, stack, inside, work):
            (inside.inside if inside else top).append(question)
    while stack:
        told("repair", "group_not_closed", stack[-1].row, "type", name=stack[-1].name)
        _close(stack, top)
    return top


def _begin(row: Row, kind: str, stack: list[_Open], work: _Survey) -> None:
    told = work.told
    if len(stack) >= DEEP:
        told("problem", "too_deep", row, "type")
    outer = next((o for o in stack if o.kind == "begin_repeat"), None)
    name = _name(row, work)
    words = _label(row, "label", told)
    above = stack[-1].section if stack else {}
    section = (
        words if not above else {lang: f"{above.get(lang, '')} – {text}".strip(" –") for lang, text in words.items()} or above
    )
    relevant = rules.both(stack[-1].relevant if stack and stack[-1].kind == "begin_group" else "", row.get("relevant"))
    if kind == "begin_repeat":
        if outer is not None:
            told("problem", "list_in_list", row, "type")
        if row.get("repeat_count"):
            told("repair", "repeat_count", row, "repeat_count")
        hint = _label(row, "hint", told)
        kept = row.get("panah_kind")
        question = Question(
            name, "name" if kept == "name" else "list", words, hint, section=above, relevant=relevant, required=_required(row, told),
            sensitive=_sensitive(row, told),
        )  # fmt: skip
        _subject(row, question, told)
        stack.append(_Open(kind, name, row, above, "", question))
        return
    if words == {} and not above:
        section = {}
    stack.append(_Open(kind, name, row, section, relevant))


def _end(row: Row, kind: str, stack: list[_Open], top: list[Question], told: Told) -> None:
    if not stack:
        told("repair", "end_without_begin", row, "type")
        return
    if stack[-1].kind != kind.replace("end", "begin"):
        told("repair", "group_crossed", row, "type", written=kind, name=stack[-1].name)
    _close(stack, top)


def _close(stack: list[_Open], top: list[Question]) -> None:
    ended = stack.pop()
    if ended.question is not None and ended.inside and not any(o.kind == "begin_repeat" for o in stack):
        top.append(msgspec.structs.replace(ended.question, questions=tuple(ended.inside)))


def _question(
    row: Row, written: str, kind: types.Written | None, stack: list[_Open], inside: _Open | None, work: _Survey
) -> list[Question]:
    told = work.told
    if kind is None:
        near = difflib.get_close_matches(written.casefold(), [*types.KINDS, "dateTime"], 1)
        told("problem", "type_unknown", row, "type", written=written, near=near[0] if near else "")
        return []
    if kind.type == "about_device":
        told("repair", "device_left_out", row, "type", written=written)
        return []
    if kind.type == "geopoint":
        told("problem", "exact_place", row, "type", written=written)
        return []
    if kind.type in types.ELSEWHERE:
        told("problem", "rank_unknown" if kind.type == "rank" else "type_elsewhere", row, "type", written=written)
        return []
    if kind.mended:
        meant = " ".join(p for p in (kind.type, kind.list, "or_other" if kind.other else "") if p)
        told(
            "repair",
            "number_as_decimal" if written.casefold() == "number" else "type_mended",
            row,
            "type",
            written=written,
            meant=meant,
        )
    if inside and types.KINDS[kind.type] == "attach":
        told("problem", "file_in_list", row, "type")
    if inside and kind.type == "note":
        told("repair", "note_in_list", row, "type")
        return []
    return _made(row, kind, stack, inside, work)


def _made(row: Row, kind: types.Written, stack: list[_Open], inside: _Open | None, work: _Survey) -> list[Question]:
    told = work.told
    name = _name(row, work)
    # Parts inside of a repeat give their conditions to its questions; those around it gave theirs to the repeat.
    groups = [o for o in stack if o.kind == "begin_group"] if inside is None else stack[stack.index(inside) + 1 :]
    question = Question(
        name, _kind(row, kind), _label(row, "label", told), _label(row, "hint", told),
        list=_list(row, kind, work) if kind.type.startswith("select") else "",
        section={} if inside or not stack else stack[-1].section,
        required=_required(row, told), relevant=rules.both(groups[-1].relevant if groups else "", row.get("relevant")),
        constraint=row.get("constraint"), message=_label(row, "constraint_message", told), choice_filter=row.get("choice_filter"),
        appearance=_appearance(row), default=row.get("default"), calculation=row.get("calculation"),
        media=kind.type if kind.type in ("image", "audio", "video") else "", to=row.get("panah_to")[:60],
        sensitive=_sensitive(row, told), purpose=row.get("purpose")[:500],
    )  # fmt: skip
    if kind.type == "range":
        question = _range(row, question, told)
    if not question.label and question.kind != "calculate":
        told("repair", "label_missing", row, "label")
    if row.get("read_only").casefold() in _YES and not question.calculation:
        told("repair", "read_only_note", row, "read_only")
        question = Question(name, "note", question.label, question.hint, section=question.section, relevant=question.relevant)
        if inside:
            return []
    elif question.calculation and question.kind in ("text", "int", "decimal", "date"):
        question = msgspec.structs.replace(question, kind="calculate")
    if question.kind == "calculate":
        question = msgspec.structs.replace(question, required=False, constraint="", message={})
    question = _subject(row, question, told)
    found = [question]
    if kind.other and question.list:
        told("repair", "other_added", row, "type", name=f"{name}_other")
        found.append(_other(question, work))
    return found


def _kind(row: Row, kind: types.Written) -> str:
    ours = row.get("panah_kind")
    if ours in OURS and (ours not in ("bool",) or kind.type == "select_one"):
        return ours
    found = types.KINDS[kind.type]
    appearance = set(row.get("appearance").split())
    if found == "text" and appearance & {"multiline", "textarea", "long"}:
        return "longtext"
    if found == "date" and appearance & {"year", "month-year"}:
        return "fuzzydate"
    return found


def _appearance(row: Row) -> str:
    return " ".join(word for word in row.get("appearance").split() if word != "multiline")[:100]


def _other(question: Question, work: _Survey) -> Question:
    """What "or_other" stands for: one more choice, and a question for its words."""
    listed = work.listed.setdefault(question.list, [])
    if not any(c.name == "other" for c in listed + work.made if c.list == question.list):
        work.made.append(Choice(question.list, "other", {"en": "Other", "fa": "چیز دیگر", "ckb": "شتێکی تر"}))
    name = f"{question.name}_other"
    work.taken.add(name)
    work.names[name] = name
    work.rows[name] = work.rows[question.name]
    words = {"en": "What else?", "fa": "چه چیز دیگری؟", "ckb": "چی تر؟"}
    relevant = rules.both(question.relevant, f"selected(${{{question.name}}}, 'other')")
    return Question(name, "text", words, section=question.section, relevant=relevant, sensitive=question.sensitive)


def _name(row: Row, work: _Survey) -> str:
    written = row.get("name")
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", written).strip("_")
    if plain and not plain[0].isalpha():
        plain = f"q_{plain}" if plain[0] != "_" else plain.strip("_")
    name = (plain or f"row_{row.n}")[:60]
    if not written:
        work.told("repair", "name_made", row, "name", meant=name)
    elif name != written:
        work.told("repair", "name_mended", row, "name", written=written, meant=name)
    if name in work.taken:
        n = 2
        while f"{name}_{n}" in work.taken:
            n += 1
        work.told("repair", "name_twice", row, "name", written=name, meant=f"{name}_{n}")
        name = f"{name}_{n}"
    else:
        work.names.setdefault(written, name)
    work.taken.add(name)
    work.names.setdefault(name, name)
    work.rows[name] = row
    return name


def _label(row: Row, column: str, told: Told) -> Words:
    words = row.words(column)
    for lang, text in words.items():
        if len(text) > MOST_WORDS:
            told("problem", "words_too_long", row, f"{column}::{lang}", most=MOST_WORDS)
    return words


def _list(row: Row, kind: types.Written, work: _Survey) -> str:
    told, wanted = work.told, kind.list
    if not wanted:
        told("problem", "list_not_named", row, "type")
        return ""
    if wanted in work.listed:
        return wanted
    plain = {name.casefold().replace("-", "_"): name for name in work.listed}
    if near := plain.get(wanted.casefold().replace("-", "_")):
        told("repair", "list_mended", row, "type", list=wanted, meant=near)
        return near
    if wanted.casefold() in ("yes_no", "yesno", "yn", "yes_or_no"):
        told("repair", "list_made", row, "type", list=wanted)
        work.made += [
            Choice(wanted, "yes", {"en": "Yes", "fa": "بله", "ckb": "بەڵێ"}),
            Choice(wanted, "no", {"en": "No", "fa": "خیر", "ckb": "نەخێر"}),
        ]
        work.listed[wanted] = []
        return wanted
    told("problem", "list_missing", row, "type", list=wanted, lists=", ".join(sorted(work.listed)[:10]) or "-")
    return ""


def _required(row: Row, told: Told) -> bool:
    written = row.get("required").casefold()
    if written in _NO:
        return False
    if written not in _YES:
        told("repair", "required_condition", row, "required")
    return True


def _sensitive(row: Row, told: Told) -> bool:
    return row.get("sensitive").casefold() not in _NO


def _range(row: Row, question: Question, told: Told) -> Question:
    given = dict(re.findall(r"(start|end|step)\s*=\s*(-?\d{1,9}(?:\.\d{1,6})?)", row.get("parameters").casefold()))
    start, end, step = given.get("start", "1"), given.get("end", "10"), given.get("step", "1")
    if (row.get("parameters") and not given) or float(start) > float(end) or float(step) == 0:
        told("problem", "range_wrong", row, "parameters", text=row.get("parameters"))
        return question
    kind = "decimal" if any("." in part for part in (start, end, step)) else "int"
    return msgspec.structs.replace(question, kind=kind, range=(start, end, step))


def _subject(row: Row, question: Question, told: Told) -> Question:
    """NN-17, NN-31 and NN-02: what care forms do not ask, ask only for a purpose, and never need."""
    texts = texts_of(question)
    if subject := subjects.refused(*texts):
        told("problem", f"asks_{subject}", row, "label")
    elif subject := subjects.careful(*texts):
        if not question.purpose:
            told("problem", "needs_purpose", row, "label", subject=subject)
        else:
            told("warning", "kept_sensitive", row, "label", subject=subject)
    elif subjects.identifies(*texts) and question.required:
        told("warning", "not_needed", row, "required")
    return guarded(question)


def guarded(question: Question) -> Question:
    """The question as it may be asked: what tells who somebody is, or of which people, is sensitive and never needed."""
    texts = texts_of(question)
    if subjects.careful(*texts) or subjects.identifies(*texts):
        return msgspec.structs.replace(question, sensitive=True, required=False)
    return question


def texts_of(question: Question) -> list[str]:
    """What a question says, for looking at what it is about."""
    return [*question.label.values(), *question.hint.values(), question.name.replace("_", " ")]


def forbidden(form: Form) -> bool:
    """Whether a form asks what is not asked, or exact persons without need: such a form is not shown, whoever sent it."""
    for q in form.every().values():
        texts = texts_of(q)
        if subjects.refused(*texts) or (subjects.careful(*texts) and not q.purpose) or guarded(q) != q:
            return True
    return False


def _in(languages: tuple[str, ...], one: _Worded) -> _Worded:
    """Words of ours only in the languages of the form."""
    label = {lang: text for lang, text in one.label.items() if lang in languages} or dict(
        zip(languages, list(one.label.values())[:1], strict=False)
    )
    if isinstance(one, Question):
        return msgspec.structs.replace(one, label=label, questions=tuple(_in(languages, q) for q in one.questions))
    return msgspec.structs.replace(one, label=label)


def _words_missing(work: _Survey, every: list[Question], languages: tuple[str, ...]) -> None:
    for q in every:
        lacking = [lang for lang in languages if not q.label.get(lang)]
        if q.label and lacking and not q.name.endswith("_other"):
            work.told("warning", "label_language_missing", work.rows[q.name], "label", languages=", ".join(lacking))
