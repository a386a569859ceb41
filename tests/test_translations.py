"""Every text of the screens, of the record types and of their codes is there in Persian; what is filled in stays what is filled in."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import messages  # noqa: E402


def _catalogue(language):
    with (ROOT / "panah" / "locale" / language / "LC_MESSAGES" / "panah.po").open("rb") as f:
        return {m.id: m.string for m in read_po(f, locale=language) if m.id}


@pytest.mark.parametrize("part", ["screens", "days", "declared", "codes", "explained"])
def test_every_text_has_its_persian(part):
    fa = _catalogue("fa")
    assert sorted(msgid for msgid in getattr(messages, part)() if not fa.get(msgid)) == []


def test_every_counted_word_has_its_persian():
    fa = _catalogue("fa")
    assert [both for both in messages.plurals() if not all(fa.get(both, ("",)))] == []


@pytest.mark.parametrize("part", ["screens", "days", "declared", "codes", "explained"])
def test_sorani_is_nearly_whole(part):
    """Whoever adds a text need not write Sorani; when one in ten waits, someone who can is to be asked."""
    ckb = _catalogue("ckb")
    waiting = sorted(msgid for msgid in getattr(messages, part)() if not ckb.get(msgid))
    assert len(waiting) * 10 <= len(getattr(messages, part)()), waiting


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_catalogue_says_whether_native_speakers_have_read_it(language):
    head = (ROOT / "panah" / "locale" / language / "LC_MESSAGES" / "panah.po").read_text().split("msgid", 1)[0]
    assert ("not yet" in head) is not messages.i18n.LANGUAGES[language].reviewed


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_what_is_filled_in_is_the_same_in_every_language(language):
    for msgid, said in _catalogue(language).items():
        if isinstance(said, str) and said:
            assert sorted(re.findall(r"{\w+}", msgid)) == sorted(re.findall(r"{\w+}", said)), msgid


def test_persian_is_written_in_persian_letters():
    for msgid, said in _catalogue("fa").items():
        said = "".join(said)
        assert "ي" not in said and "ك" not in said, msgid
