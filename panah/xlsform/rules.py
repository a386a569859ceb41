"""The conditions of a form: mended, read once to see that they can be, and every name in them found."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

import msgspec

from panah.xlsform import expressions
from panah.xlsform.expressions import Bad, Node
from panah.xlsform.model import Form, Question
from panah.xlsform.tables import Row, Told

COLUMNS = ("relevant", "constraint", "choice_filter", "calculation")
_REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")


def both(one: str, other: str) -> str:
    """Two conditions that have to hold together."""
    return f"({one}) and ({other})" if one and other else one or other


def checked(form: Form, names: Mapping[str, str], rows: Mapping[str, Row], choices: Mapping[str, str], told: Told) -> Form:
    """The form with its conditions as they are kept; what cannot be read is told and left empty."""
    work = _Check(form, names, rows, told)
    questions = tuple(
        msgspec.structs.replace(work.question(q), questions=tuple(work.question(c) for c in q.questions)) for q in form.questions
    )
    made = msgspec.structs.replace(form, questions=questions)
    _no_circles(made, rows, told)
    return made


class _Check:
    """What checking one form needs at hand."""

    def __init__(self, form: Form, names: Mapping[str, str], rows: Mapping[str, Row], told: Told) -> None:
        self.form = form
        self.names = names
        self.plain = {name.casefold(): now for name, now in names.items()}
        self.rows = rows
        self.told = told

    def question(self, q: Question) -> Question:
        row = self.rows[q.name]
        kept = {column: self.condition(q, row, column, getattr(q, column)) for column in COLUMNS if getattr(q, column)}
        if q.kind == "calculate" and not q.calculation:
            self.told("problem", "calculation_missing", row, "calculation")
        kept["default"] = self.default(q, row)
        return msgspec.structs.replace(q, **kept)

    def condition(self, q: Question, row: Row, column: str, written: str) -> str:
        mended = expressions.mend(written)
        mended = _REFERENCE.sub(lambda m: "${" + self.named(m[1], row, column) + "}", mended)
        try:
            tree = expressions.parse(mended)
        except Bad as e:
            self.told("problem", e.code, row, column, what=e.what)
            return ""
        if column == "choice_filter":
            known = {c for choice in self.form.choices if choice.list == q.list for c in choice.more}
            for name in expressions.columns_in(tree):
                if name not in known | {"name", "label"}:
                    self.told("problem", "filter_column", row, column, name=name)
                    return ""
        elif bare := expressions.columns_in(tree):
            self.told("problem", "expression_sign", row, column, what=bare[0])
            return ""
        every = self.form.every()
        for name in expressions.answers_in(tree):
            if name not in every:
                near = difflib.get_close_matches(name, list(every), 1, 0.5)
                self.told("problem", "reference_unknown", row, column, name=name, near=near[0] if near else next(iter(every)))
                return ""
        if mended != " ".join(written.split()) and mended != written and not (column == "relevant" and written.startswith("(")):
            self.told("repair", "expression_mended", row, column, meant=mended)
        return mended

    def named(self, written: str, row: Row, column: str) -> str:
        if written in self.names:
            return self.names[written]
        now = self.plain.get(written.casefold())
        if now is None:
            return written if re.fullmatch(r"[^{}$'\"\s]{1,200}", written) else "unknown"
        self.told("repair", "reference_mended", row, column, written=written, meant=now)
        return now

    def default(self, q: Question, row: Row) -> str:
        if not q.default:
            return ""
        if re.search(r"\$\{|\(\)", q.default):
            self.told("repair", "default_computed", row, "default")
            return ""
        fits = {
            "int": re.fullmatch(r"-?\d{1,15}", q.default), "decimal": re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", q.default),
            "date": re.fullmatch(r"\d{4}-\d\d-\d\d", q.default), "code": q.default in {c.name for c in self.form.list(q.list)},
            "codes": set(q.default.split()) <= {c.name for c in self.form.list(q.list)},
            "text": True, "longtext": True,
        }  # fmt: skip
        if not fits.get(q.kind):
            self.told("repair", "default_wrong", row, "default", text=q.default)
            return ""
        return q.default


def tree(written: str) -> Node | None:
    """A kept condition as a tree; None where there is none, or none that this version reads."""
    if not written:
        return None
    try:
        return expressions.parse(written)
    except Bad:
        return None


def _no_circles(form: Form, rows: Mapping[str, Row], told: Told) -> None:
    """Nothing is computed from itself, and no question is asked only if it was answered."""
    needs: dict[str, set[str]] = {}
    for name, q in form.every().items():
        trees = [t for c in ("relevant", "calculation") if (t := tree(getattr(q, c))) is not None]
        needs[name] = {n for t in trees for n in expressions.answers_in(t)}
    for name in needs:
        seen: set[str] = set()
        waiting = list(needs[name])
        while waiting:
            one = waiting.pop()
            if one == name:
                told("problem", "reference_itself", rows[name], "calculation" if form.every()[name].calculation else "relevant")
                break
            if one not in seen:
                seen.add(one)
                waiting += needs.get(one, ())
