"""Records in web forms: what a template shows of each field, and what a posted form changes. Nothing that was entered is lost.

A form posts only what it showed, and a value counts as changed only if what was posted reads differently from what was shown.
So a form in another calendar, of another language or from before a restart changes nothing that the person did not change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from panah.explain import explain
from panah.i18n import text
from panah.records.base import Record
from panah.records.entered import Items, Wrong, last, parts_of, posted, read, rows_in, under
from panah.records.shown import display, said_of
from panah.records.values import codes_of, problem_of
from panah.schema import Field, Kind, NoAnswer, Value, canonical

__all__ = ["FormField", "describe", "display", "parse"]

Errors = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as a template shows it. `name` is the form's name, `value` the text in its box, `values` what is ticked.

    `rows` holds the boxes of kinds made of parts: each row of a list or name (an empty one last), the one row of a date or place.
    `no_answer` is "", "declined" or "unknown". `locked` was written once and stays; `restricted` is sealed to others.
    """

    name: str
    id: str
    label: str
    kind: str
    help: str = ""
    value: str = ""
    values: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    no_answer: str = ""
    error: str = ""
    required: bool = False
    locked: bool = False
    protective: bool = False
    restricted: bool = False
    rows: tuple[tuple[FormField, ...], ...] = ()
    section: str = ""
    asked: bool = False
    to: str = ""


# What says that a field or a row stood in the form; a column may be called "on" itself.
_MARK = re.compile(r"^[^.]+\.(no|on)$|\.row$")


def describe(
    kind: Kind, record: Record, lang: str, raw: Mapping[str, list[str]] | None = None, errors: Errors = ()
) -> list[FormField]:
    """Every visible field of a record for its form; after a refusal, what was entered (`raw`) instead of what is kept."""
    why = {f.name: f.why for f in kind.fields if f.why}
    said = {
        name: (why[name], "") if code == "answer_outside_rule" and name in why else explain(code, lang) for name, code in errors
    }
    restricted = _restricted(record)
    found = []
    for f in kind.fields:
        if f.hidden:
            continue
        if f.name in restricted:
            found.append(_empty(f, lang, restricted=True))
            continue
        value = getattr(record, f.name)
        if value is None and not _asked(f, record):
            continue
        items = posted(f, value, lang, f.name)
        if raw and (entered := under(raw, f.name)):
            items = entered
        found.append(_field(f, f.name, items, lang, said, locked=_locked(f, record), asked=value is not None))
    return found


def _asked(f: Field, record: Record) -> bool:
    """Whether the answer that this field depends on was given (NN-31)."""
    if f.when is None:
        return True
    name, choices = f.when
    given = getattr(record, name)
    chosen = given if isinstance(given, list) else [given] if isinstance(given, str) else []
    return any(not choices or one in choices for one in chosen)


def _field(
    f: Field,
    name: str,
    items: Items,
    lang: str,
    said: Mapping[str, tuple[str, str]],
    *,
    locked: bool = False,
    asked: bool = False,
) -> FormField:
    values = tuple(items.get(name, ()))
    no_answer = last(items, f"{name}.no")
    return FormField(
        name=name, id=_id(name), label=text(lang, f.label), kind=f.kind, help=text(lang, f.help),
        value=values[-1] if values else "", values=values, choices=_choices(f, values, lang),
        no_answer=no_answer if no_answer in ("declined", "unknown") else "",
        error=" ".join(said.get(name) or next((e for at, e in said.items() if at.startswith(name + ".")), ())),
        required=f.required, locked=locked, protective=f.protect is not None, section=text(lang, f.section), asked=asked, to=f.to,
        rows=tuple(tuple(row) for row in _rows(f, name, items, lang, said, locked)),
    )  # fmt: skip


def _rows(
    f: Field, name: str, items: Items, lang: str, said: Mapping[str, tuple[str, str]], locked: bool
) -> Iterable[Iterable[FormField]]:
    if f.kind in ("name", "list"):
        numbers = rows_in(items, name)
        # The empty row takes the number after every row that a form has held, so that no row takes the kept parts of another.
        for n in numbers if locked else [*numbers, max(numbers, default=-1) + 1]:
            yield [_field(part, f"{name}.{n}.{part.name}", items, lang, said, locked=locked) for part in parts_of(f)]
    elif f.kind in ("fuzzydate", "place"):
        yield [_field(part, f"{name}.{part.name}", items, lang, said, locked=locked) for part in parts_of(f)]


