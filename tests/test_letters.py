"""Folding joins spellings of one word and never two words."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panah.letters import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علي كريمي", "علی کریمی"),
        ("فاطمة", "فاطمه"),
        ("ھەولێر", "هەولیر"),
        ("كۆمەڵ", "کومه\u200cل".replace("\u200c", "")),
        ("می\u200cروم", "میروم"),
        ("مُحَمَّد", "محمد"),
        ("أحمد", "احمد"),
        ("آرام", "ارام"),
        ("ئارام", "آرام"),
        ("مسئول", "مسيول"),
        ("مسؤول", "مسوول"),
        ("ڕێبوار", "ریبوار"),
        ("ڤیان", "ویان"),
        ("عـــلی", "علی"),
        ("Şêrîn Çûlî é", "serin culi e"),
        ("IŞIK İnci ışık", "isik inci isik"),
        ("۱۴۰۳/٠٩/02", "1403 09 02"),
        ("\u202bالف\u202c", "الف"),
        ("A-12, b!", "a 12 b"),
        ("ﻋﻠﻲ", "علی"),
        ("Straße", "STRASSE"),
    ],
)
def test_one_word_in_two_spellings_is_one_word(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("حسین", "حسن"),
        ("کریم", "کرم"),
        ("سعید", "صعید"),
        ("نادر", "نذر"),
        ("پری", "بری"),
        ("ژیان", "زیان"),
        ("گل", "کل"),
        ("ara", "aara"),
    ],
)
def test_two_words_stay_two(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
@example("\u0345\u0301ά")
@example("ﷺ ﷲ ℡ ½ ㎞")
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once == " ".join(once.split())


@given(st.text(), st.text())
def test_words_apart_fold_apart(one: str, other: str) -> None:
    assert fold(f"{one}\n{other}") == f"{fold(one)} {fold(other)}".strip()


def test_a_long_note_folds_quickly() -> None:
    note = "علي كريمي نوشت: می\u200cروم به خانه. Şêrîn 12۳۴ — " * 2_000
    fold(note)
    start = time.perf_counter()
    fold(note)
    assert time.perf_counter() - start < 0.5
