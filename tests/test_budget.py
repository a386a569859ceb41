"""Small enough to be read: the limits that keep Panah a thing that one person can know. Raise one only with the reason in DECISIONS.md."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PANAH = ROOT / "panah"

MODULE = 500
KERNEL = 7_000
FUNCTION = 60
PAGE_SCRIPT = 1_200  # the help page's own script, without libraries
NODE_SCRIPT = 300
ERRORS = 9
DEPENDENCIES = 19
ARCHITECTURE = 200
ROOT_DOCUMENTS = 9
TARGETS = 14
DECISION = 10
SPEC = 250

CIPHERS = {"nacl", "cryptography", "shamir_mnemonic"}
SQL = {"apsw", "sqlite3", "psycopg"}
STATEMENT = re.compile(
    r"\s*(select .* from|insert (or \w+ )?into|update \w+ set|delete from|create (table|index|virtual)|pragma) ", re.DOTALL
)


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def own_scripts(folder: Path) -> int:
    """Lines of our own JavaScript: not what is built, not what is vendored, not tests."""
    if not folder.exists():
        return 0
    kept = [
        p for p in folder.rglob("*.js") if "vendor" not in p.parts and p.name != "bundle.js" and not p.name.endswith(".min.js")
    ]
    return sum(lines(p) for p in kept)


def generated(path: Path) -> bool:
    """Whether a page is written by a program: such a page is looked things up in, not read."""
    return path.read_text().startswith("<!-- Written by tools/")


def imports(path: Path) -> set[str]:
    """The top names of what a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_a_module_fits_in_one_sitting():
    assert {str(p.relative_to(ROOT)): lines(p) for p in PANAH.rglob("*.py") if lines(p) > MODULE} == {}


def test_the_kernel_can_be_read_in_an_afternoon():
    assert sum(lines(p) for p in (PANAH / "kernel").rglob("*.py")) <= KERNEL


def test_a_function_fits_on_a_screen():
    long = {}
    for path in PANAH.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno + 1 > FUNCTION:
                long[f"{path.relative_to(ROOT)}:{node.name}"] = node.end_lineno - node.lineno + 1
    assert long == {}


def test_the_scripts_of_the_browser_stay_small():
    assert own_scripts(PANAH / "page") <= PAGE_SCRIPT
    assert own_scripts(PANAH / "node") <= NODE_SCRIPT


def test_the_classes_of_refusal_are_few():
    classes = [n for n in ast.parse((PANAH / "errors.py").read_text()).body if isinstance(n, ast.ClassDef)]
    assert len(classes) <= ERRORS
    names = {c.name for c in classes}
    elsewhere = [
        f"{path.name}:{node.name}"
        for path in PANAH.rglob("*.py")
        if path.name != "errors.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and names & {b.id for b in node.bases if isinstance(b, ast.Name)}
    ]
    assert elsewhere == []


def test_the_libraries_at_run_time_are_few():
    assert len(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]) <= DEPENDENCIES


def test_ciphers_are_called_in_the_kernel_only():
    assert [str(p.relative_to(ROOT)) for p in PANAH.rglob("*.py") if imports(p) & CIPHERS and p.parent != PANAH / "kernel"] == []


def test_sql_is_spoken_in_the_vault_and_in_the_relays_store_only():
    speakers = []
    for path in PANAH.rglob("*.py"):
        if path in (
            PANAH / "kernel/database.py",
            PANAH / "kernel/projections.py",
            PANAH / "kernel/vault.py",
            PANAH / "relay/store.py",
            PANAH / "relay/postgres.py",
        ):
            continue
        texts = [
            n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant) and isinstance(n.value, str)
        ]
        if imports(path) & SQL or any(STATEMENT.match(text) for text in texts):
            speakers.append(str(path.relative_to(ROOT)))
    assert speakers == []


def test_the_root_holds_few_documents():
    assert lines(ROOT / "ARCHITECTURE.md") <= ARCHITECTURE
    assert len([*ROOT.glob("*.md"), *ROOT.glob("LICEN[CS]E*")]) <= ROOT_DOCUMENTS


def test_make_offers_few_targets():
    targets = re.findall(r"^([a-z][a-z-]*):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert 0 < len(targets) <= TARGETS


def test_a_decision_is_short():
    sections = re.split(r"^## ", (ROOT / "DECISIONS.md").read_text(), flags=re.MULTILINE)[1:]
    assert {s.splitlines()[0]: n for s in sections if (n := len([x for x in s.splitlines()[1:] if x.strip()])) > DECISION} == {}
    assert all(re.search(r"\(\d{4}-\d\d-\d\d\)$", s.splitlines()[0]) for s in sections)


def test_a_specification_is_short():
    assert {p.name: lines(p) for p in (ROOT / "spec").glob("*.md") if lines(p) > SPEC and not generated(p)} == {}
