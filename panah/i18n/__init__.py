"""Words in the reader's language: texts, code labels, digits, days."""

from panah.i18n.days import ago, day, moment
from panah.i18n.texts import LANGUAGES, Language, ascii_digits, digits, direction, label, plural, text, words_of

__all__ = [
    "LANGUAGES", "Language", "ago", "ascii_digits", "day", "digits", "direction", "label", "moment", "plural", "text", "words_of",
]  # fmt: skip
