"""Is this the same person: names in several scripts, births in three calendars, people, lists. Everything here is pure."""

from __future__ import annotations

import contextlib
import csv
import json
import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panah import matching
from panah.errors import Unreadable
from panah.matching import compare, invented, lists, names, reasons, sounds
from panah.matching.days import apart, born

# One name as a Persian, an Arab, a Sorani and a Kurmanji clerk wrote it, and in Latin letters.
ONE_NAME = [
    ("محمد", "محمد", "محەمەد", "Mihemed", "Mohammad", "Muhammed"),
    ("سیروان", "سيروان", "سیروان", "Sîrwan", "Sirwan", "Sirvan"),
    ("خدیجه", "خديجة", "خەدیجە", "Xedîce", "Khadijeh", "Khadija"),
    ("جواد", "جواد", "جەواد", "Cewad", "Javad", "Jawad"),
    ("رضا", "رضا", "ڕەزا", "Riza", "Reza", "Ridha"),
    ("عبدالرحمن", "عبد الرحمن", "عەبدولڕەحمان", "Ebdulrehman", "Abdolrahman", "Abd al-Rahman"),
    ("صلاح‌الدین", "صلاح الدين", "سەلاحەدین", "Selahedîn", "Salahuddin", "Salah al-Din"),
    ("حسین", "الحسين", "حوسێن", "Hisên", "al-Hussein", "Hossein"),
    ("عثمان", "عثمان", "عوسمان", "Osman", "Othman", "Uthman"),
    ("قادر", "قادر", "قادر", "Qadir", "Ghader", "Kadir"),
    ("ذوالفقار", "ذو الفقار", "زولفەقار", "Zulfeqar", "Dhulfiqar", "Zolfaghar"),
    ("شیرین", "شيرين", "شیرین", "Şîrîn", "Shirin", "Shireen"),
]


@pytest.mark.parametrize("spellings", ONE_NAME, ids=lambda s: s[4])
def test_one_name_in_four_scripts_shares_a_key_and_sounds_alike(spellings):
    for a in spellings:
        for b in spellings:
            assert matching.name_keys(a) & matching.name_keys(b), (a, b)
            assert matching.compare_names(a, b) >= 0.7, (a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("حسن", "حسین"),
        ("Hassan", "حسین"),
        ("Mohammad", "محمدی"),
        ("Şêrwan", "سیروان"),
        ("علی", "عمر"),
        ("Karim", "Karimi"),
        ("مریم", "مهدی"),
    ],
)
def test_names_that_are_not_one_name_are_told_apart(a, b):
    assert matching.compare_names(a, b) < 0.72


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("علی رضا", "علیرضا"), ("علی‌رضا", "Alireza"), ("Ali Reza Karimi", "کریمی علیرضا"), ("سید حسین کریمی", "Hossein Karimi"),
        ("الحاج محمود", "Mahmoud"), ("يوسف بن خالد", "یوسف خالد"), ("\u202bمحمد\u202c", "محمـد"), ("مُحَمَّد", "محمد"), ("Muhammad ibn Ali", "محمد علی"),
        ("أبو بكر", "Abu Bakr"), ("كريم", "کریم"), ("ROSTAMI", "رستمي"),
    ],
)  # fmt: skip
def test_titles_connectors_joiners_marks_and_order_make_no_other_name(a, b):
    assert matching.compare_names(a, b) >= 0.85


@pytest.mark.parametrize(
    "text",
    ["", " ", "ا", "A", "😀", "۱۲۳", "م" * 500, "Ali علی سیروان Hewlêr", "\u202e\u200f", "-", "al", "سید", "\0", "ﷺ", "Ａｌｉ"],
)
def test_odd_names_raise_nothing(text):
    assert isinstance(matching.name_keys(text), frozenset)
    assert 0.0 <= matching.compare_names(text, "علی") <= 1.0
    found = matching.compare_people({"full": text, "birth": text}, {"given": text, "age": text})
    assert 0.0 <= found.same <= 1.0


def test_a_title_that_stands_alone_is_the_name():
    assert matching.compare_names("سید", "Seyed") > 0.7