def _choices(f: Field, values: Sequence[str], lang: str) -> tuple[tuple[str, str], ...]:
    if f.kind == "bool":
        return (("1", text(lang, "Yes")), ("0", text(lang, "No")))
    if f.kind not in ("code", "codes"):
        return ()
    codes = codes_of(f)
    # A code of a newer version stands beside ours, or the form would drop it.
    return tuple((code, said_of(f, code, lang)) for code in (*codes, *(v for v in values if v and v not in codes)))


def _empty(f: Field, lang: str, *, restricted: bool) -> FormField:
    return FormField(
        name=f.name, id=_id(f.name), label=text(lang, f.label), kind=f.kind, help=text(lang, f.help),
        required=f.required, restricted=restricted, section=text(lang, f.section), to=f.to,
    )  # fmt: skip


def _id(name: str) -> str:
    return "f-" + name.replace(".", "-")


def _restricted(record: Record) -> tuple[str, ...]:
    return tuple(record.meta.restricted) if record.meta is not None else ()


def _locked(f: Field, record: Record) -> bool:
    return f.once and record.was.get(f.name) is not None


def parse(kind: Kind, items: Items, record: Record) -> list[tuple[str, str]]:
    """Fill the record from a posted form; (form name, code) of what cannot be kept, whose fields stay as they were."""
    restricted = _restricted(record)
    problems = []
    for f in kind.fields:
        own = {} if f.hidden or f.name in restricted else under(items, f.name)
        # What was written once is shown and not asked: nothing of it comes back.
        if not own or (_locked(f, record) and not _entered(own)):
            continue
        old = getattr(record, f.name)
        try:
            new = _decide(f, own, old)
        except Wrong as e:
            problems.append((e.name, e.code))
            continue
        if new is old:
            continue
        code = "write_once" if _locked(f, record) else problem_of(f, new)
        if code:
            problems.append((f.name, code))
        else:
            setattr(record, f.name, new)
    return problems


def _decide(f: Field, own: Items, old: Value) -> Value:
    """The value that a form asks for: `old` itself where nothing was changed."""
    kept = None if isinstance(old, NoAnswer) else old
    shown = posted(f, kept, "en", f.name)
    # A value that another version kept, and that ours cannot read, comes back as it was shown.
    if _entered(own) == _entered(shown):
        entered, changed = kept, False
    else:
        entered = read(f, own, f.name, kept)
        changed = not _same(f, entered, _reading(f, shown, kept))
    answered = changed and entered is not None
    stood = old.why if isinstance(old, NoAnswer) else "not_asked" if old is None else ""
    picked = last(own, f"{f.name}.no", stood)
    if picked == stood or (picked == "" and old is None):
        # The choice beside the answer still stands as it was shown: an answer typed next to it counts.
        return entered if answered or (changed and stood == "") else old
    if picked == "":
        return entered
    if picked not in ("declined", "unknown", "not_asked"):
        raise Wrong(f.name, "value_wrong_kind")
    if answered:
        raise Wrong(f.name, "answered_twice")
    return None if picked == "not_asked" else NoAnswer(picked)  # type: ignore[arg-type] # one of the two


def _same(f: Field, one: Value, other: Value) -> bool:
    """Whether two readings are the same answer; a browser posts choices in the order of its list."""
    return sorted(one or ()) == sorted(other or ()) if f.kind == "refs" else canonical(one) == canonical(other)


def _reading(f: Field, shown: Items, kept: Value) -> Value:
    try:
        return read(f, shown, f.name, kept)
    except Wrong:
        return kept


def _entered(items: Items) -> dict[str, str]:
    return {k: re.sub(r"[\r\n]", "", "\0".join(v)) for k, v in items.items() if any(v) and not _MARK.search(k)}
