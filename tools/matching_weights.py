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

from panah.matching import compare, invented, keys, sounds  # noqa: E402

SEED = 20261124
OUT = ROOT / "panah" / "matching" / "weights.json"


def candidates(people: list[compare.Person], most: int = 300) -> set[tuple[int, int]]:
    """All pairs that share a key which not too many share."""
    posting: dict[str, list[int]] = defaultdict(list)
    for n, person in enumerate(people):
        for key in keys.keys_of(person):
            posting[key].append(n)
    return {pair for found in posting.values() if 1 < len(found) <= most for pair in combinations(found, 2)}


def shares(people: list[compare.Person]) -> dict[str, float]:
    """For each name's usual skeleton, the share of names that sound so."""
    seen: Counter[str] = Counter()
    total = 0
    for person in people:
        for field in compare.NAMES:
            for token in getattr(person, field):
                if token.readings:
                    seen[sounds.skeleton(token.readings[0])] += 1
                    total += 1
    return {key: n / total for key, n in seen.items()}


def count(people: list[compare.Person], pairs: list[tuple[int, int]]) -> dict[str, Counter[str]]:
    """How often each level of each field is seen."""
    found: dict[str, Counter[str]] = {field: Counter() for field in compare.FIELDS}
    for a, b in pairs:
        for field, level in compare.levels(people[a], people[b]).items():
            found[field][level] += 1
    return found


def fitted(size: int, seed: int, model: dict) -> list[tuple[float, float, bool]]:
    """(score of the parts, size of the register, whether it is the same person) for the candidates of a register."""
    entries = invented.register(size, seed)
    people = [compare.person(e.row) for e in entries]
    common = shares(people)
    out = []
    for a, b in sorted(candidates(people)):
        c = compare.compare(people[a], people[b], register=len(people), common=common)
        out.append((c, len(people), entries[a].person == entries[b].person))
    return out


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
    common = shares(people)
    usual = {f: 0.0 for f in compare.NAMES}
    for field in compare.NAMES:
        found = [common[sounds.skeleton(t.readings[0])] for p in people for t in getattr(p, field)[:1] if t.readings]
        usual[field] = round(math.exp(sum(math.log(x) for x in found) / len(found)), 6)
    model = {
        "fields": fields, "usual": usual, "slope": 1.0, "shift": 0.0, "size": 1.0,
        "same_each": round(2 * len(same) / len(people), 4), "kin_each": round(2 * len(kin) / len(people), 4),
    }  # fmt: skip
    OUT.write_text(json.dumps(model, indent=1, sort_keys=True) + "\n")
    compare.weights.cache_clear()
    rows = [row for size, seed in ((600, 1), (3_000, 2), (12_000, 3)) for row in fitted(size, seed, model)]
    model["slope"], model["shift"], model["size"] = platt(rows)
    OUT.write_text(json.dumps(model, indent=1, sort_keys=True) + "\n")
    print({k: model[k] for k in ("slope", "shift", "size", "same_each", "kin_each", "usual")})


def platt(rows: list) -> tuple[float, float, float]:
    """Slope of the evidence, shift, and weight of the register's size, by gradient descent on the log loss."""
    import numpy as np

    evidence = np.array([c.score - next(p.bits for p in c.parts if p.field == "prior") - next(p.bits for p in c.parts if p.field == "kin") for c, _, _ in rows])
    prior = np.array([next(p.bits for p in c.parts if p.field == "prior") for c, _, _ in rows])
    kin = np.array([next(p.bits for p in c.parts if p.field == "kin") for c, _, _ in rows])
    y = np.array([s for _, _, s in rows], float)
    x = np.stack([evidence, np.ones_like(prior), prior], 1)
    w = np.array([1.0, 0.0, 1.0])
    for _ in range(50):  # Newton's method for logistic regression in bits
        z = (x @ w + kin) * math.log(2)
        p = 1 / (1 + np.exp(-np.clip(z, -500, 500)))
        grad = x.T @ (p - y) * math.log(2)
        hess = (x * (p * (1 - p))[:, None]).T @ x * math.log(2) ** 2
        w = w - np.linalg.solve(hess + 1e-6 * np.eye(3), grad)
    return tuple(round(float(v), 5) for v in w)


if __name__ == "__main__":
    main()
