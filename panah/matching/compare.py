"""Are two descriptions of people one person, close kin, or strangers? A sum of weights that can be said in sentences.

The model is the one of Fellegi and Sunter (A Theory for Record Linkage, 1969) with a third class beside "same" and "unrelated": in a register of
families most pairs that look alike are brothers and sisters, who share father, family name, mother and place. What a part says is the binary
logarithm of how much more often it is seen among pairs of the same person than among pairs of strangers.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from panah.matching import names, sounds
from panah.matching.days import Born, apart, born

NAMES = ("given", "father", "grandfather", "family", "mother")
FIELDS = (*NAMES, "sex", "birth", "place")
REGISTER = 10_000  # people among whom one looks, where nobody says how many
BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody, ready for comparing."""

    given: tuple[names.Token, ...] = ()
    father: tuple[names.Token, ...] = ()
    grandfather: tuple[names.Token, ...] = ()
    family: tuple[names.Token, ...] = ()
    mother: tuple[names.Token, ...] = ()
    sex: str = ""
    birth: Born | None = None
    place: tuple[names.Token, ...] = ()
    guessed: bool = False  # the parts were cut from a full name: which is which is a guess


@dataclass(frozen=True, slots=True)
class Part:
    """One reason: a field, how it compares, and its weight in bits; positive speaks for the same person."""

    field: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Probabilities that two descriptions are the same person, close kin or unrelated (they add up to 1), the score in bits, and its parts.

    The bits of the parts add up to the score; `same` is 1 / (1 + 2**-score).
    """

    same: float
    kin: float
    unrelated: float
    score: float
    parts: tuple[Part, ...]


def person(row: Mapping[str, Any]) -> Person:
    """A person from named values: given, father or father_name, grandfather, family, full, mother or mother_name, sex, birth, age, recorded, place.

    Whatever is missing, empty or not understood counts as not known. A full name is cut where people of the region would cut it.
    """

    def text(*keys: str) -> str:
        return next((str(row[k]) for k in keys if row.get(k) not in (None, "")), "")

    parts = {key: names.tokens(text(key, key + "_name")) for key in NAMES}
    guessed = False
    if not parts["given"] and not parts["family"] and text("full"):
        cut = _cut(names.tokens(text("full")))
        parts.update({key: cut[key] or parts[key] for key in cut})
        guessed = True
    birth = row.get("birth") if isinstance(row.get("birth"), Mapping) else text("birth")
    return Person(
        **parts,
        sex=_sex(text("sex")),
        birth=born(birth, text("age"), text("recorded")),
        place=names.tokens(text("place")),
        guessed=guessed,
    )


def _cut(full: tuple[names.Token, ...]) -> dict[str, tuple[names.Token, ...]]:
    middle = full[1:-1]
    return {
        "given": full[:1],
        "family": full[-1:] if len(full) > 1 else (),
        "father": middle[:1],
        "grandfather": middle[1:2],
    }


_SEXES = {
    word: sex
    for sex, words in {
        "m": "m male man boy مرد ذکر ذكر پسر نێر mêr 1 masculine homme",
        "f": "f female woman girl زن أنثى انثی مؤنث دختر مێ jin 2 feminine femme",
    }.items()
    for word in words.split()
}


def _sex(text: str) -> str:
    return _SEXES.get(text.strip().casefold(), "")


def name_level(a: tuple[names.Token, ...], b: tuple[names.Token, ...]) -> str:
    """How two names of one kind compare."""
    if not a or not b:
        return BLANK
    if [t.text for t in a] == [t.text for t in b]:
        return "same"
    near = names.aligned(a, b)
    if near >= 0.88:
        return "sounds"
    if near >= 0.72:
        return "near"
    if near >= 0.5:
        return "partly"
    return "differs"


def birth_level(a: Born | None, b: Born | None) -> str:
    """How two births compare."""
    if a is None or b is None:
        return BLANK
    gap = apart(a, b)
    if a.exact and b.exact:
        if gap == 0:
            return "same"
        if a.first.year == b.first.year and (a.first.day == b.first.day or a.first.month == b.first.month or gap < 32):
            return "slip"
        if (a.first.month, a.first.day) == (b.first.month, b.first.day) and gap < 800:
            return "slip"
    elif gap == 0:
        wide = max((a.last - a.first).days, (b.last - b.first).days) > 800
        return "fits_loosely" if wide else "fits"
    return "one_year" if gap < 400 else "three_years" if gap < 1_150 else "ten_years" if gap < 4_000 else "differs"


def levels(a: Person, b: Person) -> dict[str, str]:
    """For every field how two people compare in it."""
    straight = {key: name_level(getattr(a, key), getattr(b, key)) for key in NAMES}
    if straight["given"] in ("differs", "partly") or straight["family"] in ("differs", "partly"):
        crossed = (name_level(a.given, b.family), name_level(a.family, b.given))
        if all(level in ("same", "sounds") for level in crossed):
            straight["given"], straight["family"] = "swapped", BLANK
    if a.guessed or b.guessed:
        # Which part of a full name is which is a guess: what follows the first name is compared as a whole.
        rest = names.aligned(a.father + a.grandfather + a.family, b.father + b.grandfather + b.family)
        straight["father"] = straight["grandfather"] = BLANK
        if straight["given"] != "swapped" and straight["family"] not in ("same", "sounds"):
            straight["family"] = "elsewhere" if rest >= 0.8 else "partly" if rest >= 0.5 else "differs"
            if not (a.father + a.grandfather + a.family and b.father + b.grandfather + b.family):
                straight["family"] = BLANK
    elif straight["family"] == BLANK and straight["given"] != "swapped":
        # In some countries the father's name stands where others write a family name.
        for mine, theirs in ((a, b), (b, a)):
            if mine.family and theirs.father and names.aligned(mine.family, theirs.father) >= 0.88:
                straight["family"] = "elsewhere"
    found = dict(straight)
    found["sex"] = BLANK if not a.sex or not b.sex else "same" if a.sex == b.sex else "differs"
    found["birth"] = birth_level(a.birth, b.birth)
    place = name_level(a.place, b.place)
    found["place"] = "near" if place == "partly" else place
    return found


@functools.cache
def weights() -> dict[str, Any]:
    """The weights that come with this version: for each field and level the share of it among same, kin and unrelated pairs."""
    found: dict[str, Any] = json.loads(resources.files("panah.matching").joinpath("weights.json").read_text("utf-8"))
    return found


AGREES = frozenset(("same", "sounds", "near"))


def compare(a: Person, b: Person, *, register: int = REGISTER, common: Mapping[str, float] | None = None) -> Comparison:
    """Compare two people. `register` is among how many; `common` gives for a name's key the share of people who bear it, where one knows."""
    model = weights()
    kin, other, parts = 0.0, 0.0, []
    for key, level in levels(a, b).items():
        m, k, u = model["fields"][key].get(level, (1, 1, 1))
        rare = _rarity(key, level, a, b, model, common)
        bits = (math.log2(m / u) + rare) * model["slope"]
        if key == "given":
            kin += math.log2(k / u) + rare / 2
        else:
            kin += math.log2(k / u) + (rare if key in NAMES else 0)
        other += bits
        parts.append(Part(key, level, bits))
    # How many others of the register are the same person, and how many are kin, before anything is compared.
    prior = math.log2(model["same_each"] / register) * model["size"] + model["shift"]
    kin_prior = math.log2(model["kin_each"] / register) + kin
    against = math.log2(1 + 2 ** min(kin_prior, 500))
    parts = [*parts, Part("prior", "", prior), Part("kin", "", -against)]
    score = sum(part.bits for part in parts)
    same = 1 / (1 + 2 ** min(-score, 500))
    k_share = 2**kin_prior / (1 + 2**kin_prior) if kin_prior < 500 else 1.0
    return Comparison(same, (1 - same) * k_share, (1 - same) * (1 - k_share), score, tuple(parts))


def _rarity(key: str, level: str, a: Person, b: Person, model: dict[str, Any], common: Mapping[str, float] | None) -> float:
    """Bits more for a rare name that agrees, less for a common one."""
    if common is None or level not in AGREES or key not in NAMES:
        return 0.0
    shares = [
        max((common.get(sounds.skeleton(r), 0.0) for r in t.readings[:1]), default=0.0)
        for t in getattr(a, key) or getattr(b, key)
    ]
    share = math.prod(s for s in shares if s > 0) if any(s > 0 for s in shares) else 0.0
    if share <= 0:
        return 0.0
    bits: float = math.log2(model["usual"][key] / max(share, 1e-5))
    return max(min(bits, 4.0), -3.0)


def compare_people(a: Mapping[str, Any], b: Mapping[str, Any], *, register: int = REGISTER) -> Comparison:
    """Compare two people given as named values (see `person`): the probabilities of same, close kin, unrelated, and the parts of the score."""
    return compare(person(a), person(b), register=register)
