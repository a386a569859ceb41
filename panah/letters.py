"""Fold the letters of the scripts we read, for search only: what two people would type for the same word becomes one word.

It joins spellings of one letter, never two letters: folding vowels or doublings away would make two people one (حسین is not حسن).
"""

from __future__ import annotations

import re
import unicodedata

# One letter, typed with the keyboards of several languages, or with and without its mark.
_SAME = {
    "ي": "ی", "ى": "ی", "ێ": "ی", "ئ": "ی", "ے": "ی", "ې": "ی",
    "ك": "ک", "ڪ": "ک",
    "ة": "ه", "ە": "ه", "ھ": "ه", "ہ": "ه", "ۃ": "ه",
    "ؤ": "و", "ۆ": "و", "ۇ": "و", "ۋ": "و",
    # A Kurdish v: Persian and Arabic keyboards write it as و.
    "ڤ": "و",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا",
    "ڕ": "ر", "ڵ": "ل", "ں": "ن",
    # Turkish dotless i, and the signs that transliterations put for ع and ء.
    "ı": "i", "ʻ": "", "ʼ": "", "ʽ": "", "ʾ": "", "ʿ": "", "ʹ": "", "ء": "", "ـ": "",
}  # fmt: skip


def _target(letter: str) -> str:
    if letter in _SAME:
        return _SAME[letter]
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    # Marks of Latin, Greek and Cyrillic letters, Arabic vowel signs and annotations; a vowel sign of Devanagari is a letter and stays.
    if category == "Mn" and (letter < "\u0370" or "\u0600" <= letter <= "\u08ff" or "\ufe00" <= letter <= "\ufe2f"):
        return ""
    # Joiners and direction marks show nothing; a tab and a line end separate words.
    if category == "Cf":
        return ""
    return " " if category[0] in "PSZC" else letter


class _Letters(dict[int, str]):
    """The map, filled as letters are met: str.translate asks for each letter once."""

    def __missing__(self, letter: int) -> str:
        self[letter] = _target(chr(letter))
        return self[letter]


_LETTERS = _Letters()
_SEAT = re.compile(r"\bئ(?=\w)")


def fold(text: str) -> str:
    """The form under which a text is indexed and looked for. Folding twice changes nothing."""
    # At the start of a word Sorani writes ئ as the seat of a vowel: ئارام is آرام.
    text = unicodedata.normalize("NFKC", text)
    if "ئ" in text:
        text = _SEAT.sub("", text)
    # Decomposed before and after casefold: casefold of a composed letter may leave a mark behind ("İ").
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join(unicodedata.normalize("NFKC", apart.translate(_LETTERS)).split())
