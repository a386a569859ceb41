"""People who came together and want different things: a file of their own (NN-12, NN-40)."""

from __future__ import annotations

import pytest

from panah.errors import Refused
from panah.records import TYPES
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.household import Household
from panah.records.person import Person
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.work import access, cases, complete, consents, rules, splitting
from tests import team
from tests.test_care import a_case, a_consent, a_talk, yes


@pytest.fixture
def couple(tmp_path):
    clock = team.Clock()
    omid = team.found(tmp_path / "omid", types=TYPES, clock=clock)
    laleh = team.join(omid, tmp_path / "laleh", "Laleh", ("caseworker",), clock)
    rojin = team.join(omid, tmp_path / "rojin", "Rojin", ("caseworker",), clock)
    case, wife = a_case(laleh)
    husband = rules.keep(
        laleh, Person(case=case.id, id_mode="alias", names=[{"written": "Baran"}], age_band="b25_59", language_spoken="ckb")
    )
    yield omid, laleh, rojin, case, wife, husband, tmp_path / "stick"
    for s in (omid, laleh, rojin):
        s.lock()


def test_NN_40_after_the_split_his_caseworker_finds_nothing_of_hers(couple):
    omid, laleh, rojin, case, wife, husband, stick = couple
    wife.no_coplace = [husband.id]
    wife = rules.keep(laleh, wife)
    rules.keep(laleh, Household(case=case.id, size=2, unity_rule="together", defined_by="Shilan and Baran"))
    a_talk(laleh, case, wife, own_words="He will take me back there.")
    a_talk(laleh, case, husband, about="going_back", want="return_to_place", own_words="I go back on Friday.")
    new = splitting.split(laleh, case.id, [husband.id])
    (his,) = laleh.list(Person, where={"case": new.id})
    assert his.names == husband.names and his.code != husband.code and his.no_coplace is None
    assert laleh.get(Person, husband.id).superseded_by == his.id and [p.id for p in splitting.people(laleh, case.id)] == [wife.id]
    assert (
        laleh.list(Household, where={"case": case.id})[0].unity_rule == "apart_requested"
        and laleh.list(Household, where={"case": new.id}) == []
    )
    team.meet(laleh, omid, stick)
    access.restrict(omid, case.id, [omid.me.id, laleh.me.id])
    access.hand_over(omid, new.id, rojin.me.id)
    for _ in range(2):
        team.meet(omid, laleh, stick)
        team.meet(omid, rojin, stick)
    (talk,) = rojin.list(VoluntarinessInterview)
    assert talk.own_words == "I go back on Friday." and talk.subject == his.id
    assert rojin.find(Case, case.id) is None and rojin.search("Shilan") == [] and rojin.search("take me back") == []
    assert [p.id for p in rojin.list(Person)] == [his.id]
    kept = repr([r.was for kind in TYPES.values() for r in rojin.list(kind, limit=100)])
    assert wife.id not in kept and case.id not in kept and "Shilan" not in kept


def test_NN_73_what_was_given_apart_stays_apart_in_the_new_file(couple):
    _, laleh, _, case, _, husband, _ = couple
    first = a_consent(laleh, case, husband, yes("photo"))
    a_consent(laleh, case, husband, {"purpose": "research", "decision": "no"})
    again = a_consent(laleh, case, husband, yes("research"))
    apart = laleh.get(Consent, first.id)
    apart.scopes = [{"purpose": "research", "decision": "no"}]  # written by a colleague who knew of neither
    laleh.save(apart)
    before = {w.purpose: w.code for w in consents.overview(laleh, husband.id)}
    new = splitting.split(laleh, case.id, [husband.id])
    (his,) = laleh.list(Person, where={"case": new.id})
    assert {w.purpose: w.code for w in consents.overview(laleh, his.id)} == before == {"research": "consent_refused"}
    assert again.id not in repr([c.heard for c in laleh.list(Consent, where={"case": new.id})])


def test_what_somebody_else_signed_is_asked_for_anew_and_risk_does_not_fall(couple):
    omid, laleh, _, case, _wife, husband, stick = couple
    rules.keep(
        laleh,
        ProtectionAssessment(case=case.id, subject=husband.id, concerns=["extortion"], risk_level="high", review_on="2027-01-01"),
    )
    talk = a_talk(laleh, case, husband)
    team.meet(laleh, omid, stick)
    omid_reads = omid.get(VoluntarinessInterview, talk.id)
    omid_reads.second_reader, omid_reads.second_reading = "Omid", "agrees"
    rules.keep(omid, omid_reads)
    team.meet(omid, laleh, stick)
    new = splitting.split(laleh, case.id, [husband.id])
    (copied,) = laleh.list(VoluntarinessInterview, where={"case": new.id})
    assert copied.second_reader is None and copied.own_words == talk.own_words
    (risk,) = laleh.list(ProtectionAssessment, where={"case": new.id})
    assert risk.awaits is True and ("approved_by", "signature_needed") in complete.lacking(laleh, risk)
    assert laleh.get(Case, new.id).risk_level == "high" and laleh.get(Case, case.id).risk_level == "high"


def test_somebody_is_chosen_and_somebody_stays(couple):
    _, laleh, _, case, wife, husband, _ = couple
    for chosen, code in (([], "nobody_chosen"), (["0" * 32], "nobody_chosen"), ([wife.id, husband.id], "nobody_would_stay")):
        with pytest.raises(Refused) as e:
            splitting.split(laleh, case.id, chosen)
        assert e.value.code == code
    assert laleh.count(Case) == 1 and cases.parts(laleh, case.id)["person"]
