"""One request as a page sees it: the open session, the form, the reader's language; and the answers a page can give."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from panah import config, i18n
from panah.errors import Invalid, Locked, NotFound, PanahError, Refused, Unreadable
from panah.explain import explain
from panah.kernel.session import Session
from panah.kernel.sync import MAGIC
from panah.node import faults, upload
from panah.node.doors import Door, Doors, Laid
from panah.node.guard import MOST_BODY, STREAMS
from panah.records import TYPES, forms
from panah.schema import readable

COOKIE = "panah"
THEMES = ("", "light", "dark", "contrast")
MOST_FILE = 32 * 1024 * 1024
RESTORE, RESTORING, SEALED = "/recover/backup", ".restoring", b"age-encryption.org/"
# A file that somebody chose stays in memory until it is sealed: the parser's own way with large ones is a readable file in the folder
# for temporary files. The guard bounds the whole body.
MultiPartParser.spool_max_size = MOST_BODY + 1


@dataclass(slots=True)
class Ask:
    """What a page is given. `s` is the unlocked session; pages for a locked vault are marked `open_to_all` and must not touch it."""

    request: Request
    doors: Doors
    door: Door | None
    form: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    stored: dict[str, Path] = field(default_factory=dict)
    demo: bool = False

    @property
    def s(self) -> Session:
        if self.door is None:
            raise Locked("vault_locked")
        return self.door.session

    @property
    def lang(self) -> str:
        chosen = self.request.cookies.get("lang", "")
        if self.door is not None:
            chosen = self.door.session.setting("language", chosen) or chosen
        if chosen in i18n.LANGUAGES:
            return chosen
        wanted = self.request.headers.get("accept-language", "")[:2]
        return wanted if wanted in i18n.LANGUAGES else "en"

    @property
    def theme(self) -> str:
        """The colours this member chose; those of the browser's last choice while the vault is locked, so that a dark room stays dark."""
        chosen = self.request.cookies.get("theme", "")
        if self.door is not None:
            chosen = self.door.session.setting("theme", chosen)
        return chosen if chosen in THEMES else ""

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def one(self, name: str, default: str = "") -> str:
        """The single value of a form field."""
        return self.form.get(name, [default])[-1]

    def text(self, msgid: str, **args: Any) -> str:
        """A text of ours in the reader's language."""
        return i18n.text(self.lang, msgid, **args)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Render a template into an answer."""
        return HTMLResponse(_render(self, template, values), status)

    @property
    def vault(self) -> str:
        """Which of this node's vaults is open here."""
        if self.door is None:
            raise Locked("vault_locked")
        return self.door.vault

    def folder(self, name: str) -> Path:
        """A folder beside this vault for what is sealed and on its way."""
        return self.doors.vaults[self.vault] / name

    def go(self, path: str) -> Response:
        """Redirect after a post; `path` is one of our own and holds ids only."""
        return RedirectResponse(path, 303)

    def file(self, data: bytes, name: str) -> Response:
        """A file to keep; never shown inside our pages."""
        return Response(data, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, "application/octet-stream")


