"""The story of the product, in pieces that tests put together: real processes, a real browser, real sockets, invented people."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from panah.kernel import enrol, sync
from panah.records import TYPES
from panah.records.case import Case
from panah.records.closure import Closure
from panah.records.consent import Consent
from panah.records.follow_up import FollowUp
from panah.records.help_request import HelpRequest
from panah.records.person import Person
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.safety_plan import SafetyPlan
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.work import cases, intake, rules
from tests import team
from tests.browser import ROOT, press
from tests.test_page import WORDS, _write


class Told(NamedTuple):
    """What is said in the story: to be looked for afterwards where it must not stand."""

    message: str = WORDS
    second: str = "ئەمشەو باران دەبارێت، دەتوانین چاوەڕێ بکەین."
    answer: str = "بەڵێ. وشەی دیدار: هەنار. کاتژمێر چوار."
    mother: str = "دایک"
    place: str = ""


def process(*args: str, log: Path | None = None, **env: str) -> tuple[subprocess.Popen[str], str]:
    """A real process of the command line; waits for the address it prints. What it says on the other channel goes to `log`."""
    said = log.open("ab") if log else None
    started = subprocess.Popen(
        [sys.executable, "-m", "panah", *args],
        stdout=subprocess.PIPE, stderr=said, text=True, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1", **env},
    )  # fmt: skip
    line = started.stdout.readline()
    return started, line.split(" at ")[-1].strip()


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def open_vault(path: Path):
    return enrol.open_vault(path, team.PASSPHRASE, TYPES)


def sign_in(p, address):
    p.goto(address + "/unlock")
    p.fill("#passphrase", team.PASSPHRASE)
    press(p, "button.wide")
    assert p.url == address + "/"


def open_the_request(p, desk):
    p.goto(desk + "/inbox")
    press(p, "table a")


_SAVE_FOR_EVER = """
import sys
from pathlib import Path
from panah.kernel import enrol
from panah.records import TYPES
from panah.records.person import Person
s = enrol.open_vault(Path(sys.argv[1]), sys.stdin.readline().strip(), TYPES)
case = sys.argv[2]
print("ready", flush=True)
while True:
    print(s.save(Person(case=case, id_mode="code_only", age_band="b25_59", language_spoken="ckb")).id, flush=True)
"""


def whisper_and_answer(browser, tmp_path, office, address, told: Told = Told(), door=lambda desk: desk, **how) -> list[str]:  # noqa: B008
    """On a borrowed phone, 360 pixels wide: a request with a picture, and later the answer, read with the receipt."""
    context = browser.new_context(viewport={"width": 360, "height": 640})
    phone = context.new_page()
    phone.goto(address + "/")
    words = _write(phone, "ckb", told.message, photo=True, tmp=tmp_path, safe="yes")
    phone.click("#send")
    phone.locator("#sent").wait_for(timeout=30000)
    # The office: a real node process, unlocked in a browser.
    node, desk = process("run", str(office / "omid"), "--port", "0", **how)
    desk = door(desk)
    try:
        p = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        sign_in(p, desk)
        p.goto(desk + "/sync")
        press(p, "form[action='/sync/now'] button")
        open_the_request(p, desk)
        assert told.message in p.inner_text("main")
        press(p, ".talk .file a")
        p.click("details.confirm summary")
        with p.expect_download() as got:
            p.click("details.confirm button.danger")
        picture = Path(got.value.path()).read_bytes()
        assert picture.startswith(b"\xff\xd8") and b"SENTINEL" not in picture
        press(p, ".crumb a")
        p.fill("#answer", told.answer)
        press(p, "text=Send the answer")
        p.goto(desk + "/sync")
        press(p, "form[action='/sync/now'] button")
        # The answer, with the receipt; and a second message.
        phone.goto(address + "/")
        phone.click("[data-lang=ckb]")
        phone.click("#read")
        phone.fill("#receipt-in", " ".join(words))
        phone.click("#next")
        phone.locator("#replies li.reply").wait_for(timeout=30000)
        assert told.answer in phone.inner_text("#replies")
        phone.click("#write")
        phone.fill("#text", told.second)
        phone.click("#next")
        phone.click("#send")
        phone.locator("#sent").wait_for(timeout=30000)
        p.goto(desk + "/sync")
        press(p, "form[action='/sync/now'] button")
        open_the_request(p, desk)
        assert told.second in p.inner_text("main")
        with p.expect_navigation():
            p.keyboard.press("Control+Shift+L")
        assert p.url == desk + "/unlock"
    finally:
        end(node)
        context.close()
    return words


def at_the_tent(omid, laleh, address, told: Told = Told()) -> str:  # noqa: B008
    """Rain, four in the morning, no network: the family is there. Laleh's laptop knows the request; nothing else is needed."""
    sync.with_relay(omid, address)
    sync.with_relay(laleh, address)
    (request,) = laleh.list(HelpRequest)
    assert request.message == told.message and len(intake.conversation(laleh, request.id)) == 3
    case = intake.accept(laleh, request.id, limits_explained=True, basis_note=told.place or None)
    mother = rules.keep(
        laleh, Person(case=case.id, id_mode="alias", names=[{"written": told.mother}], age_band="b25_59", language_spoken="ckb")
    )
    father = rules.keep(laleh, Person(case=case.id, id_mode="code_only", age_band="b25_59", language_spoken="ckb"))
    decisions = (("case_management", "yes"), ("service_referral", "later"), ("photo", "no"), ("statistics_anonymous", "no"))
    rules.keep(laleh, Consent(
        case=case.id, subject=mother.id, given_by="self", capacity="full", mode="spoken_witnessed", private=True, explained=["right_to_refuse"],
        refusal_effect_told=True, withdraw_how="With the return phrase.", scopes=[{"purpose": p, "decision": d} for p, d in decisions],
    ))  # fmt: skip
    for person, want, pressures in ((mother, "leave", ["none_reported"]), (father, "undecided", ["family_inside"])):
        rules.keep(laleh, VoluntarinessInterview(
            case=case.id, subject=person.id, about="leaving", private=True, want=want, own_words="دەمەوێت", pressures=pressures,
            information_given=["what_we_cannot_promise"], can_change_mind=True, conclusion="voluntary" if want == "leave" else "unclear_repeat",
        ))  # fmt: skip
    wishes = {t.subject: t.want for t in laleh.list(VoluntarinessInterview, where={"case": case.id})}
    assert wishes == {mother.id: "leave", father.id: "undecided"}
    review = rules.day_after(laleh.now(), 3)
    rules.keep(
        laleh,
        ProtectionAssessment(
            case=case.id, subject=mother.id, concerns=["documents_confiscated"], risk_level="medium", review_on=review
        ),
    )
    rules.keep(laleh, SafetyPlan(
        case=case.id, subject=mother.id, safe_contact_rule="Between two and three at night.", warning_signs="She answers too fast.",
        steps=[{"if": "the word falls", "then": "hang up"}], review_on=review,
    ))  # fmt: skip
    return case.id


