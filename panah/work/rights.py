"""What a person may ask about what is kept of them, each in one act: what it stops at once, what it waits for, and who answers by when (NN-60, NN-61, NN-62)."""

from __future__ import annotations

from typing import Any

from panah.errors import Refused
from panah.i18n import text
from panah.kernel.erase import Receipt
from panah.kernel.session import Session
from panah.records import TYPES
from panah.records.case import Case
from panah.records.consent import Consent
from panah.records.rights_request import RightsRequest
from panah.records.task import Task
from panah.records.wish import Wish
from panah.work import cases, codes, consents, erasing, heard, rules

RIGHTS = ("see_my_data", "copy", "correct", "add_note", "restrict", "object", "withdraw_consent", "erase", "who_saw_it")
# From the moment they are asked, nothing of the case is given to anybody outside.
STOPS = ("restrict", "object", "withdraw_consent", "erase")
# What is given away or written over needs to be sure whose wish it is; what only protects does not.
GIVES = ("see_my_data", "copy", "who_saw_it", "correct")
HOLD_HOURS = 72
DAYS = 30
OPEN = ("open", "doing", "waiting")
REACH = text("en", "Reach the person on the safe way: is it their own wish?")  # kept in English, shown in the reader's language


def use(s: Session, case_id: str, right: str, *, identity: str, coercion: str = "", words: str = "", part: str = "") -> Wish:
    """Write down what the person asks, and do what can be done at once.

    Refused("identity_not_sure") where something would be given to whom nobody knows; Refused("coercion_not_looked_at") before anything
    that destroys.
    """
    if right not in RIGHTS:
        raise Refused("right_unknown")
    if identity not in ("return_phrase", "known_face", "partner_confirms", "failed"):
        raise Refused("identity_not_sure")
    if identity == "failed" and right in GIVES:
        raise Refused("identity_not_sure")
    if right in ("erase", "withdraw_consent") and coercion not in ("confirmed_voluntary", "suspected_coerced", "cannot_verify"):
        raise Refused("coercion_not_looked_at")
    case = s.get(Case, case_id)
    if right == "correct":
        s.get(TYPES[s.kind_of(part)], part)
    wish = Wish(
        case=case_id, right=right, received=s.now(), identity_check=identity, coercion_check=coercion or None, words=words.strip() or None,
        part=part or None, due=rules.day_after(s.now(), DAYS), state="open",
    )  # fmt: skip
    codes.give(s, wish)
    with s.vault.change():
        wish.rights_request = _tell_the_desk(s, case, wish)
        wish = rules.keep(s, wish)
        asked: Wish = _AT_ONCE.get(right, _leave_open)(s, case, wish)
        return asked


def _tell_the_desk(s: Session, case: Case, wish: Wish) -> str | None:
    asked = RightsRequest(
        kind=wish.right, received=wish.received, case_code=case.code, handed_in_by=s.me.name, identity_check=wish.identity_check,
        coercion_check=wish.coercion_check, due=wish.due, state="open",
        mark=erasing.mark(s, case.id) if wish.right == "erase" else None,
    )  # fmt: skip
    if not s.roster.desk("accountability"):
        return None  # a team without that desk answers by itself; its supervisors see the wish in the case
    return s.post(asked)


def finish(s: Session, wish: Wish, answer: str, *, state: str = "done", left: str = "") -> Wish:
    """The wish is answered; the desk is told what was done, and what could not be called back."""
    wish.state, wish.answer = state, answer
    with s.vault.change():
        saved: Wish = rules.keep(s, wish)
        for task in s.list(Task, where={"case": wish.case, "task_state": OPEN}, limit=200):
            if task.title == REACH and not held(s, wish.case or ""):
                task.task_state = "done"
                s.save(task)
        if isinstance(wish.rights_request, str) and s.roster.desk("accountability"):
            row = {"on": rules.day_after(s.now(), 0), "what": answer, "not_possible": left}
            known = s.find(RightsRequest, wish.rights_request) or RightsRequest(id=wish.rights_request)
            if known.done is None:
                known.state, known.done = state, [row]
                s.post(known)
        return saved


def _lang(s: Session) -> str:
    return str(s.setting("language", "en"))


def _leave_open(s: Session, case: Case, wish: Wish) -> Wish:
    return wish


def _mark(s: Session, case: Case, wish: Wish) -> Wish:
    return finish(s, wish, text(_lang(s), "Sharing stopped at once. The mark stands in the case until the person lifts it."))


def _note(s: Session, case: Case, wish: Wish) -> Wish:
    if not isinstance(wish.words, str):
        raise Refused("note_empty")
    return finish(s, wish, text(_lang(s), "Their words stand beside what is written."))


def _withdraw(s: Session, case: Case, wish: Wish) -> Wish:
    """Every agreement of the case ends now; in a hold nothing is destroyed, and sharing stops all the same."""
    taken = 0
    for consent in s.list(Consent, where={"case": case.id}, limit=200):
        agreed = [line for line in heard.lines(consent.scopes) if line.get("decision") == "yes"]
        if agreed:
            consents.withdraw(s, consent.id, [], how=str(wish.words or ""), voluntary=str(wish.coercion_check))
            taken += len(agreed)
    return finish(s, wish, text(_lang(s), "Agreements taken back: {n}. Sharing stopped at once.", n=taken))