texts = st.text(
    st.sampled_from("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیيكةأإآئؤءەێۆڕڵabcdeghijklmnoqrstuvwxyzçşêîû -'\u200c"), max_size=30
) | st.text(max_size=60)
years = st.sampled_from(
    ["", "1992", "1371-04-12", "31 Esfand 1402", "1402", "۱۳۷۱", "1412-09-01", "0", "9999-99-99", "12/4/1371", "x"]
)
people = st.fixed_dictionaries(
    {},
    optional={
        "given": texts, "father": texts, "grandfather": texts, "family": texts, "full": texts, "mother_name": texts,
        "sex": st.sampled_from(["m", "f", "زن", "?"]), "birth": years, "age": st.sampled_from(["3", "40", "-1", "۴۰", "999", "x"]), "place": texts,
    },
)  # fmt: skip


@given(texts, texts)
def test_comparing_names_is_symmetric_bounded_and_never_raises(a, b):
    near = matching.compare_names(a, b)
    assert 0.0 <= near <= 1.0
    assert near == pytest.approx(matching.compare_names(b, a), abs=0.02)
    assert len(matching.name_keys(a)) <= 12 * sounds.MOST_READINGS * 4


@given(texts)
def test_a_name_is_itself(a):
    if any(t.readings for t in names.tokens(a)):
        assert matching.compare_names(a, a) >= 0.98
        assert matching.name_keys(a)


@given(people, people)
def test_the_parts_add_up_to_the_score_and_the_probabilities_to_one(a, b):
    found = matching.compare_people(a, b)
    assert math.fsum(part.bits for part in found.parts) == pytest.approx(found.score)
    assert found.same + found.kin + found.unrelated == pytest.approx(1.0)
    assert found.same == pytest.approx(1 / (1 + 2 ** -max(min(found.score, 500), -500)))
    assert all(said for said in reasons.sentences(found))


@given(people, people)
def test_the_larger_the_register_the_less_a_likeness_proves(a, b):
    few, many = (matching.compare_people(a, b, register=n) for n in (100, 100_000))
    assert few.same >= many.same - 0.01


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("1377-04-12", "1998-07-03", "1998-07-03"),
        ("۱۲/۴/۱۳۷۷", "1998-07-03", "1998-07-03"),
        ("12 تیر 1377", "1998-07-03", "1998-07-03"),
        ("1992", "1992-01-01", "1992-12-31"),
        ("31 Esfand 1402", "2024-02-20", "2024-03-19"),
        ("1402", "2023-03-21", "2024-03-19"),
        ("1990-01-01", "1990-01-01", "1990-12-31"),
        ("1991-13-40", "1991-01-01", "1991-12-31"),
    ],
)
def test_births_of_three_calendars_become_intervals(written, first, last):
    found = born(written)
    assert found is not None and (found.first.isoformat(), found.last.isoformat()) == (first, last)


def test_a_lunar_birth_fits_the_solar_one_within_the_moon():
    lunar = born({"value": "1412-09-01", "calendar": "lunar_hijri", "precision": "day"})
    assert lunar is not None and apart(lunar, born("1370-12-16")) <= 3


def test_an_age_is_an_interval_before_the_day_it_was_told():
    found = born(age="40", recorded="2024-05-01")
    assert found is not None and found.rounded and found.first.year < 1984 <= found.last.year
    assert born(age="-") is None and born(age="130") is None and born("") is None


def test_S1_12_two_candidates_come_before_two_others_and_say_why():
    """Scenario S1, step 12: the brother is (a) or (b); (c) is another name, (d) another age."""
    sought = {"given": "Sîrwan", "father": "Mihemed", "grandfather": "Elî", "birth": "1992"}
    a, b, c, d = (
        matching.compare_people(sought, other, register=500)
        for other in (
            {"full": "سيروان محمد علي", "birth": "1991"},
            {"full": "سیروان محمدعلی", "birth": "1371"},
            {"full": "شێروان محەمەد عەلی", "birth": "1992"},
            {"full": "Sirwan Mohammad Ali", "birth": "1961"},
        )
    )
    assert min(a.same, b.same) > 0.5 > max(c.same, d.same)
    assert "Given name: the same in another spelling" in " ".join(reasons.sentences(a))


def test_what_a_person_believes_or_is_called_by_others_is_never_compared():
    """NN-55: nationality, ethnicity and religion take no part."""
    one = {"given": "آرام", "family": "مرادی"}
    other = one | {"nationality": "x", "religion": "y", "ethnicity": "z"}
    assert matching.compare_people(one, one) == matching.compare_people(one, other)


