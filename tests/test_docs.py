"""The documents say what is there: links lead somewhere, named files and tests and targets exist, every command has a page, and the words are ours."""

from __future__ import annotations

import ast
import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "spec").glob("*.md"), *(ROOT / "changes").glob("*.md")]
)

# Words that hurry or belittle a reader, and words that put a person on a side (NN-87).
BANNED = re.compile(r"\b(simply|just|easily|obviously|of course|defectors?|terrorists?|cults?|illegals?)\b", re.IGNORECASE)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def prose(text: str) -> str:
    """The sentences of a document: without code, images' marks and comments."""
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL)
    text = re.sub(r"^```.*?^```", " ", text, flags=re.MULTILINE | re.DOTALL)
    text = "\n".join(line for line in text.splitlines() if not line.startswith("    "))
    return LINK.sub(r"\2", CODE.sub(" ", text))


def anchors(path: Path) -> set[str]:
    """The names by which a document's headings are linked."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.replace("`", "").lower()).strip().replace(" ", "-") for h in headings}


def faults_of(text: str) -> list[str]:
    return [m.group() for m in BANNED.finditer(text)] + [m.group() for m in re.finditer(r"\w+!", text)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_document_speaks_plainly(path):
    assert faults_of(prose(path.read_text())) == []


def test_the_screens_speak_plainly():
    faults = {}
    for path in [*(ROOT / "panah").rglob("*.html"), *(ROOT / "panah").rglob("*.po")]:
        text = path.read_text()
        if path.suffix == ".po":  # English sources only; translations are read by people
            text = "\n".join(re.findall(r'^msgid "(.*)"$', text, re.MULTILINE))
        text = re.sub(r"\{#.*?#\}|<!--.*?-->|<script.*?</script>|<style.*?</style>", " ", text, flags=re.DOTALL)
        text = html.unescape(re.sub(r"\{%.*?%\}|<[^>]*>", " ", text, flags=re.DOTALL))
        if found := faults_of(text):
            faults[str(path.relative_to(ROOT))] = found
    assert faults == {}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    broken = []
    for _, _, target in LINK.findall(
        CODE.sub(" ", re.sub(r"^```.*?^```", " ", path.read_text(), flags=re.MULTILINE | re.DOTALL))
    ):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or not there.is_relative_to(ROOT) or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


def test_named_files_and_tests_exist():
    missing = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for name, test in re.findall(r"`((?:panah|tests|tools|bench|docs|spec|changes)/[\w./-]*)(?:::(\w+))?`", path.read_text()):
            there = ROOT / name
            if not there.exists() and path.name != "add-a-record-type.md" and name != "changes/short-name.md":
                missing.append(f"{path.name}: {name}")
            elif test and not re.search(rf"^\s*(async )?def {test}\(", there.read_text(), re.MULTILINE):
                missing.append(f"{path.name}: {name}::{test}")
    assert missing == []


def test_every_invariant_names_what_holds_it():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    section = text.split("## Invariants", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| ") and not line.startswith("| invariant")]
    contracts = re.findall(r'^name = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert rows
    for row in rows:
        holder = row.strip("| ").split(" | ")[-1]
        quoted = re.findall(r'"([^"]+)"', holder)
        assert quoted or "`tests/" in holder, row
        assert [q for q in quoted if q not in contracts] == []


def test_every_module_is_on_the_map():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = set(re.findall(r"`(panah/[\w./]+)`", text))
    top = {
        f"panah/{p.name}/" if p.is_dir() else f"panah/{p.name}"
        for p in (ROOT / "panah").iterdir()
        if not p.name.startswith(("__", "."))
    }
    top -= {"panah/py.typed", "panah/locale/", "panah/kernel/"}
    kernel = {f"panah/kernel/{p.name}" for p in (ROOT / "panah/kernel").glob("*.py") if p.name != "__init__.py"}
    assert sorted((top | kernel) - named) == []


def test_every_make_target_in_the_documents_exists():
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in DOCUMENTS:
        for target in re.findall(r"(?:^    |`)make ([a-z][a-z-]*)", path.read_text(), re.MULTILINE):
            assert target in targets, f"{path.name}: make {target}"


def commands() -> list[str]:
    """The commands as the program lists them."""
    out = subprocess.run([sys.executable, "-m", "panah", "--help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return re.findall(r"^ {2,4}([a-z][a-z-]+(?: [a-z]+)?)(?= {2,}|$)", out, re.MULTILINE)


@pytest.mark.skipif(not (ROOT / "panah/cli.py").exists(), reason="no command line yet")
def test_every_command_has_a_page_and_every_page_real_commands():
    named = set()
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        named |= set(
            re.findall(
                r"\bpanah ([a-z]+(?: (?:build|verify))?)\b",
                "\n".join(re.findall(r"^    .*$|`[^`\n]+`", path.read_text(), re.MULTILINE)),
            )
        )
    named |= {name.split()[0] for name in named}
    known = commands()
    assert known
    assert sorted(set(known) - named - {"demo"}) == []
    assert sorted({n.split()[0] for n in named} - {k.split()[0] for k in known}) == []


def test_python_in_the_documents_can_be_parsed():
    for path in DOCUMENTS:
        for block in re.findall(r"^```python\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL):
            ast.parse(block)


def test_a_change_file_begins_with_its_kind():
    for path in (ROOT / "changes").glob("*.md"):
        if path.name != "README.md":
            assert re.match(r"(Security|Added|Changed|Fixed): \S", path.read_text()), path.name


@pytest.mark.skipif(not (ROOT / "tools/reference.py").exists(), reason="no generated reference yet")
def test_the_generated_reference_is_current():
    subprocess.run([sys.executable, "tools/reference.py", "check"], cwd=ROOT, check=True, timeout=120)


def test_the_licence_is_the_agpl_in_full():
    import hashlib

    assert (
        hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
        == "8486a10c4393cee1c25392769ddd3b2d6c242d6ec7928e1414efff7dfb2f07ef"
    )
