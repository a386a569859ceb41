"""The offline help: the documents that ship with Panah, what a code means, and every component of the screens."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

import panah
from panah.errors import NotFound
from panah.explain import EXPLAIN
from panah.node.ask import Ask
from panah.node.pages.samples import samples

_DOCS = Path(panah.__file__).parent.parent / "docs"
_SHIPPED = Path(panah.__file__).parent / "docs"
_LINK = re.compile(r'<a href="(?![a-z]+:)([^"]*)">(.*?)</a>', re.DOTALL)


@functools.cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt  # a tenth of a second that nobody waits for who only wants to sign in

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _folder() -> Path:
    return _SHIPPED if _SHIPPED.is_dir() else _DOCS


def index(ask: Ask) -> Response:
    """The first page of the help."""
    return _document(ask, "index.md")


def document(ask: Ask) -> Response:
    """A page of the help."""
    return _document(ask, ask.path("name"))


def _document(ask: Ask, name: str) -> Response:
    if not re.fullmatch(r"([a-z0-9-]+/)?[a-z0-9-]+(\.md)?", name):
        raise NotFound("no_such_page")
    path = _folder() / (name if name.endswith(".md") else name + ".md")
    if not path.is_file():
        raise NotFound("no_such_page")
    text = _LINK.sub(lambda found: _link(found, path), _markdown().render(path.read_text()))
    # The documents are ours and rendered without raw HTML.
    return ask.page("document.html", body=Markup(text))  # noqa: S704


def _link(found: re.Match[str], path: Path) -> str:
    """A link between documents leads to their page here; one that leads out of the help is left as its words."""
    target, _, anchor = found[1].partition("#")
    there = (path.parent / target).resolve() if target else path
    if there.suffix != ".md" or not there.is_file() or not there.is_relative_to(_folder().resolve()):
        return found[2]
    name = there.relative_to(_folder().resolve()).with_suffix("")
    return f'<a href="/help/{name}{"#" + anchor if anchor else ""}">{found[2]}</a>'


def code(ask: Ask) -> Response:
    """What a code means and what to do."""
    if ask.path("code") not in EXPLAIN:
        raise NotFound("no_such_code")
    return ask.page("code.html", code=ask.path("code"))


def components(ask: Ask) -> Response:
    """Every component with its states."""
    return ask.page("components.html", **samples(ask))
