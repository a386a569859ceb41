"""The record types: what they declare is whole, what they protect is protected, and any value that cannot be kept is named."""

from __future__ import annotations

import itertools
import json
import re
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panah.records import CODES, TYPES, load
from panah.records.base import Record
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.contact_entry import ContactEntry
from panah.records.help_request import HelpRequest
from panah.records.person import Person
from panah.records.scopes import narrowest
from panah.records.task import Task
from panah.records.titles import title_of
from panah.records.values import MOST_TEXT, problem_of
from panah.schema import DECLINED, KINDS, UNKNOWN, Field, canonical, intersection, union
from tools import reference

ROOT = Path(__file__).resolve().parents[1]

FIELDS = [(name, f) for name, cls in sorted(TYPES.items()) for f in cls.KIND.fields]
COLUMNS = [(name, c) for name, f in FIELDS for c in (f, *f.fields)]
SENSITIVE_GROUPS = ("nationality", "ethnicity", "religion")

# The most protective value first. Some lists have a code more, which only a person can weigh.
PROTECTIVE = {
    "help_request.safe_to_reply": "no later yes",
    "case.risk_level": "critical high medium low",
    "person.age_known": "disputed_treat_as_child estimated stated documented",
    "household.unity_rule": "apart_requested court_or_bid_decides together together_if_possible",
    "consent.capacity": "none_now limited_now supported full",
    "voluntariness_interview.conclusion": "not_voluntary lacks_capacity_now unclear_repeat best_interest_process voluntary",
    "protection_assessment.searched_for": "yes partly no",
    "protection_assessment.refoulement_alert": "confirmed_block stated_fear possible none_seen",
    "protection_assessment.risk_level": "critical high medium low",
    "voluntariness_interview.mind_changed": "yes partly no",
    "medical_triage.colour": "red yellow green",
    "medical_triage.fit_to_travel": "no_not_now with_care yes_fit",
    "medical_triage.suicide_risk": "critical high medium low",
    "medical_triage.sv_window": "under_72h under_120h under_2_weeks later declined_to_say not_applicable",
    "follow_up.safe_now": "no partly yes",
    "follow_up.wants_contact": "no later yes",
    "closure.data_choice": "erase_now keep_minimum keep_until_date",
    "feedback.safety_now": "critical high medium low",
    "feedback_past_dpo.safety_now": "critical high medium low",
    "incident.harm_now": "critical high medium low",
    "rights_request.coercion_check": "suspected_coerced cannot_verify confirmed_voluntary",
    "wish.coercion_check": "suspected_coerced cannot_verify confirmed_voluntary",
    "question_form.form_state": "retired replaced in_use",
}
TOGETHER = {
    "help_request.safe_contact": intersection,
    "contact_entry.duress_signs": union,
    "case.alerts": union,
    "person.do_not_contact": union,
    "person.no_coplace": union,
    "consent.scopes": narrowest,
    "consent.never_share_with": union,
    "consent.withdrawn": union,
    "consent.used": union,
    "consent.heard": intersection,
    "voluntariness_interview.heard": intersection,
    "voluntariness_interview.pressures": union,
    "medical_triage.allergies": union,
    "medical_triage.infectious_precaution": union,
}

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def named(path: str) -> Field:
    kind, field = path.split(".")
    return TYPES[kind].KIND.field(field)


# -- declarations -------------------------------------------------------------------------------------------------------


def test_a_type_has_the_name_of_its_file():
    for name, cls in TYPES.items():
        assert cls.__module__ == f"panah.records.{name}" and cls.KIND.name == name
        assert cls.KIND.label and cls.KIND.plural and cls.KIND.doc


def test_fields_are_of_known_kinds_and_have_words():
    for name, f in COLUMNS:
        assert f.kind in KINDS and f.label.strip() and re.fullmatch(r"[a-z][a-z_]*", f.name), (name, f.name)


def test_every_code_list_and_every_reference_is_there():
    for name, f in COLUMNS:
        if f.kind in ("code", "codes"):
            assert f.codes in CODES, (name, f.name)
        if f.kind in ("ref", "refs"):
            assert f.to in TYPES or f.name == "superseded_by", (name, f.name)
        if f.kind == "list":
            assert f.fields, (name, f.name)
        if f.when:
            assert set(f.when[1]) <= set(CODES[TYPES[name].KIND.field(f.when[0]).codes])


