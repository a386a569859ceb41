"""The team's help page as members see it: how it is served, the alarm, the evidence, and the card to print."""

from __future__ import annotations

from starlette.responses import Response

from panah import receipt
from panah.errors import Refused
from panah.node import codes
from panah.node.ask import Ask
from panah.page import build as pages
from panah.work import watch


def index(ask: Ask) -> Response:
    """How each relay served the page when it was last looked at, and what to do where it was changed."""
    root = watch.root_of(ask.s)
    looks = watch.looks(ask.s)
    return ask.page(
        "helppage.html", looks=looks, found={one.address: one for one in looks}, words=receipt.four_of(pages.pin(root), ask.lang),
        relays=ask.s.setting("relays", []),
    )  # fmt: skip


def look(ask: Ask) -> Response:
    """Look at the page of every relay now."""
    for address in ask.s.setting("relays", []):
        watch.look(ask.s, address)
    return ask.go("/page")


def evidence(ask: Ask) -> Response:
    """The bytes that were served instead of the page: a file to keep, never shown as a page."""
    return ask.file(watch.evidence(ask.s, ask.path("name")), "served-page.evidence")


def card(ask: Ask) -> Response:
    """A card to print: the address with the key's pin as a code, and the four words, in one language of the page."""
    texts = pages.texts()
    lang = ask.path("lang")
    relays = ask.s.setting("relays", [])
    if lang not in texts or not relays:
        raise Refused("page_needs_relay")
    pin = pages.pin(watch.root_of(ask.s))
    address = f"{relays[0]}/#k={pin.hex()}"
    team = ask.s.team if ask.request.query_params.get("team") == "1" else ""
    return ask.page(
        "pagecard.html", said=texts[lang]["card"], to=lang, to_dir=texts[lang]["dir"], address=relays[0], drawing=codes.svg(address),
        words=receipt.four_of(pin, lang), named=team, names={code: words["name"] for code, words in texts.items()},
    )  # fmt: skip
