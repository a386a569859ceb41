"""Records in web forms: a form that nobody changed changes nothing, and nothing that was typed is lost."""

from __future__ import annotations

import copy
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panah import i18n
from panah.records import CODES, TYPES, Record
from panah.records.base import problem_of
from panah.records.entered import parts_of
from panah.records.forms import FormField, describe, display, parse
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.schema import DECLINED, UNKNOWN, Field

Person, Case, Consent = TYPES["person"], TYPES["case"], TYPES["consent"]
Interview, Task, HelpRequest, FollowUp = (
    TYPES["voluntariness_interview"],
    TYPES["task"],
    TYPES["help_request"],
    TYPES["follow_up"],
)

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\tئاب۱٢3"), max_size=20)
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)
FILES = st.fixed_dictionaries({"blob": IDS, "key": IDS, "bytes": st.integers(0, 10**9), "media": TEXTS, "name": TEXTS})


def values_of(f: Field) -> st.SearchStrategy[Any]:
    """Any value that may be kept in a field."""
    if f.kind in ("text", "longtext"):
        return TEXTS
    if f.kind in ("code", "codes"):
        one = st.sampled_from(CODES[f.codes])
        return one if f.kind == "code" else st.lists(one, unique=True)
    if f.kind in ("name", "list", "place", "fuzzydate"):
        entry = st.fixed_dictionaries({}, optional={p.name: values_of(p) for p in parts_of(f)} | {"of_a_newer_version": TEXTS})
        return entry if f.kind in ("place", "fuzzydate") else st.lists(entry, max_size=3)
    return {
        "int": st.integers(-(2**53) + 1, 2**53 - 1),
        "bool": st.booleans(),
        "decimal": st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2.0**53) + 1, 2.0**53 - 1),
        "time": st.times().map(lambda t: t.strftime("%H:%M")),
        "date": st.dates(date(1000, 1, 1), date(3000, 1, 1)).map(date.isoformat),
        "datetime": st.floats(0, 4e9, allow_nan=False) | st.integers(0, 4 * 10**9),
        "ref": IDS,
        "refs": st.lists(IDS, max_size=3),
        "attach": FILES,
    }[f.kind]


@st.composite
def records(draw: st.DrawFn) -> Record:
    cls = TYPES[draw(st.sampled_from(sorted(TYPES)))]
    record = cls()
    for f in cls.KIND.fields:
        if draw(st.booleans()):
            setattr(record, f.name, draw(values_of(f) | st.sampled_from([DECLINED, UNKNOWN])))
    record.was = {f.name: getattr(record, f.name) for f in cls.KIND.fields}
    return record


