"""The small language of conditions in forms, as XLSForm has it: read strictly, computed without any other power, said in words.

Answers are None (none given), a text, a number, a bool or a list of codes. Nothing here reads a clock: today is given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from panah.i18n import text

MOST = 2_000  # letters
DEEP = 30

# What an expression is made of: ("value", x), ("answer", name), ("self",), ("column", name), (operator or function, *parts).
Node = tuple[Any, ...]  # Any: mypy has no recursive tuple
Answer = Any
Look = Callable[[str], Answer]

FUNCTIONS = {
    "selected": (2, 2), "count-selected": (1, 1), "string-length": (1, 1), "today": (0, 0), "not": (1, 1), "true": (0, 0),
    "false": (0, 0), "if": (3, 3), "coalesce": (2, 2), "concat": (1, 20), "int": (1, 1), "number": (1, 1), "round": (1, 2),
    "count": (1, 1), "sum": (1, 1), "contains": (2, 2), "starts-with": (2, 2), "date": (1, 1),
}  # fmt: skip
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d{1,15}(?:\.\d{1,10})?)|(?P<text>'[^']*'|"[^"]*")|\$\{\s*(?P<answer>[^{}$'"\s]{1,200})\s*\}
    |(?P<name>[A-Za-z_][\w-]*(?:\.[\w-]+)*)|(?P<sign><=|>=|!=|[=<>+*().,-]))""",
    re.VERBOSE,
)
_SMART = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "−": "-", "–": "-", "\u00a0": " "}
)
_SPELLINGS = (
    (re.compile(r"[$#]\s*\{\s*([^{}]*?)\s*\}"), r"${\1}"), (re.compile(r"=="), "="), (re.compile(r"<>"), "!="), (re.compile(r"=>"), ">="),
    (re.compile(r"=<"), "<="), (re.compile(r"&&"), " and "), (re.compile(r"\|\|"), " or "),
    (re.compile(r"\b(AND|And|OR|Or|NOT|Not)\b"), lambda m: m[1].lower()), (re.compile(r"\bselected\s+\("), "selected("),
)  # fmt: skip


class Bad(Exception):
    """An expression that is none; `code` says in which way, `what` is the piece."""

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.what = what[:60]


def mend(written: str) -> str:
    """The same expression as strict tools read it: straight quotes, one equals sign, `and` for `&&`; texts in quotes stay."""
    found = written.translate(_SMART).strip()
    pieces = re.split(r"('[^']*'|\"[^\"]*\")", found)
    for n in range(0, len(pieces), 2):
        for wrong, right in _SPELLINGS:
            pieces[n] = wrong.sub(right, pieces[n])
    return "".join(pieces)


def parse(written: str) -> Node:
    """The expression as a tree. Raises Bad."""
    if len(written) > MOST:
        raise Bad("expression_too_long")
    tokens, at = [], 0
    while written[at:].strip():
        match = _TOKEN.match(written, at)
        if match is None:
            raise Bad("expression_sign", written[at:].strip()[:1])
        tokens.append((str(match.lastgroup), match[match.lastgroup or 0]))
        at = match.end()
    reader = _Reader(tokens)
    tree = reader.either(0)
    if reader.at < len(tokens):
        raise Bad("expression_left_over", reader.rest())
    return tree


