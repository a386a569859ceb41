"""Panah on invented people: a relay, an office, an offline tent laptop, a team of five, forty cases. On this machine only.

Seeded, so that every screenshot, test and tutorial shows the same people. It refuses any relay but localhost.
"""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from panah import receipt, wire
from panah.errors import Refused
from panah.kernel import age, enrol, keys, sync
from panah.kernel.relay import Relay
from panah.kernel.session import Session
from panah.nearby import Place
from panah.node.app import Node
from panah.node.carrying import Ground
from panah.records import TYPES
from panah.records.closure import Closure
from panah.records.consent import Consent
from panah.records.follow_up import FollowUp
from panah.records.intake_key import IntakeKey
from panah.records.person import Person
from panah.records.protection_assessment import ProtectionAssessment
from panah.records.safety_plan import SafetyPlan
from panah.records.task import Task
from panah.records.voluntariness_interview import VoluntarinessInterview
from panah.relay.app import Server
from panah.work import cases, codes, intake, page, rules, team

PASSPHRASE = "seven quiet herons"  # noqa: S105 (printed for everyone who starts the demo)
TEAM = (
    ("omid", "Omid", ("supervisor", "intake", "keyholder")),
    ("laleh", "Laleh", ("caseworker", "intake")),
    ("rojin", "Rojin", ("health", "caseworker")),
    ("sami", "Sami", ("placement", "movement")),
    ("dara", "Dara", ("dpo",)),
)
# Invented names in four scripts; none is a real person's.
NAMES = (
    ("fa", "آوین بلوطی"), ("fa", "نیلوفر ابری"), ("fa", "بهرام سنگ‌پا"), ("fa", "مینا گل‌خنده"), ("fa", "کیان دریاکنار"),
    ("ar", "سلمى غيمة"), ("ar", "ياسر نهرين"), ("ar", "هدى زيتونة"), ("ar", "كريم ضوء القمر"), ("ar", "ليلى سنونو"),
    ("ckb", "شیلان بەفرین"), ("ckb", "ڕێبوار چنار"), ("ckb", "هێڤین گوڵاڵە"), ("ckb", "سۆران کانی"), ("ckb", "ژیلوان هەورامەن"),
    ("kmr", "Berfîn Çiyayî"), ("kmr", "Şiyar Kaniyan"), ("kmr", "Zelal Avjen"), ("kmr", "Rêzan Darberû"), ("en", "Wren Hollow"),
)  # fmt: skip
WISHES = ("leave", "leave", "stay", "undecided", "return_to_family", "move_elsewhere")
WORDS = {
    "fa": "می‌خواهم بروم، ولی اول باید بدانم مادرم کجاست.",
    "ar": "أريد أن أبقى قريبة من أختي حتى تقرر هي.",
    "ckb": "دەمەوێت لێرە بمێنمەوە تا منداڵەکەم چاک دەبێتەوە.",
    "kmr": "Ez dixwazim herim, lê ne bi tenê.",
    "en": "I want to think about it until spring.",
}
REQUESTS = (
    ("ckb", "ئێمە چوار کەسین، دوو منداڵ. دەتوانین ئەمشەو بێین؟", {"danger_now": "urgent_72h", "people": 4, "safe_to_reply": "yes", "device_risk": ["borrowed"]}),
    ("fa", "من تنها هستم. فقط بین ساعت دو و سه می‌توانم بنویسم.", {"safe_to_reply": "later", "device_risk": ["controlled_by_others"], "people": 1}),
    ("en", "My friend cannot leave the site and they keep her papers.", {"who_writes": "friend", "safe_to_reply": "yes"}),
)  # fmt: skip


GROUND = Ground(Place, lambda: ["127.0.0.1"])  # the demo never leaves this machine


