"""Requests for help: bring them from the relay, open them, answer, accept into a case.

Two desks may fetch the same deposit at once: the record's id is derived from the thread, so that both make the same record.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from panah import wire
from panah.errors import Full, PanahError, Refused, Unreadable
from panah.kernel import age, keys, log
from panah.kernel.relay import Relay
from panah.kernel.session import Session
from panah.records.base import Record
from panah.records.case import Case
from panah.records.help_request import HelpRequest
from panah.records.intake_key import IntakeKey
from panah.records.message import Message
from panah.work import cases, codes, files, rules

# What the person's page may answer, and nothing else: the rest is for the desk to fill in.
ANSWERS = ("safe_to_reply", "safe_contact", "danger_now", "people", "children", "need_first", "area", "device_risk", "who_writes")


@dataclass(slots=True)
class Met:
    """What one visit to the relay brought and left."""

    requests: int = 0
    messages: int = 0
    files: int = 0
    aside: int = 0
    sent: int = 0


def meet(s: Session, address: str) -> Met:
    """Fetch and open what people wrote, leave the answers that wait. Does nothing in a vault without the intake key."""
    met = Met()
    if "intake" not in s.names:
        return met
    relay = Relay(address)
    try:
        for key in s.list(IntakeKey, limit=100):
            _empty(s, relay, key, met)
        _send_waiting(s, relay, met)
        _fetch_files(s, relay, met)
    finally:
        relay.close()
    return met


def _empty(s: Session, relay: Relay, key: IntakeKey, met: Met) -> None:
    cap = bytes.fromhex(key.cap)
    box = hashlib.sha256(cap).digest()
    after = s.vault.cursor(relay.address, box)
    while page := relay.fetch(cap, after):
        with s.vault.change():
            for _, _, blob in page:
                _receive(s, blob, met, relay.address)
            after = page[-1][0]
            s.vault.set_cursor(relay.address, box, after)
        # Only now, with everything on our disk, is the relay told to forget.
        relay.delete(cap, after)


def _receive(s: Session, blob: bytes, met: Met, relay: str) -> None:
    try:
        with s.vault.attempt():
            receive(s, blob, met, relay)
    except PanahError as e:
        log.hold(s, blob, "intake", e.code)
        met.aside += 1


def receive(s: Session, sealed: bytes, met: Met | None = None, relay: str = "") -> Record:
    """Open one sealed request or message and keep it; Unreadable names the rule it breaks, and nothing changes then."""
    met = met or Met()
    identities = [k.identity for k in s.list(IntakeKey, limit=100) if k.identity]
    frame = wire.decode_request(wire.unpad(age.open(sealed, identities)))
    id = hashlib.sha256(b"panah/1/thread\n" + bytes.fromhex(frame.thread)).hexdigest()[:32]
    request = s.find(HelpRequest, id)
    if isinstance(frame, wire.Deletion):
        return _deletion_asked(s, request, frame)
    with s.vault.change():
        if isinstance(frame, wire.Request):
            if request is None:
                request = _new_request(s, id, frame, relay)
                met.requests += 1
            elif request.reply_recipient and request.reply_recipient != frame.reply:
                raise Unreadable("thread_taken")  # a stranger who learnt a thread's number cannot redirect its answers
            elif relay and request.reply_relay is None:
                # A courier was faster: now it is known for which relay its mailbox is.
                request.reply_relay, request.reply_box = relay, frame.box
                s.save(request)
        elif request is None:
            # Its beginning was lost or comes later: keep the words all the same.
            request = _new_request(s, id, frame, relay)
        elif request.reply_recipient != frame.reply:
            raise Unreadable("thread_taken")
        if _keep_message(s, request, frame) and frame.n > 1:
            met.messages += 1
            if relay and (request.reply_relay, request.reply_box) != (relay, frame.box):
                # The relay by which they wrote last is the one that they can reach.
                request.reply_relay, request.reply_box = relay, frame.box
                s.save(request)
        return request


def _deletion_asked(s: Session, request: HelpRequest | None, frame: wire.Deletion) -> HelpRequest:
    """A wish that people decide about: whoever found the receipt could have sent it (NN-61)."""
    if request is None:
        raise Unreadable("deletion_of_nothing")
    if request.reply_recipient != frame.reply:
        raise Unreadable("thread_taken")
    if request.deletion_asked is None:
        request.deletion_asked = rules.day_after(s.now(), 0)
        s.save(request)
    return request


def _channel(frame: wire.Request | wire.Message) -> str:
    """A machine on the way could read what came without scripts: its mark stays with the request."""
    return (
        "web_form_without_scripts"
        if isinstance(frame, wire.Request) and frame.answers.get("assurance") == "transport"
        else "web_form"
    )


def _new_request(s: Session, id: str, frame: wire.Request | wire.Message, relay: str) -> HelpRequest:
    request = HelpRequest(
        id=id, channel=_channel(frame), message=frame.text, language_written=frame.lang, language=frame.lang, thread=frame.thread,
        reply_recipient=frame.reply, reply_box=frame.box, reply_relay=relay or None, received_on=rules.day_after(s.now(), 0),
        basis="vital_interest", source="self",
    )  # fmt: skip
    answers = frame.answers if isinstance(frame, wire.Request) else {}
    for name in ANSWERS:
        if name in answers:
            setattr(request, name, answers[name])
            if request.problems([name]):
                # An answer that this version cannot keep stays readable in the message's own bytes; it never loses the request.
                setattr(request, name, None)
                request.message = f"{request.message}\n[{name}: {str(answers[name])[:500]}]"
    codes.give(s, request)
    return s.save(request)


def _named(frame: wire.Request | wire.Message) -> list[dict[str, Any]] | None:
    return [{"media": f.media, "sealed": [f.box, f.cap, f.key, f.bytes]} for f in frame.files] or None


def _keep_message(s: Session, request: HelpRequest, frame: wire.Request | wire.Message) -> bool:
    id = hashlib.sha256(f"panah/1/message\n{frame.thread}/{frame.n}/{frame.text}".encode()).hexdigest()[:32]
    if (kept := s.find(Message, id)) is not None:
        if kept.files is None and frame.files:  # a courier carries the words without their picture
            kept.files = _named(frame)
            s.save(kept)
        return False
    s.save(
        Message(
            id=id, help_request=request.id, direction="in", on=rules.day_after(s.now(), 0), number=frame.n, text=frame.text,
            language=frame.lang, files=_named(frame), state="received",
        )
    )  # fmt: skip
    return True


def _fetch_files(s: Session, relay: Relay, met: Met) -> None:
    """Bring the files that requests name; each comes whole or stays where it is until the next visit."""
    for message in s.list(Message, where={"state": "received"}, limit=500):
        rows = message.files if isinstance(message.files, list) else []
        if any("sealed" in row for row in rows):
            message.files = [_fetch_file(s, relay, row, met) for row in rows]
            s.save(message)


def _fetch_file(s: Session, relay: Relay, row: dict[str, Any], met: Met) -> dict[str, Any]:
    if "sealed" not in row:
        return row
    _, cap, key, size = row["sealed"]
    parts, after = [], 0
    while page := relay.fetch(bytes.fromhex(cap), after, 16):
        parts += [blob for _, _, blob in page]
        after = page[-1][0]
    if sum(map(len, parts)) <= next((n for n in wire.FILE_SIZES if n > size), 0):
        return row  # on its way: the page sends a file in parts, and goes on where a connection broke
    seed = base64.b64decode(key)
    try:
        plain = wire.unpad(age.open(b"".join(parts), [age.new_identity(seed)]), wire.FILE_SIZES)
        if len(plain) != size:
            raise Unreadable("file_size_differs")
        value = files.keep_arrived(s, plain)
        kept = {"media": value["media"], "file": value}
    except (Unreadable, Full) as e:
        with s.vault.change():
            log.hold(s, b"".join(parts), "intake file", e.code)
        kept = {"media": row["media"]}
    relay.delete(bytes.fromhex(cap), after)
    met.files += 1
    return kept


# -- answers ------------------------------------------------------------------------------------------------------------


def reply(s: Session, request_id: str, text: str) -> Message:
    """Write an answer: signed, sealed to the person's receipt, and carried to the relay with the next meeting.

    Refused where the person said that answering is not safe, and where the conversation came without a receipt.
    """
    request = s.get(HelpRequest, request_id)
    if not text.strip():
        raise Refused("answer_empty")
    if request.safe_to_reply == "no":
        raise Refused("not_safe_to_reply", id=request_id)
    if not request.reply_recipient or not request.reply_box:
        raise Refused("no_way_to_answer", id=request_id)
    key = next((k for k in s.list(IntakeKey, order="from_day", limit=100) if k.retired_on is None), None)
    if key is None:
        raise Refused("no_key_here")
    today = rules.day_after(s.now(), 0)
    earlier = [m for m in conversation(s, request_id) if m.direction == "out"]
    frame = wire.Reply(thread=request.thread, n=len(earlier) + 1, lang=request.language_written or "en", date=today, text=text)
    data = wire.encode_reply(frame)
    certificate = bytes.fromhex(key.certificate)
    signature = keys.sign(bytes.fromhex(key.reply_seed), b"", wire.reply_to_sign(data))
    signed = wire.SignedReply(data, certificate[:32], int.from_bytes(certificate[32:36], "big"), certificate[36:100], signature)
    sealed = age.seal(wire.pad(wire.encode_reply_body(signed), wire.REPLY_SIZES), [request.reply_recipient])
    with s.vault.change():
        message = s.save(
            Message(
                help_request=request.id, direction="out", on=today, number=frame.n, text=text, language=frame.lang,
                sealed=base64.b64encode(sealed).decode(), deposit=keys.random(32).hex(), state="waiting",
            )
        )  # fmt: skip
        if request.outcome is None:
            request.outcome = "talking"
            s.save(request)
    return message


def _send_waiting(s: Session, relay: Relay, met: Met) -> None:
    for message in s.list(Message, where={"state": "waiting"}, limit=500):
        request = s.get(HelpRequest, message.help_request)
        # A person's mailbox is derived for one relay: the answer goes where they will look.
        if request.reply_relay not in (None, relay.address):
            continue
        relay.deposit(bytes.fromhex(request.reply_box), bytes.fromhex(message.deposit), base64.b64decode(message.sealed))
        if request.reply_relay is None and not _left_everywhere(s, message.id, relay.address):
            continue
        message.state, message.sealed = "sent", None
        s.save(message)
        met.sent += 1


def _left_everywhere(s: Session, message_id: str, address: str) -> bool:
    """A courier's request does not say for which relay its mailbox is: whether every one of the team's has the answer now."""
    left = dict(s.setting("answers_left", {}))
    here = {*left.pop(message_id, []), address}
    everywhere = here >= set(s.setting("relays", []))
    if not everywhere:
        left[message_id] = sorted(here)
    s.set_setting("answers_left", left)
    return everywhere


def conversation(s: Session, request_id: str) -> list[Message]:
    """Both sides of a conversation, oldest first."""
    return sorted(s.list(Message, where={"help_request": request_id}, limit=500), key=lambda m: (m.on or "", m.meta.created))


def accept(s: Session, request_id: str, **fields: Any) -> Case:
    """Accept a request into a case that this member leads; the conversation stays with the intake desk."""
    request = s.get(HelpRequest, request_id)
    if request.opened_case:
        raise Refused("request_already_taken", id=request_id)
    with s.vault.change():
        case = cases.open_case(
            s, request=request.id, language=request.language_written, channel=request.channel, basis=request.basis, **fields
        )
        request.opened_case = case.id
        request.outcome = "became_case"
        s.save(request)
    return case


def end(s: Session, request_id: str, outcome: str) -> HelpRequest:
    """Note how a contact ended without a case."""
    request = s.get(HelpRequest, request_id)
    if request.opened_case:
        raise Refused("request_already_taken", id=request_id)
    request.outcome = outcome
    saved: HelpRequest = rules.keep(s, request)
    return saved


def take_file(s: Session, data: bytes) -> Record:
    """A sealed request that a courier brought as a file."""
    try:
        return receive(s, data)
    except Unreadable:
        with s.vault.change():
            log.hold(s, data, "courier", "request_unreadable")
        raise
