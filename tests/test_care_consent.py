"""Consent: what stands counts, whatever the clocks say; nothing that was taken back is shared; the talk is kept answer by answer."""

from __future__ import annotations

import io
import itertools
import zipfile
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panah.errors import Invalid, Refused
from panah.i18n.spoken import sentences
from panah.records import CODES, TYPES, forms
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.person import Person
from panah.records.safety_plan import SafetyPlan
from panah.records.service import Service
from panah.records.task import Task
from panah.work import aloud, cases, complete, consents, erasing, export, heard, rules
from tests import team

WILLOW = "Willow clinic"
HEALTH = "health_referral"


@pytest.fixture
def pair(tmp_path):
    clock = team.Clock()
    omid = team.found(tmp_path / "o", clock=clock, types=TYPES)
    laleh = team.join(omid, tmp_path / "l", "Laleh", ("caseworker",), clock)
    yield omid, laleh, tmp_path / "stick", clock
    omid.lock()
    laleh.lock()


def someone(s, band="b25_59", **more):
    case = cases.open_case(s, basis="consent", basis_note="They ask for help.")
    return rules.keep(s, Person(case=case.id, id_mode="code_only", age_band=band, language_spoken="ckb", **more))


def talk(s, person, decision="yes", purpose=HEALTH, recipient=WILLOW, *, end=True, capacity="full", only="", never="", **how):
    """A whole talk about one thing, screen by screen."""
    how = {"given_by": "self", "mode": "spoken_witnessed", "private": True, "language": "ckb", **how}
    consent = aloud.begin(s, person.id, [purpose], capacity=capacity, **how)
    for what in ("refuse", "limits", "explain"):
        assert aloud.step(s, consent) == what
        consent = aloud.told(s, consent.id, what)
    if purpose in complete.NAMED:
        aloud.name(s, consent.id, 0, recipient, "Nothing.", only, never)
    consent = aloud.answer(s, consent.id, 0, decision)
    if end:
        aloud.said_back(s, consent.id, understood=True)
        aloud.way_back(s, consent.id, "She asks for the blue thread.")
        consent = aloud.copy(s, consent.id, "unsafe_not_given")
    return consent


def refused(s, person, purpose=HEALTH, recipient=WILLOW, at=None):
    try:
        consents.allows(s, person.id, purpose, recipient, at)
    except Refused as e:
        return e.code
    return ""


