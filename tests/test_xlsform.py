"""Forms written in sheets: read as they were meant, mended and told where strict tools refuse, explained where we do; and written out again."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font
from pyxform.xls2xform import convert

from panah.errors import PanahError
from panah.explain import EXPLAIN
from panah.files import apart, sheets
from panah.records import TYPES
from panah.xlsform import expressions, notes, own, reading, subjects, types, writing
from panah.xlsform.model import MOST_CHOICES, MOST_QUESTIONS
from panah.xlsform.tables import Sheet
from tests.browser import ROOT
from tests.rounds import rounds
from tests.sheets import ARRIVAL, HEADS, YES_NO, arrival, arrival_form, book, codes, form, read, told
from tests.test_cli import _run

# -- what is understood ----------------------------------------------------------------------------------------------------


def test_a_form_in_two_languages_is_understood_whole():
    found = read(arrival())
    assert codes(found) == set() and found.usable
    made = arrival_form()
    assert (made.title, made.name, made.version, made.language, made.languages) == (
        "First evening",
        "first_evening",
        "1",
        "en",
        ("en", "fa"),
    )
    kinds = {q.name: q.kind for q in made.questions}
    assert kinds == {
        "called": "text", "children": "code", "child": "list", "needs": "codes", "medicine": "text", "since": "date", "fever": "decimal",
        "slept": "time", "thanks": "note", "number_of_needs": "calculate",
    }  # fmt: skip
    child = next(q for q in made.questions if q.name == "child")
    assert child.relevant == "${children} = 'yes'" and child.section == {"en": "Children", "fa": "کودکان"}
    assert [(c.name, c.kind, c.required) for c in child.questions] == [("child_age", "int", True), ("child_needs", "text", False)]
    assert {c.answer for c in made.choices if c.list == "needs"} == {"", "declined", "unknown"}


def test_the_confined_process_reads_the_same():
    assert reading.workbook(arrival()) == read(arrival())


@pytest.mark.parametrize(
    ("written", "type", "list", "other"),
    [
        ("select one from a", "select_one", "a", False), ("Select_One a or_other", "select_one", "a", True),
        ("select_one a or specify other", "select_one", "a", True), ("select1 a", "select_one", "a", False),
        ("select all that apply from a", "select_multiple", "a", False), ("select  multiple a", "select_multiple", "a", False),
        ("Begin Group", "begin_group", "", False), ("begin repeat", "begin_repeat", "", False), ("DateTime", "datetime", "", False),
        ("photo", "image", "", False), ("Integer ", "integer", "", False), ("select_multiple", "select_multiple", "", False),
    ],
)  # fmt: skip
def test_types_are_read_as_they_were_meant(written, type, list, other):
    found = types.read(written)
    assert found is not None and (found.type, found.list, found.other) == (type, list, other)


# -- what is mended --------------------------------------------------------------------------------------------------------


def survey(*rows, heads=HEADS):
    return [heads, *rows]


def hide(book):
    sheet = book["survey"]
    sheet.column_dimensions["D"].hidden = True
    sheet.row_dimensions[3].hidden = True
    book.create_sheet("notes").append(["anything"])
    sheet["A1"].font = Font(bold=True)


ODD = {
    "spaces": (survey([" text ", " a ", " A ", "ا"]), [], set()),
    "case of types": (survey(["Text", "a", "A", "ا"], ["SELECT ONE FROM yes_no", "b", "B", "ب"]), YES_NO, {"type_mended"}),
    "smart quotes": (survey(["select_one yes_no", "b", "B", "ب"], ["text", "a", "A", "ا", "${b} = ‘yes’"]), YES_NO, {"expression_mended"}),
    "other programs' signs": (
        survey(["select_one yes_no", "b", "B", "ب"], ["text", "a", "A", "ا", "$ {B} == 'yes' && #{b}!='no'"]), YES_NO,
        {"expression_mended", "reference_mended"},
    ),
    "names twice": (survey(["text", "a", "A", "ا"], ["text", "a", "B", "ب"]), [], {"name_twice"}),
    "illegal names": (survey(["text", "1 a-b?", "A", "ا"], ["text", "سن", "B", "ب"], ["text", "", "C", "پ"]), [], {"name_mended", "name_made"}),
    "a list in another case": (survey(["select_one YES_no", "b", "B", "ب"]), YES_NO, {"list_mended"}),
    "yes_no without a list": (survey(["select_one yes_no", "b", "B", "ب"]), [], {"list_made"}),
    "choices twice": (survey(["select_one yes_no", "b", "B", "ب"]), [*YES_NO, ["yes_no", "no", "No", "خیر"]], {"choice_twice"}),
    "choices of one name": (survey(["select_one yes_no", "b", "B", "ب"]), [*YES_NO, ["yes_no", "no", "Never", "هرگز"]], {"choice_renamed"}),
    "choices with spaces": (survey(["select_one yes_no", "b", "B", "ب"]), [*YES_NO, ["yes_no", "not yet", "Not yet", "هنوز نه"]], {"choice_mended"}),
    "our answers as choices": (survey(["select_one yes_no", "b", "B", "ب"]), [*YES_NO, ["yes_no", 98, "Don't know", "نمی‌داند"]], {"choice_is_answer"}),
    "a list named once": (survey(["select_one yes_no", "b", "B", "ب"]), [*YES_NO, ["", "late", "Later", "بعد"]], {"choice_without_list"}),
    "numbers as names": (survey(["select_one n", "b", "B", "ب"]), [YES_NO[0], ["n", 1, "One", "یک"], ["n", 2.0, "Two", "دو"]], set()),
    "empty rows and a late head": ([[], ["Our form"], [], *survey(["text", "a", "A", "ا"], [], [], ["text", "b", "B", "ب"])], [], {"header_late"}),
    "a group left open": (survey(["begin_group", "g", "G", "گ"], ["text", "a", "A", "ا"]), [], {"group_not_closed"}),
    "an end too many": (survey(["text", "a", "A", "ا"], ["end group"]), [], {"end_without_begin"}),
    "the phone": (survey(["start", "start"], ["deviceid", "d"], ["text", "a", "A", "ا"]), [], {"device_left_out"}),
    "a comment": (survey(["#text", "x", "X", ""], ["text", "a", "A", "ا"]), [], set()),
    "or_other": (survey(["select_one yes_no or_other", "b", "B", "ب"]), YES_NO, {"other_added"}),
    "heads in other words": (
        [["Type", "Name", "label:English", "label: Farsi", "Relevance", "Mandatory"], ["text", "a", "A", "ا", "", "TRUE"]], [], set(),
    ),
    "no language": ([["type", "name", "label"], ["text", "a", "چه لازم است؟"]], [], {"language_guessed"}),
    "columns twice": ([["type", "name", "label::en", "label::en"], ["text", "a", "A", "B"]], [], {"column_twice"}),
    "defaults": (
        survey(["integer", "a", "A", "ا", *[""] * 4, "many"], ["date", "b", "B", "ب", *[""] * 4, "today()"], heads=[*HEADS, "default"]), [],
        {"default_wrong", "default_computed"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_strict_tools_reject_is_mended_and_told(name):
    rows, choices, expected = ODD[name]
    found = form(rows, choices)
    assert codes(found) - {"label_language_missing", "list_unused"} == expected
    assert found.usable, [notes.sentence(n, "en") for n in found.notes]
    for note in found.notes:
        assert note.sheet in ("survey", "choices") and (note.row or note.code in ("list_unused",))
    # What we made of it is what strict tools take.
    assert convert(io.BytesIO(writing.workbook(found.form)), file_type=".xlsx", validate=False).xform


def test_hidden_and_joined_cells_are_read_and_told():
    found = form(survey(["text", "a", "A", "ا"], ["text", "b", "B", "ب"]), change=hide)
    assert codes(found) == {"columns_hidden", "rows_hidden"} and found.usable
    assert told(found, "columns_hidden").args == {"columns": "D"}
    found = form(survey(["text", "a", "A", "ا"], ["text", "b", "B", "ب"]), change=lambda b: b["survey"].merge_cells("A2:A3"))
    assert "merged" in codes(found) and told(found, "type_missing").row == 3


def test_a_formula_gives_what_was_seen_last_and_is_told():
    found = form(survey(["text", "a", '=CONCATENATE("A","B")', "ا"]))
    assert told(found, "formula").row == 2


# -- what is explained -----------------------------------------------------------------------------------------------------

WRONG = {
    "type_unknown": survey(["telepathy", "a", "A", "ا"]),
    "type_missing": survey(["", "a", "A", "ا"]),
    "list_missing": survey(["select_one colours", "a", "A", "ا"]),
    "list_not_named": survey(["select_one", "a", "A", "ا"]),
    "exact_place": survey(["geopoint", "a", "A", "ا"]),
    "rank_unknown": survey(["rank", "a", "A", "ا"]),
    "type_elsewhere": survey(["select_one_from_file places.csv", "a", "A", "ا"]),
    "list_in_list": survey(
        ["begin_repeat", "a", "A"], ["begin_repeat", "b", "B"], ["text", "c", "C"], ["end_repeat"], ["end_repeat"]
    ),
    "file_in_list": survey(["begin_repeat", "a", "A"], ["image", "b", "B"], ["end_repeat"]),
    "reference_unknown": survey(["text", "name_of_child", "A", "ا"], ["text", "b", "B", "ب", "${name_of_chld} != ''"]),
    "expression_function": survey(["text", "a", "A", "ا", "pulldata('x', 'y')"]),
    "expression_bracket": survey(["text", "a", "A", "ا", "not(. = 1"]),
    "expression_sign": survey(["text", "a", "A", "ا", "/data/a = 1"]),
    "expression_ends_early": survey(["text", "a", "A", "ا", ". ="]),
    "expression_left_over": survey(["text", "a", "A", "ا", ". = 1 1"]),
    "reference_itself": survey(["text", "a", "A", "ا", "${b} = 1"], ["text", "b", "B", "ب", "${a} = 1"]),
    "nothing_asked": survey(["start", "a"]),
    "column_missing": [["question", "words"], ["text", "A"]],
    "questions_too_many": survey(*(["text", f"q{n}", "A", "ا"] for n in range(MOST_QUESTIONS + 1))),
    "words_too_long": survey(["text", "a", "A" * 4000, "ا"]),
}


@pytest.mark.parametrize("code", WRONG)
def test_what_cannot_be_mended_is_explained_with_its_place(code):
    found = form(WRONG[code])
    assert not found.usable and code in codes(found, "problem")
    note = told(found, code)
    said = notes.sentence(note, "en")
    assert said.count(".") + said.count("?") >= 2 and "{" not in said.replace("${name}", ""), said
    assert note.sheet == "survey" and (note.row or code == "nothing_asked")
    if code == "reference_unknown":
        assert (note.row, note.column, note.args["near"]) == (3, "relevant", "name_of_child")


def test_too_many_choices_and_lines_are_told():
    found = form(
        survey(["select_one n", "a", "A", "ا"]), [YES_NO[0], *(["n", f"c{n}", "C", "س"] for n in range(MOST_CHOICES + 5))]
    )
    assert "choices_too_many" in codes(found, "problem")
    found = form(survey(["text", "a", "A", "ا"], *([[]] * (sheets.MOST_ROWS + 5)), ["text", "b", "B", "ب"]))
    assert "sheet_cut" in codes(found, "problem")


def test_every_note_has_words_that_take_what_is_told():
    for code, (what, do) in notes.WORDS.items():
        for words in (what, do):
            assert words[0].isupper() or words[0] == "{", code
            assert words.endswith("."), (code, words)


# -- what is asked ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Which weapons did they have?", "asks_weapons"), ("چه سلاح‌هایی داشتند؟", "asks_weapons"), ("چەکیان هەبوو؟ چەک", "asks_weapons"),
        ("Who was the commander?", "asks_leaders"), ("نام فرمانده چیست؟", "asks_leaders"), ("How many guards were there?", "asks_structure"),
        ("By which group were you held?", "asks_structure"), ("Which route did you take?", "asks_routes"), ("از چه مسیری آمدید؟", "asks_routes"),
        ("What is your nationality?", "needs_purpose"), ("قومیت شما چیست؟", "needs_purpose"), ("Religion", "needs_purpose"),
    ],
)  # fmt: skip
def test_NN17_and_NN31_what_care_forms_do_not_ask_is_refused_with_its_reason(label, code):
    found = form(survey(["text", "a", label, label]))
    assert code in codes(found, "problem") and not found.usable
    assert reading.forbidden(found.form)


@pytest.mark.parametrize(
    "label", ["Do you need medicine?", "به چه چیزی نیاز دارید؟", "How shall we call you?", "Warm clothes", "چۆن بانگت بکەین؟"]
)
def test_a_question_of_care_is_no_question_of_war(label):
    assert subjects.refused(label) == subjects.careful(label) == "" and not subjects.identifies(label)


def test_NN31_with_a_purpose_it_is_asked_as_sensitive_and_never_needed():
    found = form(
        [[*HEADS, "purpose"], ["text", "faith", "Religion", "دین", "", "yes", "", "", "Food and burial as the person wants them"]]
    )
    assert found.usable and codes(found) == {"kept_sensitive"}
    (question,) = found.form.questions
    assert question.sensitive and not question.required and question.purpose


def test_nobody_has_to_say_who_they_are_on_paper():
    found = form(survey(["text", "papers", "Passport number", "شماره پاسپورت", "", "yes"]))
    assert found.usable and codes(found, "warning") == {"not_needed"}
    assert not found.form.questions[0].required and found.form.questions[0].sensitive


# -- conditions ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${a} = 'yes'", True), ("${a} != 'yes' or ${n} > 3", True), ("${n} >= 5 and ${n} <= 5", True), ("selected(${m}, 'y')", True),
        ("selected(${m}, 'z')", False), ("count-selected(${m}) = 2", True), ("string-length(${a}) < 4", True), ("not(${none} = '')", False),
        ("${d} < today()", True), ("today() - 30 < ${d}", True), ("(${n} + 1) * 2 div 4 - 1", 2), ("if(${n} > 3, 'many', 'few')", "many"),
        ("coalesce(${none}, 'x')", "x"), ("concat(${a}, '-', ${n})", "yes-5"), ("${n} div 0", None), ("'5' = ${n}", True), (". > 3", True),
        ("${unknown} > 3", False), ("- 1 < 0", True), ("count(${m})", 2), ("sum(${m})", 0), ("7 mod 4", 3), ("true() and not(false())", True),
    ],
)  # fmt: skip
def test_a_condition_comes_to_what_it_says(written, value):
    answers = {"a": "yes", "n": 5, "m": ["x", "y"], "d": "2026-11-20", "none": None}
    assert expressions.compute(expressions.parse(written), answers.get, "2026-11-24", own=4) == value


def test_a_condition_is_said_in_words():
    made = arrival_form()
    labels = {q.name: q.label["en"] for q in made.questions}
    tree = expressions.parse("selected(${needs}, 'medicine') and not(${children} = 'no')")
    said = expressions.in_words(tree, lambda n: labels.get(n, ""), lambda n, v: v.title(), "en")
    assert said == "“What is needed first?” is: Medicine and not: “Are children with you?” is: No"


@given(st.text("${}()=<>!'\"ab.,+-* \u2018anorsdlect1", max_size=60))
@settings(max_examples=rounds(200), deadline=None)
def test_any_text_is_a_condition_or_is_refused_in_our_own_words(written):
    try:
        tree = expressions.parse(expressions.mend(written))
    except expressions.Bad as e:
        assert e.code in notes.WORDS
    else:
        expressions.compute(tree, lambda name: [None, "a", 3][len(name) % 3], "2026-11-24")


def test_deep_and_long_conditions_are_refused():
    for written in ("(" * 500 + "1" + ")" * 500, "not(" * 400 + "1" + ")" * 400, "-" * 900 + "1", "1+" * 600 + "1", "1 " * 5000):
        with pytest.raises(expressions.Bad):
            expressions.parse(written)


# -- hostile files ---------------------------------------------------------------------------------------------------------


def packed(data: bytes, **parts: bytes) -> bytes:
    """The same workbook with parts changed or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return out.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(PanahError) as e:
        reading.workbook(data)
    assert e.value.code in EXPLAIN
    return e.value.code


