"""Why two descriptions are taken for one person: a sentence for each part of the score, in the reader's language."""

from __future__ import annotations

from panah.i18n import text
from panah.matching.compare import Comparison, Part

FIELDS = {
    "given": "Given name",
    "father": "Father's name",
    "grandfather": "Grandfather's name",
    "family": "Family name",
    "mother": "Mother's name",
    "sex": "Sex",
    "birth": "Birth",
    "place": "Place",
    "prior": "How many people there are",
    "kin": "Close kin",
}
LEVELS = {
    "same": "the same",
    "sounds": "the same in another spelling",
    "near": "almost the same",
    "partly": "partly the same",
    "differs": "different",
    "swapped": "given name and family name stand in each other's place",
    "elsewhere": "stands in another place of the other name",
    "slip": "differs as by a slip of the pen",
    "fits": "fits",
    "fits_loosely": "fits, and is known only roughly",
    "one_year": "up to a year apart",
    "three_years": "up to three years apart",
    "ten_years": "up to ten years apart",
}
PRIOR = "Before comparing, that two of so many people are one is unlikely."
KIN = "Brothers, sisters and cousins look like this too."


def sentence(part: Part, lang: str = "en") -> str:
    """One part in words, with its weight; a field that one of the two leaves blank says nothing and gives an empty text."""
    if part.field == "prior":
        said = text(lang, PRIOR)
    elif part.field == "kin":
        said = text(lang, KIN)
    elif part.level not in LEVELS:
        return ""
    else:
        said = text(lang, "{field}: {how}").format(field=text(lang, FIELDS[part.field]), how=text(lang, LEVELS[part.level]))
    return f"{said} ({part.bits:+.1f})"


def sentences(found: Comparison, lang: str = "en") -> list[str]:
    """All parts in words, the weightiest first, the two that are always there last."""
    parts = sorted(found.parts, key=lambda p: (p.field in ("prior", "kin"), -abs(p.bits)))
    return [said for part in parts if (said := sentence(part, lang))]
