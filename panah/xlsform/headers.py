"""What the columns of a sheet are, however they were written: their names, and the languages that they speak."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Columns that have one text for each language.
SPOKEN = ("label", "hint", "constraint_message", "required_message", "guidance_hint", "image", "audio", "video")
_ALIASES = {
    "list name": "list_name", "listname": "list_name", "list": "list_name", "value": "name", "relevance": "relevant",
    "constraint message": "constraint_message", "required message": "required_message", "guidance hint": "guidance_hint",
    "read only": "read_only", "readonly": "read_only", "calculate": "calculation", "choice filter": "choice_filter",
    "repeat count": "repeat_count", "question": "label", "question type": "type", "variable": "name", "caption": "label",
    "label text": "label", "form title": "form_title", "form id": "form_id", "id string": "form_id", "title": "form_title",
    "set form title": "form_title", "set form id": "form_id", "default language": "default_language", "form version": "version",
    "mandatory": "required", "skip": "relevant", "skip logic": "relevant", "panah sensitive": "sensitive", "panah kind": "panah_kind",
    "panah to": "panah_to", "panah answer": "panah_answer",
}  # fmt: skip
LANGUAGES = {
    "english": "en", "persian": "fa", "farsi": "fa", "فارسی": "fa", "dari": "prs", "دری": "prs", "sorani": "ckb", "kurdish": "ckb",
    "kurdish sorani": "ckb", "central kurdish": "ckb", "کوردی": "ckb", "سۆرانی": "ckb", "کوردیی ناوەندی": "ckb", "kurmanji": "kmr",
    "kurmancî": "kmr", "arabic": "ar", "عربي": "ar", "العربية": "ar", "عربی": "ar", "turkish": "tr", "türkçe": "tr", "urdu": "ur",
    "اردو": "ur", "pashto": "ps", "پښتو": "ps", "french": "fr", "français": "fr", "francais": "fr", "spanish": "es", "español": "es",
    "german": "de", "deutsch": "de", "russian": "ru", "russkiy": "ru", "hebrew": "he", "azerbaijani": "azb", "balochi": "bal",
}  # fmt: skip
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")
_CODE = re.compile(r"\(\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3})\s*\)")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called here, in which language; and how it was headed."""

    at: int
    name: str
    lang: str
    headed: str


def tag(language: str) -> str:
    """The tag of a language as people name it: "Persian (fa)", "fa", "Farsi"; made of its letters where nobody knows it."""
    if match := _CODE.search(language):
        return match[1].lower().replace("_", "-")
    plain = " ".join(re.sub(r"[()_]", " ", language).casefold().split())
    if plain in LANGUAGES:
        return LANGUAGES[plain]
    if _TAG.fullmatch(plain):
        return plain
    letters = re.sub(r"[^a-z0-9]", "", plain)[:8]
    return f"x-{letters}" if letters else ""


def guessed(texts: list[str]) -> str:
    """The language of a column that does not say it, by its letters."""
    joined = "".join(texts)
    if re.search("[ێۆڕڵڤ]", joined):
        return "ckb"
    return "fa" if re.search("[\u0600-\u06ff]", joined) else "en"


def columns(cells: list[str]) -> tuple[list[Column], list[Column]]:
    """(the columns that count, those that are there twice); a column without a head is left out."""
    found: dict[tuple[str, str], Column] = {}
    twice = []
    for at, headed in enumerate(cells):
        plain = headed.replace("\u200f", "").replace("\u200e", "").replace("\ufeff", "").strip()
        if not plain:
            continue
        name, lang = _named(plain)
        one = Column(at, name, lang, plain)
        if (name, lang) in found:
            twice.append(one)
        else:
            found[name, lang] = one
    return list(found.values()), twice


def _named(headed: str) -> tuple[str, str]:
    head, mark, rest = headed.partition("::")
    if not mark and ":" in headed:
        first = _plain(headed.partition(":")[0])
        if first in SPOKEN or first == "media":
            head, _, rest = headed.partition(":")
    name = _plain(head)
    if name == "media":
        kind, _, rest = rest.partition("::") if "::" in rest else rest.partition(":")
        return _plain(kind), tag(rest) if rest.strip() else ""
    if name in SPOKEN:
        if not rest and (match := re.fullmatch(r"(.+?)\s*\(\s*([\w-]+)\s*\)", head)):  # "Label (fa)"
            return _plain(match[1]), tag(match[2])
        return name, tag(rest) if rest.strip() else ""
    if match := re.fullmatch(
        r"(label|hint)[ _(]+(.+?)\)?", head.strip(), re.IGNORECASE
    ):  # "label_fa", "Label (English)", "label English"
        return _plain(match[1]), tag(match[2])
    return name if not rest else f"{name}::{rest.strip()}", ""


def _plain(head: str) -> str:
    spaced = " ".join(head.casefold().replace("_", " ").replace("-", " ").split())
    return _ALIASES.get(spaced, spaced.replace(" ", "_"))
