"""Questions of a team's own in real vaults: put in use, answered, carried, told apart by version, and never lost where the form is not here yet."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO

import pytest

from panah.errors import Invalid, Refused
from panah.kernel import enrol, log
from panah.kernel.event import Event
from panah.records import TYPES, forms
from panah.records.answers import Answers
from panah.records.question_form import QuestionForm
from panah.schema import DECLINED, UNKNOWN
from panah.work import cases, export, questions, rules
from panah.work import team as teams
from panah.xlsform import asked, expressions
from panah.xlsform.model import Form, Question
from tests import team
from tests.browser import ROOT
from tests.sheets import ARRIVAL, arrival, arrival_form, book, read


@pytest.fixture
def pair(tmp_path):
    """Omid supervises; Laleh is a caseworker of the same team."""
    clock = team.Clock()
    omid = enrol.new_vault(tmp_path / "omid", team.PASSPHRASE, TYPES, team.QUICK, clock)
    teams.found(omid, "Invented team", "Omid", ("supervisor", "intake", "caseworker", "keyholder"))
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clock)
    yield omid, laleh, tmp_path / "stick"
    omid.lock(), laleh.lock()


def changed_form(**changed):
    survey = [*ARRIVAL["survey"], ["text", "song", "A song you like", "ترانه‌ای که دوست دارید"]]
    return read(arrival(survey=survey, **changed)).form


def answered(s, case, form, posted):
    """A form filled in as a browser posts it."""
    record = questions.begin(s, case, form, "en")
    problems = forms.parse(record.KIND, {k: v if isinstance(v, list) else [v] for k, v in posted.items()}, record)
    assert problems == []
    return rules.keep(s, record)


POSTED = {
    "t_called": "Shilan", "q_children": "yes", "t_child.0.child_age": "۷", "t_child.0.child_needs": "warm shoes", "q_needs": ["medicine", "food"],
    "t_medicine": "insulin", "q_since": "2026-09-20", "q_fever": "38,5", "q_slept": "۲۱:۳۰",
}  # fmt: skip


def test_a_form_is_put_in_use_answered_and_carried(pair):
    omid, laleh, stick = pair
    form = questions.put_in_use(omid, arrival_form())
    assert asked.form_of(omid.get(QuestionForm, form.id)) == arrival_form()
    case = cases.open_case(omid, limits_explained=True)
    kept = answered(omid, case.id, form.id, POSTED)
    assert (kept.t_called, kept.q_children, kept.q_needs, kept.q_fever, kept.q_slept) == (
        "Shilan",
        "yes",
        ["food", "medicine"],
        38.5,
        "21:30",
    )
    assert kept.t_child == [{"child_age": 7, "child_needs": "warm shoes"}]
    assert kept.KIND.label == "First evening" and kept.complete
    assert asked.computed(kept, "fa") == [("نیازها", "۲")]
    cases.assign(omid, case.id, next(m.id for m in omid.members() if m.name == "Laleh"))
    team.meet(omid, laleh, stick)
    (there,) = cases.parts(laleh, case.id)["answers"]
    assert there.t_called == "Shilan" and arrival_form() == there.FORM
    (part,) = questions.parts(laleh, [there])
    assert (part.title, part.form, [r.id for r in part.answers]) == ("First evening", form.id, [kept.id])


def test_three_ways_of_having_no_answer_stand_for_every_question(pair):
    omid, _, _ = pair
    form = questions.put_in_use(omid, arrival_form())
    case = cases.open_case(omid)
    kept = answered(omid, case.id, form.id, {"t_called.no": "declined", "q_children.no": "unknown", "q_needs.no": "declined"})
    assert (kept.t_called, kept.q_children, kept.q_needs, kept.q_since) == (DECLINED, UNKNOWN, DECLINED, None)
    assert kept.complete  # who declines has answered


def test_needed_questions_keep_nobody_from_saving_and_count_only_where_they_are_asked(pair):
    omid, _, _ = pair
    survey = [*ARRIVAL["survey"][:5], ["text", "school", "School", "مدرسه", "${children} = 'yes'", "yes"], *ARRIVAL["survey"][5:]]
    survey = [ARRIVAL["survey"][0], *survey[1:3], ["text", "school", "School", "مدرسه", "${children} = 'yes'", "yes"]]
    form = questions.put_in_use(omid, read(arrival(survey=survey)).form)
    case = cases.open_case(omid)
    kept = answered(omid, case.id, form.id, {"q_children": "no"})
    assert kept.missing() == ["t_called"]
    kept.q_children = "yes"
    assert rules.keep(omid, kept).missing() == ["t_called", "t_school"]


def test_an_answer_outside_the_rule_is_said_in_the_forms_own_words_and_nothing_is_lost(pair):
    omid, _, _ = pair
    form = questions.put_in_use(omid, arrival_form())
    case = cases.open_case(omid)
    record = questions.begin(omid, case.id, form.id, "en")
    record.q_since = "2099-01-01"
    record.t_child = [{"child_age": 40}]
    with pytest.raises(Invalid) as e:
        rules.keep(omid, record)
    assert dict(e.value.problems) == {"q_since": "answer_outside_rule", "t_child": "answer_outside_rule"}
    shown = {}
    for lang in ("en", "fa"):
        record = questions.begin(omid, case.id, form.id, lang)
        shown[lang] = {f.name: f for f in forms.describe(record.KIND, record, lang)}
    assert shown["en"]["t_medicine"].help == "Only if “What is needed first?” is: Medicine."
    assert "نخست چه لازم است؟" in shown["fa"]["t_medicine"].help and "دارو" in shown["fa"]["t_medicine"].help
    assert shown["fa"]["q_needs"].choices == (("food", "غذا"), ("medicine", "دارو"), ("sleep", "خواب"))
    assert shown["en"]["t_child"].section == "Children" and shown["en"]["q_needs"].section == "Further questions"


def test_a_changed_form_is_a_new_version_and_old_answers_stay_under_the_one_that_asked(pair):
    omid, _, _ = pair
    first = questions.put_in_use(omid, arrival_form())
    case = cases.open_case(omid)
    old = answered(omid, case.id, first.id, POSTED)
    second = questions.put_in_use(omid, changed_form(), replaces=first.id)
    assert second.form_version == 2 and omid.get(QuestionForm, first.id).form_state == "replaced"
    with pytest.raises(Refused, match="form_not_in_use"):
        questions.begin(omid, case.id, first.id, "en")
    new = answered(omid, case.id, second.id, {"t_song": "Sari gelin"})
    again = omid.get(questions.type_of_answers(omid, old.id, "en"), old.id)
    assert not hasattr(again, "t_song") and again.t_called == "Shilan"
    again.t_called = "Avin"
    assert rules.keep(omid, again).t_called == "Avin"
    (part,) = questions.parts(omid, cases.parts(omid, case.id)["answers"])
    assert part.form == second.id and {r.id for r in part.answers} == {old.id, new.id}
    questions.retire(omid, second.id)
    (part,) = questions.parts(omid, cases.parts(omid, case.id)["answers"])
    assert part.form == "" and len(part.answers) == 2


def test_answers_whose_form_has_not_arrived_are_shown_as_they_are_and_nothing_of_them_is_lost(pair):
    omid, laleh, stick = pair
    form = questions.put_in_use(omid, arrival_form())
    case = cases.open_case(omid)
    kept = answered(omid, case.id, form.id, POSTED)
    cases.assign(omid, case.id, next(m.id for m in omid.members() if m.name == "Laleh"))
    team.meet(omid, laleh, stick)
    with laleh.vault.change():
        laleh.vault.drop_row(bytes.fromhex(form.id))  # as if the form were still on its way
    assert questions.type_of_answers(laleh, kept.id, "en") is Answers
    bare = laleh.get(Answers, kept.id)
    plain = dict(questions.plain(bare))
    assert plain["called"] == "Shilan" and plain["needs"] == "food, medicine" and "warm shoes" in plain["child"]
    (part,) = questions.parts(laleh, cases.parts(laleh, case.id)["answers"])
    assert (part.title, part.form) == ("First evening", "")
    with laleh.vault.change():
        laleh.refold([bytes.fromhex(form.id)])
    assert laleh.get(questions.type_of_answers(laleh, kept.id, "en"), kept.id).t_called == "Shilan"


def test_two_people_answer_one_question_apart_and_both_answers_stand(pair):
    omid, laleh, stick = pair
    form = questions.put_in_use(omid, arrival_form())
    case = cases.open_case(omid)
    kept = answered(omid, case.id, form.id, POSTED)
    cases.assign(omid, case.id, next(m.id for m in omid.members() if m.name == "Laleh"))
    team.meet(omid, laleh, stick)
    for s, medicine, slept in ((omid, "insulin, twice", "22:00"), (laleh, "insulin and drops", "21:30")):
        record = s.get(questions.type_of_answers(s, kept.id, "en"), kept.id)
        record.t_medicine, record.q_slept = medicine, slept
        rules.keep(s, record)
    team.meet(omid, laleh, stick)
    for s in (omid, laleh):
        (conflict,) = s.conflicts(kept.id)
        assert conflict.field == "t_medicine" and {v.value for v in conflict.versions} == {"insulin, twice", "insulin and drops"}
        assert s.get(questions.type_of_answers(s, kept.id, "en"), kept.id).q_slept == "22:00"
    omid.settle(kept.id, "t_medicine", "insulin twice, and drops")
    assert omid.conflicts(kept.id) == []
    assert {c.field for c in omid.history(kept.id)} >= {"t_medicine", "q_slept", "form"}


def test_search_finds_words_of_answers_and_never_of_sensitive_ones(pair):
    omid, _, _ = pair
    heads = [*ARRIVAL["survey"][0], "sensitive"]
    survey = [heads, ["text", "open_words", "Wishes", "آرزوها"], ["text", "quiet", "Fears", "ترس‌ها", *[""] * 5, "yes"]]
    form = questions.put_in_use(omid, read(arrival(survey=survey)).form)
    case = cases.open_case(omid)
    kept = answered(omid, case.id, form.id, {"t_open_words": "باغبانی", "q_quiet": "SENTINELFEAR"})
    assert [hit.id for hit in omid.search("باغباني")] == [kept.id]
    assert omid.search("SENTINELFEAR") == []
    omid.rebuild()
    assert [hit.id for hit in omid.search("باغباني")] == [kept.id] and omid.search("SENTINELFEAR") == []


def test_answers_leave_with_the_case(pair):
    omid, _, _ = pair
    form = questions.put_in_use(omid, arrival_form())
    case = cases.open_case(omid)
    answered(omid, case.id, form.id, POSTED)
    with zipfile.ZipFile(BytesIO(export.case(omid, case.id))) as archive:
        whole, shown = json.loads(archive.read("case.json")), archive.read("case.txt").decode()
    (kept,) = [part for part in whole if part["type"] == "answers"]
    assert kept["values"]["t_called"] == "Shilan" and kept["values"]["t_child"] == [{"child_age": 7, "child_needs": "warm shoes"}]
    assert "How shall we call you?: Shilan" in shown


def test_only_supervisors_and_administrators_put_forms_in_use(pair):
    _, laleh, _ = pair
    for act in (lambda: questions.put_in_use(laleh, arrival_form()), lambda: questions.retire(laleh, "0" * 32)):
        with pytest.raises(Refused, match="only_a_supervisor"):
            act()


FORBIDDEN = Form("f", "F", "", "en", ("en",), (Question("a", "text", {"en": "Who was the commander?"}),), ())


def test_NN17_a_form_that_a_colleagues_program_wrote_is_not_asked_if_it_asks_what_is_not_asked(pair):
    omid, laleh, stick = pair
    with pytest.raises(Refused, match="form_asks_too_much"):
        questions.put_in_use(omid, FORBIDDEN)
    laleh.save(QuestionForm(**asked.kept(FORBIDDEN), form_version=1, form_state="in_use"))
    team.meet(omid, laleh, stick)
    assert questions.in_use(omid) == [] and [form for _, form in questions.forms(omid)] == [None]


@pytest.mark.parametrize(
    "odd",
    [
        {"questions": [{"name": "a", "kind": "text", "relevant": "(" * 900}]},
        {"questions": [{"name": "a", "kind": "calculate", "calculation": "${a} + 1", "label": {"en": "A"}}]},
        {"questions": [{"name": "id", "kind": "text"}, {"name": "id", "kind": "text"}]},
        {"questions": [{"name": "../x", "kind": "text"}]},
        {"questions": [{"name": "a", "kind": "code", "list": "none"}]},
        {"questions": [{"name": "a", "kind": "ref", "to": "person"}]},
        {"questions": [{"name": "a", "kind": "text", "range": ["x", "y", "z"]}]},
        {"questions": [{"name": "a", "kind": 5}]},
        {"questions": [5]},
        {"questions": [{"name": "a", "kind": "list"}, {"name": "b", "kind": "text", "inside": "nowhere"}]},
        {"spoken": "", "form_language": ""},
    ],
)
def test_a_form_of_anything_breaks_nothing(pair, odd):
    omid, _, _ = pair
    id = omid.new_id()
    values = {**asked.kept(arrival_form()), "form_state": "in_use", **odd}
    with omid.vault.change():
        omid_log(omid, id, values)
    case = cases.open_case(omid)
    for record, form in questions.forms(omid):
        if form is not None:
            made = questions.begin(omid, case.id, record.id, "fa")
            forms.describe(made.KIND, made, "fa")
            for f in made.KIND.fields:
                if f.name[:2] in ("t_", "q_") and f.kind in ("text", "int"):
                    setattr(made, f.name, "x")
            made.problems()
            made.missing()
            asked.computed(made, "en")


def omid_log(s, id, values):
    log.append(s, s.names["team"], [Event(bytes.fromhex(id), "question_form", s.tick(), values)])
    s.refold([bytes.fromhex(id)])


def test_choices_fit_what_was_answered_above(pair):
    omid, _, _ = pair
    heads = [*ARRIVAL["survey"][0], "choice_filter"]
    survey = [
        heads,
        ["select_one district", "district", "District", "بخش"],
        ["select_one town", "town", "Town", "شهر", *[""] * 5, "district=${district}"],
    ]
    choices = [
        [*ARRIVAL["choices"][0], "district"], ["district", "north", "North", "شمال"], ["district", "south", "South", "جنوب"],
        ["town", "larch", "Larch", "لارچ", "north"], ["town", "ash", "Ash", "اش", "south"],
    ]  # fmt: skip
    form = questions.put_in_use(omid, read(arrival(survey=survey, choices=choices)).form)
    case = cases.open_case(omid)
    kept = answered(omid, case.id, form.id, {"q_district": "north"})
    town = next(f for f in forms.describe(kept.KIND, kept, "en") if f.name == "q_town")
    assert questions.offered(kept, "q_town", town.choices, ()) == (("larch", "Larch"),)
    kept.q_town = "ash"
    with pytest.raises(Invalid) as e:
        rules.keep(omid, kept)
    assert e.value.problems == (("q_town", "choice_does_not_fit"),)
    kept.q_town = "larch"
    assert rules.keep(omid, kept).q_town == "larch"


def test_NN06_no_story_in_a_form_of_our_own_before_the_limits_were_explained(pair):
    omid, _, _ = pair
    survey = [[*ARRIVAL["survey"][0], "appearance"], ["text", "story", "What happened", "چه پیش آمد", *[""] * 5, "multiline"]]
    form = questions.put_in_use(omid, read(arrival(survey=survey)).form)
    case = cases.open_case(omid)
    record = questions.begin(omid, case.id, form.id, "en")
    record.t_story = "A long way."
    with pytest.raises(Invalid) as e:
        rules.keep(omid, record)
    assert e.value.problems == (("t_story", "limits_not_explained"),)
    case.limits_explained = True
    omid.save(case)
    assert rules.keep(omid, record).t_story == "A long way."


def test_defaults_stand_in_an_empty_form(pair):
    omid, _, _ = pair
    survey = [
        [*ARRIVAL["survey"][0], "default"],
        ["integer", "people", "People", "نفر", *[""] * 5, "1"],
        ["select_multiple needs", "needs", "Needs", "نیازها", *[""] * 5, "food sleep"],
        ["date", "since", "Since", "از", *[""] * 5, "2026-11-01"],
    ]
    form = questions.put_in_use(omid, read(arrival(survey=survey)).form)
    record = questions.begin(omid, cases.open_case(omid).id, form.id, "fa")
    assert (record.q_people, record.q_needs, record.q_since) == (1, ["food", "sleep"], "2026-11-01")


def test_what_is_refused_has_its_code(pair):
    omid, _, _ = pair
    with pytest.raises(Refused, match="form_not_here"):
        questions.form_of(omid, "0" * 32)
    form = questions.put_in_use(omid, arrival_form())
    record = questions.begin(omid, cases.open_case(omid).id, form.id, "fa")
    posted = {"q_slept": ["25:00"], "q_fever": ["hot"]}
    assert forms.parse(record.KIND, posted, record) == [("q_fever", "number_wrong"), ("q_slept", "time_wrong")]
    record.q_slept = "9:5"
    assert record.problems() == [("q_slept", "time_wrong")]


def tables(path):
    """The tables of a page, each as rows of texts."""
    found, rows = [], []
    for line in [*path.read_text().splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            found.append([rows[0], *rows[2:]])
            rows = []
    return found


def test_the_example_of_the_how_to_can_be_put_in_use(pair):
    omid, _, _ = pair
    survey, choices, settings = tables(ROOT / "docs/howto/own-questions.md")[:3]
    found = read(book(survey=survey, choices=choices, settings=settings))
    assert found.usable and found.notes == []
    form = questions.put_in_use(omid, found.form)
    kept = answered(
        omid, cases.open_case(omid).id, form.id, {"t_called": "Shilan", "q_needs": ["medicine"], "t_medicine": "insulin"}
    )
    assert kept.complete and kept.KIND.label == "First evening"
    named = set(re.findall(r"`([a-z-]+)\( \)`", (ROOT / "docs/howto/own-questions.md").read_text()))
    assert named == set(expressions.FUNCTIONS)
