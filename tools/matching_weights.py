"""Fit the weights of panah/matching on an invented register, and write panah/matching/weights.json: `python tools/matching_weights.py`.

The shares are counted among pairs of the same person, pairs of one household and random pairs; slope and shift make the probabilities come true
(Platt scaling) on registers of three sizes with other seeds. The result depends on nothing but the seeds.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from panah.matching import compare, invented, lists, sounds  # noqa: E402

SEED = 20261124
OUT = ROOT / "panah" / "matching" / "weights.json"


def count(people: list[compare.Person], pairs: list[tuple[int, int]]) -> dict[str, Counter[str]]:
    """How often each level of each field is seen."""
    found: dict[str, Counter[str]] = {field: Counter() for field in compare.FIELDS}
    for a, b in pairs:
        for field, level in compare.levels(people[a], people[b]).items():
            found[field][level] += 1
    return found


Row = tuple[compare.Comparison, bool]


def fitted(size: int, seed: int) -> list[Row]:
    """For the candidates of a register: the comparison, and whether it is the same person."""
    entries = invented.register(size, seed)
    people = {str(n): compare.person(e.row) for n, e in enumerate(entries)}
    found = lists.compared(people)
    return [(pair.found, entries[int(pair.a)].person == entries[int(pair.b)].person) for pair in found]


def main() -> None:
    """Count, fit, write."""
    entries = invented.register(6_000, SEED)
    people = [compare.person(e.row) for e in entries]
    same = list(invented.truth(entries))
    homes = defaultdict(list)
    for n, e in enumerate(entries):
        homes[e.household].append(n)
    kin = [(a, b) for home in homes.values() for a, b in combinations(home, 2) if entries[a].person != entries[b].person]
    rnd = random.Random(SEED)
    strangers = []
    while len(strangers) < 150_000:
        a, b = rnd.randrange(len(people)), rnd.randrange(len(people))
        if entries[a].household != entries[b].household:
            strangers.append((a, b))
    rnd.shuffle(kin)
    m, k, u = count(people, same), count(people, kin[:20_000]), count(people, strangers)
    fields: dict[str, dict[str, list[float]]] = {}
    for field in compare.FIELDS:
        fields[field] = {}
        all_levels = sorted({*m[field], *k[field], *u[field]} - {compare.BLANK})
        for level in all_levels:
            row = []
            for counted in (m, k, u):
                answered = sum(n for one, n in counted[field].items() if one != compare.BLANK)
                row.append(round((counted[field][level] + 0.5) / (answered + 0.5 * len(all_levels)), 7))
            fields[field][level] = row
    common = lists.shares({str(n): p for n, p in enumerate(people)})
    usual = dict.fromkeys(compare.NAMES, 0.0)
    for field in compare.NAMES:
        found = [common[sounds.skeleton(t.readings[0])] for p in people for t in getattr(p, field)[:1] if t.readings]
        usual[field] = round(math.exp(sum(math.log(x) for x in found) / len(found)), 6)
    model = {
        "fields": fields, "usual": usual, "slope": 1.0, "shift": 0.0, "size": 1.0,
        "same_each": round(2 * len(same) / len(people), 4), "kin_each": round(2 * len(kin) / len(people), 4),
    }  # fmt: skip
    OUT.write_text(json.dumps(model, indent=1, sort_keys=True) + "\n")
    compare.weights.cache_clear()
    rows = [row for size, seed in ((600, 1), (3_000, 2), (12_000, 3)) for row in fitted(size, seed)]
    model["slope"], model["shift"], model["size"] = platt(rows)
    OUT.write_text(json.dumps(model, indent=1, sort_keys=True) + "\n")
    print({k: model[k] for k in ("slope", "shift", "size", "same_each", "kin_each", "usual")})


def platt(rows: list[Row]) -> tuple[float, float, float]:
    """Slope of the evidence, shift, and weight of the register's size: logistic regression in bits, by Newton's method."""
    seen = []
    for found, same in rows:
        bits = {part.field: part.bits for part in found.parts}
        seen.append((found.score - bits["prior"] - bits["kin"], bits["prior"], bits["kin"], same))
    w = [1.0, 0.0, 1.0]
    for _ in range(12):
        grad, hess = [0.0] * 3, [[0.0] * 3 for _ in range(3)]
        for evidence, prior, kin, same in seen:
            x = (evidence, 1.0, prior)
            z = sum(a * b for a, b in zip(w, x, strict=True)) + kin
            p = 1 / (1 + 2 ** -max(min(z, 500), -500))
            for i in range(3):
                grad[i] += (p - same) * x[i]
                for j in range(3):
                    hess[i][j] += p * (1 - p) * x[i] * x[j] * math.log(2)
        w = [a - b for a, b in zip(w, _solved(hess, grad), strict=True)]
    return round(w[0], 4), round(w[1], 4), round(w[2], 4)


def _solved(m: list[list[float]], v: list[float]) -> list[float]:
    """Three linear equations, by Gauss."""
    rows = [[*line, value] for line, value in zip(m, v, strict=True)]
    for i in range(3):
        for j in range(3):
            if j != i:
                share = rows[j][i] / rows[i][i]
                rows[j] = [a - share * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [rows[i][3] / rows[i][i] for i in range(3)]


if __name__ == "__main__":
    main()