def test_F5_macros_old_files_and_other_files_are_refused_kindly():
    assert refused(packed(arrival(), **{"xl/vbaProject.bin": b"x"})) == "sheet_has_macros"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "sheet_old_or_locked"
    assert refused(b"type,name,label\ntext,a,A\n") == "sheet_not_xlsx"
    assert refused(packed(arrival(), **{"xl/workbook.xml": b""})) in ("file_broken", "sheet_broken")


def test_F5_a_file_that_swells_is_refused():
    bomb = b"<worksheet><!--" + bytes(80_000_000) + b"-->"
    assert refused(packed(arrival(), **{"xl/worksheets/sheet1.xml": bomb})) in (
        "file_not_cleanable",
        "sheet_too_large",
        "file_too_much_work",
    )


def test_F5_texts_that_declare_other_texts_are_refused():
    swelling = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"x" * 100 + b'"><!ENTITY c "&b;&b;&b;">]><sst>&c;</sst>'
    for part in (swelling, swelling.decode().encode("utf-16")):
        with pytest.raises(PanahError) as e:
            sheets.sheets(packed(arrival(), **{"xl/sharedStrings.xml": part}))
        assert e.value.code == "sheet_broken"


def test_F5_links_to_other_files_lead_nowhere(tmp_path):
    secret = tmp_path / "secret.xlsx"
    secret.write_bytes(book(survey=[["SENTINELSECRET"]]))
    linked = form(
        survey(["text", "a", f"='[{secret}]survey'!A1", "ا"], ["text", "b", '=HYPERLINK("http://127.0.0.1:9/x","B")', "ب"])
    )
    assert "SENTINELSECRET" not in repr(linked)