def test_code_lists_hold_words_once():
    for name, codes in CODES.items():
        assert codes and len(set(codes)) == len(codes), name
        assert all(re.fullmatch(r"[A-Za-z0-9_]+", code) for code in codes), name


def test_the_minimum_and_the_title_name_fields():
    for cls in TYPES.values():
        names = {f.name for f in cls.KIND.fields}
        assert names.issuperset(cls.KIND.minimum) and cls.KIND.title in names | {""}


def test_one_name_means_one_thing_across_types():
    meanings: dict[str, set[tuple[str, str]]] = {}
    for _, f in FIELDS:
        meanings.setdefault(f.name, set()).add((f.kind, f.label))
    # What people in the field call these things differs with the record they stand in.
    several = {name for name, m in meanings.items() if len(m) > 1} - {
        "about",
        "members",
        "text",
        "recipient",
        "due",
        "outcome",
        "kind",
    }
    assert several == set()


def test_a_header_stands_in_every_type():
    header = [f for f in Record.__struct_fields__ if f != "id"]
    for cls in TYPES.values():
        assert [f.name for f in cls.KIND.fields][-len(header) :] == header


def test_a_new_type_is_one_file(tmp_path, monkeypatch):
    """The example of the how-to page, as it is printed there."""
    block = re.search(r"^```python\n(.*?)^```", (ROOT / "docs/howto/add-a-record-type.md").read_text(), re.MULTILINE | re.DOTALL)
    folder = tmp_path / "invented_types"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "visit.py").write_text(block[1])
    monkeypatch.syspath_prepend(str(tmp_path))
    before = dict(CODES)
    try:
        types = load("invented_types", [str(folder)])
    finally:
        for name in CODES.keys() - before.keys():
            del CODES[name]
        for name in [m for m in sys.modules if m.startswith("invented_types")]:
            del sys.modules[name]
    assert list(types) == ["visit"]
    visit = types["visit"](place="Larch")
    assert visit.missing() == [] and visit.KIND.compartment == "advocacy" and visit.KIND.field("asked").index


