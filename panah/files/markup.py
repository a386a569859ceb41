"""Cut elements and attributes out of XML without touching anything beside them: a document written anew by a parser would lose its prefixes.

Read strictly first (well formed, no document type, bounded in depth); cut after that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from xml.parsers import expat

from panah.files.pictures import broken

MOST_DEPTH = 256
_TOKEN = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|</[^>]*>|<(?:[^\"'>]|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
_NAME = re.compile(rb"</?(?:[^\s/>:]*:)?([^\s/>:]+)")
_ATTRIBUTE = re.compile(rb"\s+((?:[^\s=:]+:)?([^\s=:]+))\s*=\s*(\"[^\"]*\"|'[^']*')")

Goes = Callable[[bytes, bytes], bool]


def check(xml: bytes) -> None:
    """Refuse what is not well formed, what declares a document type (entities that grow), and what is too deep. UTF-8 only."""
    depth = 0

    def begin(name: str, attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise broken()

    def finish(name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise broken()

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = begin, finish, refuse
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError) as e:
        raise broken() from e


def cut(
    xml: bytes,
    *,
    elements: Collection[bytes] = (),
    unwrap: Collection[bytes] = (),
    attributes: Collection[bytes] = (),
    goes: Goes = lambda name, tag: False,
) -> bytes:
    """Leave out elements with all they hold, the mere marks around what stays (`unwrap`), attributes and comments.

    Names are without prefixes. `goes` decides for single elements by their name and their whole tag.
    """
    check(xml)
    out: list[bytes] = []
    at, skipping, depth = 0, 0, 0
    for match in _TOKEN.finditer(xml):
        tag = match[0]
        if not skipping:
            out.append(xml[at : match.start()])
        at = match.end()
        if tag.startswith((b"<!--", b"<?", b"<![")):
            if not skipping and not tag.startswith(b"<!--"):
                out.append(tag)
            continue
        found = _NAME.match(tag)
        if found is None:
            raise broken()
        name, closes, empty = found[1], tag.startswith(b"</"), tag.endswith(b"/>")
        depth += 0 if empty else -1 if closes else 1
        if skipping:
            if closes and depth < skipping:
                skipping = 0
            continue
        if not closes and (name in elements or goes(name, tag)):
            skipping = 0 if empty else depth
        elif name not in unwrap:
            out.append(_without(tag, attributes) if attributes and not closes else tag)
    return b"".join([*out, xml[at:]])


def _without(tag: bytes, attributes: Collection[bytes]) -> bytes:
    return _ATTRIBUTE.sub(lambda m: b"" if m[2] in attributes or m[2].startswith(b"rsid") else m[0], tag)


def attribute(tag: bytes, name: bytes) -> str:
    """The value of one attribute of a tag, without its prefix; empty if there is none."""
    return next((m[3][1:-1].decode("utf-8", "replace") for m in _ATTRIBUTE.finditer(tag) if m[2] == name), "")