def browse(fields: list[FormField]) -> dict[str, list[str]]:
    """What a browser posts of a form that was only looked at: boxes with their text, line ends as CRLF, choices that are ticked."""
    items: dict[str, list[str]] = {}
    for f in fields:
        if f.restricted:
            continue
        items[f.name + ".on"] = ["1"]
        items[f.name + ".no"] = [f.no_answer or ("" if f.asked else "not_asked")]
        for box in [part for row in f.rows for part in row] or [f]:
            if box.kind == "attach":
                continue
            if box.kind in ("codes", "refs"):
                chosen = [code for code, _ in box.choices if code in box.values] if box.choices else list(box.values)
                if chosen:
                    items[box.name] = chosen
            elif box.kind in ("code", "bool") and not box.value:
                continue
            else:
                text = box.value if box.kind == "longtext" else box.value.replace("\n", "").replace("\r", "")
                items[box.name] = [text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")]
    return items


def held(record: Record) -> dict[str, Any]:
    return copy.deepcopy({f.name: getattr(record, f.name) for f in record.KIND.fields})


@settings(max_examples=300, deadline=None)
@given(records(), st.sampled_from(sorted(i18n.LANGUAGES)))
def test_a_form_that_was_only_looked_at_changes_nothing(record, lang):
    before = held(record)
    items = browse(describe(record.KIND, record, lang))
    assert parse(record.KIND, items, record) == []
    assert held(record) == before


@settings(max_examples=200, deadline=None)
@given(records(), st.dictionaries(st.sampled_from(["message", "names.0.given", "names.x.given", "scopes.3.decision", "due", "opened", "team.0.until", "alerts", "people", "steps.7.if", "code", "basis.no", "birth.value", "names.9999.nick"]), st.lists(TEXTS, max_size=2)))  # fmt: skip
def test_whatever_is_posted_the_record_stays_keepable(record, items):
    parse(record.KIND, items, record)
    assert record.problems() == []
    describe(record.KIND, record, "fa", items, [("names.0.given", "date_wrong")])


@settings(deadline=None)
@given(records(), st.sampled_from(sorted(i18n.LANGUAGES)))
def test_every_value_has_words(record, lang):
    for f in record.KIND.fields:
        value = getattr(record, f.name)
        assert isinstance(display(f, value, lang), str)
        assert (display(f, None, lang)) == ""


def by_name(record: Record, lang: str = "en", **more: Any) -> dict[str, FormField]:
    return {f.name: f for f in describe(record.KIND, record, lang, **more)}


def test_only_what_was_posted_is_touched():
    case = Case(chosen_name="Amira", stage="contact")
    assert parse(Case.KIND, {"stage": ["counselling"]}, case) == []
    assert (case.chosen_name, case.stage) == ("Amira", "counselling")


def test_an_emptied_box_is_not_asked():
    case = Case(chosen_name="Amira", alerts=["danger_now"])
    parse(Case.KIND, {"chosen_name": [" "], "alerts.on": ["1"]}, case)
    assert (case.chosen_name, case.alerts) == (None, None)


@pytest.mark.parametrize(
    ("old", "posted", "new"),
    [
        (None, {"religion": [""], "religion.no": ["declined"]}, DECLINED),
        (None, {"religion": [""], "religion.no": ["unknown"]}, UNKNOWN),
        (None, {"religion": ["x"], "religion.no": ["not_asked"]}, "x"),
        (None, {"religion": ["x"], "religion.no": [""]}, "x"),
        (None, {"religion": [""], "religion.no": ["not_asked"]}, None),
        (DECLINED, {"religion": [""], "religion.no": ["declined"]}, DECLINED),
        (DECLINED, {"religion": ["x"], "religion.no": ["declined"]}, "x"),
        (DECLINED, {"religion": [""], "religion.no": ["not_asked"]}, None),
        (DECLINED, {"religion": [""], "religion.no": [""]}, None),
        (DECLINED, {"religion": [""], "religion.no": ["unknown"]}, UNKNOWN),
        (DECLINED, {"religion": [""]}, DECLINED),
        ("x", {"religion": ["x"], "religion.no": ["declined"]}, DECLINED),
        ("x", {"religion": [""], "religion.no": ["declined"]}, DECLINED),
        ("x", {"religion": ["x"], "religion.no": ["not_asked"]}, None),
        ("x", {"religion": ["y"], "religion.no": [""]}, "y"),
        ("x", {"religion": [""], "religion.no": [""]}, None),
    ],
)
def test_declined_unknown_and_not_asked_are_three_things(old, posted, new):
    person = Person(religion=old)
    assert parse(Person.KIND, posted, person) == []
    assert person.religion == new


def test_an_answer_and_a_refusal_to_answer_are_shown_as_a_mistake():
    person = Person(religion="x")
    assert parse(Person.KIND, {"religion": ["y"], "religion.no": ["declined"]}, person) == [("religion", "answered_twice")]
    assert person.religion == "x"


def test_what_was_typed_comes_back_with_the_reason():
    case = Case(opened="2026-11-23")
    raw = {"opened": ["the day before"], "chosen_name": ["Noor"]}
    errors = parse(Case.KIND, raw, case)
    assert errors == [("opened", "date_wrong")]
    assert (case.opened, case.chosen_name) == ("2026-11-23", "Noor")
    shown = by_name(case, raw=raw, errors=errors)
    assert shown["opened"].value == "the day before"
    assert shown["opened"].error
    assert shown["stage"].error == ""


@pytest.mark.parametrize("typed", ["۱۴۰۵/۹/۲", "1405-09-02", "2026-11-23", "٢٠٢٦/١١/٢٣"])
def test_a_day_in_either_calendar(typed):
    case = Case()
    assert parse(Case.KIND, {"opened": [typed]}, case) == []
    assert case.opened == "2026-11-23"


def test_numbers_in_any_digits():
    request = HelpRequest()
    assert parse(HelpRequest.KIND, {"people": ["۱٬۲۰۰"]}, request) == []
    assert request.people == 1200
    assert parse(HelpRequest.KIND, {"people": ["some"]}, request) == [("people", "number_wrong")]


def test_a_moment_keeps_its_seconds_until_it_is_changed():
    task = Task(due=1_795_000_030.5)
    items = browse(describe(Task.KIND, task, "fa"))
    parse(Task.KIND, items, task)
    assert task.due == 1_795_000_030.5
    parse(Task.KIND, {"due": ["2026-11-23T09:30"]}, task)
    assert task.due != 1_795_000_030.5 and task.due % 60 == 0


def test_rows_that_are_empty_are_dropped_and_the_rest_keep_what_no_box_shows():
    person = Person(names=[{"script": "Arab", "given": "نور"}, {"written": "Noor"}])
    shown = by_name(person)["names"].rows
    assert [row[1].value for row in shown] == ["نور", "", ""]
    assert shown[2][0].name == "names.2.written"
    items = {"names.0.given": ["نور"], "names.0.family": ["ک"], "names.1.written": [""], "names.2.written": [""]}
    assert parse(Person.KIND, items, person) == []
    assert person.names == [{"script": "Arab", "given": "نور", "family": "ک"}]


def test_a_file_stays_in_its_row_until_it_is_asked_to_go():
    Message = TYPES["message"]
    file = {"blob": "ab", "key": "cd", "bytes": 12_000, "media": "image/png", "name": "slip.png"}
    request = Message(files=[{"file": file, "media": "image/png"}, {"file": file}])
    parse(Message.KIND, {"files.0.media": ["photo"], "files.on": ["1"]}, request)
    assert request.files == [{"file": file, "media": "photo"}, {"file": file}]
    parse(Message.KIND, {"files.0.drop": ["1"]}, request)
    assert request.files == [{"file": file}]
    assert "slip.png (12 kB)" in display(Message.KIND.field("files"), request.files, "en")


def test_a_mistake_in_a_row_is_named_with_its_row():
    consent = Consent()
    raw = {"scopes.0.purpose": ["photo"], "scopes.0.valid_until": ["soon"], "scopes.0.once_only": ["1"]}
    errors = parse(Consent.KIND, raw, consent)
    assert errors == [("scopes.0.valid_until", "date_wrong")]
    assert consent.scopes is None
    field = by_name(consent, raw=raw, errors=errors)["scopes"]
    assert field.error and len(field.rows) == 2
    assert [box.name for box in field.rows[0] if box.error] == ["scopes.0.valid_until"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("۱۳۷۷/۴/۱۲", {"value": "1377-04-12", "calendar": "solar_hijri", "precision": "day"}),
        ("1377", {"value": "1377", "calendar": "solar_hijri", "precision": "year"}),
        ("1998-07", {"value": "1998-07", "calendar": "gregorian", "precision": "month"}),
        ("1370..1375", {"value": "1370..1375", "calendar": "solar_hijri", "precision": "range"}),
    ],
)
def test_a_remembered_date_is_kept_as_it_was_said(typed, kept):
    person = Person()
    assert parse(Person.KIND, {"birth.value": [typed]}, person) == []
    assert person.birth == kept


