"""The way in for browsers without scripts: a form that ends on this machine, which seals what it got at once and keeps nothing open.

Only where an operator switched it on (`plain` in relay.toml), because this machine can read what passes through it: the page says so in
red, and the request is marked for ever. What may come in here goes to the recipients of the signed help page that lies in the public
folder, and to nobody else. While strangers are asked for a puzzle, this form is closed: it cannot solve one.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from panah import receipt, wire
from panah.errors import Full, PanahError, Unreadable
from panah.kernel import age, keys
from panah.page import build, plain
from panah.relay.app import More
from panah.relay.mail import DAY, Bodies, Mail, Refuse
from panah.relay.public import SAFE
from panah.relay.store import Keeper

MOST_BODY = 48 * 1024
MOST_ANSWERS = 100
_LAST = (1 << 63) - 1


class Desk:
    """One relay's form: the signed page says to whom it seals."""

    def __init__(
        self, mail: Mail, store: Keeper, bodies: Bodies, public: Path, way: plain.Way, clock: Callable[[], float] = time.time
    ) -> None:
        self._mail, self._store, self._bodies, self._public, self._way, self._clock = mail, store, bodies, public, way, clock

    def routes(self) -> list[Route]:
        """Its addresses, one set for each language of the page."""
        found = []
        for lang in build.texts():
            found.append(Route(f"/plain-{lang}.html", self._shown(lang), methods=["GET", "HEAD"]))
            for verb in (self._send, self._read, self._delete):
                found.append(Route(f"/plain-{lang}/{verb.__name__[1:]}", self._posted(lang, verb), methods=["POST"]))
        return found

    def config(self) -> wire.Config:
        """What the help page here says, if it is whole and signed by its own root; Unreadable otherwise."""
        try:
            html = (self._public / "help.html").read_bytes()
        except OSError as e:
            raise Unreadable("page_altered") from e
        body, signature = build.split(html)
        config = wire.decode_config(build.config_bytes(body))
        root = bytes.fromhex(config.root)
        keys.verify(root, keys.LABEL_PAGE, bytes.fromhex(build.digest(body)), signature or b"")
        to = config.intake
        keys.verify(root, b"", wire.intake_to_sign(to.box, list(to.recipients), to.day), bytes.fromhex(to.sig))
        return config

    def _shown(self, lang: str) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            try:
                await asyncio.to_thread(self.config)
            except PanahError:
                return _html(plain.said(lang, "welcome", "no_script"), 404)
            return _html(plain.form(lang, self._way))

        return answer

    def _posted(self, lang: str, verb: Callable[..., object]) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            try:
                async with self._bodies.read(request, MOST_BODY) as body:
                    form = _fields(body)
                    config = await asyncio.to_thread(self.config)
                    made: Response = await verb(lang, form, config, request.headers.get("host", ""))  # type: ignore[misc]
                    return made
            except Refuse as e:
                return _html(plain.said(lang, "write", "not_sent"), e.status)
            except PanahError:
                return _html(plain.said(lang, "write", "page_wrong"), 503)

        return answer

    async def _send(self, lang: str, form: dict[str, str], config: wire.Config, host: str) -> Response:
        text = form.get("text", "").replace("\r\n", "\n").strip()
        if not text or len(text) > plain.MOST_TEXT:
            return _html(plain.form(lang, self._way, "text_long" if text else "text_empty", text), 400)
        secret = receipt.draw()
        origin = next((r for r in config.relays if r.partition("://")[2] == host), config.relays[0])
        answers = {"assurance": "transport"}
        if form.get("danger") in plain.DANGER:
            answers["danger_now"] = form["danger"]
        if form.get("safe") in ("yes", "no", "later"):
            answers["safe_to_reply"] = form["safe"]
        frame = wire.Request(
            lang=lang, thread=receipt.thread_of(secret), reply=_recipient(secret), box=wire.box_of(_cap(secret, origin)).hex(), text=text, answers=answers
        )  # fmt: skip
        try:
            await self._leave(config, frame)
        except (Refuse, Full) as e:
            # Nothing was kept: what they wrote stands in the form again, to be sent a little later.
            return _html(plain.form(lang, self._way, "busy" if isinstance(e, Refuse) else "full", text), 503)
        return _html(plain.sent(lang, secret))

    async def _leave(self, config: wire.Config, frame: wire.Frame) -> None:
        sealed = await asyncio.to_thread(age.seal, wire.pad(wire.encode_request(frame)), config.intake.recipients)
        await self._mail.deposit(bytes.fromhex(config.intake.box) + secrets.token_bytes(32) + sealed)

    async def _read(self, lang: str, form: dict[str, str], config: wire.Config, host: str) -> Response:
        typed = form.get("words", "")
        try:
            secret = receipt.read(typed)
        except Unreadable as e:
            return _html(plain.answers(lang, self._way, [], [_problem(e)], typed), 400)
        found, problems = await asyncio.to_thread(self._open, config, secret)
        return _html(plain.answers(lang, self._way, found, problems, typed))

    def _open(self, config: wire.Config, secret: bytes) -> tuple[list[tuple[str, str, str]], list[str]]:
        identity, today = age.new_identity(receipt.reply_seed(secret)), int(self._clock() // DAY)
        found, problems = {}, set()
        for origin in config.relays:
            for deposit in self._store.fetch(wire.box_of(_cap(secret, origin)), 0, MOST_ANSWERS, today):
                try:
                    reply = wire.open_reply(
                        wire.unpad(age.open(deposit.blob, [identity]), wire.REPLY_SIZES), root=bytes.fromhex(config.root),
                        thread=receipt.thread_of(secret), today=today, verify=keys.verify,
                    )  # fmt: skip
                    found[reply.n] = (reply.date, reply.lang, reply.text)
                except PanahError:
                    problems.add("forged")
        return [found[n] for n in sorted(found)], sorted(problems)

    async def _delete(self, lang: str, form: dict[str, str], config: wire.Config, host: str) -> Response:
        typed = form.get("words", "")
        try:
            secret = receipt.read(typed)
        except Unreadable as e:
            return _html(plain.answers(lang, self._way, [], [_problem(e)], typed), 400)
        try:
            await self._leave(config, wire.Deletion(lang=lang, thread=receipt.thread_of(secret), reply=_recipient(secret)))
        except (Refuse, Full):
            return _html(plain.answers(lang, self._way, [], ["not_deleted"], typed), 503)
        for origin in config.relays:
            await asyncio.to_thread(self._store.delete, wire.box_of(_cap(secret, origin)), _LAST)
        return _html(plain.said(lang, "deleted", "deleted_text"))


def at(way: str, clock: Callable[[], float] = time.time) -> More:
    """What a relay is given to serve this form: "office" where the machine is the team's own, "server" anywhere else."""
    return lambda mail, store, bodies, public: Desk(
        mail, store, bodies, public, "office" if way == "office" else "server", clock
    ).routes()


def _cap(secret: bytes, origin: str) -> bytes:
    return keys.verify_key_of(receipt.mailbox_seed(secret, origin))


def _recipient(secret: bytes) -> str:
    return age.recipient_of(age.new_identity(receipt.reply_seed(secret)))


def _problem(e: Unreadable) -> str:
    return e.code if e.code in build.texts()["en"] and "{" not in build.texts()["en"][e.code] else "receipt_checksum"


def _fields(body: bytes) -> dict[str, str]:
    """The fields of a form; Refuse for what no form of ours sends."""
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=8, errors="strict")
        fields = {name: given[-1] for name, given in found.items()}
        "".join(fields.values()).encode()  # half of a surrogate pair can be neither kept nor shown
    except ValueError:
        raise Refuse(400) from None
    return fields


def _html(page: bytes, status: int = 200) -> Response:
    return Response(page, status, {**SAFE, "Content-Security-Policy": plain.policy()}, "text/html; charset=utf-8")