def test_a_file_cannot_change_a_code_list_that_stands(tmp_path, monkeypatch):
    folder = tmp_path / "clashing_types"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "x.py").write_text('CODES = {"yn": ("yes", "no")}\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ValueError, match="yn"):
        load("clashing_types", [str(folder)])
    assert CODES["yn"] == ("yes", "no", "partly")


# -- what must never be asked, or never be listed ------------------------------------------------------------------------


def test_nobody_can_be_listed_by_group():
    """NN-17, NN-31: no list, filter or search by nationality, ethnicity or religion; none is needed for anything."""
    for name in SENSITIVE_GROUPS:
        f = Person.KIND.field(name)
        assert f.sensitive and not (f.index or f.search or f.required)


def test_a_person_is_served_under_a_code():
    """NN-30: no name, document, exact date of birth or picture is ever required."""
    required = {f.name for f in Person.KIND.fields if f.required}
    assert required == {"id_mode", "age_band", "language_spoken"}


def test_care_forms_ask_nothing_that_intelligence_would():
    """NN-09, NN-17: neither rewards, nor structure, weapons, leaders or routes."""
    asked = re.compile(r"weapon|leader|command|route|structure|reward|payment", re.IGNORECASE)
    assert [(name, f.name) for name, f in COLUMNS if asked.search(f"{f.name} {f.label}")] == []


def test_what_is_filtered_by_is_never_a_name_or_a_story():
    assert [(n, f.name) for n, f in FIELDS if f.index and (f.sensitive or f.kind in ("longtext", "name", "place"))] == []


# -- protective order ---------------------------------------------------------------------------------------------------


def test_exactly_these_fields_are_protected():
    declared = {f"{name}.{f.name}" for name, f in FIELDS if f.protect is not None}
    assert declared == PROTECTIVE.keys() | TOGETHER.keys()
    assert all(named(path).protect is rule for path, rule in TOGETHER.items())


@pytest.mark.parametrize(("path", "order"), PROTECTIVE.items())
def test_the_protective_value_wins_in_either_order(path, order):
    """NN-70."""
    protect = named(path).protect
    codes = order.split()
    assert set(codes) <= set(CODES[named(path).codes])
    for (i, a), (j, b) in itertools.product(enumerate(codes), repeat=2):
        assert protect([a, b]) == codes[min(i, j)]
        # What is no code of the list protects nobody.
        assert protect([None, a]) == protect([msgspec.to_builtins(DECLINED), a]) == a


DECISION = st.sampled_from(["yes", "no", "later", None])
LINE = st.fixed_dictionaries(
    {"purpose": st.sampled_from(["photo", "health_referral"]), "decision": DECISION},
    optional={
        "recipient": st.sampled_from(["Heron", " heron", "Swift", ""]),
        "valid_until": st.sampled_from(["2026-12-01", "2027-01-01"]),
        "fields_in": st.sampled_from(["colour", "colour, language", "language"]),
        "fields_out": st.sampled_from(["names", "photo"]),
        "once_only": st.booleans(),
    },
)
SCOPES = st.lists(LINE, max_size=4)


def key_of(line):
    return (line["purpose"], (line.get("recipient") or "").strip().casefold())


def words_of(text):
    return {w.strip() for w in (text or "").split(",") if w.strip()}


@given(st.lists(SCOPES, min_size=1, max_size=3))
def test_consent_is_narrowed_and_never_widened(versions):
    narrow = narrowest(versions)
    assert len({key_of(line) for line in narrow}) == len(narrow)
    lines = [line for version in versions for line in version]
    assert {key_of(line) for line in narrow} == {key_of(line) for line in lines}
    for line in narrow:
        same = [x for x in lines if key_of(x) == key_of(line)]
        decisions = {x["decision"] for x in same}
        assert (line["decision"] == "yes") == (decisions == {"yes"})
        assert (line["decision"] == "no") == ("no" in decisions)
        untils = [x["valid_until"] for x in same if "valid_until" in x]
        assert line.get("valid_until") == (min(untils) if untils else None)
        assert words_of(line.get("fields_out")) == set().union(*(words_of(x.get("fields_out")) for x in same))
        for x in same:
            if "fields_in" in x:
                assert words_of(line["fields_in"]) <= words_of(x["fields_in"]) | {"-"}
        assert bool(line.get("once_only")) == any(x.get("once_only") for x in same)


@given(st.lists(SCOPES, min_size=1, max_size=3), st.randoms())
def test_consent_is_narrowed_alike_in_every_order(versions, random):
    shuffled = list(versions)
    random.shuffle(shuffled)
    assert canonical(narrowest(shuffled)) == canonical(narrowest(versions))
    assert canonical(narrowest([narrowest(versions)])) == canonical(narrowest(versions))


def test_who_declined_the_whole_question_has_agreed_to_nothing():
    yes = [{"purpose": "photo", "decision": "yes"}, {"purpose": "research", "decision": "no"}]
    for other in (None, msgspec.to_builtins(DECLINED)):
        assert {x["purpose"]: x["decision"] for x in narrowest([yes, other])} == {"photo": "later", "research": "no"}


# -- values -------------------------------------------------------------------------------------------------------------

LONG = "x" * (MOST_TEXT + 1)
HEX = "0123456789abcdef" * 2
FILE = {"blob": HEX * 2, "key": HEX * 2, "bytes": 3, "parts": 1, "media": "image/png", "name": ""}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", ""),
        ("longtext", "دەنگ\n🙂"),
        ("int", -3),
        ("bool", False),
        ("date", "2026-11-23"),
        ("datetime", 1_790_000_000.25),
        ("datetime", 0),
        ("code", "yes"),
        ("codes", []),
        ("codes", ["yes", "partly"]),
        ("ref", HEX),
        ("refs", [HEX]),
        ("name", [{"script": "Arab", "given": "شیرین", "family": None}, {"written": "Şîrîn", "newer part": "kept"}]),
        ("fuzzydate", {"value": "1377-04-12", "calendar": "solar_hijri", "precision": "day", "text": ""}),
        ("fuzzydate", {}),
        ("place", {"text": "a village in the north"}),
        ("place", {"ref": HEX, "precision": "site"}),
        ("attach", FILE),
        ("list", [{"inner": "yes", "other": 1}, {}]),
    ],
)
def test_a_value_that_can_be_kept(kind, value):
    assert problem_of(a(kind), value) == ""


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("text", 5, "value_wrong_kind"),
        ("text", LONG, "text_too_long"),
        ("longtext", "half \ud800", "value_wrong_kind"),
        ("int", True, "number_wrong"),
        ("int", 1.5, "number_wrong"),
        ("int", 2**53, "number_wrong"),
        ("bool", 1, "value_wrong_kind"),
        ("date", "2026-02-29", "date_wrong"),
        ("date", "20261123", "date_wrong"),
        ("datetime", float("nan"), "date_wrong"),
        ("datetime", -1.0, "date_wrong"),
        ("code", "maybe", "code_unknown"),
        ("code", ["yes"], "code_unknown"),
        ("codes", "yes", "code_unknown"),
        ("codes", [["yes"]], "code_unknown"),
        ("codes", ["yes"] * 1001, "list_too_long"),
        ("ref", HEX.upper(), "reference_wrong"),
        ("refs", [HEX, "../.."], "reference_wrong"),
        ("refs", [HEX] * 1001, "list_too_long"),
        ("name", [{"given": 5}], "value_wrong_kind"),
        ("name", [{"given": "x" * 1001}], "text_too_long"),
        ("name", "Noor", "value_wrong_kind"),
        ("fuzzydate", {"calendar": "lunar"}, "code_unknown"),
        ("fuzzydate", {"value": 1377}, "date_wrong"),
        ("fuzzydate", "1377", "value_wrong_kind"),
        ("place", {"ref": "here"}, "reference_wrong"),
        ("place", {"precision": "street"}, "code_unknown"),
        ("attach", {**FILE, "key": "no key"}, "value_wrong_kind"),
        ("attach", {**FILE, "bytes": -1}, "value_wrong_kind"),
        ("attach", {}, "value_wrong_kind"),
        ("list", [{"inner": "maybe"}], "code_unknown"),
        ("list", [{"deep": {"a": {"b": {"c": {"d": {}}}}}}], "value_wrong_kind"),
        ("list", [{"other": float("inf")}], "value_wrong_kind"),
        ("list", [{}] * 1001, "list_too_long"),
        ("list", ["yes"], "value_wrong_kind"),
    ],
)
def test_a_value_that_cannot_be_kept_is_named(kind, value, code):
    assert problem_of(a(kind), value) == code