class Demo:
    """The running demo: a relay and two nodes."""

    def __init__(self, folder: Path, port: int = 0, *, fresh: bool = False, people: int = 40) -> None:
        self.folder = folder
        if fresh and folder.exists():
            shutil.rmtree(folder)
        made = (folder / "made").exists()
        if not made and folder.exists():
            shutil.rmtree(folder)
        # The relay keeps its address between starts: the page and the vaults name it.
        relay_port = int((folder / "made").read_text()) if made else (port + 1 if port else 0)
        self.relay = Server(folder / "relay", host="127.0.0.1", port=relay_port).start()
        if not made:
            build(folder, self.relay.address, people)
            (folder / "made").write_text(str(urlsplit(self.relay.address).port))
        self.office = Node({name: folder / "office" / name for name, _, _ in TEAM}, port=port, demo=True, ground=GROUND).start()
        self.tent = Node(
            {"laleh-tent": folder / "tent" / "laleh-tent"}, port=port + 2 if port else 0, demo=True, ground=GROUND
        ).start()

    def stop(self) -> None:
        """Lock everything and stop."""
        for part in (self.tent, self.office, self.relay):
            part.stop()


def serve(folder: Path, port: int, *, fresh: bool) -> Demo:
    """Start the demo and say where to look."""
    print("Setting up invented people. The first time takes about half a minute.", flush=True)
    demo = Demo(folder, port, fresh=fresh)
    print(
        f"""
Panah runs on invented people, on this machine only.

  The office            {demo.office.address}
  The tent, offline     {demo.tent.address}
  The page for people   {demo.relay.address}

Sign in at the office as omid (supervisor), laleh (caseworker), rojin, sami or dara; in the tent as laleh-tent.
The passphrase of all of them:  {PASSPHRASE}

Five minutes:
  1. Open the page for people, choose a language, ask for help, keep the receipt.
  2. At the office as laleh: Carrying, meet the relays; the request is in the Inbox. Answer it; meet the relays again.
  3. On the page, read the answer with the receipt.
  4. Open a case. Change its risk in the office as omid and in the tent as laleh-tent.
  5. Carrying: write a file in the tent, take it in at the office, and back. The more protective risk counts on both.

Ctrl+C ends it; what you did is kept in {folder} until you start with --fresh.
""",
        flush=True,
    )
    return demo


def build(folder: Path, relay: str, people: int = 40) -> None:
    """Make the vaults of the team and fill them."""
    if urlsplit(relay).hostname not in ("127.0.0.1", "localhost"):
        raise Refused("demo_is_local_only")
    clock = _Clock(time.time() - 60 * 24 * 3600)
    sessions: dict[str, Session] = {}
    omid = _vault(folder / "office" / "omid", clock)
    sessions["omid"] = omid
    team.found(omid, "Refuge point Ash", "Omid", TEAM[0][2], relays=[relay], training=True)
    for folder_name, name, roles in TEAM[1:]:
        s = _vault(folder / "office" / folder_name, clock)
        enrol.enter(s, enrol.invite(omid, enrol.card(s), name, roles))
        sessions[folder_name] = s
    tent = _vault(folder / "tent" / "laleh-tent", clock)
    laleh = sessions["laleh"]
    enrol.enter(tent, enrol.invite(omid, enrol.card(tent), "Laleh", TEAM[1][2], member=laleh.me.id))
    page.write(page.build(omid), folder / "relay" / "public")
    rng = random.Random(42)  # noqa: S311 (invented data that must be the same each time)
    step = 55 * 24 * 3600 / people
    for n in range(people):
        clock.at += step
        _case(laleh if n % 3 else omid, rng, n)
        if n % 10 == 9:
            # They meet now and then, as a team does: a vault that met nobody for a month opens nothing.
            for s in (*sessions.values(), tent, omid):
                sync.with_relay(s, relay)
    for lang, words, answers in REQUESTS:
        ask_for_help(relay, omid, lang, words, answers)
    for s in (*sessions.values(), tent):
        s.now = time.time
    for _ in range(2):
        for s in (omid, laleh, *sessions.values()):
            sync.with_relay(s, relay)
            intake.meet(s, relay)
    # The tent laptop was at the office this morning, and has had no network since.
    sync.with_relay(tent, relay)
    with tent.vault.change():
        tent.set_setting("relays", [])
    for s in (*sessions.values(), tent):
        s.lock()


def _vault(path: Path, clock: _Clock) -> Session:
    return enrol.new_vault(path, PASSPHRASE, TYPES, keys.FLOOR, clock)


class _Clock:
    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        self.at += 0.01
        return self.at