def test_a_remembered_date_in_words_alone():
    person = Person()
    assert parse(Person.KIND, {"birth.text": ["the spring after the flood"]}, person) == []
    assert person.birth == {"text": "the spring after the flood"}
    assert parse(Person.KIND, {"birth.value": ["1377-13"]}, person) == [("birth.value", "date_wrong")]


def test_the_persons_own_words_are_written_once():
    talk = Interview(own_words="I want to go.")
    talk.was = {"own_words": "I want to go."}
    shown = by_name(talk)["own_words"]
    assert shown.locked
    assert parse(Interview.KIND, {"own_words": ["I want to stay."]}, talk) == [("own_words", "write_once")]
    assert talk.own_words == "I want to go."


def test_what_is_sealed_to_others_is_shown_as_restricted_and_not_touched():
    person = Person()
    person.meta = SimpleNamespace(restricted=("religion",))
    assert by_name(person)["religion"].restricted
    parse(Person.KIND, {"religion": ["x"]}, person)
    assert person.religion is None


def test_hidden_fields_have_no_box_and_cannot_be_posted():
    request = HelpRequest(thread="kept")
    assert "thread" not in by_name(request)
    parse(HelpRequest.KIND, {"thread": ["other"], "case": ["0" * 32]}, request)
    assert (request.thread, request.case) == ("kept", None)


