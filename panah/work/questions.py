"""Questions of a team's own: put a checked form in use, replace it, retire it; and the answers that stand in cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from panah.config import ADMINISTRATOR
from panah.errors import NotFound, Refused
from panah.kernel.session import Session
from panah.records.answers import Answers
from panah.records.question_form import QuestionForm
from panah.work.rules import day_after
from panah.xlsform import asked, reading
from panah.xlsform.model import Form

_WAITING = "question_form.waiting"


@dataclass(frozen=True, slots=True)
class Part:
    """A form as a case shows it: its title, the version that is asked now (empty if none is), and what was answered."""

    title: str
    form: str
    answers: list[Any]


def may(s: Session) -> bool:
    """Whether this member puts forms in use: supervisors and administrators do."""
    return bool({"supervisor", ADMINISTRATOR} & set(s.me.roles))


def check(s: Session, data: bytes) -> reading.Read:
    """Read a file that somebody chose. A form that can be used waits until it is put in use or another is checked."""
    read = reading.workbook(data)
    s.set_setting(_WAITING, msgspec.to_builtins(read.form) if read.usable and read.form else None)
    return read


def waiting(s: Session) -> Form | None:
    """The form that was checked last and can be put in use."""
    kept = s.setting(_WAITING)
    try:
        return msgspec.convert(kept, Form) if kept else None
    except msgspec.ValidationError:
        return None


def put_in_use(s: Session, form: Form, replaces: str = "") -> QuestionForm:
    """From now on this form is asked in cases, in place of the one that it replaces. What was answered with that one stays under it."""
    if not may(s):
        raise Refused("only_a_supervisor")
    if reading.forbidden(form):
        raise Refused("form_asks_too_much")
    record = QuestionForm(**asked.kept(form), form_version=1, form_state="in_use")
    with s.vault.change():
        before = s.get(QuestionForm, replaces) if replaces else None
        others = []
        if before is not None:
            record.replaces = before.id
            record.form_version = (before.form_version if isinstance(before.form_version, int) else 0) + 1
            before.form_state = "replaced"
            others.append(before)
        saved = s.save(record, *others)
        s.set_setting(_WAITING, None)
        return saved


def retire(s: Session, id: str) -> QuestionForm:
    """Ask this form no more. What was answered stays, and can be read and changed."""
    if not may(s):
        raise Refused("only_a_supervisor")
    record = s.get(QuestionForm, id)
    record.form_state = "retired"
    return s.save(record)


def forms(s: Session) -> list[tuple[QuestionForm, Form | None]]:
    """Every form, the newest first; without its questions where this version cannot ask them."""
    return [(record, asked.form_of(record)) for record in s.list(QuestionForm, limit=200)]


def in_use(s: Session) -> list[tuple[QuestionForm, Form]]:
    """The forms that are asked in cases now."""
    found = s.list(QuestionForm, where={"form_state": "in_use"}, order="created", descending=False, limit=100)
    return [(record, form) for record in found if (form := asked.form_of(record)) is not None]


def form_of(s: Session, id: str) -> Form:
    """The questions of a form; Refused while it has not arrived here or is made by a newer version."""
    record = s.find(QuestionForm, id)
    form = asked.form_of(record) if record is not None else None
    if form is None:
        raise Refused("form_not_here")
    return form


def type_of(s: Session, form_id: Any, lang: str) -> type[Answers]:
    """The record type of the answers to a form; the bare one while the form is not here."""
    try:
        form = form_of(s, form_id) if isinstance(form_id, str) else None
    except Refused:
        form = None
    return asked.type_of(form, lang, day_after(s.now(), 0)) if form is not None else Answers


def type_of_answers(s: Session, id: str, lang: str) -> type[Answers]:
    """The record type of a record of answers, by the version that asked."""
    return type_of(s, s.get(Answers, id).form, lang)


def whole(s: Session, record: Answers, lang: str) -> Answers:
    """The same record with its questions, where the form is here."""
    cls = type_of(s, record.form, lang)
    return s.get(cls, record.id) if cls is not Answers else record


def begin(s: Session, case: str, form_id: str, lang: str) -> Answers:
    """An empty form for a case, with what stands in its boxes at first; not saved yet."""
    record = s.get(QuestionForm, form_id)
    if record.form_state != "in_use":
        raise Refused("form_not_in_use")
    form = form_of(s, form_id)
    made = asked.type_of(form, lang, day_after(s.now(), 0))(case=case, form=form_id, form_title=form.title)
    asked.begin(made)
    return made


def under(s: Session, record: Any, form_id: str) -> None:
    """Put new answers under the form that asked."""
    record.form, record.form_title = form_id, form_of(s, form_id).title


def offered(record: Any, name: str, choices: tuple[tuple[str, str], ...], chosen: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The choices of a question that fit what was answered before; what is chosen stays."""
    fit = asked.offered(record, name)
    return choices if fit is None else tuple(c for c in choices if c[0] in fit or c[0] in chosen)


def computed(record: Any, lang: str) -> list[tuple[str, str]]:
    """(label, value) of what a form computes from its answers."""
    return asked.computed(record, lang) if type(record) is not Answers else []


def plain(record: Any) -> list[tuple[str, str]]:
    """(name, words) of answers whose questions are not here."""
    if type(record) is not Answers:
        return []
    return [
        (name[2:], _words(value))
        for name, value in sorted(record.meta.newer.items())
        if name[:2] in (asked.SEARCHED, asked.OTHERS)
    ]


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return " · ".join(f"{k}: {_words(v)}" for k, v in value.items() if k not in ("~", "blob", "key", "parts"))
    return ", ".join(map(_words, value)) if isinstance(value, list) else str(value)


def parts(s: Session, answers: list[Any]) -> list[Part]:
    """The forms of a case: those in use, each with what was answered under any of its versions; then those that only have answers."""
    found: dict[str, Part] = {}
    for record, form in in_use(s):
        found[record.id] = Part(form.title, record.id, [])
    newest = _newest(s)
    for one in answers:
        now = newest.get(str(one.form), str(one.form))
        if now not in found:
            found[now] = Part(str(one.form_title or one.code or ""), "", [])
        found[now].answers.append(one)
    return list(found.values())


def _newest(s: Session) -> dict[str, str]:
    """For each version of a form the newest that came in its place."""
    after: dict[str, str] = {}
    for record in s.list(QuestionForm, order="created", descending=False, limit=500):
        if isinstance(record.replaces, str):
            after[record.replaces] = record.id
    newest = {}
    for first in after:
        now, seen = first, {first}
        while now in after and after[now] not in seen:
            now = after[now]
            seen.add(now)
        newest[first] = now
    return newest


def of_type(name: str) -> Form:
    """A record type of ours as a form."""
    from panah.records import TYPES
    from panah.xlsform import own

    if name not in TYPES:
        raise NotFound("no_such_form")
    return own.form_of(TYPES[name].KIND)
