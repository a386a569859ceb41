"""A promise has a test: each *cannot* of THREAT_MODEL.md carries an id, a test carries the id in its name, and no test claims what is not promised."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ID = re.compile(r"[CEFILMNOPRSTVW]\d{1,2}")


def claims() -> dict[str, int]:
    """The ids of the *cannot* lists, and how often each stands there."""
    found: dict[str, int] = {}
    section = ""
    for line in (ROOT / "THREAT_MODEL.md").read_text().splitlines():
        if line.startswith("#"):
            section = ""
        elif line.startswith("*"):
            section = line.strip("*").split("*")[0].strip()
        elif match := re.match(r"- \*\*(\w+)\*\* ", line):
            assert section == "cannot", f"{match[1]} stands outside a cannot list"
            assert ID.fullmatch(match[1]), match[1]
            found[match[1]] = found.get(match[1], 0) + 1
    return found


def carried() -> dict[str, list[str]]:
    """The ids in the names of tests, and the tests that carry them."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for token in node.name.split("_"):
                    if ID.fullmatch(token):
                        found.setdefault(token, []).append(f"{path.name}::{node.name}")
    return found


def test_every_cannot_has_one_line():
    assert claims()
    assert [claim for claim, times in claims().items() if times > 1] == []


def test_every_cannot_has_a_test():
    assert sorted(claims().keys() - carried().keys()) == []


def test_no_test_claims_what_the_threat_model_does_not():
    assert {claim: tests for claim, tests in carried().items() if claim not in claims()} == {}