DATA = arrival()


@given(st.data())
@settings(max_examples=rounds(25), deadline=None)
@pytest.mark.fuzz
def test_a_broken_workbook_never_breaks_the_reader(data):
    """Bytes of the parts inside flipped, cut and doubled; what a library says of them never comes out of the confined process."""
    with zipfile.ZipFile(io.BytesIO(DATA)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist() if n.endswith(".xml")}
    name = data.draw(st.sampled_from(sorted(parts)))
    part = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, max(0, len(part) - 1)))
        how = data.draw(st.sampled_from(("flip", "cut", "double")))
        if how == "flip" and part:
            part[at] ^= 1 << data.draw(st.integers(0, 7))
        elif how == "cut":
            del part[at : at + data.draw(st.integers(1, 200))]
        else:
            part[at:at] = part[at : at + 300] * data.draw(st.integers(1, 5))
    changed = packed(DATA, **{name: bytes(part)})
    try:
        out = sheets.sheets(changed)
    except PanahError as e:
        assert e.code in EXPLAIN
        return
    import msgspec

    found = reading.understood(msgspec.json.decode(out, type=list[Sheet]))
    for note in found.notes:
        assert notes.sentence(note, "fa")


CELLS = st.one_of(
    st.sampled_from(
        [
            "type",
            "name",
            "label",
            "relevant",
            "select_one",
            "text",
            "integer",
            "begin_repeat",
            "end_repeat",
            "begin_group",
            "end_group",
            "calculate",
            "range",
            "note",
            "yes_no",
            "${a}",
            "a",
            "b",
            ".",
            "choices",
            "list_name",
            "survey",
            "constraint",
            "default",
            "required",
            "yes",
            "label::fa",
        ]
    ),
    st.sampled_from(
        ["select_one yes_no or_other", "${a} = 'x'", "selected(${b}, 'y')", "start=1 end=5", "۱۲", "ئا", "=1+1", "1.0"]
    ),
    st.text(max_size=12),
)