def _case(s: Session, rng: random.Random, n: int) -> None:
    lang, name = NAMES[n % len(NAMES)]
    note = "Arrived at night; looked at again after rest."
    case = cases.open_case(s, limits_explained=True, basis="vital_interest", basis_note=note, language=lang)
    if n % 4:
        case.chosen_name = name
        case = rules.keep(s, case)
    names = [{"script": lang, "written": name}]
    age_band = rng.choice(["b18_24", "b25_59", "b15_17"])
    person = Person(case=case.id, id_mode="alias", names=names, age_band=age_band, language_spoken=lang, age_known="stated")
    codes.give(s, person)
    person = rules.keep(s, person)
    case = s.get(type(case), case.id)
    case.members, case.stage = [person.id], "assessment"
    rules.keep(s, case)
    for part in _parts(s, rng, n, lang):
        part.case = case.id
        if hasattr(part, "subject"):
            part.subject = person.id
        rules.keep(s, part)
    if n % 9 == 8:
        closed = rules.day_after(s.now(), 0)
        cases.ask_to_close(
            s,
            Closure(
                case=case.id,
                reason="goals_met",
                closed_on=closed,
                person_informed="yes",
                data_choice="keep_minimum",
                how_to_return="Always.",
            ),
        )


def _parts(s: Session, rng: random.Random, n: int, lang: str) -> list[Any]:
    risk = rng.choice(["low", "low", "medium", "medium", "high", "critical"] if n > 3 else ["high"])
    review = rules.day_after(s.now(), {"critical": 1, "high": 3, "medium": 14, "low": 30}[risk])
    decisions = (("case_management", "yes"), ("health_referral", rng.choice(["yes", "no", "later"])), ("photo", "no"))
    todo = rng.choice(["Ask about medicines", "Find an interpreter", "Bring the papers back", "Second talk"])
    parts: list[Any] = [
        Consent(
            given_by="self", capacity="full", mode="spoken_witnessed", private=True, refusal_effect_told=True,
            explained=["who_we_are", "purpose", "right_to_refuse", "right_to_withdraw"], withdraw_how="Say it to anyone here, or with the return phrase.",
            scopes=[{"purpose": purpose, "decision": decision} for purpose, decision in decisions],
        ),
        VoluntarinessInterview(
            about="leaving", private=True, information_given=["what_we_cannot_promise", "reflection_time"], want=rng.choice(WISHES),
            own_words=WORDS[lang], pressures=[rng.choice(["none_reported", "family_inside", "people_in_charge_of_place"])],
            can_change_mind=True, conclusion="voluntary" if n % 5 else "unclear_repeat",
        ),
        ProtectionAssessment(concerns=["documents_confiscated"], risk_level=risk, review_on=review),
        SafetyPlan(
            safe_contact_rule="Between two and three at night; never call; no voice messages.", warning_signs="Answers come too fast.",
            review_on=rules.day_after(s.now(), 14),
        ),
        Task(title=todo, owner=s.me.name, due=s.now() + rng.randint(1, 20) * 24 * 3600, task_state="open"),
    ]  # fmt: skip
    if n % 7 == 6:
        parts.append(FollowUp(at=s.now(), mode="call", reached="yes", safe_now="yes", next=rules.day_after(s.now(), 30)))
    return parts


def ask_for_help(relay: str, s: Session, lang: str, words: str, answers: dict[str, Any]) -> bytes:
    """What a phone does with the help page, for invented people: seal a request and leave it. Gives the receipt's secret."""
    key = next(k for k in s.list(IntakeKey, limit=10) if k.retired_on is None)
    secret = keys.random(13)
    secret = bytes([secret[0] & 0x0F]) + secret[1:]
    reply = age.recipient_of(age.new_identity(receipt.reply_seed(secret)))
    cap = keys.verify_key_of(receipt.mailbox_seed(secret, relay))
    frame = wire.Request(
        lang=lang, thread=receipt.thread_of(secret), reply=reply, box=wire.box_of(cap).hex(), text=words, answers=answers
    )
    sealed = age.seal(wire.pad(wire.encode_request(frame)), [key.recipient, key.recovery])
    mail = Relay(relay)
    try:
        mail.deposit(wire.box_of(bytes.fromhex(key.cap)), keys.random(32), sealed)
    finally:
        mail.close()
    return secret