class _Reader:
    """Reads tokens by precedence: or, and, comparison, sum, product, one thing."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def rest(self) -> str:
        return " ".join(text for _, text in self.tokens[self.at :])

    def next_is(self, *texts: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][0] in ("sign", "name") and self.tokens[self.at][1] in texts:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def either(self, depth: int) -> Node:
        return self._chain(self.both, ("or",), depth)

    def both(self, depth: int) -> Node:
        return self._chain(self.compared, ("and",), depth)

    def compared(self, depth: int) -> Node:
        return self._chain(self.summed, ("=", "!=", "<", "<=", ">", ">="), depth)

    def summed(self, depth: int) -> Node:
        return self._chain(self.times, ("+", "-"), depth)

    def times(self, depth: int) -> Node:
        return self._chain(self.one, ("*", "div", "mod"), depth)

    def _chain(self, part: Callable[[int], Node], signs: tuple[str, ...], depth: int) -> Node:
        if depth > DEEP:
            raise Bad("expression_too_deep")
        tree, links = part(depth), 0
        while sign := self.next_is(*signs):
            tree, links = (sign, tree, part(depth)), links + 1
            if links > 200:
                raise Bad("expression_too_deep")
        return tree

    def one(self, depth: int) -> Node:
        if self.next_is("("):
            tree = self.either(depth + 1)
            self.close()
            return tree
        if self.next_is("-"):
            if depth > DEEP:
                raise Bad("expression_too_deep")
            return ("-", ("value", 0), self.one(depth + 1))
        if self.next_is("."):
            return ("self",)
        if self.at >= len(self.tokens):
            raise Bad("expression_ends_early")
        kind, found = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return ("value", float(found) if "." in found else int(found))
        if kind == "text":
            return ("value", found[1:-1])
        if kind == "answer":
            return ("answer", found)
        if kind == "name":
            return self._call(found, depth) if self.next_is("(") else ("column", found)
        raise Bad("expression_sign", found)

    def _call(self, name: str, depth: int) -> Node:
        if name not in FUNCTIONS:
            raise Bad("expression_function", name)
        parts: list[Node] = []
        if not self.next_is(")"):
            parts.append(self.either(depth + 1))
            while self.next_is(","):
                parts.append(self.either(depth + 1))
            self.close()
        least, most = FUNCTIONS[name]
        if not least <= len(parts) <= most:
            raise Bad("expression_function_parts", name)
        return (name + "()", *parts)

    def close(self) -> None:
        if not self.next_is(")"):
            raise Bad("expression_bracket")


def walk(tree: Node) -> Iterable[Node]:
    """Every part of an expression."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if node[0] not in ("value", "answer", "column", "self"):
            waiting.extend(node[1:])


def answers_in(tree: Node) -> list[str]:
    """The questions that an expression looks at."""
    return sorted({node[1] for node in walk(tree) if node[0] == "answer"})


def columns_in(tree: Node) -> list[str]:
    """The columns of a list of choices that an expression looks at."""
    return sorted({node[1] for node in walk(tree) if node[0] == "column"})


# -- compute ---------------------------------------------------------------------------------------------------------------


def compute(tree: Node, look: Look, today: str, own: Answer = None, column: Look = lambda name: None) -> Answer:
    """What an expression comes to. Whatever the answers are, it comes to something: None where there is nothing to compute."""
    kind = tree[0]
    if kind == "value":
        return tree[1]
    if kind == "answer":
        return look(tree[1])
    if kind == "self":
        return own
    if kind == "column":
        return column(tree[1])

    def part(n: int) -> Answer:
        return compute(tree[n], look, today, own, column)

    if kind == "or":
        return true(part(1)) or true(part(2))
    if kind == "and":
        return true(part(1)) and true(part(2))
    if kind == "if()":
        return part(2) if true(part(1)) else part(3)
    if kind == "today()":
        return today
    given = [part(n) for n in range(1, len(tree))]
    if kind in ("=", "!="):
        return _same(*given) is (kind == "=")
    if kind in ("<", "<=", ">", ">="):
        return _ordered(kind, *given)
    if kind in ("+", "-", "*", "div", "mod"):
        return _counted(kind, *given)
    return _CALLS[kind](*given)


def true(value: Answer) -> bool:
    """Whether a value counts as yes."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value != 0 and not math.isnan(value)
    return bool(value)


def number(value: Answer) -> float | None:
    """A value as a number; a day as its count of days, as the language has it. None if it is neither."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        day = _day(value)
        if day is not None:
            return float((day - date(1970, 1, 1)).days)
        try:
            found = float(value) if len(value) < 40 and value.isascii() else math.nan
        except ValueError:
            return None
        return found if math.isfinite(found) else None
    return None


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if re.match(r"\d{4}-\d\d-\d\d", value) else None
    except ValueError:
        return None


