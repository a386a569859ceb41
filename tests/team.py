"""Real vaults for tests: a team of invented people, each with a device. Nothing here is faked but the clock and a short passphrase derivation."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import msgspec

from panah.kernel import enrol, keys
from panah.kernel.session import Session
from panah.schema import Field, Kind, first_of, intersection, union

QUICK = keys.Slowness(1, 1024 * 1024)  # tests unlock many vaults; the real cost is tested once
PASSPHRASE = "seven quiet herons"


class Plain(msgspec.Struct, kw_only=True, dict=True):
    """What a record type needs to be, without the real declarations: the kernel must work for types it has never heard of."""

    id: str = ""
    case: Any = None

    def __post_init__(self) -> None:
        self.base: dict[str, Any] = {}
        self.was: dict[str, Any] = {}
        self.meta: Any = None

    def problems(self, only: Any = None) -> list[tuple[str, str]]:
        return []


class File(Plain):
    """A file of its own compartment."""

    KIND: ClassVar[Kind] = Kind(
        "file", "File", "Files", "care/{id}",
        (
            Field("title", "text", "Title", search=True),
            Field("risk", "code", "Risk", protect=first_of("critical", "high", "medium", "low"), index=True),
            Field("alerts", "codes", "Alerts", protect=union),
            Field("allowed", "list", "Allowed", protect=intersection),
            Field("note", "longtext", "Note", search=True),
            Field("words", "longtext", "Words", once=True),
            Field("photo", "attach", "Photo"),
        ),
    )  # fmt: skip
    title: Any = None
    risk: Any = None
    alerts: Any = None
    allowed: Any = None
    note: Any = None
    words: Any = None
    photo: Any = None


class Letter(Plain):
    """Something that a desk receives."""

    KIND: ClassVar[Kind] = Kind(
        "letter", "Letter", "Letters", "intake",
        (
            Field("text", "longtext", "Text", search=True),
            Field("state", "code", "State", index=True),
            Field("secret", "text", "Secret", compartment="supervisors"),
        ),
    )  # fmt: skip
    text: Any = None
    state: Any = None
    secret: Any = None


class Part(Plain):
    """A part of a file."""

    KIND: ClassVar[Kind] = Kind(
        "part", "Part", "Parts", "care/{case}",
        (Field("case", "ref", "Case", index=True), Field("text", "longtext", "Text", search=True)),
    )  # fmt: skip
    text: Any = None


TYPES = {"file": File, "letter": Letter, "part": Part}


class Clock:
    """A clock that tests set."""

    def __init__(self, at: float = 1_790_000_000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        self.at += 0.001
        return self.at


def found(
    path: Path,
    name: str = "Omid",
    roles: tuple[str, ...] = ("supervisor", "intake", "keyholder"),
    clock: Any = None,
    types: Any = None,
) -> Session:
    """A founder's vault."""
    s = enrol.new_vault(path, PASSPHRASE, types or TYPES, QUICK, clock or Clock())
    enrol.found(s, "Invented team", name, roles)
    return s


def join(founder: Session, path: Path, name: str, roles: tuple[str, ...], clock: Any = None) -> Session:
    """Another member's vault, brought in by card and welcome."""
    s = enrol.new_vault(path, PASSPHRASE, founder.types, QUICK, clock or Clock())
    enrol.enter(s, enrol.invite(founder, enrol.card(s), name, roles))
    return s


def meet(a: Session, b: Session, stick: Path) -> None:
    """Two vaults meet over a file, both ways, until both are in step."""
    from panah.kernel import sync

    for giver, taker in ((a, b), (b, a), (a, b), (b, a)):
        sync.to_file(giver, stick)
        sync.from_file(taker, stick)
    stick.unlink()