def power_cut(path, laleh, case) -> None:
    """The laptop's battery dies in the middle of a save, several times: nothing that was kept is missing."""
    kept = {p.id for p in laleh.list(Person, where={"case": case}, limit=10_000)}
    laleh.lock()
    for wait in (0.05, 0.13, 0.31):
        process = subprocess.Popen(
            [sys.executable, "-c", _SAVE_FOR_EVER, str(path), case],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        process.stdin.write(team.PASSPHRASE + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
        time.sleep(wait)
        process.kill()
        said = process.stdout.read().split("\n")
        process.wait()
        kept |= {line for line in said if len(line) == 32}
        s = open_vault(path)
        there = {p.id for p in s.list(Person, where={"case": case}, limit=10_000)}
        assert kept <= there and s.vault.integrity() == []
        s.lock()
    assert len(kept) > 2


def _rows(s, case):
    tag = s.names[f"care/{case}"]
    return s.vault.ask("select id, kind, created, updated, conflicts, data from rows where compartment = ? order by id", (tag,))


def apart_and_together(omid, laleh, case, stick) -> None:
    """The stick goes to the office; both change the case, the same risk too; the stick goes back and forth."""
    team.meet(laleh, omid, stick)
    assert omid.get(Case, case).risk_level == "medium"
    hers, his = laleh.get(Case, case), omid.get(Case, case)
    hers.risk_level, hers.safe_contact_rule = "high", "She wrote it at the tent."
    his.risk_level, his.safe_contact_rule, his.chosen_name = "low", "He wrote it in the office.", "Dayik"
    rules.keep(laleh, hers)
    rules.keep(omid, his)
    team.meet(laleh, omid, stick)
    assert _rows(omid, case) == _rows(laleh, case)
    for s in (omid, laleh):
        now = s.get(Case, case)
        assert now.risk_level == "high" and now.meta.protected == ("risk_level",) and now.chosen_name == "Dayik"
        assert set(now.meta.conflicts) == {"risk_level", "safe_contact_rule"}
    shown = {c.field: {v.value for v in c.versions} for c in omid.conflicts(case)}
    assert shown["safe_contact_rule"] == {"She wrote it at the tent.", "He wrote it in the office."}
    omid.settle(case, "safe_contact_rule", "Both: tent and office.")
    laleh.settle(case, "risk_level", "high")
    team.meet(laleh, omid, stick)
    assert _rows(omid, case) == _rows(laleh, case) and omid.conflicts() == [] and laleh.conflicts() == []
    assert laleh.get(Case, case).safe_contact_rule == "Both: tent and office."


def to_the_end(omid, laleh, case, stick) -> None:
    """Follow-up, and the end: asked for by Laleh, approved by Omid."""
    rules.keep(
        laleh,
        FollowUp(
            case=case, at=laleh.now(), mode="in_person", reached="yes", spoke_privately=True, safe_now="yes", wants_contact="yes"
        ),
    )
    closure = cases.ask_to_close(laleh, Closure(
        case=case, reason="goals_met", closed_on=rules.day_after(laleh.now(), 0), person_informed="yes", data_choice="keep_minimum",
        how_to_return="Always, no questions.",
    ))  # fmt: skip
    team.meet(laleh, omid, stick)
    cases.approve_closure(omid, closure.id)
    team.meet(laleh, omid, stick)
    assert laleh.get(Case, case).stage == "closed" and laleh.get(Closure, closure.id).approved_by == "Omid"
    assert [m.name for m in laleh.holders(f"care/{case}")] == ["Laleh", "Omid"]


def not_for_a_colleague(omid, rana, case, address, stick) -> None:
    """Rana has the same relay, the same stick, the same team; she does not have this case's key."""
    sync.with_relay(omid, address)
    sync.with_relay(rana, address)
    team.meet(omid, rana, stick)
    assert rana.find(Case, case) is None and rana.count(Case) == 0 and rana.count(HelpRequest) == 0
    assert rana.search("Dayik") == [] and f"care/{case}" not in rana.names
    tag = omid.names[f"care/{case}"]
    tables = [
        t
        for (t,) in rana.vault.ask("select name from sqlite_schema where type = 'table'")
        if "words" not in t and "threes" not in t
    ]
    everything = "".join(repr(rana.vault.ask(f"select * from {t}")) for t in tables)
    assert repr(tag)[2:-1] not in everything and case not in everything and repr(bytes.fromhex(case))[2:-1] not in everything
