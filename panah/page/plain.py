"""The pages for browsers without scripts, as bytes: a form that says honestly who can read it, the receipt, the answers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Literal

from panah import receipt
from panah.page import build

Way = Literal["office", "server"]
MOST_TEXT = 4000  # characters: a phone without scripts keeps no draft
DANGER = ("emergency_24h", "urgent_72h", "routine_2w")


def policy() -> str:
    """What these pages may do: be read, and send a form to where they came from."""
    style = build.hash_of(build.part("page.css"))
    return f"default-src 'none'; style-src '{style}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def form(lang: str, way: Way, problem: str = "", typed: str = "") -> bytes:
    """Where one writes, and where one reads the answer. `problem` is the name of a text; what was typed stands there again."""
    w, at = build.texts()[lang], f"/plain-{lang}"
    danger = [("", w["skip"]), *((code, w[code]) for code in DANGER)]
    safe = [("", w["skip"]), *((code, w[code]) for code in ("yes", "no", "later"))]
    return _page(
        lang,
        f"<h1>{escape(w['write'])}</h1>{_label(w, way)}<p>{escape(w['safety1'])} {escape(w['safety2'])}</p>{_problem(w, problem)}"
        f'<form method="post" action="{at}/send" autocomplete="off"><label for="text">{escape(w["write"])}</label>'
        f'<p class="hint" id="hint">{escape(w["text_hint"])}</p>'
        f'<textarea id="text" name="text" rows="8" dir="auto" maxlength="{MOST_TEXT}" aria-describedby="hint">{escape(typed)}</textarea>'
        f"{_choice('danger', w['danger'], danger)}{_choice('safe', w['safe'], safe)}<button>{escape(w['send'])}</button></form>"
        f'<section><h1>{escape(w["read"])}</h1><form method="post" action="{at}/read" autocomplete="off">{_words(w)}'
        f"<button>{escape(w['enter'])}</button></form></section>",
    )


def sent(lang: str, secret: bytes) -> bytes:
    """The receipt, once: nothing keeps it."""
    w = build.texts()[lang]
    words = "".join(f"<li>{escape(word)}</li>" for word in receipt.words_of(secret, lang))
    digits = receipt.digits_of(secret).translate(str.maketrans("0123456789", w["digits"]))
    groups = " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
    return _page(
        lang,
        f"<h1>{escape(w['sent'])}</h1><h2>{escape(w['receipt'])}</h2><p>{escape(w['receipt_text'])}</p>"
        f'<ol id="receipt-words">{words}</ol><p>{escape(w["or_digits"])}</p><p dir="ltr">{groups}</p><p>{escape(w["sent_text"])}</p>',
    )


def answers(lang: str, way: Way, found: Sequence[tuple[str, str, str]], problems: Sequence[str], typed: str) -> bytes:
    """The answers as (day, language, text), with a way to delete everything; `problems` are names of texts."""
    w = build.texts()[lang]
    told = "".join(
        f'<article lang="{escape(spoken)}" dir="auto"><p class="hint">{escape(day)}</p><p>{escape(text)}</p></article>'
        for day, spoken, text in found
    )
    return _page(
        lang,
        f"<h1>{escape(w['answers'])}</h1>{_label(w, way)}{''.join(_problem(w, p) for p in problems)}"
        f"{told or '' if found or problems else '<p>' + escape(w['no_answer']) + '</p>'}"
        f"<section><h1>{escape(w['delete'])}</h1><p>{escape(w['deleted_text'])}</p>"
        f'<form method="post" action="/plain-{lang}/delete" autocomplete="off">{_words(w, typed)}<button>{escape(w["delete"])}</button></form></section>',
    )


def said(lang: str, title: str, text: str) -> bytes:
    """One sentence, by the names of its texts."""
    w = build.texts()[lang]
    return _page(lang, f"<h1>{escape(w[title])}</h1><p>{escape(w[text])}</p>")


def _page(lang: str, body: str) -> bytes:
    w = build.texts()[lang]
    return (
        f'<!doctype html>\n<html lang="{lang}" dir="{w["dir"]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(w["title"])}</title><link rel="icon" href="data:,"><style>{build.part("page.css")}</style></head>'
        f'<body><a id="leave" href="/weather-{lang}.html" rel="noreferrer">&#x2715; {escape(w["leave"])}</a><main>{body}</main></body></html>\n'
    ).encode()


def _label(w: dict[str, Any], way: Way) -> str:
    return f'<p class="warning" role="note"><strong>{escape(w["plain"][way])}</strong></p>'


def _problem(w: dict[str, Any], name: str) -> str:
    text = w["plain"]["busy"] if name == "busy" else w[name] if name else ""
    return f'<p class="warning" role="alert">{escape(text)}</p>' if text else ""


def _words(w: dict[str, Any], typed: str = "") -> str:
    return (
        f'<label for="words">{escape(w["enter_text"])}</label>'
        f'<textarea id="words" name="words" rows="3" dir="auto" maxlength="400">{escape(typed)}</textarea>'
    )


def _choice(name: str, label: str, options: Sequence[tuple[str, str]]) -> str:
    chosen = "".join(f'<option value="{code}">{escape(text)}</option>' for code, text in options)
    return f'<label for="{name}">{escape(label)}</label><select id="{name}" name="{name}">{chosen}</select>'
