"""What a record type declares, as plain data: the one description that vault, forms, search, exports and documents read.

Nothing here knows a record type; `records/` fills these in, the kernel and the pages read them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import msgspec

# A value as it stands in an event: None, bool, int, float, str, list or dict of these. `Any` because mypy has no recursive JSON type that msgspec accepts.
Value = Any
Protect = Callable[[Sequence[Value]], Value]


class NoAnswer(msgspec.Struct, frozen=True, tag="no_answer", tag_field="~"):
    """A question was put and not answered. Not asked is None: three different things (NN-05)."""

    why: Literal["declined", "unknown"]


DECLINED = NoAnswer("declined")
UNKNOWN = NoAnswer("unknown")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record type.

    `kind` is one of KINDS. `required` fields are needed before the record counts as complete, never before it is saved.
    `protect` gives, of the values written by people who had not seen each other, the one that counts at once (NN-70).
    `compartment` names a narrower compartment than the record's own (a template such as "health/{case}").
    `when` names a field and the choices of it that make this one asked; no choices means any (NN-31). What is answered already is shown.
    `section` opens a part of a long form: the fields after it belong to it, until the next one opens.
    `choices` are the (code, words) of a question that a team wrote itself, in place of a code list; `why` is what is said to an answer
    that its rule does not allow.
    """

    name: str
    kind: str
    label: str
    help: str = ""
    required: bool = False
    codes: str = ""
    to: str = ""
    protect: Protect | None = None
    once: bool = False
    compartment: str = ""
    index: bool = False
    search: bool = False
    sensitive: bool = False
    hidden: bool = False
    fields: tuple[Field, ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None
    section: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    why: str = ""


KINDS = (
    "text", "longtext", "int", "bool", "date", "datetime", "fuzzydate", "name", "place",
    "attach", "code", "codes", "ref", "refs", "list", "decimal", "time", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A record type: its name in the log, its words, where it is sealed, and its fields.

    `compartment` is a standing compartment ("intake") or a template over the record ("care/{case}", "care/{id}").
    `held_by` names the standing compartments that always hold the keys of a templated one ("supervisors").
    `posted` says that members without a desk's key may hand such a record in at it, sealed.
    `open` begins the names of the fields that a team's own questions add, of which search finds the words.
    """

    name: str
    label: str
    plural: str
    compartment: str
    fields: tuple[Field, ...]
    held_by: tuple[str, ...] = ("supervisors",)
    sensitivity: str = "S3"
    retention: str = "RT-CASE"
    see: tuple[str, ...] = ()
    minimum: tuple[str, ...] = ()
    title: str = ""
    summary: tuple[str, ...] = ()
    doc: str = ""
    posted: bool = False
    open: str = ""

    @cached_property
    def indexed(self) -> tuple[Field, ...]:
        """The fields that lists filter and order by."""
        return tuple(f for f in self.fields if f.index)

    @cached_property
    def searched(self) -> tuple[Field, ...]:
        """The fields whose words are found."""
        return tuple(f for f in self.fields if f.search)

    def field(self, name: str) -> Field:
        """The field of that name; KeyError if the type has none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


LAST_MOMENT = 1e11  # UTC seconds, in the year 5138: calendars end before numbers do


def readable(field: Field, value: Value) -> bool:
    """Whether a stored value has the shape that whatever shows, compares or counts this kind relies on.

    Less than what may be saved: a code that only a newer version knows is readable, a number where words belong is not.
    """
    if value is None or isinstance(value, NoAnswer):
        return True
    kind = field.kind
    if kind in ("text", "longtext", "code", "ref", "time"):
        return isinstance(value, str)
    if kind == "decimal":
        return isinstance(value, int | float) and not isinstance(value, bool) and -(2**53) < value < 2**53
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool) and -(2**53) < value < 2**53
    if kind == "datetime":
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < LAST_MOMENT
    if kind == "date":
        return is_day(value)
    if kind in ("codes", "refs"):
        return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    if kind in ("name", "list"):
        columns = {column.name: column for column in field.fields}
        return isinstance(value, list) and all(isinstance(entry, dict) and _parts_readable(columns, entry) for entry in value)
    return isinstance(value, dict) and _parts_readable({}, value)


def _parts_readable(columns: dict[str, Field], entry: dict[str, Value]) -> bool:
    """Declared columns as their kind has them; the parts of names, dates, places and files are words or numbers."""
    for name, value in entry.items():
        column = columns.get(name)
        if column is None:
            # Of a list it is a column that a newer version added: no screen looks at it.
            if not columns and not isinstance(value, str | int | float | None):
                return False
        elif not readable(column, value) and not (isinstance(value, dict) and value.get("~") == "no_answer"):
            return False
    return True


def is_day(value: Value) -> bool:
    """Whether a value is a day as records keep it: 2026-11-23."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_canonical = msgspec.msgpack.Encoder(order="deterministic")


def canonical(value: Value) -> bytes:
    """The bytes by which two values are the same value."""
    return _canonical.encode(value)


def first_of(*order: Value) -> Protect:
    """Protect by a fixed order, the most protective first; a value outside the order protects nobody."""
    rank = {canonical(value): n for n, value in enumerate(order)}

    def protect(values: Sequence[Value]) -> Value:
        return min(values, key=lambda v: (rank.get(canonical(v), len(rank)), canonical(v)))

    return protect


def union(values: Sequence[Value]) -> Value:
    """Keep every entry that anyone wrote."""
    kept = {canonical(entry): entry for value in values if isinstance(value, list) for entry in value}
    return [kept[key] for key in sorted(kept)] or (values[0] if values else None)


def intersection(values: Sequence[Value]) -> Value:
    """Keep only what everyone allowed."""
    lists = [value for value in values if isinstance(value, list)]
    if len(lists) < len(values):
        return []
    common = set.intersection(*({canonical(entry) for entry in value} for value in lists))
    kept = {canonical(entry): entry for entry in lists[0]}
    return [kept[key] for key in sorted(common)]


def keep_both(values: Sequence[Value]) -> Value:
    """Act on none of them until a person decides; all are shown as a conflict."""
    return None