def test_brothers_are_kin_and_not_one_person():
    ali = {
        "given": "علی",
        "father": "محمود",
        "grandfather": "رسول",
        "family": "نوروزی",
        "birth": "1992",
        "place": "Mehrabad",
        "mother_name": "زینب",
    }
    reza = ali | {"given": "رضا", "birth": "1995"}
    found = matching.compare_people(ali, reza)
    assert found.same < 0.1 and found.kin > 0.8


def _floor(size: int, seed: int) -> tuple[float, float, float]:
    entries = invented.register(size, seed)
    known = {str(n): compare.person(e.row) for n, e in enumerate(entries)}
    true = {tuple(sorted(pair)) for pair in invented.truth(entries)}
    shown = [(p.found.same, tuple(sorted((int(p.a), int(p.b)))) in true) for p in lists.pairs(known)]
    surest = [right for same, right in shown if same >= 0.9]
    found = sorted(shown, reverse=True)
    best = hit = 0.0
    for n, (_, right) in enumerate(found, 1):
        hit += right
        best = max(best, 2 * hit / (n + len(true)))
    return best, sum(surest) / len(surest), len(surest) / len(true)


def test_on_an_invented_register_of_other_seeds_levels_come_true():
    f1, right, share = _floor(600, 4711)
    assert f1 >= 0.78
    assert right >= 0.9  # shown as nine in ten, and nine in ten are right
    assert share >= 0.4


def test_two_invented_registers_of_one_seed_are_the_same():
    assert [e.row for e in invented.register(50, 5)] == [e.row for e in invented.register(50, 5)]


def _run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "panah", "match", *args], capture_output=True, text=True, check=False)


def test_the_command_finds_pairs_in_one_list_and_between_two(tmp_path):
    one, two, out = tmp_path / "one.csv", tmp_path / "two.csv", tmp_path / "out.csv"
    one.write_text(
        "id,given,father,family,birth\nA1,علی‌رضا,محمود,کریمی,1371-04-12\nA2,Alireza,Mahmud,Karimi,1992-07-03\nA3,سارا,امید,دشتی,1380\n",
        "utf-8",
    )
    two.write_text("\ufeffNr,Vorname,Nachname\nB7,Alireza,Karimi\n", "utf-8")
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"Nr": "id", "Vorname": "given", "Nachname": "family"}), "utf-8")
    done = _run(str(one), "--out", str(out))
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [(r["id_a"], r["id_b"]) for r in rows] == [("A1", "A2")]
    assert float(rows[0]["same"]) > 0.9 and "Birth: the same" in rows[0]["reasons"]
    (tmp_path / "m2.csv").write_text("id,given,family\nC1,علی رضا,کریمی\n", "utf-8")
    assert _run(str(tmp_path / "m2.csv"), "--other", str(two), "--mapping", str(mapping), "--out", str(out)).returncode == 0
    assert [(r["id_a"], r["id_b"]) for r in csv.DictReader(out.open(encoding="utf-8"))] == [("C1", "B7")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"id,given\n1,\xff\xfe\n", "list_not_utf8"), (b"", "list_no_columns"), (b"a,b\n1,2\n", "list_no_columns"),
        (b"id;given\n1;Ali\n", "list_malformed"), (b"id,given\n1,Ali\n1,Sara\n", "list_id_twice"), (b"id,given\n1," + b"x" * 20_000, "list_malformed"),
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_refused_by_name(tmp_path, content, code):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=code):
        lists.read(path)
    assert f"[{code}]" in _run(str(path), "--out", str(tmp_path / "o.csv")).stderr


def test_a_mapping_that_is_none_is_refused(tmp_path):
    path = tmp_path / "m.json"
    for text in ("", "[]", '{"a": "shoe size"}', '{"a": 1}'):
        path.write_text(text, "utf-8")
        with pytest.raises(Unreadable, match="mapping_malformed"):
            lists.read_mapping(path)
    with pytest.raises(Unreadable, match="file_unreadable"):
        lists.read(tmp_path / "absent.csv")


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_list_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(b"given,family,birth\n" + data)
    with contextlib.suppress(Unreadable):
        list(lists.pairs(lists.read(path)))
