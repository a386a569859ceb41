"""What was known when somebody said yes: the order of consents comes from that, never from clocks (NN-73). Pure: records in, marks out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from panah.letters import fold
from panah.schema import canonical

Line = Mapping[str, Any]


def marks(consents: Iterable[Any]) -> list[dict[str, str]]:
    """The value of `heard` for a consent that is begun when these are known: each of their lines, and each withdrawal in them."""
    found: set[str] = set()
    for consent in consents:
        found.update(mark_of(consent.id, line) for line in (*lines(consent.scopes), *lines(consent.withdrawn)))
    return [{"mark": mark} for mark in sorted(found)]


def mark_of(consent: str, line: Line) -> str:
    """The mark of one line: where it stands and what it says. A line that was changed since is another line."""
    return f"{consent}-{hashlib.sha256(canonical(dict(line))).hexdigest()[:24]}"


def known(consent: Any) -> frozenset[str]:
    """The marks that a consent carries."""
    return frozenset(words(line, "mark") for line in lines(consent.heard))


def standing(consents: Iterable[Any], purpose: str, recipient: str) -> Iterator[tuple[Any, Line]]:
    """Every (consent, line) that speaks about this purpose and recipient, and that no consent which knew it has answered anew."""
    spoken = [(consent, known(consent), about(consent, purpose, recipient)) for consent in consents]
    for consent, _, own in spoken:
        for line in own:
            mark = mark_of(consent.id, line)
            if not any(mark in heard and other.id != consent.id and _answers(said) for other, heard, said in spoken):
                yield consent, line


def _answers(said: Iterable[Line]) -> bool:
    return any(line.get("decision") is not None for line in said)


def about(consent: Any, purpose: str, recipient: str) -> list[Line]:
    """The lines of a consent about this purpose and recipient. A yes to nobody in particular is for nobody else; any other answer is for all."""
    found: list[Line] = []
    for line in lines(consent.scopes):
        whom = fold(words(line, "recipient"))
        if line.get("purpose") == purpose and (
            whom == fold(recipient) or (not whom and line.get("decision") not in ("yes", None))
        ):
            found.append(line)
    return found


def taken_back(consents: Iterable[Any], consent: Any, purpose: str) -> bool:
    """Whether a withdrawal stands against this purpose in a consent: one that it had not heard of when it was given."""
    heard = known(consent)
    return any(
        back.get("purpose") in (purpose, None) and mark_of(other.id, back) not in heard
        for other in consents
        for back in lines(other.withdrawn)
    )


def lines(value: Any) -> list[dict[str, Any]]:
    """The rows of a list field; none where it was declined, unknown or not asked."""
    return [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []


def words(line: Line, key: str) -> str:
    """A text of a row."""
    value = line.get(key)
    return value.strip() if isinstance(value, str) else ""
