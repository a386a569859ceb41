"""Between a folded row and a record object: what changed, which values lists filter by, which words are found. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import msgspec

from panah import letters
from panah.errors import NotFound, Refused
from panah.schema import Field, Kind, NoAnswer, Value, canonical

_STAMP_SHIFT = 16
_FOLDING = 2  # raised whenever the same events become other rows


class RecordLike(Protocol):
    """What the kernel asks of a record: its declaration, its id and case, and what it looked like when it was read."""

    KIND: ClassVar[Kind]
    id: str
    case: Any
    base: dict[str, list[list[Any]]]
    was: dict[str, Value]
    meta: Any

    def problems(self, only: Any = None) -> list[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Meta:
    """What the log knows about a record beyond its fields. Times are UTC seconds."""

    created: float
    created_by: str
    updated: float
    updated_by: str
    compartment: str
    conflicts: tuple[str, ...]
    protected: tuple[str, ...]
    restricted: tuple[str, ...]
    newer: dict[str, Value]
    cursor: tuple[int, int]


class Hit(NamedTuple):
    """A record that a search found."""

    id: str
    kind: str
    updated: float


class Change(NamedTuple):
    """One value written to one field, as the history shows it."""

    at: float
    author: str
    device: str
    field: str
    value: Value
    replaced: tuple[Value, ...]
    compartment: str
    stands: bool


class Version(NamedTuple):
    """One of the values that stand in a field beside each other."""

    at: float
    author: str
    value: Value


class Conflict(NamedTuple):
    """A field that several people wrote without seeing each other. `effective` is what counts until a person settles it."""

    id: str
    kind: str
    field: str
    versions: tuple[Version, ...]
    effective: Value
    protective: bool


class Held(NamedTuple):
    """Something that arrived and was not understood; its bytes are kept."""

    id: str
    source: str
    code: str
    at: float
    size: int


WAYS = ("nearby", "folder")  # in which colleagues are met, besides the team's relays
BY_HAND = "by hand"  # the place under which it stands how far the log went by these


class Status(NamedTuple):
    """Where carrying stands. `met` is UTC seconds, `code` why the last meeting failed, empty if it did not."""

    unsent: int
    met: float | None
    code: str
    waiting: int
    missing: int
    held: int


def id_bytes(id: str) -> bytes:
    """The 16 bytes of a record's id; NotFound if it is none, like any id that nothing is stored under."""
    try:
        data = bytes.fromhex(id)
    except (ValueError, TypeError) as e:
        raise NotFound("no_such_record") from e
    if len(data) != 16:
        raise NotFound("no_such_record")
    return data


def seconds(at: int) -> float:
    """The wall-clock part of a hybrid time, in UTC seconds."""
    return (at >> _STAMP_SHIFT) / 1000


def ticks(at: float) -> int:
    """The first hybrid time of a UTC second."""
    return int(at * 1000) << _STAMP_SHIFT


def tag_bytes(by: str | bytes) -> bytes:
    """An author's tag, from a form (hex) or from a row."""
    return by if isinstance(by, bytes) else bytes.fromhex(by)


def as_field(value: Value) -> Value:
    """A stored value as records hold it."""
    # Somebody's program may have written the mark without a reason that is one.
    if isinstance(value, dict) and value.get("~") == "no_answer" and value.get("why") in ("declined", "unknown"):
        return NoAnswer(value["why"])
    return value


def changed(record: RecordLike) -> dict[str, Value]:
    """The declared fields whose value differs from what the record held when it was read."""
    found = {}
    for f in record.KIND.fields:
        value = getattr(record, f.name)
        if value is record.was.get(f.name):
            continue
        value = msgspec.to_builtins(value)
        if canonical(value) != canonical(record.was.get(f.name)):
            found[f.name] = value
    return found


def conditions(kind: Kind, where: Mapping[str, Value] | None) -> list[tuple[str, tuple[object, ...]]]:
    """A list's filter for the database; only indexed fields may be asked for."""
    found = []
    for name, value in (where or {}).items():
        if not any(f.name == name and f.index for f in kind.fields):
            raise Refused("field_not_indexed", field=name)
        found.append((name, value if isinstance(value, tuple) else (value,)))
    return found


def facets(kind: Kind, values: Mapping[str, Value]) -> list[tuple[str, object]]:
    """(field, value) of every indexed field, one for each entry of a list."""
    found: list[tuple[str, object]] = []
    for f in kind.indexed:
        if (value := values.get(f.name)) is not None:
            entries = value if isinstance(value, list) else [value]
            found += [(f.name, int(e) if isinstance(e, bool) else e) for e in entries if isinstance(e, str | int | float)]
    return found


def folded_by(types: Mapping[str, type[RecordLike]]) -> bytes:
    """What decides how events become rows, filters and full text: where it differs, the log is folded again."""
    declared = [
        [k.name, k.compartment, [[f.name, f.kind, f.index, f.search, f.compartment, f.protect is not None] for f in k.fields]]
        for k in (types[name].KIND for name in sorted(types))
    ]
    return hashlib.sha256(canonical([_FOLDING, declared])).digest()


def words(kind: Kind, values: Mapping[str, Value]) -> tuple[str, str]:
    """The folded words of a record's searched fields, and the same joined, for names written with and without a space."""
    texts = [text for f in kind.searched for text in _texts(f, values.get(f.name))]
    if kind.open:
        # A team's own questions are declared nowhere here, and their form may come after the answers: the name alone tells.
        texts += [text for name in sorted(values) if name.startswith(kind.open) for text in _texts(kind.fields[0], values[name])]
    folded = [letters.fold(text) for text in texts]
    return " ".join(folded), "\n".join(w.replace(" ", "") for w in folded)


def _texts(field: Field, value: Value) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for entry in value for text in _texts(field, entry)]
    if isinstance(value, dict) and "~" not in value:
        return [text for entry in value.values() for text in _texts(field, entry)]
    return []
