"""Compile the catalogues: panah/locale/*/LC_MESSAGES/panah.po to .mo, when a .po is newer. Called by tools/assets.py and by the tests."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parents[1] / "panah" / "locale"


def compile_all(locale: Path = LOCALE) -> list[Path]:
    """The catalogues that were compiled anew."""
    done = []
    for po in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns:
            with po.open("rb") as file:
                catalogue = read_po(file, locale=po.parents[1].name, domain="panah")
            # Written beside and moved: a test running at the same time reads a whole file or the old one.
            beside = mo.with_suffix(".new")
            with beside.open("wb") as file:
                write_mo(file, catalogue)
            beside.replace(mo)
            done.append(mo)
    return done


if __name__ == "__main__":
    for path in compile_all():
        sys.stdout.write(f"{path}\n")
