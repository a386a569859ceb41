"""What every record type shares, and how a declaration becomes a description.

A record type is one file with one class. Its fields are annotated with `field(...)`; everything else reads the `Kind` made from them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, ClassVar, get_type_hints

import msgspec

from panah.records.values import problem_of
from panah.schema import Field, Kind, Protect, Value

# The kinds of answer. Each holds None (not asked), NoAnswer (declined, unknown) or a value of plain JSON shape: see values.py.
Text = Annotated[Any, "text"]
LongText = Annotated[Any, "longtext"]
Int = Annotated[Any, "int"]
Bool = Annotated[Any, "bool"]
Date = Annotated[Any, "date"]
DateTime = Annotated[Any, "datetime"]
FuzzyDate = Annotated[Any, "fuzzydate"]
Name = Annotated[Any, "name"]
Place = Annotated[Any, "place"]
Attach = Annotated[Any, "attach"]
Code = Annotated[Any, "code"]
Codes = Annotated[Any, "codes"]
Ref = Annotated[Any, "ref"]
Refs = Annotated[Any, "refs"]
Rows = Annotated[Any, "list"]


class _Declared(msgspec.Struct, frozen=True):
    label: str
    options: dict[str, Any]


def field(
    label: str,
    *,
    help: str = "",
    required: bool = False,
    codes: str = "",
    to: str = "",
    protect: Protect | None = None,
    once: bool = False,
    compartment: str = "",
    index: bool = False,
    search: bool = False,
    sensitive: bool = False,
    hidden: bool = False,
    rows: tuple[Field, ...] = (),
    section: str = "",
    when: tuple[str, tuple[str, ...]] | None = None,
) -> Any:
    """Declare a field: its words, its code list, its protective order, where it is sealed. See schema.Field for the meaning of each."""
    options = {
        "help": help, "required": required, "codes": codes, "to": to, "protect": protect, "once": once, "compartment": compartment,
        "index": index, "search": search, "sensitive": sensitive, "hidden": hidden, "fields": rows, "section": section, "when": when,
    }  # fmt: skip
    return _Declared(label, options)


def row(name: str, kind: str, label: str, **options: Any) -> Field:
    """A column of a list field."""
    return Field(name, kind, label, **options)


class Record(msgspec.Struct, kw_only=True, dict=True):
    """One thing kept. The header fields stand in every type; `id` is given by the session."""

    KIND: ClassVar[Kind]

    id: str = ""
    code: Annotated[
        Text,
        field(
            "Code",
            section="About this record",
            help="Random and sayable; nothing about a person can be read from it.",
            search=True,
        ),
    ] = None
    case: Annotated[Ref, field("Case", to="case", index=True, hidden=True)] = None
    basis: Annotated[Code, field("Basis", codes="basis", help="Why we may keep this.")] = None
    source: Annotated[Code, field("Source", codes="source")] = None
    language: Annotated[Text, field("Language")] = None
    retention_until: Annotated[Date, field("Keep until", hidden=True)] = None
    superseded_by: Annotated[Ref, field("Replaced by", hidden=True)] = None

    def __post_init__(self) -> None:
        # What the session adds when it reads a record: the writes it shows, the values it had, what the log knows of it.
        self.base: dict[str, list[list[Any]]] = {}
        self.was: dict[str, Value] = {}
        self.meta: Any = None

    def problems(self, only: Collection[str] | None = None) -> list[tuple[str, str]]:
        """(field, code) of every value that cannot be kept. Incomplete is no problem: drafts always save."""
        found = []
        for f in self.KIND.fields:
            if only is None or f.name in only:
                code = problem_of(f, getattr(self, f.name))
                if code:
                    found.append((f.name, code))
        return found

    def missing(self) -> list[str]:
        """The required fields that are not answered yet: before that nothing may depend on the record (NN-01)."""
        # What is sealed to others is theirs to answer; here it is neither answered nor missing.
        elsewhere = self.meta.restricted if self.meta else ()
        return [f.name for f in self.KIND.fields if f.required and f.name not in elsewhere and getattr(self, f.name) is None]

    @property
    def complete(self) -> bool:
        """Whether everything required is answered; `declined` and `unknown` are answers."""
        return not self.missing()


def kind(name: str, label: str, plural: str, compartment: str, **options: Any) -> Any:
    """A class decorator that reads a declaration once and hangs its Kind on the class."""

    def declare(cls: type[Record]) -> type[Record]:
        hints = get_type_hints(cls, include_extras=True)
        fields = []
        # The type's own fields first, in the order of the file; the header after them.
        own = [n for n in cls.__struct_fields__ if n not in Record.__struct_fields__]
        for field_name in own + [n for n in Record.__struct_fields__ if n != "id"]:
            answer, declared = hints[field_name].__metadata__
            fields.append(Field(field_name, answer, declared.label, **declared.options))
        cls.KIND = Kind(name, label, plural, compartment, tuple(fields), doc=cls.__doc__ or "", **options)
        return cls

    return declare
