"""Questions of the team's own: bring a form in, see what was understood of it, put it in use; every form on paper and as sheets."""

from __future__ import annotations

from starlette.responses import Response

from panah import i18n
from panah.errors import NotFound, PanahError, Refused, Unreadable
from panah.explain import explain
from panah.node.ask import Ask
from panah.records import TYPES, forms
from panah.records.question_form import QuestionForm
from panah.work import questions
from panah.xlsform import asked, notes, own, writing
from panah.xlsform.model import Form, said

NOT_ASKED = {"answers", "intake_key", "question_form"}
LEVELS = ("problem", "warning", "repair")


def index(ask: Ask) -> Response:
    """The forms of this team, and a place to bring another one in."""
    return _list(ask)


def _list(ask: Ask, refused: PanahError | None = None) -> Response:
    return ask.page(
        "questions.html", 422 if refused else 200, forms=questions.forms(ask.s), may=questions.may(ask.s), types=[t for name, t in sorted(TYPES.items()) if name not in NOT_ASKED],
        refused=explain(refused.code, ask.lang) if refused else None, code=refused.code if refused else "",
    )  # fmt: skip


def check(ask: Ask) -> Response:
    """What was understood of a file: mended, to be thought about, to be changed; and how it will look. Nothing is in use yet."""
    if not questions.may(ask.s):
        raise Refused("only_a_supervisor")
    data = ask.files.get("file")
    if not data:
        return _list(ask, Refused("nothing_to_put_in_use"))
    try:
        read = questions.check(ask.s, data)
    except (Refused, Unreadable) as e:
        return _list(ask, e)
    told = {
        level: [(notes.place(n, ask.lang), notes.sentence(n, ask.lang)) for n in read.notes if n.level == level]
        for level in LEVELS
    }
    earlier = [(record, form) for record, form in questions.in_use(ask.s)]
    same = next((record.id for record, form in earlier if read.form and form.name == read.form.name), "")
    return ask.page(
        "questions_check.html", form=read.form, told=told, levels=notes.LEVELS, usable=read.usable, shown=shown(ask, read.form) if read.form else (),
        earlier=earlier, same=same,
    )  # fmt: skip


def shown(ask: Ask, form: Form) -> list[tuple[str, str, list[forms.FormField]]]:
    """The form as it will look: (language, direction, fields), once for each language."""
    found = []
    for lang in form.languages:
        cls = asked.type_of(form, lang, i18n.day_of(ask.s.now()))
        fields = [f for f in forms.describe(cls.KIND, cls(), ask.lang) if f.name[:2] in (asked.SEARCHED, asked.OTHERS)]
        found.append((lang, i18n.direction(lang), fields))
    return found


def use(ask: Ask) -> Response:
    """Put the checked form in use, alone or in place of another."""
    form = questions.waiting(ask.s)
    if form is None:
        raise Refused("nothing_to_put_in_use")
    record = questions.put_in_use(ask.s, form, ask.one("replaces"))
    return ask.go(f"/questions/form/{record.id}")


def one(ask: Ask) -> Response:
    """One form: its state, how it looks, and the ways out."""
    record = ask.s.get(QuestionForm, ask.path("id"))
    form = asked.form_of(record)
    return ask.page("questions_form.html", r=record, form=form, shown=shown(ask, form) if form else (), may=questions.may(ask.s))


def retire(ask: Ask) -> Response:
    """Ask a form no more."""
    questions.retire(ask.s, ask.path("id"))
    return ask.go("/questions")


def _form(ask: Ask) -> Form:
    if ask.path("what") == "type":
        return questions.of_type(ask.path("id"))
    if ask.path("what") != "form":
        raise NotFound("no_such_form")
    return questions.form_of(ask.s, ask.path("id"))


def sheet(ask: Ask) -> Response:
    """A form as sheets, for other tools."""
    form = _form(ask)
    return ask.file(writing.workbook(form), own.file_name(form.name))


def paper(ask: Ask) -> Response:
    """A form on paper, in one of its languages, with boxes to fill in by hand."""
    form, lang = _form(ask), ask.path("lang")
    if lang not in form.languages:
        raise NotFound("no_such_form")
    return ask.page(
        "questions_paper.html", form=form, spoken=lang, way=i18n.direction(lang),
        words=lambda words: said(words, lang, form.language), say=lambda msgid: i18n.text(lang, msgid), number=lambda n: i18n.digits(lang, str(n)),
        condition=lambda q: asked.condition_of(form, q, lang),
    )  # fmt: skip
