"""The lists of choices: which choice is in which list, what was written twice, and which of them are answers that every question has."""

from __future__ import annotations

import re

from panah.letters import fold
from panah.xlsform.model import MOST_CHOICES, MOST_WORDS, Choice
from panah.xlsform.tables import Row, Table, Told

_DECLINED = (
    "declined", "decline", "refused", "refuse", "refuses to answer", "refused to answer", "declined to answer", "prefer not to say",
    "prefer not to answer", "prefers not to say", "prefer not", "rather not say", "does not want to answer", "did not want to answer",
    "do not want to answer", "dont want to answer", "no answer", "نمی‌خواهد پاسخ دهد", "نمیخواهم بگویم", "نخواست پاسخ دهد", "پاسخ نداد",
    "وەڵامی نەدایەوە", "نایەوێت وەڵام بداتەوە",
)  # fmt: skip
_UNKNOWN = (
    "unknown", "not known", "dont know", "don't know", "do not know", "does not know", "doesnt know", "dk", "i dont know",
    "نمی‌داند", "نمی‌دانم", "نامعلوم", "معلوم نیست", "نازانم", "نازانێت", "نەزانراو",
)  # fmt: skip
_ANSWERS = {fold(text): "declined" for text in _DECLINED} | {fold(text): "unknown" for text in _UNKNOWN}
OURS = {"declined": "no_answer_declined", "unknown": "no_answer_unknown"}
_KNOWN = frozenset(
    [
        "list_name",
        "name",
        "label",
        "hint",
        "image",
        "audio",
        "video",
        "panah_answer",
        "constraint_message",
        "required_message",
        "guidance_hint",
    ]
)


def read(made: Table, languages: tuple[str, ...], told: Told) -> tuple[dict[str, str], list[Choice]]:
    """(for each list and choice as it was written, the name it has now; the choices)."""
    found: dict[tuple[str, str], Choice] = {}
    further: list[Choice] = []
    names: dict[str, str] = {}
    ours, last = made.has("panah_answer"), ""
    filters = [c.name for c in made.columns if c.name not in _KNOWN and not c.lang]
    for row in made.rows:
        listed = re.sub(r"\s+", "_", row.get("list_name"))
        if not listed:
            if not (row.get("name") or row.words("label")):
                continue
            if not last:
                told("problem", "choice_lost", row, "list_name")
                continue
            listed = last
            told("repair", "choice_without_list", row, "list_name", list=listed)
        last = listed
        choice = _choice(row, listed, filters, ours, told)
        names[f"{listed}\0{row.get('name')}"] = choice.name
        before = found.get((listed, choice.name))
        if before is not None:
            if _same(before, choice):
                # A choice that fits under several others stands there once for each of them.
                if all(
                    choice.more != other.more for other in (before, *further) if (other.list, other.name) == (listed, choice.name)
                ):
                    further.append(choice)
                else:
                    told("repair", "choice_twice", row, "name", name=choice.name, list=listed)
                continue
            n = 2
            while (listed, f"{choice.name}_{n}") in found:
                n += 1
            told("repair", "choice_renamed", row, "name", written=choice.name, meant=f"{choice.name}_{n}", list=listed)
            choice = _renamed(choice, f"{choice.name}_{n}")
        found[listed, choice.name] = choice
        if len(found) + len(further) > MOST_CHOICES:
            told("problem", "choices_too_many", row, most=MOST_CHOICES)
            break
    return names, [*found.values(), *further]


def _same(one: Choice, other: Choice) -> bool:
    shared = one.label.keys() & other.label.keys()
    return all(one.label[lang] == other.label[lang] for lang in shared) and bool(shared or not (one.label and other.label))


def _renamed(choice: Choice, name: str) -> Choice:
    return Choice(choice.list, name, choice.label, choice.answer, choice.more)


def _choice(row: Row, listed: str, filters: list[str], ours: bool, told: Told) -> Choice:
    written, label = row.get("name"), row.words("label")
    for lang, text in label.items():
        if len(text) > MOST_WORDS:
            told("problem", "words_too_long", row, f"label::{lang}", most=MOST_WORDS)
    first = next(iter(label.values()), "")
    name = re.sub(r"[\s'\"<>&]+", "_", written or _slug(first) or f"choice_{row.n}")[:200]
    if not written:
        told("repair", "name_made", row, "name", meant=name)
    elif name != written:
        told("repair", "choice_mended", row, "name", written=written, meant=name)
    answer = ""
    if ours:
        answer = row.get("panah_answer") if row.get("panah_answer") in OURS else ""
    elif said := _ANSWERS.get(fold(name.replace("_", " "))) or next(
        (_ANSWERS[f] for t in label.values() if (f := fold(t)) in _ANSWERS), ""
    ):
        answer = said
        told("repair", "choice_is_answer", row, "name", name=first or name, meant=said)
    if not label and not answer:
        told("repair", "choice_without_words", row, "label", name=name)
    if name in OURS.values():
        label = {}
    more = {column: row.get(column) for column in filters if row.get(column)}
    return Choice(listed, name, label, answer, more)  # type: ignore[arg-type] # one of the two, or none


def _slug(text: str) -> str:
    return "_".join(re.findall(r"[a-z0-9]+", text.casefold()))[:40]


def with_answers(choices: list[Choice], used: set[str]) -> tuple[Choice, ...]:
    """The lists that are used, each with the two answers that every question here has."""
    made: list[Choice] = []
    for name in dict.fromkeys(c.list for c in choices if c.list in used):
        own = [c for c in choices if c.list == name]
        made += [c for c in own if not c.answer]
        for answer, ours in OURS.items():
            there = next((c for c in own if c.answer == answer), None)
            made.append(there or Choice(name, ours, {}, answer))  # type: ignore[arg-type] # one of the two
    return tuple(made)