@given(
    st.lists(st.lists(CELLS, max_size=9), max_size=14),
    st.lists(st.lists(CELLS, max_size=5), max_size=8),
    st.booleans(),
)
@settings(max_examples=rounds(150), deadline=None)
@pytest.mark.fuzz
def test_whatever_stands_in_the_cells_is_read_or_told(rows, choices, headed):
    heads = ["type", "name", "label", "relevant", "calculation", "constraint", "choice_filter", "default", "parameters"]
    made = [
        Sheet("survey", False, [(n, r) for n, r in enumerate([heads, *rows] if headed else rows, 1)], [], [], [], [], False),
        Sheet(
            "choices",
            False,
            [(n, r) for n, r in enumerate([["list_name", "name", "label", "a"], *choices], 1)],
            [],
            [],
            [],
            [],
            False,
        ),
    ]
    found = reading.understood(made)
    for note in found.notes:
        assert notes.sentence(note, "en") and notes.place(note, "fa") is not None
    if found.usable:
        again = read(writing.workbook(found.form))
        assert again.form == found.form, again.notes


# -- out again -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_record_type_goes_out_as_a_form_that_strict_tools_take_and_comes_back_equal(name):
    made = own.form_of(TYPES[name].KIND)
    data = writing.workbook(made)
    assert read(data).form == made
    assert convert(io.BytesIO(data), file_type=".xlsx", validate=False).xform
    shown = {f.name for f in TYPES[name].KIND.fields if not f.hidden and f.name != "code"}
    assert {q.name for q in made.questions} == shown
    assert set(made.languages) == {"en", "fa", "ckb"}