_env = Environment(
    loader=PackageLoader("panah.node"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _render(ask: Ask, template: str, values: Mapping[str, Any]) -> str:
    lang = ask.lang
    s = ask.door.session if ask.door else None
    shared: dict[str, Any] = {
        "_": lambda msgid, **args: i18n.text(lang, msgid, **args),
        "lang": lang,
        "dir": i18n.LANGUAGES[lang].dir,
        "languages": i18n.LANGUAGES,
        "day": lambda iso: i18n.day(lang, iso),
        "moment": lambda at: i18n.moment(lang, at),
        "day_of": i18n.day_of,
        "clock": lambda at: i18n.clock(lang, at),
        "counted": lambda one, many, n: i18n.plural(lang, one, many, n),
        "own_name": i18n.own_name,
        "now": s.now() if s else 0.0,
        "ago": lambda at: i18n.ago(lang, s.now() - at) if s else "",
        "digits": lambda text: i18n.digits(lang, str(text)),
        "label": lambda codes, code: i18n.label(codes, code, lang),
        "readable": readable,
        "display": lambda f, value: forms.display(f, value, lang),
        "explain": lambda code: explain(code, lang),
        "TYPES": TYPES,
        "form_token": ask.door.form_token if ask.door else "",
        "member": s.me if s else None,
        "demo": ask.demo or bool(s and s.roster.training),
        "path": ask.request.url.path,
        "names": s.names if s else {},
        "theme": ask.theme,
        "density": s.setting("density", "") if s else "",
        "auto_lock": int(ask.doors.idle),
        "refresh": 0,
        "size": lambda n: i18n.digits(lang, size_of(n)),
        "most_file": config.ATTACHMENT_BYTES,
        "waiting": {},
        "may_make": ask.doors.place is not None,
        **_sync_words(ask, s),
        "base_token": lambda record: json.dumps(record.base, separators=(",", ":")),
        "isolate": lambda text: Markup("<bdi>{}</bdi>").format(text),
    }
    return _env.get_template(template).render({**shared, **values})


def _sync_words(ask: Ask, s: Session | None) -> dict[str, str]:
    """The state of carrying, in words, and which of three it is."""
    if s is None:
        return {"sync_text": "", "sync_state": ""}
    status = s.status()
    if status.met is None:
        said = ask.text("not met anyone yet, {n} changes to carry", n=status.unsent)
        return {"sync_text": said if status.unsent else ask.text("nothing to carry yet"), "sync_state": "never"}
    ago = i18n.ago(ask.lang, s.now() - status.met)
    if status.code:
        said = ask.text("offline, {n} changes to carry, last met {ago}", n=status.unsent, ago=ago)
        return {"sync_text": said, "sync_state": "offline"}
    return {"sync_text": ask.text("in step, {ago}", ago=ago), "sync_state": "in-step"}


def size_of(n: int) -> str:
    """Bytes as people say them."""
    return f"{n / 1e9:.1f} GB" if n >= 1e9 else f"{n / 1e6:.1f} MB" if n >= 1e5 else f"{n / 1e3:.0f} kB"


Handler = Callable[[Ask], Response]


def endpoint(handler: Handler, doors: Doors, *, open_to_all: bool = False, demo: bool = False) -> Callable[[Request], Any]:
    """Turn a page into an address: read the body, find the session, check the form token, answer refusals in words."""

    async def answer(request: Request) -> Response:
        return _laid_aside(request, doors, await answered(request))

    async def answered(request: Request) -> Response:
        ask = Ask(request, doors, None, demo=demo)
        try:
            token = request.cookies.get(COOKIE, "")
            try:
                # A page that looks again by itself is nobody's hand: it keeps no vault open.
                ask.door = doors.door(token, touch="again" not in request.query_params)
            except Locked:
                if not open_to_all:
                    return _to_unlock(request)
            if request.method == "POST":
                # Locking must never be refused, and whoever unlocks has no token yet; the guard has looked at their origin.
                if request.url.path == RESTORE and doors.place is not None:
                    await _read_backup(ask, doors.place / RESTORING)
                elif request.url.path in STREAMS and ask.door is not None:
                    await _read_stream(ask)
                else:
                    await _read_form(ask)
                    if ask.door is not None and not open_to_all:
                        _check_token(ask)
            return await run_in_threadpool(handler, ask)
        except Locked as e:
            return _to_unlock(request) if e.code == "vault_locked" else _refusal(ask, e)
        except PanahError as e:
            return _refusal(ask, e)
        except Exception as e:
            return _fault(ask, e)

    return answer


def _check_token(ask: Ask) -> None:
    given = ask.one("form_token") or ask.request.headers.get("x-form-token", "")
    if ask.door is not None and not hmac.compare_digest(given.encode(), ask.door.form_token.encode()):
        raise Refused("form_expired")


async def _read_stream(ask: Ask) -> None:
    def allow(form: dict[str, list[str]]) -> None:
        ask.form = form
        _check_token(ask)

    folder = ask.folder("taken")
    folder.mkdir(mode=0o700, exist_ok=True)
    # A bundle is taken in, a backup is looked at; either stays sealed.
    magic = MAGIC if ask.request.url.path == "/sync/in" else SEALED
    read = await upload.read(ask.request, folder, MOST_FILE, allow, magic)
    ask.form, ask.files, ask.stored = read.form, read.files, read.stored
    _check_token(ask)


async def _read_backup(ask: Ask, folder: Path) -> None:
    # Sealed as it is: it may be larger than memory, and is taken away when the vault was made of it.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    read = await upload.read(ask.request, folder, MOST_FILE, lambda form: None, SEALED)
    ask.form, ask.files, ask.stored = read.form, read.files, read.stored


def _laid_aside(request: Request, doors: Doors, answer: Response) -> Response:
    """No page answers a post directly: browsers keep what was posted to the page that they show in a readable file, to restore it.

    The answer is laid aside in memory, and the browser is led to a random word under which it fetches it.
    """
    leads = request.method == "POST" and request.headers.get("sec-fetch-mode") == "navigate"
    if not leads or not isinstance(answer, HTMLResponse):
        return answer
    given = [v.split(b";")[0] for n, v in answer.raw_headers if n == b"set-cookie" and v.startswith(COOKIE.encode() + b"=")]
    cookie = given[0].partition(b"=")[2].decode() if given else request.cookies.get(COOKIE, "")
    laid = Laid(cookie, answer.status_code, bytes(answer.body))
    led = RedirectResponse(f"/answer/{doors.lay_aside(laid)}", 303)
    led.raw_headers.extend((name, value) for name, value in answer.raw_headers if name == b"set-cookie")
    return led


def _to_unlock(request: Request) -> Response:
    if request.headers.get("x-form-token"):
        return Response(status_code=401)
    return RedirectResponse("/unlock", 303)


def _refusal(ask: Ask, e: PanahError) -> Response:
    what, do = explain(e.code, ask.lang)
    problems = e.problems if isinstance(e, Invalid) else ()
    return ask.page("error.html", e.status, code=e.code, what=what, do=do, args=e.args_shown, problems=problems)


def _fault(ask: Ask, e: Exception) -> Response:
    """A mistake of ours: the change that was under way is undone."""
    return _refusal(ask, PanahError("page_failed", at=faults.tell("page_failed", e)))


async def _read_form(ask: Ask) -> None:
    try:
        form = await ask.request.form(max_files=20, max_fields=5000, max_part_size=4 * 1024 * 1024)
    except (HTTPException, MultiPartException, ValueError) as e:
        raise Unreadable("form_malformed") from e
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read(MOST_FILE + 1)
                if len(data) > MOST_FILE:
                    raise Refused("file_too_large")
                if data:
                    # Several pictures may come under one name; the further ones get a number behind it.
                    ask.files[f"{name}#{len(ask.files)}" if name in ask.files else name] = data
            else:
                ask.form.setdefault(name, []).append(value)
    finally:
        await form.close()


def type_of(name: str) -> Any:
    """The record type of an address; NotFound for any other word."""
    if name not in TYPES:
        raise NotFound("no_such_type")
    return TYPES[name]