def test_a_code_of_a_newer_version_stays():
    case = Case(alerts=["danger_now", "a_new_alert"])
    field = by_name(case)["alerts"]
    assert field.choices[-1] == ("a_new_alert", "a_new_alert".replace("_", " ").capitalize())
    parse(Case.KIND, {"alerts": ["danger_now", "a_new_alert"], "stage": ["contact"]}, case)
    assert case.alerts == ["danger_now", "a_new_alert"]


def test_a_code_outside_its_list_is_refused():
    case = Case()
    assert parse(Case.KIND, {"risk_level": ["enormous"]}, case) == [("risk_level", "code_unknown")]
    assert case.risk_level is None


def test_words_of_values():
    assert display(FollowUp.KIND.field("at"), None, "en") == ""
    assert display(Person.KIND.field("religion"), DECLINED, "en") == "Did not want to answer"
    assert (
        display(Person.KIND.field("birth"), {"value": "1377-04-12", "calendar": "solar_hijri"}, "en")
        == "12 Tir 1377 (Solar Hijri)"
    )
    assert display(Person.KIND.field("names"), [{"given": "Dara", "father": "Noor"}], "en") == "Dara Noor"
    assert display(Case.KIND.field("alerts"), ["danger_now", "searched_for"], "en") == "Danger now, Searched for"
    assert problem_of(Case.KIND.field("alerts"), ["danger_now"]) == ""


def test_a_value_that_ours_cannot_read_can_be_mended():
    person = Person(birth={"value": "long ago", "calendar": "gregorian"})
    assert parse(Person.KIND, browse(describe(Person.KIND, person, "fa")), person) == []
    assert person.birth == {"value": "long ago", "calendar": "gregorian"}
    assert parse(Person.KIND, {"birth.value": ["1950"], "birth.calendar": ["gregorian"]}, person) == []
    assert person.birth == {"value": "1950", "calendar": "gregorian", "precision": "year"}


def test_a_record_with_words_that_were_written_once_can_be_changed_elsewhere():
    talk = VoluntarinessInterview(own_words="I want to stay.", want="stay")
    talk.was = {"own_words": "I want to stay.", "want": "stay"}
    # The browser shows these words and posts no box for them; an older page posted the mark alone.
    assert parse(talk.KIND, {"want": ["leave"], "own_words.on": ["1"]}, talk) == []
    assert (talk.want, talk.own_words) == ("leave", "I want to stay.")
    assert parse(talk.KIND, {"own_words": ["Something else."]}, talk) == [("own_words", "write_once")]
