"""What the page of components shows: fields of every kind from the real record types, filled by invented people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from panah.node.ask import Ask
from panah.records import TYPES, forms
from panah.schema import DECLINED, UNKNOWN, Field
from panah.work.cases import Line

# 23 November 2026 in the morning: the page is the same each time it is looked at.
_AT = 1_795_420_800.0


def samples(ask: Ask) -> dict[str, Any]:
    """The values of the template."""
    return {
        "kinds": _kinds(ask),
        "states": _states(ask),
        "errors": (("review_on", "date_wrong"),),
        "messages": _talk(),
        "lines": [Line(_AT, "Dara", "case", "0" * 32, False), Line(_AT - 9e4, "Amira", "person", "0" * 32, True)],
        "conflict": _conflict(),
        "risk_field": TYPES["case"].KIND.field("risk_level"),
        "holders": [SimpleNamespace(name="Amira", roles=("caseworker",)), SimpleNamespace(name="Dara", roles=("supervisor",))],
        "risks": ("critical", "high", "medium", "low", ""),
    }


def _described(ask: Ask, kind: str, errors: Sequence[tuple[str, str]] = (), **values: Any) -> dict[str, forms.FormField]:
    record = TYPES[kind](**values)
    return {f.name: f for f in forms.describe(TYPES[kind].KIND, record, ask.lang, errors=tuple(errors))}


def _kinds(ask: Ask) -> list[forms.FormField]:
    """One field of every kind."""
    a = _described(
        ask, "protection_assessment", concerns=["neglect"], threats_now="دو نفر پرسیده‌اند کجاست.", review_on="2026-12-01"
    )
    p = _described(
        ask, "person", names=[{"written": "شیلان بەفرین"}], birth={"text": "in the spring"}, photo={"name": "by-the-river.jpg"}
    )
    fields = [
        p["language_spoken"], a["threats_now"], a["risk_level"], a["concerns"], p["pregnancy_or_infant"], a["at"], a["review_on"],
        _described(ask, "household", size=4)["size"], p["birth"], _described(ask, "help_request")["area"], p["names"], p["id_documents"], p["photo"],
    ]  # fmt: skip
    return [replace(f, id=f"kind-{f.id}") for f in fields]


def _states(ask: Ask) -> list[forms.FormField]:
    """One field in each of its states."""
    text: Field = TYPES["person"].KIND.field("religion")
    empty, declined, unknown = (
        _described(ask, "person", religion=value, asked_because="statistics")[text.name] for value in (None, DECLINED, UNKNOWN)
    )
    wrong = replace(_described(ask, "protection_assessment", [("review_on", "date_wrong")])["review_on"], value="soon")
    words = _described(ask, "voluntariness_interview")["own_words"]
    return [
        replace(empty, id="state-empty", name="empty"),
        replace(declined, id="state-declined", name="declined"),
        replace(unknown, id="state-unknown", name="unknown"),
        replace(wrong, id="state-wrong", name="wrong"),
        replace(words, id="state-locked", name="locked", locked=True, value="Ez dixwazim herim, lê ne bi tenê."),
        replace(empty, id="state-restricted", name="restricted", restricted=True),
    ]


def _talk() -> list[SimpleNamespace]:
    theirs = SimpleNamespace(
        id="0" * 32,
        direction="in",
        on="2026-11-22",
        state=None,
        language="ckb",
        text="دەتوانین ئەمشەو بێین؟",
        files=[{"media": "image/jpeg"}],
    )
    ours = SimpleNamespace(
        id="0" * 32,
        help_request="0" * 32,
        direction="out",
        on="2026-11-23",
        state="waiting",
        language="ckb",
        text="بەڵێ. وشەکەتان: چنار.",
        sealed="00",
        files=[],
    )
    return [theirs, ours]


def _conflict() -> SimpleNamespace:
    versions = (
        SimpleNamespace(author="Amira", at=_AT, value="medium"),
        SimpleNamespace(author="Dara", at=_AT - 3600, value="high"),
    )
    return SimpleNamespace(field="risk_level", protective=True, effective="high", versions=versions)