def words(value: Answer) -> str:
    """A value as text, as the language compares it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _same(one: Answer, other: Answer) -> bool:
    a, b = number(one), number(other)
    return a == b if a is not None and b is not None else words(one) == words(other)


def _ordered(sign: str, one: Answer, other: Answer) -> bool:
    a, b = number(one), number(other)
    if a is None or b is None:
        return False
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]


def _counted(sign: str, one: Answer, other: Answer) -> Answer:
    a, b = number(one), number(other)
    if a is None or b is None or (sign in ("div", "mod") and b == 0):
        return None
    found = {"+": a + b, "-": a - b, "*": a * b}.get(sign)
    if found is None:
        found = a / b if sign == "div" else math.fmod(a, b)
    if isinstance(one, str) and sign in ("+", "-") and _day(one) and not (isinstance(other, str) and _day(other)):
        try:
            return (date(1970, 1, 1) + timedelta(days=int(found))).isoformat()
        except (OverflowError, ValueError):
            return None
    return _whole(found)


def _whole(value: float | None) -> Answer:
    if value is None or not math.isfinite(value) or abs(value) >= 2**53:
        return None
    return int(value) if float(value).is_integer() else value


def _entries(value: Answer) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else words(value).split()


def _rounded(value: Answer, places: Answer = 0) -> Answer:
    found, to = number(value), number(places)
    return None if found is None or to is None else _whole(round(found, max(-9, min(9, int(to)))))


def _sum(value: Answer) -> Answer:
    numbers = [n for v in value if (n := number(v)) is not None] if isinstance(value, list) else [number(value) or 0.0]
    return _whole(sum(numbers))


def _int(value: Answer) -> Answer:
    found = number(value)
    return None if found is None else int(found)


_CALLS: dict[str, Callable[..., Answer]] = {
    "selected()": lambda value, code: words(code) in _entries(value),
    "count-selected()": lambda value: len(_entries(value)),
    "string-length()": lambda value: len(words(value)),
    "not()": lambda value: not true(value),
    "true()": lambda: True,
    "false()": lambda: False,
    "coalesce()": lambda one, other: other if one in (None, "") else one,
    "concat()": lambda *parts: "".join(words(p) for p in parts)[:10_000],
    "int()": _int,
    "number()": lambda value: _whole(number(value)),
    "round()": _rounded,
    "count()": lambda value: len(value) if isinstance(value, list) else int(value not in (None, "")),
    "sum()": _sum,
    "contains()": lambda one, other: words(other) in words(one),
    "starts-with()": lambda one, other: words(one).startswith(words(other)),
    "date()": lambda value: str(value)[:10] if isinstance(value, str) and _day(value) else None,
}


# -- say -------------------------------------------------------------------------------------------------------------------


COMPARED = {
    "=": "“{question}” is: {answer}", "!=": "“{question}” is not: {answer}", "<": "“{question}” is under {answer}",
    "<=": "“{question}” is at most {answer}", ">": "“{question}” is over {answer}", ">=": "“{question}” is at least {answer}",
}  # fmt: skip


def in_words(tree: Node, label: Callable[[str], str], choice: Callable[[str, str], str], lang: str) -> str:
    """A condition as a sentence part, for people: questions by their labels, codes by their words. Empty where it has no plain words."""

    def say(node: Node) -> str:
        kind = node[0]
        if kind in ("and", "or"):
            one, other = say(node[1]), say(node[2])
            joined = (
                text(lang, "{one} and {other}", one=one, other=other)
                if kind == "and"
                else text(lang, "{one} or {other}", one=one, other=other)
            )
            return joined if one and other else ""
        if kind == "not()":
            return text(lang, "not: {one}", one=said) if (said := say(node[1])) else ""
        if kind == "selected()" and node[1][0] == "answer" and node[2][0] == "value":
            return _is(node[1][1], node[2][1], "=")
        if kind in ("=", "!=", "<", "<=", ">", ">=") and node[1][0] == "answer" and node[2][0] == "value":
            return _is(node[1][1], node[2][1], kind)
        return ""

    def _is(name: str, value: Any, sign: str) -> str:
        question, answer = label(name), choice(name, words(value))
        if not question:
            return ""
        if answer == "":
            return (
                text(lang, "“{question}” is answered", question=question)
                if sign == "!="
                else text(lang, "“{question}” has no answer", question=question)
            )
        return text(lang, COMPARED[sign], question=question, answer=answer)

    return say(tree)
