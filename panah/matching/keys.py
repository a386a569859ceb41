"""Keys under which people are looked up: two descriptions of one person nearly always share one, two strangers seldom.

A key is made of two or three names, or of names with a time or a place, so that a swapped, a missing or a misheard name leaves others standing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from panah.matching import names, sounds
from panah.matching.compare import Person

_YEARS = 5
_READINGS = 2


def keys_of(person: Person) -> frozenset[str]:
    """The keys of a person; a bare name that stands alone gives the key of its sound."""
    bones = [(field, _bones(getattr(person, field))) for field in ("given", "father", "grandfather", "family")]
    bones = [(field, found) for field, found in bones if found]
    found = set(_with_two(person, bones))
    for (_, a), (_, b), (_, c) in combinations(bones, 3):
        found.update("3" + "/".join(sorted(three)) for three in product(a, b, c))
    if bones and len(bones) == 1:
        found.update("1" + one for one in bones[0][1])
    return frozenset(found)


def _with_two(person: Person, bones: list[tuple[str, list[str]]]) -> Iterator[str]:
    times, places = list(_times(person)), _bones(person.place)[:1]
    for (_, a), (_, b) in combinations(bones, 2):
        for two in product(a, b):
            pair = "/".join(sorted(two))
            yield from (f"t{pair}/{time}" for time in times)
            yield from (f"p{pair}/{place}" for place in places)
            yield f"2{pair}"
    for field, given in bones:
        if field == "given":
            if person.birth and person.birth.exact:
                yield from (f"d{one}/{person.birth.first.isoformat()}" for one in given)
            yield from (f"g{one}/{place}/{time}" for one in given for place in places for time in times)


def _times(person: Person) -> Iterator[int]:
    """The stretches of five years that a birth may lie in, with one year to spare on each side."""
    if person.birth:
        first, last = person.birth.first.year - 1, person.birth.last.year + 1
        if last - first <= 15:
            yield from range(first // _YEARS, last // _YEARS + 1)


def _bones(tokens: tuple[names.Token, ...]) -> list[str]:
    """The first skeletons of a name of one or more words, joined."""
    if not tokens:
        return []
    each = [list(dict.fromkeys(sounds.skeleton(r) for r in token.readings))[:_READINGS] for token in tokens[:3]]
    joined = ["".join(one) for one in product(*each)][:_READINGS] if all(each) else []
    if len(each) > 1 and each[0]:
        joined.append(each[0][0])
    return list(dict.fromkeys(one for one in joined if one))
