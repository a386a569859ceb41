"""Words, digits and days in the reader's language."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panah import config, i18n
from panah.i18n import days
from panah.i18n.labels import LABELS
from panah.records import CODES

DATES = st.dates(date(1000, 1, 1), date(2999, 12, 31)).map(date.isoformat)
LANGS = st.sampled_from(sorted(i18n.LANGUAGES))


def test_a_code_has_one_name_within_its_list():
    for codes, members in CODES.items():
        assert len({i18n.words_of(codes, code) for code in members}) == len(members), codes


def test_every_special_label_belongs_to_a_code():
    keys = {f"{name}.{code}" for name, codes in CODES.items() for code in codes} | {c for codes in CODES.values() for c in codes}
    keys |= {f"roles.{role}" for role in config.ROLES}
    assert sorted(LABELS.keys() - keys) == []


def test_a_text_without_translation_stays_english():
    assert i18n.text("fa", "No catalogue has this line.") == "No catalogue has this line."
    assert i18n.text("tlh", "Yes") == "Yes"
    assert i18n.text("fa", "") == ""


def test_names_keep_their_direction_inside_a_sentence():
    assert i18n.text("en", "Written by {who}", who="نور") == "Written by \u2068نور\u2069"
    assert i18n.text("en", "Written by {who}", who="Noor") == "Written by Noor"


def test_numbers_stand_in_the_digits_of_the_language():
    assert i18n.text("fa", "{n} untranslated", n=12) == "۱۲ untranslated"
    assert i18n.digits("ckb", "2026") == "٢٠٢٦"
    assert i18n.ascii_digits("۱۲٣٤5") == "12345"


@pytest.mark.parametrize(
    ("lang", "dir"), [("fa", "rtl"), ("ckb-IR", "rtl"), ("kmr-Arab", "rtl"), ("kmr", "ltr"), ("en-GB", "ltr"), ("ar", "rtl")]
)
def test_direction_of_a_language(lang, dir):
    assert i18n.direction(lang) == dir


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("2026-11-23", "2026-11-23"),
        ("1405-09-02", "2026-11-23"),
        ("۱۴۰۵/۹/۲", "2026-11-23"),
        ("١٤٠٥.٩.٢", "2026-11-23"),
        (" 1377-04-12 ", "1998-07-03"),
        ("1403-12-30", "2025-03-20"),
        ("1404-12-30", None),
        ("2026-02-29", None),
        ("26-11-23", None),
        ("23/11/2026", None),
        ("", None),
        ("0000-01-01", None),
        ("soon", None),
    ],
)
def test_a_typed_day(typed, iso):
    assert days.read_day(typed) == iso


@given(LANGS, DATES)
def test_a_day_shown_in_a_form_is_read_as_the_same_day(lang, iso):
    assert days.read_day(days.typed(lang, iso)) == iso


@given(LANGS, st.integers(60, 4_000_000_000))
def test_a_moment_is_read_to_the_minute(lang, minute):
    read = days.read_moment(days.clock_input(float(minute)))
    # One hour of the year is said twice, when clocks are turned back.
    assert read is not None and read % 60 == 0 and abs(read - minute // 60 * 60) in (0, 3600)


def test_days_are_said_in_both_calendars():
    assert days.day("en", "2026-11-23") == "23 November 2026 (2 Azar 1405)"
    assert days.day("en", "2026-11-23", "solar_hijri", beside=False) == "2 Azar 1405"
    assert days.day("en", "0400-01-01") == "0400-01-01"
    assert days.day("fa", "not a date") == "not a date"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute ago"),
        (59, "less than a minute ago"),
        (60, "1 minute ago"),
        (7300, "2 hours ago"),
        (90_000, "1 day ago"),
        (-30, "in less than a minute"),
        (-120, "in 2 minutes"),
        (-200_000, "in 2 days"),
    ],
)
def test_how_long_ago_in_words(seconds, words):
    assert days.ago("en", seconds) == words
