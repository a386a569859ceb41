"""Texts, code labels and digits in the reader's language. English is the source and what stands where a translation is missing."""

from __future__ import annotations

import gettext
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from panah.i18n.labels import LABELS

LOCALE = Path(__file__).resolve().parents[1] / "locale"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the screens: its own name, its direction, its first digit, the calendar its readers are shown first,
    and whether people who grew up with it have read its texts."""

    name: str
    dir: str
    zero: str = "0"
    calendar: str = "gregorian"
    reviewed: bool = False


LANGUAGES = {
    "en": Language("English", "ltr", reviewed=True),
    "fa": Language("فارسی", "rtl", "۰", "solar_hijri"),
    "ckb": Language("کوردیی ناوەندی", "rtl", "٠", "solar_hijri"),
}

# What people who speak a language call it themselves; a tag that is not here is shown as it is.
OWN_NAMES = {
    "ar": "العربية", "azb": "تۆرکجه", "bal": "بلۏچی", "ckb": "کوردیی ناوەندی", "en": "English", "fa": "فارسی", "hac": "هەورامی",
    "kmr": "Kurmancî", "lrc": "لۊری", "prs": "دری", "ps": "پښتو", "tr": "Türkçe", "ur": "اردو",
}  # fmt: skip

# Written from right to left, for texts in languages that the screens do not have.
_RIGHT_TO_LEFT = {"ar", "azb", "ckb", "dv", "fa", "he", "ks", "lrc", "mzn", "ps", "prs", "sd", "ug", "ur", "yi"}


def direction(lang: str) -> str:
    """rtl or ltr, for any BCP 47 tag."""
    parts = lang.lower().split("-")
    return "rtl" if parts[0] in _RIGHT_TO_LEFT or "arab" in parts[1:] else "ltr"


def own_name(tag: str) -> str:
    """A language as its speakers call it."""
    return OWN_NAMES.get(tag, OWN_NAMES.get(tag.split("-")[0], tag))


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    return gettext.translation("panah", LOCALE, [lang], fallback=True)


def text(lang: str, msgid: str, **args: str | int | float) -> str:
    """The text in that language, with its {names} filled: numbers in its digits, words isolated where they run the other way."""
    said = _catalogue(lang).gettext(msgid) if msgid else ""
    return said.format_map({k: _shown(lang, v) for k, v in args.items()}) if args else said


def plural(lang: str, one: str, many: str, n: int, **args: str | int | float) -> str:
    """The text for n things; {n} stands for the number."""
    said = _catalogue(lang).ngettext(one, many, n)
    return said.format_map({k: _shown(lang, v) for k, v in {"n": n, **args}.items()})


def _shown(lang: str, value: str | int | float) -> str:
    if not isinstance(value, str):
        return digits(lang, str(value))
    # Without the isolate, a Persian name inside an English sentence would reorder what stands beside it.
    return f"\u2068{value}\u2069" if _runs(value) not in ("", direction(lang)) else value


def _runs(value: str) -> str:
    """The direction of the first letter that has one."""
    for letter in value:
        kind = unicodedata.bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return ""


@cache
def _digits(zero: str) -> dict[int, str]:
    return {ord("0") + n: chr(ord(zero) + n) for n in range(10)}


def digits(lang: str, text: str) -> str:
    """The same text with the digits of that language."""
    language = LANGUAGES.get(lang)
    return text.translate(_digits(language.zero)) if language and language.zero != "0" else text


def ascii_digits(text: str) -> str:
    """The same text with 0-9 for the digits of any script, as it is stored."""
    return re.sub(r"\d", lambda d: str(unicodedata.decimal(d.group())), text)


def words_of(codes: str, code: str) -> str:
    """The English words of a code of a list, which are also their msgid."""
    return LABELS.get(f"{codes}.{code}") or LABELS.get(code) or code.replace("_", " ")[:1].upper() + code.replace("_", " ")[1:]


def label(codes: str, code: str, lang: str) -> str:
    """The words of a code of a list."""
    return text(lang, words_of(codes, code))