def test_NN_03_a_whole_talk_allows_this_purpose_for_this_recipient_and_nothing_else(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    assert refused(laleh, mother) == "consent_not_asked"
    consent = talk(laleh, mother)
    assert complete.lacking(laleh, consent) == []
    assert consents.allows(laleh, mother.id, HEALTH, "willow  CLINIC".replace("  ", " ")).consents == (consent.id,)
    assert refused(laleh, mother, recipient="Heron") == "consent_not_asked"
    assert refused(laleh, mother, recipient="") == "recipient_needed"
    assert refused(laleh, mother, "service_referral") == "consent_not_asked"
    assert refused(laleh, someone(laleh)) == "consent_not_asked"


def test_NN_03_a_talk_that_is_not_complete_allows_nothing(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    talk(laleh, mother, end=False)
    assert refused(laleh, mother) == "consent_incomplete"


def test_NN_03_a_scope_ends_by_the_clock(pair):
    _, laleh, _, clock = pair
    mother = someone(laleh)
    talk(laleh, mother)
    assert refused(laleh, mother, at=clock.at + 89 * 86400) == ""
    assert refused(laleh, mother, at=clock.at + 91 * 86400) == "consent_expired"
    clock.at += 91 * 86400
    laleh.met(laleh.now())
    assert refused(laleh, mother) == "consent_expired"


def test_NN_04_a_yes_for_once_is_used_up(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    talk(laleh, mother, "yes_once")
    allowed = consents.allows(laleh, mother.id, HEALTH, WILLOW)
    assert allowed.once
    consents.use(laleh, allowed)
    assert refused(laleh, mother) == "consent_used"
    talk(laleh, mother, "yes_once")
    assert refused(laleh, mother) == ""


def test_NN_04_fields_are_what_is_allowed_without_what_is_not(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    talk(laleh, mother, only="colour, allergies, language", never="language")
    allowed = consents.allows(laleh, mother.id, HEALTH, WILLOW)
    assert allowed.fields(("colour", "language", "story")) == {"colour"}


def test_NN_04_there_is_no_agreement_for_everybody(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    consent = aloud.begin(laleh, mother.id, [HEALTH], capacity="full", given_by="self", mode="spoken_witnessed", private=True)
    for what in ("refuse", "limits", "explain"):
        aloud.told(laleh, consent.id, what)
    with pytest.raises(Refused) as e:
        aloud.answer(laleh, consent.id, 0, "yes")
    assert e.value.code == "recipient_needed"
    # The same written in the form by hand: a draft is kept, and it is no consent.
    kept = laleh.get(Consent, consent.id)
    kept.scopes = [{"purpose": HEALTH, "decision": "yes"}]
    kept = rules.keep(laleh, kept)
    assert ("scopes", "recipient_needed") in complete.lacking(laleh, kept)
    assert refused(laleh, mother) == "consent_not_asked"


def test_NN_04_nothing_is_shared_with_whom_the_person_never_wants(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    consent = talk(laleh, mother)
    consent.never_share_with = [{"who": "WILLOW clinic"}]
    rules.keep(laleh, consent)
    assert refused(laleh, mother) == "consent_never_with"


def test_NN_02_care_goes_on_when_everything_is_refused(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    talk(laleh, mother, "no")
    assert refused(laleh, mother) == "consent_refused"
    rules.keep(laleh, SafetyPlan(case=mother.case, subject=mother.id, safe_contact_rule="At night.", review_on="2026-12-01"))
    rules.keep(laleh, Service(case=mother.case, subject=mother.id, type="food", service_state="provided_by_us"))


def test_NN_06_the_limits_are_said_before_any_scope(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    consent = aloud.begin(laleh, mother.id, ["case_management"], capacity="full", given_by="self", mode="spoken_witnessed")
    assert aloud.STEPS[:3] == ("refuse", "limits", "explain") and aloud.step(laleh, consent) == "refuse"
    with pytest.raises(Refused) as e:
        aloud.answer(laleh, consent.id, 0, "yes")
    assert e.value.code == "explained_too_little"
    aloud.told(laleh, consent.id, "refuse")
    assert laleh.get(Case, mother.case).limits_explained is None
    aloud.told(laleh, consent.id, "limits")
    assert laleh.get(Case, mother.case).limits_explained is True


def test_NN_06_the_partners_duty_is_said_before_the_question(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    consent = aloud.begin(laleh, mother.id, [HEALTH], capacity="full", given_by="self", mode="spoken_witnessed")
    with pytest.raises(Refused) as e:
        aloud.name(laleh, consent.id, 0, WILLOW, " ")
    assert e.value.code == "partner_duty_not_told"
    kept = laleh.get(Consent, consent.id)
    kept.scopes = [{"purpose": HEALTH, "decision": "yes", "recipient": WILLOW}]
    assert ("scopes", "partner_duty_not_told") in complete.lacking(laleh, rules.keep(laleh, kept))


def test_NN_07_refusal_understanding_and_the_way_back_are_kept(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    kept = laleh.get(Consent, talk(laleh, mother).id)
    assert (
        kept.refusal_effect_told is True
        and kept.understood_check is True
        and kept.withdraw_how == "She asks for the blue thread."
    )
    assert kept.copy_given == "unsafe_not_given" and aloud.step(laleh, kept) == "done"
    again = aloud.said_back(laleh, talk(laleh, mother, end=False).id, understood=False)
    assert aloud.step(laleh, again) == "explain"


def test_NN_08_who_cannot_decide_now_is_asked_nothing_and_asked_again(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    consent = aloud.begin(laleh, mother.id, [HEALTH], capacity="limited_now", given_by="self", mode="spoken_witnessed")
    for what in ("refuse", "limits", "explain"):
        consent = aloud.told(laleh, consent.id, what)
    assert aloud.step(laleh, consent) == "done" and consent.scopes[0]["decision"] == "later"
    assert [t.title for t in laleh.list(Task)] == ["Ask again when the person can decide"]
    assert refused(laleh, mother) == "consent_not_asked"


def test_NN_08_a_yes_of_somebody_who_could_not_decide_does_not_carry(pair):
    omid, laleh, stick, _ = pair
    mother = someone(laleh)
    consent = talk(laleh, mother)
    team.meet(omid, laleh, stick)
    # Apart: one writes the yes, the other sees that the person was in shock. The more protective counts.
    his = omid.get(Consent, consent.id)
    his.capacity, his.interpreter = "none_now", "none"
    omid.save(his)
    team.meet(omid, laleh, stick)
    assert refused(laleh, mother) == refused(omid, mother) == "capacity_blocks_consent"


def test_NN_09_there_is_no_field_for_a_reward():
    words = ("reward", "payment", "incentive", "bonus", "compensation", "gift", "price")
    found = [f"{name}.{f.name}" for name, cls in TYPES.items() for f in cls.KIND.fields if any(w in f.name for w in words)]
    assert found == [] and "no_payment" in CODES["explained"] and "no_payment" in aloud.SAID


def test_NN_21_a_carers_yes_does_not_override_the_childs_no(pair):
    _, laleh, _, _ = pair
    girl = someone(laleh, "b10_14")
    with_no = aloud.begin(
        laleh, girl.id, ["photo"], capacity="full", given_by="carer", mode="carer_plus_child_assent", child_assent="no"
    )
    for what in ("refuse", "limits", "explain"):
        aloud.told(laleh, with_no.id, what)
    with pytest.raises(Invalid):
        aloud.answer(laleh, with_no.id, 0, "yes")
    assert refused(laleh, girl, "photo", "") == "consent_not_asked"
    talk(laleh, girl, purpose="photo", given_by="carer", child_assent="later")
    assert refused(laleh, girl, "photo", "") == "childs_no_stands"
    talk(laleh, girl, purpose="photo", given_by="carer", child_assent="yes")
    assert refused(laleh, girl, "photo", "") == ""


def test_NN_21_a_disputed_age_is_a_childs(pair):
    _, laleh, _, _ = pair
    boy = someone(laleh, "b18_24", age_known="disputed_treat_as_child")
    talk(laleh, boy, purpose="photo", given_by="carer", child_assent="later")
    assert refused(laleh, boy, "photo", "") == "childs_no_stands"


def test_NN_22_no_account_is_asked_of_a_child(pair):
    _, laleh, _, _ = pair
    girl = someone(laleh, "b15_17")
    for purpose in consents.NEVER_OF_CHILDREN:
        assert refused(laleh, girl, purpose, "Heron") == "child_gives_no_account"
    assert not set(aloud.PURPOSES) & consents.NEVER_OF_CHILDREN


def test_NN_60_taking_back_stops_sharing_at_once_and_at_a_colleague_with_the_next_meeting(pair):
    omid, laleh, stick, _ = pair
    mother = someone(laleh)
    consent = talk(laleh, mother)
    team.meet(omid, laleh, stick)
    assert refused(omid, mother) == ""
    consents.withdraw(laleh, consent.id, [], how="She said it at the door.", voluntary="confirmed_voluntary")
    assert refused(laleh, mother) == "consent_withdrawn"
    assert laleh.get(Case, mother.case).alerts == ["consent_withdrawn"] and laleh.list(Task) == []
    team.meet(omid, laleh, stick)
    assert refused(omid, mother) == "consent_withdrawn"
    # A new talk, by somebody who knows: the person's word stands again. Taken back again the same day, it ends again.
    fresh = talk(laleh, mother)
    assert refused(laleh, mother) == ""
    for _ in range(2):
        consents.withdraw(laleh, fresh.id, [HEALTH], how="", voluntary="cannot_verify")
        assert refused(laleh, mother) == "consent_withdrawn"
        fresh = talk(laleh, mother)
        assert refused(laleh, mother) == ""


def test_NN_61_a_withdrawal_that_may_be_coerced_stops_sharing_and_holds_erasure_for_three_days(pair):
    _, laleh, _, clock = pair
    mother = someone(laleh)
    consent = talk(laleh, mother)
    with pytest.raises(Refused):
        consents.withdraw(laleh, consent.id, [], how="", voluntary="")
    consents.withdraw(laleh, consent.id, [], how="A message: delete all.", voluntary="suspected_coerced")
    assert refused(laleh, mother) == "consent_withdrawn"
    (task,) = laleh.list(Task)
    assert task.title == consents.SAFE_WAY and task.critical is True
    with pytest.raises(Refused) as e:
        erasing.ask(laleh, mother.case)
    assert e.value.code == "coercion_hold" and laleh.get(Case, mother.case)
    clock.at += 71 * 3600
    assert consents.held_until(laleh, mother.case) is not None
    clock.at += 2 * 3600
    assert consents.held_until(laleh, mother.case) is None


def test_NN_73_a_consent_given_without_knowing_of_a_withdrawal_does_not_end_it(pair):
    omid, laleh, stick, clock = pair
    mother = someone(laleh)
    consent = talk(laleh, mother)
    team.meet(omid, laleh, stick)
    # Laleh hears the withdrawal. Omid, apart, with a clock that is a day ahead, writes a new yes: his clock does not make it later.
    consents.withdraw(laleh, consent.id, [HEALTH], how="", voluntary="confirmed_voluntary")
    clock.at += 20 * 3600
    talk(omid, omid.get(Person, mother.id))
    assert refused(omid, mother) == ""
    clock.at -= 20 * 3600
    team.meet(omid, laleh, stick)
    assert refused(omid, mother) == refused(laleh, mother) == "consent_withdrawn"


def test_NN_73_of_two_answers_given_apart_the_no_stands_until_someone_who_knows_both_asks(pair):
    omid, laleh, stick, _ = pair
    mother = someone(laleh)
    team.meet(omid, laleh, stick)
    talk(laleh, mother, "yes")
    talk(omid, omid.get(Person, mother.id), "no")
    team.meet(omid, laleh, stick)
    assert refused(omid, mother) == refused(laleh, mother) == "consent_refused"
    talk(omid, omid.get(Person, mother.id), "yes")
    assert refused(omid, mother) == ""


def test_NN_05_not_decided_and_refused_are_told_apart(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    talk(laleh, mother, "later")
    talk(laleh, mother, "no", "photo", "")
    said = {w.purpose: w.code for w in consents.overview(laleh, mother.id)}
    assert said == {HEALTH: "consent_not_asked", "photo": "consent_refused"}


def test_every_language_has_every_sentence_and_keeps_its_places():
    told = sentences()
    assert list(told) == ["en", "fa", "ckb", "ar", "kmr", "fr"]
    for lang, words in told.items():
        assert set(words) == set(told["en"]), lang
        for key in (*aloud.PURPOSES, *aloud.SAID, "duty", "yes", "no", "later", "yes_once"):
            assert words[key].strip()
            assert ("{recipient}" in words[key]) == (key in complete.NAMED or key == "duty"), (lang, key)


# -- properties of what stands ----------------------------------------------------------------------------------------

_DECISIONS = st.sampled_from(["yes", "no", "later", None, {"~": "no_answer", "why": "declined"}])
_RECIPIENTS = st.sampled_from(["", "Willow", "willow", "Heron"])


@st.composite
def _history(draw):
    """Consents as they come to be: each knows some of those before it."""
    found = []
    for n in range(draw(st.integers(1, 5))):
        known = [c for c in found if draw(st.booleans())]
        scopes = [
            {"purpose": "photo", "recipient": draw(_RECIPIENTS), "decision": draw(_DECISIONS)}
            for _ in range(draw(st.integers(0, 2)))
        ]
        withdrawn = (
            [{"on": "2026-11-20", "purpose": draw(st.sampled_from(["photo", None]))}] if draw(st.integers(0, 3)) == 0 else []
        )
        found.append(SimpleNamespace(id=f"{n:032x}", scopes=scopes, withdrawn=withdrawn, heard=heard.marks(known)))
    return found


def _open(found, recipient="Willow"):
    stands = list(heard.standing(found, "photo", recipient))
    backs = any(heard.taken_back(found, c, "photo") for c, _ in stands)
    return bool(stands) and not backs and all(line.get("decision") == "yes" for _, line in stands)


@given(_history())
def test_NN_73_what_stands_does_not_depend_on_the_order_in_which_it_arrives(found):
    for order in itertools.islice(itertools.permutations(found), 24):
        assert _open(list(order)) == _open(found)


@given(_history(), _DECISIONS)
def test_NN_04_what_was_said_without_knowing_the_rest_never_widens_what_is_allowed(found, decision):
    alone = SimpleNamespace(
        id="f" * 32, scopes=[{"purpose": "photo", "recipient": "Willow", "decision": decision}], withdrawn=[], heard=[]
    )
    stood = bool(list(heard.standing(found, "photo", "Willow")))
    if _open([*found, alone]) and stood:
        assert _open(found)


@given(_history())
def test_NN_03_a_withdrawal_that_nobody_has_heard_of_stops_everything(found):
    found[0].withdrawn = [*found[0].withdrawn, {"on": "2026-11-21", "purpose": None}]
    assert not _open(found)


def test_NN_07_what_makes_no_sense_in_a_talk_is_refused_with_a_reason(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)

    def code(act, *args, **how):
        with pytest.raises(Refused) as e:
            act(laleh, *args, **how)
        return e.value.code

    assert code(aloud.begin, mother.id, ["testimony_accountability_body"], capacity="full") == "nothing_to_ask"
    consent = talk(laleh, mother)
    assert code(aloud.ask_again, consent.id, 0) == "talk_is_over"
    assert code(aloud.answer, consent.id, 7, "no") == "nothing_to_ask"
    assert code(aloud.way_back, consent.id, " ") == "answer_needed"
    assert code(consents.withdraw, consent.id, [], how="", voluntary="") == "coercion_not_looked_at"


def test_NN_32_a_photo_needs_its_own_yes(pair):
    _, laleh, _, clock = pair
    mother = someone(laleh)
    talk(laleh, mother, purpose="case_management")
    assert refused(laleh, mother, "photo", "") == "consent_not_asked"
    talk(laleh, mother, purpose="photo")
    assert (
        refused(laleh, mother, "photo", "") == ""
        and refused(laleh, mother, "photo", "", clock.at + 91 * 86400) == "consent_expired"
    )
    assert Person.KIND.field("biometrics").hidden


def test_NN_31_nationality_ethnicity_and_religion_are_asked_only_for_a_purpose_that_is_kept(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh)
    groups = {"nationality", "ethnicity", "religion"}
    shown = {f.name for f in forms.describe(Person.KIND, mother, "en")}
    assert not shown & groups
    mother.asked_because = ["identity_papers"]
    mother = rules.keep(laleh, mother)
    assert groups <= {f.name for f in forms.describe(Person.KIND, mother, "en")} and mother.asked_because == ["identity_papers"]
    mother.nationality = "Sentinelia"
    rules.keep(laleh, mother)
    # Neither found by searching, nor a filter of lists.
    assert laleh.search("Sentinelia") == []
    assert not {f.name for f in (*Person.KIND.indexed, *Person.KIND.searched)} & groups


def test_NN_31_a_copy_of_a_case_leaves_them_out_unless_it_is_said(pair):
    _, laleh, _, _ = pair
    mother = someone(laleh, asked_because=["identity_papers"], religion="Sentinelism")

    def given(**how):
        with zipfile.ZipFile(io.BytesIO(export.case(laleh, mother.case, **how))) as archive:
            return b"".join(archive.read(name) for name in archive.namelist()).decode()

    assert "Sentinelism" not in given() and "left out" in given()
    assert "Sentinelism" in given(groups=True)