def a(kind: str) -> Field:
    return Field("it", kind, "It", codes="yn", fields=(Field("inner", "code", "Inner", codes="yn"),))


@given(st.sampled_from(KINDS), ANYTHING)
def test_whatever_comes_is_judged_and_what_passes_can_be_written(kind, value):
    if problem_of(a(kind), value) == "":
        assert canonical(msgspec.msgpack.decode(canonical(value))) == canonical(value)


@pytest.mark.parametrize("kind", KINDS)
def test_three_ways_of_having_no_answer_are_always_kept(kind):
    """NN-05."""
    assert [problem_of(a(kind), v) for v in (None, DECLINED, UNKNOWN)] == ["", "", ""]


def test_an_answer_refused_is_an_answer():
    """NN-05: the person who declines has answered; who was not asked has not."""
    person = Person(id_mode="code_only", age_band=UNKNOWN, language_spoken=DECLINED)
    assert person.complete and Person(id_mode="code_only").missing() == ["age_band", "language_spoken"]


def test_no_case_is_complete_without_a_basis():
    """NN-01."""
    case = Case(opened="2026-11-23", basis_note="came at night", lead="Laleh", limits_explained=True)
    assert case.missing() == ["basis"] and case.problems() == []
    case.basis = "vital_interest"
    assert case.complete


def test_a_code_of_a_newer_version_stands_until_it_is_changed():
    case = Case(risk_level="of_a_newer_version", stage="closed")
    assert case.problems(only=["stage"]) == []
    assert case.problems() == [("risk_level", "code_unknown")]


@given(st.dictionaries(st.sampled_from([f for f in HelpRequest.__struct_fields__ if f != "id"]), ANYTHING, max_size=6))
def test_a_record_of_anything_names_its_problems(values):
    record = HelpRequest(**values)
    assert {field for field, _ in record.problems()} <= values.keys()
    assert record.problems(only=()) == []


