"""Every refusal has words: what happened, and what to do."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from panah import errors
from panah.explain import EXPLAIN, explain

PANAH = Path(__file__).resolve().parents[1] / "panah"
RAISED = {name for name, cls in vars(errors).items() if isinstance(cls, type) and issubclass(cls, errors.PanahError)} | {
    "Wait",
    "Wrong",
}
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
# Hurried words, blame, and cheer.
BANNED = re.compile(
    r"\b(simply|just|easily|obviously|please|sorry|you failed|your fault|invalid|illegal|abort)\b|!", re.IGNORECASE
)


def is_rule(function: ast.FunctionDef) -> bool:
    return isinstance(function.returns, ast.Name) and function.returns.id == "Problems"


def gives_problems(function: ast.FunctionDef) -> bool:
    return is_rule(function) or function.name.lstrip("_").startswith("problem_of")


def codes_raised() -> dict[str, set[str]]:
    """The codes that stand in our sources as the argument of an error, or are returned by the rules of a value."""
    found: dict[str, set[str]] = {}
    for path in PANAH.rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            texts: list[ast.expr] = []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if name in RAISED:
                    texts = [a for arg in node.args[:2] for a in ast.walk(arg) if isinstance(a, ast.expr)]
                    # The second argument of Wrong is the code, of Invalid the fields; dictionaries hold arguments.
            elif isinstance(node, ast.FunctionDef) and gives_problems(node):
                returned = [a for r in ast.walk(node) if isinstance(r, ast.Return) and r.value for a in ast.walk(r.value)]
                pairs = [a.elts[1] for a in returned if isinstance(a, ast.Tuple) and len(a.elts) == 2]
                texts = pairs if is_rule(node) else [a for a in returned if isinstance(a, ast.expr)]
            elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
                # (field, code) as `problems` lists them
                texts = [node.elts[1]] if isinstance(node.elts[0], ast.Attribute) and node.elts[0].attr == "name" else []
            for text in texts:
                if isinstance(text, ast.Constant) and isinstance(text.value, str) and CODE.fullmatch(text.value):
                    found.setdefault(text.value, set()).add(path.name)
    return found


def test_every_refusal_is_explained():
    raised = codes_raised()
    assert {"vault_locked", "write_once", "text_too_long", "date_wrong"} <= raised.keys()
    assert {code: sorted(files) for code, files in raised.items() if code not in EXPLAIN} == {}


@pytest.mark.parametrize("code", sorted(EXPLAIN))
def test_an_explanation_says_what_happened_and_what_to_do(code):
    what, do = EXPLAIN[code]
    for words in (what, do):
        assert words.endswith((".", "?")) and words[0].isupper()
        assert not BANNED.search(words), words
        assert len(words) < 260
        assert "{" not in words


def test_an_unknown_code_still_says_what_to_do():
    what, do = explain("made_up_by_nobody", "fa")
    assert what and do
