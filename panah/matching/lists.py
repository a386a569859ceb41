"""Find the same people in a list, or in two: which lines share a key, and how likely each such pair is one person.

A list is a CSV file in UTF-8 with a line of headers. Columns that are known: id, given, father, grandfather, family, full, sex, birth, age,
recorded, place, father_name, mother_name; a mapping names others. Lines without any name are left out and counted.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

from panah.errors import Unreadable
from panah.matching import compare, sounds
from panah.matching.compare import Comparison, Person
from panah.matching.keys import keys_of
from panah.matching.reasons import sentences

COLUMNS = frozenset(
    (
        "id",
        "given",
        "father",
        "grandfather",
        "family",
        "full",
        "sex",
        "birth",
        "age",
        "recorded",
        "place",
        "father_name",
        "mother_name",
        "mother",
    )
)
# A key that more lines share than this says little, and makes many pairs; a pair of one person nearly always shares a rarer one too.
MOST_SHARE = 60
MOST_LINES = 2_000_000
MOST_FIELD = 10_000
LEAST = 0.05
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lines that may be one person, or close kin."""

    a: str
    b: str
    found: Comparison


def read(path: Path, mapping: Mapping[str, str] | None = None) -> dict[str, Person]:
    """The people of a file by their id, or by the number of their line where there is no id.

    Raises Unreadable: list_not_utf8, list_no_columns, list_too_long, list_malformed, list_id_twice.
    """
    people: dict[str, Person] = {}
    csv.field_size_limit(MOST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in _rows(file, mapping or {}):
                person = compare.person(row)
                if not any(getattr(person, key) for key in compare.NAMES):
                    continue
                key = row.get("id") or str(number)
                if key in people:
                    raise Unreadable("list_id_twice", line=number)
                people[key] = person
    except UnicodeDecodeError:
        raise Unreadable("list_not_utf8") from None
    except csv.Error:
        raise Unreadable("list_malformed") from None
    except OSError:
        raise Unreadable("file_unreadable") from None
    return people


def _rows(file: Iterable[str], mapping: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(_without_nul(file))
    header = next(reader, [])
    if len(header) == 1 and ";" in header[0]:
        raise Unreadable("list_malformed")
    wanted = {n: mapping.get(h.strip(), h.strip().casefold()) for n, h in enumerate(header)}
    wanted = {n: name for n, name in wanted.items() if name in COLUMNS}
    if not set(wanted.values()) - {"id", "sex", "birth", "age", "recorded", "place"}:
        raise Unreadable("list_no_columns")
    for number, cells in enumerate(reader, 2):
        if number > MOST_LINES:
            raise Unreadable("list_too_long")
        yield number, {name: cells[n].strip() for n, name in wanted.items() if n < len(cells)}


def _without_nul(file: Iterable[str]) -> Iterator[str]:
    for line in file:
        yield line.replace("\0", "")


def read_mapping(path: Path) -> dict[str, str]:
    """A mapping file: JSON, from the headers of the file to the columns known here. Raises Unreadable("mapping_malformed")."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise Unreadable("mapping_malformed") from None
    if not isinstance(found, dict) or not all(isinstance(v, str) and v in COLUMNS for v in found.values()):
        raise Unreadable("mapping_malformed")
    return {str(k).strip(): v for k, v in found.items()}


def shares(*lists: Mapping[str, Person]) -> dict[str, float]:
    """For the usual sound of each name the share of all names that sound so: a rare name that agrees says more."""
    seen: dict[str, int] = defaultdict(int)
    total = 0
    for people in lists:
        for person in people.values():
            for field in compare.NAMES:
                for token in getattr(person, field):
                    if token.readings:
                        seen[sounds.skeleton(token.readings[0])] += 1
                        total += 1
    # Small lists know little about how common a name is.
    return {bones: n / total for bones, n in seen.items()} if total > 2_000 else {}


def pairs(
    people: Mapping[str, Person], other: Mapping[str, Person] | None = None, progress: Progress | None = None
) -> Iterator[Pair]:
    """Every pair that may be one person or close kin: within one list, or between two."""
    return (pair for pair in compared(people, other, progress) if pair.found.same >= LEAST or pair.found.kin >= 0.5)


def compared(
    people: Mapping[str, Person], other: Mapping[str, Person] | None = None, progress: Progress | None = None
) -> Iterator[Pair]:
    """Every pair that shares a key, compared."""
    common = shares(people, other) if other else shares(people)
    register = len(other if other is not None else people) or 1
    found = sorted(_candidates(people, other))
    mine, theirs = list(people), list(other if other is not None else people)
    for n, (a, b) in enumerate(found):
        if progress and n % 2_000 == 0:
            progress(n, len(found))
        first, second = people[mine[a]], (other if other is not None else people)[theirs[b]]
        yield Pair(mine[a], theirs[b], compare.compare(first, second, register=register, common=common or None))


def _candidates(people: Mapping[str, Person], other: Mapping[str, Person] | None) -> set[tuple[int, int]]:
    posting = _posting(people)
    if other is None:
        return {pair for found in posting.values() if 1 < len(found) <= MOST_SHARE for pair in combinations(found, 2)}
    theirs = _posting(other)
    return {
        pair
        for key, found in posting.items()
        if key in theirs and len(found) * len(theirs[key]) <= MOST_SHARE * MOST_SHARE
        for pair in product(found, theirs[key])
    }


def _posting(people: Mapping[str, Person]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for n, person in enumerate(people.values()):
        for key in keys_of(person):
            found[key].append(n)
    return found


def write(path: Path, found: Iterable[Pair]) -> int:
    """Write pairs as CSV, the likeliest first: both ids, the probabilities, the score in bits, and the reasons in words. Returns how many."""
    rows = sorted(found, key=lambda pair: (-pair.found.same, -pair.found.kin, pair.a, pair.b))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("id_a", "id_b", "same", "kin", "unrelated", "score", "reasons"))
        for pair in rows:
            f = pair.found
            out.writerow(
                (pair.a, pair.b, f"{f.same:.4f}", f"{f.kin:.4f}", f"{f.unrelated:.4f}", f"{f.score:.2f}", "; ".join(sentences(f)))
            )
    return len(rows)