def test_records_of_one_type_do_not_share_what_they_remember():
    one, other = Task(title="a"), Task(title="b")
    one.was["title"] = "a"
    assert other.was == {} and other.base == {} and other.meta is None


def test_desks_and_cases_are_sealed_apart():
    compartments = {name: cls.KIND.compartment for name, cls in TYPES.items()}
    assert {n for n, c in compartments.items() if c == "intake"} == {"help_request", "contact_entry", "message", "intake_key"}
    assert compartments["case"] == "care/{id}"
    held_by = {cls.KIND.compartment.split("/")[0]: cls.KIND.held_by for cls in TYPES.values() if "/" in cls.KIND.compartment}
    assert {n for n, c in compartments.items() if c == "accountability"} == {
        "feedback", "rights_request", "export_event", "opening_log", "glass_break",
    }  # fmt: skip
    assert {n for n, cls in TYPES.items() if cls.KIND.posted} == {
        "feedback",
        "feedback_past_dpo",
        "rights_request",
        "export_event",
        "opening_log",
        "glass_break",
    }
    assert held_by.pop("incident") == ("accountability", "supervisors")
    assert held_by == {"care": ("supervisors",), "triage": ("supervisors", "health"), "health": ("health",)}
    assert Consent.KIND.field("scopes").required and ContactEntry.KIND.minimum == ("direction", "at", "summary")


# -- lines of lists -----------------------------------------------------------------------------------------------------


def test_a_list_outside_a_record_shows_code_and_task_only():
    """NN-35."""
    secret = "شیرین"
    for name, cls in TYPES.items():
        record = cls(code="ba-ru-mi-7", language="en", case=HEX)
        for f in cls.KIND.fields:
            if f.kind in ("text", "longtext") and f.name != "code":
                setattr(record, f.name, secret)
        if name == "person":
            record.names = [{"given": secret}]
        assert title_of(record, "en") == (secret if name == "task" else "ba-ru-mi-7")


def test_a_line_inside_a_case_says_what_the_record_is():
    assert title_of(Person(names=[{"given": "شیرین"}], code="ba-ru-mi-7"), "en", inside=True) == "شیرین"
    assert title_of(Person(names=DECLINED, code="ba-ru-mi-7"), "en", inside=True) == "ba-ru-mi-7"
    assert title_of(Person(), "en", inside=True) == "Person"
    assert title_of(TYPES["closure"](reason="goals_met"), "en", inside=True) == "Goals met"
    plan = TYPES["safety_plan"](safe_contact_rule="Only after two,\n" + "never by voice " * 20)
    assert (
        title_of(plan, "en", inside=True).startswith("Only after two, never by voice")
        and len(title_of(plan, "en", inside=True)) < 82
    )
    assert title_of(Task(title="x" * 300), "en") == "x" * 80 + "…"


# -- the written reference ----------------------------------------------------------------------------------------------


def test_records_only_grow():
    """What older vaults hold keeps its name and its kind; new fields, types and codes may come."""
    old, new = reference.written(), reference.written()
    assert reference.taken_back(old, new) == []
    new["types"]["task"]["fields"].append({"name": "place", "kind": "text", "label": "Place"})
    new["codes"]["risk"].append("unknown")
    assert reference.taken_back(old, new) == []
    fields = new["types"]["task"]["fields"]
    fields[:] = [f for f in fields if f["name"] != "owner"]
    next(f for f in fields if f["name"] == "due")["kind"] = "date"
    new["types"]["household"]["fields"][1]["columns"].pop()
    new["types"]["closure"]["compartment"] = "team"
    new["codes"]["risk"].remove("low")
    del new["types"]["message"]
    assert reference.taken_back(old, new) == [
        "closure: compartment",
        "household: by_age_sex.count",
        "the type message",
        "task: owner",
        "task: due",
        "the code risk.low",
    ]


def test_the_reference_says_what_the_declarations_say():
    data = json.loads(reference.JSON.read_text())
    assert data == reference.written(), "make docs"
    page = reference.MARKDOWN.read_text()
    assert all(f"`{name}`, sealed in" in page for name in TYPES) and all(f"| {name} | " in page for name in CODES)