def _erase(s: Session, case: Case, wish: Wish) -> Wish:
    """Sharing stops. Where the wish may not be their own, erasing waits, and somebody tries to reach them (NN-61)."""
    if wish.coercion_check == "confirmed_voluntary" and wish.identity_check != "failed":
        wish.state = "doing"
        saved: Wish = rules.keep(s, wish)
        erasing.ask(s, case.id)
        return saved
    wish.state, wish.held_until = "waiting", s.now() + HOLD_HOURS * 3600
    saved = rules.keep(s, wish)
    rules.task_once(s, case.id, REACH, s.me.name, HOLD_HOURS, critical=True)
    return saved


_AT_ONCE: dict[str, Any] = {
    "restrict": _mark, "object": _mark, "add_note": _note, "withdraw_consent": _withdraw, "erase": _erase,
}  # fmt: skip


def decide(s: Session, wish_id: str, *, own: bool) -> Wish:
    """The person's word on an erasure that was held: theirs, or not theirs. Refused("erasure_held") before the 72 hours are over."""
    wish = s.get(Wish, wish_id)
    if wish.right != "erase" or wish.state != "waiting":
        raise Refused("nothing_is_held")
    if not own:
        return finish(
            s, wish, text(_lang(s), "The person said that it was not their wish. Nothing was erased."), state="cancelled"
        )
    if not isinstance(wish.held_until, int | float) or s.now() < wish.held_until:
        raise Refused("erasure_held")
    with s.vault.change():
        wish.coercion_check, wish.state = "confirmed_voluntary", "doing"
        saved: Wish = rules.keep(s, wish)
        erasing.ask(s, wish.case or "")
        return saved


def not_erased(s: Session, case_id: str) -> None:
    """A colleague says no to an erasure: the wish is answered, and sharing stays stopped until the person says otherwise."""
    with s.vault.change():
        erasing.keep(s, case_id)
        for wish in s.list(Wish, where={"case": case_id, "right": "erase", "state": "doing"}, limit=10):
            finish(s, wish, text(_lang(s), "It was not erased: the second person did not agree. Sharing stays stopped."))


def lift(s: Session, wish_id: str) -> Wish:
    """The person ends what they had stopped."""
    wish = s.get(Wish, wish_id)
    if wish.right not in ("restrict", "object"):
        raise Refused("nothing_is_held")
    return finish(s, wish, text(_lang(s), "The person lifted it."), state="cancelled")


def corrected(s: Session, record_id: str, case_id: str | None) -> None:
    """A part was written anew: the wishes to correct it are answered."""
    for wish in s.list(Wish, where={"case": case_id or "", "right": "correct", "state": OPEN}, limit=50):
        if wish.part == record_id:
            finish(s, wish, text(_lang(s), "Corrected. The earlier words are no longer shown."))


def stops(s: Session, case_id: str) -> list[Wish]:
    """The wishes for which nothing of this case is given to anybody outside."""
    asked = s.list(Wish, where={"case": case_id, "right": STOPS}, limit=50)
    # A withdrawal ended what was agreed; what the person agreed to since then stands.
    given: list[Consent] = list(s.list(Consent, where={"case": case_id}, limit=200))
    anew = any(w.right == "withdraw_consent" for w in asked) and any(
        line.get("decision") == "yes" and not heard.taken_back(given, consent, str(line.get("purpose")))
        for consent in given
        for line in heard.lines(consent.scopes)
    )
    return [w for w in asked if w.state != "cancelled" and not (anew and w.right == "withdraw_consent")]


def stopped(s: Session, case_id: str) -> bool:
    """Whether sharing is stopped: every act that would give something of the case to others asks this first."""
    return bool(stops(s, case_id))


def held(s: Session, case_id: str) -> list[Wish]:
    """The wishes to erase that wait for the person's own word."""
    return list(s.list(Wish, where={"case": case_id, "right": "erase", "state": "waiting"}, limit=10))


def notes_beside(s: Session, case_id: str, record_id: str) -> list[Wish]:
    """What the person said about one part: it stands beside it (NN-62)."""
    said = s.list(Wish, where={"case": case_id, "right": ("add_note", "correct")}, limit=100)
    return [w for w in said if w.part == record_id and isinstance(w.words, str)]


def corrected_at(s: Session, case_id: str, record_id: str) -> float:
    """When the person last asked that a part be corrected: what it said before is not shown any more. 0.0 for never."""
    asked = s.list(Wish, where={"case": case_id, "right": "correct", "state": "done"}, limit=100)
    return max((float(w.received) for w in asked if w.part == record_id and isinstance(w.received, int | float)), default=0.0)


def queue(s: Session) -> list[RightsRequest]:
    """What the data protection desk has to see answered, the earliest day first."""
    if "accountability" not in s.names:
        return []
    return list(s.list(RightsRequest, where={"state": OPEN}, order="due", descending=False, limit=200))


def receipt(s: Session, asked: RightsRequest) -> Receipt | None:
    """Where the erasure that a wish asked for stands: who decided, which devices are done and which are still to be met."""
    return next((r for r in erasing.receipts(s) if r.mark == asked.mark), None)


def answered(s: Session, request_id: str) -> RightsRequest:
    """The desk has seen that a wish was answered. Refused while an erasure is still to be met by a device."""
    asked = s.get(RightsRequest, request_id)
    found = receipt(s, asked)
    if found is not None and (found.pending or not found.approved_by):
        raise Refused("erasure_not_everywhere")
    asked.state = "done"
    return s.save(asked)


def parts_of(s: Session, case_id: str) -> list[tuple[str, str, str]]:
    """(id, type, code) of everything in a case that a person may have corrected or noted upon."""
    found = [(case_id, "case", "")]
    found += [(r.id, kind, str(r.code or r.id[:6])) for kind, records in cases.parts(s, case_id).items() for r in records]
    return [(id, kind, code) for id, kind, code in found if kind not in ("task", "wish")]