def test_a_form_of_a_team_comes_back_equal():
    made = arrival_form()
    data = writing.workbook(made)
    assert read(data).form == made and codes(read(data)) == set()
    assert convert(io.BytesIO(data), file_type=".xlsx", validate=False).xform
    texts = repr(ARRIVAL)
    assert all(text in texts for q in made.questions for text in q.label.values())


def test_a_text_that_begins_like_a_formula_stays_a_text():
    found = form(survey(["text", "a", "A", "ا"]))
    made = writing.workbook(
        type(found.form)(
            "f", "=1+1", "", "en", ("en",), (type(found.form.questions[0])("a", "text", {"en": '=HYPERLINK("x")'}),), ()
        )
    )
    again = read(made)
    assert again.form.questions[0].label == {"en": '=HYPERLINK("x")'} and "formula" not in codes(again)


def test_cascading_choices_are_kept_for_each_choice_above_them():
    rows = survey(
        ["select_one a", "a", "A", "ا"],
        ["select_one b", "b", "B", "ب", "", "", "", "", "a=${a}"],
        heads=[*HEADS, "choice_filter"],
    )
    choices = [
        [*YES_NO[0], "a"],
        ["a", "x", "X", "ایکس"],
        ["a", "y", "Y", "وای"],
        ["b", "one", "One", "یک", "x"],
        ["b", "one", "One", "یک", "y"],
    ]
    found = form(rows, choices)
    assert found.usable and codes(found) == set()
    assert [c.more for c in found.form.list("b")] == [{"a": "x"}, {"a": "y"}]
    assert read(writing.workbook(found.form)).form == found.form
    assert convert(io.BytesIO(writing.workbook(found.form)), file_type=".xlsx", validate=False).xform


def test_only_codes_of_ours_leave_the_confined_process():
    assert {c for c in apart.CODES if c.startswith("sheet")} <= EXPLAIN.keys()


def test_the_command_line_checks_and_writes_forms(tmp_path):
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    good.write_bytes(arrival())
    bad.write_bytes(book(survey=survey(["geopoint", "where", "Where?", "کجا؟"])))
    assert "12 questions, languages: en, fa. The form can be put in use." in _run("form", "check", good).stdout
    done = _run("form", "check", bad, code=3)
    assert done.stdout.startswith("To be changed: sheet survey, row 2, column type: geopoint writes down an exact place.")
    assert "[form_has_problems]" in done.stderr
    assert "[sheet_not_xlsx]" in _run("form", "check", ROOT / "README.md", code=3).stderr
    _run("form", "export", "person", "--out", tmp_path / "person.xlsx")
    assert read((tmp_path / "person.xlsx").read_bytes()).form == own.form_of(TYPES["person"].KIND)
    assert "[no_such_form]" in _run("form", "export", "nobody", "--out", tmp_path / "x", code=4).stderr
