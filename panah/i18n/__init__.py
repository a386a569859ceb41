"""Words in the reader's language: texts, code labels, digits, days."""

from panah.i18n.days import ago, clock, day, day_of, end_of_day, moment
from panah.i18n.texts import LANGUAGES, Language, ascii_digits, digits, direction, label, own_name, plural, text, words_of

__all__ = [
    "LANGUAGES", "Language", "ago", "ascii_digits", "clock", "day", "day_of", "digits", "direction", "end_of_day", "label", "moment", "own_name", "plural", "text", "words_of",
]  # fmt: skip
