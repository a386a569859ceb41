"""Collect every text that a person reads, and bring the catalogues up to date: `python tools/messages.py`.

Texts come from the record declarations, the code labels, the explanations, the templates and the calls of `text` in the code.
"""

from __future__ import annotations

import ast
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from panah import config, i18n  # noqa: E402
from panah.explain import _UNKNOWN, EXPLAIN  # noqa: E402
from panah.i18n.days import _AGO, _AHEAD, MONTHS  # noqa: E402
from panah.matching import reasons  # noqa: E402
from panah.records import CODES, TYPES  # noqa: E402
from panah.schema import Field  # noqa: E402
from panah.xlsform import expressions, notes  # noqa: E402

LOCALE = ROOT / "panah" / "locale"
LANGUAGES = ("fa", "ckb")
_TEMPLATES = ROOT / "panah" / "node" / "templates"
_TEMPLATE = re.compile(r"""\b_\(\s*(["'])(.+?)\1\s*[,)]""")
_COUNTED = re.compile(r"""\bcounted\(\s*"(.+?)",\s*"(.+?)",""")
_HEAD = """# Translations of Panah. Written by hand, sorted by tools/messages.py.
# The glossary of the field is binding; condition before action; polite and plain.
# Read by people who grew up with the language: {}."""
_DAY = datetime(2026, 11, 23, tzinfo=UTC)  # always the same: two branches that add texts must not differ in the head too
_READ = {True: "yes", False: "not yet"}
_CALLS = {"text", "Item", "Approval", "plural"}


def screens() -> set[str]:
    """What templates and pages say."""
    found = {", "}
    for path in sorted(_TEMPLATES.glob("*.html")):
        found |= {m.group(2) for m in _TEMPLATE.finditer(path.read_text())}
    for path in sorted((ROOT / "panah").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in _CALLS:
                found |= {
                    a.value
                    for a in node.args
                    if isinstance(a, ast.Constant) and isinstance(a.value, str) and " " in a.value + " "
                }
    said = (ROOT / "panah" / "records" / "shown.py").read_text()
    found |= set(re.findall(r'(?<!""")"([A-Z][^"{}]+)"(?!"")', said))
    found |= {*reasons.FIELDS.values(), *reasons.LEVELS.values(), reasons.PRIOR, reasons.KIN}
    return {
        m
        for m in found
        if m == ", "
        or (
            re.search(r"[A-Za-z]{2}", m)
            and not m.startswith(("/", "care/"))
            and not re.fullmatch(r"en|fa|ckb|[a-z_]+_[a-z_]+", m)
        )
    }


def days() -> set[str]:
    """Months and the words for now."""
    return {month for months in MONTHS.values() for month in months} | {"less than a minute ago", "in less than a minute"}


def plurals() -> list[tuple[str, str]]:
    """Counted words: (one, many)."""
    found = {(m[1], m[2]) for path in sorted(_TEMPLATES.glob("*.html")) for m in _COUNTED.finditer(path.read_text())}
    return sorted({*found, *((one, many) for _, _, one, many in (*_AGO, *_AHEAD))})


def declared() -> set[str]:
    """The words of the record types."""
    found = set()

    def field(f: Field) -> None:
        found.update((f.label, f.help, f.section))
        for inner in f.fields:
            field(inner)

    for t in TYPES.values():
        found.update((t.KIND.label, t.KIND.plural))
        for f in t.KIND.fields:
            if not f.hidden:
                field(f)
    return found - {""}


def codes() -> set[str]:
    """The words of every code that a type uses, and of the roles."""
    used = {f.codes for t in TYPES.values() for f in t.KIND.fields} | {
        g.codes for t in TYPES.values() for f in t.KIND.fields for g in f.fields
    }
    found = {i18n.words_of(name, code) for name in used - {""} for code in CODES[name]}
    return (
        found
        | {i18n.words_of("roles", role) for role in config.ROLES}
        | {i18n.words_of("desks", desk) for desk in config.STANDING}
    )


def explained() -> set[str]:
    """The two sentences of every refusal, and of everything that is told about a form of a team's own."""
    told = {*notes.LEVELS.values(), *notes.SUBJECTS.values(), *expressions.COMPARED.values()}
    return told | {sentence for both in (*EXPLAIN.values(), *notes.WORDS.values(), _UNKNOWN) for sentence in both}


def main() -> None:
    """Write the catalogues again; translations that stand are kept."""
    everything = screens() | days() | declared() | codes() | explained()
    template = Catalog(fuzzy=False)
    for msgid in sorted(everything):
        template.add(msgid)
    for language in LANGUAGES:
        path = LOCALE / language / "LC_MESSAGES" / "panah.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        old = read_po(path.open("rb"), locale=language) if path.exists() else Catalog(locale=language)
        new = Catalog(
            locale=language,
            project="Panah",
            creation_date=_DAY,
            fuzzy=False,
            header_comment=_HEAD.format(_READ[i18n.LANGUAGES[language].reviewed]),
        )
        for message in template:
            if message.id:
                known = old.get(message.id)
                new.add(message.id, known.string if known else "")
        for both in plurals():
            known = old.get(both)
            new.add(both, known.string if known else ("", ""))
        with path.open("wb") as f:
            write_po(f, new, no_location=True, omit_header=False, sort_output=True, width=140)
        done = sum(1 for m in new if m.id and m.string)
        print(f"{language}: {done} of {len(everything)}")


if __name__ == "__main__":
    main()
